//! The clocks of a lead's first response and of a deal's stay in a stage: when they are due, what happens on the way there, and what ends
//! them.

use crate::duration::{add_span, find_warning_span, parse_duration};
use crate::locked_documents::{find_deal_locked, find_lead_locked};
use crate::model::{ClockKind, Deal, Lead, LeadStatus, Pipeline, SlaPolicy, SlaState, Stage};
use crate::notices::Notice;
use crate::settings::Settings;
use crate::subject::Subject;
use crate::tasks::complete_tasks;
use cairn_plugin::jobs::timer;
use cairn_plugin::prelude::*;
use cairn_plugin::{calendar, error, events, format_instant};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The jobs of a clock; the key of each is the id of the lead or deal.
pub(crate) const WARNING_JOB: &str = "sla-warning";
pub(crate) const BREACH_JOB: &str = "sla-breach";

/// When it has to be done, and when to warn of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deadline {
    pub(crate) due: Instant,
    pub(crate) warn: Instant,
}

/// The deadline of a clock that starts then.
///
/// # Errors
/// `Invalid` for a duration that no clock can count, `NotFound` for a calendar there is not.
pub(crate) fn plan_deadline(policy: &SlaPolicy, start: Instant) -> Result<Deadline> {
    let span = parse_duration(&policy.duration)
        .ok_or_else(|| Error::field("duration", "duration", format!("{:?} is not a duration", policy.duration)))?;
    let until_warning = find_warning_span(span, policy.warn_share());
    Ok(match policy.clock {
        ClockKind::Elapsed => Deadline { due: add_span(start, span), warn: add_span(start, until_warning) },
        ClockKind::Business => Deadline {
            due: calendar::add_working_time(&policy.calendar, start, span)?,
            warn: calendar::add_working_time(&policy.calendar, start, until_warning)?,
        },
    })
}

/// The deadline of a pipeline's lead whose clock starts then. A policy that cannot be followed costs the deadline, not the lead. The plugin's
/// health tells of it.
pub(crate) fn plan_lead_deadline(pipeline: &Pipeline, start: Instant) -> Option<Deadline> {
    match plan_deadline(pipeline.response_policy.as_ref()?, start) {
        Ok(deadline) => Some(deadline),
        Err(why) => {
            error!(pipeline = &pipeline.key; "a lead has no deadline: {}", why.describe());
            None
        }
    }
}

/// Sets the timers of a clock, in the transaction that stores what it is about.
///
/// # Errors
/// What the host says.
pub(crate) fn set_timers(about: Subject<'_>, deadline: Deadline) -> Result<()> {
    let payload = json!({ about.kind(): about.id() });
    let timers = [(WARNING_JOB, deadline.warn), (BREACH_JOB, deadline.due)];
    let timers: Result<Vec<_>> =
        timers.into_iter().map(|(name, due)| timer(name).key(about.id()).due(due).with(&payload)).collect();
    jobs::set_all(&timers?).map(|_| ())
}

/// Cancels the timers of a clock that has ended.
fn cancel_timers(about: Subject<'_>) -> Result<()> {
    jobs::cancel(WARNING_JOB, about.id())?;
    jobs::cancel(BREACH_JOB, about.id()).map(|_| ())
}

