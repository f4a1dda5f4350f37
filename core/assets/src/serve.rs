//! How a stored file is handed to a browser, so that no upload ever runs in the site it was uploaded to.
//!
//! What is harmless to look at is shown; everything else, known or not, is a download. Both come with a policy that
//! leaves a document without scripts and without an origin, and with the order not to guess another type.

use crate::mime::{UNKNOWN_TYPE, content_type_of_extension, type_essence};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const FILE_POLICY: &str = "sandbox; default-src 'none'";
const NO_SNIFF: &str = "nosniff";

/// Longest file name in a header, in characters.
const MAX_NAME_CHARS: usize = 200;

/// Characters that are encoded in a header parameter: all but those of RFC 5987 `attr-char`.
const PARAMETER_ESCAPES: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Pictures that cannot hold a script.
const INERT_PICTURES: [&str; 10] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "image/heic",
    "image/bmp",
    "image/tiff",
    "image/x-icon",
    "image/vnd.microsoft.icon",
];

/// The headers of a file that is served. Their values hold no line breaks or other control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeHeaders {
    /// `Content-Type`.
    pub content_type: String,
    /// `Content-Disposition`; `None` for what is shown in place.
    pub content_disposition: Option<String>,
    /// `Content-Security-Policy`.
    pub content_security_policy: &'static str,
    /// `X-Content-Type-Options`.
    pub content_type_options: &'static str,
}

