//! Signing in to the admin, and out.

use super::data;
use crate::error::WireError;
use crate::extract::actor::of_request;
use crate::extract::admin::Admin;
use crate::extract::authorization;
use crate::extract::tenant::CurrentTenant;
use crate::front::ClientAddress;
use crate::routes::users::object;
use axum::body::Body;
use axum::extract::Extension;
use axum::http::Response;
use axum::http::request::Parts;
use cairn_store::events::Actor;
use serde_json::json;

type Answered = Result<Response<Body>, WireError>;

/// `POST /admin/api/login`: `{email, password}` → `{token}`.
pub(crate) async fn sign_in(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    head: Parts,
    body: Body,
) -> Answered {
    let body = object(&tenant, &head, body).await?.into();
    let actor = of_request(Actor::public(), &head);
    let token = tenant.access.admin_sign_in(&body, client.0, actor).await?;
    Ok(data(json!({ "token": token })))
}

/// `POST /admin/api/logout`.
pub(crate) async fn sign_out(CurrentTenant(tenant): CurrentTenant, _: Admin, head: Parts) -> Answered {
    let header = authorization::one(&head.headers)?.unwrap_or_default();
    let token = std::str::from_utf8(header).unwrap_or_default().trim_start_matches("Bearer ").trim();
    tenant.access.admin_sign_out(token).await?;
    Ok(data(json!({})))
}

/// `GET /admin/api/me`.
pub(crate) async fn me(admin: Admin) -> Answered {
    Ok(data(json!({ "id": admin.id, "name": admin.name, "roles": admin.roles })))
}
