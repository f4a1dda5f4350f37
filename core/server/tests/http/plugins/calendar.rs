//! `[[calendar]]`: dated documents of plugins in the content calendar, as far as whoever looks may read them.

use super::{PLUGINS, guest, install, stage};
use crate::tenants::{A, B, two_tenant_project};
use cairn_plugin_package::package::pack;
use cairn_testkit::{TestClient, TestServer};
use serde_json::{Value as Json, json};

const VISIT: &str = "plugin::allow.visit";
const VISITS: &str = "/api/allow/visits";
const DECEMBER: &str = "/admin/api/calendar/plugin-documents?from=2026-12-01&to=2026-12-31&zone=Europe/Amsterdam";

/// The guest that behaves, with a content type of visits and two calendars of them.
fn package() -> Vec<u8> {
    let calendars = r#"
[[calendar]]
name = "visits"
type = "plugin::allow.visit"
start = "at"
end = "until"
label = "t:plugin.name"
icon = "ticket"
tone = "info"

[[calendar]]
name = "due"
type = "plugin::allow.visit"
start = "due"
title = "place"
filter = { done = { "$eq" = false } }
"#;
    let schema = json!({
        "kind": "collectionType", "collectionName": "allow_visits",
        "info": { "singularName": "visit", "pluralName": "visits", "displayName": "Visit" },
        "options": { "draftAndPublish": false },
        "attributes": {
            "title": { "type": "string" }, "place": { "type": "string" }, "at": { "type": "datetime", "index": true },
            "until": { "type": "datetime" }, "due": { "type": "date" }, "done": { "type": "boolean" },
        },
    });
    let mut files = guest("allow", |text| text + calendars);
    files.add("content-types/visit/schema.json", schema.to_string().into_bytes()).unwrap();
    pack(&files, None).unwrap()
}

async fn install_visits(client: &TestClient) {
    let staged = stage(client, &package()).await.expect_status(201);
    install(client, &staged, json!({ "unsigned": true })).await.expect_status(201);
}

async fn server_with_visits() -> TestServer {
    let server = TestServer::start().await;
    install_visits(&server).await;
    server
}

/// The documents of a kind; `None` where the kind is not shown.
async fn find_documents(client: &TestClient, path: &str, name: &str) -> Option<Vec<Json>> {
    let answer = client.get(path).await.expect_status(200);
    let kind = answer.data().as_array().unwrap().iter().find(|kind| kind["name"] == name)?;
    Some(kind["documents"].as_array().unwrap().clone())
}

