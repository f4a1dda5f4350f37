//! Amounts of money, exact: decimals as text throughout.

use crate::{FormatError, locale};
use fixed_decimal::Decimal;
use icu_decimal::DecimalFormatter;
use icu_locale_core::Locale;

/// Largest number of digits of an amount.
const MAX_DIGITS: usize = 40;
/// Currencies without a smaller unit, and those with one of a thousandth (ISO 4217); all others have hundredths.
const WHOLE_CURRENCIES: [&str; 17] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    "XPF",
];
const THOUSANDTH_CURRENCIES: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];
/// The no-break space.
const NO_BREAK_SPACE: char = '\u{a0}';

/// Position of a currency's sign, as CLDR has it for a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SignPosition {
    /// Before the number, without a space: `€1`, `-€1`.
    Close,
    /// Before the number and its minus: `€ 1`, `€ -1`.
    Before,
    /// Before the number, after its minus: `€ 1`, `-€ 1`.
    BeforeSign,
    /// After the number: `1 €`, `-1 €`.
    After,
}

/// Formats an amount (`-1234.5`) of a currency (`EUR`). It has as many digits after the point as the currency has, and more where they
/// were given: nothing is rounded. The error names the argument that is invalid.
pub fn format_money(amount: &str, currency: &str, locale: &str) -> Result<String, FormatError> {
    let locale = locale::parse_locale(locale)?;
    let code = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
    if !code {
        return Err(FormatError::new("currency", "expected a currency code, such as EUR"));
    }
    let invalid_amount = || FormatError::new("amount", "expected a decimal number as text, such as -1234.50");
    let digits = amount.strip_prefix('-').unwrap_or(amount);
    let (integer, part) = digits.split_once('.').map_or((digits, None), |(integer, part)| (integer, Some(part)));
    let good = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if amount.len() > MAX_DIGITS || !good(integer) || part.is_some_and(|part| !good(part)) {
        return Err(invalid_amount());
    }
    let mut number: Decimal = digits.parse().map_err(|_| invalid_amount())?;
    number.absolute.trim_start();
    number.absolute.trim_end();
    number.absolute.pad_end(match currency {
        _ if WHOLE_CURRENCIES.contains(&currency) => 0,
        _ if THOUSANDTH_CURRENCIES.contains(&currency) => -3,
        _ => -2,
    });
    let formatter = DecimalFormatter::try_new(locale.clone().into(), Default::default())
        .map_err(|e| FormatError::new("locale", e.to_string()))?;
    let figure = formatter.format(&number).to_string();
    let nothing = digits.bytes().all(|b| matches!(b, b'0' | b'.'));
    let minus = if amount.starts_with('-') && !nothing { "-" } else { "" };
    let sign = currency_sign(currency, &locale);
    // A code beside figures needs a space between them.
    let close =
        if sign.ends_with(|c: char| c.is_ascii_alphabetic()) { SignPosition::BeforeSign } else { SignPosition::Close };
    Ok(match sign_position(&locale) {
        SignPosition::Close if close == SignPosition::Close => format!("{minus}{sign}{figure}"),
        SignPosition::Close | SignPosition::BeforeSign => format!("{minus}{sign}{NO_BREAK_SPACE}{figure}"),
        SignPosition::Before => format!("{sign}{NO_BREAK_SPACE}{minus}{figure}"),
        SignPosition::After => format!("{minus}{figure}{NO_BREAK_SPACE}{sign}"),
    })
}

fn sign_position(locale: &Locale) -> SignPosition {
    let region = locale.id.region.map(|r| r.to_string());
    match (locale.id.language.as_str(), region.as_deref()) {
        ("en" | "ja" | "zh" | "ko" | "th" | "cy" | "ga" | "mt" | "hi" | "tr" | "id" | "ms", _) => SignPosition::Close,
        ("nl", _) => SignPosition::Before,
        ("de", Some("AT" | "CH" | "LI")) | ("pt", Some("BR")) | ("pt" | "nb" | "no", None) => SignPosition::BeforeSign,
        (
            "de" | "fr" | "es" | "it" | "pt" | "pl" | "cs" | "sk" | "da" | "sv" | "fi" | "hu" | "ro" | "bg" | "el"
            | "uk" | "ru" | "hr" | "sr" | "sl" | "et" | "lv" | "lt" | "is" | "ca" | "gl" | "eu" | "nb" | "nn" | "no",
            _,
        ) => SignPosition::After,
        _ => SignPosition::BeforeSign,
    }
}

