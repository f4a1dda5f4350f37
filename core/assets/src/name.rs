//! Names of a file: for people (its display name), in the store and in its URL (`hash` and `ext`).
//!
//! The display name is anything a person wrote, without folders. `hash` and `ext` are made of characters that a
//! [`crate::BlobKey`] takes, whatever was sent, and short enough to stay one with a prefix before them.

use crate::AssetError;

/// Longest display name in bytes: what the database column holds.
const MAX_DISPLAY_BYTES: usize = 255;
/// Longest readable part of a hash.
const MAX_SLUG_BYTES: usize = 100;
/// Longest extension without its dot.
const MAX_EXTENSION_BYTES: usize = 16;
/// Readable part of the hash where nothing is left of a file's name.
const DEFAULT_NAME: &str = "file";

/// The last component of a name as a browser sent it, at most 255 bytes (the end of the stem goes, the extension stays).
///
/// # Errors
/// [`AssetError::BadName`] when nothing is left, or when it holds control characters: those are never typed, and
/// databases, logs and headers differ in what they make of them.
pub(crate) fn display_name(file_name: &str) -> Result<String, AssetError> {
    let bad = || AssetError::BadName { name: file_name.chars().take(MAX_DISPLAY_BYTES).collect() };
    let base_name = file_name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    if base_name.is_empty() || base_name == "." || base_name == ".." || file_name.chars().any(char::is_control) {
        return Err(bad());
    }
    if base_name.len() <= MAX_DISPLAY_BYTES {
        return Ok(base_name.to_owned());
    }
    let ext = file_extension(base_name);
    let stem = file_stem(base_name, &ext);
    let kept_ext = &base_name[stem.len()..];
    let cut = stem.floor_char_boundary(MAX_DISPLAY_BYTES - kept_ext.len());
    Ok(format!("{}{kept_ext}", &stem[..cut]))
}

/// The extension in lower case with its dot; empty where there is none, or where it is longer than 16 bytes or made of
/// more than ASCII letters and digits.
pub(crate) fn file_extension(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, ext)) if !stem.is_empty() && is_plain_extension(ext) => format!(".{}", ext.to_ascii_lowercase()),
        _ => String::new(),
    }
}

/// True if two extensions stand for the same type of file.
pub(crate) fn same_type(one: &str, other: &str) -> bool {
    let usual = |ext: &str| match ext {
        ".jpeg" | ".jpe" => ".jpg".to_owned(),
        ".tif" => ".tiff".to_owned(),
        ".htm" => ".html".to_owned(),
        other => other.to_owned(),
    };
    usual(one) == usual(other)
}

fn is_plain_extension(ext: &str) -> bool {
    (1..=MAX_EXTENSION_BYTES).contains(&ext.len()) && ext.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// A name without the given extension, if it ends with that in any case.
pub(crate) fn file_stem<'a>(name: &'a str, ext: &str) -> &'a str {
    match name.len().checked_sub(ext.len()).and_then(|at| name.split_at_checked(at)) {
        Some((stem, end)) if end.eq_ignore_ascii_case(ext) => stem,
        _ => name,
    }
}

/// The name's readable part, `_` and ten random hex digits: `my_photo_0a1b2c3d4e`.
pub(crate) fn new_hash(stem: &str) -> String {
    let random: [u8; 5] = rand::random();
    let digits: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}_{digits}", make_slug(stem))
}

