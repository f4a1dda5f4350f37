//! One journey: how far it is, why something happened or did not, and what can be done.

use super::filters::condition;
use super::move_form::{move_schema, silent_property};
use super::phase_column::PhaseTitles;
use crate::explain::{ExplainedRow, Explanation, explain_journey};
use crate::explain_rules::ExplainedRule;
use crate::journeys::{LoadedJourney, require_visible};
use crate::last_move::is_undo_open;
use crate::model::{Entry, Journey, JourneyStatus, Slot};
use crate::shifts::{ShiftRequest, ShiftResult, describe_period};
use cairn_plugin::prelude::*;
use cairn_plugin::views::label_values;
use serde_json::{Value, json};

/// The statuses of a slot, and what each says.
const SLOT_TONES: [(&str, &str); 4] =
    [("planned", "info"), ("published", "success"), ("skipped", "neutral"), ("missed", "warning")];

/// Most journeys to choose from.
const MAX_JOURNEYS: u32 = 100;
/// Most slots of a preview that are listed.
const MAX_PREVIEWED: usize = 40;

/// `chosen`: the id of a journey; otherwise the one that changed last. `preview`: the shift that somebody wants to see before it happens.
pub(super) fn describe(call: &Call, chosen: &str, preview: Option<(&ShiftRequest, &ShiftResult)>) -> Result<Value> {
    let mut journeys = data::find::<Journey>()
        .as_caller()
        .fields(&["title", "anchorAt", "status"])
        .sort("updatedAt:desc")
        .all(MAX_JOURNEYS)?;
    if !chosen.is_empty() && !journeys.iter().any(|journey| journey.document_id == chosen) {
        // Older than those of the list, or not there: then the list is what is left.
        let found = data::find::<Journey>().as_caller().fields(&["title", "anchorAt", "status"]).by_ids(&[chosen])?;
        journeys.extend(found.into_iter().flatten());
    }
    let Some(shown) = journeys.iter().find(|journey| journey.document_id == chosen).or(journeys.first()) else {
        return Ok(json!({ "kind": "empty", "title": "t:journey.empty", "text": "t:journey.empty.hint" }));
    };
    let id = shown.document_id.clone();
    require_visible(&id)?;
    let options: Vec<Value> = journeys
        .iter()
        .take(MAX_JOURNEYS as usize)
        .filter(|journey| journey.document_id != id)
        .map(|journey| json!({ "value": journey.document_id, "label": shorten(&journey.title) }))
        .collect();
    let options: Vec<Value> =
        std::iter::once(json!({ "value": id, "label": shorten(&shown.title) })).chain(options).take(100).collect();
    let journey = LoadedJourney::load(&id)?;
    let mut show = describe_journey(call, &journey, preview)?;
    show.truncate(50);
    Ok(json!({ "kind": "stack", "zone": journey.definition.zone, "show": [
        { "kind": "header", "title": "t:view.journey", "subtitle": "t:view.journey.hint" },
        {
            "kind": "filter-bar",
            "parameters": [{ "name": "journey", "label": "t:field.journey", "value": id, "options": options }],
            "show": show,
        },
    ] }))
}

fn shorten(title: &str) -> String {
    title.chars().take(120).collect()
}

fn describe_journey(
    call: &Call,
    journey: &LoadedJourney,
    preview: Option<(&ShiftRequest, &ShiftResult)>,
) -> Result<Vec<Value>> {
    let id = journey.id();
    let explanation = explain_journey(id, &call.locale)?;
    let status = journey.row.status;
    let mut show = vec![
        json!({
            "kind": "header", "title": journey.row.title,
            "badge": { "label": format!("t:status.{}", status.as_str()), "tone": tone(status) },
        }),
        describe_facts(call, journey, &explanation),
    ];
    let actions = list_actions(call, journey);
    if !actions.is_empty() {
        show.push(json!({ "kind": "actions", "items": actions }));
    }
    show.push(json!({ "kind": "document-link", "document": { "type": Journey::TYPE, "documentId": id }, "label": "t:journey.form" }));
    if let Some((wanted, preview)) = preview {
        show.extend(describe_preview(call, id, wanted, preview));
    }
    show.push(describe_steps(call, journey)?);
    let titles = PhaseTitles::load(&call.locale)?;
    let slot_actions = json!([
        { "id": "edit", "label": "t:action.chooseContent" },
        { "id": "publish-now", "call": "publish-now", "label": "t:action.publishNow", "icon": "check", "confirm": "t:action.publishNow.sure" },
    ]);
    show.push(json!({ "kind": "tabs", "items": [
        { "id": "explain", "label": "t:tab.explain", "show": describe_rows(&explanation.rows) },
        { "id": "rules", "label": "t:tab.rules", "show": describe_rules(call, &explanation.rules) },
        { "id": "slots", "label": "t:tab.slots", "show": [slots_table(id, slot_actions)] },
        { "id": "entries", "label": "t:tab.entries", "show": [entries_table(id, &titles)] },
    ] }));
    Ok(show)
}

