//! `/graphql`: the content API as GraphQL. Each root field does what the handler of a REST route does: with the same permissions, read policies
//! and limits, and one query.

mod fixed_mutations;

use crate::auth::sign_in_body;
use crate::content::{cache_body, find_cached_body};
use crate::locales::locale_views;
use crate::openapi::permissions_key;
use crate::policed_request::{
    PolicedCaller, apply_policies_of_entries, apply_read_policies, authenticate_headers, request_context,
    require_action,
};
use crate::preview;
use axum::body::{Body, Bytes};
use axum::extract::Extension;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, IF_NONE_MATCH, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use cairn_access::{AuthError, Caller, PluginAction};
use cairn_app::Tenant;
use cairn_content::ReadResponse;
use cairn_graphql::{
    ApiError, ApiSchema, ContentRequest, ContentSource, FixedMutation, GraphqlRequest, GraphqlResponse,
    SchemaPermissions, SelectedLocales, build_schema,
};
use cairn_http::error::WireError;
use cairn_http::extract::actor::RequestActor;
use cairn_http::extract::client_address::{ClientAddress, ClientIp};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::{self, version};
use cairn_http::responses;
use cairn_model::{ContentType, ContentTypeKind, ErrorKind, TypeId};
use cairn_plugin_host::policies::PolicyReach;
use cairn_query::{Action, Query, QueryBuilder};
use fixed_mutations::required_action;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

type GraphqlResult = Result<Response<Body>, WireError>;

/// `GET /graphql?query=…`: queries, and no mutations, which a link could make somebody else send.
pub(crate) async fn answer_get(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    head: Parts,
) -> GraphqlResult {
    let (caller, schema) = authorize(&tenant, &head).await?;
    let request = match read_parameters(head.uri.query().unwrap_or_default()) {
        Ok(request) => request,
        Err(error) => return Ok(refuse(StatusCode::BAD_REQUEST, error, "BAD_REQUEST")),
    };
    let if_none_match = head.headers.get(IF_NONE_MATCH).cloned();
    let is_preview = preview::has_preview_token(&head);
    let GraphqlResponse { status, body } = execute(&tenant, &schema, caller, client, head, request, true).await;
    let mut response = match status {
        200 => responses::conditional_response(body, if_none_match.as_ref()),
        _ => json_response(status, body),
    };
    if status == 405 {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response.headers_mut().insert(VARY, HeaderValue::from_static("Authorization"));
    Ok(if is_preview { preview::private_response(response) } else { response })
}

/// `POST /graphql`, with JSON alone: a page of another origin cannot send that without asking first.
pub(crate) async fn answer_post(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    head: Parts,
    body: Body,
) -> GraphqlResult {
    let (caller, schema) = authorize(&tenant, &head).await?;
    if !has_json_type(&head.headers) {
        let error = ApiError::invalid("Expected a body of the type application/json");
        return Ok(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, error, "BAD_REQUEST"));
    }
    let read = async {
        let bytes = extract::body::read_bytes(body, tenant.config.server.max_body_bytes).await?;
        extract::json::parse_json(&bytes)
    };
    let request = match read.await.map_err(describe_error) {
        Ok(json) => GraphqlRequest::from_json(json).map_err(|error| (StatusCode::BAD_REQUEST, error)),
        Err(refused) => Err(refused),
    };
    let request = match request {
        Ok(request) => request,
        Err((status, error)) => return Ok(refuse(status, error, "BAD_REQUEST")),
    };
    let GraphqlResponse { status, body } = execute(&tenant, &schema, caller, client, head, request, false).await;
    Ok(json_response(status, body))
}

