//! Conditions on one document, looked at in the host so that a plugin is not woken for nothing: the operators of REST filters over the
//! document's own attributes. Case counts as it does there.

use cairn_model::case_fold::fold_case;
use serde_json::{Map, Value as Json};
use std::cmp::Ordering;

/// True if a document fits. What a filter says that this does not know never fits: [`check_filter`] refuses it before.
pub(crate) fn matches_filter(filter: &Map<String, Json>, document: &Map<String, Json>) -> bool {
    filter.iter().all(|(name, condition)| match (name.as_str(), condition) {
        ("$and", Json::Array(all)) => {
            all.iter().all(|one| one.as_object().is_some_and(|one| matches_filter(one, document)))
        }
        ("$or", Json::Array(any)) => {
            any.iter().any(|one| one.as_object().is_some_and(|one| matches_filter(one, document)))
        }
        ("$not", Json::Object(one)) => !matches_filter(one, document),
        (name, condition) => condition_holds(condition, document.get(name).unwrap_or(&Json::Null)),
    })
}

/// Returns the problem of a filter: an attribute that the type does not have, an operator that is not known.
pub(crate) fn check_filter(filter: &Map<String, Json>, has: &dyn Fn(&str) -> bool) -> Result<(), String> {
    for (name, condition) in filter {
        match (name.as_str(), condition) {
            ("$and" | "$or", Json::Array(list)) => {
                for one in list {
                    let one = one.as_object().ok_or_else(|| format!("{name} requires a list of conditions"))?;
                    check_filter(one, has)?;
                }
            }
            ("$not", Json::Object(one)) => check_filter(one, has)?,
            (operator, _) if operator.starts_with('$') => {
                return Err(format!("{operator} is not allowed here; use $and, $or or $not"));
            }
            (name, _) if !has(name) => return Err(format!("attribute {name:?} not found")),
            (_, Json::Object(operators)) => {
                if let Some(unknown) = operators.keys().find(|key| !OPERATORS.contains(&key.as_str())) {
                    return Err(format!("{unknown} is not an operator; supported: {}", OPERATORS.join(", ")));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

const OPERATORS: [&str; 21] = [
    "$eq",
    "$ne",
    "$eqi",
    "$nei",
    "$in",
    "$notIn",
    "$lt",
    "$lte",
    "$gt",
    "$gte",
    "$null",
    "$notNull",
    "$contains",
    "$notContains",
    "$containsi",
    "$notContainsi",
    "$startsWith",
    "$startsWithi",
    "$endsWith",
    "$endsWithi",
    "$not",
];

fn condition_holds(condition: &Json, value: &Json) -> bool {
    let Json::Object(operators) = condition else { return values_equal(value, condition) };
    operators.iter().all(|(operator, operand)| match operator.as_str() {
        "$eq" => values_equal(value, operand),
        "$ne" => !values_equal(value, operand),
        "$in" => operand.as_array().is_some_and(|list| list.iter().any(|one| values_equal(value, one))),
        "$notIn" => operand.as_array().is_some_and(|list| !list.iter().any(|one| values_equal(value, one))),
        "$lt" => compare_values(value, operand) == Some(Ordering::Less),
        "$lte" => matches!(compare_values(value, operand), Some(Ordering::Less | Ordering::Equal)),
        "$gt" => compare_values(value, operand) == Some(Ordering::Greater),
        "$gte" => matches!(compare_values(value, operand), Some(Ordering::Greater | Ordering::Equal)),
        "$null" => value.is_null() == (operand != &Json::Bool(false)),
        "$notNull" => value.is_null() != (operand != &Json::Bool(false)),
        "$eqi" => compare_texts(value, operand, |value, text| value == text),
        "$nei" => !compare_texts(value, operand, |value, text| value == text),
        "$contains" | "$containsi" => compare_texts(value, operand, |value, part| value.contains(part)),
        "$notContains" | "$notContainsi" => !compare_texts(value, operand, |value, part| value.contains(part)),
        "$startsWith" | "$startsWithi" => compare_texts(value, operand, |value, part| value.starts_with(part)),
        "$endsWith" | "$endsWithi" => compare_texts(value, operand, |value, part| value.ends_with(part)),
        "$not" => !condition_holds(operand, value),
        _ => false,
    })
}

/// Lists of documents (relations) fit where one of them does.
fn values_equal(value: &Json, operand: &Json) -> bool {
    match value {
        Json::Array(list) if !operand.is_array() => list.iter().any(|one| values_equal(one, operand)),
        _ => value == operand || compare_values(value, operand) == Some(Ordering::Equal),
    }
}

fn compare_values(value: &Json, operand: &Json) -> Option<Ordering> {
    match (value, operand) {
        (Json::Number(a), Json::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Json::String(a), Json::String(b)) => Some(a.cmp(b)),
        // Decimals and big integers are texts, so that no digit is lost.
        (Json::String(a), Json::Number(b)) => a.parse::<f64>().ok()?.partial_cmp(&b.as_f64()?),
        _ => None,
    }
}

/// Tests two texts without their case.
fn compare_texts(value: &Json, operand: &Json, test: impl Fn(&str, &str) -> bool) -> bool {
    value.as_str().zip(operand.as_str()).is_some_and(|(value, text)| test(&fold_case(value), &fold_case(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn json_matches(filter: Json, document: Json) -> bool {
        matches_filter(filter.as_object().unwrap(), document.as_object().unwrap())
    }

    #[test]
    fn conditions_support_the_filter_operators() {
        let document = json!({ "rank": 3, "title": "Dune", "price": "12.50", "owner": ["a"], "gone": null });
        for (filter, expected) in [
            (json!({ "rank": { "$eq": 3 } }), true),
            (json!({ "rank": 3 }), true),
            (json!({ "rank": { "$gt": 3 } }), false),
            (json!({ "rank": { "$gte": 3, "$lt": 4 } }), true),
            (json!({ "price": { "$gt": 12 } }), true),
            (json!({ "title": { "$in": ["Dune", "It"] } }), true),
            (json!({ "title": { "$contains": "un" } }), true),
            (json!({ "title": { "$not": { "$startsWith": "D" } } }), false),
            (json!({ "gone": { "$null": true } }), true),
            (json!({ "gone": { "$notNull": true } }), false),
            (json!({ "owner": { "$eq": "a" } }), true),
            (json!({ "$or": [{ "rank": 1 }, { "title": "Dune" }] }), true),
            (json!({ "$and": [{ "rank": 3 }, { "$not": { "title": "Dune" } }] }), false),
            (json!({}), true),
        ] {
            assert_eq!(json_matches(filter.clone(), document.clone()), expected, "{filter}");
        }
    }

    #[test]
    fn case_counts_as_in_queries() {
        for (condition, expected) in [
            (json!({ "$eq": "иван грозный" }), false),
            (json!({ "$eqi": "иван ГРОЗНЫЙ" }), true),
            (json!({ "$eqi": "иван" }), false),
            (json!({ "$nei": "ИВАН грозный" }), false),
            (json!({ "$contains": "ГРОЗ" }), true),
            (json!({ "$containsi": "иван" }), true),
            (json!({ "$notContains": "иван" }), false),
            (json!({ "$notContainsi": "пётр" }), true),
            (json!({ "$startsWith": "иван" }), true),
            (json!({ "$startsWithi": "ГРОЗ" }), false),
            (json!({ "$endsWith": "НЫЙ" }), true),
            (json!({ "$endsWithi": "НЫЙ" }), true),
        ] {
            let document = json!({ "title": "Иван Грозный" });
            assert_eq!(json_matches(json!({ "title": condition }), document), expected, "{condition}");
        }
    }

    #[test]
    fn unknown_fields_and_operators_are_reported() {
        let has = |name: &str| name == "rank";
        let check_error = |filter: Json| check_filter(filter.as_object().unwrap(), &has).unwrap_err();
        assert!(check_error(json!({ "rnk": 1 })).contains("rnk"));
        assert!(check_error(json!({ "rank": { "$like": 1 } })).contains("$like"));
        assert!(check_error(json!({ "$nor": [] })).contains("$nor"));
        assert!(check_filter(json!({ "$or": [{ "rank": { "$eq": 1 } }] }).as_object().unwrap(), &has).is_ok());
    }
}
