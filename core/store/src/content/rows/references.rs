//! The links inside a row's components, in the reference table of its type.

use super::DocumentRow;
use crate::connection::{Param, ToParam};
use crate::content::sql::reference_name;
use crate::ident::Ident;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};
use cairn_model::*;
use std::collections::HashMap;

/// The links of a row's component instances, by instance and attribute.
pub(super) type InstanceLinks = HashMap<(i64, AttributeId), Vec<LinkTarget>>;

impl namespaces::Documents<Reader<'_>> {
    /// The links of the component instances of some rows, by row: one statement.
    pub(super) fn load_instance_links(&self, ct: &ContentType, owners: &[i64]) -> Result<HashMap<i64, InstanceLinks>> {
        let mut links: HashMap<i64, InstanceLinks> = HashMap::new();
        let (owned, values) = match owners {
            [] => return Ok(links),
            [owner] => ("owner_id = ?1".to_owned(), Param::Integer(*owner)),
            many => (self.tx.conn.dialect().in_list("owner_id", 1), Param::Integers(many)),
        };
        let registry = &self.tx.store.registry;
        let text = format!(
            "SELECT owner_id, instance, attribute, target_type, target FROM {} WHERE {owned} AND instance > 0 ORDER BY pos",
            Ident::references(ct)
        );
        let found: Vec<(i64, i64, String, String, String)> =
            self.tx.conn.query_all("reading references", &text, [values], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))
            })?;
        for (owner, instance, name, target_type, document_id) in found {
            let attribute = name
                .split_once('#')
                .and_then(|(uid, a)| registry.component_by_uid(uid).and_then(|c| c.attributes.get(a)))
                .map(|(i, _)| i);
            // A component or attribute that the model no longer has: the link stays in the table, unseen.
            if let (Some(attribute), Some(t)) = (attribute, registry.by_uid(&target_type)) {
                let target = LinkTarget { content_type: t.id, document_id };
                links.entry(owner).or_default().entry((instance, attribute)).or_default().push(target);
            }
        }
        Ok(links)
    }
}

impl namespaces::Documents<&mut WriteTx<'_>> {
    pub(super) fn write_references(&self, ct: TypeId, id: i64, row: &DocumentRow) -> Result<()> {
        if !self.tx.store.schema.references[ct.0 as usize] {
            return Ok(());
        }
        let registry = &self.tx.store.registry;
        let found = reference_rows(registry, row);
        if found.is_empty() {
            return Ok(());
        }
        let text = format!(
            "INSERT INTO {} (owner_id, instance, attribute, target_type, target, pos) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO NOTHING",
            Ident::references(registry.get(ct))
        );
        let rows: Vec<Vec<Param<'_>>> = found
            .iter()
            .map(|(instance, attribute, target, pos)| {
                let uid = &registry.get(target.content_type).uid;
                vec![
                    id.into(),
                    (*instance).into(),
                    attribute.param(),
                    uid.param(),
                    target.document_id.param(),
                    (*pos).into(),
                ]
            })
            .collect();
        self.tx.conn.execute_each("writing a reference", &text, &rows)
    }
}

/// The rows of the reference table for a row's components: instance, attribute, target and position.
pub(in crate::content) fn reference_rows<'a>(
    registry: &Registry,
    row: &'a DocumentRow,
) -> Vec<(i64, String, &'a LinkTarget, i64)> {
    let mut found = Vec::new();
    for value in &row.values {
        collect_links(registry, value, &mut found);
    }
    found
}

fn collect_links<'a>(registry: &Registry, value: &'a Value, found: &mut Vec<(i64, String, &'a LinkTarget, i64)>) {
    let visit = |i: &'a Instance, found: &mut Vec<_>| {
        let component = registry.component(i.component);
        for (n, v) in i.values.iter().enumerate() {
            match v {
                Value::Links(targets) => {
                    for (pos, t) in targets.iter().enumerate() {
                        found.push((
                            i.id.unwrap_or(0),
                            reference_name(component, &component.attributes[n]),
                            t,
                            pos as i64,
                        ));
                    }
                }
                other => collect_links(registry, other, found),
            }
        }
    };
    match value {
        Value::Instance(i) => visit(i, found),
        Value::Instances(list) => list.iter().for_each(|i| visit(i, found)),
        _ => {}
    }
}
