//! From the settings of Strapi's *Configure the view* to what schema files say of types and attributes. Widths and places in
//! the form are left out: Strapi has them for every field, set by hand or not.

use crate::report::ImportReport;
use crate::schemas::{SchemaFiles, file_path};
use cairn_model::presentation::{
    MAX_COLUMNS, MAX_HELP_CHARS, MAX_LABEL_CHARS, PLACEHOLDER_KINDS, SYSTEM_FIELDS, TITLE_KINDS, check_text,
};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Kinds that lists are not sorted by.
const UNSORTABLE_KINDS: [&str; 7] = ["json", "blocks", "password", "media", "relation", "component", "dynamiczone"];
/// A list that nobody changed shows the id and this number of attributes.
const DEFAULT_COLUMN_COUNT: usize = 3;

/// Adds to schema files what Strapi's configuration of views, by uid, says of their types and components.
pub fn present_schema_files(files: &mut SchemaFiles, views: &BTreeMap<String, Json>, report: &mut ImportReport) {
    for (uid, view) in views {
        let Some(file) = file_path(uid).and_then(|path| files.get_mut(&path)) else { continue };
        present_attributes(uid, file, view, report);
        if uid.contains("::") {
            present_type(file, view);
        }
    }
}

fn present_attributes(uid: &str, file: &mut Map<String, Json>, view: &Json, report: &mut ImportReport) {
    let Some(attributes) = file.get_mut("attributes").and_then(Json::as_object_mut) else { return };
    for (name, attribute) in attributes {
        let edit = &view["metadatas"][name]["edit"];
        let shows_placeholder = attribute["type"].as_str().is_some_and(|kind| PLACEHOLDER_KINDS.contains(&kind));
        for (strapi_key, key, limit) in [
            ("label", "label", MAX_LABEL_CHARS),
            ("description", "help", MAX_HELP_CHARS),
            ("placeholder", "placeholder", MAX_LABEL_CHARS),
        ] {
            let Some(text) = edit[strapi_key].as_str().filter(|text| !text.trim().is_empty()) else { continue };
            // Strapi writes the name itself where nobody wrote a label.
            let is_name = key == "label" && text.eq_ignore_ascii_case(name);
            if is_name || key == "placeholder" && !shows_placeholder {
                continue;
            }
            match check_text(text, limit) {
                Ok(text) => set_option(attribute, key, text.into()),
                Err(problem) => {
                    report
                        .add_difference(format!("{uid}.{name}"), format!("its {strapi_key} {problem}; it is left out"));
                }
            }
        }
    }
}

