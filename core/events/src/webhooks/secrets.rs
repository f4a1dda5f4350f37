//! The secrets of a webhook, in the form of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. While a secret is being replaced, old
//! and new are valid, so that receivers can be changed without losing anything.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_access::{AccessControl, SealError, fill_random};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Purpose for which they are encrypted.
const SEAL_PURPOSE: &str = "webhook secrets";
/// Prefix of every secret.
const SECRET_PREFIX: &str = "whsec_";
/// Largest number of secrets that are valid at a time.
const MAX_VALID_SECRETS: usize = 5;

/// A secret; its `Debug` does not contain it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSecret {
    text: String,
    /// When it expires, in milliseconds; `None` for the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl WebhookSecret {
    /// The key for signatures.
    pub fn signing_key(&self) -> Vec<u8> {
        self.text.strip_prefix(SECRET_PREFIX).and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default()
    }

    /// When it expires, in milliseconds; `None` for the current one.
    pub fn valid_until(&self) -> Option<i64> {
        self.until
    }
}

/// The secrets of one webhook, the current one first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSecrets(Vec<WebhookSecret>);

impl WebhookSecrets {
    /// Creates the secrets of a new webhook.
    pub fn from_text(text: String) -> Self {
        Self(vec![WebhookSecret { text, until: None }])
    }

    /// Decrypts stored secrets. Returns an error if another installation encrypted them.
    pub fn open(access: &AccessControl, sealed: &str) -> Result<Self, SealError> {
        let json = access.unseal(SEAL_PURPOSE, sealed)?;
        serde_json::from_str(&json).map(Self).map_err(|_| SealError::Foreign)
    }

    /// Encrypts the secrets. Returns an error if that fails.
    pub fn seal(&self, access: &AccessControl) -> Result<String, SealError> {
        let json = serde_json::to_string(&self.0).map_err(|_| SealError::Failed)?;
        access.seal(SEAL_PURPOSE, &json)
    }

    /// The secrets that are valid at that time (milliseconds), the current one first.
    pub fn valid_at(&self, now: i64) -> impl Iterator<Item = &WebhookSecret> {
        self.0.iter().filter(move |s| s.until.is_none_or(|until| until > now))
    }

    /// True if that text is the current secret.
    pub fn current_is(&self, text: &str) -> bool {
        self.0.first().is_some_and(|s| s.text == text)
    }

    /// Replaces the current secret; earlier ones stay valid until then, in milliseconds.
    pub fn with_replacement(&self, text: String, now: i64, until: i64) -> Self {
        let before = self.valid_at(now).filter(|s| s.text != text);
        let before =
            before.map(|s| WebhookSecret { until: Some(s.until.map_or(until, |u| u.min(until))), ..s.clone() });
        let before = before.filter(|s| s.until.is_some_and(|until| until > now));
        Self(
            std::iter::once(WebhookSecret { text: text.clone(), until: None })
                .chain(before)
                .take(MAX_VALID_SECRETS)
                .collect(),
        )
    }
}

/// Generates a secret of 32 random bytes. Returns an error if the operating system provides none.
pub fn generate_secret() -> Result<String, SealError> {
    let mut bytes = [0; 32];
    fill_random(&mut bytes).map_err(|_| SealError::Failed)?;
    Ok(format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes)))
}

/// Describes the problem of a secret, without its text.
pub fn check_secret(text: &str) -> Result<(), String> {
    let bytes = text.strip_prefix(SECRET_PREFIX).and_then(|text| STANDARD.decode(text).ok());
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
    fn previous_secret_stays_valid_until_its_expiry() {
        let first = WebhookSecrets::from_text("whsec_a".into());
        let second = first.with_replacement("whsec_b".into(), 1_000, 5_000);
        assert_eq!(second.valid_at(4_999).count(), 2);
        assert_eq!(second.valid_at(5_000).count(), 1);
        assert!(second.current_is("whsec_b") && !second.current_is("whsec_a"));
        // A second rotation does not make the first one live longer.
        let third = second.with_replacement("whsec_c".into(), 2_000, 9_000);
        assert_eq!(third.valid_at(6_000).map(|s| s.text.as_str()).collect::<Vec<_>>(), ["whsec_c", "whsec_b"]);
        // At once, where nothing is to stay.
        assert_eq!(first.with_replacement("whsec_b".into(), 1_000, 1_000).valid_at(1_000).count(), 1);
        // Back to one that is still valid: it is there once.
        assert_eq!(second.with_replacement("whsec_a".into(), 2_000, 9_000).valid_at(3_000).count(), 2);
        assert_eq!(format!("{second:?}"), "WebhookSecrets([Secret(…), Secret(…)])");
    }

    #[test]
    fn generated_secrets_are_valid_and_malformed_ones_are_rejected() {
        let secret = generate_secret().unwrap();
        assert!(check_secret(&secret).is_ok() && secret != generate_secret().unwrap());
        assert_eq!(WebhookSecrets::from_text(secret).0[0].signing_key().len(), 32);
        for bad in ["", "whsec_", "whsec_c2hvcnQ=", "abc", "whsec_!!!!"] {
            assert!(check_secret(bad).is_err(), "{bad}");
        }
    }
}
