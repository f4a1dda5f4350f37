//! Values over PostgreSQL's wire: ours → the types of parameters, columns → ours.

use crate::connection::{Param, ToParam, ValueRef};
use crate::{Result, StoreError};
use bytes::{BufMut, BytesMut};
use std::borrow::Cow;
use std::error::Error;
use tokio_postgres::Row;
use tokio_postgres::types::{Format, FromSql, IsNull, ToSql, Type};

type Fault = Box<dyn Error + Sync + Send>;

/// A parameter, encoded for the statement's type: binary where that is simple, else as text that PostgreSQL parses.
#[derive(Debug)]
pub(super) struct EncodedParam<'a>(pub(super) Param<'a>);

impl EncodedParam<'_> {
    fn is_binary(&self, ty: &Type) -> bool {
        let number = matches!(*ty, Type::INT8 | Type::INT4 | Type::INT2 | Type::FLOAT8);
        match self.0 {
            Param::Null | Param::Blob(_) => true,
            Param::Bool(_) => *ty == Type::BOOL || number,
            Param::Integer(_) => number,
            Param::Real(_) => *ty == Type::FLOAT8,
            Param::Text(_) => matches!(*ty, Type::TEXT | Type::VARCHAR | Type::JSON | Type::UNKNOWN),
            Param::Integers(_) => *ty == Type::INT8_ARRAY,
            Param::Texts(_) => *ty == Type::TEXT_ARRAY,
            Param::List(_) => false,
        }
    }
}

impl ToSql for EncodedParam<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
        if self.0 == Param::Null {
            return Ok(IsNull::Yes);
        }
        if !self.is_binary(ty) {
            let moments = matches!(*ty, Type::TIMESTAMPTZ | Type::DATE | Type::TIMESTAMPTZ_ARRAY | Type::DATE_ARRAY);
            write_text(self.0, moments, out);
            return Ok(IsNull::No);
        }
        match self.0 {
            Param::Bool(b) if *ty == Type::BOOL => out.put_u8(u8::from(b)),
            Param::Bool(b) => put_integer(i64::from(b), ty, out)?,
            Param::Integer(i) => put_integer(i, ty, out)?,
            Param::Real(f) => out.put_f64(f),
            // No column holds U+0000, and PostgreSQL takes none: a stand-in that no one stores.
            Param::Text(t) if t.contains('\0') => out.put_slice(t.replace('\0', "\u{fffe}").as_bytes()),
            Param::Text(t) => out.put_slice(t.as_bytes()),
            Param::Blob(b) => out.put_slice(b),
            Param::Integers(list) => return list.to_sql(ty, out),
            Param::Texts(list) if list.iter().any(|t| t.contains('\0')) => {
                let list: Vec<String> = list.iter().map(|t| t.replace('\0', "\u{fffe}")).collect();
                return list.to_sql(ty, out);
            }
            Param::Texts(list) => return list.to_sql(ty, out),
            Param::Null | Param::List(_) => {}
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
        self.to_sql(ty, out)
    }

    fn encode_format(&self, ty: &Type) -> Format {
        if self.is_binary(ty) { Format::Binary } else { Format::Text }
    }
}

/// A row in the text form of `COPY`.
pub(super) fn copy_line(row: &[Param<'_>], out: &mut BytesMut) {
    for (i, param) in row.iter().enumerate() {
        if i > 0 {
            out.put_u8(b'\t');
        }
        match param {
            Param::Null => out.put_slice(b"\\N"),
            Param::Text(t) => {
                for b in plain(Param::Text(t)).bytes() {
                    match b {
                        b'\\' => out.put_slice(b"\\\\"),
                        b'\t' => out.put_slice(b"\\t"),
                        b'\n' => out.put_slice(b"\\n"),
                        b'\r' => out.put_slice(b"\\r"),
                        b => out.put_u8(b),
                    }
                }
            }
            other => out.put_slice(plain(*other).as_bytes()),
        }
    }
    out.put_u8(b'\n');
}

/// PostgreSQL has no year 0: what ISO 8601 calls that is 1 BC.
fn moment(text: &str) -> Cow<'_, str> {
    match text.strip_prefix("0000-") {
        Some(rest) => format!("0001-{rest} BC").into(),
        None => text.into(),
    }
}

