//! `/admin/api/roles`: roles of admin users, and why somebody may or may not do something.

use crate::permission_schemas::{Permission, PermissionsOfType};
use cairn_access::action_types::SettingsRoles;
use cairn_access::{AdminAction, AdminActions, AdminRole as Stored, AuthError, SUPER_ADMIN_ROLE, is_plugin_permission};
use cairn_app::Tenant;
use cairn_content::{CallerContext, LocaleSelection};
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{RecentSignIn, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{Data, List, NoContent};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_query::Action;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list))
        .routes(routes!(actions))
        .routes(routes!(explain))
        .routes(routes!(one, save, remove))
}

/// A role of admin users.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AdminRole {
    /// Code by which users and workflows name it.
    code: String,
    name: String,
    description: String,
    /// Cairn brings it along; it can be changed (but for `super-admin`) and not removed.
    built_in: bool,
    /// Actions that it allows beside content.
    actions: Vec<String>,
    /// By the uid of a type (`*`: every type) and the name of an action (`find`, `findOne`, `create`, `update`, `delete`, `publish`), with
    /// `where` and `fields`.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, Permission>>)]
    permissions: Value,
    /// How many admin users have it.
    users: usize,
}

/// An action that a role may allow beside content.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AdminActionShown {
    pub(super) code: String,
    pub(super) description: String,
}

/// Changes of a role; what is left out stays. Actions and permissions are replaced as a whole.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "read as the object that it is: null is told from what is left out")]
struct AdminRoleChanges {
    name: Option<String>,
    description: Option<String>,
    actions: Option<Vec<String>>,
    #[schema(value_type = Option<BTreeMap<String, PermissionsOfType>>)]
    permissions: Option<Value>,
}

/// Admin user and action whose permission is explained.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct ExplainParams {
    /// Number of an admin user.
    user: i64,
    /// An action of the admin, or with `type` one on content: `find`, `findOne`, `create`, `update`, `delete`, `publish`.
    action: String,
    /// Uid of a content type.
    r#type: Option<String>,
    /// Id of a document, if only one is meant.
    document_id: Option<String>,
}

/// Answer to whether somebody may do something, and why.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Explanation {
    allowed: bool,
    reason: RightReason,
    /// The user's roles that speak of it, with what they say.
    roles: Vec<RoleVerdict>,
    /// Other roles that would allow it, perhaps on some entries only.
    others: Vec<String>,
    /// The attributes it is about; null: all.
    fields: Option<Vec<String>>,
}

/// Why somebody may, or may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum RightReason {
    /// They cannot sign in.
    Inactive,
    /// They may do everything.
    SuperAdmin,
    /// A role allows it.
    Role,
    /// A role allows it for some entries; this depends on the entry.
    SomeEntries,
    /// Their roles allow it for other entries, not for this one.
    NotThisEntry,
    /// None of their roles allows it.
    NoRole,
}

/// Limits under which one role permits the action.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Spoken)]
struct RoleVerdict {
    code: String,
    name: String,
    /// Only entries for which these filters hold.
    #[serde(rename = "where")]
    #[schema(value_type = Option<Object>)]
    condition: Option<Value>,
    /// Only these attributes.
    fields: Option<Vec<String>>,
}

fn to_admin_role(role: Stored, holders: &[Vec<String>]) -> AdminRole {
    AdminRole {
        users: holders.iter().filter(|roles| roles.contains(&role.code)).count(),
        permissions: role.permissions_json(),
        actions: role.action_names(),
        code: role.code,
        name: role.name,
        description: role.description,
        built_in: role.built_in,
    }
}

fn role_holders(tenant: &Tenant) -> Result<Vec<Vec<String>>, WireError> {
    Ok(tenant.access.store().read(|r| r.admin_users().list())?.into_iter().map(|user| user.roles).collect())
}

fn find_role(tenant: &Tenant, code: &str) -> Result<Stored, WireError> {
    tenant.access.admin_roles().into_iter().find(|role| role.code == code).ok_or_else(WireError::not_found)
}

