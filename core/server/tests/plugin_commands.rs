//! `cairn plugin`, as an operator and an author use it.
#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

use cairn_testkit::Project;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a command wrote to standard output, or to standard error where it failed.
fn cairn(project: &Project, args: &[&str], here: bool) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
    if project.database().is_postgres() {
        command.env("CAIRN_DATABASE_URL", project.database().url());
    }
    command
        .args(args)
        .env("CAIRN_LOG", "error")
        .env("CAIRN_SECRET_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    if here {
        command.arg("--project").arg(project.path());
    }
    let done = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if done.status.success() { Ok(text(done.stdout)) } else { Err(text(done.stderr)) }
}

fn plugin(project: &Project, args: &[&str]) -> Result<String, String> {
    cairn(project, &[&["plugin"], args].concat(), true)
}

fn package_only(project: &Project, args: &[&str]) -> Result<String, String> {
    cairn(project, &[&["plugin"], args].concat(), false)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &place) } else { std::fs::copy(&path, &place).map(drop).unwrap() }
    }
}

/// A package of the guest that behaves, in a version of its own; `key`: the file to sign it with.
fn packed(project: &Project, version: &str, more: &str, key: Option<&Path>) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = project.path().join(format!("made-{version}"));
    copy(&root.join("plugins/guests/allow"), &folder);
    let component = root.join("target/plugins/allow.wasm");
    std::fs::copy(&component, folder.join("plugin.wasm"))
        .unwrap_or_else(|e| panic!("{}: {e}; `cargo xtask wasm` makes it", component.display()));
    let manifest = std::fs::read_to_string(folder.join("plugin.toml")).unwrap();
    let manifest = manifest.replace("version = \"1.0.0\"", &format!("version = \"{version}\""));
    std::fs::write(folder.join("plugin.toml"), format!("{manifest}{more}")).unwrap();
    let mut args = vec!["pack", folder.to_str().unwrap(), "--out"];
    let out = project.path();
    args.push(out.to_str().unwrap());
    if let Some(key) = key {
        args.extend(["--key", key.to_str().unwrap()]);
    }
    PathBuf::from(package_only(project, &args).unwrap().trim())
}

/// A project whose database is there.
fn project() -> Project {
    let project = Project::newsroom();
    let settings = project.path().join("settings.json");
    std::fs::write(&settings, json!({ "locales": { "default": "en", "available": ["en"] } }).to_string()).unwrap();
    cairn(&project, &["apply", settings.to_str().unwrap()], true).unwrap();
    project
}

