//! Previews as somebody else: what a user of the content API, or the public, will get at a time to come; and nothing of it remains.

mod core_routes;
mod plugin_routes;

use crate::plugins::{guest, install, stage};
use crate::tenants;
use cairn_access::{Clock, SeeAs};
use cairn_plugin_package::package::pack;
use cairn_store::StoreError;
use cairn_store::editorial::{ReleaseFilter, ReleaseState, ScheduleFilter, ScheduleState};
use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestResponse, TestServer};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::time::Duration;

const SEE_AS: &str = "/admin/api/preview/see-as";
const ARTICLE: &str = "api::article.article";
const PAGE: &str = "api::page.page";
const HOME: &str = "api::home.home";
const REFUSED: &str = "The see-as preview is not valid or has expired; start it again";
/// A role that may read nothing of it.
const NOBODY: &str = "authenticated";

fn project() -> TestProject {
    let articles = json!({ "type": "relation", "relation": "manyToMany", "target": ARTICLE });
    let open = json!([{ "opensAt": { "$null": true } }, { "opensAt": { "$lte": "$now" } }]);
    let reads = |audiences: Json, owned: Json| {
        let condition = json!({ "$and": [{ "$or": open }, { "$or": [{ "audience": { "$in": audiences } }, owned] }] });
        let restricted = json!({ "where": condition });
        json!({ ARTICLE: { "find": restricted, "findOne": restricted }, PAGE: ["find", "findOne"], HOME: ["find"] })
    };
    let own = json!({ "owner": { "id": { "$eq": "$user.id" } } });
    let nothing = json!({ "audience": "nobody" });
    TestProject::new()
        .with_type(
            SchemaBuilder::collection(
                "article",
                json!({
                    "title": { "type": "string", "required": true },
                    "slug": { "type": "string", "unique": true },
                    "opensAt": { "type": "datetime" },
                    "audience": { "type": "string" },
                    "owner": { "type": "relation", "relation": "manyToOne", "target": "plugin::users-permissions.user" },
                    "related": articles,
                }),
            )
            .with_drafts()
            .with_preview_url("https://site.example/{slug}?token={token}"),
        )
        .with_type(
            SchemaBuilder::collection("page", json!({ "title": { "type": "string", "required": true } }))
                .with_drafts()
                .with_locales(),
        )
        .with_type(
            SchemaBuilder::single("home", json!({ "title": { "type": "string" }, "articles": articles })).with_drafts(),
        )
        .with_role("public", false, reads(json!(["all"]), nothing.clone()))
        .with_role("member", false, reads(json!(["all", "member"]), nothing))
        .with_role("customer", false, reads(json!(["all"]), own))
}

/// Begins a preview; its token.
async fn begin(admin: &TestClient, person: Option<&str>, at: Option<&str>) -> String {
    let begun = admin.post(SEE_AS, json!({ "person": person, "at": at })).await.expect_status(200);
    begun.data()["token"].as_str().unwrap().to_owned()
}

async fn see(server: &TestServer, token: &str, path: &str) -> TestResponse {
    server.public_client().get_with(path, ("cairn-preview", token)).await
}

async fn add_person(server: &TestServer, name: &str, role: &str) -> String {
    server.add_user(name, role, json!({})).await.body["documentId"].as_str().unwrap().to_owned()
}

async fn draft(server: &TestServer, data: Json) -> String {
    server.create_entry("/api/articles?status=draft", data).await.document_id()
}

async fn schedule(server: &TestServer, action: &str, target: (&str, &str, Option<&str>), at: DateTime<Utc>) {
    let (uid, id, locale) = target;
    let mut body = json!({ "contentType": uid, "documentId": id, "action": action,
        "localTime": at.format("%Y-%m-%dT%H:%M").to_string(), "zone": "UTC" });
    if let Some(locale) = locale {
        body["locale"] = locale.into();
    }
    server.post("/admin/api/schedules", body).await.expect_status(201);
}

/// Numeric id of the super admin.
fn admin_number(server: &TestServer) -> i64 {
    let user = server.app.content.store().read(|r| r.admin_users().get_by_email("super@example.com"));
    user.unwrap().unwrap().id
}

/// Every row of every table.
fn dump_rows(server: &TestServer) -> Vec<String> {
    let mut rows = Vec::new();
    let dumped = server.app.content.store().read_all(|r| {
        for table in r.transfer().describe()?.tables {
            r.transfer().dump_table(&table, |line| {
                rows.push(format!("{} {line}", table.name));
                Ok::<_, StoreError>(())
            })?;
        }
        Ok::<_, StoreError>(())
    });
    dumped.unwrap();
    rows
}

