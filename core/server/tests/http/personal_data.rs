//! One person's data: counted, exported and erased, over the admin API. The guest `people` has notes, two of them to a page or step.

use crate::plugins::{PLUGINS, guest, install, stage};
use cairn_plugin_package::package::pack;
use cairn_store::events::{DuplicatePolicy, JobFilter, NewJob};
use cairn_testkit::{ADMIN_TOKEN, TestClient, TestResponse, TestServer};
use flate2::read::GzDecoder;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::io::Read;

const AT: &str = "/admin/api/personal-data";
const NOTES: &str = "/admin/api/content/plugin::people.note";
const PASSWORD: &str = "a password of some length";
const ANN: &str = "ann@example.com";

async fn server_with_notes(titles: &[&str]) -> TestServer {
    let server = TestServer::start().await;
    install_notes(&server, titles).await;
    server
}

/// A server with notes and the user `ann`, who is added by another process: before the plugin changes the schema.
async fn server_with_ann(titles: &[&str]) -> (TestServer, TestClient) {
    let server = TestServer::start().await;
    let ann = server.create_user("ann", "authenticated", json!({})).await;
    install_notes(&server, titles).await;
    (server, ann)
}

async fn install_notes(server: &TestServer, titles: &[&str]) {
    let staged = stage(server, &pack(&guest("people", |manifest| manifest), None).unwrap()).await.expect_status(201);
    let lines = staged.data()["does"].to_string();
    assert!(lines.contains("e-mail address of people whose data are exported or erased"), "{lines}");
    install(server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    for title in titles {
        add_note(server, title, "Ann@Example.com").await;
    }
    add_note(server, "other", "bob@example.com").await;
}

async fn add_note(server: &TestServer, title: &str, email: &str) -> String {
    let note = json!({ "data": { "title": title, "email": email } });
    let made = server.post(NOTES, note).await.expect_status(201);
    made.data()["documentId"].as_str().unwrap().to_owned()
}

async fn note_titles(server: &TestServer) -> Vec<String> {
    server.get(&format!("{NOTES}?sort=title:asc")).await.expect_status(200).text_column("title")
}

async fn summarise(client: &TestClient, address: &str) -> TestResponse {
    client.post(&format!("{AT}/summary"), json!({ "address": address })).await
}

async fn erase(server: &TestServer, address: &str) -> Json {
    let started = server.post(&format!("{AT}/erasures"), json!({ "address": address })).await.expect_status(202);
    server.run_until_idle().await;
    let id = started.data()["id"].as_i64().unwrap();
    server.get(&format!("{AT}/erasures/{id}")).await.expect_status(200).data().clone()
}

/// One source of a summary or an erasure.
fn source<'a>(of: &'a Json, id: &str) -> &'a Json {
    of["sources"].as_array().unwrap().iter().find(|one| one["source"] == id).unwrap_or_else(|| panic!("{id} in {of}"))
}

async fn retained(server: &TestServer, erasure: &Json) -> Vec<Json> {
    let path = format!("{AT}/erasures/{}/retained", erasure["id"]);
    server.get(&path).await.expect_status(200).data().as_array().unwrap().clone()
}

/// The files of an archive by name.
fn unpack(archive: &[u8]) -> BTreeMap<String, Json> {
    let mut archive = tar::Archive::new(GzDecoder::new(archive));
    let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.unwrap();
        let (name, mut text) = (entry.path().unwrap().display().to_string(), String::new());
        entry.read_to_string(&mut text).unwrap();
        (name, serde_json::from_str(&text).unwrap())
    };
    archive.entries().unwrap().map(read).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_about_a_person_is_in_one_archive() {
    let (server, _) = server_with_ann(&["a", "b", "c"]).await;
    let counted = summarise(&server, " ANN@example.com ").await.expect_status(200);
    let summary = counted.data();
    assert_eq!((&summary["address"], &summary["records"]), (&json!(ANN), &json!(4)), "{summary}");
    let notes = source(summary, "plugin:people");
    assert_eq!(notes["kinds"], json!([{ "kind": "Note", "records": 3 }]));
    assert_eq!((&source(summary, "core:account")["records"], &summary["erasure"]), (&json!(1), &Json::Null));

    // Browsers accept compressed responses; the archive is not compressed twice.
    let request = server.request("POST", &format!("{AT}/export")).header("accept-encoding", "gzip, br");
    let sent = server.send(request.json(&json!({ "address": ANN }))).await.expect_status(200);
    assert_eq!((sent.header("content-type"), sent.header("content-encoding")), ("application/gzip", ""));
    assert_eq!(sent.header("content-length"), sent.bytes.len().to_string());
    assert!(sent.header("content-disposition").contains(".tar.gz"));
    let files = unpack(&sent.bytes);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["core-account.json", "manifest.json", "plugin-people.json"]);
    let titles: Vec<&Json> =
        files["plugin-people.json"].as_array().unwrap().iter().map(|note| &note["title"]).collect();
    assert_eq!(titles, ["a", "b", "c"]);
    let account = &files["core-account.json"][0]["data"];
    assert_eq!((&account["username"], &account["password"]), (&json!("ann"), &Json::Null), "{account}");
    assert_eq!((&files["manifest.json"]["complete"], &files["manifest.json"]["records"]), (&json!(true), &json!(4)));
}

