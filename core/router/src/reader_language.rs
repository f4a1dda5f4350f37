//! The language of pages that the server writes itself: of those that there are, the one that a browser likes best.

/// A language of the server's own pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReaderLanguage {
    English,
    Dutch,
}

impl ReaderLanguage {
    /// The language that an `Accept-Language` header likes best; English where it likes neither.
    pub(crate) fn from_header(accept_language: &str) -> Self {
        let liked = accept_language.split(',').take(32).filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next()?.split('-').next()?.to_ascii_lowercase();
            let quality = parts.find_map(|p| p.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
            let language = match name.as_str() {
                "nl" => Self::Dutch,
                "en" | "*" => Self::English,
                _ => return None,
            };
            (quality > 0.0).then_some((quality, language))
        });
        // Of equals the first.
        liked.reduce(|best, next| if next.0 > best.0 { next } else { best }).map_or(Self::English, |(_, one)| one)
    }
}
