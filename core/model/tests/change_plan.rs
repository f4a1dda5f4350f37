//! Plans of real files: what is said in them, what is asked, what is refused, and with which words.

#![allow(clippy::unwrap_used)]

mod common;

use cairn_model::change::rewrite::{InstanceLinks, RewriteHost, Rewriter, StoredRow};
use cairn_model::change::*;
use common::project;
use serde_json::{Value as Json, json};

/// The snapshot of a project: types as (name, what the file says besides, attributes), components as (uid, file).
fn snapshot(types: &[(&str, Json, Json)], components: &[(&str, Json)]) -> Snapshot {
    let mut files = Vec::new();
    for (name, extra_keys, attributes) in types {
        let mut schema = json!({
            "kind": "collectionType", "collectionName": format!("{name}_rows"),
            "info": {"singularName": name, "pluralName": format!("{name}s")}, "attributes": attributes,
        });
        schema.as_object_mut().unwrap().extend(extra_keys.as_object().unwrap().clone());
        files.push((format!("src/api/{name}/content-types/{name}/schema.json"), schema.to_string()));
    }
    for (uid, file) in components {
        let (category, name) = uid.split_once('.').unwrap();
        files.push((format!("src/components/{category}/{name}.json"), file.to_string()));
    }
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let loaded =
        cairn_model::load::load_project(project(&files).path()).unwrap_or_else(|problems| panic!("{problems:#?}"));
    Snapshot::from_registry(&loaded.registry)
}

/// One type `a` with those attributes.
fn snapshot_of_type(attributes: Json) -> Snapshot {
    snapshot(&[("a", json!({}), attributes)], &[])
}

fn plan_without_answers(before: &Snapshot, after: &Snapshot) -> ChangePlan {
    plan_change(before, after, &Answers::default())
}

/// The plan's sentences; it has no problems.
fn sentences(plan: &ChangePlan) -> Vec<&str> {
    assert_eq!(plan.problems, []);
    plan.steps.iter().map(|s| s.sentence.as_str()).collect()
}

fn problems(plan: &ChangePlan) -> Vec<String> {
    plan.problems.iter().map(|p| format!("{}: {}", p.place, p.message)).collect()
}

fn rename_answers(pairs: &[(&str, &str)]) -> Answers {
    let mut answers = Answers::default();
    pairs.iter().for_each(|(old, new)| answers.add_rename(&format!("{old}={new}")).unwrap());
    answers
}

fn decision_answers(place: &str, decision: &str) -> Answers {
    let mut answers = Answers::default();
    answers.add_decision(&format!("{place}={decision}")).unwrap();
    answers
}

const S: &str = "string";

#[test]
fn renames_in_files_are_planned_once_and_at_start() {
    let before = snapshot_of_type(json!({"title": {"type": S}}));
    let after = snapshot_of_type(json!({"heading": {"type": S, "renamedFrom": "title"}}));
    let p = plan_without_answers(&before, &after);
    assert_eq!(sentences(&p), ["Rename in `api::a.a` `title` to `heading`."]);
    assert_eq!((p.steps[0].class, p.latest_timing()), (ChangeClass::Rename, StepTiming::Start));
    assert_eq!(p.check_ready(&Answers::default()), Ok(()));
    let plan = plan_without_answers(&after, &after);
    assert!(plan.is_empty() && plan.warnings.is_empty());
    // The hint goes from the file: nothing to do either.
    assert!(plan_without_answers(&after, &snapshot_of_type(json!({"heading": {"type": S}}))).is_empty());
    // A new `title` is another one.
    let both = snapshot_of_type(json!({"title": {"type": S}, "heading": {"type": S, "renamedFrom": "title"}}));
    assert_eq!(sentences(&plan_without_answers(&after, &both)), ["Add `title` to `api::a.a` (string)."]);
    // For a database that missed the first change the same files mean the same.
    let skipped = plan_without_answers(&before, &both);
    assert_eq!(
        sentences(&skipped),
        ["Rename in `api::a.a` `title` to `heading`.", "Add `title` to `api::a.a` (string)."]
    );
    assert!(skipped.warnings[0].message.contains("starts empty"));
    // Renamed twice, with the first name in the files all along.
    let later = snapshot_of_type(json!({"headline": {"type": S, "renamedFrom": "title"}}));
    assert_eq!(sentences(&plan_without_answers(&after, &later)), ["Rename in `api::a.a` `heading` to `headline`."]);
}

