//! Rules about files as such: no machine's paths in them, none too long to be one room with one purpose.

use super::problems::TidyProblems;
use crate::{paths, process};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// Lines after which a source file has to be split.
const MAX_FILE_LINES: usize = 700;
/// Script by which the frames of plugins talk to the admin.
const FRAME_KIT: &str = "plugins/kit/cairn-kit.js";
/// Top folders that exist on a developer's machine only. Without their slashes, or this file would break its own rule.
const MACHINE_FOLDERS: [&str; 4] = ["work", "root", "home", "farm"];

/// Every file that git tracks or would track, relative to the root; deleted ones are left out. Returns an error if git fails.
pub(super) fn tracked_files() -> Result<Vec<PathBuf>> {
    let list = process::run_output(process::root_command("git").args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let files = list.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from);
    Ok(files.filter(|file| paths::repository_root().join(file).is_file()).collect())
}

/// Absolute paths into somebody's home or work folder. Returns an error if a file cannot be read.
pub(super) fn machine_paths() -> Result<TidyProblems> {
    let mut problems = Vec::new();
    for file in tracked_files()? {
        // Files that are not UTF-8 are pictures or archives.
        let Ok(text) = std::fs::read_to_string(paths::repository_root().join(&file)) else { continue };
        let lines = text.lines().enumerate().filter(|(_, line)| names_machine(line));
        problems.extend(lines.map(|(i, line)| format!("{}:{}: {}", file.display(), i + 1, line.trim())));
    }
    Ok(problems)
}

/// True if a line has `/<folder>/` at the beginning of a path.
fn names_machine(line: &str) -> bool {
    MACHINE_FOLDERS.iter().any(|folder| {
        let path = format!("/{folder}/");
        line.match_indices(&path).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            before.is_none_or(|c| !(c.is_alphanumeric() || "._-/}>*$)]".contains(c)))
        })
    })
}

/// Copies of the kit for frames that are not as the kit is now: a package has its own, since it is signed whole. Returns an error if a
/// file cannot be read.
pub(super) fn outdated_kits() -> Result<TidyProblems> {
    let kit = std::fs::read(paths::repository_root().join(FRAME_KIT))?;
    let mut problems = Vec::new();
    for file in tracked_files()?.iter().filter(|file| file.file_name() == Path::new(FRAME_KIT).file_name()) {
        if std::fs::read(paths::repository_root().join(file))? != kit {
            problems.push(format!("{}: copy {FRAME_KIT}", file.display()));
        }
    }
    Ok(problems)
}

/// Source files of more than [`MAX_FILE_LINES`] lines; generated ones (`*.gen.*`, or marked so at their top) may be. Returns an error if a
/// file cannot be read.
pub(super) fn long_files() -> Result<TidyProblems> {
    let mut problems = Vec::new();
    for file in tracked_files()? {
        let name = file.to_string_lossy();
        let source =
            ["rs", "ts", "tsx", "js", "mjs", "sh", "sql"].iter().any(|e| file.extension().is_some_and(|x| x == *e));
        if !source || name.contains(".gen.") {
            continue;
        }
        let text = std::fs::read_to_string(paths::repository_root().join(&file))?;
        let generated = text.lines().take(3).any(|line| line.contains(concat!("@", "generated")));
        let lines = text.lines().count();
        if lines > MAX_FILE_LINES && !generated {
            problems.push(format!("{name}: {lines} lines"));
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_machine_paths_are_reported() {
        let line = |folder: &str, before: &str| format!("{before}/{folder}/me/x");
        assert!(names_machine(&line("home", "")));
        assert!(names_machine(&line("work", "see `")));
        assert!(!names_machine(&line("home", "GET /api")));
        assert!(!names_machine(&line("root", "$")));
        assert!(!names_machine(&line("work", "..")));
        assert!(!names_machine("/homeland/x and /root"));
    }
}
