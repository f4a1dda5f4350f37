//! `.ci/run-cached`: what is built for a commit is kept for the next, and nothing of it is taken for what has changed.
#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Clones of a small program, and the folder of the cache.
struct Fixture {
    folder: PathBuf,
}

impl Fixture {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        let first = folder.join("first");
        fs::create_dir_all(first.join("src")).unwrap();
        fs::write(first.join("Cargo.toml"), "[package]\nname = \"small\"\nedition = \"2024\"\n[workspace]\n").unwrap();
        fs::write(first.join(".gitignore"), "/target\nCargo.lock\n").unwrap();
        let fixture = Self { folder };
        git(&first, &["init", "--quiet"]);
        fixture.commit_program("first", "one");
        fixture
    }

    fn commit_program(&self, clone: &str, says: &str) {
        let clone = self.folder.join(clone);
        fs::write(clone.join("src/main.rs"), format!("fn main() {{ println!(\"{says}\"); }}\n")).unwrap();
        git(&clone, &["add", "--all"]);
        git(&clone, &["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", says]);
    }

    fn clone_anew(&self, name: &str) {
        git(&self.folder, &["clone", "--quiet", "first", name]);
    }

    /// Builds and runs the program of a clone, and returns what it says, and what was said besides.
    fn run(&self, clone: &str) -> (String, String) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.ci/run-cached").canonicalize().unwrap();
        let mut run = Command::new(script);
        run.current_dir(self.folder.join(clone)).arg(self.folder.join("cache"));
        run.args(["sh", "-c", "cargo build --offline && target/debug/small"]);
        run.env_remove("CARGO_TARGET_DIR").env_remove("RUSTC_WORKSPACE_WRAPPER");
        let output = run.output().unwrap();
        let (said, besides) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(output.status.success(), "{said}\n{besides}");
        (said, besides)
    }
}

fn git(folder: &Path, arguments: &[&str]) {
    assert!(Command::new("git").current_dir(folder).args(arguments).status().unwrap().success(), "{arguments:?}");
}

#[test]
fn change_is_compiled_and_the_rest_is_kept() {
    let fixture = Fixture::new("run-cached");
    let (said, besides) = fixture.run("first");
    assert_eq!(said, "one\n");
    assert!(besides.contains("Compiling small"), "{besides}");
    // The same commit in another folder, all files newer: nothing to compile.
    fixture.clone_anew("second");
    let (said, besides) = fixture.run("second");
    assert_eq!(said, "one\n");
    assert!(!besides.contains("Compiling"), "{besides}");
    // A changed file of the same length is compiled.
    fixture.commit_program("second", "two");
    assert_eq!(fixture.run("second").0, "two\n");
    // Back again, to what was built before.
    assert_eq!(fixture.run("first").0, "one\n");
}

#[test]
fn damaged_cache_is_built_anew_and_changes_run_where_they_are() {
    let fixture = Fixture::new("run-cached-damaged");
    assert_eq!(fixture.run("first").0, "one\n");
    fs::write(fixture.folder.join("cache/checkout/.git/config"), "[damaged").unwrap();
    let (said, besides) = fixture.run("first");
    assert!(said.starts_with("the build cache is damaged") && said.ends_with("one\n"), "{said}");
    assert!(besides.contains("Compiling small"), "{besides}");
    fs::write(fixture.folder.join("first/src/main.rs"), "fn main() { println!(\"not committed\"); }\n").unwrap();
    let (said, _) = fixture.run("first");
    assert!(said.starts_with("the build cache is not used") && said.ends_with("not committed\n"), "{said}");
}
