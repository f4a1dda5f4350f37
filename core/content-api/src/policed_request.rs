//! The beginning of a read or write of content: who is calling, the read policies of plugins for what is reached, and the request as the content
//! core takes it.

use crate::preview;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use cairn_access::Caller;
use cairn_app::Tenant;
use cairn_content::RequestContext;
use cairn_http::error::WireError;
use cairn_http::extract;
use cairn_http::extract::actor::RequestActor;
use cairn_http::extract::locale::request_locale;
use cairn_model::{ContentType, TypeId};
use cairn_plugin_host::policies::{PolicyReach, PolicyViewer};
use cairn_query::{Access, Action, Query, ReadPolicies};
use cairn_store::WriteTx;
use cairn_store::events::Actor;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

/// Actor of reads, which are not recorded.
static PUBLIC_ACTOR: LazyLock<Arc<Actor>> = LazyLock::new(|| Arc::new(Actor::public()));

/// Authenticates the caller of a request by its `Authorization` header; 401 where that is not valid.
pub(crate) async fn authenticate_headers(tenant: &Tenant, headers: &HeaderMap) -> Result<Caller, WireError> {
    Ok(tenant.access.authenticate_caller(extract::authorization::authorization_header(headers)?).await?)
}

/// A caller with the read policies of plugins applied. Content is never read with the caller's permissions alone.
pub(crate) struct PolicedCaller {
    /// Caller of the request.
    pub(crate) caller: Caller,
    /// Permissions of the caller, restricted by the read policies of plugins.
    pub(crate) access: Arc<Access>,
    /// Key of the applied policies, which separates cached responses; `None` where no policy applies.
    pub(crate) shared_as: Option<Arc<str>>,
    /// Run count of the tenant's plugins when the policies were read.
    pub(crate) runs: u64,
    /// Types of which nothing is seen because a plugin failed to say what.
    pub(crate) unanswered: BTreeSet<TypeId>,
}

impl PolicedCaller {
    /// True for the public where no read policy applies.
    pub(crate) fn is_unlimited_public(&self) -> bool {
        self.caller.is_public() && self.shared_as.is_none()
    }

    /// Refuses a request for entries of a type whose policies were not answered, with 503: without them, a list would be empty and an entry
    /// not there, as if there were none. Of types that the entries lead to, nothing is shown.
    fn require_answers(self, content_type: TypeId) -> Result<Self, WireError> {
        match self.unanswered.contains(&content_type) {
            true => Err(WireError::unavailable("What you may see could not be determined: try again in a moment")),
            false => Ok(self),
        }
    }
}

/// Applies the read policies for what a request reads, in the language that `head` asks for. Admin users are restricted by no plugin.
pub(crate) async fn apply_read_policies(
    tenant: &Tenant,
    caller: Caller,
    reach: PolicyReach<'_>,
    head: Option<&Parts>,
) -> PolicedCaller {
    let plugins = tenant.plugins.plugins();
    let runs = plugins.run_count();
    if caller.is_admin() || !plugins.has_policies() {
        let access = caller.permissions.with_policies(&ReadPolicies::none());
        return PolicedCaller { caller, access, shared_as: None, runs, unanswered: BTreeSet::new() };
    }
    let (actor, locales) = (caller.actor(), tenant.access.locales());
    let locale = head.map_or_else(|| locales.default.clone(), |head| request_locale(&locales, head));
    let viewer = PolicyViewer { actor: &actor, rights: &caller.permissions, locale: &locale };
    let rights = plugins.apply_policies(viewer, reach).await;
    PolicedCaller { caller, access: rights.access, shared_as: rights.cache_key, runs, unanswered: rights.unanswered }
}

/// Does the same as [`apply_read_policies`] inside a transaction. Nothing of it is cached.
pub(crate) fn apply_read_policies_in(
    tenant: &Tenant,
    tx: &mut WriteTx<'_>,
    caller: Caller,
    reach: PolicyReach<'_>,
    head: &Parts,
) -> PolicedCaller {
    let plugins = tenant.plugins.plugins();
    let (actor, runs) = (caller.actor(), plugins.run_count());
    let locale = request_locale(&tenant.access.locales(), head);
    let viewer = PolicyViewer { actor: &actor, rights: &caller.permissions, locale: &locale };
    let rights = plugins.apply_policies_in(tx, viewer, reach);
    PolicedCaller { caller, access: rights.access, shared_as: rights.cache_key, runs, unanswered: rights.unanswered }
}

