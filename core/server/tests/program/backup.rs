//! `cairn backup`, `cairn restore` and `cairn export`, from every kind of database to every other.

use cairn_model::Value;
use cairn_store::assets::{Asset, AssetBlob, ImageAppearance};
use cairn_store::content::NewDocumentRow;
use cairn_store::events::Actor;
use cairn_store::{Database, Store, StoreError, StoreOptions};
use cairn_testkit::{TestProject, TestServer, extend_limit};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use totp_rs::{Algorithm, Secret, TOTP};

const PICTURE: &[u8] = include_bytes!("picture.png");

fn command(project: &TestProject, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
    command.args(args).arg("--project").arg(project.path()).env("CAIRN_LOG", "error").stdin(Stdio::null());
    let database = project.database();
    if database.is_postgres() {
        command.env("CAIRN_DATABASE_URL", database.url());
    }
    command
}

fn command_result(output: Output) -> Result<String, String> {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

fn cairn(project: &TestProject, args: &[&str]) -> Result<String, String> {
    command_result(command(project, args).output().unwrap())
}

/// `cairn backup verify`: needs no project.
fn verify(path: &Path) -> Result<String, String> {
    command_result(Command::new(env!("CARGO_BIN_EXE_cairn")).args(["backup", "verify", text(path)]).output().unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Takes a backup.
fn backup(project: &TestProject, out: &Path) -> String {
    let message = cairn(project, &["backup", "--out", text(out)]).unwrap();
    assert!(cairn(project, &["doctor"]).is_ok());
    message
}

/// The members of a backup, but for what says when and of which database it was taken.
fn members(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let gz = flate2::read::MultiGzDecoder::new(std::fs::File::open(path).unwrap());
    let mut archive = tar::Archive::new(gz);
    let mut all = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        if name == "manifest.json" {
            let mut manifest: Json = serde_json::from_slice(&bytes).unwrap();
            manifest["createdAt"] = Json::Null;
            manifest["database"] = Json::Null;
            bytes = manifest.to_string().into_bytes();
        }
        if name != "SHA256" {
            all.insert(name, bytes);
        }
    }
    all
}

fn model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../query/tests/model/content-types")
}

/// Empty projects, one on every kind of database.
fn empty_projects() -> Vec<TestProject> {
    TestProject::on_every_database().into_iter().map(|p| p.with_model(&model())).collect()
}

/// Entries with components, zones, relations, drafts, locales and files; users.
async fn fill(server: &TestServer) {
    let file = server.upload_file("picture.png", "image/png", PICTURE).await.body[0]["id"].clone();
    server.upload_file("gone.txt", "text/plain", b"nobody needs me").await;
    let author = server.create_entry("/api/authors", json!({"name": "Ann"})).await.document_id();
    let other = server.create_entry("/api/authors", json!({"name": "Bea"})).await.document_id();
    let category = server.create_entry("/api/categories", json!({"name": "Fiction"})).await.document_id();
    for i in 0..6 {
        let sections = json!([
            {"__component": "block.quote", "text": format!("é \" \\ \u{1F600} {i}")},
            {"__component": "block.hero", "heading": "A heading"},
        ]);
        let article = json!({
            "title": format!("Article {i}"), "views": i * 1_000_003, "price": 9.25, "featured": i % 2 == 0,
            "issuedOn": "2024-02-29", "seo": {"metaTitle": "Seo"}, "sections": sections,
            "authors": [other, author], "category": category, "cover": file,
        });
        let article: serde_json::Map<String, Json> = article.as_object().unwrap().clone();
        let content_type = server.app.content.registry().by_route("articles").unwrap();
        let article = article.into_iter().filter(|(name, _)| content_type.attributes.get(name).is_some()).collect();
        let document_id = server.create_entry("/api/articles", Json::Object(article)).await.document_id();
        if i == 3 {
            server
                .update_entry(&format!("/api/articles/{document_id}?status=draft"), json!({"title": "A draft"}))
                .await;
        }
        if i == 4 {
            server.delete(&format!("/api/articles/{document_id}")).await;
        }
    }
    let page = server.create_entry("/api/pages", json!({"title": "Home"})).await.document_id();
    server.update_entry(&format!("/api/pages/{page}?locale=nl"), json!({"title": "Thuis"})).await;
    server.add_user("ann", "authenticated", json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_restore_into_every_kind_of_database() {
    let folder = tempfile::tempdir().unwrap();
    for source in empty_projects() {
        let server = TestServer::start_with(source).await;
        fill(&server).await;
        let first = folder.path().join(format!("{}.tar.gz", server.project.database().is_postgres()));
        // Beside the running server.
        let message = backup(&server.project, &first);
        assert!(
            message.contains("rows of") && message.contains("5 files") && !message.contains("left out"),
            "{message}"
        );
        let verified = verify(&first).unwrap();
        assert!(verified.contains(": valid; ") && verified.contains("tenant default"), "{verified}");
        let mut before = server.dump_content().await;
        before.sort();
        let mut last_backup = first.clone();
        for (i, target) in empty_projects().into_iter().enumerate() {
            let output = cairn(&target, &["restore", text(&last_backup)]).unwrap();
            assert!(output.contains("default: restored as of"), "{output}");
            assert!(cairn(&target, &["doctor"]).unwrap().contains("ok    integrity"));
            let second = last_backup.with_extension(format!("{i}.gz"));
            backup(&target, &second);
            assert_eq!(members(&first), members(&second));
            // A second restore finds a database that is not empty.
            let error = cairn(&target, &["restore", text(&last_backup)]).unwrap_err();
            assert!(error.contains("is not empty") && error.contains("--force"), "{error}");
            last_backup = second;
            // The restored server has the content of the first one, and accepts writes.
            std::fs::write(
                target.path().join("data/secret.key"),
                std::fs::read(server.project.path().join("data/secret.key")).unwrap(),
            )
            .unwrap();
            let restored = TestServer::start_with(target).await;
            let mut after = restored.dump_content().await;
            after.sort();
            assert_eq!(after, before);
            let picture = restored.get("/api/upload/files").await.body[0]["url"].as_str().unwrap().to_owned();
            assert_eq!(
                restored.get(&picture).await.expect_status(200).bytes,
                server.get(&picture).await.expect_status(200).bytes
            );
            assert!(!restored.new_session("ann").await.is_empty());
            let new = restored.create_entry("/api/articles", json!({"title": "New"})).await.id();
            assert!(new > 7, "numbers are not given out again");
            restored.stop().await;
        }
        server.stop().await;
    }
}

/// All of the target goes, and what the backup has comes, under a server that runs.
#[tokio::test(flavor = "multi_thread")]
async fn forced_restore_replaces_the_data_of_a_running_server() {
    for project in empty_projects() {
        let server = TestServer::start_with(project).await;
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("a.tar.gz");
        server.create_entry("/api/articles", json!({"title": "Then"})).await;
        server.upload_file("then.txt", "text/plain", b"then").await;
        backup(&server.project, &out);
        let message = cairn(&server.project, &["backup", "--out", text(&out)]).unwrap_err();
        assert!(message.contains("already exists"), "{message}");
        server.create_entry("/api/articles", json!({"title": "Later"})).await;
        let later =
            server.upload_file("later.txt", "text/plain", b"later").await.body[0]["url"].as_str().unwrap().to_owned();
        let ann = server.create_user("ann", "authenticated", json!({})).await;
        ann.get("/api/users/me").await.expect_status(200);
        let locales = json!({"default": "nl", "available": ["nl"]});
        server.apply_settings(json!({"locales": locales})).await;
        cairn(&server.project, &["restore", text(&out), "--force"]).unwrap();
        // The server takes it up by itself.
        let start = std::time::Instant::now();
        while server.get("/api/articles").await.text_column("title") != ["Then"]
            || server.get("/api/i18n/locales").await.text().matches("isDefault\":true").count() != 1
        {
            assert!(start.elapsed() < extend_limit(Duration::from_secs(10)));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(server.get(&later).await.status, 404);
        assert_eq!(server.get("/api/upload/files").await.body.as_array().unwrap().len(), 1);
        ann.get("/api/users/me").await.expect_status(401);
        assert!(cairn(&server.project, &["doctor"]).unwrap().contains("ok    integrity"));
        server.create_entry("/api/articles", json!({"title": "After"})).await;
        server.stop().await;
    }
}

/// Whatever a backup taken meanwhile has, it holds together.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn backups_taken_during_writes_are_consistent() {
    for (project, target) in empty_projects().into_iter().zip(empty_projects()) {
        let server = Arc::new(TestServer::start_with(project).await);
        let folder = tempfile::tempdir().unwrap();
        let running = Arc::new(AtomicBool::new(true));
        let writer = tokio::spawn({
            let (server, running) = (server.clone(), running.clone());
            async move {
                let mut n = 0;
                while running.load(Ordering::Relaxed) {
                    n += 1;
                    let file = server.upload_file("f.txt", "text/plain", b"bytes").await.body[0]["id"].clone();
                    let sections = json!([{"__component": "block.quote", "text": "x"}]);
                    let answer = server
                        .create_entry("/api/articles", json!({"title": format!("{n}"), "sections": sections}))
                        .await;
                    server
                        .update_entry(
                            &format!("/api/articles/{}", answer.document_id()),
                            json!({"title": format!("{n}b")}),
                        )
                        .await;
                    if n % 2 == 0 {
                        server.delete(&format!("/api/articles/{}", answer.document_id())).await;
                        server.delete(&format!("/api/upload/files/{file}")).await.expect_status(200);
                    }
                }
                n
            }
        });
        for i in 0..6 {
            let out = folder.path().join(format!("{i}.tar.gz"));
            let (server, path) = (server.clone(), out.clone());
            let handle = tokio::task::spawn_blocking(move || cairn(&server.project, &["backup", "--out", text(&path)]));
            let message = handle.await.unwrap().unwrap();
            assert!(!message.contains("missing"), "{message}");
            cairn(&target, &["restore", text(&out), "--force"]).unwrap();
            assert!(cairn(&target, &["doctor"]).unwrap().contains("ok    integrity"));
        }
        running.store(false, Ordering::Relaxed);
        assert!(writer.await.unwrap() > 3);
    }
}

/// Authors, many: restoring them takes a while. And a file.
async fn write_authors(project: &TestProject, title: &str, n: usize) {
    let loaded = cairn_model::load::load_project(&project.path()).unwrap();
    let database = Database::parse(project.database().url(), Path::new("")).unwrap();
    let store = Store::open(StoreOptions { database }, Arc::new(loaded.registry)).unwrap();
    let title = title.to_owned();
    let write = store.write(move |tx| {
        let registry = tx.registry();
        let ct = registry.by_route("authors").unwrap();
        let name = ct.attributes.get("name").unwrap().0;
        for i in 0..n {
            let at = "2025-01-01T10:00:00.000Z";
            let mut row = NewDocumentRow {
                id: 0,
                document_id: format!("{title}{i}"),
                locale: String::new(),
                published: !ct.draft_publish,
                created_at: at.into(),
                updated_at: at.into(),
                version: 0,
                published_at: (!ct.draft_publish).then(|| at.into()),
                values: vec![Value::Null; ct.attributes.len()],
                to_one: HashMap::new(),
            };
            row.values[name] = Value::Text(format!("{title} {i}"));
            tx.documents().insert_row(ct.id, &row)?;
        }
        // A file of the library, as far as its objects go.
        let file = format!("{title}.bin");
        let blob = AssetBlob {
            variant: String::new(),
            name: file.clone(),
            blob: file.clone(),
            mime: "application/octet-stream".into(),
            length: 100_000,
        };
        tx.assets().save(&Asset {
            document_id: file.clone(),
            number: 1,
            sha256: String::new(),
            bytes: 100_000,
            kind: "other".into(),
            folder: 0,
            private: false,
            derived_from: None,
            appearance: ImageAppearance::default(),
            facts: None,
            added_at: 0,
            added_by: Actor::system("test"),
            deleted_at: None,
            deleted_by: None,
        })?;
        tx.blobs().adopt(std::slice::from_ref(&blob), 0)?;
        tx.assets().serve_blobs(&file, 1, &[blob])?;
        Ok::<_, StoreError>(())
    });
    write.await.unwrap();
}

/// Killed at any moment, a restore leaves what was there, all of it, or is done.
#[tokio::test(flavor = "multi_thread")]
async fn killed_restores_are_complete_or_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (i, (source, target)) in empty_projects().into_iter().zip(empty_projects()).enumerate() {
        write_authors(&source, "new", 6_000).await;
        write_authors(&target, "old", 300).await;
        let uploads = target.path().join("data/tenants/default/uploads");
        for (project, name) in [(&source, "new.bin"), (&target, "old.bin")] {
            let uploads = project.path().join("data/tenants/default/uploads");
            std::fs::create_dir_all(&uploads).unwrap();
            std::fs::write(uploads.join(name), vec![1; 100_000]).unwrap();
        }
        let at = |name: &str| folder.path().join(format!("{i}{name}.tar.gz"));
        backup(&source, &at("new"));
        backup(&target, &at("old"));
        // Numbers may move on, rows may not.
        let rows = |path: &Path| {
            members(path).into_iter().filter(|(n, _)| n.starts_with("tables")).collect::<BTreeMap<_, _>>()
        };
        let (old, expected) = (rows(&at("old")), rows(&at("new")));
        let duration = {
            let start = std::time::Instant::now();
            let trial = empty_projects().swap_remove(i);
            cairn(&trial, &["restore", text(&at("new"))]).unwrap();
            start.elapsed()
        };
        let mut killed = 0;
        for n in 0..30u32 {
            let new = at("new");
            let args = ["restore", text(&new), "--force"];
            let mut child: Child = command(&target, &args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(duration * (2 + n % 10) / 12);
            let is_last = child.try_wait().unwrap().is_some();
            child.kill().unwrap();
            child.wait().unwrap();
            // PostgreSQL learns of it when it next writes to the connection.
            tokio::time::sleep(Duration::from_millis(300)).await;
            let now = at(&format!("{n}"));
            backup(&target, &now);
            let found = rows(&now);
            if found == expected {
                assert!(uploads.join("new.bin").exists());
                cairn(&target, &["restore", text(&at("old")), "--force"]).unwrap();
            } else {
                assert!(!is_last, "it ended without having restored");
                assert_eq!(found, old);
                killed += 1;
            }
            assert!(found == expected || uploads.join("old.bin").exists());
            if killed == 6 {
                break;
            }
        }
        assert!(killed > 2, "killed in time only {killed} times");
        cairn(&target, &["restore", text(&at("new")), "--force"]).unwrap();
        let last_backup = at("last");
        backup(&target, &last_backup);
        assert_eq!(rows(&last_backup), expected);
        // Files that are no longer needed are deleted by the server a day later.
        assert!(uploads.join("new.bin").exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_or_incompatible_backups_change_nothing() {
    for (source, target) in empty_projects().into_iter().zip(empty_projects()) {
        write_authors(&source, "new", 50).await;
        write_authors(&target, "old", 5).await;
        let folder = tempfile::tempdir().unwrap();
        let (out, before) = (folder.path().join("new.tar.gz"), folder.path().join("old.tar.gz"));
        backup(&source, &out);
        backup(&target, &before);
        let bytes = std::fs::read(&out).unwrap();
        let damaged = folder.path().join("damaged.tar.gz");
        for i in 0..50 {
            let mut bytes = bytes.clone();
            let at = i * bytes.len() / 50;
            bytes[at] ^= 1 << (i % 8);
            std::fs::write(&damaged, bytes).unwrap();
            let message = verify(&damaged).unwrap_err();
            assert!(
                message.contains("damaged.tar.gz: ") && (message.contains(" is damaged") || message.contains("intact")),
                "{at}: {message}"
            );
            if i % 10 == 0 {
                cairn(&target, &["restore", text(&damaged), "--force"]).unwrap_err();
            }
        }
        std::fs::write(&damaged, &bytes[..bytes.len() / 2]).unwrap();
        let error = cairn(&target, &["restore", text(&damaged), "--force"]).unwrap_err();
        assert!(error.contains("damaged.tar.gz") && error.contains("damaged"), "{error}");
        let error = cairn(&target, &["restore", text(&folder.path().join("none"))]).unwrap_err();
        assert!(error.contains("none"), "{error}");
        let error = cairn(&target, &["restore", text(&out), "--force", "--tenant", "nobody"]).unwrap_err();
        assert!(error.contains("tenant \"nobody\" not found"), "{error}");
        // The schema differs from that of the backup.
        let path = "content-types/api/author/content-types/author/schema.json";
        let schema = std::fs::read_to_string(target.path().join(path)).unwrap();
        let mut changed: Json = serde_json::from_str(&schema).unwrap();
        changed["attributes"]["nickname"] = json!({"type": "string"});
        let other = empty_projects().swap_remove(usize::from(target.database().is_postgres()));
        std::fs::write(other.path().join(path), changed.to_string()).unwrap();
        for force in [&[][..], &["--force"]] {
            let error = cairn(&other, &[&["restore", text(&out)], force].concat()).unwrap_err();
            assert!(error.contains("different content types") && error.contains("nickname"), "{error}");
        }
        let after = folder.path().join("after.tar.gz");
        backup(&target, &after);
        let tables =
            |path: &Path| members(path).into_iter().filter(|(n, _)| n.starts_with("tables")).collect::<Vec<_>>();
        assert_eq!(tables(&after), tables(&before));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_of_one_tenant_restores_into_another() {
    for project in empty_projects() {
        let tenants = json!({"a": {"hosts": ["a.example.com"]}, "b": {"hosts": ["b.example.com"]}, "c": {"hosts": ["c.example.com"]}});
        let project = project.with_settings("tenants", tenants);
        let server = TestServer::start_with(project).await;
        let folder = tempfile::tempdir().unwrap();
        let (a, all) = (folder.path().join("a.tar.gz"), folder.path().join("default.tar.gz"));
        let token = "token-of-a-that-is-long-enough-0123456789";
        let settings = json!({"apiTokens": [{"name": "t", "type": "full-access", "token": token}]});
        server.apply_settings(json!({"tenants": {"a": {"settings": settings}}})).await;
        server.with_host("a.example.com").with_token(token).create_entry("/api/authors", json!({"name": "Of a"})).await;
        let message = cairn(&server.project, &["backup", "--tenant", "c", "--out", text(&a)]).unwrap_err();
        assert!(message.contains("no data yet") && !a.exists(), "{message}");
        cairn(&server.project, &["backup", "--tenant", "a", "--out", text(&a)]).unwrap();
        let output = cairn(&server.project, &["restore", text(&a), "--tenant", "b"]).unwrap();
        assert!(output.contains("The backup belongs to a"), "{output}");
        let exported = cairn(&server.project, &["export", "--tenant", "b", "--type", "api::author.author"]).unwrap();
        let line: Json = serde_json::from_str(exported.trim()).unwrap();
        assert_eq!(line["versions"][0]["name"], "Of a");
        // The list of tenants is the default one's, and is no tenant's to bring.
        backup(&server.project, &all);
        cairn(&server.project, &["restore", text(&all), "--tenant", "b", "--force"]).unwrap();
        assert_eq!(cairn(&server.project, &["tenant", "list"]).unwrap().lines().count(), 4);
        cairn(&server.project, &["restore", text(&a), "--force"]).unwrap();
        assert_eq!(cairn(&server.project, &["tenant", "list"]).unwrap().lines().count(), 4);
        cairn(&server.project, &["tenant", "delete", "c", "--yes"]).unwrap();
        cairn(&server.project, &["restore", text(&all), "--force"]).unwrap();
        assert_eq!(cairn(&server.project, &["tenant", "list"]).unwrap().lines().count(), 4, "as it was then");
        server.stop().await;
    }
}

/// The code that an authenticator app shows at the time of that server.
fn totp_code(server: &TestServer, secret: &str) -> String {
    use cairn_access::Clock;
    let secret = Secret::Encoded(secret.to_owned()).to_bytes().unwrap();
    let totp = TOTP::new(Algorithm::SHA1, 6, 1, 30, secret, None, String::new()).unwrap();
    totp.generate(u64::try_from(server.clock.now().timestamp()).unwrap())
}

const PASSWORD: &str = "a password of some length";

/// Settings with one administrator.
fn administrator(email: &str) -> Json {
    json!({ "adminUsers": [{ "email": email, "password": PASSWORD, "roles": ["super-admin"] }] })
}

/// Backs up a site whose administrator `ann@example.com` has a second factor; its secret and recovery codes.
async fn back_up_with_second_factor(server: &TestServer, out: &Path) -> (String, Json) {
    server.apply_settings(administrator("ann@example.com")).await;
    let mut ann = server.new_browser();
    ann.sign_in("ann@example.com", PASSWORD).await.expect_status(200);
    let offer = ann.post("/admin/api/me/totp", json!({ "password": PASSWORD })).await.expect_status(200);
    let secret = offer.data()["secret"].as_str().unwrap().to_owned();
    let code = json!({ "code": totp_code(server, &secret) });
    let confirmed = ann.put("/admin/api/me/totp", code).await.expect_status(200);
    backup(&server.project, out);
    assert!(verify(out).unwrap().contains(": valid; "));
    (secret, confirmed.data()["recoveryCodes"].clone())
}

/// Administrators of the backup sign in with their second factor; sessions and tokens of those before them, who had the same numbers, end.
#[tokio::test(flavor = "multi_thread")]
async fn second_factors_survive_a_restore_and_sessions_do_not() {
    let second = "/admin/api/login/second";
    for i in 0..empty_projects().len() {
        let server = TestServer::start_with(empty_projects().swap_remove(i)).await;
        let out = server.project.path().join("a.tar.gz");
        let (secret, recovery_codes) = back_up_with_second_factor(&server, &out).await;
        for target in empty_projects() {
            std::fs::create_dir_all(target.path().join("data")).unwrap();
            let key = "data/secret.key";
            std::fs::copy(server.project.path().join(key), target.path().join(key)).unwrap();
            let restored = TestServer::start_with(target).await;
            restored.apply_settings(administrator("eve@example.com")).await;
            let mut eve = restored.new_browser();
            eve.sign_in("eve@example.com", PASSWORD).await.expect_status(200);
            let expires = cairn_access::Clock::now(&*restored.clock) + chrono::TimeDelta::days(30);
            let token = json!({ "name": "of eve", "actions": ["audit.read"], "expiresAt": expires.to_rfc3339() });
            let created = eve.post("/admin/api/admin-tokens", token).await.expect_status(201);
            let eves_token = restored.with_token(created.data()["text"].as_str().unwrap());
            eves_token.get("/admin/api/audit").await.expect_status(200);

            cairn(&restored.project, &["restore", text(&out), "--force"]).unwrap();
            eve.get("/admin/api/me").await.expect_status(401);
            eves_token.get("/admin/api/audit").await.expect_status(401);
            // Tokens of the settings file belong to nobody.
            restored.get("/admin/api/audit").await.expect_status(200);
            // The code that confirmed it was used.
            restored.advance_clock(Duration::from_secs(60));
            for factor in [
                json!({ "recovery": recovery_codes[3] }),
                json!({ "totp": totp_code(&restored, &secret) }),
                json!({ "recovery": recovery_codes[9] }),
            ] {
                let mut browser = restored.new_browser();
                let first = browser.sign_in("ann@example.com", PASSWORD).await.expect_status(200);
                assert_eq!(first.data()["secondFactor"], json!(["totp", "recovery"]));
                let mut body = factor.clone();
                body["pending"] = first.data()["pending"].clone();
                browser.post(second, body.clone()).await.expect_status(200);
                browser.get("/admin/api/me").await.expect_status(200);
                restored.new_browser().post(second, body).await.expect_status(400);
            }
            restored.stop().await;
        }
        server.stop().await;
    }
}

/// Second factors belong to the installation's key. Under another one a new administrator removes them.
#[tokio::test(flavor = "multi_thread")]
async fn second_factors_of_another_key_are_removed_by_a_new_administrator() {
    for (source, target) in empty_projects().into_iter().zip(empty_projects()) {
        let server = TestServer::start_with(source).await;
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("a.tar.gz");
        let (secret, recovery_codes) = back_up_with_second_factor(&server, &out).await;
        server.stop().await;
        cairn(&target, &["restore", text(&out)]).unwrap();
        let mut create = command(&target, &["user", "create-admin", "--email", "eve@example.com"]);
        command_result(create.env("CAIRN_ADMIN_PASSWORD", PASSWORD).output().unwrap()).unwrap();

        let restored = TestServer::start_with(target).await;
        let mut ann = restored.new_browser();
        let first = ann.sign_in("ann@example.com", PASSWORD).await.expect_status(200);
        for factor in [json!({ "recovery": recovery_codes[0] }), json!({ "totp": totp_code(&restored, &secret) })] {
            let mut body = factor;
            body["pending"] = first.data()["pending"].clone();
            let refused = ann.post("/admin/api/login/second", body).await.expect_status(400);
            assert!(
                refused.message().contains("Ask another administrator to remove your second factor"),
                "{}",
                refused.text()
            );
        }
        let mut eve = restored.new_browser();
        eve.sign_in("eve@example.com", PASSWORD).await.expect_status(200);
        eve.delete("/admin/api/users/1/second-factor").await.expect_status(204);
        ann.sign_in("ann@example.com", PASSWORD).await.expect_status(200);
        ann.get("/admin/api/me").await.expect_status(200);
        restored.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_contain_every_version_and_no_password() {
    let mut line_counts = Vec::new();
    for project in empty_projects() {
        let server = TestServer::start_with(project).await;
        fill(&server).await;
        let all = cairn(&server.project, &["export"]).unwrap();
        let lines: Vec<Json> = all.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let documents_of = |uid: &str| lines.iter().filter(|d| d["type"] == uid).collect::<Vec<_>>();
        assert_eq!((documents_of("api::article.article").len(), documents_of("api::author.author").len()), (5, 2));
        assert_eq!(documents_of("plugin::upload.file").len(), 2);
        let article =
            documents_of("api::article.article").into_iter().find(|d| d["versions"][0]["title"] == "A draft").unwrap();
        let states: Vec<_> = article["versions"].as_array().unwrap().iter().map(|v| v["status"].clone()).collect();
        assert_eq!(states, ["draft", "published"]);
        let names: Vec<_> = ["Bea", "Ann"]
            .map(|n| {
                documents_of("api::author.author").into_iter().find(|d| d["versions"][0]["name"] == n).unwrap()["documentId"]
                    .clone()
            })
            .to_vec();
        assert_eq!(article["versions"][0]["authors"], Json::Array(names), "in their order");
        assert_eq!(article["versions"][0]["sections"][1]["heading"], "A heading");
        let page = documents_of("api::page.page")[0];
        assert_eq!(
            page["versions"].as_array().unwrap().iter().map(|v| v["locale"].clone()).collect::<Vec<_>>().len(),
            4
        );
        let users = cairn(&server.project, &["export", "--type", "plugin::users-permissions.user"]).unwrap();
        assert!(
            users.contains("ann@example.com") && !users.contains("password\":\"") && !users.contains("$argon2"),
            "{users}"
        );
        let message = cairn(&server.project, &["export", "--type", "api::none.none"]).unwrap_err();
        assert!(
            message.contains("content type \"api::none.none\" not found") && message.contains("api::article.article"),
            "{message}"
        );
        let out = server.project.path().join("all.jsonl");
        assert!(cairn(&server.project, &["export", "--out", text(&out)]).unwrap().contains("documents"));
        assert_eq!(std::fs::read_to_string(&out).unwrap(), all);
        assert!(cairn(&server.project, &["export", "--out", text(&out)]).unwrap_err().contains("already exists"));
        line_counts.push(lines.len());
        server.stop().await;
    }
    assert!(line_counts.iter().all(|n| *n == line_counts[0]));
}
