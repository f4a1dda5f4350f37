//! Range requests for files (RFC 9110, section 14). Films are played and downloads resumed by parts.

use axum::http::HeaderMap;
use axum::http::header::{HeaderValue, IF_RANGE, RANGE};
use cairn_assets::ByteRange;
use http_range_header::{EndPosition, StartPosition, SyntacticallyCorrectRange, parse_range_header};

/// The part of a file to send.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RequestedRange {
    /// The whole file.
    Whole,
    /// This range, which lies within the file.
    Part(ByteRange),
    /// Only ranges beyond the end of the file were asked for.
    Beyond,
}

/// Parses the range that the headers ask for, before the length of the file is known; `None` means the whole file. A range that cannot be
/// parsed is ignored, as is one for another version; a request for several ranges gets the whole file, which every client has to expect.
pub(super) fn parse_range(headers: &HeaderMap, etag: &HeaderValue) -> Option<SyntacticallyCorrectRange> {
    let range = headers.get(RANGE)?.to_str().ok()?;
    if headers.get(IF_RANGE).is_some_and(|validator| validator != etag) {
        return None;
    }
    let parsed = parse_range_header(range).ok()?;
    let [range] = parsed.ranges[..] else { return None };
    match (range.start, range.end) {
        (StartPosition::Index(start), EndPosition::Index(end)) if end < start => None,
        _ => Some(range),
    }
}

/// The part to send of a file of that many bytes.
pub(super) fn resolve_range(range: Option<&SyntacticallyCorrectRange>, length: u64) -> RequestedRange {
    let Some(SyntacticallyCorrectRange { start, end }) = range else { return RequestedRange::Whole };
    let start = match *start {
        StartPosition::Index(start) => start,
        StartPosition::FromLast(0) => return RequestedRange::Beyond,
        StartPosition::FromLast(n) => length.saturating_sub(n),
    };
    let last_byte = length.saturating_sub(1);
    let end = if let EndPosition::Index(end) = *end { end.min(last_byte) } else { last_byte };
    if start < length { RequestedRange::Part(ByteRange { start, end }) } else { RequestedRange::Beyond }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve_from_headers(headers: &HeaderMap, length: u64) -> RequestedRange {
        let range = parse_range(headers, &HeaderValue::from_static("\"v\""));
        resolve_range(range.as_ref(), length)
    }

    fn resolve_range_header(range: &str, if_range: Option<&'static str>, length: u64) -> RequestedRange {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_bytes(range.as_bytes()).unwrap());
        if let Some(validator) = if_range {
            headers.insert(IF_RANGE, HeaderValue::from_static(validator));
        }
        resolve_from_headers(&headers, length)
    }

    fn part(start: u64, end: u64) -> RequestedRange {
        RequestedRange::Part(ByteRange { start, end })
    }

    #[test]
    fn single_range_selects_that_part() {
        assert_eq!(resolve_range_header("bytes=0-0", None, 10), part(0, 0));
        assert_eq!(resolve_range_header("bytes=2-", None, 10), part(2, 9));
        assert_eq!(resolve_range_header("bytes=-3", None, 10), part(7, 9));
        assert_eq!(resolve_range_header("bytes=5-99", None, 10), part(5, 9));
        assert_eq!(resolve_range_header("bytes=-99", None, 10), part(0, 9));
        assert_eq!(resolve_range_header("bytes=1-2", Some("\"v\""), 10), part(1, 2));
    }

    #[test]
    fn invalid_multiple_or_stale_ranges_select_the_whole_file() {
        for range in ["bytes=0-1,4-5", "bytes=", "bytes=x-y", "lines=1-2", "bytes=5-2", "", "\u{e9}"] {
            assert_eq!(resolve_range_header(range, None, 10), RequestedRange::Whole, "{range}");
        }
        for version in ["\"w\"", "W/\"v\"", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert_eq!(resolve_range_header("bytes=1-2", Some(version), 10), RequestedRange::Whole, "{version}");
        }
        assert_eq!(resolve_from_headers(&HeaderMap::new(), 10), RequestedRange::Whole);
    }

    #[test]
    fn range_that_starts_after_the_end_is_unsatisfiable() {
        for range in ["bytes=10-", "bytes=10-12", "bytes=99999999999999999999-"] {
            assert!(
                matches!(resolve_range_header(range, None, 10), RequestedRange::Beyond | RequestedRange::Whole),
                "{range}"
            );
        }
        assert_eq!(resolve_range_header("bytes=10-", None, 10), RequestedRange::Beyond);
        assert_eq!(resolve_range_header("bytes=0-", None, 0), RequestedRange::Beyond);
    }
}
