//! Decision whether a package may be installed on this site: a pure function, which gives its reason in a sentence.

use super::{PublicKey, Rotation};
use semver::Version;

/// The publishers that an operator trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustPolicy {
    /// These publishers and no others.
    List(Vec<PublicKey>),
    /// The publisher who signed a plugin's first installation, for that plugin.
    PinOnFirstUse,
}

/// Status of a package's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureStatus {
    /// It has no signature.
    Unsigned,
    /// It has a signature that does not match the content.
    Wrong,
    /// This key signed the content.
    By(PublicKey),
}

/// The package to decide about.
#[derive(Debug, Clone, Copy)]
pub struct TrustCandidate<'p> {
    /// Version in its manifest.
    pub version: &'p Version,
    /// Status of its signature.
    pub signed: SignatureStatus,
    /// Publisher that its manifest names.
    pub publisher: Option<PublicKey>,
}

/// The present installation of the same plugin.
#[derive(Debug, Clone, Copy)]
pub struct InstalledVersion<'p> {
    /// Version that is installed.
    pub version: &'p Version,
    /// Key that was pinned when it was installed; `None`: it was not signed.
    pub pinned: Option<PublicKey>,
}

/// The decision on a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustDecision {
    /// It may be installed; contains the key to pin from now on.
    Trusted(Option<PublicKey>),
    /// It may not be installed.
    Refused(TrustRefusal),
}

/// Why a package may not be installed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustRefusal {
    /// The content is not what was signed.
    #[error(
        "the signature does not match the content: the package was changed after signing, or the signature belongs to another package"
    )]
    WrongSignature,
    /// It is not signed, and this is not a development site.
    #[error(
        "the package is not signed; sign it with `cairn plugin pack --key`, or use --unsigned to install a package of your own"
    )]
    Unsigned,
    /// It is not signed, and the installed version is.
    #[error("the package is not signed, but the installed version is signed by {pinned}; uninstall that version first")]
    NoLongerSigned {
        /// Key that is pinned.
        pinned: PublicKey,
    },
    /// It is signed by another key than `plugin.toml` names.
    #[error("the package is signed by {signer}, but its plugin.toml names the publisher {publisher}")]
    NotThePublisher {
        /// Key that signed the package.
        signer: PublicKey,
        /// Key that `plugin.toml` names.
        publisher: PublicKey,
    },
    /// It is signed by another key than the installed version.
    #[error(
        "the package is signed by {signer}, but this plugin was installed from {pinned}; if its publisher has a new key, a rotation signed with the old key is required"
    )]
    OtherPublisher {
        /// Key that signed the package.
        signer: PublicKey,
        /// Key that is pinned.
        pinned: PublicKey,
    },
    /// Its key is not on the operator's list.
    #[error("the package is signed by {signer}, which is not a trusted publisher")]
    NotListed {
        /// Key that signed the package.
        signer: PublicKey,
    },
    /// Its version is lower than the installed one.
    #[error("version {candidate} is lower than the installed version {installed}; confirm the downgrade explicitly")]
    Lower {
        /// Version of the package.
        candidate: Version,
        /// Version that is installed.
        installed: Version,
    },
}

/// Decides on a package. `dev`: this is a development site. `rotations`: the known statements, of which those count that lead from a
/// trusted key to the signer's. `go_back`: an operator has confirmed a lower version.
pub fn decide_trust(
    policy: &TrustPolicy,
    dev: bool,
    candidate: TrustCandidate<'_>,
    installed: Option<InstalledVersion<'_>>,
    rotations: &[Rotation],
    go_back: bool,
) -> TrustDecision {
    match find_refusal(policy, dev, candidate, installed, rotations, go_back) {
        Some(refusal) => TrustDecision::Refused(refusal),
        None => TrustDecision::Trusted(match candidate.signed {
            SignatureStatus::By(key) => Some(key),
            SignatureStatus::Unsigned | SignatureStatus::Wrong => None,
        }),
    }
}

fn find_refusal(
    policy: &TrustPolicy,
    dev: bool,
    candidate: TrustCandidate<'_>,
    installed: Option<InstalledVersion<'_>>,
    rotations: &[Rotation],
    go_back: bool,
) -> Option<TrustRefusal> {
    let pinned = installed.and_then(|i| i.pinned);
    match candidate.signed {
        SignatureStatus::Wrong => return Some(TrustRefusal::WrongSignature),
        SignatureStatus::Unsigned => {
            if let Some(pinned) = pinned {
                return Some(TrustRefusal::NoLongerSigned { pinned });
            }
            if !dev {
                return Some(TrustRefusal::Unsigned);
            }
        }
        SignatureStatus::By(signer) => {
            if let Some(publisher) = candidate.publisher.filter(|publisher| *publisher != signer) {
                return Some(TrustRefusal::NotThePublisher { signer, publisher });
            }
            if let Some(pinned) = pinned.filter(|pinned| !rotations_lead(*pinned, signer, rotations)) {
                return Some(TrustRefusal::OtherPublisher { signer, pinned });
            }
            if let TrustPolicy::List(keys) = policy
                && !keys.iter().any(|key| rotations_lead(*key, signer, rotations))
            {
                return Some(TrustRefusal::NotListed { signer });
            }
        }
    }
    let lower = installed.filter(|i| candidate.version.cmp_precedence(i.version).is_lt() && !go_back);
    lower.map(|i| TrustRefusal::Lower { candidate: candidate.version.clone(), installed: i.version.clone() })
}

/// True if rotations lead from one key to the other. Each is used once, so that a cycle ends.
fn rotations_lead(from: PublicKey, to: PublicKey, rotations: &[Rotation]) -> bool {
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
