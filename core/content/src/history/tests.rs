use super::*;
use crate::testing::Project;
use cairn_model::{AttributeId, Target};
use cairn_store::content::Row;
use cairn_store::events::Actor;
use cairn_store::history::HistoryStatus;
use serde_json::{Value as Json, json};

async fn project() -> Project {
    Project::new(
        &[
            ("tag", json!({ "kind": "collectionType", "attributes": { "name": { "type": "string" } } })),
            (
                "post",
                json!({
                    "kind": "collectionType", "options": { "draftAndPublish": true },
                    "attributes": {
                        "title": { "type": "string" },
                        "secret": { "type": "password" },
                        "inside": { "type": "string", "private": true },
                        "price": { "type": "decimal" },
                        "big": { "type": "biginteger" },
                        "seo": { "type": "component", "component": "shared.seo" },
                        "blocks": { "type": "dynamiczone", "components": ["shared.seo"] },
                        "first": { "type": "relation", "relation": "manyToOne", "target": "api::tag.tag" },
                        "tags": { "type": "relation", "relation": "manyToMany", "target": "api::tag.tag" },
                        "any": { "type": "relation", "relation": "morphToMany" },
                    },
                }),
            ),
        ],
        &[(
            "shared.seo",
            json!({
                "text": { "type": "string" },
                "key": { "type": "password" },
                "tag": { "type": "relation", "relation": "oneToOne", "target": "api::tag.tag" },
            }),
        )],
    )
    .await
}

fn made(actor: &Actor, at: i64, autosave: bool) -> Made<'_> {
    Made { action: "updated", status: HistoryStatus::Draft, autosave, actor, at, note: None }
}

async fn draft(p: &Project, id: &str) -> Row {
    p.rows("posts", id).await.into_iter().find(|r| !r.published).unwrap()
}

type Before = Vec<(AttributeId, Vec<Target>)>;

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_holds_what_the_version_holds() {
    let p = project().await;
    let (a, b) = (p.create("tags", json!({ "name": "a" })).await, p.create("tags", json!({ "name": "b" })).await);
    let id = p
        .create(
            "posts?status=draft",
            json!({
                "title": "One", "secret": "hidden word", "inside": "for us", "price": "10.10", "big": "9007199254740993",
                "seo": { "text": "t", "key": "hidden word", "tag": a },
                "blocks": [{ "__component": "shared.seo", "text": "u" }],
                "first": a, "tags": [b, a],
                "any": [{ "__type": "api::tag.tag", "documentId": b }],
            }),
        )
        .await;
    let row = draft(&p, &id).await;
    let content_type = p.id("posts");
    let held = row.clone();
    let (shot, linked) = p
        .write(move |tx| {
            let registry = tx.registry();
            let linked = tx.linked(content_type, held.id)?.into_iter().collect();
            Ok((snapshot::snapshot(&registry, registry.get(content_type), &held, &linked), linked.len()))
        })
        .await;
    let mut shot = Json::Object(shot);
    assert_eq!(linked, 2);
    for at in ["/seo/id", "/blocks/0/id"] {
        assert!(shot.pointer_mut(at).unwrap().take().is_i64());
    }
    assert_eq!(
        shot.to_string(),
        json!({
            "title": "One", "inside": "for us", "price": "10.1", "big": "9007199254740993",
            "seo": { "id": null, "text": "t", "tag": [a] },
            "blocks": [{ "__component": "shared.seo", "id": null, "text": "u", "tag": [] }],
            "first": [a], "tags": [b, a],
            "any": [{ "__type": "api::tag.tag", "documentId": b }],
        })
        .to_string()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_is_named() {
    let p = project().await;
    let a = p.create("tags", json!({ "name": "a" })).await;
    let id = p.create("posts?status=draft", json!({ "title": "One", "secret": "hidden word", "tags": [a] })).await;
    let row = draft(&p, &id).await;
    let content_type = p.id("posts");
    let names = |held: Option<Row>, row: Row, before: Before| {
        p.write(move |tx| {
            record(tx, content_type, held.as_ref(), &row, &before, &made(&Actor::admin(1, "Anna"), 1, false))
        })
    };
    assert_eq!(names(None, row.clone(), vec![]).await, ["title", "secret", "tags"]);
    assert_eq!(names(Some(row.clone()), row.clone(), vec![]).await, Vec::<String>::new());
    let attribute = |name| p.content.registry().get(content_type).attributes.get(name).unwrap().0;
    let tags = attribute("tags");
    let mut other = row.clone();
    for name in ["title", "secret"] {
        other.values[attribute(name)] = cairn_model::Value::Null;
    }
    assert_eq!(names(Some(other), row.clone(), vec![(tags, vec![])]).await, ["title", "secret", "tags"]);
}
