//! Phone numbers of all countries in their international form (E.164), which is stored and compared.

use crate::invisible::remove_invisible;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat};

/// Longest text that is read, in bytes.
const MAX_TEXT_BYTES: usize = 250;
/// Fewest and most digits of a number with its country code; shorter ones are internal or emergency numbers.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// The Netherlands, whose national numbers have one length, except those of services.
const NETHERLANDS: &str = "31";
const DUTCH_DIGITS: usize = 9;
/// Zero that is dialled within the country only, as people put it into international numbers.
const TRUNK_ZERO: &str = "(0)";

/// A number as people write it (`06-12 34 56 78`, `+49 (0711) 22 93 90`, `tel:+31…`, `0031…`) as `+31612345678`; none where it can be no
/// number. `country_code` is that of numbers without one.
pub fn normalise_phone(text: &str, country_code: &str) -> Option<String> {
    let written = WrittenNumber::read(text)?;
    // A Dutch number of the usual length is the same in every library, and needs none.
    let plain = written
        .to_plain_number(country_code)
        .filter(|number| DIGITS.contains(&number.len()) && !number.starts_with('0'));
    if let Some(number) = plain.as_deref().filter(|number| is_plain_dutch(number)) {
        return Some(format!("+{number}"));
    }
    let valid = written.list_readings().into_iter().filter_map(|reading| parse(&reading, country_code));
    let valid =
        valid.filter(|number| PHONE_NUMBER_UTIL.is_valid_number(number)).map(|number| format_number(&number)).next();
    // Countries give out new numbers before libraries know them. Dutch ones of another length are typing errors.
    valid.or_else(|| plain.filter(|number| !number.starts_with(NETHERLANDS)).map(|number| format!("+{number}")))
}

/// The forms under which a number may be stored since before [`normalise_phone`] knew the rules of all countries: its own first, then that
/// with the digits that are dialled within the country only, and that without a zero that belongs to it. At most three.
pub fn list_variants(number: &str) -> Vec<String> {
    let mut variants = vec![number.to_owned()];
    if number.strip_prefix('+').is_none_or(is_plain_dutch) {
        return variants;
    }
    let Ok(parsed) = PHONE_NUMBER_UTIL.parse(number, None) else { return variants };
    let code = format!("+{}", parsed.country_code);
    let Some(national) = number.strip_prefix(&code) else { return variants };
    let dialled = PHONE_NUMBER_UTIL.format(&parsed, PhoneNumberFormat::National);
    let dialled: String = dialled.chars().filter(char::is_ascii_digit).collect();
    let without_zero = national.strip_prefix('0').unwrap_or(national);
    for form in [dialled.as_str(), without_zero] {
        let variant = format!("{code}{form}");
        if !variants.contains(&variant) {
            variants.push(variant);
        }
    }
    variants
}

/// A number as far as its writing goes, without a country's rules.
struct WrittenNumber {
    /// True if it begins with a plus.
    is_international: bool,
    digits: String,
    /// The digits without a zero in brackets, where there is one.
    without_trunk_zero: Option<String>,
}

impl WrittenNumber {
    fn read(text: &str) -> Option<Self> {
        if text.len() > MAX_TEXT_BYTES {
            return None;
        }
        let visible = remove_invisible(text);
        let text = visible.trim();
        let text = match text.get(..4) {
            Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => text.get(4..).unwrap_or_default(),
            _ => text,
        };
        let text: String = text.chars().map(to_ascii).collect();
        let (is_international, digits) = read_digits(&text)?;
        let without = text.contains(TRUNK_ZERO).then(|| read_digits(&text.replacen(TRUNK_ZERO, " ", 1)));
        Some(Self { is_international, digits, without_trunk_zero: without.flatten().map(|(_, digits)| digits) })
    }

    /// Digits with the country code, by the rules that most countries share: a leading zero is the country's own, two are international.
    fn to_plain_number(&self, country_code: &str) -> Option<String> {
        let digits = self.without_trunk_zero.as_ref().unwrap_or(&self.digits);
        let number = match (self.is_international, digits.strip_prefix("00"), digits.strip_prefix('0')) {
            (true, _, _) => digits.clone(),
            (false, Some(rest), _) => rest.to_owned(),
            (false, None, Some(national)) => format!("{country_code}{national}"),
            // A number without zero or plus that begins with the country's own code is an international one whose plus is missing.
            (false, None, None) if digits.starts_with(country_code) && digits.len() > DUTCH_DIGITS => digits.clone(),
            (false, None, None) => format!("{country_code}{digits}"),
        };
        match number.strip_prefix(NETHERLANDS) {
            // A zero that stayed between the code and the number.
            Some(national) => Some(format!("{NETHERLANDS}{}", national.strip_prefix('0').unwrap_or(national))),
            None => Some(number).filter(|number| !number.is_empty()),
        }
    }

    /// Readings of it for a library: with the zero in brackets, which is a part of Italian numbers, and without it.
    fn list_readings(&self) -> Vec<String> {
        let plus = if self.is_international { "+" } else { "" };
        [Some(&self.digits), self.without_trunk_zero.as_ref()]
            .into_iter()
            .flatten()
            .map(|digits| format!("{plus}{digits}"))
            .collect()
    }
}

/// The digits of a text, and whether a plus stands before them; none where there is anything but digits and what people put between them.
fn read_digits(text: &str) -> Option<(bool, String)> {
    let (mut is_international, mut digits) = (false, String::with_capacity(text.len()));
    for c in text.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() && !is_international => is_international = true,
            '-' | '.' | '/' | '(' | ')' | '[' | ']' | '\u{b7}' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
            c if c.is_whitespace() && !c.is_control() => {}
            _ => return None,
        }
    }
    (!digits.is_empty() && digits.len() <= *DIGITS.end() + 4).then_some((is_international, digits))
}

