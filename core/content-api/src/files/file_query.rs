//! The query of a file's address: who may see it, which version is meant, what is to be made of it.

use cairn_assets::{FocusPoint, Format, Fraction, Transform};
use cairn_http::error::WireError;
use serde_json::Value as Json;

/// Parameters that change a picture.
const PICTURE_PARAMETERS: [&str; 8] = ["w", "h", "fit", "fx", "fy", "crop", "format", "q"];

/// The parts of a query. What is none of Cairn's does not count: front ends add numbers of their own to get past caches.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FileQuery<'q> {
    /// `v`: the version that is meant.
    pub(super) version: Option<&'q str>,
    /// `expires` and `signature` of a private file.
    pub(super) expires: &'q str,
    pub(super) signature: &'q str,
    /// `s`: the signature of a picture that is not listed.
    pub(super) signed: Option<&'q str>,
    /// Parameters for a rendition of the picture, as they were written.
    pub(super) picture: String,
}

impl<'q> FileQuery<'q> {
    pub(super) fn parse(raw: &'q str) -> Self {
        let mut query = Self::default();
        let mut rest = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name {
                "v" => query.version = Some(value),
                "expires" => query.expires = value,
                "signature" => query.signature = value,
                "s" => query.signed = Some(value),
                _ => rest.push((name, pair)),
            }
        }
        if rest.iter().any(|(name, _)| PICTURE_PARAMETERS.contains(name)) {
            query.picture = rest.into_iter().map(|(_, pair)| pair).collect::<Vec<_>>().join("&");
        }
        query
    }

    /// True if a picture is to be made, and none that is there.
    pub(super) fn wants_picture(&self) -> bool {
        !self.picture.is_empty()
    }
}

/// Rendition that is requested of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PictureRequest {
    pub(super) transform: Transform,
    /// The format is the best that the browser takes: answers differ by `Accept`.
    pub(super) negotiated: bool,
    /// Nobody said what the picture is about.
    pub(super) unfocused: bool,
}

impl PictureRequest {
    /// Reads what is to be made; without a format (or with `format=auto`) it is the best of what `accept` says, of a picture that
    /// may be see-through and, where `moves` says so, moves. Fails with 400, naming the parameter.
    pub(super) fn parse(picture: &str, accept: &str, moves: bool) -> Result<Self, WireError> {
        let pairs = picture.split('&').filter(|pair| *pair != "format=auto" && !pair.is_empty());
        let mut text = pairs.collect::<Vec<_>>().join("&");
        let has = |name: &str, text: &str| text.split('&').any(|pair| pair.split('=').next() == Some(name));
        let negotiated = !has("format", &text);
        if negotiated {
            // Browsers all show the common format; the better ones are used where they are accepted.
            let common = if moves { Format::Gif } else { Format::Jpeg };
            let better: &[Format] = if moves { &[Format::WebP] } else { &[Format::Avif, Format::WebP] };
            let best = better.iter().copied().find(|format| accept.contains(format.content_type())).unwrap_or(common);
            text = if text.is_empty() {
                format!("format={}", best.name())
            } else {
                format!("{text}&format={}", best.name())
            };
        }
        let transform = Transform::parse(&text).map_err(|e| WireError::validation(e.to_string()))?;
        let unfocused = !has("fx", &text) && !has("fy", &text);
        Ok(Self { transform, negotiated, unfocused })
    }

    /// Around what people said the picture is about: `{"x": 0 to 100, "y": 0 to 100}`, in hundredths of its sides.
    pub(super) fn set_focus(&mut self, point: &Json) {
        let part = |name: &str| point[name].as_f64().and_then(|n| Fraction::new(n / 100.0));
        if let (Some(x), Some(y)) = (part("x"), part("y")) {
            self.transform.focal = FocusPoint { x, y };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_parameters_are_separated_and_unknown_ones_ignored() {
        assert_eq!(FileQuery::parse("updatedAt=2026-01-01&utm=x"), FileQuery::default());
        let query = FileQuery::parse("w=320&v=abc&expires=1&signature=x&s=y&format=auto");
        assert_eq!((query.version, query.expires, query.signature, query.signed), (Some("abc"), "1", "x", Some("y")));
        assert_eq!(query.picture, "w=320&format=auto");
        assert!(FileQuery::parse("w").wants_picture());
    }

    #[test]
    fn best_format_accepted_by_the_browser_is_chosen() {
        let format = |picture: &str, accept: &str| {
            let request = PictureRequest::parse(picture, accept, false).ok()?;
            Some((request.transform.format.name(), request.negotiated))
        };
        assert_eq!(format("w=320", "image/avif,image/webp,*/*"), Some(("avif", true)));
        assert_eq!(format("w=320&format=auto", "image/webp"), Some(("webp", true)));
        assert_eq!(format("format=auto", "*/*"), Some(("jpeg", true)));
        assert_eq!(format("w=320&format=png", "image/avif"), Some(("png", false)));
        for bad in ["w=0", "w=x", "w=1&w=2", "w=320&evil=1", "fit=cover&w=1", "w=99999"] {
            assert_eq!(format(bad, ""), None, "{bad}");
        }
    }

    #[test]
    fn format_of_an_animation_moves_in_every_browser() {
        // Accept headers as browsers and tools send them for images.
        const CHROME: &str = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";
        const FIREFOX: &str = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5";
        const SAFARI: &str = "image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,\
                              image/svg+xml,image/*;q=0.8,*/*;q=0.5";
        const OLD_SAFARI: &str = "image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5";
        let format = |picture: &str, accept: &str| {
            let request = PictureRequest::parse(picture, accept, true).ok().unwrap();
            (request.transform.format.name(), request.negotiated)
        };
        for accept in [CHROME, FIREFOX, SAFARI, "image/webp"] {
            assert_eq!(format("w=320", accept), ("webp", true), "{accept}");
        }
        for accept in [OLD_SAFARI, "*/*", "", "image/avif,*/*"] {
            assert_eq!(format("w=320", accept), ("gif", true), "{accept}");
        }
        assert_eq!(format("w=320&format=avif", CHROME), ("avif", false));
    }

    #[test]
    fn focal_point_is_a_percentage_and_invalid_ones_are_ignored() {
        let mut request = PictureRequest::parse("w=10&h=10&fit=cover", "", false).ok().unwrap();
        assert!(request.unfocused);
        request.set_focus(&serde_json::json!({ "x": 25, "y": 75.5 }));
        assert_eq!((request.transform.focal.x.get(), request.transform.focal.y.get()), (0.25, 0.755));
        request.set_focus(&serde_json::json!({ "x": 2500 }));
        assert_eq!(request.transform.focal.x.get(), 0.25);
    }
}
