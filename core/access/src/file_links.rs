//! Signed addresses: of private files, for a limited time, and of renditions that are not in the list of sizes.

use crate::secret::DerivedKey;
use crate::{AccessControl, Clock};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_store::content::FileUrlSigner;
use std::sync::Arc;

/// Rounding of expiry times: an address is valid for ten to fifteen minutes, so that those of one moment are equal, and responses
/// with them can be compared.
const EXPIRY_ROUNDING_SECONDS: i64 = 5 * 60;
const MAX_LIFETIME_SECONDS: i64 = 15 * 60;

/// Length of a signature in an address, in bytes.
const SIGNATURE_BYTES: usize = 18;

/// Validity of an address of a private file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileLink {
    /// The address is valid now.
    Good,
    /// The address was valid and has expired.
    Expired,
    /// The signature or the expiry time is invalid.
    Bad,
}

/// Signs addresses in what is read.
pub(crate) struct FileLinkSigner {
    key: DerivedKey,
    clock: Arc<dyn Clock>,
}

impl FileLinkSigner {
    pub(crate) fn new(key: DerivedKey, clock: Arc<dyn Clock>) -> Self {
        Self { key, clock }
    }
}

impl FileUrlSigner for FileLinkSigner {
    fn signature_query(&self, name: &str) -> String {
        let now = self.clock.now().timestamp();
        self.signed_query(name, now - now.rem_euclid(EXPIRY_ROUNDING_SECONDS) + MAX_LIFETIME_SECONDS)
    }
}

impl FileLinkSigner {
    fn signed_query(&self, name: &str, expires: i64) -> String {
        format!("?expires={expires}&signature={}", compute_signature(&self.key, &private_message(name, expires)))
    }
}

fn private_message(name: &str, expires: i64) -> String {
    format!("private {expires} {name}")
}

fn compute_signature(key: &DerivedKey, input: &str) -> String {
    URL_SAFE_NO_PAD.encode(&key.mac(input.as_bytes())[..SIGNATURE_BYTES])
}

/// Compares two texts in constant time.
fn constant_time_eq(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

impl AccessControl {
    /// Checks the address of a private file by `expires` and `signature` of its query.
    pub fn file_link(&self, name: &str, expires: &str, input: &str) -> FileLink {
        let Ok(until) = expires.parse::<i64>() else { return FileLink::Bad };
        if !constant_time_eq(&compute_signature(&self.keys().files, &private_message(name, until)), input) {
            return FileLink::Bad;
        }
        if self.now().timestamp() < until { FileLink::Good } else { FileLink::Expired }
    }

    /// The query, from its `?` on, that makes the address of a private file valid for a limited time.
    pub fn sign_file(&self, name: &str) -> String {
        FileLinkSigner::new(self.keys().files.clone(), self.clock()).signature_query(name)
    }

    /// Does the same as [`Self::sign_file`], valid until that second since 1970.
    pub fn sign_file_until(&self, name: &str, until: i64) -> String {
        FileLinkSigner::new(self.keys().files.clone(), self.clock()).signed_query(name, until)
    }

    /// Signs a rendition with other parameters than those that anybody may request; `query` is in its canonical form.
    pub fn sign_picture(&self, name: &str, query: &str) -> String {
        compute_signature(&self.keys().files, &format!("picture {name} {query}"))
    }

    /// True if a signature belongs to a rendition.
    pub fn is_signed_picture(&self, name: &str, query: &str, input: &str) -> bool {
        constant_time_eq(&self.sign_picture(name, query), input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FixedClock;
    use chrono::{DateTime, TimeDelta};

    #[test]
    fn signed_links_are_equal_within_one_expiry_window() {
        let clock = Arc::new(FixedClock::starting_at(DateTime::from_timestamp(1_800_000_010, 0).unwrap()));
        let key =
            crate::SecretKey::from_base64("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").unwrap().derive("files");
        let signer = FileLinkSigner::new(key, clock.clone());
        let first = signer.signature_query("a.png");
        clock.advance(TimeDelta::seconds(60));
        assert_eq!(signer.signature_query("a.png"), first);
        assert_ne!(signer.signature_query("b.png"), first);
        clock.advance(TimeDelta::minutes(5));
        assert_ne!(signer.signature_query("a.png"), first);
        assert!(first.starts_with("?expires=1800000900&signature=") && first.len() < 60, "{first}");
        assert!(first.bytes().all(|b| b.is_ascii_alphanumeric() || b"?=&-_".contains(&b)));
    }

    #[test]
    fn constant_time_eq_compares_length_and_every_byte() {
        assert!(constant_time_eq("", "") && constant_time_eq("ab", "ab"));
        assert!(!constant_time_eq("ab", "ac") && !constant_time_eq("ab", "abc") && !constant_time_eq("", "a"));
    }
}
