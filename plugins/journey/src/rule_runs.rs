//! Rules at work: what has happened in a journey runs those that listen to it, one after another. Each effect is stored under its key in the
//! transaction of what it does, so it happens once, however often a job is repeated.

use crate::actions::{Action, fill_text, fill_value};
use crate::entries::{Cause, enter_phase, leave_phase};
use crate::event_hearing::hear_events;
use crate::journeys::LoadedJourney;
use crate::messages::{Message, language_of, notify_staff, send_to_customer};
use crate::model::{Effect, EffectState, Journey, JourneyStatus, Link};
use crate::open_entry::OpenEntry;
use crate::person::{call_customer, call_customer_to_team};
use crate::rule_jobs::{RuleTask, list_rules};
use crate::rules::{CompiledRule, MAX_CHAIN, Occasion, OccasionKind, SnapshotFacts, build_snapshot};
use crate::settings::Settings;
use crate::slots::{Publisher, publish_item};
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde_json::{Value, json};

/// Most variables of a journey.
const MAX_VARIABLES: usize = 50;

/// Runs the rules of what has happened, each in a transaction of its own. Returns whether events are left that came before it.
///
/// # Errors
/// What the host says.
pub(crate) fn run_rules(task: &RuleTask) -> Result<bool> {
    let journey = match LoadedJourney::load(&task.journey) {
        Err(Error::NotFound(_)) => return Ok(false),
        journey => journey?,
    };
    let is_waiting = matches!(task.occasion.kind, OccasionKind::Event | OccasionKind::Timer);
    // The end of a pause announces events again and sets timers again; a journey that is over has no rules any more.
    if journey.row.status == JourneyStatus::Cancelled || (is_waiting && journey.row.status == JourneyStatus::Paused) {
        return Ok(false);
    }
    if task.occasion.kind == OccasionKind::Event {
        return hear_events(journey.id(), &task.occasion.event);
    }
    let open = OpenEntry::find(&journey)?;
    let is_open = open.as_ref().is_some_and(|open| open.row.document_id == task.occasion.entry);
    if task.occasion.kind == OccasionKind::Timer && !is_open {
        return Ok(false);
    }
    for rule in list_rules(&journey)? {
        if task.rule.as_ref().is_none_or(|wanted| *wanted == rule.id) {
            run_if_heard(journey.id(), &rule, &task.occasion)?;
        }
    }
    Ok(false)
}

/// Runs a rule in a transaction of its own if it listens to what has happened.
///
/// # Errors
/// What the host says.
pub(crate) fn run_if_heard(journey: &str, rule: &CompiledRule, occasion: &Occasion) -> Result<()> {
    if rule.listens_to(occasion) { run_transaction(|| run_rule(journey, rule, occasion)) } else { Ok(()) }
}

/// Evaluates a rule and does what it says, in the open transaction, unless that was done before.
fn run_rule(journey: &str, rule: &CompiledRule, occasion: &Occasion) -> Result<()> {
    let mut journey = LoadedJourney::load_locked(journey)?;
    let key = rule.effect_key(journey.id(), occasion);
    let unmet_key = format!("unmet/{}/{}", rule.origin, journey.id());
    let known = data::find::<Effect>().filter(json!({ "effectKey": { "$in": [key, unmet_key] } })).all(2)?;
    let is_decided = |effect: &Row<Effect>| effect.state != EffectState::Unmet || effect.occurrence == occasion.id();
    if known.iter().any(is_decided) {
        return Ok(());
    }
    let settings = Settings::load()?;
    let snapshot = snapshot_of(&journey, occasion, &settings);
    let (met, trace) = rule.evaluate(&snapshot);
    let now = time::format(time::now());
    let entry = Some(&occasion.entry).filter(|entry| !entry.is_empty());
    let mut effect = json!({
        "title": rule.title, "journey": journey.id(), "rule": rule.id, "entry": entry, "occurrence": occasion.id(),
        "state": EffectState::Unmet, "at": now, "trace": trace, "results": [], "effectKey": unmet_key,
    });
    if !met {
        let mut patch = effect.clone();
        if let Some(patch) = patch.as_object_mut() {
            patch.remove("effectKey");
        }
        return data::upsert::<Effect>(&json!({ "effectKey": unmet_key }), &effect, &patch).map(drop);
    }
    effect["effectKey"] = json!(key);
    if occasion.chain >= MAX_CHAIN {
        effect["state"] = json!(EffectState::Stopped);
        notify_staff(&journey, journey.current_phase(), "stopped", &key, &rule.title);
    } else {
        effect["state"] = json!(EffectState::Done);
        let mut results = Vec::with_capacity(rule.actions.len());
        for (n, action) in rule.actions.iter().enumerate() {
            let run = ActionRun { rule, occasion, key: format!("{key}/{n}"), snapshot: &snapshot, settings: &settings };
            let result = run.perform(&mut journey, action)?;
            results.push(json!({ "do": action.kind(), "result": result }));
        }
        effect["results"] = json!(results);
    }
    data::create::<Effect>(&effect).map(drop)
}

