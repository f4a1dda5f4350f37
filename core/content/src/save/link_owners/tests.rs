//! Writes to the other side of relations, seen by the documents that store the links.

use super::*;
use crate::RefusalKind;
use crate::history::CallerContext;
use crate::testing::{
    ContentFixture, FakeHooks, amend, before_hook, expect_refusal, full_access, public_actor, refuse,
};
use cairn_store::events::EventFilter;
use serde_json::json;
use std::sync::Arc;

fn relation(kind: &str, target: &str, (word, attribute): (&str, &str)) -> Json {
    json!({ "type": "relation", "relation": kind, "target": format!("api::{target}.{target}"), word: attribute })
}

fn schema(draft_publish: bool, localized: bool, attributes: Json) -> Json {
    json!({ "kind": "collectionType", "options": { "draftAndPublish": draft_publish },
            "pluginOptions": { "i18n": { "localized": localized } }, "attributes": attributes })
}

/// Envelopes of recipients, each with a badge; pages with drafts, whose tag is shared by their locales and whose topics are not.
async fn project() -> ContentFixture {
    let shared = |mut attribute: Json, localized: bool| {
        attribute["pluginOptions"] = json!({ "i18n": { "localized": localized } });
        attribute
    };
    let envelope = json!({ "title": { "type": "string" },
        "recipients": relation("oneToMany", "recipient", ("mappedBy", "envelope")) });
    let recipient = json!({ "name": { "type": "string", "maxLength": 10 },
        "seal": { "type": "component", "component": "a.seal" },
        "envelope": relation("manyToOne", "envelope", ("inversedBy", "recipients")),
        "badge": relation("oneToOne", "badge", ("inversedBy", "recipient")) });
    let badge = json!({ "code": { "type": "string" },
        "recipient": relation("oneToOne", "recipient", ("mappedBy", "badge")) });
    let page = json!({ "title": shared(json!({ "type": "string" }), true),
        "tag": shared(relation("manyToOne", "tag", ("inversedBy", "pages")), false),
        "topics": shared(relation("manyToMany", "tag", ("inversedBy", "topicOf")), true) });
    let tag = json!({ "name": { "type": "string" },
        "pages": relation("oneToMany", "page", ("mappedBy", "tag")),
        "topicOf": relation("manyToMany", "page", ("mappedBy", "topics")) });
    ContentFixture::new(
        &[
            ("envelope", schema(false, false, envelope)),
            ("recipient", schema(false, false, recipient)),
            ("badge", schema(false, false, badge)),
            ("page", schema(true, true, page)),
            ("tag", schema(false, false, tag)),
        ],
        &[(
            "a.seal",
            json!({ "text": { "type": "string" },
                "page": { "type": "relation", "relation": "oneToOne", "target": "api::page.page" } }),
        )],
    )
    .await
}

/// The calls for a document since the last look: action, names of changed attributes, and one attribute before and afterwards.
fn take_calls(hooks: &FakeHooks, id: &str, attribute: &str) -> Vec<(&'static str, Vec<String>, Json, Json)> {
    let calls = std::mem::take(&mut *hooks.seen.lock());
    let value = |document: &Option<Json>| document.as_ref().map(|d| d[attribute].clone()).unwrap_or_default();
    let of_document = calls.into_iter().filter(|call| call.document_id.as_deref() == Some(id));
    of_document.map(|c| (c.action, c.changed.clone(), value(&c.before), value(&c.after))).collect()
}

fn update_of(attribute: &str, before: Json, after: Json) -> (&'static str, Vec<String>, Json, Json) {
    ("update", vec![attribute.to_owned()], before, after)
}

async fn version_of(p: &ContentFixture, route: &str, id: &str) -> i64 {
    p.rows(route, id).await[0].version
}

