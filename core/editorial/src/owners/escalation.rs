//! The check for overdue work: every quarter of an hour, each cause reported once.

use super::OwnerIndex;
use crate::calendar::{due_occurrences, format_ms};
use crate::service::{document_event, with_roles};
use crate::{DocumentLabel, EditorialService};
use cairn_content::Result;
use cairn_events::{Cron, JobEffect, JobHandler, JobOutcome};
use cairn_store::editorial::{DocumentKey, NewOwner, NewSlot, ReviewFilter};
use cairn_store::events::{Actor, CronRow, JobRow, MissedRuns, NewEvent};
use cairn_store::{StoreError, WriteTx};
use chrono::DateTime;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Name of the job that checks.
pub const CHECK_JOB: &str = "cairn.escalation.check";
/// Schedule of the check, as a cron expression.
const CHECK_CRON: &str = "*/15 * * * *";
/// Name of the event for an escalation.
pub const RAISED_EVENT: &str = "cairn.escalation.raised";
/// Number of reviews that are read at a time.
const REVIEW_PAGE_SIZE: i64 = 500;
/// Largest number of escalations that one check raises; the next one continues.
const MAX_PER_CHECK: usize = 1_000;
/// Age in milliseconds above which passed slots are ignored: 60 days.
const MAX_SLOT_AGE_MS: i64 = 60 * 24 * super::HOUR_MS;

/// The handler of [`CHECK_JOB`].
pub struct EscalationCheck {
    desk: EditorialService,
}

/// Something that is overdue.
#[derive(Debug, Clone)]
struct RaisedEscalation {
    cause: String,
    event: NewEvent,
    users: Vec<i64>,
    roles: Vec<String>,
}

impl EscalationCheck {
    /// Creates the handler for a tenant's desk.
    pub fn new(desk: EditorialService) -> Self {
        Self { desk }
    }

    async fn find_overdue(&self) -> Result<Vec<RaisedEscalation>> {
        let desk = &self.desk;
        let now = desk.now();
        let owners = desk.store().read(OwnerIndex::load)?;
        let mut escalations = Vec::new();
        if owners.iter().all(|o| o.overdue_after.is_none() && o.unreviewed_after.is_none()) {
            return Ok(escalations);
        }
        let phases = owners.phase_fields();
        let mut filter = ReviewFilter::default();
        loop {
            let rows = desk.store().read(|r| r.reviews().list(&filter, REVIEW_PAGE_SIZE))?;
            let is_last = (rows.len() as i64) < REVIEW_PAGE_SIZE;
            filter.before = rows.last().map(|r| r.id);
            let standings = desk.review_states(rows, false)?;
            let documents: Vec<&DocumentKey> = standings.iter().map(|(r, ..)| &r.document).collect();
            let labels = desk.load_labels(&documents, &phases).await?;
            for (review, state, _) in &standings {
                let d = &review.document;
                let label = labels.get(d).cloned().unwrap_or_default();
                let Some(owner) = owners.find_owner(Some(&d.content_type), label.phase.as_deref()) else { continue };
                if let (Some(after), Some(due)) = (owner.overdue_after, &review.due)
                    && due.at.saturating_add(after) <= now
                {
                    let cause = format!("review:{}:overdue:{}", review.id, due.at);
                    escalations.push(review_escalation(cause, "it is overdue", due.at, d, &label, &state.stage, owner));
                }
                // In the first stage it is being written; later it waits for somebody.
                let waits =
                    state.workflow.as_ref().and_then(|w| w.stages.first()).is_some_and(|s| s.name != state.stage);
                if let Some(after) = owner.unreviewed_after.filter(|_| waits)
                    && review.since.saturating_add(after) <= now
                {
                    let cause = format!("review:{}:unreviewed:{}:{}", review.id, review.since, state.stage);
                    let reason = format!("it is still in {:?}", state.stage);
                    escalations.push(review_escalation(cause, &reason, review.since, d, &label, &state.stage, owner));
                }
            }
            if is_last || escalations.len() >= MAX_PER_CHECK {
                break;
            }
        }
        self.add_overdue_slots(&owners, now, &mut escalations)?;
        // Known ones are told no more.
        desk.store().read(|r| {
            let mut new = Vec::new();
            for raised in escalations {
                if new.len() < MAX_PER_CHECK && !r.content_owners().is_escalated(&raised.cause)? {
                    new.push(raised);
                }
            }
            Ok(new)
        })
    }