/// The fields of a clock that starts then, for a document that has had another one before.
pub(crate) fn start_fields(deadline: Deadline) -> Map<String, Value> {
    let fields = [
        ("slaState", json!(SlaState::Running)),
        ("slaDueAt", json!(time::format(deadline.due))),
        ("slaWarnAt", json!(time::format(deadline.warn))),
        ("slaWarnedAt", Value::Null),
        ("slaBreachedAt", Value::Null),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Restarts the clock of a deal that enters a stage, in the transaction of the change: the clock of the stage before ends, and that of this
/// one starts where it has a policy. Returns the fields that follow.
///
/// # Errors
/// What the host says.
pub(crate) fn restart_stage_clock(deal: &str, stage: &Stage, had: Option<SlaState>) -> Result<Map<String, Value>> {
    let about = Subject::Deal(deal);
    let deadline = stage.sla_policy.as_ref().map(|policy| plan_deadline(policy, time::now()));
    match deadline {
        Some(Ok(deadline)) => {
            // The timers of the stage before are replaced by these.
            set_timers(about, deadline)?;
            return Ok(start_fields(deadline));
        }
        // A policy that cannot be followed costs the deadline, not the move. The plugin's health tells of it.
        Some(Err(why)) => error!(stage = &stage.key; "a deal has no deadline: {}", why.describe()),
        None => {}
    }
    stop_stage_clock(deal, had, SlaState::Met)
}

/// Stops the clock of a deal that leaves its stage, or is lost. Returns the fields that follow.
///
/// # Errors
/// What the host says.
pub(crate) fn stop_stage_clock(deal: &str, had: Option<SlaState>, end: SlaState) -> Result<Map<String, Value>> {
    let mut fields = Map::new();
    if had == Some(SlaState::Running) {
        cancel_timers(Subject::Deal(deal))?;
        fields.insert("slaState".to_owned(), json!(end));
    }
    Ok(fields)
}

/// Ends the clock of a deal that stays in its stage, because what the clock is for has been done. Returns the fields that follow.
///
/// # Errors
/// What the host says.
pub(crate) fn end_stage_clock(deal: &Row<Deal>) -> Result<Map<String, Value>> {
    let is_late = is_past(deal.sla_due_at.as_deref(), time::now())?;
    let end = if is_late { SlaState::Breached } else { SlaState::Met };
    stop_stage_clock(&deal.document_id, deal.sla_state, end)
}

/// Why a clock ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClockEnd {
    /// Somebody of the team answered.
    Answered,
    /// Nobody has to answer.
    Dropped,
}

/// Ends the clock of a lead that this transaction holds: notes the response, and the tasks that it did. `status` is the lead's from then on.
/// A clock that has ended stays as it is.
///
/// # Errors
/// What the host says.
pub(crate) fn end_clock(lead: &Row<Lead>, end: ClockEnd, status: LeadStatus) -> Result<()> {
    let now = time::now();
    let mut patch = json!({ "status": status });
    let answered = lead.first_response_at.is_some();
    match end {
        ClockEnd::Answered if !answered => {
            let taken = now.saturating_sub(time::parse(lead.received_at())?).max(0) / 1_000;
            patch["firstResponseAt"] = json!(time::format(now));
            patch["responseSeconds"] = json!(taken.min(i64::from(i32::MAX)));
            if lead.sla_state == Some(SlaState::Running) {
                patch["slaState"] =
                    json!(if is_past(lead.sla_due_at.as_deref(), now)? { SlaState::Breached } else { SlaState::Met });
            }
        }
        ClockEnd::Dropped if lead.sla_state == Some(SlaState::Running) => {
            patch["slaState"] = json!(SlaState::Cancelled);
        }
        ClockEnd::Answered | ClockEnd::Dropped => {}
    }
    data::update::<Lead>(&lead.document_id, &patch)?;
    if lead.sla_state == Some(SlaState::Running) {
        cancel_timers(Subject::Lead(&lead.document_id))?;
    }
    complete_tasks(&lead.document_id, now)
}

/// True if a deadline has passed, although its timer may not have been there yet.
///
/// # Errors
/// `Invalid` where the deadline is no time.
pub(crate) fn is_past(due: Option<&str>, now: Instant) -> Result<bool> {
    Ok(due.map(time::parse).transpose()?.is_some_and(|due| due <= now))
}

/// A clock that runs, as its timers see it.
struct RunningClock {
    name: String,
    owner: String,
    escalate_to: String,
    due: String,
    warned: bool,
}

impl RunningClock {
    /// The clock of a lead or deal that this transaction holds from then on; none where it was deleted, or the clock has ended.
    fn find(about: Subject<'_>) -> Result<Option<Self>> {
        let escalate = |policy: Option<&Row<SlaPolicy>>| policy.map_or_else(String::new, |p| p.escalate_to.clone());
        match about {
            Subject::Lead(id) => {
                let Some(lead) = find_lead_locked(id)?.filter(|lead| lead.sla_state == Some(SlaState::Running)) else {
                    return Ok(None);
                };
                let policy = lead.pipeline.as_ref().and_then(|pipeline| pipeline.response_policy.as_ref());
                let escalate_to = escalate(policy);
                let Lead { name, owner, sla_due_at, sla_warned_at, .. } = lead.fields;
                Ok(sla_due_at.map(|due| Self { name, owner, escalate_to, due, warned: sla_warned_at.is_some() }))
            }
            Subject::Deal(id) => {
                let Some(deal) = find_deal_locked(id)?.filter(|deal| deal.sla_state == Some(SlaState::Running)) else {
                    return Ok(None);
                };
                let escalate_to = escalate(deal.stage.as_ref().and_then(|stage| stage.sla_policy.as_ref()));
                let Deal { title, owner, sla_due_at, sla_warned_at, .. } = deal.fields;
                Ok(sla_due_at.map(|due| Self { name: title, owner, escalate_to, due, warned: sla_warned_at.is_some() }))
            }
            Subject::Quote(_) | Subject::Activity(_) => Ok(None),
        }
    }
}

/// Runs the timer of a clock: warns or notes the breach, once, in one transaction with its effects.
///
/// # Errors
/// What the host says.
pub(crate) fn run_timer(task: &Task) -> Result<Outcome> {
    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Payload {
        Lead(String),
        Deal(String),
    }
    let payload = task.payload::<Payload>()?;
    let about = match &payload {
        Payload::Lead(id) => Subject::Lead(id),
        Payload::Deal(id) => Subject::Deal(id),
    };
    let settings = Settings::load()?;
    transaction(|| {
        // Deleted since, done, or told already: then there is nothing to tell. A timer of an earlier stage is none of this one.
        let Some(clock) = RunningClock::find(about)? else { return Ok(()) };
        let now = time::format(time::now());
        let is_breach = task.name == BREACH_JOB;
        if is_breach && time::parse(&clock.due)? > time::now() {
            return Ok(());
        }
        let (event, patch, to) = if is_breach {
            let patch = json!({ "slaState": SlaState::Breached, "slaBreachedAt": now });
            ("crm.sla.breached", patch, vec![clock.owner.as_str(), clock.escalate_to.as_str()])
        } else if !clock.warned {
            // The warning goes to the owner; `escalate_to` gets it only where there is no owner.
            let to = if clock.owner.is_empty() { clock.escalate_to.as_str() } else { clock.owner.as_str() };
            ("crm.sla.warning", json!({ "slaWarnedAt": now }), vec![to])
        } else {
            return Ok(());
        };
        match about {
            Subject::Deal(id) => data::update::<Deal>(id, &patch)?,
            Subject::Lead(id) | Subject::Quote(id) | Subject::Activity(id) => data::update::<Lead>(id, &patch)?,
        };
        events::publish(event, about.id(), &json!({ about.kind(): about.id(), "dueAt": clock.due }))?;
        let what = match (about, is_breach) {
            (Subject::Deal(_), true) => "stageBreach",
            (Subject::Deal(_), false) => "stageWarning",
            (_, true) => "breach",
            (_, false) => "warning",
        };
        let language = settings.language.as_str();
        let due = format_due(Some(&clock.due), language, &settings.timezone);
        // A deal has a clock in each of its stages.
        let occasion = if matches!(about, Subject::Deal(_)) { clock.due.as_str() } else { "" };
        Notice { what, about, occasion, name: &clock.name, detail: &due, language }.send(&to);
        Ok(())
    })?;
    Ok(Outcome::DONE)
}

/// A deadline as people write it; empty where there is none or it cannot be written.
pub(crate) fn format_due(due: Option<&str>, language: &str, zone: &str) -> String {
    let due = due.and_then(|due| time::parse(due).ok());
    due.and_then(|due| format_instant(due, language, zone, "medium").ok()).unwrap_or_default()
}
