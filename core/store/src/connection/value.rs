//! Values that are bound to statements or read from rows, the same for both databases.

use crate::postgres::text;
use crate::{Result, StoreError};
use std::borrow::Cow;

/// An owned value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

macro_rules! into_value {
    ($($t:ty => $v:ident;)*) => { $(impl From<$t> for Value { fn from(v: $t) -> Self { Self::$v(v.into()) } })* };
}
into_value! { bool => Bool; i64 => Integer; f64 => Real; String => Text; &str => Text; Vec<u8> => Bytes; }

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Self::Null, Into::into)
    }
}

/// A value to bind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Param<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    Real(f64),
    Text(&'a str),
    Blob(&'a [u8]),
    /// For `Dialect::in_list`.
    Integers(&'a [i64]),
    /// For `Dialect::in_list`.
    Texts(&'a [&'a str]),
    /// For `Dialect::in_list`, of any kind.
    List(&'a [Value]),
}

impl From<i64> for Param<'_> {
    fn from(i: i64) -> Self {
        Self::Integer(i)
    }
}

/// A type that can be bound to a placeholder.
pub(crate) trait ToParam {
    fn param(&self) -> Param<'_>;
}

macro_rules! to_param {
    ($($t:ty, $s:ident => $e:expr;)*) => { $(impl ToParam for $t { fn param(&self) -> Param<'_> { let $s = self; $e } })* };
}
to_param! {
    bool, s => Param::Bool(*s);
    i64, s => Param::Integer(*s);
    i32, s => Param::Integer(i64::from(*s));
    u8, s => Param::Integer(i64::from(*s));
    str, s => Param::Text(s);
    String, s => Param::Text(s);
    [u8], s => Param::Blob(s);
    Vec<u8>, s => Param::Blob(s);
    Param<'_>, s => *s;
}

impl ToParam for Value {
    fn param(&self) -> Param<'_> {
        match self {
            Self::Null => Param::Null,
            Self::Bool(b) => Param::Bool(*b),
            Self::Integer(i) => Param::Integer(*i),
            Self::Real(f) => Param::Real(*f),
            Self::Text(t) => Param::Text(t),
            Self::Bytes(b) => Param::Blob(b),
        }
    }
}

impl<T: ToParam + ?Sized> ToParam for &T {
    fn param(&self) -> Param<'_> {
        (**self).param()
    }
}

impl<T: ToParam> ToParam for Option<T> {
    fn param(&self) -> Param<'_> {
        self.as_ref().map_or(Param::Null, ToParam::param)
    }
}

/// The values of a statement: a tuple, an array or a slice.
pub(crate) trait Params {
    fn list(&self) -> Vec<Param<'_>>;
}

impl Params for () {
    fn list(&self) -> Vec<Param<'_>> {
        Vec::new()
    }
}

impl<T: ToParam> Params for &[T] {
    fn list(&self) -> Vec<Param<'_>> {
        self.iter().map(ToParam::param).collect()
    }
}

impl<T: ToParam> Params for &Vec<T> {
    fn list(&self) -> Vec<Param<'_>> {
        self.iter().map(ToParam::param).collect()
    }
}

impl<T: ToParam, const N: usize> Params for &[T; N] {
    fn list(&self) -> Vec<Param<'_>> {
        self.iter().map(ToParam::param).collect()
    }
}

impl<T: ToParam, const N: usize> Params for [T; N] {
    fn list(&self) -> Vec<Param<'_>> {
        self.iter().map(ToParam::param).collect()
    }
}

macro_rules! tuple_params {
    ($($($t:ident)+;)*) => { $(
        impl<$($t: ToParam),+> Params for ($($t,)+) {
            fn list(&self) -> Vec<Param<'_>> {
                #[allow(non_snake_case)]
                let ($($t,)+) = self;
                vec![$($t.param()),+]
            }
        }
    )* };
}
tuple_params! { A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; A B C D E F G H I; A B C D E F G H I J; A B C D E F G H I J K; A B C D E F G H I J K L; }

