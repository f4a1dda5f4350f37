//! Results of the program.

use serde::{Deserialize, Serialize};

/// The result of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Answer {
    /// A PDF, whose bytes follow.
    Pdf {
        /// Number of pages.
        pages: u32,
    },
    /// The fields of a PDF.
    Fields {
        /// Fields, from the first page to the last.
        fields: Vec<FieldBox>,
    },
    /// The task cannot be done, because of its input.
    Refused {
        /// Reasons; at least one.
        problems: Vec<Problem>,
    },
}

/// A place in a PDF that can be filled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldBox {
    /// Name: `sign:buyer` of a marked place `{{sign:buyer}}`; the whole name of a form field.
    pub name: String,
    /// Number of the page, from 1.
    pub page: u32,
    /// Left, top, width and height in points, from the upper left corner of the page as it is shown.
    pub place: (f64, f64, f64, f64),
}

/// A problem of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Path of the source: `/report.nl.typ`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line and column in the source, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<(u32, u32)>,
    /// Description of the problem.
    pub message: String,
    /// Advice on what to do instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
}

impl Problem {
    /// A problem without a position.
    pub fn of(message: impl Into<String>) -> Self {
        Self { file: None, at: None, message: message.into(), hints: Vec::new() }
    }
}
