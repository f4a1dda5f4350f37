//! Reads workflows from a settings file or the admin.

use crate::identity::parse_colour;
use crate::input::{read_checked_elements, read_elements_up_to, read_input, read_optional, read_text};
use crate::problems::{ProblemList, join_index, join_key};
use crate::text::checked_text;
use cairn_model::workflow::{
    Approval, MAX_APPROVAL_COUNT, MAX_APPROVALS, MAX_NAME_CHARS, MAX_STAGES, Stage, Workflow, WorkflowProblem,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::HashSet;

/// Largest number of stages or roles in one list of names.
const MAX_NAMES: usize = 100;
/// Largest number of content types of one workflow.
const MAX_CONTENT_TYPES: usize = 500;
/// Longest uid of a content type, in bytes.
const MAX_UID_BYTES: usize = 200;
/// The problem of a workflow without stages.
const NO_STAGES: &str = "a workflow must have at least one stage";

/// A workflow as JSON, without its name. `null` means the same as a key that is left out.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, extend("required" = ["contentTypes", "stages"]))]
pub(crate) struct WorkflowInput {
    #[serde(default, deserialize_with = "read_optional")]
    #[schemars(with = "TypeUids", description = "Uids; a content type can have at most one workflow")]
    content_types: Option<TypeUids>,
    #[serde(default, deserialize_with = "read_optional")]
    #[schemars(with = "StageInputs")]
    stages: Option<StageInputs>,
    #[serde(default, deserialize_with = "read_optional")]
    #[schemars(with = "ApprovalInputs", description = "Required before publishing")]
    approvals: Option<ApprovalInputs>,
    #[serde(default, deserialize_with = "read_optional")]
    #[schemars(with = "Names", description = "The stages in which documents can be published; any stage by default")]
    publish_in: Option<Names>,
    #[serde(default, deserialize_with = "read_optional")]
    #[schemars(with = "bool", description = "Whether people can approve their own changes", extend("default" = false))]
    own_changes: Option<bool>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, extend("required" = ["name"]))]
struct StageInput {
    #[serde(default, deserialize_with = "read_optional")]
    #[schemars(with = "Name", extend("maxLength" = MAX_NAME_CHARS))]
    name: Option<Name>,
    #[serde(default, deserialize_with = "read_optional")]
    #[schemars(with = "StageColour")]
    colour: Option<StageColour>,
    #[serde(default, deserialize_with = "read_optional")]
    #[schemars(
        with = "Names",
        description = "The stages that can follow; by default the next stage and all earlier ones"
    )]
    next: Option<Names>,
    #[serde(default, deserialize_with = "read_optional")]
    #[schemars(
        with = "Names",
        description = "The roles that can move a document into the stage; everybody by default"
    )]
    enter: Option<Names>,
    #[serde(default, deserialize_with = "read_optional")]
    #[schemars(
        with = "Names",
        description = "The roles that can move a document out of the stage; everybody by default"
    )]
    leave: Option<Names>,
    #[serde(default, deserialize_with = "read_optional")]
    #[schemars(
        with = "Name",
        description = "The stage that a document returns to when its content changes in this stage"
    )]
    back_to: Option<Name>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["role"]))]
struct ApprovalInput {
    #[serde(default, deserialize_with = "read_optional")]
    #[schemars(with = "Name")]
    role: Option<Name>,
    #[serde(default, deserialize_with = "read_optional")]
    #[schemars(with = "ApprovalCount")]
    count: Option<ApprovalCount>,
    #[serde(default, deserialize_with = "read_optional")]
    #[schemars(with = "Name", description = "The stage that cannot be entered without these approvals")]
    before: Option<Name>,
}

checked_text!(
    /// The colour of a stage, in lower case.
    StageColour,
    |text| parse_colour(&text).ok_or_else(|| "expected a colour such as #0b57a4".to_owned()),
    { "type": "string", "pattern": "^#[0-9a-fA-F]{6}$" }
);

/// The name of a workflow, stage or role, without spaces around it.
#[derive(PartialEq, Eq, Hash)]
struct Name(String);

