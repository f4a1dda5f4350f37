//! Vehicle identification numbers. It knows no host.

/// Characters of a number.
const VIN_CHARS: usize = 17;

/// Returns a number as it is stored: in capitals, without spaces around it.
pub(crate) fn normalise_vin(text: &str) -> String {
    text.trim().to_ascii_uppercase()
}

/// True for 17 letters and digits without I, O and Q, which look like digits.
pub(crate) fn is_vin(text: &str) -> bool {
    let fits = |c: char| (c.is_ascii_uppercase() && !matches!(c, 'I' | 'O' | 'Q')) || c.is_ascii_digit();
    text.chars().count() == VIN_CHARS && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_seventeen_characters_that_look_like_no_other() {
        assert!(is_vin("XL9AA11G1X0000001"));
        let wrong = [
            "",
            "XL9AA11G1X000001",
            "XL9AA11G1X00000012",
            "XL9AA11G1XO000001",
            "XL9AA11G1XI000001",
            "XL9AA11G1XQ000001",
            "xl9aa11g1x0000001",
            "XL9AA11G1X 000001",
            "XL9AA11G1X-000001",
            "XL9AA11G1X00000é1",
            "ＸL9AA11G1X0000001",
        ];
        for text in wrong {
            assert!(!is_vin(text), "{text}");
        }
    }

    #[test]
    fn small_letters_are_another_spelling() {
        assert_eq!(normalise_vin(" xl9aa11g1x0000001\t"), "XL9AA11G1X0000001");
        assert!(!is_vin(&normalise_vin("xl9aa11g1xo000001")));
    }
}
