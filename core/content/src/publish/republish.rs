//! A stored copy of a published version, to publish it again: for rolling back what replaced it.

use super::{Publisher, describe_version, missing_version};
use crate::history::{LinksByAttribute, build_snapshot};
use crate::hooks::HookAction;
use crate::save::DocumentWrite;
use crate::{ContentError, Refusal, Result};
use cairn_model::stored_values::{read_value, write_value};
use cairn_model::*;
use cairn_store::WriteTx;
use cairn_store::content::DocumentRow;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

/// An error for a stored copy that cannot be read.
fn cannot_republish(subject: &str, problem: impl std::fmt::Display) -> ContentError {
    ContentError::validation(format!("{subject} cannot be published unchanged: {problem}"))
}

impl Publisher {
    /// The complete published version of a document in a locale, as JSON; `None` if there is none. It contains hashes of passwords: it is
    /// for [`Self::republish_in`], not for people.
    pub fn published_json_in(
        &self,
        tx: &WriteTx<'_>,
        ct: TypeId,
        document_id: &str,
        locale: &str,
    ) -> Result<Option<Json>> {
        let registry = tx.registry();
        let Some(row) = tx.reader().documents().get_row(ct, document_id, locale, true)? else { return Ok(None) };
        let mut values = Map::new();
        let mut links = Map::new();
        for (id, a) in registry.get(ct).attributes.iter() {
            match registry.attribute_link(a).map(|l| (l.storage, l.target)) {
                None => {
                    let mut text = String::new();
                    write_value(&registry, a, &row.values[id], &mut text);
                    values.insert(a.name.clone(), serde_json::from_str(&text).unwrap_or_default());
                }
                Some((LinkStorage::Column, target)) => {
                    let target = row.to_one.get(&id).zip(target);
                    let target = target.map(|((document, _), t)| target_to_json(&registry, t, document));
                    links.insert(a.name.clone(), target.into_iter().collect());
                }
                Some((LinkStorage::Inverse, _)) => {}
                Some(_) => {
                    let owned = tx.reader().links().find_owned(ct, id, row.id)?;
                    let list =
                        owned.iter().map(|l| target_to_json(&registry, l.target.content_type, &l.target.document_id));
                    links.insert(a.name.clone(), list.collect());
                }
            }
        }
        let mut inside = Vec::new();
        row.values.iter().for_each(|value| collect_instance_links(&registry, value, &mut inside));
        Ok(Some(json!({
            "updatedAt": row.updated_at, "publishedAt": row.published_at, "version": row.version,
            "values": values, "links": links, "inside": inside,
        })))
    }

    /// A text that differs for any two published rows, and after any change of one; `None` if nothing is published.
    pub fn published_mark(
        &self,
        tx: &WriteTx<'_>,
        ct: TypeId,
        document_id: &str,
        locale: &str,
    ) -> Result<Option<String>> {
        Ok(tx
            .reader()
            .documents()
            .get_row(ct, document_id, locale, true)?
            .map(|row| format!("{}.{}", row.id, row.version)))
    }

    /// Publishes what [`Self::published_json_in`] returned; the draft stays unchanged. Links to documents that do not exist any more are left
    /// out, new attributes are empty. The document has to be locked.
    ///
    /// # Errors
    /// Returns an error if it cannot be published any more: the model requires more, another entry has its unique values,
    /// the document was deleted, a hook refuses it.
    pub fn republish_in(
        &self,
        tx: &mut WriteTx<'_>,
        ct: TypeId,
        document_id: &str,
        locale: &str,
        published_json: &Json,
    ) -> Result<()> {
        let registry = tx.registry();
        let content_type = registry.get(ct);
        let subject = describe_version(content_type, document_id, locale);
        let mut write =
            DocumentWrite::for_version(&registry, content_type, tx, locale, self.now_iso(), self.author_and_hooks());
        let (Some(draft), before) = write.load_versions(document_id)? else {
            return Err(missing_version(content_type, document_id, locale));
        };
        let (row, links) = read_published(&registry, content_type, published_json, draft, self.now_iso(), &subject)?;
        let problems: Vec<Refusal> = write.publish_refusals(&row, &super::PublishGates::default())?;
        if let Some(first) = problems.into_iter().next() {
            return Err(ContentError::Refused(first));
        }
        if write.has_hooks(HookAction::Publish) {
            let before_snapshot = before.as_ref().map(|published| write.load_snapshot(published)).transpose()?;
            let linked: LinksByAttribute = links.iter().cloned().collect();
            let after = build_snapshot(&registry, content_type, &row, &linked);
            write.call_hooks(HookAction::Publish, document_id, before_snapshot, Some(after))?;
        }
        write.publish_row(row, before, links)
    }
}

