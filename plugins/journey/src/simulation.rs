//! A journey before anybody is on it: the same rules of time, conditions and effects as running journeys, on local times and without a host.
//! Nothing of it happens.

use crate::actions::{Action, fill_text, fill_value};
use crate::period::Period;
use crate::rules::{CompiledRule, MAX_CHAIN, Occasion, OccasionKind, SnapshotFacts, Trigger, build_snapshot};
use crate::schedule::{Basis, Delay};
use crate::timetable::{Offsets, Plan, Series};
use chrono::{NaiveDateTime, TimeDelta};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Most effects of a simulation.
pub(crate) const MAX_EFFECTS: usize = 10_000;

/// A phase, as far as a simulation needs it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SimulatedPhase {
    pub(crate) key: String,
    pub(crate) title: String,
    /// The title in the languages of the customer and of the team.
    pub(crate) customer_title: String,
    pub(crate) team_title: String,
    pub(crate) offsets: Offsets,
    /// The end of its window moves the journey on; otherwise it only reminds.
    pub(crate) moves_on: bool,
    pub(crate) rows: Vec<SimulatedRow>,
}

/// A row of the plan, as far as a simulation needs it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SimulatedRow {
    pub(crate) title: String,
    pub(crate) series: Series,
    pub(crate) is_once: bool,
    pub(crate) dashboard: bool,
    pub(crate) mail: bool,
}

/// Journey to simulate, and the inputs from outside.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SimulatedJourney {
    pub(crate) title: String,
    /// Of texts for the customer, and of texts for the team.
    pub(crate) language: String,
    pub(crate) team_language: String,
    /// The customer's name in each of them.
    pub(crate) customer: String,
    pub(crate) team_customer: String,
    /// By their order.
    pub(crate) phases: Vec<SimulatedPhase>,
    pub(crate) rules: Vec<CompiledRule>,
    pub(crate) anchor: NaiveDateTime,
    pub(crate) until: NaiveDateTime,
    pub(crate) inputs: Vec<Input>,
}

/// Something that comes from outside.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Input {
    pub(crate) at: NaiveDateTime,
    pub(crate) kind: InputKind,
}

/// Kind of input from outside.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum InputKind {
    /// Somebody moves the journey to a phase, by its key.
    Move {
        phase: String,
    },
    Event {
        name: String,
        data: Value,
    },
}

/// Kind of effect that would happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum EffectKind {
    PhaseEntered,
    PhaseLeft,
    /// The window of a phase has ended, and somebody has to move the journey on.
    Overdue,
    Completed,
    /// A move from outside that would be refused.
    MoveRefused,
    Slot,
    /// A notice in the customer's inbox.
    Notice,
    Mail,
    /// A notification to the team.
    Team,
    Rule,
    RuleStopped,
    Variable,
    Publish,
}

/// One thing that would happen.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SimulatedEffect {
    #[serde(skip)]
    pub(crate) at: NaiveDateTime,
    pub(crate) kind: EffectKind,
    /// Key of the phase that the journey is in.
    pub(crate) phase: String,
    pub(crate) title: String,
    /// The number of the entry into the phase, or of the slot in its series.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<u32>,
    /// Key of the rule that does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<String>,
}

/// A simulation's result.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Simulation {
    pub(crate) effects: Vec<SimulatedEffect>,
    /// False where there would be more effects than a simulation has.
    pub(crate) complete: bool,
    /// Key of the phase at the end; `None` for a journey that is completed.
    pub(crate) phase: Option<String>,
    pub(crate) variables: Map<String, Value>,
}

