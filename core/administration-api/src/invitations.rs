//! Routes for the links that were mailed to admin users, and for asking for one.

use crate::session::{SessionResult, browser_info, with_cookie};
use axum::extract::Extension;
use axum::http::request::Parts;
use cairn_access::ProfileChanges;
use cairn_http::error::WireError;
use cairn_http::extract::actor::with_request;
use cairn_http::extract::admin::same_site;
use cairn_http::extract::body::Json;
use cairn_http::extract::client_address::ClientAddress;
use cairn_http::extract::require::OpenToAll;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::openapi::response_types::{Data, EmptyData};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_store::events::Actor;
use cairn_store::system::AdminUserRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(check))
        .routes(routes!(accept))
        .routes(routes!(forgot_password))
        .routes(routes!(reset_password))
}

/// A link of an invitation, before it is taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckInvitation {
    /// Token in the link of the invitation.
    token: String,
}

/// The person an invitation is for, as somebody wrote them down who invited them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct InvitedPerson {
    email: String,
    first_name: Option<String>,
    last_name: Option<String>,
}

/// An invitation that is taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AcceptInvitation {
    /// Token in the link of the invitation.
    token: String,
    password: String,
    first_name: Option<String>,
    last_name: Option<String>,
    language: Option<String>,
}

/// Address of the admin user whose password was forgotten.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ForgotPassword {
    email: String,
}

/// Another password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetPassword {
    /// Token in the link of the mail.
    token: String,
    password: String,
}

/// Tells whom an invitation is for, to whoever has its link. Uses nothing up, but counts as an attempt to take it.
#[utoipa::path(post, path = "/admin/api/invitations/check")]
async fn check(
    CurrentTenant(tenant): CurrentTenant,
    _: OpenToAll,
    Extension(client): ClientAddress,
    head: Parts,
    body: Json<CheckInvitation>,
) -> Result<Data<InvitedPerson>, WireError> {
    same_site(&head)?;
    let CheckInvitation { token } = body.read(&tenant).await?;
    let AdminUserRow { email, first_name, last_name, .. } = tenant.access.find_invited_admin(&token, client.0)?;
    Ok(Data { data: InvitedPerson { email, first_name, last_name } })
}

/// Takes an invitation: chooses the first password, and signs in.
#[utoipa::path(post, path = "/admin/api/invitations/accept")]
async fn accept(
    CurrentTenant(tenant): CurrentTenant,
    _: OpenToAll,
    Extension(client): ClientAddress,
    head: Parts,
    body: Json<AcceptInvitation>,
) -> SessionResult {
    same_site(&head)?;
    let AcceptInvitation { token, password, first_name, last_name, language } = body.read(&tenant).await?;
    // Omitted fields stay as the inviting user filled them in.
    let profile = ProfileChanges {
        first_name: first_name.map(Some),
        last_name: last_name.map(Some),
        language: language.map(Some),
    };
    let actor = with_request(Actor::public(), &head);
    let new_session =
        tenant.access.accept_invitation(&token, &password, profile, client.0, browser_info(&head), actor).await?;
    with_cookie(&tenant, &head, &new_session)
}

/// Mails a link to choose another password, to whoever has that address. Answers the same whether there is such an account or not.
#[utoipa::path(post, path = "/admin/api/forgot-password")]
async fn forgot_password(
    CurrentTenant(tenant): CurrentTenant,
    _: OpenToAll,
    Extension(client): ClientAddress,
    head: Parts,
    body: Json<ForgotPassword>,
) -> Result<EmptyData, WireError> {
    same_site(&head)?;
    let ForgotPassword { email } = body.read(&tenant).await?;
    tenant.access.forgot_admin_password(&email, client.0).await?;
    Ok(EmptyData)
}

/// Chooses another password by a link. All sessions end; one signs in anew.
#[utoipa::path(post, path = "/admin/api/reset-password")]
async fn reset_password(
    CurrentTenant(tenant): CurrentTenant,
    _: OpenToAll,
    Extension(client): ClientAddress,
    head: Parts,
    body: Json<ResetPassword>,
) -> Result<EmptyData, WireError> {
    same_site(&head)?;
    let ResetPassword { token, password } = body.read(&tenant).await?;
    let actor = with_request(Actor::public(), &head);
    tenant.access.reset_admin_password(&token, &password, client.0, &actor).await?;
    Ok(EmptyData)
}
