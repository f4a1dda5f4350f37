//! Hashes of content: of what an import reads, and of what the database has of it afterwards.

use cairn_model::{AttributeId, Instance, LinkTarget, Registry, TypeId, Value};
use cairn_store::content::{BulkVersion, DocumentRow};
use cairn_store::{Reader, StoreError};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

/// Number of rows read at a time.
const BATCH_SIZE: usize = 500;

/// SHA-256 of the content of each type: all versions in the order in which they were added.
#[derive(Default)]
pub(super) struct ContentDigest {
    types: HashMap<TypeId, TypeDigest>,
}

#[derive(Default)]
struct TypeDigest {
    hash: Sha256,
    /// Ids of the rows, in order.
    rows: Vec<i64>,
}

impl ContentDigest {
    /// Adds versions that are read from the source.
    pub(super) fn add_versions(&mut self, registry: &Registry, ct: TypeId, versions: &[BulkVersion]) {
        for BulkVersion { row, links } in versions {
            let links = links.iter();
            let links = links.map(|(attribute, links)| (*attribute, links.iter().map(|link| &link.target).collect()));
            self.add_version(registry, ct, row, links);
        }
    }

    /// Adds a version with the targets of its links.
    fn add_version<'l>(
        &mut self,
        registry: &Registry,
        ct: TypeId,
        row: &DocumentRow,
        links: impl Iterator<Item = (AttributeId, Vec<&'l LinkTarget>)>,
    ) {
        let found = self.types.entry(ct).or_default();
        let text = version_json(registry, ct, row, links).to_string();
        found.hash.update((text.len() as u64).to_be_bytes());
        found.hash.update(text);
        found.rows.push(row.id);
    }

    /// Reads the same rows from the database. Returns an error if it cannot be read.
    pub(super) fn read_stored(&self, r: &Reader<'_>) -> Result<Self, StoreError> {
        let (mut stored, registry) = (Self::default(), r.registry());
        for (&ct, added) in &self.types {
            stored.types.insert(ct, TypeDigest::default());
            for batch in added.rows.chunks(BATCH_SIZE) {
                let rows: HashMap<i64, DocumentRow> =
                    r.documents().get_rows(ct, batch)?.into_iter().map(|row| (row.id, row)).collect();
                let links = r.links().find_targets_of_rows(ct, batch)?;
                for row in batch.iter().filter_map(|id| rows.get(id)) {
                    let links = links.get(&row.id).into_iter().flatten();
                    let links = links.map(|(attribute, targets)| (*attribute, targets.iter().collect()));
                    stored.add_version(registry, ct, row, links);
                }
            }
        }
        Ok(stored)
    }

    /// The hashes by uid, in hexadecimal.
    pub(super) fn finish(self, registry: &Registry) -> BTreeMap<String, String> {
        let hex = |hash: Sha256| hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        self.types.into_iter().map(|(ct, found)| (registry.get(ct).uid.clone(), hex(found.hash))).collect()
    }
}

/// Content of a version, without the numbers that the database gives: ids of component instances and of writes.
fn version_json<'l>(
    registry: &Registry,
    ct: TypeId,
    row: &DocumentRow,
    links: impl Iterator<Item = (AttributeId, Vec<&'l LinkTarget>)>,
) -> Json {
    let mut links: BTreeMap<AttributeId, Vec<Json>> = links
        .map(|(attribute, targets)| (attribute, targets.into_iter().map(|t| target_json(registry, t)).collect()))
        .collect();
    links.retain(|_, targets| !targets.is_empty());
    let content_type = registry.get(ct);
    let to_one: BTreeMap<AttributeId, Json> = row
        .to_one
        .iter()
        .map(|(attribute, (target, position))| {
            let link = registry.attribute_link(&content_type.attributes[*attribute]);
            // Roles get their document ids when they are stored.
            let is_role = link.and_then(|link| link.target) == Some(registry.role_type().id);
            (*attribute, json!([(!is_role).then_some(target), position]))
        })
        .collect();
    json!([
        row.id,
        row.document_id,
        row.locale,
        row.published,
        row.created_at,
        row.updated_at,
        row.published_at,
        row.values.iter().map(|value| value_json(registry, value)).collect::<Vec<_>>(),
        to_one,
        links,
    ])
}

fn value_json(registry: &Registry, value: &Value) -> Json {
    match value {
        Value::Absent | Value::Null | Value::Change(_) => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::Float(value) => json!(value),
        Value::Text(text) => json!(text),
        Value::Json(value) => json!({ "json": value }),
        Value::Instance(instance) => instance_json(registry, instance),
        Value::Instances(instances) => instances.iter().map(|instance| instance_json(registry, instance)).collect(),
        Value::Links(targets) => targets.iter().map(|target| target_json(registry, target)).collect(),
    }
}

fn instance_json(registry: &Registry, instance: &Instance) -> Json {
    let values: Vec<Json> = instance.values.iter().map(|value| value_json(registry, value)).collect();
    json!({ registry.component(instance.component).uid.as_str(): values })
}

fn target_json(registry: &Registry, target: &LinkTarget) -> Json {
    json!([registry.get(target.content_type).uid, target.document_id])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(values: Vec<Value>) -> String {
        let registry = cairn_model::load::load_project(tempfile::tempdir().unwrap().path()).unwrap().registry;
        let row = DocumentRow {
            id: 1,
            document_id: "a".into(),
            locale: String::new(),
            published: false,
            created_at: String::new(),
            updated_at: String::new(),
            version: 0,
            published_at: None,
            values,
            to_one: HashMap::new(),
        };
        let (ct, mut digest) = (registry.file_type().id, ContentDigest::default());
        digest.add_version(&registry, ct, &row, std::iter::empty());
        digest.finish(&registry).remove("plugin::upload.file").unwrap()
    }

    #[test]
    fn every_value_counts_and_so_does_its_kind() {
        let all = [
            vec![],
            vec![Value::Null],
            vec![Value::Null, Value::Null],
            vec![Value::Bool(false)],
            vec![Value::Int(0)],
            vec![Value::Text("0".into())],
            vec![Value::Text("null".into())],
            vec![Value::Json(Json::Null)],
            vec![Value::Json(json!("0"))],
        ];
        let hashes: Vec<String> = all.iter().cloned().map(hash).collect();
        for (i, one) in hashes.iter().enumerate() {
            assert_eq!(hashes.iter().position(|other| other == one), Some(i), "{:?}", all[i]);
        }
        assert_eq!(hash(vec![Value::Absent]), hash(vec![Value::Null]), "both are null in the database");
    }
}
