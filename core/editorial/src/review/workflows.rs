//! Workflows in the admin API.

use crate::Desk;
use crate::desk::{emit, not_found, refuse};
use cairn_access::workflows;
use cairn_content::{ContentError, RefusalKind, Result};
use cairn_model::workflow::{self, Problem, Workflow};
use cairn_store::events::Actor;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Largest number of workflows in a project.
const MOST: usize = 100;

fn shown(w: &Workflow) -> Json {
    let mut json = w.to_json();
    if let Some(map) = json.as_object_mut() {
        map.insert("name".to_owned(), w.name.clone().into());
    }
    json
}

fn wrong(problems: Vec<Problem>) -> ContentError {
    let told = |p: &Problem| if p.path.is_empty() { p.message.clone() } else { format!("{}: {}", p.path, p.message) };
    let message = match problems.as_slice() {
        [one] => told(one),
        many => format!("{} problems: {}", many.len(), many.iter().map(told).collect::<Vec<_>>().join("; ")),
    };
    let errors: Vec<Json> = problems
        .iter()
        .map(|p| {
            let path: Vec<&str> = p.path.split(['.', '[', ']']).filter(|part| !part.is_empty()).collect();
            json!({ "path": path, "message": p.message, "name": "ValidationError" })
        })
        .collect();
    refuse(RefusalKind::Validation, message, json!({ "errors": errors }))
}

impl Desk {
    /// Lists every workflow.
    ///
    /// # Errors
    /// Returns errors of the database.
    pub fn workflows(&self) -> Result<Vec<Json>> {
        Ok(self.store().read(workflows::stored)?.iter().map(shown).collect())
    }

    /// Gets the workflow with that name.
    ///
    /// # Errors
    /// 404 if there is none.
    pub fn workflow(&self, name: &str) -> Result<Json> {
        let all = self.store().read(workflows::stored)?;
        all.iter().find(|w| w.name == name).map(shown).ok_or_else(|| not_found("Workflow not found"))
    }

    /// Defines a workflow, or changes the one with that name.
    ///
    /// # Errors
    /// 400 with every problem of the definition.
    pub async fn define_workflow(&self, actor: &Arc<Actor>, name: &str, definition: &Json) -> Result<Json> {
        let workflow = workflow::read(name, definition).map_err(wrong)?;
        let (actor, now, answer) = (actor.clone(), self.now(), shown(&workflow));
        self.store()
            .write(move |tx| {
                workflows::hold(tx)?;
                let mut all = workflows::stored(&tx.reader())?;
                let roles = workflows::roles(&tx.reader().admin_users()?);
                let problems = workflow::check(&workflow, &all, &tx.registry(), Some(&roles));
                if !problems.is_empty() {
                    return Err(wrong(problems));
                }
                match all.iter().position(|w| w.name == workflow.name) {
                    Some(i) if all[i] == workflow => return Ok(()),
                    Some(i) => all[i] = workflow.clone(),
                    None if all.len() >= MOST => {
                        return Err(crate::desk::invalid(format!("A project can have at most {MOST} workflows")));
                    }
                    None => all.push(workflow.clone()),
                }
                workflows::store(tx, &all)?;
                let data = json!({ "name": workflow.name, "definition": workflow.to_json() });
                emit(tx, &actor, "cairn.workflow.changed", format!("workflow {}", workflow.name), data, now)
            })
            .await?;
        Ok(answer)
    }

    /// Deletes a workflow: its types are published without one. Moves and approvals stay, and count again if the workflow is defined again.
    ///
    /// # Errors
    /// 404 if there is none.
    pub async fn delete_workflow(&self, actor: &Arc<Actor>, name: &str) -> Result<()> {
        let (actor, now, name) = (actor.clone(), self.now(), name.to_owned());
        self.store()
            .write(move |tx| {
                workflows::hold(tx)?;
                let mut all = workflows::stored(&tx.reader())?;
                let before = all.len();
                all.retain(|w| w.name != name);
                if all.len() == before {
                    return Err(not_found("Workflow not found"));
                }
                workflows::store(tx, &all)?;
                emit(tx, &actor, "cairn.workflow.deleted", format!("workflow {name}"), json!({ "name": name }), now)
            })
            .await
    }
}
