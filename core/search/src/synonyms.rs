//! Synonyms. They are applied when a search is made, so they also hold for entries that were stored before.

use crate::analysis::{normal, searched};
use crate::entry::is_locale;
use crate::error::Problem;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};

/// Largest number of groups of one locale.
const GROUPS: usize = 1_000;
/// Largest number of members of a group.
const MEMBERS: usize = 20;
/// Longest member, in bytes.
const LONGEST: usize = 100;
/// Largest number of words of a member.
const WORDS: usize = 5;
/// Largest number of alternatives of one word that are searched for; more add nothing.
const ALTERNATIVES: usize = 64;

/// One or more words, folded.
type Member = Vec<String>;

/// The synonyms of an index, by locale.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Synonyms(BTreeMap<String, Vec<Vec<Member>>>);

impl Synonyms {
    /// Validates the groups of a locale.
    ///
    /// # Errors
    /// The first problem, with a path that begins with `locale` or `groups`.
    pub fn check(locale: &str, groups: &[Vec<String>]) -> Result<(), Problem> {
        if !is_locale(locale) {
            return Err(Problem::new("locale", "locale", "a locale must be a code such as \"nl\" or \"en-GB\""));
        }
        if groups.len() > GROUPS {
            let message = format!("{} groups; a locale can have at most {GROUPS}", groups.len());
            return Err(Problem::new("groups", "too-many", message));
        }
        for (i, group) in groups.iter().enumerate() {
            if !(2..=MEMBERS).contains(&group.len()) {
                let message = format!("{} members; a group must have 2 to {MEMBERS}", group.len());
                return Err(Problem::new(format!("groups[{i}]"), "count", message));
            }
            for (j, member) in group.iter().enumerate() {
                let words = if member.len() <= LONGEST { folded(member).len() } else { 0 };
                if !(1..=WORDS).contains(&words) {
                    let message = format!("a member must have 1 to {WORDS} words and at most {LONGEST} bytes");
                    return Err(Problem::new(format!("groups[{i}][{j}]"), "member", message));
                }
            }
        }
        Ok(())
    }

    /// Parses an object of lists of groups, by locale: `{"nl": [["btw", "omzetbelasting"]]}`. Invalid parts are left out.
    pub fn read(json: &Json) -> Self {
        let member = |member: &Json| member.as_str().map(folded).filter(|words| !words.is_empty());
        let group =
            |group: &Json| -> Vec<Member> { group.as_array().into_iter().flatten().filter_map(member).collect() };
        let of = |groups: &Json| groups.as_array().into_iter().flatten().map(group).collect();
        Self(json.as_object().into_iter().flatten().map(|(locale, groups)| (locale.clone(), of(groups))).collect())
    }

    /// The groups for a locale and its language; all groups for `None`.
    pub(crate) fn of(&self, locale: Option<&str>) -> Lookup<'_> {
        let language = locale.map(|l| l.split(['-', '_']).next().unwrap_or_default());
        let holds = |own: &str| {
            locale.is_none_or(|l| own.eq_ignore_ascii_case(l)) || language.is_some_and(|l| own.eq_ignore_ascii_case(l))
        };
        let mut lookup = Lookup::default();
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

fn folded(text: &str) -> Member {
    searched(&normal(text)).into_iter().map(|word| word.folded).collect()
}

/// Groups by the first word of each member.
#[derive(Default)]
pub(crate) struct Lookup<'s>(HashMap<&'s str, Vec<(&'s Member, &'s Vec<Member>)>>);

impl<'s> Lookup<'s> {
    /// The synonyms of the words at the beginning of `words`, and the number of these words. The longest member counts; 1
    /// and nothing where there is none.
    pub(crate) fn at(&self, words: &[&str]) -> (usize, Vec<&'s Member>) {
        let Some(known) = words.first().and_then(|first| self.0.get(first)) else { return (1, Vec::new()) };
        let begins = |member: &Member| member.len() <= words.len() && member.iter().zip(words).all(|(a, b)| a == b);
        let fitting = || known.iter().filter(|(member, _)| begins(member));
        let longest = fitting().map(|(member, _)| member.len()).max().unwrap_or(1);
        let mut others: Vec<&Member> = Vec::new();
        for (own, group) in fitting().filter(|(member, _)| member.len() == longest) {
            for member in group.iter().filter(|member| member != own) {
                if others.len() < ALTERNATIVES && !others.contains(&member) {
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
    fn the_longest_member_counts() {
        let all =
            Synonyms::read(&json!({ "nl": [["BTW nummer", "vat"], ["btw", "omzetbelasting"]], "en": [["btw", "x"]] }));
        let dutch = all.of(Some("nl-BE"));
        assert_eq!(dutch.at(&["btw", "nummer", "zoeken"]), (2, vec![&vec!["vat".to_owned()]]));
        assert_eq!(dutch.at(&["btw"]), (1, vec![&vec!["omzetbelasting".to_owned()]]));
        assert_eq!(dutch.at(&["vat"]).1.len(), 1);
        assert_eq!(dutch.at(&["niets"]), (1, vec![]));
        assert_eq!(dutch.at(&[]), (1, vec![]));
        assert_eq!(all.of(None).at(&["btw"]).1.len(), 2);
    }

    #[test]
    fn what_is_no_group_is_told() {
        let path = |locale: &str, groups: &[&[&str]]| {
            let groups: Vec<Vec<String>> = groups.iter().map(|g| g.iter().map(|m| (*m).to_owned()).collect()).collect();
            Synonyms::check(locale, &groups).map_err(|p| p.path)
        };
        assert_eq!(path("nl", &[&["a", "b c"]]), Ok(()));
        assert_eq!(path("../x", &[]), Err("locale".to_owned()));
        assert_eq!(path("nl", &[&["a"]]), Err("groups[0]".to_owned()));
        assert_eq!(path("nl", &[&["a", "b"], &["a", "!!"]]), Err("groups[1][1]".to_owned()));
        assert_eq!(path("nl", &[&["a", &"x".repeat(101)]]), Err("groups[0][1]".to_owned()));
        assert_eq!(path("nl", &[&["a", "b c d e f g"]]), Err("groups[0][1]".to_owned()));
    }
}