#[test]
fn name_swaps_and_chains_form_one_plan() {
    let before = snapshot_of_type(json!({"a": {"type": S}, "b": {"type": S}, "c": {"type": S}}));
    let swap = snapshot_of_type(
        json!({"a": {"type": S, "renamedFrom": "b"}, "b": {"type": S, "renamedFrom": "a"}, "c": {"type": S}}),
    );
    let p = plan_without_answers(&before, &swap);
    assert_eq!(
        sentences(&p),
        [
            "Set aside in `api::a.a` `a`: another one takes its name.",
            "Rename in `api::a.a` `b` to `a`.",
            "Rename in `api::a.a` (set aside earlier) to `b`."
        ]
    );
    assert_eq!(p.latest_timing(), StepTiming::Start);
    assert!(plan_without_answers(&swap, &swap).is_empty());
    let chain = snapshot_of_type(
        json!({"d": {"type": S, "renamedFrom": "a"}, "a": {"type": S, "renamedFrom": "b"}, "b": {"type": S, "renamedFrom": "c"}}),
    );
    let p = plan_without_answers(&before, &chain);
    assert_eq!(
        p.steps.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(),
        ["rename:api::a.a.a=d", "rename:api::a.a.b=a", "rename:api::a.a.c=b"]
    );
    let ring = snapshot_of_type(
        json!({"a": {"type": S, "renamedFrom": "c"}, "b": {"type": S, "renamedFrom": "a"}, "c": {"type": S, "renamedFrom": "b"}}),
    );
    let mut row = json!({"a": 1, "b": 2, "c": 3}).as_object().unwrap().clone();
    let p = plan_without_answers(&before, &ring);
    Rewriter::new(&before, &p.steps, "api::a.a").rewrite_row(&mut row, &mut PanickingHost);
    assert_eq!(Json::Object(row), json!({"a": 3, "b": 1, "c": 2}));
    // Two names of one column: the column stays.
    let p = plan_without_answers(
        &snapshot_of_type(json!({"metaTitle": {"type": S}})),
        &snapshot_of_type(json!({"meta-title": {"type": S, "renamedFrom": "metaTitle"}})),
    );
    assert_eq!(sentences(&p), ["Rename in `api::a.a` `metaTitle` to `meta-title`."]);
}

/// Nothing is made, lost or refused.
struct PanickingHost;

impl RewriteHost for PanickingHost {
    fn instance_id(&mut self) -> i64 {
        99
    }
    fn on_dropped(&mut self, step: &ChangeStep, _: &str, _: Option<i64>, value: &Json) {
        panic!("{} {value}", step.id)
    }
    fn on_refused(&mut self, step: &ChangeStep, _: &str, _: Option<i64>, why: &ConversionError) {
        panic!("{} {why}", step.id)
    }
}

