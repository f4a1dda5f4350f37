//! Simulations over HTTP: of a definition as it is stored, with local and universal times.

use crate::bodies::NamedFields;
use crate::given_times::{GivenTime, resolve_times};
use crate::journeys::list_phases;
use crate::local_texts::LANGUAGES;
use crate::model::{Advance, Definition, Phase, PlanRow, Rule};
use crate::person::name_nobody;
use crate::refusals::wrong_field;
use crate::rules::{CompiledRule, MAX_RULES, compile_rule};
use crate::settings::Settings;
use crate::simulation::{
    EffectKind, Input, InputKind, MAX_EFFECTS, SimulatedJourney, SimulatedPhase, SimulatedRow, Simulation, simulate,
};
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
    pub(crate) moves: Vec<NamedFields<SimulatedMove>>,
    #[serde(default)]
    pub(crate) events: Vec<NamedFields<SimulatedEvent>>,
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

impl SimulationRequest {
    /// Its times, in the order anchor, end, moves and events.
    ///
    /// # Errors
    /// The path of the first that is none.
    fn read_times(&self) -> Result<Vec<GivenTime>, String> {
        let ends = [("anchor".to_owned(), &self.anchor), ("until".to_owned(), &self.until)].into_iter();
        let moves = self.moves.iter().enumerate().map(|(n, one)| (format!("moves[{n}].at"), &one.at));
        let events = self.events.iter().enumerate().map(|(n, one)| (format!("events[{n}].at"), &one.at));
        ends.chain(moves).chain(events).map(|(path, text)| GivenTime::parse(text).ok_or(path)).collect()
    }

    /// The path of the first move or event that would not be part of the simulation: before its anchor, or not before its end. `times`:
    /// those of the moves and events.
    fn find_outside(&self, anchor: NaiveDateTime, until: NaiveDateTime, times: &[NaiveDateTime]) -> Option<String> {
        let n = times.iter().position(|at| *at < anchor || *at >= until)?;
        Some(match n.checked_sub(self.moves.len()) {
            None => format!("moves[{n}].at"),
            Some(n) => format!("events[{n}].at"),
        })
    }
}

/// Simulates a journey of a definition, without any effect.
///
/// # Errors
/// `Invalid` with the field that is wrong.
pub(crate) fn describe_simulation(request: &SimulationRequest, locale: &str) -> Result<Value> {
    let definition = find_definition(&request.definition)?
        .ok_or_else(|| wrong_field("definition", "unknown-definition-any", locale, None))?;
    if request.moves.len() + request.events.len() > MAX_INPUTS {
        let field = if request.moves.len() > MAX_INPUTS { "moves" } else { "events" };
        return Err(wrong_field(field, "simulation-inputs", locale, Some(&json!({ "most": MAX_INPUTS }))));
    }
    let phases = list_phases(&definition.document_id)?;
    let is_known = |one: &SimulatedMove| phases.iter().any(|phase| phase.key == one.phase);
    if let Some(n) = request.moves.iter().position(|one| !is_known(one)) {
        return Err(wrong_field(&format!("moves[{n}].phase"), "unknown-phase", locale, None));
    }
    let zone = Zone(&definition.zone);
    let given = request.read_times().map_err(|path| wrong_field(&path, "instant", locale, None))?;
    let local = zone.to_local(&resolve_times(&given, zone)?)?;
    let [anchor, until, times @ ..] = local.as_slice() else { return Err(Error::Internal("no local time".to_owned())) };
    let latest = anchor.checked_add_months(Months::new(MAX_MONTHS));
    if until <= anchor || latest.is_none_or(|latest| *until > latest) {
        return Err(wrong_field("until", "simulation-until", locale, None));
    }
    if request.language.as_deref().is_some_and(|one| !LANGUAGES.contains(&one)) {
        return Err(wrong_field("language", "language", locale, None));
    }
    if let Some(path) = request.find_outside(*anchor, *until, times) {
        return Err(wrong_field(&path, "simulation-outside", locale, None));
    }
    let kinds = request.moves.iter().map(|one| InputKind::Move { phase: one.phase.clone() }).chain(
        request
            .events
            .iter()
            .map(|one| InputKind::Event { name: one.name.clone(), data: Value::Object(one.data.clone()) }),
    );
    let team_language = Settings::load()?.language;
    let language = request.language.clone().unwrap_or_else(|| team_language.clone());
    let languages = Languages { reader: locale, customer: &language, team: &team_language };
    let journey = SimulatedJourney {
        title: request.title.clone().unwrap_or_else(|| definition.title.clone()),
        rules: list_rules(&definition, &phases)?,
        phases: phases.iter().map(|phase| simulate_phase(phase, request.on_time, languages)).collect(),
        customer: name_nobody(&language),
        team_customer: name_nobody(&team_language),
        anchor: *anchor,
        until: *until,
        inputs: times.iter().zip(kinds).map(|(at, kind)| Input { at: *at, kind }).collect(),
        language: language.clone(),
        team_language: team_language.clone(),
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
    // Entries and slots have the field names of the documents.
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

/// Languages in which a simulation speaks.
#[derive(Clone, Copy)]
struct Languages<'a> {
    /// Whoever reads it.
    reader: &'a str,
    customer: &'a str,
    team: &'a str,
}

/// A phase with its rows. `on_time`: the end of its window moves the journey on in any case.
fn simulate_phase(phase: &Phase, on_time: bool, languages: Languages<'_>) -> SimulatedPhase {
    let offsets = phase.offsets();
    SimulatedPhase {
        key: phase.key.clone(),
        title: phase.title_in(languages.reader).to_owned(),
        customer_title: phase.title_in(languages.customer).to_owned(),
        team_title: phase.title_in(languages.team).to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn request(moves: usize, events: usize) -> SimulationRequest {
        let moves = vec![json!({ "at": "2026-02-01", "phase": "order" }); moves];
        let events = vec![json!({ "at": "2026-02-01T09:00:00Z", "type": "part.late" }); events];
        let request = json!({
            "definition": "car", "anchor": "2026-01-15", "until": "2027-01-15", "moves": moves, "events": events,
        });
        serde_json::from_value(request).unwrap()
    }

    #[test]
    fn times_are_read_with_their_path() {
        let mut request = request(1, 2);
        assert_eq!(request.read_times().unwrap().len(), 5);
        request.events[1].0.at = "soon".to_owned();
        assert_eq!(request.read_times(), Err("events[1].at".to_owned()));
        request.moves[0].0.at = "2026-13-01".to_owned();
        assert_eq!(request.read_times(), Err("moves[0].at".to_owned()));
        request.until = String::new();
        assert_eq!(request.read_times(), Err("until".to_owned()));
    }

    #[test]
    fn moves_and_events_out_of_the_simulation_are_named() {
        let at = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap();
        let (anchor, until) = (at("2026-01-15T10:00"), at("2027-01-15T10:00"));
        let request = request(1, 2);
        let find = |times: [&str; 3]| request.find_outside(anchor, until, &times.map(at));
        assert_eq!(find(["2026-01-15T10:00", "2027-01-15T09:59", "2026-05-01T00:00"]), None);
        assert_eq!(find(["2026-01-15T09:59", "2026-05-01T00:00", "2026-05-01T00:00"]).as_deref(), Some("moves[0].at"));
        assert_eq!(find(["2026-05-01T00:00", "2026-05-01T00:00", "2027-01-15T10:00"]).as_deref(), Some("events[1].at"));
    }
}
