//! `/api/users` and `/api/users-permissions`: bare objects in, bare objects and lists out.

use crate::policed_request::{
    OwnedRequestContext, apply_read_policies, apply_read_policies_in, authenticate_headers, request_context,
    request_query, widest_reach,
};
use axum::body::Body;
use axum::http::header::IF_NONE_MATCH;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use cairn_access::{AuthError, Caller, PluginAction, SeeAs, build_action_tree};
use cairn_app::Tenant;
use cairn_content::{ReadResponse, UserRead};
use cairn_http::error::WireError;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::{extract, responses};
use cairn_model::ContentType;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

type UsersResult = Result<Response<Body>, WireError>;

/// `GET /api/users`: everybody who matches, in one list, or the part that `start` and `limit` (as in Strapi) or `pagination` ask for.
pub(crate) async fn list_users(CurrentTenant(tenant): CurrentTenant, head: Parts) -> UsersResult {
    let caller = authenticate_headers(&tenant, &head.headers).await?;
    caller.require(PluginAction::FindUsers)?;
    let context = users_context(&tenant, caller, tenant.content.registry().user_type(), &head).await;
    Ok(read_response(&head, tenant.content.find_bare(context.as_request_context()).await?))
}

/// `POST /api/users`.
pub(crate) async fn create_user(CurrentTenant(tenant): CurrentTenant, head: Parts, body: Body) -> UsersResult {
    let caller = authenticate_headers(&tenant, &head.headers).await?;
    caller.require(PluginAction::CreateUser)?;
    let context = users_context(&tenant, caller, tenant.content.registry().user_type(), &head).await;
    let body = read_object(&tenant, &head, body).await?;
    let response = tenant.content.create_user(context.as_request_context(), body).await?;
    Ok(responses::json_response(StatusCode::CREATED, response.body))
}

/// `GET /api/users/me`.
pub(crate) async fn current_user(CurrentTenant(tenant): CurrentTenant, head: Parts) -> UsersResult {
    let caller = authenticate_headers(&tenant, &head.headers).await?;
    caller.require(PluginAction::Me)?;
    let user = caller.user().ok_or(AuthError::Unauthorized("Unauthorized"))?.document_id.clone();
    let context = users_context(&tenant, caller, tenant.content.registry().user_type(), &head).await;
    let response = tenant.content.own_user(context.as_request_context(), &user)?;
    Ok(read_response(&head, response.ok_or(AuthError::InvalidCredentials)?))
}

/// `GET /api/users/count`: a bare number.
pub(crate) async fn count_users(CurrentTenant(tenant): CurrentTenant, head: Parts) -> UsersResult {
    let caller = authenticate_headers(&tenant, &head.headers).await?;
    caller.require(PluginAction::CountUsers)?;
    let context = users_context(&tenant, caller, tenant.content.registry().user_type(), &head).await;
    let count = tenant.content.count_users(context.as_request_context()).await?;
    Ok(responses::conditional_response(count.to_string().into_bytes(), head.headers.get(IF_NONE_MATCH)))
}

/// `GET /api/users/<id>`; 204 where there is no such user.
pub(crate) async fn find_user(CurrentTenant(tenant): CurrentTenant, head: Parts) -> UsersResult {
    let caller = authenticate_headers(&tenant, &head.headers).await?;
    caller.require(PluginAction::FindUser)?;
    let context = users_context(&tenant, caller, tenant.content.registry().user_type(), &head).await;
    match tenant.content.find_user(context.as_request_context(), last_segment(&head))? {
        Some(response) => Ok(read_response(&head, response)),
        None => Ok(responses::empty_response(StatusCode::NO_CONTENT)),
    }
}

/// `PUT /api/users/<id>`.
pub(crate) async fn update_user(CurrentTenant(tenant): CurrentTenant, head: Parts, body: Body) -> UsersResult {
    let caller = authenticate_headers(&tenant, &head.headers).await?;
    caller.require(PluginAction::UpdateUser)?;
    let context = users_context(&tenant, caller, tenant.content.registry().user_type(), &head).await;
    let id = last_segment(&head).to_owned();
    let body = read_object(&tenant, &head, body).await?;
    let changed = tenant.content.update_user(context.as_request_context(), &id, body).await?;
    Ok(responses::json_response(StatusCode::OK, changed.body))
}

/// `DELETE /api/users/<id>`: who was deleted; 204 where there is no such user.
pub(crate) async fn delete_user(CurrentTenant(tenant): CurrentTenant, head: Parts) -> UsersResult {
    let caller = authenticate_headers(&tenant, &head.headers).await?;
    caller.require(PluginAction::DeleteUser)?;
    let context = users_context(&tenant, caller, tenant.content.registry().user_type(), &head).await;
    let id = last_segment(&head).to_owned();
    match tenant.content.delete_user(context.as_request_context(), &id).await? {
        Some(deleted) => Ok(responses::json_response(StatusCode::OK, deleted.body)),
        None => Ok(responses::empty_response(StatusCode::NO_CONTENT)),
    }
}