pub(super) const fn tone(status: JourneyStatus) -> &'static str {
    match status {
        JourneyStatus::Active => "info",
        JourneyStatus::Paused => "warning",
        JourneyStatus::Completed => "success",
        JourneyStatus::Cancelled => "neutral",
    }
}

/// The customer, by name and account; of an account that was deleted the name stays.
fn describe_customer(call: &Call, journey: &LoadedJourney) -> String {
    let name = journey.row.customer_name.as_str();
    match journey.customer() {
        Some(customer) if customer.username == name || name.is_empty() => customer.username.clone(),
        Some(customer) => format!("{name} ({})", customer.username),
        None if name.is_empty() => "–".to_owned(),
        None => translate("customer.deleted", &call.locale, Some(&json!({ "name": name }))),
    }
}

fn describe_facts(call: &Call, journey: &LoadedJourney, explanation: &Explanation) -> Value {
    let customer = describe_customer(call, journey);
    let mut items = vec![
        json!({ "label": "t:field.customer", "value": customer }),
        json!({ "label": "t:field.phase", "value": journey.current_phase().map(|phase| phase.title_in(&call.locale)) }),
        json!({ "label": "t:field.anchorAt", "value": journey.row.anchor_at, "format": "datetime" }),
        json!({ "label": "t:field.phaseEndsAt", "value": journey.row.phase_ends_at, "format": "datetime" }),
        json!({ "label": "t:field.phaseEnd", "value": explanation.phase_end.reason.text }),
        json!({ "label": "t:field.mail", "value": explanation.mail.text }),
    ];
    items.extend(describe_shift(call, journey));
    json!({ "kind": "fields", "items": items })
}

/// By how much the plan was shifted, in words; none where it was not.
pub(super) fn describe_shift(call: &Call, journey: &LoadedJourney) -> Option<Value> {
    let shift = journey.row.period();
    (!shift.is_zero()).then(|| json!({ "label": "t:field.shift", "value": describe_period(shift, &call.locale) }))
}

/// Lists the actions that are possible now, and no others.
pub(super) fn list_actions(call: &Call, journey: &LoadedJourney) -> Vec<Value> {
    let values = json!({ "journey": journey.id() });
    let current = journey.row.current_phase.as_ref().map(|phase| phase.document_id.as_str());
    let targets: Vec<(&str, &str)> = journey
        .phases
        .iter()
        .filter(|phase| Some(phase.document_id.as_str()) != current)
        .map(|phase| (phase.key.as_str(), phase.title_in(&call.locale)))
        .collect();
    let by = json!({ "type": "object", "order": ["by", "silent"], "properties": {
        "by": { "type": "string", "title": "t:field.by", "description": "t:field.by.hint", "maxLength": 20, "default": "P30D" },
        "silent": silent_property(),
    } });
    let mut items = match journey.row.status {
        JourneyStatus::Active => vec![
            json!({ "id": "move", "call": "move", "label": "t:action.move", "icon": "flag", "values": values, "schema": move_schema(&targets) }),
            json!({ "id": "preview-shift", "call": "preview-shift", "label": "t:action.shift", "icon": "calendar", "values": values, "schema": by }),
            json!({ "id": "pause", "call": "pause", "label": "t:action.pause", "icon": "clock", "values": values, "confirm": "t:action.pause.sure" }),
            json!({ "id": "cancel", "call": "cancel", "label": "t:action.cancel", "tone": "danger", "values": values, "confirm": "t:action.cancel.sure" }),
        ],
        JourneyStatus::Paused => vec![
            json!({ "id": "resume", "call": "resume", "label": "t:action.resume", "icon": "check", "values": values, "confirm": "t:action.resume.sure" }),
            json!({ "id": "cancel", "call": "cancel", "label": "t:action.cancel", "tone": "danger", "values": values, "confirm": "t:action.cancel.sure" }),
        ],
        JourneyStatus::Completed | JourneyStatus::Cancelled => return Vec::new(),
    };
    if journey.row.status == JourneyStatus::Active && journey.next_phase().is_none() {
        let reason = json!({ "type": "object", "properties": {
            "reason": { "type": "string", "title": "t:field.reason", "format": "textarea", "maxLength": 500 },
        } });
        items.push(json!({
            "id": "complete", "call": "complete", "label": "t:action.complete", "icon": "check", "values": values, "schema": reason,
        }));
    }
    if is_undo_open(&journey.row) {
        items.push(json!({
            "id": "undo", "call": "undo", "label": "t:action.undo", "icon": "clock", "values": values, "confirm": "t:action.undo.sure",
        }));
    }
    items
}

