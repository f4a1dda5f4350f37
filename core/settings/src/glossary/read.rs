//! Reads terms of the glossary from a settings file or the admin.

use super::GlossaryTerm;
use crate::change::{SettingChange, SettingsProblem};
use crate::input::{read_input, read_valid};
use crate::problems::ProblemList;
use crate::text::{check_line, checked_text};
use cairn_access::is_locale_code;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Longest key of a term, in characters.
const MAX_KEY_CHARS: usize = 60;
/// Longest word, in characters.
const MAX_WORD_CHARS: usize = 100;
/// Longest note, in characters.
const MAX_NOTE_CHARS: usize = 500;

/// A term as JSON.
#[derive(Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct TermInput {
    /// The word in each language, by the code of its locale
    #[serde(deserialize_with = "read_valid")]
    #[schemars(with = "TermWords")]
    words: Option<TermWords>,
    /// Explanation for people
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "TermNote")]
    note: Option<TermNote>,
    /// False if the word is the same in every language
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "bool")]
    translate: Option<bool>,
}

checked_text!(
    /// A word, or a few that belong together.
    TermWord,
    |text| match text.trim() {
        "" => Err("must not be empty".to_owned()),
        word => check_line(word.to_owned(), MAX_WORD_CHARS),
    },
    { "type": "string", "minLength": 1, "maxLength": MAX_WORD_CHARS }
);
checked_text!(
    /// The note of a term.
    TermNote,
    |text| check_line(text, MAX_NOTE_CHARS),
    { "type": "string", "minLength": 1, "maxLength": MAX_NOTE_CHARS }
);

/// Words by the codes of their locales; at least one. A language with `null` has none.
struct TermWords(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for TermWords {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let words = BTreeMap::<String, SettingChange<TermWord>>::deserialize(reader)?;
        if words.values().all(|word| matches!(word, SettingChange::Remove)) {
            return Err(D::Error::custom("a term must have a word in at least one language"));
        }
        if words.keys().any(|code| !is_locale_code(code)) {
            return Err(D::Error::custom("expected codes of locales, such as en or nl-BE"));
        }
        let set = words.into_iter().filter_map(|(code, word)| Some((code, String::from(word.new_value()?.clone()))));
        Ok(Self(set.collect()))
    }
}

impl JsonSchema for TermWords {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TermWords".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let word = generator.subschema_for::<SettingChange<TermWord>>();
        json_schema!({ "type": "object", "minProperties": 1, "additionalProperties": word })
    }
}

/// Parses a term. The error lists every problem, with its path below the term.
pub(crate) fn read_term(key: &str, json: &Json) -> Result<GlossaryTerm, Vec<SettingsProblem>> {
    let mut problems = ProblemList::default();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if key.is_empty() || key.len() > MAX_KEY_CHARS || !key.bytes().all(plain) {
        problems.add_problem(
            "",
            format!("the key of a term must be 1 to {MAX_KEY_CHARS} lowercase letters, digits and dashes"),
        );
    }
    let input = read_input::<TermInput>(&mut problems, json, "");
    let problems = problems.into_problems();
    match input {
        Some(TermInput { words: Some(TermWords(words)), note, translate }) if problems.is_empty() => {
            Ok(GlossaryTerm { words, note: note.map(String::from), translate: translate.unwrap_or(true) })
        }
        _ => Err(problems),
    }
}
