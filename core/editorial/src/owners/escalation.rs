//! The check for overdue work: every quarter of an hour, each cause reported once.

use super::Owners;
use crate::calendar::{due_occurrences, iso};
use crate::desk::{about, with_roles};
use crate::{Desk, Label};
use cairn_content::Result;
use cairn_events::{Cron, Effect, JobHandler, Outcome};
use cairn_store::editorial::{DocumentKey, NewOwner, NewSlot, ReviewFilter};
use cairn_store::events::{Actor, CronRow, JobRow, Missed, NewEvent};
use cairn_store::{StoreError, WriteTx};
use chrono::DateTime;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Name of the job that checks.
pub const CHECK: &str = "cairn.escalation.check";
/// Schedule of the check, as a cron expression.
const CHECK_CRON: &str = "*/15 * * * *";
/// Name of the event for an escalation.
pub const RAISED: &str = "cairn.escalation.raised";
/// Number of reviews that are read at a time.
const PAGE: i64 = 500;
/// Largest number of escalations that one check raises; the next one continues.
const MOST: usize = 1_000;
/// Age in milliseconds above which passed slots are ignored: 60 days.
const PAST: i64 = 60 * 24 * super::HOUR;

/// The handler of [`CHECK`].
pub struct EscalationCheck {
    desk: Desk,
}

/// Something that is overdue.
#[derive(Debug, Clone)]
struct Raised {
    cause: String,
    event: NewEvent,
    users: Vec<i64>,
    roles: Vec<String>,
}

impl EscalationCheck {
    /// Creates the handler for a tenant's desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn find(&self) -> Result<Vec<Raised>> {
        let desk = &self.desk;
        let now = desk.now();
        let owners = desk.store().read(Owners::load)?;
        let mut found = Vec::new();
        if owners.iter().all(|o| o.overdue_after.is_none() && o.unreviewed_after.is_none()) {
            return Ok(found);
        }
        let phases = owners.phase_fields();
        let mut filter = ReviewFilter::default();
        loop {
            let rows = desk.store().read(|r| r.reviews(&filter, PAGE))?;
            let ended = (rows.len() as i64) < PAGE;
            filter.before = rows.last().map(|r| r.id);
            let standings = desk.standings(rows, false)?;
            let documents: Vec<&DocumentKey> = standings.iter().map(|(r, ..)| &r.document).collect();
            let labels = desk.labels(&documents, &phases).await?;
            for (review, standing, _) in &standings {
                let d = &review.document;
                let label = labels.get(d).cloned().unwrap_or_default();
                let Some(owner) = owners.of(Some(&d.content_type), label.phase.as_deref()) else { continue };
                if let (Some(after), Some(due)) = (owner.overdue_after, &review.due)
                    && due.at.saturating_add(after) <= now
                {
                    let cause = format!("review:{}:overdue:{}", review.id, due.at);
                    found.push(of_review(cause, "it is overdue", due.at, d, &label, &standing.stage, owner));
                }
                // In the first stage it is being written; later it waits for somebody.
                let waits =
                    standing.workflow.as_ref().and_then(|w| w.stages.first()).is_some_and(|s| s.name != standing.stage);
                if let Some(after) = owner.unreviewed_after.filter(|_| waits)
                    && review.since.saturating_add(after) <= now
                {
                    let cause = format!("review:{}:unreviewed:{}:{}", review.id, review.since, standing.stage);
                    let reason = format!("it is still in {:?}", standing.stage);
                    found.push(of_review(cause, &reason, review.since, d, &label, &standing.stage, owner));
                }
            }
            if ended || found.len() >= MOST {
                break;
            }
        }
        self.slots(&owners, now, &mut found)?;
        // Known ones are told no more.
        desk.store().read(|r| {
            let mut new = Vec::new();
            for raised in found {
                if new.len() < MOST && !r.is_escalated(&raised.cause)? {
                    new.push(raised);
                }
            }
            Ok(new)
        })
    }

    /// Adds slots whose time has passed without a document.
    fn slots(&self, owners: &Owners, now: i64, found: &mut Vec<Raised>) -> Result<()> {
        let Some(least) = owners.iter().filter_map(|o| o.overdue_after).min() else { return Ok(()) };
        let (from, to) = (now.saturating_sub(PAST), now.saturating_sub(least).saturating_add(1));
        let slots: Vec<(String, NewSlot)> = self.desk.store().read(|r| {
            let mut all: Vec<(String, NewSlot)> = r
                .slots_between(from, to, MOST as i64)?
                .into_iter()
                .filter(|s| matches!(s.slot.status.as_str(), "planned" | "assigned"))
                .map(|s| (format!("slot:{}:{}", s.id, s.slot.at), s.slot))
                .collect();
            let occurrences = due_occurrences(r, from, to, MOST)?;
            all.extend(occurrences.into_iter().filter_map(|s| {
                let (rule, occurrence) = s.of.clone()?;
                Some((format!("slot-rule:{rule}:{occurrence}"), s))
            }));
            Ok::<_, StoreError>(all)
        })?;
        for (cause, slot) in slots {
            let Some(owner) = owners.of(slot.content_type.as_deref(), slot.phase.as_deref()) else { continue };
            let Some(after) = owner.overdue_after else { continue };
            if slot.at.saturating_add(after) > now {
                continue;
            }
            let data =
                data(&cause, "the slot is still empty", slot.at, Some(&slot.title), slot.phase.as_deref(), None, owner);
            let key = slot.document_id.clone().unwrap_or_else(|| cause.clone());
            let event = NewEvent {
                name: RAISED.to_owned(),
                key,
                content_type: slot.content_type.clone(),
                document_id: slot.document_id.clone(),
                locale: slot.locale.clone(),
                status: None,
                data,
            };
            found.push(Raised {
                cause,
                event,
                users: owner.escalate_users.clone(),
                roles: owner.escalate_roles.clone(),
            });
        }
        Ok(())
    }
}

