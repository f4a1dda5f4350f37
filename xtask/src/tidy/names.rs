//! Names: a type name means one thing, and neither types nor files are called by a lone participle or pronoun.
//!
//! What is allowed is listed here, and a list that allows more than there is breaks its rule too: it can only become shorter.

use super::files;
use super::problems::TidyProblems;
use crate::paths;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};

/// Number of files that may define a type of one name.
const MAX_FILES_PER_TYPE_NAME: usize = 2;
/// Names of types that are local to their file and so common in Rust that a longer one would say less.
const COMMON_TYPE_NAMES: [&str; 12] = [
    "Args",
    "Backend",
    "Err",
    "Error",
    "Format",
    "Inner",
    "Locales",
    "Profile",
    "Rejection",
    "Result",
    "Target",
    "Value",
];
/// Participles that are nouns or adjectives of the field.
const ALLOWED_PARTICIPLES: [&str; 14] = [
    "attached",
    "changed",
    "editing",
    "filled",
    "housekeeping",
    "licensing",
    "logging",
    "publishing",
    "related",
    "scaled",
    "shared",
    "testing",
    "upcoming",
    "wiring",
];
/// Participles that do not end in `-ed` or `-ing`.
const IRREGULAR_PARTICIPLES: [&str; 14] = [
    "done", "given", "gone", "held", "kept", "made", "meant", "said", "seen", "sent", "shown", "taken", "told",
    "written",
];
/// Words that name nothing.
const PRONOUNS: [&str; 22] = [
    "all", "another", "any", "each", "every", "how", "it", "none", "one", "other", "own", "same", "some", "such",
    "that", "these", "this", "what", "when", "where", "which", "who",
];
/// Results of untyped JSON in the crates below the routes, where a typed view has not come yet.
const UNTYPED_RESULTS: [(&str, usize); 8] = [
    ("app", 1),
    ("content", 2),
    ("graphql", 1),
    ("model", 31),
    ("plugin-host", 3),
    ("plugin-test", 7),
    ("query", 1),
    ("store", 6),
];

/// A Rust source file that is not a test: its path and its text.
type SourceFile = (String, String);

fn source_files() -> Result<Vec<SourceFile>> {
    let mut sources = Vec::new();
    for file in files::tracked_files()? {
        let name = file.to_string_lossy().into_owned();
        if is_source(&name) {
            sources.push((name, std::fs::read_to_string(paths::repository_root().join(&file))?));
        }
    }
    Ok(sources)
}

fn is_source(name: &str) -> bool {
    let folder = |folder: &str| name.contains(&format!("/{folder}/"));
    ["core/", "pdf/", "xtask/"].iter().any(|top| name.starts_with(top))
        && name.ends_with(".rs")
        && !(folder("tests") || folder("benches") || folder("test_data") || name.ends_with("/tests.rs"))
}

/// The name of the type that a line defines.
fn defined_type(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    if let Some(after) = rest.strip_prefix("pub") {
        rest = match after.strip_prefix('(') {
            Some(scope) => scope.split_once(')')?.1,
            None => after,
        }
        .trim_start();
    }
    let rest = ["struct ", "enum ", "trait ", "type "].iter().find_map(|keyword| rest.strip_prefix(keyword))?;
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let name = &rest[..end];
    name.starts_with(|c: char| c.is_ascii_uppercase()).then_some(name)
}

/// Type names that more than [`MAX_FILES_PER_TYPE_NAME`] files define, and allowed ones that fewer do. Returns an error if a file cannot
/// be read.
pub(super) fn repeated_type_names() -> Result<TidyProblems> {
    let mut homes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, text) in source_files()? {
        for name in text.lines().filter_map(defined_type) {
            homes.entry(name.to_owned()).or_default().insert(file.clone());
        }
    }
    homes.retain(|_, files| files.len() > MAX_FILES_PER_TYPE_NAME);
    let too_many = homes.iter().filter(|(name, _)| !COMMON_TYPE_NAMES.contains(&name.as_str())).map(|(name, files)| {
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        format!("{name} is defined in {} files: {}", files.len(), files.join(", "))
    });
    let idle = COMMON_TYPE_NAMES.iter().filter(|name| !homes.contains_key(**name));
    Ok(too_many.chain(idle.map(|name| format!("{name} need not be allowed any more"))).collect())
}

/// True if a name of one word says what was done or points somewhere instead of naming a thing.
fn names_nothing(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let regular = word.len() > 4 && (word.ends_with("ed") || word.ends_with("ing"));
    let participle = regular || IRREGULAR_PARTICIPLES.contains(&word.as_str());
    PRONOUNS.contains(&word.as_str()) || participle && !ALLOWED_PARTICIPLES.contains(&word.as_str())
}

