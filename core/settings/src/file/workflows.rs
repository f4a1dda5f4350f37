//! `workflows` of the file: review workflows by name. Problems in the file itself are reported when it is parsed; those that depend on
//! existing users, when it is applied.

use super::applier::SettingsApplier;
use super::parser::SettingsParser;
use crate::change::{SettingChange, SettingsProblem};
use crate::input::read_each_entry;
use crate::problems::join_key;
use crate::workflows;
use cairn_model::workflow::{self, Workflow};
use cairn_store::StoreError;
use serde_json::Value as Json;

/// Changes by name; `Remove` deletes a workflow.
pub(crate) type WorkflowChanges = SettingChange<Vec<(String, SettingChange<Workflow>)>>;

impl SettingsParser<'_> {
    /// `workflows` of the file, or of a tenant.
    pub(super) fn parse_workflows(&mut self, json: &Json) -> Vec<(String, SettingChange<Workflow>)> {
        let (registry, mut found) = (self.registry, Vec::new());
        let mut read: Vec<Workflow> = Vec::new();
        read_each_entry(self.problems, json, "workflows", |problems, name, json, path| {
            if json.is_null() {
                found.push((name.to_owned(), SettingChange::Remove));
                return;
            }
            let below = match workflows::read_workflow(name, json) {
                Err(problems) => problems,
                Ok(w) => {
                    let problems = workflow::check_workflow(&w, &read, registry, None);
                    read.push(w.clone());
                    found.push((w.name.clone(), SettingChange::Set(w)));
                    problems
                }
            };
            let below = below.into_iter().map(|p| SettingsProblem { path: p.path, message: p.message });
            problems.add_problems_below(path, below);
        });
        found
    }
}

impl SettingsApplier<'_, '_> {
    /// Applies workflows; must run after the admin users, since the file may contain the roles that its workflows name.
    pub(super) fn apply_workflows(&mut self, setting_change: &WorkflowChanges) -> Result<(), StoreError> {
        let before = match setting_change {
            SettingChange::Keep => return Ok(()),
            SettingChange::Remove | SettingChange::Set(_) => workflows::load_workflows(&self.tx.reader())?,
        };
        let mut after = before.clone();
        let SettingChange::Set(changes) = setting_change else {
            for w in &before {
                self.changes.push(format!("workflow {}: removed", w.name));
            }
            return if before.is_empty() { Ok(()) } else { workflows::store_workflows(self.tx, &[]) };
        };
        for (name, change) in changes {
            let old = after.iter().position(|w| w.name == *name);
            match (change, old) {
                (SettingChange::Keep, _) | (SettingChange::Remove, None) => {}
                (SettingChange::Remove, Some(i)) => {
                    after.remove(i);
                    self.changes.push(format!("workflow {name}: removed"));
                }
                (SettingChange::Set(w), Some(i)) if after[i] == *w => {}
                (SettingChange::Set(w), Some(i)) => {
                    after[i] = w.clone();
                    self.changes.push(format!("workflow {name}: changed"));
                }
                (SettingChange::Set(w), None) => {
                    after.push(w.clone());
                    self.changes.push(format!("workflow {name}: added"));
                }
            }
        }
        let registry = self.tx.registry();
        let roles = workflows::known_roles(&self.tx.reader().admin_users().list()?);
        let named = |name: &str| changes.iter().any(|(n, c)| n == name && matches!(c, SettingChange::Set(_)));
        for w in after.iter().filter(|w| named(&w.name)) {
            for p in workflow::check_workflow(w, &after, &registry, Some(&roles)) {
                self.add_problem(format!("{}.{}", join_key("workflows", &w.name), p.path), p.message);
            }
        }
        if after == before { Ok(()) } else { workflows::store_workflows(self.tx, &after) }
    }
}
