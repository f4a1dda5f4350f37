//! Hooks in writes, with fakes whose decisions a test sets.

use crate::hooks::{CheckAmendment, CheckAmendmentIn, DocumentChange, HookAction, HookDecision, Hooks};
use crate::testing::{ContentFixture, full_access};
use crate::{Content, ContentError, RefusalKind, Result};
use cairn_model::TypeId;
use cairn_model::validate::FieldError;
use cairn_store::WriteTx;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

type Say = Box<dyn Fn(&mut WriteTx<'_>, &DocumentChange<'_>) -> Result<HookDecision> + Send + Sync>;
type SayEarly = Box<dyn Fn(&DocumentChange<'_>) -> Result<HookDecision> + Send + Sync>;

/// The values that a hook got.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    action: &'static str,
    document_id: Option<String>,
    before: Option<Json>,
    after: Option<Json>,
    changed: Vec<String>,
}

#[derive(Default)]
struct Said {
    inside: Option<Say>,
    early: Option<SayEarly>,
    seen: Mutex<Vec<Seen>>,
    /// Whether each amendment was valid, as the check reported to the hook before it was applied.
    checked: Mutex<Vec<bool>>,
}

impl Said {
    fn note(&self, change: &DocumentChange<'_>) {
        self.seen.lock().push(Seen {
            action: change.action.as_str(),
            document_id: change.document_id.map(str::to_owned),
            before: change.before.clone().map(Json::Object),
            after: change.after.clone().map(Json::Object),
            changed: change.changed.clone(),
        });
    }
}

impl Hooks for Said {
    fn has_before_hooks(&self, _: TypeId, _: HookAction) -> bool {
        self.inside.is_some()
    }

    fn has_prepare_hooks(&self, _: TypeId, _: HookAction) -> bool {
        self.early.is_some()
    }

    fn prepare<'a>(
        &'a self,
        change: DocumentChange<'a>,
        _: &'a CheckAmendment<'a>,
    ) -> BoxFuture<'a, Result<HookDecision>> {
        async move {
            self.note(&change);
            self.early.as_ref().map_or(Ok(HookDecision::Allow), |say| say(&change))
        }
        .boxed()
    }

    fn before(
        &self,
        tx: &mut WriteTx<'_>,
        change: DocumentChange<'_>,
        check: &CheckAmendmentIn<'_>,
    ) -> Result<HookDecision> {
        self.note(&change);
        let verdict = self.inside.as_ref().map_or(Ok(HookDecision::Allow), |say| say(tx, &change))?;
        if let HookDecision::Amend(patch) = &verdict {
            self.checked.lock().push(check(tx, patch).is_ok());
        }
        Ok(verdict)
    }
}

async fn count(p: &ContentFixture, route: &str, query: &str) -> u64 {
    p.content.count(p.request_context(&full_access(), route, query)).await.unwrap()
}

fn amend(patch: Json) -> Result<HookDecision> {
    Ok(HookDecision::Amend(patch.as_object().cloned().unwrap_or_else(Map::new)))
}

fn refuse(path: &str, message: &str) -> ContentError {
    let path = path.split('.').map(str::to_owned).collect();
    ContentError::field_errors(vec![FieldError { path, message: message.to_owned(), value: None }])
}

/// Articles with drafts and notes without, which may link to each other.
async fn project(said: Said) -> (ContentFixture, Arc<Said>) {
    let article = json!({ "kind": "collectionType", "options": { "draftAndPublish": true }, "attributes": {
        "title": { "type": "string", "required": true }, "slug": { "type": "string" }, "rank": { "type": "integer", "max": 10 },
        "secret": { "type": "password" },
        "notes": { "type": "relation", "relation": "manyToMany", "target": "api::note.note" },
    } });
    let note = json!({ "kind": "collectionType", "options": { "draftAndPublish": false }, "attributes": {
        "text": { "type": "string", "unique": true },
    } });
    let mut p = ContentFixture::new(&[("article", article), ("note", note)], &[]).await;
    let said = Arc::new(said);
    p.content = p.content.clone().with_hooks(said.clone());
    (p, said)
}

