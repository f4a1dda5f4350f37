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
    /// A PDF with room for a signature, whose bytes follow.
    Reserved {
        /// Beginning and end of the room, with the angle brackets around it: everything else is to be signed.
        hole: (u64, u64),
    },
    /// The signatures of a PDF.
    Seals {
        /// Signatures, by the end of what they cover.
        seals: Vec<ReadSeal>,
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

/// A signature of a PDF, as it is written there: what it covers was checked, the signature itself was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadSeal {
    /// Whole name of the form field.
    pub field: String,
    /// Format of the signature, such as `ETSI.CAdES.detached`.
    pub sub_filter: String,
    /// Beginning and end of the room with the signature, with its angle brackets, and the end of what is signed; `None` where the
    /// `ByteRange` is not one that covers all but the signature.
    pub covers: Option<(u64, u64, u64)>,
    /// True if nothing follows what is signed.
    pub covers_whole_file: bool,
    /// Time that the signer claims, in milliseconds since 1970.
    pub claimed_at: Option<i64>,
    /// Name that the signer claims.
    pub claimed_name: Option<String>,
    /// Reason that the signer gives.
    pub reason: Option<String>,
    /// True if it forbids later changes (DocMDP 1).
    pub final_seal: bool,
    /// Contradictions that make it worthless.
    pub problems: Vec<String>,
    /// Reasons why it cannot be said that the document is as it was signed.
    pub doubts: Vec<String>,
    /// Harmless facts.
    pub notes: Vec<String>,
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
