//! Definitions from the trash as schema files. They have what tables depend on: limits, defaults and display names are in
//! the project's history alone.

use cairn_app::OperatorError;
use cairn_model::Registry;
use cairn_model::change::{AttributeShape, KindShape, RelationWord, SideShape, Snapshot, TypeKind};
use cairn_model::load::SchemaFileChanges;
use cairn_store::change::{TrashEntry, TrashKind};
use serde_json::{Map, Value as Json, json};
use std::path::Path;

/// A file, or attributes that one lacks.
pub(super) struct RestoredSchemaFile {
    /// In the project's folder.
    pub(super) path: String,
    json: Json,
}

impl RestoredSchemaFile {
    pub(super) fn to_text(&self) -> String {
        format!("{:#}", self.json)
    }
}

/// Returns the parts of an entry's definition that the files lack.
pub(super) fn missing_files(registry: &Registry, entry: &TrashEntry) -> Vec<RestoredSchemaFile> {
    let now = Snapshot::from_registry(registry);
    let mut files = Vec::new();
    for component in &entry.definition.components {
        // A component that an attribute holds is restored if all of it is gone; of the owner, missing attributes are restored.
        let existing = now.component(&component.uid);
        if existing.is_some() && component.uid != entry.owner {
            continue;
        }
        let missing: Vec<&AttributeShape> = component
            .attributes
            .iter()
            .filter(|a| existing.is_none_or(|c| c.attributes.iter().all(|b| b.name != a.name)))
            .collect();
        if missing.is_empty() {
            continue;
        }
        let (category, name) = component.uid.split_once('.').unwrap_or(("shared", &component.uid));
        let mut json = json!({ "attributes": attributes_json(&missing) });
        if existing.is_none() {
            json = json!({ "info": { "displayName": name }, "attributes": attributes_json(&missing) });
        }
        files.push(RestoredSchemaFile { path: format!("components/{category}/{name}.json"), json });
    }
    for t in &entry.definition.types {
        let existing = now.content_type(&entry.owner);
        let shapes: Vec<&AttributeShape> = match entry.kind {
            TrashKind::Conversion | TrashKind::Versions if existing.is_some() => continue,
            _ => t.attributes.iter().collect(),
        };
        let lacks = |a: &AttributeShape| existing.is_none_or(|t| t.attributes.iter().all(|b| b.name != a.name));
        let missing: Vec<&AttributeShape> = shapes.into_iter().filter(|a| lacks(a)).collect();
        // Of a type that came back, what else it had is the files' own business.
        if existing.is_some() && (missing.is_empty() || entry.kind == TrashKind::Type) {
            continue;
        }
        let (api, name) = entry.owner.split_once("::").and_then(|(_, rest)| rest.split_once('.')).unwrap_or_default();
        let path = format!("api/{api}/content-types/{name}/schema.json");
        let mut json = json!({ "attributes": attributes_json(&missing) });
        if existing.is_none() {
            let kind = if t.kind == TypeKind::SingleType { "singleType" } else { "collectionType" };
            json = json!({
                "kind": kind, "collectionName": t.table,
                "info": { "singularName": t.singular, "pluralName": t.plural, "displayName": t.singular },
                "options": { "draftAndPublish": t.draft_publish },
                "pluginOptions": { "i18n": { "localized": t.localized } },
                "attributes": attributes_json(&missing),
            });
        }
        files.push(RestoredSchemaFile { path, json });
    }
    files
}

fn attributes_json(list: &[&AttributeShape]) -> Map<String, Json> {
    list.iter().map(|a| (a.name.clone(), attribute_json(a))).collect()
}

fn attribute_json(a: &AttributeShape) -> Json {
    let mut json = match &a.kind {
        KindShape::Enumeration { values } => json!({ "type": "enumeration", "enum": values }),
        KindShape::Media { multiple } => json!({ "type": "media", "multiple": multiple }),
        KindShape::Component { component, repeatable } => {
            json!({ "type": "component", "component": component, "repeatable": repeatable })
        }
        KindShape::DynamicZone { components } => json!({ "type": "dynamiczone", "components": components }),
        KindShape::Relation(r) => {
            let mut json = json!({ "type": "relation", "relation": r.relation.as_str() });
            if let Some(target) = &r.target {
                json["target"] = target.as_str().into();
            }
            match &r.side {
                SideShape::Inverse(owner) => json[inverse_word(r.relation)] = owner.as_str().into(),
                // The pair is made by this word, not by the other.
                SideShape::Owner(inverse) => json["inversedBy"] = inverse.as_str().into(),
                SideShape::OneWay => {}
            }
            json
        }
        scalar => {
            // The stored form of a scalar is that of a schema: `{"type": "string"}`.
            serde_json::to_value(scalar).unwrap_or_default()
        }
    };
    let flags = [("required", a.required), ("unique", a.unique), ("private", a.private), ("index", a.index)];
    for (name, _) in flags.into_iter().filter(|(_, on)| *on) {
        json[name] = true.into();
    }
    if let Some(max) = a.max_length {
        json["maxLength"] = max.into();
    }
    if a.localized {
        json["pluginOptions"] = json!({ "i18n": { "localized": true } });
    }
    json
}

/// The word by which an inverse names the attribute that keeps its links, as in Strapi's files.
fn inverse_word(relation: RelationWord) -> &'static str {
    match relation {
        RelationWord::MorphOne | RelationWord::MorphMany => "morphBy",
        _ => "mappedBy",
    }
}

/// The schema files that have what is missing: new ones, and attributes behind those that a file has.
pub(super) fn to_changes(project: &Path, files: &[RestoredSchemaFile]) -> Result<SchemaFileChanges, OperatorError> {
    let roots = ["content-types", "src"];
    let root =
        if project.join("content-types").is_dir() || !project.join("src").is_dir() { roots[0] } else { roots[1] };
    let mut changes = SchemaFileChanges::new();
    for file in files {
        let found = roots.iter().map(|root| format!("{root}/{}", file.path)).find(|path| project.join(path).is_file());
        let path = found.clone().unwrap_or_else(|| format!("{root}/{}", file.path));
        let failed = |e: &dyn std::fmt::Display| OperatorError(format!("{path}: {e}"));
        let mut schema = file.json.as_object().cloned().unwrap_or_default();
        // The existing schema is in the file, or comes from another entry that is restored with this one.
        let existing: Option<Map<String, Json>> = match (changes.remove(&path).flatten(), found) {
            (Some(written), _) => Some(written),
            (None, Some(_)) => {
                let text = std::fs::read_to_string(project.join(&path)).map_err(|e| failed(&e))?;
                Some(serde_json::from_str(&text).map_err(|e| failed(&e))?)
            }
            (None, None) => None,
        };
        if let Some(existing) = existing {
            let missing = schema.remove("attributes").and_then(|attributes| attributes.as_object().cloned());
            schema = existing;
            let attributes = schema.entry("attributes").or_insert_with(|| Json::Object(Map::new()));
            let attributes = attributes.as_object_mut().ok_or_else(|| failed(&"`attributes` must be an object"))?;
            for (name, attribute) in missing.unwrap_or_default() {
                attributes.entry(name).or_insert(attribute);
            }
        }
        changes.insert(path, Some(schema));
    }
    Ok(changes)
}
