//! `cairn import strapi`, with archives and the database of a real Strapi (core/strapi-import/tests/fixtures).

use cairn_testkit::{TestProject, TestServer};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../strapi-import/tests/fixtures").join(name)
}

/// `cairn import` for a project.
fn import_command(project: &TestProject) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
    command.arg("import").env("CAIRN_PROJECT", project.path()).env("CAIRN_LOG", "error").stdin(Stdio::null());
    let database = project.database();
    if database.is_postgres() {
        command.env("CAIRN_DATABASE_URL", database.url());
    }
    command
}

/// Runs a command: success, output, message.
fn run(command: &mut Command) -> (bool, String, String) {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

/// Runs `cairn import undo`: success, output, message.
fn undo(project: &TestProject, args: &[&str]) -> (bool, String, String) {
    run(import_command(project).arg("undo").args(args))
}

/// Runs the import from Strapi: success, output, message.
fn import(project: &TestProject, archive: &Path, args: &[&str]) -> (bool, String, String) {
    run(import_command(project).arg("strapi").arg(archive).args(args))
}

fn import_json(project: &TestProject, archive: &Path, args: &[&str]) -> Json {
    let (well, out, message) = import(project, archive, &[args, &["--json"]].concat());
    assert!(well, "{out}{message}");
    serde_json::from_str(&out).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn content_of_strapi_is_imported_as_it_was() {
    for project in TestProject::on_every_database() {
        let archive = fixture("export.tar.gz");
        let shown = import_json(&project, &archive, &["--dry-run"]);
        assert_eq!(shown["types"]["api::article.article"], json!({ "inArchive": 6, "imported": 6 }));
        assert_eq!(shown["links"]["inArchive"], shown["links"]["imported"]);
        assert_eq!(shown["problems"], json!([]));
        assert!(!project.path().join("content-types").exists(), "a dry run writes nothing");
        let (well, out, message) = import(&project, &archive, &[]);
        assert!(!well && out.contains("api::article.article") && message.contains("use --yes"), "{out}{message}");
        assert!(!project.path().join("content-types").exists());

        let imported = import_json(&project, &archive, &["--yes"]);
        assert_eq!(imported, shown);
        for again in ["--yes", "--dry-run"] {
            let (well, out, message) = import(&project, &archive, &[again]);
            assert!(well && out.contains("nothing was changed"), "{again}: {out}{message}");
        }
        let (well, out, message) = import(&project, &fixture("export.tar.gz.enc"), &["--yes", "--key", "fixture-key"]);
        assert!(!well && message.contains("nothing was imported"), "{message}");
        assert!(out.contains("its database is not empty"), "{out}");

        let server = TestServer::start_with(project).await;
        check_content(&server).await;
        check_users(&server).await;
        check_files(&server).await;
        let stored = server.get("/admin/api/strapi-import").await.expect_status(200);
        for member in ["types", "links", "differences", "leftToDo"] {
            assert_eq!(stored.data()["report"][member], shown[member], "{member}");
        }
        // Numbers go on behind those that were imported.
        let article = server.create_entry("/api/articles", json!({ "title": "New", "slug": "new" })).await.body;
        assert!(article["data"]["id"].as_i64().unwrap() > 6, "{article}");
    }
}

/// A Strapi project as `create-strapi` lays it out, with the fixture's database and uploads.
fn strapi_project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::copy(fixture("app/package.json"), path("package.json")).unwrap();
    std::os::unix::fs::symlink(fixture("app/src"), path("src")).unwrap();
    std::fs::create_dir_all(path(".tmp")).unwrap();
    std::fs::create_dir_all(path("public/uploads")).unwrap();
    std::fs::copy(fixture("data.db"), path(".tmp/data.db")).unwrap();
    for entry in fixture("uploads").read_dir().unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), path("public/uploads").join(entry.file_name())).unwrap();
    }
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_of_strapi_are_imported_as_their_archives_are() {
    let strapi = strapi_project();
    let of_archive = import_json(&TestProject::new(), &fixture("export.tar.gz"), &["--dry-run"]);
    for project in TestProject::on_every_database() {
        let mut report = import_json(&project, strapi.path(), &["--yes"]);
        assert_eq!(report["source"], "database");
        report["source"] = json!("archive");
        report["archivedAt"] = of_archive["archivedAt"].clone();
        assert_eq!(report, of_archive);
        let server = TestServer::start_with(project).await;
        check_content(&server).await;
        check_users(&server).await;
        check_files(&server).await;
        check_ledgers(&server).await;
    }
    let left: Vec<_> = strapi.path().join(".tmp").read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["data.db"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_strapi_4_become_documents_with_locales_and_drafts() {
    let archive = fixture("strapi4/export.tar.gz");
    for project in TestProject::on_every_database() {
        let shown = import_json(&project, &archive, &["--dry-run"]);
        assert_eq!((&shown["strapi"], &shown["problems"]), (&json!("4.26.2"), &json!([])));
        assert_eq!(shown["types"]["api::article.article"], json!({ "inArchive": 6, "imported": 6 }));
        assert_eq!(shown["links"]["inArchive"], shown["links"]["imported"]);
        assert!(shown["leftToDo"][0].as_str().unwrap().contains("Strapi-Response-Format: v4"), "{shown}");
        assert_eq!(import_json(&project, &archive, &["--yes"]), shown);

        let server = TestServer::start_with(project).await;
        let populate = "populate[tags][fields]=label&populate[sections][on][block.gallery][populate]=people&populate[links][populate]=page";
        let first = server.get(&format!("/api/articles?filters[slug]=first&{populate}")).await.body["data"][0].clone();
        assert_eq!((&first["id"], &first["serial"]), (&json!(2), &json!("9007199254740991")));
        let draft = server.get(&format!("/api/articles?filters[slug]=first&status=draft&{populate}")).await.body;
        for version in [&first, &draft["data"][0]] {
            assert_eq!(version["documentId"], first["documentId"]);
            let labels = version["tags"].as_array().unwrap().iter().map(|tag| &tag["label"]);
            assert_eq!(labels.collect::<Vec<_>>(), ["Two", "One"]);
            // Of a zone, those components are returned that are selected.
            assert_eq!(version["sections"][0]["people"][0]["name"], "Bea", "{version}");
            assert_eq!(version["links"][1]["page"]["slug"], "second", "{version}");
        }
        let dutch = server.get("/api/articles?status=draft&locale=nl&sort=title:desc").await.body["data"].clone();
        assert_eq!((&dutch[0]["title"], &dutch[0]["documentId"]), (&json!("Eerste"), &first["documentId"]));
        assert!(dutch[1]["title"] == "Alleen concept" && dutch[1]["documentId"] != first["documentId"], "{dutch}");
        assert_eq!(server.get("/api/home?locale=nl").await.body["data"]["headline"], "Welkom");
        check_users(&server).await;
        check_files(&server).await;
        check_ledgers(&server).await;
    }
}

async fn check_ledgers(server: &TestServer) {
    let populate = "populate[keeper]=true&populate[peers]=true&populate[chapters][populate]=*&populate[tagsByWhichSomebodyMayFindThisLedgerAgainLater]=true";
    let ledgers = server.get(&format!("/api/ledgers?filters[httpLink2]=/new&{populate}")).await.body;
    let ledger = &ledgers["data"][0];
    assert_eq!(ledger["aTextWhoseNameIsSoLongThatStrapiShortensItsColumnInTheDatabase"], "Long", "{ledgers}");
    assert_eq!((&ledger["balance"], &ledger["closedAt"]), (&json!(100), &json!("1969-07-20T20:17:40.123Z")));
    assert_eq!((&ledger["keeper"]["name"], &ledger["peers"][0]["httpLink2"]), (&json!("Abe"), &json!("/old")));
    let labels = ledger["tagsByWhichSomebodyMayFindThisLedgerAgainLater"].as_array().unwrap().iter();
    assert_eq!(labels.map(|tag| &tag["label"]).collect::<Vec<_>>(), ["Two", "One"]);
    let chapter = &ledger["chapters"][0];
    assert_eq!(chapter["links"][1]["label"], "C2");
    let editors = chapter["editorsWhoHaveReadThisChapterBeforeItWasPublished"].as_array().unwrap().iter();
    assert_eq!(editors.map(|author| &author["name"]).collect::<Vec<_>>(), ["Bea", "Cleo"]);
}

#[test]
fn databases_are_imported_with_what_lies_beside_them() {
    let (project, strapi) = (TestProject::new(), strapi_project());
    let file = fixture("data.db");
    let path = |folder: &Path| folder.to_str().unwrap().to_owned();
    let (schemas, uploads) = (path(&fixture("app")), path(&fixture("uploads")));
    let refused = |source: &Path, args: &[&str]| {
        let (well, _, message) = import(&project, source, args);
        assert!(!well, "{source:?} {args:?}");
        message
    };
    let message = refused(&file, &["--dry-run"]);
    assert!(message.contains("--schemas") && message.contains("nothing was imported"), "{message}");
    let message = refused(&file, &["--dry-run", "--schemas", &schemas]);
    assert!(message.contains("--uploads"), "{message}");
    let message = refused(&file, &["--dry-run", "--schemas", &schemas, "--uploads", "/nowhere"]);
    assert!(message.contains("/nowhere"), "{message}");
    let message = refused(&file, &["--dry-run", "--database", "other.db"]);
    assert!(message.contains("name one"), "{message}");
    let message = refused(&fixture("export.tar.gz"), &["--dry-run", "--uploads", &uploads]);
    assert!(message.contains("leave out --schemas and --uploads"), "{message}");
    let message = refused(&fixture("app/src"), &["--dry-run"]);
    assert!(message.contains("not the folder of a Strapi project"), "{message}");
    let message = refused(&fixture("app"), &["--dry-run"]);
    assert!(message.contains(".tmp/data.db") && message.contains("--database"), "{message}");
    let message = refused(&fixture("app"), &["--dry-run", "--database", "postgres://u:geheim@127.0.0.1:1/strapi"]);
    assert!(message.contains("cannot be opened") && !message.contains("geheim"), "{message}");

    let report = import_json(&project, &file, &["--dry-run", "--schemas", &schemas, "--uploads", &uploads]);
    let of_folder = import_json(&project, strapi.path(), &["--dry-run"]);
    assert_eq!(report["types"], of_folder["types"]);
    assert_eq!(report["differences"], of_folder["differences"]);
    assert!(!project.path().join("content-types").exists());
}

async fn check_content(server: &TestServer) {
    let populate = "populate[tags][fields]=label&populate[gallery][fields]=name&populate[author][fields]=name&populate[seo][populate]=*\
        &populate[links][populate]=*&populate[sections][on][block.gallery][populate]=*&populate[sections][on][block.quote][populate]=*\
        &populate[sections][on][block.hero][populate]=*&populate[sheet]=true&populate[related][fields]=title&populate[reader][fields]=username";
    let published = server.get(&format!("/api/articles?sort=id&{populate}")).await.body["data"].clone();
    let names = |list: &Json, name: &str| -> Vec<String> {
        list.as_array().unwrap().iter().map(|one| one[name].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(names(&published, "title"), ["Second", "First \"quoted\" é \u{1F600}"]);
    let first = &published[1];
    assert_eq!(first["id"], 4);
    assert_eq!(first["serial"], "9007199254740991");
    assert_eq!((&first["price"], &first["ratio"], &first["featured"]), (&json!(9.95), &json!(0.125), &json!(true)));
    assert_eq!((&first["issuedOn"], &first["opensAt"]), (&json!("2024-02-29"), &json!("09:15:00.000")));
    assert_eq!(first["startsAt"], "2024-02-29T10:30:00.000Z");
    assert_eq!(first["facts"], json!({ "b": 1, "a": [true, null, "x"] }));
    assert_eq!(first["content"][0]["children"][1], json!({ "type": "text", "text": "bold", "bold": true }));
    assert_eq!(names(&first["tags"], "label"), ["Two", "One"]);
    assert_eq!(names(&first["gallery"], "name"), ["Read me.txt", "red.png", "blue.png"]);
    assert_eq!((&first["author"]["name"], &first["sheet"]["code"]), (&json!("Cleo"), &json!("S-1")));
    assert_eq!(first["reader"]["username"], "ann");
    assert_eq!(names(&first["related"], "title"), ["Second"]);
    assert_eq!(first["seo"]["image"]["name"], "red.png");
    assert_eq!(names(&first["links"], "label"), ["L1", "L2"]);
    assert_eq!(first["links"][1]["page"]["slug"], "second");
    let sections = first["sections"].as_array().unwrap();
    assert_eq!(names(&first["sections"], "__component"), ["block.quote", "block.hero", "block.gallery"]);
    assert_eq!(sections[0]["said"]["name"], "Abe");
    assert_eq!((&sections[1]["weight"], &sections[1]["link"]["label"]), (&json!(1.5), &json!("In")));
    assert_eq!(names(&sections[2]["pictures"], "name"), ["blue.png", "red.png"]);
    assert_eq!(names(&sections[2]["people"], "name"), ["Bea", "Abe"]);
    assert!(first["secret"].is_null());

    let draft = server.get(&format!("/api/articles?status=draft&filters[slug]=first&{populate}")).await.body;
    assert_eq!(draft["data"][0]["title"], "First, changed");
    assert_eq!(draft["data"][0]["documentId"], first["documentId"]);
    assert_eq!(names(&draft["data"][0]["tags"], "label"), ["Three", "One", "Two"]);
    let dutch = server.get("/api/articles?status=draft&locale=nl&sort=id").await.body["data"].clone();
    assert_eq!(names(&dutch, "title"), ["Eerste", "Alleen concept"]);
    assert_eq!(server.get("/api/articles?locale=nl").await.body["data"], json!([]));

    let authors = server.get("/api/authors?sort=id&populate=*").await.body["data"].clone();
    assert_eq!(names(&authors[0]["staff"], "name"), ["Abe", "Bea"]);
    assert_eq!(names(&authors[0]["articles"], "slug"), ["second", "first"]);
    assert_eq!(authors[0]["portrait"]["name"], "blue.png");
    let note = server.get("/api/notes?populate[things][populate]=*&populate[subject][populate]=*").await.body;
    assert_eq!(note["data"][0]["things"].as_array().unwrap().len(), 2, "{note}");
    assert_eq!(note["data"][0]["things"][0]["__type"], "api::author.author");
    let home = server.get("/api/home?populate=*").await.body;
    assert_eq!(home["data"]["headline"], "Welcome");
    assert_eq!(names(&home["data"]["picks"], "slug"), ["second", "first"]);
    assert_eq!(server.get("/api/home?locale=nl").await.body["data"]["headline"], "Welkom");
    let locales = server.get("/api/i18n/locales").await.body;
    assert_eq!(locales[0]["code"], "en");
}

async fn check_users(server: &TestServer) {
    let public = server.public_client();
    let sign_in = |name: &str, password: &str| {
        let body = json!({ "identifier": name, "password": password });
        let public = public.clone();
        async move { public.post("/api/auth/local", body).await }
    };
    let wrong = sign_in("ann", "Passw0rd-of-Bob").await;
    assert_eq!(wrong.status, 400, "{}", wrong.body);
    // By the hash of Strapi, then by the one that took its place.
    for _ in 0..2 {
        let right = sign_in("ann@example.com", "Passw0rd-of-Ann").await;
        assert_eq!(right.status, 200, "{}", right.body);
        assert_eq!(right.body["user"]["username"], "ann");
    }
    let blocked = sign_in("bob", "Passw0rd-of-Bob").await;
    assert_eq!(blocked.status, 400, "{}", blocked.body);
    let users = server.get("/api/users?populate=role&sort=id").await.body;
    assert_eq!(users[0]["nickname"], "Annie");
    assert_eq!((&users[0]["role"]["type"], &users[1]["role"]["name"]), (&json!("authenticated"), &json!("Editors")));
    // What Strapi's public role may do.
    assert_eq!(public.get("/api/articles").await.status, 200);
    assert_eq!(public.get("/api/tags").await.status, 403);
}

async fn check_files(server: &TestServer) {
    let files = server.get("/api/upload/files?sort=id").await.body;
    assert_eq!(files.as_array().unwrap().len(), 3);
    assert_eq!((&files[0]["alternativeText"], &files[0]["caption"]), (&json!("All red"), &json!("Red")));
    for url in [&files[0]["url"], &files[0]["formats"]["thumbnail"]["url"], &files[2]["url"]] {
        let response = server.get(url.as_str().unwrap()).await;
        assert_eq!(response.status, 200, "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sites_that_are_closed_in_strapi_stay_closed() {
    let folder = tempfile::tempdir().unwrap();
    let closed = changed_archive(folder.path(), "\"allow_register\":true", "\"allow_register\":false");
    let project = TestProject::new();
    let report = import_json(&project, &closed, &["--yes"]);
    assert_eq!(report["registration"], "closed, without confirmation, role authenticated");
    let left_to_do = report["leftToDo"].to_string();
    assert!(left_to_do.contains("policies") && left_to_do.contains("privateAttributes"), "{left_to_do}");
    let server = TestServer::start_with(project).await;
    let body = json!({ "username": "eve", "email": "eve@example.com", "password": "Passw0rd-of-Eve" });
    let refused = server.public_client().post("/api/auth/local/register", body).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
}

#[test]
fn encrypted_archives_need_their_key() {
    let (project, archive) = (TestProject::new(), fixture("export.tar.gz.enc"));
    let (well, _, message) = import(&project, &archive, &["--dry-run"]);
    assert!(!well && message.contains("export.tar.gz.enc") && message.contains("give its key"), "{message}");
    let (well, _, message) = import(&project, &archive, &["--dry-run", "--key", "another"]);
    assert!(!well && message.contains("the key is wrong"), "{message}");
    let report = import_json(&project, &archive, &["--dry-run", "--key", "fixture-key"]);
    assert_eq!(report["strapi"], "5.54.0");
}

#[test]
fn bad_archives_leave_nothing_behind() {
    let project = TestProject::new();
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(fixture("export.tar.gz")).unwrap();
    let bad = folder.path().join("bad.tar.gz");
    for (bytes, expected) in [
        (&whole[..whole.len() / 2], "links/links_00001.jsonl in the archive"),
        (&whole[..0], "is empty"),
        (&b"no archive"[..], "neither tar nor gzip"),
    ] {
        std::fs::write(&bad, bytes).unwrap();
        let (well, _, message) = import(&project, &bad, &["--yes"]);
        assert!(!well && message.contains(expected) && message.contains("bad.tar.gz"), "{message}");
    }
    let (well, _, message) = import(&project, &folder.path().join("missing.tar"), &["--yes"]);
    assert!(!well && message.contains("missing.tar"), "{message}");
    assert!(!project.path().join("content-types").exists());
}

/// The fixture with a text in its rows replaced.
fn changed_archive(folder: &Path, from: &str, to: &str) -> PathBuf {
    let gz = flate2::read::GzDecoder::new(std::fs::File::open(fixture("export.tar.gz")).unwrap());
    let (mut archive, mut changed) = (tar::Archive::new(gz), tar::Builder::new(Vec::new()));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        if path.starts_with("entities") || path.starts_with("configuration") {
            bytes = String::from_utf8(bytes).unwrap().replace(from, to).into_bytes();
        }
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        changed.append_data(&mut header, path, &bytes[..]).unwrap();
    }
    let path = folder.join("changed.tar");
    std::fs::write(&path, changed.into_inner().unwrap()).unwrap();
    path
}

#[test]
fn imports_that_the_database_refuses_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let twice = changed_archive(folder.path(), "\"name\":\"Abe\"", "\"name\":\"Bea\"");
    for project in TestProject::on_every_database() {
        let (well, _, message) = import(&project, &twice, &["--yes"]);
        assert!(!well && message.contains("api::author.author") && message.contains("unique"), "{message}");
        assert!(!project.path().join("content-types").exists());
        let report = import_json(&project, &fixture("export.tar.gz"), &["--yes"]);
        assert_eq!(report["problems"], json!([]));
    }
}

#[test]
fn projects_with_other_content_types_are_refused() {
    let tag = json!({
        "kind": "collectionType", "collectionName": "tags", "attributes": { "label": { "type": "integer" } },
        "info": { "singularName": "tag", "pluralName": "tags", "displayName": "Tag" },
    });
    let project = TestProject::new().with_file("content-types/api/tag/content-types/tag/schema.json", &tag.to_string());
    let (well, out, message) = import(&project, &fixture("export.tar.gz"), &["--yes"]);
    assert!(!well && message.contains("nothing was imported"), "{message}");
    assert!(out.contains("content types of the project: they differ from those of the archive"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_imports_are_started_again() {
    let archive = fixture("export.tar.gz");
    for project in TestProject::on_every_database() {
        let (mut killed, began) = (0, std::time::Instant::now());
        let whole = import_json(&project, &archive, &["--dry-run"]);
        let dry_run = began.elapsed();
        // From the first reading to the last write.
        for part in 1..=10 {
            let mut child = import_command(&project)
                .args(["strapi", "--yes"])
                .arg(&archive)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(dry_run * part / 4);
            let ended = child.try_wait().unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            if ended.is_some() {
                break;
            }
            killed += 1;
        }
        assert!(killed > 0);
        // Also where the one before had stored everything when it ended or was killed.
        assert_eq!(import_json(&project, &archive, &["--yes"]), whole);
        let server = TestServer::start_with(project).await;
        check_content(&server).await;
        check_users(&server).await;
        check_files(&server).await;
    }
}

#[test]
fn import_goes_on_with_a_part_of_its_schema_files() {
    let archive = fixture("export.tar.gz");
    let (project, whole) = (TestProject::new(), TestProject::new());
    import_json(&whole, &archive, &["--yes"]);
    // An article has components, which have relations.
    let article = "content-types/api/article/content-types/article/schema.json";
    let text = std::fs::read_to_string(whole.path().join(article)).unwrap();
    let project = project.with_file(article, &text);
    import_json(&project, &archive, &["--dry-run"]);
    assert!(!project.path().join("content-types/components").exists(), "a dry run writes nothing");
    import_json(&project, &archive, &["--yes"]);
    let (_, out, message) = undo(&project, &["--yes"]);
    assert!(out.contains(article), "{out}{message}");
    assert!(!project.path().join("content-types").exists());
    let project = project.with_file(article, &text.replace("\"Article\"", "\"Other\""));
    let (well, _, message) = import(&project, &archive, &["--yes"]);
    assert!(!well && message.contains("content types have"), "files that are not of the import stay: {message}");
    // An import that fails removes what it has written itself.
    let project = project.with_file(article, &text);
    let folder = tempfile::tempdir().unwrap();
    let twice = changed_archive(folder.path(), "\"name\":\"Abe\"", "\"name\":\"Bea\"");
    let (well, _, message) = import(&project, &twice, &["--yes"]);
    assert!(!well && message.contains("unique"), "{message}");
    assert_eq!(std::fs::read_to_string(project.path().join(article)).unwrap(), text);
    assert!(!project.path().join("content-types/components").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_are_undone_as_a_whole() {
    let archive = fixture("export.tar.gz");
    for project in TestProject::on_every_database() {
        let (well, _, message) = undo(&project, &["--yes"]);
        assert!(!well && message.contains("did not begin with an import"), "{message}");
        let before = import_json(&project, &archive, &["--yes"]);
        let types = project.path().join("content-types");
        let (well, _, message) = undo(&project, &[]);
        assert!(!well && message.contains("use --yes") && message.contains("tag/schema.json"), "{message}");
        assert!(types.exists());

        let server = TestServer::start_with(project).await;
        server.create_entry("/api/articles", json!({ "title": "New", "slug": "new" })).await;
        let (well, _, message) = undo(&server.project, &["--yes"]);
        assert!(!well && message.contains("a server uses this project"), "{message}");
        check_files(&server).await;
        let mut server = server.stop().await;
        let project = std::mem::take(&mut server.project);
        drop(server);

        let (well, out, message) = undo(&project, &["--yes"]);
        assert!(well && out.contains("undone") && !out.contains(" 0 events"), "{out}{message}");
        assert!(!types.exists(), "the schema files are gone");
        let (well, _, message) = undo(&project, &["--yes"]);
        assert!(!well && message.contains("nothing to undo"), "{message}");
        assert_eq!(import_json(&project, &archive, &["--yes"]), before);
    }
}
