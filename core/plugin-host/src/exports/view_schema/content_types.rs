//! Checks a view against the content types that it names. The vocabulary knows none of them; the admin draws a block that does not fit as a
//! note in its place, by the same rules (`admin-ui/src/views/parseView.ts`); these functions find such blocks in advance.

mod shown_fields;

use super::ViewProblem;
use cairn_model::{Attribute, ContentType, FieldKind, Registry, RelationKind};
use serde_json::{Map, Value as Json};

/// Fields that every document has.
const DOCUMENT_FIELDS: [&str; 5] = ["documentId", "createdAt", "updatedAt", "publishedAt", "locale"];
/// Those of them that are times.
const DOCUMENT_TIME_FIELDS: [&str; 3] = ["createdAt", "updatedAt", "publishedAt"];
/// How a document stands: what lists show and sort by though it is no field.
const DOCUMENT_STATES: [&str; 4] = ["status", "review.stage", "review.assignees", "review.due"];

/// Everything in a view that names a content type or a field that is not there, or one of the wrong kind. The view is one of the vocabulary.
pub(crate) fn find_problems(view: &Json, registry: &Registry) -> Vec<ViewProblem> {
    let mut reader = ViewChecker { registry, problems: Vec::new() };
    reader.check_value(view, "");
    reader.problems
}

/// Target at the end of a path.
#[derive(Clone, Copy)]
enum PathTarget<'r> {
    Attribute(&'r Attribute),
    /// A field of every document.
    Own {
        time: bool,
    },
}

/// Requirement of a block on its field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FieldRequirement {
    Any,
    Media,
    Time,
    /// A field whose values can be a board's columns.
    Grouping,
    /// A field whose values can be counted.
    Counting,
    /// A field of numbers.
    Number,
    /// A field that a condition can be about.
    Condition,
    /// A text of the type itself, which keeps the order of its documents.
    Order,
    /// A datetime, until which time is left.
    Moment,
    /// A text with the id of an admin.
    User,
    /// A relation to one of the same type.
    Parent,
}

struct ViewChecker<'r> {
    registry: &'r Registry,
    problems: Vec<ViewProblem>,
}

impl<'r> ViewChecker<'r> {
    fn add_problem(&mut self, path: &str, message: impl Into<String>) {
        self.problems.push(ViewProblem { path: path.to_owned(), message: message.into() });
    }

    /// Looks at a value and all within it; the depth of what is looked at has been checked.
    fn check_value(&mut self, value: &Json, path: &str) {
        match value {
            Json::Array(list) => {
                list.iter().enumerate().for_each(|(at, one)| self.check_value(one, &format!("{path}[{at}]")));
            }
            Json::Object(map) => {
                // The schema of a form has a `type` of its own, and what is handed to an action is nobody else's business.
                if !map.contains_key("$schema") && map.get("type").is_some_and(is_uid) {
                    self.check_block(map, path);
                }
                if map.get("kind").is_some_and(|kind| kind == "fields") {
                    self.check_fields_block(map, path);
                }
                for (at, uid) in json_items(map.get("live")).enumerate() {
                    let uid = uid.as_str().unwrap_or_default();
                    if self.registry.by_uid(uid).is_none() {
                        let path = join_path(path, &format!("live[{at}]"));
                        self.add_problem(&path, format!("content type {uid} not found"));
                    }
                }
                for (key, inner) in map {
                    match key.as_str() {
                        "schema" => self.check_schema(inner, &join_path(path, key)),
                        "values" | "filters" => {}
                        // A named value leads to a document, of another plugin too; the admin shows it without a link where that is not installed.
                        "document" if map.contains_key("value") && self.is_of_absent_plugin(inner) => {}
                        _ => self.check_value(inner, &join_path(path, key)),
                    }
                }
            }
            _ => {}
        }
    }

    /// True for a document of a plugin's type that is not there.
    fn is_of_absent_plugin(&self, document: &Json) -> bool {
        let uid = document["type"].as_str().unwrap_or_default();
        uid.starts_with("plugin::") && self.registry.by_uid(uid).is_none()
    }

