//! The `Authorization` header. A proxy and Cairn might each look at another of several: more than one is nobody's.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use cairn_access::AuthError;

/// The header, if there is one; 401 where there are more. How long it may be is checked by `access`.
pub fn authorization_header(headers: &HeaderMap) -> Result<Option<&[u8]>, AuthError> {
    let mut all = headers.get_all(AUTHORIZATION).iter().map(HeaderValue::as_bytes);
    match (all.next(), all.next()) {
        (one, None) => Ok(one),
        _ => Err(AuthError::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicate_authorization_headers_are_rejected() {
        let mut headers = HeaderMap::new();
        assert_eq!(authorization_header(&headers).ok(), Some(None));
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer a"));
        assert_eq!(authorization_header(&headers).ok(), Some(Some(b"Bearer a".as_slice())));
        // A second header is refused even if it repeats the first or is empty.
        for second in ["Bearer a", "Bearer b", ""] {
            let mut headers = headers.clone();
            headers.append(AUTHORIZATION, HeaderValue::from_static(second));
            assert!(matches!(authorization_header(&headers), Err(AuthError::Unknown)), "{second}");
        }
    }
}