/// Lower-case ASCII letters and digits; every run of anything else becomes one `_`, and none at the ends.
fn make_slug(stem: &str) -> String {
    let mut slug = String::new();
    for c in stem.chars() {
        if slug.len() >= MAX_SLUG_BYTES {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    let slug = slug.trim_end_matches('_');
    if slug.is_empty() { DEFAULT_NAME.to_owned() } else { slug.to_owned() }
}

/// Where a file is served: `/uploads/<hash><ext>`.
pub fn upload_url(hash: &str, ext: &str) -> String {
    format!("/uploads/{hash}{ext}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BlobKey;
    use proptest::prelude::*;

    #[test]
    fn slugs_are_ascii_and_at_most_100_characters() {
        for (stem, expected) in [
            ("big", "big"),
            ("My Photo (1)", "my_photo_1"),
            ("a.b--c", "a_b_c"),
            ("__x__", "x"),
            ("日本語", "file"),
            ("", "file"),
            ("../../etc/passwd", "etc_passwd"),
            ("%2e%2e%2f", "2e_2e_2f"),
            ("Müller", "m_ller"),
        ] {
            assert_eq!(make_slug(stem), expected, "{stem:?}");
        }
        assert_eq!(make_slug(&"x".repeat(300)).len(), 100);
        assert_eq!(make_slug(&format!("{} {}", "x".repeat(99), "y")), "x".repeat(99));
    }

    #[test]
    fn hashes_end_with_ten_random_hex_digits() {
        let (one, two) = (new_hash("big"), new_hash("big"));
        let digits = one.strip_prefix("big_").unwrap();
        assert!(digits.len() == 10 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{one}");
        assert_ne!(one, two);
    }

    #[test]
    fn extensions_are_lowercase_ascii_or_empty() {
        for (name, expected) in [
            ("a.PNG", ".png"),
            ("a.tar.gz", ".gz"),
            ("a", ""),
            ("a.", ""),
            (".htaccess", ""),
            ("a.p g", ""),
            ("a.png\0", ""),
            ("a.png%00.html", ".html"),
            ("a.ünï", ""),
            ("a.abcdefghijklmnop", ".abcdefghijklmnop"),
            ("a.abcdefghijklmnopq", ""),
        ] {
            assert_eq!(file_extension(name), expected, "{name:?}");
        }
    }

    #[test]
    fn stems_drop_the_extension() {
        assert_eq!(file_stem("Big.PNG", ".png"), "Big");
        assert_eq!(file_stem("renamed", ".png"), "renamed");
        assert_eq!(file_stem("é", ".png"), "é");
        assert_eq!(file_stem("aé", "."), "aé");
        assert_eq!(file_stem("a", ""), "a");
    }

    #[test]
    fn display_names_lose_folders_and_reject_control_characters() {
        for (file_name, expected) in [
            ("big.png", "big.png"),
            ("../../big.png", "big.png"),
            ("C:\\fakepath\\big.png", "big.png"),
            (" Grüße 😀.png ", "Grüße 😀.png"),
            ("%2e%2e%2fx", "%2e%2e%2fx"),
            ("...", "..."),
        ] {
            assert_eq!(display_name(file_name).unwrap(), expected);
        }
        for file_name in ["", " ", ".", "..", "a/..", "a/", "\\", "a\0b.png", "a\r\nSet-Cookie: x", "a\u{7f}"] {
            assert!(matches!(display_name(file_name), Err(AssetError::BadName { .. })), "{file_name:?}");
        }
    }

    #[test]
    fn long_display_names_are_cut_before_the_extension() {
        let short = display_name(&format!("{}.JPeg", "é".repeat(150))).unwrap();
        assert!(short.ends_with("é.JPeg") && (254..=255).contains(&short.len()), "{short}");
        assert_eq!(display_name(&"x".repeat(300)).unwrap().len(), 255);
    }

    proptest! {
        #[test]
        fn any_file_name_yields_a_valid_key(sent in "\\PC{0,60}|.{0,400}|[a-zA-Z./\\\\%]{0,20}") {
            let ext = file_extension(&sent);
            let hash = new_hash(file_stem(&sent, &ext));
            prop_assert!(BlobKey::parse(&format!("thumbnail_{hash}{ext}")).is_ok(), "{}{}", hash, ext);
            if let Ok(text) = display_name(&sent) {
                prop_assert!(!text.is_empty() && text.len() <= 255);
                prop_assert!(!text.contains(['/', '\\', '\0', '\n']));
                prop_assert_eq!(display_name(&text).unwrap(), text);
            }
        }
    }
}
