//! Routes of plugins in previews: they answer as the person at the date, and nothing of what they do remains.

use super::{
    ARTICLE, REFUSED, add_person, admin_number, begin, draft, dump_rows, install_guest, install_policy, iso,
    minutes_after, project, schedule, see,
};
use crate::tenants;
use cairn_access::{Clock, SeeAs};
use cairn_testkit::{TestResponse, TestServer};
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// A route for everybody; the trial follows.
const OPEN: &str = "/api/hostile/page";
/// A route for users.
const MINE: &str = "/api/hostile/mine";

/// Routes that the guest's manifest lacks; its code takes the trial from the path, whatever the route.
const ROUTES: &str = r#"
[[route]]
name = "mine"
method = "GET"
path = "/mine/{trial}"
auth = "user"

[[route]]
name = "program"
method = "GET"
path = "/program/{trial}"
auth = "token"

[[route]]
name = "desk"
method = "GET"
path = "/desk/{trial}"
auth = "admin"
permission = "desk.read"

[[permission]]
name = "desk.read"
title = "Desk"

[[route]]
name = "rated"
method = "GET"
path = "/rated/{trial}"
auth = "none"
rate = { per = "route", limit = 2, every = "1m" }

[[event]]
"#;

async fn server_with_routes() -> TestServer {
    let server = TestServer::start_with(project()).await;
    install_guest(&server, "hostile", |text| text.replacen("[[event]]\n", ROUTES.trim_start(), 1)).await;
    server
}

