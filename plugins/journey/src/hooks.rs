//! Decisions before something is stored that people or other programs write. The plugin's own writes do not come by here.

use crate::accounts::decide_deletion;
use crate::journeys::find_same_phases;
use crate::model::{DefinitionStatus, Entry, Item, Journey, JourneyStatus, Link, Notice, PlanRow, Slot, SlotStatus};
use crate::planning::{label_slot, relabel_slots};
use crate::start_requests::decide_start_request;
use crate::starts::build_active_key;
use crate::{Journeys, definitions};
use cairn_plugin::data::or_default;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Rows of the plan that show one item and are looked at.
const MAX_ROWS: u32 = 500;

impl Hooks for Journeys {
    fn before(call: &Call, hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        let decide = match hook {
            "definitions" => definitions::decide_change,
            "items" => decide_item,
            "accounts" => decide_deletion,
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
        Journey::TYPE => &["title", "language", "mailOptOut", "personName"],
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
            Slot::TYPE => decide_slot(call, change, has_changed("content"), has_changed("title")),
            _ => Ok(Decision::Allow),
        };
    }
    let code = if change.action == Action::Create { "kept-create" } else { "kept-delete" };
    Ok(Decision::conflict("state", translate(&format!("refused.{code}"), &call.locale, None)))
}

/// An item that slots or rows still plan is not deleted: the slots would be missed. Its link leads to where browsers can go.
fn decide_item(call: &Call, change: &Change) -> Result<Decision> {
    if change.action != Action::Delete {
        let link = change.after::<LinkFields>()?.and_then(|fields| fields.link).unwrap_or_default();
        let is_set = change.action == Action::Create || change.touches("link");
        return Ok(if !is_set || is_link(&link) { Decision::Allow } else { refuse("link", "link", call) });
    }
    let this = json!({ "documentId": { "$eq": change.document_id } });
    // An item that is a draft until its slot is due is found among the drafts only.
    let slots =
        data::find::<Slot>().drafts().filter(json!({ "content": this, "status": SlotStatus::Planned })).count()?;
    let rows = count_rows_in_use(&this)?;
    if slots + rows == 0 {
        return Ok(Decision::Allow);
    }
    let arguments = json!({ "slots": slots, "rows": rows });
    Ok(Decision::conflict("state", translate("refused.item-planned", &call.locale, Some(&arguments))))
}

/// Counts the rows that show an item and that journeys follow, or may follow: those of active definitions, and of others as long as journeys
/// are on their way with them.
fn count_rows_in_use(item: &Value) -> Result<u64> {
    let shows = json!({ "$or": [{ "item": item }, { "items": item }] });
    let definition =
        json!({ "phase": { "fields": ["title"], "populate": { "definition": { "fields": ["status"] } } } });
    let rows = data::find::<PlacedRow>().drafts().filter(shows).populate(definition).all(MAX_ROWS)?;
    let definitions: Vec<Option<&DefinitionUse>> =
        rows.iter().map(|row| row.phase.as_ref().and_then(|phase| phase.definition.as_ref())).collect();
    let inactive: BTreeSet<&str> = definitions
        .iter()
        .flatten()
        .filter(|one| one.status != DefinitionStatus::Active)
        .map(|one| one.document_id.as_str())
        .collect();
    let mut followed = BTreeSet::new();
    for definition in &inactive {
        let running = json!({
            "definition": { "documentId": { "$eq": definition } },
            "status": { "$in": [JourneyStatus::Active, JourneyStatus::Paused] },
        });
        if data::find::<Journey>().filter(running).count()? > 0 {
            followed.insert(*definition);
        }
    }
    let is_used =
        |one: &&DefinitionUse| one.status == DefinitionStatus::Active || followed.contains(one.document_id.as_str());
    Ok(u64::try_from(definitions.into_iter().flatten().filter(is_used).count()).unwrap_or(u64::MAX))
}

/// A row of the plan, as far as it says which definition it belongs to.
#[derive(Deserialize)]
struct PlacedRow {
    #[serde(default)]
    phase: Option<PlacedPhase>,
}

impl Document for PlacedRow {
    const TYPE: &'static str = PlanRow::TYPE;
}

