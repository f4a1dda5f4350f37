//! From a package to a plugin that runs.

use super::{PLUGINS, allow_package, guest, install, server_with_allow_plugin, stage};
use cairn_plugin_package::KeyPair;
use cairn_plugin_package::package::pack;
use cairn_testkit::TestServer;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn staged_package_is_installed_and_runs_after_consent() {
    let server = TestServer::start().await;
    let key = KeyPair::generate();
    let staged = stage(&server, &allow_package("1.0.0", Some(&key), |text| text)).await.expect_status(201);
    let view = staged.data();
    assert_eq!((&view["decision"], &view["installed"], &view["needs"]), (&json!("install"), &json!(null), &json!([])));
    assert_eq!((&view["signed"], &view["publisher"]), (&json!(true), &json!(key.public().to_string())));
    assert_eq!(view["contentTypes"].as_array().unwrap().len(), 7);
    assert!(view["contentTypes"].as_array().unwrap().iter().all(|ct| ct["isNew"] == true), "{view:#}");
    let sentences: Vec<&str> =
        view["grants"].as_array().unwrap().iter().map(|line| line["sentence"].as_str().unwrap()).collect();
    assert!(sentences.contains(&"Stores small private state"), "{sentences:?}");
    // Staging installs nothing yet.
    assert_eq!(server.get(PLUGINS).await.expect_status(200).data(), &json!([]));
    assert_eq!(server.public_client().get("/api/allow/read-notes").await.status, 404);

    let answer = install(&server, &staged, json!({})).await.expect_status(201);
    assert_eq!(
        (&answer.data()["state"], &answer.data()["running"]),
        (&json!("enabled"), &json!(true)),
        "{}",
        answer.text()
    );
    // The plugin's route, content types and hooks are in use.
    server.public_client().get("/api/allow/read-notes").await.expect_status(200);
    let refused = server.post("/api/allow/notes", json!({ "data": { "title": "refuse this" } })).await;
    assert!(refused.status == 400 || refused.status == 201, "{}", refused.text());
    server.get("/api/allow/plains").await.expect_status(200);
    let list = server.get(PLUGINS).await.expect_status(200);
    assert_eq!(list.data()[0]["id"], "allow");
    // The staged package is used up.
    let test_answer = install(&server, &staged, json!({})).await;
    assert_eq!(test_answer.status, 400, "{}", test_answer.text());
    // The audit log has the installation and who did it.
    server.process.default_tenant().engine.run_until_idle().await.unwrap();
    let audit = server.get("/admin/api/audit?limit=50").await.expect_status(200);
    let entry = audit.data().as_array().unwrap().iter().find(|entry| entry.to_string().contains("plugin.installed"));
    assert!(entry.is_some_and(|entry| entry.to_string().contains("Stores small private state")), "{}", audit.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn unsigned_older_or_rekeyed_packages_are_rejected_by_default() {
    let server = TestServer::start().await;
    let (key, other) = (KeyPair::generate(), KeyPair::generate());
    let unsigned = stage(&server, &allow_package("1.0.0", None, |text| text)).await.expect_status(201);
    assert_eq!(unsigned.data()["needs"], json!(["unsigned"]));
    let refused = install(&server, &unsigned, json!({})).await.expect_status(400);
    assert!(refused.message().contains("not signed"), "{}", refused.message());
    assert_eq!(server.get(PLUGINS).await.data(), &json!([]));

    let first = stage(&server, &allow_package("1.2.0", Some(&key), |text| text)).await.expect_status(201);
    install(&server, &first, json!({})).await.expect_status(201);
    // Another's key is refused whatever is said.
    let rekeyed = stage(&server, &allow_package("1.3.0", Some(&other), |text| text)).await.expect_status(201);
    assert_eq!(rekeyed.data()["decision"], "refused");
    let reason = rekeyed.data()["reason"].as_str().unwrap();
    assert!(reason.contains(&key.public().to_string()), "{reason}");
    install(&server, &rekeyed, json!({ "unsigned": true, "older": true })).await.expect_status(400);
    // A downgrade must be confirmed.
    let older = stage(&server, &allow_package("1.1.0", Some(&key), |text| text)).await.expect_status(201);
    assert_eq!((&older.data()["decision"], &older.data()["needs"]), (&json!("older"), &json!(["older"])));
    install(&server, &older, json!({})).await.expect_status(400);
    let back = install(&server, &older, json!({ "older": true })).await.expect_status(201);
    assert_eq!((&back.data()["version"], &back.data()["previous"]), (&json!("1.1.0"), &json!("1.2.0")));
    // The previous package is still stored, so a rollback goes forward again.
    let forth = server.post(&format!("{PLUGINS}/allow/rollback"), json!({})).await.expect_status(200);
    assert_eq!((&forth.data()["version"], &forth.data()["running"]), (&json!("1.2.0"), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn upgrades_list_new_grants_and_require_the_needed_ones() {
    let server = server_with_allow_plugin().await;
    let add_mail_grant = |text: String| {
        format!("{text}\n[[grant]]\nuse = \"mail\"\nmax-per-hour = 5\nreason = \"to write\"\noptional = true\n")
    };
    let staged = stage(&server, &allow_package("1.1.0", None, add_mail_grant)).await.expect_status(201);
    let lines = staged.data()["grants"].as_array().unwrap();
    let new: Vec<&str> =
        lines.iter().filter(|line| line["isNew"] == true).map(|line| line["sentence"].as_str().unwrap()).collect();
    assert_eq!(new, ["Sends up to 5 mails an hour"]);
    assert!(staged.data()["contentTypes"].as_array().unwrap().iter().all(|ct| ct["isNew"] == false));
    // An optional grant may be left out and granted later; a required one may not be left out.
    let body = json!({ "digest": staged.data()["digest"], "grants": [0, 1, 2], "unsigned": true });
    let test_answer = server.post(PLUGINS, body).await.expect_status(201);
    let mail = |answer: &cairn_testkit::TestResponse| answer.data()["grants"][3]["granted"].clone();
    assert_eq!(mail(&test_answer), json!(false));
    let granted_answer =
        server.put(&format!("{PLUGINS}/allow/grants"), json!({ "grants": [0, 1, 2, 3] })).await.expect_status(200);
    assert_eq!((mail(&granted_answer), &granted_answer.data()["running"]), (json!(true), &json!(true)));
    for grants in [json!([0, 1]), json!([0, 1, 2, 9])] {
        let refused =
            server.put(&format!("{PLUGINS}/allow/grants"), json!({ "grants": grants })).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!(["grants"]), "{}", refused.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn upgrades_list_new_hooks_and_routes_for_consent() {
    let server = server_with_allow_plugin().await;
    let add_route_and_hook = |text: String| {
        format!(
            "{text}\n[[route]]\nname = \"open\"\nmethod = \"GET\"\npath = \"/open\"\nauth = \"none\"\n\n[[grant]]\nuse = \"data.read\"\n\
             types = [\"api::article.article\"]\n[[hook]]\nname = \"grab\"\non = [\"api::article.article:update\"]\n"
        )
    };
    let staged = stage(&server, &allow_package("1.1.0", None, add_route_and_hook)).await.expect_status(201);
    let new: Vec<&str> = staged.data()["does"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["isNew"] == true)
        .map(|line| line["sentence"].as_str().unwrap())
        .collect();
    let hook = "When api::article.article is updated: sees the fields that it may read and may refuse the change";
    let route = "Handles GET /api/allow/open: anyone may call this";
    assert_eq!(new, [hook, route], "{}", staged.text());
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    server.process.default_tenant().engine.run_until_idle().await.unwrap();
    let audit = server.get("/admin/api/audit?limit=50").await.expect_status(200);
    let entry = audit.data().as_array().unwrap().iter().find(|entry| entry.to_string().contains("plugin.upgraded"));
    let entry = entry.unwrap_or_else(|| panic!("{}", audit.text())).to_string();
    assert!(entry.contains(hook) && entry.contains(route), "{entry}");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_packages_and_digests_are_rejected() {
    let server = TestServer::start().await;
    let good = allow_package("1.0.0", None, |text| text);
    for (bytes, says) in [
        (Vec::new(), "damaged"),
        (b"not a package".to_vec(), "damaged"),
        (good[..good.len() / 2].to_vec(), "damaged"),
        ([&good[..], b"more"].concat(), "extra data after its end"),
    ] {
        let refused = stage(&server, &bytes).await.expect_status(400);
        assert!(refused.message().contains(says), "{}", refused.message());
    }
    // The manifest has a grant that is not used, or a missing content type: the error names the line of plugin.toml. `pack` does not check.
    let files = guest("allow", |text| text.replace("plugin::allow.counted:create", "plugin::allow.nothing:create"));
    let refused = stage(&server, &pack(&files, None).unwrap()).await.expect_status(400);
    let place = refused.details()["errors"][0]["path"][0].as_str().unwrap().to_owned();
    assert!(place.starts_with("plugin.toml:"), "{}", refused.text());
    // An unknown digest installs nothing, and a refused package is not retained.
    let nowhere = server.post(PLUGINS, json!({ "digest": "0".repeat(64), "grants": [] })).await.expect_status(400);
    assert_eq!(nowhere.details()["errors"][0]["path"], json!(["digest"]));
    for digest in ["../../etc/passwd", "", "x", &"A".repeat(64)] {
        server.post(PLUGINS, json!({ "digest": digest, "grants": [] })).await.expect_status(400);
    }
    for body in [
        json!({}),
        json!({ "digest": 1, "grants": [] }),
        json!({ "digest": "x", "grants": [-1] }),
        json!({ "digest": "x", "grants": [], "more": 1 }),
    ] {
        assert_eq!(server.post(PLUGINS, body).await.status, 400);
    }
    let staged = stage(&server, &good).await.expect_status(201);
    let digest = staged.data()["digest"].as_str().unwrap().to_owned();
    server.delete(&format!("{PLUGINS}/packages/{digest}")).await.expect_status(204);
    server.delete(&format!("{PLUGINS}/packages/{digest}")).await.expect_status(404);
    assert_eq!(install(&server, &staged, json!({ "unsigned": true })).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicting_content_types_are_rejected_without_changes() {
    let server = server_with_allow_plugin().await;
    server.create_entry("/api/allow/plains", json!({ "title": "kept" })).await.expect_status(201);
    let mut files = guest("allow", |text| text.replace("version = \"1.0.0\"", "version = \"1.1.0\""));
    // The title, a text, becomes a number.
    let path = "content-types/plain/schema.json";
    let schema = String::from_utf8(files.get(path).unwrap().to_vec()).unwrap();
    let mut schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    schema["attributes"]["title"] = json!({ "type": "integer" });
    let mut changed = cairn_plugin_package::package::PackageFiles::new();
    for (name, content) in files.iter().filter(|(name, _)| *name != path) {
        changed.add(name, content.to_vec()).unwrap();
    }
    changed.add(path, schema.to_string().into_bytes()).unwrap();
    files = changed;
    let staged = stage(&server, &pack(&files, None).unwrap()).await.expect_status(201);
    let refused = install(&server, &staged, json!({ "unsigned": true })).await.expect_status(400);
    assert!(refused.message().contains("decision"), "{}", refused.message());
    let plugin = server.get(&format!("{PLUGINS}/allow")).await.expect_status(200);
    assert_eq!((&plugin.data()["version"], &plugin.data()["running"]), (&json!("1.0.0"), &json!(true)));
    let answer = server.get("/api/allow/plains").await.expect_status(200);
    assert_eq!(answer.data()[0]["title"], "kept");
    let folder = server.project.path().join("plugins");
    let names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["allow"]);
    let manifest = std::fs::read_to_string(folder.join("allow/plugin.toml")).unwrap();
    assert!(manifest.contains("version = \"1.0.0\""));
    // The content type still accepts writes.
    server.create_entry("/api/allow/plains", json!({ "title": "another" })).await.expect_status(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_succeed_while_plugins_are_installed_and_removed() {
    let server = TestServer::start().await;
    server.create_entry("/api/articles", json!({ "title": "there" })).await.expect_status(201);
    let reader = server.public_client();
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let client = server.with_token(cairn_testkit::READ_TOKEN);
    let reading = tokio::spawn(async move {
        let mut n = 0;
        while !*stopped.borrow_and_update() {
            client.get("/api/articles").await.expect_status(200);
            n += 1;
        }
        n
    });
    let staged = stage(&server, &allow_package("1.0.0", None, |text| text)).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    reader.get("/api/allow/read-notes").await.expect_status(200);
    server.delete(&format!("{PLUGINS}/allow?data=delete")).await.expect_status(204);
    assert_eq!(reader.get("/api/allow/read-notes").await.status, 404);
    stop.send(true).unwrap();
    assert!(reading.await.unwrap() > 0);
}

mod full {
    use super::*;
    use cairn_plugin_package::package::PackageFiles;
    use std::time::{Duration, Instant};
    use tokio::sync::watch;
    use tokio::task::JoinSet;

    /// The guest in Python, whose component has 18 MB, in a version whose notes have these attributes too.
    fn large_package(version: &str, added: &[&str]) -> Vec<u8> {
        let files = guest("allow-py", |text| text.replace("version = \"1.0.0\"", &format!("version = \"{version}\"")));
        assert!(files.get("plugin.wasm").is_some_and(|component| component.len() > 5_000_000));
        let mut changed = PackageFiles::new();
        for (name, bytes) in files.iter() {
            let bytes = match name {
                "content-types/note/schema.json" => {
                    let mut schema: serde_json::Value = serde_json::from_slice(bytes).unwrap();
                    for name in added {
                        schema["attributes"][name] = json!({ "type": "string" });
                    }
                    schema.to_string().into_bytes()
                }
                // Code of its own: what was compiled for another version, or another run of the tests, does not serve.
                "plugin.wasm" => [bytes, &custom_section(&format!("{version} of {}", std::process::id()))].concat(),
                _ => bytes.to_vec(),
            };
            changed.add(name, bytes).unwrap();
        }
        pack(&changed, None).unwrap()
    }

    /// A section of a component that says nothing.
    fn custom_section(text: &str) -> Vec<u8> {
        let name = u8::try_from(text.len()).unwrap();
        [&[0, name + 1, name], text.as_bytes()].concat()
    }

    /// Number of requests, and the slowest of them.
    type Load = (u64, Duration);

    /// Sends reads that no cache answers, and writes, until told to stop; every answer has to be the right one.
    fn send_requests(server: &TestServer, stopped: &watch::Receiver<bool>) -> JoinSet<Load> {
        let mut clients = JoinSet::new();
        for writes in [false, true] {
            let (client, stopped) = ((*server).clone(), stopped.clone());
            clients.spawn(async move {
                let (mut count, mut slowest) = (0, Duration::ZERO);
                while !*stopped.borrow() {
                    let begin = Instant::now();
                    if writes {
                        client.create_entry("/api/articles", json!({ "title": "more" })).await.expect_status(201);
                    } else {
                        client.get(&format!("/api/articles?filters[title]=none-{count}")).await.expect_status(200);
                    }
                    slowest = slowest.max(begin.elapsed());
                    count += 1;
                }
                (count, slowest)
            });
        }
        clients
    }

    #[tokio::test(flavor = "multi_thread")]
    #[expect(clippy::print_stdout, reason = "figures for whoever runs it")]
    async fn requests_do_not_wait_for_the_compilation_of_a_plugin() {
        let server = TestServer::start().await;
        for (version, added) in [("1.0.0", &["first"][..]), ("1.1.0", &["first", "second"])] {
            let package = large_package(version, added);
            let staged = stage(&server, &package).await.expect_status(201);
            let (stop, stopped) = watch::channel(false);
            let mut load = send_requests(&server, &stopped);
            let begin = Instant::now();
            install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
            let took = begin.elapsed();
            stop.send(true).unwrap();
            let mut slowest = Duration::ZERO;
            while let Some(load) = load.join_next().await {
                let (count, longest) = load.unwrap();
                assert!(count > 10, "{count} requests in {took:?}");
                slowest = slowest.max(longest);
            }
            // Compiling is nearly all of it, and nobody waits for that.
            println!("{version}: installed in {took:?}, the slowest request took {slowest:?}");
            assert!(slowest < took / 2, "{version}: a request took {slowest:?} of {took:?}");
        }
        server.post(&format!("{PLUGINS}/allow-py/rollback"), json!({})).await.expect_status(200);
    }
}
