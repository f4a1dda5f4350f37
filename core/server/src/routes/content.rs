//! `/api/<plural>` and `/api/<plural>/<documentId>`, `/api/<singular>`: find, findOne, create, update, delete.

use crate::answer::{self, method_not_allowed, method_not_allowed_of};
use crate::error::WireError;
use crate::extract::actor::ActorOf;
use crate::extract::locale::locale;
use crate::extract::tenant::CurrentTenant;
use crate::extract::version;
use crate::routes::{plugins, preview};
use crate::{Tenant, extract, v4_format};
use axum::body::{Body, Bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use cairn_access::Caller;
use cairn_content::{Answer, Ask};
use cairn_model::{ContentType, Kind, TypeId};
use cairn_plugin_host::policies::{Reach, Viewer};
use cairn_query::{Access, Action, ReadPolicies};
use cairn_store::events::Actor;
use serde_json::Value as Json;
use std::sync::{Arc, LazyLock};

/// Routes a request by the model. A path that is no route is 404 to reads and 405 to everything else.
pub(crate) async fn dispatch(CurrentTenant(tenant): CurrentTenant, request: Request<Body>) -> Response<Body> {
    // A body is not Sync: handlers that await get the head by reference and the body by value.
    let (head, body) = request.into_parts();
    // Clients that take compressed answers come here: the layer around compresses what is kept.
    if head.method == Method::GET
        && !head.headers.contains_key(AUTHORIZATION)
        && !head.headers.contains_key(preview::CAIRN_PREVIEW)
        && !head.headers.contains_key(v4_format::NAME)
        && let Some(key) = head.uri.path_and_query()
        && tenant.cache.has(key.as_str())
        && tenant.content.store().fresh().await.is_ok()
        && let Some(kept) =
            tenant.cache.get(key.as_str(), tenant.content.store().counters(), head.headers.get(IF_NONE_MATCH))
    {
        return kept;
    }
    let path = head.uri.path();
    let mut segments = path.strip_prefix("/api/").unwrap_or_default().split('/');
    let (route, id, more) = (segments.next().unwrap_or_default(), segments.next(), segments.next());
    let last = segments.next();
    let method = match head.method {
        Method::HEAD => Method::GET,
        ref other => other.clone(),
    };
    let (ct, id) = match (tenant.content.by_route(route), id) {
        (Some(ct), id) => (Some(ct).filter(|_| more.is_none()), id),
        // A type of a plugin.
        (None, Some(plural)) => {
            (tenant.content.by_route(&format!("{route}/{plural}")).filter(|_| last.is_none()), more)
        }
        (None, None) => (None, None),
    };
    if ct.is_none() {
        if let Some(answer) = plugins::answer(&tenant, &head, body).await {
            return answer;
        }
        return if method == Method::GET { WireError::not_found().response() } else { method_not_allowed() };
    }
    let handled = match (ct, id, &method) {
        (Some(ct), None, &Method::GET) if ct.kind == Kind::Collection => list(&tenant, ct, &head).await,
        (Some(ct), None, &Method::POST) if ct.kind == Kind::Collection => create(&tenant, ct, &head, body).await,
        (Some(ct), Some(id), &Method::GET) if ct.kind == Kind::Collection => one(&tenant, ct, id, &head).await,
        (Some(ct), Some(id), &Method::PUT) if ct.kind == Kind::Collection => {
            update(&tenant, ct, Some(id), &head, body).await
        }
        (Some(ct), Some(id), &Method::DELETE) if ct.kind == Kind::Collection => {
            delete(&tenant, ct, Some(id), &head).await
        }
        (Some(ct), None, &Method::GET) => single(&tenant, ct, &head).await,
        (Some(ct), None, &Method::PUT) if ct.kind == Kind::Single => update(&tenant, ct, None, &head, body).await,
        (Some(ct), None, &Method::DELETE) if ct.kind == Kind::Single => delete(&tenant, ct, None, &head).await,
        (_, _, &Method::GET) => Err(WireError::not_found()),
        (Some(ct), None, _) if ct.kind == Kind::Collection => return method_not_allowed_of("GET,HEAD,POST"),
        (Some(ct), id, _) if id.is_some() == (ct.kind == Kind::Collection) => {
            return method_not_allowed_of("GET,HEAD,PUT,DELETE");
        }
        _ => return method_not_allowed(),
    };
    handled.unwrap_or_else(WireError::response)
}

async fn list(tenant: &Tenant, ct: &ContentType, head: &Parts) -> Result<Response<Body>, WireError> {
    let caller = caller(tenant, &head.headers).await?;
    may(&caller, ct, Action::Find)?;
    let seen = seen(tenant, caller, reach_of(tenant, &ct.id, head), Some(head)).await;
    if let Some(kept) = kept(tenant, head, &seen).await {
        return Ok(kept);
    }
    let answer = tenant.content.find(ask(tenant, &seen, ct, head).ask()).await?;
    read(tenant, ct, head, &seen, answer)
}

async fn one(tenant: &Tenant, ct: &ContentType, id: &str, head: &Parts) -> Result<Response<Body>, WireError> {
    let caller = caller(tenant, &head.headers).await?;
    if let Some(answer) = preview::read(tenant, &caller, ct, Some(id), head).await? {
        return Ok(answer);
    }
    may(&caller, ct, Action::FindOne)?;
    let seen = seen(tenant, caller, reach_of(tenant, &ct.id, head), Some(head)).await;
    if let Some(kept) = kept(tenant, head, &seen).await {
        return Ok(kept);
    }
    let answer = tenant.content.find_one(ask(tenant, &seen, ct, head).ask(), id)?;
    read(tenant, ct, head, &seen, answer)
}

async fn single(tenant: &Tenant, ct: &ContentType, head: &Parts) -> Result<Response<Body>, WireError> {
    let caller = caller(tenant, &head.headers).await?;
    if let Some(answer) = preview::read(tenant, &caller, ct, None, head).await? {
        return Ok(answer);
    }
    may(&caller, ct, Action::Find)?;
    let seen = seen(tenant, caller, reach_of(tenant, &ct.id, head), Some(head)).await;
    if let Some(kept) = kept(tenant, head, &seen).await {
        return Ok(kept);
    }
    let answer = tenant.content.find_single(ask(tenant, &seen, ct, head).ask())?;
    read(tenant, ct, head, &seen, answer)
}

async fn create(tenant: &Tenant, ct: &ContentType, head: &Parts, body: Body) -> Result<Response<Body>, WireError> {
    let caller = caller(tenant, &head.headers).await?;
    may(&caller, ct, Action::Create)?;
    let seen = seen(tenant, caller, leading_from(&[ct.id], head), Some(head)).await;
    let asked = ask(tenant, &seen, ct, head);
    let body = extract::body::json(&head.headers, body, tenant.config.server.max_body_bytes).await?;
    let answer = tenant.content.create(asked.ask(), body).await?;
    let body = v4_format::shaped(tenant.content.registry(), ct, &head.headers, answer.body)?;
    Ok(version::with(answer::json(StatusCode::CREATED, body), Some(answer.version)))
}

async fn update(
    tenant: &Tenant,
    ct: &ContentType,
    id: Option<&str>,
    head: &Parts,
    body: Body,
) -> Result<Response<Body>, WireError> {
    let caller = caller(tenant, &head.headers).await?;
    may(&caller, ct, Action::Update)?;
    let seen = seen(tenant, caller, leading_from(&[ct.id], head), Some(head)).await;
    let terms = version::terms(&head.headers)?;
    let asked = ask(tenant, &seen, ct, head);
    let body = extract::body::json(&head.headers, body, tenant.config.server.max_body_bytes).await?;
    let answer = match id {
        Some(id) => tenant.content.update(asked.ask(), id, body, terms).await?,
        None => tenant.content.update_single(asked.ask(), body, terms).await?,
    };
    let body = v4_format::shaped(tenant.content.registry(), ct, &head.headers, answer.body)?;
    Ok(version::with(answer::json(StatusCode::OK, body), Some(answer.version)))
}

async fn delete(
    tenant: &Tenant,
    ct: &ContentType,
    id: Option<&str>,
    head: &Parts,
) -> Result<Response<Body>, WireError> {
    let caller = caller(tenant, &head.headers).await?;
    may(&caller, ct, Action::Delete)?;
    let seen = seen(tenant, caller, leading_from(&[ct.id], head), Some(head)).await;
    let expected = version::expected(&head.headers)?;
    let asked = ask(tenant, &seen, ct, head);
    match id {
        Some(id) => tenant.content.delete(asked.ask(), id, expected).await?,
        None => tenant.content.delete_single(asked.ask(), expected).await?,
    }
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// Authenticates the caller of a request by its `Authorization` header; 401 where that is not valid.
pub(crate) async fn caller(tenant: &Tenant, headers: &HeaderMap) -> Result<Caller, WireError> {
    Ok(tenant.access.caller(extract::authorization::one(headers)?).await?)
}

/// A caller with the read policies of plugins applied. Content is never read with the caller's permissions alone.
pub(crate) struct Seen {
    /// Caller of the request.
    pub(crate) caller: Caller,
    /// Permissions of the caller, restricted by the read policies of plugins.
    pub(crate) access: Arc<Access>,
    /// Key of the applied policies, which separates cached responses; `None` where no policy applies.
    shared_as: Option<Arc<str>>,
    /// Which plugins ran when the policies were read.
    runs: u64,
}

/// Applies the read policies for what a request reads, in the language that `head` asks for. Admin users are restricted by no plugin.
pub(crate) async fn seen(tenant: &Tenant, caller: Caller, reach: Reach<'_>, head: Option<&Parts>) -> Seen {
    let plugins = tenant.plugins.plugins();
    let runs = plugins.runs();
    let policies = match caller.is_admin() || !plugins.has_policies() {
        true => ReadPolicies::none(),
        false => {
            let (actor, locales) = (caller.who(), tenant.access.locales());
            let locale = head.map_or_else(|| locales.default.clone(), |head| locale(&locales, head));
            let viewer = Viewer { actor: &actor, rights: &caller.rights, locale: &locale };
            plugins.read_policies(viewer, reach).await
        }
    };
    let access = caller.rights.with_policies(&policies);
    Seen { caller, access, shared_as: policies.key().cloned(), runs }
}

/// The types that a read reaches: without these parameters it shows no relation, and none decides what is shown.
fn reach_of<'t>(tenant: &Tenant, ct: &'t TypeId, head: &Parts) -> Reach<'t> {
    const THROUGH_RELATIONS: [&str; 4] = ["populate", "filters", "sort", "_q"];
    let types = std::slice::from_ref(ct);
    // Nobody asks then, and the query is not read for it.
    if !tenant.plugins.plugins().has_policies() {
        return Reach::From(types);
    }
    let query = head.uri.query().unwrap_or_default();
    let plain = query.is_empty()
        || cairn_query::parse_form(query.as_bytes())
            .is_ok_and(|given| THROUGH_RELATIONS.iter().all(|name| given.get(name).is_none()));
    if plain { Reach::Only(*ct) } else { leading_from(types, head) }
}