/// How the end of a phase is called.
fn end_label(call: &Call, phase: &str) -> String {
    translate("shift.end", &call.locale, Some(&json!({ "phase": phase })))
}

pub(super) fn describe_preview(call: &Call, id: &str, wanted: &ShiftRequest, preview: &ShiftResult) -> Vec<Value> {
    let before = |items: Vec<Value>| json!({ "kind": "fields", "label": "t:shift.before", "items": items });
    let after = |items: Vec<Value>| json!({ "kind": "fields", "label": "t:shift.after", "items": items });
    let ends: Vec<_> = preview.windows.iter().filter(|window| window.before.to.is_some()).collect();
    let time = |label: &str, value: Option<&String>| json!({ "label": label, "value": value, "format": "datetime" });
    let slots = preview.slots.iter().take(MAX_PREVIEWED);
    let slot_label = |slot: &crate::shifts::ChangedSlot| format!("{} ({})", slot.title, slot.occurrence);
    let old: Vec<Value> = ends
        .iter()
        .map(|window| time(&end_label(call, &window.title), window.before.to.as_ref()))
        .chain(slots.clone().map(|slot| time(&slot_label(slot), Some(&slot.before))))
        .collect();
    let new: Vec<Value> = ends
        .iter()
        .map(|window| time(&end_label(call, &window.title), window.after.to.as_ref()))
        .chain(slots.map(|slot| time(&slot_label(slot), Some(&slot.after))))
        .collect();
    if old.is_empty() {
        return vec![json!({ "kind": "empty", "title": "t:shift.nothing" })];
    }
    vec![
        json!({ "kind": "text", "text": "t:shift.preview", "tone": "info" }),
        json!({ "kind": "columns", "items": [{ "show": [before(old)] }, { "show": [after(new)] }] }),
        json!({ "kind": "actions", "items": [
            {
                "id": "shift", "call": "shift", "label": "t:action.shiftNow", "icon": "check", "tone": "success",
                "values": { "journey": id, "by": wanted.by, "silent": wanted.silent }, "confirm": "t:action.shiftNow.sure",
            },
        ] }),
    ]
}

/// The phases, with when they were entered.
pub(super) fn describe_steps(call: &Call, journey: &LoadedJourney) -> Result<Value> {
    let entries = data::find::<Entry>()
        .filter(json!({ "journey": { "documentId": { "$eq": journey.id() } } }))
        .populate(json!({ "phase": { "fields": ["key"] } }))
        .sort("enteredAt:desc")
        .all(500)?;
    let current = journey.current();
    let steps: Vec<Value> = journey
        .phases
        .iter()
        .enumerate()
        .take(50)
        .map(|(n, phase)| {
            let entry =
                entries.iter().find(|one| one.phase.as_ref().is_some_and(|own| own.document_id == phase.document_id));
            let state = match current {
                Some(at) if n == at && journey.row.status != JourneyStatus::Completed => "current",
                Some(at) if n > at => "waiting",
                _ if entry.is_some() => "done",
                _ => "skipped",
            };
            let mut step = json!({ "label": phase.title_in(&call.locale), "state": state });
            // An entry from before a move back does not tell how far the journey is now.
            if let Some(entry) = entry.filter(|_| state != "waiting") {
                step["at"] = json!(entry.entered_at);
            }
            step
        })
        .collect();
    Ok(json!({ "kind": "steps", "label": "t:journey.steps", "items": steps }))
}

