//! Deletes rows, and the links from and to them.

use crate::connection::Value as SqlValue;
use crate::ident::Ident;
use crate::namespaces;
use crate::schema::LinkLocation;
use crate::{LockMode, Result, WriteTx};
use cairn_model::*;

impl namespaces::Documents<&mut WriteTx<'_>> {
    /// Deletes the published version of a document in a locale with its links. The draft stays, and so do links of others to the document.
    /// Returns `false` if it was not published.
    pub fn unpublish_row(&mut self, ct: TypeId, document_id: &str, locale: &str) -> Result<bool> {
        let registry = self.tx.registry();
        let sql = format!(
            "SELECT id FROM {} WHERE document_id = ?1 AND locale = ?2 AND _status = 1",
            Ident::table(registry.get(ct))
        );
        let old: Vec<i64> = self.tx.query_ids(&sql, &[document_id.to_owned().into(), locale.to_owned().into()])?;
        self.delete_rows(ct, &old, true, locale)?;
        Ok(!old.is_empty())
    }

    /// Deletes versions of a document: one locale's, or all (`None`). Also deletes links to it: all of them once no version is left, else
    /// those from rows of that locale. Returns `false` if there was nothing.
    pub fn delete_versions(&mut self, ct: TypeId, document_id: &str, locale: Option<&str>) -> Result<bool> {
        let registry = self.tx.registry();
        let t = Ident::table(registry.get(ct));
        self.tx.lock_document(ct, document_id, LockMode::Delete)?;
        let text = format!("SELECT id, _status, locale FROM {t} WHERE document_id = ?1 ORDER BY id");
        let found: Vec<(i64, bool, String)> =
            self.tx.conn.query_all("deleting a document", &text, [document_id], |r| {
                Ok((r.get(0)?, r.get::<i64>(1)? == 1, r.get(2)?))
            })?;
        let (removed_versions, left): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|(_, _, l)| locale.is_none_or(|x| x == l));
        for (id, published, locale) in &removed_versions {
            self.delete_rows(ct, &[*id], *published, locale)?;
        }
        if removed_versions.is_empty() {
            return Ok(false);
        }
        self.unlink(ct, document_id, if left.is_empty() { None } else { locale })?;
        Ok(true)
    }

    fn delete_rows(&mut self, ct: TypeId, ids: &[i64], published: bool, locale: &str) -> Result<()> {
        let registry = self.tx.registry();
        let content_type = registry.get(ct);
        for id in ids {
            for (_, a) in content_type.attributes.iter() {
                if registry.attribute_link(a).is_some_and(|l| l.storage == LinkStorage::Table) {
                    self.tx.execute_sql(
                        &format!("DELETE FROM {} WHERE owner_id = ?1", Ident::links(content_type, a)),
                        &[(*id).into()],
                    )?;
                }
            }
            if self.tx.store.schema.references[ct.0 as usize] {
                self.tx.execute_sql(
                    &format!("DELETE FROM {} WHERE owner_id = ?1", Ident::references(content_type)),
                    &[(*id).into()],
                )?;
            }
            self.tx
                .execute_sql(&format!("DELETE FROM {} WHERE id = ?1", Ident::table(content_type)), &[(*id).into()])?;
            self.tx.adjust_row_count(ct, published, locale, -1);
        }
        self.tx.touch_type(ct);
        Ok(())
    }

    /// Deletes links to a document, from all rows or those of one locale.
    fn unlink(&mut self, ct: TypeId, document_id: &str, locale: Option<&str>) -> Result<()> {
        let store = self.tx.store;
        let registry = &store.registry;
        for incoming in &store.schema.link_sources[ct.0 as usize] {
            let owner = registry.get(incoming.owner);
            let t = Ident::table(owner);
            // Rows of types that are not localised point at the document whatever its locales.
            if locale.is_some() && !owner.localized {
                continue;
            }
            let mut binds: Vec<SqlValue> = vec![document_id.to_owned().into()];
            let in_locale = locale.map(|l| {
                binds.push(l.to_owned().into());
                format!("locale = ?{}", binds.len())
            });
            let owned = |l: &str| format!(" AND owner_id IN (SELECT id FROM {t} WHERE {l})");
            let changed = match incoming.location {
                LinkLocation::Column(a) => {
                    let a = &owner.attributes[a];
                    let c = Ident::column(a);
                    let order = match registry.attribute_link(a) {
                        Some(AttributeLink { side: RelationSide::Owner { .. }, .. }) => {
                            format!(", {} = NULL", Ident::position(a))
                        }
                        _ => String::new(),
                    };
                    let and = in_locale.map_or(String::new(), |l| format!(" AND {l}"));
                    self.tx.execute_sql(&format!("UPDATE {t} SET {c} = NULL{order} WHERE {c} = ?1{and}"), &binds)?
                }
                LinkLocation::Table(a) => {
                    let and = in_locale.map_or(String::new(), |l| owned(&l));
                    let l = Ident::links(owner, &owner.attributes[a]);
                    self.tx.execute_sql(&format!("DELETE FROM {l} WHERE target = ?1{and}"), &binds)?
                }
                LinkLocation::References => {
                    let and = in_locale.map_or(String::new(), |l| owned(&l));
                    binds.push(registry.get(ct).uid.clone().into());
                    let r = Ident::references(owner);
                    self.tx.execute_sql(
                        &format!("DELETE FROM {r} WHERE target = ?1 AND target_type = ?{}{and}", binds.len()),
                        &binds,
                    )?
                }
            };
            if changed > 0 {
                self.tx.touch_type(owner.id);
            }
        }
        Ok(())
    }
}
