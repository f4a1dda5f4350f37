//! Signatures: the key is the publisher.

mod key;
mod rotation;
mod trust;

#[cfg(test)]
mod tests;

pub use key::{KeyPair, KeyProblem, PublicKey};
pub(crate) use key::{Kind, decode, encode};
pub use rotation::Rotation;
pub use trust::{Candidate, Decision, Installed, Policy, Refusal, Signed, decide};
