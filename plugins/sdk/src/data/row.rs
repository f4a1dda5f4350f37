//! A document as the plugin's own type.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// A content type as a Rust type: the fields the plugin reads, and which content type has them.
///
/// ```
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Event {
///     title: String,
///     starts_at: String,
/// }
///
/// impl cairn_plugin::Document for Event {
///     const TYPE: &'static str = "plugin::bookings.event";
/// }
/// ```
pub trait Document: DeserializeOwned {
    /// The content type's uid, e.g. `plugin::bookings.event`.
    const TYPE: &'static str;
}

/// A stored document: its fields as `T`, by way of `Deref`, and what every document has.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row<T> {
    /// The id that all locales and both statuses share.
    pub document_id: String,
    /// Grows with each write; for [`Batch::update_at`](super::Batch::update_at).
    #[serde(default)]
    pub version: Option<u64>,
    /// Of a localised document.
    #[serde(default)]
    pub locale: Option<String>,
    /// The fields.
    #[serde(flatten)]
    pub fields: T,
}

/// A related document of which only the id matters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// The id that all locales and both statuses share.
    pub document_id: String,
}

/// A document with all its fields, whatever `T` reads of it: for copies and reports.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(bound = "")]
pub struct AllFields<T> {
    /// The fields by name.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
    #[serde(skip)]
    of: PhantomData<T>,
}

impl<T: Document> Document for AllFields<T> {
    const TYPE: &'static str = T::TYPE;
}

/// Reads a field as its default where it is null, which counts as one that is not there: `#[serde(default, deserialize_with = "or_default")]`.
///
/// # Errors
/// A value that is neither null nor a `T`.
pub fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl<T> Deref for Row<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.fields
    }
}

impl<T> DerefMut for Row<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Note {
        title: String,
    }

    impl Document for Note {
        const TYPE: &'static str = "plugin::notes.note";
    }

    #[test]
    fn fields_and_what_every_document_has_are_told_apart() {
        let row: Row<Note> =
            serde_json::from_str(r#"{"id":7,"documentId":"abc","title":"T","version":3,"createdAt":"x"}"#).unwrap();
        assert_eq!((row.document_id.as_str(), row.version, row.locale.as_deref()), ("abc", Some(3), None));
        assert_eq!(row.title, "T");
    }

    #[test]
    fn all_fields_of_a_document_can_be_read() {
        let row: Row<AllFields<Note>> = serde_json::from_str(r#"{"documentId":"abc","title":"T","more":[1]}"#).unwrap();
        assert_eq!((row.document_id.as_str(), &row.fields.fields["more"][0]), ("abc", &Value::from(1)));
        assert_eq!(AllFields::<Note>::TYPE, Note::TYPE);
    }

    #[test]
    fn a_row_without_an_id_is_no_row() {
        assert!(serde_json::from_str::<Row<Note>>(r#"{"title":"T"}"#).is_err());
    }
}