/// Full-width and Arabic digits, and signs, as those of ASCII.
fn to_ascii(c: char) -> char {
    let shift = |first: u32, zero: char| char::from_u32(u32::from(c) - first + u32::from(zero)).unwrap_or(c);
    match c {
        '\u{ff01}'..='\u{ff5e}' => shift(0xff01, '!'),
        '\u{660}'..='\u{669}' => shift(0x660, '0'),
        '\u{6f0}'..='\u{6f9}' => shift(0x6f0, '0'),
        c => c,
    }
}

fn is_plain_dutch(number: &str) -> bool {
    number
        .strip_prefix(NETHERLANDS)
        .is_some_and(|national| national.len() == DUTCH_DIGITS && !national.starts_with('0'))
}

fn parse(reading: &str, country_code: &str) -> Option<PhoneNumber> {
    let region = country_code.parse().ok().and_then(|code| PHONE_NUMBER_UTIL.get_region_for_country_code(code));
    PHONE_NUMBER_UTIL.parse(reading, region).ok()
}

fn format_number(number: &PhoneNumber) -> String {
    PHONE_NUMBER_UTIL.format(number, PhoneNumberFormat::E164).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalise(text: &str) -> Option<String> {
        normalise_phone(text, "31")
    }

    #[test]
    fn one_number_has_one_form_however_it_is_written() {
        for text in [
            "0612345678",
            "06-12345678",
            "06 12 34 56 78",
            "+31612345678",
            "+31 6 1234 5678",
            "+31 (0)6 12345678",
            "+31 (06) 12345678",
            "(+31) 6 12345678",
            "(+31)(0)612345678",
            "[+31] 6 12345678",
            "0031 6 12345678",
            "31612345678",
            "612345678",
            " (06) 12.34.56.78 ",
            "+310612345678",
            "tel:+31612345678",
            "TEL: 06-12345678",
            "06\u{2010}12345678",
            "06\u{2011}12\u{2012}34\u{2013}56\u{2014}78",
            "06\u{2212}12345678",
            "\u{202a}+31 6 12345678\u{202c}",
            "\u{202a}0\u{200b}6\u{feff}12345678",
            "06\u{a0}12\u{202f}34\u{2009}56 78",
            "０６－１２３４５６７８",
            "＋31 6 12345678",
            "٠٦١٢٣٤٥٦٧٨",
        ] {
            assert_eq!(normalise(text).as_deref(), Some("+31612345678"), "{text}");
        }
        assert_eq!(normalise("020/123 4567").as_deref(), Some("+31201234567"));
        assert_eq!(normalise("0800-1234").as_deref(), Some("+318001234"));
    }

    #[test]
    fn numbers_of_other_countries_follow_their_rules() {
        for (text, number) in [
            ("+49 (0711) 22 93 90", "+49711229390"),
            ("+49 711 229390", "+49711229390"),
            ("+49 (0)711 229390", "+49711229390"),
            ("0049 711 229390", "+49711229390"),
            ("+44 (020) 7946 0958", "+442079460958"),
            ("+44 (0)20 7946 0958", "+442079460958"),
            ("+44 20 7946 0958", "+442079460958"),
            ("+32 470 12 34 56", "+32470123456"),
            ("+32 (0)470 12 34 56", "+32470123456"),
            ("+32 0470 12 34 56", "+32470123456"),
            // The zero of Italian numbers is a part of them.
            ("+39 06 698 12345", "+390669812345"),
            ("+39 (0)6 698 12345", "+390669812345"),
            // Hungary dials 06, and Spain nothing.
            ("+36 (06) 1 234 5678", "+3612345678"),
            ("+34 (0)91 123 45 67", "+34911234567"),
            ("+1 (212) 555-0123", "+12125550123"),
            ("+7 (8) 495 123-45-67", "+74951234567"),
        ] {
            assert_eq!(normalise(text).as_deref(), Some(number), "{text}");
        }
        assert_eq!(normalise_phone("0470 12 34 56", "32").as_deref(), Some("+32470123456"));
        assert_eq!(normalise_phone("0711 229390", "49").as_deref(), Some("+49711229390"));
        assert_eq!(normalise_phone("(212) 555-0123", "1").as_deref(), Some("+12125550123"));
        assert_eq!(normalise_phone("06-12345678", "no code"), None);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "+",
            "0",
            "06",
            "06123",
            "061234567",
            "061234567890",
            "call me",
            "06-1234567x",
            "0800 call",
            "+0123456789",
            "+31+612345678",
            "06+12345678",
            "06\n12345678",
            "\u{202e}0612345678",
            "\u{200b}\u{feff}",
            "tel:",
            "++31612345678",
        ] {
            assert_eq!(normalise(text), None, "{text}");
        }
        assert_eq!(normalise(&"1".repeat(100_000)), None);
        assert_eq!(normalise(&"(0)".repeat(80)), None);
    }

    #[test]
    fn numbers_that_were_stored_otherwise_are_looked_for() {
        assert_eq!(list_variants("+31612345678"), ["+31612345678"]);
        assert_eq!(list_variants("+49711229390"), ["+49711229390", "+490711229390"]);
        assert_eq!(list_variants("+390669812345"), ["+390669812345", "+39669812345"]);
        for text in ["", "call me", "+", "+0", "+99912345678"] {
            assert_eq!(list_variants(text), [text]);
        }
    }
}