/// The caller and their schema. 403 for callers who may do nothing, before anything of the request is read.
async fn authorize(tenant: &Arc<Tenant>, head: &Parts) -> Result<(Caller, Arc<ApiSchema>), WireError> {
    if !tenant.config.graphql.enabled {
        return Err(WireError::not_found());
    }
    let caller = authenticate_headers(tenant, &head.headers).await?;
    let permissions = permissions_key(&caller);
    let schema = match tenant.graphql_schemas.find(&permissions) {
        Some(schema) => schema,
        None => {
            let (tenant, asking) = (tenant.clone(), caller.clone());
            let make = move || tenant.graphql_schemas.get_or_make(&permissions, || make_schema(&tenant, &asking));
            tokio::task::spawn_blocking(make).await.map_err(WireError::internal)?
        }
    };
    Ok((caller, schema.ok_or_else(WireError::forbidden)?))
}

fn make_schema(tenant: &Tenant, caller: &Caller) -> Option<ApiSchema> {
    let mutations: Vec<FixedMutation> =
        FixedMutation::ALL.into_iter().filter(|mutation| caller.allows_action(required_action(*mutation))).collect();
    let permissions = SchemaPermissions {
        access: caller.permissions.before_policies(),
        reads_self: caller.allows_action(PluginAction::Me),
        signs_in: caller.allows_action(PluginAction::SignIn),
        reads_locales: caller.allows_action(PluginAction::FindLocales),
        mutations: &mutations,
    };
    let limits = tenant.config.graphql_limits();
    match build_schema(tenant.content.registry(), permissions, limits.default_page_size) {
        Ok(schema) => schema,
        Err(error) => {
            tracing::error!(error, tenant = &*tenant.name, "the GraphQL schema could not be made");
            None
        }
    }
}

async fn execute(
    tenant: &Arc<Tenant>,
    schema: &ApiSchema,
    caller: Caller,
    client: ClientIp,
    head: Parts,
    request: GraphqlRequest,
    only_queries: bool,
) -> GraphqlResponse {
    let source = TenantSource { tenant: tenant.clone(), caller, client, head };
    schema.execute(request, tenant.config.graphql_limits(), only_queries, Arc::new(source)).await
}

/// The request in the parameters of an address.
fn read_parameters(query: &str) -> Result<GraphqlRequest, ApiError> {
    let mut body = Map::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let value = match &*name {
            "variables" if value.is_empty() => Json::Null,
            "variables" => extract::json::parse_json(value.as_bytes())
                .map_err(|_| ApiError::invalid("`variables` is not valid JSON"))?,
            "query" | "operationName" => Json::String(value.into_owned()),
            _ => continue,
        };
        body.insert(name.into_owned(), value);
    }
    GraphqlRequest::from_json(Json::Object(body))
}

fn has_json_type(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

fn json_response(status: u16, body: Vec<u8>) -> Response<Body> {
    responses::json_response(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), body)
}

fn refuse(status: StatusCode, error: ApiError, code: &str) -> Response<Body> {
    responses::json_response(status, error.to_body(Some(code)))
}

fn describe_error(error: WireError) -> (StatusCode, ApiError) {
    let (status, name, message, details) = error.into_description();
    (status, ApiError { name: name.to_owned(), message, details })
}

/// The content of a tenant, as the caller of a request may see and change it.
struct TenantSource {
    tenant: Arc<Tenant>,
    caller: Caller,
    client: ClientIp,
    head: Parts,
}

impl ContentSource for TenantSource {
    fn run(&self, request: ContentRequest) -> BoxFuture<'_, Result<Option<Json>, ApiError>> {
        Box::pin(async move { self.answer(request).await.map_err(|error| describe_error(error).1) })
    }

    fn read(&self, request: ContentRequest) -> BoxFuture<'_, Result<Option<Bytes>, ApiError>> {
        Box::pin(async move { self.answer_read(request).await.map_err(|error| describe_error(error).1) })
    }
}

