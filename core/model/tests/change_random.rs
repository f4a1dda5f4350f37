//! Random models and edits: the plan must take every row where the identities of its parts say, lose nothing unsaid,
//! and find nothing to do the second time. `SEED=<n>` runs one case alone.

#![allow(clippy::unwrap_used)]

#[path = "change/model.rs"]
mod model;

use cairn_model::change::rewrite::{Host, Rewriter, Row};
use cairn_model::change::*;
use model::{Case, Id, Kind, Model, Moved, Owner, World};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::fmt;

const CASES: u64 = 1000;
const ROWS: usize = 4;
/// Ids of instances that a move makes begin here.
const NEW: i64 = 1_000_000_000;

#[derive(Default)]
struct Trash {
    made: i64,
    gone: Vec<Json>,
    refused: Vec<String>,
}

impl Host for Trash {
    fn instance_id(&mut self) -> i64 {
        self.made += 1;
        NEW + self.made
    }

    fn gone(&mut self, step: &Step, _: &str, _: Option<i64>, value: &Json) {
        assert_eq!(step.class, Class::Drop, "{}", step.sentence);
        self.gone.push(value.clone());
    }

    fn refused(&mut self, _: &Step, place: &str, _: Option<i64>, why: &Why) {
        self.refused.push(format!("{place} {why}"));
    }
}

#[test]
fn rows_become_what_their_parts_say() {
    let only = std::env::var("SEED").ok().map(|seed| seed.parse::<u64>().unwrap());
    let (mut steps, mut swaps, mut moves, mut drops, mut undone) = (0, 0, 0, 0, 0);
    for seed in only.map_or(0..CASES, |seed| seed..seed + 1) {
        let mut world = World::new(seed);
        let case = world.case();
        let plan = check_case(seed, &mut world, &case);
        steps += plan.steps.len();
        let has = |f: fn(&Step) -> bool| usize::from(plan.steps.iter().any(f));
        swaps += has(|s| s.id.contains("_aside"));
        moves += has(|s| matches!(s.change, Change::MoveIn { .. } | Change::MoveOut { .. }));
        drops += has(|s| s.class == Class::Drop);
        if case.names_only {
            undone += 1;
            check_way_back(seed, &mut world, &case);
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

/// What a failed case prints.
struct Context<'a> {
    seed: u64,
    before: &'a Snapshot,
    after: &'a Snapshot,
    answers: &'a Answers,
    plan: &'a Plan,
}

impl fmt::Display for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentences: Vec<&str> = self.plan.steps.iter().map(|s| s.sentence.as_str()).collect();
        let Self { seed, before, after, answers, plan } = self;
        write!(f, "SEED={seed}\n{before:#?}\n{after:#?}\n{answers:#?}\n{sentences:#?}\n{:#?}", plan.warnings)
    }
}

