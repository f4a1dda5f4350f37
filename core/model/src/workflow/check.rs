//! Checks of a workflow as a whole, and against the model, the users and the other workflows.

use super::{Workflow, WorkflowProblem};
use crate::Registry;
use std::collections::BTreeSet;

/// Checks a workflow whose form is valid. `others`: the project's other workflows. `roles`: the roles that admin users can have; `None`
/// if that is not known yet.
///
/// Refuses stages that cannot be reached, stages from which publishing cannot be reached any more (a dead end, or an endless cycle), types
/// that do not exist, have no drafts or have another workflow, and roles that nobody has.
pub fn check_workflow(
    workflow: &Workflow,
    others: &[Workflow],
    registry: &Registry,
    roles: Option<&BTreeSet<String>>,
) -> Vec<WorkflowProblem> {
    let mut problems = Vec::new();
    check_types(workflow, others, registry, &mut problems);
    check_stage_paths(workflow, &mut problems);
    if let Some(known) = roles {
        for (path, role) in workflow.named_roles().into_iter().filter(|(_, role)| !known.contains(*role)) {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let message = format!(
                "no admin user has the role {role:?}: assign it to someone first; existing roles are: {}",
                known.join(", ")
            );
            problems.push(WorkflowProblem { path, message });
        }
    }
    problems
}

fn check_types(workflow: &Workflow, others: &[Workflow], registry: &Registry, problems: &mut Vec<WorkflowProblem>) {
    for (i, uid) in workflow.content_types.iter().enumerate() {
        let message = match registry.by_uid(uid) {
            None => format!("content type {uid:?} not found"),
            Some(t) if !t.is_api() || !t.draft_publish => {
                format!("{uid} has no drafts, so it cannot be reviewed before it is published: enable draftAndPublish")
            }
            Some(_) => match others.iter().find(|o| o.name != workflow.name && o.content_types.contains(uid)) {
                Some(other) => {
                    format!("{uid} already has the workflow {:?}; a content type can have at most one", other.name)
                }
                None => continue,
            },
        };
        problems.push(WorkflowProblem { path: format!("contentTypes[{i}]"), message });
    }
}

/// Checks the ways between stages.
fn check_stage_paths(workflow: &Workflow, problems: &mut Vec<WorkflowProblem>) {
    let Some(first) = workflow.stages.first() else { return };
    let place = |name: &str| workflow.stages.iter().position(|s| s.name == name);
    for (i, stage) in workflow.stages.iter().enumerate() {
        for (n, next) in stage.next.iter().enumerate().filter(|(_, next)| **next == stage.name) {
            let message = format!("{next:?} cannot follow itself");
            problems.push(WorkflowProblem { path: format!("stages[{i}].next[{n}]"), message });
        }
        if stage.back_to.as_ref() == Some(&stage.name) {
            let message = "must name another stage; leave it out if the document should stay in this stage".to_owned();
            problems.push(WorkflowProblem { path: format!("stages[{i}].backTo"), message });
        }
    }
    // From the first one on, in the direction of the moves. A change of content moves as well.
    let onwards = |i: usize| {
        let stage = &workflow.stages[i];
        stage.next.iter().chain(&stage.back_to).filter_map(|n| place(n)).collect::<Vec<_>>()
    };
    let reached = transitive_closure(vec![0], workflow.stages.len(), onwards);
    for (i, stage) in workflow.stages.iter().enumerate().filter(|(i, _)| !reached.contains(i)) {
        let message = format!(
            "the stage {:?} cannot be reached from {:?}: add it to the next of a reachable stage",
            stage.name, first.name
        );
        problems.push(WorkflowProblem { path: format!("stages[{i}]"), message });
    }
    // Against the direction of the moves, from where may be published.
    let goals: Vec<usize> = workflow.goal_stages().into_iter().filter_map(place).collect();
    let backwards = |i: usize| {
        let name = &workflow.stages[i].name;
        let before = workflow.stages.iter().enumerate().filter(|(_, s)| s.next.contains(name));
        before.map(|(n, _)| n).collect::<Vec<_>>()
    };
    let leading = transitive_closure(goals, workflow.stages.len(), backwards);
    for (i, stage) in workflow.stages.iter().enumerate().filter(|(i, _)| !leading.contains(i)) {
        let goals = workflow.goal_stages().join(", ");
        // A stage after publishing (an archive) may be the end.
        let after = i + 1 == workflow.stages.len();
        if after {
            continue;
        }
        let reason = if stage.next.is_empty() { "the stage has no next stage" } else { "its next stages form a loop" };
        let message = format!(
            "from {:?} no stage can be reached in which documents can be published ({goals}): {reason}",
            stage.name
        );
        problems.push(WorkflowProblem { path: format!("stages[{i}].next"), message });
    }
}

fn transitive_closure(from: Vec<usize>, n: usize, step: impl Fn(usize) -> Vec<usize>) -> BTreeSet<usize> {
    let mut found: BTreeSet<usize> = from.iter().copied().filter(|i| *i < n).collect();
    let mut open: Vec<usize> = found.iter().copied().collect();
    while let Some(i) = open.pop() {
        for next in step(i) {
            if found.insert(next) {
                open.push(next);
            }
        }
    }
    found
}
