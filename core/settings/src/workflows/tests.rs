use super::read_workflow;
use cairn_model::Registry;
use cairn_model::workflow::check_workflow;
use serde_json::{Value as Json, json};
use std::fs;

fn registry() -> Registry {
    let dir = tempfile::tempdir().unwrap();
    for (name, drafts) in [("contract", true), ("news", true), ("note", false)] {
        let folder = dir.path().join(format!("content-types/api/{name}/content-types/{name}"));
        fs::create_dir_all(&folder).unwrap();
        let schema = json!({
            "kind": "collectionType", "collectionName": format!("{name}_rows"), "options": { "draftAndPublish": drafts },
            "info": { "singularName": name, "pluralName": format!("{name}-list"), "displayName": name },
            "attributes": { "title": { "type": "string" } },
        });
        fs::write(folder.join("schema.json"), schema.to_string()).unwrap();
    }
    cairn_model::load::load_project(dir.path()).unwrap().registry
}

fn contract() -> Json {
    json!({
        "contentTypes": ["api::contract.contract"],
        "stages": [
            { "name": "draft", "colour": "#AAAAAA" },
            { "name": "legal review", "enter": ["editor"] },
            { "name": "approved", "enter": ["legal"], "backTo": "draft" },
        ],
        "approvals": [{ "role": "legal", "before": "approved" }, { "role": "marketing", "count": 2 }],
        "publishIn": ["approved"],
    })
}

fn problems(json: &Json) -> Vec<(String, String)> {
    let roles = ["super-admin", "editor", "legal", "marketing"].map(str::to_owned).into();
    let workflow_problems = match read_workflow("contracts", json) {
        Err(problems) => problems,
        Ok(w) => check_workflow(&w, &[], &registry(), Some(&roles)),
    };
    workflow_problems.into_iter().map(|p| (p.path, p.message)).collect()
}

#[track_caller]
fn assert_problem(json: Json, path: &str, part: &str) {
    let found = problems(&json);
    assert!(found.iter().any(|(p, m)| p == path && m.contains(part)), "{path}, {part}: {found:#?}");
}

fn changed_contract(change: impl FnOnce(&mut Json)) -> Json {
    let mut json = contract();
    change(&mut json);
    json
}

#[test]
fn workflows_survive_a_json_round_trip() {
    assert_eq!(problems(&contract()), []);
    let w = read_workflow(" contracts ", &contract()).unwrap();
    assert_eq!(w.name, "contracts");
    assert_eq!(w.stages[0].colour.as_deref(), Some("#aaaaaa"));
    // The default of `next` is one stage forward and one back.
    assert_eq!(w.stages[0].next, ["legal review"]);
    assert_eq!(w.stages[1].next, ["draft", "approved"]);
    assert_eq!(w.stages[2].next, ["draft", "legal review"]);
    assert_eq!(w.needed_to_publish(), [("legal", 1), ("marketing", 2)]);
    assert_eq!(w.needed_to_enter("approved"), [("legal", 1)]);
    assert!(w.publishes_in("approved") && !w.publishes_in("draft"));
    assert_eq!(read_workflow("contracts", &w.to_json()).unwrap(), w);
    // The smallest workflow has one stage and nothing to approve.
    assert_eq!(problems(&json!({ "contentTypes": ["api::news.news"], "stages": [{ "name": "work" }] })), []);
}

