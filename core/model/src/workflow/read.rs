//! Parses workflows from JSON, and reports every problem of the form at once.

use super::{
    Approval, MAX_APPROVAL_COUNT, MAX_APPROVALS, MAX_NAME_CHARS, MAX_STAGES, Stage, Workflow, WorkflowProblem,
};
use serde_json::{Map, Value as Json};

/// Parses a workflow. Problems that depend on other workflows, the model or the users are found by [`super::check_workflow`].
///
/// # Errors
/// Returns every problem of the form: unknown keys, wrong types, names that are missing, too long or duplicate,
/// references to missing stages.
pub fn read_workflow(name: &str, json: &Json) -> Result<Workflow, Vec<WorkflowProblem>> {
    let mut r = WorkflowReader { problems: Vec::new() };
    let workflow = r.read_fields(name, json);
    match workflow {
        Some(workflow) if r.problems.is_empty() => Ok(workflow),
        _ => Err(r.problems),
    }
}

struct WorkflowReader {
    problems: Vec<WorkflowProblem>,
}

impl WorkflowReader {
    fn report_problem(&mut self, path: &str, message: impl Into<String>) {
        if !self.problems.iter().any(|p| p.path == path) {
            self.problems.push(WorkflowProblem { path: path.to_owned(), message: message.into() });
        }
    }