#[test]
fn ambiguous_changes_raise_questions_and_require_consent() {
    let before = snapshot_of_type(json!({"title": {"type": S}, "n": {"type": "integer"}}));
    let after = snapshot_of_type(
        json!({"m": {"type": "biginteger"}, "heading": {"type": S}, "text": {"type": "text"}, "on": {"type": "date"}}),
    );
    let p = plan_without_answers(&before, &after);
    let q = &p.questions[0];
    assert_eq!(
        (q.old.as_str(), q.sentence.as_str()),
        ("api::a.a.title", "In `api::a.a`: is `heading` the old `title`?")
    );
    assert_eq!(q.candidates, ["heading", "text", "m", "on"]);
    assert_eq!(p.latest_timing(), StepTiming::Consent);
    assert_eq!(p.check_ready(&Answers::default()), Err(NotReady::Consent(p.hash())));
    let answers = rename_answers(&[("api::a.a.title", "heading"), ("api::a.a.n", "m")]);
    let p = plan_change(&before, &after, &answers);
    assert_eq!((p.questions.as_slice(), p.latest_timing()), (&[][..], StepTiming::Apply));
    assert!(p.steps.iter().all(|s| s.class != ChangeClass::Drop));
    // "No" is an answer.
    let mut answers = rename_answers(&[("api::a.a.title", ""), ("api::a.a.n", "m")]);
    let p = plan_change(&before, &after, &answers);
    assert_eq!(p.questions, []);
    answers.consent = Some(plan_without_answers(&before, &after).hash());
    assert!(matches!(p.check_ready(&answers), Err(NotReady::OtherPlan { .. })));
    answers.consent = Some(p.hash());
    assert_eq!(p.check_ready(&answers), Ok(()));
    // An answer overrules the files.
    let snapshot = snapshot_of_type(json!({"heading": {"type": S, "renamedFrom": "title"}, "n": {"type": "integer"}}));
    let p = plan_change(&before, &snapshot, &rename_answers(&[("api::a.a.title", "")]));
    assert_eq!(p.steps[0].id, "drop:api::a.a.title");
    // An answer about nothing is not passed over in silence.
    let p = plan_change(&before, &before, &rename_answers(&[("api::a.a.nothing", "x"), ("api::b.b", "api::c.c")]));
    assert_eq!(p.warnings.len(), 2);
    let p = plan_change(&before, &before, &rename_answers(&[("api::a.a.title", "nowhere")]));
    assert_eq!(problems(&p), ["api::a.a.title: cannot become `nowhere`: the files do not contain `nowhere`"]);
}

#[test]
fn unusable_rename_hints_are_reported() {
    let before = snapshot_of_type(json!({"title": {"type": S}}));
    let p = plan_without_answers(&before, &snapshot_of_type(json!({"title": {"type": S, "renamedFrom": "name"}})));
    assert!(p.is_empty());
    assert_eq!(
        p.warnings[0].message,
        "`renamedFrom` names `name`, which the database does not have; nothing is renamed"
    );
    let twice =
        snapshot_of_type(json!({"x": {"type": S, "renamedFrom": "title"}, "y": {"type": S, "renamedFrom": "title"}}));
    assert_eq!(
        problems(&plan_without_answers(&before, &twice)),
        ["api::a.a.y: `title` cannot become both `x` and `y`: choose one of them"]
    );
    // On a new type or database hints are of no interest.
    let p = plan_without_answers(&Snapshot::empty(), &twice);
    assert!(p.warnings.is_empty() && p.latest_timing() == StepTiming::Start);
}

#[test]
fn types_and_tables_are_renamed() {
    let tables = |a: &str, b: &str| {
        snapshot(
            &[
                ("a", json!({"collectionName": a}), json!({"x": {"type": S}})),
                ("b", json!({"collectionName": b}), json!({})),
            ],
            &[],
        )
    };
    assert_eq!(
        sentences(&plan_without_answers(&tables("t", "u"), &tables("v", "u"))),
        ["Rename the table of `api::a.a`: `t` to `v`."]
    );
    let swap = plan_without_answers(&tables("t", "u"), &tables("u", "t"));
    assert_eq!(sentences(&swap).len(), 3);
    let aside = |s: &ChangeStep| matches!(&s.change, SchemaChange::RenameTable { to, .. } if to == "cairn_aside_1");
    assert!(aside(&swap.steps[0]), "{:?}", swap.steps);
    // Case makes no difference to a database.
    let case = plan_without_answers(&tables("t", "u"), &tables("T", "u"));
    assert_eq!(case.steps.len(), 2);
    assert!(aside(&case.steps[0]));

    let link = json!({"to": {"type": "relation", "relation": "manyToOne", "target": "api::a.a"}});
    let before = snapshot(&[("a", json!({}), json!({"x": {"type": S}})), ("z", json!({}), link)], &[]);
    let link = json!({"to": {"type": "relation", "relation": "manyToOne", "target": "api::b.b"}});
    let renamed_type = json!({"collectionName": "a_rows", "renamedFrom": "api::a.a"});
    let after = snapshot(&[("b", renamed_type, json!({"x": {"type": S}})), ("z", json!({}), link.clone())], &[]);
    let p = plan_without_answers(&before, &after);
    assert_eq!(sentences(&p), ["Rename the content type `api::a.a` to `api::b.b`."]);
    assert_eq!(p.latest_timing(), StepTiming::Start);
    assert!(plan_without_answers(&after, &after).is_empty());
    let unsaid = snapshot(&[("b", json!({}), json!({"x": {"type": S}})), ("z", json!({}), link)], &[]);
    let p = plan_change(&before, &unsaid, &decision_answers("api::z.z.to", "drop"));
    assert_eq!(p.questions[0].sentence, "Is the content type `api::b.b` the old `api::a.a`?");
    let p = plan_change(&before, &unsaid, &rename_answers(&[("api::a.a", "api::b.b")]));
    assert_eq!(
        sentences(&p),
        ["Rename the content type `api::a.a` to `api::b.b`.", "Rename the table of `api::b.b`: `a_rows` to `b_rows`."]
    );

    let single = snapshot(&[("a", json!({"kind": "singleType"}), json!({}))], &[]);
    let p = plan_without_answers(&snapshot_of_type(json!({})), &single);
    assert!(problems(&p)[0].contains("leave `kind` unchanged"), "{:?}", problems(&p));
}

