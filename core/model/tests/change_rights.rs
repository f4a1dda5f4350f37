//! Permissions through a change: the same rows and fields, or fewer and said so.

#![allow(clippy::unwrap_used)]

mod common;

use cairn_model::change::permissions::{Permission, PermissionRewriter, RewrittenPermission, never_condition};
use cairn_model::change::*;
use common::project;
use serde_json::{Value as Json, json};

fn snapshot(types: &[(&str, Json, Json)], components: &[(&str, Json)]) -> Snapshot {
    let mut files = Vec::new();
    for (name, extra_keys, attributes) in types {
        let mut schema = json!({
            "kind": "collectionType", "info": {"singularName": name, "pluralName": format!("{name}s")}, "attributes": attributes,
        });
        schema.as_object_mut().unwrap().extend(extra_keys.as_object().unwrap().clone());
        let path = match *name {
            "user" => "src/extensions/users-permissions/content-types/user/schema.json".to_owned(),
            name => format!("src/api/{name}/content-types/{name}/schema.json"),
        };
        files.push((path, schema.to_string()));
    }
    for (uid, attributes) in components {
        let (category, name) = uid.split_once('.').unwrap();
        files.push((format!("src/components/{category}/{name}.json"), json!({ "attributes": attributes }).to_string()));
    }
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let loaded =
        cairn_model::load::load_project(project(&files).path()).unwrap_or_else(|problems| panic!("{problems:#?}"));
    Snapshot::from_registry(&loaded.registry)
}

fn to_one(target: &str) -> Json {
    json!({"type": "relation", "relation": "manyToOne", "target": target})
}

/// Vehicles of customers; users belong to a customer.
fn snapshot_before() -> Snapshot {
    snapshot(
        &[
            ("customer", json!({}), json!({"name": {"type": "string"}, "rank": {"type": "integer"}})),
            (
                "vehicle",
                json!({}),
                json!({
                    "customer": to_one("api::customer.customer"), "plate": {"type": "string"}, "secret": {"type": "string"},
                    "price": {"type": "string"}, "picture": {"type": "media"}, "title": {"type": "string"}, "note": {"type": "string"},
                    "seo": {"type": "component", "component": "c.seo"}, "parts": {"type": "component", "component": "c.part", "repeatable": true}
                }),
            ),
            ("user", json!({}), json!({"customer": to_one("api::customer.customer"), "level": {"type": "integer"}})),
        ],
        &[
            ("c.seo", json!({"metaTitle": {"type": "string"}, "open": {"type": "boolean"}})),
            ("c.part", json!({"supplier": to_one("api::customer.customer"), "kind": {"type": "string"}})),
        ],
    )
}

/// Everything has another name; `plate` and `secret` have each other's.
fn renamed_snapshot() -> (Snapshot, Answers) {
    let after = snapshot(
        &[
            (
                "client",
                json!({"renamedFrom": "api::customer.customer"}),
                json!({"label": {"type": "string", "renamedFrom": "name"}, "rank": {"type": "integer"}}),
            ),
            (
                "car",
                json!({"renamedFrom": "api::vehicle.vehicle"}),
                json!({
                    "owner": to_one("api::client.client"), "secret": {"type": "string"}, "plate": {"type": "string"},
                    "price": {"type": "string"}, "picture": {"type": "media"}, "title": {"type": "string"}, "note": {"type": "string"},
                    "seo": {"type": "component", "component": "c.seo"}, "pieces": {"type": "component", "component": "c.piece", "repeatable": true}
                }),
            ),
            ("user", json!({}), json!({"client": to_one("api::client.client"), "level": {"type": "integer"}})),
        ],
        &[
            ("c.seo", json!({"metaTitle": {"type": "string"}, "open": {"type": "boolean"}})),
            ("c.piece", json!({"maker": to_one("api::client.client"), "kind": {"type": "string"}})),
        ],
    );
    let mut answers = Answers::default();
    for rename in [
        "api::vehicle.vehicle.customer=owner",
        "api::vehicle.vehicle.plate=secret",
        "api::vehicle.vehicle.secret=plate",
        "api::vehicle.vehicle.parts=pieces",
        "c.part=c.piece",
        "c.part.supplier=maker",
        "plugin::users-permissions.user.customer=client",
    ] {
        answers.add_rename(rename).unwrap();
    }
    (after, answers)
}