    /// The schema of a form: the fields of its conditions. Those of a type that is not there are asked for as JSON.
    fn check_schema(&mut self, schema: &Json, path: &str) {
        if schema["format"] == "conditions" {
            let Some(ct) = self.registry.by_uid(schema["contentType"].as_str().unwrap_or_default()) else { return };
            for (at, field) in json_items(schema.get("fields")).enumerate() {
                let path = join_path(path, &format!("fields[{at}]"));
                self.check_field(ct, field.as_str().unwrap_or_default(), FieldRequirement::Condition, &path);
            }
            return;
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            self.check_schema(property, &join_path(path, &format!("properties.{name}")));
        }
        if let Some(items) = schema.get("items") {
            self.check_schema(items, &join_path(path, "items"));
        }
    }

    /// A block, or part of one, that is about documents of a type.
    fn check_block(&mut self, block: &Map<String, Json>, path: &str) {
        let uid = block.get("type").and_then(Json::as_str).unwrap_or_default();
        let Some(ct) = self.registry.by_uid(uid) else {
            return self.add_problem(&join_path(path, "type"), format!("content type {uid} not found"));
        };
        let kind = block.get("kind").and_then(Json::as_str).unwrap_or("count");
        if let Some(filters) = block.get("filters") {
            self.check_condition(ct, filters, &join_path(path, "filters"));
        }
        let grouping = match kind {
            "kanban" => FieldRequirement::Grouping,
            "chart" if block.contains_key("period") => FieldRequirement::Time,
            "chart" | "breakdown" => FieldRequirement::Counting,
            _ => FieldRequirement::Any,
        };
        for (key, requirement) in [
            ("title", FieldRequirement::Any),
            ("text", FieldRequirement::Any),
            ("cover", FieldRequirement::Media),
            ("groupBy", grouping),
            ("date", FieldRequirement::Time),
            ("endDate", FieldRequirement::Time),
            ("parent", FieldRequirement::Parent),
            ("field", FieldRequirement::Number),
            ("order", FieldRequirement::Order),
        ] {
            if let Some(field) = block.get(key).and_then(Json::as_str) {
                self.check_field(ct, field, requirement, &join_path(path, key));
            }
        }
        if kind == "kanban" {
            self.check_kanban(ct, block, path);
        }
        self.check_fields(ct, block.get("badges"), &join_path(path, "badges"));
        self.check_fields(ct, block.get("fields"), &join_path(path, "fields"));
        // The columns of a board are values, which have no `field`.
        for key in ["columns", "details", "badges"] {
            for (at, column) in json_items(block.get(key)).enumerate() {
                self.check_formatted_field(ct, column, &join_path(path, &format!("{key}[{at}]")));
            }
        }
        for (at, sort) in json_items(block.get("sort")).enumerate() {
            if let Some((field, _)) = sort.as_str().and_then(|text| text.rsplit_once(':')) {
                self.check_field(ct, field, FieldRequirement::Any, &join_path(path, &format!("sort[{at}]")));
            }
        }
        for (at, section) in json_items(block.get("sections")).enumerate() {
            self.check_fields(ct, section.get("fields"), &join_path(path, &format!("sections[{at}].fields")));
        }
    }

    fn check_kanban(&mut self, ct: &'r ContentType, block: &Map<String, Json>, path: &str) {
        if let Some(sum) = block.get("sum") {
            for (key, requirement) in [("field", FieldRequirement::Number), ("currencyField", FieldRequirement::Any)] {
                if let Some(field) = sum.get(key).and_then(Json::as_str) {
                    self.check_field(ct, field, requirement, &join_path(path, &format!("sum.{key}")));
                }
            }
        }
        let group_by = block.get("groupBy").and_then(Json::as_str).unwrap_or_default();
        if group_by == "review.stage" && block.contains_key("sum") {
            self.add_problem(&join_path(path, "sum"), "is not available by `review.stage`, which is no field");
        }
        // The possible values of texts and integers are not known from the schema.
        if let Some(PathTarget::Attribute(attribute)) = self.resolve_path(ct, group_by)
            && matches!(attribute.kind, FieldKind::String | FieldKind::Integer)
            && !block.contains_key("columns")
        {
            let message =
                format!("is required: `{group_by}` of {} is {}", ct.uid, target_kind(PathTarget::Attribute(attribute)));
            self.add_problem(&join_path(path, "columns"), message);
        }
    }

