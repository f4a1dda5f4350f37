//! Backups in the admin: taken, verified, fetched, and restored beside the live site.

use crate::tenants;
use cairn_testkit::{TestClient, TestServer};
use serde_json::{Value as Json, json};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

const AT: &str = "/admin/api/backups";
const PASSWORD: &str = "a password of some length";

/// Waits until the run has ended, and returns the state.
async fn wait_for_run(server: &TestServer) -> Json {
    for _ in 0..600 {
        let state = server.get(AT).await.expect_status(200).data().clone();
        if !state["run"]["endedAt"].is_null() {
            return state;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it does not end");
}

/// Takes a backup that is sound; its name.
async fn take_backup(server: &TestServer) -> String {
    let accepted = server.send(server.request("POST", AT)).await.expect_status(202);
    assert_eq!((&accepted.data()["what"], &accepted.data()["endedAt"]), (&json!("take"), &Json::Null));
    let state = wait_for_run(server).await;
    assert_eq!(state["run"]["error"], Json::Null, "{state}");
    accepted.data()["name"].as_str().unwrap().to_owned()
}

async fn run_action(server: &TestServer, name: &str, subject: &str) -> Json {
    server.send(server.request("POST", &format!("{AT}/{name}/{subject}"))).await.expect_status(202);
    wait_for_run(server).await
}

async fn restore_backup(server: &TestServer, name: &str, tenant: &str, host: &str) -> Json {
    let body = json!({ "tenant": tenant, "hosts": [host] });
    server.post(&format!("{AT}/{name}/restore"), body).await.expect_status(202);
    wait_for_run(server).await
}

fn backup_path(server: &TestServer, name: &str) -> PathBuf {
    server.project.path().join("data/tenants/default/backups").join(name)
}

async fn titles(client: &TestClient) -> Vec<String> {
    let answer = client.get("/api/articles?sort=title").await.expect_status(200);
    let rows = answer.data().as_array().unwrap();
    rows.iter().map(|row| row["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_are_taken_verified_downloaded_and_removed() {
    let server = TestServer::start().await;
    assert_eq!(server.get(AT).await.expect_status(200).data()["backups"], json!([]));
    server.post("/api/articles", json!({ "data": { "title": "One" } })).await.expect_status(201);
    let name = take_backup(&server).await;
    let state = server.get(AT).await.data().clone();
    let backup = &state["backups"][0];
    assert!(backup["verified"]["rows"].as_u64().unwrap() > 0, "{state}");
    assert_eq!((&backup["name"], &state["mayRestore"]), (&json!(name), &json!(true)));
    // The download has the bytes of the file.
    let fetched = server.request("GET", &format!("{AT}/{name}")).send().await.unwrap();
    assert_eq!(fetched.headers()["content-type"], "application/gzip");
    assert!(fetched.headers()["content-disposition"].to_str().unwrap().contains(&name));
    let bytes = fetched.bytes().await.unwrap();
    assert_eq!(bytes[..], fs::read(backup_path(&server, &name)).unwrap());
    assert_eq!(backup["sizeBytes"], json!(bytes.len()));
    // A second one at once has a name of its own.
    assert_ne!(take_backup(&server).await, name);
    // A byte that changed is noticed: at once by the badge, by whoever looks in full.
    let mut damaged = bytes.to_vec();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    fs::write(backup_path(&server, &name), &damaged).unwrap();
    let find_backup =
        |state: &Json| state["backups"].as_array().unwrap().iter().find(|b| b["name"] == name).unwrap().clone();
    assert_eq!(find_backup(server.get(AT).await.data())["verified"], Json::Null);
    let state = run_action(&server, &name, "verify").await;
    assert!(state["run"]["error"].as_str().unwrap().contains(&name), "{state}");
    assert_eq!(find_backup(&state)["verified"], Json::Null);
    fs::write(backup_path(&server, &name), &bytes).unwrap();
    let state = run_action(&server, &name, "verify").await;
    assert_eq!((&state["run"]["error"], find_backup(&state)["verified"].is_null()), (&Json::Null, false), "{state}");
    server.delete(&format!("{AT}/{name}")).await.expect_status(204);
    server.delete(&format!("{AT}/{name}")).await.expect_status(404);
    assert_eq!(server.get(AT).await.data()["backups"].as_array().unwrap().len(), 1);
    server.run_until_idle().await;
    let log = server.get("/admin/api/audit?action=backup.*").await.expect_status(200);
    let mut messages: Vec<&str> =
        log.data().as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    messages.sort_unstable();
    let expected =
        ["fetched", "removed", "taken", "taken", "verified", "verified"].map(|action| format!("backup.{action}"));
    assert_eq!(messages, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_restores_into_a_new_tenant_beside_the_live_site() {
    let server = TestServer::start().await;
    server
        .apply_settings(json!({
            "roles": { "public": { "permissions": { "api::article.article": ["find"] } } },
            "adminUsers": [{ "email": "anna@example.com", "password": PASSWORD, "roles": ["super-admin"] }],
        }))
        .await;
    let one =
        server.post("/api/articles", json!({ "data": { "title": "One" } })).await.expect_status(201).document_id();
    let hook = json!({ "name": "shop", "url": "https://shop.example.com/hook", "events": ["entry.update"] });
    server.post("/admin/api/webhooks", hook).await.expect_status(201);
    let name = take_backup(&server).await;
    server.delete(&format!("/api/articles/{one}")).await.expect_status(204);
    server.post("/api/articles", json!({ "data": { "title": "Two" } })).await.expect_status(201);
    let state = restore_backup(&server, &name, "yesterday", "Yesterday.example.com").await;
    assert_eq!(state["run"]["error"], Json::Null, "{state}");
    let beside = server.public_client().with_host("yesterday.example.com");
    assert_eq!(
        (titles(&beside).await, titles(&server.public_client()).await),
        (vec!["One".to_owned()], vec!["Two".to_owned()])
    );
    // Users of the backup can sign in to the copy; webhooks of the live site are off there.
    let copy = server.process.open_tenant("yesterday").await.unwrap();
    let hooks = copy.access.store().read(|r| r.webhooks().list()).unwrap();
    assert_eq!(hooks.iter().map(|hook| hook.webhook.enabled).collect::<Vec<_>>(), [false]);
    assert_eq!(server.get("/admin/api/webhooks").await.data()[0]["enabled"], true);
    assert_eq!(server.get("/admin/api/settings/mail").await.data()["held"], false);
    let mut browser = server.new_browser();
    browser.client = browser.client.with_host("yesterday.example.com");
    browser.sign_in("anna@example.com", PASSWORD).await.expect_status(200);
    // Mails are held in the copy, so that they are not sent twice, until somebody releases them.
    assert_eq!(browser.get("/admin/api/mail").await.expect_status(200).data()["held"], true);
    browser.put("/admin/api/settings/mail", json!({ "held": null })).await.expect_status(200);
    assert_eq!(browser.get("/admin/api/mail").await.expect_status(200).data()["held"], false);
    // The copy has no backups of its own yet, and may not restore any.
    let tenant_backups = browser.get(AT).await.expect_status(200);
    assert_eq!((&tenant_backups.data()["backups"], &tenant_backups.data()["mayRestore"]), (&json!([]), &json!(false)));
    let tenants = server.get("/admin/api/tenants").await.expect_status(200);
    assert!(tenants.data().as_array().unwrap().iter().any(|t| t["name"] == "yesterday" && t["active"] == true));
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_restores_are_rejected_and_create_nothing() {
    let server = TestServer::start_with(tenants::two_tenant_project()).await;
    server.post("/api/articles", json!({ "data": { "title": "One" } })).await.expect_status(201);
    let name = take_backup(&server).await;
    let restore = format!("{AT}/{name}/restore");
    for (tenant, hosts, field) in [
        ("default", json!(["x.example.com"]), "tenant"),
        ("a", json!(["x.example.com"]), "tenant"),
        ("Upper", json!(["x.example.com"]), "tenant"),
        ("../x", json!(["x.example.com"]), "tenant"),
        ("", json!(["x.example.com"]), "tenant"),
        ("new", json!([]), "hosts"),
        ("new", json!(["a b"]), "hosts"),
        ("new", json!([tenants::A]), "hosts"),
    ] {
        let refused = server.post(&restore, json!({ "tenant": tenant, "hosts": hosts })).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!([field]), "{tenant} {hosts}: {}", refused.text());
    }
    server.post(&restore, json!({ "tenant": "new" })).await.expect_status(400);
    let good = json!({ "tenant": "new", "hosts": ["new.example.com"] });
    for missing in
        ["none.cairn.tar.gz", "..%2F..%2F..%2F..%2Fcairn.toml", "..%2Fx.cairn.tar.gz", ".hidden.cairn.tar.gz"]
    {
        server.post(&format!("{AT}/{missing}/restore"), good.clone()).await.expect_status(404);
        server.send(server.request("POST", &format!("{AT}/{missing}/verify"))).await.expect_status(404);
        server.get(&format!("{AT}/{missing}")).await.expect_status(404);
        server.delete(&format!("{AT}/{missing}")).await.expect_status(404);
    }
    // A damaged backup creates no tenant and leaves no data, and the name is free for the next try.
    let bytes = fs::read(backup_path(&server, &name)).unwrap();
    fs::write(backup_path(&server, &name), &bytes[..bytes.len() - 50]).unwrap();
    let state = restore_backup(&server, &name, "new", "new.example.com").await;
    assert!(state["run"]["error"].as_str().is_some_and(|error| error.contains(&name)), "{state}");
    let tenants = server.get("/admin/api/tenants").await.expect_status(200);
    assert!(tenants.data().as_array().unwrap().iter().all(|t| t["name"] != "new"));
    assert!(!server.project.path().join("data/tenants/new").exists());
    fs::write(backup_path(&server, &name), &bytes).unwrap();
    let state = restore_backup(&server, &name, "new", "new.example.com").await;
    assert_eq!(state["run"]["error"], Json::Null, "{state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_runs_are_exclusive_and_require_a_permission() {
    let server = TestServer::start().await;
    server
        .apply_settings(json!({
            "adminRoles": {
                "keeper": { "actions": ["backups.manage"] },
                "other": { "actions": ["system.read", "audit.read"] },
            },
            "adminUsers": (["keeper", "other"].map(|role| {
                json!({ "email": format!("{role}@example.com"), "password": PASSWORD, "roles": [role] })
            })),
        }))
        .await;
    let other = server.sign_in_admin("other@example.com", PASSWORD).await;
    for (method, path) in [("GET", AT), ("POST", AT)] {
        let refused = other.send(other.request(method, path)).await.expect_status(403);
        assert_eq!(refused.details()["action"], "backups.manage");
    }
    server.public_client().get(AT).await.expect_status(401);
    let keeper = server.sign_in_admin("keeper@example.com", PASSWORD).await;
    let at_once = futures_util::future::join_all((0..8).map(|_| keeper.send(keeper.request("POST", AT)))).await;
    let started = at_once.iter().filter(|answer| answer.status == 202).count();
    assert!(started >= 1 && at_once.iter().all(|answer| matches!(answer.status, 202 | 409)), "{started}");
    wait_for_run(&server).await;
    assert_eq!(keeper.get(AT).await.data()["backups"].as_array().unwrap().len(), started);
}
