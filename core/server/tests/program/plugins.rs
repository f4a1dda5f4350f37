//! Plugins as an operator installs them: who may publish one, what is run of it, and for whom.

use cairn_testkit::{TestProject, TestServer};
use serde_json::{Value as Json, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs a command, and returns its standard output, or its standard error where it failed.
fn cairn(project: &TestProject, args: &[&str], input: &str) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
    if project.database().is_postgres() {
        command.env("CAIRN_DATABASE_URL", project.database().url());
    }
    let mut child = command
        .args(args)
        .env("CAIRN_PROJECT", project.path())
        .env("CAIRN_LOG", "error")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A guest's folder as its author has it, with its component.
fn guest_folder(project: &TestProject, guest: &str) -> PathBuf {
    let folder = project.path().join("author");
    copy(&root().join("plugins/guests").join(guest), &folder);
    let component = root().join(format!("target/plugins/{guest}.wasm"));
    std::fs::copy(&component, folder.join("plugin.wasm"))
        .unwrap_or_else(|e| panic!("{}: {e}; `cargo xtask wasm` makes it", component.display()));
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(std::fs::copy(entry.path(), to).unwrap()),
        }
    }
}

/// A key of a publisher.
fn create_key(project: &TestProject, name: &str) -> String {
    let file = project.path().join(name).display().to_string();
    cairn(project, &["plugin", "key", &file], "").unwrap();
    file
}

fn pack(project: &TestProject, folder: &Path, key: &str) -> String {
    let (folder, out) = (folder.display().to_string(), project.path().display().to_string());
    let packed = cairn(project, &["plugin", "pack", &folder, "--key", key, "--out", &out], "").unwrap();
    packed.trim().to_owned()
}

fn install(project: &TestProject, package: &str, extra_args: &[&str]) -> Result<String, String> {
    cairn(project, &[&["plugin", "install", package, "--yes"], extra_args].concat(), "")
}

/// A project with a database.
fn project() -> TestProject {
    let project = TestProject::newsroom();
    let settings = json!({ "tenants": { "other": { "hosts": ["other.example.com"] } } });
    cairn(&project, &["apply", "-"], &settings.to_string()).unwrap();
    project
}

