//! Simulations over HTTP: of a definition as it is stored, with local and universal times.

use crate::journeys::list_phases;
use crate::model::{Advance, Definition, Phase, PlanRow, Rule};
use crate::refusals::wrong_field;
use crate::rules::{CompiledRule, MAX_RULES, compile_rule};
use crate::simulation::{
    EffectKind, Input, InputKind, MAX_EFFECTS, SimulatedJourney, SimulatedPhase, SimulatedRow, Simulation, simulate,
};
use crate::starts::read_anchor;
use crate::timetable::Frequency;
use crate::zone::Zone;
use cairn_plugin::prelude::*;
use chrono::{Months, NaiveDateTime};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Longest simulation, in months, and most moves and events of one.
const MAX_MONTHS: u32 = 60;
const MAX_INPUTS: usize = 500;

/// A simulation that somebody asks for.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SimulationRequest {
    /// Id of a definition, or the key of the newest version that is not retired. Drafts too.
    pub(crate) definition: String,
    /// An instant, or a day or a local time in the definition's zone, as all times here.
    pub(crate) anchor: String,
    pub(crate) until: String,
    /// Phases that end by hand are moved on at the end of their window.
    #[serde(default)]
    pub(crate) on_time: bool,
    #[serde(default)]
    pub(crate) title: Option<String>,
    #[serde(default)]
    pub(crate) language: Option<String>,
    #[serde(default)]
    pub(crate) moves: Vec<SimulatedMove>,
    #[serde(default)]
    pub(crate) events: Vec<SimulatedEvent>,
}

/// A move by hand.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SimulatedMove {
    pub(crate) at: String,
    pub(crate) phase: String,
}

/// An event of another system.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SimulatedEvent {
    pub(crate) at: String,
    #[serde(rename = "type")]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) data: Map<String, Value>,
}

/// Simulates a journey of a definition, without any effect.
///
/// # Errors
/// `Invalid` with the field that is wrong.
pub(crate) fn describe_simulation(request: &SimulationRequest, locale: &str) -> Result<Value> {
    let definition = find_definition(&request.definition)?
        .ok_or_else(|| wrong_field("definition", "unknown-definition-any", locale, None))?;
    let zone = Zone(&definition.zone);
    let read = |field: &str, text: &str| -> Result<Instant> {
        read_anchor(text.trim(), zone)?.ok_or_else(|| wrong_field(field, "instant", locale, None))
    };
    if request.moves.len() + request.events.len() > MAX_INPUTS {
        return Err(wrong_field("events", "simulation-inputs", locale, Some(&json!({ "most": MAX_INPUTS }))));
    }
    let phases = list_phases(&definition.document_id)?;
    let mut instants = vec![read("anchor", &request.anchor)?, read("until", &request.until)?];
    for (n, one) in request.moves.iter().enumerate() {
        if !phases.iter().any(|phase| phase.key == one.phase) {
            return Err(wrong_field(&format!("moves[{n}].phase"), "unknown-phase", locale, None));
        }
        instants.push(read(&format!("moves[{n}].at"), &one.at)?);
    }
    for (n, one) in request.events.iter().enumerate() {
        instants.push(read(&format!("events[{n}].at"), &one.at)?);
    }
    let local = zone.to_local(&instants)?;
    let [anchor, until, times @ ..] = local.as_slice() else { return Err(Error::Internal("no local time".to_owned())) };
    let latest = anchor.checked_add_months(Months::new(MAX_MONTHS));
    if until <= anchor || latest.is_none_or(|latest| *until > latest) {
        return Err(wrong_field("until", "simulation-until", locale, None));
    }
    let kinds = request.moves.iter().map(|one| InputKind::Move { phase: one.phase.clone() }).chain(
        request
            .events
            .iter()
            .map(|one| InputKind::Event { name: one.name.clone(), data: Value::Object(one.data.clone()) }),
    );
    let journey = SimulatedJourney {
        title: request.title.clone().unwrap_or_else(|| definition.title.clone()),
        language: request.language.clone().unwrap_or_else(|| "nl".to_owned()),
        rules: list_rules(&definition, &phases)?,
        phases: phases.iter().map(|phase| simulate_phase(phase, request.on_time)).collect(),
        anchor: *anchor,
        until: *until,
        inputs: times.iter().zip(kinds).map(|(at, kind)| Input { at: *at, kind }).collect(),
    };
    describe(&definition, zone, &simulate(&journey))
}

