//! `/admin/api/notifications`: what the signed-in admin user was told, and how they want to be told; and the page that links
//! at the end of mails lead to, which needs no sign-in.

mod page;

use super::{Paging, data, time, with_meta};
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use crate::routes::users::object;
use axum::Router;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use cairn_notify::{Kind, Link, Refusal, preferences, templates};
use cairn_store::StoreError;
use cairn_store::notify::NotificationRow;
use serde::Deserialize;
use serde_json::{Value as Json, json};

type Answered = Result<Response<Body>, WireError>;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/notifications", get(list))
        .route("/admin/api/notifications/unread", get(unread))
        .route("/admin/api/notifications/read-all", post(read_all))
        .route("/admin/api/notifications/preferences", get(shown).put(change))
        .route("/admin/api/notifications/{id}/read", post(read))
        .route("/admin/api/notifications/{id}/unread", post(not_read))
        .route("/admin/unsubscribe/{token}", get(page::ask).post(page::end))
}

/// Notifications are of admin users; a token has none.
fn user(admin: &Admin) -> Result<i64, WireError> {
    let none = || {
        WireError::new(
            StatusCode::FORBIDDEN,
            "ForbiddenError",
            "Only admin users have notifications; this is an API token",
        )
    };
    admin.id.ok_or_else(none)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    unread: bool,
    kind: Option<String>,
}

/// `GET /admin/api/notifications?unread=true&kind=mention`: newest first.
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Query(asked): Query<Asked>,
    Query(page): Query<Paging>,
) -> Answered {
    let user = user(&admin)?;
    let (rows, unread, locale) = tenant.content.store().read(|r| {
        let rows = r.notifications(user, asked.unread, asked.kind.as_deref(), page.before, page.limit())?;
        let locale = r.person(user)?.and_then(|p| p.locale);
        Ok::<_, StoreError>((rows, r.unread_notifications(user)?, locale))
    })?;
    let locale = locale.unwrap_or_else(|| tenant.access.locales().default.to_string());
    let next = (rows.len() as i64 == page.limit()).then(|| rows.last().map(|row| row.id)).flatten();
    let rows: Vec<Json> = rows.iter().map(|row| one(row, &locale)).collect();
    Ok(with_meta(rows, json!({ "before": next, "unread": unread })))
}

fn one(row: &NotificationRow, locale: &str) -> Json {
    let n = &row.notification;
    let kind = Kind::read(&n.kind);
    let params = n.data.as_object().cloned().unwrap_or_default();
    let link = n.link.clone().map(|mut link| {
        let path = serde_json::from_value::<Link>(link.clone()).map(|l| l.path());
        if let (Ok(path), Some(link)) = (path, link.as_object_mut()) {
            link.insert("path".into(), path.into());
        }
        link
    });
    json!({
        "id": row.id,
        "kind": n.kind,
        "title": kind.map(|kind| templates::title(kind, locale, &params)),
        "params": params,
        "link": link,
        "at": time(row.at),
        "readAt": row.read_at.map(time),
    })
}

/// `GET /admin/api/notifications/unread`: how many.
async fn unread(CurrentTenant(tenant): CurrentTenant, admin: Admin) -> Answered {
    let user = user(&admin)?;
    let n = tenant.content.store().read(|r| r.unread_notifications(user))?;
    Ok(data(json!({ "unread": n })))
}

/// `POST /admin/api/notifications/{id}/read`.
async fn read(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<i64>) -> Answered {
    let now = tenant.notifier.now();
    mark(&tenant, user(&admin)?, id, Some(now)).await
}

/// `POST /admin/api/notifications/{id}/unread`.
async fn not_read(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<i64>) -> Answered {
    mark(&tenant, user(&admin)?, id, None).await
}

async fn mark(tenant: &crate::Tenant, user: i64, id: i64, at: Option<i64>) -> Answered {
    let (there, unread) = tenant
        .content
        .store()
        .write(move |tx| {
            Ok::<_, StoreError>((tx.read_notification(user, id, at)?, tx.reader().unread_notifications(user)?))
        })
        .await?;
    if !there {
        return Err(WireError::not_found());
    }
    Ok(data(json!({ "id": id, "readAt": at.map(time), "unread": unread })))
}

/// `POST /admin/api/notifications/read-all`: all, or with `{"upTo": id}` those up to one, so that what came meanwhile stays unread.
async fn read_all(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, body: Body) -> Answered {
    let user = user(&admin)?;
    let up_to = match object(&tenant, &head, body).await?.get("upTo") {
        None | Some(Json::Null) => None,
        Some(n) => Some(n.as_i64().ok_or_else(|| WireError::validation("upTo must be the number of a notification"))?),
    };
    let now = tenant.notifier.now();
    let read = tenant.content.store().write(move |tx| tx.read_notifications(user, up_to, now)).await?;
    Ok(data(json!({ "read": read })))
}

/// `GET /admin/api/notifications/preferences`.
async fn shown(CurrentTenant(tenant): CurrentTenant, admin: Admin) -> Answered {
    let user = user(&admin)?;
    let shown = tenant.content.store().read(|r| preferences::shown(r, user))?;
    shown.map(data).ok_or_else(WireError::not_found)
}

/// `PUT /admin/api/notifications/preferences`: what it names is changed.
async fn change(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, body: Body) -> Answered {
    let user = user(&admin)?;
    let body = object(&tenant, &head, body).await?.into();
    let changes = preferences::parse(&body).map_err(Refusal::Invalid)?;
    let now = tenant.notifier.now();
    let shown = tenant
        .content
        .store()
        .write(move |tx| {
            preferences::change(tx, user, &changes, now)?;
            Ok::<_, Refusal>(preferences::shown(&tx.reader(), user)?)
        })
        .await?;
    shown.map(data).ok_or_else(WireError::not_found)
}
