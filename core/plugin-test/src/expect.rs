//! Comparison with what a test expects: of objects only the named members are compared.

use serde_json::{Map, Value as Json};

/// The first difference, with its path; `None` where everything that is expected was found.
///
/// Objects may have further members. Lists must have the same number of entries, in the same order. In place of a text,
/// `{ contains = "…" }` expects a part of it.
pub(crate) fn find_difference(expected: &Json, found: &Json) -> Option<String> {
    difference_at("", expected, found)
}

fn difference_at(place: &str, expected: &Json, found: &Json) -> Option<String> {
    let text = if place.is_empty() { "it" } else { place };
    match (expected, found) {
        (Json::Object(expected), Json::Object(found)) => expected.iter().find_map(|(name, expected)| {
            let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
            difference_at(&place, expected, found.get(name).unwrap_or(&Json::Null))
        }),
        (Json::Object(expected), Json::String(found)) => match contained_text(expected) {
            Some(part) if found.contains(part) => None,
            Some(part) => {
                Some(format!("{text} is {}, which does not contain {part:?}", shorten_json(&found.as_str().into())))
            }
            None => Some(format!(
                "{text} is {}, not {}",
                shorten_json(&found.as_str().into()),
                shorten_json(&expected.clone().into())
            )),
        },
        (Json::Array(expected), Json::Array(found)) if expected.len() == found.len() => {
            expected.iter().zip(found).enumerate().find_map(|(i, (e, f))| difference_at(&format!("{place}[{i}]"), e, f))
        }
        (Json::Array(expected), Json::Array(found)) => Some(format!(
            "{text} has {} entries, not {}: {}",
            found.len(),
            expected.len(),
            shorten_json(&Json::from(found.clone()))
        )),
        (Json::Number(expected), Json::Number(found)) if expected.as_f64() == found.as_f64() => None,
        _ if expected == found => None,
        _ => Some(format!("{text} is {}, not {}", shorten_json(found), shorten_json(expected))),
    }
}

/// The text that `{ contains = "…" }` expects within another.
fn contained_text(expected: &Map<String, Json>) -> Option<&str> {
    expected.get("contains").filter(|_| expected.len() == 1)?.as_str()
}

/// Shortens a value for a message.
fn shorten_json(value: &Json) -> String {
    const MAX_SHOWN_CHARS: usize = 400;
    let text = value.to_string();
    match text.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_expected_member_is_compared() {
        let found = json!({ "a": 1, "b": [{ "c": "x", "d": null }], "e": 2.0 });
        for expected in [json!({}), json!({ "a": 1.0 }), json!({ "b": [{ "c": "x" }], "f": null }), json!({ "e": 2 })] {
            assert_eq!(find_difference(&expected, &found), None, "{expected}");
        }
        for (expected, message) in [
            (json!({ "a": 2 }), "a is 1, not 2"),
            (json!({ "b": [{ "c": "y" }] }), "b[0].c is \"x\", not \"y\""),
            (json!({ "b": [] }), "b has 1 entries, not 0: [{\"c\":\"x\",\"d\":null}]"),
            (json!({ "g": { "h": 1 } }), "g is null, not {\"h\":1}"),
            (json!([]), "it is {\"a\":1,\"b\":[{\"c\":\"x\",\"d\":null}],\"e\":2.0}, not []"),
        ] {
            assert_eq!(find_difference(&expected, &found).as_deref(), Some(message), "{expected}");
        }
    }

    #[test]
    fn contains_matches_part_of_a_text() {
        let found = json!({ "a": "one two", "b": { "contains": "one" } });
        assert_eq!(find_difference(&json!({ "a": { "contains": "two" }, "b": { "contains": "one" } }), &found), None);
        let difference = find_difference(&json!({ "a": { "contains": "three" } }), &found);
        assert_eq!(difference.as_deref(), Some("a is \"one two\", which does not contain \"three\""));
        assert!(find_difference(&json!({ "a": { "contains": "two", "b": 1 } }), &found).is_some());
        assert!(find_difference(&json!({ "a": {} }), &found).is_some());
    }

    #[test]
    fn large_values_are_truncated_in_differences() {
        let message = find_difference(&json!("x"), &json!("é".repeat(100_000))).unwrap();
        assert!(message.len() < 2_000);
    }
}
