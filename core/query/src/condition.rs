//! Conditions on rows: `filters` as JSON, with variables (`$user.id`, `$now`) in place of values. Administrators write them; permissions do
//! not apply inside, limits do.

use crate::access::Access;
use crate::context::PlanningContext;
use crate::error::ParamError;
use crate::input::FilterInput;
use crate::limits::QueryLimits;
use crate::negation::Negation;
use crate::params::filters::{CONDITION_PARAM, FilterPlanner};
use crate::plan::{Filter, PublicationState};
use cairn_model::{Registry, TypeId};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Depth of JSON in a condition: more than the levels of filters, as operators and lists nest too.
const MAX_JSON_DEPTH: usize = 40;

/// Compiles a condition for rows of that type. One that does not compile (it was validated when it was set, but the model may have changed
/// since, or a variable may hold what the attribute cannot) matches nothing.
pub(crate) fn compile_condition(cx: &mut PlanningContext<'_>, content_type: TypeId, json: &Json) -> Filter {
    cx.variables.extend(condition_variables(json));
    let access = cx.access;
    try_compile(cx, content_type, json, Some(&access.variables)).unwrap_or(Filter::Or(Vec::new()))
}

/// Does the same as [`compile_condition`] for a limit, which has no variables.
pub(crate) fn compile_limit(cx: &mut PlanningContext<'_>, content_type: TypeId, json: &Json) -> Filter {
    try_compile(cx, content_type, json, None).unwrap_or(Filter::Or(Vec::new()))
}

fn try_compile(
    cx: &mut PlanningContext<'_>,
    content_type: TypeId,
    json: &Json,
    variables: Option<&BTreeMap<String, Json>>,
) -> Result<Filter, ParamError> {
    let Some(input) = FilterInput::from_condition(json, variables, MAX_JSON_DEPTH) else {
        return Err(ParamError::too_complex(format_args!("more than {MAX_JSON_DEPTH} levels")));
    };
    let view = cx.trusted_view(content_type);
    // A condition does not use up the request's allowance.
    let spent = std::mem::take(&mut cx.leaves);
    let filter = FilterPlanner { cx, param: CONDITION_PARAM, negation: Negation::Complement }.plan_root(view, &input);
    cx.leaves = spent;
    filter
}

/// Validates a condition before it is stored: `Err` says what is wrong and where. Literal values are checked against their attribute;
/// variables may have any value. A text that begins with `$` is always a variable.
pub fn check_condition(registry: &Registry, content_type: TypeId, condition: &Json) -> Result<(), String> {
    check_variables(condition, "", MAX_JSON_DEPTH)?;
    let access = Access::full();
    let mut cx = PlanningContext::new(registry, &access, QueryLimits::default(), PublicationState::Published);
    match try_compile(&mut cx, content_type, condition, Some(&access.variables)) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.message),
    }
}

/// Validates a limit ([`Access::limits`]): `Err` says what is wrong and where.
pub fn check_limit(registry: &Registry, content_type: TypeId, limit: &Json) -> Result<(), String> {
    let access = Access::full();
    let mut cx = PlanningContext::new(registry, &access, QueryLimits::default(), PublicationState::Published);
    try_compile(&mut cx, content_type, limit, None).map(drop).map_err(|error| error.message)
}

/// The variables of a condition by their path without `$`, each once, in order of appearance.
pub fn condition_variables(condition: &Json) -> Vec<String> {
    let mut found = Vec::new();
    collect_variables(condition, MAX_JSON_DEPTH, &mut found);
    found
}

/// True if a condition has a negation that reads differently as a complement than in the contract's way: around a relation, or of an attribute
/// that may be empty.
pub fn contains_negation(condition: &Json) -> bool {
    find_negation(condition, NegatedPosition { negated: false, attributes: 0, always_set: false })
}

/// The position in a condition that is searched for negations.
#[derive(Clone, Copy)]
struct NegatedPosition {
    /// True below `$not`.
    negated: bool,
    /// Number of attributes on the way.
    attributes: usize,
    /// True in conditions on a field that every row has.
    always_set: bool,
}

