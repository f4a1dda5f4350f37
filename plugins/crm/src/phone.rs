//! Phone numbers in their international form (E.164). It knows no host.

/// Fewest and most digits of a number with its country code; shorter ones are internal or emergency numbers.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// The Netherlands, whose national numbers all have one length.
const NETHERLANDS: &str = "31";
const DUTCH_DIGITS: usize = 9;

/// A number as people write it (`06-12 34 56 78`, `+31 (0)20 123 4567`, `0031…`) as `+31612345678`; none where it can be no number.
/// `country_code` is that of numbers without one.
pub(crate) fn normalise_phone(text: &str, country_code: &str) -> Option<String> {
    let text = text.trim();
    // The zero in brackets is dialled within the country only.
    let text = text.replace("(0)", " ");
    let (international, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text.as_str()),
    };
    let mut digits = String::with_capacity(rest.len());
    for c in rest.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' | '\u{2011}' | '\u{2013}' => {}
            _ => return None,
        }
    }
    let number = match (international, digits.strip_prefix("00"), digits.strip_prefix('0')) {
        (true, _, _) => digits,
        (false, Some(rest), _) => rest.to_owned(),
        (false, None, Some(national)) => format!("{country_code}{national}"),
        // Neither a zero nor a plus: with the country's own code it is an international number whose plus is missing.
        (false, None, None) if digits.starts_with(country_code) && digits.len() > DUTCH_DIGITS => digits,
        (false, None, None) => format!("{country_code}{digits}"),
    };
    let number = match number.strip_prefix(NETHERLANDS) {
        // A zero that stayed between the code and the number.
        Some(national) => format!("{NETHERLANDS}{}", national.strip_prefix('0').unwrap_or(national)),
        None => number,
    };
    let fits = match number.strip_prefix(NETHERLANDS) {
        Some(national) => national.len() == DUTCH_DIGITS && !national.starts_with('0'),
        None => DIGITS.contains(&number.len()) && !number.starts_with('0'),
    };
    fits.then(|| format!("+{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_one_form_however_it_is_written() {
        for text in [
            "0612345678",
            "06-12345678",
            "06 12 34 56 78",
            "+31612345678",
            "+31 6 1234 5678",
            "+31 (0)6 12345678",
            "0031 6 12345678",
            "31612345678",
            "612345678",
            " (06) 12.34.56.78 ",
            "+310612345678",
        ] {
            assert_eq!(normalise_phone(text, "31").as_deref(), Some("+31612345678"), "{text}");
        }
        assert_eq!(normalise_phone("020/123 4567", "31").as_deref(), Some("+31201234567"));
    }

    #[test]
    fn other_countries_keep_their_code() {
        assert_eq!(normalise_phone("+32 470 12 34 56", "31").as_deref(), Some("+32470123456"));
        assert_eq!(normalise_phone("0049 30 901820", "31").as_deref(), Some("+4930901820"));
        assert_eq!(normalise_phone("0470 12 34 56", "32").as_deref(), Some("+32470123456"));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "+",
            "0",
            "06",
            "06123",
            "061234567890",
            "call me",
            "06-1234567x",
            "0800 call",
            "+0123456789",
            "٠٦١٢٣٤٥٦٧٨",
        ] {
            assert_eq!(normalise_phone(text, "31"), None, "{text}");
        }
        assert_eq!(normalise_phone(&"1".repeat(100_000), "31"), None);
    }
}
