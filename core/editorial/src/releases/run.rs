//! Publishing a release: at once, by its job, or as a trial that is rolled back.

use super::{Releases, emit_release_event, in_locale, load_items, open_release, refusal_with_errors};
use crate::{finish_job, invalid_request};
use cairn_content::{ContentError, LocaleChange, PublishAction, Publisher, Refusal, Result};
use cairn_events::{JobHandler, JobOutcome, RetryPolicy, unix_millis};
use cairn_model::{Registry, TypeId};
use cairn_store::editorial::{ReleaseItemRow, ReleaseRow, ReleaseState};
use cairn_store::events::{Actor, DuplicatePolicy, JobFence, JobRow, NewJob};
use cairn_store::{LockMode, StoreError, WriteTx};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// The job that publishes a release.
pub const RUN_RELEASE_JOB: &str = "cairn.release.run";

/// The result of an item, or why it cannot be applied.
pub(super) struct ItemAttempt {
    pub(super) item: ReleaseItemRow,
    pub(super) result: Result<Vec<LocaleChange>, Vec<Refusal>>,
}

impl Releases {
    /// Publishes a release now, whatever time it was scheduled for.
    ///
    /// # Errors
    /// Returns all items that cannot be applied: then nothing was changed. An error for a release that has ended or is empty.
    pub async fn publish(&self, id: i64, actor: &Arc<Actor>) -> Result<ReleaseRow> {
        let (releases, actor) = (self.clone(), actor.clone());
        self.content
            .store()
            .write(move |tx| {
                let now = unix_millis(releases.clock.now());
                let release = open_release(tx, id)?;
                tx.jobs().cancel_by_key(RUN_RELEASE_JOB, &id.to_string(), now)?;
                releases.done_in(tx, release, &actor, &actor, now)
            })
            .await
    }

    /// Publishes a locked release, in a transaction that must be rolled back if this fails.
    fn done_in(
        &self,
        tx: &mut WriteTx<'_>,
        mut release: ReleaseRow,
        actor: &Arc<Actor>,
        ended_by: &Actor,
        now: i64,
    ) -> Result<ReleaseRow> {
        // A common batch lets consumers treat the release as one change.
        let batch = actor.batch.clone().or_else(|| Some(format!("release:{}-{now}", release.id)));
        let actor = &Arc::new(Actor { batch, ..(**actor).clone() });
        let publisher = self.content.publisher(actor).at_time(now);
        let items = load_items(&tx.reader(), release.id)?;
        if items.is_empty() {
            return Err(invalid_request("The release is empty: add documents first".into()));
        }
        let mut attempts = apply_items(tx, &publisher, items)?;
        if attempts.iter().any(|tried| tried.result.is_err()) {
            let errors = attempts.iter().flat_map(attempt_errors).collect();
            return Err(refusal_with_errors("Nothing was published", errors));
        }
        let (mut published, mut unpublished) = (0, 0);
        for tried in &mut attempts {
            let changed = tried.result.as_ref().is_ok_and(|changes| changes.iter().any(|c| c.changed));
            let outcome = match tried.item.item.action.as_str() {
                _ if !changed => "unchanged",
                "publish" => {
                    published += 1;
                    "published"
                }
                _ => {
                    unpublished += 1;
                    "unpublished"
                }
            };
            tried.item.outcome = Some(outcome.to_owned());
            tried.item.problem = None;
            // Publishing one locale may have changed what another one shares with it: looked at when all is done.
            tried.item.after = match content_type(&tx.registry(), &tried.item) {
                Some(ct) => publisher.published_mark(tx, ct, &tried.item.item.document_id, &tried.item.item.locale)?,
                None => None,
            };
            tx.releases().update_item(&tried.item)?;
        }
        release.state = ReleaseState::Done;
        release.problem = None;
        release.ended_at = Some(now);
        release.ended_by = Some(ended_by.clone());
        tx.releases().update(&release)?;
        let extra_data = json!({ "items": attempts.len(), "published": published, "unpublished": unpublished });
        emit_release_event(tx, "done", &release, actor, now, extra_data)?;
        Ok(release)
    }

