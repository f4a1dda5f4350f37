//! Who puts seals on PDFs: the seam for it. A sealing profile of the operator's (key, certificate, time stamps) leads to a [`Sealer`]; the
//! host finds it, has checked the grant by then, and remembers what each key was answered. Keys never come near a plugin.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
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
    /// Whose certificate it was.
    pub certificate_subject: String,
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

/// Seals PDFs by one profile.
pub trait Sealer: Send + Sync {
    /// Seals one. It may take as long as the plugin's call has, and is dropped then.
    fn seal<'a>(&'a self, pdf: Bytes, wish: &'a SealWish) -> BoxFuture<'a, Result<Sealed, Unsealed>>;
}

/// Those of a tenant, by the names of their profiles.
pub(crate) type Sealers = Arc<HashMap<String, Arc<dyn Sealer>>>;
