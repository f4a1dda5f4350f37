//! The identity of a tenant: the sender of its mails, and the look of Cairn's pages, and the time zone. `mail` and `theme` of the settings file.

use cairn_access::{AccessControl, CachedSetting};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value as Json;
use std::sync::Arc;

/// The sender of a tenant's mails.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct MailIdentity {
    /// The sender's name; one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_name: Option<String>,
    /// The sender's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Address for replies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// True if mails are stored and not sent, except those that a user requested and waits for: a copy beside the live site would mail
    /// its people a second time.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
}

/// Theme tokens of a tenant, and its time zone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Theme {
    /// A colour as `#rrggbb`, in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<String>,
    /// A picture: `/uploads/…` of the same tenant, or `https://…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// The icon in a browser's tab, with the same form of address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub favicon: Option<String>,
    /// The time zone of the site: `Europe/Amsterdam`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// Returns the sender of a tenant's mails.
pub fn mail_identity(access: &AccessControl) -> Arc<MailIdentity> {
    access.cached_setting(CachedSetting::Mail, |json| from_stored(CachedSetting::Mail.key(), json))
}

/// Returns the theme tokens of a tenant.
pub fn theme(access: &AccessControl) -> Arc<Theme> {
    access.cached_setting(CachedSetting::Theme, |json| from_stored(CachedSetting::Theme.key(), json))
}

/// Reads stored settings; the defaults if they cannot be read.
pub(crate) fn from_stored<T: DeserializeOwned + Default>(key: &str, json: Option<&Json>) -> T {
    let Some(json) = json else { return T::default() };
    serde_json::from_value(json.clone()).unwrap_or_else(|e| {
        tracing::error!(key, error = %e, "cannot read stored settings; using the defaults");
        T::default()
    })
}

/// A colour as `#rrggbb` in lower case; `None` if it is invalid.
pub(crate) fn parse_colour(text: &str) -> Option<String> {
    let digits = text.strip_prefix('#')?;
    let good = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    good.then(|| text.to_ascii_lowercase())
}

/// True if a text can be the address of a picture: nothing in it can leave an attribute of HTML or a value of CSS.
pub(crate) fn is_picture(text: &str) -> bool {
    let place = text.starts_with("/uploads/") || text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#@!$&*+,;=%".contains(&b);
    place && text.len() <= 2048 && text.bytes().all(plain) && !text.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theme_colours_and_picture_urls_are_validated() {
        assert_eq!(parse_colour("#0B57A4").as_deref(), Some("#0b57a4"));
        for bad in ["", "#fff", "0b57a4", "#0b57ag", "red", "#0b57a4;", "#é0b57", "url(#)"] {
            assert_eq!(parse_colour(bad), None, "{bad}");
        }
        for good in ["/uploads/logo_0a1b.png", "https://cdn.example.com/a/logo.svg?v=1"] {
            assert!(is_picture(good), "{good}");
        }
        for bad in [
            "",
            "logo.png",
            "http://x/y.png",
            "https://",
            "javascript:x",
            "//x/y.png",
            "/uploads/a b",
            "/uploads/\"x",
            "/uploads/../x",
            "https://x/'",
            "data:,",
        ] {
            assert!(!is_picture(bad), "{bad}");
        }
    }
}