fn minutes_after(start: DateTime<Utc>, minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(start.timestamp().div_euclid(60) * 60, 0).unwrap() + TimeDelta::minutes(minutes)
}

fn iso(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn preview_has_the_permissions_of_the_user_and_the_content_of_the_date() {
    let server = TestServer::start_with(project()).await;
    let admin = server.super_admin().await;
    let (member, customer) =
        (add_person(&server, "anna", "member").await, add_person(&server, "bob", "customer").await);
    let nobody = add_person(&server, "carl", NOBODY).await;
    let number = server.get("/api/users?filters[username]=bob").await.body[0]["id"].as_i64().unwrap();
    let now = server.clock.now();
    let opens = iso(now + TimeDelta::days(5));
    server.create_entry("/api/articles", json!({ "title": "Open", "slug": "a", "audience": "all" })).await;
    server.create_entry("/api/articles", json!({ "title": "Members", "slug": "b", "audience": "member" })).await;
    server.create_entry("/api/articles", json!({ "title": "Bob's", "slug": "c", "owner": number })).await;
    server
        .create_entry("/api/articles", json!({ "title": "Embargo", "slug": "d", "audience": "all", "opensAt": opens }))
        .await;
    let soon = draft(&server, json!({ "title": "Soon", "slug": "e", "audience": "all" })).await;
    let failing = draft(&server, json!({ "slug": "f", "audience": "all" })).await;
    schedule(&server, "publish", (ARTICLE, &soon, None), minutes_after(now, 3 * 1_440)).await;
    schedule(&server, "publish", (ARTICLE, &failing, None), minutes_after(now, 3 * 1_440)).await;
    schedule(&server, "unpublish", (ARTICLE, &soon, None), minutes_after(now, 7 * 1_440)).await;
    let titles = async |person: Option<&str>, days: Option<i64>| {
        let at = days.map(|days| iso(now + TimeDelta::days(days) + TimeDelta::hours(1)));
        let token = begin(&admin, person, at.as_deref()).await;
        let answer = see(&server, &token, "/api/articles?sort=slug").await.expect_status(200);
        let titles = answer.text_column("title");
        assert_eq!(answer.pagination_total(), titles.len() as u64);
        assert_eq!(answer.header("cache-control"), "private, no-store");
        assert!(!answer.headers.contains_key("etag"));
        titles
    };
    for (person, days, expected) in [
        (None, None, &["Open"][..]),
        (None, Some(0), &["Open"][..]),
        (Some(&*member), None, &["Open", "Members"][..]),
        (Some(&*customer), None, &["Open", "Bob's"][..]),
        (None, Some(3), &["Open", "Soon"][..]),
        (None, Some(6), &["Open", "Embargo", "Soon"][..]),
        (Some(&*member), Some(6), &["Open", "Members", "Embargo", "Soon"][..]),
        (Some(&*customer), Some(7), &["Open", "Bob's", "Embargo"][..]),
    ] {
        assert_eq!(titles(person, days).await, expected, "{person:?} after {days:?} days");
    }
    let token = begin(&admin, Some(&nobody), None).await;
    see(&server, &token, "/api/articles").await.expect_error(403, "Forbidden");
    // The token for that time alone finds what is published by then, by its id as well; other readers get the usual responses.
    let (now_token, later) =
        (begin(&admin, None, None).await, begin(&admin, None, Some(&iso(now + TimeDelta::days(4)))).await);
    let path = format!("/api/articles/{soon}");
    see(&server, &now_token, &path).await.expect_status(404);
    assert_eq!(see(&server, &later, &path).await.expect_status(200).data()["title"], "Soon");
    let by_query = server.public_client().get(&format!("{path}?previewToken={later}")).await.expect_status(200);
    assert_eq!(by_query.data()["title"], "Soon");
    server.public_client().get(&path).await.expect_status(404);
    // Credentials sent beside the token do not count.
    let request = server.request("GET", "/api/articles").header("cairn-preview", &now_token);
    assert_eq!(server.send(request).await.expect_status(200).text_column("title"), ["Open"]);
    let request = server.with_token("nobody's").request("GET", "/api/articles").header("cairn-preview", &now_token);
    assert_eq!(server.send(request).await.expect_status(200).text_column("title"), ["Open"]);
    // Errors are the same as for readers.
    see(&server, &later, "/api/articles?filters[nothing]=1").await.expect_status(400);
    see(&server, &later, "/api/home").await.expect_status(404);
    see(&server, &later, "/api/homes/x").await.expect_status(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_preview_is_stored_sent_or_cached() {
    let server = TestServer::start_with(project()).await;
    let admin = server.super_admin().await;
    let now = server.clock.now();
    let soon = draft(&server, json!({ "title": "Soon", "slug": "e", "audience": "all" })).await;
    schedule(&server, "publish", (ARTICLE, &soon, None), minutes_after(now, 60)).await;
    let release = server.post("/admin/api/releases", json!({ "name": "Spring" })).await.expect_status(201).id();
    let path = format!("/admin/api/releases/{release}");
    let page = server.create_entry("/api/pages?status=draft", json!({ "title": "Page" })).await.document_id();
    let item = json!({ "contentType": PAGE, "documentId": page, "locale": "*", "action": "publish" });
    server.post(&format!("{path}/items"), json!({ "items": [item] })).await.expect_status(200);
    let at = minutes_after(now, 90).format("%Y-%m-%dT%H:%M").to_string();
    server
        .post(&format!("{path}/actions/schedule"), json!({ "localTime": at, "zone": "UTC" }))
        .await
        .expect_status(200);
    let token = begin(&admin, None, Some(&iso(now + TimeDelta::hours(2)))).await;
    server.run_until_idle().await;
    let store = server.app.content.store();
    let count_articles = || store.counters().row_count(store.registry().by_uid(ARTICLE).unwrap().id);
    let (before, articles) = (dump_rows(&server), count_articles());
    let paths = ["/api/articles", "/api/pages", "/api/articles?populate=*", "/api/pages?locale=nl"];
    for path in paths.iter().cycle().take(12) {
        let answer = see(&server, &token, path).await.expect_status(200);
        assert_eq!(answer.data().as_array().unwrap().len(), usize::from(!path.contains("nl")), "{path}");
        assert!(!server.app.cache.contains_key(path), "{path}");
    }
    // A write that must not be taken for a preview.
    for (method, path) in [("POST", "/api/articles".to_owned()), ("PUT", format!("/api/articles/{soon}"))] {
        let request = server.request(method, &path).header("cairn-preview", &token);
        let refused = server.send(request.json(&json!({ "data": { "title": "mine" } }))).await;
        assert_eq!((refused.status, refused.header("allow")), (405, "GET,HEAD"), "{method} {path}");
    }
    let refused =
        "A see-as preview shows entries, users, files, locales and routes of plugins; this path cannot be previewed";
    for path in
        ["/api/upload/resumable/x", "/api/users-permissions/roles", "/api/live", "/api/nothing", "/api/nothing/at/all"]
    {
        see(&server, &token, path).await.expect_error(400, refused);
    }
    server.run_until_idle().await;
    assert_eq!(dump_rows(&server), before);
    assert_eq!(count_articles(), articles);
    for path in paths {
        assert_eq!(server.public_client().get(path).await.expect_status(200).data(), &json!([]), "{path}");
    }
    // The audit log has who saw as whom, and when; it does not have the token.
    let log = server.get("/admin/api/audit?action=preview.see-as").await.expect_status(200);
    assert_eq!(log.data().as_array().unwrap().len(), 1);
    let entry = &log.data()[0];
    assert_eq!((&entry["actor"]["name"], &entry["details"]["person"]), (&json!("super@example.com"), &Json::Null));
    assert_eq!(entry["details"]["at"], iso(now + TimeDelta::hours(2)).replace('Z', ".000Z"));
    assert!(!log.text().contains(&token));
}

#[tokio::test(flavor = "multi_thread")]
async fn release_is_shown_as_published_as_far_as_it_can_be() {
    let server = TestServer::start_with(project()).await;
    let admin = server.super_admin().await;
    let first = draft(&server, json!({ "title": "First", "slug": "a", "audience": "all" })).await;
    let changed = server.create_entry("/api/articles", json!({ "title": "Before", "slug": "b", "audience": "all" }));
    let changed = changed.await.document_id();
    server.put(&format!("/api/articles/{changed}?status=draft"), json!({ "data": { "title": "After" } })).await;
    let offline = server.create_entry("/api/articles", json!({ "title": "Offline", "slug": "c", "audience": "all" }));
    let offline = offline.await.document_id();
    let failing = draft(&server, json!({ "slug": "d", "audience": "all" })).await;
    let release = server.post("/admin/api/releases", json!({ "name": "Spring" })).await.expect_status(201).id();
    let path = format!("/admin/api/releases/{release}");
    let items: Vec<Json> = [(&first, "publish"), (&changed, "publish"), (&failing, "publish"), (&offline, "unpublish")]
        .into_iter()
        .map(|(id, action)| json!({ "contentType": ARTICLE, "documentId": id, "action": action }))
        .collect();
    server.post(&format!("{path}/items"), json!({ "items": items })).await.expect_status(200);
    let begin_with = async |body: Json| {
        let begun = admin.post(SEE_AS, body).await.expect_status(200);
        begun.data()["token"].as_str().unwrap().to_owned()
    };
    let titles = async |token: &str| {
        see(&server, token, "/api/articles?sort=slug").await.expect_status(200).text_column("title")
    };
    let (without, with) = (begin_with(json!({})).await, begin_with(json!({ "release": release })).await);
    // Audit entries are written after what they are about.
    server.run_until_idle().await;
    let before = dump_rows(&server);
    assert_eq!(titles(&without).await, ["Before", "Offline"]);
    // What cannot be published is left out; the rest is shown.
    assert_eq!(titles(&with).await, ["First", "After"]);
    see(&server, &with, &format!("/api/articles/{offline}")).await.expect_status(404);
    assert_eq!(dump_rows(&server), before);
    // A release that is scheduled is shown at its time, and at others as well.
    server.delete(&format!("{path}/items/{}", item_number(&server, &path, &failing).await)).await.expect_status(204);
    let at = minutes_after(server.clock.now(), 90);
    let when = json!({ "localTime": at.format("%Y-%m-%dT%H:%M").to_string(), "zone": "UTC" });
    server.post(&format!("{path}/actions/schedule"), when).await.expect_status(200);
    for body in [json!({ "release": release }), json!({ "release": release, "at": iso(at) })] {
        assert_eq!(titles(&begin_with(body).await).await, ["First", "After"]);
    }
    // One that does not exist is refused; one that has been deleted since changes nothing.
    let error = "release: there is no such release; choose another";
    admin.post(SEE_AS, json!({ "release": release + 1 })).await.expect_error(400, error);
    server.post(&format!("{path}/actions/unschedule"), json!({})).await.expect_status(200);
    server.delete(&path).await.expect_status(204);
    assert_eq!(titles(&with).await, ["Before", "Offline"]);
}

/// The number of the item that has this document.
async fn item_number(server: &TestServer, release: &str, document: &str) -> i64 {
    let items = server.get(&format!("{release}/items")).await.expect_status(200);
    let item = items.data().as_array().unwrap().iter().find(|item| item["documentId"] == document).unwrap();
    item["id"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn previews_require_a_permission_and_a_valid_token() {
    let server = TestServer::start_with(project()).await;
    let (admin, now) = (server.super_admin().await, server.clock.now());
    let person = add_person(&server, "anna", "member").await;
    let blocked = server.add_user("bea", "member", json!({ "blocked": true })).await.body["documentId"].clone();
    let role = |actions: &[&str]| json!({ "adminRoles": { "viewer": { "actions": actions, "permissions": { ARTICLE: ["find", "findOne"] } } } });
    let user = |name: &str, role: &str| json!({ "email": format!("{name}@example.com"), "password": "a password of the tests", "roles": [role] });
    server.apply_settings(role(&["preview.see-as"])).await;
    server.apply_settings(json!({ "adminUsers": [user("viewer", "viewer"), user("editor", "editor")] })).await;
    let viewer = server.sign_in_admin("viewer@example.com", "a password of the tests").await;
    let editor = server.sign_in_admin("editor@example.com", "a password of the tests").await;
    assert_eq!(editor.post(SEE_AS, json!({})).await.expect_status(403).details()["action"], "preview.see-as");
    server.post(SEE_AS, json!({})).await.expect_status(403);
    server.public_client().post(SEE_AS, json!({})).await.expect_status(401);
    server.read_only().post(SEE_AS, json!({})).await.expect_status(401);
    let people = viewer.get("/admin/api/preview/people").await.expect_status(200);
    assert_eq!(people.text_column("username"), ["anna", "bea"]);
    let found = viewer.get("/admin/api/preview/people?q=NNA%40example").await.expect_status(200);
    assert_eq!(found.data(), &json!([{ "documentId": person, "username": "anna" }]));
    editor.get("/admin/api/preview/people").await.expect_status(403);
    // Users and times that cannot be shown.
    for (body, message) in [
        (json!({ "person": "nobody" }), "person: there is no such user"),
        (json!({ "person": blocked }), "or they cannot sign in"),
        (json!({ "at": iso(now - TimeDelta::minutes(1)) }), "at: the time is in the past"),
        (json!({ "at": "2126-01-02T00:00:00Z" }), "at: the time is more than ten years ahead"),
        (json!({ "at": "9999-12-31T23:59:59Z" }), "at: the time is more than ten years ahead"),
        (json!({ "at": "+200000-01-01T00:00:00Z" }), ""),
        (json!({ "at": "soon" }), "The request body is invalid"),
        (json!({ "other": 1 }), "The request body is invalid"),
        (json!({ "subject": { "type": "api::no.no", "documentId": "x" } }), ""),
    ] {
        let refused = admin.post(SEE_AS, body.clone()).await.expect_status(400);
        assert!(refused.message().contains(message), "{body}: {}", refused.message());
    }
    begin(&admin, None, Some(&iso(now + TimeDelta::days(3_650)))).await;
    // The page of a document, with the token in it.
    let id = draft(&server, json!({ "title": "Soon", "slug": "a b" })).await;
    let subject = |id: &str| json!({ "person": person, "subject": { "type": ARTICLE, "documentId": id } });
    let begun = viewer.post(SEE_AS, subject(&id)).await.expect_status(200);
    let token = begun.data()["token"].as_str().unwrap().to_owned();
    assert_eq!(begun.data()["url"], format!("https://site.example/a%20b?token={token}"));
    assert_eq!(begun.data()["expiresAt"], iso(now + TimeDelta::minutes(15)).replace('Z', ".678Z"));
    viewer.post(SEE_AS, subject("nothing")).await.expect_status(404);
    let of_pages = json!({ "subject": { "type": PAGE, "documentId": "x" } });
    viewer.post(SEE_AS, of_pages).await.expect_status(403);
    // Forged ones.
    let path = "/api/articles";
    see(&server, &token, path).await.expect_status(200);
    let (payload, signature) = token.strip_prefix("see-as.").unwrap().split_once('.').unwrap();
    let later = server.app.access.issue_see_as(&SeeAs { admin: 1, person: None, at: None, release: None }, None).0;
    let other_payload = later.strip_prefix("see-as.").unwrap().split_once('.').unwrap().0;
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    for forged in [
        "see-as.".to_owned(),
        "see-as..".to_owned(),
        format!("see-as.{payload}"),
        format!("see-as.{payload}."),
        format!("see-as.{payload}.{}", &signature[1..]),
        format!("see-as.{payload}.{flipped}{}", &signature[1..]),
        format!("see-as.{other_payload}.{signature}"),
        format!("{token}.{signature}"),
        format!("see-as.{}.{signature}", "A".repeat(4_000)),
    ] {
        see(&server, &forged, path).await.expect_error(403, REFUSED);
    }
    let two = server.public_client().get_with(&format!("{path}?previewToken={token}"), ("cairn-preview", &token)).await;
    two.expect_status(400);
    // A preview link is none, and has no effect on lists.
    assert_eq!(see(&server, "x.1.y", path).await.expect_status(200).data(), &json!([]));
    // Once its admin user has signed out or was blocked, may not do it any more, and once it has expired.
    let other_session = server.sign_in_admin("viewer@example.com", "a password of the tests").await;
    let other_token = begin(&other_session, Some(&person), None).await;
    see(&server, &other_token, path).await.expect_status(200);
    other_session.post("/admin/api/logout", json!({})).await.expect_status(200);
    see(&server, &other_token, path).await.expect_error(403, REFUSED);
    let editor_number = {
        let found = server.app.content.store().read(|r| r.admin_users().get_by_email("editor@example.com"));
        found.unwrap().unwrap().id
    };
    let path_of_editor = format!("/admin/api/users/{editor_number}");
    admin.put(&path_of_editor, json!({ "roles": ["viewer"] })).await.expect_status(200);
    let of_editor = SeeAs { admin: editor_number, person: None, at: None, release: None };
    let editors = server.app.access.issue_see_as(&of_editor, None).0;
    see(&server, &editors, path).await.expect_status(200);
    admin.put(&path_of_editor, json!({ "active": false })).await.expect_status(200);
    see(&server, &editors, path).await.expect_error(403, REFUSED);
    server.apply_settings(role(&[])).await;
    see(&server, &token, path).await.expect_error(403, REFUSED);
    server.apply_settings(role(&["preview.see-as"])).await;
    see(&server, &token, path).await.expect_status(200);
    server.advance_clock(Duration::from_secs(15 * 60 - 1));
    see(&server, &token, path).await.expect_status(200);
    server.advance_clock(Duration::from_secs(1));
    see(&server, &token, path).await.expect_error(403, REFUSED);
    // A person who is gone meanwhile.
    let token = begin(&admin, Some(&person), None).await;
    let number = server.get("/api/users?filters[username]=anna").await.body[0]["id"].as_i64().unwrap();
    server.delete(&format!("/api/users/{number}")).await.expect_status(200);
    assert!(see(&server, &token, path).await.expect_status(400).message().starts_with("person: "));
}

#[tokio::test(flavor = "multi_thread")]
async fn see_as_token_is_valid_in_its_tenant_only() {
    let server = tenants::server().await;
    let admin = server.super_admin().await;
    let token = begin(&admin, None, None).await;
    let number = admin_number(&server);
    let path = "/api/articles";
    see(&server, &token, path).await.expect_status(200);
    for host in [tenants::A, tenants::B] {
        let there = server.public_client().with_host(host);
        there.get_with(path, ("cairn-preview", &token)).await.expect_error(403, REFUSED);
    }
    let other = server.process.open_tenant("a").await.unwrap();
    let foreign = other.access.issue_see_as(&SeeAs { admin: number, person: None, at: None, release: None }, None).0;
    see(&server, &foreign, path).await.expect_error(403, REFUSED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn previews_and_writes_run_beside_each_other() {
    let server = TestServer::start_with(project()).await;
    let admin = server.super_admin().await;
    let now = server.clock.now();
    let soon = draft(&server, json!({ "title": "Soon", "slug": "soon", "audience": "all" })).await;
    schedule(&server, "publish", (ARTICLE, &soon, None), minutes_after(now, 60)).await;
    let token = begin(&admin, None, Some(&iso(now + TimeDelta::hours(2)))).await;
    let previews = join_all((0..25).map(|_| see(&server, &token, "/api/articles?filters[slug]=soon&sort=slug")));
    let writes = join_all((0..25).map(|n| {
        let data = json!({ "title": "t", "slug": format!("s{n}"), "audience": "all" });
        server.create_entry("/api/articles", data)
    }));
    let (previews, _) = tokio::join!(previews, writes);
    for preview in previews {
        assert_eq!(preview.expect_status(200).text_column("slug"), ["soon"]);
    }
    let public =
        server.public_client().get("/api/articles?pagination[pageSize]=100&sort=slug").await.expect_status(200);
    assert_eq!(public.data().as_array().unwrap().len(), 25);
    assert_eq!(public.pagination_total(), 25);
}

async fn install_guest(server: &TestServer, name: &str, change: impl Fn(String) -> String) {
    let staged = stage(server, &pack(&guest(name, change), None).unwrap()).await.expect_status(201);
    install(server, &staged, json!({ "unsigned": true })).await.expect_status(201);
}

/// Installs the guest with a read policy for articles: nobody sees what has `canary` in its title.
async fn install_policy(server: &TestServer) {
    let change = |text: String| {
        let text = text.replace(
            "types = [\"plugin::policy.page\", ",
            &format!("types = [\"plugin::policy.page\", \"{ARTICLE}\", "),
        );
        let grant =
            format!("[[grant]]\nuse = \"data.read\"\ntypes = [\"{ARTICLE}\"]\nreason = \"t:grant.policies\"\n\n");
        text.replace("[content-types]", &format!("{grant}[content-types]"))
    };
    install_guest(server, "policy", change).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn read_policies_of_plugins_apply_to_what_is_published_by_then() {
    let server = TestServer::start_with(project()).await;
    install_policy(&server).await;
    let (admin, now) = (server.super_admin().await, server.clock.now());
    for title in ["Plain", "A canary"] {
        let id = draft(&server, json!({ "title": title, "slug": title.to_lowercase(), "audience": "all" })).await;
        schedule(&server, "publish", (ARTICLE, &id, None), minutes_after(now, 60)).await;
    }
    let token = begin(&admin, None, Some(&iso(now + TimeDelta::hours(2)))).await;
    let seen = see(&server, &token, "/api/articles").await.expect_status(200);
    assert_eq!((seen.text_column("title"), seen.pagination_total()), (vec!["Plain".to_owned()], 1));
    // By the clock of the preview, and not from the answer for another one.
    let path = "/admin/api/plugins/policy/views/pages/actions/timed";
    admin.post(path, json!({ "values": {} })).await.expect_status(200);
    for hours in [3, 5] {
        let opens = iso(now + TimeDelta::hours(hours));
        let slug = format!("after-{hours}");
        server
            .create_entry("/api/articles", json!({ "title": "T", "slug": slug, "audience": "all", "opensAt": opens }))
            .await;
    }
    let seen_after = async |hours: i64| {
        let token = begin(&admin, None, Some(&iso(now + TimeDelta::hours(hours)))).await;
        see(&server, &token, "/api/articles?sort=slug").await.expect_status(200).text_column("slug")
    };
    assert_eq!(seen_after(2).await, Vec::<String>::new());
    assert_eq!(seen_after(4).await, ["after-3"]);
    assert_eq!(seen_after(6).await, ["after-3", "after-5"]);
    assert_eq!(server.public_client().get("/api/articles").await.expect_status(200).data(), &json!([]));
}

/// Removes numbers of rows, which a rehearsal may use up.
fn without_ids(value: &Json) -> Json {
    match value {
        Json::Array(items) => items.iter().map(without_ids).collect(),
        Json::Object(members) => members
            .iter()
            .filter(|(key, _)| *key != "id")
            .map(|(key, value)| (key.clone(), without_ids(value)))
            .collect(),
        other => other.clone(),
    }
}

/// True if a schedule or a release waits whose time has come.
fn is_anything_due(server: &TestServer) -> bool {
    let to = Some(server.clock.now().timestamp_millis() + 1);
    let schedules = ScheduleFilter { state: Some(ScheduleState::Waiting), to, ..ScheduleFilter::default() };
    let releases = ReleaseFilter { state: Some(ReleaseState::Scheduled), to, ..ReleaseFilter::default() };
    let store = server.app.content.store();
    store
        .read(|r| {
            Ok::<_, StoreError>(
                !r.schedules().list(&schedules, 1)?.is_empty() || !r.releases().list(&releases, 1)?.is_empty(),
            )
        })
        .unwrap()
}

/// Moves the clock, and waits until what is due then has been done.
async fn arrive_at(server: &TestServer, at: DateTime<Utc>) {
    server.clock.advance(at - server.clock.now());
    for _ in 0..1_000 {
        server.run_until_idle().await;
        if !is_anything_due(server) {
            return;
        }
        // The server's own loop has it.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("something that is due is not done");
}

/// A site with much that is scheduled, and the times at which it is due.
async fn plan_site(server: &TestServer, random: &mut StdRng, owner: i64) -> (Vec<String>, BTreeSet<DateTime<Utc>>) {
    let now = server.clock.now();
    let mut dues: BTreeSet<DateTime<Utc>> = BTreeSet::new();
    let mut ids: Vec<String> = Vec::new();
    let mut pages: Vec<String> = Vec::new();
    for n in 0..16 {
        let audience = ["all", "member", "nobody"].choose(random).unwrap();
        let opens = iso(now + TimeDelta::minutes(random.random_range(-1_000..50_000)));
        let data = json!({
            "title": if random.random_range(0..8) == 0 { Json::Null } else { json!(format!("Title {n}")) },
            "slug": format!("slug-{n}"), "audience": audience,
            "opensAt": if random.random_bool(0.4) { json!(opens) } else { Json::Null },
            "owner": if random.random_bool(0.3) { json!(owner) } else { Json::Null },
            "related": ids.choose_multiple(random, 3).collect::<Vec<_>>(),
        });
        let is_public = random.random_bool(0.5) && !data["title"].is_null();
        let id = server
            .create_entry(if is_public { "/api/articles" } else { "/api/articles?status=draft" }, data)
            .await
            .document_id();
        if is_public && random.random_bool(0.5) {
            let changed = json!({ "title": format!("Changed {n}"), "audience": "all" });
            server.update_entry(&format!("/api/articles/{id}?status=draft"), changed).await;
        }
        ids.push(id);
    }
    for n in 0..4 {
        let id =
            server.create_entry("/api/pages?status=draft", json!({ "title": format!("Page {n}") })).await.document_id();
        server
            .update_entry(&format!("/api/pages/{id}?status=draft&locale=nl"), json!({ "title": format!("Pagina {n}") }))
            .await;
        pages.push(id);
    }
    let articles: Vec<&String> = ids.iter().take(4).collect();
    server.update_entry("/api/home?status=draft", json!({ "title": "Home", "articles": articles })).await;
    let home = server.get("/api/home?status=draft").await.document_id();
    // Due times must differ: the order of equal ones is undefined.
    let mut next_due = |random: &mut StdRng| loop {
        let due = minutes_after(now, random.random_range(10..57_600));
        if dues.insert(due) {
            break due;
        }
    };
    let action = |random: &mut StdRng| if random.random_bool(0.65) { "publish" } else { "unpublish" };
    for _ in 0..24 {
        let id = ids.choose(random).unwrap();
        schedule(server, action(random), (ARTICLE, id, None), next_due(random)).await;
    }
    for _ in 0..8 {
        let (id, locale) = (pages.choose(random).unwrap(), ["en", "nl", "*"].choose(random).unwrap());
        schedule(server, action(random), (PAGE, id, Some(locale)), next_due(random)).await;
    }
    schedule(server, "publish", (HOME, &home, None), next_due(random)).await;
    for n in 0..4 {
        let release =
            server.post("/admin/api/releases", json!({ "name": format!("Release {n}") })).await.expect_status(201).id();
        let path = format!("/admin/api/releases/{release}");
        let chosen: Vec<&String> = ids.choose_multiple(random, 4).collect();
        let mut items = Vec::new();
        for id in chosen {
            items.push(json!({ "contentType": ARTICLE, "documentId": id, "action": action(random) }));
        }
        server.post(&format!("{path}/items"), json!({ "items": items })).await.expect_status(200);
        let due = next_due(random).format("%Y-%m-%dT%H:%M").to_string();
        server
            .post(&format!("{path}/actions/schedule"), json!({ "localTime": due, "zone": "UTC" }))
            .await
            .expect_status(200);
    }
    (ids, dues)
}

/// Previews of random users at random times show the same as these users get when the clock has arrived there. Returns how many of them
/// differ from the present.
#[expect(clippy::print_stdout, reason = "what a failure has to be repeated with")]
async fn compare_with_future(pairs: usize) -> usize {
    let seed = rand::random();
    println!("seed {seed}");
    let random = &mut StdRng::seed_from_u64(seed);
    let server = TestServer::start_with(project()).await;
    server.super_admin().await;
    let names = ["anna", "bob", "carl"];
    let mut people = Vec::new();
    for (name, role) in names.into_iter().zip(["member", "customer", NOBODY]) {
        people.push(add_person(&server, name, role).await);
    }
    let owner = server.get("/api/users?filters[username]=bob").await.body[0]["id"].as_i64().unwrap();
    let (ids, dues) = plan_site(&server, random, owner).await;
    let now = server.clock.now();
    let (times, admin_id): (Vec<DateTime<Utc>>, i64) = (dues.iter().copied().collect(), admin_number(&server));
    let (mut seen, mut changed) = (Vec::new(), 0);
    for _ in 0..pairs {
        let person = Some(random.random_range(0..4)).filter(|n| *n < people.len());
        let at = match random.random_bool(0.3) {
            true => *times.choose(random).unwrap(),
            false => now + TimeDelta::seconds(random.random_range(1..60 * 60_000)),
        };
        let id = ids.choose(random).unwrap();
        let path = match random.random_range(0..7) {
            0 => "/api/articles?sort=slug&populate=related&pagination[pageSize]=100".to_owned(),
            1 => "/api/articles?sort=title,slug&pagination[page]=2&pagination[pageSize]=3".to_owned(),
            2 => "/api/articles?sort=slug&filters[related][title][$contains]=Title".to_owned(),
            3 => format!("/api/articles/{id}?populate=*"),
            4 => "/api/pages?sort=title&locale=nl".to_owned(),
            5 => "/api/pages?sort=title".to_owned(),
            _ => "/api/home?populate=articles".to_owned(),
        };
        let person_id = person.map(|n| people[n].clone());
        let token_at = |at| {
            server
                .app
                .access
                .issue_see_as(&SeeAs { admin: admin_id, person: person_id.clone(), at, release: None }, None)
                .0
        };
        let answer = see(&server, &token_at(Some(at.timestamp_millis())), &path).await;
        let present = see(&server, &token_at(None), &path).await;
        changed += usize::from(without_ids(&present.body) != without_ids(&answer.body));
        assert!(matches!(answer.status, 200 | 403 | 404), "{path}: {}", answer.text());
        seen.push((at, person, path, answer));
    }
    seen.sort_by_key(|(at, ..)| *at);
    let mut dues = dues.into_iter().peekable();
    for (at, person, path, preview) in seen {
        while let Some(due) = dues.next_if(|due| *due <= at) {
            arrive_at(&server, due).await;
        }
        arrive_at(&server, at).await;
        let client = match person {
            Some(n) => server.with_token(&server.new_session(names[n]).await),
            None => server.public_client(),
        };
        let real = client.get(&path).await;
        let about = format!("{person:?} at {at}, {path}");
        assert_eq!((real.status, without_ids(&real.body)), (preview.status, without_ids(&preview.body)), "{about}");
        assert_eq!(real.header("cairn-version"), preview.header("cairn-version"), "{about}");
    }
    changed
}

#[tokio::test(flavor = "multi_thread")]
async fn previews_equal_what_users_get_when_the_clock_arrives() {
    compare_with_future(20).await;
}

mod full {
    use super::compare_with_future;

    #[tokio::test(flavor = "multi_thread")]
    async fn two_hundred_previews_equal_what_users_get_when_the_clock_arrives() {
        let changed = compare_with_future(200).await;
        assert!(changed > 20, "{changed} previews differ from the present");
    }
}
