use cachemere::Cache;

use crate::{
    outcome::{Answer, Outcome, complain},
    output::Output,
};

pub(super) fn clear(cache: &Cache, output: Output) -> Outcome {
    cache.clear()?;
    complain(&format!(
        "the whole store of `{}` was emptied, whatever its prefixes and versions",
        cache.alias()
    ));
    output.done()?;
    Ok(Answer::Yes)
}
