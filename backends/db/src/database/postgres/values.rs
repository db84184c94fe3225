use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::database::{
    Bound, Columns,
    row::{Datum, unexpected},
};

type Problem = Box<dyn Error + Sync + Send>;

impl ToSql for Bound<'_> {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Problem> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *wanted == Type::INT2 => {
                i16::try_from(*number)?.to_sql(wanted, out)
            }
            Self::Int(number) if *wanted == Type::INT4 => {
                i32::try_from(*number)?.to_sql(wanted, out)
            }
            Self::Int(number) if *wanted == Type::INT8 => number.to_sql(wanted, out),
            Self::Text(text) if <&str as ToSql>::accepts(wanted) => text.to_sql(wanted, out),
            Self::Bytes(bytes) if *wanted == Type::BYTEA => bytes.to_sql(wanted, out),
            Self::Ints(numbers) if *wanted == Type::INT8_ARRAY => numbers.to_sql(wanted, out),
            Self::ManyBytes(many) if *wanted == Type::BYTEA_ARRAY => many.to_sql(wanted, out),
            _ => Err(format!("{self:?} cannot be given where the server wants {wanted}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl Columns for tokio_postgres::Row {
    fn number(&self, column: usize) -> cachemere_base::Result<i64> {
        let number: Option<i64> = self
            .try_get(column)
            .map_err(|error| unexpected(column, "an integer").with_source(error))?;
        Ok(number.unwrap_or_default())
    }

    fn bytes(&self, column: usize) -> cachemere_base::Result<&[u8]> {
        let bytes: Option<&[u8]> = self
            .try_get(column)
            .map_err(|error| unexpected(column, "bytes").with_source(error))?;
        Ok(bytes.unwrap_or_default())
    }
}

impl<'a> FromSql<'a> for Datum {
    fn from_sql(given: &Type, raw: &'a [u8]) -> Result<Self, Problem> {
        match *given {
            Type::BOOL => Ok(Self::Int(bool::from_sql(given, raw)?.into())),
            Type::INT2 => Ok(Self::Int(i16::from_sql(given, raw)?.into())),
            Type::INT4 => Ok(Self::Int(i32::from_sql(given, raw)?.into())),
            Type::INT8 => Ok(Self::Int(i64::from_sql(given, raw)?)),
            Type::BYTEA => Ok(Self::Bytes(raw.to_vec())),
            _ if <&str as FromSql>::accepts(given) => Ok(Self::Text(String::from_sql(given, raw)?)),
            _ => Err(format!("an answer of the type {given} is not taken").into()),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Problem> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