impl Name {
    fn from_text(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > MAX_NAME_CHARS || text.chars().any(char::is_control) {
            return Err(format!("must be one line of 1 to {MAX_NAME_CHARS} characters"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Self::from_text(&read_text(reader)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for Name {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "WorkflowName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

/// Names without duplicates, with their positions in the list.
#[derive(Default)]
struct Names(Vec<(usize, Name)>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let mut earlier = HashSet::new();
        let check_name = |Name(name): &Name| check_first(&mut earlier, name);
        read_checked_elements(reader, |size| check_size(size, MAX_NAMES), check_name).map(Self)
    }
}

impl JsonSchema for Names {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "WorkflowNames".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "maxItems": MAX_NAMES, "items": generator.subschema_for::<Name>() })
    }
}

impl Names {
    fn into_texts(self) -> Vec<String> {
        self.0.into_iter().map(|(_, Name(name))| name).collect()
    }
}

/// The uid of a content type. Whether there is such a type is checked with the workflow.
struct TypeUid(String);

impl<'de> Deserialize<'de> for TypeUid {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        match Json::deserialize(reader)? {
            Json::String(uid) if uid.len() <= MAX_UID_BYTES => Ok(Self(uid)),
            _ => Err(D::Error::custom("expected the uid of a content type, such as api::page.page")),
        }
    }
}

/// Uids without duplicates.
struct TypeUids(Vec<String>);

impl<'de> Deserialize<'de> for TypeUids {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let mut earlier = HashSet::new();
        let check_uid = |TypeUid(uid): &TypeUid| check_first(&mut earlier, uid);
        let uids = read_checked_elements(reader, |size| check_size(size, MAX_CONTENT_TYPES), check_uid)?;
        Ok(Self(uids.into_iter().map(|(_, TypeUid(uid))| uid).collect()))
    }
}

impl JsonSchema for TypeUids {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "WorkflowTypes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array", "minItems": 1, "maxItems": MAX_CONTENT_TYPES,
            "items": { "type": "string", "maxLength": MAX_UID_BYTES },
        })
    }
}

/// The stages of a workflow, with their positions in the list.
#[derive(Default)]
struct StageInputs(Vec<(usize, StageInput)>);

impl<'de> Deserialize<'de> for StageInputs {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let check_stages = |size| match size {
            0 => Err(NO_STAGES.to_owned()),
            size => check_size(size, MAX_STAGES),
        };
        read_checked_elements(reader, check_stages, |_| Ok(())).map(Self)
    }
}

impl JsonSchema for StageInputs {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "WorkflowStages".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let stage = generator.subschema_for::<StageInput>();
        json_schema!({ "type": "array", "minItems": 1, "maxItems": MAX_STAGES, "items": stage })
    }
}

/// The approvals of a workflow, with their positions in the list.
#[derive(Default)]
struct ApprovalInputs(Vec<(usize, ApprovalInput)>);

impl<'de> Deserialize<'de> for ApprovalInputs {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        read_elements_up_to(reader, MAX_APPROVALS, describe_limit(MAX_APPROVALS)).map(Self)
    }
}

impl JsonSchema for ApprovalInputs {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "WorkflowApprovals".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let approval = generator.subschema_for::<ApprovalInput>();
        json_schema!({ "type": "array", "maxItems": MAX_APPROVALS, "items": approval })
    }
}

/// A number of people with a role.
struct ApprovalCount(u64);

impl<'de> Deserialize<'de> for ApprovalCount {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let count = Json::deserialize(reader)?.as_u64().filter(|n| (1..=MAX_APPROVAL_COUNT).contains(n));
        count
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("expected a whole number from 1 to {MAX_APPROVAL_COUNT}")))
    }
}

impl JsonSchema for ApprovalCount {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ApprovalCount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": MAX_APPROVAL_COUNT, "default": 1 })
    }
}

/// Checks that a text is the first of its kind in a list.
fn check_first(earlier: &mut HashSet<String>, text: &str) -> Result<(), String> {
    if earlier.insert(text.to_owned()) { Ok(()) } else { Err(format!("{text:?} occurs twice")) }
}

fn check_size(size: usize, max_elements: usize) -> Result<(), String> {
    if size > max_elements { Err(describe_limit(max_elements)) } else { Ok(()) }
}

fn describe_limit(max_elements: usize) -> String {
    format!("has more than {max_elements} elements")
}

/// Parses a workflow. Problems that depend on other workflows, the model or the users are found by
/// [`check_workflow`](cairn_model::workflow::check_workflow).
///
/// # Errors
/// Returns every problem of the form: unknown keys, wrong types, names that are missing, too long or duplicate, references to missing
/// stages.
pub fn read_workflow(name: &str, json: &Json) -> Result<Workflow, Vec<WorkflowProblem>> {
    let mut problems = ProblemList::default();
    let workflow = parse_workflow(&mut problems, name, json);
    let problems = problems.into_problems();
    match workflow {
        Some(workflow) if problems.is_empty() => Ok(workflow),
        _ => Err(problems.into_iter().map(|p| WorkflowProblem { path: p.path, message: p.message }).collect()),
    }
}