    /// Adds slots whose time has passed without a document.
    fn add_overdue_slots(&self, owners: &OwnerIndex, now: i64, escalations: &mut Vec<RaisedEscalation>) -> Result<()> {
        let Some(least) = owners.iter().filter_map(|o| o.overdue_after).min() else { return Ok(()) };
        let (from, to) = (now.saturating_sub(MAX_SLOT_AGE_MS), now.saturating_sub(least).saturating_add(1));
        let slots: Vec<(String, NewSlot)> = self.desk.store().read(|r| {
            let mut all: Vec<(String, NewSlot)> = r
                .calendar()
                .list_slots_between(from, to, MAX_PER_CHECK as i64)?
                .into_iter()
                .filter(|s| matches!(s.slot.status.as_str(), "planned" | "assigned"))
                .map(|s| (format!("slot:{}:{}", s.id, s.slot.at), s.slot))
                .collect();
            let occurrences = due_occurrences(r, from, to, MAX_PER_CHECK)?;
            all.extend(occurrences.into_iter().filter_map(|s| {
                let (rule, occurrence) = s.of.clone()?;
                Some((format!("slot-rule:{rule}:{occurrence}"), s))
            }));
            Ok::<_, StoreError>(all)
        })?;
        for (cause, slot) in slots {
            let Some(owner) = owners.find_owner(slot.content_type.as_deref(), slot.phase.as_deref()) else { continue };
            let Some(after) = owner.overdue_after else { continue };
            if slot.at.saturating_add(after) > now {
                continue;
            }
            let data = escalation_data(
                &cause,
                "the slot is still empty",
                slot.at,
                Some(&slot.title),
                slot.phase.as_deref(),
                None,
                owner,
            );
            let key = slot.document_id.clone().unwrap_or_else(|| cause.clone());
            let event = NewEvent {
                name: RAISED_EVENT.to_owned(),
                key,
                content_type: slot.content_type.clone(),
                document_id: slot.document_id.clone(),
                locale: slot.locale.clone(),
                status: None,
                data,
            };
            escalations.push(RaisedEscalation {
                cause,
                event,
                users: owner.escalate_users.clone(),
                roles: owner.escalate_roles.clone(),
            });
        }
        Ok(())
    }
}

fn review_escalation(
    cause: String,
    reason: &str,
    since: i64,
    d: &DocumentKey,
    label: &DocumentLabel,
    stage: &str,
    owner: &NewOwner,
) -> RaisedEscalation {
    let data =
        escalation_data(&cause, reason, since, label.title.as_deref(), label.phase.as_deref(), Some(stage), owner);
    let event = document_event(RAISED_EVENT, d, data);
    RaisedEscalation { cause, event, users: owner.escalate_users.clone(), roles: owner.escalate_roles.clone() }
}

fn escalation_data(
    cause: &str,
    reason: &str,
    since: i64,
    title: Option<&str>,
    phase: Option<&str>,
    stage: Option<&str>,
    owner: &NewOwner,
) -> Json {
    json!({
        "cause": cause, "reason": reason, "since": format_ms(since), "title": title, "phase": phase, "stage": stage,
        "owner": { "user": owner.admin_user, "role": owner.role, "team": owner.team },
    })
}

/// Makes the check recur if an owner requires it, and only then: no tenant is woken for nothing.
pub(super) fn schedule_check(tx: &mut WriteTx<'_>, now: i64) -> Result<()> {
    let is_required =
        OwnerIndex::load(&tx.reader())?.iter().any(|o| o.overdue_after.is_some() || o.unreviewed_after.is_some());
    let is_scheduled = tx.reader().recurring_jobs().list()?.iter().any(|row| row.name == CHECK_JOB);
    match (is_required, is_scheduled) {
        (true, false) => {
            let cron = Cron::parse(CHECK_CRON, "UTC").map_err(|e| crate::service::invalid_error(e.to_string()))?;
            let next =
                DateTime::from_timestamp_millis(now).and_then(|t| cron.next_after(t)).map(cairn_events::unix_millis);
            tx.recurring_jobs().save(&CronRow {
                name: CHECK_JOB.to_owned(),
                job: CHECK_JOB.to_owned(),
                payload: json!({}),
                cron: CHECK_CRON.to_owned(),
                zone: "UTC".to_owned(),
                missed: MissedRuns::Once,
                next,
                last: None,
                paused: false,
            })?;
        }
        (false, true) => {
            tx.recurring_jobs().delete(CHECK_JOB)?;
        }
        _ => {}
    }
    Ok(())
}

impl JobHandler for EscalationCheck {
    fn name(&self) -> &'static str {
        CHECK_JOB
    }

    fn run<'a>(&'a self, _job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        Box::pin(async move {
            let escalations = match self.find_overdue().await {
                Ok(raised_escalations) => raised_escalations,
                Err(error) => return JobOutcome::failed(error),
            };
            if escalations.is_empty() {
                return JobOutcome::done();
            }
            let now = self.desk.now();
            let effect: JobEffect = Arc::new(move |tx: &mut WriteTx<'_>| raise_escalations(tx, &escalations, now));
            JobOutcome::Done(Some(effect))
        })
    }
}

/// Raises each cause that was not raised before.
fn raise_escalations(tx: &mut WriteTx<'_>, found: &[RaisedEscalation], now: i64) -> Result<(), StoreError> {
    let actor = Actor::system("escalation");
    let mut roles: HashMap<&[String], Vec<i64>> = HashMap::new();
    for raised in found {
        let mut to = raised.users.clone();
        if !raised.roles.is_empty() {
            let known = match roles.get(raised.roles.as_slice()) {
                Some(known) => known.clone(),
                None => with_roles(&tx.reader(), &raised.roles)?,
            };
            roles.insert(&raised.roles, known.clone());
            to.extend(known);
        }
        to.sort_unstable();
        to.dedup();
        let mut event = raised.event.clone();
        event.data["to"] = to.into();
        let mut recorded_data = event.data.clone();
        if let Some(object) = recorded_data.as_object_mut() {
            object.insert("contentType".into(), event.content_type.clone().into());
            object.insert("documentId".into(), event.document_id.clone().into());
            object.insert("locale".into(), event.locale.clone().into());
        }
        if tx.content_owners().record_escalation(&raised.cause, &recorded_data, now)? {
            tx.events().emit(&actor, &event, now)?;
        }
    }
    Ok(())
}
