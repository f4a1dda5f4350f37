//! The vocabulary of views: `plugins/wit/v0.1/view.schema.json`, and checks of descriptions against it.

pub(crate) mod content_types;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, ValidationError, Validator};
use serde_json::Value as Json;
use std::sync::LazyLock;

/// The schema of the contract line that this host speaks.
pub(crate) const VIEW_SCHEMA: &str = include_str!("../../../../plugins/wit/v0.1/view.schema.json");
/// Largest number of reported problems.
const MAX_PROBLEMS: usize = 20;
/// Deepest nesting of blocks.
const MAX_BLOCK_DEPTH: usize = 24;
/// Longest message, in characters.
const MAX_MESSAGE_CHARS: usize = 300;
/// Values that a field may be compared with.
const OPERAND_HELP: &str = "a text, a number, true or false, a list of these, a duration such as {\"last\": 7, \"unit\": \"day\"}, or {\"me\": true}";

/// A problem of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewProblem {
    /// Path such as `show[2].columns[0].field`; empty for the whole.
    pub path: String,
    /// Description of the problem, and what to write instead.
    pub message: String,
}

/// The compiled schema; `None` would be a mistake in the schema, which a test finds.
static VALIDATOR: LazyLock<Option<Validator>> = LazyLock::new(|| {
    let schema: Json = serde_json::from_str(VIEW_SCHEMA).ok()?;
    jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true).build(&schema).ok()
});

/// The problems of a view, at most [`MAX_PROBLEMS`].
pub(crate) fn check_view(view: &Json) -> Vec<ViewProblem> {
    if remaining_depth(view, MAX_BLOCK_DEPTH).is_none() {
        let message = format!("is nested more than {MAX_BLOCK_DEPTH} levels deep: reduce the nesting of blocks");
        return vec![ViewProblem { path: String::new(), message }];
    }
    let Some(validator) = &*VALIDATOR else {
        return vec![ViewProblem { path: String::new(), message: "cannot be checked by this version of Cairn".into() }];
    };
    let mut problems: Vec<ViewProblem> =
        validator.iter_errors(view).map(|e| to_view_problem(&e, view)).take(MAX_PROBLEMS).collect();
    problems.dedup();
    problems
}

/// The levels that are left of `most`; `None`: the value has more. Stops there, so that the depth is limited.
fn remaining_depth(json: &Json, limit: usize) -> Option<usize> {
    let most = limit.checked_sub(1)?;
    match json {
        Json::Array(list) => list.iter().try_fold(most, |least, inner| Some(least.min(remaining_depth(inner, most)?))),
        Json::Object(object) => {
            object.values().try_fold(most, |least, inner| Some(least.min(remaining_depth(inner, most)?)))
        }
        _ => Some(most),
    }
}

fn to_view_problem(error: &ValidationError<'_>, view: &Json) -> ViewProblem {
    let pointer = error.instance_path().as_str();
    let path = pointer_to_path(pointer);
    let value = view.pointer(pointer);
    let kind = value.and_then(|block| block["kind"].as_str());
    let by_kind = kind.map(|kind| format!(" by \"{kind}\"")).unwrap_or_default();
    let message = match error.kind() {
        ValidationErrorKind::Required { property } => match property.as_str() {
            Some("fallback") => {
                format!(
                    "the kind {:?} is not supported: write one of {}, or add a `fallback`",
                    kind.unwrap_or_default(),
                    block_kinds()
                )
            }
            Some("kind") => format!("has no `kind`: write one of {}", block_kinds()),
            Some(name) => format!("has no `{name}`, which is required{by_kind}"),
            None => "lacks a required property".to_owned(),
        },
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let known = kind.map(|kind| property_names(&["$defs", kind])).unwrap_or_default();
            let known = if known.is_empty() { String::new() } else { format!("; supported: {known}") };
            format!(
                "has {}, which is not supported{by_kind}{known}",
                quote_names(unexpected.iter().map(String::as_str))
            )
        }
        ValidationErrorKind::OneOfNotValid { .. } | ValidationErrorKind::AnyOf { .. } if kind.is_some() => {
            format!("{}: {}", required_alternatives(kind.unwrap_or_default()), "one of these is required")
        }
        ValidationErrorKind::OneOfMultipleValid { .. } if kind.is_some() => {
            format!(
                "combines alternatives that exclude each other; write {}",
                required_alternatives(kind.unwrap_or_default())
            )
        }
        ValidationErrorKind::Type { kind } => {
            format!("is {}; write {}", value.map_or("nothing", value_kind), kinds_of_value(kind, &path))
        }
        ValidationErrorKind::Enum { options } => {
            let options = options.as_array().into_iter().flatten().map(Json::to_string);
            format!("is not supported; write one of {}", options.collect::<Vec<_>>().join(", "))
        }
        _ => error.masked_with("it").to_string(),
    };
    ViewProblem { path, message: message.chars().take(MAX_MESSAGE_CHARS).collect() }
}

