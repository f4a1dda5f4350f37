//! Many documents at once, for imports and benchmarks: ids are reserved first, then each table is filled at once.

use super::links::PositionedLink;
use super::rows::{NewDocumentRow, reference_rows, row_cells};
use crate::connection::{Connection, Param, ToParam, Value as SqlValue};
use crate::ident::Ident;
use crate::namespaces;
use crate::{Result, StoreError, WriteTx};
use cairn_model::*;

/// A document to insert in bulk: its version (the draft, if its type has them), and the links that rows do not hold themselves. It is
/// published if its type has drafts. Nothing of it is validated.
#[derive(Debug, Clone)]
pub struct BulkDocument {
    /// The row; its component instances get ids.
    pub row: NewDocumentRow,
    /// By attribute with a link table: targets in order.
    pub links: Vec<(AttributeId, Vec<PositionedLink>)>,
}

/// A version of a document to insert as it is, with its own row id.
#[derive(Debug, Clone)]
pub struct BulkVersion {
    /// The row, with its id. Its component instances get new ids; their links are in the row's values.
    pub row: NewDocumentRow,
    /// Links of the attributes that have a link table or may link to any type: targets in order, each with its position on either side.
    pub links: Vec<(AttributeId, Vec<PositionedLink>)>,
}

impl namespaces::Documents<&mut WriteTx<'_>> {
    /// Inserts documents of a type. A clash with a unique index fails the whole.
    pub fn insert_bulk(&mut self, ct: TypeId, documents: Vec<BulkDocument>) -> Result<()> {
        let store = self.tx.store;
        let registry = &store.registry;
        let content_type = registry.get(ct);
        let mut rows = Vec::with_capacity(documents.len() * 2);
        let mut links: Vec<Vec<(AttributeId, Vec<PositionedLink>)>> = Vec::with_capacity(documents.len() * 2);
        for BulkDocument { mut row, links: own } in documents {
            row.values.iter_mut().try_for_each(|value| self.renumber_instances(value))?;
            row.to_one.values_mut().for_each(|(_, position)| *position = self.tx.end_position());
            row.published = !content_type.draft_publish;
            row.published_at = row.published.then(|| row.updated_at.clone());
            let published = content_type.draft_publish.then(|| {
                let at = Some(row.updated_at.clone());
                let mut row = NewDocumentRow { published: true, published_at: at, ..row.clone() };
                row.values.iter_mut().try_for_each(|value| self.renumber_instances(value)).map(|()| row)
            });
            for row in std::iter::once(Ok(row)).chain(published) {
                rows.push(row?);
                links.push(own.clone());
            }
        }
        self.number_rows(content_type, &mut rows)?;
        let sql = &store.schema.rows[ct.0 as usize];
        let filled: Vec<Vec<SqlValue>> = rows
            .iter()
            .map(|row| {
                let mut values = vec![SqlValue::Integer(row.id)];
                values.extend(row_cells(registry, ct, sql, row));
                values
            })
            .collect();
        let filled: Vec<Vec<Param<'_>>> = filled.iter().map(|r| r.iter().map(ToParam::param).collect()).collect();
        let names: Vec<&str> = std::iter::once("id").chain(sql.names.iter().map(String::as_str)).collect();
        self.tx.conn.fill_table("inserting rows", &Ident::table(content_type), &names, &filled)?;
        self.fill_references(content_type, rows.iter())?;
        for (attribute, a) in content_type.attributes.iter() {
            if registry.attribute_link(a).is_none_or(|l| l.storage != LinkStorage::Table) {
                continue;
            }
            let mut filled: Vec<Vec<Param<'_>>> = Vec::new();
            for (row, links) in rows.iter().zip(&links) {
                for link in links.iter().filter(|(id, _)| *id == attribute).flat_map(|(_, list)| list) {
                    let (pos, inverse) = (self.tx.end_position(), self.tx.end_position());
                    filled.push(vec![row.id.into(), link.target.document_id.param(), pos.into(), inverse.into()]);
                }
            }
            let columns = ["owner_id", "target", "pos", "inv_pos"];
            self.tx.conn.fill_table("inserting links", &Ident::links(content_type, a), &columns, &filled)?;
        }
        for row in &rows {
            self.tx.adjust_row_count(ct, row.published, &row.locale, 1);
        }
        self.tx.touch_type(ct);
        Ok(())
    }

    /// Inserts versions of documents of a type with their own ids; after the last, [`Self::reserve_ids`] must be called. They are not validated.
    /// Returns [`StoreError::Unique`] if one clashes with a unique index.
    pub fn insert_versions(&mut self, ct: TypeId, mut versions: Vec<BulkVersion>) -> Result<()> {
        let store = self.tx.store;
        let registry = &store.registry;
        let content_type = registry.get(ct);
        for version in &mut versions {
            version.row.values.iter_mut().try_for_each(|value| self.number_instances(value))?;
        }
        let sql = &store.schema.rows[ct.0 as usize];
        let filled: Vec<Vec<SqlValue>> = versions
            .iter()
            .map(|version| {
                let mut values = vec![SqlValue::Integer(version.row.id)];
                values.extend(row_cells(registry, ct, sql, &version.row));
                values
            })
            .collect();
        let filled: Vec<Vec<Param<'_>>> = filled.iter().map(|r| r.iter().map(ToParam::param).collect()).collect();
        let names: Vec<&str> = std::iter::once("id").chain(sql.names.iter().map(String::as_str)).collect();
        self.tx.conn.fill_table("inserting rows", &Ident::table(content_type), &names, &filled)?;
        self.fill_references(content_type, versions.iter().map(|version| &version.row))?;
        self.fill_links(content_type, &versions)?;
        for BulkVersion { row, .. } in &versions {
            self.tx.adjust_row_count(ct, row.published, &row.locale, 1);
        }
        self.tx.touch_type(ct);
        Ok(())
    }

    fn fill_links(&self, content_type: &ContentType, versions: &[BulkVersion]) -> Result<()> {
        let registry = &self.tx.store.registry;
        for (attribute, a) in content_type.attributes.iter() {
            let storage = registry.attribute_link(a).map(|l| l.storage);
            let mut filled: Vec<Vec<Param<'_>>> = Vec::new();
            for BulkVersion { row, links } in versions {
                for link in links.iter().filter(|(id, _)| *id == attribute).flat_map(|(_, list)| list) {
                    let (document_id, pos) = (link.target.document_id.param(), link.position.unwrap_or(0).into());
                    filled.push(match storage {
                        Some(LinkStorage::Table) => vec![row.id.into(), document_id, pos, link.inverse.into()],
                        _ => {
                            let uid = registry.get(link.target.content_type).uid.param();
                            vec![row.id.into(), Param::Integer(0), a.name.param(), uid, document_id, pos]
                        }
                    });
                }
            }
            match storage {
                Some(LinkStorage::Table) => {
                    let columns = ["owner_id", "target", "pos", "inv_pos"];
                    self.tx.conn.fill_table("inserting links", &Ident::links(content_type, a), &columns, &filled)?;
                }
                Some(LinkStorage::References) => {
                    let columns = ["owner_id", "instance", "attribute", "target_type", "target", "pos"];
                    let table = Ident::references(content_type);
                    self.tx.conn.fill_table("inserting references", &table, &columns, &filled)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Makes the ids of new rows of a type begin at `next`, unless they are beyond it already.
    pub fn reserve_ids(&mut self, ct: TypeId, next: i64) -> Result<()> {
        let content_type = self.tx.store.registry.get(ct);
        self.tx.transfer().raise_next_number(content_type, next)
    }

    fn fill_references<'r>(
        &self,
        content_type: &ContentType,
        rows: impl Iterator<Item = &'r NewDocumentRow>,
    ) -> Result<()> {
        if !self.tx.store.schema.references[content_type.id.0 as usize] {
            return Ok(());
        }
        let registry = &self.tx.store.registry;
        let found: Vec<_> = rows.map(|row| (row.id, reference_rows(registry, row))).collect();
        let filled: Vec<Vec<Param<'_>>> = found
            .iter()
            .flat_map(|(id, links)| {
                links.iter().map(move |(instance, attribute, target, pos)| {
                    let uid = &registry.get(target.content_type).uid;
                    let target = target.document_id.param();
                    vec![(*id).into(), (*instance).into(), attribute.param(), uid.param(), target, (*pos).into()]
                })
            })
            .collect();
        let columns = ["owner_id", "instance", "attribute", "target_type", "target", "pos"];
        self.tx.conn.fill_table("inserting references", &Ident::references(content_type), &columns, &filled)
    }

    /// Reserves ids for the rows, which no other transaction gets.
    fn number_rows(&self, content_type: &ContentType, rows: &mut [NewDocumentRow]) -> Result<()> {
        let table = Ident::table(content_type);
        let n = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let ids: Vec<i64> = match self.tx.conn {
            Connection::Postgres(_) => {
                let sql =
                    format!("SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, ?1)");
                self.tx.conn.query_all("reserving numbers", &sql, [n], |r| r.get(0))?
            }
            Connection::Sqlite(_) => {
                let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?1";
                let last_id: i64 = self
                    .tx
                    .conn
                    .query_first("reserving numbers", sql, [table.unquoted_name()], |r| r.get(0))?
                    .unwrap_or(0);
                (last_id + 1..=last_id + n).collect()
            }
        };
        if ids.len() != rows.len() {
            let message = "the numbers could not be reserved".to_owned();
            return Err(StoreError::Corrupt { place: content_type.table.clone(), message });
        }
        rows.iter_mut().zip(ids).for_each(|(row, id)| row.id = id);
        Ok(())
    }
}
