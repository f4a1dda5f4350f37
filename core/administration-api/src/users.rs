//! `/admin/api/users`: who works in the admin. `/admin/api/people`: the same as everybody who is signed in may know them.

use crate::me::{RoleShown, role_views};
use cairn_access::action_types::SettingsUsers;
use cairn_access::auth::AdminUserChanges;
use cairn_access::{ProfileChanges, format_iso};
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{AnyPerson, RecentSignIn, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{CreatedData, Data, EmptyData, List, NoContent};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_store::system::AdminUserRow;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

/// Most admin users whose names are requested at once.
const MAX_NAMES: usize = 100;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list, invite))
        .routes(routes!(one, change, remove))
        .routes(routes!(invite_again))
        .routes(routes!(invitation_link))
        .routes(routes!(remove_second_factor))
}

pub(super) fn people_routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(people)).routes(routes!(people_names))
}

/// An admin user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AdminUser {
    id: i64,
    email: String,
    /// How they are called: their names, else their address.
    name: String,
    first_name: Option<String>,
    last_name: Option<String>,
    language: Option<String>,
    roles: Vec<RoleShown>,
    /// True if they may sign in.
    active: bool,
    /// They have not taken their invitation yet.
    invited: bool,
    /// True if they sign in with a second factor.
    two_factor: bool,
    signed_in_at: Option<String>,
    created_at: String,
}

/// Somebody who works in the admin.
#[derive(Debug, Serialize, ToSchema)]
struct Colleague {
    id: i64,
    /// How they are called: their names, else their address.
    name: String,
    email: String,
    roles: Vec<RoleShown>,
    /// True if they may sign in.
    active: bool,
}

/// Person to invite as an admin user.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Invitation {
    email: String,
    /// Codes of roles.
    roles: Vec<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    /// Of the mail, and of their admin UI.
    language: Option<String>,
}

/// Changes of an admin user; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AdminUserUpdate {
    email: Option<String>,
    /// Codes of roles.
    roles: Option<Vec<String>>,
    active: Option<bool>,
    #[serde(default, deserialize_with = "crate::me::given")]
    first_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "crate::me::given")]
    last_name: Option<Option<String>>,
}

/// A link by which somebody chooses their first password.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct InvitationLink {
    url: String,
    /// Until when it is good; once.
    expires_at: String,
}

fn to_admin_user(tenant: &Tenant, user: AdminUserRow) -> AdminUser {
    AdminUser {
        name: user.display_name(),
        roles: role_views(tenant, &user.roles),
        invited: user.password_hash.is_empty(),
        two_factor: user.authenticator().is_some(),
        id: user.id,
        email: user.email,
        first_name: user.first_name,
        last_name: user.last_name,
        language: user.language,
        active: user.active,
        signed_in_at: user.signed_in_at,
        created_at: user.created_at,
    }
}

/// Everybody who works in the admin, as all of them may know: for mentions and assignments.
#[utoipa::path(get, path = "/admin/api/people")]
async fn people(CurrentTenant(tenant): CurrentTenant, _: Require<AnyPerson>) -> Result<List<Colleague>, WireError> {
    let users = tenant.access.store().read(|r| r.admin_users().list())?;
    let to_colleague = |user: AdminUserRow| Colleague {
        id: user.id,
        name: user.display_name(),
        roles: role_views(&tenant, &user.roles),
        email: user.email,
        active: user.active,
    };
    Ok(List { data: users.into_iter().map(to_colleague).collect() })
}

/// Admin users whose names are requested.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct PeopleNamesParams {
    /// Their ids, with commas between them; at most 100. Documents of plugins hold such ids.
    #[param(required)]
    ids: String,
}

/// The name of an admin user, for whoever sees their id in a document.
#[derive(Debug, Serialize, ToSchema)]
struct PersonName {
    /// As `person.id` of plugins.
    id: String,
    /// First and last name; `null` for somebody who has entered neither. Never the address.
    name: Option<String>,
    /// True if they may sign in.
    active: bool,
}

