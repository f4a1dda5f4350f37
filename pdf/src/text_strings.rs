//! Text strings of a PDF: of names, values and dates, not of pages.

/// Letters of PDFDocEncoding (PDF 32000, D.3) that are not those of Latin-1, by their bytes.
const LOW_LETTERS: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
const HIGH_LETTERS: [char; 33] = [
    '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ', 'ﬂ', 'Ł', 'Œ',
    'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{fffd}', '€',
];
/// Sign around the name of a language in a text.
const LANGUAGE_SIGN: char = '\u{1b}';

/// Decodes a text string: UTF-16 or UTF-8 where it begins with their mark, else PDFDocEncoding.
pub(crate) fn decode_text(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => without_languages(&decode_utf16(rest, u16::from_be_bytes)),
        // Little-endian UTF-16 is not part of the standard, but written by some programs and read by all.
        [0xff, 0xfe, rest @ ..] => without_languages(&decode_utf16(rest, u16::from_le_bytes)),
        [0xef, 0xbb, 0xbf, rest @ ..] => without_languages(&String::from_utf8_lossy(rest)),
        _ => bytes.iter().map(|byte| decode_letter(*byte)).collect(),
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}

fn decode_letter(byte: u8) -> char {
    match byte {
        0x18..=0x1f => LOW_LETTERS[usize::from(byte - 0x18)],
        0x80..=0xa0 => HIGH_LETTERS[usize::from(byte - 0x80)],
        0x7f | 0xad => char::REPLACEMENT_CHARACTER,
        _ => char::from(byte),
    }
}

/// A text without the languages that it names: `␛nl␛`.
fn without_languages(text: &str) -> String {
    text.split(LANGUAGE_SIGN).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded_as_the_standard_says() {
        let cases: [(&[u8], &str); 8] = [
            (b"\xa0 1.500 \x85 Jos\xe9 \x8dx\x8e", "€ 1.500 – José “x”"),
            (b"\x95\xf3d\x9f\x18\x1f\xad", "Łód\u{fffd}˘˜\u{fffd}"),
            (b"\x93\x94\x80\x92\x9e\r\n\t", "ﬁﬂ•™ž\r\n\t"),
            (b"\xfe\xff\x20\xac\x01\x41", "€Ł"),
            (b"\xff\xfe\xac\x20\x41\x01", "€Ł"),
            (b"\xef\xbb\xbf\xe2\x82\xac", "€"),
            (b"\xfe\xff\x00\x1b\x00n\x00l\x00\x1b\x00J\x00a", "Ja"),
            (b"\xfe\xff\xd8\x00", "\u{fffd}"),
        ];
        for (bytes, text) in cases {
            assert_eq!(decode_text(bytes), text, "{bytes:?}");
        }
    }
}
