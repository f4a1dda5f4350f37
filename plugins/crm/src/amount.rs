//! Amounts of money that people type, read as their language writes them. It knows no host.
//!
//! `1.500` is fifteen hundred in Dutch, and `1,500` is so in English; in the other language each may as well be one and a half. What has two
//! readings is refused: a price that is a thousand times too low is worse than a question.

use crate::money::MAX_AMOUNT;
use cairn_contact_details::invisible::remove_invisible;

/// Longest text of an amount, in characters.
pub(crate) const MAX_AMOUNT_TEXT: usize = 40;

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AmountProblem {
    /// Nothing was typed.
    Missing,
    /// It is no number.
    NotANumber,
    /// It is either of two amounts, in minor units.
    TwoReadings(i64, i64),
    /// It is in another currency.
    OtherCurrency,
    /// It is below 0.
    Negative,
    /// It is beyond [`MAX_AMOUNT`].
    TooLarge,
}

impl AmountProblem {
    /// End of the key of its text, `refused.amount.<code>`.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotANumber => "notANumber",
            Self::TwoReadings(..) => "twoReadings",
            Self::OtherCurrency => "otherCurrency",
            Self::Negative => "negative",
            Self::TooLarge => "tooLarge",
        }
    }
}

/// Reads an amount that somebody typed or pasted, in minor units: `1.500`, `1 500,00`, `€ 1.500,-`. `locale`: the reader's, `currency`: the
/// code of the amount's.
///
/// # Errors
/// [`AmountProblem`] where it is none, or might be another one.
pub(crate) fn read_amount(text: &str, locale: &str, currency: &str) -> Result<i64, AmountProblem> {
    let text = remove_invisible(text);
    let text = text.trim();
    if text.is_empty() {
        return Err(AmountProblem::Missing);
    }
    if text.chars().count() > MAX_AMOUNT_TEXT {
        return Err(AmountProblem::NotANumber);
    }
    let number = strip_currency(text, currency)?;
    if let Some(rest) = number.strip_prefix(['-', '\u{2212}']) {
        let is_number = rest.trim_start().starts_with(|c: char| c.is_ascii_digit());
        return Err(if is_number { AmountProblem::Negative } else { AmountProblem::NotANumber });
    }
    let (digits, is_whole) = strip_dash(number);
    let amount = read_number(digits, is_whole, Separators::of_locale(locale))?;
    if amount > MAX_AMOUNT { Err(AmountProblem::TooLarge) } else { Ok(amount) }
}

/// An amount in a field that can be changed, as the language writes it and [`read_amount`] reads it: `1500,00`.
pub(crate) fn write_input(amount: i64, locale: &str) -> String {
    let text = crate::money::write_decimal(amount);
    if Separators::of_locale(locale) == Separators::CommaDecimal { text.replace('.', ",") } else { text }
}

/// How a language separates the decimals of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separators {
    /// `1.500,00`
    CommaDecimal,
    /// `1,500.00`
    PointDecimal,
}

impl Separators {
    fn of_locale(locale: &str) -> Self {
        let language = locale.split(['-', '_']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("en") { Self::PointDecimal } else { Self::CommaDecimal }
    }

    const fn thousands(self) -> char {
        match self {
            Self::CommaDecimal => '.',
            Self::PointDecimal => ',',
        }
    }
}

/// The text without the name or sign of the currency, on either side.
fn strip_currency<'a>(text: &'a str, currency: &str) -> Result<&'a str, AmountProblem> {
    let is_name = |c: char| c.is_alphabetic() || "€$£¥₣".contains(c);
    let number = text.trim_matches(|c: char| is_name(c) || c.is_whitespace());
    let (before, after) = text.split_once(number).unwrap_or((text, ""));
    let names: Vec<&str> = [before.trim(), after.trim()].into_iter().filter(|name| !name.is_empty()).collect();
    let known: &[&str] = match currency {
        "EUR" => &["€", "euro", "euros"],
        "USD" => &["$", "us$"],
        "GBP" => &["£"],
        "CHF" => &["fr", "sfr"],
        _ => &[],
    };
    let is_known = |name: &str| name.eq_ignore_ascii_case(currency) || known.contains(&name.to_lowercase().as_str());
    if number.is_empty() {
        return Err(AmountProblem::NotANumber);
    }
    match names.as_slice() {
        [] => Ok(number),
        names if names.iter().all(|name| is_known(name)) => Ok(number),
        // `1500 USD` for euros is another amount; `1500 each` is none.
        names if names.iter().all(|name| is_currency_name(name)) => Err(AmountProblem::OtherCurrency),
        _ => Err(AmountProblem::NotANumber),
    }
}