fn check_case(seed: u64, world: &mut World, case: &Case) -> Plan {
    let (before, after) = (case.before.snapshot(), case.after.snapshot());
    let plan = plan(&before, &after, &case.answers);
    let context = Context { seed, before: &before, after: &after, answers: &case.answers, plan: &plan };
    assert_eq!(plan.problems, [], "{context}");
    let names: BTreeSet<&str> = plan.steps.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(names.len(), plan.steps.len(), "an id twice: {context}");

    // The same again is the same; a second time there is nothing to do; JSON loses nothing.
    assert_eq!(cairn_model::change::plan(&before, &after, &case.answers).hash(), plan.hash());
    let again = cairn_model::change::plan(&after, &after, &Answers::default());
    assert!(again.is_empty(), "{context}\n{:#?} {:#?}", again.steps, again.problems);
    let answers = Answers { before: Some(plan.before.clone()), ..case.answers.clone() };
    assert_eq!(cairn_model::change::plan(&before, &after, &answers).hash(), plan.hash());
    if before != after {
        assert_eq!(cairn_model::change::plan(&after, &after, &answers).steps, [], "{context}");
    }
    assert_eq!(Snapshot::from_json(&after.to_json()).unwrap(), after);
    assert_eq!(serde_json::from_str::<Plan>(&serde_json::to_string(&plan).unwrap()).unwrap(), plan);

    nothing_vanishes(&before, &after, &plan, &context);

    for ty in &case.before.types {
        let uid = &ty.uid;
        let Some(now) = case.after.types.iter().find(|t| t.id == ty.id) else {
            assert!(plan.steps.iter().any(|s| s.when() == When::Consent && s.id == format!("drop:{uid}")), "{context}");
            continue;
        };
        let rewriter = Rewriter::new(&before, &plan.steps, uid);
        assert_eq!(rewriter.uid(), now.uid);
        for _ in 0..ROWS {
            let row = world.row(&case.before, ty);
            let mut trash = Trash::default();
            let mut found = row.clone();
            rewriter.row(&mut found, &mut trash);
            assert_eq!(trash.refused, Vec::<String>::new(), "{context}");
            let expected = expected(case, ty, now, &row);
            let (found, expected) = (tidy(&after, &now.uid, &found), tidy(&after, &now.uid, &expected));
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
fn nothing_vanishes(before: &Snapshot, after: &Snapshot, plan: &Plan, context: &Context<'_>) {
    let trace = Trace::of(before, &plan.steps);
    let of_types = before.types.iter().map(|t| (&t.uid, &t.attributes));
    for (owner, attributes) in of_types.chain(before.components.iter().map(|c| (&c.uid, &c.attributes))) {
        for attribute in attributes {
            let Some(now) = trace.owner(owner) else { continue };
            match trace.attribute(owner, &attribute.name).unwrap() {
                Fate::As(kept) => assert!(after.attribute(now, &kept.name).is_some(), "{context}"),
                Fate::Inside { component, kept } => {
                    let Some(KindShape::Component { component, .. }) =
                        after.attribute(now, component).map(|a| a.kind.clone())
                    else {
                        panic!("{context}")
                    };
                    assert!(after.attribute(&component, &kept.name).is_some(), "{context}");
                }
                Fate::Gone => {
                    let dropped = |s: &&Step| match &s.change {
                        Change::DropAttribute { attribute: a, original, .. } => {
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
fn check_way_back(seed: u64, world: &mut World, case: &Case) {
    let (before, after) = (case.before.snapshot(), case.after.snapshot());
    let there = plan(&before, &after, &case.answers);
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
    let back = plan(&after, &goal, &answers);
    assert_eq!(back.problems, [], "SEED={seed}");
    assert!(back.steps.iter().all(|s| s.class == Class::Rename), "SEED={seed} {:#?}", back.steps);
    for ty in &case.before.types {
        let now = &case.after.types.iter().find(|t| t.id == ty.id).unwrap().uid;
        let row = world.row(&case.before, ty);
        let mut copy = row.clone();
        Rewriter::new(&before, &there.steps, &ty.uid).row(&mut copy, &mut Trash::default());
        Rewriter::new(&after, &back.steps, now).row(&mut copy, &mut Trash::default());
        assert_eq!(copy, row, "SEED={seed}");
    }
}

/// By identities alone.
fn expected(case: &Case, was: &Owner, now: &Owner, row: &Row) -> Row {
    let value = |id: Id| was.attributes.iter().find(|a| a.id == id).map(|a| (&a.kind, &row[&a.name]));
    let mut out = Map::new();
    for attribute in &now.attributes {
        if let Some((kind, value)) = value(attribute.id) {
            out.insert(attribute.name.clone(), mapped(case, kind, &attribute.kind, value));
        }
    }
    for moved in &case.moves {
        match *moved {
            Moved::Out { ty, holder, inner, to } if ty == now.id => {
                let Some((Kind::Component { component, .. }, instance)) = value(holder) else { continue };
                let inside = case.before.components.iter().find(|c| c.id == *component).unwrap();
                let inner = inside.attributes.iter().find(|a| a.id == inner).unwrap();
                let to = now.attributes.iter().find(|a| a.id == to).unwrap();
                let taken = instance.get(&inner.name).cloned().unwrap_or_default();
                let held = mapped(case, &inner.kind, &to.kind, &taken);
                out.insert(to.name.clone(), held);
                // The instance keeps null.
                let kept = now.attributes.iter().find(|a| a.id == holder);
                let still = case.after.components.iter().find(|c| c.id == *component);
                let still = still.and_then(|c| c.attributes.iter().find(|a| a.id == inner.id));
                if let (Some(kept), Some(still)) = (kept, still)
                    && let Some(instance) = out.get_mut(&kept.name).and_then(Json::as_object_mut)
                {
                    instance.remove(&still.name);
                }
            }
            _ => {}
        }
    }
    for moved in &case.moves {
        match *moved {
            Moved::In { ty, from, holder, inner } if ty == now.id => {
                let (kind, value) = value(from).unwrap();
                let holder = now.attributes.iter().find(|a| a.id == holder).unwrap();
                let Kind::Component { component, .. } = holder.kind else { panic!() };
                let inside = case.after.components.iter().find(|c| c.id == component).unwrap();
                let inner = inside.attributes.iter().find(|a| a.id == inner).unwrap();
                let held = out.entry(holder.name.clone()).or_insert(Json::Null);
                let nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
                if held.is_null() && !nothing {
                    *held = json!({ "id": NEW });
                }
                if let Json::Object(instance) = held {
                    instance.insert(inner.name.clone(), mapped(case, kind, &inner.kind, value));
                }
            }
            _ => {}
        }
    }
    out
}

fn mapped(case: &Case, from: &Kind, to: &Kind, value: &Json) -> Json {
    let instance = |component: Id, zone: bool, value: &Json| -> Option<Json> {
        let Json::Object(map) = value else { return Some(Json::Null) };
        let was = case.before.components.iter().find(|c| c.id == component).unwrap();
        let now = case.after.components.iter().find(|c| c.id == component)?;
        let mut out = Map::new();
        if zone {
            out.insert("__component".into(), now.uid.clone().into());
        }
        out.insert("id".into(), map["id"].clone());
        for attribute in &now.attributes {
            if let Some(old) = was.attributes.iter().find(|a| a.id == attribute.id) {
                out.insert(attribute.name.clone(), mapped(case, &old.kind, &attribute.kind, &map[&old.name]));
            }
        }
        Some(Json::Object(out))
    };
    match (from, to) {
        (Kind::Component { component, list: false }, Kind::Component { list, .. }) => {
            let one = instance(*component, false, value).unwrap();
            match (list, one) {
                (true, Json::Null) => json!([]),
                (true, one) => json!([one]),
                (false, one) => one,
            }
        }
        (Kind::Component { component, .. }, Kind::Component { .. }) => {
            value.as_array().into_iter().flatten().map(|v| instance(*component, false, v).unwrap()).collect()
        }
        (Kind::Zone(_), Kind::Zone(takes)) => {
            let component = |v: &Json| {
                case.before.components.iter().find(|c| v["__component"] == c.uid.as_str()).map(|c| c.id).unwrap()
            };
            let list = value.as_array().into_iter().flatten().filter(|v| takes.contains(&component(v)));
            list.filter_map(|v| instance(component(v), true, v)).collect()
        }
        _ if value.is_null() => Json::Null,
        (Kind::Integer | Kind::Boolean, Kind::String | Kind::Text) => json!(value.to_string()),
        (Kind::Boolean, Kind::Integer) => json!(i64::from(value == &json!(true))),
        _ => value.clone(),
    }
}

/// Attributes that are missing are null or empty; instances made by a move have one id.
fn tidy(shape: &Snapshot, owner: &str, row: &Row) -> Row {
    let mut out = Map::new();
    for key in ["__component", "id"] {
        if let Some(value) = row.get(key) {
            out.insert(key.into(), if value.as_i64() > Some(NEW) { json!(NEW) } else { value.clone() });
        }
    }
    for attribute in shape.attributes(owner).unwrap() {
        let value = row.get(&attribute.name).cloned().unwrap_or_default();
        let inside = |component: &str, value: &Json| match value {
            Json::Object(map) => Json::Object(tidy(shape, component, map)),
            other => other.clone(),
        };
        let tidied = match &attribute.kind {
            KindShape::Component { component, repeatable: false } => inside(component, &value),
            KindShape::Component { component, .. } => match value {
                Json::Array(list) => list.iter().map(|v| inside(component, v)).collect(),
                _ => json!([]),
            },
            KindShape::DynamicZone { .. } => match value {
                Json::Array(list) => list.iter().map(|v| inside(v["__component"].as_str().unwrap(), v)).collect(),
                _ => json!([]),
            },
            kind if kind.is_link() && value.is_null() => json!([]),
            _ => value,
        };
        out.insert(attribute.name.clone(), tidied);
    }
    let unknown: Vec<&String> = row.keys().filter(|k| !out.contains_key(*k)).collect();
    assert!(unknown.is_empty(), "{owner} has no {unknown:?}");
    out
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
fn models_without_a_common_name_are_all_additions_and_drops() {
    for seed in 0..50 {
        let mut world = World::new(seed);
        let model: Model = world.model();
        let snapshot = model.snapshot();
        let made = plan(&Snapshot::empty(), &snapshot, &Answers::default());
        assert!(made.problems.is_empty() && made.steps.iter().all(|s| s.class == Class::Add), "{:#?}", made.steps);
        assert_eq!(made.when(), When::Start);
        let gone = plan(&snapshot, &Snapshot::empty(), &Answers::default());
        assert_eq!(gone.problems, []);
        assert_eq!(gone.when(), When::Consent);
        assert_eq!(gone.ready(&Answers::default()), Err(NotReady::Consent(gone.hash())));
        let consent = Some(gone.hash());
        assert_eq!(gone.ready(&Answers { consent, ..Answers::default() }), Ok(()));
    }
}