    /// Publishes a locked release that is due, in a transaction that must be rolled back if this fails.
    pub(crate) fn apply_in(&self, tx: &mut WriteTx<'_>, release: ReleaseRow, now: i64) -> Result<()> {
        let ended_by = release.ended_by.clone().unwrap_or_else(|| release.actor.clone());
        let actor = Arc::new(system_actor_for(&ended_by));
        self.done_in(tx, release, &actor, &ended_by, now).map(drop)
    }

    /// Publishes the release of a job and ends the job, in one transaction.
    async fn run(&self, id: i64, fence: JobFence) -> Result<()> {
        let releases = self.clone();
        self.content
            .store()
            .write(move |tx| {
                // Asked here: this may run later than it was called, or again.
                let now = unix_millis(releases.clock.now());
                let Some(release) = is_due(tx, id, fence, now)? else { return Ok(()) };
                tx.jobs().finish(fence, now)?;
                releases.apply_in(tx, release, now)
            })
            .await
    }

    /// Records and reports that the release of a job failed, and ends the job.
    async fn fail(&self, id: i64, fence: JobFence, problem: Json) -> Result<()> {
        let clock = self.clock.clone();
        self.content
            .store()
            .write(move |tx| {
                let now = unix_millis(clock.now());
                let Some(mut release) = is_due(tx, id, fence, now)? else { return Ok(()) };
                tx.jobs().finish(fence, now)?;
                let errors = problem["details"]["errors"].as_array().cloned().unwrap_or_default();
                for mut item in load_items(&tx.reader(), id)? {
                    let own: Vec<&Json> = errors.iter().filter(|e| e["item"] == item.id).collect();
                    let problem = own.first().map(|e| json!({ "message": e["message"], "details": e["details"] }));
                    if problem != item.problem {
                        item.problem = problem;
                        tx.releases().update_item(&item)?;
                    }
                }
                release.state = ReleaseState::Failed;
                release.ended_at = Some(now);
                let actor = system_actor_for(release.ended_by.as_ref().unwrap_or(&release.actor));
                let extra_data = json!({ "problem": problem });
                release.problem = Some(problem);
                tx.releases().update(&release)?;
                emit_release_event(tx, "failed", &release, &actor, now, extra_data)
            })
            .await
    }
}

/// Handles the job [`RUN_RELEASE_JOB`].
impl JobHandler for Releases {
    fn name(&self) -> &'static str {
        RUN_RELEASE_JOB
    }

    fn retry_policy(&self) -> RetryPolicy {
        // The handler ends the job itself, done or failed.
        RetryPolicy { max_pause: Duration::from_secs(300), attempts: i64::MAX, ..RetryPolicy::default() }
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(300)
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            let Some(id) = job.payload["release"].as_i64() else {
                return JobOutcome::Dead("the job does not specify a release".into());
            };
            let result = self.run(id, job.fence()).await;
            finish_job(job, result, |problem| self.fail(id, job.fence(), problem)).await
        }
        .boxed()
    }
}

/// Applies the items: unpublishes first, then publishes, repeatedly as long as that frees unique values that others wait for. Returns all
/// of them, in the given order; those that cannot be applied are unchanged.
pub(super) fn apply_items(
    tx: &mut WriteTx<'_>,
    publisher: &Publisher,
    items: Vec<ReleaseItemRow>,
) -> Result<Vec<ItemAttempt>> {
    let registry = tx.registry();
    lock_documents(tx, &registry, &items)?;
    let mut tried: Vec<ItemAttempt> =
        items.into_iter().map(|item| ItemAttempt { item, result: Err(Vec::new()) }).collect();
    for action in [PublishAction::Unpublish, PublishAction::Publish] {
        let mut left: Vec<usize> =
            (0..tried.len()).filter(|&n| PublishAction::parse(&tried[n].item.item.action) == Some(action)).collect();
        loop {
            let before = left.len();
            let mut blocked = Vec::new();
            for n in left {
                let ItemAttempt { item, result } = &mut tried[n];
                *result = apply_item(tx, &registry, publisher, action, item)?;
                if result.is_err() {
                    blocked.push(n);
                }
            }
            left = blocked;
            if left.is_empty() || left.len() == before {
                break;
            }
        }
    }
    Ok(tried)
}

