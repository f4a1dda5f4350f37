//! A server that was off for weeks: what was due meanwhile is not sent all at once.

use super::{CONTENT, DAY, JourneyFixture};
use serde_json::{Value as Json, json};

async fn create(fixture: &JourneyFixture, name: &str, data: Json) -> String {
    let path = format!("{CONTENT}{name}");
    fixture.manager.post(&path, json!({ "data": data })).await.expect_status(201).document_id()
}

async fn create_definition(fixture: &JourneyFixture, key: &str) -> String {
    let data = json!({ "key": key, "revision": 1, "title": key, "status": "active", "zone": "Europe/Amsterdam" });
    create(fixture, "definition", data).await
}

/// Creates a phase that ends by date if it ends.
async fn create_phase(fixture: &JourneyFixture, definition: &str, key: &str, order: u32, window: [&str; 2]) -> String {
    let [from, to] = window.map(|offset| Some(offset).filter(|offset| !offset.is_empty()));
    let data = json!({
        "definition": { "set": [definition] }, "key": key, "title": key, "order": order, "windowFrom": from, "windowTo": to,
        "advance": if to.is_some() { "date" } else { "manual" },
    });
    create(fixture, "phase", data).await
}

/// Creates a row that is mailed, and its item as a draft.
async fn create_row(fixture: &JourneyFixture, phase: &str, title: &str, frequency: &str, late: Option<&str>) {
    let data = json!({ "title": title, "body": "x", "kind": "message", "phases": { "set": [phase] } });
    let item = create(fixture, "item", data).await;
    let mut data = json!({
        "phase": { "set": [phase] }, "title": title, "frequency": frequency, "localTime": "09:00", "mail": true,
        "item": { "set": [item] },
    });
    if let Some(late) = late {
        data["late"] = json!(late);
    }
    create(fixture, "plan-row", data).await;
}

async fn start(fixture: &JourneyFixture, definition: &str, customer: &str) {
    fixture.server.add_user(customer, "authenticated", json!({ "emailVerified": true })).await;
    let body = json!({
        "definition": definition, "customer": format!("{customer}@example.com"), "title": format!("F22 {customer}"),
        "language": "en",
    });
    fixture.manager.post("/api/journey/start", body).await.expect_status(201);
}

/// The slots of that title that are no longer planned. Sessions have expired meanwhile.
async fn slots(fixture: &JourneyFixture, title: &str) -> Vec<Json> {
    let root = fixture.server.super_admin().await;
    let over = "filters[status][$ne]=planned&sort=plannedAt:asc&pagination[pageSize]=100";
    let path = format!("{CONTENT}slot?filters[title]={title}&{over}");
    root.get(&path).await.expect_status(200).data().as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn six_weeks_off_are_one_mail_for_each_row_unless_it_says_otherwise() {
    let fixture = JourneyFixture::new().await;
    let definition = create_definition(&fixture, "weekly").await;
    let phase = create_phase(&fixture, &definition, "build", 1, ["P0D", ""]).await;
    for (title, late) in [("Collapsed", None), ("Marked", Some("mark")), ("Dropped", Some("drop"))] {
        create_row(&fixture, &phase, title, "weekly", late).await;
    }
    start(&fixture, "weekly", "dora").await;
    fixture.server.run_until_idle().await;
    // The last of them is two days late.
    fixture.server.advance_clock(44 * DAY);
    let mails = fixture.mails_to("dora").await;
    let count = |subject: &str| mails.iter().filter(|mail| mail.as_str() == subject).count();

    let late = |slots: &[Json], value: &str| slots.iter().filter(|slot| slot["lateness"] == value).count();
    let collapsed = slots(&fixture, "Collapsed").await;
    assert!(collapsed.len() >= 6, "{collapsed:?}");
    assert!(collapsed.iter().all(|slot| slot["status"] == "published"), "{collapsed:?}");
    assert_eq!((late(&collapsed, "collapsed"), count("New: Collapsed")), (collapsed.len() - 1, 1), "{mails:?}");
    let marked = slots(&fixture, "Marked").await;
    assert_eq!((late(&marked, "marked"), count("New: Marked")), (collapsed.len(), collapsed.len()), "{mails:?}");
    let dropped = slots(&fixture, "Dropped").await;
    assert!(dropped.iter().all(|slot| slot["status"] == "skipped"), "{dropped:?}");
    assert_eq!((late(&dropped, "dropped"), count("New: Dropped")), (collapsed.len(), 0), "{mails:?}");
    let received = fixture.mails.mails_to("dora@example.com");
    let is_said = |subject: &str| {
        received.iter().filter(|mail| mail.subject() == subject).all(|mail| mail.raw.contains("It was planned for"))
    };
    assert!(is_said("New: Marked") && !is_said("New: Collapsed"), "{received:?}");
    fixture.assert_no_call_failed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn phases_that_have_passed_are_passed_without_a_mail() {
    let fixture = JourneyFixture::new().await;
    let definition = create_definition(&fixture, "passing").await;
    let windows = [("first", ["P0D", "P7D"]), ("second", ["P7D", "P14D"]), ("third", ["P14D", "P1Y"])];
    for (order, (key, window)) in windows.into_iter().enumerate() {
        let phase = create_phase(&fixture, &definition, key, order as u32 + 1, window).await;
        create_row(&fixture, &phase, &format!("Letter of {key}"), "once", None).await;
    }
    start(&fixture, "passing", "emil").await;
    fixture.server.run_until_idle().await;
    fixture.server.advance_clock(30 * DAY);
    for _ in 0..2 {
        fixture.server.run_until_idle().await;
    }
    let mut mails = fixture.mails_to("emil").await;
    mails.sort();
    let expected = ["F22 emil: first begins", "F22 emil: third begins", "New: Letter of first", "New: Letter of third"];
    assert_eq!(mails, expected);
    let passed = slots(&fixture, "Letter of second").await;
    assert_eq!(
        (&passed[0]["status"], &passed[0]["lateness"]),
        (&json!("published"), &json!("collapsed")),
        "{passed:?}"
    );
    fixture.assert_no_call_failed().await;
}