fn inside(say: impl Fn(&mut WriteTx<'_>, &DocumentChange<'_>) -> Result<HookDecision> + Send + Sync + 'static) -> Said {
    Said { inside: Some(Box::new(say)), ..Said::default() }
}

fn early(say: impl Fn(&DocumentChange<'_>) -> Result<HookDecision> + Send + Sync + 'static) -> Said {
    Said { early: Some(Box::new(say)), ..Said::default() }
}

fn message(error: ContentError) -> (String, Json) {
    match error {
        ContentError::Refused(refusal) => (refusal.message, refusal.details),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_of_a_document_is_shown_with_what_changes() {
    let (p, said) = project(inside(|_, _| Ok(HookDecision::Allow))).await;
    let id = p.create("articles?status=draft", json!({ "title": "One", "rank": 1 })).await;
    p.update_as(&full_access(), "articles", &id, json!({ "rank": 2 })).await.unwrap();
    p.delete_as(&full_access(), "articles", &id).await.unwrap();
    let seen = said.seen.lock().clone();
    let steps: Vec<_> = seen.iter().map(|s| s.action).collect();
    assert_eq!(steps, ["create", "update", "publish", "delete"]);
    assert!(seen.iter().all(|s| s.document_id.as_deref() == Some(id.as_str())));
    assert_eq!((seen[0].before.is_none(), &seen[0].changed), (true, &vec!["title".to_owned(), "rank".to_owned()]));
    assert_eq!(seen[1].changed, ["rank"]);
    assert_eq!(seen[1].before.as_ref().unwrap()["rank"], 1);
    assert_eq!(seen[1].after.as_ref().unwrap()["rank"], 2);
    assert!(seen[1].after.as_ref().unwrap().get("secret").is_none());
    assert!(seen[2].before.is_none() && seen[3].after.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_the_field_and_leaves_nothing() {
    let (p, _) = project(inside(|_, _| Err(refuse("title", "No")))).await;
    let refused = p.create_as(&full_access(), "articles", json!({ "title": "One" })).await.unwrap_err();
    let (text, details) = message(refused);
    assert_eq!((text.as_str(), &details["errors"][0]["path"]), ("No", &json!(["title"])));
    assert_eq!(count(&p, "articles", "").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn amendments_are_checked_like_what_a_client_sends() {
    let (p, said) = project(inside(|_, change| {
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
    let made = p.create_as(&full_access(), "articles", json!({ "title": "One" })).await.unwrap();
    assert_eq!(made["slug"], "one");
    let id = made["documentId"].as_str().unwrap().to_owned();
    let made = p.update_as(&full_access(), "articles", &id, json!({ "title": "emptied", "rank": 3 })).await.unwrap();
    assert_eq!(made["rank"], Json::Null);
    for title in ["too much", "unknown", "secret"] {
        let refused = p.create_as(&full_access(), "articles", json!({ "title": title })).await.unwrap_err();
        // It is no mistake of who sent the title.
        assert!(
            matches!(&refused, ContentError::Refused(r) if r.kind == RefusalKind::Unavailable),
            "{title}: {refused}"
        );
    }
    // The hook could know before. What was stored is published at once, and amended once more on that way.
    assert_eq!(said.checked.lock().as_slice(), [true, true, true, true, false, false, false]);
    assert_eq!(count(&p, "articles", "").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn relations_are_amended_too_beside_those_of_the_client() {
    let (p, said) = project(Said::default()).await;
    let (first, second) =
        (p.create("notes", json!({ "text": "a" })).await, p.create("notes", json!({ "text": "b" })).await);
    drop(said);
    let over = second.clone();
    let content =
        p.content.clone().with_hooks(Arc::new(inside(move |_, change| match change.content_type.uid.as_str() {
            "api::article.article" if change.action.has_values() => amend(json!({ "notes": { "set": [over] } })),
            _ => Ok(HookDecision::Allow),
        })));
    let access = full_access();
    let ask = p.request_context(&access, "articles", "populate=notes&status=draft");
    let body = json!({ "data": { "title": "One", "notes": [first] } });
    let made = content.create(ask, Some(body)).await.unwrap();
    let made: Json = serde_json::from_slice(&made.body).unwrap();
    let notes: Vec<_> = made["data"]["notes"].as_array().unwrap().iter().map(|n| n["documentId"].clone()).collect();
    assert_eq!(notes, [json!(second)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hook_writes_stands_or_falls_with_the_change() {
    let (p, _) = project(Said::default()).await;
    let inner: Content = p.content.clone();
    let access = full_access();
    let notes = p.type_id("notes");
    let content = p.content.clone().with_hooks(Arc::new(inside(move |tx, change| {
        if change.content_type.id == notes || change.action != HookAction::Create {
            return Ok(HookDecision::Allow);
        }
        let title = change.after.as_ref().and_then(|a| a["title"].as_str()).unwrap_or_default().to_owned();
        let access = full_access();
        let ask = crate::RequestContext {
            access: &access,
            content_type: notes,
            query: "",
            default_locale: "en",
            actor: change.actor,
        };
        let wrote = inner.create_in(tx, ask, Some(json!({ "data": { "text": title } })))?;
        // It is seen inside.
        let part = crate::ListRange::Window { start: 0, limit: 10 };
        let list = inner.rows_in(&tx.reader(), ask, &cairn_query::QueryTree::Map(Vec::new()), part)?;
        assert!(String::from_utf8_lossy(&list).contains(&title));
        inner.update_in(tx, ask, &wrote.document_id, Some(json!({ "data": { "text": format!("{title}!") } })), None)?;
        if title == "bad" { Err(refuse("title", "bad")) } else { Ok(HookDecision::Allow) }
    })));
    let ask = p.request_context(&access, "articles", "");
    content.create(ask, Some(json!({ "data": { "title": "good" } }))).await.unwrap();
    content.create(ask, Some(json!({ "data": { "title": "bad" } }))).await.unwrap_err();
    assert_eq!((count(&p, "articles", "").await, count(&p, "notes", "").await), (1, 1));
    let list = content.find(p.request_context(&access, "notes", "")).await.unwrap();
    assert!(String::from_utf8_lossy(&list.body).contains("good!"));
}

#[tokio::test(flavor = "multi_thread")]
async fn early_hooks_see_the_document_as_it_will_be() {
    let (p, said) = project(early(|change| match change.after.as_ref().and_then(|a| a["title"].as_str()) {
        Some("bad") => Err(refuse("title", "bad")),
        Some(title) => amend(json!({ "slug": format!("{title}-early") })),
        None => Ok(HookDecision::Allow),
    }))
    .await;
    let made = p.create_as(&full_access(), "articles", json!({ "title": "one", "rank": 1 })).await.unwrap();
    assert_eq!(made["slug"], "one-early");
    let id = made["documentId"].as_str().unwrap();
    p.update_as(&full_access(), "articles", id, json!({ "title": "two" })).await.unwrap();
    assert!(p.update_as(&full_access(), "articles", id, json!({ "title": "bad" })).await.is_err());
    let seen = said.seen.lock().clone();
    assert_eq!((seen[0].document_id.clone(), seen[1].document_id.as_deref()), (None, Some(id)));
    assert_eq!(
        (&seen[1].before.as_ref().unwrap()["title"], &seen[1].after.as_ref().unwrap()["rank"]),
        (&json!("one"), &json!(1))
    );
    assert_eq!(seen[1].changed, ["title"]);
}
