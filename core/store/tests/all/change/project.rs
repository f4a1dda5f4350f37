//! A random model as schema files, its rows in a database, and the database as rows again.

use super::model::{Attribute, ENUMERATION, Id, Kind, Model, Owner};
use cairn_model::change::rewrite::StoredRow;
use cairn_model::{
    Attribute as Declared, Instance, LinkStorage, LinkTarget, Registry, Value, load::load_project, stored_values,
};
use cairn_store::content::links::PositionedLink;
use cairn_store::content::{DocumentRow, NewDocumentRow};
use cairn_store::{Database, Store, StoreError, StoreOptions, WriteTx};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

/// Types with drafts, and types with locales, by identity.
fn has_drafts(owner: &Owner) -> bool {
    owner.id.is_multiple_of(2)
}
/// Another one whenever the number of attributes changes.
fn collation(owner: &Owner) -> Option<&'static str> {
    [None, Some("sv"), Some("locale"), Some("de-u-co-phonebk")][owner.attributes.len() % 4]
}
fn is_localized(owner: &Owner) -> bool {
    owner.id.is_multiple_of(3)
}

/// Writes the model's files and loads them. `Err`: names that random models may have and files may not.
pub(crate) fn registry(folder: &Path, model: &Model) -> Result<Arc<Registry>, String> {
    let _ = std::fs::remove_dir_all(folder);
    let uid = |id: Id| model.types.iter().chain(&model.components).find(|o| o.id == id).unwrap().uid.clone();
    let name = |id: Id| model.types.iter().flat_map(|t| &t.attributes).find(|a| a.id == id).unwrap().name.clone();
    let attribute = |a: &Attribute, localized: bool| {
        let mut json = match &a.kind {
            Kind::Media(multiple) => json!({ "type": "media", "multiple": multiple }),
            Kind::Relation { target, many, inverse } => {
                let relation = match (many, inverse) {
                    (false, _) => "manyToOne",
                    (true, None) => "oneToMany",
                    (true, Some(_)) => "manyToMany",
                };
                let mut json = json!({ "type": "relation", "relation": relation, "target": uid(*target) });
                if let Some(inverse) = inverse {
                    json["inversedBy"] = name(*inverse).into();
                }
                json
            }
            Kind::Inverse { target, owner, many } => json!({
                "type": "relation", "relation": if *many { "manyToMany" } else { "oneToMany" },
                "target": uid(*target), "mappedBy": name(*owner),
            }),
            Kind::Component { component, list } => {
                json!({ "type": "component", "component": uid(*component), "repeatable": list })
            }
            Kind::Zone(list) => {
                json!({ "type": "dynamiczone", "components": list.iter().map(|c| uid(*c)).collect::<Vec<_>>() })
            }
            Kind::Enumeration => json!({ "type": "enumeration", "enum": ENUMERATION }),
            other => json!({ "type": format!("{other:?}").to_lowercase() }),
        };
        if let Some(hint) = a.hint.as_ref().filter(|hint| **hint != a.name) {
            json["renamedFrom"] = hint.as_str().into();
        }
        if !a.moved_into.is_empty() {
            json["movedInto"] = json!(a.moved_into);
        }
        if localized {
            json["pluginOptions"] = json!({ "i18n": { "localized": true } });
        }
        json
    };
    let attributes = |owner: &Owner, localized: bool| -> Map<String, Json> {
        let indexed = |a: &Attribute| {
            let kinds = [Kind::String, Kind::Text, Kind::Integer, Kind::BigInteger, Kind::Boolean, Kind::Decimal];
            owner.table.is_some() && a.id.is_multiple_of(3) && kinds.contains(&a.kind)
        };
        let with_index = |a: &Attribute| {
            let mut json = attribute(a, localized);
            if indexed(a) {
                json["index"] = true.into();
            }
            (a.name.clone(), json)
        };
        owner.attributes.iter().map(with_index).collect()
    };
    let write = |path: std::path::PathBuf, mut json: Json, hint: Option<&String>| {
        if let Some(hint) = hint {
            json["renamedFrom"] = hint.as_str().into();
        }
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, json.to_string()).unwrap();
    };
    for t in &model.types {
        let api = t.uid.strip_prefix("api::").and_then(|u| u.split('.').next()).unwrap().to_owned();
        let localized = is_localized(t);
        let json = json!({
            "kind": "collectionType", "collectionName": t.table,
            "info": { "singularName": api, "pluralName": format!("{api}-all"), "displayName": api },
            "options": { "draftAndPublish": has_drafts(t), "cairn": { "collation": collation(t) } },
            "pluginOptions": { "i18n": { "localized": localized } },
            "attributes": attributes(t, localized),
        });
        let path = folder.join(format!("content-types/api/{api}/content-types/{api}/schema.json"));
        write(path, json, t.hint.as_ref().filter(|hint| **hint != t.uid));
    }
    for c in &model.components {
        let (category, name) = c.uid.split_once('.').unwrap();
        let json = json!({ "info": { "displayName": name }, "attributes": attributes(c, false) });
        let path = folder.join(format!("content-types/components/{category}/{name}.json"));
        write(path, json, c.hint.as_ref().filter(|hint| **hint != c.uid));
    }
    load_project(folder).map(|loaded| Arc::new(loaded.registry)).map_err(|problems| format!("{problems:?}"))
}

