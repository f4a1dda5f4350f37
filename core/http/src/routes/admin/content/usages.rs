//! Where an entry is used.

use super::collection_type;
use crate::error::WireError;
use crate::extract::require::{AnyAdmin, Require};
use crate::extract::tenant::CurrentTenant;
use crate::extract::url_params::Path;
use crate::openapi::response_types::Page;
use crate::openapi::router::AreaRouter;
use crate::openapi::router::routes;
use crate::routes::admin::content_caller::ContentCaller;
use crate::routes::admin::content_types::TypeTexts;
use cairn_content::DocumentUsageView;
use cairn_query::Action;
use serde::Serialize;
use utoipa::ToSchema;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(usages))
}

/// Metadata of a list of usages.
#[derive(Debug, Serialize, ToSchema)]
struct EntryUsagesMeta {
    /// False: there are more.
    complete: bool,
}

/// Entries that link to this one: drafts and published versions, in all locales, as far as the caller may see them.
#[utoipa::path(get, path = "/admin/api/content/{uid}/{documentId}/usages")]
async fn usages(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path((uid, document_id)): Path<(String, String)>,
) -> Result<Page<DocumentUsageView, EntryUsagesMeta>, WireError> {
    let (ct, asking) = (collection_type(&tenant, &uid)?, ContentCaller::for_admin(&tenant, &admin));
    asking.require(ct, Action::FindOne)?;
    let (mut data, complete) = tenant.content.find_usages(&asking.editorial_caller(), ct.id, &document_id)?;
    let uids = data.iter().map(|usage| usage.content_type.as_str()).collect();
    let texts = TypeTexts::load_for_uids(&tenant, &admin.language(&tenant), uids).await?;
    for usage in &mut data {
        if let Some(name) = texts.find_display_name(asking.registry(), &usage.content_type) {
            usage.type_name = name;
        }
    }
    Ok(Page { data, meta: EntryUsagesMeta { complete } })
}
