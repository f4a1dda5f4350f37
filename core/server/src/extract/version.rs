//! What a client says about a write in headers: `If-Match`, the version token that it got as `Cairn-Version`, and
//! `Cairn-Autosave`.

use crate::error::WireError;
use axum::http::header::{HeaderName, HeaderValue, IF_MATCH};
use axum::http::{HeaderMap, Response};
use cairn_content::WriteTerms;

/// The header of answers that show one document.
pub(crate) const CAIRN_VERSION: HeaderName = HeaderName::from_static("cairn-version");

/// What the client has seen of the document it changes: the token, quoted or not. `*` and no header say nothing.
///
/// # Errors
/// 400 for what is no token, or more than one.
pub(crate) fn expected(headers: &HeaderMap) -> Result<Option<i64>, WireError> {
    let mut given = headers.get_all(IF_MATCH).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return match headers.contains_key(IF_MATCH) {
            true => Err(refused()),
            false => Ok(None),
        };
    };
    let text = value.to_str().map_err(|_| refused())?.trim();
    if text == "*" {
        return Ok(None);
    }
    let token = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    let digits = !token.is_empty() && token.bytes().all(|b| b.is_ascii_digit());
    token.parse().ok().filter(|_| digits).map(Some).ok_or_else(refused)
}

/// The header of saves that an editor makes by itself.
const CAIRN_AUTOSAVE: HeaderName = HeaderName::from_static("cairn-autosave");

/// The terms of a write.
///
/// # Errors
/// 400, as [`expected`], and for a `Cairn-Autosave` that is neither `true` nor `false`.
pub(crate) fn terms(headers: &HeaderMap) -> Result<WriteTerms, WireError> {
    let autosave = match headers.get(CAIRN_AUTOSAVE).map(HeaderValue::as_bytes) {
        None | Some(b"false") => false,
        Some(b"true") => true,
        Some(_) => return Err(WireError::validation("Cairn-Autosave: expected true or false")),
    };
    let mut terms = WriteTerms::from(expected(headers)?);
    terms.autosave = autosave;
    Ok(terms)
}

fn refused() -> WireError {
    WireError::validation("If-Match: expected one token of a Cairn-Version header, such as \"7\"")
}

/// Adds the token to an answer.
pub(crate) fn with<B>(mut response: Response<B>, version: Option<i64>) -> Response<B> {
    if let Some(version) = version {
        response.headers_mut().insert(CAIRN_VERSION, HeaderValue::from(version));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<Option<i64>, ()> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IF_MATCH, HeaderValue::from_str(value).unwrap());
        }
        expected(&headers).map_err(|_| ())
    }

    #[test]
    fn tokens() {
        assert_eq!(
            (read(&[]), read(&["*"]), read(&["7"]), read(&["\"7\""])),
            (Ok(None), Ok(None), Ok(Some(7)), Ok(Some(7)))
        );
        for bad in ["", "W/\"7\"", "x", "-1", "7, 8", "\"7", "99999999999999999999", "+7"] {
            assert_eq!(read(&[bad]), Err(()), "{bad}");
        }
        assert_eq!(read(&["7", "7"]), Err(()));
    }
}
