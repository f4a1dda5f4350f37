//! `Upload-Metadata`: information about the file of an upload.

use crate::input::{check_text, invalid_at};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_content::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Longest name and content type, in bytes.
const MAX_NAME_BYTES: usize = 1_000;

/// Information about the file. Unknown keys are ignored, since clients send keys of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UploadMetadata {
    /// File name on the sender's side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// Content type that the sender declares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filetype: Option<String>,
    /// Display name in the library.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Alternative text of the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative_text: Option<String>,
    /// Caption of the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Id of the folder that it is stored in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<i64>,
    /// True if it is private; `None`: as the folder says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private: Option<bool>,
}

impl UploadMetadata {
    /// Parses the header: keys, each with its value in base64, separated by commas. Fails with 400, naming the key.
    pub fn parse(header: &str) -> Result<Self> {
        let mut metadata = Self::default();
        for pair in header.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
            let path = format!("Upload-Metadata: {key}");
            let bytes =
                STANDARD.decode(value.trim()).map_err(|_| invalid_at(&path, format!("{path} is not valid Base64")))?;
            let value =
                String::from_utf8(bytes).map_err(|_| invalid_at(&path, format!("{path} is not valid UTF-8")))?;
            let line = |value: String| {
                if value.len() > MAX_NAME_BYTES || value.chars().any(char::is_control) {
                    return Err(invalid_at(
                        &path,
                        format!("{path} must be a single line of at most {MAX_NAME_BYTES} bytes"),
                    ));
                }
                Ok(Some(value).filter(|v| !v.trim().is_empty()))
            };
            match key {
                "filename" => metadata.filename = line(value)?,
                "filetype" => metadata.filetype = line(value)?,
                "name" => metadata.name = line(value)?,
                "alternativeText" => metadata.alternative_text = check_text(&path, Some(&value))?,
                "caption" => metadata.caption = check_text(&path, Some(&value))?,
                "folder" => {
                    let folder =
                        value.parse().map_err(|_| invalid_at(&path, format!("{path} must be the id of a folder")))?;
                    metadata.folder = Some(folder).filter(|f| *f != 0);
                }
                "private" => {
                    metadata.private = match value.as_str() {
                        "true" => Some(true),
                        "false" => Some(false),
                        _ => return Err(invalid_at(&path, format!("{path} must be true or false"))),
                    }
                }
                _ => {}
            }
        }
        Ok(metadata)
    }

    /// The form that is stored and returned.
    pub fn to_json(&self) -> Json {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Parses the result of [`Self::to_json`].
    pub(crate) fn from_json(json: &Json) -> Self {
        serde_json::from_value(json.clone()).unwrap_or_default()
    }
}
