use cachemere::Cache;
use serde_json::json;

use crate::{
    arguments::Count,
    outcome::{Answer, Outcome},
    output::Output,
};

pub(super) fn incr(cache: &Cache, count: &Count, output: Output) -> Outcome {
    value(count, cache.incr(&count.target.key, count.delta)?, output)
}

pub(super) fn decr(cache: &Cache, count: &Count, output: Output) -> Outcome {
    value(count, cache.decr(&count.target.key, count.delta)?, output)
}

pub(super) fn incr_version(cache: &Cache, count: &Count, output: Output) -> Outcome {
    version(
        count,
        cache.incr_version(&count.target.key, count.delta)?,
        output,
    )
}

pub(super) fn decr_version(cache: &Cache, count: &Count, output: Output) -> Outcome {
    version(
        count,
        cache.decr_version(&count.target.key, count.delta)?,
        output,
    )
}

fn value(count: &Count, value: i64, output: Output) -> Outcome {
    output.either(value, &json!({ "key": count.target.key, "value": value }))?;
    Ok(Answer::Yes)
}

fn version(count: &Count, version: i64, output: Output) -> Outcome {
    output.either(
        version,
        &json!({ "key": count.target.key, "version": version }),
    )?;
    Ok(Answer::Yes)
}
