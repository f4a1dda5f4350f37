//! Choices as the team writes them.

use crate::model::{Choice, ChoiceStatus, Link};
use crate::refusals::{refuse_field, refuse_state};
use crate::vehicles::cancellation::is_cancelled;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Most options, and characters of one.
const MAX_OPTIONS: usize = 30;
const MAX_OPTION_CHARS: usize = 160;

/// Fields that only its customer writes.
const KEPT: [&str; 3] = ["confirmedAt", "confirmedBy", "note"];

/// A choice as somebody writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenChoice {
    vehicle: Option<Link>,
    #[serde(default)]
    options: Value,
    option: Option<String>,
    status: Option<ChoiceStatus>,
    deadline: Option<String>,
}

/// Options are texts, and what is proposed is one of them. A choice is confirmed by its customer and locked by its deadline; a later deadline
/// opens it again. None changes once the order is cancelled.
///
/// # Errors
/// What the host says.
pub(crate) fn decide_change(call: &Call, change: &Change) -> Result<Decision> {
    if change.action == Action::Delete {
        let before: Option<Choice> = change.before()?;
        let is_kept =
            before.is_some_and(|before| before.status != ChoiceStatus::Proposed || before.confirmed_at.is_some());
        if is_kept {
            return Ok(refuse_state("kept-choice", call));
        }
        let stored = data::find::<Choice>().populate(json!({ "vehicle": { "fields": ["title"] } }));
        let stored = stored.by_ids(&[&change.document_id])?.pop().flatten();
        return Ok(match stored.and_then(|choice| choice.fields.vehicle) {
            Some(vehicle) if is_cancelled(&vehicle.document_id)? => refuse_state("vehicle-cancelled", call),
            _ => Decision::Allow,
        });
    }
    if let Some(field) = KEPT.into_iter().find(|field| change.action == Action::Update && change.touches(field)) {
        return Ok(refuse_field(field, "kept", call, None));
    }
    let Some(after) = change.after::<WrittenChoice>()? else { return Ok(Decision::Allow) };
    let Some(vehicle) = &after.vehicle else { return Ok(refuse_field("vehicle", "no-vehicle", call, None)) };
    if change.action == Action::Update && change.touches("vehicle") {
        return Ok(refuse_field("vehicle", "other-vehicle", call, None));
    }
    let is_changed = change.action == Action::Create || !change.changed.is_empty();
    if is_changed && is_cancelled(&vehicle.document_id)? {
        return Ok(refuse_state("vehicle-cancelled", call));
    }
    let Some(options) = read_options(&after.options) else {
        return Ok(refuse_field(
            "options",
            "options",
            call,
            Some(&json!({ "most": MAX_OPTIONS, "chars": MAX_OPTION_CHARS })),
        ));
    };
    let option = after.option.as_deref().filter(|option| !option.is_empty());
    if let Some(option) = option.filter(|_| !options.is_empty())
        && !options.iter().any(|known| known == option)
    {
        return Ok(refuse_field("option", "unknown-option", call, None));
    }
    if options.is_empty() && option.is_none() {
        return Ok(refuse_field("option", "no-option", call, None));
    }
    let Some(deadline) = &after.deadline else { return Ok(Decision::Allow) };
    let is_over = time::parse(deadline)? <= time::now();
    if change.action == Action::Create {
        if is_over {
            return Ok(refuse_field("deadline", "deadline-over", call, None));
        }
        return Decision::amend(&json!({
            "status": ChoiceStatus::Proposed, "confirmedAt": null, "confirmedBy": null, "note": null,
        }));
    }
    let before: Option<Choice> = change.before()?;
    let stored = before.as_ref().map(|before| before.status);
    if change.touches("status") && stored != after.status {
        return Ok(refuse_field("status", "kept", call, None));
    }
    if !change.touches("deadline") && !change.touches("option") {
        return Ok(Decision::Allow);
    }
    let was_confirmed = before.is_some_and(|before| before.confirmed_at.is_some());
    // The customer has not confirmed what somebody else proposes after that.
    let stays_confirmed = was_confirmed && !change.touches("option");
    Ok(match (is_over, stays_confirmed) {
        (true, _) => Decision::amend(&json!({ "status": ChoiceStatus::Locked }))?,
        (false, true) => Decision::amend(&json!({ "status": ChoiceStatus::Confirmed }))?,
        (false, false) => {
            Decision::amend(&json!({ "status": ChoiceStatus::Proposed, "confirmedAt": null, "confirmedBy": null }))?
        }
    })
}

/// The options as they are stored; none where they are no list of different texts, or too many.
fn read_options(value: &Value) -> Option<Vec<String>> {
    let list = match value {
        Value::Null => return Some(Vec::new()),
        Value::Array(list) if list.len() <= MAX_OPTIONS => list,
        _ => return None,
    };
    let fits = |text: &&str| !text.trim().is_empty() && text.chars().count() <= MAX_OPTION_CHARS;
    let options: Option<Vec<String>> =
        list.iter().map(|option| option.as_str().filter(fits).map(str::to_owned)).collect();
    options.filter(|options| options.iter().collect::<BTreeSet<_>>().len() == options.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_different_texts() {
        assert_eq!(read_options(&Value::Null), Some(Vec::new()));
        assert_eq!(read_options(&json!(["red", "black"])).unwrap().len(), 2);
        let many: Vec<String> = (0..31).map(|n| n.to_string()).collect();
        for wrong in [
            json!("red"),
            json!([1]),
            json!(["red", "red"]),
            json!([" "]),
            json!({}),
            json!(["é".repeat(161)]),
            json!(many),
        ] {
            assert_eq!(read_options(&wrong), None, "{wrong}");
        }
    }
}
