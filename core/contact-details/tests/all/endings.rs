//! The endings that make a web address of a word, against the public suffix list of the crate `psl`.
//!
//! When `psl` is updated and a test fails here, mend `src/person_name/endings.txt` by hand.

use std::collections::BTreeSet;

const ENDINGS: &str = include_str!("../../src/person_name/endings.txt");

/// True if names can be had under an ending, or under `co` in it, as in South Africa.
fn is_known(ending: &str) -> bool {
    [format!("name.{ending}"), format!("name.co.{ending}")]
        .iter()
        .any(|name| psl::Psl::suffix(&psl::List, name.as_bytes()).is_some_and(|suffix| suffix.is_known()))
}

#[test]
fn every_ending_is_in_the_public_suffix_list() {
    let wrong: Vec<&str> = ENDINGS.lines().filter(|ending| !is_known(ending)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn short_endings_of_the_public_suffix_list_are_all_there() {
    let listed: BTreeSet<&str> = ENDINGS.lines().collect();
    let letters = || ('a'..='z').map(String::from);
    let pairs: Vec<String> = letters().flat_map(|first| letters().map(move |last| format!("{first}{last}"))).collect();
    let triples = pairs.iter().flat_map(|pair| letters().map(move |last| format!("{pair}{last}")));
    let missing: Vec<String> = pairs
        .iter()
        .cloned()
        .chain(triples)
        .filter(|ending| is_known(ending) && !listed.contains(ending.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