/// How the account and the notes of a person are called for that caller.
async fn words_shown(client: &TestClient, accepted: Option<&str>) -> (String, String) {
    let mut request = client.request("POST", &format!("{AT}/summary")).json(&json!({ "address": ANN }));
    if let Some(accepted) = accepted {
        request = request.header("accept-language", accepted);
    }
    let summary = client.send(request).await.expect_status(200);
    let word = |text: &Json| text.as_str().unwrap().to_owned();
    let (account, notes) = (source(summary.data(), "core:account"), source(summary.data(), "plugin:people"));
    (word(&account["name"]), word(&notes["kinds"][0]["kind"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_in_the_language_of_the_admin_user_then_of_the_request_then_of_the_site() {
    let (server, _) = server_with_ann(&["a"]).await;
    let person = server.super_admin().await;
    let english = ("User account".to_owned(), "Note".to_owned());
    let dutch = ("Gebruikersaccount".to_owned(), "Notitie".to_owned());
    for (site, expected) in [("en", &english), ("nl", &dutch)] {
        server.apply_settings(json!({ "locales": { "default": site, "available": ["en", "nl", "fr"] } })).await;
        for client in [&person, &server.public_client().with_token(ADMIN_TOKEN)] {
            assert_eq!(&words_shown(client, None).await, expected, "{site}");
            assert_eq!(&words_shown(client, Some("*")).await, expected, "{site}");
            assert_eq!(words_shown(client, Some("nl-BE, nl;q=0.9, en;q=0.8")).await, dutch, "{site}");
            assert_eq!(words_shown(client, Some("en")).await, english, "{site}");
        }
    }
    person.put("/admin/api/me", json!({ "language": "en" })).await.expect_status(200);
    for accepted in [None, Some("nl")] {
        assert_eq!(words_shown(&person, accepted).await, english, "{accepted:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_in_languages_that_the_site_has_no_content_in() {
    let (server, _) = server_with_ann(&["a"]).await;
    server.apply_settings(json!({ "locales": { "default": "fr", "available": ["fr"] } })).await;
    let (account, notes) = words_shown(&server.super_admin().await, Some("nl")).await;
    assert_eq!((account.as_str(), notes.as_str()), ("Gebruikersaccount", "Notitie"));
}

#[tokio::test(flavor = "multi_thread")]
async fn erasure_leaves_what_must_stay_and_says_why() {
    let (server, user) = server_with_ann(&["a", "b", "contract", "d", "e"]).await;
    user.get("/api/users/me").await.expect_status(200);
    let erasure = erase(&server, "ANN@Example.com").await;
    assert_eq!((&erasure["state"], &erasure["address"]), (&json!("done"), &Json::Null), "{erasure}");
    assert_eq!(source(&erasure, "plugin:people")["erased"], 4);
    assert_eq!(source(&erasure, "core:account")["erased"], 1);
    assert_eq!(note_titles(&server).await, ["contract", "other"]);
    user.get("/api/users/me").await.expect_status(401);
    let stayed = retained(&server, &erasure).await;
    let contract = &stayed[0];
    assert_eq!(
        ["kind", "title", "reason", "until"].map(|key| &contract[key]),
        [&json!("Note"), &json!("contract"), &json!("A contract requires it"), &json!("2100-01-01T00:00:00.000Z")]
    );
    // The history says nothing of what is gone.
    let deleted = server.get("/admin/api/history/deleted?type=plugin::people.note").await.expect_status(200);
    assert_eq!(deleted.data(), &json!([]), "{}", deleted.text());
    // The audit log knows that it was done, and not about whom.
    let log = server.get("/admin/api/audit?action=personal-data.*").await.expect_status(200);
    let actions: Vec<&Json> = log.data().as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["personal-data.erasure-finished", "personal-data.erasure-started"]);
    assert!(!log.text().to_lowercase().contains(ANN), "{}", log.text());
    // Again: nothing to erase, and the same stays.
    let again = erase(&server, ANN).await;
    assert_ne!(again["id"], erasure["id"]);
    assert_eq!((&again["state"], source(&again, "plugin:people")["erased"].as_u64()), (&json!("done"), Some(0)));
    assert_eq!(retained(&server, &again).await.len(), 1);
    let summary = summarise(&server, ANN).await.expect_status(200);
    assert_eq!(summary.data()["erasure"]["id"], again["id"]);
    let list = server.get(&format!("{AT}/erasures?limit=1")).await.expect_status(200);
    assert_eq!((list.data().as_array().unwrap().len(), &list.body["meta"]["before"]), (1, &again["id"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_fails_halfway_continues_where_it_was() {
    let (server, _) = server_with_ann(&["a", "b", "contract", "stuck", "e"]).await;
    let stopped = erase(&server, ANN).await;
    let people = source(&stopped, "plugin:people");
    assert_eq!(
        (&stopped["state"], &people["state"], &people["erased"]),
        (&json!("incomplete"), &json!("failed"), &json!(2))
    );
    assert!(people["problem"].as_str().unwrap().contains("stuck"), "{people}");
    // The others went on, and the person is known until it is done.
    assert_eq!((&source(&stopped, "core:account")["erased"], &stopped["address"]), (&json!(1), &json!(ANN)));
    assert_eq!(note_titles(&server).await, ["contract", "e", "other", "stuck"]);
    let stuck = server.get(&format!("{NOTES}?filters[title]=stuck")).await.expect_status(200);
    let path = format!("{NOTES}/{}", stuck.data()[0]["documentId"].as_str().unwrap());
    server.put(&path, json!({ "data": { "title": "free" } })).await.expect_status(200);
    let done = erase(&server, ANN).await;
    assert_eq!((&done["id"], &done["state"]), (&stopped["id"], &json!("done")), "{done}");
    assert_eq!(source(&done, "plugin:people")["erased"], 4);
    assert_eq!(note_titles(&server).await, ["contract", "other"]);
    // Named once, although it was met before and after.
    assert_eq!(retained(&server, &done).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_is_off_is_named_and_keeps_the_erasure_open() {
    let server = server_with_notes(&["a"]).await;
    server.post(&format!("{PLUGINS}/people/disable"), json!({})).await.expect_status(200);
    let summary = summarise(&server, ANN).await.expect_status(200);
    assert_eq!(source(summary.data(), "plugin:people")["state"], "off", "{}", summary.text());
    let sent = server.post(&format!("{AT}/export"), json!({ "address": ANN })).await.expect_status(200);
    assert_eq!(unpack(&sent.bytes)["manifest.json"]["complete"], false);
    let open = erase(&server, ANN).await;
    assert_eq!((&open["state"], &source(&open, "plugin:people")["state"]), (&json!("incomplete"), &json!("off")));
    assert_eq!(note_titles(&server).await, ["a", "other"]);
    server.post(&format!("{PLUGINS}/people/enable"), json!({})).await.expect_status(200);
    let done = erase(&server, ANN).await;
    assert_eq!((&done["id"], &done["state"]), (&open["id"], &json!("done")), "{done}");
    assert_eq!(note_titles(&server).await, ["other"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_that_misbehave_are_stopped() {
    let server = server_with_notes(&["endless"]).await;
    let summary = summarise(&server, ANN).await.expect_status(200);
    let people = source(summary.data(), "plugin:people");
    assert_eq!(people["state"], "failed", "{people}");
    assert!(people["problem"].as_str().unwrap().contains("another page"), "{people}");
    add_note(&server, "liar", "liar@example.com").await;
    let erasure = erase(&server, "liar@example.com").await;
    assert_eq!(erasure["state"], "incomplete");
    assert!(
        source(&erasure, "plugin:people")["problem"].as_str().unwrap().contains("api::article.article"),
        "{erasure}"
    );
    assert!(note_titles(&server).await.contains(&"liar".to_owned()), "what failed was rolled back");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_the_admin_stay_until_somebody_removes_them() {
    let server = TestServer::start().await;
    server
        .apply_settings(
            json!({ "adminUsers": [{ "email": "mia@example.com", "password": PASSWORD, "roles": ["editor"] }] }),
        )
        .await;
    let mia = server.sign_in_admin("mia@example.com", PASSWORD).await;
    mia.get("/admin/api/me").await.expect_status(200);
    let erasure = erase(&server, "mia@example.com").await;
    assert_eq!(erasure["state"], "done", "{erasure}");
    let kinds: Vec<String> =
        retained(&server, &erasure).await.iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect();
    assert!(kinds.contains(&"Admin account".to_owned()), "{kinds:?}");
    mia.get("/admin/api/me").await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_are_refused_and_strangers_stay_out() {
    let server = server_with_notes(&["a"]).await;
    for address in ["", "ann", "ann@", "a b@example.com"] {
        for path in ["summary", "export", "erasures"] {
            let refused = server.post(&format!("{AT}/{path}"), json!({ "address": address })).await.expect_status(400);
            assert_eq!(refused.details()["errors"][0]["path"], json!(["address"]), "{}", refused.text());
        }
    }
    let unknown = summarise(&server, "nobody@example.com").await.expect_status(200);
    assert_eq!((&unknown.data()["records"], &unknown.data()["erasure"]), (&json!(0), &Json::Null));
    server.get(&format!("{AT}/erasures/99")).await.expect_status(404);
    server.get(&format!("{AT}/erasures/99/retained")).await.expect_status(404);
    // Two at once: the second is told which one is under way.
    let body = json!({ "address": ANN });
    let path = format!("{AT}/erasures");
    let first = server.post(&path, body.clone()).await.expect_status(202);
    let second = server.post(&path, body.clone()).await.expect_status(409);
    assert_eq!(second.details()["erasure"], first.data()["id"], "{}", second.text());
    server.run_until_idle().await;
    assert_eq!(note_titles(&server).await, ["other"]);

    let role = |actions: Json| json!({ "actions": actions, "permissions": {} });
    let user = |name: &str, role: &str| json!({ "email": format!("{name}@example.com"), "password": PASSWORD, "roles": [role] });
    server
        .apply_settings(json!({
            "adminRoles": { "Privacy": role(json!(["settings.personal-data"])), "Other": role(json!(["audit.read"])) },
            "adminUsers": [user("pia", "Privacy"), user("otto", "Other")],
        }))
        .await;
    let pia = server.sign_in_admin("pia@example.com", PASSWORD).await;
    summarise(&pia, ANN).await.expect_status(200);
    let otto = server.sign_in_admin("otto@example.com", PASSWORD).await;
    for path in ["summary", "export", "erasures"] {
        let refused = otto.post(&format!("{AT}/{path}"), json!({ "address": ANN })).await.expect_status(403);
        assert_eq!(refused.details()["action"], "settings.personal-data", "{}", refused.text());
    }
    server.public_client().post(&path, body).await.expect_status(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_have_ended_lose_the_address_of_an_erased_person() {
    let server = TestServer::start().await;
    let new_job = |key: &str, due: i64| NewJob {
        name: "example.report".to_owned(),
        key: Some(key.to_owned()),
        duplicate: DuplicatePolicy::Keep,
        lane: None,
        payload: json!({ "to": ["Ann@Example.com", "joann@example.com"], "note": format!("for {ANN}.") }),
        due,
    };
    let now = server.app.access.now().timestamp_millis();
    let jobs = [new_job("a", now + 1_000_000), new_job("b", now + 1_000_000)];
    let store = server.app.content.store();
    let write = store.write(move |tx| {
        for job in &jobs {
            tx.jobs().enqueue(job, now)?;
        }
        tx.jobs().cancel_by_key("example.report", "a", now)
    });
    write.await.unwrap();
    let counted = summarise(&server, ANN).await.expect_status(200);
    assert_eq!(source(counted.data(), "core:jobs")["records"], 2, "{}", counted.text());
    let erased = erase(&server, ANN).await;
    assert_eq!((&erased["state"], &source(&erased, "core:jobs")["erased"]), (&json!("done"), &json!(1)), "{erased}");
    let kept = retained(&server, &erased).await;
    assert_eq!((kept.len(), &kept[0]["title"]), (1, &json!("example.report")), "{kept:?}");
    let found = |key: &str| {
        let filter = JobFilter { key: Some(key.to_owned()), ..JobFilter::default() };
        store.read(|r| r.jobs().list(&filter, 1)).unwrap().remove(0).payload
    };
    assert_eq!(found("a"), json!({ "to": ["[erased]", "joann@example.com"], "note": "for [erased]." }));
    // The job still has to run, so its payload stays.
    assert_eq!(found("b")["to"][0], "Ann@Example.com");
}
