//! Values → JSON bytes.

/// True if a byte must be escaped in a JSON string.
const fn is_special(b: u8) -> bool {
    b < 0x20 || b == b'"' || b == b'\\'
}

/// True if one of eight bytes is special, without a branch per byte.
fn has_special(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero_in = |x: u64| x.wrapping_sub(ONES) & !x & HIGH;
    let below_space = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
    (below_space | zero_in(word ^ (ONES * b'"' as u64)) | zero_in(word ^ (ONES * b'\\' as u64))) != 0
}

/// Writes UTF-8 text as a JSON string.
pub(super) fn write_string(out: &mut Vec<u8>, text: &[u8]) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut start = 0;
    let mut i = 0;
    while i < text.len() {
        if let Some(chunk) = text.get(i..i + 8)
            && let Ok(bytes) = <[u8; 8]>::try_from(chunk)
            && !has_special(u64::from_le_bytes(bytes))
        {
            i += 8;
            continue;
        }
        let b = text[i];
        if is_special(b) {
            out.extend_from_slice(&text[start..i]);
            match b {
                b'"' => out.extend_from_slice(b"\\\""),
                b'\\' => out.extend_from_slice(b"\\\\"),
                b'\n' => out.extend_from_slice(b"\\n"),
                b'\r' => out.extend_from_slice(b"\\r"),
                b'\t' => out.extend_from_slice(b"\\t"),
                0x08 => out.extend_from_slice(b"\\b"),
                0x0c => out.extend_from_slice(b"\\f"),
                _ => {
                    const HEX: &[u8; 16] = b"0123456789abcdef";
                    out.extend_from_slice(b"\\u00");
                    out.push(HEX[(b >> 4) as usize]);
                    out.push(HEX[(b & 15) as usize]);
                }
            }
            start = i + 1;
        }
        i += 1;
    }
    out.extend_from_slice(&text[start..]);
    out.push(b'"');
}

/// Writes text known to need no escaping.
pub(super) fn write_plain(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

pub(super) fn write_integer(out: &mut Vec<u8>, i: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(i).as_bytes());
}

/// Writes a number as JavaScript prints it: `1000`, not `1000.0`; null if it is not finite.
pub(super) fn write_float(out: &mut Vec<u8>, f: f64) {
    if !f.is_finite() {
        out.extend_from_slice(b"null");
    } else if f.fract() == 0.0 && f.abs() < 9.0e15 {
        write_integer(out, f as i64);
    } else {
        out.extend_from_slice(ryu::Buffer::new().format_finite(f).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_strings_read_back_unchanged() {
        let mut text = String::new();
        for c in (0..0x300u32).chain([0xffff, 0x1f600]).filter_map(char::from_u32) {
            text.push(c);
            for lead in 0..9 {
                let padded = format!("{}{c}tail of text", "x".repeat(lead));
                let mut out = Vec::new();
                write_string(&mut out, padded.as_bytes());
                assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), padded);
            }
        }
        let mut out = Vec::new();
        write_string(&mut out, text.as_bytes());
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
    }

    #[test]
    fn floats_are_written_like_javascript() {
        let text = |f| {
            let mut out = Vec::new();
            write_float(&mut out, f);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            (text(1000.0), text(0.125), text(-3.5), text(f64::NAN)),
            ("1000".into(), "0.125".into(), "-3.5".into(), "null".into())
        );
    }
}
