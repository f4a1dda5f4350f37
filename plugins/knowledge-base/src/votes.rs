//! Votes on articles: one of each person, which may change.

use crate::model::Feedback;
use cairn_plugin::data::Measure;
use cairn_plugin::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

/// How many people an article helped. Counted from the votes themselves: a number on the article would have to be written with each vote,
/// and would publish whatever draft its editor is working on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct VoteCounts {
    /// People whom it helped.
    pub(crate) up: u64,
    /// People whom it did not.
    pub(crate) down: u64,
}

impl VoteCounts {
    /// Adds a group of votes, as the host counts them.
    pub(crate) fn add_group(&mut self, group: &Value) {
        let count = group["count"].as_u64().unwrap_or_default();
        match group["group"]["helpful"].as_bool() {
            Some(true) => self.up += count,
            Some(false) => self.down += count,
            None => {}
        }
    }
}

/// Counts the votes on an article.
///
/// # Errors
/// What the host says.
pub(crate) fn count_votes(article: &str) -> Result<VoteCounts> {
    let groups = data::find::<Feedback>().filter(json!({ "article": { "documentId": article } })).aggregate(
        &["helpful"],
        &[(Measure::Count, "")],
        10,
    )?;
    let mut counts = VoteCounts::default();
    groups.iter().for_each(|group| counts.add_group(group));
    Ok(counts)
}

/// Stores a person's vote on an article, in the place of the one that they gave before.
///
/// # Errors
/// What the host says.
pub(crate) fn store_vote(article: &str, voter: &str, helpful: bool) -> Result<()> {
    // The upsert is one call, so two clicks at the same moment store one vote.
    let key = json!({ "article": article, "voter": voter });
    let new = json!({ "article": article, "voter": voter, "helpful": helpful });
    data::upsert::<Feedback>(&key, &new, &json!({ "helpful": helpful })).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_votes_add_up() {
        let mut counts = VoteCounts::default();
        for group in [
            json!({ "group": { "helpful": true }, "count": 3 }),
            json!({ "group": { "helpful": false }, "count": 2 }),
            json!({ "group": { "helpful": null }, "count": 9 }),
            json!({}),
        ] {
            counts.add_group(&group);
        }
        assert_eq!(counts, VoteCounts { up: 3, down: 2 });
    }
}
