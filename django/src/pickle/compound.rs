use serde::{
    Serialize,
    ser::{
        Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
        SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
    },
};

use super::{
    error::Error,
    opcode::*,
    output::{Mark, Output},
    ser::Serializer,
};

/// What is nested deeper could not be read back.
const MOST_DEPTH: u32 = 128;

/// How many members stand together.
const BATCH: usize = 1000;

/// The collections of Python.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    List,
    Set,
    FrozenSet,
    Tuple(usize),
    Complex,
    Dict,
    OrderedDict,
}

/// Writes the members of a collection.
#[derive(Debug)]
pub(super) struct Compound<'a> {
    output: &'a mut Output,
    kind: Kind,
    count: usize,
    /// Where the group of members begins that is being written.
    mark: Option<Mark>,
    is_variant: bool,
}

impl<'a> Compound<'a> {
    /// Begins a collection.
    pub(super) fn open(output: &'a mut Output, kind: Kind) -> Result<Self, Error> {
        output.depth += 1;
        if output.depth > MOST_DEPTH {
            let message = format!("it is nested deeper than {MOST_DEPTH}");
            return Err(Error::malformed(message));
        }
        match kind {
            Kind::List => output.put(&[EMPTY_LIST, MEMOIZE]),
            Kind::Set => output.put(&[EMPTY_SET, MEMOIZE]),
            Kind::Dict => output.put(&[EMPTY_DICT, MEMOIZE]),
            Kind::OrderedDict => {
                output.class("collections", "OrderedDict");
                output.put(&[EMPTY_TUPLE, REDUCE, MEMOIZE]);
            }
            Kind::Complex => output.class("builtins", "complex"),
            Kind::Tuple(_) | Kind::FrozenSet => {}
        }
        let mark = match kind {
            Kind::Tuple(4..) | Kind::FrozenSet => Some(output.mark()),
            _ => None,
        };
        Ok(Self {
            output,
            kind,
            count: 0,
            mark,
            is_variant: false,
        })
    }

    /// The same as the value in a dict that is to be filled with it.
    pub(super) fn of_variant(self) -> Self {
        Self {
            is_variant: true,
            ..self
        }
    }

    /// Opens a group of members, where one is due, before the next member.
    fn begin_member(&mut self) {
        let is_grouped = matches!(
            self.kind,
            Kind::List | Kind::Set | Kind::Dict | Kind::OrderedDict
        );
        if is_grouped && self.count.is_multiple_of(BATCH) {
            self.close_group();
            self.mark = Some(self.output.mark());
        }
        self.count += 1;
    }

    fn close_group(&mut self) {
        let Some(mark) = self.mark.take() else {
            return;
        };
        let is_alone = self.count == 1;
        let (one, many) = match self.kind {
            Kind::List => (Some(APPEND), APPENDS),
            Kind::Dict | Kind::OrderedDict => (Some(SETITEM), SETITEMS),
            _ => (None, ADDITEMS),
        };
        match one.filter(|_| is_alone) {
            Some(one) if self.output.unmark(mark) => self.output.put(&[one]),
            _ => self.output.put(&[many]),
        }
    }

    fn member<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.begin_member();
        value.serialize(Serializer::new(self.output))
    }

    fn entry<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Error> {
        self.begin_member();
        self.output.boundary();
        self.output.text(key);
        value.serialize(Serializer::new(self.output))
    }

    fn close(mut self) -> Result<(), Error> {
        match self.kind {
            Kind::Tuple(len) if len != self.count => {
                return Err(Error::custom("a tuple has another length than it said"));
            }
            Kind::Tuple(0) => self.output.put(&[EMPTY_TUPLE]),
            Kind::Tuple(1) => self.output.put(&[TUPLE1, MEMOIZE]),
            Kind::Tuple(2) => self.output.put(&[TUPLE2, MEMOIZE]),
            Kind::Tuple(3) => self.output.put(&[TUPLE3, MEMOIZE]),
            Kind::Tuple(_) => self.output.put(&[TUPLE, MEMOIZE]),
            Kind::FrozenSet => self.output.put(&[FROZENSET, MEMOIZE]),
            Kind::Complex => self.output.call(2),
            Kind::List | Kind::Set | Kind::Dict | Kind::OrderedDict => self.close_group(),
        }
        if self.is_variant {
            self.output.put(&[SETITEM]);
        }
        self.output.depth -= 1;
        Ok(())
    }
}

macro_rules! members {
    ($($trait:ident: $method:ident;)*) => {
        $(impl $trait for Compound<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.member(value)
            }

            fn end(self) -> Result<(), Error> {
                self.close()
            }
        })*
    };
}

members! {
    SerializeSeq: serialize_element;
    SerializeTuple: serialize_element;
    SerializeTupleStruct: serialize_field;
    SerializeTupleVariant: serialize_field;
}

macro_rules! fields {
    ($($trait:ident)*) => {
        $(impl $trait for Compound<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                self.entry(name, value)
            }

            fn end(self) -> Result<(), Error> {
                self.close()
            }
        })*
    };
}

fields! { SerializeStruct SerializeStructVariant }

impl SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.member(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(Serializer::new(self.output))
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}
