//! Lines of an archive.

use crate::error::ImportError;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A line of `entities/`: a row with its components, without relations and media.
#[derive(Deserialize)]
pub(crate) struct EntityLine<'a> {
    #[serde(rename = "type", borrow)]
    pub(crate) uid: Cow<'a, str>,
    pub(crate) id: i64,
    #[serde(borrow)]
    pub(crate) data: &'a RawValue,
}

/// The members of a row that say which version of which document it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RowHead<'a> {
    #[serde(borrow, default)]
    pub(crate) document_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) locale: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(crate) published_at: Option<&'a RawValue>,
}

/// A line of `links/`.
#[derive(Deserialize)]
pub(crate) struct LinkLine<'a> {
    #[serde(borrow)]
    pub(crate) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) left: LinkEnd<'a>,
    #[serde(borrow)]
    pub(crate) right: LinkEnd<'a>,
}

/// An end of a link: a row or a component, its attribute, and the link's position in the order of that attribute.
#[derive(Deserialize)]
pub(crate) struct LinkEnd<'a> {
    #[serde(rename = "type", borrow)]
    pub(crate) uid: Cow<'a, str>,
    #[serde(rename = "ref")]
    pub(crate) row: serde_json::Value,
    #[serde(borrow, default)]
    pub(crate) field: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(crate) pos: Option<f64>,
}

/// A line of `configuration/`.
#[derive(Deserialize)]
pub(crate) struct ConfigurationLine {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) value: serde_json::Value,
}

/// Parses a line; an error names its place.
pub(crate) fn parse_line<'a, T: Deserialize<'a>>(line: &'a [u8], place: &dyn Fn() -> String) -> Result<T, ImportError> {
    serde_json::from_slice(line).map_err(|e| ImportError::Archive(format!("{} in the archive: {e}", place())))
}
