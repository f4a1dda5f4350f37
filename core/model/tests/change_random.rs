//! Random models and edits: the plan must take every row where the identities of its parts say, lose nothing unsaid,
//! and find nothing to do the second time. `SEED=<n>` runs one case alone.

#![allow(clippy::unwrap_used)]

#[path = "change/expect.rs"]
mod expect;
#[path = "change/model.rs"]
mod model;

use cairn_model::change::rewrite::{RewriteHost, Rewriter};
use cairn_model::change::*;
use expect::{NEW, expected_row, normalise_row};
use model::{Case, Model, ModelGenerator};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fmt;

const CASES: u64 = 1000;
const ROWS: usize = 4;

#[derive(Default)]
struct TrashHost {
    made: i64,
    gone: Vec<Json>,
    refused: Vec<String>,
}

impl RewriteHost for TrashHost {
    fn instance_id(&mut self) -> i64 {
        self.made += 1;
        NEW + self.made
    }

    fn on_dropped(&mut self, step: &ChangeStep, _: &str, _: Option<i64>, value: &Json) {
        assert_eq!(step.class, ChangeClass::Drop, "{}", step.sentence);
        self.gone.push(value.clone());
    }

    fn on_refused(&mut self, _: &ChangeStep, place: &str, _: Option<i64>, why: &ConversionError) {
        self.refused.push(format!("{place} {why}"));
    }
}

#[test]
fn random_changes_rewrite_rows_as_expected() {
    let only = std::env::var("SEED").ok().map(|seed| seed.parse::<u64>().unwrap());
    let (mut steps, mut swaps, mut moves, mut drops, mut undone) = (0, 0, 0, 0, 0);
    for seed in only.map_or(0..CASES, |seed| seed..seed + 1) {
        let mut generator = ModelGenerator::new(seed);
        let case = generator.case();
        let plan = check_case(seed, &mut generator, &case);
        steps += plan.steps.len();
        let has = |f: fn(&ChangeStep) -> bool| usize::from(plan.steps.iter().any(f));
        swaps += has(|s| s.id.contains("_aside"));
        moves += has(|s| matches!(s.change, SchemaChange::MoveIn { .. } | SchemaChange::MoveOut { .. }));
        drops += has(|s| s.class == ChangeClass::Drop);
        if case.names_only {
            undone += 1;
            check_reverse_change(seed, &mut generator, &case);
        }
    }
    // The generator reaches what it is there for.
    if only.is_none() {
        assert!(
            steps > 6_000 && swaps > 200 && moves > 200 && drops > 400 && undone > 180,
            "{steps} {swaps} {moves} {drops} {undone}"
        );
    }
}

/// Context of a failed case, which it prints.
struct Context<'a> {
    seed: u64,
    before: &'a Snapshot,
    after: &'a Snapshot,
    answers: &'a Answers,
    plan: &'a ChangePlan,
}

impl fmt::Display for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentences: Vec<&str> = self.plan.steps.iter().map(|s| s.sentence.as_str()).collect();
        let Self { seed, before, after, answers, plan } = self;
        write!(f, "SEED={seed}\n{before:#?}\n{after:#?}\n{answers:#?}\n{sentences:#?}\n{:#?}", plan.warnings)
    }
}

fn check_case(seed: u64, generator: &mut ModelGenerator, case: &Case) -> ChangePlan {
    let (before, after) = (case.before.snapshot(), case.after.snapshot());
    let plan = plan_change(&before, &after, &case.answers);
    let context = Context { seed, before: &before, after: &after, answers: &case.answers, plan: &plan };
    assert_eq!(plan.problems, [], "{context}");
    let names: BTreeSet<&str> = plan.steps.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(names.len(), plan.steps.len(), "an id twice: {context}");

    // The same again is the same; a second time there is nothing to do; JSON loses nothing.
    assert_eq!(cairn_model::change::plan_change(&before, &after, &case.answers).hash(), plan.hash());
    let change_plan = cairn_model::change::plan_change(&after, &after, &Answers::default());
    assert!(change_plan.is_empty(), "{context}\n{:#?} {:#?}", change_plan.steps, change_plan.problems);
    let answers = Answers { before: Some(plan.before.clone()), ..case.answers.clone() };
    assert_eq!(cairn_model::change::plan_change(&before, &after, &answers).hash(), plan.hash());
    if before != after {
        assert_eq!(cairn_model::change::plan_change(&after, &after, &answers).steps, [], "{context}");
    }
    assert_eq!(Snapshot::from_json(&after.to_json()).unwrap(), after);
    assert_eq!(serde_json::from_str::<ChangePlan>(&serde_json::to_string(&plan).unwrap()).unwrap(), plan);

    assert_nothing_vanishes(&before, &after, &plan, &context);

    for ty in &case.before.types {
        let uid = &ty.uid;
        let Some(now) = case.after.types.iter().find(|t| t.id == ty.id) else {
            assert!(
                plan.steps.iter().any(|s| s.timing() == StepTiming::Consent && s.id == format!("drop:{uid}")),
                "{context}"
            );
            continue;
        };
        let rewriter = Rewriter::new(&before, &plan.steps, uid);
        assert_eq!(rewriter.uid(), now.uid);
        for _ in 0..ROWS {
            let row = generator.row(&case.before, ty);
            let mut trash = TrashHost::default();
            let mut found = row.clone();
            rewriter.rewrite_row(&mut found, &mut trash);
            assert_eq!(trash.refused, Vec::<String>::new(), "{context}");
            let expected = expected_row(case, ty, now, &row);
            let (found, expected) =
                (normalise_row(&after, &now.uid, &found), normalise_row(&after, &now.uid, &expected));
            assert_eq!(found, expected, "{uid}\n{row:#?}\n{context}");
            let (had, mut has) = (leaves(&Json::Object(row.clone())), leaves(&Json::Object(found)));
            trash.gone.iter().for_each(|value| has.extend(leaves(value)));
            let lost: Vec<_> = had.difference(&has).collect();
            assert!(lost.is_empty(), "lost {lost:?}\n{row:#?}\n{context}");
        }
    }
    plan
}

