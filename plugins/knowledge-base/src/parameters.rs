//! Parameters of searches, from query strings.

use crate::model::Language;
use crate::slug::is_slug;
use crate::text::clean_query;
use cairn_plugin::{Error, Request, Result};

/// Hits on a page where nothing is said.
pub const DEFAULT_PAGE_SIZE: u32 = 10;
/// Most hits on a page; more is cut to this.
pub const MAX_PAGE_SIZE: u32 = 100;
/// The last hit that can be requested: the host's search goes no further.
pub const MAX_DEPTH: u32 = 10_000;
/// The kinds of articles.
pub const KINDS: [&str; 5] = ["faq", "article", "manual", "howto", "video"];

/// Parameters of a search.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchParameters {
    /// The text, cut to what can be searched; empty for the promoted articles.
    pub text: String,
    /// The language, where one that articles can be in was named.
    pub language: Option<Language>,
    /// The key of a space.
    pub space: Option<String>,
    /// The kind of articles.
    pub kind: Option<String>,
    /// A tag that they have.
    pub tag: Option<String>,
    /// A phase that they are for.
    pub phase: Option<String>,
    /// The page, from 1.
    pub page: u32,
    /// Hits on a page.
    pub page_size: u32,
}

impl SearchParameters {
    /// Parses the parameters of a request.
    ///
    /// # Errors
    /// `Invalid`, with the parameters that are wrong.
    pub fn from_request(request: &Request) -> Result<Self> {
        Self::parse(|name| request.query(name))
    }

    /// Parses parameters by name.
    ///
    /// # Errors
    /// `Invalid`, with the parameters that are wrong.
    pub fn parse<'a>(find: impl Fn(&str) -> Option<&'a str>) -> Result<Self> {
        let filled = |name: &str| find(name).map(str::trim).filter(|value| !value.is_empty());
        let page = parse_number("page", filled("page"), 1)?;
        let page_size = parse_number("pageSize", filled("pageSize"), DEFAULT_PAGE_SIZE)?.min(MAX_PAGE_SIZE);
        if u64::from(page) * u64::from(page_size) > u64::from(MAX_DEPTH) {
            return Err(invalid("page", format!("pages can be requested up to hit {MAX_DEPTH}")));
        }
        let kind = filled("kind").map(str::to_owned);
        if let Some(kind) = kind.as_deref().filter(|kind| !KINDS.contains(kind)) {
            let shown = crate::text::shorten(kind, 40);
            return Err(invalid("kind", format!("{shown:?} is not a kind; kinds are {}", KINDS.join(", "))));
        }
        let short = |name: &str| match filled(name) {
            Some(value) if value.len() > 200 => Err(invalid(name, "must have at most 200 bytes".to_owned())),
            value => Ok(value.map(str::to_owned)),
        };
        Ok(Self {
            text: clean_query(find("q").unwrap_or_default()),
            language: filled("locale").and_then(Language::parse),
            space: parse_space(filled("space"))?,
            kind,
            tag: short("tag")?,
            phase: short("phase")?,
            page,
            page_size,
        })
    }

    /// The number of hits before the page.
    #[must_use]
    pub const fn start(&self) -> u32 {
        (self.page - 1) * self.page_size
    }
}

/// Parses the key of a space.
///
/// # Errors
/// `Invalid` where no space can have it.
pub fn parse_space(key: Option<&str>) -> Result<Option<String>> {
    match key.filter(|key| !key.is_empty()) {
        Some(key) if !is_slug(key) => {
            Err(invalid("space", "must be the key of a space: small letters, digits and hyphens".to_owned()))
        }
        key => Ok(key.map(str::to_owned)),
    }
}

/// Parses the slug of an article.
///
/// # Errors
/// `Invalid` where no article can have it.
pub fn parse_slug(slug: &str) -> Result<&str> {
    match is_slug(slug) {
        true => Ok(slug),
        false => Err(invalid("slug", "must be small letters, digits and single hyphens".to_owned())),
    }
}

fn parse_number(name: &str, value: Option<&str>, default: u32) -> Result<u32> {
    match value {
        None => Ok(default),
        Some(value) => match value.parse() {
            Ok(0) | Err(_) => Err(invalid(name, "must be a whole number from 1".to_owned())),
            Ok(number) => Ok(number),
        },
    }
}

fn invalid(path: &str, message: String) -> Error {
    Error::field(path, "invalid", format!("{path}: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<SearchParameters> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        SearchParameters::parse(|name| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()))
    }

    #[test]
    fn parameters_have_defaults_and_bounds() {
        let none = SearchParameters { page: 1, page_size: 10, ..SearchParameters::default() };
        for query in ["", "q=", "q=+++", "page=&pageSize=&kind=&space=&locale=&tag="] {
            assert_eq!(parse(query), Ok(none.clone()), "{query}");
        }
        let all = parse("q=+Wat+is+dit%3F&locale=en-GB&space=help&kind=faq&tag=a&phase=b&page=3&pageSize=20").unwrap();
        assert_eq!(
            all,
            SearchParameters {
                text: "Wat is dit?".into(),
                language: Some(Language::En),
                space: Some("help".into()),
                kind: Some("faq".into()),
                tag: Some("a".into()),
                phase: Some("b".into()),
                page: 3,
                page_size: 20,
            }
        );
        assert_eq!(all.start(), 40);
        assert_eq!(parse("pageSize=5000").unwrap().page_size, MAX_PAGE_SIZE);
        assert_eq!(parse("locale=xx").unwrap().language, None);
        assert_eq!(parse("page=100&pageSize=100").unwrap().start(), 9_900);
    }

    #[test]
    fn bad_parameters_are_named() {
        for (query, path) in [
            ("page=0", "page"),
            ("page=-1", "page"),
            ("page=1.5", "page"),
            ("page=x", "page"),
            ("page=99999999999", "page"),
            ("page=1001", "page"),
            ("page=101&pageSize=100", "page"),
            ("page=4294967295&pageSize=100", "page"),
            ("pageSize=0", "pageSize"),
            ("pageSize=ten", "pageSize"),
            ("kind=book", "kind"),
            ("kind=FAQ", "kind"),
            ("space=../x", "space"),
            ("space=A", "space"),
            (&format!("tag={}", "x".repeat(201)), "tag"),
        ] {
            match parse(query) {
                Err(Error::Invalid(fields)) => assert_eq!(fields[0].path, path, "{query}"),
                other => panic!("{query}: {other:?}"),
            }
        }
    }

    #[test]
    fn slugs_of_addresses_are_checked() {
        assert_eq!(parse_slug("a-b"), Ok("a-b"));
        for slug in ["", "..", "../a", "a/b", "A", "a b", "%2e%2e"] {
            assert!(parse_slug(slug).is_err(), "{slug}");
        }
    }
}
