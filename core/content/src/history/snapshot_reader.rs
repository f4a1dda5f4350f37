//! The content of a stored version in terms of the present model: renames since then are followed, and what the model no longer has
//! is collected by its path.

use crate::{ContentError, Result};
use cairn_model::*;
use cairn_store::StoreError;
use cairn_store::history::HistoryRename;
use serde_json::{Map, Value as Json};

/// A stored version in terms of the present model.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct VersionContent {
    /// Values by name, in the order of the schema; attributes that did not exist then are missing.
    pub(crate) values: Map<String, Json>,
    /// Values that the model no longer has, or has with another kind: by path, such as `seo.title` or `blocks.2`.
    pub(crate) gone: Map<String, Json>,
}

/// Renames between then and now, in their order.
struct Renames<'a>(&'a [HistoryRename]);

impl Renames<'_> {
    /// Maps a present uid to the uid at that time.
    fn old_owner(&self, uid: &str) -> String {
        let mut uid = uid;
        for r in self.0.iter().rev().filter(|r| r.owner.is_empty() && r.new != r.old) {
            if r.new == uid {
                uid = &r.old;
            }
        }
        uid.to_owned()
    }

    /// Maps a uid at that time to the present uid.
    fn current_owner(&self, uid: &str) -> String {
        let mut uid = uid;
        for r in self.0.iter().filter(|r| r.owner.is_empty()) {
            if r.old == uid {
                uid = &r.new;
            }
        }
        uid.to_owned()
    }

    /// Maps an attribute name at that time to the present name.
    fn current_name<'n>(&'n self, owner_then: &'n str, name: &'n str) -> &'n str {
        let (mut owner, mut name) = (owner_then, name);
        for r in self.0 {
            if r.owner.is_empty() {
                if r.old == owner {
                    owner = &r.new;
                }
            } else if r.owner == owner && r.old == name {
                name = &r.new;
            }
        }
        name
    }
}

/// Maps names of a type's attributes to their present names.
pub(crate) fn current_names(ct: &ContentType, renames: &[HistoryRename], names: &[String]) -> Vec<String> {
    let renames = Renames(renames);
    let owner = renames.old_owner(&ct.uid);
    names.iter().map(|name| renames.current_name(&owner, name).to_owned()).collect()
}

/// Parses a snapshot. Returns an error if it is not a JSON object, because the row was changed by hand.
pub(crate) fn read_snapshot(
    registry: &Registry,
    ct: &ContentType,
    renames: &[HistoryRename],
    entry: i64,
    text: &str,
) -> Result<VersionContent> {
    let corrupt = |message: String| StoreError::Corrupt { place: format!("cairn_history {entry}"), message };
    let json: Json = serde_json::from_str(text).map_err(|e| ContentError::Store(corrupt(e.to_string())))?;
    let Json::Object(map) = json else { return Err(corrupt("it is not an object".into()).into()) };
    let names = Renames(renames);
    let mut gone = Map::new();
    let values =
        SnapshotReader { registry, names: &names, gone: &mut gone }.read_owner(&ct.uid, &ct.attributes, map, "");
    Ok(VersionContent { values, gone })
}

struct SnapshotReader<'a> {
    registry: &'a Registry,
    names: &'a Renames<'a>,
    gone: &'a mut Map<String, Json>,
}

