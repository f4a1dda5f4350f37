//! Schemas of an archive → schema files of a project.

use crate::report::ImportReport;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The user type, of which an archive has the attributes that the project added.
pub(crate) const USER_UID: &str = "plugin::users-permissions.user";

/// Attributes that Strapi adds to every content type as it starts.
const SYSTEM_ATTRIBUTES: [&str; 8] =
    ["createdAt", "updatedAt", "publishedAt", "createdBy", "updatedBy", "locale", "localizations", "documentId"];
/// Members of a schema that schema files do not have.
const DERIVED_MEMBERS: [&str; 8] =
    ["modelType", "modelName", "uid", "globalId", "plugin", "category", "apiName", "__schema__"];

/// Schema files by their path in the project's folder.
pub type SchemaFiles = BTreeMap<String, Map<String, Json>>;

/// Builds the schema files of the project's types and components. Types of Strapi's plugins are left out: the report counts their rows.
pub fn build_schema_files(schemas: &[Map<String, Json>], report: &mut ImportReport) -> SchemaFiles {
    let mut files = SchemaFiles::new();
    for schema in schemas {
        let uid = schema.get("uid").and_then(Json::as_str).unwrap_or_default();
        let Some(path) = file_path(uid) else {
            let is_system = uid.starts_with("plugin::") || uid.starts_with("admin::") || uid.starts_with("strapi::");
            if !is_system {
                report.add_problem(
                    uid,
                    format!(
                        "its name may have letters, digits, - and _ only: rename it in Strapi, and {}",
                        report.source.retry()
                    ),
                );
            }
            continue;
        };
        let mut file = schema.clone();
        for member in DERIVED_MEMBERS {
            file.remove(member);
        }
        let is_component = schema.get("modelType").and_then(Json::as_str) == Some("component");
        if let Some(attributes) = file.get_mut("attributes").and_then(Json::as_object_mut) {
            attributes.retain(|name, attribute| {
                let added = !is_component && (SYSTEM_ATTRIBUTES.contains(&name.as_str()) || is_of_strapi(attribute));
                // Strapi's review workflows.
                !added && !name.starts_with("strapi_")
            });
        }
        files.insert(path, file);
    }
    files
}

/// True for a relation to administrators of Strapi, whom archives do not have.
fn is_of_strapi(attribute: &Json) -> bool {
    attribute.get("target").and_then(Json::as_str) == Some("admin::user")
        && attribute.get("configurable") == Some(&Json::Bool(false))
}

/// The path of the schema file of a type or component; `None` if it has none in Cairn.
pub(crate) fn file_path(uid: &str) -> Option<String> {
    if uid == USER_UID {
        return Some("content-types/extensions/users-permissions/content-types/user/schema.json".into());
    }
    let plain =
        |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    match uid.split_once("::") {
        Some(("api", rest)) => {
            let (api, name) = rest.split_once('.').filter(|(api, name)| plain(api) && plain(name))?;
            Some(format!("content-types/api/{api}/content-types/{name}/schema.json"))
        }
        Some(_) => None,
        None => {
            let (category, name) = uid.split_once('.').filter(|(category, name)| plain(category) && plain(name))?;
            Some(format!("content-types/components/{category}/{name}.json"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(json: Json) -> Map<String, Json> {
        json.as_object().unwrap().clone()
    }

    #[test]
    fn schemas_become_files_without_what_strapi_adds() {
        let article = object(json!({
            "uid": "api::article.article", "modelType": "contentType", "globalId": "Article", "kind": "collectionType",
            "attributes": {
                "title": {"type": "string"}, "createdAt": {"type": "datetime"}, "localizations": {"type": "relation"},
                "strapi_stage": {"type": "relation"}, "editor": {"type": "relation", "target": "admin::user"},
            },
        }));
        let link = object(json!({
            "uid": "shared.link", "modelType": "component", "attributes": {"locale": {"type": "string"}},
        }));
        let role = object(json!({"uid": "plugin::users-permissions.role", "attributes": {}}));
        let mut report = ImportReport::default();
        let files = build_schema_files(&[article, link, role], &mut report);
        assert!(report.problems.is_empty());
        let paths: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(
            paths,
            [
                "content-types/api/article/content-types/article/schema.json",
                "content-types/components/shared/link.json"
            ]
        );
        let article = &files[paths[0]];
        assert!(article.get("uid").is_none() && article["kind"] == "collectionType");
        assert_eq!(article["attributes"].as_object().unwrap().keys().collect::<Vec<_>>(), ["title", "editor"]);
        assert_eq!(files[paths[1]]["attributes"], json!({"locale": {"type": "string"}}));
    }

    #[test]
    fn names_that_lead_out_of_the_folder_are_refused() {
        let mut report = ImportReport::default();
        for uid in ["api::../../etc.x", "../a.b", "", "shared.a/b"] {
            assert!(build_schema_files(&[object(json!({"uid": uid, "attributes": {}}))], &mut report).is_empty());
        }
        assert_eq!(report.problems.len(), 4);
    }
}
