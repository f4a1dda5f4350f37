//! Recipes name paths; a recipe whose paths are gone sends a newcomer astray.

use super::problems::TidyProblems;
use crate::paths;
use anyhow::Result;
use std::path::Path;

/// Paths in the code spans of `docs/recipes/*.md` and `docs/architecture.md` that do not exist. Returns an error if a
/// document cannot be read.
pub(super) fn missing_paths() -> Result<TidyProblems> {
    let mut problems = Vec::new();
    for file in super::files::tracked_files()? {
        let checked = file.starts_with("docs/recipes") || file == Path::new("docs/architecture.md");
        if !checked || file.extension().is_none_or(|e| e != "md") {
            continue;
        }
        let text = std::fs::read_to_string(paths::repository_root().join(&file))?;
        let missing = named_paths(&text).filter(|path| !paths::repository_root().join(path).exists());
        problems.extend(missing.map(|path| format!("{}: {path}", file.display())));
    }
    Ok(problems)
}

/// The paths a text names: code spans that begin with a folder of the repository. Of a path with a part to fill in
/// (`core/model/src/fields/<kind>.rs`) the folder in front of it.
fn named_paths(text: &str) -> impl Iterator<Item = String> {
    const REPOSITORY_FOLDERS: [&str; 10] = [
        "core/",
        "docs/",
        "xtask/",
        "migrations/",
        "content-types/",
        "examples/",
        "fuzz/",
        ".ci/",
        "admin-ui/",
        "plugins/",
    ];
    text.split('`').skip(1).step_by(2).filter_map(|span| {
        let path = span.split("::").next()?.trim();
        let starts = REPOSITORY_FOLDERS.iter().any(|folder| path.starts_with(folder));
        if !starts || path.contains(char::is_whitespace) {
            return None;
        }
        let fixed = match path.find(['<', '*', '{', '…']) {
            Some(at) => path[..at].rsplit_once('/')?.0,
            None => path,
        };
        Some(fixed.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_spans_in_known_folders_are_paths() {
        let text = "1. `core/model/src/fields/<kind>.rs`, then `FieldKind` and `docs/recipes/*.md`;\n\
                    `core/content/src/find.rs::find`, `cargo run core/x`, `core/a.rs`.";
        let found: Vec<_> = named_paths(text).collect();
        assert_eq!(found, ["core/model/src/fields", "docs/recipes", "core/content/src/find.rs", "core/a.rs"]);
    }
}
