//! `/admin/api/content-users`: the users of the content API, for the people who help them: who they are, whether they can sign in, inviting,
//! and blocking them.

use cairn_access::AdminAction;
use cairn_access::action_types::{ContentUsersManage, ContentUsersRead};
use cairn_app::Tenant;
use cairn_content::{
    Account, AccountFilter, AccountOrder, AccountState, DocumentUsageView, InvitationOutcome, RequestContext,
    UserInvitation,
};
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{RecentSignIn, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{AcceptedData, Data, Page, Time, WithMeta};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_http::type_texts::TypeTexts;
use cairn_query::Access;
use serde::{Deserialize, Serialize};
use serde_json::Map;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Users of a page, where none is asked for.
const DEFAULT_PAGE_SIZE: u32 = 25;
/// Largest number of users of a page.
const MAX_PAGE_SIZE: u32 = 100;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list, invite))
        .routes(routes!(list_roles))
        .routes(routes!(one))
        .routes(routes!(dependents))
        .routes(routes!(invite_again))
        .routes(routes!(send_password_reset))
        .routes(routes!(block))
        .routes(routes!(unblock))
        .routes(routes!(set_role))
}

/// State of the account of a user of the content API.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ContentUserState {
    /// They can.
    Active,
    /// They have not chosen a password yet.
    Invited,
    /// They have to confirm their address first.
    Unconfirmed,
    /// They may not.
    Blocked,
}

impl From<AccountState> for ContentUserState {
    fn from(state: AccountState) -> Self {
        match state {
            AccountState::Active => Self::Active,
            AccountState::Invited => Self::Invited,
            AccountState::Unconfirmed => Self::Unconfirmed,
            AccountState::Blocked => Self::Blocked,
        }
    }
}

/// Role of a user of the content API.
#[derive(Debug, Serialize, ToSchema)]
struct ContentUserRole {
    /// Its type: `authenticated`.
    code: String,
    name: String,
}

/// A user of the content API.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ContentUser {
    document_id: String,
    /// The name to sign in with.
    username: String,
    email: String,
    state: ContentUserState,
    /// They have confirmed their address, or need not.
    confirmed: bool,
    /// Their password was chosen through a link that was mailed to their address, which is therefore theirs: where registration is open,
    /// anybody can register with somebody else's.
    email_verified: bool,
    role: Option<ContentUserRole>,
    /// The last time that they signed in with a password or an invitation; null: never, as far as the audit log goes back.
    signed_in_at: Option<Time>,
    created_at: String,
}

impl From<Account> for ContentUser {
    fn from(account: Account) -> Self {
        let Account { user, role, state, last_sign_in } = account;
        Self {
            document_id: user.document_id,
            username: user.username,
            email: user.email,
            state: state.into(),
            confirmed: user.confirmed,
            email_verified: user.email_verified,
            role: role.map(|role| ContentUserRole { code: role.kind, name: role.name }),
            signed_in_at: last_sign_in.map(Time),
            created_at: user.created_at,
        }
    }
}

/// Users who are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct ContentUserListParams {
    /// A part of the name or of the address; everybody, where it is left out.
    q: String,
    /// True: those who are blocked; false: those who are not.
    blocked: Option<bool>,
    /// True: those who have confirmed their address; false: those who have not, as those who are invited.
    confirmed: Option<bool>,
    /// Code of a role.
    role: Option<String>,
    /// The order: `username:asc`, where it is left out, `username:desc`, `signedInAt:asc` (who never signed in first) or `signedInAt:desc`.
    sort: Option<String>,
    /// Number of the page, from 1 on.
    page: Option<u32>,
    /// Users at most: 1 to 100, 25 where it is left out.
    page_size: Option<u32>,
}

/// The part of a list that a page is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ContentUserListMeta {
    /// Number of the page, from 1 on.
    page: u32,
    page_size: u32,
    /// Number of users on all pages.
    total: u64,
}

/// Somebody to invite as a user of the content API.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewContentUser {
    email: String,
    /// The name to sign in with; the address, where it is left out.
    username: Option<String>,
    /// Code of a role; that of new users, where it is left out. Another one requires `settings.content-roles`.
    role: Option<String>,
    /// Language of the mail, where the user has none of their own.
    language: Option<String>,
}

/// Another role for a user of the content API.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewContentUserRole {
    /// Code of the role; not that of the public.
    role: String,
}

/// How to invite somebody again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = InviteAgain)]
struct InviteAgain {
    /// Language of the mail, where the user has none of their own.
    language: Option<String>,
}

