//! Text that was encoded twice, as moves from one database to another leave it: UTF-8 that was taken for Windows-1252, and encoded again. "café" has
//! become "cafÃ©".

use super::Converter;
use serde_json::{Map, Value as Json};

/// Longest part of a text that is shown as an example, in characters.
const EXAMPLE_CHARS: usize = 40;
/// Characters of Windows-1252 for the bytes 0x80 to 0x9f; five of them have none, and stay what they are in Latin-1.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Handling of texts that were encoded twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TextRepair {
    /// They are reported, and imported as they are.
    #[default]
    Report,
    /// They are reported, and imported as they were before.
    Mend,
}

/// Texts of an attribute that were encoded twice.
#[derive(Debug, Default)]
pub(super) struct EncodingFinding {
    count: u64,
    example: (String, String),
}

impl Converter<'_> {
    /// Finds texts of a row that were encoded twice, and mends them if that is asked for. Passwords are hashes.
    pub(super) fn check_encoding(&mut self, uid: &str, data: &mut Map<String, Json>) {
        for (attribute, value) in data {
            let mut found = EncodingFinding::default();
            check_value(value, self.repair, &mut found);
            if found.count > 0 {
                let known = self.encoding_findings.entry(format!("{uid}, {attribute}")).or_default();
                if known.count == 0 {
                    known.example = found.example;
                }
                known.count += found.count;
            }
        }
    }

    /// Adds what was found to the report.
    pub(super) fn report_encoding(&mut self) {
        for (place, EncodingFinding { count, example: (before, after) }) in std::mem::take(&mut self.encoding_findings)
        {
            let message = match self.repair {
                TextRepair::Report => format!(
                    "texts that were encoded twice are imported as they are: {count}, such as {before:?} for {after:?}. Import with --repair-texts to mend them"
                ),
                TextRepair::Mend => {
                    format!("texts that were encoded twice are mended: {count}, such as {before:?}, now {after:?}")
                }
            };
            self.report.add_difference(place, message);
        }
    }
}

fn check_value(value: &mut Json, repair: TextRepair, found: &mut EncodingFinding) {
    match value {
        Json::String(text) => {
            let Some(decoded) = decode(text) else { return };
            if found.count == 0 {
                found.example = (shorten(text), shorten(&decoded));
            }
            found.count += 1;
            if repair == TextRepair::Mend {
                *text = decoded;
            }
        }
        Json::Array(list) => list.iter_mut().for_each(|value| check_value(value, repair, found)),
        Json::Object(members) => members.values_mut().for_each(|value| check_value(value, repair, found)),
        _ => {}
    }
}

/// The text before it was encoded again; `None` if it was not. Every character has to be one of Windows-1252, and all their bytes together UTF-8: a
/// text in which somebody wrote an accent is not.
fn decode(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(encode_char).collect();
    String::from_utf8(bytes?).ok()
}

fn encode_char(c: char) -> Option<u8> {
    match u32::from(c) {
        code @ (0..=0x7f | 0xa0..=0xff) => u8::try_from(code).ok(),
        _ => {
            let index = WINDOWS_1252.iter().position(|known| *known == c).map(|index| index + 0x80);
            // Latin-1 has control characters there.
            let latin = u8::try_from(u32::from(c)).ok();
            index.and_then(|index| u8::try_from(index).ok()).or(latin)
        }
    }
}

/// The part of a text around its first character that is not ASCII.
fn shorten(text: &str) -> String {
    let first = text.chars().position(|c| !c.is_ascii()).unwrap_or_default();
    let start = first.saturating_sub(EXAMPLE_CHARS / 2);
    let part: String = text.chars().skip(start).take(EXAMPLE_CHARS).collect();
    let before = if start > 0 { "…" } else { "" };
    let after = if text.chars().count() > start + EXAMPLE_CHARS { "…" } else { "" };
    format!("{before}{part}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_decodes_as_a_whole_was_encoded_twice() {
        for (text, expected) in [
            ("cafÃ©", Some("café")),
            ("itâ€™s â‚¬5", Some("it’s €5")),
            ("ðŸ˜€", Some("😀")),
            ("Â°C", Some("°C")),
            ("à la carte", None),
            ("café", None),
            ("cafÃ© and café", None),
            ("cafÃ© 日本", None),
            ("Ã", None),
            ("ÃO", None),
            ("plain", None),
            ("", None),
        ] {
            assert_eq!(decode(text).as_deref(), expected, "{text}");
        }
        let long = format!("{}é{}", "a".repeat(50), "b".repeat(50));
        assert_eq!(shorten(&long), format!("…{}é{}…", "a".repeat(20), "b".repeat(19)));
    }
}
