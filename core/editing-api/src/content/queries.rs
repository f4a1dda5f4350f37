//! The content type that a request addresses, and the query of the content API that it means.

use super::full_entry;
use axum::http::Uri;
use cairn_app::Tenant;
use cairn_content::ContentError;
use cairn_http::content_caller::ContentCaller;
use cairn_http::content_types::find_type_by_uid;
use cairn_http::error::WireError;
use cairn_model::{ContentType, ContentTypeKind};
use cairn_query::{ParamError, Query, QueryBuilder, QueryTree};

pub(super) fn collection_type<'t>(tenant: &'t Tenant, uid: &str) -> Result<&'t ContentType, WireError> {
    let ct = find_type_by_uid(tenant, uid)?;
    match ct.kind {
        ContentTypeKind::Collection => Ok(ct),
        ContentTypeKind::Single => {
            Err(WireError::validation(format!("{uid} is a single type: it has one entry, without an id")))
        }
    }
}

pub(super) fn single_type<'t>(tenant: &'t Tenant, uid: &str) -> Result<&'t ContentType, WireError> {
    let ct = find_type_by_uid(tenant, uid)?;
    match ct.kind {
        ContentTypeKind::Single => Ok(ct),
        ContentTypeKind::Collection => {
            Err(WireError::validation(format!("{uid} is a collection type: specify the document id of an entry")))
        }
    }
}

/// Purpose of a query: that of a write may ask for no status but `draft`.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum WriteQuery {
    Yes,
    No,
}

/// The parameters of a request, to be changed. Fails with 400 or 414 for a query string that cannot be read.
pub(super) fn query_parameters(uri: &Uri) -> Result<QueryBuilder, WireError> {
    let query = Query::from_text(uri.query().unwrap_or_default());
    Ok(query.to_builder().map_err(|e| ContentError::from(ParamError::from(e)))?)
}

/// The query as the content API takes it: of drafts, and with all that `populate=everything` means.
pub(super) fn content_query(
    asking: &ContentCaller,
    ct: &ContentType,
    mut parameters: QueryBuilder,
    saved: WriteQuery,
) -> Result<Query, WireError> {
    if parameters.get("populate").and_then(QueryTree::as_text) == Some("everything") {
        parameters.take("populate");
        if let Some(everything) = full_entry::full_populate(asking.registry(), ct, asking.access()) {
            parameters.set("populate", everything);
        }
    }
    match parameters.get("status") {
        None if ct.draft_publish => parameters.set("status", "draft"),
        Some(status) if saved == WriteQuery::Yes && status.as_text() != Some("draft") => {
            return Err(WireError::validation("status: only drafts can be saved here; use the publish action instead"));
        }
        _ => {}
    }
    Ok(parameters.build())
}

/// All locales, where none is named.
pub(super) fn deletion_query(ct: &ContentType, parameters: QueryBuilder) -> Query {
    let is_named = parameters.get("locale").is_some_and(|locale| locale.as_text() != Some(""));
    match ct.localized && !is_named {
        true => QueryBuilder::new().with("locale", "*").build(),
        false => parameters.build(),
    }
}

/// The query of a write about one locale's draft.
pub(super) fn draft_query(ct: &ContentType, locale: Option<&str>) -> QueryBuilder {
    let mut query = QueryBuilder::new();
    if ct.draft_publish {
        query.set("status", "draft");
    }
    if let Some(locale) = locale {
        query.set("locale", locale);
    }
    query
}

/// The one locale that a query names, or else the default one.
pub(super) fn requested_locale(tenant: &Tenant, query: &Query) -> String {
    let named = query.get("locale").ok().flatten().and_then(QueryTree::as_text).filter(|locale| !locale.is_empty());
    named.map_or_else(|| tenant.access.locales().default.to_string(), str::to_owned)
}
