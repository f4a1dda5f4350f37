//! Jobs: what is to be done, what was, and what could not.

use crate::events::{parse_id, write_as_admin};
use cairn_access::action_types::{JobsManage, JobsRead};
use cairn_events::admin;
use cairn_http::error::WireError;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{Data, Page, Time};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::page_params::PageParams;
use cairn_http::routes;
use cairn_store::events::{JobFilter, JobRow, JobState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list)).routes(routes!(retry)).routes(routes!(cancel))
}

/// Filter of jobs.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ListJobsParams {
    /// Name of the job, such as `mail.send`.
    name: Option<String>,
    /// Of jobs with one name and key there is one.
    key: Option<String>,
    /// Where they are.
    #[param(inline, value_type = Option<JobStateView>)]
    state: Option<String>,
}

/// Something to be done. What it is given is not shown: a mail to be sent may hold the link of a new password.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Job)]
struct JobView {
    id: i64,
    /// Name of the job, such as `mail.send`.
    name: String,
    /// Of jobs with one name and key there is one.
    key: Option<String>,
    /// Jobs of one lane are done one after the other.
    lane: Option<String>,
    state: JobStateView,
    /// It is not begun before.
    due: Time,
    /// How often it was begun.
    attempt: i64,
    /// Why it failed the last time.
    error: Option<String>,
    created_at: Time,
    ended_at: Option<Time>,
}

impl From<&JobRow> for JobView {
    fn from(row: &JobRow) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            key: row.key.clone(),
            lane: row.lane.clone(),
            state: row.state.into(),
            due: Time(row.due),
            attempt: row.attempt,
            error: row.error.clone(),
            created_at: Time(row.created_at),
            ended_at: row.ended_at.map(Time),
        }
    }
}

/// Where a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = JobState)]
enum JobStateView {
    /// To be done at its due time.
    Waiting,
    /// A process is at it.
    Running,
    /// It finished successfully.
    Done,
    /// A dead letter: given up after the last attempt, until a person retries or cancels it.
    Dead,
    /// No longer wanted.
    Cancelled,
}

impl From<JobState> for JobStateView {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Waiting => Self::Waiting,
            JobState::Running => Self::Running,
            JobState::Done => Self::Done,
            JobState::Dead => Self::Dead,
            JobState::Cancelled => Self::Cancelled,
        }
    }
}

/// How to go on, and how many jobs there are.
#[derive(Debug, Serialize, ToSchema)]
struct JobsMeta {
    /// Give it as `before`. Null: this is the last page.
    before: Option<i64>,
    counts: Vec<JobCount>,
}

/// How many jobs of a name are in a state.
#[derive(Debug, Serialize, ToSchema)]
struct JobCount {
    name: String,
    state: JobStateView,
    count: i64,
}

/// Jobs, newest first.
#[utoipa::path(get, path = "/admin/api/jobs", params(ListJobsParams, PageParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<JobsRead>,
    Query(params): Query<ListJobsParams>,
    Query(paging): Query<PageParams>,
) -> Result<Page<JobView, JobsMeta>, WireError> {
    let state = match params.state.as_deref() {
        None => None,
        Some("waiting") => Some(JobState::Waiting),
        Some("running") => Some(JobState::Running),
        Some("done") => Some(JobState::Done),
        Some("dead") => Some(JobState::Dead),
        Some("cancelled") => Some(JobState::Cancelled),
        Some(_) => {
            return Err(WireError::validation("state: expected waiting, running, done, dead or cancelled"));
        }
    };
    let filter = JobFilter { name: params.name, key: params.key, state, before: paging.before };
    let (jobs, counts) = tenant.content.store().read(|r| {
        Ok::<_, cairn_store::StoreError>((r.jobs().list(&filter, paging.limit())?, r.jobs().count_by_state()?))
    })?;
    let counts = counts.into_iter().map(|(name, state, count)| JobCount { name, state: state.into(), count }).collect();
    let before = paging.next_before(&jobs, |job| job.id);
    Ok(Page { data: jobs.iter().map(JobView::from).collect(), meta: JobsMeta { before, counts } })
}

/// Does a job once more that was given up, or now what waits for its time.
#[utoipa::path(post, path = "/admin/api/jobs/{id}/retry", params(("id" = i64, Path)))]
async fn retry(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<JobsManage>,
    Path(job): Path<String>,
) -> Result<Data<JobView>, WireError> {
    let job = parse_id(&job)?;
    write_as_admin(&tenant, &admin, move |tx, actor, now| admin::retry_job(tx, job, actor, now)).await?;
    find_job(&tenant, job)
}

/// Gives up a job that waits.
#[utoipa::path(post, path = "/admin/api/jobs/{id}/cancel", params(("id" = i64, Path)))]
async fn cancel(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<JobsManage>,
    Path(job): Path<String>,
) -> Result<Data<JobView>, WireError> {
    let job = parse_id(&job)?;
    write_as_admin(&tenant, &admin, move |tx, actor, now| admin::cancel_job(tx, job, actor, now)).await?;
    find_job(&tenant, job)
}

fn find_job(tenant: &cairn_app::Tenant, id: i64) -> Result<Data<JobView>, WireError> {
    let row = tenant.content.store().read(|r| r.jobs().get(id))?;
    row.as_ref().map(|row| Data { data: JobView::from(row) }).ok_or_else(WireError::not_found)
}
