//! Entries of an index, and their validation.

use crate::analysis::{Stem, normal};
use crate::definition::{Definition, FieldKind, Layout};
use crate::error::Problem;
use crate::{MAX_AUDIENCE, MAX_TERM, MAX_VALUES};
use chrono::{DateTime, NaiveDate};
use serde_json::Value as Json;
use tantivy::TantivyDocument;

/// Largest distance of a date from 1970, in milliseconds: some 290,000 years, as far as [`DateTime`] goes.
const FARTHEST: i64 = 8_000_000_000_000_000;

/// An entry that searches can find.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Unique id: an entry replaces the one with the same id.
    pub id: String,
    /// Locale of its text; `None`: none, or all.
    pub locale: Option<String>,
    /// Object with the fields of the definition.
    pub document: Json,
    /// Audience that may find it; empty: everyone.
    pub audience: Vec<String>,
}

/// A change of an index.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Adds an entry, or replaces the one with its id.
    Put(Entry),
    /// Removes the entry with this id.
    Remove(String),
}

impl Entry {
    /// Validates the entry.
    ///
    /// # Errors
    /// All problems, with paths that begin with `id`, `locale`, `document` or `audience`.
    pub fn check(&self, definition: &Definition) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        if !is_term(&self.id) {
            problems.push(Problem::new(
                "id",
                "id",
                format!("an id must have 1 to {MAX_TERM} bytes and no control characters"),
            ));
        }
        if self.locale.as_deref().is_some_and(|locale| !is_locale(locale)) {
            problems.push(Problem::new("locale", "locale", "a locale must be a code such as \"nl\" or \"en-GB\""));
        }
        if self.audience.len() > MAX_AUDIENCE {
            let message = format!("{} names; an audience can have at most {MAX_AUDIENCE}", self.audience.len());
            problems.push(Problem::new("audience", "too-many", message));
        } else if let Some(at) = self.audience.iter().position(|name| !is_term(name)) {
            let message = format!("a name must have 1 to {MAX_TERM} bytes and no control characters");
            problems.push(Problem::new(format!("audience[{at}]"), "audience", message));
        }
        match self.document.as_object() {
            None => problems.push(Problem::new("document", "type", "a document must be a JSON object")),
            Some(document) => {
                for (name, value) in document {
                    let problem = match definition.kind(name) {
                        None => Some((
                            "unknown",
                            format!("not a field of the index; the fields are {}", definition.names(|_| true)),
                        )),
                        Some(kind) => Values::of(kind, value).err(),
                    };
                    problems
                        .extend(problem.map(|(code, message)| Problem::new(format!("document.{name}"), code, message)));
                }
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Converts the entry for the engine. Values that do not fit are left out: they were stored under another definition.
    pub(crate) fn document(&self, definition: &Definition, layout: &Layout) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_text(layout.id, &self.id);
        document.add_text(layout.locale, self.locale.as_deref().unwrap_or(Layout::NO_LOCALE));
        match self.audience.is_empty() {
            true => document.add_text(layout.audience, Layout::EVERYONE),
            false => self.audience.iter().for_each(|name| document.add_text(layout.audience, name)),
        }
        let stem = self.locale.as_deref().and_then(Stem::of);
        let mut kept = serde_json::Map::new();
        for (name, value) in self.document.as_object().into_iter().flatten() {
            let Some(kind) = definition.kind(name) else { continue };
            let Ok(values) = Values::of(kind, value) else { continue };
            if values.is_empty() {
                continue;
            }
            document.add_text(layout.present, name);
            kept.insert(name.clone(), value.clone());
            let field = layout.values.get(name).map(|(_, field)| *field);
            match (values, field) {
                (Values::Texts(texts), None) => {
                    let words = layout.words_of(definition, name);
                    for text in texts {
                        let text = normal(text);
                        document.add_text(words.plain, &text);
                        if let Some(stem) = stem {
                            document.add_text(words.stems[stem.place()], &text);
                        }
                    }
                }
                (Values::Texts(texts), Some(field)) => texts.iter().for_each(|text| document.add_text(field, text)),
                (Values::Number(number), Some(field)) => document.add_f64(field, number),
                (Values::Date(date), Some(field)) => document.add_i64(field, date),
                (Values::Boolean(is), Some(field)) => document.add_bool(field, is),
                (_, None) => {}
            }
        }
        document.add_bytes(layout.source, Json::Object(kept).to_string().as_bytes());
        document
    }
}

/// The values of a field.
pub(crate) enum Values<'j> {
    Texts(Vec<&'j str>),
    Number(f64),
    Date(i64),
    Boolean(bool),
}

impl<'j> Values<'j> {
    /// Converts a value; an error is its code and message.
    pub(crate) fn of(kind: FieldKind, value: &'j Json) -> Result<Self, (&'static str, String)> {
        let expected = |what: &str| ("type", format!("a `{}` field must be {what}", kind.as_str()));
        match kind {
            FieldKind::Text | FieldKind::Keyword | FieldKind::Facet => {
                let wrong = || expected("a text or a list of texts");
                let texts: Vec<&str> = match value {
                    Json::Null => Vec::new(),
                    Json::String(text) => vec![text.as_str()],
                    Json::Array(list) if list.len() > MAX_VALUES => {
                        return Err((
                            "too-many",
                            format!("{} values; a field can have at most {MAX_VALUES}", list.len()),
                        ));
                    }
                    Json::Array(list) => list.iter().map(Json::as_str).collect::<Option<_>>().ok_or_else(wrong)?,
                    _ => return Err(wrong()),
                };
                if kind != FieldKind::Text && texts.iter().any(|text| text.len() > MAX_TERM) {
                    return Err((
                        "too-long",
                        format!("a value of a `{}` field can have at most {MAX_TERM} bytes", kind.as_str()),
                    ));
                }
                Ok(Self::Texts(texts))
            }
            _ if value.is_null() => Ok(Self::Texts(Vec::new())),
            // Else two zeros are not the same.
            FieldKind::Number => value.as_f64().map(|n| Self::Number(n + 0.0)).ok_or_else(|| expected("a number")),
            FieldKind::Date => date(value).map(Self::Date).ok_or_else(|| {
                expected("a time like \"2026-03-01T12:00:00Z\", a day like \"2026-03-01\", or milliseconds since 1970")
            }),
            FieldKind::Boolean => value.as_bool().map(Self::Boolean).ok_or_else(|| expected("true or false")),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Texts(texts) if texts.is_empty())
    }
}

/// Parses a date to milliseconds since 1970.
pub(crate) fn date(value: &Json) -> Option<i64> {
    let at = match value {
        Json::Number(number) => number.as_i64()?,
        Json::String(text) => match DateTime::parse_from_rfc3339(text) {
            Ok(at) => at.timestamp_millis(),
            Err(_) => {
                NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis()
            }
        },
        _ => return None,
    };
    (-FARTHEST..=FARTHEST).contains(&at).then_some(at)
}

/// Whether a text may be an id, or a name in an audience.
pub(crate) fn is_term(text: &str) -> bool {
    (1..=MAX_TERM).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// Whether a text may be a locale.
pub(crate) fn is_locale(text: &str) -> bool {
    (1..=35).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
