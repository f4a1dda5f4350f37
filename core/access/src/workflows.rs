//! Stored review workflows: one setting, by name. For the definition of a workflow and its checks see [`cairn_model::workflow`].

use crate::SUPER_ADMIN;
use cairn_model::workflow::{self, Problem, Workflow};
use cairn_store::system::AdminUserRow;
use cairn_store::{Reader, StoreError, WriteTx};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// The key of the setting.
const SETTING: &str = "workflows";
/// Roles that admin users can have from the start, whether anybody has them or not.
const ROLES: [&str; 3] = [SUPER_ADMIN, "editor", "author"];

/// Reads every workflow, in the order of their names.
///
/// # Errors
/// Returns an error if the stored value is invalid: nothing is published past a workflow because it cannot be read.
pub fn stored(reader: &Reader<'_>) -> Result<Vec<Workflow>, StoreError> {
    let Some(json) = reader.setting(SETTING)? else { return Ok(Vec::new()) };
    let corrupt = |message: String| StoreError::Corrupt { place: format!("cairn_settings {SETTING}"), message };
    let map = json.as_object().ok_or_else(|| corrupt("it is not an object".into()))?;
    let read = |(name, json): (&String, &Json)| {
        workflow::read(name, json).map_err(|problems| corrupt(format!("{name}: {}", told(&problems))))
    };
    let mut all = map.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// The roles that workflows can name: those that admin users have, and those that always exist.
pub fn roles(admins: &[AdminUserRow]) -> BTreeSet<String> {
    let given = admins.iter().flat_map(|a| a.roles.iter().cloned());
    given.chain(ROLES.map(str::to_owned)).collect()
}

/// Replaces the stored workflows. The caller holds the settings ([`hold`]) and has checked them.
///
/// # Errors
/// Returns errors of the database.
pub fn store(tx: &mut WriteTx<'_>, all: &[Workflow]) -> Result<(), StoreError> {
    if all.is_empty() {
        return tx.delete_setting(SETTING);
    }
    let map: Map<String, Json> = all.iter().map(|w| (w.name.clone(), w.to_json())).collect();
    tx.set_setting(SETTING, &map.into())
}

/// Locks the settings until the end of the transaction.
///
/// # Errors
/// Returns errors of the database.
pub fn hold(tx: &WriteTx<'_>) -> Result<(), StoreError> {
    tx.hold_name(crate::control::SETTINGS)
}

fn told(problems: &[Problem]) -> String {
    let told = |p: &Problem| if p.path.is_empty() { p.message.clone() } else { format!("{}: {}", p.path, p.message) };
    problems.iter().map(told).collect::<Vec<_>>().join("; ")
}