    fn read_object<'j>(&mut self, json: &'j Json, path: &str, known: &[&str]) -> Option<&'j Map<String, Json>> {
        let Some(map) = json.as_object() else {
            self.report_problem(path, "expected an object");
            return None;
        };
        for key in map.keys().filter(|k| !known.contains(&k.as_str())) {
            let text: String = key.chars().take(MAX_NAME_CHARS).collect();
            self.report_problem(&join_path(path, &text), format!("unknown key; known keys: {}", known.join(", ")));
        }
        Some(map)
    }

    fn read_list<'j>(&mut self, json: Option<&'j Json>, path: &str, limit: usize) -> &'j [Json] {
        match json {
            None | Some(Json::Null) => &[],
            Some(Json::Array(list)) if list.len() <= limit => list,
            Some(Json::Array(_)) => {
                self.report_problem(path, format!("has more than {limit} elements"));
                &[]
            }
            Some(_) => {
                self.report_problem(path, "expected a list");
                &[]
            }
        }
    }

    /// Parses a text of one line that is not too long.
    fn read_name(&mut self, json: Option<&Json>, path: &str) -> Option<String> {
        let text = match json {
            Some(Json::String(text)) => text.trim(),
            None | Some(Json::Null) => {
                self.report_problem(path, "is missing");
                return None;
            }
            Some(_) => {
                self.report_problem(path, "expected a text");
                return None;
            }
        };
        if text.is_empty() || text.chars().count() > MAX_NAME_CHARS || text.chars().any(char::is_control) {
            self.report_problem(path, format!("must be one line of 1 to {MAX_NAME_CHARS} characters"));
            return None;
        }
        Some(text.to_owned())
    }

    fn read_names(&mut self, json: Option<&Json>, path: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (i, json) in self.read_list(json, path, 100).iter().enumerate() {
            let path = format!("{path}[{i}]");
            let Some(name) = self.read_name(Some(json), &path) else { continue };
            match names.contains(&name) {
                true => self.report_problem(&path, format!("{name:?} occurs twice")),
                false => names.push(name),
            }
        }
        names
    }

    fn read_fields(&mut self, name: &str, json: &Json) -> Option<Workflow> {
        let name = self.read_name(Some(&name.into()), "")?;
        let known = ["contentTypes", "stages", "approvals", "publishIn", "ownChanges"];
        let map = self.read_object(json, "", &known)?;
        let content_types = self.read_uids(map);
        let stages = self.read_stages(map);
        let approvals = self.read_approvals(map);
        let publish_in = self.read_names(map.get("publishIn"), "publishIn");
        let own_changes = match map.get("ownChanges") {
            None | Some(Json::Null) => false,
            Some(Json::Bool(own)) => *own,
            Some(_) => {
                self.report_problem("ownChanges", "expected true or false");
                false
            }
        };
        let workflow = Workflow { name, content_types, stages, approvals, publish_in, own_changes };
        self.check_named_stages(&workflow);
        Some(workflow)
    }

    fn read_uids(&mut self, map: &Map<String, Json>) -> Vec<String> {
        let path = "contentTypes";
        let mut uids = Vec::new();
        for (i, json) in self.read_list(map.get(path), path, 500).iter().enumerate() {
            match json.as_str() {
                Some(uid) if uids.iter().any(|u| u == uid) => {
                    self.report_problem(&format!("{path}[{i}]"), format!("{uid:?} occurs twice"));
                }
                Some(uid) if uid.len() <= 200 => uids.push(uid.to_owned()),
                _ => self.report_problem(
                    &format!("{path}[{i}]"),
                    "expected the uid of a content type, such as api::page.page",
                ),
            }
        }
        if uids.is_empty() {
            self.report_problem(path, "must name at least one content type");
        }
        uids
    }

    fn read_stages(&mut self, map: &Map<String, Json>) -> Vec<Stage> {
        let path = "stages";
        let list = self.read_list(map.get(path), path, MAX_STAGES);
        if list.is_empty() {
            self.report_problem(path, "a workflow must have at least one stage");
        }
        let known = ["name", "colour", "next", "enter", "leave", "backTo"];
        let mut stages: Vec<Stage> = Vec::new();
        let mut unsaid = Vec::new();
        for (i, json) in list.iter().enumerate() {
            let path = format!("{path}[{i}]");
            let Some(map) = self.read_object(json, &path, &known) else { continue };
            let Some(name) = self.read_name(map.get("name"), &join_path(&path, "name")) else { continue };
            if stages.iter().any(|s| s.name.to_lowercase() == name.to_lowercase()) {
                self.report_problem(&join_path(&path, "name"), format!("another stage is already called {name:?}"));
            }
            let colour = self.read_colour(map.get("colour"), &join_path(&path, "colour"));
            if map.get("next").is_none_or(Json::is_null) {
                unsaid.push(stages.len());
            }
            let back_to = match map.get("backTo") {
                None | Some(Json::Null) => None,
                some => self.read_name(some, &join_path(&path, "backTo")),
            };
            stages.push(Stage {
                name,
                colour,
                next: self.read_names(map.get("next"), &join_path(&path, "next")),
                enter: self.read_names(map.get("enter"), &join_path(&path, "enter")),
                leave: self.read_names(map.get("leave"), &join_path(&path, "leave")),
                back_to,
            });
        }
        // Where nothing is said: on to the next one, and back to any before.
        for i in unsaid {
            let others = stages.iter().enumerate().filter(|(n, _)| *n < i || *n == i + 1);
            stages[i].next = others.map(|(_, s)| s.name.clone()).collect();
        }
        stages
    }

    fn read_colour(&mut self, json: Option<&Json>, path: &str) -> Option<String> {
        let json = json.filter(|j| !j.is_null())?;
        let good = |text: &&str| {
            text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
        };
        let colour = json.as_str().filter(good);
        if colour.is_none() {
            self.report_problem(path, "expected a colour such as #0b57a4");
        }
        colour.map(str::to_lowercase)
    }

    fn read_approvals(&mut self, map: &Map<String, Json>) -> Vec<Approval> {
        let path = "approvals";
        let mut approvals: Vec<Approval> = Vec::new();
        for (i, json) in self.read_list(map.get(path), path, MAX_APPROVALS).iter().enumerate() {
            let path = format!("{path}[{i}]");
            let Some(map) = self.read_object(json, &path, &["role", "count", "before"]) else { continue };
            let count = match map.get("count") {
                None | Some(Json::Null) => 1,
                Some(json) => json.as_u64().filter(|n| (1..=MAX_APPROVAL_COUNT).contains(n)).unwrap_or_else(|| {
                    self.report_problem(
                        &join_path(&path, "count"),
                        format!("expected a whole number from 1 to {MAX_APPROVAL_COUNT}"),
                    );
                    1
                }),
            };
            let before = match map.get("before") {
                None | Some(Json::Null) => None,
                some => self.read_name(some, &join_path(&path, "before")),
            };
            let Some(role) = self.read_name(map.get("role"), &join_path(&path, "role")) else { continue };
            if approvals.iter().any(|a| a.role == role && a.before == before) {
                self.report_problem(
                    &path,
                    format!("the approvals of {role:?} are listed twice; use a higher count instead"),
                );
            }
            approvals.push(Approval { role, count, before });
        }
        approvals
    }

    /// Checks that every stage that is referred to exists.
    fn check_named_stages(&mut self, workflow: &Workflow) {
        let known: Vec<&str> = workflow.stages.iter().map(|s| s.name.as_str()).collect();
        let mut missing = Vec::new();
        let mut look = |path: String, name: &str| {
            if !known.contains(&name) {
                missing.push((path, format!("stage {name:?} not found; the stages are {}", known.join(", "))));
            }
        };
        for (i, stage) in workflow.stages.iter().enumerate() {
            for (n, next) in stage.next.iter().enumerate() {
                look(format!("stages[{i}].next[{n}]"), next);
            }
            if let Some(back) = &stage.back_to {
                look(format!("stages[{i}].backTo"), back);
            }
        }
        for (i, a) in workflow.approvals.iter().enumerate() {
            if let Some(before) = &a.before {
                look(format!("approvals[{i}].before"), before);
            }
        }
        for (i, stage) in workflow.publish_in.iter().enumerate() {
            look(format!("publishIn[{i}]"), stage);
        }
        for (path, message) in missing {
            self.report_problem(&path, message);
        }
    }
}

fn join_path(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