fn is_currency_name(name: &str) -> bool {
    let is_code = name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_uppercase());
    is_code || matches!(name, "€" | "$" | "£" | "¥" | "₣") || name.eq_ignore_ascii_case("euro")
}

/// The number before a dash that stands for no cents (`1.500,-`), and whether there was one.
fn strip_dash(number: &str) -> (&str, bool) {
    let whole = number.trim_end_matches(['-', '\u{2013}', '\u{2014}', '\u{2212}']);
    let dashes = number.get(whole.len()..).unwrap_or_default().chars().count();
    let before = whole.strip_suffix([',', '.']);
    match before {
        Some(before) if (1..=2).contains(&dashes) => (before.trim_end(), true),
        _ => (number, false),
    }
}

/// Reads digits with their separators. `is_whole`: there are no decimals, so that every separator is one of thousands.
fn read_number(number: &str, is_whole: bool, separators: Separators) -> Result<i64, AmountProblem> {
    let is_space = |c: char| c.is_whitespace() || matches!(c, '\'' | '\u{2019}');
    let is_known = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',') || is_space(c);
    if !number.chars().all(is_known) || !number.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(AmountProblem::NotANumber);
    }
    let marks: Vec<(usize, char)> = number.char_indices().filter(|(_, c)| matches!(c, '.' | ',')).collect();
    let Some(&(last, mark)) = marks.last() else { return build_amount(&join_groups(number, is_space)?, "") };
    let is_grouping = |c: char| is_space(c) || c == mark;
    if is_whole {
        return build_amount(&join_groups(number, is_grouping)?, "");
    }
    let (before, after) = (number.get(..last).unwrap_or_default(), number.get(last + 1..).unwrap_or_default());
    let has_other = marks.iter().any(|(_, c)| *c != mark);
    let count = marks.iter().filter(|(_, c)| *c == mark).count();
    // `1.500.000`: a number has one mark before its decimals.
    if count > 1 {
        return if has_other {
            Err(AmountProblem::NotANumber)
        } else {
            build_amount(&join_groups(number, is_grouping)?, "")
        };
    }
    // `1.500,00`, `1 500,00`: the last of different marks is that of the decimals.
    let other = if mark == '.' { ',' } else { '.' };
    let has_space = before.chars().any(is_space);
    let as_decimal = || match after {
        "" => Err(AmountProblem::NotANumber),
        decimals => build_amount(&join_groups(before, |c| c == other || is_space(c))?, decimals),
    };
    if has_other || has_space || after.len() != 3 {
        return as_decimal();
    }
    // A mark before three digits: thousands where the language writes them so, and else who knows.
    let Ok(grouped) = join_groups(number, is_grouping) else { return Err(AmountProblem::NotANumber) };
    let as_thousands = build_amount(&grouped, "")?;
    if mark == separators.thousands() {
        return Ok(as_thousands);
    }
    let cents = after.get(..2).unwrap_or_default();
    let shorter = build_amount(&join_groups(before, is_space)?, cents)?;
    Err(AmountProblem::TwoReadings(as_thousands, shorter))
}

/// The digits of groups of three, of which the first may be shorter; or of one group of any length.
fn join_groups(text: &str, is_separator: impl Fn(char) -> bool) -> Result<String, AmountProblem> {
    let groups: Vec<&str> = text.split(is_separator).collect();
    let is_number = |group: &&str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    let fits = match groups.as_slice() {
        [_] => true,
        [first, rest @ ..] => first.len() <= 3 && !first.starts_with('0') && rest.iter().all(|group| group.len() == 3),
        [] => false,
    };
    if fits && groups.iter().all(is_number) { Ok(groups.concat()) } else { Err(AmountProblem::NotANumber) }
}

