//! Publishing and unpublishing at a scheduled time: once, late rather than never, never early.
//!
//! A schedule and its job are written together. The job checks the schedule's time again, in the transaction that publishes and ends it: a
//! clock that was set back, a change or a cancellation in the meantime take effect.

#[cfg(test)]
mod tests;

use crate::{RequestedTime, finish_job, invalid_request};
use cairn_access::Clock;
use cairn_content::{
    Content, ContentError, LocaleCheck, LocaleSelection, PublishAction, Publisher, RefusalKind, Result,
};
use cairn_events::{JobHandler, JobOutcome, RetryPolicy, unix_millis};
use cairn_model::TypeId;
use cairn_store::editorial::{NewSchedule, ScheduleRow, ScheduleState};
use cairn_store::events::{Actor, DuplicatePolicy, JobFence, JobRow, NewEvent, NewJob};
use cairn_store::{StoreError, WriteTx};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// The job that runs a schedule.
pub const RUN_SCHEDULE_JOB: &str = "cairn.schedule.run";

/// Locale that means all locales.
const ALL_LOCALES: &str = "*";

/// Action that is done at a scheduled time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TimedAction {
    /// The draft becomes public.
    Publish,
    /// The document is a draft again.
    Unpublish,
}

/// Action of a schedule, and the document that it acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleTarget {
    /// Type of the document.
    pub content_type: TypeId,
    /// Id of the document.
    pub document_id: String,
    /// A locale, `*` for all that exist at that time, empty if the type is not localised.
    pub locale: String,
    /// To publish or to unpublish.
    pub action: PublishAction,
}

/// A schedule to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleInput {
    /// Action to perform, and its document.
    pub target: ScheduleTarget,
    /// The time at which it is due.
    pub when: RequestedTime,
}

/// The schedules of a tenant. Cloning is cheap.
#[derive(Clone)]
pub struct Schedules {
    content: Content,
    clock: Arc<dyn Clock>,
}

impl Schedules {
    /// Creates the service over a tenant's content.
    pub fn new(content: Content, clock: Arc<dyn Clock>) -> Self {
        Self { content, clock }
    }

    /// Checks what would happen if the document of a schedule were published or unpublished now, and writes nothing.
    ///
    /// # Errors
    /// 400 for a type without drafts and for a wrong locale, 404 for an unknown document.
    pub async fn check(&self, target: ScheduleTarget, actor: &Arc<Actor>) -> Result<Vec<LocaleCheck>> {
        check_action(target.action)?;
        let publisher = self.content.publisher(actor);
        let check = move |tx: &mut WriteTx<'_>| Ok::<_, ContentError>(check_target(tx, &publisher, &target)?.1);
        self.content.store().write(check).await
    }

    /// Creates a schedule. Also returns the problems that it would have now; they may be solved until then. Returns an error for an invalid
    /// time, an unknown document, and an equal schedule that exists already.
    pub async fn create(&self, input: ScheduleInput, actor: &Arc<Actor>) -> Result<(ScheduleRow, Vec<LocaleCheck>)> {
        let due = input.when.resolve(self.clock.now())?;
        check_action(input.target.action)?;
        let publisher = self.content.publisher(actor);
        let (now, actor) = (unix_millis(self.clock.now()), actor.clone());
        self.content
            .store()
            .write(move |tx| {
                let ScheduleInput { target, when } = input;
                let (locale, checks) = check_target(tx, &publisher, &target)?;
                let schedule = NewSchedule {
                    content_type: tx.registry().get(target.content_type).uid.clone(),
                    document_id: target.document_id,
                    locale,
                    action: target.action.as_str().to_owned(),
                    local_time: when.local_time,
                    zone: when.zone,
                    due,
                    actor: (*actor).clone(),
                };
                let id = match tx.schedules().create(&schedule, now) {
                    Err(StoreError::Unique) => return Err(same_waits()),
                    id => id?,
                };
                enqueue_run(tx, id, due, now)?;
                let row = ScheduleRow {
                    id,
                    schedule,
                    state: ScheduleState::Waiting,
                    problem: None,
                    created_at: now,
                    ended_at: None,
                };
                emit_schedule_event(tx, "created", &row, &actor, now)?;
                Ok((row, checks))
            })
            .await
    }

