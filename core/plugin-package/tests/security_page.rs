//! `docs/security.md` and `docs/attacks.md` name a test for each attack: they are there.

use std::fs;
use std::path::{Path, PathBuf};

/// The tests that the page names: each link of a file of Rust, with its text.
fn linked_tests(page: &str) -> Vec<(&str, &str)> {
    let links = page.match_indices("](../").filter_map(|(at, open)| {
        let (name, place) = (page[..at].rsplit('[').next()?, page[at + open.len()..].split(')').next()?);
        place.ends_with(".rs").then_some((name, place))
    });
    links.collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn tests_named_in_the_docs_exist() {
    for (page, least) in [("docs/security.md", 60), ("docs/attacks.md", 300)] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let links = linked_tests(&text);
        assert!(links.len() > least, "{page} names only {}", links.len());
        let missing = links.iter().filter(|(name, place)| {
            let source = fs::read_to_string(root().join(place)).unwrap_or_default();
            let at = source.find(&format!("fn {name}("));
            // The line before says that it is one.
            !at.is_some_and(|at| source[..at].lines().rev().take(4).any(|line| line.contains("test")))
        });
        let missing: Vec<_> = missing.collect();
        assert!(missing.is_empty(), "{page} names tests that are not there: {missing:?}");
    }
}

#[test]
fn attacks_are_numbered_without_gaps() {
    let page = fs::read_to_string(root().join("docs/attacks.md")).unwrap();
    let number = |line: &str| line.strip_prefix("| ")?.split(' ').next()?.parse().ok();
    let numbers: Vec<u32> = page.lines().filter_map(number).collect();
    assert_eq!(numbers, (1..=139).collect::<Vec<u32>>());
}