/// Every attribute that is no more under its name was renamed, moved or dropped by a step that says so.
fn assert_nothing_vanishes(before: &Snapshot, after: &Snapshot, plan: &ChangePlan, context: &Context<'_>) {
    let trace = NameTrace::follow_steps(before, &plan.steps);
    let of_types = before.types.iter().map(|t| (&t.uid, &t.attributes));
    for (owner, attributes) in of_types.chain(before.components.iter().map(|c| (&c.uid, &c.attributes))) {
        for attribute in attributes {
            let Some(now) = trace.new_owner(owner) else { continue };
            match trace.attribute_fate(owner, &attribute.name).unwrap() {
                AttributeFate::As(traced_attribute) => {
                    assert!(after.attribute(now, &traced_attribute.name).is_some(), "{context}")
                }
                AttributeFate::Inside { component, kept } => {
                    let Some(KindShape::Component { component, .. }) =
                        after.attribute(now, component).map(|a| a.kind.clone())
                    else {
                        panic!("{context}")
                    };
                    assert!(after.attribute(&component, &kept.name).is_some(), "{context}");
                }
                AttributeFate::Gone => {
                    let dropped = |s: &&ChangeStep| match &s.change {
                        SchemaChange::DropAttribute { attribute: a, original, .. } => {
                            original.as_ref().unwrap_or(&a.name) == &attribute.name
                        }
                        _ => false,
                    };
                    assert!(plan.steps.iter().any(|s| dropped(&s)), "{owner}.{} {context}", attribute.name);
                }
            }
        }
    }
}

/// Back again by answers, from names alone: every row is what it was.
fn check_reverse_change(seed: u64, generator: &mut ModelGenerator, case: &Case) {
    let (before, after) = (case.before.snapshot(), case.after.snapshot());
    let forward = plan_change(&before, &after, &case.answers);
    let mut answers = Answers::default();
    for owner in case.after.types.iter().chain(&case.after.components) {
        let was = case.before.types.iter().chain(&case.before.components).find(|b| b.id == owner.id).unwrap();
        if was.uid != owner.uid {
            answers.renames.insert(owner.uid.clone(), Some(was.uid.clone()));
        }
        for attribute in &owner.attributes {
            let old = was.attributes.iter().find(|a| a.id == attribute.id).unwrap();
            if old.name != attribute.name {
                answers.renames.insert(format!("{}.{}", owner.uid, attribute.name), Some(old.name.clone()));
            }
        }
    }
    let mut goal = before.clone();
    let plain = |a: &mut Vec<AttributeShape>| a.iter_mut().for_each(|a| a.renamed_from = None);
    goal.types.iter_mut().for_each(|t| plain(&mut t.attributes));
    goal.components.iter_mut().for_each(|c| plain(&mut c.attributes));
    let back = plan_change(&after, &goal, &answers);
    assert_eq!(back.problems, [], "SEED={seed}");
    assert!(back.steps.iter().all(|s| s.class == ChangeClass::Rename), "SEED={seed} {:#?}", back.steps);
    for ty in &case.before.types {
        let now = &case.after.types.iter().find(|t| t.id == ty.id).unwrap().uid;
        let row = generator.row(&case.before, ty);
        let mut copy = row.clone();
        Rewriter::new(&before, &forward.steps, &ty.uid).rewrite_row(&mut copy, &mut TrashHost::default());
        Rewriter::new(&after, &back.steps, now).rewrite_row(&mut copy, &mut TrashHost::default());
        assert_eq!(copy, row, "SEED={seed}");
    }
}

/// The values that occur once: texts, numbers and documents, whatever their kind. Not truth values, ids, or names.
fn leaves(value: &Json) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![value.clone()];
    while let Some(value) = open.pop() {
        match value {
            Json::Array(list) => open.extend(list),
            Json::Object(map) => open.extend(
                map.into_iter().filter(|(k, _)| k != "id" && k != "__component" && k != "type").map(|(_, v)| v),
            ),
            Json::String(text) => drop(found.insert(text)),
            Json::Number(number) if number.as_i64() > Some(1) => drop(found.insert(number.to_string())),
            _ => {}
        }
    }
    found
}

#[test]
fn changes_from_and_to_an_empty_model_add_and_drop_all() {
    for seed in 0..50 {
        let mut generator = ModelGenerator::new(seed);
        let model: Model = generator.model();
        let snapshot = model.snapshot();
        let plan = plan_change(&Snapshot::empty(), &snapshot, &Answers::default());
        assert!(
            plan.problems.is_empty() && plan.steps.iter().all(|s| s.class == ChangeClass::Add),
            "{:#?}",
            plan.steps
        );
        assert_eq!(plan.latest_timing(), StepTiming::Start);
        let change_plan = plan_change(&snapshot, &Snapshot::empty(), &Answers::default());
        assert_eq!(change_plan.problems, []);
        assert_eq!(change_plan.latest_timing(), StepTiming::Consent);
        assert_eq!(change_plan.check_ready(&Answers::default()), Err(NotReady::Consent(change_plan.hash())));
        let consent = Some(change_plan.hash());
        assert_eq!(change_plan.check_ready(&Answers { consent, ..Answers::default() }), Ok(()));
    }
}
