use super::*;
use crate::testing::{ContentFixture, expect_refusal, full_access};
use crate::{RefusalKind, WriteOptions};
use cairn_model::{AttributeId, LinkTarget, Value};
use cairn_query::{Access, Action};
use cairn_store::content::DocumentRow;
use cairn_store::events::Actor;
use cairn_store::history::HistoryStatus;
use serde_json::{Value as Json, json};

async fn project() -> ContentFixture {
    ContentFixture::new(
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

fn entry_info(actor: &Actor, at: i64, autosave: bool) -> HistoryEntryInfo<'_> {
    HistoryEntryInfo { action: "updated", status: HistoryStatus::Draft, autosave, actor, at, note: None }
}

async fn draft_row(p: &ContentFixture, id: &str) -> DocumentRow {
    p.rows("posts", id).await.into_iter().find(|r| !r.published).unwrap()
}

type LinksBefore = Vec<(AttributeId, Vec<LinkTarget>)>;

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_contain_all_values_except_passwords() {
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
    let row = draft_row(&p, &id).await;
    let content_type = p.type_id("posts");
    let document_row = row.clone();
    let (shot, linked) = p
        .write(move |tx| {
            let registry = tx.registry();
            let linked = tx.reader().links().find_targets(content_type, document_row.id)?.into_iter().collect();
            Ok((snapshot::build_snapshot(&registry, registry.get(content_type), &document_row, &linked), linked.len()))
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
async fn text_of_a_snapshot_is_that_of_its_values() {
    let attributes = json!({
        "text": { "type": "text" }, "secret": { "type": "password" }, "whole": { "type": "integer" }, "big": { "type": "biginteger" },
        "float": { "type": "float" }, "decimal": { "type": "decimal" }, "flag": { "type": "boolean" }, "json": { "type": "json" },
        "day": { "type": "date" }, "time": { "type": "time" }, "moment": { "type": "datetime" },
    });
    let mut all = attributes.clone();
    let links = json!({
        "one": { "type": "relation", "relation": "manyToOne", "target": "api::tag.tag" },
        "many": { "type": "relation", "relation": "manyToMany", "target": "api::tag.tag" },
        "any": { "type": "relation", "relation": "morphToMany" },
        "part": { "type": "component", "component": "shared.part" },
        "parts": { "type": "component", "repeatable": true, "component": "shared.part" },
        "zone": { "type": "dynamiczone", "components": ["shared.part"] },
    });
    all.as_object_mut().unwrap().extend(links.as_object().unwrap().clone());
    let mut part = attributes;
    part["tag"] = json!({ "type": "relation", "relation": "oneToOne", "target": "api::tag.tag" });
    let tag = json!({ "kind": "collectionType", "attributes": { "name": { "type": "string" } } });
    let post = json!({ "kind": "collectionType", "options": { "draftAndPublish": true }, "attributes": all });
    let p = ContentFixture::new(&[("tag", tag), ("post", post)], &[("shared.part", part)]).await;
    let tag = p.create("tags", json!({ "name": "a" })).await;
    let filled = |text: &str| {
        json!({
            "text": text, "secret": "hidden word", "whole": -3, "big": "9007199254740993", "float": 0.1, "decimal": "10.10", "flag": true,
            "json": { "b": [1, null, "\"x\""], "a": {} }, "day": "2024-02-29", "time": "09:30:00", "moment": "2024-02-29T09:30:00.000Z",
        })
    };
    let mut values = filled("\"quoted\" \\ \n \u{1} \u{7f} é 🚲 </script>");
    let mut inside = filled("\t");
    inside["tag"] = json!(tag);
    values["part"] = inside.clone();
    values["parts"] = json!([inside, {}]);
    inside["__component"] = json!("shared.part");
    values["zone"] = json!([inside, { "__component": "shared.part", "flag": false }]);
    values["one"] = json!(tag);
    values["many"] = json!([tag]);
    values["any"] = json!([{ "__type": "api::tag.tag", "documentId": tag }]);
    let empty = json!({ "text": "", "json": [], "parts": [], "float": 1e300 });
    let content_type = p.type_id("posts");
    for (values, filled) in [(values, 16), (empty, 2), (json!({ "json": null }), 0)] {
        let id = p.create("posts?status=draft", values).await;
        let row = draft_row(&p, &id).await;
        let (text, expected, named) = p
            .write(move |tx| {
                let registry = tx.registry();
                let ct = registry.get(content_type);
                let linked: LinksByAttribute = tx.reader().links().find_targets(ct.id, row.id)?.into_iter().collect();
                let built = snapshot::build_snapshot(&registry, ct, &row, &linked);
                let has_value = |value: &Json| match value {
                    Json::Array(list) => !list.is_empty(),
                    value => !value.is_null(),
                };
                let mut named = 0;
                for (id, a) in ct.attributes.iter().filter(|(_, a)| a.name != "secret") {
                    let is_filled = snapshot::is_filled(&registry, &row, &linked, id, a);
                    assert_eq!(is_filled, has_value(&built[&a.name]), "{}", a.name);
                    named += usize::from(is_filled);
                }
                let text = snapshot::write_snapshot(&registry, ct, &row, &linked);
                Ok((text, Json::Object(built).to_string(), named))
            })
            .await;
        assert_eq!(text, expected);
        assert_eq!(named, filled);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_attributes_are_recorded() {
    let p = project().await;
    let a = p.create("tags", json!({ "name": "a" })).await;
    let id = p.create("posts?status=draft", json!({ "title": "One", "secret": "hidden word", "tags": [a] })).await;
    let row = draft_row(&p, &id).await;
    let content_type = p.type_id("posts");
    let names = |previous: Option<DocumentRow>, row: DocumentRow, before: LinksBefore| {
        p.write(move |tx| {
            record_save(
                tx,
                content_type,
                previous.as_ref(),
                &row,
                &before,
                &entry_info(&Actor::admin(1, "Anna"), 1, false),
            )
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

fn caller_context(access: &Arc<Access>) -> CallerContext<'_> {
    CallerContext { access, actor: crate::testing::public_actor(), default_locale: "en" }
}

/// Entries of a document, oldest first: id and content.
fn entries(p: &ContentFixture, route: &str, id: &str) -> Vec<(i64, Json)> {
    let access = full_access();
    let list = p.content.history_entries(&caller_context(&access), p.type_id(route), id, None, None, 1_000).unwrap();
    list.into_iter().rev().map(|e| (e.id, json!(e))).collect()
}

fn actions(p: &ContentFixture, route: &str, id: &str) -> Vec<String> {
    let say = |e: &Json| format!("{} {}", e["action"].as_str().unwrap(), e["status"].as_str().unwrap());
    entries(p, route, id).iter().map(|(_, e)| say(e)).collect()
}

fn version_content(p: &ContentFixture, entry: i64) -> Json {
    json!(p.content.history_version(&caller_context(&full_access()), entry).unwrap())
}

async fn restore(p: &ContentFixture, entry: i64, request: RestoreRequest) -> crate::Result<Json> {
    p.content.history_restore(&caller_context(&full_access()), entry, request).await.map(|restored| json!(restored))
}

fn restore_fields(fields: &[&str]) -> RestoreRequest {
    RestoreRequest { fields: Some(fields.iter().map(|f| (*f).to_owned()).collect()), ..RestoreRequest::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_save_adds_a_history_entry() {
    let p = project().await;
    let id = p.create("posts", json!({ "title": "One" })).await;
    p.update("posts?status=draft", &id, json!({ "title": "Two" })).await;
    p.advance_clock(60);
    p.update("posts", &id, json!({ "title": "Three", "inside": "x" })).await;
    assert_eq!(actions(&p, "posts", &id), ["created published", "updated draft", "updated published"]);
    let all = entries(&p, "posts", &id);
    assert_eq!(all[2].1["changed"], json!(["title", "inside"]));
    let draft = version_content(&p, all[1].0);
    assert_eq!((&draft["content"]["title"], &draft["content"]["documentId"]), (&json!("Two"), &json!(id)));
    assert_eq!(draft["content"]["first"], Json::Null);
    // In pages.
    let access = full_access();
    let page = p
        .content
        .history_entries(&caller_context(&access), p.type_id("posts"), &id, Some(""), Some(all[2].0), 1)
        .unwrap();
    assert_eq!(page[0].id, all[1].0);
    // A write that was refused left nothing.
    p.update_as(&full_access(), "posts", &id, json!({ "nothing": 1 })).await.unwrap_err();
    assert_eq!(entries(&p, "posts", &id).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_without_history_get_a_baseline_entry() {
    let p = project().await;
    let a = p.create("tags", json!({ "name": "a" })).await;
    let id = p.create("posts", json!({ "title": "One", "tags": [a] })).await;
    let document = id.clone();
    p.write(move |tx| Ok(tx.history().delete_for_document("api::post.post", &document)?)).await;
    p.update("posts?status=draft", &id, json!({ "title": "Two", "tags": [] })).await;
    assert_eq!(actions(&p, "posts", &id), ["baseline draft", "updated draft"]);
    let first = version_content(&p, entries(&p, "posts", &id)[0].0);
    assert_eq!(first["content"]["title"], "One");
    assert_eq!(first["content"]["tags"], json!([{ "documentId": a, "title": "a" }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn autosaves_are_merged_and_cannot_publish() {
    let p = project().await;
    let id = p.create("posts?status=draft", json!({ "title": "0" })).await;
    let access = full_access();
    for (n, seconds) in [(1, 10), (2, 100), (3, 400)] {
        p.advance_clock(seconds);
        let body = Some(json!({ "data": { "title": n.to_string() } }));
        let terms = WriteOptions { autosave: true, ..WriteOptions::default() };
        p.content.update(p.request_context(&access, "posts", "status=draft"), &id, body, terms).await.unwrap();
    }
    let titles: Vec<Json> =
        entries(&p, "posts", &id).iter().map(|(n, _)| version_content(&p, *n)["content"]["title"].clone()).collect();
    assert_eq!(titles, ["0", "2", "3"]);
    let terms = WriteOptions { autosave: true, ..WriteOptions::default() };
    let publishing = p
        .content
        .update(p.request_context(&access, "posts", ""), &id, Some(json!({ "data": {} })), terms.clone())
        .await;
    assert_eq!(expect_refusal(publishing).0, RefusalKind::Validation);
    let tag = p.create("tags", json!({})).await;
    let tags = p.content.update(p.request_context(&access, "tags", ""), &tag, Some(json!({ "data": {} })), terms).await;
    assert_eq!(expect_refusal(tags).0, RefusalKind::Validation);
}

#[tokio::test(flavor = "multi_thread")]
async fn version_comparison_lists_every_difference() {
    let p = project().await;
    let (a, b) = (p.create("tags", json!({ "name": "a" })).await, p.create("tags", json!({ "name": "b" })).await);
    let long = "The quick brown fox jumps over the lazy dog, again and again and again.";
    let id = p
        .create(
            "posts",
            json!({
                "title": long, "price": "1.10", "tags": [a, b], "seo": { "text": "old" },
                "blocks": [{ "__component": "shared.seo", "text": "1" }, { "__component": "shared.seo", "text": "2" },
                           { "__component": "shared.seo", "text": "3" }],
            }),
        )
        .await;
    let now = p.get("posts?status=draft&populate=*", &id);
    let block = |i: usize| now["blocks"][i]["id"].clone();
    p.update(
        "posts",
        &id,
        json!({
            "title": long.replace("brown", "red"), "price": "1.2", "tags": [b],
            "seo": { "id": now["seo"]["id"], "text": "new", "tag": a },
            "blocks": [{ "__component": "shared.seo", "id": block(2) }, { "__component": "shared.seo", "id": block(0), "text": "x" },
                       { "__component": "shared.seo", "text": "fresh" }],
        }),
    )
    .await;
    let all = entries(&p, "posts", &id);
    let compared = json!(p.content.history_compare(&caller_context(&full_access()), all[0].0, all[1].0).unwrap());
    let find_difference = |name: &str| -> Json {
        let list = compared["differences"].as_array().unwrap();
        list.iter().find(|d| d["attribute"] == name).unwrap_or_else(|| panic!("{compared:#}")).clone()
    };
    assert_eq!(compared["differences"].as_array().unwrap().len(), 5, "{compared:#}");
    let changed: Vec<Json> =
        find_difference("title")["text"].as_array().unwrap().iter().filter(|t| t["op"] != "equal").cloned().collect();
    assert_eq!(json!(changed), json!([{ "op": "delete", "text": "brown" }, { "op": "insert", "text": "red" }]));
    assert_eq!((&find_difference("price")["before"], &find_difference("price")["after"]), (&json!(1.1), &json!(1.2)));
    assert_eq!(find_difference("tags")["removed"], json!([{ "documentId": a, "title": "a" }]));
    assert_eq!((&find_difference("tags")["added"], &find_difference("tags")["reordered"]), (&json!([]), &json!(false)));
    let seo = find_difference("seo");
    let names: Vec<&str> = seo["fields"].as_array().unwrap().iter().map(|f| f["attribute"].as_str().unwrap()).collect();
    assert_eq!((seo["change"].as_str(), names), (Some("changed"), vec!["text", "tag"]));
    let blocks = find_difference("blocks");
    let items: Vec<(String, Json, Json)> = blocks["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| (i["change"].as_str().unwrap().to_owned(), i["from"].clone(), i["to"].clone()))
        .collect();
    let is = |change: &str, from: Json, to: Json| (change.to_owned(), from, to);
    assert_eq!(
        items,
        [
            is("removed", json!(1), Json::Null),
            is("moved", json!(2), json!(0)),
            is("changed", json!(0), json!(1)),
            is("added", Json::Null, json!(2)),
        ]
    );
    // A version does not differ from itself, and cannot be compared with one of another document.
    let same = p.content.history_compare(&caller_context(&full_access()), all[0].0, all[0].0).unwrap();
    assert_eq!(same.differences, []);
    let other = entries(&p, "tags", &a)[0].0;
    assert_eq!(
        expect_refusal(p.content.history_compare(&caller_context(&full_access()), all[0].0, other)).0,
        RefusalKind::Validation
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_restored_as_a_whole_or_by_attribute() {
    let p = project().await;
    let (a, b) = (p.create("tags", json!({ "name": "a" })).await, p.create("tags", json!({ "name": "b" })).await);
    let first = json!({
        "title": "One", "secret": "hidden word", "inside": "for us", "price": "0.12345678901234567891", "big": "9007199254740993",
        "seo": { "text": "t", "key": "hidden word", "tag": a },
        "blocks": [{ "__component": "shared.seo", "text": "u", "tag": b }, { "__component": "shared.seo", "text": "v" }],
        "first": a, "tags": [b, a], "any": [{ "__type": "api::tag.tag", "documentId": b }],
    });
    let id = p.create("posts", first).await;
    let before = p.get("posts?populate=*&status=draft", &id);
    let row = draft_row(&p, &id).await;
    p.update(
        "posts",
        &id,
        json!({ "title": "Two", "inside": null, "price": null, "big": null, "seo": null, "blocks": [], "first": null,
                "tags": [], "any": [] }),
    )
    .await;
    let all = entries(&p, "posts", &id);
    // A single attribute is restored into the draft alone.
    let restored = restore(&p, all[0].0, restore_fields(&["title"])).await.unwrap();
    assert_eq!((&restored["data"]["title"], &restored["meta"]["restored"]), (&json!("One"), &json!(["title"])));
    assert_eq!(p.get("posts", &id)["title"], "Two");
    assert_eq!(p.get("posts?status=draft", &id)["big"], Json::Null);
    // The whole version is restored and published.
    let restored = restore(&p, all[0].0, RestoreRequest { publish: true, ..RestoreRequest::default() }).await.unwrap();
    assert_eq!((&restored["meta"]["leftOut"], &restored["meta"]["gone"]), (&json!([]), &json!([])));
    let document_row = draft_row(&p, &id).await;
    let get_value = |row: &DocumentRow, name: &str| {
        row.values[p.content.registry().get(p.type_id("posts")).attributes.get(name).unwrap().0].clone()
    };
    for name in ["title", "secret", "inside", "price", "big"] {
        assert_eq!(get_value(&document_row, name), get_value(&row, name), "{name}");
    }
    let now = p.get("posts?populate=*&status=draft", &id);
    assert_eq!(now["tags"], before["tags"]);
    let restored_entry = entries(&p, "posts", &id).pop().unwrap();
    let load_content = |entry| {
        let mut view = version_content(&p, entry)["content"].clone();
        for at in ["/seo/id", "/blocks/0/id", "/blocks/1/id"] {
            view.pointer_mut(at).unwrap().take();
        }
        view
    };
    assert_eq!(load_content(restored_entry.0), load_content(all[0].0));
    assert_eq!((&restored_entry.1["action"], &restored_entry.1["status"]), (&json!("restored"), &json!("published")));
    assert!(restored_entry.1["note"].as_str().unwrap().contains(&all[0].0.to_string()));
    // Instances that still exist are unchanged, including their passwords, which no version contains.
    let seo = now["seo"]["id"].clone();
    p.update("posts", &id, json!({ "seo": { "id": seo, "text": "changed", "key": "another word" } })).await;
    let seo_before = get_value(&draft_row(&p, &id).await, "seo");
    restore(&p, restored_entry.0, restore_fields(&["seo"])).await.unwrap();
    let (Value::Instance(instance), Value::Instance(now)) = (seo_before, get_value(&draft_row(&p, &id).await, "seo"))
    else {
        panic!()
    };
    assert_eq!((instance.id, &instance.values[1]), (now.id, &now.values[1]));
    assert_eq!(now.values[0], Value::Text("t".into()));
    // A target that is gone is left out, and named.
    p.delete_as(&full_access(), "tags", &a).await.unwrap();
    let restored = restore(&p, all[0].0, RestoreRequest::default()).await.unwrap();
    let paths: Vec<&str> =
        restored["meta"]["leftOut"].as_array().unwrap().iter().map(|l| l["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["seo.tag", "first", "tags"]);
    assert_eq!(version_content(&p, all[0].0)["content"]["first"], json!({ "documentId": a, "missing": true }));
    // A version that does not exist, and a field that the version does not contain.
    assert_eq!(expect_refusal(restore(&p, 1_000_000, RestoreRequest::default()).await).0, RefusalKind::NotFound);
    let (kind, message, _) = expect_refusal(restore(&p, all[0].0, restore_fields(&["nothing"])).await);
    assert!(kind == RefusalKind::Validation && message.contains("nothing"), "{message}");
    let stale = RestoreRequest { expected: Some(1), ..RestoreRequest::default() };
    assert_eq!(expect_refusal(restore(&p, all[0].0, stale).await).0, RefusalKind::Conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_documents_are_restored_with_their_id() {
    let p = project().await;
    let id = p.create("posts", json!({ "title": "One" })).await;
    p.update("posts?status=draft", &id, json!({ "title": "Draft" })).await;
    p.delete_as(&full_access(), "posts", &id).await.unwrap();
    assert_eq!(actions(&p, "posts", &id), ["created published", "updated draft", "deleted published", "deleted draft"]);
    let access = full_access();
    let deleted = p.content.deleted_documents(&caller_context(&access), p.type_id("posts"), None, 10).unwrap();
    assert_eq!(deleted.iter().map(|d| d.version.document_id.as_str()).collect::<Vec<_>>(), [id.as_str()]);
    let back = p.content.undelete(&caller_context(&access), p.type_id("posts"), &id).await.unwrap();
    assert_eq!((back.len(), &json!(back)[0]["data"]["title"]), (1, &json!("Draft")));
    assert_eq!((p.get("posts?status=draft", &id)["title"].as_str(), p.get("posts", &id)), (Some("Draft"), Json::Null));
    assert_eq!(p.content.deleted_documents(&caller_context(&access), p.type_id("posts"), None, 10).unwrap(), []);
    assert_eq!(
        expect_refusal(p.content.undelete(&caller_context(&access), p.type_id("posts"), &id).await).0,
        RefusalKind::NotFound
    );
    // The published version can be restored too.
    let published = entries(&p, "posts", &id)[2].0;
    restore(&p, published, RestoreRequest { publish: true, ..RestoreRequest::default() }).await.unwrap();
    assert_eq!(p.get("posts", &id)["title"], "One");
    // For good.
    let erased = p.content.erase_history(&caller_context(&access), p.type_id("posts"), &id).await;
    assert_eq!(expect_refusal(erased).0, RefusalKind::Validation);
    p.delete_as(&full_access(), "posts", &id).await.unwrap();
    assert!(p.content.erase_history(&caller_context(&access), p.type_id("posts"), &id).await.unwrap() > 5);
    assert_eq!(entries(&p, "posts", &id), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn history_respects_permissions() {
    let p = project().await;
    let own = p.create("posts", json!({ "title": "own", "inside": "for us" })).await;
    let other = p.create("posts", json!({ "title": "other" })).await;
    p.update("posts", &own, json!({ "inside": "more" })).await;
    let condition = Some(json!({ "title": { "$eq": "own" } }));
    let reader =
        p.access_to(&[("posts", Action::FindOne, condition.clone()), ("posts", Action::Find, condition.clone())]);
    let list = |access: &Arc<Access>, id: &str| {
        p.content.history_entries(&caller_context(access), p.type_id("posts"), id, None, None, 10)
    };
    let visible_entries = list(&reader, &own).unwrap();
    assert_eq!((visible_entries.len(), visible_entries[0].changed.len()), (2, 0), "private attributes are not named");
    assert_eq!(expect_refusal(list(&reader, &other)).0, RefusalKind::NotFound);
    assert_eq!(expect_refusal(list(&p.access_to(&[]), &own)).0, RefusalKind::Forbidden);
    let entry = entries(&p, "posts", &own)[0].0;
    let version = json!(p.content.history_version(&caller_context(&reader), entry).unwrap());
    assert_eq!((&version["content"]["title"], version["content"].get("inside")), (&json!("own"), None));
    let compared = p.content.history_compare(&caller_context(&reader), entry, entries(&p, "posts", &own)[1].0).unwrap();
    assert_eq!(compared.differences, []);
    // To read is not to write.
    let restored = p.content.history_restore(&caller_context(&reader), entry, RestoreRequest::default()).await;
    assert!(matches!(expect_refusal(restored).0, RefusalKind::Forbidden | RefusalKind::Validation));
    let mut blind = (*reader).clone();
    blind.read_drafts = false;
    assert_eq!(expect_refusal(list(&Arc::new(blind), &own)).0, RefusalKind::Forbidden);
    assert_eq!(
        expect_refusal(p.content.deleted_documents(&caller_context(&reader), p.type_id("posts"), None, 10)).0,
        RefusalKind::Forbidden
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_name_no_document_that_the_reader_may_not_see() {
    let p = project().await;
    let (a, b) = (p.create("tags", json!({ "name": "a" })).await, p.create("tags", json!({ "name": "b" })).await);
    let any = json!([{ "__type": "api::tag.tag", "documentId": b }]);
    let first = json!({ "title": "One", "seo": { "tag": a }, "first": a, "tags": [a, b], "any": any });
    let id = p.create("posts", first).await;
    p.update("posts", &id, json!({ "seo": null, "first": null, "tags": [b], "any": [] })).await;
    let all = entries(&p, "posts", &id);
    let read_by = |access: &Arc<Access>| {
        let version = p.content.history_version(&caller_context(access), all[0].0).unwrap();
        let compared = p.content.history_compare(&caller_context(access), all[0].0, all[1].0).unwrap();
        (json!(version)["content"].clone(), json!(compared)["differences"].clone())
    };
    let find_difference = |differences: &Json, name: &str| -> Json {
        differences.as_array().unwrap().iter().find(|d| d["attribute"] == name).unwrap().clone()
    };
    let posts = [("posts", Action::FindOne, None), ("posts", Action::Find, None)];
    let hidden = json!({ "noAccess": true });
    let (content, differences) = read_by(&p.access_to(&posts));
    assert_eq!((&content["tags"], &content["first"]), (&json!([hidden, hidden]), &hidden));
    assert_eq!((&content["any"], &content["seo"]["tag"]), (&json!([hidden]), &hidden));
    assert_eq!(find_difference(&differences, "tags")["removed"], json!([hidden]));
    for target in [&a, &b] {
        assert!(!format!("{content}{differences}").contains(target.as_str()), "{content} {differences}");
    }
    // A condition hides some of them.
    let only_a = ("tags", Action::Find, Some(json!({ "name": { "$eq": "a" } })));
    let (content, differences) = read_by(&p.access_to(&[&posts[..], &[only_a]].concat()));
    let visible = json!({ "documentId": a, "title": "a" });
    assert_eq!((&content["tags"], &content["first"]), (&json!([visible, hidden]), &visible));
    assert_eq!(content["any"], json!([hidden]));
    assert_eq!(find_difference(&differences, "tags")["removed"], json!([visible]));
}

#[tokio::test(flavor = "multi_thread")]
async fn purge_follows_the_retention_policy() {
    let p = project().await;
    let id = p.create("posts", json!({ "title": "0" })).await;
    for n in 1..6 {
        p.advance_clock(86_400);
        p.update("posts?status=draft", &id, json!({ "title": n.to_string() })).await;
    }
    let retention = HistoryRetention { versions: 2, days: Some(1), published: true };
    let (removed, next) = p.content.purge_history(&retention, 0).await.unwrap();
    assert_eq!((removed, next), (3, None));
    assert_eq!(actions(&p, "posts", &id), ["created published", "updated draft", "updated draft"]);
    let all = HistoryRetention { days: None, ..retention };
    p.advance_clock(100 * 86_400);
    assert_eq!(p.content.purge_history(&all, 0).await.unwrap().0, 0);
}
