//! Rules of a definition: what they listen to, whether their conditions are met, and the key under which their effect happens once. It
//! needs no host: running journeys and simulations use the same functions.

use crate::actions::{Action, parse_actions};
use crate::conditions::{Condition, TraceLine, parse_conditions};
use crate::model::{Rule, RuleFrequency, origin_of};
use crate::period::Period;
use crate::timetable::parse_hour;
use chrono::NaiveTime;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Rules that lead to each other in a row; what comes after that is stopped.
pub(crate) const MAX_CHAIN: u32 = 16;
/// Most rules of a definition.
pub(crate) const MAX_RULES: u32 = 50;

/// Trigger that a rule listens to. Phases are keys; `None` is any.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Trigger {
    Entered(Option<String>),
    Left(Option<String>),
    Event { name: String, phase: Option<String> },
    Shifted(Option<String>),
    Timer { phase: String, offset: Period, hour: NaiveTime },
}

/// A rule that was checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CompiledRule {
    pub(crate) id: String,
    /// The id that it has in all revisions of its definition: what it did in one, it has done in all.
    pub(crate) origin: String,
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) created_at: Option<String>,
    pub(crate) trigger: Trigger,
    pub(crate) condition: Condition,
    pub(crate) actions: Vec<Action>,
    pub(crate) frequency: RuleFrequency,
    pub(crate) enabled: bool,
}

/// Something that rules listen to, once it has happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Occasion {
    pub(crate) kind: OccasionKind,
    /// Key of the phase that it is about.
    pub(crate) phase: String,
    /// The entry into that phase.
    pub(crate) entry: String,
    /// The id of an event.
    #[serde(default)]
    pub(crate) event: String,
    /// The name of an event.
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) data: Value,
    /// How many rules in a row led to it.
    #[serde(default)]
    pub(crate) chain: u32,
}

/// Kind of occasion for which rules run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OccasionKind {
    Entered,
    Left,
    Event,
    Timer,
    Shifted,
}

impl Occasion {
    /// The beginning or the end of an entry, or a timer in it. `phase`: the key of its phase.
    pub(crate) fn of_entry(kind: OccasionKind, phase: &str, entry: &str, chain: u32) -> Self {
        Self {
            kind,
            phase: phase.to_owned(),
            entry: entry.to_owned(),
            event: String::new(),
            name: String::new(),
            data: Value::Null,
            chain,
        }
    }

    /// Its name among all of a journey.
    pub(crate) fn id(&self) -> String {
        match self.kind {
            OccasionKind::Entered => format!("entered/{}", self.entry),
            OccasionKind::Left => format!("left/{}", self.entry),
            OccasionKind::Event => format!("event/{}", self.event),
            OccasionKind::Timer => format!("timer/{}", self.entry),
            OccasionKind::Shifted => format!("shifted/{}", self.event),
        }
    }
}

/// A field of a rule that is wrong, by its path, and the code of the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuleProblem {
    pub(crate) path: String,
    pub(crate) code: &'static str,
}

fn problem(path: impl Into<String>, code: &'static str) -> RuleProblem {
    RuleProblem { path: path.into(), code }
}

/// The path of something within a field.
pub(crate) fn join(field: &str, path: &str) -> String {
    match path {
        "" => field.to_owned(),
        index if index.starts_with('[') => format!("{field}{index}"),
        path => format!("{field}.{path}"),
    }
}