/// Outcome of an invitation.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum InvitationResult {
    /// The user was created; a mail is on its way.
    Created,
    /// There was such a user, without a password or without a verified address; another mail is on its way, and the link before it is no longer
    /// valid.
    SentAgain,
    /// There is such a user, to whom an invitation was mailed a moment ago: nothing more was sent.
    AlreadySent,
    /// There is such a user, who has a password and a verified address: nothing was sent.
    HasPassword,
    /// There is such a user, who is blocked: nothing was sent.
    Blocked,
}

impl From<InvitationOutcome> for InvitationResult {
    fn from(outcome: InvitationOutcome) -> Self {
        match outcome {
            InvitationOutcome::Created => Self::Created,
            InvitationOutcome::SentAgain => Self::SentAgain,
            InvitationOutcome::AlreadySent => Self::AlreadySent,
            InvitationOutcome::HasPassword => Self::HasPassword,
            InvitationOutcome::Blocked => Self::Blocked,
        }
    }
}

/// An invitation, and the user whom it is for.
#[derive(Debug, Serialize, ToSchema)]
struct InvitedContentUser {
    result: InvitationResult,
    user: ContentUser,
}

/// Everything that is bound to a user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ContentUserDependents {
    /// Reason of the plugin that would refuse to have the user deleted now, as of something that is under way; null: no plugin would, or the caller
    /// may not see it. Plugins are asked for those with `content-users.manage`.
    obstacle: Option<String>,
    /// True: there is a reason, which is not told: it may be about entries that the caller may not see.
    obstacle_hidden: bool,
    /// Entries that refer to the user, as far as the caller may see them.
    entries: Vec<DocumentUsageView>,
    /// False: there are more entries, or some that the caller may not see.
    complete: bool,
}

fn request_context<'a>(
    tenant: &'a Tenant,
    access: &'a Arc<Access>,
    default_locale: &'a str,
    admin: &'a Admin,
) -> RequestContext<'a> {
    RequestContext {
        access,
        content_type: tenant.content.registry().user_type().id,
        query: cairn_query::Query::empty(),
        default_locale,
        actor: admin.actor(),
    }
}

fn find_account(tenant: &Tenant, document_id: &str) -> Result<Account, WireError> {
    tenant.content.find_account(document_id)?.ok_or_else(WireError::not_found)
}

/// Refuses the role of visitors, which no account has.
fn check_not_public(role: &str) -> Result<(), WireError> {
    if role == cairn_access::PUBLIC_ROLE {
        return Err(WireError::for_field("role", "the public role is that of visitors without an account"));
    }
    Ok(())
}

/// The language of a mail, as a code: what is none is refused.
fn check_language(language: Option<String>) -> Result<Option<String>, WireError> {
    match language {
        Some(code) if !cairn_access::is_locale_code(&code) => {
            Err(WireError::for_field("language", "must be the code of a language, such as nl or nl-BE"))
        }
        language => Ok(language),
    }
}

fn parse_order(sort: Option<&str>) -> Result<AccountOrder, WireError> {
    match sort.unwrap_or_default() {
        "" | "username" | "username:asc" => Ok(AccountOrder::Name),
        "username:desc" => Ok(AccountOrder::NameDescending),
        "signedInAt" | "signedInAt:asc" => Ok(AccountOrder::SignIn),
        "signedInAt:desc" => Ok(AccountOrder::SignInDescending),
        _ => Err(WireError::for_field("sort", "must be username or signedInAt, with :asc or :desc")),
    }
}

/// Users of the content API, by their names unless `sort` says something else.
#[utoipa::path(get, path = "/admin/api/content-users", params(ContentUserListParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ContentUsersRead>,
    Query(params): Query<ContentUserListParams>,
) -> Result<Page<ContentUser, ContentUserListMeta>, WireError> {
    let ContentUserListParams { q, blocked, confirmed, role, sort, page, page_size } = params;
    let page = page.unwrap_or(1).max(1);
    let page_size = page_size.unwrap_or(DEFAULT_PAGE_SIZE).clamp(1, MAX_PAGE_SIZE);
    let role = role.filter(|role| !role.is_empty());
    let order = parse_order(sort.as_deref())?;
    let filter = AccountFilter { text: q.trim().to_owned(), blocked, confirmed, role, order };
    let (access, locales) = (tenant.access.admin_access(), tenant.access.locales());
    let context = request_context(&tenant, &access, &locales.default, &admin);
    let start = u64::from(page - 1) * u64::from(page_size);
    let (accounts, total) = tenant.content.list_accounts(context, &filter, start, page_size)?;
    let data = accounts.into_iter().map(ContentUser::from).collect();
    Ok(Page { data, meta: ContentUserListMeta { page, page_size, total } })
}

