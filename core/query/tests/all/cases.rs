//! `tests/cases/*.txt`: a line `> caller action route ?query`, then the plan or error. `UPDATE=1` rewrites them.

use crate::common::{action, caller, plan, registry};
use crate::render::render;
use std::path::Path;

#[test]
fn plans_match_the_recorded_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    assert!(files.len() >= 5, "cases are missing: {files:?}");
    let mut different = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a text file");
        let actual: String = text.lines().filter(|line| line.starts_with(['>', '#'])).map(render_case).collect();
        if actual == text {
            continue;
        }
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&file, actual).expect("writing the case");
        } else {
            different.push(format!("{}\n{actual}", file.display()));
        }
    }
    assert!(different.is_empty(), "run with UPDATE=1 if this is right:\n{}", different.join("\n"));
}

/// A comment stays; a query is followed by what it means.
fn render_case(line: &str) -> String {
    let Some(case) = line.strip_prefix("> ") else { return format!("{line}\n") };
    let (head, query) = case.split_once(" ?").unwrap_or((case, ""));
    let [who, subject, route] = head.split(' ').collect::<Vec<_>>()[..] else { panic!("not a case: {line}") };
    let planned = plan(&caller(who), action(subject), route, query);
    format!("{line}\n{}\n", render(registry(), &planned))
}