fn titles(answer: &TestResponse) -> Vec<&str> {
    let mut titles: Vec<&str> =
        answer.body["articles"].as_array().unwrap().iter().map(|article| article["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    titles
}

#[tokio::test(flavor = "multi_thread")]
async fn plugin_routes_answer_as_the_person_at_the_date() {
    let server = server_with_routes().await;
    install_policy(&server).await;
    let (admin, now) = (server.super_admin().await, server.clock.now());
    let member = add_person(&server, "anna", "member").await;
    for (title, audience) in [("Open", "all"), ("Members", "member")] {
        server.create_entry("/api/articles", json!({ "title": title, "slug": title, "audience": audience })).await;
    }
    for title in ["Soon", "A canary"] {
        let id = draft(&server, json!({ "title": title, "slug": title.to_lowercase(), "audience": "all" })).await;
        schedule(&server, "publish", (ARTICLE, &id, None), minutes_after(now, 60)).await;
    }
    let later = now + TimeDelta::hours(2);
    let (seen, mine) = (format!("{OPEN}/seen"), format!("{MINE}/seen"));
    let public = begin(&admin, None, Some(&iso(later))).await;
    let person = begin(&admin, Some(&member), Some(&iso(later))).await;
    // The public, now and at the date.
    let at_present = see(&server, &begin(&admin, None, None).await, &seen).await.expect_status(200);
    assert_eq!(titles(&at_present), ["Open"]);
    assert_eq!(at_present.body["preview"], now.timestamp_millis());
    let answer = see(&server, &public, &seen).await.expect_status(200);
    assert_eq!(titles(&answer), ["Open", "Soon"]);
    let at = later.timestamp() * 1_000;
    assert_eq!((&answer.body["now"], &answer.body["preview"]), (&json!(at), &json!(at)));
    assert!(answer.body["deadline"].as_i64().unwrap() >= at);
    assert_eq!(answer.body["actor"], "anonymous");
    assert_eq!(answer.header("cache-control"), "private, no-store");
    // A user, whom the plugin takes for the caller; the token is not for it, and `Authorization` has no effect.
    for path in [&seen, &mine] {
        let answer = see(&server, &person, path).await.expect_status(200);
        assert_eq!(titles(&answer), ["Members", "Open", "Soon"]);
        assert_eq!(answer.body["actor"]["roles"], json!(["member"]), "{}", answer.text());
        assert!(!answer.body["headers"].as_array().unwrap().contains(&json!("cairn-preview")));
        let by_query = server.get(&format!("{path}?previewToken={person}&locale=nl")).await.expect_status(200);
        assert_eq!((titles(&by_query), &by_query.body["query"]), (titles(&answer), &json!(["locale"])));
        assert_eq!(by_query.body["locale"], "nl");
    }
    let head = server.public_client().request("HEAD", &mine).header("cairn-preview", &person);
    assert_eq!(server.send(head).await.status, 200);
    // For whom a route is.
    see(&server, &public, &mine).await.expect_error(401, "Unauthorized");
    for route in ["program", "desk"] {
        see(&server, &public, &format!("/api/hostile/{route}/seen")).await.expect_error(401, "Unauthorized");
        see(&server, &person, &format!("/api/hostile/{route}/seen")).await.expect_error(403, "Forbidden");
    }
    see(&server, &public, "/api/hostile/nothing/at/all").await.expect_status(404);
    let post = server.request("POST", "/api/hostile/any/seen").header("cairn-preview", &person);
    assert_eq!(server.send(post).await.status, 405);
    // Refusals and failures are the usual ones.
    see(&server, &public, &format!("{OPEN}/status-zero")).await.expect_status(502);
    see(&server, &public, &format!("{OPEN}/panic")).await.expect_status(502);
    // Requests without a token get the present.
    let ordinary = server.public_client().get(&seen).await.expect_status(200);
    assert_eq!((titles(&ordinary), &ordinary.body["preview"]), (vec!["Open"], &Json::Null));
    assert_eq!(ordinary.body["now"], now.timestamp_millis());
    // Tokens that are forged, or have expired.
    let (payload, signature) = person.strip_prefix("see-as.").unwrap().split_once('.').unwrap();
    for forged in ["see-as..".to_owned(), format!("see-as.{payload}."), format!("see-as.{payload}x.{signature}")] {
        see(&server, &forged, &mine).await.expect_error(403, REFUSED);
    }
    server.advance_clock(Duration::from_secs(15 * 60));
    for path in [&seen, &mine] {
        see(&server, &person, path).await.expect_error(403, REFUSED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_hostile_plugin_in_a_preview_remains() {
    let server = server_with_routes().await;
    let (admin, now) = (server.super_admin().await, server.clock.now());
    let member = add_person(&server, "anna", "member").await;
    let token = begin(&admin, Some(&member), Some(&iso(now + TimeDelta::hours(2)))).await;
    // An ordinary call first leaves behind what it always does.
    server.public_client().get(&format!("{OPEN}/none")).await.expect_status(200);
    server.run_until_idle().await;
    let before = dump_rows(&server);
    for path in [OPEN, MINE].into_iter().cycle().take(8) {
        let stored = see(&server, &token, &format!("{path}/preview-store")).await.expect_status(200);
        let steps: Vec<&str> = stored.body["report"].as_str().unwrap().split("; ").collect();
        assert_eq!(steps[..7], ["ok"; 7], "{steps:?}");
        // The call finds what it has stored itself, and nothing of an earlier call.
        assert_eq!(steps[7..], ["looked 12", "documents 1", "counted 1"], "{steps:?}");
        let escaped = see(&server, &token, &format!("{path}/preview-escape")).await.expect_status(200);
        let refusals: Vec<&str> = escaped.body["report"].as_str().unwrap().split("; ").collect();
        assert_eq!(refusals.len(), 6, "{refusals:?}");
        for refusal in refusals {
            assert!(refusal.starts_with("denied: "), "{refusal}");
            assert!(refusal.contains("a call for a preview as somebody else cannot "), "{refusal}");
        }
    }
    // Failures are those of the preview alone: the plugin is not paused for them, however many there are.
    for trial in
        ["panic", "loop", "sleep", "spin-in-calls", "transaction-leak", "kv-flood", "exit"].iter().cycle().take(21)
    {
        let failed = see(&server, &token, &format!("{OPEN}/{trial}")).await;
        assert!(matches!(failed.status, 200 | 502), "{trial}: {}", failed.text());
    }
    server.run_until_idle().await;
    assert_eq!(dump_rows(&server), before);
    server.public_client().get(&format!("{OPEN}/none")).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_to_private_files_are_signed_for_the_present_and_expire_soon() {
    let server = server_with_routes().await;
    let (admin, now) = (server.super_admin().await, server.clock.now());
    let created = server.public_client().get(&format!("{OPEN}/file-create")).await.expect_status(200);
    let id = created.body["report"].as_str().unwrap().strip_prefix("ok: ").unwrap();
    let token = begin(&admin, None, Some(&iso(now + TimeDelta::days(365)))).await;
    let path = format!("{OPEN}/preview-link-{id}");
    let seconds_of = |answer: &TestResponse| -> i64 {
        let link = answer.body["report"].as_str().unwrap();
        let expires = link.split("expires=").nth(1).and_then(|rest| rest.split('&').next());
        expires.unwrap_or_else(|| panic!("{link}")).parse::<i64>().unwrap() - now.timestamp()
    };
    let shown = seconds_of(&see(&server, &token, &path).await.expect_status(200));
    assert!((1..=15 * 60 + 1).contains(&shown), "{shown}");
    let ordinary = seconds_of(&server.public_client().get(&path).await.expect_status(200));
    assert!(ordinary >= 7 * 86_400, "{ordinary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn previews_have_a_rate_of_their_own() {
    let server = server_with_routes().await;
    let admin = server.super_admin().await;
    let token = begin(&admin, None, None).await;
    let path = "/api/hostile/rated/seen";
    for _ in 0..2 {
        see(&server, &token, path).await.expect_status(200);
    }
    see(&server, &token, path).await.expect_status(429);
    // A second token of the same viewer changes nothing; other callers are not affected.
    see(&server, &begin(&admin, None, None).await, path).await.expect_status(429);
    for status in [200, 200, 429] {
        server.public_client().get(path).await.expect_status(status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn see_as_token_opens_no_plugin_of_another_tenant() {
    let server = tenants::server().await;
    install_guest(&server, "hostile", |text| text).await;
    let admin = server.super_admin().await;
    let own = begin(&admin, None, None).await;
    see(&server, &own, &format!("{OPEN}/seen")).await.expect_status(200);
    let other = server.process.open_tenant("a").await.unwrap();
    let foreign = other
        .access
        .issue_see_as(&SeeAs { admin: admin_number(&server), person: None, at: None, release: None }, None)
        .0;
    see(&server, &foreign, &format!("{OPEN}/seen")).await.expect_error(403, REFUSED);
    let there = server.public_client().with_host(tenants::A);
    there.get_with(&format!("{OPEN}/seen"), ("cairn-preview", &own)).await.expect_status(400);
}
