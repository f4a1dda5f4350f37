//! Synonyms. They are applied when a search is made, so they also hold for entries that were stored before.

use crate::analysis::{normalize_text, query_words};
use crate::entry::is_locale;
use crate::error::SearchProblem;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};

/// Largest number of groups of one locale.
const MAX_GROUPS: usize = 1_000;
/// Largest number of members of a group.
const MAX_MEMBERS: usize = 20;
/// Longest member, in bytes.
const MAX_MEMBER_BYTES: usize = 100;
/// Largest number of words of a member.
const MAX_MEMBER_WORDS: usize = 5;
/// Largest number of alternatives of one word that are searched for; more add nothing.
const MAX_ALTERNATIVES: usize = 64;

/// One or more words, folded.
type SynonymMember = Vec<String>;

/// The synonyms of an index, by locale.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Synonyms(BTreeMap<String, Vec<Vec<SynonymMember>>>);

impl Synonyms {
    /// Validates the groups of a locale.
    ///
    /// # Errors
    /// The first problem, with a path that begins with `locale` or `groups`.
    pub fn check_groups(locale: &str, groups: &[Vec<String>]) -> Result<(), SearchProblem> {
        if !is_locale(locale) {
            return Err(SearchProblem::new("locale", "locale", "a locale must be a code such as \"nl\" or \"en-GB\""));
        }
        if groups.len() > MAX_GROUPS {
            let message = format!("{} groups; a locale can have at most {MAX_GROUPS}", groups.len());
            return Err(SearchProblem::new("groups", "too-many", message));
        }
        for (i, group) in groups.iter().enumerate() {
            if !(2..=MAX_MEMBERS).contains(&group.len()) {
                let message = format!("{} members; a group must have 2 to {MAX_MEMBERS}", group.len());
                return Err(SearchProblem::new(format!("groups[{i}]"), "count", message));
            }
            for (j, member) in group.iter().enumerate() {
                let words = if member.len() <= MAX_MEMBER_BYTES { fold_words(member).len() } else { 0 };
                if !(1..=MAX_MEMBER_WORDS).contains(&words) {
                    let message = format!(
                        "a member must have 1 to {MAX_MEMBER_WORDS} words and at most {MAX_MEMBER_BYTES} bytes"
                    );
                    return Err(SearchProblem::new(format!("groups[{i}][{j}]"), "member", message));
                }
            }
        }
        Ok(())
    }

    /// Parses an object of lists of groups, by locale: `{"nl": [["btw", "omzetbelasting"]]}`. Invalid parts are left out.
    pub fn from_json(json: &Json) -> Self {
        let member = |member: &Json| member.as_str().map(fold_words).filter(|words| !words.is_empty());
        let group = |group: &Json| -> Vec<SynonymMember> {
            group.as_array().into_iter().flatten().filter_map(member).collect()
        };
        let parse_groups = |groups: &Json| groups.as_array().into_iter().flatten().map(group).collect();
        Self(
            json.as_object()
                .into_iter()
                .flatten()
                .map(|(locale, groups)| (locale.clone(), parse_groups(groups)))
                .collect(),
        )
    }

    /// The groups for a locale and its language; all groups for `None`.
    pub(crate) fn for_locale(&self, locale: Option<&str>) -> SynonymLookup<'_> {
        let language = locale.map(|l| l.split(['-', '_']).next().unwrap_or_default());
        let holds = |own: &str| {
            locale.is_none_or(|l| own.eq_ignore_ascii_case(l)) || language.is_some_and(|l| own.eq_ignore_ascii_case(l))
        };
        let mut lookup = SynonymLookup::default();
        for group in self.0.iter().filter(|(own, _)| holds(own)).flat_map(|(_, groups)| groups) {
            for member in group {
                if let Some(first) = member.first() {
                    lookup.0.entry(first.as_str()).or_default().push((member, group));
                }
            }
        }
        lookup
    }
}

fn fold_words(text: &str) -> SynonymMember {
    query_words(&normalize_text(text)).into_iter().map(|word| word.folded).collect()
}

/// Groups by the first word of each member.
#[derive(Default)]
pub(crate) struct SynonymLookup<'s>(HashMap<&'s str, Vec<(&'s SynonymMember, &'s Vec<SynonymMember>)>>);

impl<'s> SynonymLookup<'s> {
    /// The synonyms of the words at the beginning of `words`, and the number of these words. The longest member counts; 1
    /// and nothing where there is none.
    pub(crate) fn lookup_at(&self, words: &[&str]) -> (usize, Vec<&'s SynonymMember>) {
        let Some(known) = words.first().and_then(|first| self.0.get(first)) else { return (1, Vec::new()) };
        let begins =
            |member: &SynonymMember| member.len() <= words.len() && member.iter().zip(words).all(|(a, b)| a == b);
        let fitting = || known.iter().filter(|(member, _)| begins(member));
        let longest = fitting().map(|(member, _)| member.len()).max().unwrap_or(1);
        let mut others: Vec<&SynonymMember> = Vec::new();
        for (own, group) in fitting().filter(|(member, _)| member.len() == longest) {
            for member in group.iter().filter(|member| member != own) {
                if others.len() < MAX_ALTERNATIVES && !others.contains(&member) {
                    others.push(member);
                }
            }
        }
        (longest, others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lookup_matches_the_longest_member() {
        let all = Synonyms::from_json(
            &json!({ "nl": [["BTW nummer", "vat"], ["btw", "omzetbelasting"]], "en": [["btw", "x"]] }),
        );
        let dutch = all.for_locale(Some("nl-BE"));
        assert_eq!(dutch.lookup_at(&["btw", "nummer", "zoeken"]), (2, vec![&vec!["vat".to_owned()]]));
        assert_eq!(dutch.lookup_at(&["btw"]), (1, vec![&vec!["omzetbelasting".to_owned()]]));
        assert_eq!(dutch.lookup_at(&["vat"]).1.len(), 1);
        assert_eq!(dutch.lookup_at(&["niets"]), (1, vec![]));
        assert_eq!(dutch.lookup_at(&[]), (1, vec![]));
        assert_eq!(all.for_locale(None).lookup_at(&["btw"]).1.len(), 2);
    }

    #[test]
    fn invalid_groups_are_reported_with_their_path() {
        let path = |locale: &str, groups: &[&[&str]]| {
            let groups: Vec<Vec<String>> = groups.iter().map(|g| g.iter().map(|m| (*m).to_owned()).collect()).collect();
            Synonyms::check_groups(locale, &groups).map_err(|p| p.path)
        };
        assert_eq!(path("nl", &[&["a", "b c"]]), Ok(()));
        assert_eq!(path("../x", &[]), Err("locale".to_owned()));
        assert_eq!(path("nl", &[&["a"]]), Err("groups[0]".to_owned()));
        assert_eq!(path("nl", &[&["a", "b"], &["a", "!!"]]), Err("groups[1][1]".to_owned()));
        assert_eq!(path("nl", &[&["a", &"x".repeat(101)]]), Err("groups[0][1]".to_owned()));
        assert_eq!(path("nl", &[&["a", "b c d e f g"]]), Err("groups[0][1]".to_owned()));
    }
}
