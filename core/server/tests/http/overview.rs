//! The home page in one request: everybody gets their parts of it, and of each what they may see.

use cairn_access::Clock;
use cairn_store::history::{HistoryStatus, NewHistoryEntry};
use cairn_testkit::{TestClient, TestServer};
use serde_json::{Value as Json, json};

const PASSWORD: &str = "a password of some length";
const UID: &str = "api::article.article";

async fn server() -> TestServer {
    let server = TestServer::start().await;
    let own_rows = json!({ "title": { "$startsWith": "Mine" } });
    server
        .apply_settings(json!({
            "adminRoles": {
                "own": { "actions": ["calendar.read"], "permissions": { UID: { "find": { "where": own_rows }, "findOne": { "where": own_rows } } } },
                "untitled": { "actions": ["releases.read"], "permissions": { UID: { "find": { "fields": ["views"] } } } },
                "nothing": { "actions": [], "permissions": {} },
            },
            "adminUsers": (["super-admin", "own", "untitled", "nothing"].map(|role| {
                json!({ "email": format!("{role}@example.com"), "password": PASSWORD, "roles": [role] })
            })),
        }))
        .await;
    server
}

async fn get_overview(client: &TestClient) -> Json {
    client.get("/admin/api/overview").await.expect_status(200).body["data"].clone()
}

