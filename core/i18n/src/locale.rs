//! Locales as they are given.

use crate::FormatError;
use icu_locale_core::Locale;

/// Longest code of a locale, in bytes.
const MAX_LOCALE_BYTES: usize = 35;

/// The locale of a code such as `nl` or `nl-BE`.
pub(crate) fn parse_locale(code: &str) -> Result<Locale, FormatError> {
    let invalid_locale = || FormatError::new("locale", "expected a locale code, such as nl or nl-BE");
    if code.len() > MAX_LOCALE_BYTES {
        return Err(invalid_locale());
    }
    code.replace('_', "-").parse().map_err(|_| invalid_locale())
}

/// Areas of time zones whose clocks and dates English writes as in Britain.
const BRITISH_AREAS: [&str; 6] = ["Africa/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/"];

/// The locale in which a moment is written for people of a time zone: English that names no region is that of where the zone is. CLDR
/// takes it for that of the United States, whose notation readers elsewhere misread.
pub(crate) fn localize_to_zone(mut locale: Locale, zone: &str) -> Locale {
    let is_plain_english = locale.id.language.as_str() == "en" && locale.id.region.is_none();
    if is_plain_english && BRITISH_AREAS.iter().any(|area| zone.starts_with(area)) {
        locale.id.region = "GB".parse().ok();
    }
    locale
}

/// As [`parse_locale`], or no language in particular.
pub(crate) fn parse_locale_or_unknown(code: &str) -> Locale {
    parse_locale(code).unwrap_or(Locale::UNKNOWN)
}
