//! The page of one journey in place of its form: how it stands, what can be done, who it is for, and what has happened.

use super::filters::condition;
use super::inspector::{
    describe_preview, describe_rows, describe_rules, describe_shift, describe_steps, list_actions, slots_table, tone,
};
use crate::explain::{Explanation, explain_journey};
use crate::journeys::LoadedJourney;
use crate::model::{Effect, Entry, ExternalEvent, Journey, JourneyStatus, Notice, Slot, SlotStatus, StartRequest};
use crate::shifts::{ShiftRequest, ShiftResult};
use cairn_plugin::prelude::*;
use cairn_plugin::{format_instant, views::label_values};
use serde_json::{Value, json};

/// Most slots that can be chosen to be published at once.
const MAX_CHOICES: u32 = 50;
/// Most blocks of a page.
const MAX_BLOCKS: usize = 50;

/// The page of a journey that the reader may see. `preview`: the shift that somebody wants to see before it happens.
///
/// # Errors
/// `NotFound` for one that does not exist; what the host says.
pub(super) fn describe(call: &Call, id: &str, preview: Option<(&ShiftRequest, &ShiftResult)>) -> Result<Value> {
    let journey = match LoadedJourney::load(id) {
        Err(Error::NotFound(_)) => return describe_without_definition(id),
        loaded => loaded?,
    };
    let explanation = explain_journey(id, &call.locale)?;
    let status = journey.row.status;
    let phase = journey.current_phase().map_or("", |phase| phase.title_in(&call.locale));
    let name = name_noted(call, &journey);
    let mut header = json!({
        "kind": "header", "title": journey.row.title, "subtitle": join_known(&[phase, &name]),
        "badge": { "label": format!("t:status.{}", status.as_str()), "tone": tone(status) },
    });
    let actions = list_actions(call, &journey);
    if !actions.is_empty() {
        header["actions"] = json!(actions);
    }
    let mut show = vec![header];
    if status == JourneyStatus::Active && journey.row.overdue_at.is_some() {
        show.push(json!({ "kind": "text", "text": "t:journey.overdue", "tone": "warning" }));
    }
    if let Some((wanted, preview)) = preview {
        show.extend(describe_preview(call, id, wanted, preview));
    }
    show.push(describe_steps(call, &journey)?);
    let document = json!({ "type": Journey::TYPE, "documentId": id });
    show.push(json!({ "kind": "columns", "items": [
        { "show": [{
            "kind": "fields", "label": "t:group.customer", "document": document,
            "fields": ["title", "customer", "customerName", "personName", "language", "mailOptOut"],
            "edit": ["title", "personName", "language", "mailOptOut"],
        }] },
        { "show": [describe_plan(call, &journey, &explanation, find_deal(id)?)] },
    ] }));
    show.push(json!({ "kind": "tabs", "items": [
        { "id": "slots", "label": "t:tab.slots", "show": describe_slots(call, &journey)? },
        { "id": "explain", "label": "t:tab.explain", "show": describe_rows(&explanation.rows) },
        { "id": "rules", "label": "t:tab.rules", "show": describe_rules(call, &explanation.rules) },
        { "id": "feed", "label": "t:tab.entries", "show": [describe_feed(id)] },
    ] }));
    show.truncate(MAX_BLOCKS);
    let live = [Journey::TYPE, Slot::TYPE, Entry::TYPE];
    Ok(json!({ "kind": "stack", "live": live, "zone": journey.definition.zone, "show": show }))
}

/// The page of a journey whose definition is gone: it has no phases and no plan to show.
fn describe_without_definition(id: &str) -> Result<Value> {
    let journey = data::get::<Journey>(id)?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    let status = journey.status;
    Ok(json!({ "kind": "stack", "live": [Journey::TYPE], "show": [
        { "kind": "header", "title": journey.title, "subtitle": journey.customer_name,
            "badge": { "label": format!("t:status.{}", status.as_str()), "tone": tone(status) } },
        { "kind": "text", "text": "t:journey.noDefinition", "tone": "warning" },
    ] }))
}

/// Joins those of these texts that are known.
fn join_known(texts: &[&str]) -> String {
    texts.iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join(" – ")
}

/// The name of the customer as the journey has it; empty where it has none. Who has the account is shown by the host, to those who may see accounts.
fn name_noted(call: &Call, journey: &LoadedJourney) -> String {
    let name = journey.row.customer_name.as_str();
    match (journey.customer(), name) {
        (_, "") => String::new(),
        (Some(_), name) => name.to_owned(),
        (None, name) => translate("customer.deleted", &call.locale, Some(&json!({ "name": name }))),
    }
}

/// The deal that has started a journey, as an item that leads to it; none of a journey that began otherwise.
fn find_deal(id: &str) -> Result<Option<Value>> {
    let of_journey = json!({ "journey": { "documentId": { "$eq": id } } });
    let start = data::find::<StartRequest>().filter(of_journey).first()?;
    Ok(start.and_then(|start| {
        let document = json!({ "type": "plugin::crm.deal", "documentId": start.deal()? });
        Some(json!({ "label": "t:field.deal", "value": start.title, "document": document }))
    }))
}

