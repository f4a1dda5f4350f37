//! `docs/security.md` names a test for each attack: they are there.

use std::fs;
use std::path::Path;

/// The tests that the page names: each link of a file of Rust, with its text.
fn named(page: &str) -> Vec<(&str, &str)> {
    let links = page.match_indices("](../").filter_map(|(at, open)| {
        let (name, place) = (page[..at].rsplit('[').next()?, page[at + open.len()..].split(')').next()?);
        place.ends_with(".rs").then_some((name, place))
    });
    links.collect()
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/security.md")).unwrap();
    let named = named(&page);
    assert!(named.len() > 40, "{named:?}");
    let missing = named.iter().filter(|(name, place)| {
        let source = fs::read_to_string(root.join(place)).unwrap_or_default();
        let at = source.find(&format!("fn {name}("));
        // The line before says that it is one.
        !at.is_some_and(|at| source[..at].lines().rev().take(4).any(|line| line.contains("test")))
    });
    let missing: Vec<_> = missing.collect();
    assert!(missing.is_empty(), "docs/security.md names tests that are not there: {missing:?}");
}
