//! Hooks in writes, with fakes whose decisions a test sets.

use crate::hooks::{HookAction, HookDecision};
use crate::testing::{ContentFixture, FakeHooks, amend, before_hook, full_access, prepare_hook, refuse};
use crate::{Content, ContentError, RefusalKind, WriteOptions};
use serde_json::{Value as Json, json};
use std::sync::Arc;

async fn count_documents(p: &ContentFixture, route: &str, query: &str) -> u64 {
    p.content.count(p.request_context(&full_access(), route, query)).await.unwrap()
}

/// Articles with drafts and notes without, which may link to each other.
async fn project(hooks: FakeHooks) -> (ContentFixture, Arc<FakeHooks>) {
    let article = json!({ "kind": "collectionType", "options": { "draftAndPublish": true }, "attributes": {
        "title": { "type": "string", "required": true }, "slug": { "type": "string" }, "rank": { "type": "integer", "max": 10 },
        "secret": { "type": "password" },
        "notes": { "type": "relation", "relation": "manyToMany", "target": "api::note.note" },
    } });
    let note = json!({ "kind": "collectionType", "options": { "draftAndPublish": false }, "attributes": {
        "text": { "type": "string", "unique": true },
    } });
    let mut p = ContentFixture::new(&[("article", article), ("note", note)], &[]).await;
    let hooks = Arc::new(hooks);
    p.content = p.content.clone().with_hooks(hooks.clone());
    (p, hooks)
}

