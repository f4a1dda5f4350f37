//! `conditions.visible`: the part of JSON-logic that the schema builder writes.

use serde_json::Value as Json;

/// Looks up a sibling's value; null if there is none.
pub(super) type SiblingLookup<'a> = &'a dyn Fn(&str) -> Json;

const OPERATORS: [&str; 9] = ["var", "==", "!=", "===", "!==", "and", "or", "!", "!!"];

/// True if the rule is true.
pub(super) fn rule_holds(rule: &Json, sibling: SiblingLookup<'_>) -> bool {
    is_truthy(&evaluate_rule(rule, sibling))
}

/// Refuses operators that this engine lacks. For `load`.
pub(crate) fn check_rule(rule: &Json) -> Result<(), String> {
    match rule {
        Json::Array(list) => list.iter().try_for_each(check_rule),
        Json::Object(map) => match map.iter().next() {
            Some((operator, _)) if map.len() == 1 && !OPERATORS.contains(&operator.as_str()) => {
                Err(format!("unknown operator `{operator}`; known operators: {}", OPERATORS.join(", ")))
            }
            Some((_, arguments)) if map.len() == 1 => check_rule(arguments),
            _ => Err("an operator must be an object with one key".to_owned()),
        },
        _ => Ok(()),
    }
}

/// The attributes that a rule compares, each once.
pub(crate) fn rule_variables(rule: &Json) -> Vec<&str> {
    let mut names = Vec::new();
    collect_variables(rule, &mut names);
    names
}

fn collect_variables<'a>(rule: &'a Json, names: &mut Vec<&'a str>) {
    match rule {
        Json::Array(list) => list.iter().for_each(|part| collect_variables(part, names)),
        Json::Object(map) => {
            for (operator, arguments) in map {
                let name = arguments.as_array().map_or(Some(arguments), |list| list.first()).and_then(Json::as_str);
                match name.filter(|_| operator == "var") {
                    Some(name) => {
                        let name = name.split('.').next().unwrap_or_default();
                        if !names.contains(&name) {
                            names.push(name);
                        }
                    }
                    None => collect_variables(arguments, names),
                }
            }
        }
        _ => {}
    }
}

fn evaluate_rule(rule: &Json, sibling: SiblingLookup<'_>) -> Json {
    let Some((operator, arguments)) = single_entry(rule) else { return rule.clone() };
    let list = match arguments {
        Json::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    let value = |i: usize| list.get(i).map_or(Json::Null, |argument| evaluate_rule(argument, sibling));
    match operator {
        "var" => lookup_variable(&value(0), sibling).unwrap_or_else(|| value(1)),
        "==" => Json::Bool(loosely_equal(&value(0), &value(1))),
        "!=" => Json::Bool(!loosely_equal(&value(0), &value(1))),
        "===" => Json::Bool(value(0) == value(1)),
        "!==" => Json::Bool(value(0) != value(1)),
        "!" => Json::Bool(!is_truthy(&value(0))),
        "!!" => Json::Bool(is_truthy(&value(0))),
        "and" => first_with_truth(list, sibling, false),
        "or" => first_with_truth(list, sibling, true),
        _ => Json::Null,
    }
}

fn single_entry(rule: &Json) -> Option<(&str, &Json)> {
    let map = rule.as_object().filter(|map| map.len() == 1)?;
    map.iter().next().map(|(operator, arguments)| (operator.as_str(), arguments))
}

/// The first argument whose truth is `expected`, else the last.
fn first_with_truth(list: &[Json], sibling: SiblingLookup<'_>, expected: bool) -> Json {
    let mut result = Json::Null;
    for argument in list {
        result = evaluate_rule(argument, sibling);
        if is_truthy(&result) == expected {
            break;
        }
    }
    result
}

fn lookup_variable(name: &Json, sibling: SiblingLookup<'_>) -> Option<Json> {
    let name = name.as_str()?;
    let (first, rest) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
    let mut value = sibling(first);
    for key in rest.into_iter().flat_map(|rest| rest.split('.')) {
        value = value.get(key).cloned().unwrap_or_default();
    }
    Some(value).filter(|value| !value.is_null())
}

fn is_truthy(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Bool(flag) => *flag,
        Json::Number(n) => n.as_f64().is_some_and(|n| n != 0.0),
        Json::String(text) => !text.is_empty(),
        Json::Array(list) => !list.is_empty(),
        Json::Object(_) => true,
    }
}

/// `==` of JavaScript on scalars: numbers, booleans and texts of different types compare as numbers.
fn loosely_equal(left: &Json, right: &Json) -> bool {
    let number = |value: &Json| match value {
        Json::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Json::Number(n) => n.as_f64(),
        Json::String(text) if text.trim().is_empty() => Some(0.0),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    match (left, right) {
        (Json::Null, _) | (_, Json::Null) | (Json::String(_), Json::String(_)) => left == right,
        _ => left == right || number(left).is_some_and(|left| number(right) == Some(left)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rules_are_evaluated_over_siblings() {
        let data = json!({"kind": "video", "on": true, "n": 3, "empty": ""});
        let sibling = |name: &str| data.get(name).cloned().unwrap_or_default();
        for (rule, result) in [
            (json!({"==": [{"var": "kind"}, "video"]}), true),
            (json!({"!=": [{"var": "kind"}, "video"]}), false),
            (json!({"==": [{"var": "on"}, true]}), true),
            (json!({"==": [{"var": "n"}, "3"]}), true),
            (json!({"===": [{"var": "n"}, "3"]}), false),
            (json!({"==": [{"var": "nothing"}, null]}), true),
            (json!({"==": [{"var": "nothing"}, false]}), false),
            (json!({"and": [{"var": "on"}, {"!": {"var": "empty"}}]}), true),
            (json!({"or": [{"var": "empty"}, {"var": "nothing"}]}), false),
            (json!({"!!": [{"var": ["nothing", 1]}]}), true),
            (json!(false), false),
        ] {
            assert_eq!(rule_holds(&rule, &sibling), result, "{rule}");
        }
    }

    #[test]
    fn variables_are_named_once() {
        let rule = json!({"and": [{"==": [{"var": "a"}, "b"]}, {"!": {"var": ["c.d", "e"]}}, {"!!": [{"var": "a"}]}]});
        assert_eq!(rule_variables(&rule), ["a", "c"]);
        assert_eq!(rule_variables(&json!(true)), [""; 0]);
    }

    #[test]
    fn unknown_operators_are_rejected() {
        assert!(check_rule(&json!({"==": [{"var": "a"}, 1]})).is_ok());
        assert!(check_rule(&json!({"and": [{"log": 1}]})).unwrap_err().contains("`log`"));
        assert!(check_rule(&json!({})).is_err());
    }
}
