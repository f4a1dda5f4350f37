//! Column with the phase of a row, by its title in the reader's language.

use crate::model::Phase;
use cairn_plugin::prelude::*;
use serde_json::{Map, Value, json};

/// Most phases whose titles are looked up.
const MAX_PHASES: u32 = 500;
/// Most titles that a column can show in another language.
const MAX_TITLES: usize = 100;

/// Titles of phases that have another one in the reader's language, with that.
pub(super) struct PhaseTitles(Map<String, Value>);

impl PhaseTitles {
    /// The titles of all definitions; where two phases have the same title, that of the newer one.
    ///
    /// # Errors
    /// What the host says.
    pub(super) fn load(locale: &str) -> Result<Self> {
        let phases =
            data::find::<Phase>().fields(&["title", "titles", "key"]).sort("createdAt:desc").all(MAX_PHASES)?;
        Ok(Self::of(phases.iter().map(|phase| (phase.title.as_str(), phase.title_in(locale)))))
    }

    fn of<'a>(phases: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut titles = Map::new();
        for (title, local) in phases {
            if titles.len() < MAX_TITLES && title != local && !titles.contains_key(title) {
                titles.insert(title.to_owned(), json!({ "label": local, "tone": "neutral" }));
            }
        }
        Self(titles)
    }

    /// The column: `field` is a relation to a phase. Without titles in another language, it is the relation as it is.
    pub(super) fn describe_column(&self, field: &str) -> Value {
        if self.0.is_empty() {
            return json!({ "field": field, "label": "t:field.phase" });
        }
        json!({ "field": format!("{field}.title"), "label": "t:field.phase", "values": self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_shows_the_titles_that_differ_in_the_readers_language() {
        let titles = PhaseTitles::of([("Assembly", "Assemblage"), ("Order", "Order"), ("Assembly", "Montage")]);
        assert_eq!(
            titles.describe_column("phase"),
            json!({
                "field": "phase.title", "label": "t:field.phase",
                "values": { "Assembly": { "label": "Assemblage", "tone": "neutral" } },
            })
        );
    }

    #[test]
    fn a_column_without_other_titles_is_the_relation() {
        let titles = PhaseTitles::of([("Order", "Order")]);
        assert_eq!(
            titles.describe_column("currentPhase"),
            json!({ "field": "currentPhase", "label": "t:field.phase" })
        );
    }

    #[test]
    fn a_column_has_no_more_titles_than_a_view_may_have() {
        let phases: Vec<(String, String)> = (0..300).map(|n| (format!("Phase {n}"), format!("Fase {n}"))).collect();
        let titles = PhaseTitles::of(phases.iter().map(|(title, local)| (title.as_str(), local.as_str())));
        assert_eq!(titles.0.len(), MAX_TITLES);
    }
}