/// Roles that users of the content API can have, by their names and codes.
#[utoipa::path(get, path = "/admin/api/content-users/roles")]
async fn list_roles(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<ContentUsersRead>,
) -> Result<WithMeta<Vec<ContentUserRole>, DefaultRole>, WireError> {
    let roles = tenant.access.store().read(|r| r.roles().list())?;
    let roles = roles.into_iter().filter(|role| role.kind != cairn_access::PUBLIC_ROLE);
    let data = roles.map(|role| ContentUserRole { code: role.kind, name: role.name }).collect();
    Ok(WithMeta { data, meta: DefaultRole { default_role: tenant.access.auth_settings().default_role.clone() } })
}

/// The role of new users.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DefaultRole {
    /// Its code.
    default_role: String,
}

/// One user of the content API.
#[utoipa::path(get, path = "/admin/api/content-users/{id}", params(("id" = String, Path)))]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<ContentUsersRead>,
    Path(id): Path<String>,
) -> Result<Data<ContentUser>, WireError> {
    Ok(Data { data: find_account(&tenant, &id)?.into() })
}

/// Returns what is bound to a user, for whoever is about to block them. Plugins are asked what they would say to a deletion; nothing is deleted.
#[utoipa::path(get, path = "/admin/api/content-users/{id}/dependents", params(("id" = String, Path)))]
async fn dependents(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ContentUsersRead>,
    Path(id): Path<String>,
) -> Result<Data<ContentUserDependents>, WireError> {
    find_account(&tenant, &id)?;
    let (access, locales) = (tenant.access.admin_access(), tenant.access.locales());
    let context = request_context(&tenant, &access, &locales.default, &admin);
    // A rehearsal is a write, which whoever only looks does not cause.
    let obstacle = match admin.require(&tenant, AdminAction::ContentUsersManage) {
        Ok(()) => tenant.content.find_account_obstacle(context, &id).await?,
        Err(_) => None,
    };
    let (usages, all_found) = tenant.content.find_account_usages(&id)?;
    let found = usages.len();
    let asking = ContentCaller::for_admin(&tenant, &admin);
    let mut entries = tenant.content.usage_views(&usages)?;
    entries = asking.keep_readable(&tenant, entries, |u| Some((u.content_type.as_str(), u.document_id.as_str())))?;
    let uids = entries.iter().map(|usage| usage.content_type.as_str()).collect();
    let texts = TypeTexts::load_for_uids(&tenant, &admin.language(&tenant), uids).await?;
    for usage in &mut entries {
        if let Some(name) = texts.find_display_name(asking.registry(), &usage.content_type) {
            usage.type_name = name;
        }
    }
    let sees_all = entries.len() == found;
    let obstacle_hidden = obstacle.is_some() && !sees_all;
    let obstacle = obstacle.filter(|_| sees_all);
    let complete = all_found && sees_all;
    Ok(Data { data: ContentUserDependents { obstacle, obstacle_hidden, entries, complete } })
}

/// Invites somebody by mail; the link works once, until it expires. Whoever has a password and a verified address is not invited; 409 for
/// somebody who is a user with another role than the given one.
#[utoipa::path(post, path = "/admin/api/content-users")]
async fn invite(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<ContentUsersManage>>,
    body: Json<NewContentUser>,
) -> Result<AcceptedData<InvitedContentUser>, WireError> {
    admin.require(&tenant, AdminAction::ContentUsersRead)?;
    let NewContentUser { email, username, role, language } = body.read(&tenant).await?;
    let default_role = tenant.access.auth_settings().default_role.clone();
    if let Some(code) = role.as_ref().filter(|role| **role != default_role) {
        // A role is permissions: whoever gives another one than everybody gets decides what it permits.
        admin.require(&tenant, AdminAction::SettingsContentRoles)?;
        check_not_public(code)?;
    }
    let invitation = UserInvitation { email, username, role, language: check_language(language)? };
    let (access, locales) = (tenant.access.admin_access(), tenant.access.locales());
    let context = request_context(&tenant, &access, &locales.default, &admin);
    let (document_id, outcome) = tenant.content.invite_user(context, invitation).await?;
    let user = find_account(&tenant, &document_id)?.into();
    Ok(AcceptedData { data: InvitedContentUser { result: outcome.into(), user } })
}