    fn check_fields(&mut self, ct: &'r ContentType, names: Option<&Json>, path: &str) {
        for (at, name) in json_items(names).enumerate() {
            if let Some(name) = name.as_str() {
                self.check_field(ct, name, FieldRequirement::Any, &format!("{path}[{at}]"));
            }
        }
    }

    fn check_field(&mut self, ct: &'r ContentType, name: &str, requirement: FieldRequirement, path: &str) {
        if requirement == FieldRequirement::Any
            && (DOCUMENT_STATES.contains(&name) || (name == "languages" && ct.localized))
        {
            return;
        }
        if requirement == FieldRequirement::Grouping && name == "review.stage" {
            return;
        }
        let Some(target) = self.resolve_path(ct, name) else {
            return self.add_problem(path, unknown_field_message(ct, name));
        };
        let fits = match (requirement, target) {
            (FieldRequirement::Any, _)
            | (FieldRequirement::Condition, PathTarget::Own { .. })
            | (FieldRequirement::Time | FieldRequirement::Moment, PathTarget::Own { time: true }) => true,
            (_, PathTarget::Own { .. }) => false,
            (expected, PathTarget::Attribute(attribute)) => expected.accepts_attribute(ct, attribute),
        };
        if !fits {
            self.add_problem(
                path,
                format!("`{name}` of {} is {}; write {}", ct.uid, target_kind(target), requirement.expected_form()),
            );
        }
    }

    /// Returns the target of a path, through relations and components.
    fn resolve_path(&self, ct: &'r ContentType, path: &str) -> Option<PathTarget<'r>> {
        let registry = self.registry;
        let mut attributes = Some(&ct.attributes);
        let mut documents = true;
        let mut target = None;
        for name in path.split('.') {
            let inside = attributes?;
            let Some((_, attribute)) = inside.get(name) else {
                let own = documents && DOCUMENT_FIELDS.contains(&name);
                target = own.then_some(PathTarget::Own { time: DOCUMENT_TIME_FIELDS.contains(&name) });
                attributes = None;
                target?;
                continue;
            };
            target = Some(PathTarget::Attribute(attribute));
            (attributes, documents) = match &attribute.kind {
                FieldKind::Relation(relation) => (relation.target.map(|id| &registry.get(id).attributes), true),
                FieldKind::Media { .. } => (Some(&registry.file_type().attributes), true),
                FieldKind::Component { component, .. } => (Some(&registry.component(*component).attributes), false),
                _ => (None, false),
            };
        }
        target
    }

    /// A filter: a group of conditions, or one.
    fn check_condition(&mut self, ct: &'r ContentType, node: &Json, path: &str) {
        for group in ["and", "or"] {
            for (at, inner) in json_items(node.get(group)).enumerate() {
                self.check_condition(ct, inner, &format!("{path}.{group}[{at}]"));
            }
        }
        let Some(name) = node.get("field").and_then(Json::as_str) else { return };
        let Some(target) = self.resolve_path(ct, name) else {
            return self.add_problem(&format!("{path}.field"), unknown_field_message(ct, name));
        };
        let (PathTarget::Attribute(attribute), Some(value)) = (target, node.get("value")) else { return };
        if matches!(node["operator"].as_str(), Some("$null" | "$notNull")) {
            return;
        }
        let form = match attribute.kind {
            FieldKind::Boolean => "true or false",
            FieldKind::Integer | FieldKind::BigInteger | FieldKind::Float | FieldKind::Decimal => "a number",
            _ => return,
        };
        let fits = |value: &Json| match (&attribute.kind, value) {
            (FieldKind::Boolean, Json::Bool(_)) => true,
            (FieldKind::Boolean, Json::String(text)) => matches!(text.as_str(), "true" | "false"),
            (FieldKind::Boolean, _) => false,
            (_, Json::Number(_)) => true,
            (_, Json::String(text)) => text.parse::<f64>().is_ok_and(f64::is_finite),
            _ => false,
        };
        let fits = match value {
            Json::Array(values) => values.iter().all(fits),
            Json::Object(_) => true,
            one => fits(one),
        };
        if !fits {
            let kind = target_kind(target);
            self.add_problem(
                &format!("{path}.value"),
                format!("is {value}, and `{name}` of {} is {kind}; write {form}", ct.uid),
            );
        }
    }
}

impl FieldRequirement {
    fn accepts_attribute(self, ct: &ContentType, attribute: &Attribute) -> bool {
        let kind = &attribute.kind;
        let to_one = matches!(kind, FieldKind::Relation(r) if matches!(r.kind, RelationKind::ManyToOne | RelationKind::OneToOne));
        match self {
            Self::Any => true,
            Self::Media => matches!(kind, FieldKind::Media { .. }),
            Self::Time => matches!(kind, FieldKind::Date | FieldKind::DateTime),
            Self::Counting => matches!(kind, FieldKind::Enumeration { .. } | FieldKind::Boolean),
            Self::Grouping => {
                let is_plain = matches!(kind, FieldKind::String | FieldKind::Integer);
                to_one || is_plain || Self::Counting.accepts_attribute(ct, attribute)
            }
            Self::Number => {
                matches!(kind, FieldKind::Integer | FieldKind::BigInteger | FieldKind::Float | FieldKind::Decimal)
            }
            Self::Condition => {
                !matches!(kind, FieldKind::Relation(_) | FieldKind::Component { .. } | FieldKind::DynamicZone { .. })
            }
            Self::Order => matches!(kind, FieldKind::String),
            Self::Moment => matches!(kind, FieldKind::DateTime),
            Self::User => matches!(kind, FieldKind::String | FieldKind::Text),
            Self::Parent => to_one && matches!(kind, FieldKind::Relation(r) if r.target == Some(ct.id)),
        }
    }

