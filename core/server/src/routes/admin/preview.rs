//! Preview links.

use super::shapes::preview::{NewLink, PreviewLink};
use super::subject;
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::body::Json;
use crate::extract::tenant::CurrentTenant;
use crate::openapi::answers::{As, Data, Done, List, each};
use crate::openapi::router::AreaRouter;
use crate::openapi::router::routes;
use cairn_content::NewPreview;
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list, create)).routes(routes!(withdraw))
}

/// Life of a link where none is asked for, in seconds.
const DAY: i64 = 86_400;

/// A document.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct Asked {
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

/// Makes a link that shows a draft to whoever has it.
#[utoipa::path(post, path = "/admin/api/preview")]
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    body: Json<NewPreviewLink>,
) -> Result<Data<As<NewLink>>, WireError> {
    let body: Value = body.object(&tenant).await?.into();
    let (who, ct) = (subject::Asking::of(&tenant, &admin), subject::content_type(&tenant, &body["type"])?);
    let seconds = match &body["ttl"] {
        Value::Null => DAY,
        ttl => ttl.as_i64().ok_or_else(|| WireError::validation("ttl: expected a whole number of seconds"))?,
    };
    let new = NewPreview {
        document_id: subject::text(&body, "documentId")?.to_owned(),
        locale: subject::locale(&body)?,
        seconds,
    };
    Ok(Data { data: tenant.content.make_preview(&who.who(), ct, new).await?.into() })
}

/// The links to a document that can be used.
#[utoipa::path(get, path = "/admin/api/preview", params(Asked))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Query(asked): Query<Asked>,
) -> Result<List<As<PreviewLink>>, WireError> {
    let (who, ct) = (subject::Asking::of(&tenant, &admin), subject::content_type(&tenant, &asked.r#type.into())?);
    Ok(List { data: each(tenant.content.previews(&who.who(), ct, &asked.document_id)?) })
}

/// Withdraws a link.
#[utoipa::path(delete, path = "/admin/api/preview/{id}")]
async fn withdraw(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<String>,
) -> Result<Done, WireError> {
    tenant.content.withdraw_preview(&subject::Asking::of(&tenant, &admin).who(), &id).await?;
    Ok(Done)
}