impl SnapshotReader<'_> {
    fn read_owner(
        &mut self,
        uid: &str,
        attributes: &Attributes,
        map: Map<String, Json>,
        path: &str,
    ) -> Map<String, Json> {
        let then = self.names.old_owner(uid);
        let (mut plain, mut renamed) = (Map::new(), Map::new());
        for (name, value) in map {
            match self.names.current_name(&then, &name) {
                now if now == name => plain.insert(name, value),
                now => renamed.insert(now.to_owned(), value),
            };
        }
        let at = |name: &str| format!("{path}{name}");
        let mut values = Map::new();
        for (_, a) in attributes.iter() {
            // A renamed attribute had another name then: a value under its present name belonged to an attribute that is gone.
            let value = match (renamed.remove(&a.name), plain.remove(&a.name)) {
                (Some(value), other) => {
                    if let Some(other) = other {
                        self.gone.insert(at(&a.name), other);
                    }
                    value
                }
                (None, Some(value)) => value,
                (None, None) => continue,
            };
            if let Some(value) = self.read_value(a, value, &at(&a.name)) {
                values.insert(a.name.clone(), value);
            }
        }
        for (name, value) in plain.into_iter().chain(renamed) {
            if path.is_empty() || !matches!(name.as_str(), "id" | "__component") {
                self.gone.insert(at(&name), value);
            }
        }
        values
    }

    fn read_value(&mut self, a: &Attribute, value: Json, path: &str) -> Option<Json> {
        let fits = match (&a.kind, &value) {
            (FieldKind::Component { repeatable: false, .. }, Json::Null) => return Some(value),
            (FieldKind::Component { component, repeatable: false }, _) => {
                // A list that has become one: its first.
                let first = match value {
                    Json::Array(list) => {
                        let mut list = list.into_iter();
                        let first = list.next().unwrap_or_default();
                        for (i, rest) in list.enumerate() {
                            self.gone.insert(format!("{path}.{}", i + 1), rest);
                        }
                        first
                    }
                    one => one,
                };
                return self.read_instance(*component, first, path);
            }
            (FieldKind::Component { component, repeatable: true }, _) => {
                let list = into_list(value);
                let instances = list.into_iter().enumerate();
                let read = instances.filter_map(|(i, v)| self.read_instance(*component, v, &format!("{path}.{i}")));
                return Some(read.collect());
            }
            (FieldKind::DynamicZone { .. }, Json::Array(_)) => {
                let blocks = into_list(value).into_iter().enumerate();
                let read = blocks.filter_map(|(i, v)| self.read_block(v, &format!("{path}.{i}")));
                return Some(read.collect());
            }
            (FieldKind::DynamicZone { .. }, _) => false,
            (FieldKind::Media { .. } | FieldKind::Relation(_), v) => {
                return match self.read_links(a, v) {
                    Some(links) => Some(links),
                    None => {
                        self.gone.insert(path.to_owned(), value);
                        None
                    }
                };
            }
            (FieldKind::Json | FieldKind::Blocks, _) => true,
            (_, Json::Array(_) | Json::Object(_)) => false,
            _ => true,
        };
        if fits {
            return Some(value);
        }
        self.gone.insert(path.to_owned(), value);
        None
    }

    fn read_block(&mut self, value: Json, path: &str) -> Option<Json> {
        let uid = value.get("__component").and_then(Json::as_str).unwrap_or_default();
        let Some(component) = self.registry.component_by_uid(&self.names.current_owner(uid)) else {
            self.gone.insert(path.to_owned(), value);
            return None;
        };
        let Some(Json::Object(fields)) = self.read_instance(component.id, value, path) else { return None };
        let mut block = Map::new();
        block.insert("__component".to_owned(), component.uid.as_str().into());
        block.extend(fields);
        Some(Json::Object(block))
    }

    fn read_instance(&mut self, component: ComponentId, value: Json, path: &str) -> Option<Json> {
        let Json::Object(map) = value else {
            if !value.is_null() {
                self.gone.insert(path.to_owned(), value);
            }
            return None;
        };
        let component = self.registry.component(component);
        let mut instance = Map::new();
        instance.insert("id".to_owned(), map.get("id").cloned().unwrap_or_default());
        instance.extend(self.read_owner(&component.uid, &component.attributes, map, &format!("{path}.")));
        Some(Json::Object(instance))
    }

    /// Links in the present form of the attribute.
    fn read_links(&self, a: &Attribute, value: &Json) -> Option<Json> {
        let link = self.registry.attribute_link(a).filter(|l| l.storage != LinkStorage::Inverse)?;
        let mut links = Vec::new();
        for target in value.as_array()? {
            let (uid, id) = match target {
                Json::String(id) => (None, id.as_str()),
                other => (other.get("__type").and_then(Json::as_str), other.get("documentId").and_then(Json::as_str)?),
            };
            let uid = uid.map(|uid| self.names.current_owner(uid));
            links.push(match (link.target, uid) {
                (Some(_), None) => Json::from(id),
                (Some(t), Some(uid)) if self.registry.get(t).uid == uid => Json::from(id),
                (None, Some(uid)) => serde_json::json!({ "__type": uid, "documentId": id }),
                _ => return None,
            });
        }
        Some(links.into())
    }
}

/// A list, or the one value as a list.
fn into_list(value: Json) -> Vec<Json> {
    match value {
        Json::Array(list) => list,
        Json::Null => Vec::new(),
        one => vec![one],
    }
}

/// The targets of a relation or media attribute. Targets of types that do not exist any more are left out.
pub(crate) fn link_targets(registry: &Registry, link: AttributeLink, value: &Json) -> Vec<LinkTarget> {
    let target = |v: &Json| match (link.target, v) {
        (Some(content_type), Json::String(id)) => Some(LinkTarget { content_type, document_id: id.clone() }),
        (None, v) => Some(LinkTarget {
            content_type: registry.by_uid(v.get("__type")?.as_str()?)?.id,
            document_id: v.get("documentId")?.as_str()?.to_owned(),
        }),
        _ => None,
    };
    value.as_array().into_iter().flatten().filter_map(target).collect()
}

