//! Circles of files: files of a crate each of which uses, over others, every other one. Whoever reads one of them has to read all of
//! them, so they are small.

mod modules;
mod references;

use super::files;
use super::problems::TidyProblems;
use crate::paths;
use anyhow::Result;
use references::FileReferences;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Number of files that may be a circle.
const MAX_FILES_PER_CIRCLE: usize = 3;
/// Folders with crates of which the circles are counted.
const CRATE_FOLDERS: [&str; 5] = ["clients", "core", "pdf", "plugins", "xtask"];
/// Circles of more than [`MAX_FILES_PER_CIRCLE`] files, with the references in them. Returns an error if a file cannot be read or is not
/// Rust.
pub(super) fn large_circles() -> Result<TidyProblems> {
    let crates = read_crates()?;
    Ok(crates.iter().flat_map(|(folder, references)| describe_circles(&folder.to_string_lossy(), references)).collect())
}

/// The references between the files of each crate, by its folder.
fn read_crates() -> Result<BTreeMap<PathBuf, FileReferences>> {
    let root = paths::repository_root();
    let read = |file: &Path| std::fs::read_to_string(root.join(file)).ok();
    let tracked: BTreeSet<PathBuf> = files::tracked_files()?.into_iter().collect();
    let mut crates = BTreeMap::new();
    for manifest in tracked.iter().filter(|file| file.ends_with("Cargo.toml")) {
        let folder = manifest.parent().unwrap_or(Path::new(""));
        if CRATE_FOLDERS.iter().any(|top| folder.starts_with(top)) {
            let references: &mut FileReferences = crates.entry(folder.to_owned()).or_default();
            for name in ["src/lib.rs", "src/main.rs"] {
                let file = folder.join(name);
                if tracked.contains(&file) {
                    let modules = modules::read_modules(&file, &read)?;
                    references.append(&mut references::find_references(&modules));
                }
            }
        }
    }
    Ok(crates)
}

/// Problems of a crate: each of its circles, and after it the references that make it one.
fn describe_circles(name: &str, references: &FileReferences) -> TidyProblems {
    let mut problems = Vec::new();
    for circle in find_circles(references) {
        problems.push(format!("{name}: a circle of {} files; at most {MAX_FILES_PER_CIRCLE} may be one", circle.len()));
        problems.extend(references.iter().filter_map(|((from, to), names)| {
            let inside = circle.contains(from.as_path()) && circle.contains(to.as_path());
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            inside.then(|| format!("    {} uses {} of {}", from.display(), names.join(", "), to.display()))
        }));
    }
    problems
}

/// The circles of more than [`MAX_FILES_PER_CIRCLE`] files, the largest first.
fn find_circles(references: &FileReferences) -> Vec<BTreeSet<&Path>> {
    let mut used: BTreeMap<&Path, BTreeSet<&Path>> = BTreeMap::new();
    for (from, to) in references.keys() {
        used.entry(from).or_default().insert(to);
    }
    let reached: BTreeMap<&Path, BTreeSet<&Path>> =
        used.keys().map(|file| (*file, find_reached(&used, file))).collect();
    let mut circles: BTreeSet<BTreeSet<&Path>> = BTreeSet::new();
    for (file, others) in &reached {
        let returns = |other: &&Path| reached.get(*other).is_some_and(|files| files.contains(*file));
        circles.insert(others.iter().copied().filter(returns).collect());
    }
    let mut circles: Vec<BTreeSet<&Path>> =
        circles.into_iter().filter(|circle| circle.len() > MAX_FILES_PER_CIRCLE).collect();
    circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    circles
}

/// The files that a file uses, and those that these use, and so on.
fn find_reached<'a>(used: &BTreeMap<&'a Path, BTreeSet<&'a Path>>, file: &Path) -> BTreeSet<&'a Path> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Path> = used.get(file).into_iter().flatten().copied().collect();
    while let Some(file) = open.pop() {
        let Some((known, next)) = used.get_key_value(file) else { continue };
        if reached.insert(*known) {
            open.extend(next);
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    /// References such as `ab`: of a file `a` to a file `b`.
    fn references(pairs: &[&str]) -> FileReferences {
        let file = |name: &str| PathBuf::from(name);
        pairs.iter().map(|pair| ((file(&pair[..1]), file(&pair[1..])), BTreeSet::from(["X".to_owned()]))).collect()
    }

    #[test]
    fn circles_have_more_files_than_allowed() {
        let one_of_three = ["ab", "bc", "ca", "cd", "de"];
        assert!(find_circles(&references(&one_of_three)).is_empty());
        let with_way_back = references(&["ab", "bc", "ca", "cd", "dc", "de", "xy", "yx"]);
        let circles: Vec<Vec<&str>> =
            find_circles(&with_way_back).iter().map(|c| c.iter().filter_map(|f| f.to_str()).collect()).collect();
        assert_eq!(circles, [["a", "b", "c", "d"]]);
    }

    #[test]
    fn circles_are_reported_with_their_references() {
        let circle = references(&["ab", "bc", "cd", "da", "ax"]);
        let problems = describe_circles("core/a", &circle);
        assert_eq!(problems.len(), 5, "{problems:?}");
        assert_eq!(problems[0], "core/a: a circle of 4 files; at most 3 may be one");
        assert_eq!(problems[1], "    a uses X of b");
        assert!(describe_circles("core/a", &references(&["ab", "bc", "ca"])).is_empty());
    }
}