/// The amount of whole units and up to two decimals.
fn build_amount(whole: &str, decimals: &str) -> Result<i64, AmountProblem> {
    if decimals.len() > 2 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(AmountProblem::NotANumber);
    }
    // More digits than a number of the machine has is only too large.
    let digits = format!("{}{decimals:0<2}", whole.trim_start_matches('0'));
    digits.parse().map_err(|_| AmountProblem::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::AmountProblem::{Missing, Negative, NotANumber, OtherCurrency, TooLarge, TwoReadings};
    use super::*;

    #[test]
    fn amounts_are_read_as_the_language_writes_them() {
        for (text, dutch, english) in [
            ("1.500", Ok(150_000), Err(TwoReadings(150_000, 150))),
            ("1,500", Err(TwoReadings(150_000, 150)), Ok(150_000)),
            ("1.000", Ok(100_000), Err(TwoReadings(100_000, 100))),
            ("1.512,50", Ok(151_250), Ok(151_250)),
            ("1,512.50", Ok(151_250), Ok(151_250)),
            ("1.234", Ok(123_400), Err(TwoReadings(123_400, 123))),
        ] {
            assert_eq!(read_amount(text, "nl", "EUR"), dutch, "{text} in Dutch");
            assert_eq!(read_amount(text, "en-GB", "EUR"), english, "{text} in English");
        }
    }

    #[test]
    fn what_has_one_reading_is_read_in_every_language() {
        for (text, amount) in [
            ("1500", 150_000),
            ("1500,5", 150_050),
            ("1500.5", 150_050),
            ("1500.50", 150_050),
            ("378,13", 37_813),
            ("0,05", 5),
            ("0.05", 5),
            ("007", 700),
            ("0", 0),
            ("1.500,00", 150_000),
            ("1,500.00", 150_000),
            ("1 500", 150_000),
            ("1\u{a0}500,00", 150_000),
            ("1\u{202f}500", 150_000),
            ("1'500.50", 150_050),
            ("1.500.000", 150_000_000),
            ("1,500,000.00", 150_000_000),
            ("€ 1.500,-", 150_000),
            ("€1.500,--", 150_000),
            ("1500,-", 150_000),
            ("1.500,–", 150_000),
            ("EUR 1.500,00", 150_000),
            ("1.500,00 euro", 150_000),
            ("eur1500", 150_000),
            ("  1250 ", 125_000),
            // Invisible characters come along when people paste from a PDF, a phone or a spreadsheet.
            ("\u{202a}1.500,00\u{202c}", 150_000),
            ("\u{feff}€\u{a0}1.500,00", 150_000),
            ("1\u{200b}500", 150_000),
            ("20000000", MAX_AMOUNT),
        ] {
            for locale in ["nl", "en"] {
                assert_eq!(read_amount(text, locale, "EUR"), Ok(amount), "{text} in {locale}");
            }
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_with_the_reason() {
        for (text, problem) in [
            ("", Missing),
            (" \u{200b}\u{a0}", Missing),
            ("veel", NotANumber),
            ("€", NotANumber),
            ("1e18", NotANumber),
            ("1E3", NotANumber),
            ("0x10", NotANumber),
            ("NaN", NotANumber),
            ("1500 per stuk", NotANumber),
            (",5", NotANumber),
            (".", NotANumber),
            ("5.", NotANumber),
            ("1.50.00", NotANumber),
            ("1.234,567.89", NotANumber),
            ("1.23,45,67", NotANumber),
            ("1 50", NotANumber),
            ("12 34,50", NotANumber),
            ("1,2345", NotANumber),
            ("0.500", NotANumber),
            ("1500.500", NotANumber),
            ("1  500", NotANumber),
            ("1,,5", NotANumber),
            ("+5", NotANumber),
            ("1-2", NotANumber),
            ("٣٠٠", NotANumber),
            ("１５００", NotANumber),
            // A right-to-left override makes this text look like 1.500.
            ("\u{202e}005.1", NotANumber),
            ("-1500", Negative),
            ("€ -5", Negative),
            ("\u{2212}5,00", Negative),
            ("$ 1500", OtherCurrency),
            ("1500 USD", OtherCurrency),
            ("20000000,01", TooLarge),
            ("1000000000000000000", TooLarge),
            ("99999999999999999999999999", TooLarge),
        ] {
            for locale in ["nl", "en"] {
                assert_eq!(read_amount(text, locale, "EUR"), Err(problem), "{text} in {locale}");
            }
        }
        assert_eq!(read_amount(&"1".repeat(100_000), "nl", "EUR"), Err(NotANumber));
        assert_eq!(read_amount("$ 1500.00", "en", "USD"), Ok(150_000));
        assert_eq!(read_amount("€ 5", "en", "USD"), Err(OtherCurrency));
    }

    #[test]
    fn what_a_field_shows_is_read_back() {
        for amount in [0, 5, 100, 150_000, 151_250, MAX_AMOUNT] {
            for locale in ["nl", "en", "nl-BE"] {
                let text = write_input(amount, locale);
                assert_eq!(read_amount(&text, locale, "EUR"), Ok(amount), "{text} in {locale}");
            }
        }
        assert_eq!((write_input(151_250, "nl"), write_input(151_250, "en")), ("1512,50".into(), "1512.50".into()));
    }
}
