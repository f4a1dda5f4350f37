//! The locale of a response: among those that the tenant has, or for the admin in whatever language is accepted.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use cairn_access::{Locales, is_locale_code};

/// Most languages of a header that are considered: browsers send a handful.
const MAX_LANGUAGE_RANGES: usize = 32;

/// The locale that a request asks for: that of `?locale`, else the one that `Accept-Language` prefers; the tenant's
/// default where it has neither of them.
pub fn request_locale(locales: &Locales, head: &Parts) -> String {
    let found = requested_locale(locales, head).or_else(|| preferred_locale(locales, &head.headers));
    found.unwrap_or(&locales.default).to_owned()
}

/// The tenant's locale that `?locale` names.
pub fn requested_locale<'a>(locales: &'a Locales, head: &Parts) -> Option<&'a str> {
    url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "locale")
        .and_then(|(_, code)| find_exact_locale(locales, &code))
}

fn find_exact_locale<'a>(locales: &'a Locales, code: &str) -> Option<&'a str> {
    locales.available.iter().map(|locale| locale.code.as_str()).find(|known| known.eq_ignore_ascii_case(code))
}

/// The best match for `Accept-Language`; `None` where the tenant has none of its languages.
fn preferred_locale<'a>(locales: &'a Locales, headers: &HeaderMap) -> Option<&'a str> {
    language_ranges(headers).into_iter().find_map(|range| match range {
        "*" => Some(locales.default.as_str()),
        range => closest_locale(locales, range),
    })
}

/// The language that `Accept-Language` prefers, whichever locales the tenant has; `None` where any will do.
pub fn accepted_language(headers: &HeaderMap) -> Option<&str> {
    let preferred = language_ranges(headers).into_iter().find(|range| *range == "*" || is_locale_code(range));
    preferred.filter(|range| *range != "*")
}

/// The languages of `Accept-Language`, the preferred one first.
fn language_ranges(headers: &HeaderMap) -> Vec<&str> {
    let header = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut ranges: Vec<(&str, f32)> =
        header.split(',').take(MAX_LANGUAGE_RANGES).filter_map(parse_language_range).collect();
    // Stable: of those that are liked equally the first is meant.
    ranges.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranges.into_iter().map(|(range, _)| range).collect()
}

/// Parses a range with its quality, such as `nl-BE;q=0.8`.
fn parse_language_range(text: &str) -> Option<(&str, f32)> {
    let (range, parameters) = text.split_once(';').unwrap_or((text, ""));
    let quality = match parameters.trim().strip_prefix("q=") {
        Some(quality) => quality.trim().parse().ok().filter(|q: &f32| (0.0..=1.0).contains(q))?,
        None => 1.0,
    };
    let range = range.trim();
    (!range.is_empty() && quality > 0.0).then_some((range, quality))
}

/// The locale that is closest: `nl-BE` itself, or `nl`, or else another kind of Dutch.
fn closest_locale<'a>(locales: &'a Locales, range: &str) -> Option<&'a str> {
    let mut shorter = Some(range);
    while let Some(code) = shorter {
        if let Some(found) = find_exact_locale(locales, code) {
            return Some(found);
        }
        shorter = code.rsplit_once('-').map(|(shorter, _)| shorter);
    }
    let language = |code: &str| code.split('-').next().unwrap_or_default().to_ascii_lowercase();
    locales.available.iter().map(|locale| locale.code.as_str()).find(|known| language(known) == language(range))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderValue, Request};
    use cairn_store::system::LocaleRow;

    fn chosen_locale(available: &[&str], uri: &str, accept: Option<&str>) -> String {
        let row = |(i, code): (usize, &&str)| LocaleRow {
            id: i as i64,
            document_id: String::new(),
            code: (*code).to_owned(),
            name: String::new(),
            is_default: i == 0,
            created_at: String::new(),
            updated_at: String::new(),
        };
        let available: Vec<LocaleRow> = available.iter().enumerate().map(row).collect();
        let locales = Locales { default: available[0].code.clone(), available };
        let mut request = Request::builder().uri(uri);
        if let Some(accept) = accept {
            request = request.header(ACCEPT_LANGUAGE, accept);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        request_locale(&locales, &head)
    }

    #[test]
    fn locale_parameter_takes_precedence_over_accept_language() {
        let all = ["en", "nl", "fr-CA"];
        for (uri, accept, expected) in [
            ("/", None, "en"),
            ("/?locale=nl", None, "nl"),
            ("/?locale=NL", Some("fr"), "nl"),
            ("/?locale=xx", Some("nl"), "nl"),
            ("/?locale=*", None, "en"),
            ("/?locale[]=nl", None, "en"),
            ("/?locale=", Some("nl"), "nl"),
            ("/", Some("nl-BE"), "nl"),
            ("/", Some("fr"), "fr-CA"),
            ("/", Some("fr-FR, nl;q=0.9"), "fr-CA"),
            ("/", Some("de, nl;q=0.5, en;q=0.9"), "en"),
            ("/", Some("de, nl ; q=0.5"), "nl"),
            ("/", Some("nl;q=0, fr;q=0.1"), "fr-CA"),
            ("/", Some("de, *;q=0.1"), "en"),
            ("/", Some("nl;q=2"), "en"),
            ("/", Some(",;;q=,-,nl-,"), "nl"),
            ("/", Some("nonsense"), "en"),
        ] {
            assert_eq!(chosen_locale(&all, uri, accept), expected, "{uri} {accept:?}");
        }
    }

    #[test]
    fn accepted_language_is_independent_of_the_locales_of_a_tenant() {
        for (accept, expected) in [
            ("nl", Some("nl")),
            ("nl-BE, nl;q=0.9, en;q=0.8", Some("nl-BE")),
            ("en;q=0.2, nl;q=0.3", Some("nl")),
            ("*", None),
            ("de;q=0.5, *", None),
            ("de, *;q=0.1", Some("de")),
            ("nl;q=0", None),
            ("../nl, n, nl-, fr;q=0.1", Some("fr")),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, HeaderValue::from_static(accept))]);
            assert_eq!(accepted_language(&headers), expected, "{accept}");
        }
        assert_eq!(accepted_language(&HeaderMap::new()), None);
    }

    #[test]
    fn long_accept_language_headers_are_read_only_in_part() {
        let long = format!("{}nl", "xx,".repeat(100_000));
        assert_eq!(chosen_locale(&["en", "nl"], "/", Some(&long)), "en");
    }
}
