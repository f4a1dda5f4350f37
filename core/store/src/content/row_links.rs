//! The links that rows hold in link tables and morph attributes, all attributes at once.

use crate::connection::{Param, Row};
use crate::namespaces;
use crate::schema::linked_rows_sql;
use crate::{Reader, Result};
use cairn_model::*;
use std::collections::HashMap;

/// The targets of a row by attribute, each in its order.
type TargetsByAttribute = Vec<(AttributeId, Vec<LinkTarget>)>;

impl namespaces::Links<Reader<'_>> {
    /// The targets of a row through its link tables and morph attributes, by attribute, in order: one statement, none if the type has
    /// neither. Links in columns of the row and inside components are in the row.
    pub fn find_targets(&self, ct: TypeId, row: i64) -> Result<TargetsByAttribute> {
        let Some(sql) = &self.tx.store.schema.rows[ct.0 as usize].linked else { return Ok(Vec::new()) };
        let found = self.tx.conn.query_all("reading links", sql, [row], read_link)?;
        Ok(self.group_targets(ct, found).remove(&row).unwrap_or_default())
    }

    /// Does the same as [`Self::find_targets`] for many rows, with one statement. Rows without links are left out.
    pub fn find_targets_of_rows(&self, ct: TypeId, rows: &[i64]) -> Result<HashMap<i64, TargetsByAttribute>> {
        let registry = self.tx.registry();
        let owned = self.tx.conn.dialect().in_list("owner_id", 1);
        let Some(sql) = linked_rows_sql(registry, registry.get(ct), &owned).filter(|_| !rows.is_empty()) else {
            return Ok(HashMap::new());
        };
        let found = self.tx.conn.query_all("reading links", &sql, [Param::Integers(rows)], read_link)?;
        Ok(self.group_targets(ct, found))
    }

    fn group_targets(&self, ct: TypeId, found: Vec<FoundLink>) -> HashMap<i64, TargetsByAttribute> {
        let registry = self.tx.registry();
        let content_type = registry.get(ct);
        let mut all: HashMap<i64, TargetsByAttribute> = HashMap::new();
        for FoundLink { row, attribute, target_type, document_id } in found {
            let Some((attribute, a)) = content_type.attributes.get(&attribute) else { continue };
            let target = match target_type {
                Some(uid) => registry.by_uid(&uid).map(|t| t.id),
                None => registry.attribute_link(a).and_then(|l| l.target),
            };
            let Some(content_type) = target else { continue };
            let target = LinkTarget { content_type, document_id };
            let row_targets = all.entry(row).or_default();
            match row_targets.last_mut() {
                Some((last_attribute, targets)) if *last_attribute == attribute => targets.push(target),
                _ => row_targets.push((attribute, vec![target])),
            }
        }
        all
    }
}

/// A link as it is stored.
struct FoundLink {
    row: i64,
    attribute: String,
    /// Uid, if the attribute may link to any type.
    target_type: Option<String>,
    document_id: String,
}

fn read_link(r: &Row<'_>) -> Result<FoundLink> {
    Ok(FoundLink { attribute: r.get(0)?, target_type: r.get(1)?, document_id: r.get(2)?, row: r.get(4)? })
}