fn titles(list: &Json) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|entry| entry["title"].as_str().unwrap_or("-")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn overview_contains_only_parts_the_caller_may_read() {
    let server = server().await;
    let mut published = String::new();
    for title in ["Mine", "Theirs"] {
        server
            .create_entry("/api/articles?status=draft", json!({ "title": format!("{title} draft"), "views": 7 }))
            .await;
        let answer = server.create_entry("/api/articles", json!({ "title": format!("{title} published") })).await;
        published = answer.document_id();
        server.advance_clock(std::time::Duration::from_secs(1));
    }
    let view =
        json!({ "type": UID, "name": "Numbers", "shared": true, "definition": { "kind": "dashboard", "widgets": [] } });
    let keeper = server.sign_in_admin("super-admin@example.com", PASSWORD).await;
    keeper.post("/admin/api/views", view).await.expect_status(201);
    keeper
        .post(
            "/admin/api/views",
            json!({ "type": UID, "name": "A list", "shared": true, "definition": { "kind": "table" } }),
        )
        .await
        .expect_status(201);
    for (name, state) in [("Open", None), ("Done", Some("publish"))] {
        let id = server.post("/admin/api/releases", json!({ "name": name })).await.expect_status(201).id();
        if let Some(action) = state {
            let item = json!({ "contentType": UID, "documentId": published, "action": "publish" });
            server
                .post(&format!("/admin/api/releases/{id}/items"), json!({ "items": [item] }))
                .await
                .expect_status(200);
            server.post(&format!("/admin/api/releases/{id}/actions/{action}"), json!({})).await.expect_status(200);
        }
    }
    let as_ = async |role: &str| server.sign_in_admin(&format!("{role}@example.com"), PASSWORD).await;

    let all = get_overview(&as_("super-admin").await).await;
    assert_eq!(titles(&all["drafts"]), ["Theirs draft", "Mine draft"], "{all}");
    assert_eq!((&all["drafts"][0]["status"], &all["drafts"][0]["contentType"]), (&json!("draft"), &json!(UID)));
    assert_eq!(titles(&all["published"]), ["Theirs published", "Mine published"], "{all}");
    let names = |list: &Json| list.as_array().unwrap().iter().map(|one| one["name"].clone()).collect::<Vec<_>>();
    assert_eq!((names(&all["dashboards"]), names(&all["releases"])), (vec![json!("Numbers")], vec![json!("Open")]));
    assert_eq!(all["assigned"], json!([]));
    // A server of a test sends no mail.
    assert!(all["checks"].as_array().unwrap().iter().any(|check| check["code"] == "mail.unset"), "{all}");

    let own = get_overview(&as_("own").await).await;
    assert_eq!(
        (titles(&own["drafts"]), titles(&own["published"])),
        (vec!["Mine draft"], vec!["Mine published"]),
        "{own}"
    );
    assert!(own.get("releases").is_none() && own.get("checks").is_none(), "{own}");

    let untitled = get_overview(&as_("untitled").await).await;
    assert_eq!(titles(&untitled["drafts"]), ["-", "-"], "what it is called may not be seen: {untitled}");
    assert_eq!(names(&untitled["releases"]), [json!("Open")]);
    assert!(untitled.get("published").is_none() && !untitled.to_string().contains("Theirs draft"), "{untitled}");

    let nothing = get_overview(&as_("nothing").await).await;
    assert_eq!(nothing, json!({ "assigned": [], "drafts": [], "dashboards": [] }));

    // An API token is nobody whom something is assigned to; who is not signed in gets nothing.
    server.get("/admin/api/overview").await.expect_status(403);
    server.public_client().get("/admin/api/overview").await.expect_status(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_listed_however_many_published_entries_were_saved_later() {
    let server = server().await;
    let changed = server.create_entry("/api/articles", json!({ "title": "Mine before" })).await.document_id();
    server.advance_clock(std::time::Duration::from_secs(1));
    server.create_entry("/api/articles?status=draft", json!({ "title": "Mine new" })).await.expect_status(201);
    server.advance_clock(std::time::Duration::from_secs(1));
    server
        .update_entry(&format!("/api/articles/{changed}?status=draft"), json!({ "title": "Mine after" }))
        .await
        .expect_status(200);
    for n in 0..30 {
        server.advance_clock(std::time::Duration::from_secs(1));
        server
            .create_entry("/api/articles", json!({ "title": format!("Mine published {n}") }))
            .await
            .expect_status(201);
    }
    for role in ["super-admin", "own"] {
        let client = server.sign_in_admin(&format!("{role}@example.com"), PASSWORD).await;
        let drafts = get_overview(&client).await["drafts"].clone();
        assert_eq!(titles(&drafts), ["Mine after", "Mine new"], "{role}: {drafts}");
        let statuses = (&drafts[0]["status"], &drafts[1]["status"]);
        assert_eq!(statuses, (&json!("modified"), &json!("draft")), "{role}: {drafts}");
    }
}

/// Adds the publications of an import to the history, of documents that are gone by now.
async fn import_publications(server: &TestServer, count: usize) {
    let at = server.clock.now().timestamp_millis();
    let actor = cairn_store::events::Actor::system("import");
    let entry = move |n: usize| NewHistoryEntry {
        content_type: UID.to_owned(),
        document_id: format!("imported{n}"),
        locale: String::new(),
        action: "published".to_owned(),
        status: HistoryStatus::Published,
        version: 1,
        autosave: false,
        at: at + n as i64,
        actor: actor.clone(),
        changed: Vec::new(),
        note: None,
        snapshot: None,
    };
    let add = move |tx: &mut cairn_store::WriteTx<'_>| (0..count).try_for_each(|n| tx.history().add(entry(n)));
    server.app.content.store().write(add).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn latest_publications_are_listed_whatever_was_imported_before() {
    let server = server().await;
    let first = server.create_entry("/api/articles", json!({ "title": "Mine before" })).await.document_id();
    server.advance_clock(std::time::Duration::from_secs(1));
    import_publications(&server, 5_200).await;
    server.advance_clock(std::time::Duration::from_secs(60));
    server.create_entry("/api/articles", json!({ "title": "Mine after" })).await.expect_status(201);
    server.advance_clock(std::time::Duration::from_secs(1));
    let twice = json!({ "title": "Mine before, again" });
    for _ in 0..2 {
        server.update_entry(&format!("/api/articles/{first}"), twice.clone()).await.expect_status(200);
    }
    let as_ = async |role: &str| server.sign_in_admin(&format!("{role}@example.com"), PASSWORD).await;
    let published = get_overview(&as_("super-admin").await).await["published"].clone();
    assert_eq!(titles(&published)[..3], ["Mine before, again", "Mine after", "-"], "{published}");
    assert_eq!(published.as_array().unwrap().len(), 8);
    assert_eq!(published[2]["documentId"], "imported5199");
    // A role that may read some entries gets these alone, and not twice.
    let own = get_overview(&as_("own").await).await["published"].clone();
    assert_eq!(titles(&own), ["Mine before, again", "Mine after"], "{own}");
    // The calendar has the newest as well, and says what it leaves out.
    let keeper = as_("super-admin").await;
    let calendar =
        keeper.get("/admin/api/calendar?from=2026-01-01&to=2026-01-31&kinds=published").await.expect_status(200);
    let day = calendar.body["data"].as_array().unwrap().last().unwrap();
    assert_eq!(titles(&day["entries"]).last(), Some(&"Mine before, again"));
    assert!(calendar.body["meta"]["publishedFrom"].is_string(), "{}", calendar.body["meta"]);
    let month = keeper.get("/admin/api/calendar?from=2025-12-01&to=2025-12-31").await.expect_status(200);
    assert_eq!(month.body, json!({ "data": [], "meta": { "publishedFrom": null } }));
}
