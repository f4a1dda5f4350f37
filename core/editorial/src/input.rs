//! Parsing input: JSON of a known form, texts of bounded length, local times in zones.

use crate::service::{invalid_at, invalid_error};
use cairn_content::Result;
use cairn_events::zone::{self, Fold};
use cairn_store::editorial::DueDate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

/// Longest name or title, in characters.
pub(crate) const MAX_NAME_CHARS: usize = 200;
/// Longest remark, in characters.
pub(crate) const MAX_REMARK_CHARS: usize = 2_000;

/// Parses the body of a request. Errors name the key that does not fit.
/// # Errors
/// 400 for a body that does not fit.
pub fn read_input<T: DeserializeOwned>(json: Json) -> Result<T> {
    serde_json::from_value(json).map_err(|e| invalid_error(format!("The request body is invalid: {e}")))
}

/// Distinguishes a key that is `null` from one that is missing.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(d).map(Some)
}

/// Parses one line of text.
pub(crate) fn check_line(path: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_NAME_CHARS || text.chars().any(char::is_control) {
        return Err(invalid_at(path, format!("{path} must be a single line of 1 to {MAX_NAME_CHARS} characters")));
    }
    Ok(text.to_owned())
}

/// Parses one line, or `None` if it is blank.
pub(crate) fn optional_line(path: &str, text: Option<&str>) -> Result<Option<String>> {
    text.filter(|t| !t.trim().is_empty()).map(|t| check_line(path, t)).transpose()
}

/// Parses a text of several lines, or `None` if it is blank.
pub(crate) fn check_remark(path: &str, text: Option<&str>, most: usize) -> Result<Option<String>> {
    let Some(text) = text.map(str::trim).filter(|t| !t.is_empty()) else { return Ok(None) };
    if text.chars().count() > most {
        return Err(invalid_at(path, format!("{path} must have at most {most} characters")));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t' && c != '\r') {
        return Err(invalid_at(path, format!("{path} must be plain text without control characters")));
    }
    Ok(Some(text.to_owned()))
}

/// A moment, as it is given: a local time in a zone.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = TimeInZone)]
pub struct LocalTime {
    /// `2026-12-01T17:00`.
    pub local_time: String,
    /// `Europe/Amsterdam`.
    pub zone: String,
    /// `earlier` or `later`, of a time that comes twice.
    pub fold: Option<String>,
}

impl LocalTime {
    /// Resolves the local time to a moment.
    pub(crate) fn resolve(&self, path: &str) -> Result<DueDate> {
        let fold = match self.fold.as_deref() {
            None => None,
            Some("earlier") => Some(Fold::Earlier),
            Some("later") => Some(Fold::Later),
            Some(_) => return Err(invalid_at(&format!("{path}.fold"), "fold must be \"earlier\" or \"later\"")),
        };
        let zone = zone::parse_zone(&self.zone).map_err(|e| invalid_at(&format!("{path}.zone"), e.to_string()))?;
        let at = zone::resolve_local_time(&self.local_time, zone, fold)
            .map_err(|e| invalid_at(&format!("{path}.localTime"), e.to_string()))?;
        Ok(DueDate { at: at.timestamp_millis(), local: self.local_time.clone(), zone: zone.name().to_owned() })
    }
}