#[test]
fn malformed_workflows_are_reported_with_their_path() {
    assert_problem(json!([]), "", "expected an object");
    assert_problem(json!({}), "stages", "at least one stage");
    assert_problem(json!({}), "contentTypes", "at least one");
    assert_problem(
        changed_contract(|w| w["contentType"] = json!("x")),
        "contentType",
        "unknown key; known keys: contentTypes",
    );
    assert_problem(
        changed_contract(|w| w["stages"][0]["colour"] = json!("red")),
        "stages[0].colour",
        "such as #0b57a4",
    );
    assert_problem(
        changed_contract(|w| w["stages"][1]["name"] = json!("DRAFT")),
        "stages[1].name",
        "another stage is already called",
    );
    assert_problem(changed_contract(|w| w["stages"][1]["name"] = json!("a\nb")), "stages[1].name", "one line");
    assert_problem(
        changed_contract(|w| w["stages"][1]["name"] = json!("x".repeat(61))),
        "stages[1].name",
        "1 to 60 characters",
    );
    assert_problem(
        changed_contract(|w| w["stages"][1]["next"] = json!(["gone"])),
        "stages[1].next[0]",
        "stage \"gone\" not found; the stages are",
    );
    assert_problem(changed_contract(|w| w["stages"][2]["backTo"] = json!("gone")), "stages[2].backTo", "not found");
    assert_problem(
        changed_contract(|w| w["publishIn"] = json!(["Approved"])),
        "publishIn[0]",
        "stage \"Approved\" not found",
    );
    assert_problem(
        changed_contract(|w| w["approvals"][0]["before"] = json!("gone")),
        "approvals[0].before",
        "not found",
    );
    assert_problem(changed_contract(|w| w["approvals"][0]["count"] = json!(0)), "approvals[0].count", "from 1 to 20");
    assert_problem(changed_contract(|w| w["approvals"][0]["count"] = json!(1.5)), "approvals[0].count", "whole number");
    assert_problem(changed_contract(|w| w["approvals"][1] = w["approvals"][0].clone()), "approvals[1]", "listed twice");
    assert_problem(changed_contract(|w| w["stages"] = json!(vec![json!({}); 31])), "stages", "more than 30");
    assert_problem(changed_contract(|w| w["contentTypes"] = json!(["a", "a"])), "contentTypes[1]", "twice");
    assert_problem(changed_contract(|w| w["ownChanges"] = json!("yes")), "ownChanges", "true or false");
}

#[test]
fn unreachable_stages_and_loops_are_reported() {
    // A stage that nothing leads to.
    let skipped = changed_contract(|w| {
        w["stages"][0]["next"] = json!(["approved"]);
        w["stages"][2]["next"] = json!(["draft"]);
    });
    assert_problem(skipped, "stages[1]", "cannot be reached from \"draft\"");
    // A dead end before the last one.
    assert_problem(changed_contract(|w| w["stages"][1]["next"] = json!([])), "stages[1].next", "no next stage");
    // A circle that never comes to where may be published.
    let circle = changed_contract(|w| {
        w["stages"][0]["next"] = json!(["legal review"]);
        w["stages"][1]["next"] = json!(["draft"]);
    });
    assert_problem(circle.clone(), "stages[0].next", "form a loop");
    assert_problem(circle.clone(), "stages[1].next", "form a loop");
    assert_problem(circle, "stages[2]", "cannot be reached");
    assert_problem(
        changed_contract(|w| w["stages"][0]["next"] = json!(["draft", "legal review"])),
        "stages[0].next[0]",
        "follow itself",
    );
    assert_problem(
        changed_contract(|w| w["stages"][0]["backTo"] = json!("draft")),
        "stages[0].backTo",
        "another stage",
    );
    // A stage after publishing may be the last one.
    let archive = changed_contract(|w| {
        w["stages"][2]["next"] = json!(["draft", "archived"]);
        w["stages"].as_array_mut().unwrap().push(json!({ "name": "archived", "next": [] }));
    });
    assert_eq!(problems(&archive), []);
}

#[test]
fn workflow_types_and_roles_must_exist_and_be_free() {
    assert_problem(changed_contract(|w| w["contentTypes"] = json!(["api::gone.gone"])), "contentTypes[0]", "not found");
    assert_problem(
        changed_contract(|w| w["contentTypes"] = json!(["api::note.note"])),
        "contentTypes[0]",
        "has no drafts",
    );
    assert_problem(
        changed_contract(|w| w["contentTypes"] = json!(["plugin::upload.file"])),
        "contentTypes[0]",
        "has no drafts",
    );
    assert_problem(
        changed_contract(|w| w["approvals"][0]["role"] = json!("lawyers")),
        "approvals[0].role",
        "no admin user has the role",
    );
    assert_problem(
        changed_contract(|w| w["stages"][1]["enter"] = json!(["editors"])),
        "stages[1].enter[0]",
        "existing roles are: editor, legal",
    );
    let (one, other) = (read_workflow("a", &contract()).unwrap(), read_workflow("b", &contract()).unwrap());
    let problems = check_workflow(&one, std::slice::from_ref(&other), &registry(), None);
    assert!(problems.len() == 1 && problems[0].message.contains("already has the workflow \"b\""), "{problems:?}");
    // Itself is no other one.
    assert_eq!(check_workflow(&one, std::slice::from_ref(&one), &registry(), None), []);
}