fn snapshot_of(journey: &LoadedJourney, occasion: &Occasion, settings: &Settings) -> Value {
    let language = language_of(journey, settings);
    let customer = call_customer(journey, &language);
    let facts = SnapshotFacts {
        phase: &occasion.phase,
        phase_title: title_of_phase(journey, &occasion.phase, &language),
        status: journey.row.status.as_str(),
        title: &journey.row.title,
        customer: &customer,
        language: &language,
        shift: journey.row.period(),
        variables: &journey.row.variables,
    };
    build_snapshot(facts, occasion)
}

fn title_of_phase<'a>(journey: &'a LoadedJourney, key: &str, language: &str) -> &'a str {
    journey.phases.iter().find(|phase| phase.key == key).map_or("", |phase| phase.title_in(language))
}

/// One action under way.
struct ActionRun<'a> {
    rule: &'a CompiledRule,
    occasion: &'a Occasion,
    key: String,
    snapshot: &'a Value,
    settings: &'a Settings,
}

impl ActionRun<'_> {
    /// Does it and returns how it turned out: a code of `results`.
    fn perform(&self, journey: &mut LoadedJourney, action: &Action) -> Result<&'static str> {
        match action {
            Action::NotifyCustomer { subject, text, mail } => {
                let language = language_of(journey, self.settings);
                let message = Message {
                    kind: "rule",
                    key: &self.key,
                    phase: journey.current_phase().map(|phase| phase.document_id.as_str()),
                    subject: &fill_text(subject.pick(&language), self.snapshot, 200),
                    text: Some(&fill_text(text.pick(&language), self.snapshot, 2_000)),
                    note: None,
                    entry: None,
                    in_inbox: true,
                    by_mail: *mail,
                };
                send_to_customer(journey, &message, time::now())?;
                Ok(if journey.customer().is_some() { "sent" } else { "no-customer" })
            }
            Action::NotifyTeam { text } => {
                // The team reads the language of the settings.
                let language = self.settings.language.as_str();
                let mut snapshot = self.snapshot.clone();
                snapshot["phaseTitle"] = json!(title_of_phase(journey, &self.occasion.phase, language));
                snapshot["customer"] = json!(call_customer_to_team(journey, language));
                let text = fill_text(text.pick(language), &snapshot, 300);
                notify_staff(journey, journey.current_phase(), "rule", &self.key, &text);
                Ok("sent")
            }
            Action::SetVariable { name, value } => self.set_variable(journey, name, value),
            Action::PublishItem { item } => {
                let phase = journey.current_phase().map(|phase| Link { document_id: phase.document_id.clone() });
                Ok(match publish_item(item, journey, phase.as_ref(), Publisher::Rule)? {
                    Some(_) => "published",
                    None => "not-published",
                })
            }
            Action::Move { phase } => self.move_to(journey, phase),
        }
    }

    fn set_variable(&self, journey: &mut LoadedJourney, name: &str, value: &Value) -> Result<&'static str> {
        let variables = &mut journey.row.variables;
        match fill_value(value, self.snapshot) {
            Value::Null => drop(variables.remove(name)),
            _ if !variables.contains_key(name) && variables.len() >= MAX_VARIABLES => return Ok("too-many-variables"),
            value => drop(variables.insert(name.to_owned(), value)),
        }
        data::update::<Journey>(journey.id(), &json!({ "variables": journey.row.variables }))?;
        Ok("set")
    }

    fn move_to(&self, journey: &LoadedJourney, phase: &str) -> Result<&'static str> {
        if journey.row.status != JourneyStatus::Active {
            return Ok("not-active");
        }
        let Some(target) = journey.phases.iter().find(|own| own.key == phase) else { return Ok("unknown-phase") };
        let open = OpenEntry::find(journey)?;
        // The journey was moved in the meantime, and is not where the rule found it.
        let has_moved = self.occasion.kind != OccasionKind::Left
            && open.as_ref().is_none_or(|open| open.row.document_id != self.occasion.entry);
        if has_moved {
            return Ok("moved-meanwhile");
        }
        if open.is_some_and(|open| open.phase.document_id == target.document_id) {
            return Ok("same-phase");
        }
        let chain = self.occasion.chain + 1;
        leave_phase(journey, "", chain)?;
        let cause = Cause { by: "", reason: &self.rule.title, by_date: false, chain, is_silent: false, left: None };
        enter_phase(journey, target, cause)?;
        Ok("moved")
    }
}
