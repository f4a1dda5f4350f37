//! Fields with how their values are shown, in columns, badges, details and blocks of the kind `fields`.

use super::{FieldRequirement, ViewChecker, join_path, json_items};
use cairn_model::ContentType;
use serde_json::{Map, Value as Json};

impl<'r> ViewChecker<'r> {
    /// A field with its format; what is no object with a `field` is left to others.
    pub(super) fn check_formatted_field(&mut self, ct: &'r ContentType, shown: &Json, path: &str) {
        let requirement = match shown["format"].as_str() {
            Some("money") => FieldRequirement::Number,
            Some("countdown") => FieldRequirement::Moment,
            Some("user") => FieldRequirement::User,
            _ => FieldRequirement::Any,
        };
        for (key, requirement) in
            [("field", requirement), ("currencyField", FieldRequirement::Any), ("stoppedBy", FieldRequirement::Any)]
        {
            if let Some(field) = shown[key].as_str() {
                self.check_field(ct, field, requirement, &format!("{path}.{key}"));
            }
        }
    }

    /// A block with fields of a document. That its type exists is checked where the document is.
    pub(super) fn check_fields_block(&mut self, block: &Map<String, Json>, path: &str) {
        let uid = block.get("document").and_then(|document| document["type"].as_str()).unwrap_or_default();
        let Some(ct) = self.registry.by_uid(uid) else { return };
        self.check_fields(ct, block.get("fields"), &join_path(path, "fields"));
        for (at, shown) in json_items(block.get("fields")).enumerate() {
            self.check_formatted_field(ct, shown, &join_path(path, &format!("fields[{at}]")));
        }
        for (at, name) in json_items(block.get("edit")).enumerate() {
            let name = name.as_str().unwrap_or_default();
            let path = join_path(path, &format!("edit[{at}]"));
            let mut shown = json_items(block.get("fields")).map(|shown| shown["field"].as_str().or(shown.as_str()));
            if ct.attributes.get(name).is_none() {
                self.add_problem(&path, super::unknown_field_message(ct, name));
            } else if !shown.any(|shown| shown == Some(name)) {
                self.add_problem(&path, format!("names `{name}`, which is not in `fields`: add it there"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::find_problems;
    use super::super::tests::{UID, assert_problem, load_example_types};
    use serde_json::{Value as Json, json};

    const EVENT: &str = "plugin::bookings.event";

    fn fields(uid: &str, more: &Json) -> Json {
        let mut block = json!({ "kind": "fields", "document": { "type": uid, "documentId": "abc" } });
        block.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        block
    }

    #[test]
    fn fields_of_a_document_must_exist_and_suit_their_format() {
        for (uid, shown, path, part) in [
            (UID, json!("nmae"), "fields[0]", "has no field `nmae`; it has name"),
            (UID, json!({ "field": "nmae" }), "fields[0].field", "has no field `nmae`"),
            (UID, json!({ "field": "name", "format": "money" }), "fields[0].field", "is a text; write a number"),
            (UID, json!({ "field": "name", "format": "countdown" }), "fields[0].field", "write a datetime"),
            (EVENT, json!({ "field": "places", "format": "user" }), "fields[0].field", "the id of an admin"),
            (UID, json!({ "field": "createdAt", "format": "user" }), "fields[0].field", "the id of an admin"),
            (
                EVENT,
                json!({ "field": "places", "format": "money", "currencyField": "currency" }),
                "fields[0].currencyField",
                "has no field `currency`",
            ),
            (
                UID,
                json!({ "field": "createdAt", "format": "countdown", "stoppedBy": "gone" }),
                "fields[0].stoppedBy",
                "has no field `gone`",
            ),
        ] {
            assert_problem(fields(uid, &json!({ "fields": [shown] })), path, part);
        }
        let edit = |names: Json| {
            fields(UID, &json!({ "fields": ["name", { "field": "state" }, "event.title"], "edit": names }))
        };
        assert_problem(edit(json!(["name", "nmae"])), "edit[1]", "has no field `nmae`");
        assert_problem(edit(json!(["email"])), "edit[0]", "names `email`, which is not in `fields`");
        assert_problem(edit(json!(["createdAt"])), "edit[0]", "has no field `createdAt`");
        for fine in [edit(json!(["name", "state"])), edit(json!(true)), edit(json!(false))] {
            assert_eq!(find_problems(&fine, &load_example_types()), [], "{fine}");
        }
        let all = json!({ "fields": [
            "name", "event.title", "updatedAt", { "field": "token", "label": "t:owner", "format": "user" },
            { "field": "event.places", "format": "money", "currencyField": "name" }] });
        assert_eq!(find_problems(&fields(UID, &all), &load_example_types()), []);
        let unknown = fields("plugin::bookings.guest", &json!({ "fields": ["name"] }));
        assert_problem(unknown, "document.type", "content type plugin::bookings.guest not found");
    }

    #[test]
    fn formats_of_columns_and_badges_must_suit_their_fields() {
        let table = |column: Json| json!({ "kind": "table", "type": UID, "columns": [{ "field": "name" }, column] });
        assert_problem(table(json!({ "field": "name", "format": "money" })), "columns[1].field", "write a number");
        let board = |badge: Json| json!({ "kind": "kanban", "type": UID, "groupBy": "state", "badges": [badge] });
        assert_problem(board(json!({ "field": "event", "format": "user" })), "badges[0].field", "the id of an admin");
        let source =
            json!({ "type": UID, "date": "createdAt", "details": [{ "field": "name", "format": "countdown" }] });
        let feed = json!({ "kind": "feed", "sources": [source] });
        assert_problem(feed, "sources[0].details[0].field", "write a datetime");
        assert_eq!(find_problems(&table(json!({ "field": "token", "format": "user" })), &load_example_types()), []);
    }
}
