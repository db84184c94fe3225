use std::cell::Cell;

use figment::value::Value;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error, IntoDeserializer, MapAccess, Visitor, value},
    forward_to_deserialize_any,
};

/// The names of the fields of a struct.
pub(crate) type Fields = &'static [&'static str];

/// What the struct `T` calls its fields, at a path into nested structs; `None` if there is no struct.
pub(crate) fn fields_of<'de, T: Deserialize<'de>>(path: &[String]) -> Option<Fields> {
    let found = Cell::new(None);
    let probe = Probe {
        path,
        found: &found,
    };
    // the probe has no value to give: it always ends in an error
    drop(T::deserialize(probe));
    found.get()
}

/// What a table of options must be to fit a struct, without the type of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    fields: fn(&[String]) -> Option<Fields>,
    check: fn(&Value) -> Result<(), Box<figment::Error>>,
}

impl Shape {
    pub(crate) const fn of<T: DeserializeOwned>() -> Self {
        Self {
            fields: fields_of::<T>,
            check: |options| match T::deserialize(options) {
                Ok(_) => Ok(()),
                Err(error) => Err(Box::new(error)),
            },
        }
    }

    /// The names of the fields, at a path into nested structs; `None` if there is no struct.
    pub(crate) fn fields(&self, path: &[String]) -> Option<Fields> {
        (self.fields)(path)
    }

    pub(crate) fn check(&self, options: &Value) -> Result<(), Box<figment::Error>> {
        (self.check)(options)
    }
}

/// A deserializer that only looks at what it is asked for.
#[derive(Clone, Copy)]
struct Probe<'a> {
    path: &'a [String],
    found: &'a Cell<Option<Fields>>,
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(Self::Error::custom("nothing to see"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: Fields,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        if self.path.is_empty() {
            self.found.set(Some(fields));
            return self.deserialize_any(visitor);
        }
        visitor.visit_map(self)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.path {
            [] => self.deserialize_any(visitor),
            _ => visitor.visit_map(self),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Probe<'_> {
    type Error = value::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Self::Error> {
        let Some((first, _)) = self.path.split_first() else {
            return Ok(None);
        };
        seed.deserialize(first.as_str().into_deserializer())
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Self::Error> {
        let path = self.path.split_first().map_or(self.path, |(_, rest)| rest);
        seed.deserialize(Self { path, ..*self })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
    struct Outer {
        first_one: u8,
        #[serde(rename = "behaviors", alias = "behaviours")]
        inner: Option<Inner>,
        named: HashMap<String, Inner>,
    }

    #[derive(Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Inner {
        ketama: bool,
    }

    #[test]
    fn fields_are_found_in_structs_options_and_maps() {
        let at = |path: &[&str]| {
            let path: Vec<_> = path.iter().map(|key| (*key).to_owned()).collect();
            fields_of::<Outer>(&path)
        };
        assert_eq!(
            at(&[]),
            Some(["FIRST_ONE", "behaviors", "behaviours", "NAMED"].as_slice())
        );
        assert_eq!(at(&["behaviors"]), Some(["ketama"].as_slice()));
        assert_eq!(at(&["NAMED", "x"]), Some(["ketama"].as_slice()));
        assert_eq!(at(&["NAMED"]), None);
        assert_eq!(at(&["FIRST_ONE"]), None);
        assert_eq!(at(&["unknown"]), None);
    }
}