/// Checks a rule of a definition. `phases`: the ids of its phases and their keys.
///
/// # Errors
/// The first field that is wrong.
pub(crate) fn compile_rule(
    id: &str,
    rule: &Rule,
    phases: &BTreeMap<String, String>,
) -> Result<CompiledRule, RuleProblem> {
    let phase = match &rule.phase {
        Some(phase) => Some(phases.get(&phase.document_id).ok_or_else(|| problem("phase", "unknown-phase"))?.clone()),
        None => None,
    };
    let trigger = match rule.on.as_str() {
        "phase-entered" => Trigger::Entered(phase),
        "phase-left" => Trigger::Left(phase),
        "shifted" => Trigger::Shifted(phase),
        "event" => match rule.event.trim() {
            "" => return Err(problem("event", "event-name")),
            name => Trigger::Event { name: name.to_owned(), phase },
        },
        "timer" => Trigger::Timer {
            phase: phase.ok_or_else(|| problem("phase", "timer-phase"))?,
            offset: Some(rule.offset.trim())
                .filter(|offset| !offset.starts_with('-'))
                .and_then(Period::parse)
                .ok_or_else(|| problem("offset", "offset"))?,
            hour: parse_hour(&rule.local_time).ok_or_else(|| problem("localTime", "hour"))?,
        },
        _ => return Err(problem("on", "rule-on")),
    };
    let condition =
        parse_conditions(&rule.conditions).map_err(|found| problem(join("conditions", &found.path), found.code))?;
    let actions = parse_actions(&rule.actions).map_err(|found| problem(join("actions", &found.path), found.code))?;
    for (n, action) in actions.iter().enumerate() {
        if let Action::Move { phase } = action
            && !phases.values().any(|key| key == phase)
        {
            return Err(problem(format!("actions[{n}].phase"), "unknown-phase"));
        }
    }
    Ok(CompiledRule {
        id: id.to_owned(),
        origin: origin_of(&rule.origin, id).to_owned(),
        created_at: rule.created_at.clone(),
        key: rule.key.clone(),
        title: rule.title.clone(),
        trigger,
        condition,
        actions,
        frequency: rule.frequency,
        enabled: rule.enabled.unwrap_or(true),
    })
}

impl CompiledRule {
    /// True if it listens to what has happened. Timers are set for their rule, and are not heard by others.
    pub(crate) fn listens_to(&self, occasion: &Occasion) -> bool {
        let is_about = |phase: &Option<String>| phase.as_ref().is_none_or(|phase| *phase == occasion.phase);
        self.enabled
            && match (&self.trigger, occasion.kind) {
                (Trigger::Entered(phase), OccasionKind::Entered)
                | (Trigger::Left(phase), OccasionKind::Left)
                | (Trigger::Shifted(phase), OccasionKind::Shifted) => is_about(phase),
                (Trigger::Event { name, phase }, OccasionKind::Event) => *name == occasion.name && is_about(phase),
                (Trigger::Timer { phase, .. }, OccasionKind::Timer) => *phase == occasion.phase,
                _ => false,
            }
    }

    /// The key of its effect: one that is there already does not happen again.
    pub(crate) fn effect_key(&self, journey: &str, occasion: &Occasion) -> String {
        match self.frequency {
            RuleFrequency::OncePerJourney => format!("{}/{journey}", self.origin),
            RuleFrequency::OncePerEntry => format!("{}/{journey}/{}", self.origin, occasion.entry),
            RuleFrequency::Every => format!("{}/{journey}/{}/{}", self.origin, occasion.entry, occasion.id()),
        }
    }

    /// True if its conditions are met, with all comparisons.
    pub(crate) fn evaluate(&self, snapshot: &Value) -> (bool, Vec<TraceLine>) {
        let mut trace = Vec::new();
        let met = self.condition.evaluate(snapshot, &mut trace);
        (met, trace)
    }

    /// The phase that it moves journeys to.
    pub(crate) fn target(&self) -> Option<&str> {
        self.actions.iter().find_map(|action| match action {
            Action::Move { phase } => Some(phase.as_str()),
            _ => None,
        })
    }
}

/// Facts about a journey that the conditions and texts of rules see.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SnapshotFacts<'a> {
    pub(crate) phase: &'a str,
    pub(crate) phase_title: &'a str,
    pub(crate) status: &'a str,
    pub(crate) title: &'a str,
    pub(crate) customer: &'a str,
    pub(crate) language: &'a str,
    pub(crate) shift: Period,
    pub(crate) variables: &'a Map<String, Value>,
}

/// Describes a journey at what has happened.
pub(crate) fn build_snapshot(facts: SnapshotFacts<'_>, occasion: &Occasion) -> Value {
    json!({
        "phase": facts.phase, "phaseTitle": facts.phase_title, "status": facts.status, "title": facts.title,
        "customer": facts.customer, "language": facts.language, "shiftDays": facts.shift.approximate_days(),
        "variables": facts.variables, "event": occasion.data,
    })
}

