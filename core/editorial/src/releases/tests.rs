use super::*;
use crate::NoticeSubject;
use crate::testing::nodes::{EditorialProject, expect_refusal, local_when};
use cairn_content::{DraftState, PublishGate};
use cairn_events::JobHandler;
use cairn_store::editorial::ReleaseFilter;
use cairn_store::events::{ActorKind, JobFilter};
use chrono::TimeDelta;

use PublishAction::{Publish, Unpublish};

const AMSTERDAM: &str = "Europe/Amsterdam";

fn releases(p: &EditorialProject) -> Releases {
    Releases::new(p.content.clone(), p.clock())
}

fn note_item(p: &EditorialProject, id: &str, action: PublishAction) -> ReleaseItemInput {
    ReleaseItemInput { content_type: p.type_id("notes"), document_id: id.to_owned(), locale: String::new(), action }
}

fn page_item(p: &EditorialProject, id: &str, locale: &str, action: PublishAction) -> ReleaseItemInput {
    ReleaseItemInput { content_type: p.type_id("pages"), locale: locale.to_owned(), ..note_item(p, id, action) }
}

fn item_rows(p: &EditorialProject, id: i64) -> Vec<ReleaseItemRow> {
    p.store().read(|r| load_items(r, id)).unwrap()
}

fn stored_state(p: &EditorialProject) -> String {
    let mut parts = Vec::new();
    for route in ["pages", "notes"] {
        let rows = p.store().read(|r| r.releases().list(&ReleaseFilter::default(), 100)).unwrap();
        parts.push(format!("{rows:?}"));
        let ct = p.type_id(route);
        parts.push(p.store().counters().row_count(ct).to_string());
    }
    parts.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn release_publishes_all_items_together() {
    for p in EditorialProject::on_every_database().await {
        let r = releases(&p);
        let release = r.create(" Spring ", Some("note"), &p.actor).await.unwrap();
        assert_eq!((release.name.as_str(), release.state), ("Spring", ReleaseState::Open));
        let new = p.create("notes?status=draft", json!({ "text": "new" })).await;
        let old = p.create("notes", json!({ "text": "old" })).await;
        let same = p.create("notes", json!({ "text": "same" })).await;
        let both = p.create("pages?status=draft", json!({ "title": "en", "slug": "s" })).await;
        p.update("pages?status=draft&locale=nl", &both, json!({ "title": "nl", "slug": "s" })).await;
        // Takes over the slug of one that goes.
        let unpublished = p.create("pages", json!({ "title": "before", "slug": "s" })).await;
        let inputs = vec![
            note_item(&p, &new, Publish),
            note_item(&p, &old, Unpublish),
            note_item(&p, &same, Publish),
            page_item(&p, &both, "*", Publish),
            page_item(&p, &unpublished, "en", Unpublish),
        ];
        assert_eq!(r.add_items(release.id, inputs, &p.actor).await.unwrap(), 6);
        // Again: nothing new.
        assert_eq!(r.add_items(release.id, vec![note_item(&p, &new, Publish)], &p.actor).await.unwrap(), 0);
        let before = stored_state(&p);
        let preview = r.preview(release.id, &p.actor).await.unwrap();
        assert!(preview.is_fit(), "{preview:?}");
        assert_eq!(preview.items.iter().filter(|i| i.unchanged).count(), 1);
        assert_eq!((p.get("notes", &new), stored_state(&p)), (Json::Null, before));

        let finished = r.publish(release.id, &p.actor).await.unwrap();
        assert_eq!((finished.state, finished.ended_at), (ReleaseState::Done, Some(unix_millis(p.now()))));
        assert_eq!((&p.get("notes", &new)["text"], p.get("notes", &old)), (&json!("new"), Json::Null));
        assert_eq!(p.get("pages?locale=nl", &both)["title"], "nl");
        assert_eq!((&p.get("pages", &both)["title"], p.get("pages", &unpublished)), (&json!("en"), Json::Null));
        let outcomes: Vec<String> = item_rows(&p, release.id).into_iter().filter_map(|i| i.outcome).collect();
        assert_eq!(outcomes, ["published", "unpublished", "unchanged", "published", "published", "unpublished"]);
        assert!(expect_refusal(r.publish(release.id, &p.actor).await).message.contains("done"));
        assert!(
            expect_refusal(r.add_items(release.id, vec![note_item(&p, &new, Publish)], &p.actor).await)
                .message
                .contains("done")
        );
        p.engine_with(Vec::new()).run_until_idle().await.unwrap();
        let names: Vec<String> = p.events_named("cairn.release").into_iter().map(|e| e.event.name).collect();
        let expected = ["created", "items-changed", "items-changed", "done"].map(|n| format!("cairn.release.{n}"));
        assert_eq!(names, expected);
        assert_eq!(p.store().check_integrity().unwrap(), Vec::<String>::new());
    }
}

struct ContractGate;

impl PublishGate for ContractGate {
    fn check(&self, tx: &mut WriteTx<'_>, ct: TypeId, id: &str, locale: &str, _: &Actor) -> Result<()> {
        let row = tx.reader().documents().get_row(ct, id, locale, false)?.unwrap();
        if format!("{:?}", row.values).contains("contract") {
            return Err(invalid_request("The approval of legal is missing".into()));
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_invalid_item_rejects_the_whole_release() {
    for mut p in EditorialProject::on_every_database().await {
        p.content = p.content.clone().with_gates(vec![Arc::new(ContractGate)]);
        let r = releases(&p);
        let release = r.create("R", None, &p.actor).await.unwrap();
        assert!(expect_refusal(r.publish(release.id, &p.actor).await).message.contains("empty"));
        assert!(
            expect_refusal(r.schedule(release.id, local_when("2026-04-01T09:00", AMSTERDAM), &p.actor).await)
                .message
                .contains("empty")
        );
        let good = p.create("notes?status=draft", json!({ "text": "good" })).await;
        let bad = p.create("notes?status=draft", json!({})).await;
        let legal = p.create("notes?status=draft", json!({ "text": "a contract" })).await;
        let deleted = p.create("notes?status=draft", json!({ "text": "gone" })).await;
        let (one, two) = (
            p.create("pages?status=draft", json!({ "title": "a", "slug": "same" })).await,
            p.create("pages?status=draft", json!({ "title": "b", "slug": "same" })).await,
        );
        let inputs = [&good, &bad, &legal, &deleted].map(|id| note_item(&p, id, Publish));
        let pages = [&one, &two].map(|id| page_item(&p, id, "en", Publish));
        r.add_items(release.id, [&inputs[..], &pages[..]].concat(), &p.actor).await.unwrap();
        p.delete("notes", &deleted).await;
        let preview = r.preview(release.id, &p.actor).await.unwrap();
        let problems: Vec<(usize, String)> = preview
            .items
            .iter()
            .enumerate()
            .flat_map(|(n, item)| item.problems.iter().map(move |problem| (n, problem.message.clone())))
            .collect();
        let text = |n: usize| problems.iter().find(|(i, _)| *i == n).map(|(_, m)| m.as_str()).unwrap_or_default();
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert!(text(1).contains("text must be") && text(2).contains("legal") && text(3).contains("not found"));
        assert!(text(4).contains("unique") || text(5).contains("unique"));

        let refused = expect_refusal(r.publish(release.id, &p.actor).await);
        assert_eq!(refused.message, "Nothing was published: 4 of its items have problems");
        let errors = refused.details["errors"].as_array().unwrap();
        assert!(errors.iter().any(|e| e["documentId"] == *legal && e["path"][0] == "items"), "{errors:?}");
        assert_eq!((p.get("notes", &good), p.get("pages", &one)), (Json::Null, Json::Null));
        let row = p.store().read(|r| r.releases().get(release.id)).unwrap().unwrap();
        assert_eq!(row.state, ReleaseState::Open);

        // At its time as well: it fails, and says why at each.
        let engine = p.engine_with(vec![Arc::new(r.clone())]);
        r.schedule(release.id, local_when("2026-03-21T09:00", AMSTERDAM), &p.actor).await.unwrap();
        p.advance_by(TimeDelta::days(2));
        engine.run_until_idle().await.unwrap();
        let row = p.store().read(|r| r.releases().get(release.id)).unwrap().unwrap();
        assert_eq!(row.state, ReleaseState::Failed);
        assert_eq!(row.problem.unwrap()["details"]["errors"].as_array().unwrap().len(), 4);
        assert_eq!(item_rows(&p, release.id).iter().filter(|i| i.problem.is_some()).count(), 4);
        assert_eq!(p.events_named("cairn.release.failed").len(), 1);
        let heard = p.collect_notices().await;
        assert_eq!(
            (heard[0].about, &heard[0].to, heard[0].release),
            (NoticeSubject::ReleaseFailed, &vec![7], Some(release.id))
        );
        assert_eq!(heard[0].data["name"], "R");
        assert_eq!(p.get("notes", &good), Json::Null);
        // Put right, it can be done.
        for item in item_rows(&p, release.id).into_iter().filter(|i| i.problem.is_some()) {
            r.remove_item(release.id, item.id, &p.actor).await.unwrap();
        }
        assert_eq!(r.publish(release.id, &p.actor).await.unwrap().state, ReleaseState::Done);
        assert_eq!(p.get("notes", &good)["text"], "good");
        p.advance_by(TimeDelta::days(2));
        engine.run_until_idle().await.unwrap();
        assert_eq!(p.events_named("cairn.release.done").len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scheduled_release_runs_once_at_its_time() {
    for p in EditorialProject::on_every_database().await {
        let r = releases(&p);
        let engines = [p.engine_with(vec![Arc::new(r.clone())]), p.engine_with(vec![Arc::new(r.clone())])];
        let run = async || {
            let (a, b) = tokio::join!(engines[0].run_until_idle(), engines[1].run_until_idle());
            a.and(b).unwrap();
        };
        let release = r.create("R", None, &p.actor).await.unwrap();
        let id = p.create("notes?status=draft", json!({ "text": "a" })).await;
        r.add_items(release.id, vec![note_item(&p, &id, Publish)], &p.actor).await.unwrap();
        assert!(
            expect_refusal(r.schedule(release.id, local_when("2026-03-29T02:30", AMSTERDAM), &p.actor).await)
                .message
                .contains("does not exist")
        );
        r.schedule(release.id, local_when("2026-03-29T03:30", AMSTERDAM), &p.actor).await.unwrap();
        assert_eq!(r.unschedule(release.id, &p.actor).await.unwrap().state, ReleaseState::Open);
        p.set_time("2026-03-30T00:00:00Z");
        run().await;
        assert_eq!(p.get("notes", &id), Json::Null);
        assert!(expect_refusal(r.unschedule(release.id, &p.actor).await).message.contains("not scheduled"));
        r.schedule(release.id, local_when("2026-03-31T09:00", AMSTERDAM), &p.actor).await.unwrap();
        r.schedule(release.id, local_when("2026-04-01T09:00", AMSTERDAM), &p.actor).await.unwrap();
        p.set_time("2026-04-01T06:59:59Z");
        run().await;
        assert_eq!(p.get("notes", &id), Json::Null);
        p.set_time("2026-04-01T07:00:00Z");
        run().await;
        assert_eq!(p.get("notes", &id)["text"], "a");
        p.advance_by(TimeDelta::days(-1));
        run().await;
        p.advance_by(TimeDelta::days(2));
        run().await;
        assert_eq!(p.events_named("cairn.release.done").len(), 1);
        let published = p.events_named("cairn.document.published");
        assert_eq!((published.len(), published[0].actor.kind), (1, ActorKind::System));
        let row = p.store().read(|r| r.releases().get(release.id)).unwrap().unwrap();
        assert_eq!((row.state, row.ended_by.unwrap().id.as_deref()), (ReleaseState::Done, Some("7")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn release_job_with_a_lost_lease_writes_nothing() {
    for p in EditorialProject::on_every_database().await {
        let r = releases(&p);
        let release = r.create("R", None, &p.actor).await.unwrap();
        let id = p.create("notes?status=draft", json!({ "text": "a" })).await;
        r.add_items(release.id, vec![note_item(&p, &id, Publish)], &p.actor).await.unwrap();
        r.schedule(release.id, local_when("2026-03-21T09:00", AMSTERDAM), &p.actor).await.unwrap();
        p.advance_by(TimeDelta::days(2));
        let now = unix_millis(p.now());
        let claim = |at: i64| p.store().write(move |tx| tx.jobs().claim(&[RUN_RELEASE_JOB], "x", at, at + 30_000, 10));
        let first = claim(now).await.unwrap().remove(0);
        let second = claim(now + 30_000).await.unwrap().remove(0);
        JobHandler::run(&r, &first).await;
        assert_eq!(p.get("notes", &id), Json::Null);
        JobHandler::run(&r, &second).await;
        assert_eq!(p.get("notes", &id)["text"], "a");
        assert_eq!(p.store().read(|r| r.jobs().list(&JobFilter::default(), 10)).unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_release_items_are_reported_with_their_path() {
    let p = EditorialProject::new().await;
    let r = releases(&p);
    assert!(expect_refusal(r.create(" ", None, &p.actor).await).message.contains("empty"));
    assert!(expect_refusal(r.create(&"x".repeat(201), None, &p.actor).await).message.contains("200"));
    let release = r.create("R", None, &p.actor).await.unwrap();
    let id = p.create("pages?status=draft", json!({ "title": "a" })).await;
    let noted = p.create("notes", json!({ "text": "a" })).await;
    let inputs = vec![
        page_item(&p, &id, "en", Publish),
        page_item(&p, &id, "nl", Publish),
        page_item(&p, &id, "", Publish),
        note_item(&p, "nowhere", Publish),
        note_item(&p, &noted, PublishAction::DiscardDraft),
        ReleaseItemInput { locale: "nl".into(), ..note_item(&p, &noted, Publish) },
    ];
    let refused = expect_refusal(r.add_items(release.id, inputs, &p.actor).await);
    let errors = refused.details["errors"].as_array().unwrap();
    let places: Vec<&Json> = errors.iter().map(|e| &e["path"][1]).collect();
    assert_eq!(places, ["1", "2", "3", "4", "5"]);
    assert_eq!(item_rows(&p, release.id), []);
    let many = (0..=MAX_ITEMS).map(|_| note_item(&p, &noted, Publish)).collect();
    assert!(expect_refusal(r.add_items(release.id, many, &p.actor).await).message.contains("at most 500"));
    assert_eq!(
        expect_refusal(r.add_items(77, vec![note_item(&p, &noted, Publish)], &p.actor).await).kind,
        RefusalKind::NotFound
    );
    assert_eq!(expect_refusal(r.remove_item(release.id, 77, &p.actor).await).kind, RefusalKind::NotFound);
    r.delete(release.id, &p.actor).await.unwrap();
    assert_eq!(expect_refusal(r.preview(release.id, &p.actor).await).kind, RefusalKind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn preview_lists_other_releases_and_linked_drafts() {
    let p = EditorialProject::new().await;
    let r = releases(&p);
    let unpublished = p.create("notes?status=draft", json!({ "text": "a" })).await;
    let modified = p.create("notes", json!({ "text": "b" })).await;
    p.update("notes?status=draft", &modified, json!({ "text": "c" })).await;
    let published = p.create("notes", json!({ "text": "d" })).await;
    let inside = p.create("notes?status=draft", json!({ "text": "e" })).await;
    let body = json!({ "title": "t", "notes": [unpublished, modified, published], "parts": [{ "note": inside }] });
    let id = p.create("pages?status=draft", body).await;
    let (one, two) = (r.create("One", None, &p.actor).await.unwrap(), r.create("Two", None, &p.actor).await.unwrap());
    for release in [one.id, two.id] {
        r.add_items(release, vec![page_item(&p, &id, "en", Publish)], &p.actor).await.unwrap();
    }
    let preview = r.preview(one.id, &p.actor).await.unwrap();
    assert_eq!(preview.items[0].also_in, [(two.id, "Two".to_owned())]);
    let found: Vec<(&str, &str, DraftState)> =
        preview.suggestions.iter().map(|s| (s.document_id.as_str(), s.attribute.as_str(), s.state)).collect();
    let expected = [
        (unpublished.as_str(), "notes", DraftState::Unpublished),
        (modified.as_str(), "notes", DraftState::Modified),
        (inside.as_str(), "parts", DraftState::Unpublished),
    ];
    assert_eq!(found, expected);
    r.add_items(one.id, vec![note_item(&p, &unpublished, Publish)], &p.actor).await.unwrap();
    assert_eq!(r.preview(one.id, &p.actor).await.unwrap().suggestions.len(), 2);
    r.publish(two.id, &p.actor).await.unwrap();
    assert_eq!(r.preview(one.id, &p.actor).await.unwrap().items[0].also_in, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn roll_back_restores_the_published_versions() {
    for p in EditorialProject::on_every_database().await {
        let r = releases(&p);
        let (n1, n2) =
            (p.create("notes", json!({ "text": "1" })).await, p.create("notes", json!({ "text": "2" })).await);
        let before = json!({ "title": "old", "slug": "x", "rank": 1, "notes": [n2, n1], "secret": "a password",
            "parts": [{ "text": "p", "price": "10.50", "note": n1 }, { "note": n2 }] });
        let id = p.create("pages", before).await;
        p.update("pages?locale=nl", &id, json!({ "title": "oud" })).await;
        let other = p.create("pages", json!({ "title": "goes", "slug": "y" })).await;
        let new = p.create("pages?status=draft", json!({ "title": "new", "slug": "z" })).await;
        let populate = "?populate[notes]=true&populate[parts][populate]=note";
        let read_page = |id: &str, query: &str| {
            let mut page = p.get(&format!("pages{populate}{query}"), id);
            for key in ["id", "publishedAt"] {
                page[key].take();
            }
            for part in page["parts"].as_array_mut().into_iter().flatten() {
                part["id"].take();
            }
            page
        };
        let (was, was_nl) = (read_page(&id, ""), read_page(&id, "&locale=nl"));
        let row = |published| {
            let (ct, id) = (p.type_id("pages"), id.clone());
            p.store().write(move |tx| {
                Ok::<_, ContentError>(tx.reader().documents().get_row(ct, &id, "en", published)?.unwrap())
            })
        };
        let secret = |row: cairn_store::content::DocumentRow| format!("{:?}", row.values[2]);
        let password = secret(row(true).await.unwrap());
        assert!(password.contains("argon2"));
        p.advance_by(TimeDelta::hours(1));
        let change =
            json!({ "title": "now", "slug": "y", "rank": 2, "notes": [n1], "secret": "another password", "parts": [] });
        p.update("pages?status=draft", &id, change).await;
        p.update("pages?status=draft", &other, json!({ "slug": "w" })).await;
        let release = r.create("R", None, &p.actor).await.unwrap();
        // A document is published with a slug that another gives up.
        let inputs = vec![
            page_item(&p, &id, "en", Publish),
            page_item(&p, &other, "en", Publish),
            page_item(&p, &new, "en", Publish),
        ];
        r.add_items(release.id, inputs, &p.actor).await.unwrap();
        assert!(expect_refusal(r.roll_back(release.id, false, &p.actor).await).message.contains("open"));
        r.publish(release.id, &p.actor).await.unwrap();
        assert_eq!((&p.get("pages", &id)["slug"], &p.get("pages?locale=nl", &id)["rank"]), (&json!("y"), &json!(2)));
        p.advance_by(TimeDelta::hours(1));

        let back = r.roll_back(release.id, false, &p.actor).await.unwrap();
        assert_eq!((back.state, back.rolled_back_at), (ReleaseState::RolledBack, Some(unix_millis(p.now()))));
        assert_eq!((read_page(&id, ""), read_page(&id, "&locale=nl")), (was, was_nl));
        assert_eq!(secret(row(true).await.unwrap()), password);
        assert_eq!((&p.get("pages", &other)["slug"], p.get("pages", &new)), (&json!("y"), Json::Null));
        // The drafts are as they were.
        assert_eq!(p.get("pages?status=draft", &id)["title"], "now");
        assert_eq!(p.get("pages?status=draft&locale=nl", &id)["rank"], 2);
        assert!(expect_refusal(r.roll_back(release.id, false, &p.actor).await).message.contains("rolled-back"));
        assert_eq!(p.store().check_integrity().unwrap(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn roll_back_of_later_changes_requires_overwrite() {
    let p = EditorialProject::new().await;
    let r = releases(&p);
    let (a, b) = (p.create("notes", json!({ "text": "a" })).await, p.create("notes", json!({ "text": "b" })).await);
    for id in [&a, &b] {
        p.update("notes?status=draft", id, json!({ "text": "new" })).await;
    }
    let deleted = p.create("notes?status=draft", json!({ "text": "gone" })).await;
    let release = r.create("R", None, &p.actor).await.unwrap();
    r.add_items(release.id, [&a, &b, &deleted].map(|id| note_item(&p, id, Publish)).to_vec(), &p.actor).await.unwrap();
    r.publish(release.id, &p.actor).await.unwrap();
    p.update("notes", &b, json!({ "text": "newer" })).await;
    p.delete("notes", &deleted).await;
    let refused = expect_refusal(r.roll_back(release.id, false, &p.actor).await);
    let errors = refused.details["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert_eq!(p.get("notes", &a)["text"], "new");
    r.roll_back(release.id, true, &p.actor).await.unwrap();
    assert_eq!((&p.get("notes", &a)["text"], &p.get("notes", &b)["text"]), (&json!("a"), &json!("b")));
}
