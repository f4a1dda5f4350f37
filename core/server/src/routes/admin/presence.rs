//! Who has which document open.

use super::shapes::presence::{PresentState, SomebodyPresent};
use super::subject;
use crate::error::WireError;
use crate::extract::address::Query;
use crate::extract::admin::Admin;
use crate::extract::body::Json;
use crate::extract::tenant::CurrentTenant;
use crate::openapi::answers::{As, Data, Done, List, each};
use crate::openapi::router::AreaRouter;
use crate::openapi::router::routes;
use cairn_content::Beat;
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list, here, gone))
}

/// A document; none: everywhere.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct Asked {
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
    /// Whether the tab wants that attribute for itself.
    lock: Option<bool>,
    /// Whether it takes it from whoever holds it.
    take_over: Option<bool>,
}

fn beat(body: &Value) -> Result<Beat, WireError> {
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
    Ok(Beat {
        document_id: subject::text(body, "documentId")?.to_owned(),
        locale: subject::locale(body)?,
        tab: subject::text(body, "tab")?.to_owned(),
        field,
        lock: flag("lock")?,
        take_over: flag("takeOver")?,
    })
}

/// A tab is there: to be said every 20 to 30 seconds.
#[utoipa::path(post, path = "/admin/api/presence")]
async fn here(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    body: Json<PresenceBeat>,
) -> Result<Data<As<PresentState>>, WireError> {
    let body: Value = body.object(&tenant).await?.into();
    let (who, ct) = (subject::Asking::of(&tenant, &admin), subject::content_type(&tenant, &body["type"])?);
    Ok(Data { data: tenant.content.be_present(&who.who(), ct, beat(&body)?).await?.into() })
}

/// A tab has gone.
#[utoipa::path(delete, path = "/admin/api/presence")]
async fn gone(CurrentTenant(tenant): CurrentTenant, admin: Admin, body: Json<PresenceBeat>) -> Result<Done, WireError> {
    let body: Value = body.object(&tenant).await?.into();
    let (who, ct) = (subject::Asking::of(&tenant, &admin), subject::content_type(&tenant, &body["type"])?);
    tenant.content.leave(&who.who(), ct, beat(&body)?).await?;
    Ok(Done)
}

/// Who is in a document, or anywhere.
#[utoipa::path(get, path = "/admin/api/presence", params(Asked))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Query(asked): Query<Asked>,
) -> Result<List<As<SomebodyPresent>>, WireError> {
    let who = subject::Asking::of(&tenant, &admin);
    let present = match (asked.r#type, asked.document_id) {
        (None, None) => tenant.content.present_anywhere(&who.who())?,
        (Some(uid), Some(document)) => {
            let ct = subject::content_type(&tenant, &uid.into())?;
            tenant.content.present(&who.who(), ct, &document, asked.locale.as_deref())?
        }
        _ => return Err(WireError::validation("type and documentId must be given together")),
    };
    Ok(List { data: if let Value::Array(present) = present { each(present) } else { Vec::new() } })
}
