//! Addresses of private files: a caller who may read an entry with one gets a signed address that expires.

use super::sql::UrlFormat;
use crate::state::FileUrlSigner;
use memchr::memmem;

/// The beginning of a private file's address.
const PRIVATE_PREFIX: &[u8] = b"/uploads/private/";

/// Signs the addresses in what was written from `start` on. Without such an address, costs a search for its beginning.
pub(super) fn sign_urls(out: &mut Vec<u8>, start: usize, address: UrlFormat, links: Option<&dyn FileUrlSigner>) {
    let Some(links) = links else { return };
    // In JSON it is the value of a member `url`, with or without a blank before it.
    let own = |text: &[u8], at: usize| match address {
        UrlFormat::Text => at == 1,
        UrlFormat::Json => {
            let before = text[..at].strip_suffix(b"\"").unwrap_or_default();
            before.strip_suffix(b" ").unwrap_or(before).ends_with(b"\"url\":")
        }
    };
    let mut from = start;
    while let Some(found) = memmem::find(&out[from..], PRIVATE_PREFIX) {
        let at = from + found;
        let name = at + PRIVATE_PREFIX.len();
        let Some(length) = out[name..].iter().position(|b| *b == b'"') else { return };
        let end = name + length;
        from = end;
        if !own(&out[start..], at - start) {
            continue;
        }
        let Ok(text) = std::str::from_utf8(&out[name..end]) else { continue };
        // Parameters of a rendition precede the signature.
        let query = match text.split_once('?') {
            None => links.signature_query(text),
            Some((text, _)) => format!("&{}", links.signature_query(text).trim_start_matches('?')),
        };
        from += query.len();
        out.splice(end..end, query.into_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct NamedSigner;

    impl FileUrlSigner for NamedSigner {
        fn signature_query(&self, name: &str) -> String {
            format!("?for={name}")
        }
    }

    fn sign_text(text: &str, address: UrlFormat) -> String {
        let mut out = b"before /uploads/private/x\"".to_vec();
        let start = out.len();
        out.extend_from_slice(text.as_bytes());
        sign_urls(&mut out, start, address, Some(&NamedSigner));
        String::from_utf8(out.split_off(start)).unwrap()
    }

    #[test]
    fn only_private_file_urls_are_signed() {
        assert_eq!(sign_text(r#""/uploads/private/a.png""#, UrlFormat::Text), r#""/uploads/private/a.png?for=a.png""#);
        assert_eq!(sign_text(r#""/uploads/private/a?w=1""#, UrlFormat::Text), r#""/uploads/private/a?w=1&for=a""#);
        for other in [r#""/uploads/a.png""#, r#""x /uploads/private/a.png""#, r#""""#, "null", r#""/uploads/private/"#]
        {
            assert_eq!(sign_text(other, UrlFormat::Text), other);
        }
        assert_eq!(
            sign_text(
                r#"{"s":{"name":"/uploads/private/n","url":"/uploads/private/b"},"m":{"url": "/uploads/private/c"}}"#,
                UrlFormat::Json
            ),
            r#"{"s":{"name":"/uploads/private/n","url":"/uploads/private/b?for=b"},"m":{"url": "/uploads/private/c?for=c"}}"#
        );
    }
}