#[test]
fn component_renames_apply_at_every_depth() {
    let zone = |uid: &str| {
        json!({
            "zone": {"type": "dynamiczone", "components": [uid, "c.outer"]},
            "seo": {"type": "component", "component": uid}, "list": {"type": "component", "component": "c.outer", "repeatable": true},
        })
    };
    let outer = |uid: &str| json!({"attributes": {"in": {"type": "component", "component": uid}}});
    let before = snapshot(
        &[("a", json!({}), zone("c.seo"))],
        &[("c.seo", json!({"attributes": {"t": {"type": S}}})), ("c.outer", outer("c.seo"))],
    );
    let meta =
        json!({"renamedFrom": "c.seo", "attributes": {"title": {"type": S, "renamedFrom": "t"}, "new": {"type": S}}});
    let after = snapshot(&[("a", json!({}), zone("d.meta"))], &[("d.meta", meta), ("c.outer", outer("d.meta"))]);
    let p = plan_without_answers(&before, &after);
    assert_eq!(
        sentences(&p),
        [
            "Rename the component `c.seo` to `d.meta`.",
            "Rename in `d.meta` `t` to `title`.",
            "Add `new` to `d.meta` (string)."
        ]
    );
    assert_eq!(p.latest_timing(), StepTiming::Start);
    let mut row: StoredRow = serde_json::from_value(json!({
        "zone": [{"__component": "c.outer", "id": 1, "in": {"id": 2, "t": "a"}}, {"__component": "c.seo", "id": 3, "t": "b"}],
        "seo": {"id": 4, "t": "c"}, "list": [{"id": 5, "in": null}, {"id": 6, "in": {"id": 7, "t": "d"}}],
    }))
    .unwrap();
    let rewriter = Rewriter::new(&before, &p.steps, "api::a.a");
    assert!(rewriter.looks_at_rows());
    assert!(!Rewriter::new(&before, &p.steps, "plugin::upload.file").looks_at_rows());
    rewriter.rewrite_row(&mut row, &mut PanickingHost);
    assert_eq!(
        Json::Object(row).to_string(),
        json!({
            "zone": [{"__component": "c.outer", "id": 1, "in": {"id": 2, "title": "a", "new": null}}, {"__component": "d.meta", "id": 3, "title": "b", "new": null}],
            "seo": {"id": 4, "title": "c", "new": null}, "list": [{"id": 5, "in": null}, {"id": 6, "in": {"id": 7, "title": "d", "new": null}}],
        })
        .to_string()
    );
    assert_eq!(before.used_in("c.seo"), ["api::a.a.list", "api::a.a.seo", "api::a.a.zone"]);
}

