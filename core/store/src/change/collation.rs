//! Collation keys during a change: the columns that hold them, and the keys of rows that the change has written or whose order has changed.

use super::layout;
use super::run::{ChangeRun, TypePair};
use super::tx::ChangeTx;
use super::type_migration::is_affected;
use crate::Result;
use crate::collation_keys::CollatedTable;
use crate::connection::{Param, ToParam};
use cairn_model::change::TypeShape;

/// Number of rows after which the log says how far it is.
const ROWS_PER_REPORT: usize = 100_000;

/// Drops the key columns of a type that it does not have after the change. Its table has its name from before, and none of its indexes
/// is over them.
pub(super) fn drop_columns(tx: ChangeTx<'_>, pair: TypePair<'_>) -> Result<()> {
    let remaining = layout::collation_key_columns(pair.new);
    let table = layout::table_name(pair.old);
    let gone = layout::collation_key_columns(pair.old).into_iter().filter(|column| !remaining.contains(column));
    gone.into_iter().try_for_each(|column| tx.run(&format!("ALTER TABLE {table} DROP COLUMN {column}")))
}

/// Adds the key columns of a type that its table lacks. `existing`: the columns that it had before the change. A version of Cairn that knows no
/// collations leaves columns that its shape does not name.
pub(super) fn add_columns(tx: ChangeTx<'_>, ty: &TypeShape, existing: &[&str]) -> Result<()> {
    let (table, declared) = (layout::table_name(ty), tx.dialect().bytes_type());
    let columns = layout::collation_key_columns(ty).into_iter();
    let missing = columns.filter(|column| !existing.contains(&column.unquoted_name().as_str()));
    missing.into_iter().try_for_each(|column| tx.run(&format!("ALTER TABLE {table} ADD COLUMN {column} {declared}")))
}

/// Computes the keys of all types whose order, columns or rows the change touches.
pub(super) fn fill_changed(run: &ChangeRun<'_>) -> Result<()> {
    for pair in run.type_pairs() {
        if pair.old.collation != pair.new.collation || is_affected(run, pair.old, pair.new) {
            fill_type(run.tx, pair.new)?;
        }
    }
    Ok(())
}

/// Computes the keys of a type, in batches. Rows whose keys are right are not written.
pub(super) fn fill_type(tx: ChangeTx<'_>, ty: &TypeShape) -> Result<()> {
    let Some(table) = CollatedTable::of_shape(ty) else { return Ok(()) };
    let sql = table.update_sql();
    let (mut last_id, mut rows) = (0, 0);
    while let Some(checked) = table.check_rows(tx.conn, last_id)? {
        let updates: Vec<Vec<Param<'_>>> = checked
            .stale
            .iter()
            .map(|row| row.keys.iter().map(ToParam::param).chain([row.id.into()]).collect())
            .collect();
        if !updates.is_empty() {
            tx.execute_each("writing collation keys", &sql, &updates)?;
        }
        let reported = rows / ROWS_PER_REPORT;
        (last_id, rows) = (checked.last_id, rows + checked.rows);
        if rows / ROWS_PER_REPORT > reported {
            tracing::info!(content_type = ty.uid, rows, "computing collation keys");
        }
    }
    Ok(())
}
