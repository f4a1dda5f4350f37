//! Operations on plugins that fail and plugins that go: calls made again, exports, figures, what stays.

use super::{PLUGINS, allow_package, guest, install, server_with_allow_plugin, stage};
use cairn_assets::{IncomingFile, UploadLimits};
use cairn_content::{FileInfo, RequestContext, Upload};
use cairn_plugin_package::package::pack;
use cairn_query::Access;
use cairn_store::events::{Actor, ActorKind};
use cairn_testkit::{FULL_TOKEN, TestServer};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

const CALLS: &str = "/admin/api/plugins/allow/calls";

async fn calls(server: &TestServer) -> Vec<String> {
    server.get(CALLS).await.expect_status(200).text_column("id")
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_events_can_be_replayed() {
    let server = server_with_allow_plugin().await;
    let note =
        server.create_entry("/api/allow/notes", json!({ "title": "trap" })).await.expect_status(201).document_id();
    server.run_until_idle().await;
    let before = calls(&server).await;
    assert!(!before.is_empty());
    let replay = async |call: &str, query: &str| server.post(&format!("{CALLS}/{call}/replay{query}"), json!({})).await;
    let failed = replay(&before[0], "?dryRun=true").await.expect_status(200);
    assert_eq!((&failed.data()["outcome"], &failed.data()["dryRun"]), (&json!("failed"), &json!(true)));
    assert!(failed.data()["message"].as_str().unwrap().contains("asked for a trap"), "{}", failed.text());
    server.update_entry(&format!("/api/allow/notes/{note}"), json!({ "title": "mended" })).await.expect_status(200);
    let tried = replay(&before[0], "?dryRun=true").await.expect_status(200);
    assert_eq!(tried.data()["outcome"], "worked", "{}", tried.text());
    assert_eq!(calls(&server).await, before);
    let worked = replay(&before[0], "").await.expect_status(200);
    assert_eq!(
        (&worked.data()["outcome"], &worked.data()["logs"]),
        (&json!("worked"), &json!([])),
        "{}",
        worked.text()
    );
    assert_eq!(calls(&server).await.len(), before.len() - 1);
    // The others were about the same event.
    for call in &before[1..] {
        assert_eq!(replay(call, "").await.expect_status(200).data()["outcome"], "before");
    }
    assert_eq!(calls(&server).await, Vec::<String>::new());
    replay(&before[0], "").await.expect_status(404);
    server.run_until_idle().await;
    let audit = server.get("/admin/api/audit?action=plugin.replayed").await.expect_status(200);
    let details = audit.data_column("details");
    assert_eq!(details.len(), before.len() + 2, "{}", audit.text());
    assert!(details.iter().any(|d| d["call"] == json!(before[0]) && d["outcome"] == "worked" && d["dryRun"] == false));
}

#[tokio::test(flavor = "multi_thread")]
async fn impossible_replays_are_rejected_with_a_reason() {
    let server = server_with_allow_plugin().await;
    server.public_client().get("/api/allow/error/trap").await.expect_status(502);
    let call = calls(&server).await.remove(0);
    let replay = async |path: &str| server.post(path, json!({})).await;
    let failed = replay(&format!("{CALLS}/{call}/replay")).await.expect_status(200);
    assert_eq!(failed.data()["outcome"], "failed");
    // The call itself, and the one that was made again.
    assert_eq!(calls(&server).await.len(), 2);
    for nowhere in [
        format!("{CALLS}/nothing/replay"),
        format!("{PLUGINS}/nobody/calls/{call}/replay"),
        format!("{CALLS}/{}/replay", "x".repeat(3_000)),
        format!("{CALLS}/%00/replay"),
    ] {
        replay(&nowhere).await.expect_status(404);
    }
    for bad in ["?dryRun=perhaps", "?dryRun="] {
        replay(&format!("{CALLS}/{call}/replay{bad}")).await.expect_status(400);
    }
    server.post(&format!("{PLUGINS}/allow/disable"), json!({})).await.expect_status(200);
    let refused = replay(&format!("{CALLS}/{call}/replay")).await.expect_status(409);
    assert!(refused.message().contains("switch it on first"), "{}", refused.message());
    let dry = replay(&format!("{CALLS}/{call}/replay?dryRun=true")).await.expect_status(200);
    assert_eq!(dry.data()["outcome"], "failed", "{}", dry.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn plugin_data_is_exported_before_uninstall() {
    let server = server_with_allow_plugin().await;
    for n in 0..300 {
        let title = format!("{n} {}", "x".repeat(100));
        server.create_entry("/api/allow/plains", json!({ "title": title })).await.expect_status(201);
    }
    server
        .public_client()
        .post("/api/allow/enqueue", json!({ "name": "steps", "payload": { "name": "kept" } }))
        .await
        .expect_status(202);
    server.run_until_idle().await;
    let exported = server.get(&format!("{PLUGINS}/allow/export")).await.expect_status(200);
    assert_eq!(exported.header("content-type"), "application/x-ndjson");
    assert!(
        exported.header("content-disposition").contains("allow-1.0.0-"),
        "{}",
        exported.header("content-disposition")
    );
    let text = exported.text();
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["plugin"], &lines[0]["version"]), (&json!("allow"), &json!("1.0.0")));
    assert_eq!(lines.iter().filter(|line| line.to_string().contains("\"plugin::allow.plain\"")).count(), 300);
    assert!(lines.iter().any(|line| line["key"] == "steps/kept"), "{}", lines.last().unwrap());
    server.get(&format!("{PLUGINS}/nobody/export")).await.expect_status(404);
    // Clients that break off an export do not disturb the server.
    for _ in 0..8 {
        drop(server.request("GET", &format!("{PLUGINS}/allow/export")).send().await.unwrap());
    }
    server.delete(&format!("{PLUGINS}/allow?data=delete")).await.expect_status(204);
    server.get(&format!("{PLUGINS}/allow/export")).await.expect_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn plugin_usage_is_reported_as_openmetrics() {
    let server = server_with_allow_plugin().await;
    for _ in 0..3 {
        server.public_client().get("/api/allow/read-notes").await.expect_status(200);
    }
    server.public_client().get("/api/allow/error/trap").await.expect_status(502);
    let metrics = server.get("/admin/api/metrics").await.expect_status(200);
    assert!(metrics.header("content-type").starts_with("application/openmetrics-text"));
    let text = metrics.text();
    let metric_value = |name: &str, labels: &[&str]| {
        let all = ["plugin=\"allow\"", "export=\"route\""].iter().chain(labels);
        let fits =
            |line: &&str| line.starts_with(&format!("{name}{{")) && all.clone().all(|label| line.contains(label));
        let line = text.lines().find(fits).unwrap_or_else(|| panic!("{name} {labels:?}\n{text}"));
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    // The host is that of all tests of the process.
    let notes = "name=\"notes\"";
    assert!(metric_value("cairn_plugins_call_seconds_count", &[notes]) >= 3.0);
    assert!(metric_value("cairn_plugins_call_seconds_bucket", &[notes, "le=\"+Inf\""]) >= 3.0);
    assert!(metric_value("cairn_plugins_call_seconds_sum", &[notes]) > 0.0);
    assert!(metric_value("cairn_plugins_failures_total", &["name=\"error\"", "kind=\"trap\""]) >= 1.0);
    assert!(metric_value("cairn_plugins_host_calls_total", &[notes]) >= 3.0);
    assert!(metric_value("cairn_plugins_memory_peak_bytes", &[notes]) >= 65_536.0);
    assert!(text.ends_with("# EOF\n"));
    for family in text.lines().filter(|line| line.starts_with("# TYPE")) {
        assert_eq!(text.matches(family).count(), 1, "{family}");
    }
    server.public_client().get("/admin/api/metrics").await.expect_status(401);
    server.read_only().get("/admin/api/metrics").await.expect_status(401);
    let token = json!([{ "name": "full", "type": "full-access", "token": FULL_TOKEN }]);
    server
        .apply_settings(json!({ "tenants": { "cars": { "hosts": ["cars.example.com"], "settings": { "apiTokens": token, "adminTokens": [cairn_testkit::admin_token()] } } } }))
        .await;
    server.with_host("cars.example.com").get("/admin/api/metrics").await.expect_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn content_retained_after_uninstall_is_read_only() {
    let server = server_with_allow_plugin().await;
    let id =
        server.create_entry("/api/allow/plains", json!({ "title": "kept" })).await.expect_status(201).document_id();
    let entry = format!("/api/allow/plains/{id}");
    server.delete(&format!("{PLUGINS}/allow?data=keep")).await.expect_status(204);
    assert_eq!(server.get(&entry).await.expect_status(200).data()["title"], "kept");
    let change = || json!({ "data": { "title": "other" } });
    let refused = server.post("/api/allow/plains", change()).await.expect_status(403);
    assert!(refused.message().contains("install the plugin again"), "{}", refused.message());
    server.put(&entry, change()).await.expect_status(403);
    server.delete(&entry).await.expect_status(403);
    // The refusal outlasts a restart, and ends when the plugin is back.
    let server = server.stop().await.restart_server().await;
    server.put(&entry, change()).await.expect_status(403);
    server.get(&entry).await.expect_status(200);
    let staged = stage(&server, &allow_package("1.0.0", None, |text| text)).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    server.update_entry(&entry, json!({ "title": "other" })).await.expect_status(200);
    server.delete(&format!("{PLUGINS}/allow?data=keep")).await.expect_status(204);
    server.delete(&format!("{PLUGINS}/allow?data=delete")).await.expect_status(204);
    server.get(&entry).await.expect_status(404);
}

/// A file that somebody adds: its number and its document id.
async fn store_file(server: &TestServer, name: &str, actor: Actor) -> (i64, String) {
    // The tenant is opened anew by an installation.
    let tenant = server.process.default_tenant();
    let mut temp = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut temp, name.as_bytes()).unwrap();
    let incoming = IncomingFile {
        file_name: name.to_owned(),
        given_name: None,
        declared_mime: Some("text/plain".to_owned()),
        temp: temp.into_temp_path(),
        sha256: None,
        replaces: None,
    };
    let (access, actor) = (Arc::new(Access::full()), Arc::new(actor));
    let content_type = tenant.content.registry().file_type().id;
    let context = RequestContext {
        access: &access,
        content_type,
        query: cairn_query::Query::empty(),
        default_locale: "",
        actor: &actor,
    };
    let upload = Upload { incoming, info: FileInfo::default() };
    let limits = UploadLimits { max_bytes: 1 << 20 };
    let added = tenant.content.add_files(&context, tenant.assets.clone(), limits, vec![upload], None).await.unwrap();
    let answer = server.get("/api/upload/files").await.expect_status(200);
    let file = answer.body.as_array().unwrap().iter().find(|file| file["documentId"] == json!(added[0])).unwrap();
    (file["id"].as_i64().unwrap(), added[0].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn uninstall_deletes_plugin_files_that_no_entry_uses() {
    let server = server_with_allow_plugin().await;
    // Two files are stored by the plugin, and one is uploaded by a user.
    let plugin = Actor { kind: ActorKind::Plugin, id: Some("allow".into()), ..Actor::public() };
    let mut ids = Vec::new();
    for (name, actor) in [("own.txt", plugin.clone()), ("used.txt", plugin), ("theirs.txt", Actor::admin(1, "Ann"))] {
        ids.push(store_file(&server, name, actor).await);
    }
    server
        .create_entry("/api/articles", json!({ "title": "With a picture", "cover": ids[1].0 }))
        .await
        .expect_status(201);
    server.delete(&format!("{PLUGINS}/allow?data=delete")).await.expect_status(204);
    let file_status = async |n: usize| server.get(&format!("/api/upload/files/{}", ids[n].0)).await.status;
    assert_eq!((file_status(0).await, file_status(1).await, file_status(2).await), (404, 200, 200));
    let tenant = server.process.default_tenant();
    let trashed = tenant.content.store().read(|r| r.assets().get(&ids[0].1)).unwrap().unwrap();
    assert!(trashed.deleted_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn required_plugins_cannot_be_disabled_or_uninstalled() {
    let server = server_with_allow_plugin().await;
    let needs = |text: String| {
        let requires = "requires = { cairn = \">=0.1\", plugins = { allow = \"^1\" } }";
        text.replace("requires = { cairn = \">=0.1\" }", requires)
    };
    let staged = stage(&server, &pack(&guest("policy", needs), None).unwrap()).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    let refused = server.post(&format!("{PLUGINS}/allow/disable"), json!({})).await.expect_status(409);
    assert_eq!(refused.details()["plugins"], json!(["policy"]), "{}", refused.text());
    for data in ["keep", "delete"] {
        server.delete(&format!("{PLUGINS}/allow?data={data}")).await.expect_status(409);
    }
    assert_eq!(server.get(&format!("{PLUGINS}/allow")).await.expect_status(200).data()["running"], true);
    server.post(&format!("{PLUGINS}/policy/disable"), json!({})).await.expect_status(200);
    server.post(&format!("{PLUGINS}/allow/disable"), json!({})).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_plugins_are_quarantined_until_enabled_again() {
    let server = server_with_allow_plugin().await;
    // Two of its routes and a job fail so often that each is left alone.
    for path in ["error/trap", "large?bytes=1000000000"] {
        for _ in 0..5 {
            server.public_client().get(&format!("/api/allow/{path}")).await.expect_status(502);
        }
    }
    for n in 0..5 {
        let job = json!({ "name": "unsteady", "key": n.to_string(), "payload": { "end": "trap" } });
        server.public_client().post("/api/allow/enqueue", job).await.expect_status(202);
    }
    let get_plugin = async |server: &TestServer| server.get(&format!("{PLUGINS}/allow")).await.expect_status(200);
    let mut plugin_answer = get_plugin(&server).await;
    for _ in 0..200 {
        if plugin_answer.data()["state"] == "quarantined" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        plugin_answer = get_plugin(&server).await;
    }
    assert_eq!(
        (&plugin_answer.data()["state"], &plugin_answer.data()["running"]),
        (&json!("quarantined"), &json!(false)),
        "{}",
        plugin_answer.text()
    );
    let reason = plugin_answer.data()["reason"].clone();
    assert!(reason.as_str().is_some_and(|reason| reason.contains("trap")), "{reason}");
    server.public_client().get("/api/allow/read-notes").await.expect_status(503);
    // Entries that need the plugin's hooks are not stored without them.
    let unasked = async |server: &TestServer| {
        let refused = server.post("/api/allow/notes", json!({ "data": { "title": "bad" } })).await.expect_status(503);
        assert!(refused.message().contains("\"allow\""), "{}", refused.text());
        assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
        // Content types without hooks refuse writes as well.
        let plain = server.post("/api/allow/plains", json!({ "data": { "title": "bad" } })).await.expect_status(503);
        assert_eq!(plain.details()["cause"], "quarantined", "{}", plain.text());
        assert_eq!(server.get("/api/allow/notes").await.expect_status(200).data(), &json!([]));
    };
    unasked(&server).await;
    let server = server.stop().await.restart_server().await;
    let answer = get_plugin(&server).await;
    assert_eq!((&answer.data()["state"], &answer.data()["reason"]), (&json!("quarantined"), &reason));
    server.public_client().get("/api/allow/read-notes").await.expect_status(503);
    unasked(&server).await;
    server.post(&format!("{PLUGINS}/allow/enable"), json!({})).await.expect_status(200);
    server.public_client().get("/api/allow/read-notes").await.expect_status(200);
    server.post("/api/allow/notes", json!({ "data": { "title": "bad" } })).await.expect_status(400);
    server.create_entry("/api/allow/notes", json!({ "title": "good" })).await.expect_status(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_are_asked_for_their_own_health() {
    let server = server_with_allow_plugin().await;
    let report = async || server.get(&format!("{PLUGINS}/allow/health-report")).await.expect_status(200);
    assert_eq!(report().await.data(), &json!({ "ok": true, "detail": "fine" }));
    server.post(&format!("{PLUGINS}/allow/disable"), json!({})).await.expect_status(200);
    assert_eq!(report().await.data(), &json!({ "ok": null, "detail": "" }));
    server.get(&format!("{PLUGINS}/nothing/health-report")).await.expect_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn operator_templates_override_plugin_templates() {
    let server = TestServer::start().await;
    let teller = |version: &str| {
        // The guest imports this capability and does not use it here.
        let grant = "[[grant]]\nuse = \"data.read\"\ntypes = [\"api::article.article\"]\nreason = \"Reads.\"\n";
        let versioned = |text: String| {
            format!("{}\n{grant}", text.replace("version = \"1.0.0\"", &format!("version = \"{version}\"")))
        };
        pack(&guest("teller", versioned), None).unwrap()
    };
    let token = json!([{ "name": "full", "type": "full-access", "token": FULL_TOKEN }]);
    server
        .apply_settings(json!({ "tenants": { "cars": { "hosts": ["cars.example.com"], "settings": { "apiTokens": token, "adminTokens": [cairn_testkit::admin_token()] } } } }))
        .await;
    let cars = server.with_host("cars.example.com");
    for client in [&*server, &cars] {
        let staged = stage(client, &teller("1.0.0")).await.expect_status(201);
        install(client, &staged, json!({ "unsigned": true })).await.expect_status(201);
    }
    let subject = async |client: &cairn_testkit::TestClient, locale: &str| {
        let request = json!({ "do": "render", "template": "hello", "locale": locale, "model": { "name": "Ann" } });
        client.post("/api/teller/ask", request).await.expect_status(200).body["subject"].as_str().unwrap().to_owned()
    };
    let own = (subject(&server, "en").await, subject(&cars, "en").await);
    assert_eq!(own, ("Hello Ann".to_owned(), "Hello Ann".to_owned()));
    let place = |below: &str, name: &str, text: &str| {
        let folder = server.project.path().join(below).join("plugins/teller/templates");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), text).unwrap();
    };
    let text = |subject: &str| format!("subject = \"{subject} {{{{name}}}}\"\ntext = \"t\"\nhtml = \"<p>h</p>\"\n");
    place("", "hello.en.toml", &text("Good day"));
    place("", "hello.fr.toml", &text("Bonjour"));
    place("tenants/cars", "hello.en.toml", &text("Vroom"));
    // Broken ones are told, and the plugin's own holds.
    place("tenants/cars", "hello.nl.toml", "subject = \"{{name\"\n");
    place("tenants/cars", "hello.toml", &text("No locale"));
    let switched = async |client: &cairn_testkit::TestClient| {
        for step in ["disable", "enable"] {
            client.post(&format!("{PLUGINS}/teller/{step}"), json!({})).await.expect_status(200);
        }
    };
    switched(&server).await;
    switched(&cars).await;
    assert_eq!(subject(&server, "en").await, "Good day Ann");
    assert_eq!(subject(&server, "fr").await, "Bonjour Ann");
    assert_eq!(subject(&cars, "en").await, "Vroom Ann");
    assert_eq!(subject(&cars, "fr").await, "Bonjour Ann");
    assert_eq!(subject(&cars, "nl").await, subject(&server, "nl").await);
    // The operator's templates still apply after an upgrade.
    let staged = stage(&server, &teller("1.1.0")).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    assert_eq!(subject(&server, "en").await, "Good day Ann");
    assert_eq!(subject(&server, "fr").await, "Bonjour Ann");
}

#[tokio::test(flavor = "multi_thread")]
async fn plugin_content_types_cannot_be_changed_in_the_builder() {
    let server = server_with_allow_plugin().await;
    let file = server.project.path().join("plugins/allow/content-types/plain/schema.json");
    let before = std::fs::read_to_string(&file).unwrap();
    let mut schema: Json = serde_json::from_str(&before).unwrap();
    schema["attributes"]["more"] = json!({ "type": "string" });
    for change in [schema, Json::Null] {
        for path in ["plan", "apply"] {
            let body = json!({ "contentTypes": { "plugin::allow.plain": change } });
            let refused = server.post(&format!("/admin/api/content-types/{path}"), body).await.expect_status(400);
            let problem = &refused.details()["problems"][0];
            assert_eq!(problem["file"], "plugin::allow.plain", "{}", refused.text());
            assert!(problem["message"].as_str().unwrap().contains("belongs to the plugin allow"), "{problem}");
        }
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    server.create_entry("/api/allow/plains", json!({ "title": "as ever" })).await.expect_status(201);
}
