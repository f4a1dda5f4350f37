//! Headers about a write: `If-Match`, with the version token that a client got as `Cairn-Version`, `If-None-Match: *` for what does not
//! exist yet, `Cairn-Autosave` and `Cairn-Keep-Invalid`.

use crate::error::WireError;
use axum::http::header::{HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, Response};
use cairn_content::{Precondition, WriteOptions};

/// Header of responses that show one document: its version token.
pub const CAIRN_VERSION: HeaderName = HeaderName::from_static("cairn-version");

/// The parsed `If-Match` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IfMatch {
    Missing,
    /// The value `*`, which every version matches.
    Any,
    Version(i64),
}

fn if_match(headers: &HeaderMap) -> Result<IfMatch, WireError> {
    let mut iter = headers.get_all(IF_MATCH).iter();
    let (Some(value), None) = (iter.next(), iter.next()) else {
        return match headers.contains_key(IF_MATCH) {
            true => Err(invalid_if_match()),
            false => Ok(IfMatch::Missing),
        };
    };
    let text = value.to_str().map_err(|_| invalid_if_match())?.trim();
    if text == "*" {
        return Ok(IfMatch::Any);
    }
    let token = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    let digits = !token.is_empty() && token.bytes().all(|b| b.is_ascii_digit());
    token.parse().ok().filter(|_| digits).map(IfMatch::Version).ok_or_else(invalid_if_match)
}

/// The version token of the document that the client changes, quoted or not. `None` for `*` and without a header. Fails with 400 for what
/// is not a token, or more than one.
pub fn expected_version(headers: &HeaderMap) -> Result<Option<i64>, WireError> {
    Ok(match if_match(headers)? {
        IfMatch::Version(token) => Some(token),
        IfMatch::Missing | IfMatch::Any => None,
    })
}

/// The precondition of a change in the admin, which must be given: nobody overwrites unintentionally what they have not seen.
///
/// # Errors
/// 428 where it is missing, 400 where it cannot be parsed.
pub fn required_precondition(headers: &HeaderMap) -> Result<Precondition, WireError> {
    let mut absent = headers.get_all(IF_NONE_MATCH).iter();
    let absent = match (absent.next(), absent.next()) {
        (None, _) => false,
        (Some(value), None) if value.as_bytes().trim_ascii() == b"*" => true,
        _ => return Err(WireError::validation("If-None-Match: expected *")),
    };
    match (if_match(headers)?, absent) {
        (IfMatch::Missing, true) => Ok(Precondition::Absent),
        (IfMatch::Missing, false) => Err(WireError::precondition_required()),
        (_, true) => Err(WireError::validation("Send either If-Match or If-None-Match, not both")),
        (IfMatch::Any, false) => Ok(Precondition::None),
        (IfMatch::Version(token), false) => Ok(Precondition::Version(token)),
    }
}

/// As [`required_precondition`], for a change to something that must exist.
///
/// # Errors
/// As [`required_precondition`]; also 400 for `If-None-Match`.
pub fn required_version(headers: &HeaderMap) -> Result<Option<i64>, WireError> {
    match required_precondition(headers)? {
        Precondition::None => Ok(None),
        Precondition::Version(token) => Ok(Some(token)),
        Precondition::Absent => {
            Err(WireError::validation("If-None-Match: this resource must already exist; send If-Match instead"))
        }
    }
}

/// Header of saves that an editor makes automatically.
const CAIRN_AUTOSAVE: HeaderName = HeaderName::from_static("cairn-autosave");

/// The options of a write.
///
/// # Errors
/// 400, as [`expected_version`], and for a `Cairn-Autosave` that is neither `true` nor `false`.
pub fn write_options(headers: &HeaderMap) -> Result<WriteOptions, WireError> {
    with_autosave(expected_version(headers)?.into(), headers)
}

/// The options of a write in the admin.
///
/// # Errors
/// As [`write_options`], [`required_precondition`] and [`keeps_invalid`].
pub fn required_write_options(headers: &HeaderMap) -> Result<WriteOptions, WireError> {
    let mut terms = with_autosave(required_precondition(headers)?, headers)?;
    terms.keep_invalid = keeps_invalid(headers)?;
    Ok(terms)
}

/// Header of saves that store values of a draft although they break rules of its content type.
const CAIRN_KEEP_INVALID: HeaderName = HeaderName::from_static("cairn-keep-invalid");

/// True if a save of a draft in the admin stores invalid values.
///
/// # Errors
/// 400 for a `Cairn-Keep-Invalid` that is neither `true` nor `false`.
pub fn keeps_invalid(headers: &HeaderMap) -> Result<bool, WireError> {
    parse_switch(headers, &CAIRN_KEEP_INVALID, "Cairn-Keep-Invalid")
}

fn with_autosave(precondition: Precondition, headers: &HeaderMap) -> Result<WriteOptions, WireError> {
    let mut terms = WriteOptions::from(precondition);
    terms.autosave = parse_switch(headers, &CAIRN_AUTOSAVE, "Cairn-Autosave")?;
    Ok(terms)
}

fn parse_switch(headers: &HeaderMap, header: &HeaderName, name: &str) -> Result<bool, WireError> {
    match headers.get(header).map(HeaderValue::as_bytes) {
        None | Some(b"false") => Ok(false),
        Some(b"true") => Ok(true),
        Some(_) => Err(WireError::validation(format!("{name}: expected true or false"))),
    }
}

fn invalid_if_match() -> WireError {
    WireError::validation("If-Match: expected one token from a Cairn-Version header, such as \"7\"")
}

/// Adds the version token to a response, where there is one.
pub fn with_version_header<B>(mut response: Response<B>, version: Option<i64>) -> Response<B> {
    if let Some(version) = version {
        response.headers_mut().insert(CAIRN_VERSION, HeaderValue::from(version));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;

    fn headers(name: HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn read(values: &[&str]) -> Result<Option<i64>, ()> {
        expected_version(&headers(IF_MATCH, values)).map_err(|_| ())
    }

    #[test]
    fn if_match_accepts_one_version_token_or_a_wildcard() {
        assert_eq!(
            (read(&[]), read(&["*"]), read(&["7"]), read(&["\"7\""])),
            (Ok(None), Ok(None), Ok(Some(7)), Ok(Some(7)))
        );
        for bad in ["", "W/\"7\"", "x", "-1", "7, 8", "\"7", "99999999999999999999", "+7"] {
            assert_eq!(read(&[bad]), Err(()), "{bad}");
        }
        assert_eq!(read(&["7", "7"]), Err(()));
    }

    #[test]
    fn admin_writes_require_a_precondition() {
        let read = |headers: &HeaderMap| required_precondition(headers).map_err(|e| e.into_http_response().status());
        assert_eq!(read(&HeaderMap::new()), Err(StatusCode::PRECONDITION_REQUIRED));
        assert_eq!(read(&headers(IF_MATCH, &["\"7\""])), Ok(Precondition::Version(7)));
        assert_eq!(read(&headers(IF_MATCH, &["*"])), Ok(Precondition::None));
        assert_eq!(read(&headers(IF_NONE_MATCH, &["*"])), Ok(Precondition::Absent));
        for bad in [&["7"][..], &["\"7\""], &[""], &["*", "*"]] {
            assert_eq!(read(&headers(IF_NONE_MATCH, bad)), Err(StatusCode::BAD_REQUEST), "{bad:?}");
        }
        let mut both = headers(IF_MATCH, &["7"]);
        both.insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
        assert_eq!(read(&both), Err(StatusCode::BAD_REQUEST));
        assert!(required_version(&headers(IF_NONE_MATCH, &["*"])).is_err());
    }
}
