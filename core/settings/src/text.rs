//! Texts with a form: the check of each, and its JSON Schema.

use crate::input::read_text;
use cairn_access::admin_tokens::MAX_DESCRIPTION_CHARS;
use chrono::{DateTime, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;

/// Declares a text whose form is checked when it is read. Its `Debug` does not contain it: it may be a secret.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:expr, $schema:tt) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, serde::Deserialize)]
        #[serde(try_from = "String")]
        pub(crate) struct $name(String);

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                let check: fn(String) -> Result<String, String> = $check;
                check(text).map(Self)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($schema)
            }
        }
    };
}

pub(crate) use checked_text;

/// Checks that a text is one line of at most so many characters.
pub(crate) fn check_line(text: String, max_chars: usize) -> Result<String, String> {
    match text.chars().count() > max_chars || text.chars().any(char::is_control) {
        true => Err(format!("must be one line of at most {max_chars} characters")),
        false => Ok(text),
    }
}

/// A text about something, for people; it may be empty.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Description(#[serde(deserialize_with = "read_text")] String);

impl From<Description> for String {
    fn from(Description(text): Description) -> Self {
        text
    }
}

/// A description of one line; it may be empty.
pub(crate) struct DescriptionLine(String);

impl From<DescriptionLine> for String {
    fn from(DescriptionLine(text): DescriptionLine) -> Self {
        text
    }
}

impl<'de> Deserialize<'de> for DescriptionLine {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        check_line(read_text(reader)?, MAX_DESCRIPTION_CHARS).map(Self).map_err(D::Error::custom)
    }
}

impl JsonSchema for DescriptionLine {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "DescriptionLine".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": MAX_DESCRIPTION_CHARS })
    }
}

/// A moment in UTC; a file may give it in any zone.
#[derive(Clone, Copy)]
pub(crate) struct Timestamp(pub(crate) DateTime<Utc>);

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        match DateTime::parse_from_rfc3339(&String::deserialize(reader)?) {
            Ok(time) => Ok(Self(time.to_utc())),
            Err(_) => Err(D::Error::custom("expected a time such as 2030-01-01T00:00:00Z")),
        }
    }
}

impl JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}
