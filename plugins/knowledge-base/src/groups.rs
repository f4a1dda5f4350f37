//! Groups: articles that only users of some groups see. Other plugins give the groups (`journey:assembly`), and an article names those that
//! it is for; one that names none is for everybody who sees its space.

use crate::audience::{AccessLevel, space_audience};
use crate::model::Article;
use crate::text::split_list;
use cairn_plugin::{Actor, Call};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Most groups of an article.
const MAX_ARTICLE_GROUPS: usize = 20;
/// Longest name of a group.
const MAX_NAME_BYTES: usize = 100;
/// Most groups of a caller that the read policy compares; a filter may have a hundred comparisons.
const MAX_COMPARED: usize = 90;
/// Most names in the audience of a search.
const MAX_AUDIENCE: usize = 1_000;

/// Why a list of groups cannot be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupsProblem {
    /// One of them is not the name of a group.
    Name,
    /// There are too many.
    TooMany,
}

impl GroupsProblem {
    /// Its code, and the key of its text.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Name => "groups",
            Self::TooMany => "groups-too-many",
        }
    }
}

/// The groups of a list that is separated by commas, each once.
///
/// # Errors
/// What is wrong with them.
pub(crate) fn parse_groups(list: &str) -> Result<Vec<&str>, GroupsProblem> {
    let mut names: Vec<&str> = Vec::new();
    for name in split_list(list) {
        if !is_group(name) {
            return Err(GroupsProblem::Name);
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.len() > MAX_ARTICLE_GROUPS { Err(GroupsProblem::TooMany) } else { Ok(names) }
}

/// True if a text is the id of a plugin, a colon and a name.
fn is_group(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_word = |word: &str, others: &str| {
        word.starts_with(is_plain) && word.chars().all(|c| is_plain(c) || others.contains(c))
    };
    name.len() <= MAX_NAME_BYTES
        && name.split_once(':').is_some_and(|(plugin, name)| is_word(plugin, "-") && is_word(name, "-_."))
}

/// Groups as the read policy finds them: each between bars, so that no name is a part of another one.
pub(crate) fn group_keys(groups: &[&str]) -> String {
    if groups.is_empty() { String::new() } else { format!("|{}|", groups.join("|")) }
}

/// Articles that a caller may see by their groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallerGroups {
    /// All of them: staff.
    All,
    /// Those for everybody, and those for one of these groups.
    Of(Vec<String>),
}

impl CallerGroups {
    /// Those of a call's actor.
    pub(crate) fn of(call: &Call) -> Self {
        match &call.actor {
            _ if AccessLevel::of(call) == AccessLevel::Staff => Self::All,
            Actor::User(user) => Self::Of(user.groups.clone()),
            _ => Self::Of(Vec::new()),
        }
    }

    /// True if an article is for them.
    pub(crate) fn allows(&self, article: &Article) -> bool {
        let Self::Of(own) = self else { return true };
        let mut groups = split_list(&article.groups).peekable();
        article.groups.trim().is_empty() || groups.any(|group| own.iter().any(|known| known == group))
    }

    /// The filter of articles that are for them; `None` for all.
    pub(crate) fn article_filter(&self) -> Option<Value> {
        let Self::Of(own) = self else { return None };
        let open = [json!({ "groups": { "$null": true } }), json!({ "groups": { "$eq": "" } })];
        let theirs = own.iter().take(MAX_COMPARED).map(|group| {
            let key = group_keys(&[group]);
            json!({ "groupKeys": { "$contains": key } })
        });
        Some(json!({ "$or": open.into_iter().chain(theirs).collect::<Vec<_>>() }))
    }

    /// The audience of their searches in these spaces.
    pub(crate) fn search_audience(&self, spaces: &[&str]) -> Vec<String> {
        let mut names: Vec<String> = spaces.iter().map(|space| space_audience(space)).collect();
        match self {
            Self::All => names.extend(spaces.iter().map(|space| staff_audience(space))),
            Self::Of(own) => {
                let pairs = spaces.iter().flat_map(|space| own.iter().map(|group| group_audience(space, group)));
                // Groups beyond the limit are left out: their articles are not found, rather than shown to others.
                names.extend(pairs.take(MAX_AUDIENCE.saturating_sub(spaces.len())));
            }
        }
        names
    }
}

/// The audience of an article of a space in the index.
pub(crate) fn article_audience(space: &str, groups: &str) -> Vec<String> {
    if groups.trim().is_empty() {
        return vec![space_audience(space)];
    }
    // Groups that cannot be parsed were stored past the hook: the article is for staff alone.
    let names: BTreeSet<&str> = parse_groups(groups).unwrap_or_default().into_iter().collect();
    let names = names.into_iter().map(|group| group_audience(space, group));
    names.chain([staff_audience(space)]).collect()
}

/// Users of a group who see the space.
fn group_audience(space: &str, group: &str) -> String {
    format!("{} group:{group}", space_audience(space))
}

/// Staff, who see what is for any group.
fn staff_audience(space: &str) -> String {
    format!("{} staff", space_audience(space))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(groups: &[&str]) -> CallerGroups {
        CallerGroups::Of(groups.iter().map(|group| (*group).to_owned()).collect())
    }

    fn article(groups: &str) -> Article {
        Article { groups: groups.to_owned(), ..Article::default() }
    }

    #[test]
    fn groups_are_names_behind_the_id_of_a_plugin() {
        assert_eq!(parse_groups(" journey:a , crm:vip.1\njourney:a"), Ok(vec!["journey:a", "crm:vip.1"]));
        assert_eq!(parse_groups(" ,; "), Ok(Vec::new()));
        let long = format!("a:{}", "b".repeat(100));
        for wrong in ["assembly", "journey:", ":a", "Journey:a", "journey:a b", "journey:a|b", "a:b:c", &long] {
            assert_eq!(parse_groups(wrong), Err(GroupsProblem::Name), "{wrong}");
        }
        let many: Vec<String> = (0..21).map(|n| format!("a:{n}")).collect();
        assert_eq!(parse_groups(&many.join(",")), Err(GroupsProblem::TooMany));
    }

    #[test]
    fn an_article_is_for_its_groups_and_for_staff() {
        let phase_two = of(&["journey:order", "journey:design"]);
        assert!(phase_two.allows(&article("")) && phase_two.allows(&article("kb:x, journey:design")));
        for other in ["journey:delivery", "journey:des", "xjourney:design", "not a group"] {
            assert!(!phase_two.allows(&article(other)), "{other}");
            assert!(CallerGroups::All.allows(&article(other)), "{other}");
        }
        assert!(!of(&[]).allows(&article("journey:design")));
    }

    #[test]
    fn audiences_meet_where_space_and_group_do() {
        let found = |groups: &CallerGroups, spaces: &[&str], space: &str, article: &str| {
            let names = groups.search_audience(spaces);
            article_audience(space, article).iter().any(|name| names.contains(name))
        };
        let caller = of(&["journey:design"]);
        assert!(found(&caller, &["s"], "s", "") && found(&caller, &["s"], "s", "journey:design, journey:x"));
        assert!(!found(&caller, &["s"], "t", "") && !found(&caller, &["s"], "t", "journey:design"));
        assert!(!found(&caller, &["s"], "s", "journey:delivery") && !found(&of(&[]), &["s"], "s", "journey:design"));
        assert!(found(&CallerGroups::All, &["s"], "s", "journey:delivery"));
        assert!(!found(&caller, &["s"], "s", "not a group") && found(&CallerGroups::All, &["s"], "s", "not a group"));
    }

    #[test]
    fn filters_and_audiences_stay_within_the_limits_of_the_host() {
        let many: Vec<String> = (0..300).map(|n| format!("a:{n}")).collect();
        let caller = CallerGroups::Of(many);
        let filter = caller.article_filter().unwrap();
        assert_eq!(filter["$or"].as_array().unwrap().len(), MAX_COMPARED + 2);
        assert_eq!(filter["$or"][2], json!({ "groupKeys": { "$contains": "|a:0|" } }));
        let spaces: Vec<String> = (0..500).map(|n| format!("s{n}")).collect();
        let spaces: Vec<&str> = spaces.iter().map(String::as_str).collect();
        assert_eq!(caller.search_audience(&spaces).len(), MAX_AUDIENCE);
        assert_eq!(CallerGroups::All.search_audience(&spaces).len(), MAX_AUDIENCE);
        assert_eq!(CallerGroups::All.article_filter(), None);
    }
}