pub(super) fn describe_rows(rows: &[ExplainedRow]) -> Vec<Value> {
    if rows.is_empty() {
        return vec![json!({ "kind": "empty", "title": "t:explain.empty" })];
    }
    rows.iter().take(49).map(describe_row).collect()
}

fn describe_row(row: &ExplainedRow) -> Value {
    let why = json!({ "label": "t:explain.why", "value": row.reason.text });
    let slots = row.slots.iter().take(98).map(|slot| {
        let when = slot.published_at.as_ref().unwrap_or(&slot.planned_at);
        json!({ "label": format!("{}. {}", slot.occurrence, slot.reason.text), "value": when, "format": "datetime" })
    });
    let items: Vec<Value> = std::iter::once(why).chain(slots).collect();
    json!({ "kind": "fields", "label": format!("{} – {}", row.phase_title, row.title), "items": items })
}

/// The rules, with how the comparisons of their last run turned out.
pub(super) fn describe_rules(call: &Call, rules: &[ExplainedRule]) -> Vec<Value> {
    if rules.is_empty() {
        return vec![json!({ "kind": "empty", "title": "t:rules.empty", "text": "t:rules.empty.hint" })];
    }
    let word = |name: &str| translate(&format!("trace.{name}"), &call.locale, None);
    let (met, unmet, missing) = (word("met"), word("unmet"), word("missing"));
    let describe = |rule: &ExplainedRule| {
        let mut items = vec![json!({ "label": "t:explain.why", "value": rule.reason.text })];
        if let Some(at) = rule.due_at.as_ref().or(rule.at.as_ref()) {
            items.push(json!({ "label": "t:column.at", "value": at, "format": "datetime" }));
        }
        for line in rule.trace.as_array().into_iter().flatten().take(50) {
            let text = |name: &str| line[name].as_str().unwrap_or_default();
            let word = match (line["met"].as_bool(), line["missing"].as_bool()) {
                (Some(true), _) => &met,
                (_, Some(true)) => &missing,
                _ => &unmet,
            };
            let label: String =
                format!("{} {} {}", text("field"), text("operator"), line["expected"]).chars().take(120).collect();
            let actual: String = line["actual"].to_string().chars().take(200).collect();
            items.push(json!({ "label": label, "value": format!("{word} ({actual})") }));
        }
        json!({ "kind": "fields", "label": rule.title, "items": items })
    };
    rules.iter().take(49).map(describe).collect()
}

/// The slots of a journey with these columns and actions in the menus of its rows.
pub(super) fn slots_table(id: &str, actions: Value) -> Value {
    json!({
        "kind": "table", "type": Slot::TYPE, "sort": ["plannedAt:asc"],
        "filters": { "and": [condition("journey.documentId", "$eq", id)] },
        "columns": [
            { "field": "plannedAt", "label": "t:column.plannedAt" },
            { "field": "title", "label": "t:column.title" },
            { "field": "status", "label": "t:column.status", "values": label_values("slotStatus", &SLOT_TONES) },
            { "field": "content", "label": "t:column.content" },
            { "field": "firedAt", "label": "t:column.publishedAt" },
        ],
        "actions": actions,
    })
}

fn entries_table(id: &str, titles: &PhaseTitles) -> Value {
    json!({
        "kind": "table", "type": Entry::TYPE, "sort": ["enteredAt:desc"],
        "filters": { "and": [condition("journey.documentId", "$eq", id)] },
        "columns": [
            { "field": "enteredAt", "label": "t:column.enteredAt" },
            titles.describe_column("phase"),
            { "field": "no", "label": "t:column.no" },
            { "field": "leftAt", "label": "t:column.leftAt" },
            { "field": "by", "label": "t:column.by" },
            { "field": "reason", "label": "t:field.reason" },
            { "field": "endReason", "label": "t:column.endReason" },
        ],
    })
}