/// 403 where the role allows more than who asks may.
fn require_role_control(tenant: &Tenant, admin: &Admin, code: &str) -> Result<(), WireError> {
    let rights = tenant.access.admin_rights(&[code.to_owned()], None, "");
    if admin.permissions.covers(&rights) {
        return Ok(());
    }
    let roles = vec![SUPER_ADMIN_ROLE.to_owned()];
    Err(AuthError::Lacks { action: "every permission of the role".to_owned(), content_type: None, roles }.into())
}

/// All roles: the built-in ones first.
#[utoipa::path(get, path = "/admin/api/roles")]
async fn list(CurrentTenant(tenant): CurrentTenant, _: Require<SettingsRoles>) -> Result<List<AdminRole>, WireError> {
    let holders = role_holders(&tenant)?;
    Ok(List { data: tenant.access.admin_roles().into_iter().map(|role| to_admin_role(role, &holders)).collect() })
}

/// Everything that a role may allow beside content, the permissions of plugins (`plugin::crm.deals.read`) last.
#[utoipa::path(get, path = "/admin/api/roles/actions")]
async fn actions(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsRoles>,
) -> Result<List<AdminActionShown>, WireError> {
    let to_view =
        |a: &AdminAction| AdminActionShown { code: a.as_str().to_owned(), description: a.description().to_owned() };
    let of_plugins = crate::plugins::plugin_permissions(&tenant, &admin).await?;
    let of_plugins = of_plugins.into_iter().map(|(code, description)| AdminActionShown { code, description });
    Ok(List { data: AdminAction::ALL.iter().map(to_view).chain(of_plugins).collect() })
}

/// Gets an admin role.
#[utoipa::path(get, path = "/admin/api/roles/{code}", params(("code" = String, Path)))]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsRoles>,
    Path(code): Path<String>,
) -> Result<Data<AdminRole>, WireError> {
    Ok(Data { data: to_admin_role(find_role(&tenant, &code)?, &role_holders(&tenant)?) })
}

/// Changes a role, or makes it. Nobody but a super admin can allow more than they may themselves.
#[utoipa::path(put, path = "/admin/api/roles/{code}", params(("code" = String, Path)))]
async fn save(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsRoles>>,
    Path(code): Path<String>,
    body: Json<AdminRoleChanges>,
) -> Result<Data<AdminRole>, WireError> {
    let changes = body.read_object(&tenant).await?;
    require_role_control(&tenant, &admin, &code)?;
    let file = json!({ "adminRoles": { &code: changes } });
    if !admin.is_super()
        && !admin.permissions.covers(&*cairn_settings::permissions_from_settings(&tenant.access, &file, &code)?)
    {
        let roles = vec![SUPER_ADMIN_ROLE.to_owned()];
        return Err(
            AuthError::Lacks { action: "every permission of the role".to_owned(), content_type: None, roles }.into()
        );
    }
    cairn_settings::change_settings(&tenant.access, &file, 2, admin.actor()).await?;
    Ok(Data { data: to_admin_role(find_role(&tenant, &code)?, &role_holders(&tenant)?) })
}

/// Removes a role; a built-in one is as it was at first. Who has it keeps its code, which gives no rights.
#[utoipa::path(delete, path = "/admin/api/roles/{code}", params(("code" = String, Path)))]
async fn remove(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsRoles>>,
    Path(code): Path<String>,
) -> Result<NoContent, WireError> {
    let role = find_role(&tenant, &code)?;
    require_role_control(&tenant, &admin, &code)?;
    if role.built_in && !admin.is_super() {
        return Err(WireError::forbidden());
    }
    cairn_settings::change_settings(&tenant.access, &json!({ "adminRoles": { &code: null } }), 2, admin.actor())
        .await?;
    Ok(NoContent)
}