/// The types that a request for entries of these types, or for users, reaches. Few requests ask which entries use a file; the others skip
/// the policies of types that merely have media.
pub(crate) fn leading_from<'t>(types: &'t [TypeId], head: &Parts) -> Reach<'t> {
    let query = head.uri.query().unwrap_or_default();
    if query.is_empty() {
        return Reach::Relations(types);
    }
    let asks = match cairn_query::parse_form(query.as_bytes()) {
        Ok(given) => given.get("populate").is_some_and(|populate| asks_for_usages(populate, true)),
        Err(_) => true,
    };
    if asks { Reach::From(types) } else { Reach::Relations(types) }
}

/// Whether what is populated may include `related` of a file: by its name, or below a relation by `*`.
fn asks_for_usages(populate: &Json, is_top: bool) -> bool {
    match populate {
        Json::String(text) => text.split([',', '.']).map(str::trim).any(|n| n == "related" || (n == "*" && !is_top)),
        Json::Array(items) => items.iter().any(|item| asks_for_usages(item, is_top)),
        Json::Object(entries) => entries.iter().any(|(key, value)| key == "related" || asks_for_usages(value, false)),
        _ => false,
    }
}

/// The cache key of a response. With policies of plugins or in another format, the address alone does not identify it.
fn kept_as(head: &Parts, seen: &Seen) -> Option<String> {
    let path = head.uri.path_and_query()?.as_str();
    // No address has a NUL.
    let shape = if v4_format::is_asked_for(&head.headers) { "\0v4" } else { "" };
    Some(match &seen.shared_as {
        None => format!("{path}{shape}"),
        Some(policies) => format!("{path}\0{policies}{shape}"),
    })
}

