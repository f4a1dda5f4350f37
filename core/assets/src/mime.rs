//! Content types of files: the type that the sender declared, unless the bytes tell otherwise.
//!
//! A type with magic bytes is believed only when they are there, and bytes that a browser would take for a document
//! are called that, whatever the sender says. The type decides how the file is served, see [`crate::serve_headers`].

mod sniff;

pub(crate) use sniff::HEAD_BYTES;

/// The type of a file of which nothing is known.
pub(crate) const UNKNOWN_TYPE: &str = "application/octet-stream";

/// Longest type and subtype together that is taken over from a sender, in bytes.
const MAX_TYPE_BYTES: usize = 127;

/// Text that no browser runs, and that may well begin with markup: a README often opens with HTML.
const PASSIVE_TEXT: [&str; 3] = ["text/plain", "text/markdown", "text/csv"];

/// Extensions of which the table of `mime_guess` knows nothing, or an older name of the type.
const EXTENSIONS: [(&str, &str); 10] = [
    ("3mf", "model/3mf"),
    ("m4a", "audio/mp4"),
    ("mtl", "model/mtl"),
    ("obj", "model/obj"),
    ("otf", "font/otf"),
    ("ply", "model/ply"),
    ("stl", "model/stl"),
    ("ttf", "font/ttf"),
    ("usdz", "model/vnd.usdz+zip"),
    ("woff", "font/woff"),
];

/// Older names that systems still use for types, each with the registered name.
const OLDER_NAMES: [(&str, &str); 13] = [
    ("application/font-sfnt", "font/sfnt"),
    ("application/font-woff", "font/woff"),
    ("application/font-woff2", "font/woff2"),
    ("application/sla", "model/stl"),
    ("application/vnd.ms-pki.stl", "model/stl"),
    ("application/x-font-opentype", "font/otf"),
    ("application/x-font-otf", "font/otf"),
    ("application/x-font-truetype", "font/ttf"),
    ("application/x-font-ttf", "font/ttf"),
    ("application/x-tgif", "model/obj"),
    ("application/x-zip", sniff::ZIP),
    ("application/x-zip-compressed", sniff::ZIP),
    ("audio/x-m4a", "audio/mp4"),
];

/// Types of files that are ZIP archives, beside those whose name tells it.
const ZIP_BASED_TYPES: [&str; 7] = [
    "application/java-archive",
    "application/vnd.android.package-archive",
    "application/vnd.apple.keynote",
    "application/vnd.apple.numbers",
    "application/vnd.apple.pages",
    "application/vnd.google-earth.kmz",
    "model/3mf",
];

/// The content type of a file with this extension (with or without its dot), where it is a known one.
pub fn content_type_of_extension(ext: &str) -> Option<&'static str> {
    let ext = ext.trim_start_matches('.');
    let own = EXTENSIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(ext));
    own.map(|(_, content_type)| *content_type).or_else(|| mime_guess::from_ext(ext).first_raw())
}

/// The content type of a file, from what its sender declared, its extension (`.png`) and its first bytes
/// ([`HEAD_BYTES`] of them are enough).
pub(crate) fn content_type(declared: Option<&str>, ext: &str, head: &[u8]) -> String {
    let declared = declared.and_then(type_essence).filter(|declared| declared != UNKNOWN_TYPE).map(registered_name);
    let of_extension = content_type_of_extension(ext);
    let found = sniff::sniff_type(head);
    if found == Some(sniff::ZIP) {
        // Office documents, models and books are archives; which of them, only a name tells.
        let named_type =
            [declared.as_deref(), of_extension].into_iter().flatten().find(|candidate| is_in_zip(candidate));
        return named_type.unwrap_or(sniff::ZIP).to_owned();
    }
    let named_type = declared.or_else(|| of_extension.map(str::to_owned));
    match (found, named_type) {
        (Some(found), Some(named_type)) if sniff::is_markup(found) && PASSIVE_TEXT.contains(&named_type.as_str()) => {
            named_type
        }
        // Feeds, maps and the like: XML all the same, and served as such.
        (Some(sniff::XML), Some(named_type)) if named_type == "text/xml" || named_type.ends_with("+xml") => named_type,
        (Some(found), _) => found.to_owned(),
        (None, Some(named_type)) if !sniff::has_magic(&named_type) => named_type,
        (None, _) => UNKNOWN_TYPE.to_owned(),
    }
}