/// True if a type's name is one word.
fn is_one_word(name: &str) -> bool {
    name.chars().skip(1).all(|c| c.is_ascii_lowercase())
}

/// Types and files that are called by a participle or pronoun only, and allowed words that none is called by. Returns an error if a file cannot be read.
pub(super) fn words_that_name_nothing() -> Result<TidyProblems> {
    let mut problems = Vec::new();
    let mut seen_words = BTreeSet::new();
    for (file, text) in source_files()? {
        let stem = file.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        seen_words.insert(stem.to_ascii_lowercase());
        seen_words.extend(text.lines().filter_map(defined_type).map(str::to_ascii_lowercase));
        if names_nothing(stem) {
            problems.push(format!("{file}: the file's name says nothing of what is in it"));
        }
        let types = text.lines().enumerate().filter_map(|(i, line)| Some((i, defined_type(line)?)));
        let bad = types.filter(|(_, name)| is_one_word(name) && names_nothing(name));
        problems.extend(bad.map(|(i, name)| format!("{file}:{}: {name} does not name a thing", i + 1)));
    }
    let idle = ALLOWED_PARTICIPLES.iter().filter(|word| !seen_words.contains(**word));
    problems.extend(idle.map(|word| format!("{word} need not be allowed any more")));
    Ok(problems)
}

/// Crates below the routes that have more or fewer functions with untyped JSON as their result than [`UNTYPED_RESULTS`] says. Returns an
/// error if a file cannot be read.
pub(super) fn untyped_results() -> Result<TidyProblems> {
    let mut found: BTreeMap<String, usize> = UNTYPED_RESULTS.iter().map(|(name, _)| ((*name).to_owned(), 0)).collect();
    for (file, text) in source_files()? {
        let Some(name) = file.strip_prefix("core/").and_then(|rest| rest.split('/').next()) else { continue };
        if !["http", "content-api", "editing-api", "administration-api", "router", "server", "testkit"].contains(&name)
        {
            *found.entry(name.to_owned()).or_default() += count_untyped_results(&text);
        }
    }
    let allowed: BTreeMap<&str, usize> = UNTYPED_RESULTS.into_iter().collect();
    Ok(found
        .into_iter()
        .filter_map(|(name, count)| match allowed.get(name.as_str()).copied().unwrap_or_default() {
            allowed if count > allowed => {
                Some(format!("core/{name} has {count} results of untyped JSON instead of {allowed}: return a type"))
            }
            allowed if count < allowed => {
                Some(format!("core/{name} has {count} results of untyped JSON: lower {allowed}"))
            }
            _ => None,
        })
        .collect())
}

/// Number of `Result<Json…>` and its like in a text.
fn count_untyped_results(text: &str) -> usize {
    let types = ["Json", "Value", "serde_json::Value"];
    let ends = [",", ">"];
    types.iter().flat_map(|t| ends.map(|end| format!("Result<{t}{end}"))).map(|part| text.matches(&part).count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untyped_results_are_counted() {
        let text = "fn a() -> Result<Json> {}\nfn b() -> Result<Json, Error> {}\nfn c() -> Result<JsonView> {}";
        assert_eq!(count_untyped_results(text), 2);
    }

    #[test]
    fn definitions_of_types_are_found() {
        assert_eq!(defined_type("pub(crate) struct Webhook<'a> {"), Some("Webhook"));
        assert_eq!(defined_type("    pub enum Row;"), Some("Row"));
        assert_eq!(defined_type("type Pairs = Vec<u8>;"), Some("Pairs"));
        assert_eq!(defined_type("pub(in crate::a) trait Read: Sized {"), Some("Read"));
        assert_eq!(defined_type("// struct Webhook"), None);
        assert_eq!(defined_type("let type_name = 1;"), None);
    }

    #[test]
    fn participles_and_pronouns_name_nothing() {
        for word in ["Asked", "told", "Standing", "Which", "when", "own"] {
            assert!(names_nothing(word), "{word}");
        }
        for word in ["Request", "Seed", "Housekeeping", "related", "Red", "Need", "wiring"] {
            assert!(!names_nothing(word), "{word}");
        }
        assert!(is_one_word("Asked") && !is_one_word("AskedDeliveries") && !is_one_word("asked_for"));
    }

    #[test]
    fn tests_and_other_folders_are_not_looked_at() {
        assert!(is_source("core/store/src/lib.rs") && is_source("xtask/src/main.rs"));
        for name in
            ["core/store/src/tests.rs", "core/store/tests/all/main.rs", "plugins/guests/a.rs", "core/store/README.md"]
        {
            assert!(!is_source(name), "{name}");
        }
    }
}
