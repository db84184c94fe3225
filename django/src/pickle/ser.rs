use serde::{Serialize, ser::SerializeMap};

use super::{
    compound::{Compound, Kind},
    error::Error,
    opcode::*,
    output::Output,
};
use crate::{BigInt, class};

/// Writes one object.
pub(super) struct Serializer<'a> {
    output: &'a mut Output,
    /// What the object is to Python, where it is not what it looks like.
    class: Option<&'static str>,
}

impl<'a> Serializer<'a> {
    pub(super) fn new(output: &'a mut Output) -> Self {
        output.boundary();
        Self {
            output,
            class: None,
        }
    }

    fn text_of(self, class: &str, text: &str) -> Result<(), Error> {
        fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, Error> {
            text.parse()
                .map_err(|_error| Error::malformed("a text is not what its class says"))
        }

        let output = self.output;
        match class {
            class::INT => output.big(&parsed(text)?),
            class::SAFE_STRING => output.safe_string(text),
            class::DECIMAL => {
                let decimal: crate::Decimal = parsed(text)?;
                output.decimal(decimal.as_str());
            }
            class::UUID => output.uuid(parsed(text)?),
            class::DATE => output.date(parsed(text)?),
            class::TIME => output.time(&parsed(text)?),
            class::DATETIME => output.date_time(&parsed(text)?),
            class::TIMEDELTA => output.time_delta(parsed(text)?),
            _ => output.text(text),
        }
        Ok(())
    }

    fn open(self, kind: Kind) -> Result<Compound<'a>, Error> {
        Compound::open(self.output, kind)
    }

    /// A dict of one entry: the name of the variant and what is in it.
    fn open_variant(self, variant: &str, kind: Kind) -> Result<Compound<'a>, Error> {
        self.output.put(&[EMPTY_DICT, MEMOIZE]);
        self.output.text(variant);
        Ok(self.open(kind)?.of_variant())
    }
}

macro_rules! integers {
    ($($method:ident: $type:ty;)*) => {
        $(fn $method(self, number: $type) -> Result<(), Error> {
            match i64::try_from(number) {
                Ok(number) => self.output.int(number),
                Err(_) => self.output.big(&big(number)),
            }
            Ok(())
        })*
    };
}

/// An integer of more than 64 bits.
fn big(number: impl TryInto<i128> + ToString + Copy) -> BigInt {
    match number.try_into() {
        Ok(number) => BigInt::from(number),
        Err(_) => number.to_string().parse().expect("it is an integer"),
    }
}

impl<'a> serde::Serializer for Serializer<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = Compound<'a>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = Compound<'a>;

    integers! {
        serialize_i8: i8;
        serialize_i16: i16;
        serialize_i32: i32;
        serialize_i64: i64;
        serialize_i128: i128;
        serialize_u8: u8;
        serialize_u16: u16;
        serialize_u32: u32;
        serialize_u64: u64;
        serialize_u128: u128;
    }

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.output.put(&[if value { NEWTRUE } else { NEWFALSE }]);
        Ok(())
    }

    fn serialize_f32(self, number: f32) -> Result<(), Error> {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, number: f64) -> Result<(), Error> {
        self.output.float(number);
        Ok(())
    }

    fn serialize_char(self, c: char) -> Result<(), Error> {
        self.serialize_str(c.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), Error> {
        match self.class {
            Some(class) => self.text_of(class, text),
            None => {
                self.output.text(text);
                Ok(())
            }
        }
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Error> {
        match self.class {
            Some(class::BYTEARRAY) => self.output.bytearray(bytes),
            _ => self.output.bytes(bytes),
        }
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.output.put(&[NONE]);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.output.text(variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(Self {
            class: Some(name),
            ..self
        })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let mut dict = self.open(Kind::Dict)?;
        dict.serialize_entry(variant, value)?;
        SerializeMap::end(dict)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a>, Error> {
        let kind = match self.class {
            Some(class::SET) => Kind::Set,
            Some(class::FROZENSET) => Kind::FrozenSet,
            _ => Kind::List,
        };
        self.open(kind)
    }

    fn serialize_tuple(self, len: usize) -> Result<Compound<'a>, Error> {
        let kind = match self.class {
            Some(class::COMPLEX) => Kind::Complex,
            _ => Kind::Tuple(len),
        };
        self.open(kind)
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Compound<'a>, Error> {
        self.open(Kind::Tuple(len))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'a>, Error> {
        self.open_variant(variant, Kind::Tuple(len))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a>, Error> {
        let kind = match self.class {
            Some(class::ORDERED_DICT) => Kind::OrderedDict,
            _ => Kind::Dict,
        };
        self.open(kind)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Compound<'a>, Error> {
        self.open(Kind::Dict)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a>, Error> {
        self.open_variant(variant, Kind::Dict)
    }
}
