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

/// Beginnings of the time zones where English has the month before the day.
const AMERICAN_ZONES: [&str; 7] =
    ["America/", "US/", "Pacific/Guam", "Pacific/Honolulu", "Pacific/Midway", "Pacific/Pago_Pago", "Pacific/Saipan"];

/// The locale in which something is written for people of a time zone: English that names no region is that of where the zone is. CLDR
/// takes it for that of the United States, whose notation readers elsewhere misread; so it is British where the zone is of nowhere
/// (`UTC`, or empty).
pub(crate) fn localize_to_zone(mut locale: Locale, zone: &str) -> Locale {
    let is_plain_english = locale.id.language.as_str() == "en" && locale.id.region.is_none();
    if is_plain_english && !AMERICAN_ZONES.iter().any(|area| zone.starts_with(area)) {
        locale.id.region = "GB".parse().ok();
    }
    locale
}

/// As [`parse_locale`], or no language in particular.
pub(crate) fn parse_locale_or_unknown(code: &str) -> Locale {
    parse_locale(code).unwrap_or(Locale::UNKNOWN)
}
