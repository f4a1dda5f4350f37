//! Signed addresses: of private files, for a limited time, and of renditions that are not in the list of sizes.

use crate::secret::Key;
use crate::{AccessControl, Clock};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_store::content::FileLinks;
use std::sync::Arc;

/// Rounding of expiry times: an address is valid for ten to fifteen minutes, so that those of one moment are equal, and responses
/// with them can be compared.
const ROUND: i64 = 5 * 60;
const LIFE: i64 = 15 * 60;

/// Length of a signature in an address, in bytes.
const BYTES: usize = 18;

/// Whether an address of a private file is valid.
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
pub(crate) struct Signer {
    key: Key,
    clock: Arc<dyn Clock>,
}

impl Signer {
    pub(crate) fn new(key: Key, clock: Arc<dyn Clock>) -> Self {
        Self { key, clock }
    }
}

impl FileLinks for Signer {
    fn query(&self, name: &str) -> String {
        let now = self.clock.now().timestamp();
        self.until(name, now - now.rem_euclid(ROUND) + LIFE)
    }
}

impl Signer {
    fn until(&self, name: &str, expires: i64) -> String {
        format!("?expires={expires}&signature={}", signature(&self.key, &private(name, expires)))
    }
}

fn private(name: &str, expires: i64) -> String {
    format!("private {expires} {name}")
}

fn signature(key: &Key, of: &str) -> String {
    URL_SAFE_NO_PAD.encode(&key.mac(of.as_bytes())[..BYTES])
}

/// Compares two texts in constant time.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

impl AccessControl {
    /// Checks the address of a private file by `expires` and `signature` of its query.
    pub fn file_link(&self, name: &str, expires: &str, given: &str) -> FileLink {
        let Ok(until) = expires.parse::<i64>() else { return FileLink::Bad };
        if !same(&signature(&self.keys().files, &private(name, until)), given) {
            return FileLink::Bad;
        }
        if self.now().timestamp() < until { FileLink::Good } else { FileLink::Expired }
    }

    /// The query, from its `?` on, that makes the address of a private file valid for a limited time.
    pub fn sign_file(&self, name: &str) -> String {
        Signer::new(self.keys().files.clone(), self.clock()).query(name)
    }

    /// Does the same as [`Self::sign_file`], valid until that second since 1970.
    pub fn sign_file_until(&self, name: &str, until: i64) -> String {
        Signer::new(self.keys().files.clone(), self.clock()).until(name, until)
    }

    /// Signs a rendition with other parameters than those that anybody may request; `query` is in its canonical form.
    pub fn sign_picture(&self, name: &str, query: &str) -> String {
        signature(&self.keys().files, &format!("picture {name} {query}"))
    }

    /// Whether a signature belongs to a rendition.
    pub fn is_signed_picture(&self, name: &str, query: &str, given: &str) -> bool {
        same(&self.sign_picture(name, query), given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FixedClock;
    use chrono::{DateTime, TimeDelta};

    #[test]
    fn addresses_of_one_moment_are_equal_and_good_for_a_while() {
        let clock = Arc::new(FixedClock::at(DateTime::from_timestamp(1_800_000_010, 0).unwrap()));
        let key =
            crate::SecretKey::from_base64("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").unwrap().derive("files");
        let signer = Signer::new(key, clock.clone());
        let first = signer.query("a.png");
        clock.advance(TimeDelta::seconds(60));
        assert_eq!(signer.query("a.png"), first);
        assert_ne!(signer.query("b.png"), first);
        clock.advance(TimeDelta::minutes(5));
        assert_ne!(signer.query("a.png"), first);
        assert!(first.starts_with("?expires=1800000900&signature=") && first.len() < 60, "{first}");
        assert!(first.bytes().all(|b| b.is_ascii_alphanumeric() || b"?=&-_".contains(&b)));
    }

    #[test]
    fn signatures_are_compared_whole() {
        assert!(same("", "") && same("ab", "ab"));
        assert!(!same("ab", "ac") && !same("ab", "abc") && !same("", "a"));
    }
}
