//! The next revision of a definition: a copy, as a draft, in which what moves time can be changed while journeys follow the old one. Rows and
//! rules remember what they were copied from, so that a journey that is moved to the copy is told nothing twice.

use crate::audience::DEFINITIONS_KEY;
use crate::journeys::list_phases;
use crate::model::{Definition, DefinitionStatus, Phase, PlanRow, Rule, origin_of};
use crate::refusals::wrong_state;
use crate::rules::MAX_RULES;
use cairn_plugin::bindings::policies;
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

/// Most plan rows of a definition.
const MAX_ROWS: u32 = 500;

/// A revision that was created.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatedRevision {
    pub(crate) document_id: String,
    pub(crate) key: String,
    pub(crate) revision: u32,
}

/// Creates the next revision of a definition, with its phases, plan rows and rules.
///
/// # Errors
/// `NotFound`; `Conflict` where a draft of this definition is waiting already; what the host says.
pub(crate) fn create_revision(id: &str, locale: &str) -> Result<CreatedRevision> {
    run_transaction(|| {
        let definition = data::get::<Definition>(id)?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
        let same_key = json!({ "key": { "$eq": definition.key } });
        let newest = data::find::<Definition>().filter(same_key).sort("revision:desc").lock().first()?;
        let newest = newest.ok_or_else(|| Error::NotFound(id.to_owned()))?;
        // Two drafts at once would be two truths about what comes next.
        if newest.status == DefinitionStatus::Draft && newest.document_id != definition.document_id {
            return Err(wrong_state("revision-exists", locale));
        }
        let revision = newest.revision + 1;
        let created = data::create::<Definition>(&json!({
            "key": definition.key, "revision": revision, "title": definition.title, "status": DefinitionStatus::Draft,
            "zone": definition.zone,
        }))?;
        let created = created.target.document_id;
        let phases = copy_phases(id, &created)?;
        copy_rows(id, &phases)?;
        copy_rules(id, &created, &phases)?;
        policies::invalidate(&[DEFINITIONS_KEY.to_owned()])?;
        Ok(CreatedRevision { document_id: created, key: definition.key.clone(), revision })
    })
}

/// Copies the phases. Returns the ids of the copies by those of the phases.
fn copy_phases(from: &str, to: &str) -> Result<BTreeMap<String, String>> {
    let phases = list_phases(from)?;
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let mut batch = Batch::new();
    for phase in &phases {
        batch = batch.create::<Phase>(&json!({
            "definition": to, "key": phase.key, "title": phase.title, "shortTitle": text(&phase.short_title),
            "titles": phase.titles, "shortTitles": phase.short_titles,
            "order": phase.order, "windowFrom": text(&phase.window_from), "windowTo": text(&phase.window_to),
            "advance": phase.advance, "owner": text(&phase.owner),
        }))?;
    }
    let written = batch.write()?;
    let pair = |(phase, written): (&Row<Phase>, &cairn_plugin::data::Written)| {
        (phase.document_id.clone(), written.target.document_id.clone())
    };
    Ok(phases.iter().zip(&written).map(pair).collect())
}

fn copy_rows(from: &str, phases: &BTreeMap<String, String>) -> Result<()> {
    let rows = data::find::<PlanRow>()
        .filter(json!({ "phase": { "definition": { "documentId": { "$eq": from } } } }))
        .populate(json!({ "phase": { "fields": ["key"] }, "item": { "fields": ["title"] }, "items": { "fields": ["title"] } }))
        // An item that is a draft until its slot is due is found among the drafts only.
        .drafts()
        .sort("createdAt:asc")
        .all(MAX_ROWS)?;
    let mut batch = Batch::new();
    for row in &rows {
        let Some(phase) = row.phase.as_ref().and_then(|phase| phases.get(&phase.document_id)) else { continue };
        let offset = Some(&row.offset).filter(|offset| !offset.is_empty());
        batch = batch.create::<PlanRow>(&json!({
            "phase": phase, "title": row.title, "frequency": row.frequency, "localTime": row.local_time,
            "dashboard": row.dashboard, "mail": row.mail, "onlyLastMonth": row.only_last_month, "offset": offset,
            "item": row.item.as_ref().map(|item| &item.document_id), "late": row.late,
            "items": row.items.iter().map(|item| &item.document_id).collect::<Vec<_>>(), "ownContent": row.own_content,
            "origin": origin_of(&row.origin, &row.document_id),
        }))?;
    }
    if batch.is_empty() { Ok(()) } else { batch.write().map(drop) }
}

fn copy_rules(from: &str, to: &str, phases: &BTreeMap<String, String>) -> Result<()> {
    let rules = data::find::<Rule>()
        .filter(json!({ "definition": { "documentId": { "$eq": from } } }))
        .populate(json!({ "phase": { "fields": ["key"] } }))
        .sort("createdAt:asc")
        .all(MAX_RULES)?;
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let mut batch = Batch::new();
    for rule in &rules {
        let phase = rule.phase.as_ref().and_then(|phase| phases.get(&phase.document_id));
        batch = batch.create::<Rule>(&json!({
            "definition": to, "key": rule.key, "title": rule.title, "on": rule.on, "phase": phase, "event": text(&rule.event),
            "offset": text(&rule.offset), "localTime": text(&rule.local_time), "conditions": rule.conditions,
            "actions": rule.actions, "frequency": rule.frequency, "enabled": rule.enabled.unwrap_or(true),
            "origin": origin_of(&rule.origin, &rule.document_id),
        }))?;
    }
    if batch.is_empty() { Ok(()) } else { batch.write().map(drop) }
}
