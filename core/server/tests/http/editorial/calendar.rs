//! The calendar, owners and escalation over HTTP.

use super::{ARTICLE, server, sign_in};
use serde_json::{Value as Json, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn calendar_rules_are_previewed_created_moved_and_deleted() {
    let server = server(&["editor"]).await;
    let editor = sign_in(&server, "editor").await;
    let rule = json!({
        "title": "Video-update", "phase": "Assemblage", "every": { "rhythm": "tweewekelijks", "weekday": "dinsdag" },
        "start": "2026-03-17T10:00", "zone": "Europe/Amsterdam",
    });
    let preview = editor.post("/admin/api/calendar/rules/preview?n=2", rule.clone()).await.expect_status(200);
    assert_eq!(
        preview.body["data"]["occurrences"][1],
        json!({ "localTime": "2026-03-31T10:00", "at": "2026-03-31T08:00:00.000Z" })
    );
    let id = editor.post("/admin/api/calendar/rules", rule).await.expect_status(201).body["data"]["id"].clone();
    let calendar = "/admin/api/calendar?from=2026-03-16&to=2026-04-05&zone=Europe/Amsterdam&kinds=planned";
    let days = |answer: &cairn_testkit::TestResponse| -> Vec<Json> {
        answer.body["data"].as_array().unwrap().iter().map(|d| d["date"].clone()).collect()
    };
    assert_eq!(days(&editor.get(calendar).await.expect_status(200)), ["2026-03-17", "2026-03-31"]);
    let occurrence = format!("/admin/api/calendar/rules/{id}/occurrences/2026-03-31T10:00");
    let when = json!({ "when": { "localTime": "2026-04-01T10:00", "zone": "Europe/Amsterdam" } });
    editor.put(&occurrence, when).await.expect_status(200);
    assert_eq!(days(&editor.get(calendar).await.expect_status(200)), ["2026-03-17", "2026-04-01"]);
    editor.delete(&format!("/admin/api/calendar/rules/{id}/occurrences/2026-03-17T10:00")).await.expect_status(200);
    assert_eq!(days(&editor.get(calendar).await.expect_status(200)), ["2026-04-01"]);
    editor
        .put(&format!("/admin/api/calendar/rules/{id}/occurrences/2026-03-18T10:00"), json!({}))
        .await
        .expect_status(404);
    editor.delete(&format!("/admin/api/calendar/rules/{id}")).await.expect_status(200);
    assert!(days(&editor.get(calendar).await.expect_status(200)).is_empty());
    // A time that the clock skips is refused.
    let skipped = json!({ "title": "x", "when": { "localTime": "2026-03-29T02:30", "zone": "Europe/Amsterdam" } });
    let refused = editor.post("/admin/api/calendar/slots", skipped).await;
    assert!(
        refused.status == 400 && refused.message().contains("does not exist in Europe/Amsterdam"),
        "{}",
        refused.message()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn calendar_lists_published_entries_and_escalates_late_slots() {
    let server = server(&["super-admin", "editor"]).await;
    let admin = sign_in(&server, "super-admin").await;
    let me = admin.get("/admin/api/me").await.expect_status(200).body["data"]["id"].clone();
    let owner = json!({
        "contentType": ARTICLE, "phaseField": "level", "team": "desk",
        "escalation": { "overdueAfterHours": 2, "users": [me] },
    });
    admin.post("/admin/api/owners", owner).await.expect_status(201);
    server.create_entry("/api/articles", json!({ "title": "One", "level": "high" })).await.expect_status(201);
    let calendar = "/admin/api/calendar?from=2026-01-01&to=2026-01-31";
    let entry = admin.get(calendar).await.expect_status(200).body["data"][0]["entries"][0].clone();
    assert_eq!(
        (&entry["kind"], &entry["title"], &entry["phase"], &entry["team"]),
        (&json!("published"), &json!("One"), &json!("high"), &json!("desk"))
    );
    assert_eq!(admin.get(&format!("{calendar}&phase=low")).await.expect_status(200).body["data"], json!([]));
    let slot =
        json!({ "title": "Two", "contentType": ARTICLE, "when": { "localTime": "2026-01-02T05:00", "zone": "UTC" } });
    admin.post("/admin/api/calendar/slots", slot).await.expect_status(201);
    for (hours, raised) in [(2, 0), (3, 1), (24, 1)] {
        server.advance_clock(Duration::from_secs(hours * 3_600));
        server.run_until_idle().await;
        let admin = sign_in(&server, "super-admin").await;
        let found = admin.get("/admin/api/escalations").await.expect_status(200).body["data"].clone();
        assert_eq!(found.as_array().unwrap().len(), raised, "{hours}: {found}");
        if raised == 1 {
            assert_eq!((&found[0]["title"], &found[0]["to"]), (&json!("Two"), &json!([me])));
        }
    }
}