fn describe(definition: &Row<Definition>, zone: Zone<'_>, simulation: &Simulation) -> Result<Value> {
    let local: Vec<NaiveDateTime> = simulation.effects.iter().map(|effect| effect.at).collect();
    let instants = zone.to_instants(&local)?;
    let effects: Result<Vec<Value>> = simulation
        .effects
        .iter()
        .zip(&instants)
        .map(|(effect, at)| {
            let mut described = serde_json::to_value(effect)?;
            described["at"] = json!(time::format(*at));
            described["local"] = json!(effect.at.format("%Y-%m-%dT%H:%M:%S").to_string());
            Ok(described)
        })
        .collect();
    let of_kind =
        |kind: EffectKind| simulation.effects.iter().zip(&instants).filter(move |(effect, _)| effect.kind == kind);
    // With the names that documents have.
    let entries: Vec<Value> = of_kind(EffectKind::PhaseEntered)
        .map(|(effect, at)| json!({ "no": effect.number, "enteredAt": time::format(*at) }))
        .collect();
    let slots: Vec<Value> = of_kind(EffectKind::Slot)
        .map(|(effect, at)| json!({ "title": effect.title, "occurrence": effect.number, "plannedAt": time::format(*at) }))
        .collect();
    Ok(json!({ "data": {
        "definition": { "documentId": definition.document_id, "key": definition.key, "revision": definition.revision },
        "zone": definition.zone, "phase": simulation.phase, "variables": simulation.variables, "complete": simulation.complete,
        "limit": MAX_EFFECTS, "effects": effects?, "entries": entries, "slots": slots,
    } }))
}

/// The definition with that id, or the newest version with that key that is not retired.
fn find_definition(name: &str) -> Result<Option<Row<Definition>>> {
    let named = json!({ "$or": [
        { "documentId": { "$eq": name } }, { "key": { "$eq": name }, "status": { "$ne": "retired" } },
    ] });
    data::find::<Definition>().filter(named).sort("revision:desc").first()
}

fn list_rules(definition: &Row<Definition>, phases: &[Row<Phase>]) -> Result<Vec<CompiledRule>> {
    let keys: BTreeMap<String, String> =
        phases.iter().map(|phase| (phase.document_id.clone(), phase.key.clone())).collect();
    let rules = data::find::<Rule>()
        .filter(json!({ "definition": { "documentId": { "$eq": definition.document_id } } }))
        .populate(json!({ "phase": { "fields": ["key"] } }))
        .sort("createdAt:asc")
        .all(MAX_RULES)?;
    Ok(rules.iter().filter_map(|rule| compile_rule(&rule.document_id, rule, &keys).ok()).collect())
}

/// A phase with its rows. `on_time`: the end of its window moves the journey on in any case.
fn simulate_phase(phase: &Phase, on_time: bool) -> SimulatedPhase {
    let offsets = phase.offsets();
    SimulatedPhase {
        key: phase.key.clone(),
        title: phase.title.clone(),
        offsets,
        moves_on: phase.advance == Advance::Date || (on_time && offsets.to.is_some()),
        rows: phase.plan_rows.iter().map(|row| simulate_row(row)).collect(),
    }
}

fn simulate_row(row: &PlanRow) -> SimulatedRow {
    SimulatedRow {
        title: row.title.clone(),
        series: row.series(),
        is_once: row.frequency == Frequency::Once,
        dashboard: row.dashboard,
        mail: row.mail,
    }
}
