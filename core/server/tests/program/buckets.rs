//! Files in a bucket, by the program: backup, verification, a move there and back, and a store that is away or does otherwise than it should.
//! Needs an object store: `cargo xtask test s3`.

mod faults;

use cairn_testkit::{TestProject, TestServer};
use serde_json::json;
use std::path::Path;
use std::process::{Command, Output};

/// The store to test with; `None` is said.
fn bucket_variables(folder: &str) -> Option<[(&'static str, String); 3]> {
    let Ok(url) = std::env::var("CAIRN_TEST_S3_URL") else {
        eprintln!("left out: CAIRN_TEST_S3_URL is not set");
        return None;
    };
    let var = |name| (name, std::env::var(name).unwrap());
    let url = url.replacen("s3://cairn", &format!("s3://cairn/{folder}-{}", std::process::id()), 1);
    Some([("CAIRN_ASSETS_URL", url), var("CAIRN_ASSETS_S3_ACCESS_KEY_ID"), var("CAIRN_ASSETS_S3_SECRET_ACCESS_KEY")])
}

fn cairn(project: &Path, database: &str, arguments: &[&str], variables: &[(&str, String)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
    command
        .args(arguments)
        .arg("--project")
        .arg(project)
        .env("CAIRN_DATABASE_URL", database)
        .env_remove("CAIRN_ASSETS_URL");
    command.envs(variables.iter().map(|(name, value)| (name, value))).output().unwrap()
}

fn output_text(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// A project with three files, two of which have the same bytes; its server is stopped.
async fn server_with_files() -> TestServer {
    let server = TestServer::start_with(TestProject::newsroom()).await;
    for (name, text) in [("a.txt", "one"), ("b.txt", "one"), ("c.txt", "three")] {
        server.upload_file(name, "text/plain", text.as_bytes()).await.expect_status(201);
    }
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_move_to_a_bucket_and_back_and_are_verified() {
    let Some(variables) = bucket_variables("moved") else { return };
    let server = server_with_files().await;
    let (project, database) = (server.project.path(), server.project.database().url().to_owned());
    let run = |arguments: &[&str], variables: &[(&str, String)]| cairn(&project, &database, arguments, variables);
    let to = variables[0].1.clone();
    let credentials = &variables[1..];
    let verified = run(&["assets", "verify"], &[]);
    assert!(
        verified.status.success() && output_text(&verified).contains("ok    2 objects"),
        "{}",
        output_text(&verified)
    );
    let nothing = run(&["assets", "verify"], &variables);
    assert!(!nothing.status.success() && output_text(&nothing).contains("missing"), "{}", output_text(&nothing));
    for copied in ["2 of 2 objects copied", "0 of 2 objects copied"] {
        let moved = run(&["assets", "migrate", "--to", &to], credentials);
        assert!(moved.status.success() && output_text(&moved).contains(copied), "{}", output_text(&moved));
    }
    let verified = run(&["assets", "verify"], &variables);
    assert!(
        verified.status.success() && output_text(&verified).contains("ok    2 objects"),
        "{}",
        output_text(&verified)
    );
    let out = project.join("backup.tar.gz");
    let output = run(&["backup", "--out", out.to_str().unwrap()], &variables);
    assert!(output.status.success() && output_text(&output).contains("2 files"), "{}", output_text(&output));

    // A damaged object and a missing one are named; what is missing comes back with a restore.
    let uploads = project.join("data/tenants/default/uploads");
    let mut objects: Vec<_> = std::fs::read_dir(&uploads).unwrap().map(|e| e.unwrap().path()).collect();
    objects.sort();
    std::fs::write(&objects[0], "other").unwrap();
    std::fs::remove_file(&objects[1]).unwrap();
    let found = run(&["assets", "verify"], &[]);
    assert!(!found.status.success() && output_text(&found).matches("WRONG").count() == 2, "{}", output_text(&found));
    let _stopped = server.stop().await;
    let restored = run(&["restore", out.to_str().unwrap(), "--force"], &[]);
    assert!(restored.status.success(), "{}", output_text(&restored));
    let verified = run(&["assets", "verify"], &[]);
    assert!(verified.status.success(), "{}", output_text(&verified));
}

#[tokio::test(flavor = "multi_thread")]
async fn rotating_the_key_reencrypts_files() {
    let server = server_with_files().await;
    let (project, database) = (server.project.path(), server.project.database().url().to_owned());
    let run = |arguments: &[&str], keys: &str| {
        cairn(&project, &database, arguments, &[("CAIRN_ASSETS_KEYS", keys.to_owned())])
    };
    let (one, two) = (format!("one:{}=", "A".repeat(43)), format!("two:{}=", "B".repeat(42) + "A"));
    let output = run(&["assets", "rotate"], &one);
    assert!(output.status.success() && output_text(&output).contains("2 of 2 objects"), "{}", output_text(&output));
    let both = format!("{two},{one}");
    assert!(output_text(&run(&["assets", "verify"], &both)).contains("ok    2"));
    let output = run(&["assets", "rotate"], &both);
    assert!(output_text(&output).contains("2 of 2 objects"), "{}", output_text(&output));
    assert!(output_text(&run(&["assets", "rotate"], &two)).contains("0 of 2 objects"));
    // The old key is not needed any more, and alone it opens nothing.
    assert!(output_text(&run(&["assets", "verify"], &two)).contains("ok    2"));
    assert!(!run(&["assets", "verify"], &one).status.success());
}

/// 503 in place of a file that nobody has: nothing is written down.
#[tokio::test(flavor = "multi_thread")]
async fn uploads_to_an_unreachable_bucket_store_nothing() {
    let server = TestServer::start_configured(TestProject::newsroom(), |config| {
        config.assets.url = Some("s3://cairn?endpoint=http://127.0.0.1:9&path_style=true".into());
        config.assets.s3_access_key_id = Some("id".into());
        config.assets.s3_secret_access_key = Some("secret".into());
    })
    .await;
    let refused = server.upload_file("a.txt", "text/plain", b"hello").await.expect_status(503);
    assert!(refused.message().len() > 10, "{}", refused.text());
    assert_eq!(server.get("/api/upload/files").await.expect_status(200).body, json!([]));
    server.create_entry("/api/articles", json!({ "title": "content goes on" })).await.expect_status(201);
}