/// Opens a database, brought up to the model where a start may.
pub(crate) fn open(database: &Database, registry: &Arc<Registry>) -> Result<Store, StoreError> {
    Store::open(StoreOptions { database: database.clone() }, registry.clone())
}

/// Every row of the project's types: by uid, then by document, locale and status.
pub(crate) type Dump = BTreeMap<String, BTreeMap<String, StoredRow>>;

/// Inserts a row given in its stored form. Instances get ids of the database.
pub(crate) fn insert(
    tx: &mut WriteTx<'_>,
    uid: &str,
    document: &str,
    locale: &str,
    published: bool,
    row: &StoredRow,
) -> Result<(), StoreError> {
    let registry = tx.registry();
    let ct = registry.by_uid(uid).unwrap();
    let time = "2026-01-01T10:00:00.000Z".to_owned();
    let mut values = vec![Value::Absent; ct.attributes.len()];
    let mut to_one = HashMap::new();
    let mut lists = Vec::new();
    for (id, a) in ct.attributes.iter() {
        let json = row.get(&a.name).cloned().unwrap_or_default();
        match registry.attribute_link(a) {
            Some(link) => {
                let ids: Vec<String> = json
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|l| l["documentId"].as_str().unwrap().to_owned())
                    .collect();
                match link.storage {
                    LinkStorage::Column => {
                        if let Some(document) = ids.first() {
                            to_one.insert(id, (document.clone(), tx.end_position()));
                        }
                    }
                    LinkStorage::Table => lists.push((id, link.target.unwrap(), ids)),
                    _ => {}
                }
            }
            None => {
                let mut value = stored_value(&registry, a, &json);
                tx.documents().renumber_instances(&mut value)?;
                values[id] = value;
            }
        }
    }
    let row = NewDocumentRow {
        id: 0,
        document_id: document.to_owned(),
        locale: locale.to_owned(),
        published,
        created_at: time.clone(),
        updated_at: time.clone(),
        published_at: published.then_some(time),
        version: 0,
        values,
        to_one,
    };
    let number = tx.documents().insert_row(ct.id, &row)?;
    for (id, target, ids) in lists {
        let link = |document_id| PositionedLink {
            target: LinkTarget { content_type: target, document_id },
            position: None,
            inverse: tx.end_position(),
        };
        let links: Vec<PositionedLink> = ids.into_iter().map(link).collect();
        tx.links().set_owned(ct.id, id, number, &[], &links)?;
    }
    Ok(())
}

/// A value of its stored form with links inside.
fn stored_value(registry: &Registry, a: &Declared, json: &Json) -> Value {
    let mut value = stored_values::read_value(registry, a, &json.to_string(), &mut |_, _| Vec::new()).unwrap();
    fill_links(registry, &mut value, json);
    value
}

