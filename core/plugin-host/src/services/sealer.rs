//! Seals on PDFs: the interface of their implementation. The host holds the operator's keys (`cairn-seals`), checks the grant,
//! writes to the audit log before a key is used, lends the profile to the [`Sealer`], and stores the result for each key.
//! Signing keys never reach a plugin.

use bytes::Bytes;
use cairn_seals::SealProfile;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// PAdES baseline levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SealLevel {
    /// Basic signature.
    BB,
    /// Signature with a time stamp.
    BT,
    /// Signature with a time stamp and the data needed to verify it later.
    BLt,
    /// The same, with another time stamp over all of it.
    BLta,
}

/// A request to seal a PDF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealOptions {
    /// Id of the plugin that requests it.
    pub plugin: String,
    /// The plugin's name for this seal.
    pub key: String,
    /// Requested level.
    pub level: SealLevel,
    /// Reason, shown with the seal.
    pub reason: String,
    /// Place, shown with the seal.
    pub location: Option<String>,
    /// Form field that the seal is put into; `None`: it is invisible.
    pub field: Option<String>,
    /// True if later changes are forbidden.
    pub final_seal: bool,
}

/// A PDF with its seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPdf {
    /// The whole file, seal included.
    pub pdf: Bytes,
    /// Time of the seal, in milliseconds since 1970.
    pub signed_at: i64,
    /// Level that was reached.
    pub level: SealLevel,
}

/// Why a PDF was not sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PdfSealError {
    /// The request cannot be fulfilled; the message is for the plugin.
    Refused(String),
    /// A service that is needed does not respond; try again after that time.
    Later(Option<Duration>),
    /// Something is wrong in this installation; the message is for the operator's log.
    Fault(String),
}

/// Makes seals: signs with the key of a profile, which is lent to it for one seal, and writes the seal into the PDF.
pub trait Sealer: Send + Sync {
    /// Why no PDF can be sealed with a profile at that level now; `None` if it can be.
    fn find_problem(&self, profile: &SealProfile, level: SealLevel) -> Option<String>;

    /// Seals a PDF. May take as long as the plugin's call has, and is dropped then.
    fn seal_pdf<'a>(
        &'a self,
        pdf: Bytes,
        wish: &'a SealOptions,
        profile: &'a SealProfile,
    ) -> BoxFuture<'a, Result<SealedPdf, PdfSealError>>;
}
