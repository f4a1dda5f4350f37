//! The `cairn` program, as the author of a plugin uses it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Folder that guests are compiled into: one for all of them, so that the libraries they share are compiled once.
fn target() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_cairn")).parent().unwrap().parent().unwrap().join("guests").join("new")
}

/// All that a command wrote, and whether it went well.
fn run(command: &mut Command) -> (bool, String) {
    let output = command.env("CARGO_TARGET_DIR", target()).env_remove("RUSTFLAGS").output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (output.status.success(), text)
}

fn cairn(folder: &Path, args: &[&str]) -> (bool, String) {
    run(Command::new(env!("CARGO_BIN_EXE_cairn")).args(["plugin"]).args(args).current_dir(folder))
}

fn check_budgets(folder: &Path) {
    let (well, text) = cairn(folder, &["test", "--budgets", "--seed", "1"]);
    assert!(well && text.contains("budgets.lock"), "{text}");
    let budgets = fs::read_to_string(folder.join("budgets.lock")).unwrap();
    assert!(budgets.contains("\"prepare:tidy\" = ") && budgets.contains("\"job:measure\" = "), "{budgets}");
    let (well, output) = cairn(folder, &["test", "--seed", "1"]);
    assert!(well, "{output}");
    let less: String = budgets.lines().map(|line| line.replace("= ", "= 9") + "\n").collect();
    fs::write(folder.join("budgets.lock"), less).unwrap();
    let (well, output) = cairn(folder, &["test", "--seed", "1"]);
    assert!(!well && output.contains("% less than recorded in budgets.lock"), "{output}");
    fs::remove_file(folder.join("budgets.lock")).unwrap();
}

fn check_broken_plugins(folder: &Path) {
    let before = fs::read_to_string(folder.join("src/rules.rs")).unwrap();
    fs::write(folder.join("src/rules.rs"), "pub fn tidy(").unwrap();
    let component = fs::read(folder.join("plugin.wasm")).unwrap();
    let (well, text) = cairn(folder, &["build"]);
    assert!(!well && text.contains("src/rules.rs"), "{text}");
    assert_eq!(fs::read(folder.join("plugin.wasm")).unwrap(), component, "the last good one stays");
    fs::write(folder.join("src/rules.rs"), before).unwrap();
    // A test that does not hold.
    fs::write(folder.join("tests/wrong.toml"), "[[step]]\nrows = \"note\"\ncount = 7\n").unwrap();
    let (well, output) = cairn(folder, &["test"]);
    assert!(!well && output.contains("FAILED  wrong.toml: step 1 (rows note): found 0, not 7"), "{output}");
    assert!(output.contains("1 of 4 failed (--seed "), "{output}");
    let (well, output) = cairn(folder, &["test", "--only", "hook"]);
    assert!(well && output.contains("1 passed"), "{output}");
    let (well, output) = cairn(folder, &["test", "--only", "nothing"]);
    assert!(!well && output.contains("has no matching tests"), "{output}");
    // A manifest that asks for less than the code does.
    let manifest = fs::read_to_string(folder.join("plugin.toml")).unwrap();
    fs::write(folder.join("plugin.toml"), manifest.replace("use = \"jobs\"", "use = \"kv\"")).unwrap();
    let (well, output) = cairn(folder, &["build"]);
    assert!(!well && output.contains("plugin.toml") && output.contains("jobs"), "{output}");
}

/// Frames in TypeScript are bundled with the plugin, whatever it is written in.
fn check_frames(folder: &Path) {
    fs::create_dir_all(folder.join("admin-src")).unwrap();
    fs::write(folder.join("admin-src/page.ts"), "cairn.tost('a');\n").unwrap();
    let (well, output) = cairn(folder, &["build"]);
    assert!(!well && output.contains("admin-src/page.ts(1,7)"), "{output}");
    fs::write(folder.join("admin-src/page.ts"), "cairn.toast('a');\n").unwrap();
    let (well, output) = cairn(folder, &["build"]);
    assert!(well && output.contains("frames: page.js, cairn-kit.js in admin/"), "{output}");
    assert!(fs::read_to_string(folder.join("admin/page.js")).unwrap().contains("cairn.toast("));
    fs::remove_dir_all(folder.join("admin-src")).unwrap();
    fs::remove_dir_all(folder.join("admin")).unwrap();
}

/// A file of another crate's.
fn crate_path(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

#[test]
fn check_reports_missing_component_and_manifest_errors() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("my-notes");
    assert!(cairn(dir.path(), &["new", "my-notes", "--kind", "route"]).0);
    let (well, text) = cairn(&folder, &["check"]);
    assert!(!well && text.contains("plugin.wasm: not found; run `cairn plugin build` to create it"), "{text}");
    let manifest = fs::read_to_string(folder.join("plugin.toml")).unwrap();
    fs::write(folder.join("plugin.toml"), manifest.replace("auth = \"none\"", "auth = \"nobody\"")).unwrap();
    let (well, output) = cairn(&folder, &["check"]);
    assert!(!well && output.contains("plugin.wasm: not found") && output.contains("nobody"), "{output}");
}

