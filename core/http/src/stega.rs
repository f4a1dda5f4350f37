//! Text that nobody sees: the encoding of `@vercel/stega` and `@sanity/client/stega`, which scripts of previews read.
//!
//! Hidden text begins with four zeros. Each byte of it is four digits of base four, the highest first, and each digit is a character without
//! width. Readers take every run of such characters, so that it can stand anywhere in a text.

/// The digits 0 to 3, in UTF-8: ZERO WIDTH SPACE, NON-JOINER and JOINER, and NO-BREAK SPACE.
const DIGITS: [&str; 4] = ["\u{200b}", "\u{200c}", "\u{200d}", "\u{feff}"];

/// Beginning of hidden text.
const START: [usize; 4] = [0; 4];

/// Appends text that is not seen.
pub(crate) fn push_hidden(out: &mut String, hidden: &str) {
    out.reserve((hidden.len() + 1) * START.len() * DIGITS[0].len());
    let digits = hidden.bytes().flat_map(|byte| [6, 4, 2, 0].map(|shift| usize::from(byte >> shift & 3)));
    out.extend(START.into_iter().chain(digits).map(|digit| DIGITS[digit]));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hide(text: &str) -> String {
        let mut out = String::new();
        push_hidden(&mut out, text);
        out
    }

    /// As `vercelStegaEncode` of `@vercel/stega` 1.1.0 writes them.
    #[test]
    fn hidden_text_is_as_vercel_writes_it() {
        assert_eq!(hide(""), "\u{200b}".repeat(4));
        // 0x7b is 1323 in base four, 0x7d is 1331.
        let braces = "\u{200c}\u{feff}\u{200d}\u{feff}\u{200c}\u{feff}\u{feff}\u{200c}";
        assert_eq!(hide("{}"), format!("{}{braces}", "\u{200b}".repeat(4)));
    }

    #[test]
    fn hidden_text_reads_back_whatever_it_is() {
        let text = "{\"a\":\"é, 日本, 🪨\"}\0";
        let digits: Vec<u8> =
            hide(text).chars().map(|c| DIGITS.iter().position(|digit| digit.starts_with(c)).unwrap() as u8).collect();
        let bytes: Vec<u8> = digits[4..].chunks(4).map(|d| d.iter().fold(0, |byte, digit| byte << 2 | digit)).collect();
        assert_eq!(String::from_utf8(bytes).unwrap(), text);
    }
}