/// Names of admin users by their ids, also of those who may not sign in any more. Ids of nobody are left out.
#[utoipa::path(get, path = "/admin/api/people/names", params(PeopleNamesParams))]
async fn people_names(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<AnyPerson>,
    Query(of): Query<PeopleNamesParams>,
) -> Result<List<PersonName>, WireError> {
    let ids: BTreeSet<&str> = of.ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    if ids.is_empty() || ids.len() > MAX_NAMES {
        let message = format!("expected 1 to {MAX_NAMES} ids of admin users, separated by commas");
        return Err(WireError::for_fields(&[("ids".to_owned(), message)]));
    }
    // Ids are numbers: a text that does not parse is the id of no user.
    let ids: BTreeSet<i64> = ids.into_iter().filter_map(|id| id.parse().ok()).collect();
    let users = tenant.access.store().read(|r| r.admin_users().list())?;
    let to_name = |user: AdminUserRow| PersonName {
        id: user.id.to_string(),
        name: Some(user.full_name().trim().to_owned()).filter(|name| !name.is_empty()),
        active: user.active,
    };
    Ok(List { data: users.into_iter().filter(|user| ids.contains(&user.id)).map(to_name).collect() })
}

/// All admin users, in the order they came.
#[utoipa::path(get, path = "/admin/api/users")]
async fn list(CurrentTenant(tenant): CurrentTenant, _: Require<SettingsUsers>) -> Result<List<AdminUser>, WireError> {
    let users = tenant.access.store().read(|r| r.admin_users().list())?;
    Ok(List { data: users.into_iter().map(|user| to_admin_user(&tenant, user)).collect() })
}

/// One admin user.
#[utoipa::path(get, path = "/admin/api/users/{id}", params(("id" = i64, Path)))]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsUsers>,
    Path(id): Path<i64>,
) -> Result<Data<AdminUser>, WireError> {
    let user = tenant.access.store().read(|r| r.admin_users().get(id))?.ok_or_else(WireError::not_found)?;
    Ok(Data { data: to_admin_user(&tenant, user) })
}

/// Invites somebody by mail; the link is good for seven days, once.
#[utoipa::path(post, path = "/admin/api/users")]
async fn invite(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsUsers>>,
    body: Json<Invitation>,
) -> Result<CreatedData<AdminUser>, WireError> {
    let Invitation { email, roles, first_name, last_name, language } = body.read(&tenant).await?;
    let profile = ProfileChanges { first_name: Some(first_name), last_name: Some(last_name), language: Some(language) };
    let user = tenant.access.invite_admin(&admin, admin.actor(), &email, roles, profile).await?;
    Ok(CreatedData { data: to_admin_user(&tenant, user) })
}

/// Changes somebody: roles, names, address, whether they may sign in.
#[utoipa::path(put, path = "/admin/api/users/{id}", params(("id" = i64, Path)))]
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsUsers>>,
    Path(id): Path<i64>,
    body: Json<AdminUserUpdate>,
) -> Result<Data<AdminUser>, WireError> {
    let AdminUserUpdate { email, roles, active, first_name, last_name } = body.read(&tenant).await?;
    let profile = ProfileChanges { first_name, last_name, language: None };
    let changes = AdminUserChanges { email, roles, active, profile };
    let user = tenant.access.change_admin(&admin, admin.actor(), id, changes).await?;
    Ok(Data { data: to_admin_user(&tenant, user) })
}

/// Removes somebody. What they did stays recorded.
#[utoipa::path(delete, path = "/admin/api/users/{id}", params(("id" = i64, Path)))]
async fn remove(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsUsers>>,
    Path(id): Path<i64>,
) -> Result<NoContent, WireError> {
    tenant.access.remove_admin(&admin, admin.actor(), id).await?;
    Ok(NoContent)
}

/// Mails somebody who was invited another link.
#[utoipa::path(post, path = "/admin/api/users/{id}/invite", params(("id" = i64, Path)))]
async fn invite_again(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsUsers>>,
    Path(id): Path<i64>,
) -> Result<EmptyData, WireError> {
    tenant.access.resend_invitation(&admin, admin.actor(), id).await?;
    Ok(EmptyData)
}

/// A new link for somebody who was invited, to hand over in another way than by mail.
#[utoipa::path(post, path = "/admin/api/users/{id}/invitation-link", params(("id" = i64, Path)))]
async fn invitation_link(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsUsers>>,
    Path(id): Path<i64>,
) -> Result<Data<InvitationLink>, WireError> {
    let code = tenant.access.invitation_link(&admin, admin.actor(), id).await?;
    Ok(Data {
        data: InvitationLink { url: code.url(&tenant.notifier.site().url), expires_at: format_iso(code.valid_until()) },
    })
}

/// Takes somebody's second factor away, who has lost it and their recovery codes.
#[utoipa::path(delete, path = "/admin/api/users/{id}/second-factor", params(("id" = i64, Path)))]
async fn remove_second_factor(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsUsers>>,
    Path(id): Path<i64>,
) -> Result<NoContent, WireError> {
    tenant.access.remove_second_factor_of(&admin, admin.actor(), id).await?;
    Ok(NoContent)
}