/// The sign of a currency, in a form that is not taken for another one's.
fn currency_sign(currency: &str, locale: &Locale) -> String {
    let language = locale.id.language.as_str();
    let region = locale.id.region.map(|r| r.to_string()).unwrap_or_default();
    let sign = match currency {
        "EUR" => "€",
        "GBP" => "£",
        "USD" if language == "en" && matches!(region.as_str(), "" | "US" | "GB" | "IE") => "$",
        "USD" => "US$",
        "JPY" if matches!(language, "en" | "ja") => "¥",
        "JPY" => "JP¥",
        "INR" => "₹",
        "KRW" => "₩",
        "ILS" => "₪",
        "VND" => "₫",
        "AUD" => "A$",
        "CAD" => "C$",
        "BRL" => "R$",
        "PLN" if language == "pl" => "zł",
        "CZK" if language == "cs" => "Kč",
        "SEK" if language == "sv" => "kr",
        "DKK" if language == "da" => "kr.",
        "NOK" if matches!(language, "nb" | "nn" | "no") => "kr",
        other => other,
    };
    sign.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_formatted_by_locale_without_rounding() {
        for (amount, currency, locale, expected) in [
            ("1234.5", "EUR", "nl", "€ 1.234,50"),
            ("-1234.5", "EUR", "nl", "€ -1.234,50"),
            ("0", "EUR", "nl", "€ 0,00"),
            ("-0.00", "EUR", "nl", "€ 0,00"),
            ("1234567.89", "EUR", "nl-BE", "€ 1.234.567,89"),
            ("12", "USD", "nl", "US$ 12,00"),
            ("12", "CHF", "nl", "CHF 12,00"),
            ("1234.5", "EUR", "en", "€1,234.50"),
            ("-1234.5", "USD", "en", "-$1,234.50"),
            ("12", "CHF", "en", "CHF 12.00"),
            ("1500", "JPY", "en", "¥1,500"),
            ("1.5", "KWD", "en", "KWD 1.500"),
            ("1234.5", "EUR", "de", "1.234,50 €"),
            ("-1234.5", "EUR", "fr", "-1 234,50 €"),
            // Amounts are not rounded, and never become floats.
            ("0.125", "EUR", "nl", "€ 0,125"),
            ("0.1000", "EUR", "nl", "€ 0,10"),
            (
                "12345678901234567890123456789012345.67",
                "EUR",
                "en",
                "€12,345,678,901,234,567,890,123,456,789,012,345.67",
            ),
        ] {
            let text = format_money(amount, currency, locale).unwrap().replace([NO_BREAK_SPACE, '\u{202f}'], " ");
            assert_eq!(text, expected, "{amount} {currency} {locale}");
        }
    }

    #[test]
    fn invalid_amounts_and_currencies_are_reported_by_field() {
        for bad in [
            "",
            "-",
            "1.",
            ".5",
            "1,5",
            "1e3",
            "0x1",
            "+1",
            "--1",
            "1.2.3",
            " 1",
            "NaN",
            "٣",
            &"1".repeat(41),
            &"9".repeat(1_000_000),
        ] {
            assert_eq!(format_money(bad, "EUR", "nl").unwrap_err().field, "amount", "{}", &bad[..bad.len().min(9)]);
        }
        for bad in ["", "eur", "EURO", "€", "E\0R"] {
            assert_eq!(format_money("1", bad, "nl").unwrap_err().field, "currency", "{bad}");
        }
        assert_eq!(format_money("1", "EUR", "").unwrap_err().field, "locale");
    }
}
