//! Values of Python, as data.

mod big_int;
mod date;
mod date_time;
mod de;
mod decimal;
mod opaque;
mod safe_string;
mod ser;
pub(crate) mod text;
mod time;
mod time_delta;
mod uuid;
mod zone;

pub use big_int::BigInt;
pub use date::Date;
pub use date_time::DateTime;
pub(crate) use de::{OPAQUE, VALUE};
pub use decimal::Decimal;
pub use opaque::Opaque;
pub use safe_string::SafeString;
pub use text::ParseError;
pub use time::Time;
pub use time_delta::TimeDelta;
pub use uuid::Uuid;
pub use zone::Zone;

/// Any value that a Django site may have cached.
///
/// What is read of a pickle as a `Value` and written again is the same to Python, down to the types; what is opaque
/// can be read only. In other formats than pickle, sets and tuples are sequences and what has a class is text.
///
/// ```
/// use cachemere_django::{Value, pickle};
///
/// # fn main() -> Result<(), pickle::Error> {
/// let bytes = b"\x80\x05\x95\x07\x00\x00\x00\x00\x00\x00\x00K\x01K\x02\x86\x94.";
/// let value: Value = pickle::from_slice(bytes)?;
/// assert_eq!(value, Value::Tuple(vec![Value::Int(1), Value::Int(2)]));
/// assert_eq!(pickle::to_vec(&value)?, bytes);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `None`.
    None,
    /// `bool`.
    Bool(bool),
    /// An `int` of 64 bits.
    Int(i64),
    /// Any other `int`.
    BigInt(BigInt),
    /// `float`.
    Float(f64),
    /// `complex`: the real and the imaginary part.
    Complex(f64, f64),
    /// `str`.
    Text(String),
    /// `django.utils.safestring.SafeString`.
    Safe(SafeString),
    /// `bytes`.
    Bytes(Vec<u8>),
    /// `bytearray`.
    ByteArray(Vec<u8>),
    /// `list`.
    List(Vec<Self>),
    /// `tuple`.
    Tuple(Vec<Self>),
    /// `set`, in the order of the pickle.
    Set(Vec<Self>),
    /// `frozenset`, in the order of the pickle.
    FrozenSet(Vec<Self>),
    /// `dict`, in its order.
    Dict(Vec<(Self, Self)>),
    /// `collections.OrderedDict`.
    OrderedDict(Vec<(Self, Self)>),
    /// `datetime.datetime`.
    DateTime(DateTime),
    /// `datetime.date`.
    Date(Date),
    /// `datetime.time`.
    Time(Time),
    /// `datetime.timedelta`.
    TimeDelta(TimeDelta),
    /// `decimal.Decimal`.
    Decimal(Decimal),
    /// `uuid.UUID`.
    Uuid(Uuid),
    /// An object of any other class, or a class itself.
    Opaque(Box<Opaque>),
}

impl Value {
    /// The text of a `str` and of a `SafeString`.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Safe(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The value of a text key of a `dict`, an `OrderedDict` or an object that behaves as one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let entries = match self {
            Self::Dict(entries) | Self::OrderedDict(entries) => entries,
            Self::Opaque(opaque) => &opaque.entries,
            _ => return None,
        };
        let mut found = entries.iter().rev();
        found
            .find(|(name, _)| name.as_str() == Some(key))
            .map(|(_, value)| value)
    }
}
