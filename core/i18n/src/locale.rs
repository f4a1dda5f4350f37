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

/// As [`parse_locale`], or no language in particular.
pub(crate) fn parse_locale_or_unknown(code: &str) -> Locale {
    parse_locale(code).unwrap_or(Locale::UNKNOWN)
}