fn registered_name(content_type: String) -> String {
    match OLDER_NAMES.iter().find(|(older, _)| *older == content_type) {
        Some((_, registered)) => (*registered).to_owned(),
        None => content_type,
    }
}

/// True if files of this type are ZIP archives. Those with macros are told apart from those without by their type, and
/// neither is ever opened here.
fn is_in_zip(content_type: &str) -> bool {
    let office = ["application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."];
    content_type.ends_with("+zip")
        || office.iter().any(|start| content_type.starts_with(start))
        || (content_type.starts_with("application/vnd.ms-")
            && content_type.to_ascii_lowercase().contains("macroenabled"))
        || ZIP_BASED_TYPES.contains(&content_type)
}

/// Kind of a file for people, by its content type: `image`, `video`, `audio`, `document`, `model` or `other`.
pub fn file_kind(content_type: &str) -> &'static str {
    let (class, subtype) = content_type.split_once('/').unwrap_or_default();
    match class {
        "image" => "image",
        "video" => "video",
        "audio" => "audio",
        "model" => "model",
        "text" => "document",
        "application" => {
            let document = ["pdf", "msword", "rtf", "json", "xml", "epub+zip"].contains(&subtype)
                || ["vnd.openxmlformats-officedocument", "vnd.oasis.opendocument", "vnd.ms-"]
                    .iter()
                    .any(|p| subtype.starts_with(p));
            if document { "document" } else { "other" }
        }
        _ => "other",
    }
}

/// The extension, with its dot, of a file that came without one; empty where the type has none.
pub(crate) fn extension_for_type(content_type: &str) -> String {
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
        UNKNOWN_TYPE => return String::new(),
        "font/ttf" => "ttf",
        "font/otf" => "otf",
        "model/gltf+json" => "gltf",
        "model/gltf-binary" => "glb",
        "model/stl" => "stl",
        "model/obj" => "obj",
        "model/vnd.usdz+zip" => "usdz",
        other => match mime_guess::get_mime_extensions_str(other) {
            Some([first, ..]) => first,
            _ => return String::new(),
        },
    };
    format!(".{usual}")
}

