//! What objects are to a reader: the classes that are known by name, and what Python writes for them.

use std::borrow::Cow;

use super::graph::{Graph, Id, Node, Object};
use crate::{BigInt, Date, DateTime, Decimal, SafeString, Time, TimeDelta, Uuid, Zone, class};

/// What stands at a place of a graph.
#[derive(Debug)]
pub(super) enum Kind<'g> {
    None,
    Bool(bool),
    Int(i64),
    Big(&'g BigInt),
    Float(f64),
    Complex(f64, f64),
    Text(&'g str),
    Bytes(Cow<'g, [u8]>),
    ByteArray(Cow<'g, [u8]>),
    List(&'g [Id]),
    Tuple(&'g [Id]),
    Set(&'g [Id]),
    FrozenSet(&'g [Id]),
    Dict(&'g [(Id, Id)]),
    OrderedDict(&'g [(Id, Id)]),
    /// One that is shown as text, with the name of its class.
    Scalar(&'static str, String),
    /// An object of another class; `None` for a class itself.
    Opaque(String, Option<&'g Object>),
}

impl Graph<'_> {
    pub(super) fn kind<'g>(&'g self, id: Id) -> Kind<'g> {
        match self.node(id) {
            Node::None => Kind::None,
            Node::Bool(value) => Kind::Bool(*value),
            Node::Int(number) => Kind::Int(*number),
            Node::Big(number) => Kind::Big(number),
            Node::Float(number) => Kind::Float(*number),
            Node::Text(text) => Kind::Text(text),
            Node::Bytes(bytes) => Kind::Bytes(Cow::Borrowed(bytes)),
            Node::ByteArray(bytes) => Kind::ByteArray(Cow::Borrowed(bytes)),
            Node::List(items) => Kind::List(items),
            Node::Tuple(items) => Kind::Tuple(items),
            Node::Set(items) => Kind::Set(items),
            Node::FrozenSet(items) => Kind::FrozenSet(items),
            Node::Dict(entries) => Kind::Dict(entries),
            Node::Global(..) => Kind::Opaque(self.name(id), None),
            Node::Object(object) => {
                let (class, args) = self.call(object);
                let known = self.known(&class, args, object);
                known.unwrap_or(Kind::Opaque(class, Some(object)))
            }
        }
    }

    /// The class of an object and what it is made of, also where protocols before 2 make it in another way.
    fn call<'g>(&'g self, object: &'g Object) -> (String, &'g [Id]) {
        let args = self.tuple(object.args).unwrap_or_default();
        match (self.name(object.callee).as_str(), args) {
            ("copyreg._reconstructor", [class, base, state]) => {
                let is_plain = self.name(*base) == "builtins.object";
                (
                    self.name(*class),
                    if is_plain {
                        &[]
                    } else {
                        std::slice::from_ref(state)
                    },
                )
            }
            (name, args) => (name.to_owned(), args),
        }
    }

    /// The name of a class or function with its module, as Python 3 has it; of what stands for one by `getattr`, too.
    fn name(&self, id: Id) -> String {
        let (module, name) = match self.node(id) {
            Node::Global(module, name) => (*module, *name),
            Node::Object(object) => {
                let args = self.tuple(object.args).unwrap_or_default();
                let (Node::Global(..), [owner, attribute]) = (self.node(object.callee), args)
                else {
                    return String::new();
                };
                let is_global = matches!(self.node(*owner), Node::Global(..));
                let (true, "builtins.getattr", Some(attribute)) = (
                    is_global,
                    self.name(object.callee).as_str(),
                    self.text(*attribute),
                ) else {
                    return String::new();
                };
                return format!("{}.{attribute}", self.name(*owner));
            }
            _ => return String::new(),
        };
        let module = match self.text(module).unwrap_or_default() {
            "__builtin__" => "builtins",
            "copy_reg" => "copyreg",
            module => module,
        };
        format!("{module}.{}", self.text(name).unwrap_or_default())
    }

    fn known<'g>(&'g self, class: &str, args: &'g [Id], object: &'g Object) -> Option<Kind<'g>> {
        let has_state = object.state.is_some();
        let has_members = !object.items.is_empty() || !object.entries.is_empty();
        match class {
            class::ORDERED_DICT => {
                let is_plain = args.is_empty() && !has_state && object.items.is_empty();
                is_plain.then_some(Kind::OrderedDict(&object.entries))
            }
            _ if has_members => None,
            class::UUID => Some(scalar(class::UUID, &self.uuid(args, object)?)),
            _ if has_state => None,
            _ => self.of_args(class, args),
        }
    }

    /// What an object is that has nothing but what it was made of.
    fn of_args<'g>(&'g self, class: &str, args: &'g [Id]) -> Option<Kind<'g>> {
        Some(match (class, args) {
            (class::SAFE_STRING | "django.utils.safestring.SafeText", [text]) => {
                scalar(class::SAFE_STRING, &SafeString::from(self.text(*text)?))
            }
            (class::DATETIME, _) => scalar(class::DATETIME, &self.date_time(args)?),
            (class::DATE, [packed]) => scalar(class::DATE, &date(&self.bytes(*packed)?)?),
            (class::TIME, _) => scalar(class::TIME, &self.time(args)?),
            (class::TIMEDELTA, _) => scalar(class::TIMEDELTA, &self.delta(args)?),
            (class::DECIMAL, [text]) => {
                let decimal: Decimal = self.text(*text)?.parse().ok()?;
                scalar(class::DECIMAL, &decimal)
            }
            (class::COMPLEX, [real, imaginary]) => {
                Kind::Complex(self.float(*real)?, self.float(*imaginary)?)
            }
            (class::SET, [items]) => Kind::Set(self.list(*items)?),
            (class::FROZENSET, [items]) => Kind::FrozenSet(self.list(*items)?),
            (class::BYTEARRAY, []) => Kind::ByteArray(Cow::Borrowed(&[])),
            (class::BYTEARRAY, [content]) => Kind::ByteArray(self.bytes(*content)?),
            (class::BYTEARRAY, [text, encoding]) => {
                Kind::ByteArray(self.encoded(*text, *encoding)?.into())
            }
            _ => Kind::Bytes(self.old_bytes(class, args)?.into()),
        })
    }

    fn bytes(&self, id: Id) -> Option<Cow<'_, [u8]>> {
        match self.node(id) {
            Node::Bytes(bytes) => Some(Cow::Borrowed(bytes)),
            Node::Object(object) => {
                let (class, args) = self.call(object);
                self.old_bytes(&class, args).map(Cow::Owned)
            }
            _ => None,
        }
    }

    /// Bytes as protocols before 3 have them.
    fn old_bytes(&self, class: &str, args: &[Id]) -> Option<Vec<u8>> {
        match (class, args) {
            ("builtins.bytes", []) => Some(Vec::new()),
            ("_codecs.encode", [text, encoding]) => self.encoded(*text, *encoding),
            _ => None,
        }
    }

    /// Bytes that are written as text, a character each.
    fn encoded(&self, text: Id, encoding: Id) -> Option<Vec<u8>> {
        if !["latin1", "latin-1"].contains(&self.text(encoding)?) {
            return None;
        }
        let bytes = self.text(text)?.chars().map(|c| u8::try_from(c).ok());
        bytes.collect()
    }

    fn list(&self, id: Id) -> Option<&[Id]> {
        match self.node(id) {
            Node::List(items) => Some(items),
            _ => None,
        }
    }

    fn float(&self, id: Id) -> Option<f64> {
        match self.node(id) {
            Node::Float(number) => Some(*number),
            _ => None,
        }
    }

    fn date_time(&self, args: &[Id]) -> Option<DateTime> {
        let (packed, zone) = self.packed(args)?;
        let (day, clock) = packed.split_at_checked(4)?;
        // the fold is in the month here, in the hour of a time without a day
        let (mut day, fold) = (day.to_vec(), day[2] & FOLD);
        day[2] ^= fold;
        let mut time = time(clock)?;
        time.is_second = fold != 0;
        time.zone = zone;
        Some(DateTime::new(date(&day)?, time))
    }

    fn time(&self, args: &[Id]) -> Option<Time> {
        let (packed, zone) = self.packed(args)?;
        let mut packed = packed.into_owned();
        let fold = packed.first()? & FOLD;
        packed[0] ^= fold;
        let mut time = time(&packed)?;
        time.is_second = fold != 0;
        time.zone = zone;
        Some(time)
    }

    /// Packed bytes and the zone after them, if there is one that is known.
    fn packed(&self, args: &[Id]) -> Option<(Cow<'_, [u8]>, Option<Zone>)> {
        match args {
            [packed] => Some((self.bytes(*packed)?, None)),
            [packed, zone] => Some((self.bytes(*packed)?, Some(self.zone(*zone)?))),
            _ => None,
        }
    }

    fn delta(&self, args: &[Id]) -> Option<TimeDelta> {
        let [days, seconds, microseconds] = args else {
            return None;
        };
        TimeDelta::new(
            self.int(*days)?,
            self.int(*seconds)?,
            self.int(*microseconds)?,
        )
    }

    fn zone(&self, id: Id) -> Option<Zone> {
        let Node::Object(object) = self.node(id) else {
            return None;
        };
        if object.state.is_some() {
            return None;
        }
        let (class, args) = self.call(object);
        match (class.as_str(), args) {
            ("datetime.timezone", [offset] | [offset, _]) => {
                let Node::Object(offset) = self.node(*offset) else {
                    return None;
                };
                let (class, args) = self.call(offset);
                let delta = (class == class::TIMEDELTA).then(|| self.delta(args))??;
                let seconds = i64::from(delta.days()) * 86_400 + i64::from(delta.seconds());
                let micros = seconds.checked_mul(1_000_000)? + i64::from(delta.microseconds());
                Zone::offset(micros)
            }
            ("zoneinfo.ZoneInfo", [name]) | ("zoneinfo.ZoneInfo._unpickle", [name, _]) => {
                Zone::named(self.text(*name)?)
            }
            ("pytz._UTC", []) => Some(Zone::UTC),
            _ => None,
        }
    }

    fn uuid(&self, args: &[Id], object: &Object) -> Option<Uuid> {
        let state = object.state.map(|state| self.node(state));
        let Some(Node::Dict(attributes)) = state.filter(|_| args.is_empty()) else {
            return None;
        };
        let is_number = |(name, _): &&(Id, Id)| self.text(*name) == Some("int");
        let (_, number) = attributes.iter().find(is_number)?;
        let number = match self.node(*number) {
            Node::Int(number) => u128::try_from(*number).ok()?,
            Node::Big(number) => u128::try_from(&**number).ok()?,
            _ => return None,
        };
        Some(Uuid::from_bytes(number.to_be_bytes()))
    }
}

const FOLD: u8 = 0x80;

fn scalar<'g>(class: &'static str, value: &impl ToString) -> Kind<'g> {
    Kind::Scalar(class, value.to_string())
}

fn date(packed: &[u8]) -> Option<Date> {
    let [high, low, month, day] = *packed else {
        return None;
    };
    Date::new(u16::from_be_bytes([high, low]), month, day)
}

fn time(packed: &[u8]) -> Option<Time> {
    let [hour, minute, second, high, middle, low] = *packed else {
        return None;
    };
    Time::new(
        hour,
        minute,
        second,
        u32::from_be_bytes([0, high, middle, low]),
    )
}