#[test]
fn tampered_or_foreign_signed_packages_are_not_installed() {
    let project = project();
    let folder = guest_folder(&project, "allow");
    let (own, other) = (create_key(&project, "own.key"), create_key(&project, "other.key"));
    let package = pack(&project, &folder, &own);
    let original = std::fs::read(&package).unwrap();
    let installed = project.path().join("plugins/allow");
    for at in [original.len() / 4, original.len() / 2, original.len() - 20] {
        let mut changed = original.clone();
        changed[at] ^= 1;
        std::fs::write(&package, &changed).unwrap();
        install(&project, &package, &[]).unwrap_err();
        install(&project, &package, &["--unsigned"]).unwrap_err();
        assert!(!installed.exists(), "{at}");
    }
    std::fs::write(&package, &original).unwrap();
    install(&project, &package, &[]).unwrap();
    let before = std::fs::read(installed.join("allow-1.0.0.cairnplugin")).unwrap();
    // A next version of another publisher's, and one that nobody signed.
    let manifest = std::fs::read_to_string(folder.join("plugin.toml")).unwrap();
    std::fs::write(folder.join("plugin.toml"), manifest.replace("\"1.0.0\"", "\"1.0.1\"")).unwrap();
    let foreign = pack(&project, &folder, &other);
    for extra_args in [&[][..], &["--unsigned"]] {
        let message = install(&project, &foreign, extra_args).unwrap_err();
        assert!(message.contains("key") || message.contains("signed"), "{message}");
    }
    assert_eq!(std::fs::read(installed.join("allow-1.0.0.cairnplugin")).unwrap(), before);
    assert!(cairn(&project, &["plugin", "list"], "").unwrap().contains("1.0.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn packages_changed_after_consent_are_not_run() {
    let project = project();
    let folder = guest_folder(&project, "allow");
    let key = create_key(&project, "own.key");
    install(&project, &pack(&project, &folder, &key), &[]).unwrap();
    // The same publisher, the same version, and a grant more: put there by hand, past everybody who could consent.
    let manifest = std::fs::read_to_string(folder.join("plugin.toml")).unwrap();
    let http_grant =
        "[[grant]]\nuse = \"http\"\nto = [\"https://evil.example/*\"]\nreason = \"t:grant.kv\"\n\n[content-types]";
    std::fs::write(folder.join("plugin.toml"), manifest.replace("[content-types]", http_grant)).unwrap();
    let changed = pack(&project, &folder, &key);
    std::fs::copy(changed, project.path().join("plugins/allow/allow-1.0.0.cairnplugin")).unwrap();
    let server = TestServer::start_with(project).await;
    assert_eq!(server.public_client().get("/api/allow/read-notes").await.status, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_serve_only_the_tenant_they_are_installed_for() {
    let project = project();
    let folder = guest_folder(&project, "allow");
    let key = create_key(&project, "own.key");
    let package = pack(&project, &folder, &key);
    install(&project, &package, &[]).unwrap();
    let server = TestServer::start_with(project).await;
    let other = server.public_client().with_host("other.example.com");
    let note = json!({ "title": "ours" });
    assert_eq!(server.public_client().post("/api/allow/write-note", note.clone()).await.status, 201);
    let response = server.public_client().get("/api/allow/read-notes").await;
    assert_eq!((response.status, response.body.as_array().unwrap().len()), (200, 1));
    // The responses are those for unknown paths; the second looks like the path of an entry, which has no `POST`.
    assert_eq!(other.get("/api/allow/read-notes").await.status, 404);
    assert_eq!(other.post("/api/allow/write-note", note).await.status, 405);
    assert_eq!(server.public_client().get("/api/allow/read-notes").await.body.as_array().unwrap().len(), 1);
}

#[test]
fn plugin_secrets_are_set_by_name_and_never_printed() {
    let project = project();
    let folder = guest_folder(&project, "hostile");
    let signing = create_key(&project, "own.key");
    install(&project, &pack(&project, &folder, &signing), &[]).unwrap();
    let secret = |args: &[&str], input: &str| cairn(&project, &[&["plugin", "secret"], args].concat(), input);
    assert!(secret(&["list", "hostile"], "").unwrap().contains("not set"));
    let text = secret(&["set", "hostile", "key"], "swordfish-42\n").unwrap();
    let listed = secret(&["list", "hostile"], "").unwrap();
    assert!(listed.contains("set 20") && !format!("{text}{listed}").contains("swordfish"), "{text}{listed}");
    let file = project.path().join("value.txt");
    std::fs::write(&file, "swordfish-43\r\n").unwrap();
    secret(&["set", "hostile", "key", "--file", file.to_str().unwrap()], "").unwrap();
    assert!(secret(&["set", "hostile", "kye"], "swordfish-42").unwrap_err().contains("declares key"));
    for bad in ["", "\n", "abc", &"x".repeat(9_000)] {
        let message = secret(&["set", "hostile", "key"], bad).unwrap_err();
        assert!(message.contains("4 to 8192 bytes"), "{message}");
    }
    for nobody in ["nobody", "../hostile", ""] {
        assert!(
            secret(&["set", nobody, "key"], "swordfish-42").unwrap_err().contains("not found; run `cairn plugin list`")
        );
    }
    secret(&["unset", "hostile", "key"], "").unwrap();
    assert!(secret(&["unset", "hostile", "key"], "").unwrap_err().contains("has no secret"));
    assert!(secret(&["list", "hostile"], "").unwrap().contains("not set"));
}

#[test]
fn signing_keys_are_set_by_name_and_never_printed() {
    let project = project();
    let folder = guest_folder(&project, "teller");
    // The guest begins transactions, for which an installed package needs a grant for data.
    let grant =
        "\n[[grant]]\nuse = \"data.read\"\ntypes = [\"api::article.article\"]\nreason = \"Begins transactions.\"\n";
    let manifest = std::fs::read_to_string(folder.join("plugin.toml")).unwrap();
    std::fs::write(folder.join("plugin.toml"), format!("{manifest}{grant}")).unwrap();
    let publisher = create_key(&project, "own.key");
    install(&project, &pack(&project, &folder, &publisher), &[]).unwrap();
    let run = |args: &[&str], input: &str| cairn(&project, &[&["plugin", "signing-key"], args].concat(), input);
    assert_eq!(run(&["list", "teller"], "").unwrap().matches("not set").count(), 3);
    for command in ["show", "remove"] {
        let message = run(&[command, "teller", "receipts"], "").unwrap_err();
        assert!(message.contains("has no signing key \"receipts\" that is set"), "{message}");
    }
    let made = run(&["generate", "teller", "receipts"], "").unwrap();
    assert!(made.contains("the signing key receipts is set; its id is "), "{made}");
    run(&["generate", "teller", "receipts"], "").unwrap();
    let listed = run(&["list", "teller"], "").unwrap();
    assert!(listed.contains("es256  1 before it") && listed.matches("not set").count() == 2, "{listed}");
    assert!(run(&["show", "teller", "receipts"], "").unwrap().starts_with("-----BEGIN PUBLIC KEY-----"));
    let set: Json = serde_json::from_str(&run(&["show", "teller", "receipts", "--jwks"], "").unwrap()).unwrap();
    assert_eq!(set["keys"].as_array().unwrap().len(), 2);
    let file = root().join("core/seals/tests/openssl/rsa/key.pem");
    let pem = std::fs::read_to_string(&file).unwrap();
    let secret = pem.lines().nth(3).unwrap();
    let imported = run(&["import", "teller", "letters"], &pem).unwrap();
    run(&["import", "teller", "letters", "--file", file.to_str().unwrap()], "").unwrap();
    let listed = run(&["list", "teller"], "").unwrap();
    // The same key again is one key.
    assert!(listed.contains("rs256\n") && !format!("{imported}{listed}").contains(secret), "{imported}{listed}");
    let message = run(&["import", "teller", "receipts"], &pem).unwrap_err();
    assert!(message.contains("P-256") && !message.contains(secret), "{message}");
    let message = run(&["generate", "teller", "recipes"], "").unwrap_err();
    assert!(message.contains("declares receipts, letters, contracts"), "{message}");
    assert!(run(&["generate", "nobody", "receipts"], "").unwrap_err().contains("not found; run `cairn plugin list`"));
    run(&["remove", "teller", "receipts"], "").unwrap();
    assert!(run(&["remove", "teller", "receipts"], "").unwrap_err().contains("has no signing key"));
}
