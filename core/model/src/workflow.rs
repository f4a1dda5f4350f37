//! Review workflows: the stages of a type's documents, who may move them, and the approvals that they need before they are published. Pure:
//! the definition and its validation. Definitions are read from JSON by `cairn-settings`; moves and approvals are in `cairn-editorial`.
//!
//! A document that nobody has moved is in the first stage.

mod check;

pub use check::check_workflow;

use serde_json::{Map, Value as Json, json};

/// Largest number of stages of one workflow.
pub const MAX_STAGES: usize = 30;
/// Largest number of kinds of approvals of one workflow.
pub const MAX_APPROVALS: usize = 20;
/// Largest number of approvals of one role.
pub const MAX_APPROVAL_COUNT: u64 = 20;
/// Longest name of a workflow, stage or role, in characters.
pub const MAX_NAME_CHARS: usize = 60;

/// A problem of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowProblem {
    /// Path in the definition: `stages[2].next[0]`; empty for the whole of it.
    pub path: String,
    /// The problem, and how to solve it.
    pub message: String,
}

/// A review workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// Its name, unique in a project.
    pub name: String,
    /// Uids of the content types that it applies to. A type has one workflow at most.
    pub content_types: Vec<String>,
    /// Stages in order; every document begins in the first.
    pub stages: Vec<Stage>,
    /// The required approvals.
    pub approvals: Vec<Approval>,
    /// The stages in which a document may be published; empty: any.
    pub publish_in: Vec<String>,
    /// True if users may approve changes that they have made themselves.
    pub own_changes: bool,
}

/// A stage of a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Its name, unique in the workflow.
    pub name: String,
    /// Colour of the stage as `#rrggbb`.
    pub colour: Option<String>,
    /// The stages that a document may be moved to from here.
    pub next: Vec<String>,
    /// Roles that may move a document into it; empty: everybody.
    pub enter: Vec<String>,
    /// Roles that may move a document out of it; empty: everybody.
    pub leave: Vec<String>,
    /// The stage to which a document returns when its content changes in this one; `None`: it stays.
    pub back_to: Option<String>,
}

/// Approvals that are required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Code of the role that approves.
    pub role: String,
    /// Number of people with the role who have to approve.
    pub count: u64,
    /// The stage that requires them; `None`: only publishing does.
    pub before: Option<String>,
}

impl Workflow {
    /// Gets the stage with that name.
    pub fn find_stage(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|s| s.name == name)
    }

    /// True if a document in that stage may be published, apart from its approvals.
    pub fn publishes_in(&self, stage: &str) -> bool {
        self.publish_in.is_empty() || self.publish_in.iter().any(|s| s == stage)
    }

    /// The final stages: those in which documents may be published, or the last one.
    fn goal_stages(&self) -> Vec<&str> {
        match self.publish_in.is_empty() {
            false => self.publish_in.iter().map(String::as_str).collect(),
            true => self.stages.last().map(|s| s.name.as_str()).into_iter().collect(),
        }
    }

    /// Number of people with a role who have to approve before publishing; 0: none.
    pub fn approvals_needed(&self, role: &str) -> u64 {
        self.approvals.iter().filter(|a| a.role == role).map(|a| a.count).max().unwrap_or(0)
    }

    /// The approvals that publishing requires: all that the workflow names, each role once, with the greatest count.
    pub fn needed_to_publish(&self) -> Vec<(&str, u64)> {
        self.roles_of(|_| true)
    }

    /// The approvals that entering a stage requires.
    pub fn needed_to_enter(&self, stage: &str) -> Vec<(&str, u64)> {
        self.roles_of(|a| a.before.as_deref() == Some(stage))
    }

    /// The approvals that name no stage: only publishing requires them.
    pub fn needed_without_stage(&self) -> Vec<(&str, u64)> {
        self.roles_of(|a| a.before.is_none())
    }

    /// True if a document can be moved on from that stage to one in which it may be published. Not from the first stage, in which it is still
    /// being written.
    pub fn precedes_publishing(&self, stage: &str) -> bool {
        let position = |name: &str| self.stages.iter().position(|s| s.name == name);
        match position(stage) {
            None | Some(0) => false,
            Some(at) => self.stages[at].next.iter().any(|n| self.publishes_in(n) && position(n) > Some(at)),
        }
    }

    fn roles_of(&self, which: impl Fn(&Approval) -> bool) -> Vec<(&str, u64)> {
        let mut roles: Vec<(&str, u64)> = Vec::new();
        for a in self.approvals.iter().filter(|a| which(a)) {
            match roles.iter_mut().find(|(role, _)| *role == a.role) {
                Some((_, count)) => *count = a.count.max(*count),
                None => roles.push((&a.role, a.count)),
            }
        }
        roles
    }

    /// Every role that it names, with its path.
    pub fn named_roles(&self) -> Vec<(String, &str)> {
        let mut all = Vec::new();
        for (i, stage) in self.stages.iter().enumerate() {
            for (key, roles) in [("enter", &stage.enter), ("leave", &stage.leave)] {
                all.extend(
                    roles.iter().enumerate().map(|(n, role)| (format!("stages[{i}].{key}[{n}]"), role.as_str())),
                );
            }
        }
        all.extend(self.approvals.iter().enumerate().map(|(i, a)| (format!("approvals[{i}].role"), a.role.as_str())));
        all
    }

    /// The form in a settings file, without the name.
    pub fn to_json(&self) -> Json {
        let stages: Vec<Json> = self.stages.iter().map(Stage::to_json).collect();
        let approvals: Vec<Json> = self.approvals.iter().map(Approval::to_json).collect();
        let mut json = json!({ "contentTypes": self.content_types, "stages": stages });
        let map = json.as_object_mut();
        if let Some(map) = map {
            insert_some(map, "approvals", (!approvals.is_empty()).then_some(approvals.into()));
            insert_some(map, "publishIn", (!self.publish_in.is_empty()).then_some(self.publish_in.clone().into()));
            insert_some(map, "ownChanges", self.own_changes.then_some(true.into()));
        }
        json
    }
}

impl Stage {
    fn to_json(&self) -> Json {
        let list = |l: &Vec<String>| (!l.is_empty()).then(|| l.clone().into());
        let mut map = Map::new();
        map.insert("name".into(), self.name.clone().into());
        insert_some(&mut map, "colour", self.colour.clone().map(Json::from));
        // Always said: what is not said means something else.
        map.insert("next".into(), self.next.clone().into());
        insert_some(&mut map, "enter", list(&self.enter));
        insert_some(&mut map, "leave", list(&self.leave));
        insert_some(&mut map, "backTo", self.back_to.clone().map(Json::from));
        map.into()
    }
}

impl Approval {
    fn to_json(&self) -> Json {
        let mut map = Map::new();
        map.insert("role".into(), self.role.clone().into());
        map.insert("count".into(), self.count.into());
        insert_some(&mut map, "before", self.before.clone().map(Json::from));
        map.into()
    }
}

fn insert_some(map: &mut Map<String, Json>, key: &str, value: Option<Json>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value);
    }
}
