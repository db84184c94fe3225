use std::path::PathBuf;

use serde_json::{Value, json};

use super::check::settings;
use crate::{
    configuration,
    outcome::{Answer, Outcome},
    output::Output,
};

pub(super) fn aliases(files: &[PathBuf], alias: Option<&str>, output: Output) -> Outcome {
    configuration::refuse_alias(alias, "aliases")?;
    let caches = configuration::load(files)?;
    if output.is_json() {
        let listed: Vec<Value> = caches
            .all(false)
            .into_iter()
            .map(|cache| Value::Object(settings(&cache.describe())))
            .collect();
        output.json(&json!(listed))?;
    } else {
        caches.aliases().try_for_each(|alias| output.line(alias))?;
    }
    Ok(Answer::Yes)
}
