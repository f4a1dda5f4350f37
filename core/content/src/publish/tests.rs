//! Publishing on a real database.

use super::*;
use crate::testing::{ContentFixture, expect_refusal, full_access, public_actor};
use cairn_store::StoreError;
use serde_json::{Value as Json, json};
use std::sync::Arc;

fn localized(mut attribute: Json, localized: bool) -> Json {
    attribute["pluginOptions"] = json!({ "i18n": { "localized": localized } });
    attribute
}

/// Localised pages with a title per locale and a rank that all locales share; notes that are neither localised nor drafts.
async fn project() -> ContentFixture {
    let schema = |drafts: bool, in_locales: bool, attributes: Json| {
        json!({ "kind": "collectionType", "options": { "draftAndPublish": drafts },
                "pluginOptions": { "i18n": { "localized": in_locales } }, "attributes": attributes })
    };
    let tags = json!({ "type": "relation", "relation": "manyToMany", "target": "api::tag.tag" });
    let editor =
        json!({ "type": "relation", "relation": "oneToOne", "target": "api::author.author", "inversedBy": "page" });
    let page = json!({
        "title": localized(json!({ "type": "string", "required": true, "minLength": 2 }), true),
        "code": localized(json!({ "type": "string", "unique": true }), true),
        "rank": localized(json!({ "type": "integer" }), false),
        "tags": localized(tags, true),
        "editor": localized(editor, true),
        "parts": localized(json!({ "type": "component", "component": "a.part", "repeatable": true }), true),
    });
    let author = json!({ "name": { "type": "string" },
        "page": { "type": "relation", "relation": "oneToOne", "target": "api::page.page", "mappedBy": "editor" } });
    let part = json!({ "text": { "type": "string" },
        "tag": { "type": "relation", "relation": "oneToOne", "target": "api::tag.tag" } });
    let tag = json!({ "name": { "type": "string" } });
    ContentFixture::new(
        &[
            ("page", schema(true, true, page)),
            ("note", schema(true, false, json!({ "text": { "type": "string", "required": true } }))),
            ("author", schema(false, false, author)),
            ("tag", schema(false, false, tag)),
        ],
        &[("a.part", part)],
    )
    .await
}

impl ContentFixture {
    async fn apply_publish_action(
        &self,
        action: PublishAction,
        route: &str,
        id: &str,
        locales: &[&str],
    ) -> Result<Vec<LocaleChange>> {
        let locales = match locales {
            ["*"] => LocaleSelection::All,
            these => LocaleSelection::These(these.iter().map(|l| (*l).to_owned()).collect()),
        };
        self.content.publish(action, self.type_id(route), id, locales, &Arc::new(Actor::system("test")), None).await
    }
}

use PublishAction::{DiscardDraft, Publish, Unpublish};

