//! `Upload-Metadata`: what is said about a file that is to come.

use crate::input::{invalid_at, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_content::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Longest name and content type, in bytes.
const NAME: usize = 1_000;

/// What is said about the file. Keys that are not known are ignored, as clients send keys of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Metadata {
    /// What it is called where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// Its content type, as the sender thinks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filetype: Option<String>,
    /// What it is to be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the picture shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative_text: Option<String>,
    /// Shown beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// The folder it goes into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<i64>,
    /// Whether it is private; where nothing is said as the folder is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private: Option<bool>,
}

impl Metadata {
    /// Of the header: keys, each with its value in base64, with commas between them.
    ///
    /// # Errors
    /// 400 naming the key.
    pub fn parse(header: &str) -> Result<Self> {
        let mut said = Self::default();
        for pair in header.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
            let path = format!("Upload-Metadata: {key}");
            let bytes = STANDARD.decode(value.trim()).map_err(|_| invalid_at(&path, format!("{path} is no base64")))?;
            let value = String::from_utf8(bytes).map_err(|_| invalid_at(&path, format!("{path} is no UTF-8")))?;
            let line = |value: String| {
                if value.len() > NAME || value.chars().any(char::is_control) {
                    return Err(invalid_at(&path, format!("{path} must be one line of at most {NAME} bytes")));
                }
                Ok(Some(value).filter(|v| !v.trim().is_empty()))
            };
            match key {
                "filename" => said.filename = line(value)?,
                "filetype" => said.filetype = line(value)?,
                "name" => said.name = line(value)?,
                "alternativeText" => said.alternative_text = text(&path, Some(&value))?,
                "caption" => said.caption = text(&path, Some(&value))?,
                "folder" => {
                    let folder = value
                        .parse()
                        .map_err(|_| invalid_at(&path, format!("{path} must be the number of a folder")))?;
                    said.folder = Some(folder).filter(|f| *f != 0);
                }
                "private" => {
                    said.private = match value.as_str() {
                        "true" => Some(true),
                        "false" => Some(false),
                        _ => return Err(invalid_at(&path, format!("{path} must be true or false"))),
                    }
                }
                _ => {}
            }
        }
        Ok(said)
    }

    /// As it is kept and shown.
    pub fn to_json(&self) -> Json {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// What [`Self::to_json`] wrote.
    pub(crate) fn of_json(json: &Json) -> Self {
        serde_json::from_value(json.clone()).unwrap_or_default()
    }
}
