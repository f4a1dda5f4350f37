use super::{EscalatedItem, EscalationCheck, OwnerView};
use crate::calendar::{CalendarDay, SlotView};
use crate::testing::{CONTRACT_UID, EditorialFixture, assert_refused, contract_workflow};
use cairn_events::{Engine, EngineSetup};
use cairn_store::events::ActorKind;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use std::sync::Arc;

impl EditorialFixture {
    async fn add_owner(&self, owner: Json) -> cairn_content::Result<OwnerView> {
        self.desk.create_owner(&self.actor("root"), crate::read_input(owner)?).await
    }

    async fn add_slot(&self, slot: Json) -> SlotView {
        self.desk.create_slot(&self.actor("ed"), crate::read_input(slot).unwrap()).await.unwrap()
    }

    /// The calendar from the start of June to the end of July, as lines.
    async fn calendar_lines(&self, extra_params: Json) -> Vec<String> {
        let mut range = json!({ "from": "2026-06-01", "to": "2026-07-31", "zone": "Europe/Amsterdam" });
        range.as_object_mut().unwrap().extend(extra_params.as_object().unwrap().clone());
        let days = self
            .desk
            .list_calendar(&self.admin_caller("mia"), &serde_json::from_value(range).unwrap(), None)
            .await
            .unwrap()
            .days;
        let of_day = |day: &CalendarDay| {
            let line = |e: Json| {
                let text = |key: &str| e[key].as_str().unwrap_or("-").to_owned();
                let time = text("localTime")[11..].to_owned();
                format!("{} {time} {} {} {}", day.date, text("kind"), text("title"), text("phase"))
            };
            day.entries.iter().map(|entry| line(json!(entry))).collect::<Vec<_>>()
        };
        days.iter().flat_map(of_day).collect()
    }

    fn engine(&self) -> Arc<Engine> {
        Engine::new(EngineSetup {
            store: self.desk.store().clone(),
            clock: self.clock.clone(),
            subscribers: Vec::new(),
            handlers: vec![Arc::new(EscalationCheck::new(self.desk.clone()))],
            node: "test:run".into(),
            quiet: Default::default(),
        })
    }

