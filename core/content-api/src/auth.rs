//! `/api/auth/…`: registration, signing in and out, passwords and codes. `access` does the work; the user in a response
//! is read as their owner sees it.

use crate::policed_request::authenticate_headers;
use crate::users::read_object;
use axum::body::Body;
use axum::extract::Extension;
use axum::http::header::LOCATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, Uri};
use cairn_access::auth::SignedIn;
use cairn_access::{AuthError, Caller, PluginAction};
use cairn_app::Tenant;
use cairn_content::RequestContext;
use cairn_http::error::WireError;
use cairn_http::extract::actor::with_request;
use cairn_http::extract::client_address::ClientAddress;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::responses;
use cairn_query::{Access, Query};
use cairn_store::events::Actor;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use std::net::IpAddr;
use std::sync::Arc;

type AuthResult = Result<Response<Body>, WireError>;

/// `POST /api/auth/local`.
pub(crate) async fn sign_in(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    head: Parts,
    body: Body,
) -> AuthResult {
    authenticate_headers(&tenant, &head.headers).await?.require(PluginAction::SignIn)?;
    let body = read_object(&tenant, &head, body).await?.into();
    let actor = with_request(Actor::public(), &head);
    Ok(responses::json_response(StatusCode::OK, sign_in_body(&tenant, &body, client.0, actor).await?))
}

/// `POST /api/auth/local/register`: the user and, unless they must confirm their address first, a session.
pub(crate) async fn register(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    head: Parts,
    body: Body,
) -> AuthResult {
    authenticate_headers(&tenant, &head.headers).await?.require(PluginAction::Register)?;
    let body = read_object(&tenant, &head, body).await?.into();
    Ok(responses::json_response(StatusCode::OK, register_body(&tenant, &body, client.0).await?))
}

/// `POST /api/auth/forgot-password`: the same response for every address, known or not.
pub(crate) async fn forgot_password(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    head: Parts,
    body: Body,
) -> AuthResult {
    authenticate_headers(&tenant, &head.headers).await?.require(PluginAction::ForgotPassword)?;
    let body = read_object(&tenant, &head, body).await?.into();
    tenant.access.forgot_password(&body, client.0).await?;
    Ok(responses::json_value_response(StatusCode::OK, &json!({ "ok": true })))
}

/// `POST /api/auth/reset-password`.
pub(crate) async fn reset_password(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    head: Parts,
    body: Body,
) -> AuthResult {
    authenticate_headers(&tenant, &head.headers).await?.require(PluginAction::ResetPassword)?;
    let body = read_object(&tenant, &head, body).await?.into();
    Ok(responses::json_response(StatusCode::OK, reset_password_body(&tenant, &body, client.0).await?))
}

/// `POST /api/auth/accept-invitation`: for whoever may reset a password.
pub(crate) async fn accept_invitation(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    head: Parts,
    body: Body,
) -> AuthResult {
    authenticate_headers(&tenant, &head.headers).await?.require(PluginAction::ResetPassword)?;
    let body = read_object(&tenant, &head, body).await?.into();
    let actor = with_request(Actor::public(), &head);
    let session = tenant.access.accept_user_invitation(&body, client.0, actor).await?;
    Ok(responses::json_response(StatusCode::OK, session_body(&tenant, session)?))
}

/// `POST /api/auth/check-invitation`: says whether a code can still be accepted, and uses nothing up. Pages ask it before they show a form. For whoever may
/// reset a password.
pub(crate) async fn check_invitation(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    head: Parts,
    body: Body,
) -> AuthResult {
    authenticate_headers(&tenant, &head.headers).await?.require(PluginAction::ResetPassword)?;
    let body = read_object(&tenant, &head, body).await?.into();
    let is_valid = tenant.access.check_user_invitation(&body, client.0)?;
    Ok(responses::json_value_response(StatusCode::OK, &json!({ "valid": is_valid })))
}

/// `POST /api/auth/request-invitation`: the same response for every address, invited or not. For whoever may ask for another password.
pub(crate) async fn request_invitation(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    head: Parts,
    body: Body,
) -> AuthResult {
    authenticate_headers(&tenant, &head.headers).await?.require(PluginAction::ForgotPassword)?;
    let body = read_object(&tenant, &head, body).await?.into();
    tenant.access.request_invitation(&body, client.0).await?;
    Ok(responses::json_value_response(StatusCode::OK, &json!({ "ok": true })))
}

/// `POST /api/auth/change-password`.
pub(crate) async fn change_password(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    head: Parts,
    body: Body,
) -> AuthResult {
    let caller = authenticate_headers(&tenant, &head.headers).await?;
    caller.require(PluginAction::ChangePassword)?;
    let body = read_object(&tenant, &head, body).await?.into();
    Ok(responses::json_response(StatusCode::OK, change_password_body(&tenant, &caller, &body, client.0).await?))
}

