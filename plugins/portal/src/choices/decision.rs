//! The decision about a confirmation. It knows no host.

use crate::model::{Choice, ChoiceStatus};
use cairn_plugin::{Instant, time};

/// The wish of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Wish<'a> {
    /// One of the options; none: the one that is proposed.
    pub(crate) option: Option<&'a str>,
    pub(crate) note: Option<&'a str>,
}

/// Outcome of a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConfirmDecision {
    /// This option is confirmed.
    Confirmed(String),
    /// It was confirmed so already.
    Known(String),
    /// The deadline is over.
    Locked,
    /// The option is none of those.
    Unknown,
    /// Nothing is proposed, and nothing was chosen.
    Missing,
}

/// True if a choice cannot be changed any more. One whose deadline cannot be read counts as over.
pub(crate) fn is_locked(choice: &Choice, now: Instant) -> bool {
    choice.status == ChoiceStatus::Locked
        || time::parse(&choice.deadline).is_ok_and(|at| at <= now)
        || time::parse(&choice.deadline).is_err()
}

/// Decides about a confirmation. Until the deadline, what was confirmed can be confirmed otherwise.
pub(crate) fn decide(choice: &Choice, wish: &Wish<'_>, now: Instant) -> ConfirmDecision {
    if is_locked(choice, now) {
        return ConfirmDecision::Locked;
    }
    let proposed = choice.option.as_deref().filter(|option| !option.is_empty());
    let Some(option) = wish.option.or(proposed) else { return ConfirmDecision::Missing };
    let is_offered = choice.options.iter().any(|known| known == option) || proposed == Some(option);
    if !is_offered {
        return ConfirmDecision::Unknown;
    }
    let is_same_note = wish.note.is_none_or(|note| choice.note.as_deref().unwrap_or_default() == note);
    if choice.status == ChoiceStatus::Confirmed && proposed == Some(option) && is_same_note {
        return ConfirmDecision::Known(option.to_owned());
    }
    ConfirmDecision::Confirmed(option.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW: &str = "2026-06-01T12:00:00.000Z";

    fn choice(with: Value) -> Choice {
        let mut fields = json!({
            "title": "Leather", "options": ["red", "black"], "option": "red", "status": "proposed", "deadline": "2026-06-02T00:00:00.000Z",
        });
        for (name, value) in with.as_object().unwrap() {
            fields[name] = value.clone();
        }
        serde_json::from_value(fields).unwrap()
    }

    fn confirm(with: Value, option: Option<&str>, note: Option<&str>) -> ConfirmDecision {
        decide(&choice(with), &Wish { option, note }, time::parse(NOW).unwrap())
    }

    #[test]
    fn what_is_proposed_or_offered_is_confirmed() {
        assert_eq!(confirm(json!({}), None, None), ConfirmDecision::Confirmed("red".into()));
        assert_eq!(confirm(json!({}), Some("black"), None), ConfirmDecision::Confirmed("black".into()));
        assert_eq!(confirm(json!({}), Some("pink"), None), ConfirmDecision::Unknown);
        assert_eq!(confirm(json!({ "option": null }), None, None), ConfirmDecision::Missing);
        assert_eq!(
            confirm(json!({ "options": null, "option": "red" }), Some("red"), None),
            ConfirmDecision::Confirmed("red".into())
        );
    }

    #[test]
    fn what_was_confirmed_can_change_until_the_deadline() {
        let confirmed = || json!({ "status": "confirmed", "note": "matt" });
        assert_eq!(confirm(confirmed(), None, None), ConfirmDecision::Known("red".into()));
        assert_eq!(confirm(confirmed(), Some("red"), Some("matt")), ConfirmDecision::Known("red".into()));
        assert_eq!(confirm(confirmed(), Some("red"), Some("glossy")), ConfirmDecision::Confirmed("red".into()));
        assert_eq!(confirm(confirmed(), Some("black"), None), ConfirmDecision::Confirmed("black".into()));
    }

    #[test]
    fn from_the_deadline_on_nothing_changes() {
        for locked in [json!({ "status": "locked" }), json!({ "deadline": NOW }), json!({ "deadline": "soon" })] {
            assert_eq!(confirm(locked, Some("black"), None), ConfirmDecision::Locked);
        }
        let last = json!({ "deadline": "2026-06-01T12:00:00.001Z" });
        assert_eq!(confirm(last, None, None), ConfirmDecision::Confirmed("red".into()));
    }
}