impl TenantSource {
    async fn answer(&self, request: ContentRequest) -> Result<Option<Json>, WireError> {
        let tenant = &*self.tenant;
        let registry = tenant.content.registry();
        match request {
            ContentRequest::List { content_type, query } => {
                parse_body(&self.read_list(registry.get(content_type), query).await?).map(Some)
            }
            ContentRequest::One { content_type, document_id, query } => {
                let body = self.read_one(registry.get(content_type), document_id.as_deref(), query).await?;
                body.map(|body| parse_body(&body)).transpose()
            }
            ContentRequest::Create { content_type, query, data } => {
                let ct = registry.get(content_type);
                let caller = self.apply_policies(ct, Action::Create, &query).await?;
                let context = request_context(tenant, &caller, ct, query, &self.head);
                parse_body(&tenant.content.create(context.as_request_context(), Some(data)).await?.body).map(Some)
            }
            ContentRequest::Update { content_type, document_id, query, data } => {
                let ct = registry.get(content_type);
                let caller = self.apply_policies(ct, Action::Update, &query).await?;
                let terms = version::write_options(&self.head.headers)?;
                let context = request_context(tenant, &caller, ct, query, &self.head);
                let context = context.as_request_context();
                let answer = match document_id {
                    Some(id) => tenant.content.update(context, &id, Some(data), terms).await?,
                    None => tenant.content.update_single(context, Some(data), terms).await?,
                };
                parse_body(&answer.body).map(Some)
            }
            ContentRequest::Delete { content_type, document_id, query } => {
                let ct = registry.get(content_type);
                let caller = self.apply_policies(ct, Action::Delete, &query).await?;
                let expected = version::expected_version(&self.head.headers)?;
                let context = request_context(tenant, &caller, ct, query, &self.head);
                tenant.content.delete(context.as_request_context(), &document_id, expected).await?;
                Ok(None)
            }
            ContentRequest::Me { with_role } => self.read_self(with_role).await,
            ContentRequest::Fixed(request) => self.answer_fixed(request).await.map(Some),
            ContentRequest::Locales { query } => self.list_locales(&query).map(Some),
            ContentRequest::Locale { document_id } => self.find_locale(&document_id),
            ContentRequest::SignIn { identifier, password } => {
                self.caller.require(PluginAction::SignIn)?;
                let body = json!({ "identifier": identifier, "password": password });
                let actor = self.caller.request_actor(&self.head);
                parse_body(&sign_in_body(tenant, &body, self.client.0, actor).await?).map(Some)
            }
        }
    }

    /// The body of a read as it is sent.
    async fn answer_read(&self, request: ContentRequest) -> Result<Option<Bytes>, WireError> {
        let registry = self.tenant.content.registry();
        match request {
            ContentRequest::List { content_type, query } => {
                self.read_list(registry.get(content_type), query).await.map(Some)
            }
            ContentRequest::One { content_type, document_id, query } => {
                self.read_one(registry.get(content_type), document_id.as_deref(), query).await
            }
            other => Ok(self.answer(other).await?.map(|body| body.to_string().into())),
        }
    }

    /// Requires the permission, and applies the read policies for what the query reads.
    async fn apply_policies(
        &self,
        ct: &ContentType,
        action: Action,
        query: &Query,
    ) -> Result<PolicedCaller, WireError> {
        require_action(&self.caller, ct, action)?;
        apply_policies_of_entries(&self.tenant, self.caller.clone(), ct, action, query, &self.head).await
    }

    async fn read_list(&self, ct: &ContentType, query: Query) -> Result<Bytes, WireError> {
        let tenant = &*self.tenant;
        let caller = self.apply_policies(ct, Action::Find, &query).await?;
        let key = read_key("list", ct, "", &query);
        if let Some(body) = find_cached_body(tenant, &key, &caller).await {
            return Ok(body);
        }
        let context = request_context(tenant, &caller, ct, query, &self.head);
        let answer = tenant.content.find(context.as_request_context()).await?;
        Ok(self.keep(&key, &caller, answer))
    }