fn allow() -> FakeHooks {
    before_hook(|_, _| Ok(HookDecision::Allow))
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_of_owners_see_what_the_other_side_writes() {
    let mut p = project().await;
    let first = p.create("envelopes", json!({ "title": "first" })).await;
    let second = p.create("envelopes", json!({ "title": "second" })).await;
    let ann = p.create("recipients", json!({ "name": "Ann", "envelope": first })).await;
    let ben = p.create("recipients", json!({ "name": "Ben" })).await;
    let hooks = p.add_hooks(allow());
    p.update("envelopes", &second, json!({ "recipients": { "connect": [ann, ben] } })).await;
    let calls = hooks.seen.lock().clone();
    assert_eq!(calls.len(), 3, "{calls:#?}");
    assert!(calls[0].document_id.as_deref() == Some(&second) && calls[0].changed.is_empty());
    assert_eq!(calls.iter().filter(|c| c.document_id.as_deref() == Some(&ben)).count(), 1);
    // The recipient leaves the first envelope, whose hooks are not called for that.
    assert_eq!(take_calls(&hooks, &ann, "envelope"), [update_of("envelope", json!([first]), json!([second]))]);
    p.update("envelopes", &second, json!({ "recipients": { "disconnect": [ann] } })).await;
    assert_eq!(take_calls(&hooks, &ann, "envelope"), [update_of("envelope", json!([second]), json!([]))]);
    // The one that stays in the list does not change.
    p.update("envelopes", &second, json!({ "recipients": { "set": [ben, ann] } })).await;
    assert_eq!(hooks.seen.lock().len(), 2);
    assert_eq!(take_calls(&hooks, &ann, "envelope"), [update_of("envelope", json!([]), json!([second]))]);
    p.update("envelopes", &second, json!({ "recipients": [] })).await;
    assert_eq!(hooks.seen.lock().len(), 3);
    assert_eq!(take_calls(&hooks, &ben, "envelope"), [update_of("envelope", json!([second]), json!([]))]);
    // A new document.
    let third = p.create("envelopes", json!({ "recipients": [ann] })).await;
    assert_eq!(take_calls(&hooks, &ann, "envelope"), [update_of("envelope", json!([]), json!([third]))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_owners_stop_writes_to_the_other_side() {
    let mut p = project().await;
    let sent = p.create("envelopes", json!({ "title": "sent" })).await;
    let other = p.create("envelopes", json!({ "title": "other" })).await;
    let ann = p.create("recipients", json!({ "name": "Ann", "envelope": sent })).await;
    p.add_hooks(before_hook(|_, change| {
        let is_moved = change.action == HookAction::Update && change.changed.iter().any(|name| name == "envelope");
        if is_moved { Err(refuse("envelope", "It was sent")) } else { Ok(HookDecision::Allow) }
    }));
    let version = version_of(&p, "recipients", &ann).await;
    for (envelope, recipients) in [
        (&sent, json!([])),
        (&sent, json!({ "disconnect": [ann] })),
        (&sent, json!({ "set": [] })),
        (&other, json!({ "connect": [ann] })),
        (&other, json!({ "set": [ann] })),
    ] {
        let data = json!({ "title": "new", "recipients": recipients });
        let (kind, message, details) = expect_refusal(p.update_as(&full_access(), "envelopes", envelope, data).await);
        assert_eq!((kind, message.as_str()), (RefusalKind::Validation, "It was sent"));
        assert_eq!(details["errors"][0]["path"], json!(["recipients", "envelope"]));
    }
    assert!(p.create_as(&full_access(), "envelopes", json!({ "recipients": [ann] })).await.is_err());
    // The refused write stores nothing.
    assert_eq!(p.get("envelopes", &other)["title"], "other");
    assert_eq!(p.get("recipients?populate=envelope", &ann)["envelope"]["documentId"], json!(sent));
    assert_eq!(version_of(&p, "recipients", &ann).await, version);
    // A write that changes no link is not checked.
    p.update("envelopes", &sent, json!({ "recipients": [ann] })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_lose_a_one_to_one_target_are_checked() {
    let mut p = project().await;
    let badge = p.create("badges", json!({ "code": "b" })).await;
    let ann = p.create("recipients", json!({ "name": "Ann", "badge": badge })).await;
    let ben = p.create("recipients", json!({ "name": "Ben" })).await;
    let hooks = p.add_hooks(allow());
    // From the owning side, by a document of the same type.
    p.update("recipients", &ben, json!({ "badge": badge })).await;
    assert_eq!(take_calls(&hooks, &ann, "badge"), [update_of("badge", json!([badge]), json!([]))]);
    // The badge is taken from the other side: one recipient gets it, the other loses it.
    p.update("badges", &badge, json!({ "recipient": ann })).await;
    let calls = hooks.seen.lock().clone();
    assert_eq!(calls.len(), 3, "{calls:#?}");
    assert_eq!(take_calls(&hooks, &ann, "badge"), [update_of("badge", json!([]), json!([badge]))]);
    let lost = calls.iter().find(|call| call.document_id.as_deref() == Some(&ben)).unwrap();
    assert_eq!((&lost.before.as_ref().unwrap()["badge"], &lost.changed), (&json!([badge]), &vec!["badge".to_owned()]));
    // Refused, both keep what they have.
    p.add_hooks(before_hook(|_, change| match change.after.as_ref().map(|after| &after["badge"]) {
        Some(badge) if *badge == json!([]) => Err(refuse("badge", "Keep it")),
        _ => Ok(HookDecision::Allow),
    }));
    let refused = p.update_as(&full_access(), "recipients", &ben, json!({ "badge": badge })).await;
    assert_eq!(expect_refusal(refused).2["errors"][0]["path"], json!(["badge", "badge"]));
    assert_eq!(p.get("recipients?populate=badge", &ann)["badge"]["documentId"], json!(badge));
    assert_eq!(p.get("recipients?populate=badge", &ben)["badge"], Json::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_owners_are_recorded() {
    let p = project().await;
    let target = p.create("pages", json!({ "title": "target" })).await;
    let envelope = p.create("envelopes", json!({ "title": "first" })).await;
    let seal = json!({ "text": "wax", "page": target });
    let ann = p.create("recipients", json!({ "name": "Ann", "seal": seal })).await;
    let before = p.rows("recipients", &ann).await.remove(0);
    p.advance_clock(60);
    p.update("envelopes", &envelope, json!({ "recipients": [ann] })).await;
    let after = p.rows("recipients", &ann).await.remove(0);
    assert_eq!((after.version, &after.updated_at), (before.version + 1, &before.updated_at));
    assert_eq!(after.values, before.values);
    // A reader of the earlier version is told that it has changed.
    let access = full_access();
    let context = p.request_context(&access, "recipients", "");
    let body = Some(json!({ "data": { "name": "Anna" } }));
    assert!(p.content.update(context, &ann, body, Some(before.version)).await.is_err());
    let caller = CallerContext { access: &access, actor: public_actor(), default_locale: "en" };
    let recipients = p.type_id("recipients");
    let entries = p.content.history_entries(&caller, recipients, &ann, None, None, 10).unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!((entries[0].action.as_str(), &entries[0].changed), ("updated", &vec!["envelope".to_owned()]));
    assert_eq!(entries[0].version, after.version);
    let difference = p.content.history_compare(&caller, entries[1].id, entries[0].id).unwrap();
    assert_eq!(difference.differences.len(), 1, "{difference:?}");
    p.content.store().place_events().await.unwrap();
    let key = ann.clone();
    let events = p
        .write(move |tx| {
            let filter = EventFilter { key: Some(key.clone()), ..EventFilter::default() };
            Ok(tx.reader().events().list(&filter, None, 10)?)
        })
        .await;
    let (name, changed) = (events[0].event.name.as_str(), &events[0].event.data["changed"]);
    assert_eq!((events.len(), name, changed), (2, "cairn.document.updated", &json!(["envelope"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_and_published_versions_of_owners_are_checked() {
    let mut p = project().await;
    let (tag, other) = (p.create("tags", json!({ "name": "t" })).await, p.create("tags", json!({ "name": "o" })).await);
    let page = p.create("pages", json!({ "title": "en", "topics": [other] })).await;
    p.update("pages?locale=nl", &page, json!({ "title": "nl" })).await;
    let hooks = p.add_hooks(allow());
    // In the locale of the request, in the draft and in what is published.
    p.update("tags", &tag, json!({ "topicOf": { "connect": [page] } })).await;
    let both = || json!([other, tag]);
    assert_eq!(
        take_calls(&hooks, &page, "topics"),
        [update_of("topics", json!([other]), both()), ("publish", vec!["topics".to_owned()], json!([other]), both())]
    );
    // Shared attributes change in every locale.
    p.update("tags", &tag, json!({ "pages": [page] })).await;
    let calls = take_calls(&hooks, &page, "tag");
    assert_eq!(calls.iter().filter(|call| call.0 == "update").count(), 2, "{calls:#?}");
    assert_eq!(calls.iter().filter(|call| call.0 == "publish").count(), 2);
    assert!(calls.iter().all(|call| call.1 == ["tag"] && call.3 == json!([tag])));
    for row in p.rows("pages", &page).await {
        assert_eq!(row.to_one.len(), 1, "{} {}", row.locale, row.published);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_amend_owners() {
    let mut p = project().await;
    let envelope = p.create("envelopes", json!({ "title": "first" })).await;
    let ann = p.create("recipients", json!({ "name": "Ann" })).await;
    let ben = p.create("recipients", json!({ "name": "Ben" })).await;
    let hooks = p.add_hooks(before_hook(|_, change| match change.after.as_ref().and_then(|after| after.get("name")) {
        Some(name) if name == "Ann" && change.action == HookAction::Update => amend(json!({ "name": "Anna" })),
        Some(name) if name == "Ben" && change.action == HookAction::Update => amend(json!({ "name": "far too long" })),
        _ => Ok(HookDecision::Allow),
    }));
    p.update("envelopes", &envelope, json!({ "recipients": [ann] })).await;
    assert_eq!(p.get("recipients?populate=envelope", &ann)["name"], "Anna");
    assert_eq!(p.get("recipients?populate=envelope", &ann)["envelope"]["documentId"], json!(envelope));
    // The hook is not called again for its own amendment.
    assert_eq!(hooks.seen.lock().iter().filter(|call| call.document_id.as_deref() == Some(&ann)).count(), 1);
    // An amendment that does not fit is the plugin's mistake, and nothing is stored.
    let refused = p.update_as(&full_access(), "envelopes", &envelope, json!({ "recipients": [ben] })).await;
    assert_eq!(expect_refusal(refused).0, RefusalKind::Unavailable);
    assert_eq!(p.get("recipients?populate=envelope", &ann)["envelope"]["documentId"], json!(envelope));
}

#[tokio::test(flavor = "multi_thread")]
async fn amendments_that_answer_each_other_end() {
    let mut p = project().await;
    let badge = p.create("badges", json!({ "code": "b" })).await;
    let ann = p.create("recipients", json!({ "name": "Ann" })).await;
    let ben = p.create("recipients", json!({ "name": "Ben" })).await;
    let (one, two) = (ann.clone(), ben.clone());
    // The recipient who loses the badge takes it back from the other, who does the same.
    let taken = badge.clone();
    p.add_hooks(before_hook(move |_, change| {
        let loses = change.action == HookAction::Update
            && [&one, &two].iter().any(|id| change.document_id == Some(id.as_str()))
            && change.before.as_ref().is_some_and(|before| before["badge"] == json!([taken]));
        if loses { amend(json!({ "badge": taken })) } else { Ok(HookDecision::Allow) }
    }));
    p.update("recipients", &ann, json!({ "badge": badge })).await;
    let refused = p.update_as(&full_access(), "recipients", &ben, json!({ "badge": badge })).await;
    assert!(expect_refusal(refused).1.contains("levels deep"));
    assert_eq!(p.get("recipients?populate=badge", &ann)["badge"]["documentId"], json!(badge));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_checked_owners_is_limited() {
    let mut p = project().await;
    let envelope = p.create("envelopes", json!({ "title": "first" })).await;
    let mut recipients = Vec::new();
    for i in 0..=MAX_HOOKED_OWNERS {
        recipients.push(p.create("recipients", json!({ "name": i.to_string() })).await);
    }
    let plain: Arc<_> = p.add_hooks(FakeHooks::default());
    p.update("envelopes", &envelope, json!({ "recipients": recipients })).await;
    p.update("envelopes", &envelope, json!({ "recipients": [] })).await;
    assert!(plain.seen.lock().is_empty());
    let hooks = p.add_hooks(allow());
    let refused = p.update_as(&full_access(), "envelopes", &envelope, json!({ "recipients": recipients })).await;
    let (_, message, details) = expect_refusal(refused);
    assert!(message.contains("changes 101 entries of api::recipient.recipient"), "{message}");
    assert_eq!(details["errors"][0]["path"], json!(["recipients"]));
    p.update("envelopes", &envelope, json!({ "recipients": recipients[1..] })).await;
    assert!(hooks.seen.lock().len() > MAX_HOOKED_OWNERS);
}