/// State that can lead to a move by itself: a phase that was entered, also when its timer comes, or left.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Node<'a> {
    Entered(&'a str),
    Left(&'a str),
}

/// A cycle of rules that move journeys, as the phases in it. Rules that run once in a journey end by themselves and do not count.
pub(crate) fn find_cycle(rules: &[CompiledRule], phases: &[String]) -> Option<Vec<String>> {
    let mut edges: BTreeMap<Node<'_>, BTreeSet<Node<'_>>> = BTreeMap::new();
    for rule in rules.iter().filter(|rule| rule.frequency != RuleFrequency::OncePerJourney) {
        let Some(target) = rule.target() else { continue };
        let all = |phase: &Option<String>| -> Vec<&str> {
            phases.iter().map(String::as_str).filter(|one| phase.as_ref().is_none_or(|own| own == one)).collect()
        };
        let (entered, left) = match &rule.trigger {
            Trigger::Entered(phase) => (all(phase), Vec::new()),
            Trigger::Timer { phase, .. } => (all(&Some(phase.clone())), Vec::new()),
            Trigger::Left(phase) => (Vec::new(), all(phase)),
            // Actions of rules cause neither events nor shifts.
            Trigger::Event { .. } | Trigger::Shifted(_) => continue,
        };
        for phase in entered.into_iter().filter(|phase| *phase != target) {
            let next = edges.entry(Node::Entered(rule_phase(phases, phase))).or_default();
            next.extend([Node::Entered(rule_phase(phases, target)), Node::Left(rule_phase(phases, phase))]);
        }
        for phase in left {
            // The phase that the journey entered instead is unknown: the move may leave any phase but the target.
            let next = edges.entry(Node::Left(rule_phase(phases, phase))).or_default();
            next.insert(Node::Entered(rule_phase(phases, target)));
            next.extend(phases.iter().filter(|one| *one != target && *one != phase).map(|one| Node::Left(one)));
        }
    }
    let mut done = BTreeSet::new();
    edges.keys().find_map(|start| walk(start, &edges, &mut Vec::new(), &mut done))
}

/// The same key, as long as the list of phases lives.
fn rule_phase<'a>(phases: &'a [String], key: &str) -> &'a str {
    phases.iter().find(|one| *one == key).map_or("", String::as_str)
}

