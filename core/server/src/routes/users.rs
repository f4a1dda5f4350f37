//! `/api/users` and `/api/users-permissions/roles`: bare objects in, bare objects and lists out.

use crate::error::WireError;
use crate::extract::tenant::CurrentTenant;
use crate::routes::content::{Asked, ask, caller, leading_from, seen};
use crate::{Tenant, answer, extract};
use axum::body::Body;
use axum::http::header::IF_NONE_MATCH;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use cairn_access::{AuthError, Caller, PluginAction};
use cairn_content::Answer;
use cairn_model::ContentType;
use serde_json::{Map, Value as Json, json};

type Answered = Result<Response<Body>, WireError>;

/// `GET /api/users`: everybody who matches, in one list (Strapi does not page it either).
pub(crate) async fn list(CurrentTenant(tenant): CurrentTenant, head: Parts) -> Answered {
    let caller = caller(&tenant, &head.headers).await?;
    caller.require(PluginAction::FindUsers)?;
    let asked = asked(&tenant, caller, tenant.content.registry().user(), &head).await;
    Ok(read(&head, tenant.content.find_bare(asked.ask()).await?))
}

/// `POST /api/users`.
pub(crate) async fn create(CurrentTenant(tenant): CurrentTenant, head: Parts, body: Body) -> Answered {
    let caller = caller(&tenant, &head.headers).await?;
    caller.require(PluginAction::CreateUser)?;
    let asked = asked(&tenant, caller, tenant.content.registry().user(), &head).await;
    let body = object(&tenant, &head, body).await?;
    let made = tenant.content.create_user(asked.ask(), body).await?;
    Ok(answer::json(StatusCode::CREATED, made.body))
}

/// `GET /api/users/me`.
pub(crate) async fn me(CurrentTenant(tenant): CurrentTenant, head: Parts) -> Answered {
    let caller = caller(&tenant, &head.headers).await?;
    caller.require(PluginAction::Me)?;
    let user = caller.user().ok_or(AuthError::Unauthorized("Unauthorized"))?.document_id.clone();
    let asked = asked(&tenant, caller, tenant.content.registry().user(), &head).await;
    let found = tenant.content.own_user(asked.ask(), &user)?;
    Ok(read(&head, found.ok_or(AuthError::InvalidCredentials)?))
}

/// `GET /api/users/count`: a bare number.
pub(crate) async fn count(CurrentTenant(tenant): CurrentTenant, head: Parts) -> Answered {
    let caller = caller(&tenant, &head.headers).await?;
    caller.require(PluginAction::CountUsers)?;
    let asked = asked(&tenant, caller, tenant.content.registry().user(), &head).await;
    let count = tenant.content.count_users(asked.ask()).await?;
    Ok(answer::read(count.to_string().into_bytes(), head.headers.get(IF_NONE_MATCH)))
}

/// `GET /api/users/<id>`; 204 where there is no such user.
pub(crate) async fn one(CurrentTenant(tenant): CurrentTenant, head: Parts) -> Answered {
    let caller = caller(&tenant, &head.headers).await?;
    caller.require(PluginAction::FindUser)?;
    let asked = asked(&tenant, caller, tenant.content.registry().user(), &head).await;
    match tenant.content.find_user(asked.ask(), id(&head))? {
        Some(found) => Ok(read(&head, found)),
        None => Ok(answer::empty(StatusCode::NO_CONTENT)),
    }
}

/// `PUT /api/users/<id>`.
pub(crate) async fn update(CurrentTenant(tenant): CurrentTenant, head: Parts, body: Body) -> Answered {
    let caller = caller(&tenant, &head.headers).await?;
    caller.require(PluginAction::UpdateUser)?;
    let asked = asked(&tenant, caller, tenant.content.registry().user(), &head).await;
    let id = id(&head).to_owned();
    let body = object(&tenant, &head, body).await?;
    let changed = tenant.content.update_user(asked.ask(), &id, body).await?;
    Ok(answer::json(StatusCode::OK, changed.body))
}

/// `DELETE /api/users/<id>`: who was deleted; 204 where there is no such user.
pub(crate) async fn delete(CurrentTenant(tenant): CurrentTenant, head: Parts) -> Answered {
    let caller = caller(&tenant, &head.headers).await?;
    caller.require(PluginAction::DeleteUser)?;
    let asked = asked(&tenant, caller, tenant.content.registry().user(), &head).await;
    let id = id(&head).to_owned();
    match tenant.content.delete_user(asked.ask(), &id).await? {
        Some(deleted) => Ok(answer::json(StatusCode::OK, deleted.body)),
        None => Ok(answer::empty(StatusCode::NO_CONTENT)),
    }
}

/// `GET /api/users-permissions/roles`.
pub(crate) async fn roles(CurrentTenant(tenant): CurrentTenant, head: Parts) -> Answered {
    let caller = caller(&tenant, &head.headers).await?;
    caller.require(PluginAction::FindRoles)?;
    let asked = asked(&tenant, caller, tenant.content.registry().role(), &head).await;
    let body = json!({ "roles": tenant.content.roles(asked.ask()).await? });
    Ok(answer::read(body.to_string().into_bytes(), head.headers.get(IF_NONE_MATCH)))
}

/// `GET /api/users-permissions/roles/<id>`.
pub(crate) async fn role(CurrentTenant(tenant): CurrentTenant, head: Parts) -> Answered {
    let caller = caller(&tenant, &head.headers).await?;
    caller.require(PluginAction::FindRole)?;
    let asked = asked(&tenant, caller, tenant.content.registry().role(), &head).await;
    let role = tenant.content.role(asked.ask(), id(&head))?.ok_or_else(WireError::not_found)?;
    let body = [b"{\"role\":".as_slice(), &role.body, b"}"].concat();
    Ok(answer::read(body, head.headers.get(IF_NONE_MATCH)))
}

async fn asked(tenant: &Tenant, caller: Caller, ct: &ContentType, head: &Parts) -> Asked {
    ask(tenant, &seen(tenant, caller, leading_from(&[ct.id], head), Some(head)).await, ct, head)
}

/// The object that is the body; no body is an empty one, anything else is refused.
pub(crate) async fn object(tenant: &Tenant, head: &Parts, body: Body) -> Result<Map<String, Json>, WireError> {
    match extract::body::json(&head.headers, body, tenant.config.server.max_body_bytes).await? {
        None => Ok(Map::new()),
        Some(Json::Object(object)) => Ok(object),
        Some(_) => Err(WireError::validation("The body must be a JSON object")),
    }
}

/// The last segment of the path. Numbers and document ids need no decoding: what does is neither.
fn id(head: &Parts) -> &str {
    head.uri.path().rsplit('/').next().unwrap_or_default()
}

fn read(head: &Parts, found: Answer) -> Response<Body> {
    answer::read(found.body, head.headers.get(IF_NONE_MATCH))
}