#[test]
fn relation_renames_preserve_links_on_both_sides() {
    let model = |owner: &str, inverse: &str, hints: bool| {
        let mut from =
            json!({"type": "relation", "relation": "manyToMany", "target": "api::b.b", "inversedBy": inverse});
        let mut back = json!({"type": "relation", "relation": "manyToMany", "target": "api::a.a", "mappedBy": owner});
        if hints {
            from["renamedFrom"] = "bs".into();
            back["renamedFrom"] = "as".into();
        }
        let morph = json!({"type": "relation", "relation": "morphToMany"});
        let (m, any) = if hints { ("anything", json!({"renamedFrom": "any"})) } else { ("any", json!({})) };
        let mut morph = morph;
        morph.as_object_mut().unwrap().extend(any.as_object().unwrap().clone());
        let all = json!({"type": "relation", "relation": "morphMany", "target": "api::a.a", "morphBy": m});
        snapshot(
            &[("a", json!({}), json!({owner: from, m: morph})), ("b", json!({}), json!({inverse: back, "all": all}))],
            &[],
        )
    };
    let (before, after) = (model("bs", "as", false), model("books", "authors", true));
    let p = plan_without_answers(&before, &after);
    assert_eq!(
        sentences(&p),
        [
            "Rename in `api::a.a` `any` to `anything`.",
            "Rename in `api::a.a` `bs` to `books`.",
            "Rename in `api::b.b` `as` to `authors`."
        ]
    );
    assert!(plan_without_answers(&after, &after).is_empty());

    let sides = |inverse: bool| {
        let mut to = json!({"type": "relation", "relation": "manyToOne", "target": "api::b.b"});
        let mut back = json!({});
        if inverse {
            to["inversedBy"] = "as".into();
            back = json!({"as": {"type": "relation", "relation": "oneToMany", "target": "api::a.a", "mappedBy": "b"}});
        }
        snapshot(&[("a", json!({}), json!({"b": to})), ("b", json!({}), back)], &[])
    };
    let p = plan_without_answers(&sides(false), &sides(true));
    assert_eq!(
        (sentences(&p)[1], p.latest_timing()),
        ("Make `b` of `api::a.a` two-way, with `as` on the other side.", StepTiming::Start)
    );
    let p = plan_without_answers(&sides(true), &sides(false));
    assert_eq!(
        sentences(&p),
        ["Drop `as` from `api::b.b`. The links remain with `b`; their order on this side is lost."]
    );

    let flip = |owner: bool| {
        let word = |is_owner: bool| if is_owner { "inversedBy" } else { "mappedBy" };
        let side = |target: &str, is_owner: bool, across: &str| json!({"type": "relation", "relation": "oneToOne", "target": target, word(is_owner): across});
        let a = json!({"b": side("api::b.b", owner, "a")});
        snapshot(&[("a", json!({}), a), ("b", json!({}), json!({"a": side("api::a.a", !owner, "b")}))], &[])
    };
    let p = plan_without_answers(&flip(true), &flip(false));
    assert!(problems(&p)[0].contains("leave `inversedBy` where it is"), "{:?}", problems(&p));
}

fn snapshot_with_seo(list: bool, extra_keys: Json, component: Json, top: Json) -> Snapshot {
    let mut attributes = json!({"seo": {"type": "component", "component": "c.seo", "repeatable": list}});
    attributes["seo"].as_object_mut().unwrap().extend(extra_keys.as_object().unwrap().clone());
    attributes.as_object_mut().unwrap().extend(top.as_object().unwrap().clone());
    snapshot(&[("a", json!({}), attributes)], &[("c.seo", json!({ "attributes": component }))])
}

