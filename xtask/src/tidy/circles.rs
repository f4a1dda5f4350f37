//! Circles of files: files of a crate each of which uses, over others, every other one. Whoever reads one of them has to read all of
//! them, so there are few and small ones, and none that is larger than it is now.

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
/// Crates with larger circles, and the sizes of these, the largest first. An opened circle is to be taken from here.
const LARGER_CIRCLES: [(&str, &[usize]); 1] = [("core/store", &[44])];

/// Crates whose circles of more than [`MAX_FILES_PER_CIRCLE`] files are not those of [`LARGER_CIRCLES`], with the references in them.
/// Returns an error if a file cannot be read or is not Rust.
pub(super) fn large_circles() -> Result<TidyProblems> {
    let mut allowed: BTreeMap<&str, &[usize]> = LARGER_CIRCLES.into_iter().collect();
    let mut problems = Vec::new();
    for (folder, references) in read_crates()? {
        let name = folder.to_string_lossy().into_owned();
        problems.extend(compare(&name, &references, allowed.remove(name.as_str()).unwrap_or_default()));
    }
    problems.extend(allowed.keys().map(|name| format!("{name} is no crate any more")));
    Ok(problems)
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

/// Problems of a crate, of which circles of those sizes are allowed.
fn compare(name: &str, references: &FileReferences, allowed: &[usize]) -> TidyProblems {
    let circles = find_circles(references);
    let sizes: Vec<usize> = circles.iter().map(BTreeSet::len).collect();
    if sizes == allowed {
        return Vec::new();
    }
    let mut problems = vec![format!("{name}: circles of {sizes:?} files instead of {allowed:?}")];
    let mut rest = allowed.to_vec();
    for circle in &circles {
        if let Some(i) = rest.iter().position(|size| *size == circle.len()) {
            rest.remove(i);
        } else if rest.first().is_none_or(|largest| circle.len() > *largest) {
            problems.extend(references.iter().filter_map(|((from, to), names)| {
                let inside = circle.contains(from.as_path()) && circle.contains(to.as_path());
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                inside.then(|| format!("    {} uses {} of {}", from.display(), names.join(", "), to.display()))
            }));
        }
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
    fn crate_must_be_as_its_line_says() {
        let circle = references(&["ab", "bc", "cd", "da", "ax"]);
        assert!(compare("core/a", &circle, &[4]).is_empty());
        let worse = compare("core/a", &circle, &[]);
        assert_eq!(worse.len(), 5, "{worse:?}");
        assert_eq!(worse[0], "core/a: circles of [4] files instead of []");
        assert_eq!(compare("core/a", &circle, &[5]), ["core/a: circles of [4] files instead of [5]"]);
        assert_eq!(compare("core/a", &references(&["ab"]), &[4]).len(), 1);
    }
}