/// Simulates a journey from its anchor on.
pub(crate) fn simulate(journey: &SimulatedJourney) -> Simulation {
    let mut run = Run::new(journey);
    let offsets: Vec<Offsets> = journey.phases.iter().map(|phase| phase.offsets).collect();
    if let Some(first) = run.plan.find_open(&offsets, journey.anchor) {
        run.enter(first, false, 0);
        run.hear();
    }
    while run.effects.len() < MAX_EFFECTS
        && let Some(((at, _), step)) = run.queue.pop_first()
    {
        if at >= journey.until {
            run.queue.clear();
            break;
        }
        run.now = at;
        run.perform(step);
        run.hear();
    }
    let complete = run.queue.is_empty() && run.effects.len() <= MAX_EFFECTS;
    run.effects.truncate(MAX_EFFECTS);
    Simulation {
        effects: run.effects,
        complete,
        phase: run.current.map(|current| journey.phases[current].key.clone()),
        variables: run.variables,
    }
}

/// Something that is due. `entry`: the number of the entry that it belongs to.
enum Step {
    PhaseEnd { entry: u32 },
    Slot { entry: u32, row: usize, number: u32 },
    Timer { entry: u32, rule: usize },
    Outside(usize),
}

struct Run<'a> {
    journey: &'a SimulatedJourney,
    plan: Plan,
    now: NaiveDateTime,
    current: Option<usize>,
    /// The number of the entry among all of the journey.
    entry: u32,
    entries: BTreeMap<usize, u32>,
    basis: Basis,
    is_overdue: bool,
    queue: BTreeMap<(NaiveDateTime, u32), Step>,
    steps: u32,
    /// Occasions that rules have not heard of yet.
    occasions: VecDeque<Occasion>,
    /// Keys of effects.
    done: BTreeSet<String>,
    variables: Map<String, Value>,
    effects: Vec<SimulatedEffect>,
}

impl<'a> Run<'a> {
    fn new(journey: &'a SimulatedJourney) -> Self {
        let basis = Basis { anchor: journey.anchor, entered: journey.anchor, delay: Delay::default() };
        let mut run = Self {
            journey,
            plan: Plan { anchor: journey.anchor, shift: Period::default() },
            now: journey.anchor,
            current: None,
            entry: 0,
            entries: BTreeMap::new(),
            basis,
            is_overdue: false,
            queue: BTreeMap::new(),
            steps: 0,
            occasions: VecDeque::new(),
            done: BTreeSet::new(),
            variables: Map::new(),
            effects: Vec::new(),
        };
        for (n, input) in journey.inputs.iter().enumerate() {
            run.plan_step(input.at.max(journey.anchor), Step::Outside(n));
        }
        run
    }

    fn plan_step(&mut self, at: NaiveDateTime, step: Step) {
        self.steps += 1;
        self.queue.insert((at, self.steps), step);
    }

    fn note(&mut self, kind: EffectKind, title: &str, number: Option<u32>, rule: Option<&str>) {
        let phase = self.current.map_or("", |current| self.journey.phases[current].key.as_str());
        self.effects.push(SimulatedEffect {
            at: self.now,
            kind,
            phase: phase.to_owned(),
            title: title.to_owned(),
            number,
            rule: rule.map(str::to_owned),
        });
    }

    fn occasion(&self, kind: OccasionKind, chain: u32) -> Occasion {
        let phase = self.current.map_or("", |current| self.journey.phases[current].key.as_str());
        Occasion {
            kind,
            phase: phase.to_owned(),
            entry: self.entry.to_string(),
            event: String::new(),
            name: String::new(),
            data: Value::Null,
            chain,
        }
    }

