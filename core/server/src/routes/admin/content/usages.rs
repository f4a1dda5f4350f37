//! Where an entry is used.

use super::collection_type;
use crate::error::WireError;
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use crate::extract::url_params::Path;
use crate::openapi::response_types::{DescribedAs, Page, describe_all};
use crate::openapi::router::AreaRouter;
use crate::openapi::router::routes;
use crate::routes::admin::content_caller::ContentCaller;
use cairn_query::Action;
use serde::Serialize;
use utoipa::ToSchema;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(usages))
}

/// An entry that links to another.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "the content core writes it; this describes it")]
struct EntryUsage {
    content_type: String,
    /// Display name of the content type.
    type_name: String,
    document_id: String,
    /// `null` where the type is not localised.
    locale: Option<String>,
    status: EntryUsageStatus,
    /// Where in it: the attribute, with places in lists and components before it.
    path: String,
    /// What it is called.
    title: Option<String>,
}

/// In which version.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "the content core writes it; this describes it")]
enum EntryUsageStatus {
    Draft,
    Published,
}

/// Whether all usages are there.
#[derive(Debug, Serialize, ToSchema)]
struct EntryUsagesMeta {
    /// False: there are more.
    complete: bool,
}

/// Entries that link to this one: drafts and published versions, in all locales, as far as the caller may see them.
#[utoipa::path(get, path = "/admin/api/content/{uid}/{documentId}/usages")]
async fn usages(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document_id)): Path<(String, String)>,
) -> Result<Page<DescribedAs<EntryUsage>, EntryUsagesMeta>, WireError> {
    let (ct, asking) = (collection_type(&tenant, &uid)?, ContentCaller::for_admin(&tenant, &admin));
    asking.require(ct, Action::FindOne)?;
    let (found, complete) = tenant.content.find_usages(&asking.editorial_caller(), ct.id, &document_id)?;
    Ok(Page { data: describe_all(found), meta: EntryUsagesMeta { complete } })
}
