//! Rules about files as such: no machine's paths in them, none too long to be one room with one purpose.

use super::Problems;
use crate::{paths, process};
use anyhow::Result;
use std::path::PathBuf;

/// Lines after which a source file has to be split.
const LONG: usize = 700;
/// Top folders that exist on a developer's machine only. Without their slashes, or this file would break its own rule.
const MACHINE: [&str; 4] = ["work", "root", "home", "farm"];

/// Every file that git tracks or would track, relative to the root; deleted ones are left out.
///
/// # Errors
/// When git fails.
pub(super) fn tracked() -> Result<Vec<PathBuf>> {
    let list = process::output(process::command("git").args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let files = list.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from);
    Ok(files.filter(|file| paths::root().join(file).is_file()).collect())
}

/// Absolute paths into somebody's home or work folder.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn machine_paths() -> Result<Problems> {
    let mut problems = Vec::new();
    for file in tracked()? {
        // What is not UTF-8 is a picture or an archive.
        let Ok(text) = std::fs::read_to_string(paths::root().join(&file)) else { continue };
        let lines = text.lines().enumerate().filter(|(_, line)| names_machine(line));
        problems.extend(lines.map(|(i, line)| format!("{}:{}: {}", file.display(), i + 1, line.trim())));
    }
    Ok(problems)
}

/// Whether a line has `/<folder>/` at the beginning of a path.
fn names_machine(line: &str) -> bool {
    MACHINE.iter().any(|folder| {
        let path = format!("/{folder}/");
        line.match_indices(&path).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            before.is_none_or(|c| !(c.is_alphanumeric() || "._-/}>*$)]".contains(c)))
        })
    })
}

/// Source files of more than [`LONG`] lines; generated ones (`*.gen.*`, or marked so at their top) may be.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn long() -> Result<Problems> {
    let mut problems = Vec::new();
    for file in tracked()? {
        let name = file.to_string_lossy();
        let source =
            ["rs", "ts", "tsx", "js", "mjs", "sh", "sql"].iter().any(|e| file.extension().is_some_and(|x| x == *e));
        if !source || name.contains(".gen.") {
            continue;
        }
        let text = std::fs::read_to_string(paths::root().join(&file))?;
        let generated = text.lines().take(3).any(|line| line.contains(concat!("@", "generated")));
        let lines = text.lines().count();
        if lines > LONG && !generated {
            problems.push(format!("{name}: {lines} lines"));
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_are_absolute() {
        let line = |folder: &str, before: &str| format!("{before}/{folder}/me/x");
        assert!(names_machine(&line("home", "")));
        assert!(names_machine(&line("work", "see `")));
        assert!(!names_machine(&line("home", "GET /api")));
        assert!(!names_machine(&line("root", "$")));
        assert!(!names_machine(&line("work", "..")));
        assert!(!names_machine("/homeland/x and /root"));
    }
}
