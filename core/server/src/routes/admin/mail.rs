//! `/admin/api/mails`, `/admin/api/mail/…`: what was mailed and what became of it, addresses that get none, templates. For super
//! admins, but for the report of bounces, which a mail provider signs.

mod templates;

use super::{Paging, data, time, with_meta};
use crate::error::WireError;
use crate::extract;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use crate::routes::users::object;
use axum::Router;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response};
use axum::routing::{delete, get, post};
use cairn_notify::Signature;
use cairn_store::notify::{MailFilter, MailRow, MailState, Suppression};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

type Answered = Result<Response<Body>, WireError>;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/mails", get(list))
        .route("/admin/api/mails/{id}", get(one))
        .route("/admin/api/mails/{id}/send-again", post(send_again))
        .route("/admin/api/mail", get(status))
        .route("/admin/api/mail/test", post(test))
        .route("/admin/api/mail/bounces", post(bounces))
        .route("/admin/api/mail/suppressions", get(suppressions).post(suppress))
        .route("/admin/api/mail/suppressions/{address}", delete(clear))
        .merge(templates::routes())
}

/// A text of a body, if it is there.
fn text(body: &Map<String, Json>, key: &str) -> Result<Option<String>, WireError> {
    match body.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(WireError::validation(format!("{key} must be a text"))),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    state: Option<String>,
    to: Option<String>,
    template: Option<String>,
}

/// `GET /admin/api/mails?state=&to=&template=`: newest first.
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Query(asked): Query<Asked>,
    Query(page): Query<Paging>,
) -> Answered {
    let state = match asked.state.as_deref() {
        None => None,
        Some(name) => Some(MailState::read(name).ok_or_else(|| {
            let known: Vec<&str> = MailState::ALL.iter().map(|s| s.as_str()).collect();
            WireError::validation(format!("state: expected one of {}", known.join(", ")))
        })?),
    };
    let filter = MailFilter { state, to: asked.to, template: asked.template, before: page.before };
    let rows = tenant.content.store().read(|r| r.mails(&filter, page.limit()))?;
    let next = (rows.len() as i64 == page.limit()).then(|| rows.last().map(|row| row.id)).flatten();
    Ok(with_meta(rows.iter().map(shown).collect::<Vec<_>>(), json!({ "before": next })))
}

fn shown(row: &MailRow) -> Json {
    json!({
        "id": row.id,
        "template": row.mail.template,
        "locale": if row.mail.locale.is_empty() { None } else { Some(&row.mail.locale) },
        "to": row.mail.to_address,
        "toName": row.mail.to_name,
        "subject": row.subject,
        "state": row.state.as_str(),
        "attempts": row.attempts,
        "error": row.error,
        "messageId": row.message_id,
        "at": time(row.created_at),
        "endedAt": row.ended_at.map(time),
    })
}

/// `GET /admin/api/mails/{id}`: with what it says. Links with one-time codes are blotted out, unless mail is in test mode.
async fn one(CurrentTenant(tenant): CurrentTenant, _: Admin, Path(id): Path<i64>) -> Answered {
    let row = tenant.content.store().read(|r| r.mail(id))?.ok_or_else(WireError::not_found)?;
    let mut body = shown(&row);
    let waiting = row.state == MailState::Waiting;
    let rendered = if waiting { tenant.notifier.preview_mail(id)? } else { row.rendered.clone() };
    body["onceKey"] = row.mail.once_key.clone().into();
    body["replyTo"] = row.mail.reply_to.clone().into();
    body["headers"] = row.headers.clone().unwrap_or(Json::Null);
    if let Some(r) = &rendered {
        body["subject"] = r.subject.clone().into();
    }
    body["text"] = rendered.as_ref().map(|r| r.text.clone()).into();
    body["html"] = rendered.map(|r| r.html).into();
    Ok(data(body))
}

/// `POST /admin/api/mails/{id}/send-again`.
async fn send_again(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<i64>) -> Answered {
    tenant.notifier.send_again(id, (**admin.actor()).clone()).await?;
    Ok(data(json!({ "id": id, "state": MailState::Waiting.as_str() })))
}

/// `GET /admin/api/mail`: whether mails are sent, how many are where, and what a provider needs to report bounces.
async fn status(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Answered {
    let counts = tenant.content.store().read(|r| r.mail_counts())?;
    let counts: Map<String, Json> = counts.into_iter().map(|(state, n)| (state, n.into())).collect();
    let identity = tenant.notifier.sender();
    Ok(data(json!({
        "mode": tenant.notifier.mode().as_str(),
        "from": { "name": identity.0, "address": identity.1 },
        "counts": counts,
        "bounces": {
            "url": format!("{}/admin/api/mail/bounces", tenant.notifier.site().url),
            "secret": tenant.notifier.bounce_secret(),
        },
    })))
}

/// `POST /admin/api/mail/test` with `{"to": address}`.
async fn test(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, body: Body) -> Answered {
    let body = object(&tenant, &head, body).await?;
    let to = text(&body, "to")?.unwrap_or_default();
    let id = tenant.notifier.send_test(&to, (**admin.actor()).clone()).await?;
    Ok(data(json!({ "id": id })))
}

/// `POST /admin/api/mail/bounces`, signed as Standard Webhooks are.
async fn bounces(CurrentTenant(tenant): CurrentTenant, headers: HeaderMap, body: Body) -> Answered {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let signature = Signature {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let bytes = extract::body::bytes(body, tenant.config.server.max_body_bytes).await?;
    let news = tenant.notifier.record_bounces(signature, &bytes).await?;
    Ok(data(json!({ "suppressed": news })))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct After {
    after: String,
}

/// `GET /admin/api/mail/suppressions?after=<address>`: in order of addresses.
async fn suppressions(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Query(asked): Query<After>,
    Query(page): Query<Paging>,
) -> Answered {
    let rows = tenant.content.store().read(|r| r.suppressions(&asked.after, page.limit()))?;
    let next = (rows.len() as i64 == page.limit()).then(|| rows.last().map(|row| row.address.clone())).flatten();
    let shown = |s: &Suppression| json!({ "address": s.address, "reason": s.reason.as_str(), "detail": s.detail, "mail": s.mail, "at": time(s.at) });
    Ok(with_meta(rows.iter().map(shown).collect::<Vec<_>>(), json!({ "after": next })))
}

/// `POST /admin/api/mail/suppressions` with `{"address": …, "detail": …}`.
async fn suppress(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, body: Body) -> Answered {
    let body = object(&tenant, &head, body).await?;
    let address = text(&body, "address")?.unwrap_or_default();
    tenant.notifier.suppress(&address, text(&body, "detail")?, (**admin.actor()).clone()).await?;
    Ok(data(json!({ "address": address })))
}

/// `DELETE /admin/api/mail/suppressions/{address}`: it gets mail again.
async fn clear(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(address): Path<String>) -> Answered {
    tenant.notifier.clear_suppression(&address, (**admin.actor()).clone()).await?;
    Ok(data(json!({ "address": address })))
}