#[test]
fn values_move_into_and_out_of_components() {
    let plain = snapshot_of_type(json!({"title": {"type": "text"}, "cover": {"type": "media"}}));
    let inside = json!({"metaTitle": {"type": S}, "image": {"type": "media"}});
    let into = json!({"movedInto": {"metaTitle": "title", "image": "cover"}});
    let moved = snapshot_with_seo(false, into, inside.clone(), json!({}));
    let p = plan_without_answers(&plain, &moved);
    assert_eq!(
        sentences(&p),
        [
            "Add the component `c.seo`.",
            "Add `seo` to `api::a.a` (component `c.seo`).",
            "Move `cover` of `api::a.a` into `seo.image`. Its values stay.",
            "Change `title` of `api::a.a` from text to string. Stored values do not change.",
            "Move `title` of `api::a.a` into `seo.metaTitle`. Its values stay."
        ]
    );
    assert_eq!(p.latest_timing(), StepTiming::Start);
    assert!(plan_without_answers(&moved, &moved).is_empty());
    let mut row = json!({"title": "t", "cover": []}).as_object().unwrap().clone();
    Rewriter::new(&plain, &p.steps, "api::a.a").rewrite_row(&mut row, &mut PanickingHost);
    assert_eq!(row["seo"], json!({"id": 99, "metaTitle": "t"}));
    // Links alone may be moved; they create an instance, and are stored apart from it.
    let mut row = json!({"title": null, "cover": [{"documentId": "f"}]}).as_object().unwrap().clone();
    let rewriter = Rewriter::new(&plain, &p.steps, "api::a.a");
    rewriter.rewrite_row(&mut row, &mut PanickingHost);
    let links = rewriter.take_links(&mut row);
    assert_eq!(row["seo"], json!({"id": 99, "metaTitle": null}));
    assert_eq!(
        links,
        [InstanceLinks {
            instance: 99,
            component: "c.seo".into(),
            attribute: "image".into(),
            targets: vec![json!({"documentId": "f"})]
        }]
    );
    let mut row = json!({"title": null, "cover": []}).as_object().unwrap().clone();
    Rewriter::new(&plain, &p.steps, "api::a.a").rewrite_row(&mut row, &mut PanickingHost);
    assert_eq!(row["seo"], Json::Null);

    // The move back by answers empties the component, which is removed.
    let mut answers = Answers::default();
    answers.add_move("api::a.a.seo.metaTitle=title").unwrap();
    answers.add_move("api::a.a.seo.image=cover").unwrap();
    let p = plan_change(&moved, &plain, &answers);
    assert!(
        sentences(&p).contains(&"Remove `seo` from `api::a.a`: all of its content was moved."),
        "{:?}",
        sentences(&p)
    );
    assert_eq!(p.latest_timing(), StepTiming::Apply);
    let hints = snapshot_of_type(
        json!({"title": {"type": "text", "renamedFrom": "seo.metaTitle"}, "cover": {"type": "media", "renamedFrom": "seo.image"}}),
    );
    assert_eq!(plan_without_answers(&moved, &hints).latest_timing(), StepTiming::Start);
    // A value that is not moved is lost.
    let partly = snapshot_of_type(json!({"title": {"type": "text", "renamedFrom": "seo.metaTitle"}}));
    let p = plan_without_answers(&moved, &partly);
    assert_eq!(p.steps.iter().filter(|s| s.class == ChangeClass::Drop).count(), 1);

    let list = snapshot_with_seo(
        true,
        json!({"movedInto": {"metaTitle": "title"}}),
        inside.clone(),
        json!({"cover": {"type": "media"}}),
    );
    assert!(
        problems(&plan_without_answers(&plain, &list))[0].contains("is a list"),
        "{:?}",
        problems(&plan_without_answers(&plain, &list))
    );
    let both = snapshot_with_seo(false, json!({}), inside.clone(), json!({"title": {"type": S}}));
    let over = snapshot_with_seo(false, json!({"movedInto": {"metaTitle": "title"}}), inside.clone(), json!({}));
    assert!(problems(&plan_without_answers(&both, &over))[0].contains("would be overwritten"));
    let unknown = snapshot_with_seo(false, json!({"movedInto": {"nothing": "title"}}), inside, json!({}));
    assert!(problems(&plan_without_answers(&both, &unknown))[0].contains("has no `nothing`"));
}

