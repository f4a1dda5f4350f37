//! Responses of the content core, as routes pass them on.

use cairn_http::error::WireError;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Response of the content core. Its entries stay as they are: a decimal has more digits than a double.
#[derive(Deserialize)]
pub(super) struct ParsedAnswer {
    pub(super) data: Box<RawValue>,
    #[serde(default)]
    pub(super) meta: Map<String, Value>,
}

pub(super) fn parse_answer(body: &[u8]) -> Result<ParsedAnswer, WireError> {
    serde_json::from_slice(body).map_err(WireError::internal)
}