async fn find_titles(client: &TestClient, path: &str, name: &str) -> Option<Vec<Json>> {
    let documents = find_documents(client, path, name).await?;
    Some(documents.into_iter().map(|mut document| document["title"].take()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_on_the_days_of_the_zone_that_are_asked_for() {
    let server = server_with_visits().await;
    for (title, at, until) in [
        ("before", "2026-11-30T22:59:00.000Z", None),
        ("first", "2026-11-30T23:00:00.000Z", None),
        ("from November", "2026-11-20T09:00:00.000Z", Some("2026-12-02T09:00:00.000Z")),
        ("until its end", "2026-11-30T20:00:00.000Z", Some("2026-11-30T23:00:00.000Z")),
        ("last", "2026-12-31T22:59:00.000Z", Some("2027-01-02T09:00:00.000Z")),
        ("after", "2026-12-31T23:00:00.000Z", None),
    ] {
        server.create_entry(VISITS, json!({ "title": title, "at": at, "until": until })).await.expect_status(201);
    }
    server.create_entry(VISITS, json!({ "title": "at no time" })).await.expect_status(201);
    let found = find_documents(&server, DECEMBER, "visits").await.unwrap();
    let shown: Vec<Json> =
        found.iter().map(|d| json!([d["title"], d["firstDay"], d["lastDay"], d["time"], d["locale"]])).collect();
    assert_eq!(
        shown,
        [
            json!(["from November", "2026-11-20", "2026-12-02", "10:00", null]),
            json!(["first", "2026-12-01", "2026-12-01", "00:00", null]),
            json!(["last", "2026-12-31", "2027-01-02", "23:59", null]),
        ]
    );
    let answer = server.get(DECEMBER).await.expect_status(200);
    let kind = &answer.data()[0];
    assert_eq!((&kind["plugin"], &kind["name"], &kind["more"]), (&json!("allow"), &json!("visits"), &json!(0)));
    assert_eq!((&kind["icon"], &kind["tone"], &kind["contentType"]), (&json!("ticket"), &json!("info"), &json!(VISIT)));
    assert_eq!(kind["label"], kind["pluginName"], "a text of the package");
    assert_eq!((&answer.data()[1]["label"], &answer.data()[1]["tone"]), (&json!("due"), &json!("neutral")));
    // Kinds that are switched off are still in the legend.
    let hidden = format!("{DECEMBER}&hidden=allow.visits,allow.gone");
    assert_eq!(find_titles(&server, &hidden, "visits").await, Some(Vec::new()));
    assert_eq!(server.get(&format!("{DECEMBER}&contentType={VISIT}")).await.data().as_array().unwrap().len(), 2);
    assert_eq!(server.get(&format!("{DECEMBER}&contentType=api::article.article")).await.data(), &json!([]));
    for wrong in ["from=2026-12-01&to=x", "from=2026-12-01&to=2028-02-01", "from=2026-12-01&to=2026-12-02&zone=Nowhere"]
    {
        server.get(&format!("/admin/api/calendar/plugin-documents?{wrong}")).await.expect_status(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_take_whole_days_and_filters_of_the_manifest_apply() {
    let server = server_with_visits().await;
    for (place, due, done) in [
        ("Utrecht", "2026-12-31", json!(false)),
        ("Breda", "2026-12-01", json!(false)),
        ("Zwolle", "2026-12-15", json!(true)),
        ("Assen", "2027-01-01", json!(false)),
    ] {
        let visit = json!({ "title": "x", "place": place, "due": due, "done": done });
        server.create_entry(VISITS, visit).await.expect_status(201);
    }
    let found = find_documents(&server, DECEMBER, "due").await.unwrap();
    let shown: Vec<Json> = found.iter().map(|d| json!([d["title"], d["firstDay"], d["lastDay"], d["time"]])).collect();
    let whole_day = |place: &str, day: &str| json!([place, day, day, null]);
    assert_eq!(shown, [whole_day("Breda", "2026-12-01"), whole_day("Utrecht", "2026-12-31")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn later_documents_are_counted_where_there_are_too_many() {
    let server = server_with_visits().await;
    for n in 0..302 {
        let at = format!("2026-12-{:02}T10:{:02}:00.000Z", 1 + n / 20, n % 20);
        server.create_entry(VISITS, json!({ "title": n.to_string(), "at": at })).await.expect_status(201);
    }
    let answer = server.get(DECEMBER).await.expect_status(200);
    let kind = &answer.data()[0];
    assert_eq!((kind["documents"].as_array().unwrap().len(), &kind["more"]), (300, &json!(2)));
    assert_eq!(kind["documents"][299]["title"], "299");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_documents_that_their_roles_may_read() {
    const PASSWORD: &str = "a password of some length";
    let server = server_with_visits().await;
    for title in ["Mine", "Another's"] {
        let visit = json!({ "title": title, "place": "Breda", "at": "2026-12-05T09:00:00.000Z", "due": "2026-12-06", "done": false });
        server.create_entry(VISITS, visit).await.expect_status(201);
    }
    let calendar = |permissions: Json| json!({ "actions": ["calendar.read"], "permissions": permissions });
    let fields = |names: &[&str]| calendar(json!({ VISIT: { "find": { "fields": names } } }));
    server
        .apply_settings(json!({
            "adminRoles": {
                "all": calendar(json!({ VISIT: ["find"] })),
                "own": calendar(json!({ VISIT: { "find": { "where": { "title": { "$startsWith": "Mine" } } } } })),
                "undated": fields(&["title", "place"]),
                "untitled": fields(&["at", "due", "done"]),
                "unfiltered": fields(&["title", "place", "at", "due"]),
                "none": calendar(json!({})),
                "elsewhere": { "permissions": { VISIT: ["find"] } },
            },
            "adminUsers": (["all", "own", "undated", "untitled", "unfiltered", "none", "elsewhere"].map(|role| {
                json!({ "email": format!("{role}@example.com"), "password": PASSWORD, "roles": [role] })
            })),
        }))
        .await;
    let (both, breda) = (json!(["Another's", "Mine"]), json!(["Breda", "Breda"]));
    for (role, visits, due) in [
        ("all", &both, &breda),
        ("own", &json!(["Mine"]), &json!(["Breda"])),
        ("undated", &Json::Null, &Json::Null),
        ("untitled", &json!([null, null]), &json!([null, null])),
        // The filter of the kind names what this role may not read.
        ("unfiltered", &both, &Json::Null),
        ("none", &Json::Null, &Json::Null),
    ] {
        let person = server.sign_in_admin(&format!("{role}@example.com"), PASSWORD).await;
        for (name, expected) in [("visits", visits), ("due", due)] {
            let mut titles = find_titles(&person, DECEMBER, name).await;
            titles.iter_mut().for_each(|titles| titles.sort_by_key(Json::to_string));
            assert_eq!(&json!(titles), expected, "{role} {name}");
        }
    }
    let elsewhere = server.sign_in_admin("elsewhere@example.com", PASSWORD).await;
    elsewhere.get(DECEMBER).await.expect_status(403);
    server.public_client().get(DECEMBER).await.expect_status(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_that_are_switched_off_show_nothing() {
    let server = server_with_visits().await;
    server.create_entry(VISITS, json!({ "title": "One", "at": "2026-12-05T09:00:00.000Z" })).await.expect_status(201);
    assert_eq!(find_titles(&server, DECEMBER, "visits").await, Some(vec![json!("One")]));
    server.post(&format!("{PLUGINS}/allow/disable"), json!({})).await.expect_status(200);
    assert_eq!(server.get(DECEMBER).await.expect_status(200).data(), &json!([]));
    server.post(&format!("{PLUGINS}/allow/enable"), json!({})).await.expect_status(200);
    assert_eq!(find_titles(&server, DECEMBER, "visits").await, Some(vec![json!("One")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_see_only_their_own_documents() {
    let server = TestServer::start_with(two_tenant_project()).await;
    // The main site first: packages are shared by all tenants.
    let (ours, theirs) = (server.with_host(A), server.with_host(B));
    for client in [&*server, &ours] {
        install_visits(client).await;
    }
    ours.create_entry(VISITS, json!({ "title": "Ours", "at": "2026-12-05T09:00:00.000Z" })).await.expect_status(201);
    assert_eq!(find_titles(&ours, DECEMBER, "visits").await, Some(vec![json!("Ours")]));
    assert_eq!(find_titles(&server, DECEMBER, "visits").await, Some(Vec::new()));
    assert_eq!(find_titles(&theirs, DECEMBER, "visits").await, None);
}
