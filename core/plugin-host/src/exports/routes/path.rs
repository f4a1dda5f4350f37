//! Matching paths with patterns: `/leads/{source}`, `/files/{*rest}`.

use percent_encoding::percent_decode_str;

/// How specific a part of a pattern is: the lesser of two is the more specific.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PatternPart {
    /// A literal part, which only its own text matches.
    Plain,
    /// Anything up to the next slash.
    Named,
    /// Anything to the end.
    Rest,
}

/// How specific a pattern is. Of two that match a path, the lesser one is used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PatternSpecificity(Vec<PatternPart>);

impl PatternSpecificity {
    pub(super) fn from_pattern(pattern: &str) -> Self {
        Self(pattern_parts(pattern).map(|part| named_part(part).map_or(PatternPart::Plain, |(_, kind)| kind)).collect())
    }
}

fn pattern_parts(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.split('/').filter(|part| !part.is_empty())
}

/// The name of a named part.
fn named_part(part: &str) -> Option<(&str, PatternPart)> {
    let name = part.strip_prefix('{')?.strip_suffix('}')?;
    Some(name.strip_prefix('*').map_or((name, PatternPart::Named), |rest| (rest, PatternPart::Rest)))
}

/// The named parts of a path that matches a pattern, decoded; `{*rest}` takes all that is left, with its slashes. Parts of the path are as
/// sent; an encoded slash does not end one. No named part is empty. What is not UTF-8 matches nothing.
pub(super) fn match_path(pattern: &str, path: &[&str]) -> Option<Vec<(String, String)>> {
    let (mut left, mut parameters) = (path, Vec::new());
    for part in pattern_parts(pattern) {
        match named_part(part) {
            Some((name, PatternPart::Rest)) => {
                let rest = left.iter().map(|part| decode_part(part)).collect::<Option<Vec<_>>>()?.join("/");
                if rest.is_empty() {
                    return None;
                }
                parameters.push((name.to_owned(), rest));
                left = &[];
            }
            Some((name, _)) => {
                let (first, others) = left.split_first()?;
                let value = decode_part(first).filter(|value| !value.is_empty())?;
                parameters.push((name.to_owned(), value));
                left = others;
            }
            None => {
                let (first, others) = left.split_first()?;
                if decode_part(first)? != part {
                    return None;
                }
                left = others;
            }
        }
    }
    left.is_empty().then_some(parameters)
}

/// The path of a request, with each named part for which `hides` is true replaced by its name.
pub(super) fn redact_path(pattern: &str, path: &str, hides: impl Fn(&str) -> bool) -> String {
    let below = path.splitn(4, '/').take(3).map(str::len).sum::<usize>() + 2;
    let (Some(head), Some(tail)) = (path.get(..below), path.get(below..)) else { return path.to_owned() };
    let mut segments: Vec<&str> = tail.split('/').filter(|part| !part.is_empty()).collect();
    for (i, part) in pattern_parts(pattern).enumerate() {
        if named_part(part).is_some_and(|(name, _)| hides(name)) && i < segments.len() {
            segments[i] = part;
            if named_part(part).is_some_and(|(_, kind)| kind == PatternPart::Rest) {
                segments.truncate(i + 1);
            }
        }
    }
    format!("{head}/{}", segments.join("/"))
}

fn decode_part(part: &str) -> Option<String> {
    percent_decode_str(part).decode_utf8().ok().map(|text| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn match_values(pattern: &str, path: &str) -> Option<Vec<String>> {
        let path: Vec<&str> = path.split('/').collect();
        match_path(pattern, &path).map(|all| all.into_iter().map(|(_, value)| value).collect())
    }

    #[test]
    fn patterns_match_paths_segment_by_segment() {
        let match_parameters = |pattern, path: &[&str]| match_path(pattern, path);
        assert_eq!(match_parameters("/leads/{source}", &["leads", "web"]), Some(vec![("source".into(), "web".into())]));
        assert_eq!(match_parameters("/leads", &["leads"]), Some(Vec::new()));
        for (pattern, path) in [
            ("/leads/{source}", &["leads"][..]),
            ("/leads/{source}", &["leads", ""]),
            ("/leads", &["lead"]),
            ("/leads", &["leads", "web"]),
            ("/leads", &[]),
        ] {
            assert_eq!(match_parameters(pattern, path), None, "{pattern} {path:?}");
        }
    }

    #[test]
    fn rest_parameter_matches_one_or_more_segments() {
        assert_eq!(match_values("/files/{*path}", "files/a"), Some(vec!["a".into()]));
        assert_eq!(match_values("/files/{*path}", "files/a/b.txt"), Some(vec!["a/b.txt".into()]));
        assert_eq!(match_values("/{tenant}/{*path}", "x/a/b/c"), Some(vec!["x".into(), "a/b/c".into()]));
        assert_eq!(match_values("/{*path}", "a//b"), Some(vec!["a//b".into()]));
        for nothing in ["files", "files/", "file/a", ""] {
            assert_eq!(match_values("/files/{*path}", nothing), None, "{nothing}");
        }
    }

    #[test]
    fn encoded_segments_are_matched_whole_and_decoded() {
        assert_eq!(match_values("/echo/{word}", "echo/a%2Fb"), Some(vec!["a/b".into()]));
        assert_eq!(match_values("/echo/{word}", "echo/caf%C3%A9%20%25"), Some(vec!["café %".into()]));
        assert_eq!(match_values("/echo/{word}", "%65cho/x"), Some(vec!["x".into()]));
        // Dots are names here: nobody goes up by them.
        assert_eq!(match_values("/files/{*path}", "files/../%2e%2e/etc"), Some(vec!["../../etc".into()]));
        assert_eq!(match_values("/echo/{word}", "echo/.."), Some(vec!["..".into()]));
        // Halves of an escape stand for themselves; bytes that are no text fit nothing.
        assert_eq!(match_values("/echo/{word}", "echo/%zz%"), Some(vec!["%zz%".into()]));
        assert_eq!(match_values("/echo/{word}", "echo/%ff"), None);
        assert_eq!(match_values("/files/{*path}", "files/a/%c3%28"), None);
    }

    #[test]
    fn very_long_paths_are_matched() {
        let long = format!("files/{}", "a/".repeat(50_000));
        assert_eq!(match_values("/files/{*path}", &long).unwrap()[0].len(), 100_000);
        assert_eq!(match_values("/files/{name}", &long), None);
        let word = "x".repeat(1 << 20);
        assert_eq!(match_values("/echo/{word}", &format!("echo/{word}")).unwrap()[0].len(), 1 << 20);
    }

    #[test]
    fn more_specific_patterns_sort_first() {
        let mut all =
            ["/{*rest}", "/x/{*rest}", "/{a}/b", "/x/b", "/x/{b}"].map(|p| (PatternSpecificity::from_pattern(p), p));
        all.sort();
        assert_eq!(all.map(|(_, p)| p), ["/x/b", "/x/{b}", "/x/{*rest}", "/{a}/b", "/{*rest}"]);
    }

    #[test]
    fn secret_path_parameters_are_redacted() {
        let hides = |name: &str| name == "token";
        assert_eq!(redact_path("/feed/{token}/{day}", "/api/x/feed/secret/mon", hides), "/api/x/feed/{token}/mon");
        assert_eq!(redact_path("/feed/{*token}", "/api/x/feed/a/b/c", hides), "/api/x/feed/{*token}");
        assert_eq!(redact_path("/feed/{day}", "/api/x/feed/mon", hides), "/api/x/feed/mon");
        assert_eq!(redact_path("/{token}", "/api", hides), "/api");
    }
}
