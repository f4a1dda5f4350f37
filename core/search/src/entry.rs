//! Entries of an index, and their validation.

use crate::analysis::{StemLanguage, WordForms, normalize_text};
use crate::definition::{IndexDefinition, Layout, SearchFieldKind};
use crate::error::SearchProblem;
use crate::{MAX_AUDIENCE, MAX_TERM, MAX_VALUES};
use chrono::{DateTime, NaiveDate};
use serde_json::Value as Json;
use tantivy::TantivyDocument;

/// Largest distance of a date from 1970, in milliseconds: some 290,000 years, as far as [`DateTime`] goes.
const MAX_DATE_MS: i64 = 8_000_000_000_000_000;

/// An entry that searches can find.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexEntry {
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
pub enum EntryChange {
    /// Adds an entry, or replaces the one with its id.
    Put(IndexEntry),
    /// Removes the entry with this id.
    Remove(String),
}

impl IndexEntry {
    /// Validates the entry. The error lists all problems, with paths that begin with `id`, `locale`, `document` or `audience`.
    pub fn check(&self, definition: &IndexDefinition) -> Result<(), Vec<SearchProblem>> {
        let mut problems = Vec::new();
        if !is_term(&self.id) {
            problems.push(SearchProblem::new(
                "id",
                "id",
                format!("an id must have 1 to {MAX_TERM} bytes and no control characters"),
            ));
        }
        if self.locale.as_deref().is_some_and(|locale| !is_locale(locale)) {
            problems.push(SearchProblem::new(
                "locale",
                "locale",
                "a locale must be a code such as \"nl\" or \"en-GB\"",
            ));
        }
        if self.audience.len() > MAX_AUDIENCE {
            let message = format!("{} names; an audience can have at most {MAX_AUDIENCE}", self.audience.len());
            problems.push(SearchProblem::new("audience", "too-many", message));
        } else if let Some(at) = self.audience.iter().position(|name| !is_term(name)) {
            let message = format!("a name must have 1 to {MAX_TERM} bytes and no control characters");
            problems.push(SearchProblem::new(format!("audience[{at}]"), "audience", message));
        }
        match self.document.as_object() {
            None => problems.push(SearchProblem::new("document", "type", "a document must be a JSON object")),
            Some(document) => {
                for (name, value) in document {
                    let problem = match definition.field_kind(name) {
                        None => Some((
                            "unknown",
                            format!("not a field of the index; the fields are {}", definition.field_names(|_| true)),
                        )),
                        Some(kind) => FieldValues::from_json(kind, value).err(),
                    };
                    problems.extend(
                        problem.map(|(code, message)| SearchProblem::new(format!("document.{name}"), code, message)),
                    );
                }
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Converts the entry for the engine. Values that do not fit are left out: they were stored under another definition.
    pub(crate) fn to_document(&self, definition: &IndexDefinition, layout: &Layout) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_text(layout.id, &self.id);
        document.add_text(layout.locale, self.locale.as_deref().unwrap_or(Layout::NO_LOCALE));
        match self.audience.is_empty() {
            true => document.add_text(layout.audience, Layout::EVERYONE),
            false => self.audience.iter().for_each(|name| document.add_text(layout.audience, name)),
        }
        let stem = self.locale.as_deref().and_then(StemLanguage::from_locale);
        let mut forms = WordForms::new(stem);
        let mut source = serde_json::Map::new();
        for (name, value) in self.document.as_object().into_iter().flatten() {
            let Some(kind) = definition.field_kind(name) else { continue };
            let Ok(values) = FieldValues::from_json(kind, value) else { continue };
            if values.is_empty() {
                continue;
            }
            document.add_text(layout.present, name);
            source.insert(name.clone(), value.clone());
            let field = layout.values.get(name).map(|(_, field)| *field);
            match (values, field) {
                (FieldValues::Texts(texts), None) => {
                    let words = layout.words_of(definition, name);
                    for text in texts {
                        let text = normalize_text(text);
                        document.add_text(words.plain, &text);
                        if let Some(stem) = stem {
                            document.add_text(words.stems[stem.field_index()], &text);
                        }
                        document.add_text(words.forms, forms.list_text_forms(&text).join(" "));
                    }
                }
                (FieldValues::Texts(texts), Some(field)) => {
                    texts.iter().for_each(|text| document.add_text(field, text))
                }
                (FieldValues::Number(number), Some(field)) => document.add_f64(field, number),
                (FieldValues::Date(date), Some(field)) => document.add_i64(field, date),
                (FieldValues::Boolean(is), Some(field)) => document.add_bool(field, is),
                (_, None) => {}
            }
        }
        document.add_bytes(layout.source, Json::Object(source).to_string().as_bytes());
        document
    }
}

/// The values of a field.
pub(crate) enum FieldValues<'j> {
    Texts(Vec<&'j str>),
    Number(f64),
    Date(i64),
    Boolean(bool),
}

impl<'j> FieldValues<'j> {
    /// Converts a value; an error is its code and message.
    pub(crate) fn from_json(kind: SearchFieldKind, value: &'j Json) -> Result<Self, (&'static str, String)> {
        let expected = |requirement: &str| ("type", format!("a `{}` field must be {requirement}", kind.as_str()));
        match kind {
            SearchFieldKind::Text | SearchFieldKind::Keyword | SearchFieldKind::Facet => {
                let type_error = || expected("a text or a list of texts");
                let texts: Vec<&str> = match value {
                    Json::Null => Vec::new(),
                    Json::String(text) => vec![text.as_str()],
                    Json::Array(list) if list.len() > MAX_VALUES => {
                        return Err((
                            "too-many",
                            format!("{} values; a field can have at most {MAX_VALUES}", list.len()),
                        ));
                    }
                    Json::Array(list) => list.iter().map(Json::as_str).collect::<Option<_>>().ok_or_else(type_error)?,
                    _ => return Err(type_error()),
                };
                if kind != SearchFieldKind::Text && texts.iter().any(|text| text.len() > MAX_TERM) {
                    return Err((
                        "too-long",
                        format!("a value of a `{}` field can have at most {MAX_TERM} bytes", kind.as_str()),
                    ));
                }
                Ok(Self::Texts(texts))
            }
            _ if value.is_null() => Ok(Self::Texts(Vec::new())),
            // Adding zero makes -0 the same as 0.
            SearchFieldKind::Number => {
                value.as_f64().map(|n| Self::Number(n + 0.0)).ok_or_else(|| expected("a number"))
            }
            SearchFieldKind::Date => parse_date(value).map(Self::Date).ok_or_else(|| {
                expected("a time like \"2026-03-01T12:00:00Z\", a day like \"2026-03-01\", or milliseconds since 1970")
            }),
            SearchFieldKind::Boolean => value.as_bool().map(Self::Boolean).ok_or_else(|| expected("true or false")),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Texts(texts) if texts.is_empty())
    }
}

/// Parses a date to milliseconds since 1970.
pub(crate) fn parse_date(value: &Json) -> Option<i64> {
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
    (-MAX_DATE_MS..=MAX_DATE_MS).contains(&at).then_some(at)
}

/// True if a text may be an id, or a name in an audience.
pub(crate) fn is_term(text: &str) -> bool {
    (1..=MAX_TERM).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// True if a text may be a locale.
pub(crate) fn is_locale(text: &str) -> bool {
    (1..=35).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
