//! What the program is asked to do.

use serde::{Deserialize, Serialize};

/// A task. Bytes that belong to it (templates, PDFs, pictures) come beside it, in the order that each variant says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Task {
    /// Makes a PDF of a template. Bytes: those of [`Render::sources`], in their order.
    Render(Render),
    /// Tells marked places and form fields. Bytes: one PDF.
    Locate,
    /// Fills them, and makes them a part of the page. Bytes: the PDF, then the pictures that values name.
    Fill {
        /// What goes where.
        fields: Vec<Filled>,
    },
    /// Puts PDFs one after another. Bytes: the PDFs.
    Merge,
}

/// A template to be filled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Render {
    /// The path of the source to begin with, among `sources`: `/report.nl.typ`.
    pub main: String,
    /// All that the template may read, and nothing else is there.
    pub sources: Vec<Source>,
    /// Which standard the PDF keeps.
    pub profile: Profile,
    /// `sys.inputs.locale` of the template.
    pub locale: String,
    /// When it is made, in milliseconds since 1970: the date in the PDF, and what the template's `datetime.today()` is.
    pub at: i64,
}

/// A file that a template may read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Its absolute path there, `/logo.svg`.
    pub path: String,
    /// Where it becomes an attachment of the PDF: as what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attach: Option<Attached>,
}

/// A file inside a PDF.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attached {
    /// As readers show it.
    pub name: String,
    /// `text/xml`.
    pub media_type: String,
}

/// Which standard a PDF keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// PDF 1.7.
    Pdf,
    /// PDF/A-2b: to be kept for long.
    #[serde(rename = "pdf-a-2b")]
    PdfA2b,
    /// PDF/A-3b: the same, with files in it.
    #[serde(rename = "pdf-a-3b")]
    PdfA3b,
}

impl Profile {
    /// By the name that plugins use; `None` for another.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "pdf" => Some(Self::Pdf),
            "pdf-a-2b" => Some(Self::PdfA2b),
            "pdf-a-3b" => Some(Self::PdfA3b),
            _ => None,
        }
    }
}

/// A field and what goes into it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filled {
    /// As [`crate::FieldBox::name`] says.
    pub name: String,
    /// What.
    pub value: Value,
}

/// What goes into a field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// Text, as large as fits.
    Text(String),
    /// A tick, or none.
    Checked(bool),
    /// The picture with this number among the bytes, the PDF being 0.
    Image(usize),
}
