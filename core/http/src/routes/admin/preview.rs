//! Preview links.

use super::content_caller;
use crate::error::WireError;
use crate::extract::body::Json;
use crate::extract::require::{AnyAdmin, Require};
use crate::extract::tenant::CurrentTenant;
use crate::extract::url_params::{Path, Query};
use crate::openapi::response_types::{Data, EmptyData, List};
use crate::openapi::router::AreaRouter;
use crate::openapi::router::routes;
use cairn_content::{IssuedPreviewLink, NewPreview, PreviewLinkView};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list, create)).routes(routes!(withdraw))
}

/// Life of a link where none is asked for, in seconds.
const DEFAULT_LINK_SECONDS: i64 = 86_400;

/// The document whose preview links are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct PreviewLinkParams {
    /// The uid of its type.
    #[param(required)]
    r#type: String,
    #[param(required)]
    document_id: String,
}

/// A link to be made.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct NewPreviewLink {
    /// The uid of the document's type.
    r#type: String,
    document_id: String,
    /// The default one, where it is left out.
    locale: Option<String>,
    /// Its life in seconds; a day where it is left out.
    ttl: Option<i64>,
}

/// Makes a link that shows a draft to whoever has it, past the read policies of plugins.
#[utoipa::path(post, path = "/admin/api/preview")]
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    body: Json<NewPreviewLink>,
) -> Result<Data<IssuedPreviewLink>, WireError> {
    let body: Value = body.read_object(&tenant).await?.into();
    let (caller, ct) = (
        content_caller::ContentCaller::for_admin(&tenant, &admin),
        content_caller::content_type(&tenant, &body["type"])?,
    );
    let seconds = match &body["ttl"] {
        Value::Null => DEFAULT_LINK_SECONDS,
        ttl => ttl.as_i64().ok_or_else(|| WireError::validation("ttl: expected a whole number of seconds"))?,
    };
    let new = NewPreview {
        document_id: content_caller::required_text(&body, "documentId")?.to_owned(),
        locale: content_caller::optional_locale(&body)?,
        seconds,
        past_read_policy: tenant.plugins.plugins().has_policy_for(ct.id),
    };
    Ok(Data { data: tenant.content.create_preview(&caller.editorial_caller(), ct, new).await? })
}

/// The links to a document that can be used.
#[utoipa::path(get, path = "/admin/api/preview", params(PreviewLinkParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Query(params): Query<PreviewLinkParams>,
) -> Result<List<PreviewLinkView>, WireError> {
    let (caller, ct) = (
        content_caller::ContentCaller::for_admin(&tenant, &admin),
        content_caller::content_type(&tenant, &params.r#type.into())?,
    );
    Ok(List { data: tenant.content.list_previews(&caller.editorial_caller(), ct, &params.document_id)? })
}

/// Withdraws a link.
#[utoipa::path(delete, path = "/admin/api/preview/{id}")]
async fn withdraw(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path(id): Path<String>,
) -> Result<EmptyData, WireError> {
    tenant
        .content
        .withdraw_preview(&content_caller::ContentCaller::for_admin(&tenant, &admin).editorial_caller(), &id)
        .await?;
    Ok(EmptyData)
}
