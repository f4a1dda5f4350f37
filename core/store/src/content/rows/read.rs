//! Reads rows with the components in them.

use super::DocumentRow;
use super::cells::read_scalar;
use crate::connection::{Param, Params, ValueRef};
use crate::namespaces;
use crate::schema::RowCell;
use crate::{Reader, Result, StoreError};
use cairn_model::*;
use std::collections::HashMap;

impl namespaces::Documents<Reader<'_>> {
    /// Reads the version of a document in a locale (empty if the type is not localised).
    pub fn get_row(&self, ct: TypeId, document_id: &str, locale: &str, published: bool) -> Result<Option<DocumentRow>> {
        let sql = &self.tx.store.schema.rows[ct.0 as usize];
        let text = format!("{} WHERE document_id = ?1 AND locale = ?2 AND _status = ?3", sql.select);
        let mut rows = self.load_rows(ct, &text, (document_id, locale, i64::from(published)))?;
        Ok(rows.pop())
    }

    fn load_rows(&self, ct: TypeId, text: &str, binds: impl Params) -> Result<Vec<DocumentRow>> {
        let registry = &self.tx.store.registry;
        let content_type = registry.get(ct);
        let sql = &self.tx.store.schema.rows[ct.0 as usize];
        let mut rows = Vec::new();
        // Links of components are read after the rows: a connection runs one statement at a time.
        let mut components: Vec<(usize, AttributeId, String)> = Vec::new();
        self.tx.conn.query("reading a row", text, binds, |r| {
            let mut row = DocumentRow {
                id: r.get(0)?,
                document_id: r.get(1)?,
                locale: r.get(2)?,
                published: r.get::<i64>(3)? == 1,
                created_at: r.get(4)?,
                updated_at: r.get(5)?,
                published_at: r.get(6)?,
                version: r.get(7)?,
                values: vec![Value::Absent; content_type.attributes.len()],
                to_one: HashMap::new(),
            };
            let mut i = 8;
            for (attribute, cell) in &sql.columns {
                let value = r.value_at(i)?;
                i += 1;
                match cell {
                    RowCell::Scalar(t) => row.values[*attribute] = read_scalar(*t, value),
                    RowCell::ToOne { ordered } => {
                        if let ValueRef::Text(t) = value {
                            let position = if *ordered { r.get::<Option<i64>>(i)? } else { None };
                            let target = String::from_utf8_lossy(t).into_owned();
                            row.to_one.insert(*attribute, (target, position.unwrap_or(0)));
                        }
                        if *ordered {
                            i += 1;
                        }
                    }
                    RowCell::Components => {
                        let text = value.to_text().map_or_else(|| "null".to_owned(), |t| t.into_owned());
                        components.push((rows.len(), *attribute, text));
                    }
                }
            }
            rows.push(row);
            Ok(())
        })?;
        let links = if self.tx.store.schema.references[ct.0 as usize] && !components.is_empty() {
            let mut owners: Vec<i64> = components.iter().map(|(row, ..)| rows[*row].id).collect();
            owners.dedup();
            self.load_instance_links(content_type, &owners)?
        } else {
            HashMap::new()
        };
        for (row, attribute, text) in components {
            let (row, a): (&mut DocumentRow, _) = (&mut rows[row], &content_type.attributes[attribute]);
            let links = links.get(&row.id);
            let mut get_links = |instance: i64, attribute: AttributeId| {
                links.and_then(|l| l.get(&(instance, attribute))).cloned().unwrap_or_default()
            };
            row.values[attribute] = cairn_model::stored_values::read_value(registry, a, &text, &mut get_links)
                .map_err(|e| StoreError::Corrupt {
                    place: format!("{} row {}, {}", content_type.table, row.id, a.name),
                    message: e.to_string(),
                })?;
        }
        Ok(rows)
    }

    /// The rows with these numeric ids, in one statement, in the order of their ids.
    pub fn get_rows(&self, ct: TypeId, rows: &[i64]) -> Result<Vec<DocumentRow>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let sql = &self.tx.store.schema.rows[ct.0 as usize];
        let text = format!("{} WHERE {} ORDER BY id", sql.select, self.tx.conn.dialect().in_list("id", 1));
        self.load_rows(ct, &text, [Param::Integers(rows)])
    }

    /// Every version of a document with that status, in all locales, in order of creation.
    pub fn find_rows(&self, ct: TypeId, document_id: &str, published: bool) -> Result<Vec<DocumentRow>> {
        let sql = &self.tx.store.schema.rows[ct.0 as usize];
        let text = format!("{} WHERE document_id = ?1 AND _status = ?2 ORDER BY id", sql.select);
        self.load_rows(ct, &text, (document_id, i64::from(published)))
    }

    /// The newest documents of a type: their drafts, or where there are no drafts their one version.
    pub fn find_newest_rows(&self, ct: TypeId, limit: i64) -> Result<Vec<DocumentRow>> {
        let sql = &self.tx.store.schema.rows[ct.0 as usize];
        let status = i64::from(!self.tx.store.registry.get(ct).draft_publish);
        let text = format!("{} WHERE _status = ?1 ORDER BY id DESC LIMIT ?2", sql.select);
        self.load_rows(ct, &text, (status, limit))
    }

    /// The first attribute of a unique key in which another entry equals this row; called after a unique index has refused the row.
    pub fn find_unique_key_clash(&self, ct: TypeId, row: &DocumentRow) -> Result<Option<AttributeId>> {
        crate::content::lookup::unique_key_clash(self.tx.conn, self.tx.store.registry.get(ct), row)
    }

    /// True if a unique index may refuse rows of that type.
    pub(in crate::content) fn has_unique_index(&self, ct: TypeId) -> bool {
        self.tx.store.schema.rows[ct.0 as usize].unique
    }
}
