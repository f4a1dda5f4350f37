//! `workflows` of the file: review workflows by name. Problems in the file itself are reported when it is parsed; those that depend on
//! existing users, when it is applied.

use super::Change;
use super::apply::Apply;
use super::parse::Parser;
use super::walk::join;
use crate::workflows;
use cairn_model::workflow::{self, Workflow};
use cairn_store::StoreError;
use serde_json::{Map, Value as Json, json};

/// Changes by name; `Remove` deletes a workflow.
pub(crate) type WorkflowChanges = Change<Vec<(String, Change<Workflow>)>>;

impl Parser<'_> {
    /// `workflows` of the file, or of a tenant.
    pub(super) fn workflows(&mut self, map: &Map<String, Json>) -> WorkflowChanges {
        let path = "workflows";
        let json = match map.get(path) {
            None => return Change::Keep,
            Some(Json::Null) => return Change::Remove,
            Some(json) => json,
        };
        let mut found: Vec<(String, Change<Workflow>)> = Vec::new();
        let mut read: Vec<Workflow> = Vec::new();
        for (name, json) in self.walk.map(json, path).into_iter().flatten() {
            let path = join(path, name);
            if json.is_null() {
                found.push((name.clone(), Change::Remove));
                continue;
            }
            let problems = match workflow::read(name, json) {
                Err(problems) => problems,
                Ok(w) => {
                    let problems = workflow::check(&w, &read, self.registry, None);
                    read.push(w.clone());
                    found.push((w.name.clone(), Change::Set(w)));
                    problems
                }
            };
            for p in problems {
                let dot = if p.path.is_empty() { "" } else { "." };
                self.walk.problem(&format!("{path}{dot}{}", p.path), p.message);
            }
        }
        Change::Set(found)
    }
}

impl Apply<'_, '_> {
    /// Applies workflows; must run after the admin users, since the file may contain the roles that its workflows name.
    pub(super) fn workflows(&mut self, wanted: &WorkflowChanges) -> Result<(), StoreError> {
        let before = match wanted {
            Change::Keep => return Ok(()),
            Change::Remove | Change::Set(_) => workflows::stored(&self.tx.reader())?,
        };
        let mut after = before.clone();
        let Change::Set(changes) = wanted else {
            for w in &before {
                self.changes.push(format!("workflow {}: removed", w.name));
            }
            return if before.is_empty() { Ok(()) } else { workflows::store(self.tx, &[]) };
        };
        for (name, change) in changes {
            let old = after.iter().position(|w| w.name == *name);
            match (change, old) {
                (Change::Keep, _) | (Change::Remove, None) => {}
                (Change::Remove, Some(i)) => {
                    after.remove(i);
                    self.changes.push(format!("workflow {name}: removed"));
                }
                (Change::Set(w), Some(i)) if after[i] == *w => {}
                (Change::Set(w), Some(i)) => {
                    after[i] = w.clone();
                    self.changes.push(format!("workflow {name}: changed"));
                }
                (Change::Set(w), None) => {
                    after.push(w.clone());
                    self.changes.push(format!("workflow {name}: added"));
                }
            }
        }
        let registry = self.tx.registry();
        let roles = workflows::roles(&self.tx.reader().admin_users()?);
        let named = |name: &str| changes.iter().any(|(n, c)| n == name && matches!(c, Change::Set(_)));
        for w in after.iter().filter(|w| named(&w.name)) {
            for p in workflow::check(w, &after, &registry, Some(&roles)) {
                self.problem(format!("{}.{}", join("workflows", &w.name), p.path), p.message);
            }
        }
        if after == before { Ok(()) } else { workflows::store(self.tx, &after) }
    }
}

/// The JSON Schema of one workflow.
pub(super) fn schema() -> Json {
    let names =
        |description: &str| json!({ "type": "array", "items": { "type": "string" }, "description": description });
    let stage = json!({
        "type": "object", "additionalProperties": false, "required": ["name"],
        "properties": {
            "name": { "type": "string", "maxLength": workflow::MAX_NAME },
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
            "count": { "type": "integer", "minimum": 1, "maximum": workflow::MAX_COUNT, "default": 1 },
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
