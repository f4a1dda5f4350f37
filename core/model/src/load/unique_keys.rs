//! Keys that no two entries share: `unique` of a plugin's manifest, which is treated as `options.cairn.uniqueKeys` of its content type.

use super::raw_schema::RawSchema;
use super::report::LoadReport;
use crate::content_type::{AttributeId, ContentType};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Writes the keys of a content type into its schema, where [`super::load_changed`] reads them.
pub fn set_unique_keys(schema: &mut Map<String, Json>, keys: &[Vec<String>]) {
    fn object<'a>(within: &'a mut Map<String, Json>, key: &str) -> Option<&'a mut Map<String, Json>> {
        within.entry(key).or_insert_with(|| json!({})).as_object_mut()
    }
    let is_there = schema.get("options").and_then(|options| options.get("cairn")).is_some();
    if keys.is_empty() && !is_there {
        return;
    }
    // Options that are no object are a problem of their own.
    let Some(cairn) = object(schema, "options").and_then(|options| object(options, "cairn")) else { return };
    match keys.is_empty() {
        true => drop(cairn.shift_remove("uniqueKeys")),
        false => drop(cairn.insert("uniqueKeys".to_owned(), json!(keys))),
    }
}

/// The keys in a plugin's manifest, by content type. A manifest that cannot be parsed has none: it is reported when plugins are loaded.
pub(super) fn keys_of_manifest(text: &str) -> BTreeMap<String, Vec<Vec<String>>> {
    let manifest: toml::Table = text.parse().unwrap_or_default();
    let types = manifest.get("content-types").and_then(toml::Value::as_table).into_iter().flatten();
    let keys = types.filter_map(|(name, table)| {
        let keys = table.get("unique")?.clone().try_into().ok()?;
        Some((name.clone(), keys))
    });
    keys.collect()
}

/// Resolves the keys of all types of plugins, once the sides of relations are known.
pub(super) fn resolve_unique_keys(types: &mut [ContentType], raws: &[RawSchema], report: &LoadReport) {
    for (ty, raw) in types.iter_mut().zip(raws).filter(|(ty, _)| ty.plugin_id().is_some()) {
        let keys = raw.schema.get("options").and_then(|options| options.get("cairn")?.get("uniqueKeys"));
        let keys: Vec<Vec<String>> = match keys.map(|keys| serde_json::from_value(keys.clone())) {
            None => continue,
            Some(Ok(keys)) => keys,
            Some(Err(_)) => {
                report
                    .file_site(&raw.file)
                    .at_key("options.cairn.uniqueKeys")
                    .report_problem("must be a list of lists of attribute names");
                continue;
            }
        };
        let site = report.file_site(&raw.file).at_key("options.cairn.uniqueKeys");
        for names in keys.into_iter().filter(|names| !names.is_empty()) {
            let mut key: Vec<AttributeId> = Vec::with_capacity(names.len());
            let invalid = names.iter().find(|name| match ty.attributes.get(name) {
                Some((id, attribute)) if attribute.can_be_key() && !key.contains(&id) => {
                    key.push(id);
                    false
                }
                _ => true,
            });
            match invalid {
                // Keys that were accepted once are left out, so that the server starts; nothing with them is installed.
                Some(name) => site.report_tolerated(format!(
                    "`{name}` cannot be part of a unique key: `{}` is not supported",
                    names.join(", ")
                )),
                None if ty.unique_keys.contains(&key) => {}
                None => ty.unique_keys.push(key),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_unique_keys(schema: Json, keys: &[&[&str]]) -> Json {
        let Json::Object(mut schema) = schema else { panic!("no object") };
        let keys: Vec<Vec<String>> = keys.iter().map(|key| key.iter().map(|&name| name.to_owned()).collect()).collect();
        set_unique_keys(&mut schema, &keys);
        Json::Object(schema)
    }

    #[test]
    fn unique_keys_are_set_beside_other_options() {
        let schema = json!({ "options": { "draftAndPublish": true, "cairn": { "channel": "web" } } });
        let with = with_unique_keys(schema.clone(), &[&["a", "b"]]);
        let cairn = json!({ "channel": "web", "uniqueKeys": [["a", "b"]] });
        assert_eq!(with, json!({ "options": { "draftAndPublish": true, "cairn": cairn } }));
        assert_eq!(with_unique_keys(with, &[]), schema);
        assert_eq!(with_unique_keys(json!({}), &[]), json!({}));
        assert_eq!(with_unique_keys(json!({ "options": 1 }), &[&["a"]]), json!({ "options": 1 }));
    }

    #[test]
    fn invalid_manifests_have_no_unique_keys() {
        let found = keys_of_manifest(
            "[content-types]\ndir = \"content-types\"\n[content-types.lead]\nunique = [[\"a\", \"b\"], [\"c\"]]",
        );
        assert_eq!(found["lead"], [vec!["a".to_owned(), "b".to_owned()], vec!["c".to_owned()]]);
        assert_eq!(found.len(), 1);
        for text in ["", "][", "content-types = 1", "[content-types.lead]\nunique = 1"] {
            assert_eq!(keys_of_manifest(text), BTreeMap::new(), "{text}");
        }
    }
}
