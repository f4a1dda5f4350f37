//! `/admin/api/admin-tokens`: tokens for programs that use this API. A token's text is told once, when it is made; it is not changed
//! afterwards but removed, and another one made.

use crate::permission_schemas::{Permission, PermissionsOfType};
use crate::roles::AdminActionShown;
use cairn_access::action_types::SettingsApiTokens;
use cairn_access::{AdminAction, AdminToken as Stored, AdminTokenState as State};
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{RecentSignIn, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::{CreatedData, Data, List, NoContent};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list, create)).routes(routes!(actions)).routes(routes!(one, remove))
}

/// State of an admin token: only an active one opens anything.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum AdminTokenState {
    /// It gives access.
    Active,
    /// Its time is over.
    Expired,
    /// Its owner cannot sign in.
    Suspended,
}

/// Owner of an admin token: the person who made it.
#[derive(Debug, Serialize, ToSchema)]
struct AdminTokenOwner {
    id: i64,
    email: String,
    /// How they are called: their names, else their address.
    name: String,
}

/// A token for programs that use the admin API. It may do what it says and its owner may as well, at the time it is used.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AdminToken {
    id: i64,
    name: String,
    description: String,
    /// Owner, with whom it is deleted. Null: a settings file made it.
    owner: Option<AdminTokenOwner>,
    state: AdminTokenState,
    /// Actions that it allows beside content.
    actions: Vec<String>,
    /// Those of `actions` that its owner does not have now: it does not have them either.
    withheld: Vec<String>,
    /// By the uid of a type (`*`: every type) and the name of an action, with `where` and `fields`.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, Permission>>)]
    permissions: Value,
    expires_at: String,
    created_at: String,
    /// To the minute.
    last_used_at: Option<String>,
}

/// A token whose text is told, this once.
#[derive(Debug, Serialize, ToSchema)]
struct AdminTokenText {
    #[serde(flatten)]
    token: AdminToken,
    /// For the header `Authorization: Bearer …`; begins with `cairn_adt_`.
    text: String,
}

/// A token that is to be made. Nobody gives it more than they may themselves.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the parser of settings files, which tells every mistake")]
#[serde(rename_all = "camelCase")]
struct NewAdminToken {
    name: String,
    description: Option<String>,
    /// Actions that it allows beside content; none that gives rights to others (`settings.users`, `settings.roles`, …).
    actions: Option<Vec<String>>,
    #[schema(value_type = Option<BTreeMap<String, PermissionsOfType>>)]
    permissions: Option<Value>,
    /// A time within 366 days.
    expires_at: String,
}

fn to_admin_token(token: Stored) -> AdminToken {
    AdminToken {
        id: token.id,
        name: token.name,
        description: token.description,
        owner: token.owner.map(|owner| AdminTokenOwner { id: owner.id, email: owner.email, name: owner.name }),
        state: match token.state {
            State::Active => AdminTokenState::Active,
            State::Expired => AdminTokenState::Expired,
            State::Suspended => AdminTokenState::Suspended,
        },
        actions: token.actions,
        withheld: token.withheld,
        permissions: token.permissions,
        expires_at: token.expires_at,
        created_at: token.created_at,
        last_used_at: token.last_used_at,
    }
}

fn list_tokens(tenant: &Tenant) -> Result<impl Iterator<Item = AdminToken>, WireError> {
    Ok(tenant.access.admin_tokens()?.into_iter().map(to_admin_token))
}

/// All admin tokens, in the order they were made.
#[utoipa::path(get, path = "/admin/api/admin-tokens")]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsApiTokens>,
) -> Result<List<AdminToken>, WireError> {
    Ok(List { data: list_tokens(&tenant)?.collect() })
}

/// Lists the actions beside content that the caller can give to a token: their own, without those that give rights to others.
#[utoipa::path(get, path = "/admin/api/admin-tokens/actions")]
async fn actions(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsApiTokens>,
) -> Result<List<AdminActionShown>, WireError> {
    let own =
        AdminAction::ALL.iter().filter(|action| !action.is_for_people() && admin.permissions.allows_action(**action));
    let own = own.map(|a| AdminActionShown { code: a.as_str().to_owned(), description: a.description().to_owned() });
    let has = |code: &str| {
        let parts = code.strip_prefix("plugin::").and_then(|rest| rest.split_once('.'));
        parts.is_some_and(|(plugin, permission)| admin.permissions.allows_plugin_permission(plugin, permission))
    };
    let of_plugins =
        crate::plugins::plugin_permissions(&tenant, &admin).await?.into_iter().filter(|(code, _)| has(code));
    Ok(List { data: own.chain(of_plugins.map(|(code, description)| AdminActionShown { code, description })).collect() })
}

/// One admin token.
#[utoipa::path(get, path = "/admin/api/admin-tokens/{id}", params(("id" = i64, Path)))]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsApiTokens>,
    Path(id): Path<i64>,
) -> Result<Data<AdminToken>, WireError> {
    Ok(Data { data: list_tokens(&tenant)?.find(|token| token.id == id).ok_or_else(WireError::not_found)? })
}

/// Makes an admin token of who asks. Its text is in this answer and nowhere else.
#[utoipa::path(post, path = "/admin/api/admin-tokens")]
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsApiTokens>>,
    body: Json<NewAdminToken>,
) -> Result<CreatedData<AdminTokenText>, WireError> {
    let input = Value::Object(body.read_object(&tenant).await?);
    let (token, text) = cairn_settings::create_admin_token(&tenant.access, &admin, admin.actor(), &input).await?;
    Ok(CreatedData { data: AdminTokenText { token: to_admin_token(token), text } })
}

/// Removes an admin token: it opens nothing from now on.
#[utoipa::path(delete, path = "/admin/api/admin-tokens/{id}", params(("id" = i64, Path)))]
async fn remove(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsApiTokens>,
    Path(id): Path<i64>,
) -> Result<NoContent, WireError> {
    tenant.access.revoke_admin_token(admin.actor(), id).await?;
    Ok(NoContent)
}
