//! Values over PostgreSQL's wire, in its binary form: ours → the types of parameters, columns → ours.

use crate::connection::{Param, ToParam, ValueRef};
use crate::{Result, StoreError};
use bigdecimal::BigDecimal;
use bytes::{BufMut, BytesMut};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike};
use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgRow, PgTypeInfo};
use sqlx::{Postgres, Row, Type, TypeInfo, ValueRef as _};
use std::borrow::Cow;

/// Object ids of PostgreSQL's own types, which never change (`pg_type.dat`).
mod oid {
    pub(super) const BOOL: u32 = 16;
    pub(super) const BYTEA: u32 = 17;
    pub(super) const NAME: u32 = 19;
    pub(super) const INT8: u32 = 20;
    pub(super) const INT2: u32 = 21;
    pub(super) const INT4: u32 = 23;
    pub(super) const TEXT: u32 = 25;
    pub(super) const OID: u32 = 26;
    pub(super) const JSON: u32 = 114;
    pub(super) const FLOAT4: u32 = 700;
    pub(super) const FLOAT8: u32 = 701;
    pub(super) const UNKNOWN: u32 = 705;
    pub(super) const BPCHAR: u32 = 1042;
    pub(super) const VARCHAR: u32 = 1043;
    pub(super) const DATE: u32 = 1082;
    pub(super) const TIME: u32 = 1083;
    pub(super) const TIMESTAMP: u32 = 1114;
    pub(super) const TIMESTAMPTZ: u32 = 1184;
    pub(super) const NUMERIC: u32 = 1700;
    pub(super) const JSONB: u32 = 3802;

    /// The type of an array's elements; `None` if it is not an array.
    pub(super) fn element(array: u32) -> Option<u32> {
        Some(match array {
            199 => JSON,
            1000 => BOOL,
            1005 => INT2,
            1007 => INT4,
            1009 => TEXT,
            1015 => VARCHAR,
            1016 => INT8,
            1021 => FLOAT4,
            1022 => FLOAT8,
            1115 => TIMESTAMP,
            1182 => DATE,
            1183 => TIME,
            1185 => TIMESTAMPTZ,
            1231 => NUMERIC,
            3807 => JSONB,
            _ => return None,
        })
    }
}

/// 2000-01-01, where PostgreSQL counts from, in microseconds since 1970-01-01.
const EPOCH_US: i64 = 946_684_800_000_000;
/// The same in days since the beginning of the first year.
const EPOCH_DAYS: i32 = 730_120;

/// A parameter with the type that the server expects.
pub(super) struct EncodedParam<'a> {
    pub(super) param: Param<'a>,
    pub(super) expected: &'a PgTypeInfo,
}

impl Type<Postgres> for EncodedParam<'_> {
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }
}

impl<'a> Encode<'a, Postgres> for EncodedParam<'a> {
    fn encode_by_ref(&self, out: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        if self.param == Param::Null {
            return Ok(IsNull::Yes);
        }
        let expected = self.expected.oid().map_or(oid::UNKNOWN, |oid| oid.0);
        match oid::element(expected) {
            Some(element) => encode_list(self.param, element, out)?,
            None => encode(self.param, expected, out)?,
        }
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(self.expected.clone())
    }
}

