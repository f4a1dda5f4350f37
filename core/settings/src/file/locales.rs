//! `locales` of the file.

use super::Settings;
use super::parser::SettingsParser;
use crate::input::{read_elements, read_input, read_valid};
use crate::text::checked_text;
use cairn_access::is_locale_code;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use std::borrow::Cow;

/// The locales of the project.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct LocaleSettings {
    /// The locale of requests that do not name one.
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "LocaleCode")]
    default: Option<LocaleCode>,
    /// All locales; content in other locales remains stored.
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "LocaleCodes")]
    available: Option<LocaleCodes>,
}

checked_text!(
    /// The code of a locale.
    LocaleCode,
    |text| match is_locale_code(&text) {
        true => Ok(text),
        false => Err("expected the code of a locale, such as en or nl-BE".to_owned()),
    },
    { "type": "string" }
);

/// Codes in the order of the file, without duplicates.
#[derive(Debug)]
struct LocaleCodes(Vec<String>);

impl<'de> Deserialize<'de> for LocaleCodes {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let mut codes: Vec<String> = Vec::new();
        for (_, code) in read_elements::<LocaleCode, D>(reader)? {
            if !codes.iter().any(|other| other == code.as_ref()) {
                codes.push(code.into());
            }
        }
        Ok(Self(codes))
    }
}

impl JsonSchema for LocaleCodes {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "LocaleCodes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": { "type": "string" } })
    }
}

impl SettingsParser<'_> {
    pub(super) fn parse_locales(&mut self, json: &Json, settings: &mut Settings) {
        let LocaleSettings { default, available } = read_input(self.problems, json, "locales").unwrap_or_default();
        settings.default_locale = default.map(String::from);
        settings.available_locales = available.map(|LocaleCodes(codes)| codes);
        if let (Some(default), Some(codes)) = (&settings.default_locale, &settings.available_locales)
            && !codes.contains(default)
        {
            self.problems.add_problem("locales.default", "must be one of locales.available");
        }
    }
}