/// Calls `each` with every target of the values' links.
pub(crate) fn for_each_target(
    registry: &Registry,
    attributes: &Attributes,
    values: &Map<String, Json>,
    each: &mut dyn FnMut(LinkTarget),
) {
    for (_, a) in attributes.iter() {
        let Some(value) = values.get(&a.name) else { continue };
        let objects = match value {
            Json::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        let objects = objects.iter().filter_map(Json::as_object);
        match &a.kind {
            FieldKind::Component { component, .. } => {
                objects.for_each(|o| for_each_target(registry, &registry.component(*component).attributes, o, each));
            }
            FieldKind::DynamicZone { .. } => objects.for_each(|o| {
                let uid = o.get("__component").and_then(Json::as_str).unwrap_or_default();
                if let Some(component) = registry.component_by_uid(uid) {
                    for_each_target(registry, &component.attributes, o, each);
                }
            }),
            _ => {
                if let Some(link) = registry.attribute_link(a) {
                    link_targets(registry, link, value).into_iter().for_each(&mut *each);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn registry() -> (tempfile::TempDir, Registry) {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, schema: Json| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, schema.to_string()).unwrap();
        };
        write(
            "content-types/api/page/content-types/page/schema.json",
            json!({
                "kind": "collectionType", "collectionName": "pages",
                "info": { "singularName": "page", "pluralName": "pages", "displayName": "Page" },
                "attributes": {
                    "a": { "type": "string" }, "b": { "type": "string" }, "n": { "type": "integer" },
                    "seo": { "type": "component", "component": "shared.seo" },
                    "parts": { "type": "component", "component": "shared.seo", "repeatable": true },
                    "zone": { "type": "dynamiczone", "components": ["shared.seo"] },
                    "next": { "type": "relation", "relation": "oneToOne", "target": "api::page.page" },
                },
            }),
        );
        write(
            "content-types/components/shared/seo.json",
            json!({ "info": { "displayName": "Seo" }, "attributes": { "title": { "type": "string" } } }),
        );
        let loaded = cairn_model::load::load_project(dir.path()).unwrap_or_else(|problems| panic!("{problems:#?}"));
        (dir, loaded.registry)
    }

    fn rename(owner: &str, old: &str, new: &str) -> HistoryRename {
        HistoryRename { upto: 1, owner: owner.into(), old: old.into(), new: new.into() }
    }

    fn read(renames: &[HistoryRename], snapshot: Json) -> (Json, Json) {
        let (_dir, registry) = registry();
        let ct = registry.by_uid("api::page.page").unwrap();
        let content = read_snapshot(&registry, ct, renames, 1, &snapshot.to_string()).unwrap();
        (Json::Object(content.values), Json::Object(content.gone))
    }

    #[test]
    fn renamed_attributes_and_types_are_followed() {
        // A swap, as plans do it, before the type and the component got other names.
        let renames = [
            rename("api::post.post", "a", "_aside1"),
            rename("api::post.post", "b", "a"),
            rename("api::post.post", "_aside1", "b"),
            rename("", "api::post.post", "api::page.page"),
            rename("meta.data", "name", "title"),
            rename("", "meta.data", "shared.seo"),
            // Of others.
            rename("api::other.other", "n", "m"),
        ];
        let then = json!({
            "a": "1", "b": "2", "n": 3, "seo": { "id": 4, "name": "x" }, "parts": [{ "id": 5, "name": "y" }],
            "zone": [{ "__component": "meta.data", "id": 6, "name": "z" }], "next": ["d"],
        });
        let now = json!({
            "a": "2", "b": "1", "n": 3, "seo": { "id": 4, "title": "x" }, "parts": [{ "id": 5, "title": "y" }],
            "zone": [{ "__component": "shared.seo", "id": 6, "title": "z" }], "next": ["d"],
        });
        assert_eq!(read(&renames, then), (now, json!({})));
        let (_dir, registry) = registry();
        let ct = registry.by_uid("api::page.page").unwrap();
        assert_eq!(current_names(ct, &renames, &["a".into(), "n".into()]), ["b", "n"]);
    }

    #[test]
    fn values_without_an_attribute_are_set_aside() {
        // `b` was dropped before `a` got its name.
        let then = json!({
            "a": "1", "b": "2", "old": true, "n": { "x": 1 }, "next": "d",
            "seo": [{ "id": 1, "title": "first", "gone": 1 }, { "id": 2 }],
            "parts": { "id": 3, "title": "one" },
            "zone": [{ "__component": "no.such", "id": 4 }, { "__component": "shared.seo", "id": 5, "title": "kept" }],
        });
        let (values, gone) = read(&[rename("api::page.page", "a", "b")], then);
        let expected = json!({
            "b": "1", "seo": { "id": 1, "title": "first" }, "parts": [{ "id": 3, "title": "one" }],
            "zone": [{ "__component": "shared.seo", "id": 5, "title": "kept" }],
        });
        assert_eq!(values, expected);
        let mut paths: Vec<&str> = gone.as_object().unwrap().keys().map(String::as_str).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["b", "n", "next", "old", "seo.1", "seo.gone", "zone.0"]);
    }

    #[test]
    fn damaged_snapshots_are_reported_with_their_id() {
        let (_dir, registry) = registry();
        let ct = registry.by_uid("api::page.page").unwrap();
        for text in ["", "{", "[]", "null"] {
            let error = read_snapshot(&registry, ct, &[], 7, text).unwrap_err().to_string();
            assert!(error.contains("cairn_history 7"), "{error}");
        }
    }
}
