//! Headers that an operator adds to requests: often a token, so their values are encrypted and never shown.

use cairn_access::{AccessControl, SealError};
use std::fmt;

/// Purpose for which they are encrypted.
const SEAL_PURPOSE: &str = "webhook headers";
/// Largest number of headers.
pub const MAX_HEADERS: usize = 20;
/// Longest value, in bytes.
const MAX_VALUE_BYTES: usize = 4_096;
/// Headers that Cairn sets, or that HTTP needs.
const RESERVED_HEADERS: &[&str] = &[
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
    "x-strapi-event",
];

/// Names and values, in the given order. Its `Debug` has no values.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct WebhookHeaders(Vec<(String, String)>);

impl fmt::Debug for WebhookHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl WebhookHeaders {
    /// Creates headers from names and values.
    pub fn new(list: Vec<(String, String)>) -> Self {
        Self(list)
    }

    /// Decrypts stored headers. Returns an error if another installation encrypted them.
    pub fn open(access: &AccessControl, sealed: Option<&str>) -> Result<Self, SealError> {
        let Some(sealed) = sealed else { return Ok(Self::default()) };
        let json = access.unseal(SEAL_PURPOSE, sealed)?;
        serde_json::from_str(&json).map(Self).map_err(|_| SealError::Foreign)
    }

    /// Encrypts the headers; `None` if there are none. Returns an error if that fails.
    pub fn seal(&self, access: &AccessControl) -> Result<Option<String>, SealError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let json = serde_json::to_string(&self.0).map_err(|_| SealError::Failed)?;
        access.seal(SEAL_PURPOSE, &json).map(Some)
    }

    /// Iterates over names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Iterates over the names, which may be shown.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The value of a header, whatever the case of its name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// Describes the problem of a header's name.
pub fn check_header_name(name: &str) -> Result<(), String> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || name.len() > 100 || !name.bytes().all(token) {
        return Err("is not a valid header name: use letters, digits and -".to_owned());
    }
    if RESERVED_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
        return Err("is set by Cairn and cannot be changed".to_owned());
    }
    Ok(())
}

/// Describes the problem of a header's value.
pub fn check_header_value(value: &str) -> Result<(), String> {
    let printable = value.bytes().all(|b| b == b'\t' || (0x20..0x7f).contains(&b));
    if value.len() > MAX_VALUE_BYTES || !printable {
        return Err(format!("must be one line of at most {MAX_VALUE_BYTES} visible ASCII characters"));
    }
    Ok(())
}
