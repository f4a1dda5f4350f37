//! What a file is: the type its sender declared, unless its bytes tell otherwise.
//!
//! A type with magic bytes is believed only when they are there, and bytes that a browser would take for a document
//! are called that, whatever the sender says. The type decides how the file is served, see [`crate::serve_headers`].

mod sniff;

pub(crate) use sniff::HEAD_BYTES;

/// The type of a file of which nothing is known.
pub(crate) const UNKNOWN: &str = "application/octet-stream";

/// Longest type and subtype together that is taken over from a sender, in bytes.
const MAX_TYPE_BYTES: usize = 127;

/// Text that no browser runs, and that may well begin with markup: a README often opens with HTML.
const PASSIVE_TEXT: [&str; 3] = ["text/plain", "text/markdown", "text/csv"];

/// The content type of a file with this extension (with or without its dot), where it is a known one.
pub fn content_type_of_extension(ext: &str) -> Option<&'static str> {
    mime_guess::from_ext(ext.trim_start_matches('.')).first_raw()
}

/// The content type of a file, from what its sender declared, its extension (`.png`) and its first bytes
/// ([`HEAD_BYTES`] of them are enough).
pub(crate) fn content_type(declared: Option<&str>, ext: &str, head: &[u8]) -> String {
    let named = declared
        .and_then(essence)
        .filter(|declared| declared != UNKNOWN)
        .or_else(|| content_type_of_extension(ext).map(str::to_owned));
    match (sniff::sniff(head), named) {
        (Some(found), Some(named)) if sniff::is_markup(found) && PASSIVE_TEXT.contains(&named.as_str()) => named,
        // Feeds, maps and the like: XML all the same, and served as such.
        (Some(sniff::XML), Some(named)) if named == "text/xml" || named.ends_with("+xml") => named,
        (Some(found), _) => found.to_owned(),
        (None, Some(named)) if !sniff::has_magic(&named) => named,
        (None, _) => UNKNOWN.to_owned(),
    }
}

/// What people call a file of that type: `image`, `video`, `audio`, `document`, `model` or `other`.
pub fn kind(content_type: &str) -> &'static str {
    let (class, of) = content_type.split_once('/').unwrap_or_default();
    match class {
        "image" => "image",
        "video" => "video",
        "audio" => "audio",
        "model" => "model",
        "text" => "document",
        "application" => {
            let document = ["pdf", "msword", "rtf", "json", "xml", "epub+zip"].contains(&of)
                || ["vnd.openxmlformats-officedocument", "vnd.oasis.opendocument", "vnd.ms-"]
                    .iter()
                    .any(|p| of.starts_with(p));
            if document { "document" } else { "other" }
        }
        _ => "other",
    }
}

/// The extension, with its dot, of a file that came without one; empty where the type has none.
pub(crate) fn extension_of(content_type: &str) -> String {
    // The first that is registered is often one nobody uses (`jpe`, `asc`).
    let usual = match content_type {
        "image/jpeg" => "jpg",
        "image/tiff" => "tiff",
        "text/html" => "html",
        "text/plain" => "txt",
        "text/markdown" => "md",
        "application/xml" | "text/xml" => "xml",
        "video/mp4" => "mp4",
        "video/quicktime" => "mov",
        "audio/mpeg" => "mp3",
        UNKNOWN => return String::new(),
        other => match mime_guess::get_mime_extensions_str(other) {
            Some([first, ..]) => first,
            _ => return String::new(),
        },
    };
    format!(".{usual}")
}

/// `type/subtype` in lower case without parameters; `None` where it is not well-formed.
pub(crate) fn essence(declared: &str) -> Option<String> {
    let (essence, _) = declared.split_once(';').unwrap_or((declared, ""));
    let essence = essence.trim().to_ascii_lowercase();
    let (kind, subtype) = essence.split_once('/')?;
    (essence.len() <= MAX_TYPE_BYTES && is_token(kind) && is_token(subtype)).then_some(essence)
}

fn is_token(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[test]
    fn bytes_win_over_what_is_declared() {
        for (declared, ext, head, expected) in [
            (Some("image/png"), ".png", PNG, "image/png"),
            (None, ".png", PNG, "image/png"),
            (Some("text/html"), ".html", PNG, "image/png"),
            (Some("image/jpeg"), ".jpg", PNG, "image/png"),
            (Some("image/png"), ".png", b"<html><script>alert(1)</script>".as_slice(), "text/html"),
            (Some("image/png"), ".png", b" \r\n<ScRiPt src=x>", "text/html"),
            (Some("video/mp4"), ".mp4", b"<!DOCTYPE html>", "text/html"),
            (Some("image/png"), ".png", b"<svg xmlns='http://www.w3.org/2000/svg' onload=x>", "image/svg+xml"),
            (Some("application/octet-stream"), "", b"<?xml version='1.0'?><svg/>", "image/svg+xml"),
            (Some("image/png"), ".png", b"%PDF-1.7", "application/pdf"),
            (Some("image/gif"), ".gif", b"GIF89a=1;alert(1)//", "image/gif"),
        ] {
            assert_eq!(content_type(declared, ext, head), expected, "{declared:?} {ext} {head:?}");
        }
    }

    #[test]
    fn what_is_declared_wins_over_the_extension() {
        for (declared, ext, head, expected) in [
            (Some("text/plain; charset=latin1"), ".bin", b"hello".as_slice(), "text/plain"),
            (Some("Application/JSON"), "", b"{}", "application/json"),
            (Some("application/octet-stream"), ".txt", b"hello", "text/plain"),
            (None, ".mp4", b"\0\0\0\x18ftypmp42", "video/mp4"),
            (None, "", b"hello", UNKNOWN),
            (Some("text/markdown"), ".md", b"<h1 align=center>Hi</h1>", "text/markdown"),
            (None, ".md", b"<!-- note -->", "text/markdown"),
            (Some("application/rss+xml"), ".rss", b"<?xml version='1.0'?><rss/>", "application/rss+xml"),
            (Some("text/css"), ".css", b"<?xml version='1.0'?><a/>", "application/xml"),
        ] {
            assert_eq!(content_type(declared, ext, head), expected, "{declared:?} {ext} {head:?}");
        }
    }

    #[test]
    fn types_with_magic_bytes_need_them() {
        assert_eq!(content_type(Some("image/png"), ".png", b""), UNKNOWN);
        assert_eq!(content_type(Some("image/jpeg"), ".jpg", b"alert(1)"), UNKNOWN);
        assert_eq!(content_type(None, ".pdf", b"hello"), UNKNOWN);
    }

    #[test]
    fn malformed_types_are_not_taken_over() {
        let long = format!("text/{}", "x".repeat(200));
        for declared in ["", "/", "png", "image/", "image/png/x", "a b/c", "text/ht\r\nml", "text/ü", "*/*", &long] {
            assert_eq!(essence(declared), None, "{declared:?}");
            assert_eq!(content_type(Some(declared), "", b"x"), UNKNOWN);
        }
    }

    #[test]
    fn files_without_extension_get_the_usual_one() {
        for (content_type, expected) in [
            ("image/png", ".png"),
            ("image/jpeg", ".jpg"),
            ("image/svg+xml", ".svg"),
            ("application/pdf", ".pdf"),
            ("text/html", ".html"),
            ("text/plain", ".txt"),
            (UNKNOWN, ""),
            ("x-made/up", ""),
        ] {
            assert_eq!(extension_of(content_type), expected, "{content_type}");
        }
    }
}
