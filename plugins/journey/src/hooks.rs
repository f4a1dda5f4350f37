//! Decisions before something is stored that people or other programs write. The plugin's own writes do not come by here.

use crate::journeys::find_same_phases;
use crate::model::{DefinitionStatus, Entry, Item, Journey, JourneyStatus, Link, Notice, PlanRow, Slot, SlotStatus};
use crate::start_requests::decide_start_request;
use crate::starts::build_active_key;
use crate::{Journeys, definitions};
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::json;

impl Hooks for Journeys {
    fn before(call: &Call, hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        let decide = match hook {
            "definitions" => definitions::decide_change,
            "items" => decide_item,
            "journeys" => decide_journey,
            "start-requests" => decide_start_request,
            other => return Err(Error::NotFound(other.to_owned())),
        };
        changes.iter().map(|change| decide(call, change)).collect()
    }
}

/// Returns the fields that may be written by hand, of what the plugin notes.
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
        if let Some(field) = kept {
            return Ok(refuse(field, "kept", call));
        }
        let has_changed = |field: &str| change.changed.iter().any(|changed| changed == field);
        return match change.content_type.as_str() {
            Journey::TYPE if has_changed("title") => decide_rename(call, change),
            Slot::TYPE if has_changed("content") => decide_content(call, change),
            _ => Ok(Decision::Allow),
        };
    }
    let code = if change.action == Action::Create { "kept-create" } else { "kept-delete" };
    Ok(Decision::conflict("state", translate(&format!("refused.{code}"), &call.locale, None)))
}

/// An item that slots or rows still plan is not deleted: the slots would be missed.
fn decide_item(call: &Call, change: &Change) -> Result<Decision> {
    let this = json!({ "documentId": { "$eq": change.document_id } });
    // An item that is a draft until its slot is due is found among the drafts only.
    let slots =
        data::find::<Slot>().drafts().filter(json!({ "content": this, "status": SlotStatus::Planned })).count()?;
    let active = json!({ "definition": { "status": { "$eq": DefinitionStatus::Active } } });
    let rows = data::find::<PlanRow>().drafts().filter(json!({ "item": this, "phase": active })).count()?;
    if slots + rows == 0 {
        return Ok(Decision::Allow);
    }
    let arguments = json!({ "slots": slots, "rows": rows });
    Ok(Decision::conflict("state", translate("refused.item-planned", &call.locale, Some(&arguments))))
}

fn refuse(field: &str, code: &str, call: &Call) -> Decision {
    Decision::refuse_field(field, code, translate(&format!("refused.{code}"), &call.locale, None))
}

/// A running journey is known by its title: another one with the new title is in the way, and the old title is free.
fn decide_rename(call: &Call, change: &Change) -> Result<Decision> {
    let journey = data::find::<Journey>().populate(Journey::populate()).by_ids(&[&change.document_id])?.pop().flatten();
    let is_running = |journey: &Row<Journey>| matches!(journey.status, JourneyStatus::Active | JourneyStatus::Paused);
    let Some(journey) = journey.filter(is_running) else { return Ok(Decision::Allow) };
    let (Some(definition), Some(customer)) = (&journey.definition, &journey.customer) else {
        return Ok(Decision::Allow);
    };
    let title = change.after::<TitleFields>()?.and_then(|fields| fields.title).unwrap_or_default();
    let key = build_active_key(&definition.key, &customer.document_id, &title);
    let taken = json!({ "activeKey": { "$eq": key }, "documentId": { "$ne": change.document_id } });
    if data::find::<Journey>().filter(taken).count()? > 0 {
        return Ok(refuse("title", "running", call));
    }
    Decision::amend(&json!({ "activeKey": key }))
}

#[derive(Deserialize)]
struct TitleFields {
    title: Option<String>,
}

/// The content of a slot is for its phase and its journey: the customer is told of it.
fn decide_content(call: &Call, change: &Change) -> Result<Decision> {
    let Some(content) = change.after::<ContentFields>()?.and_then(|fields| fields.content) else {
        return Ok(Decision::Allow);
    };
    let populate = json!({ "phase": { "fields": ["key"] }, "journey": { "fields": ["title"] } });
    let slot = data::find::<Slot>().populate(populate).by_ids(&[&change.document_id])?.pop().flatten();
    let Some(slot) = slot else { return Ok(Decision::Allow) };
    let phase = find_same_phases(slot.phase.as_ref().map_or("", |phase| phase.document_id.as_str()))?;
    let journey = slot.journey.as_ref().map(|journey| journey.document_id.as_str());
    let is_fitting = find_chosen_item(&content.document_id)?.is_some_and(|item| item.is_for(&phase, journey));
    Ok(if is_fitting { Decision::Allow } else { refuse("content", "other-phase", call) })
}

#[derive(Deserialize)]
struct ContentFields {
    content: Option<Link>,
}

/// An item as whoever chooses it sees it: its draft, with its phases and journeys.
///
/// # Errors
/// What the host says.
pub(crate) fn find_chosen_item(id: &str) -> Result<Option<Row<Item>>> {
    let populate = json!({ "phases": { "fields": ["key"] }, "journeys": { "fields": ["title"] } });
    Ok(data::find::<Item>().drafts().populate(populate).by_ids(&[id])?.pop().flatten())
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
            changed: vec!["language".into()],
            origin: "rest".into(),
        };
        assert_eq!(decide_journey(&call, &change).unwrap(), Decision::Allow);
    }
}