#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_published_with_relations_and_components() {
    let p = project().await;
    let (one, two) =
        (p.create("tags", json!({ "name": "one" })).await, p.create("tags", json!({ "name": "two" })).await);
    let ann = p.create("authors", json!({ "name": "Ann" })).await;
    let body = json!({ "title": "first", "tags": [one], "parts": [{ "text": "x", "tag": one }] });
    let id = p.create("pages?status=draft", body).await;
    assert_eq!(p.get("pages", &id), Json::Null);
    let changes = p.apply_publish_action(Publish, "pages", &id, &["en"]).await.unwrap();
    assert_eq!(changes, [LocaleChange { locale: "en".into(), changed: true, version: 1 }]);
    let all = "pages?populate[tags]=true&populate[editor]=true&populate[parts][populate]=tag";
    let view = p.get(all, &id);
    assert_eq!((&view["title"], &view["tags"][0]["name"]), (&json!("first"), &json!("one")));
    assert_eq!(view["parts"][0]["tag"]["name"], "one");

    // The draft is updated; the published version does not change until the document is published again.
    let change = json!({ "title": "second", "tags": [two, one], "editor": ann, "parts": [{ "text": "y" }, { "text": "z", "tag": two }] });
    p.update("pages?status=draft", &id, change).await;
    assert_eq!(p.get(all, &id)["title"], "first");
    p.advance_clock(60);
    let changes = p.apply_publish_action(Publish, "pages", &id, &["*"]).await.unwrap();
    assert_eq!(changes, [LocaleChange { locale: "en".into(), changed: true, version: 2 }]);
    let published = p.get(all, &id);
    assert_eq!(published["tags"].as_array().unwrap().iter().map(|t| &t["name"]).collect::<Vec<_>>(), ["two", "one"]);
    assert_eq!((&published["editor"]["name"], &published["parts"][1]["tag"]["name"]), (&json!("Ann"), &json!("two")));
    assert_eq!(
        (&published["publishedAt"], &published["updatedAt"]),
        (&json!("2025-01-01T10:01:00.000Z"), &json!("2025-01-01T10:00:00.000Z"))
    );

    // Again: nothing to do.
    p.advance_clock(60);
    assert!(!p.apply_publish_action(Publish, "pages", &id, &["en"]).await.unwrap()[0].changed);
    assert_eq!(p.get(all, &id)["publishedAt"], "2025-01-01T10:01:00.000Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_invalid_drafts_reports_every_problem() {
    let p = project().await;
    p.create("pages", json!({ "title": "taken", "code": "c" })).await;
    let id = p.create("pages?status=draft", json!({ "title": "x", "code": "c" })).await;
    let (kind, _, details) = expect_refusal(p.apply_publish_action(Publish, "pages", &id, &["en"]).await);
    assert_eq!(kind, RefusalKind::Validation);
    let paths: Vec<&Json> = details["errors"].as_array().unwrap().iter().map(|e| &e["path"][0]).collect();
    assert_eq!(paths, ["title", "code"]);
    // Of several locales all, with their locales, and none is published.
    p.update("pages?status=draft&locale=nl", &id, json!({ "title": "goed" })).await;
    p.update("pages?status=draft&locale=fr", &id, json!({ "title": "y" })).await;
    let (_, message, details) = expect_refusal(p.apply_publish_action(Publish, "pages", &id, &["*"]).await);
    assert_eq!(message, "2 errors occurred");
    let locales: Vec<&Json> = details["errors"].as_array().unwrap().iter().map(|e| &e["locale"]).collect();
    assert_eq!(locales, ["en", "fr"]);
    assert_eq!(p.get("pages?locale=nl", &id), Json::Null);
    p.apply_publish_action(Publish, "pages", &id, &["nl"]).await.unwrap();
    assert_eq!(p.get("pages?locale=nl", &id)["title"], "goed");

    // The error names what does not exist.
    for (route, id, locales, word) in [
        ("pages", "nowhere", vec!["en"], "nowhere"),
        ("pages", id.as_str(), vec!["de"], "\"de\""),
        ("notes", "nowhere", vec!["*"], "nowhere"),
    ] {
        let (kind, message, _) = expect_refusal(p.apply_publish_action(Publish, route, id, &locales).await);
        assert_eq!(kind, RefusalKind::NotFound);
        assert!(message.contains(word) && message.contains("not found"), "{message}");
    }
    let tag = p.create("tags", json!({ "name": "t" })).await;
    assert!(expect_refusal(p.apply_publish_action(Unpublish, "tags", &tag, &["*"]).await).1.contains("has no drafts"));
    let note = p.create("notes", json!({ "text": "t" })).await;
    assert!(
        expect_refusal(p.apply_publish_action(Unpublish, "notes", &note, &["nl"]).await).1.contains("not localised")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn unpublishing_retains_the_draft() {
    let p = project().await;
    let id = p.create("pages", json!({ "title": "en" })).await;
    p.update("pages?locale=nl", &id, json!({ "title": "nl" })).await;
    p.update("pages?locale=fr&status=draft", &id, json!({ "title": "fr" })).await;
    let changes = p.apply_publish_action(Unpublish, "pages", &id, &["nl"]).await.unwrap();
    assert!(changes[0].changed);
    assert_eq!(
        (p.get("pages?locale=nl", &id), &p.get("pages?locale=nl&status=draft", &id)["title"]),
        (Json::Null, &json!("nl"))
    );
    assert_eq!(p.get("pages", &id)["title"], "en");
    assert!(!p.apply_publish_action(Unpublish, "pages", &id, &["nl"]).await.unwrap()[0].changed);
    // The locale `*` means all published ones.
    let changes = p.apply_publish_action(Unpublish, "pages", &id, &["*"]).await.unwrap();
    assert_eq!(changes.iter().map(|d| d.locale.as_str()).collect::<Vec<_>>(), ["en"]);
    assert_eq!(p.rows("pages", &id).await.iter().filter(|row| row.published).count(), 0);
    assert_eq!(p.content.store().check_integrity().unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn unpublishing_creates_a_missing_draft() {
    let p = project().await;
    let id = p.create("notes", json!({ "text": "old" })).await;
    let (ct, document) = (p.type_id("notes"), id.clone());
    // Documents that were written before their type had drafts are published without one.
    p.write(move |tx| {
        let row = tx.reader().documents().get_row(ct, &document, "", true)?.unwrap();
        tx.documents().delete_versions(ct, &document, None)?;
        tx.documents().insert_row(ct, &row)?;
        Ok(())
    })
    .await;
    assert!(!p.apply_publish_action(Publish, "notes", &id, &["*"]).await.unwrap()[0].changed);
    assert!(p.apply_publish_action(Unpublish, "notes", &id, &["*"]).await.unwrap()[0].changed);
    assert_eq!((p.get("notes", &id), &p.get("notes?status=draft", &id)["text"]), (Json::Null, &json!("old")));
    assert_eq!(p.content.store().check_integrity().unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn discarding_resets_the_draft_to_the_published_version() {
    let p = project().await;
    let (one, two) =
        (p.create("tags", json!({ "name": "one" })).await, p.create("tags", json!({ "name": "two" })).await);
    let ann = p.create("authors", json!({ "name": "Ann" })).await;
    let body = json!({ "title": "first", "rank": 1, "tags": [one, two], "editor": ann, "parts": [{ "text": "x", "tag": one }] });
    let id = p.create("pages", body).await;
    p.update("pages?locale=nl", &id, json!({ "title": "nl" })).await;
    p.advance_clock(60);
    let change = json!({ "title": "!", "rank": 2, "tags": [two], "editor": null, "parts": [] });
    p.update("pages?status=draft", &id, change).await;
    assert_eq!(p.get("pages?locale=nl&status=draft", &id)["rank"], 2);
    let changes = p.apply_publish_action(DiscardDraft, "pages", &id, &["en"]).await.unwrap();
    // Created, changed by the other locale's (nothing was), changed, discarded.
    assert_eq!((changes[0].changed, changes[0].version), (true, 3));
    let all = "populate[tags]=true&populate[editor]=true&populate[parts][populate]=tag";
    let (draft, published) = (p.get(&format!("pages?status=draft&{all}"), &id), p.get(&format!("pages?{all}"), &id));
    for name in ["title", "rank", "tags", "editor", "updatedAt", "createdAt"] {
        assert_eq!(draft[name], published[name], "{name}");
    }
    assert_eq!(draft["parts"][0]["tag"]["name"], "one");
    // Shared attributes have one value in all locales, in drafts as well.
    assert_eq!(p.get("pages?locale=nl&status=draft", &id)["rank"], 1);
    assert!(!p.apply_publish_action(DiscardDraft, "pages", &id, &["en"]).await.unwrap()[0].changed);
    assert!(!p.apply_publish_action(Publish, "pages", &id, &["*"]).await.unwrap().iter().any(|c| c.changed));

    let id = p.create("pages?status=draft", json!({ "title": "new" })).await;
    assert!(
        expect_refusal(p.apply_publish_action(DiscardDraft, "pages", &id, &["en"]).await)
            .1
            .contains("was never published")
    );
    assert_eq!(p.content.store().check_integrity().unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn shared_attributes_are_published_in_every_locale() {
    let p = project().await;
    let id = p.create("pages", json!({ "title": "en", "rank": 1 })).await;
    p.update("pages?locale=nl", &id, json!({ "title": "nl" })).await;
    p.update("pages?status=draft", &id, json!({ "rank": 2, "title": "en2" })).await;
    assert_eq!(p.get("pages?locale=nl", &id)["rank"], 1);
    p.apply_publish_action(Publish, "pages", &id, &["en"]).await.unwrap();
    let nl = p.get("pages?locale=nl", &id);
    assert_eq!((&nl["rank"], &nl["title"]), (&json!(2), &json!("nl")));
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_publishing_works_individually_or_atomically() {
    let p = project().await;
    let mut ids = Vec::new();
    for n in 0..20 {
        let text = if n == 7 { json!(null) } else { json!(format!("{n}")) };
        ids.push(p.create("notes?status=draft", json!({ "text": text })).await);
    }
    ids.push("nowhere".into());
    ids.push(ids[0].clone());
    let (ct, actor) = (p.type_id("notes"), Arc::new(Actor::system("test")));
    let together = p.content.publish_together(Publish, ct, &ids, &LocaleSelection::All, &actor).await;
    let (_, message, details) = expect_refusal(together);
    assert_eq!(message, "No documents were changed: 2 of them cannot be processed");
    let refused_ids: Vec<&str> =
        details["errors"].as_array().unwrap().iter().map(|e| e["documentId"].as_str().unwrap()).collect();
    assert!(refused_ids.contains(&"nowhere") && refused_ids.contains(&ids[7].as_str()), "{refused_ids:?}");
    assert_eq!(p.get("notes", &ids[0]), Json::Null);

    let each = p.content.publish_each(Publish, ct, &ids, &LocaleSelection::All, &actor).await.unwrap();
    assert_eq!(each.len(), 21);
    assert!(each.iter().zip(&ids).all(|(outcome, id)| outcome.document_id == *id));
    let failed: Vec<usize> = each.iter().enumerate().filter(|(_, o)| o.result.is_err()).map(|(n, _)| n).collect();
    assert_eq!(failed, [7, 20]);

    ids.retain(|id| id != "nowhere");
    let outcomes = p.content.publish_together(Unpublish, ct, &ids, &LocaleSelection::All, &actor).await.unwrap();
    assert_eq!(outcomes.iter().filter(|o| o.result.as_ref().unwrap()[0].changed).count(), 19);
    let many: Vec<String> = (0..=MAX_BULK_DOCUMENTS).map(|n| n.to_string()).collect();
    assert!(
        expect_refusal(p.content.publish_each(Publish, ct, &many, &LocaleSelection::All, &actor).await)
            .1
            .contains("at most 500 documents")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_an_outdated_version_conflicts() {
    let p = project().await;
    let id = p.create("notes?status=draft", json!({ "text": "a" })).await;
    p.update("notes?status=draft", &id, json!({ "text": "b" })).await;
    let publish = async |expected| {
        p.content.publish(Publish, p.type_id("notes"), &id, LocaleSelection::All, public_actor(), Some(expected)).await
    };
    assert_eq!(expect_refusal(publish(1).await).0, RefusalKind::Conflict);
    assert!(publish(2).await.unwrap()[0].changed);
}

/// A gate that refuses entries with that title.
struct RefuseTitle(&'static str);

impl PublishGate for RefuseTitle {
    fn check(&self, tx: &mut WriteTx<'_>, ct: TypeId, id: &str, locale: &str, actor: &Actor) -> Result<()> {
        let row = tx.reader().documents().get_row(ct, id, locale, false)?.unwrap();
        if format!("{:?}", row.values).contains(self.0) && actor.kind != cairn_store::events::ActorKind::System {
            let details = json!({ "missing": [{ "approval": "legal" }] });
            return Err(ContentError::refuse(RefusalKind::Forbidden, "An approval is missing", details));
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn publish_gates_apply_to_every_publishing_write() {
    let p = project().await;
    let content = p.content.clone().with_gates(vec![Arc::new(RefuseTitle("secret")), Arc::new(RefuseTitle("secret"))]);
    let id = p.create("notes?status=draft", json!({ "text": "secret" })).await;
    let ct = p.type_id("notes");
    let (kind, message, details) =
        expect_refusal(content.publish(Publish, ct, &id, LocaleSelection::All, public_actor(), None).await);
    assert_eq!((kind, message.as_str()), (RefusalKind::Forbidden, "An approval is missing"));
    assert_eq!(details["missing"][0]["approval"], "legal");
    assert_eq!(p.get("notes", &id), Json::Null);
    // The check calls all gates.
    let (publisher, document) = (content.publisher(public_actor()), id.clone());
    let checks = p.write(move |tx| publisher.check_in(tx, Publish, ct, &document, &LocaleSelection::All)).await;
    assert_eq!(checks[0].problems.len(), 2);
    content.publish(Publish, ct, &id, LocaleSelection::All, &Arc::new(Actor::system("test")), None).await.unwrap();

    // Content's own writes that publish.
    let access = full_access();
    let data = |text: &str| Some(json!({ "data": { "text": text } }));
    let ask = || p.request_context(&access, "notes", "");
    assert_eq!(expect_refusal(content.create(ask(), data("secret 2")).await).0, RefusalKind::Forbidden);
    assert_eq!(expect_refusal(content.update(ask(), &id, data("secret 3"), None).await).0, RefusalKind::Forbidden);
    content.update(ask(), &id, data("open"), None).await.unwrap();
    content.create(ask(), data("open")).await.unwrap();
    content.create(p.request_context(&access, "notes", "status=draft"), data("secret")).await.unwrap();
    assert_eq!(p.get("notes", &id)["text"], "open");
}

/// Publishing, unpublishing, changing and deleting at the same time: each document ends in the state that one of them left, complete.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_publishing_leaves_documents_consistent() {
    let p = Arc::new(project().await);
    let tag = p.create("tags", json!({ "name": "t" })).await;
    for round in 0..12 {
        let body = json!({ "title": format!("page {round}"), "tags": [tag], "parts": [{ "text": "x", "tag": tag }] });
        let id = p.create("pages?status=draft", body).await;
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..6 {
            let (p, id) = (p.clone(), id.clone());
            tasks.spawn(async move {
                match n {
                    0 | 1 => p.apply_publish_action(Publish, "pages", &id, &["*"]).await.map(drop),
                    2 => p.apply_publish_action(Unpublish, "pages", &id, &["*"]).await.map(drop),
                    3 => p.apply_publish_action(DiscardDraft, "pages", &id, &["*"]).await.map(drop),
                    4 if round % 2 == 0 => p.delete_as(&full_access(), "pages?locale=*", &id).await,
                    _ => p.update_as(&full_access(), "pages", &id, json!({ "title": "changed" })).await.map(drop),
                }
            });
        }
        while let Some(joined) = tasks.join_next().await {
            match joined.unwrap() {
                Ok(()) | Err(ContentError::Refused(_)) => {}
                Err(ContentError::Store(StoreError::Conflict)) => {}
                Err(other) => panic!("{other}"),
            }
        }
        let rows = p.rows("pages", &id).await;
        assert!(rows.iter().filter(|row| row.published).count() <= 1);
        if round % 2 == 0 {
            assert_eq!(rows, []);
        }
    }
    assert_eq!(p.content.store().check_integrity().unwrap(), Vec::<String>::new());
}
