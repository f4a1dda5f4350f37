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
    /// The text of a PDF.
    Text {
        /// Text of each page, line by line.
        pages: Vec<String>,
    },
    /// A picture, whose bytes follow: a PNG.
    Picture,
    /// The pages, the form and the signatures of a PDF.
    Inspection(Inspection),
    /// The task cannot be done, because of its input.
    Refused {
        /// Reasons; at least one.
        problems: Vec<Problem>,
    },
}

/// A place in a PDF that can be filled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldBox {
    /// Name: `#sign:buyer` of a field that a template has placed; `sign:buyer` of a marked place `{{sign:buyer}}`; the whole name of a form
    /// field.
    pub name: String,
    /// Number of the page, from 1.
    pub page: u32,
    /// Left, top, width and height in points, from the upper left corner of the page as it is shown.
    pub place: (f64, f64, f64, f64),
}

/// The pages, the form and the signatures of a PDF.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// Width and height of each page in points, as it is shown.
    pub pages: Vec<(f64, f64)>,
    /// Kind of its form.
    pub form: FormKind,
    /// Number of signatures.
    pub signatures: u32,
    /// True if a signature forbids later changes (DocMDP 1).
    pub final_seal: bool,
}

/// The kind of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormKind {
    /// The PDF has no form.
    None,
    /// A form that is a part of its pages.
    AcroForm,
    /// A form in XFA.
    Xfa,
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
    /// Code of the problem; `None`: it has none of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ProblemCode>,
    /// Path of the part of the task: `values[3].box`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Description of the problem.
    pub message: String,
    /// Advice on what to do instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
}

impl Problem {
    /// A problem without a position.
    pub fn of(message: impl Into<String>) -> Self {
        Self { file: None, at: None, code: None, path: None, message: message.into(), hints: Vec::new() }
    }

    /// A problem of a PDF that cannot be used.
    pub fn of_pdf(code: ProblemCode, message: impl Into<String>) -> Self {
        Self { code: Some(code), ..Self::of(message) }
    }

    /// A problem of a part of the task, which its path names.
    pub fn at_path(code: ProblemCode, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..Self::of_pdf(code, message) }
    }
}

/// Codes of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemCode {
    /// The bytes are not a PDF, or not a whole one.
    Damaged,
    /// The PDF needs a password, or is protected against a change that would have to be made.
    Encrypted,
    /// The PDF takes too much time or memory to be read.
    TooComplex,
    /// The PDF has no pages.
    NoPages,
    /// The PDF has more pages than are read.
    TooManyPages,
    /// The PDF is signed, and must not be changed.
    Signed,
    /// The PDF has no such page.
    Page,
    /// The picture would be too small or too large.
    Width,
    /// The box is not on its page, or has no area.
    Box,
    /// The value cannot be drawn.
    Value,
}

impl ProblemCode {
    /// The word that plugins read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::Encrypted => "encrypted",
            Self::TooComplex => "too-complex",
            Self::NoPages => "no-pages",
            Self::TooManyPages => "too-many-pages",
            Self::Signed => "signed",
            Self::Page => "page",
            Self::Width => "width",
            Self::Box => "box",
            Self::Value => "value",
        }
    }
}
