//! PDFs of templates, and what is done with PDFs. In jobs and routes, and not in an open transaction. What comes of it is a file of the
//! plugin's own.

use crate::bindings::pdf as raw;
use crate::bindings::templates::Template;
use crate::{FileId, Result};
use serde::Serialize;

pub use raw::{
    FieldBox, FieldValue, Finding, FormKind, Inspection, Pades, PageSize, PlacedField, PlacedValue, SealRequest,
    SealedFile, SealingProfile,
};

/// A PDF by the template `templates/<name>.<locale>.typ` of the package, which will be called `file_name`.
#[must_use = "a PDF is nothing until it is rendered"]
pub fn pdf(template: impl Into<String>, file_name: impl Into<String>) -> Pdf {
    let request = raw::RenderRequest {
        template: Template::Named(template.into()),
        model: "{}".to_owned(),
        locale: "en".to_owned(),
        file_name: file_name.into(),
        profile: "pdf".to_owned(),
        attachments: Vec::new(),
    };
    Pdf { request }
}

/// A PDF in the making.
#[derive(Debug, Clone)]
#[must_use = "a PDF is nothing until it is rendered"]
pub struct Pdf {
    request: raw::RenderRequest,
}

impl Pdf {
    /// Typst source kept in content, in place of a template of the package.
    pub fn inline(mut self, source: impl Into<String>) -> Self {
        self.request.template = Template::Inline(source.into());
        self
    }

    /// The language it is written in.
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.request.locale = locale.into();
        self
    }

    /// `pdf-a-2b`, or `pdf-a-3b`, which has the attachments in it; else it is `pdf`.
    pub fn profile(mut self, profile: impl Into<String>) -> Self {
        self.request.profile = profile.into();
        self
    }

    /// A file that the template may read, as `/files/<id>`.
    pub fn attach(mut self, file: FileId) -> Self {
        self.request.attachments.push(file);
        self
    }

    /// Makes it, with the model that the template finds in `/data.json`, and returns its file.
    ///
    /// # Errors
    /// What the host says: `Invalid` with file, line and column where the template is wrong, `Exhausted` where it takes too long.
    pub fn render(mut self, model: &impl Serialize) -> Result<FileId> {
        self.request.model = serde_json::to_string(model)?;
        raw::render_pdf(&self.request)
    }
}

/// Fields of templates (`#sign:buyer`), marks (`{{sign:buyer}}`) and form fields of a PDF, page by page, from above. Marks are text that anybody
/// may have written: in documents made of data, use fields of templates alone.
///
/// # Errors
/// `Invalid` for what is no PDF, `NotFound` where there is no file that the plugin may see.
pub fn locate(file: &str) -> Result<Vec<FieldBox>> {
    raw::locate_fields(file)
}

/// A new file with the fields filled and made a part of the pages.
///
/// # Errors
/// `Invalid` for a field that it has not.
pub fn fill(file: &str, fields: &[(&str, FieldValue)]) -> Result<FileId> {
    let fields: Vec<PlacedField> =
        fields.iter().map(|(name, value)| PlacedField { name: (*name).to_owned(), value: value.clone() }).collect();
    raw::fill(file, &fields)
}

/// A new file with values drawn at positions of its pages. A form is flattened.
///
/// # Errors
/// `Invalid` with the index of the value for a page that is missing, a box that is not on its page, and a picture that cannot be
/// read, and for a file that is signed.
pub fn place_values(file: &str, values: &[PlacedValue]) -> Result<FileId> {
    raw::place_values(file, values)
}

/// A PNG of a page as it is displayed. The first page is 1; the width is in pixels, 16 to 2000.
///
/// # Errors
/// `Invalid` for a page that is missing, and for a picture that would be too large.
pub fn draw_page(file: &str, page: u32, width: u32) -> Result<FileId> {
    raw::draw_page(file, page, width)
}

/// The pages of a PDF, its hash, its form and its signatures.
///
/// # Errors
/// `Invalid` with the code `damaged`, `encrypted`, `no-pages`, `too-complex` or `too-many-pages` for a file that cannot be used.
pub fn inspect(file: &str) -> Result<Inspection> {
    raw::inspect(file)
}

/// PDFs one after another in a new file.
///
/// # Errors
/// As [`locate`].
pub fn merge(files: &[FileId], file_name: &str) -> Result<FileId> {
    raw::merge(files, file_name)
}

/// Seals a PDF with a profile of the operator's. Only in jobs.
///
/// # Errors
/// `Denied` where there is no such profile, or none that was granted.
pub fn seal(request: &SealRequest) -> Result<SealedFile> {
    raw::seal(request)
}

/// A sealing profile of the operator's: until when its certificate is valid, and whether it can seal at that level now.
///
/// # Errors
/// `Denied` for a profile that was not granted, `NotFound` where the operator has none of that name.
pub fn find_sealing_profile(profile: &str, level: Pades) -> Result<SealingProfile> {
    raw::find_sealing_profile(profile, level)
}

/// The signatures of a PDF.
///
/// # Errors
/// `Unavailable` where the host cannot check any.
pub fn verify(file: &str) -> Result<Vec<Finding>> {
    raw::verify(file)
}
