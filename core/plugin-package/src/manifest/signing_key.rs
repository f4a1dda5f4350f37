//! `[[signing-key]]`: private keys that the operator has and the plugin signs with by name.

use super::items::{ManifestText, read_section_name, read_text};
use crate::problem::SourceLocation;
use crate::strict_toml::{TomlItem, TomlSection};
use crate::words::words;

/// Most signing keys of a plugin.
const MAX_SIGNING_KEYS: usize = 16;

words! {
    /// Algorithm of signatures, as JSON Web Signatures have it.
    SigningAlgorithm {
        /// ECDSA on P-256 with SHA-256.
        Es256 = "es256",
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        Rs256 = "rs256",
    }
}

/// One `[[signing-key]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestSigningKey {
    /// Its name, by which the plugin signs with it.
    pub name: String,
    /// Algorithm of its signatures.
    pub algorithm: SigningAlgorithm,
    /// As the operator sees it; the name where there is none.
    pub title: Option<ManifestText>,
    /// Where the section begins.
    pub at: SourceLocation,
}

/// Those that are too many are told of.
pub(super) fn read_signing_keys(all: &[TomlSection<'_>]) -> Vec<ManifestSigningKey> {
    if let Some(s) = all.get(MAX_SIGNING_KEYS) {
        s.error(format!("exceeds the limit: a plugin can have at most {MAX_SIGNING_KEYS} signing keys"), "");
    }
    all.iter().filter_map(read_signing_key).collect()
}

fn read_signing_key(s: &TomlSection<'_>) -> Option<ManifestSigningKey> {
    let name = s.required("name", "name = \"invoices\"", read_section_name);
    let algorithm = s.required("algorithm", "algorithm = \"es256\"", TomlItem::word);
    let title = s.optional("title", read_text);
    s.finish();
    Some(ManifestSigningKey { name: name?, algorithm: algorithm?, title, at: s.at })
}
