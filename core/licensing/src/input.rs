//! Parsing of bodies: JSON of a known form, texts of bounded length, days and times in zones.

use crate::instants::{SpanEdge, resolve_instant};
use crate::service::{invalid_at, invalid_error};
use cairn_content::Result;
use cairn_events::zone;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

/// Longest name, in characters.
const MAX_NAME_CHARS: usize = 200;
/// Longest notes, in characters.
const MAX_NOTES_CHARS: usize = 5_000;
/// Largest number of entries of a list.
const MAX_LIST_ENTRIES: usize = 300;
/// Longest document id.
const MAX_DOCUMENT_ID_BYTES: usize = 100;

/// Parses the body of a request; the error names the key that does not fit. Fails with 400 if the body does not fit `T`.
pub fn read_input<T: DeserializeOwned>(json: Json) -> Result<T> {
    serde_json::from_value(json).map_err(|e| invalid_error(format!("The request body is invalid: {e}")))
}

/// Distinguishes a key that is `null` from one that is missing.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(d).map(Some)
}

/// A line of text, without invisible characters that would change what is read.
pub(crate) fn check_line(path: &str, text: Option<&str>) -> Result<String> {
    let text = text.map(str::trim).unwrap_or_default();
    if text.is_empty() || text.chars().count() > MAX_NAME_CHARS || text.chars().any(is_hidden) {
        return Err(invalid_at(path, format!("{path} must be a single line of 1 to {MAX_NAME_CHARS} characters")));
    }
    Ok(text.to_owned())
}

fn is_hidden(c: char) -> bool {
    // Marks that turn the direction of what follows make one name look like another.
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// A word such as `cc-by`.
pub(crate) fn check_word(path: &str, text: Option<&str>) -> Result<String> {
    let word = check_line(path, text)?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    if word.len() > 64 || !word.chars().all(plain) {
        return Err(invalid_at(path, format!("{path} must contain only lower-case letters, digits and hyphens")));
    }
    Ok(word)
}

/// A list of lines, each once.
pub(crate) fn check_lines(path: &str, list: &[String]) -> Result<Vec<String>> {
    if list.len() > MAX_LIST_ENTRIES {
        return Err(invalid_at(path, format!("{path} must have at most {MAX_LIST_ENTRIES} entries")));
    }
    let mut all: Vec<String> = Vec::with_capacity(list.len());
    for text in list {
        let text = check_line(path, Some(text))?;
        if !all.contains(&text) {
            all.push(text);
        }
    }
    Ok(all)
}

/// A text of several lines; `None` where it is blank.
pub(crate) fn check_notes(path: &str, text: Option<&str>) -> Result<Option<String>> {
    let Some(text) = text.map(str::trim).filter(|t| !t.is_empty()) else { return Ok(None) };
    if text.chars().count() > MAX_NOTES_CHARS {
        return Err(invalid_at(path, format!("{path} must have at most {MAX_NOTES_CHARS} characters")));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
        return Err(invalid_at(path, format!("{path} must be plain text without control characters")));
    }
    Ok(Some(text.to_owned()))
}

/// True if a text may be looked up as an id: not every text can be sent to every database.
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_DOCUMENT_ID_BYTES && !text.chars().any(is_hidden)
}

/// A document id that may be looked up.
pub(crate) fn check_document_id(path: &str, text: &str) -> Result<String> {
    if !is_id(text) {
        return Err(invalid_at(path, format!("{path} must be the documentId of a file")));
    }
    Ok(text.to_owned())
}

/// The instant of a day or local time in a zone, with the name of the zone.
pub(crate) fn resolve_local(path: &str, text: &str, zone: Option<&str>, edge: SpanEdge) -> Result<(i64, String)> {
    let zone = zone.ok_or_else(|| invalid_at("zone", "zone is required for dates without a time"))?;
    let zone = zone::parse_zone(zone).map_err(|e| invalid_at("zone", e.to_string()))?;
    let at = resolve_instant(text, zone, edge).map_err(|e| invalid_at(path, e))?;
    Ok((at, zone.name().to_owned()))
}