fn parse_workflow(problems: &mut ProblemList, name: &str, json: &Json) -> Option<Workflow> {
    let Name(name) = Name::from_text(name).map_err(|message| problems.add_problem("", message)).ok()?;
    if !json.is_object() {
        problems.add_problem("", "expected an object");
        return None;
    }
    let input: WorkflowInput = read_input(problems, json, "")?;
    // An invalid value has been reported: of the problems of one path the first counts.
    let content_types = input.content_types.map(|TypeUids(uids)| uids).unwrap_or_default();
    if content_types.is_empty() {
        problems.add_problem("contentTypes", "must name at least one content type");
    }
    if input.stages.is_none() {
        problems.add_problem("stages", NO_STAGES);
    }
    let stages = name_stages(problems, input.stages.unwrap_or_default());
    let names = StageNames(stages.iter().map(|stage| stage.name.clone()).collect());
    let stages = (0..stages.len()).map(|i| names.list_default_next(i)).zip(stages);
    let stages = stages.map(|(next, stage)| stage.check(problems, &names, next)).collect();
    let approvals = check_approvals(problems, input.approvals.unwrap_or_default(), &names);
    let publish_in = names.check_names(problems, input.publish_in.unwrap_or_default(), "publishIn");
    Some(Workflow { name, content_types, stages, approvals, publish_in, own_changes: input.own_changes == Some(true) })
}

/// A stage that has a name.
struct StageParts {
    path: String,
    name: String,
    input: StageInput,
}

/// The stages that have names; reports those that have none, or that of another stage.
fn name_stages(problems: &mut ProblemList, StageInputs(inputs): StageInputs) -> Vec<StageParts> {
    let (mut stages, mut earlier) = (Vec::new(), HashSet::new());
    for (i, mut input) in inputs {
        let path = join_index("stages", i);
        let name_path = join_key(&path, "name");
        let Some(Name(name)) = input.name.take() else {
            problems.add_problem(&name_path, "is missing");
            continue;
        };
        if !earlier.insert(name.to_lowercase()) {
            problems.add_problem(&name_path, format!("another stage is already called {name:?}"));
        }
        stages.push(StageParts { path, name, input });
    }
    stages
}

impl StageParts {
    fn check(self, problems: &mut ProblemList, names: &StageNames, default_next: Vec<String>) -> Stage {
        let Self { path, name, input } = self;
        let next = input.next.map(|next| names.check_names(problems, next, &join_key(&path, "next")));
        Stage {
            name,
            colour: input.colour.map(String::from),
            next: next.unwrap_or(default_next),
            enter: input.enter.unwrap_or_default().into_texts(),
            leave: input.leave.unwrap_or_default().into_texts(),
            back_to: names.check_optional_name(problems, input.back_to, &join_key(&path, "backTo")),
        }
    }
}

fn check_approvals(
    problems: &mut ProblemList,
    ApprovalInputs(inputs): ApprovalInputs,
    names: &StageNames,
) -> Vec<Approval> {
    let mut approvals: Vec<Approval> = Vec::new();
    for (i, input) in inputs {
        let path = join_index("approvals", i);
        let before = names.check_optional_name(problems, input.before, &join_key(&path, "before"));
        let Some(Name(role)) = input.role else {
            problems.add_problem(&join_key(&path, "role"), "is missing");
            continue;
        };
        if approvals.iter().any(|a| a.role == role && a.before == before) {
            let message = format!("the approvals of {role:?} are listed twice; use a higher count instead");
            problems.add_problem(&path, message);
        }
        let count = input.count.map_or(1, |ApprovalCount(count)| count);
        approvals.push(Approval { role, count, before });
    }
    approvals
}

/// The names of all stages of a workflow, in order.
struct StageNames(Vec<String>);

impl StageNames {
    /// Lists the stages that follow a stage that does not say it: the next one, and any before.
    fn list_default_next(&self, i: usize) -> Vec<String> {
        let others = self.0.iter().enumerate().filter(|(n, _)| *n < i || *n == i + 1);
        others.map(|(_, name)| name.clone()).collect()
    }

    fn check_name(&self, problems: &mut ProblemList, Name(name): Name, path: &str) -> String {
        if !self.0.contains(&name) {
            problems.add_problem(path, format!("stage {name:?} not found; the stages are {}", self.0.join(", ")));
        }
        name
    }

    fn check_optional_name(&self, problems: &mut ProblemList, name: Option<Name>, path: &str) -> Option<String> {
        name.map(|name| self.check_name(problems, name, path))
    }

    fn check_names(&self, problems: &mut ProblemList, Names(names): Names, path: &str) -> Vec<String> {
        names.into_iter().map(|(i, name)| self.check_name(problems, name, &join_index(path, i))).collect()
    }
}
