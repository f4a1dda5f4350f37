//! `/api/content-type-builder`: content types and components as Strapi shows them to programs that generate types or pages from them. They
//! are read here; the admin changes them.

mod schema_format;

use crate::policed_request::authenticate_headers;
use axum::body::Body;
use axum::http::Response;
use axum::http::header::IF_NONE_MATCH;
use axum::http::request::Parts;
use cairn_access::PluginAction;
use cairn_http::error::WireError;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::responses;
use cairn_model::ContentTypeKind;
use cairn_model::ErrorKind;
use schema_format::{format_component, format_content_type};
use serde_json::{Value as Json, json};

type SchemaResult = Result<Response<Body>, WireError>;

/// `GET /api/content-type-builder/content-types`: all of them, or those of one `kind`.
pub(crate) async fn list_content_types(CurrentTenant(tenant): CurrentTenant, head: Parts) -> SchemaResult {
    authenticate_headers(&tenant, &head.headers).await?.require(PluginAction::FindContentTypes)?;
    let kind = parse_kind(head.uri.query().unwrap_or_default())?;
    let types = tenant.content.registry().types().iter().filter(|ct| kind.is_none_or(|kind| ct.kind == kind));
    Ok(schema_response(&head, types.map(format_content_type).collect()))
}

/// `GET /api/content-type-builder/content-types/<uid>`.
pub(crate) async fn find_content_type(
    CurrentTenant(tenant): CurrentTenant,
    Path(uid): Path<String>,
    head: Parts,
) -> SchemaResult {
    authenticate_headers(&tenant, &head.headers).await?.require(PluginAction::FindContentType)?;
    let ct = tenant.content.registry().by_uid(&uid).ok_or_else(|| not_found("contentType.notFound"))?;
    Ok(schema_response(&head, format_content_type(ct)))
}

/// `GET /api/content-type-builder/components`.
pub(crate) async fn list_components(CurrentTenant(tenant): CurrentTenant, head: Parts) -> SchemaResult {
    authenticate_headers(&tenant, &head.headers).await?.require(PluginAction::FindComponents)?;
    let components = tenant.content.registry().components().iter();
    Ok(schema_response(&head, components.map(format_component).collect()))
}

/// `GET /api/content-type-builder/components/<uid>`.
pub(crate) async fn find_component(
    CurrentTenant(tenant): CurrentTenant,
    Path(uid): Path<String>,
    head: Parts,
) -> SchemaResult {
    authenticate_headers(&tenant, &head.headers).await?.require(PluginAction::FindComponent)?;
    let component = tenant.content.registry().component_by_uid(&uid).ok_or_else(|| not_found("component.notFound"))?;
    Ok(schema_response(&head, format_component(component)))
}

/// The kind that a query string asks for; `None` for all.
fn parse_kind(query: &str) -> Result<Option<ContentTypeKind>, WireError> {
    let kind = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "kind");
    match kind.as_ref().map(|(_, kind)| kind.as_ref()) {
        None => Ok(None),
        Some("collectionType") => Ok(Some(ContentTypeKind::Collection)),
        Some("singleType") => Ok(Some(ContentTypeKind::Single)),
        Some(_) => Err(WireError::for_field("kind", "must be collectionType or singleType")),
    }
}

fn not_found(message: &str) -> WireError {
    WireError::new(ErrorKind::NotFound, message)
}

fn schema_response(head: &Parts, data: Json) -> Response<Body> {
    responses::conditional_response(json!({ "data": data }).to_string().into_bytes(), head.headers.get(IF_NONE_MATCH))
}