fn find_permission(condition: Option<Json>, fields: Option<&[&str]>) -> Permission {
    let fields = fields.map(|fields| fields.iter().map(|f| (*f).to_owned()).collect());
    Permission { subject: "api::vehicle.vehicle".into(), action: "find".into(), condition, fields }
}

fn rewrite(after: &Snapshot, answers: &Answers, permission: &Permission) -> RewrittenPermission {
    let before = snapshot_before();
    let plan = plan_change(&before, after, answers);
    assert_eq!(plan.problems, []);
    PermissionRewriter::new(&before, &plan.steps).rewrite(permission)
}

#[test]
fn permissions_follow_renamed_attributes_and_types() {
    let (after, answers) = renamed_snapshot();
    for (old, new) in [
        (
            json!({"customer": {"documentId": {"$eq": "$user.customer.documentId"}}}),
            json!({"owner": {"documentId": {"$eq": "$user.client.documentId"}}}),
        ),
        (json!({"plate": "x", "secret": {"$ne": "y"}}), json!({"secret": "x", "plate": {"$ne": "y"}})),
        (
            json!({"$or": [{"customer": {"name": "a"}}, {"$not": {"parts": {"supplier": {"name": {"$in": ["b", "$user.customer.name"]}}}}}]}),
            json!({"$or": [{"owner": {"label": "a"}}, {"$not": {"pieces": {"maker": {"label": {"$in": ["b", "$user.client.label"]}}}}}]}),
        ),
        (
            json!({"picture": {"name": "x"}, "createdAt": {"$lt": "$now"}}),
            json!({"picture": {"name": "x"}, "createdAt": {"$lt": "$now"}}),
        ),
        (json!({"customer": "$user.customer.documentId"}), json!({"owner": "$user.client.documentId"})),
        (json!({"plate": {"$in": "$user.groups"}}), json!({"secret": {"$in": "$user.groups"}})),
        (
            json!({"customer": {"$notNull": true}, "parts": {"id": 3}}),
            json!({"owner": {"$notNull": true}, "pieces": {"id": 3}}),
        ),
        (
            json!({"$and": [[{"plate": "a"}], {"title": ["b", "c"]}]}),
            json!({"$and": [[{"secret": "a"}], {"title": ["b", "c"]}]}),
        ),
    ] {
        let rewritten_permission = rewrite(&after, &answers, &find_permission(Some(old.clone()), None));
        assert_eq!(rewritten_permission.notes, Vec::<String>::new(), "{old}");
        let permission = rewritten_permission.permission.unwrap();
        assert_eq!((permission.subject.as_str(), permission.condition), ("api::car.car", Some(new)), "{old}");
        assert_eq!(permission.fields, None);
    }
    let fields = rewrite(&after, &answers, &find_permission(None, Some(&["plate", "customer", "documentId"])))
        .permission
        .unwrap()
        .fields;
    assert_eq!(fields, Some(vec!["secret".into(), "owner".into(), "documentId".into()]));
    // Permissions on other subjects than content stay.
    let login = Permission { subject: "plugin::users-permissions.auth".into(), ..find_permission(None, None) };
    assert_eq!(rewrite(&after, &answers, &login), RewrittenPermission { permission: Some(login), notes: vec![] });
}