    fn enter(&mut self, phase: usize, by_date: bool, chain: u32) {
        let journey = self.journey;
        let entered = &journey.phases[phase];
        self.current = Some(phase);
        self.entry += 1;
        self.is_overdue = false;
        let no = self.entries.entry(phase).or_insert(0);
        *no += 1;
        let no = *no;
        self.basis = Basis { anchor: journey.anchor, entered: self.now, delay: Delay::default() };
        self.note(EffectKind::PhaseEntered, &entered.title, Some(no), None);
        self.note(EffectKind::Notice, &entered.customer_title, None, None);
        self.note(EffectKind::Mail, &entered.customer_title, None, None);
        if let Some(end) = self.plan.window(entered.offsets).to {
            if end <= self.now && !by_date {
                self.remind();
            } else {
                self.plan_step(end.max(self.now), Step::PhaseEnd { entry: self.entry });
            }
        }
        for (row, planned) in entered.rows.iter().enumerate() {
            if no == 1 || !planned.is_once {
                self.plan_slot(row, 0);
            }
        }
        for (n, rule) in journey.rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
            if let Trigger::Timer { phase, offset, hour } = &rule.trigger
                && *phase == entered.key
                && let Some(due) = self.basis.find_timer_due(*offset, *hour, TimeDelta::zero())
            {
                self.plan_step(due, Step::Timer { entry: self.entry, rule: n });
            }
        }
        self.occasions.push_back(self.occasion(OccasionKind::Entered, chain));
    }

    fn leave(&mut self, chain: u32) {
        let Some(current) = self.current else { return };
        self.note(EffectKind::PhaseLeft, &self.journey.phases[current].title, None, None);
        self.occasions.push_back(self.occasion(OccasionKind::Left, chain));
    }

    fn remind(&mut self) {
        let Some(current) = self.current else { return };
        self.is_overdue = true;
        self.note(EffectKind::Overdue, &self.journey.phases[current].title, None, None);
    }

    /// Plans the slot of a row of the current phase that follows that number.
    fn plan_slot(&mut self, row: usize, after: u32) {
        let Some(current) = self.current else { return };
        let phase = &self.journey.phases[current];
        let series = &phase.rows[row].series;
        let next = self.basis.occurrences(series, phase.offsets, after, 1).pop();
        if let Some(next) = next
            && let Some(at) = self.basis.place(next.at, series.time, Delay::default())
        {
            self.plan_step(at.max(self.now), Step::Slot { entry: self.entry, row, number: next.number });
        }
    }

    fn perform(&mut self, step: Step) {
        let journey = self.journey;
        match step {
            Step::PhaseEnd { entry } if entry == self.entry && !self.is_overdue => self.end_phase(),
            Step::Slot { entry, row, number } if entry == self.entry => {
                let Some(current) = self.current else { return };
                let planned = &journey.phases[current].rows[row];
                self.note(EffectKind::Slot, &planned.title, Some(number), None);
                if planned.dashboard {
                    self.note(EffectKind::Notice, &planned.title, Some(number), None);
                }
                if planned.mail {
                    self.note(EffectKind::Mail, &planned.title, Some(number), None);
                }
                self.plan_slot(row, number);
            }
            Step::Timer { entry, rule } if entry == self.entry && self.current.is_some() => {
                self.run_rule(&journey.rules[rule], &self.occasion(OccasionKind::Timer, 0));
            }
            Step::Outside(n) => match &journey.inputs[n].kind {
                InputKind::Move { phase } => {
                    let target = journey.phases.iter().position(|own| own.key == *phase);
                    match target.filter(|target| self.current.is_some_and(|current| current != *target)) {
                        Some(target) => {
                            self.leave(0);
                            self.enter(target, false, 0);
                        }
                        None => self.note(EffectKind::MoveRefused, phase, None, None),
                    }
                }
                InputKind::Event { name, data } if self.current.is_some() => {
                    let occasion = self.occasion(OccasionKind::Event, 0);
                    self.occasions.push_back(Occasion {
                        event: n.to_string(),
                        name: name.clone(),
                        data: data.clone(),
                        ..occasion
                    });
                }
                InputKind::Event { .. } => {}
            },
            Step::PhaseEnd { .. } | Step::Slot { .. } | Step::Timer { .. } => {}
        }
    }

    fn end_phase(&mut self) {
        let Some(current) = self.current else { return };
        if !self.journey.phases[current].moves_on {
            return self.remind();
        }
        self.leave(0);
        if current + 1 < self.journey.phases.len() {
            self.enter(current + 1, true, 0);
        } else {
            self.note(EffectKind::Completed, &self.journey.title, None, None);
            self.current = None;
        }
    }

    /// Runs the rules that listen to what has happened, and to what follows from it.
    fn hear(&mut self) {
        while let Some(mut occasion) = self.occasions.pop_front() {
            // An event is heard in the entry that the journey is in by then, as in a running journey.
            if occasion.kind == OccasionKind::Event {
                let now = self.occasion(OccasionKind::Event, 0);
                (occasion.phase, occasion.entry) = (now.phase, now.entry);
            }
            for rule in &self.journey.rules {
                if self.effects.len() < MAX_EFFECTS && rule.listens_to(&occasion) {
                    self.run_rule(rule, &occasion);
                }
            }
        }
    }

    fn run_rule(&mut self, rule: &CompiledRule, occasion: &Occasion) {
        let key = rule.effect_key("", occasion);
        if self.done.contains(&key) {
            return;
        }
        let title = self.find_phase(occasion).map_or("", |phase| phase.customer_title.as_str());
        let facts = SnapshotFacts {
            phase: &occasion.phase,
            phase_title: title,
            status: if self.current.is_some() { "active" } else { "completed" },
            title: &self.journey.title,
            customer: &self.journey.customer,
            language: &self.journey.language,
            shift: Period::default(),
            variables: &self.variables,
        };
        let snapshot = build_snapshot(facts, occasion);
        if !rule.evaluate(&snapshot).0 {
            return;
        }
        self.done.insert(key);
        if occasion.chain >= MAX_CHAIN {
            return self.note(EffectKind::RuleStopped, &rule.title, None, Some(&rule.key));
        }
        self.note(EffectKind::Rule, &rule.title, None, Some(&rule.key));
        for action in &rule.actions {
            self.perform_action(rule, occasion, action, &snapshot);
        }
    }

    fn find_phase(&self, occasion: &Occasion) -> Option<&'a SimulatedPhase> {
        self.journey.phases.iter().find(|phase| phase.key == occasion.phase)
    }

    fn perform_action(&mut self, rule: &CompiledRule, occasion: &Occasion, action: &Action, snapshot: &Value) {
        let key = Some(rule.key.as_str());
        match action {
            Action::NotifyCustomer { subject, mail, .. } => {
                let subject = fill_text(subject.pick(&self.journey.language), snapshot, 200);
                self.note(EffectKind::Notice, &subject, None, key);
                if *mail {
                    self.note(EffectKind::Mail, &subject, None, key);
                }
            }
            Action::NotifyTeam { text } => {
                let mut snapshot = snapshot.clone();
                snapshot["phaseTitle"] = json!(self.find_phase(occasion).map_or("", |phase| phase.team_title.as_str()));
                snapshot["customer"] = json!(self.journey.team_customer);
                let text = fill_text(text.pick(&self.journey.team_language), &snapshot, 300);
                self.note(EffectKind::Team, &text, None, key);
            }
            Action::SetVariable { name, value } => {
                match fill_value(value, snapshot) {
                    Value::Null => drop(self.variables.remove(name)),
                    value => drop(self.variables.insert(name.clone(), value)),
                }
                self.note(EffectKind::Variable, name, None, key);
            }
            Action::PublishItem { item } => self.note(EffectKind::Publish, item, None, key),
            Action::Move { phase } => {
                let target = self.journey.phases.iter().position(|own| own.key == *phase);
                let is_here = occasion.kind == OccasionKind::Left || occasion.entry == self.entry.to_string();
                if let Some(target) = target.filter(|target| is_here && self.current.is_some_and(|own| own != *target))
                {
                    self.leave(occasion.chain + 1);
                    self.enter(target, false, occasion.chain + 1);
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "simulation_tests.rs"]
mod tests;