    /// Changes time or action of a waiting schedule.
    ///
    /// # Errors
    /// The same errors as [`Self::create`]; an error for a schedule that has ended.
    pub async fn change(
        &self,
        id: i64,
        when: Option<RequestedTime>,
        action: Option<PublishAction>,
        actor: &Arc<Actor>,
    ) -> Result<ScheduleRow> {
        let due = when.as_ref().map(|when| when.resolve(self.clock.now())).transpose()?;
        action.map_or(Ok(()), check_action)?;
        let (now, actor) = (unix_millis(self.clock.now()), actor.clone());
        self.content
            .store()
            .write(move |tx| {
                let mut row = require_waiting(tx, id)?;
                if let (Some(when), Some(due)) = (when, due) {
                    row.schedule.local_time = when.local_time;
                    row.schedule.zone = when.zone;
                    row.schedule.due = due;
                }
                if let Some(action) = action {
                    row.schedule.action = action.as_str().to_owned();
                }
                row.schedule.actor = (*actor).clone();
                match tx.schedules().update(id, &row.schedule) {
                    Err(StoreError::Unique) => return Err(same_waits()),
                    done => done?,
                }
                enqueue_run(tx, id, row.schedule.due, now)?;
                emit_schedule_event(tx, "changed", &row, &actor, now)?;
                Ok(row)
            })
            .await
    }

    /// Cancels a schedule. Returns an error for a schedule that has ended or does not exist.
    pub async fn cancel(&self, id: i64, actor: &Arc<Actor>) -> Result<ScheduleRow> {
        let (now, actor) = (unix_millis(self.clock.now()), actor.clone());
        self.content
            .store()
            .write(move |tx| {
                let mut row = require_waiting(tx, id)?;
                tx.schedules().finish(id, ScheduleState::Cancelled, None, now)?;
                tx.jobs().cancel_by_key(RUN_SCHEDULE_JOB, &id.to_string(), now)?;
                row.state = ScheduleState::Cancelled;
                row.ended_at = Some(now);
                emit_schedule_event(tx, "cancelled", &row, &actor, now)?;
                Ok(row)
            })
            .await
    }

    /// Applies a locked schedule that is due, in a transaction that must be rolled back if this fails.
    pub(crate) fn apply_in(&self, tx: &mut WriteTx<'_>, row: &mut ScheduleRow, now: i64) -> Result<()> {
        let registry = tx.registry();
        let s = &row.schedule;
        let ct = registry.by_uid(&s.content_type);
        let ct = ct.ok_or_else(|| invalid_request(format!("The content type {} no longer exists", s.content_type)))?;
        let action = PublishAction::parse(&s.action);
        let action = action.ok_or_else(|| invalid_request(format!("Unknown action {:?}", s.action)))?;
        let actor = Arc::new(system_actor_for(&s.actor));
        let publisher = self.content.publisher(&actor).at_time(now);
        publisher.apply_in(tx, action, ct.id, &s.document_id, &in_locales(&s.locale))?;
        tx.schedules().finish(row.id, ScheduleState::Done, None, now)?;
        row.state = ScheduleState::Done;
        emit_schedule_event(tx, "done", row, &actor, now)
    }

    /// Runs the schedule of a job and ends the job, in one transaction.
    async fn run(&self, id: i64, fence: JobFence) -> Result<()> {
        let schedules = self.clone();
        self.content
            .store()
            .write(move |tx| {
                // Asked here: this may run later than it was called, or again.
                let now = unix_millis(schedules.clock.now());
                let Some(mut row) = is_due(tx, id, fence, now)? else { return Ok(()) };
                tx.jobs().finish(fence, now)?;
                schedules.apply_in(tx, &mut row, now)
            })
            .await
    }

    /// Records and reports that the schedule of a job failed, and ends the job.
    async fn fail(&self, id: i64, fence: JobFence, problem: Json) -> Result<()> {
        let clock = self.clock.clone();
        self.content
            .store()
            .write(move |tx| {
                let now = unix_millis(clock.now());
                let Some(mut row) = is_due(tx, id, fence, now)? else { return Ok(()) };
                tx.jobs().finish(fence, now)?;
                tx.schedules().finish(id, ScheduleState::Failed, Some(&problem), now)?;
                row.state = ScheduleState::Failed;
                let actor = system_actor_for(&row.schedule.actor);
                row.problem = Some(problem);
                emit_schedule_event(tx, "failed", &row, &actor, now)
            })
            .await
    }
}

/// Handles the job [`RUN_SCHEDULE_JOB`].
impl JobHandler for Schedules {
    fn name(&self) -> &'static str {
        RUN_SCHEDULE_JOB
    }

    fn retry_policy(&self) -> RetryPolicy {
        // The handler ends the job itself, done or failed.
        RetryPolicy { max_pause: Duration::from_secs(300), attempts: i64::MAX, ..RetryPolicy::default() }
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            let Some(id) = job.payload["schedule"].as_i64() else {
                return JobOutcome::Dead("the job does not specify a schedule".into());
            };
            let result = self.run(id, job.fence()).await;
            finish_job(job, result, |problem| self.fail(id, job.fence(), problem)).await
        }
        .boxed()
    }
}

