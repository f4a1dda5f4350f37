//! Review workflows: read from JSON, for the settings file and the admin alike, and stored as one setting, by name. For what a workflow is
//! and the checks of it as a whole see [`cairn_model::workflow`].

mod read;
#[cfg(test)]
mod tests;

pub(crate) use read::WorkflowInput;
pub use read::read_workflow;

use cairn_access::{SETTINGS_LOCK, SUPER_ADMIN_ROLE};
use cairn_model::workflow::{Workflow, WorkflowProblem};
use cairn_store::system::AdminUserRow;
use cairn_store::{Reader, StoreError, WriteTx};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// The key of the setting.
const WORKFLOWS_SETTING: &str = "workflows";
/// Roles that admin users can have from the start, whether anybody has them or not.
const BUILT_IN_ROLES: [&str; 3] = [SUPER_ADMIN_ROLE, "editor", "author"];

/// Reads every workflow, in the order of their names. Returns an error if the stored value is invalid: nothing is published past a workflow
/// because it cannot be read.
pub fn load_workflows(reader: &Reader<'_>) -> Result<Vec<Workflow>, StoreError> {
    let Some(json) = reader.settings().get(WORKFLOWS_SETTING)? else { return Ok(Vec::new()) };
    let corrupt =
        |message: String| StoreError::Corrupt { place: format!("cairn_settings {WORKFLOWS_SETTING}"), message };
    let map = json.as_object().ok_or_else(|| corrupt("it is not an object".into()))?;
    let read = |(name, json): (&String, &Json)| {
        read_workflow(name, json).map_err(|problems| corrupt(format!("{name}: {}", format_problems(&problems))))
    };
    let mut all = map.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// The roles that workflows can name: those that admin users have, and those that always exist.
pub fn known_roles(admins: &[AdminUserRow]) -> BTreeSet<String> {
    let map = admins.iter().flat_map(|a| a.roles.iter().cloned());
    map.chain(BUILT_IN_ROLES.map(str::to_owned)).collect()
}

/// Replaces the stored workflows. The caller holds the settings ([`lock_settings`]) and has checked them. Returns an error
/// if the database fails.
pub fn store_workflows(tx: &mut WriteTx<'_>, all: &[Workflow]) -> Result<(), StoreError> {
    if all.is_empty() {
        return tx.settings().delete(WORKFLOWS_SETTING);
    }
    let map: Map<String, Json> = all.iter().map(|w| (w.name.clone(), w.to_json())).collect();
    tx.settings().set(WORKFLOWS_SETTING, &map.into())
}

/// Locks the settings until the end of the transaction. Returns an error if the database fails.
pub fn lock_settings(tx: &WriteTx<'_>) -> Result<(), StoreError> {
    tx.lock_name(SETTINGS_LOCK)
}

fn format_problems(problems: &[WorkflowProblem]) -> String {
    let told =
        |p: &WorkflowProblem| if p.path.is_empty() { p.message.clone() } else { format!("{}: {}", p.path, p.message) };
    problems.iter().map(told).collect::<Vec<_>>().join("; ")
}