fn refusal_message(error: ContentError) -> (String, Json) {
    match error {
        ContentError::Refused(refusal) => (refusal.message, refusal.details),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_see_every_action_with_its_changes() {
    let (p, hooks) = project(before_hook(|_, _| Ok(HookDecision::Allow))).await;
    let id = p.create("articles?status=draft", json!({ "title": "One", "rank": 1 })).await;
    p.update_as(&full_access(), "articles", &id, json!({ "rank": 2 })).await.unwrap();
    p.delete_as(&full_access(), "articles", &id).await.unwrap();
    let seens = hooks.seen.lock().clone();
    let steps: Vec<_> = seens.iter().map(|s| s.action).collect();
    assert_eq!(steps, ["create", "update", "publish", "delete"]);
    assert!(seens.iter().all(|s| s.document_id.as_deref() == Some(id.as_str())));
    assert_eq!((seens[0].before.is_none(), &seens[0].changed), (true, &vec!["title".to_owned(), "rank".to_owned()]));
    assert_eq!(seens[1].changed, ["rank"]);
    assert_eq!(seens[1].before.as_ref().unwrap()["rank"], 1);
    assert_eq!(seens[1].after.as_ref().unwrap()["rank"], 2);
    assert!(seens[1].after.as_ref().unwrap().get("secret").is_none());
    assert!(seens[2].before.is_none() && seens[3].after.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_changes_report_the_field_and_store_nothing() {
    let (p, _) = project(before_hook(|_, _| Err(refuse("title", "No")))).await;
    let refused = p.create_as(&full_access(), "articles", json!({ "title": "One" })).await.unwrap_err();
    let (text, details) = refusal_message(refused);
    assert_eq!((text.as_str(), &details["errors"][0]["path"]), ("No", &json!(["title"])));
    assert_eq!(count_documents(&p, "articles", "").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn amendments_are_validated_like_client_input() {
    let (p, hooks) = project(before_hook(|_, change| {
        let title = change.after.as_ref().and_then(|after| after["title"].as_str()).unwrap_or_default();
        match title {
            "too much" => amend(json!({ "rank": 11 })),
            "unknown" => amend(json!({ "colour": "red" })),
            "secret" => amend(json!({ "secret": "x" })),
            "emptied" => amend(json!({ "rank": null })),
            title => amend(json!({ "slug": title.to_lowercase() })),
        }
    }))
    .await;
    let created = p.create_as(&full_access(), "articles", json!({ "title": "One" })).await.unwrap();
    assert_eq!(created["slug"], "one");
    let id = created["documentId"].as_str().unwrap().to_owned();
    let updated = p.update_as(&full_access(), "articles", &id, json!({ "title": "emptied", "rank": 3 })).await.unwrap();
    assert_eq!(updated["rank"], Json::Null);
    for title in ["too much", "unknown", "secret"] {
        let refused = p.create_as(&full_access(), "articles", json!({ "title": title })).await.unwrap_err();
        // The fault lies with the plugin, not with the sender of the title.
        assert!(
            matches!(&refused, ContentError::Refused(r) if r.kind == RefusalKind::Unavailable),
            "{title}: {refused}"
        );
    }
    // The hook could know before. What was stored is published at once, and amended once more on that way.
    assert_eq!(hooks.checked.lock().as_slice(), [true, true, true, true, false, false, false]);
    assert_eq!(count_documents(&p, "articles", "").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn amendments_of_drafts_may_have_the_problems_of_drafts() {
    let (p, hooks) = project(before_hook(|_, change| {
        let after = change.after.as_ref().unwrap();
        let title = after["title"].as_str().unwrap_or_default().to_owned();
        // The amendment repeats a value that it does not change, as a plugin may.
        amend(json!({ "slug": title.to_lowercase(), "rank": after["rank"] }))
    }))
    .await;
    let access = full_access();
    let context = p.request_context(&access, "articles", "status=draft");
    let body = json!({ "data": { "title": "One", "rank": 11 } });
    let created = p.content.create_with(context, Some(body.clone()), WriteOptions::of_new_draft(true)).await.unwrap();
    assert_eq!(created.problems.iter().map(|problem| problem.path.join(".")).collect::<Vec<_>>(), ["rank"]);
    assert_eq!(hooks.checked.lock().as_slice(), [true]);
    assert_eq!(p.get("articles?status=draft", &created.document_id)["slug"], "one");
    // A later request changes another attribute.
    p.update("articles?status=draft", &created.document_id, json!({ "title": "Two" })).await;
    assert_eq!(p.get("articles?status=draft", &created.document_id)["slug"], "two");
    // Published it is not, with an amendment or without.
    assert!(p.update_as(&access, "articles", &created.document_id, json!({ "title": "Three" })).await.is_err());
    assert!(p.content.create(p.request_context(&access, "articles", ""), Some(body)).await.is_err());
    assert_eq!(p.get("articles", &created.document_id), Json::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn amendments_can_replace_relations_of_the_client() {
    let (p, hooks) = project(FakeHooks::default()).await;
    let (first, second) =
        (p.create("notes", json!({ "text": "a" })).await, p.create("notes", json!({ "text": "b" })).await);
    drop(hooks);
    let over = second.clone();
    let content =
        p.content.clone().with_hooks(Arc::new(before_hook(move |_, change| match change.content_type.uid.as_str() {
            "api::article.article" if change.action.has_values() => amend(json!({ "notes": { "set": [over] } })),
            _ => Ok(HookDecision::Allow),
        })));
    let access = full_access();
    let context = p.request_context(&access, "articles", "populate=notes&status=draft");
    let body = json!({ "data": { "title": "One", "notes": [first] } });
    let response = content.create(context, Some(body)).await.unwrap();
    let created: Json = serde_json::from_slice(&response.body).unwrap();
    let notes: Vec<_> = created["data"]["notes"].as_array().unwrap().iter().map(|n| n["documentId"].clone()).collect();
    assert_eq!(notes, [json!(second)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn hook_writes_commit_or_roll_back_with_the_change() {
    let (p, _) = project(FakeHooks::default()).await;
    let inner: Content = p.content.clone();
    let access = full_access();
    let notes = p.type_id("notes");
    let content = p.content.clone().with_hooks(Arc::new(before_hook(move |tx, change| {
        if change.content_type.id == notes || change.action != HookAction::Create {
            return Ok(HookDecision::Allow);
        }
        let title = change.after.as_ref().and_then(|a| a["title"].as_str()).unwrap_or_default().to_owned();
        let access = full_access();
        let context = crate::RequestContext {
            access: &access,
            content_type: notes,
            query: cairn_query::Query::empty(),
            default_locale: "en",
            actor: change.actor,
        };
        let wrote = inner.create_in(tx, context, Some(json!({ "data": { "text": title } })))?;
        // The new document is visible inside the transaction.
        let part = crate::ListRange::Window { start: 0, limit: 10 };
        let list = inner.rows_in(&tx.reader(), context, part)?;
        assert!(String::from_utf8_lossy(&list).contains(&title));
        inner.update_in(
            tx,
            context,
            &wrote.document_id,
            Some(json!({ "data": { "text": format!("{title}!") } })),
            None,
        )?;
        if title == "bad" { Err(refuse("title", "bad")) } else { Ok(HookDecision::Allow) }
    })));
    let request_context = p.request_context(&access, "articles", "");
    content.create(request_context, Some(json!({ "data": { "title": "good" } }))).await.unwrap();
    content.create(request_context, Some(json!({ "data": { "title": "bad" } }))).await.unwrap_err();
    assert_eq!((count_documents(&p, "articles", "").await, count_documents(&p, "notes", "").await), (1, 1));
    let list = content.find(p.request_context(&access, "notes", "")).await.unwrap();
    assert!(String::from_utf8_lossy(&list.body).contains("good!"));
}

#[tokio::test(flavor = "multi_thread")]
async fn prepare_hooks_see_the_resulting_document() {
    let (p, hooks) = project(prepare_hook(|change| match change.after.as_ref().and_then(|a| a["title"].as_str()) {
        Some("bad") => Err(refuse("title", "bad")),
        Some(title) => amend(json!({ "slug": format!("{title}-early") })),
        None => Ok(HookDecision::Allow),
    }))
    .await;
    let created = p.create_as(&full_access(), "articles", json!({ "title": "one", "rank": 1 })).await.unwrap();
    assert_eq!(created["slug"], "one-early");
    let id = created["documentId"].as_str().unwrap();
    p.update_as(&full_access(), "articles", id, json!({ "title": "two" })).await.unwrap();
    assert!(p.update_as(&full_access(), "articles", id, json!({ "title": "bad" })).await.is_err());
    let seens = hooks.seen.lock().clone();
    assert_eq!((seens[0].document_id.clone(), seens[1].document_id.as_deref()), (None, Some(id)));
    assert_eq!(
        (&seens[1].before.as_ref().unwrap()["title"], &seens[1].after.as_ref().unwrap()["rank"]),
        (&json!("one"), &json!(1))
    );
    assert_eq!(seens[1].changed, ["title"]);
}
