//! The secrets of a webhook, in the form of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. While a secret is being replaced, old
//! and new are valid, so that receivers can be changed without losing anything.

use super::SaveError;
use crate::{AccessControl, SealError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Purpose for which they are encrypted.
const PURPOSE: &str = "webhook secrets";
/// Prefix of every secret.
const PREFIX: &str = "whsec_";
/// Largest number of secrets that are valid at a time.
const MANY: usize = 5;

/// A secret; its `Debug` does not contain it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    text: String,
    /// When it expires, in milliseconds; `None` for the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// The key for signatures.
    pub fn key(&self) -> Vec<u8> {
        self.text.strip_prefix(PREFIX).and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default()
    }

    /// When it expires, in milliseconds; `None` for the current one.
    pub fn until(&self) -> Option<i64> {
        self.until
    }
}

/// The secrets of one webhook, the current one first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets(Vec<Secret>);

impl Secrets {
    pub(super) fn of(text: String) -> Self {
        Self(vec![Secret { text, until: None }])
    }

    /// Decrypts stored secrets.
    ///
    /// # Errors
    /// Returns an error if another installation encrypted them.
    pub fn open(access: &AccessControl, sealed: &str) -> Result<Self, SealError> {
        let json = access.unseal(PURPOSE, sealed)?;
        serde_json::from_str(&json).map(Self).map_err(|_| SealError::Foreign)
    }

    pub(super) fn seal(&self, access: &AccessControl) -> Result<String, SealError> {
        let json = serde_json::to_string(&self.0).map_err(|_| SealError::Failed)?;
        access.seal(PURPOSE, &json)
    }

    /// The secrets that are valid at that time (milliseconds), the current one first.
    pub fn valid(&self, now: i64) -> impl Iterator<Item = &Secret> {
        self.0.iter().filter(move |s| s.until.is_none_or(|until| until > now))
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.0.first().is_some_and(|s| s.text == text)
    }

    /// Replaces the current secret; earlier ones stay valid until then, in milliseconds.
    pub(super) fn replaced(&self, text: String, now: i64, until: i64) -> Self {
        let before = self.valid(now).filter(|s| s.text != text);
        let before = before.map(|s| Secret { until: Some(s.until.map_or(until, |u| u.min(until))), ..s.clone() });
        let before = before.filter(|s| s.until.is_some_and(|until| until > now));
        Self(std::iter::once(Secret { text: text.clone(), until: None }).chain(before).take(MANY).collect())
    }
}

/// Generates a secret of 32 random bytes.
pub(super) fn generate() -> Result<String, SaveError> {
    let mut bytes = [0; 32];
    crate::secret::random(&mut bytes).map_err(|_| SaveError::Seal(SealError::Failed))?;
    Ok(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

/// Describes the problem of a secret, without its text.
pub(super) fn check(text: &str) -> Result<(), String> {
    let bytes = text.strip_prefix(PREFIX).and_then(|text| STANDARD.decode(text).ok());
    match bytes {
        Some(bytes) if (24..=64).contains(&bytes.len()) => Ok(()),
        _ => Err("expected whsec_ followed by 24 to 64 bytes in base64 (create one with: echo whsec_$(openssl rand \
             -base64 32))"
            .to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_before_stays_for_a_while() {
        let first = Secrets::of("whsec_a".into());
        let second = first.replaced("whsec_b".into(), 1_000, 5_000);
        assert_eq!(second.valid(4_999).count(), 2);
        assert_eq!(second.valid(5_000).count(), 1);
        assert!(second.is("whsec_b") && !second.is("whsec_a"));
        // A second rotation does not make the first one live longer.
        let third = second.replaced("whsec_c".into(), 2_000, 9_000);
        assert_eq!(third.valid(6_000).map(|s| s.text.as_str()).collect::<Vec<_>>(), ["whsec_c", "whsec_b"]);
        // At once, where nothing is to stay.
        assert_eq!(first.replaced("whsec_b".into(), 1_000, 1_000).valid(1_000).count(), 1);
        // Back to one that is still valid: it is there once.
        assert_eq!(second.replaced("whsec_a".into(), 2_000, 9_000).valid(3_000).count(), 2);
        assert_eq!(format!("{second:?}"), "Secrets([Secret(…), Secret(…)])");
    }

    #[test]
    fn forms() {
        let made = generate().unwrap();
        assert!(check(&made).is_ok() && made != generate().unwrap());
        assert_eq!(Secrets::of(made).0[0].key().len(), 32);
        for bad in ["", "whsec_", "whsec_c2hvcnQ=", "abc", "whsec_!!!!"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