#[test]
fn commands_reject_folders_that_are_not_plugins() {
    let dir = tempfile::tempdir().unwrap();
    let (well, text) = cairn(dir.path(), &["build"]);
    assert!(!well && text.contains("has no plugin.toml") && text.contains("cairn plugin new"), "{text}");
    let (well, output) = cairn(dir.path(), &["build", "nowhere"]);
    assert!(!well && output.contains("nowhere"), "{output}");
    let (well, output) = cairn(dir.path(), &["types"]);
    assert!(!well && output.contains("plugin.toml"), "{output}");
    let (well, output) = cairn(dir.path(), &["test"]);
    assert!(!well && output.contains("plugin.toml"), "{output}");
    fs::write(dir.path().join("plugin.toml"), "").unwrap();
    let (well, output) = cairn(dir.path(), &["build"]);
    assert!(!well && output.contains("nothing to compile"), "{output}");
    let (well, output) = cairn(dir.path(), &["new", "."]);
    assert!(!well && output.contains("no name"), "{output}");
    let (well, output) = cairn(dir.path(), &["new", ".", "--id", "mine"]);
    assert!(!well && output.contains("is not empty"), "{output}");
    let (well, output) = cairn(dir.path(), &["new", "Not An Id"]);
    assert!(!well && output.contains("is not a valid plugin id"), "{output}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use super::{cairn, check_broken_plugins, check_budgets, check_frames, crate_path, run};
    use std::fs;
    use std::process::Command;

    #[test]
    fn new_plugins_of_every_kind_build_and_pass_their_tests() {
        let dir = tempfile::tempdir().unwrap();
        for kind in ["hook", "route", "jobs", "full"] {
            let id = format!("my-{kind}");
            let folder = dir.path().join(&id);
            let (well, text) = cairn(dir.path(), &["new", &id, "--kind", kind]);
            assert!(well && text.contains("cairn plugin build"), "{text}");
            let (well, output) = cairn(&folder, &["build"]);
            assert!(well && output.contains("\nok\n") && !output.contains("warning"), "{kind}: {output}");
            let (well, output) = cairn(&folder, &["test"]);
            assert!(well && output.contains("passed (--seed "), "{kind}: {output}");
            assert!(!folder.join("budgets.lock").exists());
        }
        let folder = dir.path().join("my-full");
        let (well, output) = run(Command::new("cargo").args(["test", "--quiet"]).current_dir(&folder));
        assert!(well && output.contains("2 passed"), "{output}");
        check_budgets(&folder);
        check_broken_plugins(&folder);
    }

    #[test]
    fn new_typescript_plugin_builds_and_passes_its_tests() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("my-ts");
        let (well, text) = cairn(dir.path(), &["new", "my-ts", "--lang", "ts"]);
        assert!(well && text.contains("cairn plugin build"), "{text}");
        // The TypeScript generated from content types passes the compiler at its strictest.
        fs::copy(crate_path("plugin-author/tests/golden/types.ts"), folder.join("src/agreed.ts")).unwrap();
        let (well, output) = cairn(&folder, &["build"]);
        assert!(well && output.contains("\nok\n"), "{output}");
        check_frames(&folder);
        let (well, output) = cairn(&folder, &["test"]);
        assert!(well && output.contains("3 passed (--seed "), "{output}");
        let (well, output) = run(Command::new("npm").args(["test", "--silent"]).current_dir(&folder));
        assert!(well && output.contains("2 passed, 0 failed"), "{output}");
        let (well, output) = cairn(&folder, &["types"]);
        assert!(well && output.contains("plugin::my-ts.note") && output.contains("src/types.ts"), "{output}");
        let component = fs::read(folder.join("plugin.wasm")).unwrap();
        fs::write(folder.join("src/agreed.ts"), "export const words: number = \"none\";\n").unwrap();
        let (well, output) = cairn(&folder, &["build"]);
        assert!(
            !well && output.contains("src/agreed.ts(1,14)") && output.contains("`npm run --silent build`"),
            "{output}"
        );
        assert_eq!(fs::read(folder.join("plugin.wasm")).unwrap(), component, "the last good one stays");
    }

    #[test]
    fn new_python_plugin_builds_and_passes_its_tests() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("my-py");
        let (well, text) = cairn(dir.path(), &["new", "my-py", "--lang", "python", "--kind", "hook"]);
        assert!(!well && text.contains("cannot have hooks") && !folder.exists(), "{text}");
        let (well, output) = cairn(dir.path(), &["new", "my-py", "--lang", "python"]);
        assert!(well && output.contains("cairn plugin build"), "{output}");
        fs::copy(crate_path("plugin-author/tests/golden/content_types.py"), folder.join("src/agreed.py")).unwrap();
        // `cargo xtask wasm` has made an environment for the repository's own plugins; a plugin makes one of its own where there is none.
        let known = crate_path("../target/sdk-py/bin/python");
        let python = if known.exists() { known } else { folder.join(".cairn/venv/bin/python") };
        let with_python = |args: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
            command.arg("plugin").args(args).current_dir(&folder);
            if !python.starts_with(&folder) {
                command.env("CAIRN_PLUGIN_PYTHON", &python);
            }
            run(&mut command)
        };
        let (well, output) = with_python(&["build"]);
        assert!(well && output.contains("\nok\n"), "{output}");
        let (well, output) = with_python(&["test"]);
        assert!(well && output.contains("2 passed (--seed "), "{output}");
        let tool = folder.join(".cairn/sdk-py/cairn_plugin_py.py");
        for (command, message) in [("check", ""), ("test", "1 passed, 0 failed")] {
            let (well, output) = run(Command::new(&python).arg(&tool).arg(command).current_dir(&folder));
            assert!(well && output.contains(message), "{command}: {output}");
        }
        fs::write(folder.join("src/rules.py"), "def words(\n").unwrap();
        let (well, output) = with_python(&["build"]);
        assert!(!well && output.contains("rules.py"), "{output}");
        let mut nowhere = Command::new(env!("CARGO_BIN_EXE_cairn"));
        let (well, output) =
            run(nowhere.args(["plugin", "build"]).env("CAIRN_PLUGIN_PYTHON", "/nowhere/python").current_dir(&folder));
        assert!(!well && output.contains("/nowhere/python") && output.contains("CAIRN_PLUGIN_PYTHON"), "{output}");
    }
}
