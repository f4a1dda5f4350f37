//! Signatures of PDFs as CMS (PAdES baseline, `ETSI.CAdES.detached`): writes them, with time stamps, and verifies them. Knows no PDF,
//! no private key and no clock, and does no I/O: the caller passes digests and instants, signs the message that it is given and fetches
//! time stamps.

mod algorithms;
mod asn1;
mod certificates;
mod oids;
mod pending_signature;
mod report;
mod signed_data;
#[cfg(test)]
mod testing;
mod time_stamp;
mod trust;
mod verification;

pub use algorithms::{DigestAlgorithm, SignatureAlgorithm};
pub use asn1::MalformedError;
pub use certificates::find_invalid_certificate;
pub use pending_signature::{PendingSignature, SignedMessage, SigningError};
pub use report::{SignatureLevel, SignatureReport, Verdict};
pub use time_stamp::{TimeStampError, TimeStampRequest};
pub use trust::{TrustAnchors, TrustFileError};
pub use verification::{SignatureKind, verify_signature};
