use serde::{
    Deserializer,
    de::{
        DeserializeSeed, IntoDeserializer, SeqAccess, Visitor,
        value::{MapAccessDeserializer, MapDeserializer, SeqAccessDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};

use super::{
    error::Error,
    graph::{Graph, Id, Object},
    known::Kind,
    variant::Variant,
};
use crate::{class, value::VALUE};

/// What is nested deeper is refused.
const MOST_DEPTH: u32 = 128;

/// What an object takes beside its bytes, roughly.
const OVERHEAD: u64 = 16;

/// A place in a graph, to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'g> {
    graph: &'g Graph<'g>,
    id: Id,
    depth: u32,
}

impl<'g> Cursor<'g> {
    pub(super) fn new(graph: &'g Graph<'g>) -> Self {
        Self {
            graph,
            id: graph.root,
            depth: 0,
        }
    }

    /// What is there, paid for.
    fn kind(self) -> Result<Kind<'g>, Error> {
        if self.depth > MOST_DEPTH {
            let message = format!("it is nested deeper than {MOST_DEPTH}");
            return Err(Error::malformed(message));
        }
        let kind = self.graph.kind(self.id);
        let bytes = match &kind {
            Kind::Text(text) => text.len(),
            Kind::Bytes(bytes) | Kind::ByteArray(bytes) => bytes.len(),
            Kind::Scalar(_, text) | Kind::Opaque(text, _) => text.len(),
            _ => 0,
        };
        let budget = self.graph.budget.get();
        let left = budget.checked_sub(OVERHEAD + bytes as u64);
        let left = left.ok_or_else(|| Error::malformed("it is much larger than it looks"))?;
        self.graph.budget.set(left);
        Ok(kind)
    }

    fn below(self, id: Id) -> Self {
        Self {
            id,
            depth: self.depth + 1,
            ..self
        }
    }

    fn each(self, ids: &'g [Id]) -> impl ExactSizeIterator<Item = Self> {
        ids.iter().map(move |id| self.below(*id))
    }

    fn each_pair(self, pairs: &'g [(Id, Id)]) -> impl ExactSizeIterator<Item = (Self, Self)> {
        let pair = move |(key, value): &(Id, Id)| (self.below(*key), self.below(*value));
        pairs.iter().map(pair)
    }

    fn visit<'de, V: Visitor<'de>>(self, kind: Kind<'g>, visitor: V) -> Result<V::Value, Error> {
        match kind {
            Kind::None => visitor.visit_unit(),
            Kind::Bool(value) => visitor.visit_bool(value),
            // what is not negative is `u64` to hand-written visitors
            Kind::Int(number) => match u64::try_from(number) {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => visitor.visit_i64(number),
            },
            Kind::Big(number) => {
                if let Ok(number) = u64::try_from(number) {
                    visitor.visit_u64(number)
                } else if let Ok(number) = u128::try_from(number) {
                    visitor.visit_u128(number)
                } else if let Ok(number) = i128::try_from(number) {
                    visitor.visit_i128(number)
                } else {
                    Err(Error::does_not_fit())
                }
            }
            Kind::Float(number) => visitor.visit_f64(number),
            Kind::Complex(real, imaginary) => visit_seq([real, imaginary].into_iter(), visitor),
            Kind::Text(text) => visitor.visit_str(text),
            Kind::Scalar(_, text) => visitor.visit_string(text),
            Kind::Bytes(bytes) | Kind::ByteArray(bytes) => visitor.visit_bytes(&bytes),
            Kind::List(ids) | Kind::Tuple(ids) | Kind::Set(ids) | Kind::FrozenSet(ids) => {
                visit_seq(self.each(ids), visitor)
            }
            Kind::Dict(pairs) | Kind::OrderedDict(pairs) => {
                let mut map = MapDeserializer::new(self.each_pair(pairs));
                let value = visitor.visit_map(&mut map)?;
                map.end().map(|()| value)
            }
            Kind::Opaque(class, _) => {
                let class: String = class.escape_default().take(100).collect();
                let message = format!("it has an object of `{class}`, which only a `Value` can be");
                Err(Error::malformed(message))
            }
        }
    }

    fn visit_value<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let kind = self.kind()?;
        let name = match &kind {
            Kind::Big(_) => class::INT,
            Kind::Complex(..) => class::COMPLEX,
            Kind::Scalar(class, _) => class,
            Kind::ByteArray(_) => class::BYTEARRAY,
            Kind::Tuple(_) => class::TUPLE,
            Kind::Set(_) => class::SET,
            Kind::FrozenSet(_) => class::FROZENSET,
            Kind::OrderedDict(_) => class::ORDERED_DICT,
            Kind::Opaque(class, object) => {
                let parts = Parts {
                    cursor: self,
                    class: class.clone(),
                    object: *object,
                    next: 0,
                };
                let content = SeqAccessDeserializer::new(parts);
                return visitor.visit_enum(Variant::opaque(content));
            }
            _ => return self.visit(kind, visitor),
        };
        visitor.visit_enum(Variant::new(name, self))
    }
}