/// `type/subtype` in lower case without parameters; `None` where it is not well-formed.
pub(crate) fn type_essence(declared: &str) -> Option<String> {
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
    fn magic_bytes_override_the_declared_type() {
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
    fn declared_type_overrides_the_extension() {
        for (declared, ext, head, expected) in [
            (Some("text/plain; charset=latin1"), ".bin", b"hello".as_slice(), "text/plain"),
            (Some("Application/JSON"), "", b"{}", "application/json"),
            (Some("application/octet-stream"), ".txt", b"hello", "text/plain"),
            (None, ".mp4", b"\0\0\0\x18ftypmp42", "video/mp4"),
            (None, "", b"hello", UNKNOWN_TYPE),
            (Some("text/markdown"), ".md", b"<h1 align=center>Hi</h1>", "text/markdown"),
            (None, ".md", b"<!-- note -->", "text/markdown"),
            (Some("application/rss+xml"), ".rss", b"<?xml version='1.0'?><rss/>", "application/rss+xml"),
            (Some("text/css"), ".css", b"<?xml version='1.0'?><a/>", "application/xml"),
        ] {
            assert_eq!(content_type(declared, ext, head), expected, "{declared:?} {ext} {head:?}");
        }
    }

    #[test]
    fn types_with_magic_bytes_require_them() {
        assert_eq!(content_type(Some("image/png"), ".png", b""), UNKNOWN_TYPE);
        assert_eq!(content_type(Some("image/jpeg"), ".jpg", b"alert(1)"), UNKNOWN_TYPE);
        assert_eq!(content_type(None, ".pdf", b"hello"), UNKNOWN_TYPE);
    }

    #[test]
    fn models_fonts_and_documents_get_their_types() {
        const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        const ODT: &str = "application/vnd.oasis.opendocument.text";
        let zip = b"PK\x03\x04\x14\0".as_slice();
        let empty = b"PK\x05\x06\0\0".as_slice();
        let glb = b"glTF\x02\0\0\0\x0c\0\0\0".as_slice();
        for (declared, ext, head, expected) in [
            (None, ".gltf", b"{\"asset\":{}}".as_slice(), "model/gltf+json"),
            (None, ".glb", glb, "model/gltf-binary"),
            (Some("application/octet-stream"), "", glb, "model/gltf-binary"),
            (None, ".glb", b"no model", UNKNOWN_TYPE),
            (None, ".obj", b"v 0 0 0", "model/obj"),
            (Some("application/x-tgif"), ".obj", b"v 0 0 0", "model/obj"),
            (None, ".stl", b"solid a", "model/stl"),
            (Some("application/vnd.ms-pki.stl"), ".stl", b"solid a", "model/stl"),
            (None, ".USDZ", zip, "model/vnd.usdz+zip"),
            (None, ".woff2", b"wOF2\0\x01\0\0", "font/woff2"),
            (None, ".woff", b"wOFF\0\x01\0\0", "font/woff"),
            (Some("application/font-woff"), ".woff", b"wOFF\0\x01\0\0", "font/woff"),
            (None, ".woff2", b"alert(1)", UNKNOWN_TYPE),
            (None, ".ttf", b"\0\x01\0\0", "font/ttf"),
            (None, ".otf", b"OTTO", "font/otf"),
            (None, ".docx", zip, DOCX),
            (Some(DOCX), ".docx", zip, DOCX),
            (Some(DOCX), "", zip, DOCX),
            (Some("application/zip"), ".docx", zip, DOCX),
            (Some("application/x-zip-compressed"), ".xlsx", zip, XLSX),
            (None, ".odt", zip, ODT),
            (None, ".epub", zip, "application/epub+zip"),
            (None, ".docm", zip, "application/vnd.ms-word.document.macroenabled.12"),
            (None, ".zip", zip, "application/zip"),
            (None, ".zip", empty, "application/zip"),
            (None, "", zip, "application/zip"),
            (Some("image/png"), ".png", zip, "application/zip"),
            (Some("text/html"), ".html", zip, "application/zip"),
            (None, ".docx", b"<html><script>", "text/html"),
            // A document with a password is no archive.
            (None, ".docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", DOCX),
            (None, ".wasm", b"\0asm\x01\0\0\0", "application/wasm"),
            (Some("image/png"), ".png", b"\0asm\x01\0\0\0", "application/wasm"),
            (Some("audio/x-m4a"), ".m4a", b"\0\0\0\x1cftypM4A ", "audio/mp4"),
        ] {
            assert_eq!(content_type(declared, ext, head).to_ascii_lowercase(), expected, "{declared:?} {ext} {head:?}");
        }
    }

    #[test]
    fn malformed_declared_types_are_ignored() {
        let long = format!("text/{}", "x".repeat(200));
        for declared in ["", "/", "png", "image/", "image/png/x", "a b/c", "text/ht\r\nml", "text/ü", "*/*", &long] {
            assert_eq!(type_essence(declared), None, "{declared:?}");
            assert_eq!(content_type(Some(declared), "", b"x"), UNKNOWN_TYPE);
        }
    }

    #[test]
    fn types_map_to_their_usual_extension() {
        for (content_type, expected) in [
            ("image/png", ".png"),
            ("image/jpeg", ".jpg"),
            ("image/svg+xml", ".svg"),
            ("application/pdf", ".pdf"),
            ("text/html", ".html"),
            ("text/plain", ".txt"),
            ("model/gltf-binary", ".glb"),
            ("model/vnd.usdz+zip", ".usdz"),
            ("font/woff2", ".woff2"),
            (UNKNOWN_TYPE, ""),
            ("x-made/up", ""),
        ] {
            assert_eq!(extension_for_type(content_type), expected, "{content_type}");
        }
    }
}
