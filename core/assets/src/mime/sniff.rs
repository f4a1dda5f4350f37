//! What the first bytes of a file say it is: pictures, PDF, archives, models, fonts, and everything a browser would read
//! as a document.

/// How many bytes of a file are looked at.
pub(crate) const HEAD_BYTES: usize = 4096;

pub(super) const XML: &str = "application/xml";
/// What may as well be a document or a model, see [`super::content_type`].
pub(super) const ZIP: &str = "application/zip";
const XHTML: &str = "application/xhtml+xml";
const HTML: &str = "text/html";
const SVG: &str = "image/svg+xml";

/// Types that begin with fixed bytes.
const SIGNATURES: [(&[u8], &str); 13] = [
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"glTF\x02\0\0\0", "model/gltf-binary"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"\0asm", "application/wasm"),
];

/// Types that are believed only with their bytes.
const TYPES_WITH_MAGIC: [&str; 10] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/bmp",
    "image/tiff",
    "application/pdf",
    "model/gltf-binary",
    "font/woff",
    "font/woff2",
];

/// How an HTML document may begin; the list browsers use, without `<!--`.
const HTML_TAGS: [&str; 16] = [
    "!doctype", "html", "head", "script", "iframe", "h1", "div", "font", "table", "a", "style", "title", "b", "body",
    "br", "p",
];

/// Whether a file of this type begins with bytes that [`sniff_type`] knows.
pub(super) fn has_magic(content_type: &str) -> bool {
    TYPES_WITH_MAGIC.contains(&content_type)
}

/// Whether [`sniff_type`] saw this type by its tags, and not by bytes that text never begins with.
pub(super) fn is_markup(found: &str) -> bool {
    [XML, XHTML, HTML, SVG].contains(&found)
}

/// The type that the first bytes show, or `None` when they show nothing in particular.
pub(super) fn sniff_type(head: &[u8]) -> Option<&'static str> {
    let head = head.get(..HEAD_BYTES).unwrap_or(head);
    SIGNATURES
        .iter()
        .find(|(magic, _)| head.starts_with(magic))
        .map(|(_, found)| *found)
        .or_else(|| sniff_container(head))
        .or_else(|| sniff_bitmap(head))
        .or_else(|| sniff_markup(head))
}

/// Formats whose name stands inside a general box.
fn sniff_container(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Some("image/webp");
    }
    if head.get(4..8) != Some(b"ftyp") {
        return None;
    }
    match head.get(8..12)? {
        b"avif" | b"avis" => Some("image/avif"),
        b"heic" | b"heix" => Some("image/heic"),
        _ => None,
    }
}

/// Windows bitmaps begin with `BM`, as may any text: the size of the header that follows must be a known one too.
fn sniff_bitmap(head: &[u8]) -> Option<&'static str> {
    let size = u32::from_le_bytes(*head.get(14..18)?.first_chunk()?);
    (head.starts_with(b"BM") && [12, 16, 40, 52, 56, 64, 108, 124].contains(&size)).then_some("image/bmp")
}

fn sniff_markup(head: &[u8]) -> Option<&'static str> {
    let text = lowercase_text(head);
    let text = text.trim_start();
    let holds = |tag: &str| text.contains(tag);
    let tag = text.strip_prefix('<')?;
    if tag.starts_with("?xml") {
        return Some(if holds("<svg") || holds("<!doctype svg") {
            SVG
        } else if holds("<html") {
            XHTML
        } else {
            XML
        });
    }
    // A comment may stand before either, and a browser reads on after it.
    if is_tag(tag, "svg")
        || tag.starts_with("!doctype svg")
        || (tag.starts_with("!--") && holds("<svg") && !holds("<html"))
    {
        return Some(SVG);
    }
    let html = tag.starts_with("!--") || HTML_TAGS.iter().any(|name| is_tag(tag, name));
    html.then_some(HTML)
}

/// Whether a tag, without its `<`, has this name.
fn is_tag(tag: &str, name: &str) -> bool {
    tag.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '\t', '\n', '\r', '\x0c', '/', '>']))
}

/// The bytes as lower-case text, without byte order mark; two-byte encodings are told by theirs.
fn lowercase_text(head: &[u8]) -> String {
    let wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    let bytes: Vec<u8> = match head {
        _ if wide => head.iter().skip(2).copied().filter(|b| *b != 0).collect(),
        [0xef, 0xbb, 0xbf, rest @ ..] => rest.to_vec(),
        _ => head.to_vec(),
    };
    String::from_utf8_lossy(&bytes).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_sniffed_from_the_first_bytes() {
        let mut bmp = b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0".to_vec();
        bmp.extend_from_slice(&40u32.to_le_bytes());
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain("<html>".bytes().flat_map(|b| [b, 0])).collect();
        for (head, expected) in [
            (b"\xff\xd8\xff\xe0".as_slice(), Some("image/jpeg")),
            (b"GIF87a", Some("image/gif")),
            (b"RIFF\0\0\0\0WEBPVP8L", Some("image/webp")),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"II*\0", Some("image/tiff")),
            (&bmp, Some("image/bmp")),
            (b"BM is how this text begins", None),
            (b"\0\0\0\x1cftypavif", Some("image/avif")),
            (b"\0\0\0\x1cftypisom", None),
            (b"<!doctype HTML>", Some(HTML)),
            (b"\xef\xbb\xbf\n<body\tonload=x>", Some(HTML)),
            (&wide, Some(HTML)),
            (b"<br/>", Some(HTML)),
            (b"<!-- x --><b>", Some(HTML)),
            (b"<!-- x --><svg>", Some(SVG)),
            (b"<!DOCTYPE svg PUBLIC>", Some(SVG)),
            (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>", Some(XHTML)),
            (b"<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'/>", Some(XML)),
            (b"<address>", None),
            (b"a < b", None),
            (b"<", None),
            (b"", None),
        ] {
            assert_eq!(sniff_type(head), expected, "{:?}", String::from_utf8_lossy(head));
        }
    }
}