/// Answers a read of `/api/users`, or of a path below, for the person and the time of a see-as preview.
pub(crate) fn read_users_as<'a>(tenant: &'a Arc<Tenant>, head: &'a Parts, see_as: SeeAs) -> BoxFuture<'a, UsersResult> {
    Box::pin(async move {
        let segment = head.uri.path().strip_prefix("/api/users/");
        let (shared, shared_head, segment) = (tenant.clone(), Arc::new(head.clone()), segment.map(str::to_owned));
        let body = tenant.rehearse_as(see_as, move |tx, caller| {
            let (tenant, head) = (&*shared, &*shared_head);
            let (action, read) = match segment.as_deref() {
                None => (PluginAction::FindUsers, UserRead::List),
                Some("count") => (PluginAction::CountUsers, UserRead::Count),
                Some("me") => {
                    let own = caller.user().map(|user| user.document_id.clone()).unwrap_or_default();
                    (PluginAction::Me, UserRead::Own(own))
                }
                Some(id) => (PluginAction::FindUser, UserRead::One(id.to_owned())),
            };
            caller.require(action)?;
            if action == PluginAction::Me && caller.user().is_none() {
                return Err(AuthError::Unauthorized("Unauthorized").into());
            }
            let ct = tenant.content.registry().user_type();
            let policed_caller = apply_read_policies_in(tenant, tx, caller, widest_reach(&[ct.id], head), head);
            let context = request_context(tenant, &policed_caller, ct, request_query(head), head);
            Ok::<_, WireError>(tenant.content.read_users_in(&tx.reader(), context.as_request_context(), &read)?)
        });
        Ok(match body.await? {
            Some(body) => responses::json_response(StatusCode::OK, body),
            None => responses::empty_response(StatusCode::NO_CONTENT),
        })
    })
}

/// `GET /api/users-permissions/roles`.
pub(crate) async fn list_roles(CurrentTenant(tenant): CurrentTenant, head: Parts) -> UsersResult {
    let caller = authenticate_headers(&tenant, &head.headers).await?;
    caller.require(PluginAction::FindRoles)?;
    let context = users_context(&tenant, caller, tenant.content.registry().role_type(), &head).await;
    let body = json!({ "roles": tenant.content.list_roles(context.as_request_context()).await? });
    Ok(responses::conditional_response(body.to_string().into_bytes(), head.headers.get(IF_NONE_MATCH)))
}

/// `GET /api/users-permissions/roles/<id>`.
pub(crate) async fn find_role(CurrentTenant(tenant): CurrentTenant, head: Parts) -> UsersResult {
    let caller = authenticate_headers(&tenant, &head.headers).await?;
    caller.require(PluginAction::FindRole)?;
    let context = users_context(&tenant, caller, tenant.content.registry().role_type(), &head).await;
    let role = tenant
        .content
        .find_role(context.as_request_context(), last_segment(&head))?
        .ok_or_else(WireError::not_found)?;
    let body = json!({ "role": role });
    Ok(responses::conditional_response(body.to_string().into_bytes(), head.headers.get(IF_NONE_MATCH)))
}

/// `GET /api/users-permissions/permissions`: every action that a role can be granted.
pub(crate) async fn list_permissions(CurrentTenant(tenant): CurrentTenant, head: Parts) -> UsersResult {
    authenticate_headers(&tenant, &head.headers).await?.require(PluginAction::FindPermissions)?;
    let body = json!({ "permissions": build_action_tree(tenant.content.registry(), |_, _| false) });
    Ok(responses::conditional_response(body.to_string().into_bytes(), head.headers.get(IF_NONE_MATCH)))
}

async fn users_context(tenant: &Tenant, caller: Caller, ct: &ContentType, head: &Parts) -> OwnedRequestContext {
    let policed_caller = apply_read_policies(tenant, caller, widest_reach(&[ct.id], head), Some(head)).await;
    request_context(tenant, &policed_caller, ct, request_query(head), head)
}

/// The object that is the body; no body is an empty one, anything else is refused.
pub(crate) async fn read_object(tenant: &Tenant, head: &Parts, body: Body) -> Result<Map<String, Json>, WireError> {
    match extract::body::read_json(&head.headers, body, tenant.config.server.max_body_bytes).await? {
        None => Ok(Map::new()),
        Some(Json::Object(object)) => Ok(object),
        Some(_) => Err(WireError::validation("The body must be a JSON object")),
    }
}

/// The last segment of the path. Numbers and document ids need no decoding: what does is neither.
fn last_segment(head: &Parts) -> &str {
    head.uri.path().rsplit('/').next().unwrap_or_default()
}

fn read_response(head: &Parts, response: ReadResponse) -> Response<Body> {
    responses::conditional_response(response.body, head.headers.get(IF_NONE_MATCH))
}
