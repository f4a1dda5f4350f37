//! `cairn person`, as somebody uses it who answers a request about personal data.

use cairn_server::config::Config;
use cairn_store::notify::NewMail;
use cairn_store::system::{ErasureState, NewUser};
use cairn_store::{Store, StoreOptions, WriteTx};
use cairn_testkit::TestProject;
use flate2::read::GzDecoder;
use serde_json::{Value as Json, json};
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const SECRET_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const ANN: &str = "ann@example.com";
/// More than a page or a step has.
const MAILS: usize = 450;

fn command(project: &TestProject, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
    if project.database().is_postgres() {
        command.env("CAIRN_DATABASE_URL", project.database().url());
    }
    command.args(args).arg("--project").arg(project.path());
    command.env("CAIRN_LOG", "error").env("CAIRN_SECRET_KEY", SECRET_KEY).stdin(Stdio::null());
    command
}

/// Runs a command, and returns its standard output, or its standard error where it failed.
fn cairn(project: &TestProject, args: &[&str]) -> Result<String, String> {
    let output = command(project, args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

fn store(project: &TestProject) -> Store {
    let mut config = Config::load(&project.path(), &|_| None).unwrap();
    config.database.url = project.database().is_postgres().then(|| project.database().url().to_owned());
    let loaded = cairn_model::load::load_project(&project.path()).unwrap();
    Store::open(StoreOptions { database: config.tenant_database("default").unwrap() }, Arc::new(loaded.registry))
        .unwrap()
}

/// A project with an account of Ann and many mails to her.
async fn project_with_ann() -> TestProject {
    let project = TestProject::newsroom();
    let settings = project.path().join("settings.json");
    std::fs::write(&settings, json!({ "locales": { "default": "en", "available": ["en"] } }).to_string()).unwrap();
    cairn(&project, &["apply", settings.to_str().unwrap()]).unwrap();
    let write = |tx: &mut WriteTx<'_>| {
        let user = NewUser { username: "ann", email: ANN, password_hash: "x", confirmed: true, role: None };
        tx.users().create(&user, "2026-01-01T00:00:00.000Z")?;
        for n in 0..MAILS {
            let mail = NewMail {
                once_key: format!("mail {n}"),
                template: "hello".to_owned(),
                locale: "en".to_owned(),
                to_address: if n % 2 == 0 { ANN.to_owned() } else { "Ann@Example.com".to_owned() },
                to_name: None,
                reply_to: None,
                data: json!({ "n": n }),
                secret: None,
                admin_user: None,
                topic: None,
            };
            tx.mails().create(&mail, 1)?;
        }
        Ok::<_, cairn_store::StoreError>(())
    };
    store(&project).write(write).await.unwrap();
    project
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_exported_and_erased_from_the_command_line() {
    let project = project_with_ann().await;
    let out = project.path().join("ann.tar.gz");
    let text = cairn(&project, &["person", "export", "ANN@example.com", "--out", out.to_str().unwrap()]).unwrap();
    assert!(text.contains("Mails: 450 records") && text.contains("451 records about ann@example.com"), "{text}");
    let mut archive = tar::Archive::new(GzDecoder::new(std::fs::File::open(&out).unwrap()));
    let mut sizes = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let (name, mut text) = (entry.path().unwrap().display().to_string(), String::new());
        entry.read_to_string(&mut text).unwrap();
        let json: Json = serde_json::from_str(&text).unwrap();
        sizes.push((name, json.as_array().map_or(0, Vec::len)));
    }
    let expected = [("core-mails.json", MAILS), ("core-account.json", 1), ("manifest.json", 0)];
    assert_eq!(sizes, expected.map(|(name, size)| (name.to_owned(), size)));

    let refused = cairn(&project, &["person", "erase", ANN]).unwrap_err();
    assert!(refused.contains("--yes"), "{refused}");
    let wrong = cairn(&project, &["person", "erase", "ann", "--yes"]).unwrap_err();
    assert!(wrong.contains("not an e-mail address"), "{wrong}");
    let nobody = cairn(&project, &["person", "erase", "nobody@example.com", "--yes"]).unwrap();
    assert!(nobody.contains("nothing to erase"), "{nobody}");
    let text = cairn(&project, &["person", "erase", ANN, "--yes"]).unwrap();
    assert!(text.contains("Mails: 450 records erased") && text.contains("User account: 1 records erased"), "{text}");
    let out = project.path().join("again.tar.gz");
    let text = cairn(&project, &["person", "export", ANN, "--out", out.to_str().unwrap()]).unwrap();
    assert!(text.contains("nothing is stored about ann@example.com"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_erasure_is_continued_by_the_next() {
    let project = project_with_ann().await;
    for pause in [60, 120, 240, 480] {
        let mut child = command(&project, &["person", "erase", ANN, "--yes"]).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        // SIGKILL, unless it was faster.
        let _ = child.kill();
        child.wait().unwrap();
    }
    cairn(&project, &["person", "erase", ANN, "--yes"]).unwrap();
    let store = store(&project);
    let erasures = store.read(|r| r.erasures().list(None, 10)).unwrap();
    assert!(erasures.iter().all(|row| row.state == ErasureState::Done && row.person.is_none()), "{erasures:?}");
    // However often it was killed, each mail was erased once.
    let erased: u64 = erasures
        .iter()
        .flat_map(|row| row.sources.as_array().unwrap())
        .filter(|source| source["source"] == "core:mails")
        .map(|source| source["erased"].as_u64().unwrap())
        .sum();
    assert_eq!(erased, MAILS as u64, "{erasures:?}");
    assert_eq!(store.read(|r| r.mails().count_by_state()).unwrap(), []);
    assert_eq!(store.read(|r| r.users().get_by_email(ANN)).unwrap(), None);
}