#[test]
fn permissions_that_cannot_be_rewritten_match_nothing() {
    let (after, answers) = renamed_snapshot();
    for (old, why) in [
        (json!({"nothing": 1}), "names `nothing`, which `api::vehicle.vehicle` did not have"),
        (json!({"customer": {"nothing": 1}}), "names `nothing`, which `api::customer.customer` did not have"),
        (json!({"plate": "$user.nothing"}), "did not have `nothing`"),
        (json!({"plate": "$user.level.x"}), "cannot be followed"),
    ] {
        let rewritten_permission = rewrite(&after, &answers, &find_permission(Some(old), None));
        assert_eq!(rewritten_permission.permission.unwrap().condition, Some(never_condition()));
        assert!(rewritten_permission.notes[0].contains(why), "{:?}", rewritten_permission.notes);
    }
    let deep = (0..100).fold(json!({}), |inner, _| json!({ "$not": inner }));
    assert_eq!(
        rewrite(&after, &answers, &find_permission(Some(deep), None)).permission.unwrap().condition,
        Some(never_condition())
    );

    // Dropped, and another one takes the name.
    let mut dropped = snapshot_before();
    let vehicle = dropped.types.iter_mut().find(|t| t.uid == "api::vehicle.vehicle").unwrap();
    vehicle.attributes.retain(|a| a.name != "plate");
    let secret = vehicle.attributes.iter_mut().find(|a| a.name == "secret").unwrap();
    (secret.name, secret.column, secret.renamed_from) = ("plate".into(), "plate".into(), Some("secret".into()));
    let none = Answers::default();
    let found = rewrite(&dropped, &none, &find_permission(Some(json!({"plate": "x"})), Some(&["plate"])));
    let permission = found.permission.unwrap();
    assert_eq!((permission.condition, permission.fields), (Some(never_condition()), Some(vec![])));
    assert_eq!(found.notes.len(), 2, "{:?}", found.notes);

    // A type that is dropped takes its rights along; one of that name that comes later starts with none.
    let mut snapshot = snapshot_before();
    snapshot.types.retain(|t| t.uid != "api::vehicle.vehicle");
    assert_eq!(rewrite(&snapshot, &none, &find_permission(None, None)).permission, None);
    let stale = Permission { subject: "api::later.later".into(), ..find_permission(None, None) };
    assert_eq!(rewrite(&snapshot, &none, &stale).permission, None);

    // Comparisons mean something else in another kind.
    let mut number = snapshot_before();
    let vehicle = number.types.iter_mut().find(|t| t.uid == "api::vehicle.vehicle").unwrap();
    vehicle.attributes.iter_mut().find(|a| a.name == "price").unwrap().kind = KindShape::Integer;
    let found = rewrite(&number, &none, &find_permission(Some(json!({"price": {"$lt": "5"}})), Some(&["price"])));
    assert!(found.notes[0].contains("changes from string to integer"), "{:?}", found.notes);
    let permission = found.permission.unwrap();
    assert_eq!((permission.condition, permission.fields), (Some(never_condition()), Some(vec!["price".into()])));
}

/// The model after `edit` of the vehicle's and the component's attributes.
fn edited_snapshot(edit: impl Fn(&mut TypeShape, &mut ComponentShape)) -> Snapshot {
    let mut after = snapshot_before();
    let seo = after.components.iter_mut().find(|c| c.uid == "c.seo").unwrap();
    let vehicle = after.types.iter_mut().find(|t| t.uid == "api::vehicle.vehicle").unwrap();
    edit(vehicle, seo);
    after
}

fn move_answers(text: &[&str]) -> Answers {
    let mut answers = Answers::default();
    text.iter().for_each(|m| answers.add_move(m).unwrap());
    answers
}

fn take_attribute(list: &mut Vec<AttributeShape>, name: &str) -> AttributeShape {
    list.remove(list.iter().position(|a| a.name == name).unwrap())
}

fn with_name(attribute: AttributeShape, name: &str) -> AttributeShape {
    AttributeShape { name: name.into(), column: name.into(), ..attribute }
}