fn present_type(file: &mut Map<String, Json>, view: &Json) {
    let attributes = file.get("attributes").and_then(Json::as_object).cloned().unwrap_or_default();
    let kind_of = |name: &str| attributes.get(name).map(|attribute| attribute["type"].as_str().unwrap_or_default());
    let is_private = |name: &str| attributes.get(name).is_some_and(|attribute| attribute["private"] == true);
    let settings = &view["settings"];
    let main_field = settings["mainField"].as_str().unwrap_or_default();
    let mut options: Vec<(&str, Json)> = Vec::new();
    if kind_of(main_field).is_some_and(|kind| TITLE_KINDS.contains(&kind)) && !is_private(main_field) {
        options.push(("mainField", main_field.into()));
    }
    let columns: Vec<&str> =
        view["layouts"]["list"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let is_default = columns.first() == Some(&"id") && columns.len() <= DEFAULT_COLUMN_COUNT + 1;
    let mut shown: Vec<&str> = Vec::new();
    for name in columns {
        let is_known = SYSTEM_FIELDS.contains(&name) || kind_of(name).is_some_and(|kind| kind != "password");
        if is_known && !shown.contains(&name) {
            shown.push(name);
        }
    }
    // More than a list can have would keep the schema file from loading.
    shown.truncate(MAX_COLUMNS);
    if !is_default && !shown.is_empty() {
        options.push(("columns", shown.into()));
    }
    let sort_by = settings["defaultSortBy"].as_str().unwrap_or_default();
    let descends = settings["defaultSortOrder"].as_str().is_some_and(|order| order.eq_ignore_ascii_case("desc"));
    let is_sortable = kind_of(sort_by)
        .map_or(SYSTEM_FIELDS.contains(&sort_by), |kind| !UNSORTABLE_KINDS.contains(&kind) && !is_private(sort_by));
    // Strapi sorts by the main field unless somebody chose otherwise.
    if is_sortable && (sort_by != main_field || descends) {
        options.push(("sort", format!("{sort_by}:{}", if descends { "desc" } else { "asc" }).into()));
    }
    let mut schema = Json::Object(std::mem::take(file));
    for (key, value) in options {
        set_option(&mut schema, key, value);
    }
    if let Json::Object(schema) = schema {
        *file = schema;
    }
}

/// Sets `pluginOptions.cairn.<key>`. An archive of a project that was Cairn's before keeps what it has.
fn set_option(owner: &mut Json, key: &str, value: Json) {
    let Some(owner) = owner.as_object_mut() else { return };
    let plugins = owner.entry("pluginOptions").or_insert_with(|| json!({}));
    if plugins.is_null() {
        *plugins = json!({});
    }
    let options = plugins.as_object_mut().map(|plugins| plugins.entry("cairn").or_insert_with(|| json!({})));
    if let Some(options) = options.and_then(Json::as_object_mut) {
        options.entry(key).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn present(schema: Json, view: Json) -> (Json, ImportReport) {
        let path = "content-types/api/a/content-types/a/schema.json";
        let mut files = SchemaFiles::from([(path.to_owned(), schema.as_object().unwrap().clone())]);
        let mut report = ImportReport::default();
        present_schema_files(&mut files, &BTreeMap::from([("api::a.a".to_owned(), view)]), &mut report);
        (Json::Object(files.remove(path).unwrap()), report)
    }

    #[test]
    fn what_somebody_set_up_is_kept() {
        let schema = json!({"attributes": {
            "title": {"type": "string", "pluginOptions": {"i18n": {"localized": true}}}, "on": {"type": "boolean"},
            "body": {"type": "richtext"}, "secret": {"type": "string", "private": true},
        }});
        let edit = |label: &str, description: &str| json!({"edit": {"label": label, "description": description, "placeholder": "Type here"}});
        let (file, report) = present(
            schema,
            json!({
                "settings": {"mainField": "title", "defaultSortBy": "updatedAt", "defaultSortOrder": "DESC"},
                "metadatas": {
                    "title": edit("Heading", ""), "on": edit("On", "Whether it is"), "body": edit("body", &"x".repeat(501)),
                    "gone": edit("Gone", ""),
                },
                "layouts": {"list": ["id", "title", "on", "updatedAt", "createdBy", "title"], "edit": [[{"name": "title", "size": 6}]]},
            }),
        );
        assert_eq!(
            file["pluginOptions"]["cairn"],
            json!({"mainField": "title", "columns": ["title", "on", "updatedAt"], "sort": "updatedAt:desc"})
        );
        assert_eq!(
            file["attributes"]["title"]["pluginOptions"],
            json!({"i18n": {"localized": true}, "cairn": {"label": "Heading", "placeholder": "Type here"}})
        );
        assert_eq!(file["attributes"]["on"]["pluginOptions"], json!({"cairn": {"help": "Whether it is"}}));
        assert_eq!(file["attributes"]["body"].get("pluginOptions"), None);
        assert_eq!(report.differences.len(), 1);
    }

    #[test]
    fn lists_with_more_columns_than_there_can_be_are_cut() {
        let names: Vec<String> = (0..30).map(|n| format!("a{n}")).collect();
        let attributes: Map<String, Json> =
            names.iter().map(|name| (name.clone(), json!({"type": "string"}))).collect();
        let (file, _) = present(json!({"attributes": attributes}), json!({"layouts": {"list": names}}));
        assert_eq!(file["pluginOptions"]["cairn"]["columns"], json!(names[..MAX_COLUMNS]));
    }

    #[test]
    fn what_nobody_set_up_leaves_files_as_they_are() {
        let schema =
            json!({"attributes": {"count": {"type": "integer"}, "secret": {"type": "string", "private": true}}});
        for view in [
            json!({
                "settings": {"mainField": "documentId", "defaultSortBy": "documentId", "defaultSortOrder": "ASC"},
                "metadatas": {"count": {"edit": {"label": "count", "description": "", "placeholder": " "}}},
                "layouts": {"list": ["id", "count"]},
            }),
            json!({"settings": {"mainField": "secret", "defaultSortBy": "secret", "defaultSortOrder": "DESC"}, "layouts": {"list": []}}),
            json!({"settings": 5, "metadatas": ["x"], "layouts": {"list": {"a": 1}}}),
            Json::Null,
        ] {
            assert_eq!(present(schema.clone(), view).0, schema);
        }
    }
}
