//! Content owners, and what was escalated.

use super::review::{body, desk, made, page};
use super::subject::Asking;
use super::{Paging, data};
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use axum::Router;
use axum::body::Body;
use axum::http::Response;
use axum::http::request::Parts;
use axum::routing::{get, put};
use cairn_editorial::read;
use serde_json::json;

type Answered = Result<Response<Body>, WireError>;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/owners", get(list).post(make))
        .route("/admin/api/owners/{id}", put(change).delete(remove))
        .route("/admin/api/escalations", get(escalations))
}

async fn list(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Answered {
    Ok(data(desk(&tenant).owners()?))
}

/// `POST /admin/api/owners`: `{contentType, phase, phaseField, user | role | team, escalation}`.
async fn make(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, given: Body) -> Answered {
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(made(desk(&tenant).make_owner(admin.actor(), input).await?))
}

async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    head: Parts,
    given: Body,
) -> Answered {
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(data(desk(&tenant).change_owner(admin.actor(), id, input).await?))
}

async fn remove(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<i64>) -> Answered {
    desk(&tenant).delete_owner(admin.actor(), id).await?;
    Ok(data(json!({})))
}

async fn escalations(CurrentTenant(tenant): CurrentTenant, admin: Admin, Query(of): Query<Paging>) -> Answered {
    let (rows, next) = desk(&tenant).escalations(of.before, of.limit())?;
    Ok(page((Asking::of(&tenant, &admin).seen(&tenant, rows, "contentType", "documentId")?, next)))
}