/// The query of a request, without the token of a preview.
pub(crate) fn request_query(head: &Parts) -> Query {
    Query::from_text(preview::without_token(&head.method, head.uri.query().unwrap_or_default()))
}

/// The types whose read policies have to be evaluated before a query is answered.
fn reached_types(tenant: &Tenant, caller: &Caller, ct: &ContentType, action: Action, query: &Query) -> Arc<[TypeId]> {
    let context = RequestContext {
        access: caller.permissions.before_policies(),
        content_type: ct.id,
        query,
        default_locale: &tenant.access.locales().default,
        actor: &PUBLIC_ACTOR,
    };
    tenant.content.query_reach(&context, action)
}

/// Applies the read policies for a read of entries, or for a write and its response. Fails with 503 where those of `ct` were not answered.
pub(crate) async fn apply_policies_of_entries(
    tenant: &Tenant,
    caller: Caller,
    ct: &ContentType,
    action: Action,
    query: &Query,
    head: &Parts,
) -> Result<PolicedCaller, WireError> {
    let mut caller = caller;
    // Planning is only needed for policies.
    if !tenant.plugins.plugins().has_policies() {
        let policed = apply_read_policies(tenant, caller, PolicyReach::Types(&[]), Some(head)).await;
        // A plugin with a policy may have started since.
        if policed.access.policies.is_none() {
            return Ok(policed);
        }
        caller = policed.caller;
    }
    let reached = reached_types(tenant, &caller, ct, action, query);
    let reach = match action {
        Action::Find | Action::FindOne => PolicyReach::Types(&reached),
        Action::Create | Action::Update | Action::Delete => PolicyReach::Write { content_type: ct.id, shown: &reached },
    };
    apply_read_policies(tenant, caller, reach, Some(head)).await.require_answers(ct.id)
}

/// Does the same as [`apply_policies_of_entries`] for a read inside a transaction. Nothing of it is cached.
pub(crate) fn apply_policies_of_read_in(
    tenant: &Tenant,
    tx: &mut WriteTx<'_>,
    caller: Caller,
    ct: &ContentType,
    action: Action,
    query: &Query,
    head: &Parts,
) -> Result<PolicedCaller, WireError> {
    let reached = reached_types(tenant, &caller, ct, action, query);
    apply_read_policies_in(tenant, tx, caller, PolicyReach::Types(&reached), head).require_answers(ct.id)
}

/// The types that a request for users, for files, or with the token of a preview reaches: its permissions are not those of the caller alone,
/// so all that may be reached is taken. Reads without parameters do not ask which entries use a file.
pub(crate) fn widest_reach<'t>(types: &'t [TypeId], head: &Parts) -> PolicyReach<'t> {
    let reads = matches!(head.method, Method::GET | Method::HEAD);
    match reads && head.uri.query().is_none_or(str::is_empty) {
        true => PolicyReach::Relations(types),
        false => PolicyReach::Everything(types),
    }
}

/// Requires a permission. The 403 comes before every other error.
pub(crate) fn require_action(caller: &Caller, ct: &ContentType, action: Action) -> Result<(), WireError> {
    if caller.permissions.allows_action(ct.id, action) { Ok(()) } else { Err(WireError::forbidden()) }
}

/// The owned values that [`RequestContext`] borrows.
pub(crate) struct OwnedRequestContext {
    access: Arc<Access>,
    content_type: TypeId,
    query: Query,
    locale: Arc<cairn_access::Locales>,
    actor: Arc<Actor>,
}

impl OwnedRequestContext {
    pub(crate) fn as_request_context(&self) -> RequestContext<'_> {
        RequestContext {
            access: &self.access,
            content_type: self.content_type,
            query: &self.query,
            default_locale: &self.locale.default,
            actor: &self.actor,
        }
    }
}

pub(crate) fn request_context(
    tenant: &Tenant,
    caller: &PolicedCaller,
    ct: &ContentType,
    query: Query,
    head: &Parts,
) -> OwnedRequestContext {
    OwnedRequestContext {
        access: caller.access.clone(),
        content_type: ct.id,
        query,
        locale: tenant.access.locales(),
        actor: match head.method {
            Method::GET | Method::HEAD => PUBLIC_ACTOR.clone(),
            _ => Arc::new(caller.caller.request_actor(head)),
        },
    }
}
