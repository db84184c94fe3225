use cachemere::{Cache, Remaining, Stored};
use serde::Serialize;
use serde_json::{json, value::RawValue};

use crate::{
    arguments::{Entry, Lifetime},
    outcome::{Answer, Outcome},
    output::Output,
    seconds::seconds,
    value,
};

/// What `get` and `get-many` print of a key under `--json`.
#[derive(Serialize)]
pub(super) struct Found<'a> {
    key: &'a str,
    found: bool,
    value: Option<&'a RawValue>,
}

impl<'a> Found<'a> {
    pub(super) fn new(key: &'a str, value: Option<&'a RawValue>) -> Self {
        Self {
            key,
            found: value.is_some(),
            value,
        }
    }
}

pub(super) fn get(cache: &Cache, key: &str, output: Output) -> Outcome {
    let stored = cache.get::<Stored>(key)?;
    let value = stored.map(|stored| value::show(key, stored)).transpose()?;
    if output.is_json() {
        output.json(&Found::new(key, value.as_deref()))?;
    } else if let Some(value) = &value {
        output.line(value)?;
    }
    Ok(value.is_some().into())
}

pub(super) fn set(cache: &Cache, entry: &Entry, output: Output) -> Outcome {
    let value = value::read(&entry.value)?;
    value::fits(cache, [&value])?;
    cache.set(&entry.target.key, &value, entry.lifetime.timeout())?;
    output.done()?;
    Ok(Answer::Yes)
}

pub(super) fn add(cache: &Cache, entry: &Entry, output: Output) -> Outcome {
    let value = value::read(&entry.value)?;
    value::fits(cache, [&value])?;
    let added = cache.add(&entry.target.key, &value, entry.lifetime.timeout())?;
    output.either(added, &json!({ "key": entry.target.key, "added": added }))?;
    Ok(added.into())
}

pub(super) fn touch(cache: &Cache, key: &str, lifetime: &Lifetime, output: Output) -> Outcome {
    let touched = cache.touch(key, lifetime.timeout())?;
    output.either(touched, &json!({ "key": key, "touched": touched }))?;
    Ok(touched.into())
}

pub(super) fn delete(cache: &Cache, key: &str, output: Output) -> Outcome {
    let deleted = cache.delete(key)?;
    output.either(deleted, &json!({ "key": key, "deleted": deleted }))?;
    Ok(deleted.into())
}

pub(super) fn has_key(cache: &Cache, key: &str, output: Output) -> Outcome {
    let found = cache.has_key(key)?;
    output.either(found, &json!({ "key": key, "found": found }))?;
    Ok(found.into())
}

pub(super) fn ttl(cache: &Cache, key: &str, output: Output) -> Outcome {
    let remaining = cache.ttl(key)?;
    let ttl = remaining.map(|remaining| match remaining {
        Remaining::Never => json!("never"),
        Remaining::For(duration) => json!(seconds(duration)),
        Remaining::Unknown => json!("unknown"),
    });
    if output.is_json() {
        output.json(&json!({ "key": key, "found": ttl.is_some(), "ttl": ttl }))?;
    } else if let Some(ttl) = &ttl {
        output.line(ttl.as_str().map_or_else(|| ttl.to_string(), str::to_owned))?;
    }
    Ok(ttl.is_some().into())
}
