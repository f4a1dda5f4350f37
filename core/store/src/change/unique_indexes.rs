//! The unique indexes of older databases, in which an empty text was a value that only one entry could have.

use super::layout::{self, TableIndex};
use super::tx::ChangeTx;
use crate::Result;
use cairn_model::change::Snapshot;
use std::collections::HashMap;

/// Replaces unique indexes over texts that contain empty ones by those of the layout, which allow more: this cannot fail because of the
/// content.
pub(super) fn leave_out_empty_texts(tx: ChangeTx<'_>, files: &Snapshot) -> Result<()> {
    let definitions = files.types.iter().flat_map(|t| layout::index_definitions(tx.dialect(), files, t));
    let wanted: Vec<TableIndex> = definitions.filter(TableIndex::is_of_unique_texts).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let sql = if tx.is_sqlite() {
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql LIKE 'CREATE UNIQUE INDEX %'"
    } else {
        // The view `pg_indexes` also reads the indexes of other schemas, which may be about to be dropped.
        "SELECT c.relname, coalesce(pg_get_expr(i.indpred, i.indrelid), '') FROM pg_index i
         JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = current_schema() AND i.indisunique AND i.indpred IS NOT NULL"
    };
    let existing: HashMap<String, String> =
        tx.query_all("reading the unique indexes", sql, (), |r| Ok((r.get(0)?, r.get(1)?)))?.into_iter().collect();
    let is_older = |index: &&TableIndex| {
        existing.get(&index.name.unquoted_name()).is_some_and(|definition| !definition.contains("<> ''"))
    };
    let older: Vec<&TableIndex> = wanted.iter().filter(is_older).collect();
    if !older.is_empty() {
        tx.wait_for_writers()?;
    }
    for index in older {
        tx.run(&format!("DROP INDEX {}", index.name))?;
        tx.run(&index.create_sql())?;
    }
    Ok(())
}