/// Encodes a value that is not null.
fn encode(param: Param<'_>, expected: u32, out: &mut PgArgumentBuffer) -> Result<(), BoxDynError> {
    match expected {
        oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME | oid::JSON | oid::UNKNOWN => match param {
            Param::Blob(b) => out.extend_from_slice(b),
            other => out.extend_from_slice(plain(other)?.as_bytes()),
        },
        // A version byte, then the text.
        oid::JSONB => {
            out.push(1);
            out.extend_from_slice(plain(param)?.as_bytes());
        }
        oid::BYTEA => match param {
            Param::Blob(b) => out.extend_from_slice(b),
            other => out.extend_from_slice(plain(other)?.as_bytes()),
        },
        oid::INT8 => out.extend_from_slice(&integer(param)?.to_be_bytes()),
        oid::INT4 => out.extend_from_slice(&i32::try_from(integer(param)?)?.to_be_bytes()),
        oid::INT2 => out.extend_from_slice(&i16::try_from(integer(param)?)?.to_be_bytes()),
        oid::OID => out.extend_from_slice(&u32::try_from(integer(param)?)?.to_be_bytes()),
        oid::BOOL => out.push(u8::from(match param {
            Param::Bool(b) => b,
            other => integer(other)? != 0,
        })),
        oid::FLOAT8 => out.extend_from_slice(&real(param)?.to_be_bytes()),
        oid::FLOAT4 => out.extend_from_slice(&(real(param)? as f32).to_be_bytes()),
        oid::NUMERIC => {
            let number: BigDecimal = plain(param)?.parse()?;
            let _ = Encode::<Postgres>::encode_by_ref(&number, out)?;
        }
        oid::TIMESTAMPTZ | oid::TIMESTAMP => out.extend_from_slice(&moment(&plain(param)?)?.to_be_bytes()),
        oid::DATE => out.extend_from_slice(&day(plain(param)?.parse()?).to_be_bytes()),
        oid::TIME => {
            let time: NaiveTime = plain(param)?.parse()?;
            let us = i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond() / 1_000);
            out.extend_from_slice(&us.to_be_bytes());
        }
        other => return Err(format!("no value can be bound to a parameter of the type with the oid {other}").into()),
    }
    Ok(())
}

/// Encodes an array of one dimension.
fn encode_list(param: Param<'_>, element: u32, out: &mut PgArgumentBuffer) -> Result<(), BoxDynError> {
    let elements: Vec<Param<'_>> = match param {
        Param::Integers(list) => list.iter().map(|&i| Param::Integer(i)).collect(),
        Param::Texts(list) => list.iter().map(|&t| Param::Text(t)).collect(),
        Param::List(list) => list.iter().map(ToParam::param).collect(),
        _ => return Err("a single value cannot be bound to an array".into()),
    };
    let has_nulls = elements.contains(&Param::Null);
    out.extend_from_slice(&i32::from(!elements.is_empty()).to_be_bytes());
    out.extend_from_slice(&i32::from(has_nulls).to_be_bytes());
    out.extend_from_slice(&element.to_be_bytes());
    if elements.is_empty() {
        return Ok(());
    }
    out.extend_from_slice(&i32::try_from(elements.len())?.to_be_bytes());
    // Arrays begin at 1.
    out.extend_from_slice(&1_i32.to_be_bytes());
    for value in elements {
        let at = out.len();
        out.extend_from_slice(&(-1_i32).to_be_bytes());
        if value != Param::Null {
            encode(value, element, out)?;
            let len = i32::try_from(out.len() - at - 4)?;
            out[at..at + 4].copy_from_slice(&len.to_be_bytes());
        }
    }
    Ok(())
}

fn integer(param: Param<'_>) -> Result<i64, BoxDynError> {
    match param {
        Param::Integer(i) => Ok(i),
        Param::Bool(b) => Ok(i64::from(b)),
        Param::Real(f) if f.fract() == 0.0 => Ok(f as i64),
        other => Ok(plain(other)?.parse()?),
    }
}

fn real(param: Param<'_>) -> Result<f64, BoxDynError> {
    match param {
        Param::Real(f) => Ok(f),
        Param::Integer(i) => Ok(i as f64),
        other => Ok(plain(other)?.parse()?),
    }
}

/// Microseconds since 2000-01-01 of a moment, or of the beginning of a day.
fn moment(text: &str) -> Result<i64, BoxDynError> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(moment) => Ok(moment.timestamp_micros() - EPOCH_US),
        Err(e) => {
            let days = text.parse().map(day).map_err(|_| e)?;
            Ok(i64::from(days) * 86_400_000_000)
        }
    }
}

/// Days since 2000-01-01.
fn day(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - EPOCH_DAYS
}

