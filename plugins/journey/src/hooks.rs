//! Decisions before something is stored that people or other programs write. The plugin's own writes do not come by here.

use crate::model::{Entry, Journey, Notice, Slot};
use crate::{Journeys, definitions};
use cairn_plugin::prelude::*;

impl Hooks for Journeys {
    fn before(call: &Call, hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        let decide = match hook {
            "definitions" => definitions::decide_change,
            "journeys" => decide_journey,
            other => return Err(Error::NotFound(other.to_owned())),
        };
        changes.iter().map(|change| decide(call, change)).collect()
    }
}

/// What may be written by hand of what the plugin notes.
fn free_fields(content_type: &str) -> &'static [&'static str] {
    match content_type {
        Journey::TYPE => &["title", "language", "mailOptOut"],
        Slot::TYPE => &["content", "title"],
        Entry::TYPE | Notice::TYPE => &[],
        _ => &[],
    }
}

/// Journeys are started, moved and cancelled by the plugin: a value that is changed by hand would change no timer.
fn decide_journey(call: &Call, change: &Change) -> Result<Decision> {
    let free = free_fields(&change.content_type);
    if change.action == Action::Update {
        let kept = change.changed.iter().find(|field| !free.contains(&field.as_str()));
        return Ok(match kept {
            None => Decision::Allow,
            Some(field) => Decision::refuse_field(field.clone(), "kept", translate("refused.kept", &call.locale, None)),
        });
    }
    let code = if change.action == Action::Create { "kept-create" } else { "kept-delete" };
    Ok(Decision::conflict("state", translate(&format!("refused.{code}"), &call.locale, None)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_plugin::Actor;

    #[test]
    fn only_what_moves_nothing_is_changed_by_hand() {
        assert!(free_fields(Journey::TYPE).contains(&"mailOptOut"));
        for kept in ["currentPhase", "status", "customer", "anchorAt", "shift", "definition"] {
            assert!(!free_fields(Journey::TYPE).contains(&kept), "{kept}");
        }
        assert!(free_fields(Entry::TYPE).is_empty() && free_fields("plugin::journey.later").is_empty());
        let call = Call {
            id: "c".into(),
            idempotency_key: "k".into(),
            actor: Actor::Anonymous,
            locale: "en".into(),
            attempt: 1,
            deadline: 0,
        };
        let change = Change {
            action: Action::Update,
            content_type: Journey::TYPE.into(),
            document_id: "j".into(),
            locale: None,
            before: None,
            after: None,
            changed: vec!["title".into()],
            origin: "rest".into(),
        };
        assert_eq!(decide_journey(&call, &change).unwrap(), Decision::Allow);
    }
}
