//! Plugins that are there: shown, switched, set up; what they logged and where they failed.

use super::{PLUGINS, allow_package, guest, install, root, server_with_allow_plugin, stage};
use cairn_plugin_package::package::pack;
use cairn_store::plugins::{CallFailure, FailedCall, LogLevel, NewLog, RecordedCall};
use cairn_testkit::{TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::path::Path;

#[tokio::test(flavor = "multi_thread")]
async fn plugin_details_are_shown_and_plugins_can_be_disabled() {
    let server = server_with_allow_plugin().await;
    let test_answer = server.get(&format!("{PLUGINS}/allow")).await.expect_status(200);
    let data = test_answer.data();
    assert_eq!((&data["state"], &data["running"], &data["problem"]), (&json!("enabled"), &json!(true), &json!(null)));
    assert_eq!(data["contentTypes"][0]["uid"].as_str().unwrap().split('.').next(), Some("plugin::allow"));
    assert!(data["hooks"].as_array().unwrap().iter().any(|hook| hook["name"] == "count" && hook["phase"] == "before"));
    assert!(data["routes"].as_array().unwrap().iter().any(|route| route["path"] == "/api/allow/echo/{word}"));
    assert_eq!(data["subscriptions"][0]["to"], json!(["plugin::allow.note:*"]));
    let off = server.post(&format!("{PLUGINS}/allow/disable"), json!({})).await.expect_status(200);
    assert_eq!((&off.data()["state"], &off.data()["running"]), (&json!("disabled"), &json!(false)));
    let away = server.public_client().get("/api/allow/read-notes").await.expect_status(503);
    assert!(away.header("retry-after").parse::<u32>().unwrap() > 0);
    // Content of the plugin stays readable.
    server.get("/api/allow/plains").await.expect_status(200);
    server.post(&format!("{PLUGINS}/allow/enable"), json!({})).await.expect_status(200);
    server.public_client().get("/api/allow/read-notes").await.expect_status(200);
    let nothing = server.post(&format!("{PLUGINS}/allow/rollback"), json!({})).await.expect_status(409);
    assert!(nothing.message().contains("there is no previous version"), "{}", nothing.message());
    for (method, path) in [
        ("GET", ""),
        ("POST", "/enable"),
        ("POST", "/disable"),
        ("POST", "/rollback"),
        ("GET", "/settings"),
        ("PUT", "/settings"),
        ("PUT", "/grants"),
        ("PUT", "/secrets/x"),
        ("DELETE", "/secrets/x"),
        ("PUT", "/signing-keys/x"),
        ("DELETE", "/signing-keys/x"),
        ("GET", "/logs"),
        ("GET", "/calls"),
        ("GET", "/calls/x"),
        ("DELETE", "/calls/x"),
        ("DELETE", "/calls"),
        ("DELETE", ""),
    ] {
        let body = if path == "/settings" {
            json!({ "values": {} })
        } else if path == "/grants" {
            json!({ "grants": [] })
        } else if path == "/signing-keys/x" {
            json!({})
        } else {
            json!({ "value": "long enough" })
        };
        let request = server.request(method, &format!("{PLUGINS}/nothing{path}"));
        let answer = server.send(if method == "PUT" { request.json(&body) } else { request }).await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_validated_by_their_schema_and_saved() {
    let server = server_with_allow_plugin().await;
    let path = format!("{PLUGINS}/allow/settings");
    let answer = server.get(&path).await.expect_status(200);
    let schema = &answer.data()["schema"];
    assert_eq!(schema["type"], "object", "{}", answer.text());
    let properties = schema["properties"].as_object().unwrap();
    let (name, property) = properties.iter().next().unwrap();
    let invalid = json!({ (name.as_str()): [1, 2] });
    let refused = server.put(&path, json!({ "values": invalid })).await.expect_status(400);
    assert_eq!(refused.details()["errors"][0]["path"], json!([name]), "{}", refused.text());
    let good: Json = property.get("default").cloned().unwrap();
    let set = server.put(&path, json!({ "values": { (name.as_str()): good } })).await.expect_status(200);
    assert_eq!(set.data()["values"][name], good);
    assert_eq!(server.get(&format!("{PLUGINS}/allow")).await.data()["running"], true);
    for body in [json!({}), json!({ "values": 1 }), json!({ "values": {}, "more": 1 }), json!([])] {
        server.put(&path, body).await.expect_status(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_can_be_set_and_are_never_returned() {
    let server = TestServer::start().await;
    let with_secret = |text: String| {
        text.replace("schema = \"settings.schema.json\"", "schema = \"settings.schema.json\"\nsecrets = [\"api-key\"]")
    };
    let staged = stage(&server, &allow_package("1.0.0", None, with_secret)).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    let path = format!("{PLUGINS}/allow/secrets/api-key");
    let is_set = async || server.get(&format!("{PLUGINS}/allow")).await.expect_status(200).data()["secrets"].clone();
    let state = |set: bool| json!([{ "name": "api-key", "set": set, "isAddress": false, "host": null }]);
    assert_eq!(is_set().await, state(false));
    server.put(&path, json!({ "value": "s3cr3t-of-the-test" })).await.expect_status(204);
    assert_eq!(is_set().await, state(true));
    server.process.default_tenant().engine.run_until_idle().await.unwrap();
    for place in [
        format!("{PLUGINS}/allow"),
        format!("{PLUGINS}/allow/settings"),
        "/admin/api/audit?limit=100".to_owned(),
        "/admin/api/events?limit=100".to_owned(),
    ] {
        let response = server.get(&place).await.expect_status(200).text();
        assert!(!response.contains("s3cr3t"), "{place}");
    }
    for (value, status) in [(json!("abc"), 400), (json!(""), 400), (json!("x".repeat(9_000)), 400), (json!(1), 400)] {
        assert_eq!(server.put(&path, json!({ "value": value })).await.status, status);
    }
    server.put(&format!("{PLUGINS}/allow/secrets/other"), json!({ "value": "long enough" })).await.expect_status(404);
    server.delete(&path).await.expect_status(204);
    server.delete(&path).await.expect_status(404);
    assert_eq!(is_set().await, state(false));
}

/// True if a file below a folder contains a text.
fn is_in_files(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => is_in_files(&path, text),
            // A file that was deleted in the meantime contains nothing.
            false => String::from_utf8_lossy(&std::fs::read(&path).unwrap_or_default()).contains(text),
        }
    })
}

/// Stages the guest `teller`. It begins transactions, for which a package that is installed needs a right to data.
async fn stage_teller(server: &TestServer) -> TestResponse {
    let grant =
        "[[grant]]\nuse = \"data.read\"\ntypes = [\"api::article.article\"]\nreason = \"Begins transactions.\"\n";
    let package = guest("teller", |text| format!("{text}\n{grant}"));
    stage(server, &pack(&package, None).unwrap()).await.expect_status(201)
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_keys_are_made_imported_and_shown_without_private_halves() {
    let server = TestServer::start().await;
    let staged = stage_teller(&server).await;
    assert!(staged.text().contains("Signs with the private keys letters and receipts"), "{}", staged.text());
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    let state = async |at: usize| {
        server.get(&format!("{PLUGINS}/teller")).await.expect_status(200).data()["signingKeys"][at].clone()
    };
    let (receipts, letters) =
        (format!("{PLUGINS}/teller/signing-keys/receipts"), format!("{PLUGINS}/teller/signing-keys/letters"));
    let unset = json!({ "name": "receipts", "title": "Receipts", "algorithm": "es256", "usable": false, "current": null, "earlier": [] });
    assert_eq!(state(0).await, unset);
    server.put(&receipts, json!({})).await.expect_status(204);
    let first = state(0).await;
    assert_eq!((&first["usable"], &first["current"]["jwk"]["kid"]), (&json!(true), &first["current"]["kid"]));
    assert!(first["current"]["pem"].as_str().unwrap().starts_with("-----BEGIN PUBLIC KEY-----"));
    server.put(&receipts, json!({ "pem": null })).await.expect_status(204);
    assert_eq!(state(0).await["earlier"][0]["kid"], first["current"]["kid"]);
    let signed = server.post("/api/teller/ask", json!({ "do": "sign", "key": "receipts", "data": "a" })).await;
    assert_eq!(signed.expect_status(200).body["kid"], state(0).await["current"]["kid"]);
    let pem = std::fs::read_to_string(root().join("core/seals/tests/openssl/rsa/key.pem")).unwrap();
    for (path, key, why) in [
        (&receipts, pem.as_str(), "es256 needs an elliptic curve key on P-256"),
        (&letters, "swordfish", "expected a private key in PEM"),
        (&letters, "", "expected a private key in PEM"),
    ] {
        let refused = server.put(path, json!({ "pem": key })).await.expect_status(400);
        assert!(refused.text().contains(why) && !refused.text().contains("swordfish"), "{}", refused.text());
    }
    server.put(&letters, json!({ "pem": pem })).await.expect_status(204);
    assert_eq!(state(1).await["usable"], true);
    server.process.default_tenant().engine.run_until_idle().await.unwrap();
    let secret = pem.lines().nth(3).unwrap();
    for place in [
        format!("{PLUGINS}/teller"),
        format!("{PLUGINS}/teller/logs"),
        "/admin/api/audit?limit=100".to_owned(),
        "/admin/api/events?limit=100".to_owned(),
    ] {
        let response = server.get(&place).await.expect_status(200).text();
        assert!(!response.contains(secret) && !response.contains("\"d\":"), "{place}: {response}");
    }
    assert!(is_in_files(&server.project.path(), "receipts") && !is_in_files(&server.project.path(), secret));
    server.put(&format!("{PLUGINS}/teller/signing-keys/other"), json!({})).await.expect_status(404);
    for body in [json!({ "pem": 1 }), json!({ "key": "x" }), json!([])] {
        server.put(&letters, body).await.expect_status(400);
    }
    server.delete(&receipts).await.expect_status(204);
    server.delete(&receipts).await.expect_status(404);
    assert_eq!(state(0).await, unset);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_in_secrets_are_checked_and_stored_encrypted() {
    let server = TestServer::start().await;
    let staged = stage_teller(&server).await;
    assert!(staged.text().contains("the address in the secret \u{201c}team-chat\u{201d}"), "{}", staged.text());
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    let path = format!("{PLUGINS}/teller/secrets/team-chat");
    for (bad, why) in [
        ("http://hooks.example.com/Swordfish-98765", "must begin with https://"),
        ("Swordfish-98765", "must begin with https://"),
        ("https://Swordfish-98765@hooks.example.com/", "must not contain a user"),
        ("https://hooks.example.com/ Swordfish-98765", "spaces"),
        ("https://hooks.example.com:25/Swordfish-98765", "port 25"),
    ] {
        let refused = server.put(&path, json!({ "value": bad })).await.expect_status(400).text();
        assert!(refused.contains(why) && !refused.contains("Swordfish"), "{refused}");
    }
    // An address of this machine, so that nothing is sent: which is no more the plugin's to know.
    let address = "https://127.0.0.1:1/services/Swordfish-98765";
    server.put(&path, json!({ "value": address })).await.expect_status(204);
    let shown = server.get(&format!("{PLUGINS}/teller")).await.expect_status(200);
    let expected = json!({ "name": "team-chat", "set": true, "isAddress": true, "host": "127.0.0.1" });
    assert_eq!(shown.data()["secrets"][0], expected);
    let ask = json!({ "do": "chat", "secret": "team-chat", "body": { "text": "Sold" } });
    let refused = server.post("/api/teller/ask", ask).await.expect_status(403);
    assert!(!refused.text().contains("127.0.0.1"), "{}", refused.text());
    server.process.default_tenant().engine.run_until_idle().await.unwrap();
    for place in [
        format!("{PLUGINS}/teller"),
        format!("{PLUGINS}/teller/logs"),
        format!("{PLUGINS}/teller/calls"),
        "/admin/api/audit?limit=100".to_owned(),
        "/admin/api/events?limit=100".to_owned(),
    ] {
        let response = server.get(&place).await.expect_status(200).text();
        assert!(!response.contains("Swordfish"), "{place}: {response}");
    }
    let project = &server.project.path();
    assert!(is_in_files(project, "team-chat") && !is_in_files(project, "Swordfish"));
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_and_failed_calls_are_paginated_and_filtered() {
    let server = server_with_allow_plugin().await;
    let lines: Vec<NewLog> = (0..25)
        .map(|n| NewLog {
            plugin: "allow".to_owned(),
            at: n,
            level: if n % 5 == 0 { LogLevel::Error } else { LogLevel::Info },
            message: format!("line {n} 100%_done"),
            fields: json!({ "n": n }),
            call: None,
        })
        .collect();
    let calls: Vec<RecordedCall> = (0..12)
        .map(|n| RecordedCall {
            call: FailedCall {
                id: format!("call-{n}"),
                plugin: "allow".to_owned(),
                version: "1.0.0".to_owned(),
                export: "http-handler".to_owned(),
                name: "echo".to_owned(),
                at: n / 2,
                took_us: 10,
                kind: if n % 3 == 0 { CallFailure::Deadline } else { CallFailure::Trap },
                message: "it ended".to_owned(),
                attempt: 1,
            },
            backtrace: Some("main".to_owned()),
            input: Some(json!({ "path": "/x" })),
        })
        .collect();
    let store = server.process.default_tenant().content.store().clone();
    store
        .write(move |tx| {
            tx.plugin_logs().append(&lines)?;
            calls.iter().try_for_each(|call| tx.plugin_calls().record(call))
        })
        .await
        .map_err(|e: cairn_store::StoreError| e.to_string())
        .unwrap();
    let pages = async |kind: &str, query: &str| {
        let (mut all, mut before) = (Vec::new(), String::new());
        loop {
            let page = server.get(&format!("{PLUGINS}/allow/{kind}?limit=10{query}{before}")).await.expect_status(200);
            all.extend(page.data().as_array().unwrap().iter().map(|row| row["id"].to_string()));
            match page.body["next"].as_str() {
                Some(next) => before = format!("&before={next}"),
                None => return all,
            }
        }
    };
    let logs = pages("logs", "&search=line").await;
    assert_eq!(logs.len(), 25);
    assert_eq!(pages("logs", "&search=line&level=error").await.len(), 5);
    assert_eq!(pages("logs", "&search=100%25_d").await.len(), 25);
    assert_eq!(pages("logs", "&search=100__").await.len(), 0);
    let calls = pages("calls", "").await;
    assert_eq!((calls.len(), calls.iter().collect::<std::collections::BTreeSet<_>>().len()), (12, 12));
    assert_eq!(pages("calls", "&kind=deadline").await.len(), 4);
    let one = server.get(&format!("{PLUGINS}/allow/calls/call-3")).await.expect_status(200);
    assert_eq!((&one.data()["backtrace"], &one.data()["input"]), (&json!("main"), &json!({ "path": "/x" })));
    assert_eq!(server.get(PLUGINS).await.data()[0]["failures"], 12);
    server.delete(&format!("{PLUGINS}/allow/calls/call-3")).await.expect_status(204);
    server.get(&format!("{PLUGINS}/allow/calls/call-3")).await.expect_status(404);
    server.delete(&format!("{PLUGINS}/allow/calls")).await.expect_status(204);
    assert_eq!(pages("calls", "").await.len(), 0);
    for bad in [
        "logs?before=x",
        "logs?level=loud",
        "logs?limit=x",
        "calls?before=1",
        "calls?before=x.y",
        "calls?kind=bad",
        &format!("logs?search={}", "x".repeat(300)),
    ] {
        server.get(&format!("{PLUGINS}/allow/{bad}")).await.expect_status(400);
    }
}
