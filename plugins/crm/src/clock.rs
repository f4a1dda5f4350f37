//! The clock of a lead's first response: when it is due, what happens on the way there, and what ends it.

use crate::duration::{add_span, find_warning_span, parse_duration};
use crate::leads::find_lead_locked;
use crate::model::{ClockKind, Lead, LeadStatus, Pipeline, SlaPolicy, SlaState};
use crate::notices::LeadNotice;
use crate::settings::Settings;
use crate::tasks::complete_tasks;
use cairn_plugin::jobs::timer;
use cairn_plugin::prelude::*;
use cairn_plugin::{calendar, error, events, format_instant};
use serde::Deserialize;
use serde_json::json;

/// The jobs of a clock; the key of each is the lead's id.
pub(crate) const WARNING_JOB: &str = "sla-warning";
pub(crate) const BREACH_JOB: &str = "sla-breach";

/// When somebody has to have answered, and when to warn of that.
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

/// Sets the timers of a lead's clock, in the transaction that stores the lead.
///
/// # Errors
/// What the host says.
pub(crate) fn set_timers(lead: &str, deadline: Deadline) -> Result<()> {
    let payload = json!({ "lead": lead });
    let timers = [(WARNING_JOB, deadline.warn), (BREACH_JOB, deadline.due)];
    let timers: Result<Vec<_>> =
        timers.into_iter().map(|(name, due)| timer(name).key(lead).due(due).with(&payload)).collect();
    jobs::set_all(&timers?).map(|_| ())
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
            let taken = now.saturating_sub(time::parse(&lead.created_at)?).max(0) / 1_000;
            patch["firstResponseAt"] = json!(time::format(now));
            patch["responseSeconds"] = json!(taken.min(i64::from(i32::MAX)));
            if lead.sla_state == Some(SlaState::Running) {
                patch["slaState"] = json!(if is_late(lead, now)? { SlaState::Breached } else { SlaState::Met });
            }
        }
        ClockEnd::Dropped if lead.sla_state == Some(SlaState::Running) => {
            patch["slaState"] = json!(SlaState::Cancelled);
        }
        ClockEnd::Answered | ClockEnd::Dropped => {}
    }
    data::update::<Lead>(&lead.document_id, &patch)?;
    if lead.sla_state == Some(SlaState::Running) {
        jobs::cancel(WARNING_JOB, &lead.document_id)?;
        jobs::cancel(BREACH_JOB, &lead.document_id)?;
    }
    complete_tasks(&lead.document_id, now)
}

/// Whether the deadline has passed although the timer has not been there yet.
fn is_late(lead: &Lead, now: Instant) -> Result<bool> {
    Ok(lead.sla_due_at.as_deref().map(time::parse).transpose()?.is_some_and(|due| due <= now))
}

/// Runs the timer of a clock: warns or notes the breach, once, in one transaction with its effects.
///
/// # Errors
/// What the host says.
pub(crate) fn run_timer(task: &Task) -> Result<Outcome> {
    #[derive(Deserialize)]
    struct Payload {
        lead: String,
    }
    let id = task.payload::<Payload>()?.lead;
    let settings = Settings::load()?;
    transaction(|| {
        // Deleted since, answered, or told already: then there is nothing to tell.
        let Some(lead) = find_lead_locked(&id)? else { return Ok(()) };
        let Some(due) = lead.sla_due_at.as_deref().filter(|_| lead.sla_state == Some(SlaState::Running)) else {
            return Ok(());
        };
        let now = json!(time::format(time::now()));
        let policy = lead.pipeline.as_ref().and_then(|pipeline| pipeline.response_policy.as_ref());
        let escalate_to = policy.map_or("", |policy| policy.escalate_to.as_str());
        let (what, event, patch, to) = if task.name == BREACH_JOB {
            let patch = json!({ "slaState": SlaState::Breached, "slaBreachedAt": now });
            ("breach", "crm.sla.breached", patch, vec![lead.owner.as_str(), escalate_to])
        } else if lead.sla_warned_at.is_none() {
            // Whom it escalates to hears of a warning only where nobody else would.
            let to = if lead.owner.is_empty() { escalate_to } else { lead.owner.as_str() };
            ("warning", "crm.sla.warning", json!({ "slaWarnedAt": now }), vec![to])
        } else {
            return Ok(());
        };
        data::update::<Lead>(&id, &patch)?;
        events::publish(event, &id, &json!({ "lead": id, "dueAt": due }))?;
        let language = settings.language.as_str();
        let due = format_due(Some(due), language, &settings.timezone);
        LeadNotice { what, lead: &id, name: &lead.name, due: &due, language }.send(&to);
        Ok(())
    })?;
    Ok(Outcome::DONE)
}

/// A deadline as people write it; empty where there is none or it cannot be written.
pub(crate) fn format_due(due: Option<&str>, language: &str, zone: &str) -> String {
    let due = due.and_then(|due| time::parse(due).ok());
    due.and_then(|due| format_instant(due, language, zone, "medium").ok()).unwrap_or_default()
}