fn fill_links(registry: &Registry, value: &mut Value, json: &Json) {
    let one = |instance: &mut Instance, json: &Json| {
        for (i, a) in registry.component(instance.component).attributes.iter() {
            let input = &json[&a.name];
            match registry.attribute_link(a) {
                Some(link) => {
                    let target = |l: &Json| LinkTarget {
                        content_type: link.target.unwrap(),
                        document_id: l["documentId"].as_str().unwrap().to_owned(),
                    };
                    instance.values[i] = Value::Links(input.as_array().into_iter().flatten().map(target).collect());
                }
                None => fill_links(registry, &mut instance.values[i], input),
            }
        }
    };
    match value {
        Value::Instance(instance) => one(instance, json),
        Value::Instances(list) => {
            for (i, instance) in list.iter_mut().enumerate() {
                one(instance, &json[i]);
            }
        }
        _ => {}
    }
}

/// Reads everything back.
pub(crate) async fn dump(store: &Store) -> Result<Dump, StoreError> {
    store.write(dump_in).await
}

fn dump_in(tx: &mut WriteTx<'_>) -> Result<Dump, StoreError> {
    let registry = tx.registry();
    let mut all = Dump::new();
    for ct in registry.types().iter().filter(|ct| ct.is_api()) {
        let mut rows = BTreeMap::new();
        for newest in tx.reader().documents().find_newest_rows(ct.id, 1_000)? {
            for published in [false, true] {
                for row in tx.reader().documents().find_rows(ct.id, &newest.document_id, published)? {
                    let key = format!("{} {} {published}", row.document_id, row.locale);
                    rows.insert(key, json_row(tx, &registry, ct, &row)?);
                }
            }
        }
        all.insert(ct.uid.clone(), rows);
    }
    Ok(all)
}

fn json_row(
    tx: &WriteTx<'_>,
    registry: &Registry,
    ct: &cairn_model::ContentType,
    row: &DocumentRow,
) -> Result<StoredRow, StoreError> {
    let mut out = Map::new();
    for (id, a) in ct.attributes.iter() {
        let json = match registry.attribute_link(a).map(|l| l.storage) {
            Some(LinkStorage::Column) => {
                row.to_one.get(&id).map_or_else(|| json!([]), |(document, _)| json!([{ "documentId": document }]))
            }
            Some(LinkStorage::Inverse) => json!([]),
            Some(_) => {
                let links = tx.reader().links().find_owned(ct.id, id, row.id)?;
                links.iter().map(|l| json!({ "documentId": l.target.document_id })).collect()
            }
            None => json_value(registry, a, &row.values[id]),
        };
        out.insert(a.name.clone(), json);
    }
    Ok(out)
}

fn json_value(registry: &Registry, a: &Declared, value: &Value) -> Json {
    let one = |instance: &Instance, zone: bool| {
        let component = registry.component(instance.component);
        let mut map = Map::new();
        if zone {
            map.insert("__component".into(), component.uid.clone().into());
        }
        map.insert("id".into(), instance.id.into());
        for (i, a) in component.attributes.iter() {
            let json = match &instance.values[i] {
                Value::Links(list) => list.iter().map(|t| json!({ "documentId": t.document_id })).collect(),
                other => json_value(registry, a, other),
            };
            map.insert(a.name.clone(), json);
        }
        Json::Object(map)
    };
    let zone = matches!(a.kind, cairn_model::FieldKind::DynamicZone { .. });
    match value {
        Value::Instance(instance) => one(instance, zone),
        Value::Instances(list) => list.iter().map(|i| one(i, zone)).collect(),
        other => {
            let mut text = String::new();
            stored_values::write_value(registry, a, other, &mut text);
            serde_json::from_str(&text).unwrap()
        }
    }
}

/// Makes the rows of a model: some documents per type, in the versions that it has.
pub(crate) fn random_rows(
    generator: &mut super::model::ModelGenerator,
    model: &Model,
    documents: usize,
) -> Vec<(String, String, String, bool, StoredRow)> {
    let mut all = Vec::new();
    for ty in &model.types {
        let locales: &[&str] = if is_localized(ty) { &["en", "nl"] } else { &[""] };
        for d in 0..documents {
            for locale in &locales[..1 + d % locales.len()] {
                for published in [false, true] {
                    if published || has_drafts(ty) {
                        let row = generator.row(model, ty);
                        all.push((ty.uid.clone(), format!("doc{}x{d}", ty.id), (*locale).to_owned(), published, row));
                    }
                }
            }
        }
    }
    all
}
