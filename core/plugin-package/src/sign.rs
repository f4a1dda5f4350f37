//! Signatures: the key is the publisher.

mod key;
mod rotation;
mod trust;

#[cfg(test)]
mod tests;

pub use key::{KeyPair, KeyProblem, PublicKey};
pub(crate) use key::{SignatureKind, decode, encode};
pub use rotation::Rotation;
pub use trust::{
    InstalledVersion, SignatureStatus, TrustCandidate, TrustDecision, TrustPolicy, TrustRefusal, decide_trust,
};