/// A value of a row, borrowed from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ValueRef<'a> {
    Null,
    /// An integer, or a boolean as 0 or 1.
    Integer(i64),
    Real(f64),
    Text(&'a [u8]),
    Blob(&'a [u8]),
    /// Microseconds since 2000-01-01, UTC.
    Timestamp(i64),
    /// Days since 2000-01-01.
    Date(i32),
    /// Microseconds since midnight.
    Time(i64),
    /// PostgreSQL's binary form.
    Numeric(&'a [u8]),
}

impl<'a> ValueRef<'a> {
    /// The value as text in the canonical form of its column; `None` if it is not text.
    pub(crate) fn to_text(self) -> Option<Cow<'a, str>> {
        Some(match self {
            Self::Text(t) => String::from_utf8_lossy(t),
            Self::Timestamp(us) => text::timestamp(us).into(),
            Self::Date(days) => text::date(days).into(),
            Self::Time(us) => text::time(us).into(),
            Self::Numeric(bytes) => text::numeric(bytes)?.into(),
            Self::Null | Self::Integer(_) | Self::Real(_) | Self::Blob(_) => return None,
        })
    }
}

/// A row of a query.
pub(crate) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a sqlx::postgres::PgRow),
}

impl Row<'_> {
    /// The value of a column.
    pub(crate) fn value_at(&self, i: usize) -> Result<ValueRef<'_>> {
        match self {
            Self::Sqlite(row) => {
                use rusqlite::types::ValueRef as V;
                Ok(match row.get_ref(i).map_err(StoreError::sqlite_error("reading a row"))? {
                    V::Null => ValueRef::Null,
                    V::Integer(n) => ValueRef::Integer(n),
                    V::Real(f) => ValueRef::Real(f),
                    V::Text(t) => ValueRef::Text(t),
                    V::Blob(b) => ValueRef::Blob(b),
                })
            }
            Self::Postgres(row) => crate::postgres::value(row, i),
        }
    }

    /// A column as a Rust value.
    pub(crate) fn get<T: FromSql>(&self, i: usize) -> Result<T> {
        let value = self.value_at(i)?;
        T::from_sql(value).ok_or_else(|| StoreError::Corrupt {
            place: format!("column {i} of a result"),
            message: format!("it is not {}", T::NAME),
        })
    }

    /// A text column, or `None` if it is null.
    pub(crate) fn text_at(&self, i: usize) -> Result<Option<Box<str>>> {
        Ok(self.value_at(i)?.to_text().map(Into::into))
    }
}

/// A type that a column can be read as.
pub(crate) trait FromSql: Sized {
    const NAME: &'static str;
    fn from_sql(value: ValueRef<'_>) -> Option<Self>;
}

impl FromSql for i64 {
    const NAME: &'static str = "integer";
    fn from_sql(value: ValueRef<'_>) -> Option<Self> {
        if let ValueRef::Integer(i) = value { Some(i) } else { None }
    }
}

impl FromSql for bool {
    const NAME: &'static str = "boolean";
    fn from_sql(value: ValueRef<'_>) -> Option<Self> {
        if let ValueRef::Integer(i) = value { Some(i != 0) } else { None }
    }
}

impl FromSql for String {
    const NAME: &'static str = "text";
    fn from_sql(value: ValueRef<'_>) -> Option<Self> {
        value.to_text().map(Cow::into_owned)
    }
}

impl FromSql for Vec<u8> {
    const NAME: &'static str = "bytes";
    fn from_sql(value: ValueRef<'_>) -> Option<Self> {
        if let ValueRef::Blob(b) = value { Some(b.to_vec()) } else { None }
    }
}

impl<T: FromSql> FromSql for Option<T> {
    const NAME: &'static str = T::NAME;
    fn from_sql(value: ValueRef<'_>) -> Option<Self> {
        if value == ValueRef::Null { Some(None) } else { T::from_sql(value).map(Some) }
    }
}
