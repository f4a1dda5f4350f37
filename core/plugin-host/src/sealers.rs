//! Who puts seals on PDFs: the seam for it. The host keeps the operator's keys (`cairn-seals`), checks the grant, has the audit log know before a key is
//! used, lends the profile to the [`Sealer`], and remembers what each key was answered. Keys never come near a plugin.

use bytes::Bytes;
use cairn_seals::SealProfile;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// PAdES baseline levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SealLevel {
    /// Signed.
    BB,
    /// With a time stamp.
    BT,
    /// With what is needed to check it later.
    BLt,
    /// And a time stamp over that.
    BLta,
}

/// How a PDF is to be sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealWish {
    /// Which plugin asks.
    pub plugin: String,
    /// Its name for this seal.
    pub key: String,
    /// How far it goes.
    pub level: SealLevel,
    /// Shown with it.
    pub reason: String,
    /// Shown with it.
    pub location: Option<String>,
    /// The field it is put into; `None`: it is not to be seen.
    pub field: Option<String>,
    /// Later changes are to be refused.
    pub final_seal: bool,
}

/// A PDF that was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// All of it.
    pub pdf: Bytes,
    /// When, in milliseconds.
    pub signed_at: i64,
    /// How far it went.
    pub level: SealLevel,
}

/// Why a PDF was not sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsealed {
    /// It cannot be, as it is: for the plugin.
    Refused(String),
    /// Somebody who is needed does not answer: after so long it may be tried again.
    Later(Option<Duration>),
    /// Something is wrong here: for the operator's log.
    Fault(String),
}

/// Makes seals: signs with the key of a profile, which it is lent for one seal, and writes that into the PDF.
pub trait Sealer: Send + Sync {
    /// Seals one. It may take as long as the plugin's call has, and is dropped then.
    fn seal<'a>(
        &'a self,
        pdf: Bytes,
        wish: &'a SealWish,
        profile: &'a SealProfile,
    ) -> BoxFuture<'a, Result<Sealed, Unsealed>>;
}