impl ServeHeaders {
    /// The headers by their names in lower case.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("content-type", Some(self.content_type.as_str())),
            ("content-disposition", self.content_disposition.as_deref()),
            ("content-security-policy", Some(self.content_security_policy)),
            ("x-content-type-options", Some(self.content_type_options)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

/// How to serve a file: `mime` as it is stored, its extension with the dot, and the name under which it is downloaded.
///
/// Any text may be passed: a type that is not well-formed becomes `application/octet-stream`. A file is shown in place
/// only when both its type and its extension are harmless.
pub fn serve_headers(mime: &str, ext: &str, file_name: &str) -> ServeHeaders {
    let mime = type_essence(mime).unwrap_or_else(|| UNKNOWN_TYPE.to_owned());
    let is_inline = is_harmless(&mime) && content_type_of_extension(ext).is_none_or(is_harmless);
    ServeHeaders {
        content_type: served_type(mime),
        content_disposition: (!is_inline).then(|| attachment_header(file_name)),
        content_security_policy: FILE_POLICY,
        content_type_options: NO_SNIFF,
    }
}

/// True if a browser that shows this type runs nothing of it. PDF is missing on purpose: it may hold scripts, and
/// browsers refuse to show it under the policy.
fn is_harmless(mime: &str) -> bool {
    mime == "text/plain" || INERT_PICTURES.contains(&mime) || mime.starts_with("audio/") || mime.starts_with("video/")
}

fn served_type(mime: String) -> String {
    // A download header does not keep a page from loading a script or a style sheet as its own; another type does.
    let loadable = ["javascript", "ecmascript", "jscript", "livescript"].iter().any(|name| mime.contains(name));
    if loadable || mime == "text/css" || mime == "application/wasm" {
        return UNKNOWN_TYPE.to_owned();
    }
    if mime.starts_with("text/") { format!("{mime}; charset=utf-8") } else { mime }
}

/// An RFC 6266 attachment: a plain name for old clients, and the true one where that differs.
fn attachment_header(file_name: &str) -> String {
    let name: String = file_name.chars().filter(|c| !c.is_control() && !is_bidi(*c)).take(MAX_NAME_CHARS).collect();
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    if plain == name {
        return format!("attachment; filename=\"{plain}\"");
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(&name, PARAMETER_ESCAPES))
}

/// Characters that need neither quoting nor guessing. `%` is not one: some browsers decode it.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || " !#$&'()+,-.;=@[]^_`{}~".contains(c)
}

/// Marks that turn the direction of text: `gnp.exe` would read as `exe.png`.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn active_content_is_served_as_a_download() {
        for (mime, ext) in [
            ("text/html", ".html"),
            ("application/xhtml+xml", ".xhtml"),
            ("image/svg+xml", ".svg"),
            ("application/xml", ".xml"),
            ("text/xml", ".xsl"),
            ("application/rss+xml", ".rss"),
            ("text/javascript", ".js"),
            ("text/css", ".css"),
            ("application/pdf", ".pdf"),
            ("multipart/related", ".mhtml"),
            ("application/octet-stream", ""),
            ("x-made/up", ".up"),
            ("image/png", ".html"),
            ("text/plain", ".svg"),
            ("text/html", ".png"),
            ("text/html\r\nx: y", ".png"),
            ("", ""),
        ] {
            let headers = serve_headers(mime, ext, "a.bin");
            assert_eq!(headers.content_disposition.as_deref(), Some("attachment; filename=\"a.bin\""), "{mime} {ext}");
        }
    }

    #[test]
    fn passive_media_and_text_are_served_inline() {
        for (mime, ext, content_type) in [
            ("image/png", ".png", "image/png"),
            ("image/jpeg", ".jpg", "image/jpeg"),
            ("image/webp", "", "image/webp"),
            ("video/mp4", ".mp4", "video/mp4"),
            ("audio/mpeg", ".mp3", "audio/mpeg"),
            ("text/plain", ".txt", "text/plain; charset=utf-8"),
        ] {
            let headers = serve_headers(mime, ext, "a");
            assert_eq!((headers.content_type.as_str(), &headers.content_disposition), (content_type, &None));
        }
    }

    #[test]
    fn models_and_fonts_are_downloads_with_their_types() {
        for (mime, ext) in [
            ("model/gltf+json", ".gltf"),
            ("model/gltf-binary", ".glb"),
            ("model/vnd.usdz+zip", ".usdz"),
            ("model/stl", ".stl"),
            ("font/woff2", ".woff2"),
            ("application/vnd.oasis.opendocument.text", ".odt"),
        ] {
            let headers = serve_headers(mime, ext, "a");
            assert_eq!(headers.content_type, mime);
            assert!(headers.content_disposition.is_some(), "{mime}");
        }
    }

    #[test]
    fn csp_and_nosniff_headers_are_always_set() {
        let headers: Vec<_> =
            serve_headers("image/png", ".png", "a.png").iter().map(|(n, v)| format!("{n}: {v}")).collect();
        assert_eq!(
            headers,
            [
                "content-type: image/png",
                "content-security-policy: sandbox; default-src 'none'",
                "x-content-type-options: nosniff"
            ]
        );
        assert_eq!(serve_headers("text/html", ".html", "a").iter().count(), 4);
    }

    #[test]
    fn scripts_and_style_sheets_are_served_as_octet_streams() {
        for mime in ["text/javascript", "application/javascript", "application/x-javascript", "text/css"] {
            assert_eq!(serve_headers(mime, "", "a").content_type, UNKNOWN_TYPE);
        }
    }

    #[test]
    fn file_names_are_quoted_for_old_and_new_clients() {
        let disposition_for = |name| serve_headers("text/html", "", name).content_disposition.unwrap();
        assert_eq!(disposition_for("a b.html"), "attachment; filename=\"a b.html\"");
        assert_eq!(disposition_for("é\".html"), "attachment; filename=\"__.html\"; filename*=UTF-8''%C3%A9%22.html");
        assert_eq!(disposition_for("a\r\nx: y"), "attachment; filename=\"ax_ y\"; filename*=UTF-8''ax%3A%20y");
        assert_eq!(disposition_for("exe\u{202e}gnp.html"), "attachment; filename=\"exegnp.html\"");
        assert_eq!(disposition_for("100%41"), "attachment; filename=\"100_41\"; filename*=UTF-8''100%2541");
        assert!(disposition_for(&"x".repeat(5000)).len() < 300);
    }

    proptest! {
        #[test]
        fn header_values_are_printable_ascii(mime in ".{0,40}", ext in ".{0,10}", name in ".{0,300}") {
            for (_, value) in serve_headers(&mime, &ext, &name).iter() {
                prop_assert!(value.bytes().all(|b| (0x20..0x7f).contains(&b)), "{}", value);
            }
        }
    }
}
