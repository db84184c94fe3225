use cachemere::{Cache, Stored};
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Value, json, value::RawValue};

use super::entry::Found;
use crate::{
    arguments::Entries,
    outcome::{Answer, Failure, Outcome},
    output::Output,
    value,
};

/// The values of the keys, in the order they were asked for.
pub(super) fn get(cache: &Cache, keys: &[String], output: Output) -> Outcome {
    let mut stored = cache.get_many::<Stored, _>(keys)?;
    let mut values: Vec<(&str, Option<Box<RawValue>>)> = Vec::new();
    for key in keys {
        if values.iter().any(|(seen, _)| seen == key) {
            continue;
        }
        let value = stored
            .remove(key)
            .map(|stored| value::show(key, stored))
            .transpose()?;
        values.push((key, value));
    }
    if output.is_json() {
        let found: Vec<_> = values
            .iter()
            .map(|(key, value)| Found::new(key, value.as_deref()))
            .collect();
        output.json(&found)?;
    } else {
        output.json(&Object(&values))?;
    }
    Ok(values.iter().all(|(_, value)| value.is_some()).into())
}

/// Those that have a value, as one JSON object.
struct Object<'a>(&'a [(&'a str, Option<Box<RawValue>>)]);

impl serde::Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.0 {
            if let Some(value) = value {
                map.serialize_entry(key, value)?;
            }
        }
        map.end()
    }
}

pub(super) fn set(cache: &Cache, entries: &Entries, output: Output) -> Outcome {
    let Value::Object(members) = value::read(&entries.entries)? else {
        return Err(Failure::usage(
            r#"the value is not a JSON object of keys and values, {"key": …}"#,
        ));
    };
    value::fits(cache, members.values())?;
    let failed = cache.set_many(members, entries.lifetime.timeout())?;
    if output.is_json() {
        output.json(&json!({ "failed": failed }))?;
    } else {
        failed.iter().try_for_each(|key| output.line(key))?;
    }
    Ok(failed.is_empty().into())
}

pub(super) fn delete(cache: &Cache, keys: &[String], output: Output) -> Outcome {
    cache.delete_many(keys)?;
    output.done()?;
    Ok(Answer::Yes)
}
