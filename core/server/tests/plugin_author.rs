//! The `cairn` program, as the author of a plugin uses it.
#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What guests are compiled into: one place for all of them, that the libraries they share are compiled once.
fn target() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_cairn")).parent().unwrap().parent().unwrap().join("guests").join("new")
}

/// All that a command wrote, and whether it went well.
fn run(command: &mut Command) -> (bool, String) {
    let done = command.env("CARGO_TARGET_DIR", target()).env_remove("RUSTFLAGS").output().unwrap();
    let text = [done.stdout, done.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (done.status.success(), text)
}

fn cairn(folder: &Path, args: &[&str]) -> (bool, String) {
    run(Command::new(env!("CARGO_BIN_EXE_cairn")).args(["plugin"]).args(args).current_dir(folder))
}

#[test]
fn a_new_plugin_of_each_kind_builds_without_a_warning_and_passes_its_tests() {
    let dir = tempfile::tempdir().unwrap();
    for kind in ["hook", "route", "jobs", "full"] {
        let id = format!("my-{kind}");
        let folder = dir.path().join(&id);
        let (well, said) = cairn(dir.path(), &["new", &id, "--kind", kind]);
        assert!(well && said.contains("cairn plugin build"), "{said}");
        let (well, said) = cairn(&folder, &["build"]);
        assert!(well && said.contains("\nok\n") && !said.contains("warning"), "{kind}: {said}");
        let (well, said) = cairn(&folder, &["test"]);
        assert!(well && said.contains("passed (--seed "), "{kind}: {said}");
        assert!(!folder.join("budgets.lock").exists());
    }
    let folder = dir.path().join("my-full");
    let (well, said) = run(Command::new("cargo").args(["test", "--quiet"]).current_dir(&folder));
    assert!(well && said.contains("2 passed"), "{said}");
    budgets_are_kept(&folder);
    what_is_broken_is_told(&folder);
}

fn budgets_are_kept(folder: &Path) {
    let (well, said) = cairn(folder, &["test", "--budgets", "--seed", "1"]);
    assert!(well && said.contains("budgets.lock"), "{said}");
    let kept = fs::read_to_string(folder.join("budgets.lock")).unwrap();
    assert!(kept.contains("\"prepare:tidy\" = ") && kept.contains("\"job:measure\" = "), "{kept}");
    let (well, said) = cairn(folder, &["test", "--seed", "1"]);
    assert!(well, "{said}");
    let less: String = kept.lines().map(|line| line.replace("= ", "= 9") + "\n").collect();
    fs::write(folder.join("budgets.lock"), less).unwrap();
    let (well, said) = cairn(folder, &["test", "--seed", "1"]);
    assert!(!well && said.contains("% less than budgets.lock has"), "{said}");
    fs::remove_file(folder.join("budgets.lock")).unwrap();
}

fn what_is_broken_is_told(folder: &Path) {
    let before = fs::read_to_string(folder.join("src/rules.rs")).unwrap();
    fs::write(folder.join("src/rules.rs"), "pub fn tidy(").unwrap();
    let component = fs::read(folder.join("plugin.wasm")).unwrap();
    let (well, said) = cairn(folder, &["build"]);
    assert!(!well && said.contains("src/rules.rs"), "{said}");
    assert_eq!(fs::read(folder.join("plugin.wasm")).unwrap(), component, "the last good one stays");
    fs::write(folder.join("src/rules.rs"), before).unwrap();
    // A test that does not hold.
    fs::write(folder.join("tests/wrong.toml"), "[[step]]\nrows = \"note\"\ncount = 7\n").unwrap();
    let (well, said) = cairn(folder, &["test"]);
    assert!(!well && said.contains("FAILED  wrong.toml: step 1 (rows note): there are 0, not 7"), "{said}");
    assert!(said.contains("1 of 4 failed (--seed "), "{said}");
    let (well, said) = cairn(folder, &["test", "--only", "hook"]);
    assert!(well && said.contains("1 passed"), "{said}");
    let (well, said) = cairn(folder, &["test", "--only", "nothing"]);
    assert!(!well && said.contains("has no such tests"), "{said}");
    // A manifest that asks for less than the code does.
    let manifest = fs::read_to_string(folder.join("plugin.toml")).unwrap();
    fs::write(folder.join("plugin.toml"), manifest.replace("use = \"jobs\"", "use = \"kv\"")).unwrap();
    let (well, said) = cairn(folder, &["build"]);
    assert!(!well && said.contains("plugin.toml") && said.contains("jobs"), "{said}");
}

#[test]
fn what_is_no_folder_of_a_plugin_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let (well, said) = cairn(dir.path(), &["build"]);
    assert!(!well && said.contains("has no plugin.toml") && said.contains("cairn plugin new"), "{said}");
    let (well, said) = cairn(dir.path(), &["build", "nowhere"]);
    assert!(!well && said.contains("nowhere"), "{said}");
    let (well, said) = cairn(dir.path(), &["types"]);
    assert!(!well && said.contains("plugin.toml"), "{said}");
    let (well, said) = cairn(dir.path(), &["test"]);
    assert!(!well && said.contains("plugin.toml"), "{said}");
    fs::write(dir.path().join("plugin.toml"), "").unwrap();
    let (well, said) = cairn(dir.path(), &["build"]);
    assert!(!well && said.contains("nothing to compile"), "{said}");
    let (well, said) = cairn(dir.path(), &["new", "."]);
    assert!(!well && said.contains("no name"), "{said}");
    let (well, said) = cairn(dir.path(), &["new", ".", "--id", "mine"]);
    assert!(!well && said.contains("is not empty"), "{said}");
    let (well, said) = cairn(dir.path(), &["new", "Not An Id"]);
    assert!(!well && said.contains("is no id of a plugin"), "{said}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}
