//! Relations and media of a document, from either side. A write changes its own links only: the other links of a document retain their
//! order keys (see `position`).

use crate::Reader;
use crate::connection::Value as SqlValue;
use crate::ident::Ident;
use crate::namespaces;
use crate::position;
use crate::{Result, WriteTx};
use cairn_model::*;
use std::collections::HashMap;

/// A link stored with a row, in the row's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionedLink {
    /// The document it leads to.
    pub target: LinkTarget,
    /// Order key on this side; `None` until it is placed.
    pub position: Option<i64>,
    /// Order key on the other side.
    pub inverse: i64,
}

impl namespaces::Links<Reader<'_>> {
    /// The links of an attribute of a row in a link table or the reference table, in order.
    pub fn find_owned(&self, ct: TypeId, attribute: AttributeId, row: i64) -> Result<Vec<PositionedLink>> {
        let registry = self.tx.registry();
        let content_type = registry.get(ct);
        let a = &content_type.attributes[attribute];
        match registry.attribute_link(a) {
            Some(AttributeLink { storage: LinkStorage::Table, target: Some(t), .. }) => {
                let text = format!(
                    "SELECT target, pos, inv_pos FROM {} WHERE owner_id = ?1 ORDER BY pos",
                    Ident::links(content_type, a)
                );
                self.tx.conn.query_all("reading links", &text, [row], |r| {
                    let target = LinkTarget { content_type: t, document_id: r.get(0)? };
                    Ok(PositionedLink { target, position: Some(r.get(1)?), inverse: r.get(2)? })
                })
            }
            Some(AttributeLink { storage: LinkStorage::References, .. }) => {
                let text = format!(
                    "SELECT target_type, target, pos FROM {} WHERE owner_id = ?1 AND instance = 0 AND attribute = ?2 ORDER BY pos",
                    Ident::references(content_type)
                );
                let found: Vec<(String, String, i64)> =
                    self.tx
                        .conn
                        .query_all("reading links", &text, (row, &a.name), |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
                let link = |(uid, document_id, pos): (String, String, i64)| {
                    let content_type = registry.by_uid(&uid)?.id;
                    Some(PositionedLink {
                        target: LinkTarget { content_type, document_id },
                        position: Some(pos),
                        inverse: 0,
                    })
                };
                Ok(found.into_iter().filter_map(link).collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The documents whose rows link to `document_id` through the owning side of an inverse attribute, in this side's
    /// order. `published_too`: from any version, else from drafts only (types without draft & publish have one).
    pub fn find_inverse(&self, inverse: &InverseSide<'_>, document_id: &str) -> Result<Vec<PositionedLink>> {
        let InverseSide { owner, attribute, .. } = inverse;
        let (t, rows) = (Ident::table(owner), inverse.row_condition("o"));
        let a = &owner.attributes[*attribute];
        let text = match inverse.storage {
            LinkStorage::Table => format!(
                "SELECT o.document_id, min(l.inv_pos) AS p FROM {} l JOIN {t} o ON o.id = l.owner_id WHERE l.target = ?1 AND {rows} GROUP BY o.document_id ORDER BY p",
                Ident::links(owner, a)
            ),
            LinkStorage::References => format!(
                "SELECT o.document_id, min(o.id) AS p FROM {} l JOIN {t} o ON o.id = l.owner_id
                 WHERE l.target = ?1 AND l.instance = 0 AND l.attribute = '{}' AND l.target_type = '{}' AND {rows} GROUP BY o.document_id ORDER BY p",
                Ident::references(owner),
                a.name,
                inverse.target_uid
            ),
            _ => format!(
                "SELECT o.document_id, min(o.{}) AS p FROM {t} o WHERE o.{} = ?1 AND {rows} GROUP BY o.document_id ORDER BY p",
                Ident::position(a),
                Ident::column(a)
            ),
        };
        self.tx.conn.query_all("reading links", &text, (document_id, inverse.locale), |r| {
            let target = LinkTarget { content_type: owner.id, document_id: r.get(0)? };
            Ok(PositionedLink { target, position: r.get(1)?, inverse: 0 })
        })
    }
}

impl namespaces::Links<&mut WriteTx<'_>> {
    /// Makes `links` the links of an attribute of a row (link table or reference table), in that order. Unchanged
    /// links are not written again.
    pub fn set_owned(
        &mut self,
        ct: TypeId,
        attribute: AttributeId,
        row: i64,
        positioned_links: &[PositionedLink],
        links: &[PositionedLink],
    ) -> Result<()> {
        let registry = self.tx.registry();
        let content_type = registry.get(ct);
        let a = &content_type.attributes[attribute];
        let table = registry.attribute_link(a).is_some_and(|l| l.storage == LinkStorage::Table);
        let keys = position::place_positions(&links.iter().map(|l| l.position).collect::<Vec<_>>());
        let before: HashMap<&LinkTarget, Option<i64>> =
            positioned_links.iter().map(|l| (&l.target, l.position)).collect();
        for positioned_link in positioned_links.iter().filter(|h| !links.iter().any(|l| l.target == h.target)) {
            if table {
                let text = format!("DELETE FROM {} WHERE owner_id = ?1 AND target = ?2", Ident::links(content_type, a));
                self.tx.execute_sql(&text, &[row.into(), positioned_link.target.document_id.clone().into()])?;
            } else {
                let text = format!(
                    "DELETE FROM {} WHERE owner_id = ?1 AND instance = 0 AND attribute = ?2 AND target_type = ?3 AND target = ?4",
                    Ident::references(content_type)
                );
                let uid = registry.get(positioned_link.target.content_type).uid.clone();
                self.tx.execute_sql(
                    &text,
                    &[row.into(), a.name.clone().into(), uid.into(), positioned_link.target.document_id.clone().into()],
                )?;
            }
        }
        for (link, key) in links.iter().zip(keys) {
            if before.get(&link.target) == Some(&Some(key)) {
                continue;
            }
            let document: SqlValue = link.target.document_id.clone().into();
            if table {
                let text = format!(
                    "INSERT INTO {} (owner_id, target, pos, inv_pos) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (owner_id, target) DO UPDATE SET pos = excluded.pos",
                    Ident::links(content_type, a)
                );
                self.tx.execute_sql(&text, &[row.into(), document, key.into(), link.inverse.into()])?;
            } else {
                let text = format!(
                    "INSERT INTO {} (owner_id, instance, attribute, target_type, target, pos) VALUES (?1, 0, ?2, ?3, ?4, ?5)
                     ON CONFLICT (owner_id, instance, attribute, target_type, target) DO UPDATE SET pos = excluded.pos",
                    Ident::references(content_type)
                );
                let uid = registry.get(link.target.content_type).uid.clone();
                self.tx.execute_sql(&text, &[row.into(), a.name.clone().into(), uid.into(), document, key.into()])?;
            }
        }
        self.tx.touch_type(ct);
        Ok(())
    }

    /// Copies link tables and morph links from one row to another (which has none): all attributes, or some.
    pub fn copy(&mut self, ct: TypeId, from: i64, to: i64, only: Option<&[AttributeId]>) -> Result<()> {
        if only.is_some_and(<[_]>::is_empty) {
            return Ok(());
        }
        let registry = self.tx.registry();
        let content_type = registry.get(ct);
        for (id, a) in content_type.attributes.iter() {
            if only.is_some_and(|o| !o.contains(&id)) {
                continue;
            }
            match registry.attribute_link(a).map(|l| l.storage) {
                Some(LinkStorage::Table) => {
                    let l = Ident::links(content_type, a);
                    let text = format!(
                        "INSERT INTO {l} (owner_id, target, pos, inv_pos) SELECT CAST(?1 AS bigint), target, pos, inv_pos FROM {l} WHERE owner_id = ?2"
                    );
                    self.tx.execute_sql(&text, &[to.into(), from.into()])?;
                }
                Some(LinkStorage::References) => {
                    let r = Ident::references(content_type);
                    let text = format!(
                        "INSERT INTO {r} (owner_id, instance, attribute, target_type, target, pos)
                         SELECT CAST(?1 AS bigint), 0, attribute, target_type, target, pos FROM {r} WHERE owner_id = ?2 AND instance = 0 AND attribute = ?3"
                    );
                    self.tx.execute_sql(&text, &[to.into(), from.into(), a.name.clone().into()])?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Deletes the links that [`Self::copy`] would copy.
    pub fn clear(&mut self, ct: TypeId, row: i64, only: &[AttributeId]) -> Result<()> {
        let registry = self.tx.registry();
        let content_type = registry.get(ct);
        for &id in only {
            let a = &content_type.attributes[id];
            match registry.attribute_link(a).map(|l| l.storage) {
                Some(LinkStorage::Table) => {
                    self.tx.execute_sql(
                        &format!("DELETE FROM {} WHERE owner_id = ?1", Ident::links(content_type, a)),
                        &[row.into()],
                    )?;
                }
                Some(LinkStorage::References) => {
                    let text = format!(
                        "DELETE FROM {} WHERE owner_id = ?1 AND instance = 0 AND attribute = ?2",
                        Ident::references(content_type)
                    );
                    self.tx.execute_sql(&text, &[row.into(), a.name.clone().into()])?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Makes `links` the documents that link to `document_id` through an inverse attribute, in that order: the owning rows
    /// change, each only its own link.
    pub fn set_inverse(
        &mut self,
        inverse: &InverseSide<'_>,
        document_id: &str,
        positioned_links: &[PositionedLink],
        links: &[PositionedLink],
    ) -> Result<()> {
        let InverseSide { owner, attribute, .. } = inverse;
        let (t, rows) = (Ident::table(owner), inverse.row_condition("o"));
        let a = &owner.attributes[*attribute];
        let (c, p) = (Ident::column(a), Ident::position(a));
        let locale: SqlValue = inverse.locale.to_owned().into();
        let document: SqlValue = document_id.to_owned().into();
        for positioned_link in positioned_links.iter().filter(|h| !links.iter().any(|l| l.target == h.target)) {
            let other: SqlValue = positioned_link.target.document_id.clone().into();
            let owned = format!("(SELECT o.id FROM {t} o WHERE o.document_id = ?3 AND {rows})");
            let text = match inverse.storage {
                LinkStorage::Table => {
                    format!("DELETE FROM {} WHERE target = ?1 AND owner_id IN {owned}", Ident::links(owner, a))
                }
                LinkStorage::References => format!(
                    "DELETE FROM {} WHERE target = ?1 AND instance = 0 AND attribute = '{}' AND target_type = '{}' AND owner_id IN {owned}",
                    Ident::references(owner),
                    a.name,
                    inverse.target_uid
                ),
                _ => format!("UPDATE {t} SET {c} = NULL, {p} = NULL WHERE {c} = ?1 AND id IN {owned}"),
            };
            self.tx.execute_sql(&text, &[document.clone(), locale.clone(), other])?;
        }
        let keys = position::place_positions(&links.iter().map(|l| l.position).collect::<Vec<_>>());
        for (link, key) in links.iter().zip(keys) {
            let other: SqlValue = link.target.document_id.clone().into();
            // Written even where the key stands: one version may have the link and another not.
            let text = match inverse.storage {
                LinkStorage::Table => format!(
                    "INSERT INTO {} (owner_id, target, pos, inv_pos) SELECT o.id, ?1, CAST(?5 AS bigint), CAST(?4 AS bigint) FROM {t} o WHERE o.document_id = ?3 AND {rows}
                     ON CONFLICT (owner_id, target) DO UPDATE SET inv_pos = excluded.inv_pos",
                    Ident::links(owner, a)
                ),
                LinkStorage::References => format!(
                    "INSERT INTO {} (owner_id, instance, attribute, target_type, target, pos)
                     SELECT o.id, 0, '{}', '{}', ?1, CAST(coalesce(?5, ?4) AS bigint) FROM {t} o WHERE o.document_id = ?3 AND {rows}
                     ON CONFLICT DO NOTHING",
                    Ident::references(owner),
                    a.name,
                    inverse.target_uid
                ),
                _ => format!("UPDATE {t} AS o SET {c} = ?1, {p} = CAST(?4 AS bigint) WHERE o.document_id = ?3 AND {rows} AND CAST(?5 AS bigint) IS NOT NULL"),
            };
            let values = [document.clone(), locale.clone(), other, key.into(), position::end_position().into()];
            match self.tx.reader().documents().has_unique_index(owner.id) {
                true => self.tx.conn.execute_unique("writing", &text, &values[..])?,
                false => self.tx.execute_sql(&text, &values)?,
            };
        }
        self.tx.touch_type(owner.id);
        Ok(())
    }
}

impl WriteTx<'_> {
    /// A new key at the end of an order.
    pub fn end_position(&self) -> i64 {
        position::end_position()
    }
}

/// An inverse attribute seen from the owning side.
pub struct InverseSide<'a> {
    owner: &'a ContentType,
    attribute: AttributeId,
    storage: LinkStorage,
    published_too: bool,
    locale: &'a str,
    target_uid: &'a str,
}

impl<'a> InverseSide<'a> {
    /// The inverse of `attribute` of `ct`, whose links are stored with rows of the target type in `locale` (if that is localised). `None`
    /// if the attribute is not an inverse side.
    pub fn for_attribute(
        registry: &'a Registry,
        ct: &'a ContentType,
        attribute: AttributeId,
        published_too: bool,
        locale: &'a str,
    ) -> Option<Self> {
        let link = registry.attribute_link(&ct.attributes[attribute])?;
        let (Some(target), RelationSide::Inverse { owner }) = (link.target, link.side) else { return None };
        let owning = registry.get(target);
        let storage = registry.attribute_link(&owning.attributes[owner])?.storage;
        Some(Self { owner: owning, attribute: owner, storage, published_too, locale, target_uid: &ct.uid })
    }

    /// The type whose rows store the links.
    pub(super) fn owner(&self) -> &'a ContentType {
        self.owner
    }

    /// The locale of its rows, if that type is localised.
    pub(super) fn locale(&self) -> &'a str {
        self.locale
    }

    /// SQL condition for a row of the owner that has a link to the document at ?1.
    pub(super) fn link_condition(&self, alias: &str) -> String {
        let a = &self.owner.attributes[self.attribute];
        match self.storage {
            LinkStorage::Table => format!(
                "EXISTS (SELECT 1 FROM {} l WHERE l.owner_id = {alias}.id AND l.target = ?1)",
                Ident::links(self.owner, a)
            ),
            LinkStorage::References => format!(
                "EXISTS (SELECT 1 FROM {} l WHERE l.owner_id = {alias}.id AND l.instance = 0 AND l.attribute = '{}' AND l.target_type = '{}' AND l.target = ?1)",
                Ident::references(self.owner),
                a.name,
                self.target_uid
            ),
            _ => format!("{alias}.{} = ?1", Ident::column(a)),
        }
    }

    /// SQL condition for the rows of the owner; the locale is bound at ?2.
    pub(super) fn row_condition(&self, alias: &str) -> String {
        let locale = if self.owner.localized {
            format!("{alias}.locale = ?2")
        } else {
            "CAST(?2 AS text) IS NOT NULL".to_owned()
        };
        format!("{locale} AND {}", self.status_condition(alias))
    }

    /// SQL condition for the rows of the owner in every locale.
    pub(super) fn status_condition(&self, alias: &str) -> String {
        if self.owner.draft_publish && !self.published_too {
            format!("{alias}._status = 0")
        } else {
            "1 = 1".to_owned()
        }
    }
}
