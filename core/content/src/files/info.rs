//! `fileInfo`: texts and settings of a file that clients send.

use crate::{ContentError, RefusalKind, Result};
use cairn_model::{ContentType, Value};
use cairn_query::{Access, Action};
use serde_json::{Value as Json, json};

/// Longest name in bytes, as for the names that files are uploaded with.
const MAX_NAME_BYTES: usize = 255;

/// Texts and settings of a file. `None` means not sent: an update leaves the value unchanged, a new file has null.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FileInfo {
    /// Display name. A new file has the name of the upload if this is missing or empty.
    pub name: Option<String>,
    /// Description of the picture for people who cannot see it.
    pub alternative_text: Option<String>,
    /// Caption that is shown beside the file.
    pub caption: Option<String>,
    /// The point that matters most in the picture: an object with the numbers `x` and `y`.
    pub focal_point: Option<Json>,
    /// Numeric id of a folder of the library; 0 is its root.
    pub folder: Option<i64>,
    /// True if only those may see it who may read an entry that uses it.
    pub private: Option<bool>,
}

impl FileInfo {
    /// Parses one object of `fileInfo`. Unknown keys are ignored, null means not sent. Fails with 400, naming the key whose
    /// value has the wrong type.
    pub fn parse(input: &Json) -> Result<Self> {
        let Json::Object(object) = input else {
            return Err(ContentError::validation(format!("fileInfo must be an object, not `{input}`")));
        };
        let text = |key: &str| match object.get(key) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(ContentError::validation(format!("fileInfo.{key} must be a string, not `{other}`"))),
        };
        let focal_point = match object.get("focalPoint") {
            None | Some(Json::Null) => None,
            Some(point) if ["x", "y"].iter().all(|k| point.get(k).is_some_and(Json::is_number)) => Some(point.clone()),
            Some(other) => {
                let message = format!("fileInfo.focalPoint must be an object with the numbers x and y, not `{other}`");
                return Err(ContentError::validation(message));
            }
        };
        let folder = match object.get("folder") {
            None | Some(Json::Null) => None,
            // Strapi's admin sends numbers, forms send texts.
            Some(Json::Number(n)) if n.is_i64() => n.as_i64(),
            Some(Json::String(n)) if n.parse::<i64>().is_ok() => n.parse().ok(),
            Some(other) => {
                let message = format!("fileInfo.folder must be the id of a folder, not `{other}`");
                return Err(ContentError::validation(message));
            }
        };
        let private = match object.get("private") {
            None | Some(Json::Null) => None,
            Some(Json::Bool(private)) => Some(*private),
            Some(other) => {
                return Err(ContentError::validation(format!("fileInfo.private must be true or false, not `{other}`")));
            }
        };
        Ok(Self {
            folder,
            private,
            name: text("name")?,
            alternative_text: text("alternativeText")?,
            caption: text("caption")?,
            focal_point,
        })
    }

    /// The values that were sent, by attribute.
    fn given_values(&self) -> impl Iterator<Item = (&'static str, Value)> {
        let text = |t: &Option<String>| t.clone().map(Value::Text);
        let values = [
            ("name", text(&self.name)),
            ("alternativeText", text(&self.alternative_text)),
            ("caption", text(&self.caption)),
            ("focalPoint", self.focal_point.clone().map(Value::Json)),
        ];
        values.into_iter().filter_map(|(name, value)| Some((name, value?)))
    }

    /// Writes the values that were sent to a row's values.
    pub(super) fn apply_to(&self, file: &ContentType, values: &mut [Value]) {
        for (name, value) in self.given_values() {
            if let Some(slot) = file.attributes.get(name).and_then(|(a, _)| values.get_mut(a)) {
                *slot = value;
            }
        }
    }

    /// Refuses values that the caller's role may not set.
    pub(super) fn check_permissions(&self, file: &ContentType, access: &Access, action: Action) -> Result<()> {
        for (name, _) in self.given_values() {
            if !file.attributes.get(name).is_some_and(|(a, _)| access.allows_attribute(file, a, action)) {
                let details = json!({ "key": name, "path": name, "source": "body" });
                return Err(ContentError::refuse(RefusalKind::Validation, format!("Invalid key {name}"), details));
            }
        }
        Ok(())
    }
}

/// Validates a new name of an existing file.
pub(super) fn validate_name(input: &str) -> Result<String> {
    let name = input.trim();
    if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
        let message = format!("fileInfo.name must have 1 to {MAX_NAME_BYTES} bytes and no control characters");
        return Err(ContentError::validation(message));
    }
    Ok(name.to_owned())
}