/// Mails another link to somebody who was invited; the one before is not valid any more.
#[utoipa::path(post, path = "/admin/api/content-users/{id}/invite", params(("id" = String, Path)))]
async fn invite_again(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<ContentUsersManage>>,
    Path(id): Path<String>,
    body: Json<InviteAgain>,
) -> Result<AcceptedData<InvitedContentUser>, WireError> {
    admin.require(&tenant, AdminAction::ContentUsersRead)?;
    let InviteAgain { language } = body.read(&tenant).await?;
    let language = check_language(language)?;
    let account = find_account(&tenant, &id)?;
    let (access, locales) = (tenant.access.admin_access(), tenant.access.locales());
    let context = request_context(&tenant, &access, &locales.default, &admin);
    let (_, outcome) = tenant.content.invite_again(context, account.user, language).await?;
    let user = find_account(&tenant, &id)?.into();
    Ok(AcceptedData { data: InvitedContentUser { result: outcome.into(), user } })
}

/// Mails a link by which the user chooses another password. Nobody else sees it.
#[utoipa::path(post, path = "/admin/api/content-users/{id}/password-reset", params(("id" = String, Path)))]
async fn send_password_reset(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<ContentUsersManage>>,
    Path(id): Path<String>,
) -> Result<AcceptedData<ContentUser>, WireError> {
    admin.require(&tenant, AdminAction::ContentUsersRead)?;
    let account = find_account(&tenant, &id)?;
    match account.state {
        AccountState::Blocked => {
            return Err(WireError::conflict("This user is blocked, and gets no mail; unblock them first"));
        }
        AccountState::Invited => {
            return Err(WireError::conflict("This user has no password yet; invite them again"));
        }
        AccountState::Active | AccountState::Unconfirmed => {}
    }
    tenant.access.send_password_reset(&account.user, admin.actor()).await?;
    Ok(AcceptedData { data: account.into() })
}

/// Bars a user from signing in, and ends all their sessions.
#[utoipa::path(post, path = "/admin/api/content-users/{id}/block", params(("id" = String, Path)))]
async fn block(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<ContentUsersManage>>,
    Path(id): Path<String>,
) -> Result<Data<ContentUser>, WireError> {
    Ok(Data { data: set_blocked(&tenant, &admin, &id, true).await? })
}

/// Lets a user sign in again.
#[utoipa::path(post, path = "/admin/api/content-users/{id}/unblock", params(("id" = String, Path)))]
async fn unblock(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<ContentUsersManage>>,
    Path(id): Path<String>,
) -> Result<Data<ContentUser>, WireError> {
    Ok(Data { data: set_blocked(&tenant, &admin, &id, false).await? })
}

async fn set_blocked(
    tenant: &Tenant,
    admin: &Admin,
    document_id: &str,
    blocked: bool,
) -> Result<ContentUser, WireError> {
    admin.require(tenant, AdminAction::ContentUsersRead)?;
    let account = find_account(tenant, document_id)?;
    if account.user.blocked != blocked {
        let (access, locales) = (tenant.access.admin_access(), tenant.access.locales());
        let context = request_context(tenant, &access, &locales.default, admin);
        let change = Map::from_iter([("blocked".to_owned(), blocked.into())]);
        tenant.content.update_user(context, document_id, change).await?;
    }
    if blocked {
        // Also for somebody who was blocked before, so that a block that was interrupted can be repeated. Who is let in again signs in again.
        tenant.access.end_user_sessions(document_id).await?;
    }
    Ok(find_account(tenant, document_id)?.into())
}

/// Gives a user another role, from their next request on. A role is permissions: this requires `settings.content-roles`.
#[utoipa::path(put, path = "/admin/api/content-users/{id}/role", params(("id" = String, Path)))]
async fn set_role(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<ContentUsersManage>>,
    Path(id): Path<String>,
    body: Json<NewContentUserRole>,
) -> Result<Data<ContentUser>, WireError> {
    admin.require(&tenant, AdminAction::ContentUsersRead)?;
    admin.require(&tenant, AdminAction::SettingsContentRoles)?;
    let NewContentUserRole { role: code } = body.read(&tenant).await?;
    check_not_public(&code)?;
    let account = find_account(&tenant, &id)?;
    let role = tenant.access.store().read(|r| r.roles().get_by_type(&code))?;
    let role = role.ok_or_else(|| WireError::for_field("role", "there is no such role"))?;
    if account.user.role.as_ref() != Some(&role.document_id) {
        let (access, locales) = (tenant.access.admin_access(), tenant.access.locales());
        let context = request_context(&tenant, &access, &locales.default, &admin);
        let change = Map::from_iter([("role".to_owned(), role.document_id.into())]);
        tenant.content.update_user(context, &id, change).await?;
    }
    Ok(Data { data: find_account(&tenant, &id)?.into() })
}