/// A value as text. No column holds U+0000, and PostgreSQL takes none: U+FFFE, which no one stores, stands in.
fn plain(param: Param<'_>) -> Result<Cow<'_, str>, BoxDynError> {
    Ok(match param {
        Param::Bool(b) => if b { "true" } else { "false" }.into(),
        Param::Integer(i) => i.to_string().into(),
        Param::Real(f) => f.to_string().into(),
        Param::Text(t) if t.contains('\0') => t.replace('\0', "\u{fffe}").into(),
        Param::Text(t) => t.into(),
        Param::Null | Param::Blob(_) | Param::Integers(_) | Param::Texts(_) | Param::List(_) => {
            return Err("bytes and lists cannot be bound to a single value".into());
        }
    })
}

/// A row in the text form of `COPY`.
pub(super) fn copy_line(row: &[Param<'_>], out: &mut BytesMut) {
    for (i, param) in row.iter().enumerate() {
        if i > 0 {
            out.put_u8(b'\t');
        }
        if *param == Param::Null {
            out.put_slice(b"\\N");
            continue;
        }
        if let Param::Blob(bytes) = param {
            out.put_slice(b"\\\\x");
            bytes.iter().for_each(|b| out.put_slice(format!("{b:02x}").as_bytes()));
            continue;
        }
        for b in plain(*param).unwrap_or_default().bytes() {
            match b {
                b'\\' => out.put_slice(b"\\\\"),
                b'\t' => out.put_slice(b"\\t"),
                b'\n' => out.put_slice(b"\\n"),
                b'\r' => out.put_slice(b"\\r"),
                b => out.put_u8(b),
            }
        }
    }
    out.put_u8(b'\n');
}

/// The value of a column.
pub(crate) fn value(row: &PgRow, i: usize) -> Result<ValueRef<'_>> {
    let corrupt = |message: String| StoreError::Corrupt { place: format!("column {i} of a result"), message };
    let raw = row.try_get_raw(i).map_err(|e| corrupt(e.to_string()))?;
    if raw.is_null() {
        return Ok(ValueRef::Null);
    }
    let ty = raw.type_info();
    let bytes = raw.as_bytes().map_err(|e| corrupt(e.to_string()))?;
    match decode(ty.oid().map_or(0, |oid| oid.0), bytes) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(corrupt(format!("unexpected column type {}", ty.name()))),
        Err(e) => Err(corrupt(e.to_string())),
    }
}

/// Decodes a value; `None` if columns of this type are not read.
fn decode(ty: u32, raw: &[u8]) -> Result<Option<ValueRef<'_>>, std::array::TryFromSliceError> {
    Ok(Some(match ty {
        oid::TEXT | oid::VARCHAR | oid::JSON | oid::NAME | oid::BPCHAR | oid::UNKNOWN => ValueRef::Text(raw),
        oid::INT8 => ValueRef::Integer(i64::from_be_bytes(raw.try_into()?)),
        oid::INT4 => ValueRef::Integer(i32::from_be_bytes(raw.try_into()?).into()),
        oid::INT2 => ValueRef::Integer(i16::from_be_bytes(raw.try_into()?).into()),
        oid::BOOL => ValueRef::Integer(raw.first().copied().unwrap_or(0).into()),
        oid::FLOAT8 => ValueRef::Real(f64::from_be_bytes(raw.try_into()?)),
        oid::FLOAT4 => ValueRef::Real(f32::from_be_bytes(raw.try_into()?).into()),
        oid::JSONB => ValueRef::Text(raw.get(1..).unwrap_or_default()),
        oid::TIMESTAMPTZ | oid::TIMESTAMP => ValueRef::Timestamp(i64::from_be_bytes(raw.try_into()?)),
        oid::DATE => ValueRef::Date(i32::from_be_bytes(raw.try_into()?)),
        oid::TIME => ValueRef::Time(i64::from_be_bytes(raw.try_into()?)),
        oid::NUMERIC => ValueRef::Numeric(raw),
        oid::BYTEA => ValueRef::Blob(raw),
        _ => return Ok(None),
    }))
}
