//! The content calendar.

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
use axum::routing::{get, post, put};
use cairn_editorial::calendar::Range;
use cairn_editorial::read;
use serde::Deserialize;
use serde_json::{Value as Json, json};

type Answered = Result<Response<Body>, WireError>;

/// Occurrences of a preview where no number is given.
const PREVIEW: usize = 10;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/calendar", get(calendar))
        .route("/admin/api/calendar/slots", get(slots).post(make_slot))
        .route("/admin/api/calendar/slots/{id}", get(slot).put(change_slot).delete(remove_slot))
        .route("/admin/api/calendar/rules", get(rules).post(make_rule))
        .route("/admin/api/calendar/rules/preview", post(preview))
        .route("/admin/api/calendar/rules/{id}", get(rule).put(change_rule).delete(remove_rule))
        .route("/admin/api/calendar/rules/{id}/occurrences/{local}", put(change_occurrence).delete(cancel_occurrence))
}

/// `GET /admin/api/calendar?from=&to=&zone=`: by day; `kinds`, `phase`, `owner` (a number or `me`), `team`, `contentType`, `locale`,
/// `cancelled`.
async fn calendar(CurrentTenant(tenant): CurrentTenant, admin: Admin, Query(range): Query<Range>) -> Answered {
    let mut days = desk(&tenant).calendar(&admin, &range).await?;
    let asking = Asking::of(&tenant, &admin);
    for day in days.as_array_mut().into_iter().flatten() {
        if let Json::Array(entries) = day["entries"].take() {
            day["entries"] = asking.seen(&tenant, entries, "contentType", "documentId")?.into();
        }
    }
    Ok(data(days))
}

async fn slots(CurrentTenant(tenant): CurrentTenant, _: Admin, Query(of): Query<Paging>) -> Answered {
    Ok(page(desk(&tenant).slots(of.before, of.limit())?))
}

async fn slot(CurrentTenant(tenant): CurrentTenant, _: Admin, Path(id): Path<i64>) -> Answered {
    Ok(data(desk(&tenant).slot(id)?))
}

async fn make_slot(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, given: Body) -> Answered {
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(made(desk(&tenant).make_slot(admin.actor(), input).await?))
}

/// `PUT …/slots/<id>`: what is named changes, `null` takes away; `when` moves it.
async fn change_slot(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    head: Parts,
    given: Body,
) -> Answered {
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(data(desk(&tenant).change_slot(admin.actor(), id, input).await?))
}

async fn remove_slot(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<i64>) -> Answered {
    desk(&tenant).delete_slot(admin.actor(), id).await?;
    Ok(data(json!({})))
}

async fn rules(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Answered {
    Ok(data(desk(&tenant).slot_rules()?))
}

async fn rule(CurrentTenant(tenant): CurrentTenant, _: Admin, Path(id): Path<i64>) -> Answered {
    Ok(data(desk(&tenant).slot_rule(id)?))
}

/// `POST …/rules`: `{title, rule | every, start, zone, until, …}`.
async fn make_rule(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, given: Body) -> Answered {
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(made(desk(&tenant).make_slot_rule(admin.actor(), input).await?))
}

async fn change_rule(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    head: Parts,
    given: Body,
) -> Answered {
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(data(desk(&tenant).change_slot_rule(admin.actor(), id, input).await?))
}

async fn remove_rule(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<i64>) -> Answered {
    desk(&tenant).delete_slot_rule(admin.actor(), id).await?;
    Ok(data(json!({})))
}

/// `?n=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Previewed {
    n: Option<usize>,
}

/// `POST …/rules/preview?n=10`: the next occurrences of a rule that is not made yet.
async fn preview(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Query(asked): Query<Previewed>,
    head: Parts,
    given: Body,
) -> Answered {
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(data(desk(&tenant).preview_slot_rule(&input, asked.n.unwrap_or(PREVIEW))?))
}

/// `PUT …/rules/<id>/occurrences/<local time>`: moves or changes this one.
async fn change_occurrence(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((id, local)): Path<(i64, String)>,
    head: Parts,
    given: Body,
) -> Answered {
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(data(desk(&tenant).change_occurrence(admin.actor(), id, &local, input).await?))
}

/// `DELETE …/rules/<id>/occurrences/<local time>`: cancels this one.
async fn cancel_occurrence(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((id, local)): Path<(i64, String)>,
) -> Answered {
    Ok(data(desk(&tenant).cancel_occurrence(admin.actor(), id, &local).await?))
}
