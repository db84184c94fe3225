use serde::{
    Deserializer,
    de::{
        DeserializeSeed, EnumAccess, Error as _, IntoDeserializer, Unexpected, VariantAccess,
        Visitor,
    },
};

use super::error::Error;
use crate::value::OPAQUE;

/// What has a class, as a [`Value`](crate::Value) wants it: the name of the class, and a deserializer of the content.
pub(super) struct Variant<D> {
    name: &'static str,
    content: D,
}

impl<D> Variant<D> {
    pub(super) fn new(name: &'static str, content: D) -> Self {
        Self { name, content }
    }

    pub(super) fn opaque(content: D) -> Self {
        Self::new(OPAQUE, content)
    }
}

impl<'de, D: Deserializer<'de, Error = Error>> EnumAccess<'de> for Variant<D> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let name = seed.deserialize(self.name.into_deserializer())?;
        Ok((name, self))
    }
}

impl<'de, D: Deserializer<'de, Error = Error>> VariantAccess<'de> for Variant<D> {
    type Error = Error;

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.content)
    }

    fn unit_variant(self) -> Result<(), Error> {
        Err(other())
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        Err(other())
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        Err(other())
    }
}

fn other() -> Error {
    Error::invalid_type(Unexpected::NewtypeVariant, &"another kind of variant")
}