/// Targets by attribute.
pub(crate) type AttributeLinks = Vec<(AttributeId, Vec<LinkTarget>)>;

fn read_published(
    registry: &Registry,
    ct: &ContentType,
    published_json: &Json,
    draft: DocumentRow,
    now: String,
    subject: &str,
) -> Result<(DocumentRow, AttributeLinks)> {
    let mut inside: HashMap<(i64, AttributeId), Vec<LinkTarget>> = HashMap::new();
    for link in published_json["inside"].as_array().into_iter().flatten() {
        let component = link["component"].as_str().and_then(|uid| registry.component_by_uid(uid));
        let attribute = component.and_then(|c| c.attributes.get(link["attribute"].as_str()?));
        if let (Some(instance), Some((attribute, _)), Some(target)) =
            (link["instance"].as_i64(), attribute, target_from_json(registry, link))
        {
            inside.entry((instance, attribute)).or_default().push(target);
        }
    }
    let mut row = DocumentRow {
        id: 0,
        published: true,
        updated_at: published_json["updatedAt"].as_str().unwrap_or(&now).to_owned(),
        published_at: Some(now),
        version: published_json["version"].as_i64().unwrap_or(draft.version),
        values: vec![Value::Null; ct.attributes.len()],
        to_one: HashMap::new(),
        ..draft
    };
    let mut links = AttributeLinks::new();
    for (id, a) in ct.attributes.iter() {
        let stored_links = published_json["links"][&a.name].as_array();
        let targets =
            || stored_links.into_iter().flatten().filter_map(|t| target_from_json(registry, t)).collect::<Vec<_>>();
        match registry.attribute_link(a).map(|l| l.storage) {
            None => {
                let text = published_json["values"][&a.name].to_string();
                let mut find_targets = |instance: i64, attribute: AttributeId| {
                    inside.get(&(instance, attribute)).cloned().unwrap_or_default()
                };
                row.values[id] =
                    read_value(registry, a, &text, &mut find_targets).map_err(|e| cannot_republish(subject, e))?;
            }
            Some(LinkStorage::Column) => {
                if let Some(target) = targets().into_iter().next() {
                    row.to_one.insert(id, (target.document_id, 0));
                }
            }
            Some(LinkStorage::Inverse) => row.values[id] = Value::Absent,
            Some(_) => {
                row.values[id] = Value::Absent;
                links.push((id, targets()));
            }
        }
    }
    Ok((row, links))
}

fn target_to_json(registry: &Registry, ct: TypeId, document_id: &str) -> Json {
    json!({ "type": registry.get(ct).uid, "documentId": document_id })
}

fn target_from_json(registry: &Registry, view: &Json) -> Option<LinkTarget> {
    let content_type = registry.by_uid(view["type"].as_str()?)?.id;
    Some(LinkTarget { content_type, document_id: view["documentId"].as_str()?.to_owned() })
}

/// Links of component instances, with the instance and the attribute.
fn collect_instance_links(registry: &Registry, value: &Value, found: &mut Vec<Json>) {
    let instances: &[Instance] = match value {
        Value::Instance(instance) => std::slice::from_ref(instance),
        Value::Instances(list) => list,
        _ => return,
    };
    for instance in instances {
        let component = registry.component(instance.component);
        for (id, a) in component.attributes.iter() {
            match &instance.values[id] {
                Value::Links(targets) => {
                    for t in targets {
                        let mut link = target_to_json(registry, t.content_type, &t.document_id);
                        link["instance"] = instance.id.into();
                        link["component"] = component.uid.as_str().into();
                        link["attribute"] = a.name.as_str().into();
                        found.push(link);
                    }
                }
                other => collect_instance_links(registry, other, found),
            }
        }
    }
}