/// A cached response that read policies apply to, or whose format a header asks for; others are looked up before the caller is known.
async fn kept(tenant: &Tenant, head: &Parts, seen: &Seen) -> Option<Response<Body>> {
    let looked_for = seen.shared_as.is_none() && !head.headers.contains_key(v4_format::NAME);
    if looked_for || !seen.caller.is_public() || head.method != Method::GET || preview::is_asked_for(head) {
        return None;
    }
    let (key, store) = (kept_as(head, seen)?, tenant.content.store());
    if !tenant.cache.has(&key) || store.fresh().await.is_err() {
        return None;
    }
    let kept = tenant.cache.get(&key, store.counters(), head.headers.get(IF_NONE_MATCH))?;
    Some(by_language(seen, kept))
}

/// Requires a permission. The 403 comes before every other error.
fn may(caller: &Caller, ct: &ContentType, action: Action) -> Result<(), WireError> {
    if caller.rights.may(ct.id, action) { Ok(()) } else { Err(WireError::forbidden()) }
}

/// The owned values that [`Ask`] borrows.
pub(crate) struct Asked {
    access: Arc<Access>,
    content_type: TypeId,
    query: String,
    locale: Arc<cairn_access::Locales>,
    actor: Arc<Actor>,
}

impl Asked {
    pub(crate) fn ask(&self) -> Ask<'_> {
        Ask {
            access: &self.access,
            content_type: self.content_type,
            query: &self.query,
            default_locale: &self.locale.default,
            actor: &self.actor,
        }
    }
}