/// Why an admin user may do something, or may not.
#[utoipa::path(get, path = "/admin/api/roles/explain", params(ExplainParams))]
async fn explain(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsRoles>,
    Query(params): Query<ExplainParams>,
) -> Result<Data<Explanation>, WireError> {
    let user = tenant.access.store().read(|r| r.admin_users().get(params.user))?.ok_or_else(WireError::not_found)?;
    let rights = tenant.access.admin_rights(&user.roles, Some(user.id), &user.email);
    let own = |role: &Stored| user.roles.contains(&role.code);
    let mut explanation = Explanation {
        allowed: false,
        reason: RightReason::NoRole,
        roles: Vec::new(),
        others: Vec::new(),
        fields: None,
    };
    let Some(uid) = &params.r#type else {
        let allows = |actions: AdminActions, of_plugins: &BTreeSet<String>| match AdminAction::parse(&params.action) {
            Some(action) => actions.contains(action),
            None => of_plugins.contains(&params.action),
        };
        if AdminAction::parse(&params.action).is_none() && !is_plugin_permission(&params.action) {
            let message = "action: unknown action; actions on content require a type";
            return Err(WireError::validation(message));
        }
        for role in tenant.access.admin_roles().iter().filter(|role| allows(role.actions, &role.of_plugins)) {
            match own(role) {
                true => {
                    explanation.allowed = true;
                    explanation.roles.push(RoleVerdict {
                        code: role.code.clone(),
                        name: role.name.clone(),
                        condition: None,
                        fields: None,
                    });
                }
                false => explanation.others.push(role.code.clone()),
            }
        }
        explanation.allowed |= rights.is_super();
        return Ok(Data { data: conclude_explanation(explanation, &user, rights.is_super(), None) });
    };
    let ct = cairn_http::content_types::find_type_by_uid(&tenant, uid)?;
    let (access, action) = match params.action.as_str() {
        "find" => (rights.access(), Action::Find),
        "findOne" => (rights.access(), Action::FindOne),
        "create" => (rights.access(), Action::Create),
        "update" => (rights.access(), Action::Update),
        "delete" => (rights.access(), Action::Delete),
        "publish" => (rights.publishing_access(), Action::Update),
        _ => return Err(WireError::validation("action: expected find, findOne, create, update, delete or publish")),
    };
    for role in tenant.access.admin_roles() {
        let permissions = role.permissions_json();
        let permission =
            [uid.as_str(), "*"].into_iter().find_map(|subject| permissions[subject].get(&params.action).cloned());
        match permission {
            Some(permission) if own(&role) => explanation.roles.push(RoleVerdict {
                code: role.code,
                name: role.name,
                condition: permission.get("where").cloned(),
                fields: serde_json::from_value(permission["fields"].clone()).ok(),
            }),
            Some(_) => explanation.others.push(role.code),
            None => {}
        }
    }
    explanation.allowed = access.allows_action(ct.id, action);
    explanation.fields = access.rules.get(&(ct.id, action)).and_then(|rule| rule.fields.as_ref()).map(|fields| {
        ct.attributes.iter().filter(|(id, _)| fields.contains(id)).map(|(_, a)| a.name.clone()).collect()
    });
    let limited = access.row_condition(ct.id, action).is_some();
    let mut this = None;
    if let (true, Some(document)) = (explanation.allowed, &params.document_id) {
        // The explanation says what may be done with this document: only an admin who may read it gets one.
        ContentCaller::for_admin(&tenant, &admin).require_read(&tenant, ct, document)?;
        let locales = tenant.access.locales();
        let caller = CallerContext { access, actor: admin.actor(), default_locale: &locales.default };
        this = Some(match action {
            Action::Update => {
                tenant.content.can_update(&caller, ct.id, &[document.to_owned()], &LocaleSelection::All).await?
            }
            Action::Create => true,
            _ => tenant.content.can_read(&caller, ct.id, document)?,
        });
    }
    let entry = match (limited, this) {
        (true, None) => Some(RightReason::SomeEntries),
        (_, Some(false)) => Some(RightReason::NotThisEntry),
        _ => None,
    };
    Ok(Data { data: conclude_explanation(explanation, &user, rights.is_super(), entry) })
}

fn conclude_explanation(
    mut e: Explanation,
    user: &cairn_store::system::AdminUserRow,
    is_super: bool,
    entry: Option<RightReason>,
) -> Explanation {
    e.reason = match (user.active, is_super, e.allowed, entry) {
        (false, ..) => RightReason::Inactive,
        (_, true, ..) => RightReason::SuperAdmin,
        (_, _, false, _) => RightReason::NoRole,
        (_, _, _, Some(entry)) => entry,
        _ => RightReason::Role,
    };
    e.allowed = matches!(e.reason, RightReason::SuperAdmin | RightReason::Role | RightReason::SomeEntries);
    e
}