    fn expected_form(self) -> &'static str {
        match self {
            Self::Any => "a field",
            Self::Media => "a media field",
            Self::Time => "a date or a time",
            Self::Grouping => "an enumeration, a boolean, a text, a whole number or a relation to one document",
            Self::Number => "a number",
            Self::Condition => "a field with a value of its own, such as `owner.name` of a relation `owner`",
            Self::Order => "a text",
            Self::Moment => "a datetime",
            Self::User => "a text with the id of an admin",
            Self::Counting => "an enumeration or a boolean",
            Self::Parent => "a relation to one document of the same type",
        }
    }
}

/// A content type's uid, and not the `type` of a JSON Schema.
fn is_uid(value: &Json) -> bool {
    value.as_str().is_some_and(|text| text.contains("::"))
}

fn json_items(value: Option<&Json>) -> impl Iterator<Item = &Json> {
    value.and_then(Json::as_array).into_iter().flatten()
}

fn join_path(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn unknown_field_message(ct: &ContentType, name: &str) -> String {
    let names: Vec<&str> = ct.attributes.iter().map(|(_, attribute)| attribute.name.as_str()).take(40).collect();
    format!("{} has no field `{name}`; it has {}", ct.uid, names.join(", "))
}

fn target_kind(target: PathTarget<'_>) -> &'static str {
    let PathTarget::Attribute(attribute) = target else { return "a field of every document" };
    match &attribute.kind {
        FieldKind::Boolean => "a boolean",
        FieldKind::Integer | FieldKind::BigInteger | FieldKind::Float | FieldKind::Decimal => "a number",
        FieldKind::Date | FieldKind::DateTime => "a date",
        FieldKind::Time => "a time of day",
        FieldKind::Json => "JSON",
        FieldKind::Enumeration { .. } => "an enumeration",
        FieldKind::Media { .. } => "files",
        FieldKind::Relation(relation) if relation.kind.to_many() => "a relation to many",
        FieldKind::Relation(_) => "a relation",
        FieldKind::Component { .. } | FieldKind::DynamicZone { .. } => "a component",
        _ => "a text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::path::Path;

    pub(super) const UID: &str = "plugin::bookings.booking";

    /// The types of the example, in a project of their own.
    pub(super) fn load_example_types() -> Registry {
        let plugin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/plugins/bookings");
        let project = tempfile::tempdir().unwrap();
        for name in ["booking", "event"] {
            let place = project.path().join("plugins/bookings/content-types").join(name);
            std::fs::create_dir_all(&place).unwrap();
            std::fs::copy(plugin.join("content-types").join(name).join("schema.json"), place.join("schema.json"))
                .unwrap();
        }
        std::fs::copy(plugin.join("plugin.toml"), project.path().join("plugins/bookings/plugin.toml")).unwrap();
        cairn_model::load::load_project(project.path()).unwrap_or_else(|problems| panic!("{problems:#?}")).registry
    }

    #[track_caller]
    pub(super) fn assert_problem(block: Json, path: &str, part: &str) {
        let view = json!({ "kind": "stack", "show": [block] });
        assert_eq!(crate::exports::view_schema::check_view(&view), [], "the vocabulary has it");
        let problems = find_problems(&view, &load_example_types());
        let path = format!("show[0].{path}");
        assert!(problems.iter().any(|p| p.path == path && p.message.contains(part)), "{view}: {problems:#?}");
        assert_eq!(problems.len(), 1, "{problems:#?}");
    }

    #[test]
    fn unknown_and_unsuitable_fields_are_reported() {
        assert_problem(
            json!({ "kind": "table", "type": "plugin::bookings.guest" }),
            "type",
            "content type plugin::bookings.guest not found",
        );
        assert_problem(
            json!({ "kind": "table", "type": UID, "columns": [{ "field": "name" }, { "field": "nmae" }] }),
            "columns[1].field",
            "has no field `nmae`; it has name",
        );
        assert_problem(
            json!({ "kind": "kanban", "type": UID, "groupBy": "email" }),
            "groupBy",
            "write an enumeration, a boolean, a text",
        );
        assert_problem(
            json!({ "kind": "chart", "mark": "pie", "type": UID, "groupBy": "event" }),
            "groupBy",
            "is a relation; write an enumeration",
        );
        assert_problem(
            json!({ "kind": "calendar", "type": UID, "date": "state" }),
            "date",
            "is an enumeration; write a date",
        );
        assert_problem(
            json!({ "kind": "gallery", "type": UID, "cover": "documentId" }),
            "cover",
            "write a media field",
        );
        assert_problem(json!({ "kind": "tree", "type": UID, "parent": "event" }), "parent", "of the same type");
        assert_problem(
            json!({ "kind": "table", "type": UID, "sort": ["event.when:asc"] }),
            "sort[0]",
            "has no field `event.when`",
        );
        assert_problem(
            json!({ "kind": "form", "type": UID, "sections": [{ "fields": ["nobody"] }] }),
            "sections[0].fields[0]",
            "nobody",
        );
        assert_problem(
            json!({ "kind": "stats", "items": [{ "label": "All", "count": { "type": UID, "filters": { "and": [{ "field": "x", "operator": "$null" }] } } }] }),
            "items[0].count.filters.and[0].field",
            "has no field `x`",
        );
    }

    #[test]
    fn columns_totals_and_order_of_a_board_must_suit_its_fields() {
        let board = |group_by: &str, more: Json| {
            let mut board = json!({ "kind": "kanban", "type": UID, "groupBy": group_by });
            board.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            board
        };
        assert_problem(
            board("name", json!({})),
            "columns",
            "is required: `name` of plugin::bookings.booking is a text",
        );
        assert_problem(board("state", json!({ "sum": { "field": "name" } })), "sum.field", "is a text; write a number");
        assert_problem(board("state", json!({ "order": "state" })), "order", "is an enumeration; write a text");
        assert_problem(board("state", json!({ "order": "rank" })), "order", "has no field `rank`");
        let by_stage = board("review.stage", json!({ "sum": { "field": "event.places" } }));
        assert_problem(by_stage, "sum", "is not available by `review.stage`");
        let fine = board(
            "name",
            json!({ "columns": ["Ann", { "value": "Bob" }], "order": "token", "sum": { "field": "event.places" } }),
        );
        assert_eq!(find_problems(&fine, &load_example_types()), []);
        let chart = |field: &str| {
            json!({ "kind": "chart", "mark": "bar", "type": "plugin::bookings.event",
            "groupBy": "createdAt", "period": "month", "measure": "sum", "field": field })
        };
        assert_eq!(find_problems(&chart("places"), &load_example_types()), []);
        let linked = |uid: &str| {
            let document = json!({ "type": uid, "documentId": "abc" });
            json!({ "kind": "fields", "items": [{ "label": "t:title", "value": "Ann", "document": document }] })
        };
        assert_problem(linked("api::gone.gone"), "items[0].document.type", "content type api::gone.gone not found");
        let others = find_problems(&linked("plugin::not-installed.guest"), &load_example_types());
        assert_eq!(others, [], "another plugin may be uninstalled");
        let live = |uid: &str| json!({ "kind": "stack", "live": [UID, uid], "show": [chart("places")] });
        assert_eq!(find_problems(&live("plugin::bookings.event"), &load_example_types()), []);
        assert_problem(live("plugin::bookings.guest"), "live[1]", "content type plugin::bookings.guest not found");
        assert_problem(chart("title"), "field", "is a text; write a number");
    }

    #[test]
    fn sources_of_a_feed_must_suit_their_types() {
        let feed = |source: Json| json!({ "kind": "feed", "sources": [{ "type": UID, "date": "createdAt" }, source] });
        let event = "plugin::bookings.event";
        assert_problem(feed(json!({ "type": UID, "date": "name" })), "sources[1].date", "is a text; write a date");
        assert_problem(feed(json!({ "type": event, "date": "createdAt", "text": "gone" })), "sources[1].text", "gone");
        let details = json!({ "type": event, "date": "createdAt", "details": [{ "field": "gone" }] });
        assert_problem(feed(details), "sources[1].details[0].field", "has no field `gone`");
        let fine = json!({ "type": event, "date": "updatedAt", "title": "title", "details": [{ "field": "places" }] });
        assert_eq!(find_problems(&feed(fine), &load_example_types()), []);
    }

    #[test]
    fn filter_values_must_match_the_kind_of_their_field() {
        let event = |field: &str, value: Json| {
            json!({ "kind": "table", "type": "plugin::bookings.event", "filters": { "or": [{ "and": [
                { "field": field, "operator": if value.is_array() { "$in" } else { "$eq" }, "value": value }] }] } })
        };
        for (field, value, form) in [
            ("waitingList", json!("yes"), "write true or false"),
            ("waitingList", json!(1), "write true or false"),
            ("places", json!("many"), "write a number"),
            ("places", json!([1, "two"]), "write a number"),
            ("places", json!(true), "write a number"),
        ] {
            assert_problem(event(field, value), "filters.or[0].and[0].value", form);
        }
        for (field, value) in [
            ("waitingList", json!(true)),
            ("waitingList", json!("false")),
            ("places", json!(3)),
            ("places", json!(["3", 4.5])),
            ("title", json!(3)),
            ("documentId", json!("x")),
        ] {
            assert_eq!(find_problems(&event(field, value), &load_example_types()), [], "{field}");
        }
    }

    #[test]
    fn conditions_must_suit_their_type() {
        let form = |uid: &str, field: &str| {
            let conditions =
                json!({ "type": "object", "format": "conditions", "contentType": uid, "fields": ["state", field] });
            let schema = json!({ "type": "object", "properties": { "all": { "type": "array", "items": conditions } } });
            json!({ "kind": "form", "call": "send", "schema": schema })
        };
        let at = "schema.properties.all.items.fields[1]";
        assert_problem(form(UID, "stage"), at, "has no field `stage`");
        assert_problem(form(UID, "event"), at, "is a relation; write a field with a value of its own");
        for field in ["event.title", "documentId", "updatedAt"] {
            assert_eq!(find_problems(&form(UID, field), &load_example_types()), [], "{field}");
        }
        assert_eq!(find_problems(&form("plugin::other.type", "stage"), &load_example_types()), []);
    }

    #[test]
    fn schema_forms_and_existing_fields_have_no_problems() {
        let schema = json!({ "type": "object", "properties": { "type": { "type": "string", "enum": ["api::a.b"] } } });
        let view = json!({ "kind": "stack", "show": [
            { "kind": "form", "call": "send", "schema": schema, "values": { "type": "api::gone.gone" } },
            { "kind": "kanban", "type": UID, "groupBy": "state", "columns": ["waiting"], "title": "name", "badges": ["event.title", "status", { "field": "createdAt", "format": "countdown" }] },
            { "kind": "timeline", "type": UID, "date": "createdAt" },
        ] });
        assert_eq!(find_problems(&view, &load_example_types()), []);
    }
}