fn listed(project: &Project) -> Vec<Json> {
    let lines = plugin(project, &["list", "--json"]).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn packages_are_verified_and_inspected() {
    let project = project();
    let key = project.path().join("publisher.key");
    let public = package_only(&project, &["key", key.to_str().unwrap()]).unwrap();
    let file = packed(&project, "1.0.0", "", Some(&key));
    let file = file.to_str().unwrap();
    let said = package_only(&project, &["verify", file]).unwrap();
    assert!(said.starts_with(&format!("allow 1.0.0: signed by {}", public.trim())), "{said}");
    let said = package_only(&project, &["inspect", file]).unwrap();
    for line in [
        "asks for:",
        "  Keeps small private state",
        "content type plugin::allow.plain",
        "route GET /api/allow/read-notes",
        "hook count",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let said: Json = serde_json::from_str(&package_only(&project, &["inspect", "--json", file]).unwrap()).unwrap();
    assert_eq!((&said["id"], &said["publisher"]), (&json!("allow"), &json!(public.trim())));
    // One byte of it is another.
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let broken = project.path().join("broken.cairnplugin");
    std::fs::write(&broken, bytes).unwrap();
    for command in ["verify", "inspect"] {
        package_only(&project, &[command, broken.to_str().unwrap()]).unwrap_err();
    }
}

#[test]
fn a_plugin_is_installed_rolled_back_and_uninstalled() {
    let project = project();
    let more = "\n[[grant]]\nuse = \"mail\"\nmax-per-hour = 5\noptional = true\n";
    let first = packed(&project, "1.0.0", more, None);
    let first = first.to_str().unwrap();
    let said = plugin(&project, &["install", first]).unwrap_err();
    assert!(said.contains("not signed"), "{said}");
    let said = plugin(&project, &["install", first, "--unsigned"]).unwrap_err();
    assert!(said.contains("Sends up to 5 mails an hour") && said.contains("Nothing was installed"), "{said}");
    assert_eq!(listed(&project), Vec::<Json>::new());
    assert!(!project.path().join("plugins").exists());
    let said = plugin(&project, &["install", first, "--unsigned", "--yes", "--without", "kv"]).unwrap_err();
    assert!(said.contains("does not work without kv"), "{said}");
    let said = plugin(&project, &["install", first, "--unsigned", "--yes", "--without", "nothing"]).unwrap_err();
    assert!(said.contains("there is no such capability"), "{said}");
    plugin(&project, &["install", first, "--unsigned", "--yes", "--without", "mail"]).unwrap();
    let there = &listed(&project)[0];
    assert_eq!((&there["version"], &there["state"]), (&json!("1.0.0"), &json!("enabled")));
    // What was narrowed is asked for again, and only that.
    let second = packed(&project, "1.1.0", more, None);
    let second = second.to_str().unwrap();
    let said = plugin(&project, &["install", second, "--unsigned"]).unwrap_err();
    assert!(said.contains("mails an hour"), "{said}");
    plugin(&project, &["install", second, "--unsigned", "--yes"]).unwrap();
    let there = &listed(&project)[0];
    assert_eq!((&there["version"], &there["previous"]), (&json!("1.1.0"), &json!("1.0.0")));
    plugin(&project, &["disable", "allow"]).unwrap();
    assert_eq!(plugin(&project, &["rollback", "allow"]).unwrap(), "allow 1.0.0: enabled\n");
    assert!(plugin(&project, &["rollback", "nothing"]).unwrap_err().contains("cairn plugin list"));
    // What becomes of what it has has to be said.
    let said = plugin(&project, &["uninstall", "allow"]).unwrap_err();
    assert!(said.contains("documents: 0") && said.contains("Nothing was changed"), "{said}");
    plugin(&project, &["uninstall", "allow", "--keep"]).unwrap();
    assert_eq!(plugin(&project, &["list"]).unwrap(), "");
    assert!(project.path().join("plugins/allow/plugin.toml").exists());
    plugin(&project, &["uninstall", "allow", "--delete"]).unwrap();
    assert!(!project.path().join("plugins/allow").exists());
    assert_eq!(listed(&project), Vec::<Json>::new());
    // The project opens as before.
    plugin(&project, &["install", first, "--unsigned", "--yes"]).unwrap();
}

#[test]
fn grants_are_narrowed_by_a_file() {
    let project = project();
    let more = "\n[[grant]]\nuse = \"mail\"\nmax-per-hour = 500\n";
    let file = packed(&project, "1.0.0", more, None);
    let file = file.to_str().unwrap();
    let mut shown: Json = serde_json::from_str(&package_only(&project, &["inspect", "--json", file]).unwrap()).unwrap();
    let mail = shown["grants"].as_array().unwrap().iter().position(|grant| grant.to_string().contains("500")).unwrap();
    let narrowed = shown["grants"][mail].to_string().replace("500", "5");
    let widened = shown["grants"][mail].to_string().replace("500", "5000");
    let grants = project.path().join("grants.json");
    let place = grants.to_str().unwrap();
    shown["grants"][mail] = serde_json::from_str(&widened).unwrap();
    std::fs::write(&grants, shown.to_string()).unwrap();
    let said = plugin(&project, &["install", file, "--unsigned", "--yes", "--grants", place]).unwrap_err();
    assert!(said.contains("more than was asked for"), "{said}");
    shown["grants"][mail] = serde_json::from_str(&narrowed).unwrap();
    std::fs::write(&grants, shown.to_string()).unwrap();
    let said = plugin(&project, &["install", file, "--unsigned", "--grants", place]).unwrap_err();
    assert!(said.contains("Sends up to 5 mails an hour"), "{said}");
    plugin(&project, &["install", file, "--unsigned", "--yes", "--grants", place]).unwrap();
    for broken in ["", "{", "[1]", "{\"grants\": 1}"] {
        std::fs::write(&grants, broken).unwrap();
        let said = plugin(&project, &["install", file, "--unsigned", "--yes", "--grants", place]).unwrap_err();
        assert!(said.contains("grants.json"), "{said}");
    }
}