/// The kind of a value, as a phrase.
fn value_kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

/// The kinds of value that are allowed at a path, as a phrase.
fn kinds_of_value(kind: &TypeKind, path: &str) -> String {
    // The objects of a filter are a matter of their own.
    if path.contains("filters") && path.ends_with(".value") && !matches!(kind, TypeKind::Single(_)) {
        return OPERAND_HELP.to_owned();
    }
    let accepted: Vec<String> = match kind {
        TypeKind::Single(only) => vec![only.to_string()],
        TypeKind::Multiple(all) => all.iter().map(|kind| kind.to_string()).collect(),
    };
    let words = [
        ("string", "a text"),
        ("number", "a number"),
        ("integer", "a whole number"),
        ("boolean", "true or false"),
        ("array", "a list"),
        ("object", "an object"),
        ("null", "null"),
    ];
    let words = words.into_iter().filter(|(name, _)| accepted.iter().any(|kind| kind == name));
    words.map(|(_, word)| word).collect::<Vec<_>>().join(" or ")
}

/// The properties of which a block needs one.
fn required_alternatives(kind: &str) -> String {
    let schema: Json = serde_json::from_str(VIEW_SCHEMA).unwrap_or_default();
    let block = &schema["$defs"][kind];
    let ways = block["oneOf"].as_array().or_else(|| block["anyOf"].as_array());
    let way = |way: &Json| {
        let keys: Vec<&str> = way["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        quote_names(keys)
    };
    let ways: Vec<String> = ways.into_iter().flatten().map(way).collect();
    format!("either {}", ways.join(", or "))
}

fn block_kinds() -> String {
    let schema: Json = serde_json::from_str(VIEW_SCHEMA).unwrap_or_default();
    let each = schema["$defs"]["block"]["allOf"].as_array().into_iter().flatten();
    let kinds: Vec<&str> = each.filter_map(|rule| rule["if"]["properties"]["kind"]["const"].as_str()).collect();
    kinds.join(", ")
}

fn property_names(path: &[&str]) -> String {
    let schema: Json = serde_json::from_str(VIEW_SCHEMA).unwrap_or_default();
    let block = path.iter().fold(&schema, |json, step| &json[*step]);
    quote_names(block["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()))
}

fn quote_names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Converts `/show/2/field` to `show[2].field`.
fn pointer_to_path(pointer: &str) -> String {
    pointer.split('/').skip(1).fold(String::new(), |path, part| {
        let part = part.replace("~1", "/").replace("~0", "~");
        match part.parse::<usize>() {
            Ok(index) => format!("{path}[{index}]"),
            Err(_) if path.is_empty() => part,
            Err(_) => format!("{path}.{part}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn assert_problem(view: &Json, path: &str, part: &str) {
        let problems = check_view(view);
        assert!(problems.iter().any(|p| p.path == path && p.message.contains(part)), "{view}: {problems:#?}");
    }

    #[test]
    fn every_kind_of_block_is_valid() {
        let uid = "plugin::bookings.event";
        let document = json!({ "type": uid, "documentId": "abc" });
        let view = json!({ "kind": "stack", "show": [
            { "kind": "header", "title": { "en": "Events", "nl": "Evenementen" }, "badge": { "label": "New", "tone": "info" } },
            { "kind": "text", "text": "t:intro", "format": "markdown" },
            { "kind": "fields", "items": [{ "label": "Total", "value": "12.50", "format": "money", "currency": "EUR" }] },
            { "kind": "fields", "document": document, "fields": ["title", "place.name"] },
            { "kind": "fields", "document": document, "edit": ["title", "amount"], "fields": ["title",
                { "field": "amount", "label": "t:amount", "format": "money", "currencyField": "currency" },
                { "field": "owner", "format": "user" }, { "field": "state", "values": { "open": { "label": "Open" } } }] },
            { "kind": "columns", "items": [{ "span": 2, "show": [
                { "kind": "table", "type": uid, "columns": [{ "field": "title", "width": 200 }], "sort": ["startsAt:asc"],
                  "filters": { "and": [{ "field": "startsAt", "operator": "$within", "value": { "next": 7, "unit": "day" } },
                    { "or": [{ "field": "owner", "operator": "$eq", "value": { "me": true } }] }] } },
                { "kind": "table", "type": uid, "columns": [
                    { "field": "state", "values": { "sold-out": { "label": "t:state.sold-out", "tone": "warning" }, "open": { "label": "Open" } } },
                    { "field": "price", "format": "money", "currency": "EUR" },
                    { "field": "startsAt", "format": "countdown", "stoppedBy": "cancelledAt" },
                    { "field": "owner", "format": "user" },
                    { "field": "price", "format": "money", "currencyField": "currency" },
                ] },
            ] }] },
            { "kind": "tabs", "items": [{ "label": "Board", "show": [
                { "kind": "kanban", "type": uid, "groupBy": "state", "columns": ["waiting"], "title": "name", "badges": ["event.title"] },
                { "kind": "calendar", "type": uid, "date": "startsAt", "mode": "month" },
                { "kind": "timeline", "type": uid, "date": "startsAt", "scale": "week" },
                { "kind": "gallery", "type": uid, "cover": "picture" },
                { "kind": "tree", "type": uid, "parent": "parent" },
            ] }] },
            { "kind": "chart", "mark": "bar", "type": uid, "groupBy": "state" },
            { "kind": "chart", "mark": "line", "x": ["Mon", "Tue"], "series": [{ "label": "Sold", "values": [1, null] }] },
            { "kind": "stats", "items": [{ "label": "Free", "value": 3 }, { "label": "All", "count": { "type": uid } }] },
            { "kind": "form", "type": uid, "sections": [{ "fields": ["title"] }] },
            { "kind": "form", "call": "send", "schema": { "type": "object", "properties": { "to": { "type": "string" } } } },
            { "kind": "steps", "items": [{ "label": "Sent", "state": "done", "at": "2026-01-01T00:00:00Z" }] },
            { "kind": "actions", "items": [{ "id": "send", "call": "send", "label": "Send", "confirm": "Sure?" }, { "id": "publish" }] },
            { "kind": "empty", "title": "Nothing yet" },
            { "kind": "document-link", "document": document },
            { "kind": "filter-bar", "type": uid, "fields": ["state"], "show": [{ "kind": "table", "type": uid }] },
            { "kind": "file", "file": "abc", "as": "image" },
            { "kind": "diff", "before": "a", "after": "b" },
            { "kind": "dashboard", "widgets": [{ "id": "n", "label": "Events", "show": { "kind": "count", "type": uid } }] },
            { "kind": "of-tomorrow", "how": ["new"], "fallback": { "kind": "text", "text": "See the website." } },
        ] });
        assert_eq!(check_view(&view), []);
    }

    #[test]
    fn words_of_charts_belong_to_their_marks() {
        let chart = |mark: &str, word: &str, value: Json| {
            let series = json!([{ "label": "New", "values": [4, -1.5, null] }]);
            let mut chart = json!({ "kind": "chart", "mark": mark, "x": ["a", "b", "c"], "series": series });
            chart[word] = value;
            chart
        };
        let mut money = chart("line", "format", json!("money"));
        money["currency"] = json!("EUR");
        for fine in [
            money,
            chart("bar", "stacked", json!(true)),
            chart("pie", "format", json!("percent")),
            chart("funnel", "label", json!("Leads")),
        ] {
            assert_eq!(check_view(&fine), [], "{fine}");
        }
        let two = json!([{ "label": "b", "values": [1] }, { "label": "c", "values": [1] }]);
        assert_eq!(check_view(&chart("bar", "series", two.clone())), []);
        assert_problem(&chart("funnel", "series", two), "series", "has more than 1 item");
        assert_problem(&chart("line", "stacked", json!(true)), "mark", "write one of \"bar\"");
        assert_problem(&chart("bar", "currency", json!("EUR")), "", "has no `format`, which is required by \"chart\"");
        assert_problem(&chart("bar", "currency", json!("euro")), "currency", "");
        let counted =
            json!({ "kind": "chart", "mark": "bar", "type": "plugin::a.b", "groupBy": "state", "stacked": true });
        assert_problem(&counted, "", "has no `series`, which is required by \"chart\"");
    }

    #[test]
    fn charts_of_documents_have_periods_and_measures() {
        let chart = |more: Json| {
            let mut chart = json!({ "kind": "chart", "mark": "line", "type": "plugin::a.b", "groupBy": "wonAt" });
            chart.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            chart
        };
        for fine in [
            json!({ "period": "month" }),
            json!({ "period": "week", "measure": "sum", "field": "amount", "format": "money", "currency": "EUR" }),
            json!({ "measure": "average", "field": "amount" }),
            json!({ "period": "month", "measure": "median", "field": "amount" }),
        ] {
            assert_eq!(check_view(&chart(fine.clone())), [], "{fine}");
        }
        assert_problem(&chart(json!({ "period": "hour" })), "period", "write one of \"day\"");
        assert_problem(&chart(json!({ "measure": "sum" })), "", "has no `field`");
        assert_problem(&chart(json!({ "field": "amount" })), "", "has no `measure`");
        assert_problem(&chart(json!({ "measure": "mode", "field": "amount" })), "measure", "write one of \"sum\"");
        assert_problem(&chart(json!({ "format": "money" })), "", "has no `field`");
        let given = json!({ "kind": "chart", "mark": "bar", "x": ["a"], "series": [{ "label": "b", "values": [1] }], "period": "day" });
        assert_problem(&given, "", "has no `groupBy`");
    }

    #[test]
    fn feeds_have_sources() {
        let feed = |source: Json| json!({ "kind": "feed", "label": "Calls", "empty": "None", "sources": [source] });
        let full = json!({
            "type": "plugin::a.b", "date": "at", "title": "subject", "text": "body", "label": "t:call", "icon": "phone",
            "tone": "info", "details": [{ "field": "kind", "values": { "call": { "label": "Call" } } }],
            "filters": { "and": [{ "field": "deal.documentId", "operator": "$eq", "value": "abc" }] },
        });
        assert_eq!(check_view(&feed(full)), []);
        assert_problem(&feed(json!({ "type": "plugin::a.b" })), "sources[0]", "has no `date`");
        assert_problem(&feed(json!({ "date": "at" })), "sources[0]", "has no `type`");
        assert_problem(&json!({ "kind": "feed", "sources": [] }), "sources", "");
        assert_problem(&json!({ "kind": "feed" }), "", "has no `sources`");
    }

    #[test]
    fn fields_of_a_document_can_be_edited() {
        let block = |more: Json| {
            let document = json!({ "type": "plugin::a.b", "documentId": "abc" });
            let mut block = json!({ "kind": "fields", "document": document, "fields": ["title"] });
            block.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            block
        };
        for fine in [json!({ "edit": true }), json!({ "edit": false }), json!({ "edit": ["title"] })] {
            assert_eq!(check_view(&block(fine.clone())), [], "{fine}");
        }
        assert_problem(&block(json!({ "edit": "title" })), "edit", "is a text; write true or false or a list");
        assert_problem(&block(json!({ "edit": [] })), "edit", "");
        assert_problem(&block(json!({ "edit": ["title", "title"] })), "edit", "");
        assert_problem(&block(json!({ "edit": ["owner.name"] })), "edit[0]", "");
        assert_problem(&block(json!({ "fields": [{ "label": "Title" }] })), "fields[0]", "has no `field`");
        assert_problem(&block(json!({ "fields": [{ "field": "a", "width": 80 }] })), "fields[0]", "has `width`");
        assert_problem(
            &block(json!({ "fields": [{ "field": "a", "format": "bold" }] })),
            "fields[0].format",
            "\"user\"",
        );
        assert_problem(&block(json!({ "fields": [3] })), "fields[0]", "is a number; write a text or an object");
        let given = json!({ "kind": "fields", "items": [{ "label": "A", "value": 1 }], "edit": true });
        assert_problem(&given, "", "has no `fields`");
    }

    #[test]
    fn boards_have_columns_totals_and_moves() {
        let board = |more: Json| {
            let mut board = json!({ "kind": "kanban", "type": "plugin::a.b", "groupBy": "stage" });
            board.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            board
        };
        let schema = json!({ "type": "object", "properties": { "reason": { "type": "string" } } });
        for fine in [
            json!({ "columns": ["new", { "value": "won", "label": "t:won", "tone": "success", "limit": 5 }] }),
            json!({ "sum": { "field": "amount" } }),
            json!({ "sum": { "field": "amount", "format": "money", "currencyField": "currency" }, "order": "rank" }),
            json!({ "move": { "schema": schema } }),
            json!({ "move": { "call": "move", "label": "Move", "confirm": "Sure?", "values": { "a": 1 }, "schema": schema } }),
        ] {
            assert_eq!(check_view(&board(fine.clone())), [], "{fine}");
        }
        assert_problem(&board(json!({ "columns": [{ "label": "Won" }] })), "columns[0]", "has no `value`");
        assert_problem(&board(json!({ "columns": [{ "value": "a", "limit": 0 }] })), "columns[0].limit", "");
        assert_problem(&board(json!({ "columns": [3] })), "columns[0]", "is a number; write");
        assert_problem(&board(json!({ "order": "contact.rank" })), "order", "");
        assert_problem(&board(json!({ "sum": { "field": "amount", "currency": "EUR" } })), "sum", "has no `format`");
        let both = json!({ "field": "a", "format": "money", "currency": "EUR", "currencyField": "b" });
        assert_problem(&board(json!({ "sum": both })), "sum", "");
        assert_problem(&board(json!({ "move": {} })), "move", "");
        assert_problem(&board(json!({ "move": { "values": {} } })), "move", "");
        let live = json!({ "kind": "stack", "live": ["plugin::a.b"], "show": [board(json!({}))] });
        assert_eq!(check_view(&live), []);
        assert_problem(&json!({ "kind": "stack", "live": ["deals"], "show": [board(json!({}))] }), "live[0]", "");
        for kind in ["calendar", "timeline"] {
            let view = json!({ "kind": kind, "type": "plugin::a.b", "date": "due", "move": { "call": "shift" } });
            assert_eq!(check_view(&view), []);
        }
    }

    #[test]
    fn conditions_in_forms_name_a_type_and_its_fields() {
        let form = |property: Json| {
            let schema = json!({ "type": "object", "properties": { "which": property } });
            json!({ "kind": "form", "call": "send", "schema": schema })
        };
        let conditions = |more: Json| {
            let mut conditions = json!({ "type": "object", "format": "conditions", "title": "t:which", "contentType": "plugin::a.b", "fields": ["stage", "owner.name"] });
            conditions.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            conditions
        };
        let default = conditions(json!({ "default": { "stage": { "$eq": "won" } } }));
        for fine in [
            default.clone(),
            json!({ "type": "array", "items": default }),
            json!({ "type": "object", "properties": { "a": default } }),
            json!({ "type": "string", "format": "user" }),
            json!({ "type": "object", "format": "other" }),
        ] {
            assert_eq!(check_view(&form(fine.clone())), [], "{fine}");
        }
        let at = "schema.properties.which";
        assert_problem(&form(conditions(json!({ "filds": [] }))), at, "has `filds`, which is not supported");
        assert_problem(&form(json!({ "type": "object", "format": "conditions" })), at, "has no `fields`");
        assert_problem(&form(conditions(json!({ "type": "string" }))), &format!("{at}.type"), "");
        assert_problem(&form(conditions(json!({ "contentType": "deal" }))), &format!("{at}.contentType"), "");
        assert_problem(&form(conditions(json!({ "fields": [] }))), &format!("{at}.fields"), "");
        assert_problem(&form(conditions(json!({ "fields": ["a b"] }))), &format!("{at}.fields[0]"), "");
        let listed = json!({ "type": "array", "items": conditions(json!({ "default": "won" })) });
        assert_problem(&form(listed), &format!("{at}.items.default"), "is a text; write an object");
        let action = json!({ "id": "send", "call": "send", "label": "Send", "schema": form(conditions(json!({ "fields": 1 })))["schema"] });
        let view = json!({ "kind": "actions", "items": [action] });
        assert_problem(&view, "items[0].schema.properties.which.fields", "is a number; write a list");
    }

    #[test]
    fn invalid_views_are_reported_with_path_and_hint() {
        assert_problem(&json!({}), "", "has no `kind`: write one of stack, header");
        assert_problem(&json!({ "kind": "kanbann" }), "", "\"kanbann\" is not supported: write one of");
        let within =
            |block: Json| json!({ "kind": "stack", "show": [{ "kind": "columns", "items": [{ "show": [block] }] }] });
        let at = "show[0].items[0].show[0]";
        assert_problem(
            &within(json!({ "kind": "kanban", "type": "plugin::a.b" })),
            at,
            "has no `groupBy`, which is required by \"kanban\"",
        );
        assert_problem(
            &within(json!({ "kind": "table", "type": "plugin::a.b", "rows": [] })),
            at,
            "has `rows`, which is not supported by \"table\"; supported:",
        );
        assert_problem(&within(json!({ "kind": "table", "type": "events" })), &format!("{at}.type"), "");
        assert_problem(&within(json!({ "kind": "form" })), at, "either `type`, `sections`, or `schema`, `call`");
        assert_problem(
            &within(json!({ "kind": "unknown", "fallback": { "kind": "text" } })),
            &format!("{at}.fallback"),
            "has no `text`",
        );
        assert_problem(&json!("table"), "", "is a text; write an object");
        let column = |column: Json| json!({ "kind": "table", "type": "plugin::a.b", "columns": [column] });
        for (invalid, path) in [
            (json!({ "field": "a", "format": "bold" }), "columns[0].format"),
            (json!({ "field": "a", "format": "money", "currency": "euro" }), "columns[0].currency"),
            (json!({ "field": "a", "values": { "x": { "label": "X", "tone": "loud" } } }), "columns[0].values.x.tone"),
            (json!({ "field": "a", "values": {} }), "columns[0].values"),
            (json!({ "field": "a", "format": "money", "values": { "x": { "label": "X" } } }), "columns[0]"),
            (json!({ "field": "a", "currency": "EUR" }), "columns[0]"),
            (json!({ "field": "a", "format": "money", "stoppedBy": "b" }), "columns[0].format"),
            (json!({ "field": "a", "format": "user", "currencyField": "b" }), "columns[0].format"),
            (json!({ "field": "a", "currencyField": "b" }), "columns[0]"),
            (json!({ "field": "a", "format": "money", "currency": "EUR", "currencyField": "b" }), "columns[0]"),
        ] {
            let view = column(invalid);
            let problems = check_view(&view);
            assert!(problems.iter().any(|problem| problem.path == path), "{view}: {problems:?}");
        }
        let compared = |value: Json| {
            let filters = json!({ "and": [{ "field": "open", "operator": "$eq", "value": value }] });
            json!({ "kind": "table", "type": "plugin::a.b", "filters": filters })
        };
        assert_problem(
            &compared(json!(null)),
            "filters.and[0].value",
            "is null; write a text, a number, true or false, a list",
        );
        assert_problem(
            &compared(json!([null])),
            "filters.and[0].value[0]",
            "is null; write a text or a number or true or false",
        );
        for fine in [json!(true), json!(false), json!(7), json!(2.5), json!("7"), json!(["a", 1, true])] {
            assert_eq!(check_view(&compared(fine.clone())), [], "{fine}");
        }
        let chart = json!({ "kind": "chart", "mark": "donut", "type": "plugin::a.b", "groupBy": "state" });
        assert_problem(&chart, "mark", "write one of \"bar\", \"line\", \"area\", \"pie\", \"funnel\"");
        assert_problem(&json!({ "kind": "text", "text": "x".repeat(20_001) }), "text", "");
        let deep = (0..40)
            .fold(json!({ "kind": "text", "text": "x" }), |inner, _| json!({ "kind": "stack", "show": [inner] }));
        assert_problem(&deep, "", "nested more than");
        let many = json!({ "kind": "stack", "show": vec![json!({ "kind": "nothing" }); 50] });
        assert_eq!(check_view(&many).len(), MAX_PROBLEMS);
    }

    #[test]
    fn views_of_the_bookings_example_are_valid() {
        for name in ["board", "calendar"] {
            let path = format!("{}/../../examples/plugins/bookings/views/{name}.json", env!("CARGO_MANIFEST_DIR"));
            let view = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            assert_eq!(check_view(&view), [], "{name}");
        }
    }
}