fn of_review(
    cause: String,
    reason: &str,
    since: i64,
    d: &DocumentKey,
    label: &Label,
    stage: &str,
    owner: &NewOwner,
) -> Raised {
    let data = data(&cause, reason, since, label.title.as_deref(), label.phase.as_deref(), Some(stage), owner);
    let event = about(RAISED, d, data);
    Raised { cause, event, users: owner.escalate_users.clone(), roles: owner.escalate_roles.clone() }
}

fn data(
    cause: &str,
    reason: &str,
    since: i64,
    title: Option<&str>,
    phase: Option<&str>,
    stage: Option<&str>,
    owner: &NewOwner,
) -> Json {
    json!({
        "cause": cause, "reason": reason, "since": iso(since), "title": title, "phase": phase, "stage": stage,
        "owner": { "user": owner.admin_user, "role": owner.role, "team": owner.team },
    })
}

/// Makes the check recur if an owner requires it, and only then: no tenant is woken for nothing.
pub(super) fn keep_check(tx: &mut WriteTx<'_>, now: i64) -> Result<()> {
    let wanted = Owners::load(&tx.reader())?.iter().any(|o| o.overdue_after.is_some() || o.unreviewed_after.is_some());
    let there = tx.reader().recurring()?.iter().any(|row| row.name == CHECK);
    match (wanted, there) {
        (true, false) => {
            let cron = Cron::parse(CHECK_CRON, "UTC").map_err(|e| crate::desk::invalid(e.to_string()))?;
            let next = DateTime::from_timestamp_millis(now).and_then(|t| cron.next_after(t)).map(cairn_events::millis);
            tx.set_recurring(&CronRow {
                name: CHECK.to_owned(),
                job: CHECK.to_owned(),
                payload: json!({}),
                cron: CHECK_CRON.to_owned(),
                zone: "UTC".to_owned(),
                missed: Missed::Once,
                next,
                last: None,
                paused: false,
            })?;
        }
        (false, true) => {
            tx.delete_recurring(CHECK)?;
        }
        _ => {}
    }
    Ok(())
}

impl JobHandler for EscalationCheck {
    fn name(&self) -> &'static str {
        CHECK
    }

    fn run<'a>(&'a self, _job: &'a JobRow) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let found = match self.find().await {
                Ok(found) => found,
                Err(error) => return Outcome::failed(error),
            };
            if found.is_empty() {
                return Outcome::done();
            }
            let now = self.desk.now();
            let effect: Effect = Arc::new(move |tx: &mut WriteTx<'_>| raise(tx, &found, now));
            Outcome::Done(Some(effect))
        })
    }
}

/// Raises each cause that was not raised before.
fn raise(tx: &mut WriteTx<'_>, found: &[Raised], now: i64) -> Result<(), StoreError> {
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
        let mut kept = event.data.clone();
        if let Some(kept) = kept.as_object_mut() {
            kept.insert("contentType".into(), event.content_type.clone().into());
            kept.insert("documentId".into(), event.document_id.clone().into());
            kept.insert("locale".into(), event.locale.clone().into());
        }
        if tx.escalate(&raised.cause, &kept, now)? {
            tx.emit(&actor, &event, now)?;
        }
    }
    Ok(())
}