fn find_negation(json: &Json, at: NegatedPosition) -> bool {
    const SET_FIELDS: [&str; 5] = ["id", "documentId", "createdAt", "updatedAt", "locale"];
    let negated = NegatedPosition { negated: true, ..at };
    match json {
        Json::Array(items) => items.iter().any(|item| find_negation(item, at)),
        Json::Object(entries) => entries.iter().any(|(key, value)| match key.as_str() {
            "$not" => find_negation(value, negated),
            "$and" | "$or" => find_negation(value, at),
            "$null" | "$notNull" => at.negated && at.attributes > 1,
            "$ne" | "$nei" if value.is_null() => at.negated && at.attributes > 1,
            "$ne" | "$nei" | "$notIn" | "$notContains" | "$notContainsi" => !at.always_set,
            key if key.starts_with('$') => at.negated && !at.always_set,
            name => {
                let always_set = at.attributes == 0 && SET_FIELDS.contains(&name);
                find_negation(value, NegatedPosition { attributes: at.attributes + 1, always_set, ..at })
            }
        }),
        Json::Null => at.negated && at.attributes > 1,
        Json::String(_) | Json::Bool(_) | Json::Number(_) => at.negated && !at.always_set,
    }
}

fn collect_variables(json: &Json, depth: usize, found: &mut Vec<String>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match json {
        Json::String(text) => {
            if let Some(path) = text.strip_prefix('$')
                && !found.iter().any(|known| known == path)
            {
                found.push(path.to_owned());
            }
        }
        Json::Array(items) => items.iter().for_each(|item| collect_variables(item, depth, found)),
        Json::Object(entries) => entries.values().for_each(|value| collect_variables(value, depth, found)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn check_variables(json: &Json, path: &str, depth: usize) -> Result<(), String> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(format!("more than {MAX_JSON_DEPTH} levels"));
    };
    match json {
        Json::String(text) if text.starts_with('$') && !is_variable(text) => Err(format!(
            "{text} at {path} is not a variable: expected $now or $user followed by names, such as $user.id"
        )),
        Json::Array(items) => {
            items.iter().enumerate().try_for_each(|(i, item)| check_variables(item, &format!("{path}[{i}]"), depth))
        }
        Json::Object(entries) => entries
            .iter()
            .try_for_each(|(key, value)| check_variables(value, &crate::context::join_path(path, key), depth)),
        _ => Ok(()),
    }
}

/// True if a text is `$now`, or `$user` with names behind it.
fn is_variable(text: &str) -> bool {
    let name = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    match text.strip_prefix("$user.") {
        Some(path) => path.split('.').all(name),
        None => text == "$now",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Field, Operator, Scalar};
    use crate::testing::{plan_as, sample_registry};
    use crate::{AccessRule, Action};
    use serde_json::json;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    fn articles() -> TypeId {
        sample_registry().by_route("articles").expect("articles").id
    }

    fn check(condition: Json) -> Result<(), String> {
        check_condition(sample_registry(), articles(), &condition)
    }

    /// Compiles the filter of a caller under that condition; returns whether it depends on the caller.
    fn compile_filter(condition: Json, variables: Json) -> (Filter, bool) {
        let mut access = Access::none();
        Arc::make_mut(&mut access.rules)
            .insert((articles(), Action::Find), AccessRule { condition: Some(Arc::new(condition)), fields: None });
        access.variables = serde_json::from_value(variables).expect("a map");
        let planned = plan_as(&access, Action::Find, "articles", "").expect("a plan");
        (planned.plan.filter.expect("a filter"), !planned.variables.is_empty())
    }

    fn title(op: Operator, values: Vec<Scalar>) -> Filter {
        Filter::Leaf { field: Field::Attribute(0), op, values }
    }

    fn text(text: &str) -> Scalar {
        Scalar::Text(text.to_owned())
    }

    #[test]
    fn invalid_names_operators_values_and_variables_are_rejected() {
        assert_eq!(check(json!({"authors": {"documentId": "$user.author.documentId"}})), Ok(()));
        assert_eq!(check(json!({"note": "private is fine", "issuedOn": {"$lt": "$now"}, "views": 3})), Ok(()));
        assert_eq!(check(json!({"$or": [{"featured": true}, {"body": null}]})), Ok(()));
        let refused = |condition, message: &str| assert_eq!(check(condition), Err(message.to_owned()));
        refused(json!("text"), "The filters parameter must be an object or an array");
        refused(json!({"nothing": 1}), "Invalid key nothing");
        refused(json!({"pin": "1234"}), "Invalid key pin");
        refused(json!({"category": {"nothing": 1}}), "Invalid key nothing at category");
        refused(json!({"title": {"$like": "a"}}), "Invalid key $like at title");
        refused(json!({"issuedOn": "soon"}), "Invalid format, expected yyyy-MM-dd at issuedOn");
        for variable in ["$user", "$user.", "$user.a-b", "$customer.id", "$", "$nowhere", "$user..id"] {
            let error = check(json!({"authors": [{"name": variable}]})).expect_err(variable);
            assert!(error.starts_with(&format!("{variable} at authors[0].name is not a variable")), "{error}");
        }
        let long: Vec<usize> = (0..1001).collect();
        refused(json!({"views": {"$in": long}}), "Query too complex: a list has more than 1000 values");
        let deep = (0..60).fold(json!(1), |inner, _| json!([inner]));
        assert_eq!(check(deep), Err("more than 40 levels".to_owned()));
    }

    #[test]
    fn condition_variables_are_listed_once() {
        let condition = json!({"$or": [{"title": "$user.name"}, {"title": {"$in": ["$user.name", "x", "$now"]}}]});
        assert_eq!(condition_variables(&condition), ["user.name", "now"]);
    }

    #[test]
    fn variables_are_replaced_by_their_values() {
        let condition = json!({"title": "$user.name"});
        let known = compile_filter(condition.clone(), json!({"user.name": "Ann"}));
        assert_eq!(known, (title(Operator::Eq, vec![text("Ann")]), true));
        let unknown = (title(Operator::Eq, vec![Scalar::Null]), true);
        assert_eq!(compile_filter(condition.clone(), json!({})), unknown);
        assert_eq!(compile_filter(condition.clone(), json!({"user.name": null})), unknown);
        assert_eq!(compile_filter(condition, json!({"user.name": {"$notNull": true}})), unknown);
        assert_eq!(compile_filter(json!({"title": "x"}), json!({})), (title(Operator::Eq, vec![text("x")]), false));
    }

    #[test]
    fn unknown_variables_never_widen_the_result() {
        let unknown = || title(Operator::Eq, vec![Scalar::Null]);
        let nothing = || Filter::Or(Vec::new());
        for (operator, expected) in [
            ("$ne", nothing()),
            ("$startsWith", unknown()),
            ("$null", unknown()),
            ("$in", title(Operator::In, vec![])),
            ("$notIn", nothing()),
            ("$notContains", nothing()),
        ] {
            let (filter, _) = compile_filter(json!({"title": {operator: "$user.name"}}), json!({}));
            assert_eq!(filter, expected, "{operator}");
        }
        for inner in [
            json!({"title": "$user.name"}),
            json!({"title": {"$in": "$user.name"}}),
            json!({"title": {"$not": {"$notContains": "$user.name"}}}),
            json!({"title": {"$null": "$user.name"}}),
        ] {
            let (negated, _) = compile_filter(json!({"$not": inner}), json!({}));
            assert_eq!(negated, nothing(), "{inner}");
            let (twice, _) = compile_filter(json!({"$not": {"$not": inner}}), json!({}));
            assert_ne!(twice, Filter::And(Vec::new()), "{inner}");
        }
        // A list of which one value is not known may contain anything; what is known to be in it still counts.
        let list = json!({"user.names": ["a", null]});
        let in_list = || title(Operator::In, vec![text("a")]);
        assert_eq!(compile_filter(json!({"title": {"$notIn": "$user.names"}}), list.clone()).0, nothing());
        assert_eq!(compile_filter(json!({"$not": {"title": {"$in": "$user.names"}}}), list.clone()).0, nothing());
        assert_eq!(compile_filter(json!({"$not": {"title": {"$notIn": "$user.names"}}}), list).0, in_list());
    }

    #[test]
    fn negations_of_conditions_are_complements() {
        let complement = |filter| Filter::Complement(Box::new(filter));
        let is_x = || title(Operator::Eq, vec![text("x")]);
        let compile = |condition| compile_filter(condition, json!({})).0;
        for condition in [json!({"title": {"$ne": "x"}}), json!({"$not": {"title": "x"}})] {
            assert_eq!(compile(condition.clone()), complement(is_x()), "{condition}");
        }
        assert_eq!(compile(json!({"$not": {"title": {"$ne": "x"}}})), is_x());
        assert_eq!(compile(json!({"title": {"$ne": null}})), title(Operator::NotNull, vec![]));
        assert_eq!(compile(json!({"$not": {"title": {"$notNull": true}}})), title(Operator::Null, vec![]));
        // At the relation itself a negation is about all of its rows, wherever it stands.
        let named = compile(json!({"authors": {"name": "x"}}));
        for condition in [json!({"$not": {"authors": {"name": "x"}}}), json!({"authors": {"$not": {"name": "x"}}})] {
            assert_eq!(compile(condition.clone()), complement(named.clone()), "{condition}");
        }
        let one = compile(json!({"authors": {"$eq": "ann"}}));
        for condition in [json!({"authors": {"$ne": "ann"}}), json!({"authors": {"$not": {"$eq": "ann"}}})] {
            assert_eq!(compile(condition.clone()), complement(one.clone()), "{condition}");
        }
        let both = Filter::And(vec![named, complement(one)]);
        assert_eq!(compile(json!({"authors": {"$ne": "ann", "name": "x"}})), both);
        // Requests are read as the contract has it.
        let request = plan_as(&Access::full(), Action::Find, "articles", "filters[title][$ne]=x").expect("a plan");
        assert_eq!(request.plan.filter, Some(title(Operator::Ne, vec![text("x")])));
        let list = Access::full().for_admin_lists();
        let request = plan_as(&list, Action::Find, "articles", "filters[title][$ne]=x").expect("a plan");
        assert_eq!(request.plan.filter, Some(complement(is_x())));
        assert_ne!(list.key, Access::full().key);
    }

    #[test]
    fn limits_apply_to_full_access_and_ignore_variables() {
        let limited = |access: Access, limit: Json| {
            let access = Access { limits: [(articles(), Arc::new(limit))].into(), ..access };
            let planned = plan_as(&access, Action::Find, "articles", "").expect("a plan");
            (planned.plan.filter, planned.variables)
        };
        let (filter, variables) = limited(Access::full(), json!({"title": "$user.name"}));
        assert_eq!((filter, variables), (Some(title(Operator::Eq, vec![text("$user.name")])), BTreeSet::new()));
        let mut access = Access::none();
        Arc::make_mut(&mut access.rules).insert(
            (articles(), Action::Find),
            AccessRule { condition: Some(Arc::new(json!({"views": 3}))), fields: None },
        );
        let (filter, _) = limited(access, json!({"title": "x"}));
        assert!(
            matches!(&filter, Some(Filter::And(both)) if both.len() == 2 && both[1] == title(Operator::Eq, vec![text("x")])),
            "{filter:?}"
        );
        // Conditions that do not compile match no document.
        assert_eq!(limited(Access::full(), json!({"renamed": 1})).0, Some(Filter::Or(vec![])));
        assert_eq!(limited(Access::full(), json!("all")).0, Some(Filter::Or(vec![])));
    }

    #[test]
    fn negations_that_are_read_differently_are_found() {
        for (condition, expected) in [
            (json!({"title": "x", "authors": {"name": {"$in": ["a"]}}}), false),
            (json!({"title": {"$ne": "x"}}), true),
            (json!({"$or": [{"views": 1}, {"title": {"$notContains": "x"}}]}), true),
            (json!({"$not": {"authors": {"name": "x"}}}), true),
            (json!({"authors": {"$not": {"id": {"$null": true}}}}), true),
            (json!({"authors": {"documentId": {"$ne": "$user.id"}}}), true),
            (json!({"title": {"$not": {"$eq": "x"}}}), true),
            // Conditions that mean the same in both readings.
            (json!({"title": {"$ne": null}, "body": {"$notNull": true}}), false),
            (json!({"$not": {"title": null}}), false),
            (json!({"documentId": {"$notIn": ["a"]}, "$not": {"id": 3}}), false),
        ] {
            assert_eq!(contains_negation(&condition), expected, "{condition}");
        }
    }

    #[test]
    fn list_variables_become_value_lists() {
        let (filter, _) =
            compile_filter(json!({"title": {"$in": "$user.names"}}), json!({"user.names": ["a", null, "b"]}));
        assert_eq!(filter, title(Operator::In, vec![text("a"), text("b")]));
    }

    #[test]
    fn conditions_that_do_not_compile_match_nothing() {
        assert_eq!(compile_filter(json!({"renamed": 1}), json!({})).0, Filter::Or(vec![]));
        // The condition that a schema change writes if it can no longer express the original.
        let never = cairn_model::change::permissions::never_condition();
        assert_eq!((check(never.clone()), compile_filter(never, json!({})).0), (Ok(()), Filter::Or(vec![])));
        assert_eq!(compile_filter(json!({"issuedOn": "$user.born"}), json!({"user.born": "x"})).0, Filter::Or(vec![]));
    }
}
