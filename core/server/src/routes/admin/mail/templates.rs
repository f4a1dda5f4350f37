//! `/admin/api/mail/templates`: the words of mails.

use super::{Answered, text};
use crate::error::WireError;
use crate::extract::address::Path;
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use crate::routes::admin::{data, time};
use crate::routes::users::object;
use axum::Router;
use axum::body::Body;
use axum::http::request::Parts;
use axum::routing::{get, post};
use cairn_notify::{PartChanges, Shown, templates};
use serde_json::{Map, Value as Json, json};

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/mail/templates", get(list))
        .route("/admin/api/mail/templates/{name}/{locale}", get(one).put(set).delete(reset))
        .route("/admin/api/mail/templates/{name}/{locale}/preview", post(preview))
}

/// `GET /admin/api/mail/templates`: every template, what it may name, and in which locales the tenant has its own.
async fn list(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Answered {
    let own = tenant.content.store().read(|r| r.mail_templates())?;
    let all: Vec<Json> = templates::names()
        .map(|name| {
            let locales: Vec<&str> = own.iter().filter(|t| t.name == name).map(|t| t.locale.as_str()).collect();
            json!({ "name": name, "builtIn": templates::LANGUAGES, "own": locales, "variables": templates::variables(name) })
        })
        .collect();
    Ok(data(all))
}

fn shown(t: &Shown) -> Json {
    json!({
        "name": t.name,
        "locale": t.locale,
        "subject": t.parts.subject,
        "text": t.parts.text,
        "html": t.parts.html,
        "own": t.own.is_some(),
        "updatedAt": t.own.as_ref().map(|own| time(own.updated_at)),
        "updatedBy": t.own.as_ref().map(|own| &own.updated_by),
        "variables": templates::variables(t.name),
    })
}

/// `GET /admin/api/mail/templates/{name}/{locale}`.
async fn one(CurrentTenant(tenant): CurrentTenant, _: Admin, Path((name, locale)): Path<(String, String)>) -> Answered {
    Ok(data(shown(&tenant.notifier.template(&name, &locale)?)))
}

fn parts(body: &Map<String, Json>, more: &[&str]) -> Result<PartChanges, WireError> {
    let known = ["subject", "text", "html"];
    if let Some(key) = body.keys().find(|k| !known.contains(&k.as_str()) && !more.contains(&k.as_str())) {
        return Err(WireError::validation(format!("{key} is not known; there are subject, text and html")));
    }
    Ok(PartChanges { subject: text(body, "subject")?, text: text(body, "text")?, html: text(body, "html")? })
}

/// `PUT /admin/api/mail/templates/{name}/{locale}` with `subject`, `text`, `html`: those that are given.
async fn set(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((name, locale)): Path<(String, String)>,
    head: Parts,
    body: Body,
) -> Answered {
    let changes = parts(&object(&tenant, &head, body).await?, &[])?;
    let set = tenant.notifier.set_template(&name, &locale, changes, (**admin.actor()).clone()).await?;
    Ok(data(shown(&set)))
}

/// `DELETE /admin/api/mail/templates/{name}/{locale}`: the built-in one holds again.
async fn reset(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((name, locale)): Path<(String, String)>,
) -> Answered {
    tenant.notifier.reset_template(&name, &locale, (**admin.actor()).clone()).await?;
    Ok(data(shown(&tenant.notifier.template(&name, &locale)?)))
}

/// `POST /admin/api/mail/templates/{name}/{locale}/preview` with parts to try and `data` in place of made-up values.
async fn preview(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path((name, locale)): Path<(String, String)>,
    head: Parts,
    body: Body,
) -> Answered {
    let body = object(&tenant, &head, body).await?;
    let values = match body.get("data") {
        None | Some(Json::Null) => Map::new(),
        Some(Json::Object(values)) => values.clone(),
        Some(_) => return Err(WireError::validation("data must be an object")),
    };
    let mail = tenant.notifier.preview_template(&name, &locale, parts(&body, &["data"])?, &values)?;
    Ok(data(json!({ "subject": mail.subject, "text": mail.text, "html": mail.html })))
}
