//! The lines of the contract are what `plugins/wit/LINES` says they are.
#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn wit_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/wit")
}

/// Of a line's `.wit` files: their names and their bytes, in the order of the names.
fn hash_folder(folder: &Path) -> String {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "wit"));
    files.sort();
    let mut hash = Sha256::new();
    for file in &files {
        let (name, content) = (file.file_name().unwrap().to_str().unwrap(), fs::read(file).unwrap());
        hash.update(format!("{name} {}\n", content.len()));
        hash.update(content);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Parses `LINES`: the state and hash of each line by its name.
fn parse_lines(text: &str) -> BTreeMap<&str, (&str, &str)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let read = |line| -> Option<(&str, (&str, &str))> {
        match str::split_whitespace(line).collect::<Vec<_>>()[..] {
            [name, state @ ("open" | "frozen"), hash] => Some((name, (state, hash))),
            _ => None,
        }
    };
    lines.map(|line| read(line).unwrap_or_else(|| panic!("plugins/wit/LINES: {line:?} is no line"))).collect()
}

/// Describes how a line differs from what was recorded; `None` if it does not.
fn describe_change(name: &str, recorded: Option<(&str, &str)>, now: &str) -> Option<String> {
    match recorded {
        Some((_, then)) if then == now => None,
        Some(("open", _)) => Some(format!(
            "plugins/wit/{name} has changed. The line is open, so it may: say in plugins/wit/CHANGES.md what and why, then write in plugins/wit/LINES\n    {name} open {now}"
        )),
        Some(_) => Some(format!(
            "plugins/wit/{name} has changed, and is frozen: plugins that people run were built against it. Undo that, and put what is new into a line of its own"
        )),
        None => Some(format!("plugins/wit/LINES says nothing of {name}; write there\n    {name} open {now}")),
    }
}

#[test]
fn contract_versions_match_their_recorded_hashes() {
    let text = fs::read_to_string(wit_folder().join("LINES")).unwrap();
    let mut recorded = parse_lines(&text);
    let mut problems = Vec::new();
    for entry in fs::read_dir(wit_folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            problems.extend(describe_change(&name, recorded.remove(name.as_str()), &hash_folder(&path)));
        }
    }
    problems.extend(
        recorded.keys().map(|name| format!("plugins/wit/{name} is gone: plugins may still be built against it")),
    );
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn changed_contracts_are_reported_by_their_state() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.wit"), "one").unwrap();
    fs::write(dir.path().join("notes.txt"), "no part of it").unwrap();
    let before = hash_folder(dir.path());
    fs::write(dir.path().join("notes.txt"), "changed").unwrap();
    assert_eq!(hash_folder(dir.path()), before);
    fs::write(dir.path().join("a.wit"), "two").unwrap();
    let now = hash_folder(dir.path());
    assert_ne!(now, before);
    assert_eq!(describe_change("v0.1", Some(("frozen", &now)), &now), None);
    assert!(describe_change("v0.1", Some(("open", &before)), &now).unwrap().ends_with(&format!("v0.1 open {now}")));
    assert!(describe_change("v0.1", Some(("frozen", &before)), &now).unwrap().contains("is frozen"));
    assert!(describe_change("v0.2", None, &now).unwrap().contains("says nothing of v0.2"));
    // The same bytes under other names are another contract.
    fs::rename(dir.path().join("a.wit"), dir.path().join("b.wit")).unwrap();
    assert_ne!(hash_folder(dir.path()), now);
}
