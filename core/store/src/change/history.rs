//! The history of documents through a change: entries of renamed types get the new name, and renames are recorded for those who read what
//! versions held (see [`crate::history`]).

use super::run::ChangeRun;
use crate::Result;
use cairn_model::change::SchemaChange;

/// Records the renames of a plan, in their order, and updates the entries of renamed types.
pub(super) fn rename_in_history(run: &ChangeRun<'_>) -> Result<()> {
    let doing = "renaming in the history";
    for step in &run.plan.steps {
        let (owner, old, new) = match &step.change {
            SchemaChange::RenameAttribute { owner, from, to } if from.name != to.name => {
                (owner.as_str(), &from.name, &to.name)
            }
            SchemaChange::RenameType { from, to } | SchemaChange::RenameComponent { from, to } => ("", from, to),
            _ => continue,
        };
        let sql = "INSERT INTO cairn_history_names (upto, owner, old_name, new_name)
                   SELECT coalesce(max(id), 0), CAST(?1 AS text), CAST(?2 AS text), CAST(?3 AS text) FROM cairn_history";
        run.tx.execute(doing, sql, (owner, old, new))?;
        if let SchemaChange::RenameType { .. } = &step.change {
            for table in ["cairn_history", "cairn_preview_links", "cairn_presence"] {
                run.tx.execute(doing, &format!("UPDATE {table} SET type = ?2 WHERE type = ?1"), (old, new))?;
            }
        }
    }
    Ok(())
}