fn walk<'a>(
    node: &Node<'a>,
    edges: &BTreeMap<Node<'a>, BTreeSet<Node<'a>>>,
    way: &mut Vec<Node<'a>>,
    done: &mut BTreeSet<Node<'a>>,
) -> Option<Vec<String>> {
    if let Some(start) = way.iter().position(|one| one == node) {
        let phase = |node: &Node<'a>| match node {
            Node::Entered(phase) | Node::Left(phase) => (*phase).to_owned(),
        };
        return Some(way[start..].iter().map(phase).collect());
    }
    if done.contains(node) {
        return None;
    }
    way.push(node.clone());
    let found = edges.get(node).and_then(|next| next.iter().find_map(|next| walk(next, edges, way, done)));
    way.pop();
    done.insert(node.clone());
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Link;

    fn phases() -> BTreeMap<String, String> {
        ["a", "b", "c"].iter().map(|key| (format!("id-{key}"), (*key).to_owned())).collect()
    }

    fn keys() -> Vec<String> {
        phases().into_values().collect()
    }

    fn rule(fields: Value) -> Rule {
        let mut rule = json!({
            "title": "R", "key": "r", "on": "phase-entered", "localTime": "09:00", "frequency": "once-per-entry",
            "actions": [{ "do": "notify-team", "text": "x" }],
        });
        rule.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        serde_json::from_value(rule).unwrap()
    }

    fn compiled(fields: Value) -> CompiledRule {
        compile_rule("id", &rule(fields), &phases()).unwrap()
    }

    fn moves(on: &str, phase: Option<&str>, target: &str, frequency: &str) -> CompiledRule {
        compiled(json!({
            "on": on, "phase": phase.map(|key| json!({ "documentId": format!("id-{key}") })), "offset": "P1D", "event": "e",
            "frequency": frequency, "actions": [{ "do": "move", "phase": target }],
        }))
    }

    fn occasion(kind: OccasionKind, phase: &str) -> Occasion {
        Occasion {
            kind,
            phase: phase.into(),
            entry: "e1".into(),
            event: "ev".into(),
            name: "part.late".into(),
            data: json!({ "days": 3 }),
            chain: 0,
        }
    }

    #[test]
    fn rules_that_cannot_be_followed_are_refused_with_their_field() {
        for (fields, path, code) in [
            (json!({ "on": "event" }), "event", "event-name"),
            (json!({ "on": "timer", "offset": "P1D" }), "phase", "timer-phase"),
            (json!({ "on": "timer", "phase": { "documentId": "id-a" } }), "offset", "offset"),
            (json!({ "on": "timer", "phase": { "documentId": "id-a" }, "offset": "-P1D" }), "offset", "offset"),
            (
                json!({ "on": "timer", "phase": { "documentId": "id-a" }, "offset": "P1D", "localTime": "9" }),
                "localTime",
                "hour",
            ),
            (json!({ "phase": { "documentId": "other" } }), "phase", "unknown-phase"),
            (json!({ "conditions": { "$or": [{ "x": 1 }] } }), "conditions.$or[0].x", "conditions-field"),
            (json!({ "actions": [] }), "actions", "actions-list"),
            (json!({ "actions": [{ "do": "move", "phase": "z" }] }), "actions[0].phase", "unknown-phase"),
        ] {
            let found = compile_rule("id", &rule(fields.clone()), &phases());
            assert_eq!(found, Err(problem(path, code)), "{fields}");
        }
        assert_eq!(rule(json!({})).phase, None::<Link>);
    }

    #[test]
    fn rules_listen_to_their_phase_and_event() {
        let any = compiled(json!({}));
        let only = compiled(json!({ "phase": { "documentId": "id-a" } }));
        let event = compiled(json!({ "on": "event", "event": "part.late" }));
        let entered = occasion(OccasionKind::Entered, "b");
        assert!(any.listens_to(&entered) && !only.listens_to(&entered) && !event.listens_to(&entered));
        assert!(event.listens_to(&occasion(OccasionKind::Event, "b")));
        assert!(!compiled(json!({ "on": "event", "event": "other" })).listens_to(&occasion(OccasionKind::Event, "b")));
        assert!(!compiled(json!({ "enabled": false })).listens_to(&entered));
    }

    #[test]
    fn effects_are_named_by_how_often_they_happen() {
        let event = occasion(OccasionKind::Event, "a");
        let key = |frequency: &str| compiled(json!({ "frequency": frequency })).effect_key("j", &event);
        assert_eq!(
            [key("once-per-journey"), key("once-per-entry"), key("every")],
            ["id/j", "id/j/e1", "id/j/e1/event/ev"]
        );
    }

    #[test]
    fn conditions_see_the_journey_and_the_event() {
        let met = compiled(json!({ "conditions": { "event": { "days": { "$gt": 2 } }, "shiftDays": 30 } }));
        let variables = Map::new();
        let facts = SnapshotFacts {
            phase: "a",
            phase_title: "A",
            status: "active",
            title: "F22",
            customer: "anna",
            language: "nl",
            shift: Period::months(1),
            variables: &variables,
        };
        let (is_met, trace) = met.evaluate(&build_snapshot(facts, &occasion(OccasionKind::Event, "a")));
        assert!(is_met && trace.len() == 2, "{trace:?}");
    }

    #[test]
    fn moves_that_lead_back_are_found() {
        let entry = "once-per-entry";
        let there = moves("phase-entered", Some("a"), "b", entry);
        let back = moves("timer", Some("b"), "a", entry);
        assert_eq!(find_cycle(std::slice::from_ref(&there), &keys()), None);
        assert_eq!(find_cycle(&[there.clone(), back], &keys()), Some(vec!["a".into(), "b".into()]));
        let longer = [
            there.clone(),
            moves("phase-entered", Some("b"), "c", entry),
            moves("phase-left", Some("c"), "a", entry),
            moves("phase-entered", Some("c"), "b", "every"),
        ];
        assert!(find_cycle(&longer, &keys()).is_some());
        // A rule that runs once in a journey, or only on an event, ends by itself; a move to the current phase does nothing.
        assert_eq!(find_cycle(&[there.clone(), moves("timer", Some("b"), "a", "once-per-journey")], &keys()), None);
        assert_eq!(find_cycle(&[there, moves("event", None, "a", "every")], &keys()), None);
        assert_eq!(find_cycle(&[moves("phase-entered", None, "c", entry)], &keys()), None);
        assert_eq!(find_cycle(&[moves("phase-left", Some("a"), "c", entry)], &keys()), None);
        assert!(find_cycle(&[moves("phase-left", None, "c", entry)], &keys()).is_some());
    }
}
