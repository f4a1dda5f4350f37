//! Settings that the operator has made, and texts in the languages of the package.

use crate::bindings::{i18n, settings as raw};
use crate::{Instant, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The settings: the defaults of their schema, then the operator's values. Secrets are never among them.
///
/// # Errors
/// When they do not fit `T`.
pub fn settings<T: DeserializeOwned>() -> Result<T> {
    Ok(serde_json::from_str(&raw::get())?)
}

/// The operator's values for a `[[choice]]` of the manifest: uids of content types, or origins. Empty where nothing was chosen.
/// Content types that do not fit at present are left out.
#[must_use]
pub fn chosen(choice: &str) -> Vec<String> {
    raw::chosen(choice)
}

/// Returns the operator's name for the site and its address, without a slash at the end; none where nobody has said.
#[must_use]
pub fn site() -> Option<raw::SiteInfo> {
    raw::site()
}

/// Returns how the site looks and where it is at home: its accent colour, logo, time zone and default locale.
#[must_use]
pub fn look() -> raw::SiteLook {
    raw::look()
}

/// A text of the package's `locales/`, in that language or the nearest there is.
#[must_use]
pub fn translate(key: &str, locale: &str, arguments: Option<&Value>) -> String {
    i18n::translate(key, locale, arguments.map(Value::to_string).as_deref())
}

/// A time as people of that language write it; `zone` as `Europe/Amsterdam`, `style` as `short`, `medium`, `long`, `full`. English
/// without a region (`en`) is written as where the zone is, with the month first in America alone.
///
/// # Errors
/// `Invalid` where the host does not know the zone or the style.
pub fn format_instant(at: Instant, locale: &str, zone: &str, style: &str) -> Result<String> {
    i18n::format_instant(at, locale, zone, style)
}

/// An amount of money (`1234.50` of `EUR`) as people of that language write it. A decimal in text: nothing is rounded.
///
/// # Errors
/// `Invalid` where the amount or the currency is none.
pub fn format_money(amount: &str, currency: &str, locale: &str) -> Result<String> {
    i18n::format_money(amount, currency, locale)
}