#[test]
fn permissions_follow_moves_into_a_component() {
    let after = edited_snapshot(|vehicle, seo| {
        let title = take_attribute(&mut vehicle.attributes, "title");
        let note = take_attribute(&mut vehicle.attributes, "note");
        seo.attributes.extend([with_name(title, "heading"), with_name(note, "remark")]);
    });
    let answers = move_answers(&["api::vehicle.vehicle.title=seo.heading", "api::vehicle.vehicle.note=seo.remark"]);
    let condition = json!({"title": "a", "note": {"$ne": "b"}, "seo": {"open": true}, "$and": [{"title": "c"}]});
    let rewritten_permission = rewrite(&after, &answers, &find_permission(Some(condition), Some(&["title", "plate"])));
    let permission = rewritten_permission.permission.unwrap();
    assert_eq!(
        permission.condition.unwrap(),
        json!({
            "seo": {"heading": "a"},
            "$and": [{"seo": {"heading": "c"}}, {"seo": {"remark": {"$ne": "b"}}}, {"seo": {"open": true}}]
        })
    );
    // The whole component would be more than was allowed.
    assert_eq!(permission.fields, Some(vec!["plate".into()]));
    assert!(rewritten_permission.notes[0].contains("no longer covers `title`"), "{:?}", rewritten_permission.notes);
    let fields = rewrite(&after, &answers, &find_permission(None, Some(&["title", "seo"]))).permission.unwrap().fields;
    assert_eq!(fields, Some(vec!["seo".into()]));

    // A new component of nothing but what was allowed.
    let mut after = snapshot_before();
    let vehicle = after.types.iter_mut().find(|t| t.uid == "api::vehicle.vehicle").unwrap();
    let title = take_attribute(&mut vehicle.attributes, "title");
    let holder = AttributeShape {
        kind: KindShape::Component { component: "c.new".into(), repeatable: false },
        ..with_name(title.clone(), "head")
    };
    vehicle.attributes.push(holder);
    after.components.push(ComponentShape { uid: "c.new".into(), attributes: vec![title], renamed_from: None });
    after.components.sort_by(|a, b| a.uid.cmp(&b.uid));
    let answers = move_answers(&["api::vehicle.vehicle.title=head.title"]);
    let found = rewrite(&after, &answers, &find_permission(None, Some(&["title"])));
    assert_eq!((found.permission.unwrap().fields, found.notes), (Some(vec!["head".into()]), vec![]));

    // Variables do not reach into components.
    let mut after = snapshot_before();
    let user = after.types.iter_mut().find(|t| t.uid == "plugin::users-permissions.user").unwrap();
    let level = take_attribute(&mut user.attributes, "level");
    let holder = AttributeShape {
        kind: KindShape::Component { component: "c.level".into(), repeatable: false },
        ..with_name(level.clone(), "box")
    };
    user.attributes.push(holder);
    after.components.push(ComponentShape { uid: "c.level".into(), attributes: vec![level], renamed_from: None });
    after.components.sort_by(|a, b| a.uid.cmp(&b.uid));
    let answers = move_answers(&["plugin::users-permissions.user.level=box.level"]);
    let found = rewrite(&after, &answers, &find_permission(Some(json!({"customer": {"rank": "$user.level"}})), None));
    assert_eq!(found.permission.unwrap().condition, Some(never_condition()));
}

#[test]
fn permissions_follow_moves_out_of_a_component() {
    let after = edited_snapshot(|vehicle, seo| {
        let title = take_attribute(&mut seo.attributes, "metaTitle");
        vehicle.attributes.push(with_name(title, "heading"));
    });
    let answers = move_answers(&["api::vehicle.vehicle.seo.metaTitle=heading"]);
    for (old, new) in [
        (json!({"seo": {"metaTitle": "a"}}), json!({"heading": "a"})),
        (
            json!({"seo": {"metaTitle": "a", "open": true, "id": 3}}),
            json!({"heading": "a", "seo": {"open": true}, "$and": [{"seo": {"id": 3}}]}),
        ),
        (
            json!({"seo": {"$or": [{"metaTitle": "a"}, {"open": false}], "$not": {"metaTitle": {"$contains": "b"}}}}),
            json!({"$or": [{"heading": "a"}, {"seo": {"open": false}}], "$not": {"heading": {"$contains": "b"}}}),
        ),
        (json!({"seo": {"$notNull": true}}), json!({"seo": {"$notNull": true}})),
        (json!({"$or": [{"seo": {"open": true}}]}), json!({"$or": [{"seo": {"open": true}}]})),
    ] {
        let permission = rewrite(&after, &answers, &find_permission(Some(old.clone()), None));
        assert_eq!(permission.permission.unwrap().condition, Some(new), "{old} {:?}", permission.notes);
    }
    let fields = rewrite(&after, &answers, &find_permission(None, Some(&["seo"]))).permission.unwrap().fields;
    assert_eq!(fields, Some(vec!["seo".into(), "heading".into()]));
}
