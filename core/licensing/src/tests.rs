//! Rights from the record to the gate, the events and the people who are told, on both databases.

use crate::testing::{LicensingFixture, PAGE_UID, assert_refused, expect_refusal, to_json};
use crate::{LicensingGate, ReportedFileView, UsageReport};
use cairn_access::Clock;
use cairn_content::{PublishGate, RefusalKind};
use cairn_store::events::Actor;
use serde_json::{Value as Json, json};
use std::sync::Arc;

const SUPPLIER: &str = "2026-12-31";

fn supplier_licence(assets: &[&str]) -> Json {
    json!({ "holder": "Studio Noord", "licence": "licensed", "end": SUPPLIER, "zone": "Europe/Amsterdam", "assets": assets })
}

fn document_ids(rows: &[ReportedFileView]) -> Vec<&str> {
    rows.iter().map(|r| r.file.document_id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_licences_block_files_until_renewed() {
    for p in LicensingFixture::on_every_database().await {
        let mut at = 0;
        p.add_file("video", None).await;
        p.add_file("still", Some("video")).await;
        let pages = [
            p.create_published("pages", json!({ "cover": "video" })).await,
            p.create_published("pages", json!({ "gallery": ["still", "video"] })).await,
            p.create_draft(
                "pages",
                json!({ "parts": [{ "__component": "a.box", "inner": [{ "picture": "video" }] }] }),
            )
            .await,
        ];
        let created = to_json(p.create_licence(supplier_licence(&["video"])).await.unwrap());
        assert_eq!((&created["endsAt"], &created["assetsTotal"]), (&json!("2026-12-31T23:00:00.000Z"), &json!(1)));
        assert!(p.event_lines(&mut at).await.is_empty(), "all is well: nobody is told");
        let engine = p.engine(&p.rights, "a:1").await;
        // Thirty days before.
        p.set_time("2026-12-01T22:59:00Z");
        engine.run_until_idle().await.unwrap();
        assert_eq!((p.status_of("still"), p.event_lines(&mut at).await.len()), (("clear", true), 0));
        p.set_time("2026-12-01T23:00:00Z");
        engine.run_until_idle().await.unwrap();
        let events = p.new_events(&mut at).await;
        assert_eq!(events.iter().map(|e| e.event.name.as_str()).collect::<Vec<_>>(), ["asset.rights-expiring"; 2]);
        let (rows, next) = p.rights.list_report(UsageReport::Expiring, None, 10).unwrap();
        assert_eq!((document_ids(&rows), next), (vec!["still", "video"], None));
        assert_eq!(rows[1].file.entries_total, 3);
        let notifications = p.list_notifications();
        let ed = p.user_id("ed");
        assert_eq!(notifications.len(), 1, "{notifications:?}");
        assert_eq!((notifications[0].0.as_str(), notifications[0].1), ("licence-expiring", ed));
        assert_eq!(notifications[0].2["at"], "2026-12-31 Europe/Amsterdam");
        // To the last second.
        p.set_time("2026-12-31T22:59:59Z");
        assert_eq!((p.status_of("video"), p.status_of("still")), (("expiring", true), ("expiring", true)));
        p.set_time("2026-12-31T23:00:00Z");
        assert_eq!((p.status_of("video"), p.status_of("still")), (("expired", false), ("expired", false)));
        engine.run_until_idle().await.unwrap();
        let events = p.new_events(&mut at).await;
        let names: Vec<(&str, &str)> =
            events.iter().map(|e| (e.event.name.as_str(), e.event.document_id.as_deref().unwrap())).collect();
        assert_eq!(
            names,
            [
                ("asset.rights-expired", "still"),
                ("asset.purge", "still"),
                ("asset.rights-expired", "video"),
                ("asset.purge", "video")
            ]
        );
        let data = &events[2].event.data;
        let mut hit: Vec<(&str, bool)> = data["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| (e["documentId"].as_str().unwrap(), e["published"].as_bool().unwrap()))
            .collect();
        hit.sort_unstable();
        let mut all = vec![(pages[0].as_str(), true), (pages[1].as_str(), true), (pages[2].as_str(), false)];
        all.sort_unstable();
        assert_eq!(hit, all, "the three entries that use it, those that are published marked");
        assert_eq!(events[3].event.data["urls"], json!(["/uploads/video.png", "/uploads/small_video.png"]));
        assert_eq!(data["reasons"][0]["right"], created["id"]);
        assert_eq!(p.list_notifications().len(), 2);
        // Once.
        p.set_time("2027-01-01T10:00:00Z");
        engine.run_until_idle().await.unwrap();
        assert!(p.event_lines(&mut at).await.is_empty() && p.list_notifications().len() == 2);
        let refusal = expect_refusal(p.publish_document("pages", &pages[2]).await);
        assert_eq!(refusal.kind, RefusalKind::Conflict);
        assert_eq!(refusal.details["rights"]["files"][0]["reasons"][0]["reason"], "licence-expired");
        assert_eq!(refusal.details["rights"]["files"][0]["attributes"], json!(["parts"]));
        // Renewed by another end: at once, and before any sweep.
        let renewed = p
            .change_right(
                created["id"].as_i64().unwrap(),
                json!({ "holder": "Studio Noord", "end": "2028-12-31", "zone": "Europe/Amsterdam", "version": 1 }),
            )
            .await;
        assert_eq!(renewed.unwrap().licence.version, 2);
        assert_eq!((p.status_of("video"), p.status_of("still")), (("clear", true), ("clear", true)));
        assert_eq!(
            p.event_lines(&mut at).await,
            ["asset.rights-restored still", "asset.purge still", "asset.rights-restored video", "asset.purge video"]
        );
        p.publish_document("pages", &pages[2]).await.unwrap();
        // The licence ends again, and is replaced by another record.
        p.set_time("2029-01-01T00:00:00Z");
        engine.run_until_idle().await.unwrap();
        assert_eq!(p.status_of("video"), ("expired", false));
        let messages = p.event_lines(&mut at).await;
        assert!(
            messages.contains(&"asset.rights-expired video".to_owned())
                && !messages.iter().any(|t| t.contains("expiring")),
            "{messages:?}"
        );
        let other = p.create_licence(json!({ "holder": "Studio Noord", "licence": "owned" })).await.unwrap();
        assert_eq!(p.status_of("video"), ("expired", false));
        p.link_records(json!({ "rights": [other.licence.id], "assets": ["video"], "mode": "add" })).await.unwrap();
        assert_eq!(p.status_of("video"), ("expired", false), "all must hold");
        p.link_records(json!({ "rights": [other.licence.id], "assets": ["video"], "mode": "set" })).await.unwrap();
        assert_eq!((p.status_of("video"), p.status_of("still")), (("clear", true), ("clear", true)));
        assert_eq!(p.event_lines(&mut at).await.len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn withdrawn_consent_blocks_all_derived_files() {
    for p in LicensingFixture::on_every_database().await {
        let mut at = 0;
        p.add_file("shoot", None).await;
        p.add_files(&["crop1", "crop2", "crop3"], Some("shoot")).await;
        p.add_file("crop4", Some("crop3")).await;
        p.add_file("other", None).await;
        let page = p.create_published("pages", json!({ "cover": "crop4" })).await;
        let consent = p
            .create_consent(json!({ "person": "Ann Jansen", "givenAt": "2026-05-01", "assets": ["shoot", "shoot"] }))
            .await
            .unwrap();
        let another =
            p.create_consent(json!({ "person": "Bea", "givenAt": "2026-05-01", "assets": ["shoot"] })).await.unwrap();
        assert_eq!(p.status_of("crop4"), ("clear", true));
        assert!(p.event_lines(&mut at).await.is_empty());
        let withdrawn = to_json(p.withdraw_consent(consent.consent.id, json!({})).await.unwrap());
        assert_eq!(withdrawn["withdrawnAt"], "2026-06-01T10:00:00.000Z");
        for file in ["shoot", "crop1", "crop2", "crop3", "crop4"] {
            assert_eq!(p.status_of(file), ("blocked", false), "{file}");
        }
        assert_eq!(p.status_of("other"), ("unknown", true));
        let events = p.new_events(&mut at).await;
        let count = |name: &str| events.iter().filter(|e| e.event.name == name).count();
        assert_eq!((count("asset.purge"), count("consent.withdrawn"), events.len()), (5, 1, 6));
        let data = &events.iter().find(|e| e.event.name == "consent.withdrawn").unwrap().event.data;
        assert_eq!((&data["assetsTotal"], &data["consent"]), (&json!(5), &json!(consent.consent.id)));
        let crop = data["assets"].as_array().unwrap().iter().find(|a| a["documentId"] == "crop4").unwrap();
        assert_eq!((&crop["entries"][0]["documentId"], &crop["entries"][0]["published"]), (&json!(page), &json!(true)));
        assert!(!data.to_string().contains("Jansen"), "whom it is about is nobody's business outside");
        let (rows, _) = p.rights.list_report(UsageReport::Withdrawn, None, 10).unwrap();
        assert_eq!(document_ids(&rows), ["crop1", "crop2", "crop3", "crop4", "shoot"]);
        let refusal = expect_refusal(p.withdraw_consent(consent.consent.id, json!({})).await);
        assert_eq!((refusal.kind, &refusal.details["withdrawnAt"]), (RefusalKind::Conflict, &withdrawn["withdrawnAt"]));
        // The other person still agrees; without the first one's record all is as it was.
        p.rights.delete_consent(&p.actor, consent.consent.id).await.unwrap();
        assert_eq!(p.status_of("crop4"), ("clear", true));
        assert_eq!(p.event_lines(&mut at).await.iter().filter(|t| t.starts_with("asset.rights-restored")).count(), 5);
        // From a later moment on.
        p.withdraw_consent(another.consent.id, json!({ "at": "2026-06-02T00:00:00Z" })).await.unwrap();
        assert_eq!(
            (p.status_of("crop4"), p.event_lines(&mut at).await),
            (("clear", true), vec!["consent.withdrawn -".to_owned()])
        );
        p.set_time("2026-06-02T00:00:00Z");
        assert_eq!(p.status_of("crop4"), ("blocked", false));
        p.engine(&p.rights, "a:1").await.run_until_idle().await.unwrap();
        p.set_time("2026-06-02T00:01:00Z");
        p.engine(&p.rights, "a:1").await.run_until_idle().await.unwrap();
        p.set_time("2026-06-02T00:02:00Z");
        p.engine(&p.rights, "a:1").await.run_until_idle().await.unwrap();
        assert_eq!(p.event_lines(&mut at).await.len(), 5, "purges, once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gate_finds_expired_files_in_every_attribute() {
    for p in LicensingFixture::on_every_database().await {
        p.add_files(&["bad", "good"], None).await;
        p.create_licence(supplier_licence(&["bad"])).await.unwrap();
        p.set_time("2027-01-01T00:00:00Z");
        let blocks = json!([{ "type": "paragraph", "children": [{ "type": "link", "url": "/uploads/small_bad.png", "children": [{ "type": "text", "text": "x" }] }] }]);
        for (data, attribute) in [
            (json!({ "cover": "bad" }), "cover"),
            (json!({ "gallery": ["good", "bad"] }), "gallery"),
            (json!({ "seo": { "picture": "bad" } }), "seo"),
            (json!({ "seo": { "note": "![x](/uploads/bad.png)" } }), "seo"),
            (
                json!({ "parts": [{ "__component": "a.part", "picture": "good" }, { "__component": "a.box", "inner": [{}, { "picture": "bad" }] }] }),
                "parts",
            ),
            (json!({ "body": "Look: <img src=\"https://cms.example.com/uploads/bad.png\">" }), "body"),
            (json!({ "text": blocks }), "text"),
        ] {
            let id = p.create_draft("pages", data.clone()).await;
            let refusal = expect_refusal(p.publish_document("pages", &id).await);
            let files = refusal.details["rights"]["files"].as_array().unwrap();
            assert_eq!(
                (files.len(), &files[0]["documentId"], &files[0]["attributes"]),
                (1, &json!("bad"), &json!([attribute])),
                "{data}"
            );
            assert!(
                refusal
                    .message
                    .contains("bad (the licence from Studio Noord expired on 2026-12-31 (Europe/Amsterdam))"),
                "{}",
                refusal.message
            );
            let entry_check = to_json(p.rights.check_entry(PAGE_UID, &id, None).await.unwrap());
            assert_eq!(
                (&entry_check["mayPublish"], &entry_check["refused"][0]["documentId"]),
                (&json!(false), &json!("bad"))
            );
        }
        let clean =
            p.create_draft("pages", json!({ "cover": "good", "body": "/uploads/nobody.png /uploads/good.png" })).await;
        p.publish_document("pages", &clean).await.unwrap();
        assert!(p.rights.check_entry(PAGE_UID, "nothing", None).await.is_err());
        assert!(p.rights.check_entry("api::no.no", &clean, None).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gate_checks_channels_embargoes_and_unlicensed_files() {
    for p in LicensingFixture::on_every_database().await {
        let mut at = 0;
        p.add_files(&["shot", "secret", "bare", "instead"], None).await;
        p.create_licence(json!({ "holder": "Studio", "channels": ["web", "web"], "assets": ["shot"] })).await.unwrap();
        let page = p.create_draft("pages", json!({ "cover": "shot" })).await;
        let product = p.create_draft("products", json!({ "cover": "shot" })).await;
        p.publish_document("pages", &page).await.unwrap();
        let out = expect_refusal(p.publish_document("products", &product).await);
        assert_eq!(out.details["rights"]["channel"], "shop");
        assert_eq!(out.details["rights"]["files"][0]["reasons"][0]["reason"], "out-of-scope");
        // An embargo ends with the beginning of its day.
        let set = p.set_file("secret", json!({ "embargoUntil": { "local": "2026-07-01", "zone": "Europe/Amsterdam" }, "fallback": "instead", "owner": p.user_id("dam") })).await.unwrap();
        let set = to_json(set);
        assert_eq!(
            (&set["status"], &set["settings"]["embargoUntil"]["at"]),
            (&json!("embargoed"), &json!("2026-06-30T22:00:00.000Z"))
        );
        assert_eq!(p.timeline_of("secret").fallback_document(), Some("instead"));
        assert_eq!(p.event_lines(&mut at).await, ["asset.purge secret"]);
        let hidden = p.create_draft("pages", json!({ "gallery": ["secret"] })).await;
        assert_refused(p.publish_document("pages", &hidden).await, "it is under embargo until 2026-06-30 22:00 UTC");
        let engine = p.engine(&p.rights, "a:1").await;
        p.set_time("2026-06-30T22:00:00Z");
        engine.run_until_idle().await.unwrap();
        assert_eq!(
            (p.status_of("secret"), p.event_lines(&mut at).await),
            (("unknown", true), vec!["asset.purge secret".to_owned()])
        );
        p.publish_document("pages", &hidden).await.unwrap();
        p.set_file("secret", json!({ "fallback": null })).await.unwrap();
        assert_eq!(p.timeline_of("secret").fallback_document(), None);
        // Policies for missing records: of the tenant, a kind, a folder, a file.
        let unlicensed = p.create_draft("pages", json!({ "cover": "bare" })).await;
        p.set_policy(json!({ "unknown": "block" })).await.unwrap();
        assert_refused(p.publish_document("pages", &unlicensed).await, "no licence or consent on record");
        assert_eq!(p.status_of("bare"), ("unknown", true), "it is only publishing that it keeps from");
        p.set_policy(json!({ "kinds": { "image": "warn" } })).await.unwrap();
        p.publish_document("pages", &unlicensed).await.unwrap();
        let entry_check = to_json(p.rights.check_entry(PAGE_UID, &unlicensed, None).await.unwrap());
        assert_eq!(
            (&entry_check["mayPublish"], &entry_check["warnings"][0]["reasons"][0]["reason"]),
            (&json!(true), &json!("unknown"))
        );
        p.set_policy(json!({ "folders": { "0": "block" } })).await.unwrap();
        assert_refused(p.publish_document("pages", &unlicensed).await, "no licence or consent on record");
        p.set_file("bare", json!({ "policy": "ignore" })).await.unwrap();
        p.publish_document("pages", &unlicensed).await.unwrap();
        let (rows, next) = p.rights.list_report(UsageReport::Unknown, None, 2).unwrap();
        assert_eq!((document_ids(&rows), next.as_deref()), (vec!["bare", "instead"], Some("instead")));
        let (rows, next) = p.rights.list_report(UsageReport::Unknown, next.as_deref(), 2).unwrap();
        assert_eq!((document_ids(&rows), next), (vec!["secret"], None));
        assert_eq!(
            to_json(p.rights.get_policy().unwrap()),
            json!({ "unknown": "block", "folders": { "0": "block" }, "kinds": { "image": "warn" }, "expiringDays": 30 })
        );
        // A changed window is noticed by the next sweep.
        p.create_licence(json!({ "holder": "Soon", "end": "2026-07-20", "zone": "UTC", "assets": ["instead"] }))
            .await
            .unwrap();
        assert_eq!(p.event_lines(&mut at).await, ["asset.rights-expiring instead"]);
        p.set_policy(json!({ "expiringDays": 3 })).await.unwrap();
        assert_eq!(p.status_of("instead"), ("clear", true));
        p.set_time("2026-07-01T00:00:00Z");
        engine.run_until_idle().await.unwrap();
        p.set_time("2026-07-18T00:00:00Z");
        engine.run_until_idle().await.unwrap();
        assert_eq!(
            (p.status_of("instead"), p.event_lines(&mut at).await),
            (("expiring", true), vec!["asset.rights-expiring instead".to_owned()])
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_emit_each_licensing_event_once() {
    for p in LicensingFixture::on_every_database().await {
        let mut at = 0;
        let names: Vec<String> = (0..40).map(|n| format!("file{n:02}")).collect();
        let files: Vec<&str> = names.iter().map(String::as_str).collect();
        p.add_files(&files, None).await;
        p.create_licence(supplier_licence(&files)).await.unwrap();
        let (_, other) = p.another_node().await;
        let (one, two) = (p.engine(&p.rights, "a:1").await, p.engine(&other, "b:1").await);
        // The nodes were off on the day when the licence was about to end.
        p.set_time("2026-12-20T12:00:00Z");
        let (first, second) = tokio::join!(one.run_until_idle(), two.run_until_idle());
        first.unwrap();
        second.unwrap();
        assert_eq!(p.event_lines(&mut at).await.len(), 40);
        assert_eq!(p.list_notifications().len(), 1, "one licence, one person, one notice");
        // The sweep of both at the same moment, whatever the job says.
        p.set_time("2027-01-03T12:00:00Z");
        let sweep = async |rights: &crate::LicensingService| {
            let now = p.now();
            let work = move |tx: &mut cairn_store::WriteTx<'_>| {
                crate::service::lock_licensing(tx)?;
                let due = tx.reader().usage_statuses().list_due(now, 500)?;
                crate::usage_changes::update_usage(tx, &due, &Actor::system("rights"), now).map(drop)
            };
            rights.store().write::<_, cairn_store::StoreError, _>(work).await.unwrap();
        };
        tokio::join!(sweep(&p.rights), sweep(&other), sweep(&p.rights), sweep(&other));
        let messages = p.event_lines(&mut at).await;
        assert_eq!(
            (messages.len(), messages.iter().filter(|t| t.starts_with("asset.rights-expired")).count()),
            (80, 40)
        );
        assert_eq!(p.list_notifications().len(), 2);
        // Two change the same record as they saw it: one of them is told to look again.
        let created = p.create_licence(json!({ "holder": "Both" })).await.unwrap();
        let input = |holder: &str| crate::read_input(json!({ "holder": holder, "version": 1 })).unwrap();
        let id = created.licence.id;
        let (a, b) =
            tokio::join!(p.rights.change_right(&p.actor, id, input("A")), other.change_right(&p.actor, id, input("B")));
        let conflicts = [a, b].into_iter().filter_map(Result::err).collect::<Vec<_>>();
        assert_eq!(conflicts.len(), 1);
        assert_eq!(expect_refusal(Err::<(), _>(conflicts.into_iter().next().unwrap())).details["currentVersion"], 2);
        // Links from both sides at once: none is missed.
        let (c, d) = (
            p.create_consent(json!({ "person": "C", "givenAt": "2026-01-01" })).await.unwrap(),
            p.create_consent(json!({ "person": "D" })).await.unwrap(),
        );
        p.add_file("both", None).await;
        let link = |id: i64| crate::read_input(json!({ "consents": [id], "assets": ["both"] })).unwrap();
        let (x, y) = tokio::join!(
            p.rights.link_records(&p.actor, link(c.consent.id)),
            other.link_records(&p.actor, link(d.consent.id))
        );
        x.unwrap();
        y.unwrap();
        let row = p.store().read(|r| r.usage_statuses().get_many(&["both"])).unwrap();
        assert_eq!((row[0].state.as_str(), p.status_of("both")), ("blocked", ("blocked", false)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_files_are_linked_and_swept_in_bounded_time() {
    for p in LicensingFixture::on_every_database().await {
        let names: Vec<String> = (0..10_000).map(|n| format!("file{n:05}")).collect();
        let all = names.clone();
        p.store()
            .write(move |tx| all.iter().try_for_each(|name| crate::testing::add_file(tx, name, None)))
            .await
            .unwrap();
        let created =
            p.create_licence(json!({ "holder": "Studio", "end": "2026-06-20", "zone": "UTC" })).await.unwrap();
        let began = std::time::Instant::now();
        p.link_records(json!({ "rights": [created.licence.id], "assets": names })).await.unwrap();
        let linked = began.elapsed();
        let mut at = 0;
        assert_eq!(p.event_lines(&mut at).await.len(), 10_000);
        assert_eq!(p.list_notifications().len(), 1);
        let engine = p.engine(&p.rights, "a:1").await;
        p.set_time("2026-06-21T00:00:00Z");
        let began = std::time::Instant::now();
        engine.run_until_idle().await.unwrap();
        let swept = began.elapsed();
        assert_eq!(p.event_lines(&mut at).await.len(), 20_000);
        let (rows, next) = p.rights.list_report(UsageReport::Expiring, None, 100).unwrap();
        assert_eq!((rows.len(), next), (0, None));
        // Seconds, on whatever machine: no statement for each file.
        assert!(linked.as_secs() < 60 && swept.as_secs() < 60, "linked in {linked:?}, swept in {swept:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_licensing_input_is_reported_by_field() {
    for p in LicensingFixture::on_every_database().await {
        p.add_file("there", None).await;
        let long = "x".repeat(201);
        for (bad, part) in [
            (json!({}), "holder must be a single line"),
            (json!({ "holder": "  " }), "holder must be a single line"),
            (json!({ "holder": long }), "holder must be a single line"),
            (json!({ "holder": "a\u{202e}b" }), "holder must be a single line"),
            (json!({ "holder": "a\u{0}b" }), "holder must be a single line"),
            (json!({ "holder": "x", "licence": "CC BY" }), "licence must contain only lower-case letters"),
            (json!({ "holder": "x", "end": "2026-12-31" }), "zone is required"),
            (json!({ "holder": "x", "end": "2026-12-31", "zone": "Mars/Olympus" }), "not a time zone"),
            (json!({ "holder": "x", "zone": "Mars/Olympus" }), "not a time zone"),
            (json!({ "holder": "x", "end": "31-12-2026", "zone": "UTC" }), "not a valid day or local time"),
            (
                json!({ "holder": "x", "start": "2026-12-31", "end": "2026-12-30", "zone": "UTC" }),
                "end must be after start",
            ),
            (
                json!({ "holder": "x", "start": "2026-12-31T10:00", "end": "2026-12-31T10:00", "zone": "UTC" }),
                "end must be after start",
            ),
            (json!({ "holder": "x", "start": "2026-03-29T02:30", "zone": "Europe/Amsterdam" }), "does not exist"),
            (json!({ "holder": "x", "cost": "12,50", "currency": "EUR" }), "cost must be a string of digits"),
            (json!({ "holder": "x", "cost": "-1", "currency": "EUR" }), "cost must be a string of digits"),
            (json!({ "holder": "x", "cost": "1e5", "currency": "EUR" }), "cost must be a string of digits"),
            (json!({ "holder": "x", "cost": "12.50" }), "cost and currency must be given together"),
            (json!({ "holder": "x", "cost": "12.50", "currency": "euro" }), "three-letter code"),
            (json!({ "holder": "x", "channels": ["a", ""] }), "channels must be a single line"),
            (json!({ "holder": "x", "channels": vec!["a"; 301] }), "at most 300 entries"),
            (json!({ "holder": "x", "evidence": "nothing" }), "File \"nothing\" not found"),
            (
                json!({ "holder": "x", "assets": ["there", "nothing", "nor", "this"] }),
                "File \"nothing\" and 2 others not found",
            ),
            (json!({ "holder": "x", "assets": vec!["there"; 20_001] }), "at most 20000 files"),
            (json!({ "holder": "x", "notes": "n".repeat(5_001) }), "notes must have at most 5000 characters"),
            (json!({ "holder": "x", "notes": "\u{7}" }), "notes must be plain text"),
            (json!({ "holder": "x", "secret": 1 }), "secret"),
            (json!({ "holder": 5 }), "The request body is invalid"),
        ] {
            let refusal = expect_refusal(p.create_licence(bad.clone()).await);
            assert!(refusal.message.contains(part), "{part}: {refusal:?}");
            assert_eq!(refusal.kind, RefusalKind::Validation);
        }
        assert_eq!(
            expect_refusal(p.create_licence(json!({ "holder": "x", "cost": "x" })).await).details["errors"][0]["path"],
            json!(["cost"])
        );
        // Refused input leaves no record, and input that is hostile elsewhere is a text here.
        assert!(p.rights.list_licences(None, None, 10).unwrap().0.is_empty());
        let hostile = "Robert'); DROP TABLE \"files\";-- <script>{{x}}</script>";
        let created = p.create_licence(json!({ "holder": hostile, "notes": "a\nb", "cost": "1250.5", "currency": "EUR", "evidence": "there", "territories": ["NL", "NL"] })).await.unwrap();
        assert_eq!(
            (created.licence.holder.as_str(), &created.licence.territories[..], created.licence.licence.as_str()),
            (hostile, &["NL".to_owned()][..], "licensed")
        );
        let created = created.licence.id;
        for (bad, part) in [
            (json!({}), "person must be a single line"),
            (json!({ "person": "x", "givenAt": "yesterday" }), "is not a valid time"),
            (json!({ "person": "x", "kind": "!" }), "kind must contain only lower-case letters"),
        ] {
            assert_refused(p.create_consent(bad).await, part);
        }
        for (bad, part) in [
            (json!({ "rights": [1] }), "at least one file"),
            (json!({ "assets": ["there"] }), "Specify what to link"),
            (json!({ "rights": [created, 99], "assets": ["there"] }), "Licence 99 not found"),
            (json!({ "consents": [7], "assets": ["there"] }), "Consent 7 not found"),
            (json!({ "rights": [created], "assets": ["there", "gone"] }), "File \"gone\" not found"),
            (json!({ "rights": [created], "assets": [""] }), "documentId of a file"),
            (json!({ "rights": [created], "assets": ["there"], "mode": "merge" }), "mode must be"),
            (json!({ "rights": vec![1; 101], "assets": ["there"] }), "at most 100"),
        ] {
            assert_refused(p.link_records(bad).await, part);
        }
        let twice = json!({ "rights": [created, created], "assets": ["there", "there"] });
        assert_eq!(p.link_records(twice.clone()).await.unwrap().assets, 1);
        p.link_records(twice).await.unwrap();
        assert_eq!(p.rights.get_licence(created).unwrap().files.assets_total, 1);
        for (bad, part) in [
            (json!({ "fallback": "there" }), "its own replacement"),
            (json!({ "fallback": "gone" }), "File \"gone\" not found"),
            (json!({ "owner": 99 }), "Admin user 99 not found"),
            (json!({ "policy": "maybe" }), "ignore, warn or block"),
            (json!({ "embargoUntil": { "local": "2026-02-30", "zone": "UTC" } }), "not a valid day"),
            (json!({ "embargoUntil": { "local": "2026-02-03", "zone": "x" } }), "not a time zone"),
            (json!({ "embargoUntil": "2026-02-03" }), "body is invalid"),
        ] {
            assert_refused(p.set_file("there", bad).await, part);
        }
        assert_refused(p.set_file("gone", json!({})).await, "File not found");
        for (bad, part) in [
            (json!({ "unknown": "perhaps" }), "ignore, warn or block"),
            (json!({ "folders": { "x": "block" } }), "by their ids"),
            (json!({ "kinds": { "sculpture": "block" } }), "Unknown kind of file"),
            (json!({ "expiringDays": 367 }), "from 0 to 366"),
        ] {
            assert_refused(p.set_policy(bad).await, part);
        }
        assert!(
            p.rights.get_licence(99).is_err()
                && p.rights.get_consent(99).is_err()
                && p.rights.get_file("gone").is_err()
        );
        assert!(p.rights.delete_right(&p.actor, 99).await.is_err());
        assert_refused(p.change_right(99, json!({ "holder": "x" })).await, "Licence not found");
        assert_refused(
            p.change_right(created, json!({ "holder": "x", "version": 7 })).await,
            "you have version 7, the current version is 1",
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_policy_blocks_publishing() {
    for p in LicensingFixture::on_every_database().await {
        p.add_file("a", None).await;
        let id = p.create_draft("pages", json!({ "cover": "a" })).await;
        p.store().write(|tx| tx.settings().set("rights", &json!({ "unknown": 5 }))).await.unwrap();
        let gate = LicensingGate::new(p.clock.clone() as Arc<dyn Clock>);
        let ct = p.content.by_route("pages").unwrap().id;
        let gate = Arc::new(gate);
        let check_page = {
            let id = id.clone();
            move |tx: &mut cairn_store::WriteTx<'_>| gate.check(tx, ct, &id, "", &Actor::public())
        };
        assert!(p.store().write(check_page).await.is_err());
        assert!(p.publish_document("pages", &id).await.is_err());
    }
}
