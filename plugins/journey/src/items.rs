//! Items: content of the portal, and who sees it.

use cairn_plugin::Document;
use cairn_plugin::data::{Link, or_default};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Content of the portal.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) title: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) body: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) published_at: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) phases: Vec<Link>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) journeys: Vec<Link>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) audience: ItemAudience,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) link: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) link_label: String,
    #[serde(default)]
    pub(crate) films: Value,
    #[serde(default)]
    pub(crate) gallery: Value,
    #[serde(default)]
    pub(crate) files: Value,
    /// Slots that show it, where they are populated.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) slots: Vec<ShownSlot>,
}
impl Document for Item {
    const TYPE: &'static str = "plugin::journey.item";
}

/// Customers who see an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ItemAudience {
    /// Those who have reached one of its phases, and are among its journeys if it has any.
    #[default]
    Phase,
    /// Those for whose slots it was published.
    Slot,
}

/// A slot that shows an item.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct ShownSlot {
    #[serde(default)]
    pub(crate) journey: Option<Link>,
    #[serde(default)]
    pub(crate) phase: Option<Link>,
}

impl Item {
    /// True if it is for a phase, given by its ids in all revisions, and for everybody or for that journey.
    /// An item that follows its slots needs no phase.
    pub(crate) fn is_for(&self, phase: &[String], journey: Option<&str>) -> bool {
        let is_own = |own: &Link| journey.is_none_or(|journey| own.document_id == journey);
        (self.audience == ItemAudience::Slot || self.phases.iter().any(|own| phase.contains(&own.document_id)))
            && (self.journeys.is_empty() || self.journeys.iter().any(is_own))
    }

    /// True if no other customer sees it when it is published for that journey.
    pub(crate) fn is_personal(&self, journey: &str) -> bool {
        self.audience == ItemAudience::Slot
            || (!self.journeys.is_empty() && self.journeys.iter().all(|own| own.document_id == journey))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_for_their_phases_and_journeys() {
        let item = |fields: &str| serde_json::from_str::<Item>(fields).unwrap();
        let everybody = item(r#"{"phases":[{"documentId":"p"}]}"#);
        let [p, q] = ["p", "q"].map(|id| [id.to_owned(), "another revision".to_owned()]);
        assert!(everybody.is_for(&p, Some("j")) && everybody.is_for(&p, None) && !everybody.is_for(&q, Some("j")));
        let own = item(r#"{"phases":[{"documentId":"p"}],"journeys":[{"documentId":"j"}]}"#);
        assert!(own.is_for(&p, Some("j")) && own.is_for(&p, None) && !own.is_for(&p, Some("k")));
        assert!(!item("{}").is_for(&p, None));
        assert!(!everybody.is_personal("j") && own.is_personal("j") && !own.is_personal("k"));
        let followed = item(r#"{"audience":"slot"}"#);
        assert!(followed.is_for(&q, Some("k")) && followed.is_personal("k"));
        let followed_by_one = item(r#"{"audience":"slot","journeys":[{"documentId":"j"}]}"#);
        assert!(followed_by_one.is_for(&q, Some("j")) && !followed_by_one.is_for(&q, Some("k")));
    }
}
