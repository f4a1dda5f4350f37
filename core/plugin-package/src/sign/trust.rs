//! Whether a package may be installed on this site: a pure decision, and its reason in a sentence.

use super::{PublicKey, Rotation};
use semver::Version;

/// Which publishers an operator trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Policy {
    /// These and no others.
    List(Vec<PublicKey>),
    /// Whoever signed a plugin's first installation, for that plugin.
    PinOnFirstUse,
}

/// What a package's signature says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// There is none.
    Unsigned,
    /// There is one, and it does not fit the content.
    Wrong,
    /// This key signed the content.
    By(PublicKey),
}

/// The package to decide about.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'p> {
    /// Its version.
    pub version: &'p Version,
    /// What its signature says.
    pub signed: Signed,
    /// The publisher its manifest names.
    pub publisher: Option<PublicKey>,
}

/// The installation of the same plugin that is there.
#[derive(Debug, Clone, Copy)]
pub struct Installed<'p> {
    /// Its version.
    pub version: &'p Version,
    /// The key pinned when it was installed; `None`: it was not signed.
    pub pinned: Option<PublicKey>,
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may be installed; the key to pin from now on.
    Trusted(Option<PublicKey>),
    /// It may not.
    Refused(Refusal),
}

/// Why a package may not be installed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The content is not what was signed.
    #[error(
        "the signature does not fit the content: the package was changed after it was signed, or signed for another one"
    )]
    WrongSignature,
    /// Not signed, and this is no place of development.
    #[error(
        "the package is not signed; sign it with `cairn plugin pack --key`, or install it with --unsigned if it is your own"
    )]
    Unsigned,
    /// Not signed, and the installed one is.
    #[error("the package is not signed, but the installed version is, by {pinned}; remove that one first")]
    NoLongerSigned {
        /// The key pinned.
        pinned: PublicKey,
    },
    /// Signed by another key than plugin.toml names.
    #[error("the package is signed by {signer}, but its plugin.toml names the publisher {publisher}")]
    NotThePublisher {
        /// Who signed.
        signer: PublicKey,
        /// Who should have.
        publisher: PublicKey,
    },
    /// Signed by another key than the installation before.
    #[error(
        "the package is signed by {signer}, but this plugin was installed from {pinned}; if its publisher has a new key, the rotation signed by the old one is needed"
    )]
    OtherPublisher {
        /// Who signed.
        signer: PublicKey,
        /// The key pinned.
        pinned: PublicKey,
    },
    /// Not on the operator's list.
    #[error("the package is signed by {signer}, which is not among the publishers trusted here")]
    NotListed {
        /// Who signed.
        signer: PublicKey,
    },
    /// Older than what is there.
    #[error("version {candidate} is lower than the installed {installed}; say so explicitly to go back")]
    Lower {
        /// The package's version.
        candidate: Version,
        /// The installed version.
        installed: Version,
    },
}

/// Decides about a package. `dev`: this is a place of development. `rotations`: statements at hand, of which those count that lead
/// from a trusted key to the signer's. `go_back`: an operator said that a lower version is meant.
pub fn decide(
    policy: &Policy,
    dev: bool,
    candidate: Candidate<'_>,
    installed: Option<Installed<'_>>,
    rotations: &[Rotation],
    go_back: bool,
) -> Decision {
    match refusal(policy, dev, candidate, installed, rotations, go_back) {
        Some(refusal) => Decision::Refused(refusal),
        None => Decision::Trusted(match candidate.signed {
            Signed::By(key) => Some(key),
            Signed::Unsigned | Signed::Wrong => None,
        }),
    }
}

fn refusal(
    policy: &Policy,
    dev: bool,
    candidate: Candidate<'_>,
    installed: Option<Installed<'_>>,
    rotations: &[Rotation],
    go_back: bool,
) -> Option<Refusal> {
    let pinned = installed.and_then(|i| i.pinned);
    match candidate.signed {
        Signed::Wrong => return Some(Refusal::WrongSignature),
        Signed::Unsigned => {
            if let Some(pinned) = pinned {
                return Some(Refusal::NoLongerSigned { pinned });
            }
            if !dev {
                return Some(Refusal::Unsigned);
            }
        }
        Signed::By(signer) => {
            if let Some(publisher) = candidate.publisher.filter(|publisher| *publisher != signer) {
                return Some(Refusal::NotThePublisher { signer, publisher });
            }
            if let Some(pinned) = pinned.filter(|pinned| !leads(*pinned, signer, rotations)) {
                return Some(Refusal::OtherPublisher { signer, pinned });
            }
            if let Policy::List(keys) = policy
                && !keys.iter().any(|key| leads(*key, signer, rotations))
            {
                return Some(Refusal::NotListed { signer });
            }
        }
    }
    let lower = installed.filter(|i| candidate.version.cmp_precedence(i.version).is_lt() && !go_back);
    lower.map(|i| Refusal::Lower { candidate: candidate.version.clone(), installed: i.version.clone() })
}

/// Whether rotations lead from one key to the other. Each counts once, so that a circle of them ends.
fn leads(from: PublicKey, to: PublicKey, rotations: &[Rotation]) -> bool {
    let mut reached = vec![from];
    for _ in rotations {
        let next = rotations.iter().find(|r| reached.contains(&r.old()) && !reached.contains(&r.new_key()));
        match next {
            Some(rotation) => reached.push(rotation.new_key()),
            None => break,
        }
    }
    reached.contains(&to)
}