#[derive(Deserialize)]
struct PlacedPhase {
    #[serde(default)]
    definition: Option<DefinitionUse>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DefinitionUse {
    document_id: String,
    #[serde(default, deserialize_with = "or_default")]
    status: DefinitionStatus,
}

#[derive(Deserialize)]
struct LinkFields {
    link: Option<String>,
}

/// True for an address of the web, of a page of the portal, of a mail or of a phone, and for none: nothing that a browser would run.
fn is_link(text: &str) -> bool {
    let is_page = text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/\\");
    let known = ["https://", "http://", "mailto:", "tel:"];
    let has_place = known.iter().any(|start| text.strip_prefix(start).is_some_and(|rest| !rest.is_empty()));
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control();
    text.is_empty() || ((is_page || has_place) && text.chars().all(is_plain))
}

fn refuse(field: &str, code: &str, call: &Call) -> Decision {
    Decision::refuse_field(field, code, translate(&format!("refused.{code}"), &call.locale, None))
}

/// A running journey is known by its title: another one with the new title is in the way, and the old title is free.
fn decide_rename(call: &Call, change: &Change) -> Result<Decision> {
    let title = change.after::<TitleFields>()?.and_then(|fields| fields.title).unwrap_or_default();
    relabel_slots(&change.document_id, &title)?;
    let journey = data::find::<Journey>().populate(Journey::populate()).by_ids(&[&change.document_id])?.pop().flatten();
    let is_running = |journey: &Row<Journey>| matches!(journey.status, JourneyStatus::Active | JourneyStatus::Paused);
    let Some(journey) = journey.filter(is_running) else { return Ok(Decision::Allow) };
    let (Some(definition), Some(customer)) = (&journey.definition, &journey.customer) else {
        return Ok(Decision::Allow);
    };
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

/// The content of a slot is for its phase and its journey: the customer is told of it. Where each journey gets content of its own, nobody
/// else may see it.
fn decide_slot(call: &Call, change: &Change, has_content: bool, has_title: bool) -> Result<Decision> {
    let populate = json!({ "phase": { "fields": ["key"] }, "journey": { "fields": ["title"] }, "planRow": true });
    let slot = data::find::<Slot>().populate(populate).by_ids(&[&change.document_id])?.pop().flatten();
    let Some(slot) = slot else { return Ok(Decision::Allow) };
    let journey = slot.journey.as_ref().map(|journey| journey.document_id.as_str());
    if let Some(content) = change.after::<ContentFields>()?.and_then(|fields| fields.content).filter(|_| has_content) {
        let phase = find_same_phases(slot.phase.as_ref().map_or("", |phase| phase.document_id.as_str()))?;
        let Some(item) = find_chosen_item(&content.document_id)?.filter(|item| item.is_for(&phase, journey)) else {
            return Ok(refuse("content", "other-phase", call));
        };
        let is_own = slot.plan_row.as_ref().is_some_and(|row| row.own_content);
        if is_own && !journey.is_some_and(|journey| item.is_personal(journey)) {
            return Ok(refuse("content", "not-personal", call));
        }
    }
    let title = change.after::<TitleFields>()?.and_then(|fields| fields.title).filter(|_| has_title);
    let label = match (title, journey) {
        (Some(title), Some(journey)) => label_slot(journey, &title)?,
        _ => None,
    };
    let mut patch = serde_json::Map::new();
    patch.extend(label.map(|label| ("label".to_owned(), json!(label))));
    if has_content {
        // The team was asked for the content of before.
        patch.insert("askedAt".to_owned(), Value::Null);
    }
    if patch.is_empty() { Ok(Decision::Allow) } else { Decision::amend(&patch) }
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

/// Items as whoever chooses them sees them, as [`find_chosen_item`], in the order of their ids; `None` for those that do not exist.
///
/// # Errors
/// What the host says.
pub(crate) fn list_chosen_items(ids: &[&str]) -> Result<Vec<Option<Row<Item>>>> {
    let populate = json!({ "phases": { "fields": ["key"] }, "journeys": { "fields": ["title"] } });
    data::find::<Item>().drafts().populate(populate).by_ids(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_plugin::Actor;

    #[test]
    fn links_lead_where_browsers_can_go_and_run_nothing() {
        for link in [
            "",
            "https://example.com/a?b=c#d",
            "http://intranet/x",
            "/afspraak/7",
            "mailto:a@example.com",
            "tel:+31612345678",
        ] {
            assert!(is_link(link), "{link}");
        }
        for link in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "/\\evil.example",
            "https://",
            "www.example.com",
            "https://a b",
            "https://a\n",
            "vbscript:x",
            "file:///etc/passwd",
            " https://example.com",
        ] {
            assert!(!is_link(link), "{link:?}");
        }
    }

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