#[test]
fn kind_changes_follow_the_data_and_the_decision() {
    let before = snapshot_of_type(json!({"x": {"type": S}}));
    let number = snapshot_of_type(json!({"x": {"type": "integer"}}));
    let p = plan_without_answers(&before, &number);
    assert_eq!((p.steps[0].class, p.latest_timing()), (ChangeClass::Convert, StepTiming::Apply));
    let p = plan_change(&before, &number, &decision_answers("api::a.a.x", "null"));
    assert_eq!(
        sentences(&p),
        ["Change `x` of `api::a.a` from string to integer. Values that do not fit become null and go to the trash."]
    );
    assert_eq!((p.latest_timing(), p.warnings.as_slice()), (StepTiming::Consent, &[][..]));
    assert_eq!(plan_change(&before, &before, &decision_answers("api::a.a.x", "null")).warnings.len(), 1);
    assert_ne!(p.hash(), plan_without_answers(&before, &number).hash());
    let p = plan_change(&before, &number, &decision_answers("api::a.a.x", "drop"));
    assert_eq!(p.steps.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["drop:api::a.a.x", "add:api::a.a.x"]);
    let p = plan_change(&before, &number, &decision_answers("api::a.a.x", "keep"));
    assert_eq!(
        problems(&p),
        ["api::a.a.x: `keep` is not a decision for a change of kind; use one of fail, null, cut, drop"]
    );

    let link = snapshot_of_type(json!({"x": {"type": "relation", "relation": "oneToOne", "target": "api::a.a"}}));
    assert_eq!(
        problems(&plan_without_answers(&before, &link)),
        ["api::a.a.x: a string cannot become a oneToOne relation to `api::a.a`. Keep its kind, give it another name, \
         or let its content go to the trash (decision `api::a.a.x=drop`)"]
    );
    let p = plan_change(&before, &link, &decision_answers("api::a.a.x", "drop"));
    assert_eq!((p.steps.len(), p.latest_timing()), (2, StepTiming::Consent));
    let narrow_enum = snapshot_of_type(json!({"x": {"type": "enumeration", "enum": ["a"]}}));
    let wider_enum = snapshot_of_type(json!({"x": {"type": "enumeration", "enum": ["b", "a"]}}));
    assert_eq!(
        (
            plan_without_answers(&narrow_enum, &wider_enum).latest_timing(),
            plan_without_answers(&wider_enum, &narrow_enum).latest_timing()
        ),
        (StepTiming::Start, StepTiming::Apply)
    );

    // Values that do not fit: by decision.
    struct RecordingHost(Vec<String>);
    impl RewriteHost for RecordingHost {
        fn instance_id(&mut self) -> i64 {
            unreachable!()
        }
        fn on_dropped(&mut self, _: &ChangeStep, place: &str, _: Option<i64>, value: &Json) {
            self.0.push(format!("gone {place} {value}"));
        }
        fn on_refused(&mut self, _: &ChangeStep, place: &str, _: Option<i64>, why: &ConversionError) {
            self.0.push(format!("refused {place} {why}"));
        }
    }
    for (decision, becomes, message) in [
        ("fail", json!("2.5"), "refused api::a.a.x `2.5` has a fraction, which would be lost"),
        ("null", Json::Null, "gone api::a.a.x \"2.5\""),
        ("cut", json!(2), "gone api::a.a.x \"2.5\""),
    ] {
        let p = plan_change(&before, &number, &decision_answers("api::a.a.x", decision));
        let mut row = json!({"x": "2.5"}).as_object().unwrap().clone();
        let mut host = RecordingHost(Vec::new());
        Rewriter::new(&before, &p.steps, "api::a.a").rewrite_row(&mut row, &mut host);
        assert_eq!((&row["x"], host.0), (&becomes, vec![message.to_owned()]));
    }
}

#[test]
fn rule_changes_report_checks_and_losses() {
    let with = |options: Json, i18n: bool, x: Json| {
        let extra_keys = json!({"options": options, "pluginOptions": {"i18n": {"localized": i18n}}});
        snapshot(&[("a", extra_keys, json!({"x": x, "y": {"type": "integer"}}))], &[])
    };
    let plain = with(json!({}), false, json!({"type": S}));
    let check = |x: Json| plan_without_answers(&plain, &with(json!({}), false, x));
    for (x, class, when) in [
        (json!({"type": S, "required": true}), ChangeClass::Check, StepTiming::StartIfItHolds),
        (json!({"type": S, "unique": true}), ChangeClass::Check, StepTiming::StartIfItHolds),
        (json!({"type": S, "index": true}), ChangeClass::Add, StepTiming::Start),
    ] {
        let p = check(x.clone());
        assert_eq!((p.steps.len(), p.steps[0].class, p.latest_timing()), (1, class, when), "{x}");
        let back = plan_without_answers(&with(json!({}), false, x), &plain);
        assert_eq!((back.steps.len(), back.latest_timing()), (1, StepTiming::Start));
    }
    assert!(check(json!({"type": S, "private": true, "minLength": 3})).is_empty());
    let p = plan_change(
        &plain,
        &with(json!({}), false, json!({"type": S, "required": true})),
        &decision_answers("api::a.a.x", "keep"),
    );
    assert_eq!(sentences(&p), ["Require `x` of `api::a.a` from the next time an entry is saved."]);

    let indexed = with(json!({"cairn": {"indexes": [["x", "y"]]}}), false, json!({"type": S}));
    assert_eq!(
        sentences(&plan_without_answers(&plain, &indexed)),
        ["Set the compound indexes of `api::a.a` to: x + y."]
    );
    let drafts = with(json!({"draftAndPublish": true}), false, json!({"type": S}));
    assert_eq!(
        (plan_without_answers(&plain, &drafts).latest_timing(), plan_without_answers(&drafts, &plain).latest_timing()),
        (StepTiming::Apply, StepTiming::Consent)
    );
    let local = json!({"type": S, "pluginOptions": {"i18n": {"localized": true}}});
    let locales = with(json!({}), true, local);
    let p = plan_without_answers(&plain, &locales);
    assert_eq!((sentences(&p).len(), p.latest_timing()), (1, StepTiming::Apply));
    assert_eq!(plan_without_answers(&locales, &plain).latest_timing(), StepTiming::Consent);
    let same = with(json!({}), true, json!({"type": S}));
    assert_eq!(plan_without_answers(&same, &locales).latest_timing(), StepTiming::Start);
    assert_eq!(plan_without_answers(&locales, &same).latest_timing(), StepTiming::StartIfItHolds);
    let p = plan_change(&locales, &same, &decision_answers("api::a.a.x", "cut"));
    assert_eq!(
        (p.latest_timing(), sentences(&p)[0].contains("that of the default locale")),
        (StepTiming::Consent, true)
    );
}

