//! Parses workflows from JSON, and reports every problem of the form at once.

use super::{Approval, MAX_APPROVALS, MAX_COUNT, MAX_NAME, MAX_STAGES, Problem, Stage, Workflow};
use serde_json::{Map, Value as Json};

/// Parses a workflow. Problems that depend on other workflows, the model or the users are found by [`super::check`].
///
/// # Errors
/// Returns every problem of the form: unknown keys, wrong types, names that are missing, too long or duplicate,
/// references to missing stages.
pub fn read(name: &str, json: &Json) -> Result<Workflow, Vec<Problem>> {
    let mut r = Reading { problems: Vec::new() };
    let workflow = r.workflow(name, json);
    match workflow {
        Some(workflow) if r.problems.is_empty() => Ok(workflow),
        _ => Err(r.problems),
    }
}

struct Reading {
    problems: Vec<Problem>,
}

impl Reading {
    fn problem(&mut self, path: &str, message: impl Into<String>) {
        if !self.problems.iter().any(|p| p.path == path) {
            self.problems.push(Problem { path: path.to_owned(), message: message.into() });
        }
    }

    fn object<'j>(&mut self, json: &'j Json, path: &str, known: &[&str]) -> Option<&'j Map<String, Json>> {
        let Some(map) = json.as_object() else {
            self.problem(path, "expected an object");
            return None;
        };
        for key in map.keys().filter(|k| !known.contains(&k.as_str())) {
            let shown: String = key.chars().take(MAX_NAME).collect();
            self.problem(&join(path, &shown), format!("unknown key; known keys: {}", known.join(", ")));
        }
        Some(map)
    }

    fn list<'j>(&mut self, json: Option<&'j Json>, path: &str, most: usize) -> &'j [Json] {
        match json {
            None | Some(Json::Null) => &[],
            Some(Json::Array(list)) if list.len() <= most => list,
            Some(Json::Array(_)) => {
                self.problem(path, format!("has more than {most} elements"));
                &[]
            }
            Some(_) => {
                self.problem(path, "expected a list");
                &[]
            }
        }
    }

    /// Parses a text of one line that is not too long.
    fn name(&mut self, json: Option<&Json>, path: &str) -> Option<String> {
        let text = match json {
            Some(Json::String(text)) => text.trim(),
            None | Some(Json::Null) => {
                self.problem(path, "is missing");
                return None;
            }
            Some(_) => {
                self.problem(path, "expected a text");
                return None;
            }
        };
        if text.is_empty() || text.chars().count() > MAX_NAME || text.chars().any(char::is_control) {
            self.problem(path, format!("must be one line of 1 to {MAX_NAME} characters"));
            return None;
        }
        Some(text.to_owned())
    }

    fn names(&mut self, json: Option<&Json>, path: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (i, json) in self.list(json, path, 100).iter().enumerate() {
            let path = format!("{path}[{i}]");
            let Some(name) = self.name(Some(json), &path) else { continue };
            match names.contains(&name) {
                true => self.problem(&path, format!("{name:?} occurs twice")),
                false => names.push(name),
            }
        }
        names
    }

    fn workflow(&mut self, name: &str, json: &Json) -> Option<Workflow> {
        let name = self.name(Some(&name.into()), "")?;
        let known = ["contentTypes", "stages", "approvals", "publishIn", "ownChanges"];
        let map = self.object(json, "", &known)?;
        let content_types = self.uids(map);
        let stages = self.stages(map);
        let approvals = self.approvals(map);
        let publish_in = self.names(map.get("publishIn"), "publishIn");
        let own_changes = match map.get("ownChanges") {
            None | Some(Json::Null) => false,
            Some(Json::Bool(own)) => *own,
            Some(_) => {
                self.problem("ownChanges", "expected true or false");
                false
            }
        };
        let workflow = Workflow { name, content_types, stages, approvals, publish_in, own_changes };
        self.stages_named(&workflow);
        Some(workflow)
    }

    fn uids(&mut self, map: &Map<String, Json>) -> Vec<String> {
        let path = "contentTypes";
        let mut uids = Vec::new();
        for (i, json) in self.list(map.get(path), path, 500).iter().enumerate() {
            match json.as_str() {
                Some(uid) if uids.iter().any(|u| u == uid) => {
                    self.problem(&format!("{path}[{i}]"), format!("{uid:?} occurs twice"));
                }
                Some(uid) if uid.len() <= 200 => uids.push(uid.to_owned()),
                _ => {
                    self.problem(&format!("{path}[{i}]"), "expected the uid of a content type, such as api::page.page")
                }
            }
        }
        if uids.is_empty() {
            self.problem(path, "must name at least one content type");
        }
        uids
    }

    fn stages(&mut self, map: &Map<String, Json>) -> Vec<Stage> {
        let path = "stages";
        let list = self.list(map.get(path), path, MAX_STAGES);
        if list.is_empty() {
            self.problem(path, "a workflow must have at least one stage");
        }
        let known = ["name", "colour", "next", "enter", "leave", "backTo"];
        let mut stages: Vec<Stage> = Vec::new();
        let mut unsaid = Vec::new();
        for (i, json) in list.iter().enumerate() {
            let path = format!("{path}[{i}]");
            let Some(map) = self.object(json, &path, &known) else { continue };
            let Some(name) = self.name(map.get("name"), &join(&path, "name")) else { continue };
            if stages.iter().any(|s| s.name.to_lowercase() == name.to_lowercase()) {
                self.problem(&join(&path, "name"), format!("another stage is already called {name:?}"));
            }
            let colour = self.colour(map.get("colour"), &join(&path, "colour"));
            if map.get("next").is_none_or(Json::is_null) {
                unsaid.push(stages.len());
            }
            let back_to = match map.get("backTo") {
                None | Some(Json::Null) => None,
                some => self.name(some, &join(&path, "backTo")),
            };
            stages.push(Stage {
                name,
                colour,
                next: self.names(map.get("next"), &join(&path, "next")),
                enter: self.names(map.get("enter"), &join(&path, "enter")),
                leave: self.names(map.get("leave"), &join(&path, "leave")),
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

    fn colour(&mut self, json: Option<&Json>, path: &str) -> Option<String> {
        let json = json.filter(|j| !j.is_null())?;
        let good = |text: &&str| {
            text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
        };
        let colour = json.as_str().filter(good);
        if colour.is_none() {
            self.problem(path, "expected a colour such as #0b57a4");
        }
        colour.map(str::to_lowercase)
    }

    fn approvals(&mut self, map: &Map<String, Json>) -> Vec<Approval> {
        let path = "approvals";
        let mut approvals: Vec<Approval> = Vec::new();
        for (i, json) in self.list(map.get(path), path, MAX_APPROVALS).iter().enumerate() {
            let path = format!("{path}[{i}]");
            let Some(map) = self.object(json, &path, &["role", "count", "before"]) else { continue };
            let count = match map.get("count") {
                None | Some(Json::Null) => 1,
                Some(json) => json.as_u64().filter(|n| (1..=MAX_COUNT).contains(n)).unwrap_or_else(|| {
                    self.problem(&join(&path, "count"), format!("expected a whole number from 1 to {MAX_COUNT}"));
                    1
                }),
            };
            let before = match map.get("before") {
                None | Some(Json::Null) => None,
                some => self.name(some, &join(&path, "before")),
            };
            let Some(role) = self.name(map.get("role"), &join(&path, "role")) else { continue };
            if approvals.iter().any(|a| a.role == role && a.before == before) {
                self.problem(&path, format!("the approvals of {role:?} are listed twice; use a higher count instead"));
            }
            approvals.push(Approval { role, count, before });
        }
        approvals
    }

    /// Checks that every stage that is referred to exists.
    fn stages_named(&mut self, workflow: &Workflow) {
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
            self.problem(&path, message);
        }
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
