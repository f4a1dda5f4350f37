//! Detection of types by a file's first bytes: pictures, PDF, archives, models, fonts, and everything a browser would read
//! as a document. Fixed bytes are told by `file-format`; markup is told here, since a browser takes more for a document than the crates do
//! (decision 0041).

use file_format::FileFormat;

/// How many bytes of a file are looked at.
pub(crate) const HEAD_BYTES: usize = 4096;

pub(super) const XML: &str = "application/xml";
/// Archive type, which may as well be a document or a model, see [`super::content_type`].
pub(super) const ZIP: &str = "application/zip";
const XHTML: &str = "application/xhtml+xml";
const HTML: &str = "text/html";
const SVG: &str = "image/svg+xml";

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

/// True if a file of this type begins with bytes that [`sniff_type`] knows.
pub(super) fn has_magic(content_type: &str) -> bool {
    TYPES_WITH_MAGIC.contains(&content_type)
}

/// True if [`sniff_type`] saw this type by its tags, and not by bytes that text never begins with.
pub(super) fn is_markup(found: &str) -> bool {
    [XML, XHTML, HTML, SVG].contains(&found)
}

/// The type that the first bytes show, or `None` when they show nothing in particular.
pub(super) fn sniff_type(head: &[u8]) -> Option<&'static str> {
    let head = head.get(..HEAD_BYTES).unwrap_or(head);
    sniff_signature(head).or_else(|| sniff_bitmap(head)).or_else(|| sniff_markup(head))
}

/// The formats that are told by fixed bytes. `file-format` knows hundreds; types that are not in this list are believed as they are
/// declared. Formats that are read like another one have its type, as raw pictures of cameras that of TIFF.
fn sniff_signature(head: &[u8]) -> Option<&'static str> {
    use FileFormat as F;
    Some(match FileFormat::from_bytes(head) {
        F::PortableNetworkGraphics | F::AnimatedPortableNetworkGraphics => "image/png",
        F::JointPhotographicExpertsGroup | F::JpegLs => "image/jpeg",
        F::GraphicsInterchangeFormat => "image/gif",
        F::Webp => "image/webp",
        F::Av1ImageFileFormat | F::Av1ImageFileFormatSequence => "image/avif",
        F::HighEfficiencyImageCoding => "image/heic",
        // BigTIFF, which has a plus in place of the asterisk, is excluded: nothing here reads it.
        F::TagImageFileFormat if head.get(2..4).is_some_and(|version| !version.contains(&b'+')) => "image/tiff",
        F::CanonRaw2 | F::NikonElectronicFile | F::SonyAlphaRaw => "image/tiff",
        F::PortableDocumentFormat => "application/pdf",
        F::Zip => ZIP,
        F::GlTransmissionFormatBinary if head.get(4..8) == Some(&[2, 0, 0, 0]) => "model/gltf-binary",
        F::WebOpenFontFormat => "font/woff",
        F::WebOpenFontFormat2 => "font/woff2",
        F::WebassemblyBinary => "application/wasm",
        _ => return None,
    })
}

/// Windows bitmaps begin with `BM`, as may any text: the size of the header that follows must be a known one too. `file-format` misses
/// those of OS/2.
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

/// True if a tag, without its `<`, has this name.
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
            (b"GIFs are fun", None),
            (b"\x89PNG\r\n\x1a\n", Some("image/png")),
            (b"\x89PNG and more text", None),
            (b"12345678WEBP", None),
            (b"%PDF-1.7", Some("application/pdf")),
            (b"PK\x03\x04", Some(ZIP)),
            (b"PK\x05\x06", Some(ZIP)),
            (b"glTF\x02\0\0\0", Some("model/gltf-binary")),
            (b"glTF\x01\0\0\0", None),
            (b"wOFFOTTO", Some("font/woff")),
            (b"wOF2\0\x01\0\0", Some("font/woff2")),
            (b"\0asm\x01\0\0\0", Some("application/wasm")),
            (b"RIFF\0\0\0\0WEBPVP8L", Some("image/webp")),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"II*\0", Some("image/tiff")),
            (b"MM\0*", Some("image/tiff")),
            (b"II*\0\x10\0\0\0CR\x02\0", Some("image/tiff")),
            (b"II+\0", None),
            (&bmp, Some("image/bmp")),
            (b"BM is how this text begins", None),
            (b"\0\0\0\x1cftypavif", Some("image/avif")),
            (b"\0\0\0\x18ftypheic", Some("image/heic")),
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
