//! Records that name the uid of a document's type: reviews, comments, slots, owners, schedules, items of releases, workflows. A rename of
//! the type updates them; records of a dropped type stay, in case the type is restored.

use super::run::ChangeRun;
use super::type_migration::rename_values;
use crate::Result;
use crate::ident::Ident;
use serde_json::Value as Json;

/// Tables with the uid of a type in their column `type`.
const TYPE_UID_TABLES: [&str; 7] = [
    "cairn_reviews",
    "cairn_comments",
    "cairn_slots",
    "cairn_slot_rules",
    "cairn_content_owners",
    "cairn_schedules",
    "cairn_release_items",
];

/// Replaces the old uids of renamed types in these tables.
pub(super) fn rename_types(run: &ChangeRun<'_>) -> Result<()> {
    let types = run.before.types.iter().filter_map(|t| Some((t.uid.as_str(), run.trace.new_owner(&t.uid)?.to_owned())));
    let renamed: Vec<(&str, String)> = types.filter(|(old, new)| old != new).collect();
    if renamed.is_empty() {
        return Ok(());
    }
    for table in TYPE_UID_TABLES {
        rename_values(run.tx, &Ident::quote(table), "type", "", &renamed)?;
    }
    rename_in_workflows(run, &renamed)
}

/// Updates workflows: one that still named the old uid would let the type be published without approvals.
fn rename_in_workflows(run: &ChangeRun<'_>, renamed: &[(&str, String)]) -> Result<()> {
    let doing = "renaming types in workflows";
    let sql = "SELECT value FROM cairn_settings WHERE key = 'workflows'";
    let stored: Vec<String> = run.tx.query_all(doing, sql, (), |r| r.get(0))?;
    for text in stored {
        let Ok(mut json) = serde_json::from_str::<Json>(&text) else { continue };
        let workflows = json.as_object_mut().into_iter().flat_map(|map| map.values_mut());
        for uid in workflows.filter_map(|w| w.get_mut("contentTypes")?.as_array_mut()).flatten() {
            let new = renamed.iter().find(|(old, _)| uid.as_str() == Some(old)).map(|(_, new)| new);
            if let Some(new) = new {
                *uid = new.as_str().into();
            }
        }
        let sql = "UPDATE cairn_settings SET value = ?1 WHERE key = 'workflows'";
        run.tx.execute(doing, sql, [json.to_string()])?;
    }
    Ok(())
}
