//! The links inside a row's components, in the reference table of its type.

use super::DocumentRow;
use crate::connection::{Param, ToParam};
use crate::content::sql::reference_name;
use crate::ident::Ident;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};
use cairn_model::*;
use std::collections::HashMap;

impl namespaces::Documents<Reader<'_>> {
    /// The links of a row's component instances, by instance and attribute.
    pub(super) fn load_instance_links(
        &self,
        ct: &ContentType,
        owner: i64,
    ) -> Result<HashMap<(i64, AttributeId), Vec<LinkTarget>>> {
        let registry = &self.tx.store.registry;
        let text = format!(
            "SELECT instance, attribute, target_type, target FROM {} WHERE owner_id = ?1 AND instance > 0 ORDER BY pos",
            Ident::references(ct)
        );
        let found: Vec<(i64, String, String, String)> =
            self.tx.conn.query_all("reading references", &text, [owner], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
            })?;
        let mut links: HashMap<_, Vec<LinkTarget>> = HashMap::new();
        for (instance, name, target_type, document_id) in found {
            let attribute = name
                .split_once('#')
                .and_then(|(uid, a)| registry.component_by_uid(uid).and_then(|c| c.attributes.get(a)))
                .map(|(i, _)| i);
            // A component or attribute that the model no longer has: the link stays in the table, unseen.
            if let (Some(attribute), Some(t)) = (attribute, registry.by_uid(&target_type)) {
                links.entry((instance, attribute)).or_default().push(LinkTarget { content_type: t.id, document_id });
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