/// When things happen in a journey, and why they do or do not. `deal`: what has started it.
fn describe_plan(call: &Call, journey: &LoadedJourney, explanation: &Explanation, deal: Option<Value>) -> Value {
    let time = |label: &str, value: &Option<String>| {
        value.as_ref().map(|at| json!({ "label": label, "value": at, "format": "datetime" }))
    };
    let definition = json!({ "type": crate::model::Definition::TYPE, "documentId": journey.definition.document_id });
    let title = super::map::format_definition(&journey.definition);
    let mut items = vec![json!({ "label": "t:field.definition", "value": title, "document": definition })];
    items.extend(deal);
    items.push(json!({ "label": "t:field.anchorAt", "value": journey.row.anchor_at, "format": "datetime" }));
    items.extend(time("t:field.phaseEndsAt", &journey.row.phase_ends_at));
    items.push(json!({ "label": "t:field.phaseEnd", "value": explanation.phase_end.reason.text }));
    items.push(json!({ "label": "t:field.mail", "value": explanation.mail.text }));
    items.extend(describe_shift(call, journey));
    items.extend(time("t:field.pausedAt", &journey.row.paused_at));
    json!({ "kind": "fields", "label": "t:group.plan", "items": items })
}

/// The slots, and a button that publishes one of those that are planned or were missed.
fn describe_slots(call: &Call, journey: &LoadedJourney) -> Result<Vec<Value>> {
    let mut show = Vec::new();
    if journey.row.status == JourneyStatus::Active {
        let open = json!({
            "journey": { "documentId": { "$eq": journey.id() } },
            "status": { "$in": [SlotStatus::Planned, SlotStatus::Missed] }, "entry": { "leftAt": { "$null": true } },
        });
        let slots = data::find::<Slot>().filter(open).sort("plannedAt:asc").all(MAX_CHOICES)?;
        let choose = |slot: &Row<Slot>| -> Result<Value> {
            let at = format_instant(time::parse(&slot.planned_at)?, &call.locale, &journey.definition.zone, "medium")?;
            Ok(json!({ "const": slot.document_id, "title": format!("{} ({at})", slot.title) }))
        };
        let options = slots.iter().map(choose).collect::<Result<Vec<Value>>>()?;
        if !options.is_empty() {
            let slot = json!({ "type": "string", "title": "t:field.slot", "oneOf": options });
            show.push(json!({ "kind": "actions", "items": [{
                "id": "publish-slot", "call": "publish-slot", "label": "t:action.publishSlot", "icon": "check",
                "values": { "journey": journey.id() },
                "schema": { "type": "object", "required": ["slot"], "properties": { "slot": slot } },
            }] }));
        }
    }
    show.push(slots_table(journey.id(), json!([{ "id": "edit", "label": "t:action.chooseContent" }])));
    Ok(show)
}

/// The feed of a journey.
fn describe_feed(id: &str) -> Value {
    let own = || vec![condition("journey.documentId", "$eq", id)];
    let source = |uid: &str, date: &str, title: &str, label: &str, icon: &str| json!({ "type": uid, "date": date, "title": title, "label": format!("t:feed.{label}"), "icon": icon, "filters": { "and": own() } });
    let mut entered = source(Entry::TYPE, "enteredAt", "phase.title", "entered", "flag");
    entered["details"] = json!([{ "field": "by" }, { "field": "reason" }]);
    entered["tone"] = json!("info");
    let mut left = source(Entry::TYPE, "leftAt", "phase.title", "left", "clock");
    left["details"] = json!([{ "field": "endReason" }]);
    let mut published = source(Slot::TYPE, "firedAt", "title", "published", "check");
    published["details"] = json!([{ "field": "content" }]);
    published["tone"] = json!("success");
    let mut notice = source(Notice::TYPE, "at", "subject", "notice", "message");
    notice["text"] = json!("body");
    let mut rule = source(Effect::TYPE, "at", "title", "rule", "list-checks");
    rule["details"] = json!([{ "field": "state", "values": label_values("effectState", &EFFECT_TONES) }]);
    let event = source(ExternalEvent::TYPE, "at", "name", "event", "bell");
    json!({ "kind": "feed", "sources": [entered, left, published, notice, rule, event], "empty": "t:feed.empty" })
}

/// The states of what rules did.
const EFFECT_TONES: [(&str, &str); 3] = [("done", "success"), ("unmet", "neutral"), ("stopped", "danger")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subtitle_has_no_dash_beside_nothing() {
        assert_eq!(join_known(&["Order", "anna"]), "Order – anna");
        assert_eq!(
            [join_known(&["", "anna"]), join_known(&["Order", ""]), join_known(&["", ""])],
            ["anna", "Order", ""]
        );
    }
}
