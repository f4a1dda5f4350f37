//! Inserts, updates and publishes rows.

use super::cells::row_cells;
use super::{DocumentRow, NewDocumentRow};
use crate::connection::Value as SqlValue;
use crate::ident::Ident;
use crate::namespaces;
use crate::{Result, WriteTx};
use cairn_model::{AttributeId, TypeId};

impl namespaces::Documents<&mut WriteTx<'_>> {
    /// Inserts a row with its references; returns its id. Instances must have their ids. A clash with a unique index
    /// is [`StoreError::Unique`].
    pub fn insert_row(&mut self, ct: TypeId, row: &NewDocumentRow) -> Result<i64> {
        let store = self.tx.store;
        let sql = &store.schema.rows[ct.0 as usize];
        let values = row_cells(&store.registry, ct, sql, row);
        let id = self.tx.conn.insert("inserting a row", &sql.insert, &values[..], sql.unique)?;
        self.write_references(ct, id, row)?;
        self.tx.adjust_row_count(ct, row.published, &row.locale, 1);
        self.tx.touch_type(ct);
        Ok(id)
    }

    /// Writes all columns of an existing row, and its references. Increments its version token.
    pub fn update_row(&mut self, ct: TypeId, row: &mut DocumentRow) -> Result<()> {
        row.version += 1;
        let store = self.tx.store;
        let sql = &store.schema.rows[ct.0 as usize];
        let mut values = row_cells(&store.registry, ct, sql, row);
        values.push(SqlValue::Integer(row.id));
        match sql.unique {
            true => self.tx.conn.execute_unique("updating a row", &sql.update, &values[..])?,
            false => self.tx.conn.execute("updating a row", &sql.update, &values[..])?,
        };
        if store.schema.references[ct.0 as usize] {
            let text = format!(
                "DELETE FROM {} WHERE owner_id = ?1 AND instance > 0",
                Ident::references(store.registry.get(ct))
            );
            self.tx.execute_sql(&text, &[row.id.into()])?;
            self.write_references(ct, row.id, row)?;
        }
        self.tx.touch_type(ct);
        Ok(())
    }

    /// Creates the published version of a draft row: deletes the old one and inserts a new row (new id, new instance ids, the draft's
    /// times) with the draft's links. With `fresh`, the document was created in this transaction, so there is no old one.
    pub fn publish_row(&mut self, ct: TypeId, draft: &DocumentRow, published_at: &str, fresh: bool) -> Result<i64> {
        if !fresh {
            self.unpublish_row(ct, &draft.document_id, &draft.locale)?;
        }
        self.insert_published_row(ct, draft, published_at, None)
    }

    /// Does the same as [`Self::publish_row`] for a document that was created in this transaction and whose link tables and morph attributes
    /// have no links but those of `linked`.
    pub fn publish_new_row(
        &mut self,
        ct: TypeId,
        draft: &DocumentRow,
        published_at: &str,
        linked: &[AttributeId],
    ) -> Result<i64> {
        self.insert_published_row(ct, draft, published_at, Some(linked))
    }

    fn insert_published_row(
        &mut self,
        ct: TypeId,
        draft: &DocumentRow,
        published_at: &str,
        linked: Option<&[AttributeId]>,
    ) -> Result<i64> {
        let mut row =
            DocumentRow { id: 0, published: true, published_at: Some(published_at.to_owned()), ..draft.clone() };
        for value in &mut row.values {
            self.renumber_instances(value)?;
        }
        let id = self.insert_row(ct, &row)?;
        self.tx.links().copy(ct, draft.id, id, linked)?;
        Ok(id)
    }
}
