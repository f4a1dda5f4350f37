//! Tasks for the program.

use serde::{Deserialize, Serialize};

/// A task. Bytes that belong to it (templates, PDFs, pictures) are sent with it, in the order that each variant says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Task {
    /// Makes a PDF from a template. Bytes: those of [`Render::sources`], in their order.
    Render(Render),
    /// Finds marked places and form fields. Bytes: one PDF.
    Locate,
    /// Fills them, and makes the values a part of the page. Bytes: the PDF, then the pictures that values name.
    Fill {
        /// Fields to fill, with their values.
        fields: Vec<Filled>,
    },
    /// Draws values at positions, and makes them a part of the page. Bytes: the PDF, then the pictures that values name.
    PlaceValues {
        /// Values, in the order in which they are drawn.
        values: Vec<ValuePlacement>,
    },
    /// Draws a page as a picture. Bytes: one PDF.
    DrawPage {
        /// Number of the page, from 1.
        page: u32,
        /// Width of the picture in pixels.
        width: u32,
    },
    /// Reads the sizes of the pages, the form and the signatures. Bytes: one PDF.
    Inspect,
    /// Reads the text of the pages. Bytes: one PDF.
    ReadText,
    /// Puts PDFs one after another. Bytes: the PDFs.
    Merge,
    /// Adds a signature field with room for a signature, as an incremental update. Bytes: the PDF.
    ReserveSeal(SealPlace),
    /// Reads the signatures. Bytes: one PDF.
    ReadSeals,
}

/// A signature that room is to be made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealPlace {
    /// Field that it is put into or shown in the place of, as in [`crate::FieldBox::name`]; `None`: it is invisible.
    pub field: Option<String>,
    /// Name of the signer.
    pub name: String,
    /// Reason, shown with the signature.
    pub reason: String,
    /// Place, shown with the signature.
    pub location: Option<String>,
    /// Time that is claimed, in milliseconds since 1970.
    pub at: i64,
    /// Room for the signature, in bytes.
    pub room: u32,
    /// True if later changes are forbidden (DocMDP 1).
    pub final_seal: bool,
}

/// A template to be rendered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Render {
    /// Path of the main source, among `sources`: `/report.nl.typ`.
    pub main: String,
    /// All files that the template may read.
    pub sources: Vec<Source>,
    /// Standard that the PDF conforms to.
    pub profile: Profile,
    /// Locale: `sys.inputs.locale` of the template.
    pub locale: String,
    /// Time of the PDF, in milliseconds since 1970: its date, and what the template's `datetime.today()` is.
    pub at: i64,
}

/// A file that a template may read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Absolute path for the template, `/logo.svg`.
    pub path: String,
    /// Attachment that it becomes in the PDF; `None`: it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attach: Option<Attached>,
}

/// A file inside a PDF.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attached {
    /// Name that readers show.
    pub name: String,
    /// MIME type, such as `text/xml`.
    pub media_type: String,
}

/// The standard that a PDF conforms to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// PDF 1.7, without a standard for archives.
    Pdf,
    /// PDF/A-2b, for archives.
    #[serde(rename = "pdf-a-2b")]
    PdfA2b,
    /// PDF/A-3b: for archives, with attachments.
    #[serde(rename = "pdf-a-3b")]
    PdfA3b,
}

impl Profile {
    /// Parses the name that plugins use; `None` for another.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "pdf" => Some(Self::Pdf),
            "pdf-a-2b" => Some(Self::PdfA2b),
            "pdf-a-3b" => Some(Self::PdfA3b),
            _ => None,
        }
    }
}

/// A field and its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filled {
    /// Name, as in [`crate::FieldBox::name`].
    pub name: String,
    /// Value to fill in.
    pub value: Value,
}

/// A value and its position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValuePlacement {
    /// Number of the page, from 1.
    pub page: u32,
    /// Left, top, width and height in points, as in [`crate::FieldBox::place`].
    pub place: (f64, f64, f64, f64),
    /// Value to draw.
    pub value: Value,
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// Text, in the largest size that fits.
    Text(String),
    /// A tick, or none.
    Checked(bool),
    /// The picture with this number among the bytes, where the PDF is 0.
    Image(usize),
}
