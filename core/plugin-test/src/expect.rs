//! Whether what is there is what was expected: of objects only what is named is looked at.

use serde_json::Value as Json;

/// The first difference, with its place; `None` where everything that is expected is there.
///
/// Objects may have more than is expected of them. Lists have as many entries, in that order.
pub(crate) fn differs(expected: &Json, found: &Json) -> Option<String> {
    at("", expected, found)
}

fn at(place: &str, expected: &Json, found: &Json) -> Option<String> {
    let shown = if place.is_empty() { "it" } else { place };
    match (expected, found) {
        (Json::Object(expected), Json::Object(found)) => expected.iter().find_map(|(name, expected)| {
            let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
            at(&place, expected, found.get(name).unwrap_or(&Json::Null))
        }),
        (Json::Array(expected), Json::Array(found)) if expected.len() == found.len() => {
            expected.iter().zip(found).enumerate().find_map(|(i, (e, f))| at(&format!("{place}[{i}]"), e, f))
        }
        (Json::Array(expected), Json::Array(found)) => Some(format!(
            "{shown} has {} entries, not {}: {}",
            found.len(),
            expected.len(),
            short(&Json::from(found.clone()))
        )),
        (Json::Number(expected), Json::Number(found)) if expected.as_f64() == found.as_f64() => None,
        _ if expected == found => None,
        _ => Some(format!("{shown} is {}, not {}", short(found), short(expected))),
    }
}

/// At most so much of it that one can read it.
fn short(value: &Json) -> String {
    const MOST: usize = 400;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_named_has_to_be_there() {
        let found = json!({ "a": 1, "b": [{ "c": "x", "d": null }], "e": 2.0 });
        for expected in [json!({}), json!({ "a": 1.0 }), json!({ "b": [{ "c": "x" }], "f": null }), json!({ "e": 2 })] {
            assert_eq!(differs(&expected, &found), None, "{expected}");
        }
        for (expected, told) in [
            (json!({ "a": 2 }), "a is 1, not 2"),
            (json!({ "b": [{ "c": "y" }] }), "b[0].c is \"x\", not \"y\""),
            (json!({ "b": [] }), "b has 1 entries, not 0: [{\"c\":\"x\",\"d\":null}]"),
            (json!({ "g": { "h": 1 } }), "g is null, not {\"h\":1}"),
            (json!([]), "it is {\"a\":1,\"b\":[{\"c\":\"x\",\"d\":null}],\"e\":2.0}, not []"),
        ] {
            assert_eq!(differs(&expected, &found).as_deref(), Some(told), "{expected}");
        }
    }

    #[test]
    fn large_values_are_shown_in_part() {
        let told = differs(&json!("x"), &json!("é".repeat(100_000))).unwrap();
        assert!(told.len() < 2_000);
    }
}
