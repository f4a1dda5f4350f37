//! Recipients and fields of a draft as people and programs fill them in.

use crate::draft_check::FieldArea;
use crate::envelope_state::Role;
use crate::field_kind::FieldKind;
use serde::Deserialize;
use serde_json::{Value, json};

/// A recipient as people fill it in.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct RecipientForm {
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) email: String,
    #[serde(default)]
    pub(crate) role: Role,
    pub(crate) group: Option<i64>,
    pub(crate) language: Option<String>,
}

impl RecipientForm {
    /// The recipient as it is stored with an envelope.
    pub(crate) fn values(&self, envelope: &str) -> Value {
        let language = self.language.as_deref().filter(|language| !language.is_empty());
        json!({
            "envelope": envelope, "name": self.name.trim(), "email": self.email.trim(), "role": self.role, "group": self.group.unwrap_or(1),
            "language": language,
        })
    }
}

/// A field as the page that places it has it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldForm {
    pub(crate) recipient: String,
    #[serde(rename = "type", default)]
    pub(crate) kind: FieldKind,
    #[serde(default)]
    pub(crate) label: String,
    #[serde(default = "yes")]
    pub(crate) required: bool,
    pub(crate) page: i64,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

const fn yes() -> bool {
    true
}

impl FieldForm {
    /// The place of the field on its page.
    pub(crate) const fn area(&self) -> FieldArea {
        FieldArea { page: self.page, x: self.x, y: self.y, width: self.width, height: self.height }
    }

    /// The field as it is stored with an envelope.
    pub(crate) fn values(&self, envelope: &str) -> Value {
        json!({
            "envelope": envelope, "recipient": self.recipient, "type": self.kind, "label": self.label.trim(), "required": self.required,
            "page": self.page, "x": self.x.max(0.0), "y": self.y.max(0.0), "width": self.width, "height": self.height,
        })
    }
}