#[test]
fn what_a_condition_hides_at_times_is_not_required_of_entries() {
    let type_with = |condition: Json| {
        let mut shown = json!({"type": "string", "required": true});
        if !condition.is_null() {
            shown["conditions"] = json!({ "visible": condition });
        }
        snapshot_of_type(json!({"kind": {"type": "string"}, "shown": shown}))
    };
    let (always, at_times) = (type_with(Json::Null), type_with(json!({"==": [{"var": "kind"}, "x"]})));
    let classes = |plan: ChangePlan| plan.steps.iter().map(|step| step.class).collect::<Vec<_>>();
    assert_eq!(classes(plan_without_answers(&always, &at_times)), [ChangeClass::Add]);
    assert_eq!(classes(plan_without_answers(&at_times, &always)), [ChangeClass::Check]);
    // A condition that cannot be evaluated hides nothing.
    assert_eq!(classes(plan_without_answers(&always, &type_with(json!({"!": [{"var": "gone"}]})))), []);
}

#[test]
fn snapshots_stay_readable_across_versions() {
    let snapshot = snapshot_of_type(json!({"x": {"type": "enumeration", "enum": ["a"], "required": true}}));
    assert_eq!(Snapshot::from_json(&snapshot.to_json()), Ok(snapshot.clone()));
    assert_eq!(snapshot.hash().len(), 64);
    assert_ne!(snapshot.hash(), Snapshot::empty().hash());
    let mut json: Json = serde_json::from_str(&snapshot.to_json()).unwrap();
    // Models without collations stay readable to versions that do not know them.
    assert_eq!(json["format"], 1);
    json["types"][0]["unknownLater"] = 1.into();
    assert_eq!(Snapshot::from_json(&json.to_string()), Ok(snapshot));
    let newer = cairn_model::change::SNAPSHOT_FORMAT + 1;
    json["format"] = newer.into();
    json["types"] = "something else".into();
    assert_eq!(Snapshot::from_json(&json.to_string()), Err(SnapshotError::Newer(u64::from(newer))));
    assert!(matches!(Snapshot::from_json("{}"), Err(SnapshotError::Malformed(_))));
    // Stored snapshots must stay readable for ever.
    let stored = r#"{"format":1,"types":[{"uid":"api::a.a","kind":"singleType","table":"as","singular":"a","plural":"as",
        "attributes":[{"name":"b","column":"b","type":"relation","relation":"oneToMany","target":"api::c.c","side":{"inverse":"d"}},
        {"name":"e","column":"e","type":"datetime","unique":true,"renamedFrom":"f"},
        {"name":"g","column":"g","type":"dynamiczone","components":["x.y"]}]}],"components":[{"uid":"x.y","attributes":[]}]}"#;
    let read = Snapshot::from_json(stored).unwrap();
    assert_eq!(read.to_json(), stored.replace("\n        ", ""));
}