pub(crate) fn ask(tenant: &Tenant, seen: &Seen, ct: &ContentType, head: &Parts) -> Asked {
    Asked {
        access: seen.access.clone(),
        content_type: ct.id,
        query: preview::without_token(&head.method, head.uri.query().unwrap_or_default()),
        locale: tenant.access.locales(),
        actor: match head.method {
            Method::GET | Method::HEAD => NOBODY.clone(),
            _ => Arc::new(seen.caller.actor(head)),
        },
    }
}

/// Actor of reads, which are not recorded.
static NOBODY: LazyLock<Arc<Actor>> = LazyLock::new(|| Arc::new(Actor::public()));

/// The response to a read, 200 or 304; one to the public is cached.
fn read(
    tenant: &Tenant,
    ct: &ContentType,
    head: &Parts,
    seen: &Seen,
    mut answer: Answer,
) -> Result<Response<Body>, WireError> {
    let body = std::mem::take(&mut answer.body);
    answer.body = v4_format::shaped(tenant.content.registry(), ct, &head.headers, body)?;
    let mut response = match preview::is_asked_for(head) {
        true => preview::private(version::with(answer::json(StatusCode::OK, answer.body), answer.version)),
        false => by_language(seen, shown(tenant, head, seen, answer)),
    };
    response.headers_mut().append(VARY, v4_format::VARY_BY);
    Ok(response)
}

/// Adds the headers for the language, which read policies of plugins may depend on.
fn by_language(seen: &Seen, mut response: Response<Body>) -> Response<Body> {
    if seen.shared_as.is_some() {
        response.headers_mut().append(VARY, HeaderValue::from_static("Accept-Language"));
    }
    response
}

fn shown(tenant: &Tenant, head: &Parts, seen: &Seen, mut answer: Answer) -> Response<Body> {
    let public = seen.caller.is_public() && tenant.cache.is_on();
    let (Some(key), true) = (kept_as(head, seen), public) else {
        return version::with(answer::read(answer.body, head.headers.get(IF_NONE_MATCH)), answer.version);
    };
    let body = Bytes::from(std::mem::take(&mut answer.body));
    let etag = answer::etag(&body);
    if head.method == Method::GET && !head.headers.contains_key(AUTHORIZATION) {
        tenant.cache.put(&key, &answer, etag.clone(), &body);
        // Other plugins run by now, which may keep it from whom it would be kept for.
        if tenant.plugins.plugins().runs() != seen.runs {
            tenant.cache.forget(&key);
        }
    }
    let mut response = if answer::not_modified(head.headers.get(IF_NONE_MATCH), &etag) {
        answer::empty(StatusCode::NOT_MODIFIED)
    } else {
        Response::new(Body::from(body))
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, answer::JSON);
    headers.insert(ETAG, etag);
    version::with(response, answer.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_queries_lead_from_files_back_to_entries() {
        let asks = |query: &str| {
            let head = Request::builder().uri(format!("/api/notes?{query}")).body(()).unwrap().into_parts().0;
            matches!(leading_from(&[], &head), Reach::From(_))
        };
        for query in [
            "populate[cover][populate]=related",
            "populate[cover][populate][related][count]=1",
            "populate=author,%20cover.related",
            "populate%5Bcover%5D%5Bpopulate%5D=%2A",
            "populate[0]=cover.%72elated",
            "populate[zone][on][x.y][populate][image][populate][0]=*",
            "populate[a][b]=%ff",
        ] {
            assert!(asks(query), "{query}");
        }
        for query in
            ["", "populate=*", "populate=author,cover", "populate[cover]=true", "filters[related]=1", "sort=related"]
        {
            assert!(!asks(query), "{query}");
        }
    }
}
