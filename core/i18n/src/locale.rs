//! Locales as they are given.

use crate::Unwritable;
use icu_locale_core::Locale;

/// Longest code of a locale, in bytes.
const LONGEST: usize = 35;

/// The locale of a code such as `nl` or `nl-BE`.
pub(crate) fn read(code: &str) -> Result<Locale, Unwritable> {
    let told = || Unwritable::new("locale", "expected a locale code, such as nl or nl-BE");
    if code.len() > LONGEST {
        return Err(told());
    }
    code.replace('_', "-").parse().map_err(|_| told())
}

/// As [`read`], or no language in particular.
pub(crate) fn read_or_none(code: &str) -> Locale {
    read(code).unwrap_or(Locale::UNKNOWN)
}