    fn escalations(&self) -> Vec<EscalatedItem> {
        let (mut rows, _) = self.desk.list_escalations(None, 100).unwrap();
        rows.reverse();
        rows
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calendar_lists_slots_occurrences_and_publications() {
    let office = EditorialFixture::open().await;
    let amsterdam = |at: &str| json!({ "localTime": at, "zone": "Europe/Amsterdam" });
    // Every two weeks on Tuesday at ten, and the first Monday of the month.
    let rule = json!({ "title": "Video", "phase": "Assemblage", "team": "video", "channel": "portal", "contentType": CONTRACT_UID,
        "every": { "rhythm": "tweewekelijks", "weekday": "dinsdag" }, "start": "2026-06-02T10:00", "zone": "Europe/Amsterdam" });
    let video = office.desk.create_slot_rule(&office.actor("ed"), crate::read_input(rule).unwrap()).await.unwrap();
    let rule = json!({ "title": "Q&A", "phase": "Design", "every": { "rhythm": "maandelijks", "weekday": "maandag", "nth": 1 },
        "start": "2026-01-01T09:00", "zone": "Europe/Amsterdam", "until": "2026-06-30T23:59" });
    office.desk.create_slot_rule(&office.actor("ed"), crate::read_input(rule).unwrap()).await.unwrap();
    office
        .add_slot(json!({ "title": "Launch", "when": amsterdam("2026-07-31T23:30"), "owner": office.user_id("mia") }))
        .await;
    office.add_slot(json!({ "title": "Later", "when": amsterdam("2026-08-01T00:00") })).await;
    let all = [
        "2026-06-01 09:00 planned Q&A Design",
        "2026-06-02 10:00 planned Video Assemblage",
        "2026-06-16 10:00 planned Video Assemblage",
        "2026-06-30 10:00 planned Video Assemblage",
        "2026-07-14 10:00 planned Video Assemblage",
        "2026-07-28 10:00 planned Video Assemblage",
        "2026-07-31 23:30 planned Launch -",
    ];
    assert_eq!(office.calendar_lines(json!({})).await, all);
    // Moved by a day, filled, cancelled; the others stay.
    let id = video.id;
    let d = office.create_draft("ed", "contracts", json!({ "title": "Chassis", "phase": "Assemblage" })).await;
    let change = async |occurrence: &str, input: Json| {
        office.desk.change_occurrence(&office.actor("ed"), id, occurrence, crate::read_input(input).unwrap()).await
    };
    let moved = change("2026-06-16T10:00", json!({ "when": amsterdam("2026-06-17T11:00") })).await.unwrap();
    assert_eq!(
        (moved.occurrence.as_deref(), moved.local_time.as_str(), moved.status.as_str()),
        (Some("2026-06-16T10:00"), "2026-06-17T11:00", "planned")
    );
    let filled = change("2026-06-30T10:00", json!({ "documentId": d.document_id, "title": "Video of the chassis" }))
        .await
        .unwrap();
    assert_eq!(filled.status, "assigned");
    office.desk.cancel_occurrence(&office.actor("ed"), id, "2026-07-14T10:00").await.unwrap();
    assert_refused(change("2026-07-15T10:00", json!({})).await, "no occurrence");
    assert_refused(change("2026-06-30T10:00", json!({ "documentId": "nothing" })).await, "Document \"nothing\"");
    let now = office.calendar_lines(json!({})).await;
    assert_eq!(
        now[1..5],
        [
            all[1],
            "2026-06-17 11:00 planned Video Assemblage",
            "2026-06-30 10:00 planned Video of the chassis Assemblage",
            all[5]
        ]
    );
    assert_eq!(office.calendar_lines(json!({ "cancelled": true })).await.len(), all.len());
    // Moved again, and back by removing the slot that stands for it.
    change("2026-06-16T10:00", json!({ "when": amsterdam("2026-06-18T11:00") })).await.unwrap();
    assert!(office.calendar_lines(json!({})).await.contains(&"2026-06-18 11:00 planned Video Assemblage".to_owned()));
    office.desk.delete_slot(&office.actor("ed"), moved.id).await.unwrap();
    assert!(office.calendar_lines(json!({})).await.contains(&all[2].to_owned()));
    // Filters.
    assert_eq!(office.calendar_lines(json!({ "phase": "Design" })).await, [all[0]]);
    assert_eq!(office.calendar_lines(json!({ "owner": "me" })).await, [all[6]]);
    assert_eq!(office.calendar_lines(json!({ "team": "video" })).await.len(), 4);
    assert_eq!(office.calendar_lines(json!({ "contentType": CONTRACT_UID })).await.len(), 4);
    assert!(office.calendar_lines(json!({ "kinds": "scheduled" })).await.is_empty());
    // A publication is on its day, once, with the phase that its owner says.
    office.add_owner(json!({ "contentType": CONTRACT_UID, "phaseField": "phase", "team": "Productie" })).await.unwrap();
    for title in ["a", "b"] {
        office.write_with("ed", &d, "", json!({ "title": title })).await.unwrap();
    }
    office.advance_by(TimeDelta::days(1));
    office.write_with("ed", &d, "", json!({ "title": "c" })).await.unwrap();
    assert_eq!(
        office.calendar_lines(json!({ "kinds": "published", "phase": "Assemblage", "team": "Productie" })).await,
        ["2026-06-01 12:00 published c Assemblage", "2026-06-02 12:00 published c Assemblage"]
    );
    // Occurrences are deleted with their rule; a slot that is being worked on stays.
    office.desk.delete_slot_rule(&office.actor("ed"), id).await.unwrap();
    assert_eq!(
        office.calendar_lines(json!({ "kinds": "planned" })).await,
        [all[0], "2026-06-30 10:00 planned Video of the chassis Assemblage", all[6]]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_calendar_ranges_and_slots_are_rejected() {
    let office = EditorialFixture::open().await;
    let ask = async |range: Json| {
        office.desk.list_calendar(&office.admin_caller("mia"), &serde_json::from_value(range).unwrap(), None).await
    };
    for (bad, part) in [
        (json!({ "from": "x", "to": "2026-06-01" }), "from must be a date"),
        (json!({ "from": "2026-06-01", "to": "2026-05-31" }), "to must not be before from"),
        (json!({ "from": "2026-06-01", "to": "2028-06-01" }), "must not exceed 400 days"),
        (json!({ "from": "2026-06-01", "to": "2026-06-02", "zone": "Mars" }), "not a time zone"),
        (
            json!({ "from": "2026-06-01", "to": "2026-06-02", "kinds": "planned,drawn" }),
            "\"drawn\" is not a valid status",
        ),
        (json!({ "from": "2026-06-01", "to": "2026-06-02", "owner": "mia" }), "the id of an admin user"),
        (json!({ "from": "+262142-12-31", "to": "+262142-12-31" }), "out of range"),
    ] {
        assert_refused(ask(bad).await, part);
    }
    // Too much for one answer is refused, not cut.
    for n in 0..14 {
        let rule = json!({ "title": n.to_string(), "rule": "FREQ=DAILY", "start": "2026-01-01T09:00", "zone": "UTC" });
        office.desk.create_slot_rule(&office.actor("ed"), crate::read_input(rule).unwrap()).await.unwrap();
    }
    assert_refused(ask(json!({ "from": "2026-06-01", "to": "2027-07-05" })).await, "more than 5000 entries");
    assert!(ask(json!({ "from": "2026-06-01", "to": "2026-12-31" })).await.is_ok());
    let slot =
        async |input: Json| office.desk.create_slot(&office.actor("ed"), crate::read_input(input).unwrap()).await;
    let when = json!({ "localTime": "2026-06-01T10:00", "zone": "UTC" });
    assert_refused(
        slot(json!({ "title": "x", "when": when, "contentType": "api::no.no" })).await,
        "Content type \"api::no.no\" not found",
    );
    assert_refused(slot(json!({ "title": "x", "when": when, "locale": "fr" })).await, "Locale \"fr\" not found");
    assert_refused(slot(json!({ "title": "x", "when": when, "owner": 999 })).await, "Admin user 999 not found");
    let preview = |rule: Json| office.desk.preview_slot_rule(&crate::read_input(rule).unwrap(), 3);
    let view =
        preview(json!({ "rule": "FREQ=DAILY", "start": "2026-01-01T09:00", "zone": "Europe/Amsterdam" })).unwrap();
    assert_eq!(
        json!(view.occurrences[2]),
        json!({ "localTime": "2026-01-03T09:00", "at": "2026-01-03T08:00:00.000Z" })
    );
    assert_refused(preview(json!({ "rule": "FREQ=DAILY", "zone": "UTC" })), "start is required");
    assert_refused(preview(json!({ "rule": "FREQ=HOURLY", "start": "2026-01-01T09:00", "zone": "UTC" })), "DAILY");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_owners_are_rejected() {
    let office = EditorialFixture::open().await;
    let law = office.user_id("law");
    for (bad, part) in [
        (json!({ "user": law }), "Specify what is owned"),
        (json!({ "contentType": CONTRACT_UID }), "Specify the owner"),
        (json!({ "contentType": "api::no.no", "user": law }), "Content type \"api::no.no\" not found"),
        (json!({ "contentType": CONTRACT_UID, "user": 999 }), "Admin user 999 not found"),
        (json!({ "contentType": CONTRACT_UID, "role": "nobody" }), "No admin user has the role"),
        (json!({ "phase": "Design", "phaseField": "phase", "user": law }), "requires a contentType"),
        (json!({ "contentType": CONTRACT_UID, "phaseField": "fase", "user": law }), "is not an attribute"),
        (json!({ "contentType": CONTRACT_UID, "phaseField": "secret", "user": law }), "is not an attribute"),
        (json!({ "contentType": CONTRACT_UID, "phaseField": "parts.text", "user": law }), "is not an attribute"),
        (json!({ "contentType": CONTRACT_UID, "phaseField": "of", "user": law }), "is not an attribute"),
        (json!({ "contentType": CONTRACT_UID, "phaseField": "of.many", "user": law }), "is not an attribute"),
        (
            json!({ "contentType": CONTRACT_UID, "user": law, "escalation": { "overdueAfterHours": 1 } }),
            "and recipients",
        ),
        (json!({ "contentType": CONTRACT_UID, "user": law, "escalation": { "users": [law] } }), "needs a time"),
        (
            json!({ "contentType": CONTRACT_UID, "user": law, "escalation": { "overdueAfterHours": 0, "users": [law] } }),
            "whole number of hours",
        ),
        (
            json!({ "contentType": CONTRACT_UID, "user": law, "escalation": { "overdueAfterHours": 1, "roles": ["none"] } }),
            "No admin user has the role",
        ),
        (json!({ "contentType": CONTRACT_UID, "user": law, "mail": true }), "mail"),
    ] {
        assert_refused(office.add_owner(bad).await, part);
    }
    let created =
        office.add_owner(json!({ "contentType": CONTRACT_UID, "phaseField": "of.slug", "user": law })).await.unwrap();
    assert_refused(
        office.add_owner(json!({ "contentType": CONTRACT_UID, "user": law })).await,
        "already have an owner",
    );
    assert_refused(
        office
            .add_owner(json!({ "contentType": CONTRACT_UID, "phase": "x", "phaseField": "phase", "user": law }))
            .await,
        "Another owner of",
    );
    let id = created.id;
    let change = async |input: Json| {
        office.desk.change_owner(&office.actor("root"), id, crate::read_input(input).unwrap()).await
    };
    let changed =
        change(json!({ "contentType": CONTRACT_UID, "phaseField": "phase", "role": "legal", "team": "Service" }))
            .await
            .unwrap();
    assert_eq!((changed.role.as_deref(), changed.user), (Some("legal"), None));
    office.desk.delete_owner(&office.actor("root"), id).await.unwrap();
    assert_refused(change(json!({ "contentType": CONTRACT_UID, "role": "legal" })).await, "Content owner not found");
    assert!(office.desk.list_owners().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn overdue_work_is_escalated_once_per_cause() {
    let office = EditorialFixture::open().await;
    let mut workflow = contract_workflow();
    workflow["approvals"] = json!([{ "role": "legal" }]);
    office.define_workflow("contracts", workflow).await.unwrap();
    let (mia, law) = (office.user_id("mia"), office.user_id("law"));
    let recurs = || {
        office.desk.store().read(|r| r.recurring_jobs().list()).unwrap().iter().any(|row| row.name == super::CHECK_JOB)
    };
    assert!(!recurs(), "no tenant is woken for nothing");
    let escalation = json!({ "overdueAfterHours": 24, "unreviewedAfterHours": 48, "users": [mia], "roles": ["legal"] });
    let owner = office.add_owner(json!({ "contentType": CONTRACT_UID, "phaseField": "of.slug", "phase": "assembly", "user": law, "escalation": escalation })).await.unwrap();
    office
        .add_owner(
            json!({ "phase": "Design", "team": "design", "escalation": { "overdueAfterHours": 1, "users": [law] } }),
        )
        .await
        .unwrap();
    assert!(recurs());
    let step = office.create_draft("ed", "steps", json!({ "slug": "assembly" })).await;
    let late = office.create_draft("ed", "contracts", json!({ "title": "Late", "of": step.document_id })).await;
    let other = office.create_draft("ed", "contracts", json!({ "title": "Of no phase" })).await;
    for d in [&late, &other] {
        let due = crate::read_input(json!({ "due": { "localTime": "2026-06-02T12:00", "zone": "Europe/Amsterdam" } }))
            .unwrap();
        office.desk.set_due(&office.admin_caller("ed"), &office.actor("ed"), (*d).clone(), due).await.unwrap();
        office.move_to("ed", d, "legal review").await.unwrap();
    }
    office
        .add_slot(json!({ "title": "Interview", "phase": "Design", "when": { "localTime": "2026-06-01T12:30", "zone": "UTC" } }))
        .await;
    office.add_slot(json!({ "title": "Done one", "phase": "Design", "status": "done", "when": { "localTime": "2026-06-01T12:30", "zone": "UTC" } })).await;
    let rule = json!({ "title": "Q&A", "phase": "Design", "rule": "FREQ=DAILY;COUNT=2", "start": "2026-06-01T14:00", "zone": "UTC" });
    office.desk.create_slot_rule(&office.actor("ed"), crate::read_input(rule).unwrap()).await.unwrap();
    let engine = office.engine();
    let hours = async |n: i64| {
        office.advance_by(TimeDelta::hours(n));
        engine.run_until_idle().await.unwrap();
        office
            .escalations()
            .iter()
            .map(|e| format!("{}: {}", e.title.as_deref().unwrap(), e.reason))
            .collect::<Vec<_>>()
    };
    // The clock is at ten UTC on the first of June.
    assert!(hours(1).await.is_empty());
    assert_eq!(hours(4).await, ["Interview: the slot is still empty", "Q&A: the slot is still empty"]);
    assert_eq!(hours(1).await.len(), 2, "each cause is told once");
    // Due at ten UTC on the second, and a day after that it is escalated; it has waited for two days by then as well.
    assert_eq!(hours(41).await.len(), 3, "the second day's slot");
    let raised = hours(1).await;
    assert_eq!(raised[3..], ["Late: it is overdue", "Late: it is still in \"legal review\""]);
    let overdue_escalation = &office.escalations()[3];
    let mut to = [law, mia, office.user_id("lee")];
    to.sort_unstable();
    assert_eq!(overdue_escalation.to, to);
    assert_eq!(
        (overdue_escalation.stage.as_deref(), overdue_escalation.phase.as_deref()),
        (Some("legal review"), Some("assembly"))
    );
    let escalation_json = json!(overdue_escalation);
    assert_eq!(
        (&escalation_json["since"], &escalation_json["documentId"], &escalation_json["owner"]),
        (
            &json!("2026-06-02T10:00:00.000Z"),
            &json!(late.document_id),
            &json!({ "user": law, "role": null, "team": null })
        )
    );
    assert_eq!(hours(48).await.len(), 5);
    let events: Vec<_> = {
        office.event_names().await;
        office.events()
    };
    let escalated: Vec<_> = events.iter().filter(|e| e.event.name == super::RAISED_EVENT).collect();
    assert_eq!(escalated.len(), 5);
    assert!(escalated.iter().all(|e| e.actor.kind == ActorKind::System));
    assert_eq!(escalated[3].event.document_id.as_ref(), Some(&late.document_id));
    // A new due date is a new cause.
    let due = crate::read_input(json!({ "due": { "localTime": "2026-06-10T12:00", "zone": "UTC" } })).unwrap();
    office.desk.set_due(&office.admin_caller("ed"), &office.actor("ed"), late.clone(), due).await.unwrap();
    assert_eq!(hours(24 * 7).await.len(), 6);
    // The check no longer recurs, as no owner asks for it.
    for id in [owner.id, owner.id + 1] {
        office.desk.delete_owner(&office.actor("root"), id).await.unwrap();
    }
    assert!(!recurs());
}
