//! What the program answers.

use serde::{Deserialize, Serialize};

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Answer {
    /// A PDF, whose bytes follow.
    Pdf {
        /// How many pages it has.
        pages: u32,
    },
    /// The fields of one.
    Fields {
        /// From the first page to the last.
        fields: Vec<FieldBox>,
    },
    /// It cannot be done, because of what was sent.
    Refused {
        /// Why; at least one.
        problems: Vec<Problem>,
    },
}

/// A place in a PDF that can be filled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldBox {
    /// `sign:buyer` of a marked place `{{sign:buyer}}`; the whole name of a form field.
    pub name: String,
    /// Which page, the first being 1.
    pub page: u32,
    /// Left, top, width and height in points, from the upper left corner of the page as it is shown.
    pub place: (f64, f64, f64, f64),
}

/// Something that is wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where: `/report.nl.typ`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line and column there, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<(u32, u32)>,
    /// What is wrong.
    pub message: String,
    /// What to do instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
}

impl Problem {
    /// One that is in no place.
    pub fn of(message: impl Into<String>) -> Self {
        Self { file: None, at: None, message: message.into(), hints: Vec::new() }
    }
}
