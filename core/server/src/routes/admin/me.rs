//! `/admin/api/me`: who is signed in, and what they say of themselves.

use super::body;
use crate::Tenant;
use crate::answer;
use crate::error::WireError;
use crate::extract::address::Path;
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use crate::front::ClientAddress;
use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use axum::routing::{delete, get, post};
use cairn_access::{AdminCaller, ProfileChanges};
use cairn_store::system::AdminUserRow;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value as Json};

type Answered = Result<Response<Body>, WireError>;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/me", get(show).put(change))
        .route("/admin/api/me/password", post(change_password))
        .route("/admin/api/me/preferences", get(preferences).put(change_preferences))
        .route("/admin/api/me/sessions", get(sessions).delete(end_other_sessions))
        .route("/admin/api/me/sessions/{id}", delete(end_session))
}

/// Somebody who is signed in.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Person {
    /// Their number; null for an API token.
    id: Option<i64>,
    /// Their address; null for an API token.
    email: Option<String>,
    /// How they are called: their names, else their address; the name of an API token.
    name: String,
    first_name: Option<String>,
    last_name: Option<String>,
    /// In which they want the admin UI.
    language: Option<String>,
    roles: Vec<RoleShown>,
    /// Whether they sign in with a second factor.
    two_factor: bool,
}

/// A role of somebody.
#[derive(Debug, Serialize)]
pub(super) struct RoleShown {
    code: String,
    name: String,
}

/// What somebody says of themselves. What is left out stays, null removes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Profile {
    #[serde(default, deserialize_with = "given")]
    first_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    last_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    language: Option<Option<String>>,
}

/// A new password, by who knows the one before.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewPassword {
    current_password: String,
    password: String,
}

/// A session of who is signed in.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OwnSession {
    id: String,
    /// The one that asks.
    current: bool,
    created_at: String,
    /// When it was last used, about.
    seen_at: Option<String>,
    expires_at: String,
    ip: Option<String>,
    /// What the browser calls itself.
    agent: Option<String>,
}

/// How many were ended.
#[derive(Debug, Serialize)]
struct Ended {
    ended: usize,
}

/// What is there, null included; what is not is `None`.
fn given<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(d).map(Some)
}

impl Person {
    pub(super) fn of(tenant: &Tenant, who: &AdminCaller) -> Result<Self, WireError> {
        if who.id.is_none() {
            return Ok(Self {
                id: None,
                email: None,
                name: who.name.clone(),
                first_name: None,
                last_name: None,
                language: None,
                roles: roles(tenant, &who.roles),
                two_factor: false,
            });
        }
        Ok(Self::of_row(tenant, tenant.access.own_admin_user(who)?))
    }

    fn of_row(tenant: &Tenant, user: AdminUserRow) -> Self {
        let names: Vec<&str> = [&user.first_name, &user.last_name].into_iter().flatten().map(String::as_str).collect();
        Self {
            id: Some(user.id),
            name: if names.is_empty() { user.email.clone() } else { names.join(" ") },
            email: Some(user.email),
            first_name: user.first_name,
            last_name: user.last_name,
            language: user.language,
            roles: roles(tenant, &user.roles),
            two_factor: user.totp.is_some(),
        }
    }
}

/// Roles with their names.
fn roles(tenant: &Tenant, codes: &[String]) -> Vec<RoleShown> {
    codes.iter().map(|code| RoleShown { name: tenant.access.admin_role_name(code), code: code.clone() }).collect()
}

/// `GET /admin/api/me`.
async fn show(CurrentTenant(tenant): CurrentTenant, admin: Admin) -> Answered {
    answer::typed(StatusCode::OK, &Person::of(&tenant, &admin)?)
}

/// `PUT /admin/api/me`: names and language.
async fn change(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, body: Body) -> Answered {
    let Profile { first_name, last_name, language } = body::typed(&tenant, &head, body).await?;
    let changes = ProfileChanges { first_name, last_name, language };
    let user = tenant.access.change_profile(&admin, admin.actor(), changes).await?;
    answer::typed(StatusCode::OK, &Person::of_row(&tenant, user))
}

/// `POST /admin/api/me/password`: a new password. All other sessions end.
async fn change_password(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    admin: Admin,
    head: Parts,
    body: Body,
) -> Answered {
    let NewPassword { current_password, password } = body::typed(&tenant, &head, body).await?;
    let access = &tenant.access;
    access.change_admin_password(&admin, &current_password, &password, client.0, admin.actor()).await?;
    Ok(super::data(Json::Object(Map::new())))
}

/// `GET /admin/api/me/preferences`: what the admin UI keeps.
async fn preferences(CurrentTenant(tenant): CurrentTenant, admin: Admin) -> Answered {
    Ok(super::data(tenant.access.admin_preferences(&admin)?))
}

/// `PUT /admin/api/me/preferences`: merged into what there is by the keys of the object; null removes. 64 KiB at most.
async fn change_preferences(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, body: Body) -> Answered {
    let changes = body::object(&tenant, &head, body).await?;
    Ok(super::data(tenant.access.change_admin_preferences(&admin, changes).await?))
}

/// `GET /admin/api/me/sessions`: where they are signed in, the latest first.
async fn sessions(CurrentTenant(tenant): CurrentTenant, admin: Admin) -> Answered {
    let sessions = tenant.access.admin_sessions(&admin)?.into_iter().map(|s| OwnSession {
        id: s.id,
        current: s.current,
        created_at: s.row.created_at,
        seen_at: s.row.seen_at,
        expires_at: s.row.expires_at,
        ip: s.row.ip,
        agent: s.row.agent,
    });
    answer::typed(StatusCode::OK, &sessions.collect::<Vec<_>>())
}

/// `DELETE /admin/api/me/sessions`: ends all but the one that asks.
async fn end_other_sessions(CurrentTenant(tenant): CurrentTenant, admin: Admin) -> Answered {
    let ended = tenant.access.end_admin_sessions(&admin, admin.actor(), None).await?;
    answer::typed(StatusCode::OK, &Ended { ended })
}

/// `DELETE /admin/api/me/sessions/{id}`.
async fn end_session(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<String>) -> Answered {
    let ended = tenant.access.end_admin_sessions(&admin, admin.actor(), Some(&id)).await?;
    answer::typed(StatusCode::OK, &Ended { ended })
}