/// Locks the documents, in the same order everywhere.
fn lock_documents(tx: &mut WriteTx<'_>, registry: &Registry, items: &[ReleaseItemRow]) -> Result<()> {
    let mut documents: Vec<(TypeId, &str)> =
        items.iter().filter_map(|i| Some((content_type(registry, i)?, i.item.document_id.as_str()))).collect();
    documents.sort_unstable();
    documents.dedup();
    for (ct, document_id) in documents {
        tx.lock_document(ct, document_id, LockMode::Change)?;
    }
    Ok(())
}

fn apply_item(
    tx: &mut WriteTx<'_>,
    registry: &Registry,
    publisher: &Publisher,
    action: PublishAction,
    item: &mut ReleaseItemRow,
) -> Result<Result<Vec<LocaleChange>, Vec<Refusal>>> {
    let Some(ct) = content_type(registry, item) else {
        let error = invalid_request(format!("The content type {} no longer exists", item.item.content_type));
        return if let ContentError::Refused(refusal) = error { Ok(Err(vec![refusal])) } else { Err(error) };
    };
    let (document_id, locale) = (&item.item.document_id, &item.item.locale);
    let selection = in_locale(locale);
    let checks = publisher.check_in(tx, action, ct, document_id, &selection)?;
    let problems: Vec<Refusal> = checks.into_iter().flat_map(|check| check.problems).collect();
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    item.before = publisher.published_json_in(tx, ct, document_id, locale)?;
    match publisher.apply_in(tx, action, ct, document_id, &selection) {
        Ok(changes) => Ok(Ok(changes)),
        Err(ContentError::Refused(refusal)) => Ok(Err(vec![refusal])),
        Err(other) => Err(other),
    }
}

pub(super) fn content_type(registry: &Registry, item: &ReleaseItemRow) -> Option<TypeId> {
    registry.by_uid(&item.item.content_type).map(|ct| ct.id)
}

/// The problems of an item, for lists of errors.
pub(super) fn attempt_errors(tried: &ItemAttempt) -> Vec<Json> {
    let item = &tried.item;
    let problems = tried.result.as_ref().err().map_or(&[][..], Vec::as_slice);
    let error = |problem: &Refusal| {
        let mut error = json!({
            "path": ["items", item.id.to_string()], "message": problem.message, "name": "ValidationError",
            "details": problem.details, "item": item.id, "contentType": item.item.content_type,
            "documentId": item.item.document_id,
        });
        if !item.item.locale.is_empty() {
            error["locale"] = item.item.locale.as_str().into();
        }
        error
    };
    problems.iter().map(error).collect()
}

/// Locks a release that is due; if it is not, ends its job or returns it to the queue until then.
fn is_due(tx: &mut WriteTx<'_>, id: i64, fence: JobFence, now: i64) -> Result<Option<ReleaseRow>> {
    match tx.releases().lock(id)? {
        Some(release) if release.state == ReleaseState::Scheduled => {
            let due = release.when.as_ref().map_or(now, |when| when.due);
            if due <= now {
                return Ok(Some(release));
            }
            match tx.jobs().reschedule(fence, &Json::Null, due) {
                // A new job was enqueued when the release was rescheduled.
                Err(StoreError::Unique) => tx.jobs().supersede(fence, now)?,
                done => done?,
            }
        }
        _ => tx.jobs().finish(fence, now)?,
    }
    Ok(None)
}

pub(super) fn enqueue_run(tx: &mut WriteTx<'_>, id: i64, due: i64, now: i64) -> Result<()> {
    let job = NewJob {
        name: RUN_RELEASE_JOB.into(),
        key: Some(id.to_string()),
        duplicate: DuplicatePolicy::Replace,
        lane: None,
        payload: json!({ "release": id }),
        due,
    };
    tx.jobs().enqueue(&job, now)?;
    Ok(())
}

/// The actor for Cairn on behalf of another one.
fn system_actor_for(actor: &Actor) -> Actor {
    Actor { name: actor.name.clone(), ..Actor::system("release") }
}
