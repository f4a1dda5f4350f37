//! Synonyms. They are applied when a search is made, so they also hold for entries that were stored before.

use crate::analysis::{StemLanguage, WordForms, normalize_text, query_words};
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
#[derive(Debug, Clone, PartialEq)]
struct SynonymMember {
    words: Vec<String>,
    /// A form of each word, by which it is found in any of its forms.
    forms: Vec<String>,
}

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
        let parse_locale = |locale: &str, groups: &Json| -> Vec<Vec<SynonymMember>> {
            let mut forms = WordForms::new(StemLanguage::from_locale(locale));
            let mut member = |member: &Json| {
                let words = member.as_str().map(fold_words).filter(|words| !words.is_empty())?;
                let forms = words.iter().map(|word| forms.find_form(word)).collect();
                Some(SynonymMember { words, forms })
            };
            let mut group = |group: &Json| group.as_array().into_iter().flatten().filter_map(&mut member).collect();
            groups.as_array().into_iter().flatten().map(&mut group).collect()
        };
        let locales = json.as_object().into_iter().flatten();
        Self(locales.map(|(locale, groups)| (locale.clone(), parse_locale(locale, groups))).collect())
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
                if let Some(first) = member.forms.first() {
                    lookup.0.entry(first.as_str()).or_default().push((member, group));
                }
            }
        }
        lookup
    }
}

fn fold_words(text: &str) -> Vec<String> {
    query_words(&normalize_text(text)).into_iter().map(|word| word.folded).collect()
}

/// Groups by the form of the first word of each member.
#[derive(Default)]
pub(crate) struct SynonymLookup<'s>(HashMap<&'s str, Vec<(&'s SynonymMember, &'s Vec<SynonymMember>)>>);

impl<'s> SynonymLookup<'s> {
    /// The synonyms of the words at the beginning of `words`, each with its forms, and the number of these words. The longest member counts; 1
    /// and nothing where there is none.
    pub(crate) fn lookup_at(&self, words: &[&[String]]) -> (usize, Vec<&'s Vec<String>>) {
        let forms = words.first().copied().unwrap_or_default();
        let begins = |member: &SynonymMember| {
            member.forms.len() <= words.len()
                && member.forms.iter().zip(words).all(|(form, typed)| typed.contains(form))
        };
        let known = forms.iter().filter_map(|form| self.0.get(form.as_str())).flatten();
        let fitting: Vec<_> = known.filter(|(member, _)| begins(member)).collect();
        let longest = fitting.iter().map(|(member, _)| member.forms.len()).max().unwrap_or(1);
        let mut others: Vec<&Vec<String>> = Vec::new();
        for (own, group) in fitting.iter().filter(|(member, _)| member.forms.len() == longest) {
            for member in group.iter().filter(|member| member.forms != own.forms) {
                if others.len() < MAX_ALTERNATIVES && !others.contains(&&member.words) {
                    others.push(&member.words);
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
        let forms = |stem: StemLanguage, words: &[&str]| -> Vec<Vec<String>> {
            let mut forms = WordForms::new(Some(stem));
            words.iter().map(|word| vec![forms.find_form(word)]).collect()
        };
        let found = |locale: Option<&str>, words: &[&str]| {
            let forms = forms(StemLanguage::Dutch, words);
            let forms: Vec<&[String]> = forms.iter().map(Vec::as_slice).collect();
            let (count, others) = all.for_locale(locale).lookup_at(&forms);
            (count, others.into_iter().flatten().cloned().collect::<Vec<String>>())
        };
        let dutch = Some("nl-BE");
        assert_eq!(found(dutch, &["btw", "nummer", "zoeken"]), (2, vec!["vat".to_owned()]));
        assert_eq!(found(dutch, &["btw", "nummers"]), (2, vec!["vat".to_owned()]), "in any form");
        assert_eq!(found(dutch, &["btw"]), (1, vec!["omzetbelasting".to_owned()]));
        assert_eq!(found(dutch, &["vat"]).1.len(), 2);
        assert_eq!(found(dutch, &["niets"]), (1, vec![]));
        assert_eq!(found(dutch, &[]), (1, vec![]));
        assert_eq!(found(None, &["btw"]).1.len(), 2);
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
