//! Relations as lines of `links/`.

use super::connection::{Cell, RowFilter, RowReader, Selection, Tables};
use super::entities::{BEFORE_FIRST, next_id};
use super::model::{RelationStorage, StoredRelation, StoredType};
use crate::error::ImportError;
use crate::member_writer::MemberWriter;
use serde_json::{Map, Value as Json, json};
use std::ops::ControlFlow;

/// Number of links read at a time.
const BATCH_ROWS: usize = 2_000;

/// Reads relations; they are in tables of their own, or in columns.
pub(super) struct LinkReader<'a> {
    pub(super) rows: &'a mut dyn RowReader,
    pub(super) tables: &'a Tables,
    /// Number of links that do not name both rows, by the table that has them.
    pub(super) incomplete: Vec<(String, u64)>,
}

/// The columns of a table with links, each by its place in the row that is read.
struct LinkColumns<'s> {
    table: &'s str,
    owner: &'s str,
    target: &'s str,
    target_type: Option<&'s str>,
    field: Option<&'s str>,
    order: Option<&'s str>,
    inverse_order: Option<&'s str>,
}

impl LinkReader<'_> {
    /// Writes the links of every relation that a type owns.
    pub(super) fn write_links(&mut self, stored: &StoredType, members: &mut MemberWriter) -> Result<(), ImportError> {
        for relation in &stored.relations {
            let columns = self.find_columns(stored, relation)?;
            self.write_relation(stored, relation, &columns, members)?;
        }
        Ok(())
    }

    /// The columns of a relation's links. Returns an error if one is missing, except for those with an order: they are younger than some tables.
    fn find_columns<'s>(
        &self,
        stored: &'s StoredType,
        relation: &'s StoredRelation,
    ) -> Result<LinkColumns<'s>, ImportError> {
        let plain = |table: &'s str, owner: &'s str, target: &'s str| LinkColumns {
            table,
            owner,
            target,
            target_type: None,
            field: None,
            order: None,
            inverse_order: None,
        };
        let columns = match &relation.storage {
            RelationStorage::Column(column) => plain(&stored.table, "id", column),
            RelationStorage::MorphColumns { id, kind } => {
                LinkColumns { target_type: Some(kind), ..plain(&stored.table, "id", id) }
            }
            RelationStorage::Table { table, owner, target, order, inverse_order } => {
                let existing =
                    |name: &'s Option<String>| name.as_deref().filter(|name| self.tables.has_column(table, name));
                LinkColumns {
                    order: existing(order),
                    inverse_order: existing(inverse_order),
                    ..plain(table, owner, target)
                }
            }
            RelationStorage::MorphTable { table, owner, id, kind } => LinkColumns {
                target_type: Some(kind),
                field: Some("field"),
                // The order belongs to the side of the target, as in archives.
                inverse_order: Some("order"),
                ..plain(table, owner, id)
            },
        };
        let mut needed = vec!["id", columns.owner, columns.target];
        needed.extend(columns.target_type.iter().chain(&columns.field));
        let place = format!("{}.{}", stored.uid, relation.attribute);
        self.tables.require(&place, columns.table, &needed)?;
        Ok(columns)
    }

    fn write_relation(
        &mut self,
        stored: &StoredType,
        relation: &StoredRelation,
        columns: &LinkColumns<'_>,
        members: &mut MemberWriter,
    ) -> Result<(), ImportError> {
        let mut names = vec!["id", columns.owner, columns.target];
        let optional = [columns.target_type, columns.field, columns.order, columns.inverse_order];
        names.extend(optional.iter().flatten());
        // The row of a column is its owner: a column without a value is no link.
        let is_column = matches!(relation.storage, RelationStorage::Column(_) | RelationStorage::MorphColumns { .. });
        let (mut last, mut incomplete, null) = (BEFORE_FIRST, 0, Cell::Null);
        loop {
            let before = last;
            let selection = Selection {
                table: columns.table,
                columns: names.clone(),
                rows: RowFilter::After(last),
                order: &["id"],
                limit: Some(BATCH_ROWS),
            };
            self.rows.read_rows(&selection, &mut |row| {
                last = next_id(columns.table, row.first().and_then(Cell::as_int), last)?;
                let mut rest = row.get(3..).unwrap_or_default().iter();
                let [target_type, field, order, inverse_order] =
                    optional.map(|name| name.and_then(|_| rest.next()).unwrap_or(&null));
                let (owner, target) = (row.get(1).and_then(Cell::as_int), row.get(2).and_then(Cell::as_int));
                let target_uid = match &relation.target {
                    Some(uid) if columns.target_type.is_none() => Some(uid.as_str().into()),
                    _ => target_type.as_text(),
                };
                let (Some(owner), Some(target), Some(target_uid)) = (owner, target, target_uid) else {
                    incomplete += u64::from(!is_column);
                    return Ok(ControlFlow::Continue(()));
                };
                let mut left = json!({"type": stored.uid, "field": relation.attribute, "ref": owner});
                let mut right = json!({"type": target_uid, "ref": target});
                insert(&mut left, "pos", order.as_float());
                insert(&mut right, "pos", inverse_order.as_float());
                insert(&mut right, "field", field.as_text().or(relation.inverse.as_deref().map(Into::into)));
                let mut line = Map::new();
                line.insert("kind".into(), link_kind(stored, relation).into());
                line.insert("relation".into(), relation.relation.as_str().into());
                line.insert("left".into(), left);
                line.insert("right".into(), right);
                members.write_line(&line, &|| format!("table {}, row {last}", columns.table))?;
                Ok(ControlFlow::Continue(()))
            })?;
            if last == before {
                break;
            }
        }
        if incomplete > 0 {
            self.incomplete.push((columns.table.to_owned(), incomplete));
        }
        Ok(())
    }
}

fn link_kind(stored: &StoredType, relation: &StoredRelation) -> &'static str {
    if relation.relation.starts_with("morph") {
        "relation.morph"
    } else if relation.target.as_ref() == Some(&stored.uid) {
        "relation.circular"
    } else {
        "relation.basic"
    }
}

fn insert(end: &mut Json, member: &str, value: Option<impl Into<Json>>) {
    if let (Some(end), Some(value)) = (end.as_object_mut(), value) {
        end.insert(member.to_owned(), value.into());
    }
}
