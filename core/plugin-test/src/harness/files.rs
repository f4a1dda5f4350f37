//! Files that the plugin has stored, and what is in them.

use super::TestHarness;
use crate::error::{TestError, to_test_error};
use bytes::Bytes;
use cairn_pades::TrustAnchors;
use cairn_plugin_host::{PdfProgram, SignatureFinding};
use cairn_store::StoreError;
use cairn_store::assets::AssetBlob;
use serde::Serialize;
use std::time::{Duration, Instant};

/// Longest time of reading a PDF.
const MAX_PDF_TIME: Duration = Duration::from_secs(60);
/// MIME type of PDFs.
const PDF_TYPE: &str = "application/pdf";
/// Uid of the type of files.
const FILE_UID: &str = "plugin::upload.file";

/// A file that the plugin has stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredFile {
    /// Id of the file's document.
    pub document_id: String,
    /// Display name.
    pub name: Option<String>,
    /// MIME type.
    pub r#type: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Content of a text; of a PDF the text of its pages.
    pub text: Option<String>,
    /// Pages, if it is a PDF.
    pub pages: Option<Vec<PdfPage>>,
    /// Signatures, if it is a PDF.
    pub signatures: Option<Vec<PdfSignature>>,
}

/// A page of a PDF.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PdfPage {
    /// Text of the page, line by line.
    pub text: String,
}

/// A signature of a PDF.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PdfSignature {
    /// Name of the form field.
    pub field: String,
    /// Name of the certificate's owner.
    pub signer: String,
    /// `valid`, `invalid` or `unknown`, by the sealing profiles of the test.
    pub verdict: &'static str,
    /// True if nothing follows what is signed.
    pub covers_whole_file: bool,
    /// Reasons for the verdict.
    pub notes: Vec<String>,
}

impl From<SignatureFinding> for PdfSignature {
    fn from(finding: SignatureFinding) -> Self {
        let SignatureFinding { field, signer, covers_whole_file, verdict, notes, .. } = finding;
        Self { field, signer, verdict: verdict.as_str(), covers_whole_file, notes }
    }
}

impl TestHarness {
    /// Reads a file by its id.
    ///
    /// # Errors
    /// A file that does not exist; a PDF that cannot be read, or `cairn-pdf` missing.
    pub async fn read_file(&self, id: &str) -> Result<StoredFile, TestError> {
        let (blob, name) = self.find_file(id).await?;
        let (key, read_object) = (blob.blob, self.files.object_reader());
        let content = tokio::task::spawn_blocking(move || read_object(&key)).await.map_err(to_test_error)?;
        let content = content.map_err(to_test_error)?;
        let content = content.ok_or_else(|| TestError(format!("the content of the file {id} is missing")))?;
        let mut file = StoredFile {
            document_id: id.to_owned(),
            name,
            bytes: content.len() as u64,
            text: is_text(&blob.mime).then(|| String::from_utf8_lossy(&content).into_owned()),
            pages: None,
            signatures: None,
            r#type: blob.mime,
        };
        if file.r#type == PDF_TYPE {
            let (pages, signatures) = self.read_pdf(content.into()).await?;
            file.text = Some(pages.join("\n"));
            file.pages = Some(pages.into_iter().map(|text| PdfPage { text }).collect());
            file.signatures = Some(signatures.into_iter().map(PdfSignature::from).collect());
        }
        Ok(file)
    }

    /// The original of a file, and its display name.
    async fn find_file(&self, id: &str) -> Result<(AssetBlob, Option<String>), TestError> {
        let found = self.content.store().read(|r| {
            let Some(asset) = r.assets().get(id)? else { return Ok::<_, StoreError>(None) };
            let blobs = r.assets().list_blobs(id, asset.number)?;
            Ok(blobs.into_iter().find(|blob| blob.variant.is_empty()))
        });
        let blob = found.map_err(to_test_error)?.ok_or_else(|| TestError(format!("there is no file {id}")))?;
        let rows = self.find_rows(FILE_UID, &format!("filters[documentId]={id}")).await?;
        Ok((blob, rows.first().and_then(|row| row["name"].as_str()).map(str::to_owned)))
    }

    /// The text of each page, and the signatures: by the sealing profiles of the test.
    async fn read_pdf(&self, pdf: Bytes) -> Result<(Vec<String>, Vec<SignatureFinding>), TestError> {
        let program: PdfProgram = self.pdf.clone().ok_or_else(|| {
            TestError(
                "reading a PDF needs the program cairn-pdf, which was not found: place it next to the cairn program"
                    .to_owned(),
            )
        })?;
        let mut trust = TrustAnchors::default();
        for certificate in self.content.store().read(cairn_seals::list_certificates).map_err(to_test_error)? {
            trust.add_der(&certificate).map_err(to_test_error)?;
        }
        let now = self.now().timestamp_millis();
        let read = move || {
            let until = Instant::now() + MAX_PDF_TIME;
            let pages = program.read_text(&pdf, until).map_err(to_test_error)?;
            Ok((pages, program.verify_signatures(&pdf, &trust, now, until).map_err(to_test_error)?))
        };
        tokio::task::spawn_blocking(read).await.map_err(to_test_error)?
    }
}

/// True if a file of this MIME type is a text.
fn is_text(mime: &str) -> bool {
    const TEXTS: [&str; 4] = ["application/json", "application/xml", "application/javascript", "image/svg+xml"];
    mime.starts_with("text/") || TEXTS.contains(&mime) || mime.ends_with("+json") || mime.ends_with("+xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_from_other_files() {
        for mime in
            ["text/plain", "text/csv; charset=utf-8", "application/json", "application/ld+json", "image/svg+xml"]
        {
            assert!(is_text(mime), "{mime}");
        }
        for mime in ["application/pdf", "image/png", "application/octet-stream", ""] {
            assert!(!is_text(mime), "{mime}");
        }
    }
}
