//! Where an entry is used.

use cairn_content::DocumentUsageView;
use cairn_http::content_caller::ContentCaller;
use cairn_http::content_types::find_type_by_uid;
use cairn_http::error::WireError;
use cairn_http::extract::require::{AnyAdmin, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::Page;
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_http::type_texts::TypeTexts;
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
    let (ct, asking) = (find_type_by_uid(&tenant, &uid)?, ContentCaller::for_admin(&tenant, &admin));
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
