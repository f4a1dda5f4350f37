//! Presence: the people who have a document open.

use cairn_content::{PresenceHeartbeat, PresenceState, PresentAnywhere, PresentHere};
use cairn_http::content_caller;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{AnyPerson, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Query;
use cairn_http::openapi::response_types::{Data, EmptyData, List};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list, here, gone))
}

/// A document; none: everywhere.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct ListPresenceParams {
    /// The uid of its type.
    r#type: Option<String>,
    document_id: Option<String>,
    /// The default one, where it is left out.
    locale: Option<String>,
}

/// A tab that has a document open.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct PresenceBeat {
    /// The uid of the document's type.
    r#type: String,
    document_id: String,
    /// The default one, where it is left out.
    locale: Option<String>,
    /// Tells the tabs of one user apart.
    tab: String,
    /// The attribute that the caret is in.
    field: Option<String>,
    /// True if the tab wants that attribute for itself.
    lock: Option<bool>,
    /// True if it takes it from whoever holds it.
    take_over: Option<bool>,
}

fn parse_beat(body: &Value) -> Result<PresenceHeartbeat, WireError> {
    let flag = |key: &str| match &body[key] {
        Value::Null => Ok(false),
        Value::Bool(flag) => Ok(*flag),
        _ => Err(WireError::validation(format!("{key}: expected true or false"))),
    };
    let field = match &body["field"] {
        Value::Null => String::new(),
        Value::String(field) => field.clone(),
        _ => return Err(WireError::validation("field: must be a string")),
    };
    Ok(PresenceHeartbeat {
        document_id: content_caller::required_text(body, "documentId")?.to_owned(),
        locale: content_caller::optional_locale(body)?,
        tab: content_caller::required_text(body, "tab")?.to_owned(),
        field,
        lock: flag("lock")?,
        take_over: flag("takeOver")?,
    })
}

/// A tab is there: to be said every 20 to 30 seconds.
#[utoipa::path(post, path = "/admin/api/presence")]
async fn here(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    body: Json<PresenceBeat>,
) -> Result<Data<PresenceState>, WireError> {
    let body: Value = body.read_object(&tenant).await?.into();
    let (caller, ct) = (
        content_caller::ContentCaller::for_admin(&tenant, &admin),
        content_caller::content_type(&tenant, &body["type"])?,
    );
    Ok(Data { data: tenant.content.report_presence(&caller.editorial_caller(), ct, parse_beat(&body)?).await? })
}

/// A tab has gone.
#[utoipa::path(delete, path = "/admin/api/presence")]
async fn gone(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    body: Json<PresenceBeat>,
) -> Result<EmptyData, WireError> {
    let body: Value = body.read_object(&tenant).await?.into();
    let (caller, ct) = (
        content_caller::ContentCaller::for_admin(&tenant, &admin),
        content_caller::content_type(&tenant, &body["type"])?,
    );
    tenant.content.leave_document(&caller.editorial_caller(), ct, parse_beat(&body)?).await?;
    Ok(EmptyData)
}

/// A tab: with `holds` where a document was asked about, else with the document.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum SomebodyPresent {
    Here(PresentHere),
    Anywhere(PresentAnywhere),
}

/// Lists the people in a document, or anywhere.
#[utoipa::path(get, path = "/admin/api/presence", params(ListPresenceParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Query(params): Query<ListPresenceParams>,
) -> Result<List<SomebodyPresent>, WireError> {
    let caller = content_caller::ContentCaller::for_admin(&tenant, &admin);
    let data = match (params.r#type, params.document_id) {
        (None, None) => {
            let everywhere = tenant.content.list_all_presence(&caller.editorial_caller())?;
            everywhere.into_iter().map(SomebodyPresent::Anywhere).collect()
        }
        (Some(uid), Some(document)) => {
            let ct = content_caller::content_type(&tenant, &uid.into())?;
            let locale = params.locale.as_deref();
            let present = tenant.content.list_presence(&caller.editorial_caller(), ct, &document, locale)?;
            present.into_iter().map(SomebodyPresent::Here).collect()
        }
        _ => return Err(WireError::validation("type and documentId must be given together")),
    };
    Ok(List { data })
}