/// `GET /api/auth/email-confirmation?confirmation=…`: the target of a link in a mail, so it redirects to a page.
pub(crate) async fn email_confirmation(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    headers: HeaderMap,
    uri: Uri,
) -> AuthResult {
    authenticate_headers(&tenant, &headers).await?.require(PluginAction::EmailConfirmation)?;
    let query = cairn_query::parse_form(uri.query().unwrap_or_default().as_bytes());
    let query = query.map_err(|e| WireError::validation(e.to_string()))?;
    tenant.access.confirm_email(&query, client.0).await?;
    let mut response = responses::empty_response(StatusCode::FOUND);
    let page = tenant.access.auth_settings().confirmed_url.as_deref().and_then(|url| HeaderValue::from_str(url).ok());
    response.headers_mut().insert(LOCATION, page.unwrap_or(HeaderValue::from_static("/")));
    Ok(response)
}

/// `POST /api/auth/send-email-confirmation`: the same response for every address, known or not.
pub(crate) async fn send_email_confirmation(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    head: Parts,
    body: Body,
) -> AuthResult {
    authenticate_headers(&tenant, &head.headers).await?.require(PluginAction::SendEmailConfirmation)?;
    let body = read_object(&tenant, &head, body).await?.into();
    let email = tenant.access.send_email_confirmation(&body, client.0).await?;
    Ok(responses::json_value_response(StatusCode::OK, &json!({ "email": email, "sent": true })))
}

/// `POST /api/auth/refresh`.
pub(crate) async fn refresh(CurrentTenant(tenant): CurrentTenant, head: Parts, body: Body) -> AuthResult {
    authenticate_headers(&tenant, &head.headers).await?.require(PluginAction::Refresh)?;
    let body = read_object(&tenant, &head, body).await?.into();
    let SignedIn { jwt, refresh_token, .. } = tenant.access.refresh_session(&body).await?;
    Ok(responses::json_value_response(StatusCode::OK, &json!({ "jwt": jwt, "refreshToken": refresh_token })))
}

/// `POST /api/auth/logout`: ends the session of the token it is called with.
pub(crate) async fn logout(CurrentTenant(tenant): CurrentTenant, headers: HeaderMap) -> AuthResult {
    let caller = authenticate_headers(&tenant, &headers).await?;
    caller.require(PluginAction::SignOut)?;
    tenant.access.sign_out(&caller).await?;
    Ok(responses::json_value_response(StatusCode::OK, &json!({ "ok": true })))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WithUser<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    jwt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    user: &'a RawValue,
}

/// Signs somebody in; returns the body of the response.
pub(crate) async fn sign_in_body(
    tenant: &Tenant,
    body: &Json,
    client: IpAddr,
    actor: Actor,
) -> Result<Vec<u8>, WireError> {
    session_body(tenant, tenant.access.sign_in(body, client, actor).await?)
}

/// Registers a user; returns the body of the response: the user and, unless they must confirm their address first, a session.
pub(crate) async fn register_body(tenant: &Tenant, body: &Json, client: IpAddr) -> Result<Vec<u8>, WireError> {
    let new = tenant.access.prepare_registration(body, client).await?;
    let confirmed = new.confirmed;
    let user = tenant.content.register(new).await?;
    if confirmed {
        session_body(tenant, tenant.access.start_session(user).await?)
    } else {
        user_body(tenant, &user.document_id, None, None)
    }
}

/// Sets a password with a code; returns the body of the response.
pub(crate) async fn reset_password_body(tenant: &Tenant, body: &Json, client: IpAddr) -> Result<Vec<u8>, WireError> {
    session_body(tenant, tenant.access.reset_password(body, client).await?)
}

/// Changes the password of the caller; returns the body of the response.
pub(crate) async fn change_password_body(
    tenant: &Tenant,
    caller: &Caller,
    body: &Json,
    client: IpAddr,
) -> Result<Vec<u8>, WireError> {
    session_body(tenant, tenant.access.change_password(caller, body, client).await?)
}

/// Confirms the address of a code's user; returns the user as the body of a response without a session: a link in a mail signs nobody in.
pub(crate) async fn confirm_email_body(tenant: &Tenant, body: &Json, client: IpAddr) -> Result<Vec<u8>, WireError> {
    let user = tenant.access.confirm_email(body, client).await?;
    user_body(tenant, &user, None, None)
}

fn session_body(tenant: &Tenant, session: SignedIn) -> Result<Vec<u8>, WireError> {
    let SignedIn { jwt, refresh_token, user } = session;
    user_body(tenant, &user.document_id, Some(jwt), refresh_token)
}

fn user_body(
    tenant: &Tenant,
    document_id: &str,
    jwt: Option<String>,
    refresh_token: Option<String>,
) -> Result<Vec<u8>, WireError> {
    let context = RequestContext {
        // Themselves, and nothing else: no relations.
        access: &Arc::new(Access::none()),
        content_type: tenant.content.registry().user_type().id,
        query: Query::empty(),
        default_locale: &tenant.access.locales().default,
        actor: &Arc::new(Actor::public()),
    };
    // Deleted at this very moment: who they were is no longer known.
    let response = tenant.content.own_user(context, document_id)?.ok_or(AuthError::InvalidCredentials)?;
    let user = serde_json::from_slice(&response.body).map_err(WireError::internal)?;
    serde_json::to_vec(&WithUser { jwt, refresh_token, user }).map_err(WireError::internal)
}