/// The locale that is stored for a schedule, and what would happen now.
fn check_target(
    tx: &mut WriteTx<'_>,
    publisher: &Publisher,
    target: &ScheduleTarget,
) -> Result<(String, Vec<LocaleCheck>)> {
    let registry = tx.registry();
    let ct = registry.get(target.content_type);
    if !ct.draft_publish {
        let message = format!("{} has no drafts: its documents are always published", ct.uid);
        return Err(ContentError::validation(message));
    }
    if !ct.localized && !target.locale.is_empty() && target.locale != ALL_LOCALES {
        return Err(ContentError::validation(format!("{} is not localised: remove the locale", ct.uid)));
    }
    if ct.localized && target.locale.is_empty() {
        let message = format!("{} is localised: specify a locale, or \"*\" for all", ct.uid);
        return Err(ContentError::validation(message));
    }
    let locale = if ct.localized { target.locale.clone() } else { String::new() };
    let checks = publisher.check_in(tx, target.action, ct.id, &target.document_id, &in_locales(&locale))?;
    let absent = checks.iter().flat_map(|c| &c.problems).find(|p| p.kind == RefusalKind::NotFound);
    match absent {
        Some(absent) => Err(ContentError::Refused(absent.clone())),
        None => Ok((locale, checks)),
    }
}

/// Locks a schedule that is due; if it is not, ends its job or returns it to the queue until then.
fn is_due(tx: &mut WriteTx<'_>, id: i64, fence: JobFence, now: i64) -> Result<Option<ScheduleRow>> {
    match tx.schedules().lock(id)? {
        Some(row) if row.state == ScheduleState::Waiting => {
            if row.schedule.due <= now {
                return Ok(Some(row));
            }
            match tx.jobs().reschedule(fence, &Json::Null, row.schedule.due) {
                // A new job was enqueued when the schedule changed.
                Err(StoreError::Unique) => tx.jobs().supersede(fence, now)?,
                done => done?,
            }
        }
        _ => tx.jobs().finish(fence, now)?,
    }
    Ok(None)
}

fn require_waiting(tx: &mut WriteTx<'_>, id: i64) -> Result<ScheduleRow> {
    match tx.schedules().lock(id)? {
        None => Err(ContentError::not_found()),
        Some(row) if row.state == ScheduleState::Waiting => Ok(row),
        Some(row) => Err(ContentError::validation(format!("The schedule is already {}", row.state.as_str()))),
    }
}

fn enqueue_run(tx: &mut WriteTx<'_>, id: i64, due: i64, now: i64) -> Result<()> {
    let job = NewJob {
        name: RUN_SCHEDULE_JOB.into(),
        key: Some(id.to_string()),
        duplicate: DuplicatePolicy::Replace,
        lane: None,
        payload: json!({ "schedule": id }),
        due,
    };
    tx.jobs().enqueue(&job, now)?;
    Ok(())
}

fn emit_schedule_event(tx: &mut WriteTx<'_>, suffix: &str, row: &ScheduleRow, actor: &Actor, now: i64) -> Result<()> {
    let s = &row.schedule;
    let mut data = json!({
        "schedule": row.id, "action": s.action, "localTime": s.local_time, "zone": s.zone, "due": s.due,
        "requestedBy": s.actor, "locale": s.locale,
    });
    if let Some(problem) = &row.problem {
        data["problem"] = problem.clone();
    }
    let event = NewEvent {
        name: format!("cairn.schedule.{suffix}"),
        key: s.document_id.clone(),
        content_type: Some(s.content_type.clone()),
        document_id: Some(s.document_id.clone()),
        locale: Some(&s.locale).filter(|l| !matches!(l.as_str(), "" | ALL_LOCALES)).cloned(),
        status: None,
        data,
    };
    Ok(tx.events().emit(actor, &event, now)?)
}

/// The actor for Cairn on behalf of another one.
fn system_actor_for(actor: &Actor) -> Actor {
    Actor { name: actor.name.clone(), ..Actor::system("schedule") }
}

fn in_locales(locale: &str) -> LocaleSelection {
    match locale {
        ALL_LOCALES | "" => LocaleSelection::All,
        one => LocaleSelection::These(vec![one.to_owned()]),
    }
}

fn check_action(action: PublishAction) -> Result<()> {
    match action {
        PublishAction::DiscardDraft => Err(invalid_request("Discarding a draft cannot be scheduled".into())),
        _ => Ok(()),
    }
}

fn same_waits() -> ContentError {
    invalid_request("The same action is already scheduled for that time".into())
}
