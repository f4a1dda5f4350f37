//! The links that lead to a document, saved and restored: the trash needs them to bring a file back to where it was.

use crate::ident::Ident;
use crate::namespaces;
use crate::schema::LinkLocation;
use crate::{Reader, Result, WriteTx};
use cairn_model::*;
use serde::{Deserialize, Serialize};

/// A link from a row to a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncomingLink {
    /// Uid of the row's content type.
    #[serde(rename = "type")]
    pub content_type: String,
    /// Numeric id of the row.
    pub row: i64,
    /// The attribute; for a link inside a component the attribute of the component.
    pub attribute: String,
    /// The component instance, or 0 for the row itself, if the link is in the reference table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<i64>,
    /// Its position in the order of the row, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// Its position in the order of the document, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<i64>,
}

impl namespaces::Links<Reader<'_>> {
    /// Finds all links to a document, from every version of every row, with one statement for each attribute that can hold one.
    pub fn find_incoming(&self, ct: TypeId, document_id: &str) -> Result<Vec<IncomingLink>> {
        let registry = &self.tx.store.registry;
        let doing = "finding links";
        let mut all = Vec::new();
        for incoming in &self.tx.store.schema.link_sources[ct.0 as usize] {
            let owner = registry.get(incoming.owner);
            let link = |row, attribute: &str| IncomingLink {
                content_type: owner.uid.clone(),
                row,
                attribute: attribute.to_owned(),
                instance: None,
                position: None,
                inverse: None,
            };
            all.extend(match incoming.location {
                LinkLocation::Column(a) => {
                    let a = &owner.attributes[a];
                    let ordered = matches!(registry.attribute_link(a), Some(AttributeLink { side: RelationSide::Owner { .. }, .. }));
                    let order = if ordered { Ident::position(a).to_string() } else { "NULL".into() };
                    let sql = format!("SELECT id, {order} FROM {} WHERE {} = ?1 ORDER BY id", Ident::table(owner), Ident::column(a));
                    self.tx.conn.query_all(doing, &sql, [document_id], |r| {
                        let inverse = if ordered { r.get(1)? } else { None };
                        Ok(IncomingLink { inverse, ..link(r.get(0)?, &a.name) })
                    })?
                }
                LinkLocation::Table(a) => {
                    let a = &owner.attributes[a];
                    let sql = format!("SELECT owner_id, pos, inv_pos FROM {} WHERE target = ?1 ORDER BY owner_id", Ident::links(owner, a));
                    self.tx.conn.query_all(doing, &sql, [document_id], |r| {
                        Ok(IncomingLink { position: r.get(1)?, inverse: r.get(2)?, ..link(r.get(0)?, &a.name) })
                    })?
                }
                LinkLocation::References => {
                    let sql = format!(
                        "SELECT owner_id, instance, attribute, pos FROM {} WHERE target = ?1 AND target_type = ?2 ORDER BY owner_id, instance",
                        Ident::references(owner)
                    );
                    self.tx.conn.query_all(doing, &sql, (document_id, &registry.get(ct).uid), |r| {
                        let attribute: String = r.get(2)?;
                        Ok(IncomingLink { instance: r.get(1)?, position: r.get(3)?, ..link(r.get(0)?, &attribute) })
                    })?
                }
            });
        }
        Ok(all)
    }
}

impl namespaces::Links<&mut WriteTx<'_>> {
    /// Restores links to a document as [`links().find_incoming`](crate::namespaces::Links::find_incoming) returned them: if their row still
    /// exists and, for a to-one link, holds no other
    /// now. Returns their number.
    pub fn restore(&mut self, ct: TypeId, document_id: &str, links: &[IncomingLink]) -> Result<usize> {
        let store = self.tx.store;
        let registry = &store.registry;
        let doing = "restoring a link";
        let mut restored = 0;
        for link in links {
            // Of a type, or with an attribute, that is no more.
            let Some(owner) = registry.by_uid(&link.content_type) else { continue };
            let t = Ident::table(owner);
            let found = owner.attributes.get(&link.attribute).filter(|_| link.instance.is_none());
            let changed = match (link.instance, found) {
                (Some(instance), _) if store.schema.references[owner.id.0 as usize] => {
                    let sql = format!(
                        "INSERT INTO {} (owner_id, instance, attribute, target_type, target, pos)
                         SELECT id, CAST(?2 AS bigint), CAST(?3 AS text), CAST(?4 AS text), CAST(?5 AS text), CAST(?6 AS bigint) FROM {t} WHERE id = ?1
                         ON CONFLICT DO NOTHING",
                        Ident::references(owner)
                    );
                    let uid = &registry.get(ct).uid;
                    let values =
                        (link.row, instance, &link.attribute, uid, document_id, link.position.unwrap_or_default());
                    self.tx.conn.execute(doing, &sql, values)?
                }
                (None, Some((_, a))) => match registry.attribute_link(a) {
                    Some(AttributeLink { storage: LinkStorage::Table, target, .. }) if target == Some(ct) => {
                        let sql = format!(
                            "INSERT INTO {} (owner_id, target, pos, inv_pos)
                             SELECT id, CAST(?2 AS text), CAST(?3 AS bigint), CAST(?4 AS bigint) FROM {t} WHERE id = ?1
                             ON CONFLICT DO NOTHING",
                            Ident::links(owner, a)
                        );
                        let values = (
                            link.row,
                            document_id,
                            link.position.unwrap_or_default(),
                            link.inverse.unwrap_or_default(),
                        );
                        self.tx.conn.execute(doing, &sql, values)?
                    }
                    Some(AttributeLink { storage: LinkStorage::Column, target, side, .. }) if target == Some(ct) => {
                        let c = Ident::column(a);
                        let order = match side {
                            RelationSide::Owner { .. } => format!(", {} = ?3", Ident::position(a)),
                            _ => String::new(),
                        };
                        let sql = format!("UPDATE {t} SET {c} = ?2{order} WHERE id = ?1 AND {c} IS NULL");
                        let mut values: Vec<crate::connection::Value> = vec![link.row.into(), document_id.into()];
                        if !order.is_empty() {
                            values.push(link.inverse.into());
                        }
                        self.tx.conn.execute(doing, &sql, &values[..])?
                    }
                    _ => 0,
                },
                _ => 0,
            };
            if changed > 0 {
                self.tx.touch_type(owner.id);
                restored += changed;
            }
        }
        Ok(restored)
    }
}

impl namespaces::Documents<&mut WriteTx<'_>> {
    /// Inserts a deleted row again, under its old id if that is free.
    pub fn restore_row(&mut self, ct: TypeId, row: &super::rows::DocumentRow) -> Result<i64> {
        let id = self.insert_row(ct, row)?;
        let registry = self.tx.registry();
        let t = Ident::table(registry.get(ct));
        let free = !self.tx.conn.exists("looking up an id", &format!("SELECT 1 FROM {t} WHERE id = ?1"), [row.id])?;
        if row.id <= 0 || !free || self.tx.store.schema.references[ct.0 as usize] {
            return Ok(id);
        }
        self.tx.conn.execute(
            "restoring the id of a row",
            &format!("UPDATE {t} SET id = ?2 WHERE id = ?1"),
            (id, row.id),
        )?;
        Ok(row.id)
    }
}