fn visit_seq<'de, I: IntoDeserializer<'de, Error>, V: Visitor<'de>>(
    items: impl Iterator<Item = I>,
    visitor: V,
) -> Result<V::Value, Error> {
    let mut seq = SeqDeserializer::new(items);
    let value = visitor.visit_seq(&mut seq)?;
    seq.end().map(|()| value)
}

macro_rules! only_if_it_fits {
    ($($method:ident: $type:ty;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let kind = self.kind()?;
            let fits = match &kind {
                Kind::Int(number) => <$type>::try_from(*number).is_ok(),
                Kind::Big(number) => {
                    u64::try_from(*number).is_ok_and(|number| <$type>::try_from(number).is_ok())
                }
                _ => true,
            };
            if !fits {
                return Err(Error::does_not_fit());
            }
            self.visit(kind, visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Cursor<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit(self.kind()?, visitor)
    }

    only_if_it_fits! {
        deserialize_i8: i8;
        deserialize_i16: i16;
        deserialize_i32: i32;
        deserialize_i64: i64;
        deserialize_u8: u8;
        deserialize_u16: u16;
        deserialize_u32: u32;
        deserialize_u64: u64;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.kind()? {
            Kind::None => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == VALUE {
            return self.visit_value(visitor);
        }
        if let (class::INT, Kind::Big(number)) = (name, self.kind()?) {
            return visitor.visit_newtype_struct(number.to_string().into_deserializer());
        }
        visitor.visit_newtype_struct(self)
    }

    /// Bytes are a sequence too, for a `Vec<u8>`.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.kind()? {
            Kind::Bytes(bytes) | Kind::ByteArray(bytes) => {
                visit_seq(bytes.iter().copied(), visitor)
            }
            kind => self.visit(kind, visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    /// A variant is its name, or a dict of one entry.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.kind()? {
            Kind::Text(text) => {
                let variant: serde::de::value::StrDeserializer<'_, Error> =
                    text.into_deserializer();
                variant.deserialize_enum(name, variants, visitor)
            }
            Kind::Dict(pairs) if pairs.len() == 1 => {
                let map = MapDeserializer::new(self.each_pair(pairs));
                visitor.visit_enum(MapAccessDeserializer::new(map))
            }
            kind => self.visit(kind, visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct map struct identifier
    }
}

impl<'de> IntoDeserializer<'de, Error> for Cursor<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The five parts of an opaque object.
pub(super) struct Parts<'g> {
    cursor: Cursor<'g>,
    class: String,
    object: Option<&'g Object>,
    next: u8,
}

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let (cursor, object) = (self.cursor, self.object);
        let seq = |ids: &[Id], seed: T| {
            let items = SeqDeserializer::new(ids.iter().map(|id| cursor.below(*id)));
            seed.deserialize(SeqAccessDeserializer::new(items))
        };
        let part = self.next;
        self.next += 1;
        let read = match part {
            0 => seed.deserialize(self.class.as_str().into_deserializer()),
            1 => {
                let args = object.and_then(|object| cursor.graph.tuple(object.args));
                seq(args.unwrap_or_default(), seed)
            }
            2 => match object.and_then(|object| object.state) {
                Some(state) => seed.deserialize(cursor.below(state)),
                None => seed.deserialize(().into_deserializer()),
            },
            3 => seq(object.map_or(&[], |object| &object.items), seed),
            4 => {
                let entries = object.map_or(&[][..], |object| &object.entries);
                let map = MapDeserializer::new(cursor.each_pair(entries));
                seed.deserialize(MapAccessDeserializer::new(map))
            }
            _ => return Ok(None),
        };
        read.map(Some)
    }
}
