//! Rules that values of a draft break: it is saved with them, and cannot be published before they are mended.

use super::queries::requested_locale;
use cairn_app::Tenant;
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_model::ContentType;
use cairn_model::validate::FieldError;
use cairn_query::{Action, Query, QueryTree};
use serde::Serialize;
use utoipa::ToSchema;

/// A rule that a value of a draft breaks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DraftProblem {
    /// Keys and indexes from the entry to the value: `["links", "1", "kind"]`.
    path: Vec<String>,
    /// The rule, in the words of the error that publishing returns.
    message: String,
}

/// The problems of a stored draft; `None` if the query does not read drafts.
pub(super) fn load_draft_problems(
    tenant: &Tenant,
    asking: &ContentCaller,
    ct: &ContentType,
    document_id: &str,
    query: &Query,
) -> Result<Option<Vec<DraftProblem>>, WireError> {
    let status = query.get("status").ok().flatten().and_then(QueryTree::as_text);
    if !ct.draft_publish || status != Some("draft") {
        return Ok(None);
    }
    let locale = if ct.localized { requested_locale(tenant, query) } else { String::new() };
    let found = tenant.content.find_draft_problems(ct.id, document_id, &locale)?;
    Ok(Some(to_draft_problems(asking, ct, found)))
}

/// Of these problems those in fields that the caller may read.
pub(super) fn to_draft_problems(
    asking: &ContentCaller,
    ct: &ContentType,
    problems: Vec<FieldError>,
) -> Vec<DraftProblem> {
    let access = asking.access();
    let is_readable = |error: &FieldError| {
        error.path.first().and_then(|name| ct.attributes.get(name)).is_some_and(|(id, _)| {
            access.allows_attribute(ct, id, Action::FindOne) || access.allows_attribute(ct, id, Action::Find)
        })
    };
    let readable = problems.into_iter().filter(is_readable);
    readable.map(|FieldError { path, message, .. }| DraftProblem { path, message }).collect()
}
