//! Releases: documents that are published or unpublished together.

use super::publishing::{Time, action, content_type, default_locale, number, problem, read, shown_locale};
use super::{Paging, data, time, with_meta};
use crate::answer;
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use crate::tenant::Tenant;
use axum::Router;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use axum::routing::{delete, get, post};
use cairn_editorial::releases::{Item, ItemPreview, Preview, Suggestion};
use cairn_store::editorial::{ReleaseFilter, ReleaseItemRow, ReleaseRow, ReleaseState};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::{Value as Json, json};

type Answered = Result<Response<Body>, WireError>;

/// The routes of releases.
pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/releases", get(list).post(add))
        .route("/admin/api/releases/{id}", get(one).put(change).delete(remove))
        .route("/admin/api/releases/{id}/items", get(items).post(add_items))
        .route("/admin/api/releases/{id}/items/{item}", delete(remove_item))
        .route("/admin/api/releases/{id}/actions/{action}", post(act))
}

/// What releases are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Asked {
    state: Option<String>,
    content_type: Option<String>,
    document_id: Option<String>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
}

/// `GET /admin/api/releases`: newest first, with `from` or `to` as they are due; `state`; with a document: `contentType` and
/// `documentId`.
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Query(asked): Query<Asked>,
    Query(page): Query<Paging>,
) -> Answered {
    let state = |text: &str| {
        let expected = "state: expected open, scheduled, done, failed or rolled-back";
        ReleaseState::parse(text).ok_or_else(|| WireError::validation(expected))
    };
    let document = match (asked.content_type, asked.document_id) {
        (Some(uid), Some(document)) => Some((uid, document)),
        (None, None) => None,
        _ => return Err(WireError::validation("\"contentType\" and \"documentId\" go together: give both")),
    };
    let filter = ReleaseFilter {
        state: asked.state.as_deref().map(state).transpose()?,
        document,
        from: asked.from.map(|t| t.timestamp_millis()),
        to: asked.to.map(|t| t.timestamp_millis()),
        before: page.before,
    };
    let rows = tenant.content.store().read(|r| r.releases(&filter, page.limit()))?;
    let ranged = filter.from.is_some() || filter.to.is_some();
    let next = (rows.len() as i64 == page.limit() && !ranged).then(|| rows.last().map(|row| row.id)).flatten();
    Ok(with_meta(rows.iter().map(release).collect::<Vec<_>>(), json!({ "before": next })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRelease {
    name: String,
    #[serde(default)]
    note: Option<String>,
}

/// `POST /admin/api/releases`: `{name, note}`.
async fn add(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, body: Body) -> Answered {
    let NewRelease { name, note } = read(&tenant, &head, body).await?;
    let row = tenant.releases.create(&name, note.as_deref(), admin.actor()).await?;
    Ok(answer::value(StatusCode::CREATED, &json!({ "data": release(&row) })))
}

/// `GET /admin/api/releases/{id}`.
async fn one(CurrentTenant(tenant): CurrentTenant, _: Admin, Path(id): Path<String>) -> Answered {
    let id = number(&id)?;
    let (row, items) = tenant.content.store().read(|r| {
        let row = r.release(id)?.ok_or_else(WireError::not_found)?;
        Ok::<_, WireError>((row, r.count_release_items(id)?))
    })?;
    Ok(with_meta(release(&row), json!({ "items": items })))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Changed {
    name: Option<String>,
    #[serde(deserialize_with = "given")]
    note: Option<Option<String>>,
}

/// Told apart from what is left out: null.
fn given<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(d).map(Some)
}

/// `PUT /admin/api/releases/{id}`: `{name, note}`.
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<String>,
    head: Parts,
    body: Body,
) -> Answered {
    let id = number(&id)?;
    let Changed { name, note } = read(&tenant, &head, body).await?;
    let note = note.as_ref().map(Option::as_deref);
    Ok(data(release(&tenant.releases.rename(id, name.as_deref(), note, admin.actor()).await?)))
}

/// `DELETE /admin/api/releases/{id}`: what it has published stays published.
async fn remove(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<String>) -> Answered {
    tenant.releases.delete(number(&id)?, admin.actor()).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// Where a page of items begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct After {
    after: i64,
}

/// `GET /admin/api/releases/{id}/items`: as they were added; `after`, `limit`.
async fn items(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path(id): Path<String>,
    Query(after): Query<After>,
    Query(page): Query<Paging>,
) -> Answered {
    let id = number(&id)?;
    let rows = tenant.content.store().read(|r| {
        r.release(id)?.ok_or_else(WireError::not_found)?;
        Ok::<_, WireError>(r.release_items(id, after.after, page.limit())?)
    })?;
    let next = (rows.len() as i64 == page.limit()).then(|| rows.last().map(|row| row.id)).flatten();
    Ok(with_meta(rows.iter().map(item).collect::<Vec<_>>(), json!({ "after": next })))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewItem {
    content_type: String,
    document_id: String,
    #[serde(default)]
    locale: Option<String>,
    action: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewItems {
    items: Vec<NewItem>,
}

/// `POST /admin/api/releases/{id}/items`: `{items: [{contentType, documentId, locale, action}]}`, all or none. `locale`: the
/// default one where it is left out, `"*"` for each that there is.
async fn add_items(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<String>,
    head: Parts,
    body: Body,
) -> Answered {
    let id = number(&id)?;
    let NewItems { items } = read(&tenant, &head, body).await?;
    let items = items.into_iter().map(|new| wanted(&tenant, new)).collect::<Result<Vec<_>, _>>()?;
    let added = tenant.releases.add(id, items, admin.actor()).await?;
    Ok(data(json!({ "added": added })))
}

fn wanted(tenant: &Tenant, new: NewItem) -> Result<Item, WireError> {
    let ct = content_type(tenant, &new.content_type)?;
    Ok(Item {
        content_type: ct.id,
        document_id: new.document_id,
        locale: new.locale.unwrap_or_else(|| default_locale(tenant, ct)),
        action: action(&new.action)?,
    })
}

/// `DELETE /admin/api/releases/{id}/items/{item}`.
async fn remove_item(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((id, item)): Path<(String, String)>,
) -> Answered {
    tenant.releases.remove(number(&id)?, number(&item)?, admin.actor()).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Nothing {}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RollBack {
    overwrite: bool,
}

/// `POST /admin/api/releases/{id}/actions/{action}`: `validate` tells what would become of it; `publish` does it now;
/// `schedule` (`{localTime, zone, fold}`) at a time, `unschedule` not any more; `rollback` (`{overwrite}`) undoes it.
async fn act(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((id, action)): Path<(String, String)>,
    head: Parts,
    body: Body,
) -> Answered {
    let id = number(&id)?;
    let (releases, actor) = (&tenant.releases, admin.actor());
    let row = match action.as_str() {
        "schedule" => {
            let when: Time = read(&tenant, &head, body).await?;
            releases.schedule(id, when.into(), actor).await?
        }
        "rollback" => {
            let RollBack { overwrite } = read(&tenant, &head, body).await?;
            releases.roll_back(id, overwrite, actor).await?
        }
        "validate" | "publish" | "unschedule" => {
            let Nothing {} = read(&tenant, &head, body).await?;
            match action.as_str() {
                "validate" => return Ok(preview(&releases.preview(id, actor).await?)),
                "publish" => releases.publish(id, actor).await?,
                _ => releases.unschedule(id, actor).await?,
            }
        }
        _ => return Err(WireError::not_found()),
    };
    Ok(data(release(&row)))
}

fn preview(preview: &Preview) -> Response<Body> {
    let checked = |p: &ItemPreview| {
        let mut shown = item(&p.item);
        shown["problems"] = p.problems.iter().map(problem).collect();
        shown["unchanged"] = p.unchanged.into();
        shown["alsoIn"] = p.also_in.iter().map(|(id, name)| json!({ "id": id, "name": name })).collect();
        shown
    };
    let suggestion = |s: &Suggestion| {
        json!({ "contentType": s.content_type, "documentId": s.document_id, "locale": shown_locale(&s.locale),
                "state": s.state.as_str(), "linkedBy": { "item": s.item, "attribute": s.attribute } })
    };
    data(json!({
        "release": release(&preview.release),
        "fit": preview.is_fit(),
        "items": preview.items.iter().map(checked).collect::<Vec<_>>(),
        "suggestions": preview.suggestions.iter().map(suggestion).collect::<Vec<_>>(),
    }))
}

fn release(row: &ReleaseRow) -> Json {
    let when = row.when.as_ref();
    let at = |ms: Option<i64>| ms.map_or(Json::Null, time);
    json!({
        "id": row.id, "name": row.name, "note": row.note, "state": row.state.as_str(),
        "localTime": when.map(|w| &w.local_time), "zone": when.map(|w| &w.zone), "due": at(when.map(|w| w.due)),
        "problem": row.problem, "createdAt": time(row.created_at), "createdBy": row.actor,
        "endedAt": at(row.ended_at), "endedBy": row.ended_by, "rolledBackAt": at(row.rolled_back_at),
    })
}

/// What was published before is not for people: it holds hashes of passwords.
fn item(row: &ReleaseItemRow) -> Json {
    json!({
        "id": row.id, "contentType": row.item.content_type, "documentId": row.item.document_id,
        "locale": shown_locale(&row.item.locale), "action": row.item.action, "outcome": row.outcome,
        "problem": row.problem,
    })
}