fn put_integer(i: i64, ty: &Type, out: &mut BytesMut) -> Result<(), Fault> {
    match *ty {
        Type::INT2 => out.put_i16(i16::try_from(i)?),
        Type::INT4 => out.put_i32(i32::try_from(i)?),
        Type::FLOAT8 => out.put_f64(i as f64),
        _ => out.put_i64(i),
    }
    Ok(())
}

fn write_text(param: Param<'_>, moments: bool, out: &mut BytesMut) {
    let element = |value: Param<'_>| match value {
        Param::Null => "NULL".to_owned(),
        Param::Text(t) => {
            let t = if moments { moment(t) } else { t.into() };
            let escaped = t.replace('\0', "\u{fffe}").replace('\\', "\\\\").replace('"', "\\\"");
            format!("\"{escaped}\"")
        }
        other => plain(other),
    };
    let text = match param {
        Param::Integers(list) => array(list.iter().map(|&i| element(Param::Integer(i)))),
        Param::Texts(list) => array(list.iter().map(|&t| element(Param::Text(t)))),
        Param::List(list) => array(list.iter().map(|v| element(v.param()))),
        Param::Text(t) if moments => moment(t).into_owned(),
        other => plain(other),
    };
    out.put_slice(text.as_bytes());
}

fn array(elements: impl Iterator<Item = String>) -> String {
    format!("{{{}}}", elements.collect::<Vec<_>>().join(","))
}

fn plain(param: Param<'_>) -> String {
    match param {
        Param::Bool(b) => b.to_string(),
        Param::Integer(i) => i.to_string(),
        Param::Real(f) => f.to_string(),
        Param::Text(t) => t.replace('\0', "\u{fffe}"),
        _ => String::new(),
    }
}

/// The value of a column.
pub(crate) fn value(row: &Row, i: usize) -> Result<ValueRef<'_>> {
    row.try_get::<_, DecodedValue<'_>>(i)
        .map(|d| d.0)
        .map_err(|e| StoreError::Corrupt { place: format!("column {i} of a result"), message: e.to_string() })
}

struct DecodedValue<'a>(ValueRef<'a>);

impl<'a> FromSql<'a> for DecodedValue<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Fault> {
        Ok(Self(match *ty {
            Type::TEXT | Type::VARCHAR | Type::JSON | Type::NAME | Type::BPCHAR | Type::UNKNOWN => ValueRef::Text(raw),
            Type::INT8 => ValueRef::Integer(i64::from_be_bytes(raw.try_into()?)),
            Type::INT4 => ValueRef::Integer(i32::from_be_bytes(raw.try_into()?).into()),
            Type::INT2 => ValueRef::Integer(i16::from_be_bytes(raw.try_into()?).into()),
            Type::BOOL => ValueRef::Integer(raw.first().copied().unwrap_or(0).into()),
            Type::FLOAT8 => ValueRef::Real(f64::from_be_bytes(raw.try_into()?)),
            Type::FLOAT4 => ValueRef::Real(f32::from_be_bytes(raw.try_into()?).into()),
            // A version byte, then the text.
            Type::JSONB => ValueRef::Text(raw.get(1..).unwrap_or_default()),
            Type::TIMESTAMPTZ | Type::TIMESTAMP => ValueRef::Timestamp(i64::from_be_bytes(raw.try_into()?)),
            Type::DATE => ValueRef::Date(i32::from_be_bytes(raw.try_into()?)),
            Type::TIME => ValueRef::Time(i64::from_be_bytes(raw.try_into()?)),
            Type::NUMERIC => ValueRef::Numeric(raw),
            Type::BYTEA => ValueRef::Blob(raw),
            _ => return Err(format!("unexpected column type {ty}").into()),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Fault> {
        Ok(Self(ValueRef::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
