//! Bearer tokens of `Authorization` headers.

use crate::error::AuthError;

/// Longest header that is parsed, in bytes.
const MAX_HEADER_BYTES: usize = 8 * 1024;

/// The token of a header; `None` if the header means the public.
pub(crate) fn bearer_token(header: &[u8]) -> Result<Option<&str>, AuthError> {
    if header.len() > MAX_HEADER_BYTES {
        return Err(AuthError::Unknown);
    }
    let blank = header.iter().position(u8::is_ascii_whitespace).unwrap_or(header.len());
    let (scheme, rest) = header.split_at(blank);
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Ok(None);
    }
    match rest.trim_ascii() {
        [] => Ok(None),
        token => {
            let token = std::str::from_utf8(token).map_err(|_| AuthError::Unknown)?;
            // Two tokens, or a folded second header: neither is taken.
            if token.contains(|c: char| c.is_ascii_whitespace() || c == ',') {
                Err(AuthError::Unknown)
            } else {
                Ok(Some(token))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearer_header_yields_token_none_or_error() {
        for (header, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer abc", Some("abc")),
            ("BEARER  abc ", Some("abc")),
            ("Bearer", None),
            ("Bearer ", None),
            ("Bearer    ", None),
            ("", None),
            ("Basic YTpi", None),
            ("abc", None),
            ("Bearerabc", None),
        ] {
            assert_eq!(bearer_token(header.as_bytes()).ok(), Some(token), "{header:?}");
        }
        let long = [b"Bearer ".as_slice(), &[b'a'; MAX_HEADER_BYTES]].concat();
        for header in [b"Bearer a b".as_slice(), b"Bearer a, Bearer b", b"Bearer \xff", &long] {
            assert!(matches!(bearer_token(header), Err(AuthError::Unknown)));
        }
    }
}
