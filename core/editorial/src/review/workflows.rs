//! Workflows in the admin API.

use super::WorkflowView;
use crate::EditorialService;
use crate::service::{emit_event, not_found, refusal_error};
use cairn_content::{ContentError, RefusalKind, Result};
use cairn_model::workflow::{self, WorkflowProblem};
use cairn_settings::workflows;
use cairn_store::events::Actor;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Largest number of workflows in a project.
const MAX_WORKFLOWS: usize = 100;

fn workflow_error(problems: Vec<WorkflowProblem>) -> ContentError {
    let format_problem =
        |p: &WorkflowProblem| if p.path.is_empty() { p.message.clone() } else { format!("{}: {}", p.path, p.message) };
    let message = match problems.as_slice() {
        [one] => format_problem(one),
        many => format!("{} problems: {}", many.len(), many.iter().map(format_problem).collect::<Vec<_>>().join("; ")),
    };
    let errors: Vec<Json> = problems
        .iter()
        .map(|p| {
            let parts = p.path.split(['.', '[', ']']).map(|part| part.trim_matches('"'));
            let path: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
            json!({ "path": path, "message": p.message, "name": "ValidationError" })
        })
        .collect();
    refusal_error(RefusalKind::Validation, message, json!({ "errors": errors }))
}

impl EditorialService {
    /// Lists every workflow. Returns an error if the database fails.
    pub fn list_workflows(&self) -> Result<Vec<WorkflowView>> {
        Ok(self.store().read(workflows::load_workflows)?.into_iter().map(WorkflowView::from).collect())
    }

    /// Gets the workflow with that name. Fails with 404 if there is none.
    pub fn get_workflow(&self, name: &str) -> Result<WorkflowView> {
        let all = self.store().read(workflows::load_workflows)?;
        let found = all.into_iter().find(|w| w.name == name);
        found.map(WorkflowView::from).ok_or_else(|| not_found("Workflow not found"))
    }

    /// Defines a workflow, or changes the one with that name. Fails with 400 and every problem of the definition.
    pub async fn define_workflow(&self, actor: &Arc<Actor>, name: &str, definition: &Json) -> Result<WorkflowView> {
        let workflow = workflows::read_workflow(name, definition).map_err(workflow_error)?;
        let (actor, now, view) = (actor.clone(), self.now(), WorkflowView::from(workflow.clone()));
        self.store()
            .write(move |tx| {
                workflows::lock_settings(tx)?;
                let mut all = workflows::load_workflows(&tx.reader())?;
                let roles = workflows::known_roles(&tx.reader().admin_users().list()?);
                let problems = workflow::check_workflow(&workflow, &all, &tx.registry(), Some(&roles));
                if !problems.is_empty() {
                    return Err(workflow_error(problems));
                }
                match all.iter().position(|w| w.name == workflow.name) {
                    Some(i) if all[i] == workflow => return Ok(()),
                    Some(i) => all[i] = workflow.clone(),
                    None if all.len() >= MAX_WORKFLOWS => {
                        return Err(crate::service::invalid_error(format!(
                            "A project can have at most {MAX_WORKFLOWS} workflows"
                        )));
                    }
                    None => all.push(workflow.clone()),
                }
                workflows::store_workflows(tx, &all)?;
                let data = json!({ "name": workflow.name, "definition": workflow.to_json() });
                emit_event(tx, &actor, "cairn.workflow.changed", format!("workflow {}", workflow.name), data, now)
            })
            .await?;
        Ok(view)
    }

    /// Deletes a workflow: its types are published without one. Moves and approvals stay, and count again if the workflow is defined again.
    /// Fails with 404 if there is none.
    pub async fn delete_workflow(&self, actor: &Arc<Actor>, name: &str) -> Result<()> {
        let (actor, now, name) = (actor.clone(), self.now(), name.to_owned());
        self.store()
            .write(move |tx| {
                workflows::lock_settings(tx)?;
                let mut all = workflows::load_workflows(&tx.reader())?;
                let before = all.len();
                all.retain(|w| w.name != name);
                if all.len() == before {
                    return Err(not_found("Workflow not found"));
                }
                workflows::store_workflows(tx, &all)?;
                emit_event(
                    tx,
                    &actor,
                    "cairn.workflow.deleted",
                    format!("workflow {name}"),
                    json!({ "name": name }),
                    now,
                )
            })
            .await
    }
}
