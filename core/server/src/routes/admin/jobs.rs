//! Jobs: what is to be done, what was, and what could not.

use super::events::{id, write};
use super::{Page, data, time, with_meta};
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use axum::Router;
use axum::body::Body;
use axum::http::Response;
use axum::routing::{get, post};
use cairn_events::admin;
use cairn_store::events::{JobFilter, JobRow, JobState};
use serde::Deserialize;
use serde_json::{Value as Json, json};

type Answered = Result<Response<Body>, WireError>;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/jobs", get(list))
        .route("/admin/api/jobs/{id}/retry", post(retry))
        .route("/admin/api/jobs/{id}/cancel", post(cancel))
}

/// Which jobs are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    name: Option<String>,
    key: Option<String>,
    state: Option<String>,
}

/// `GET /admin/api/jobs`: newest first; `name`, `key`, `state`. What a job is given is not shown: a mail to be sent may hold the
/// link of a new password.
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Query(asked): Query<Asked>,
    Query(page): Query<Page>,
) -> Answered {
    admin.require_super()?;
    let state = match asked.state.as_deref() {
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
    let filter = JobFilter { name: asked.name, key: asked.key, state, before: page.before };
    let (jobs, counts) = tenant
        .content
        .store()
        .read(|r| Ok::<_, cairn_store::StoreError>((r.jobs(&filter, page.limit())?, r.job_counts()?)))?;
    let next = (jobs.len() as i64 == page.limit()).then(|| jobs.last().map(|j| j.id)).flatten();
    let counts: Vec<Json> =
        counts.iter().map(|(name, state, n)| json!({ "name": name, "state": state.as_str(), "count": n })).collect();
    Ok(with_meta(jobs.iter().map(shown).collect::<Vec<_>>(), json!({ "before": next, "counts": counts })))
}

/// `POST /admin/api/jobs/{id}/retry`.
async fn retry(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(job): Path<String>) -> Answered {
    admin.require_super()?;
    let job = id(&job)?;
    write(&tenant, &admin, move |tx, actor, now| admin::retry_job(tx, job, actor, now)).await?;
    one(&tenant, job)
}

/// `POST /admin/api/jobs/{id}/cancel`.
async fn cancel(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(job): Path<String>) -> Answered {
    admin.require_super()?;
    let job = id(&job)?;
    write(&tenant, &admin, move |tx, actor, now| admin::cancel_job(tx, job, actor, now)).await?;
    one(&tenant, job)
}

fn one(tenant: &crate::Tenant, id: i64) -> Answered {
    Ok(data(tenant.content.store().read(|r| r.job(id))?.as_ref().map_or(Json::Null, shown)))
}

fn shown(j: &JobRow) -> Json {
    json!({
        "id": j.id, "name": j.name, "key": j.key, "lane": j.lane, "state": j.state.as_str(), "due": time(j.due),
        "attempt": j.attempt, "error": j.error, "createdAt": time(j.created_at), "endedAt": j.ended_at.map(time),
    })
}