    /// Reads one entry, or the draft that a preview token opens. `document_id`: `None` for a single type.
    async fn read_one(
        &self,
        ct: &ContentType,
        document_id: Option<&str>,
        query: Query,
    ) -> Result<Option<Bytes>, WireError> {
        let tenant = &*self.tenant;
        if let Some(body) =
            preview::read_preview_body(tenant, &self.caller, ct, document_id, &query, &self.head).await?
        {
            return Ok(Some(body.into()));
        }
        let action = if ct.kind == ContentTypeKind::Single { Action::Find } else { Action::FindOne };
        let caller = self.apply_policies(ct, action, &query).await?;
        let key = read_key("one", ct, document_id.unwrap_or_default(), &query);
        if let Some(body) = find_cached_body(tenant, &key, &caller).await {
            return Ok(Some(body));
        }
        let context = request_context(tenant, &caller, ct, query, &self.head);
        let read = match document_id {
            Some(id) => tenant.content.find_one(context.as_request_context(), id),
            None => tenant.content.find_single(context.as_request_context()),
        };
        match read.map_err(WireError::from) {
            Ok(answer) => Ok(Some(self.keep(&key, &caller, answer))),
            // A missing entry is null, as in Strapi.
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list_locales(&self, query: &Query) -> Result<Json, WireError> {
        self.caller.require(PluginAction::FindLocales)?;
        let max_page_size = self.tenant.config.graphql_limits().max_page_size;
        let selected = SelectedLocales::select(locale_views(&self.tenant), query, max_page_size);
        selected.map(SelectedLocales::into_body).map_err(|refused| {
            let kind = match refused.name.as_str() {
                "PaginationError" => ErrorKind::Pagination,
                _ => ErrorKind::Validation,
            };
            WireError::new(kind, refused.message).with_details(refused.details)
        })
    }

    fn find_locale(&self, document_id: &str) -> Result<Option<Json>, WireError> {
        self.caller.require(PluginAction::FindLocales)?;
        let found = locale_views(&self.tenant).into_iter().find(|locale| locale["documentId"] == document_id);
        Ok(found.map(|locale| json!({ "data": locale })))
    }

    /// Reads the caller's own user. `with_role`: with their role, if they may read roles.
    async fn read_self(&self, with_role: bool) -> Result<Option<Json>, WireError> {
        let tenant = &*self.tenant;
        self.caller.require(PluginAction::Me)?;
        let user = self.caller.user().ok_or(AuthError::Unauthorized("Unauthorized"))?.document_id.clone();
        let ct = tenant.content.registry().user_type();
        let types: [TypeId; 1] = [ct.id];
        let reach = PolicyReach::Everything(&types);
        let caller = apply_read_policies(tenant, self.caller.clone(), reach, Some(&self.head)).await;
        let query =
            if with_role { QueryBuilder::new().with("populate", "role").build() } else { Query::empty().clone() };
        let context = request_context(tenant, &caller, ct, query, &self.head);
        let read = tenant.content.own_user(context.as_request_context(), &user)?;
        let mut user = parse_body(&read.ok_or(AuthError::InvalidCredentials)?.body)?;
        // Roles whose name is hidden from the caller are none to them: in the schema it is never null.
        if with_role && !user["role"]["name"].is_string() {
            user["role"] = Json::Null;
        }
        Ok(Some(user))
    }

    /// Caches the body of a read, and returns it.
    fn keep(&self, key: &str, caller: &PolicedCaller, mut answer: ReadResponse) -> Bytes {
        let body = Bytes::from(std::mem::take(&mut answer.body));
        if !preview::has_preview_token(&self.head) {
            cache_body(&self.tenant, key, caller, &answer, &body);
        }
        body
    }
}

/// The key of a cached read. No address begins with a NUL.
fn read_key(read: &str, ct: &ContentType, document_id: &str, query: &Query) -> String {
    format!("\0graphql {read} {} {document_id:?} {}", ct.uid, query.cache_key())
}

fn parse_body(body: &[u8]) -> Result<Json, WireError> {
    serde_json::from_slice(body).map_err(WireError::internal)
}
