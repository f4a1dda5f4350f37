//! `workflows` of the file: review workflows by name. Problems in the file itself are reported when it is parsed; those that depend on
//! existing users, when it is applied.

use super::apply::SettingsApplier;
use super::parse::SettingsParser;
use crate::change::SettingChange;
use crate::walk::join_key;
use crate::workflows;
use cairn_model::workflow::{self, Workflow};
use cairn_store::StoreError;
use serde_json::{Map, Value as Json, json};

/// Changes by name; `Remove` deletes a workflow.
pub(crate) type WorkflowChanges = SettingChange<Vec<(String, SettingChange<Workflow>)>>;

impl SettingsParser<'_> {
    /// `workflows` of the file, or of a tenant.
    pub(super) fn parse_workflows(&mut self, map: &Map<String, Json>) -> WorkflowChanges {
        let path = "workflows";
        let json = match map.get(path) {
            None => return SettingChange::Keep,
            Some(Json::Null) => return SettingChange::Remove,
            Some(json) => json,
        };
        let mut found: Vec<(String, SettingChange<Workflow>)> = Vec::new();
        let mut read: Vec<Workflow> = Vec::new();
        for (name, json) in self.walk.read_map(json, path).into_iter().flatten() {
            let path = join_key(path, name);
            if json.is_null() {
                found.push((name.clone(), SettingChange::Remove));
                continue;
            }
            let problems = match workflow::read_workflow(name, json) {
                Err(problems) => problems,
                Ok(w) => {
                    let problems = workflow::check_workflow(&w, &read, self.registry, None);
                    read.push(w.clone());
                    found.push((w.name.clone(), SettingChange::Set(w)));
                    problems
                }
            };
            for p in problems {
                let dot = if p.path.is_empty() { "" } else { "." };
                self.walk.add_problem(&format!("{path}{dot}{}", p.path), p.message);
            }
        }
        SettingChange::Set(found)
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

/// The JSON Schema of one workflow.
pub(super) fn workflow_schema() -> Json {
    let names =
        |description: &str| json!({ "type": "array", "items": { "type": "string" }, "description": description });
    let stage = json!({
        "type": "object", "additionalProperties": false, "required": ["name"],
        "properties": {
            "name": { "type": "string", "maxLength": workflow::MAX_NAME_CHARS },
            "colour": { "type": "string", "pattern": "^#[0-9a-fA-F]{6}$" },
            "next": names("The stages that can follow; by default the next stage and all earlier ones"),
            "enter": names("The roles that can move a document into the stage; everybody by default"),
            "leave": names("The roles that can move a document out of the stage; everybody by default"),
            "backTo": { "type": "string", "description": "The stage that a document returns to when its content changes in this stage" },
        },
    });
    let approval = json!({
        "type": "object", "additionalProperties": false, "required": ["role"],
        "properties": {
            "role": { "type": "string" },
            "count": { "type": "integer", "minimum": 1, "maximum": workflow::MAX_APPROVAL_COUNT, "default": 1 },
            "before": { "type": "string", "description": "The stage that cannot be entered without these approvals" },
        },
    });
    json!({
        "type": "object", "additionalProperties": false, "required": ["contentTypes", "stages"],
        "properties": {
            "contentTypes": { "type": "array", "items": { "type": "string" }, "minItems": 1, "description": "Uids; a content type can have at most one workflow" },
            "stages": { "type": "array", "items": stage, "minItems": 1, "maxItems": workflow::MAX_STAGES },
            "approvals": { "type": "array", "items": approval, "maxItems": workflow::MAX_APPROVALS, "description": "Required before publishing" },
            "publishIn": names("The stages in which documents can be published; any stage by default"),
            "ownChanges": { "type": "boolean", "default": false, "description": "Whether people can approve their own changes" },
        },
    })
}
