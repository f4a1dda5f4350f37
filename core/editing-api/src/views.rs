//! Views of lists that people save: their own, and those that they share.

use cairn_app::Tenant;
use cairn_http::content_caller::{self, ContentCaller};
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{AnyPerson, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{CreatedData, Data, EmptyData, List, Time};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_query::Action;
use cairn_store::system::{AdminViewRow, NewAdminView};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

/// Views that one person may save.
const MAX_VIEWS_PER_USER: i64 = 500;
/// Largest definition in bytes of JSON.
const MAX_DEFINITION_BYTES: usize = 32 * 1024;
/// Longest name in characters.
const MAX_NAME_CHARS: usize = 100;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list, create)).routes(routes!(change, remove))
}

/// A saved view of a list of entries.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SavedView {
    id: i64,
    /// Uid of the type that it lists.
    r#type: String,
    name: String,
    /// Everybody who may list the type has it.
    shared: bool,
    /// In the vocabulary of the views.
    definition: Map<String, Value>,
    /// It is the caller's own.
    own: bool,
    updated_at: Time,
}

fn to_saved_view(admin: &Admin, row: AdminViewRow) -> SavedView {
    let AdminViewRow { id, owner, view, updated_at } = row;
    let NewAdminView { content_type, name, shared, definition } = view;
    SavedView {
        id,
        r#type: content_type,
        name,
        shared,
        definition,
        own: owner == admin.id,
        updated_at: Time(updated_at),
    }
}

/// Definition of a view to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SaveView {
    /// Uid of the type that it lists.
    r#type: String,
    name: String,
    /// Everybody who may list the type has it.
    #[serde(default)]
    shared: bool,
    /// In the vocabulary of the views.
    definition: Map<String, Value>,
}

impl SaveView {
    fn into_new_view(self, tenant: &Tenant, admin: &Admin) -> Result<NewAdminView, WireError> {
        let ct = content_caller::content_type(tenant, &self.r#type.as_str().into())?;
        ContentCaller::for_admin(tenant, admin).require(ct, Action::Find)?;
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME_CHARS {
            return Err(WireError::validation(format!("name: expected 1 to {MAX_NAME_CHARS} characters")));
        }
        if Value::Object(self.definition.clone()).to_string().len() > MAX_DEFINITION_BYTES {
            return Err(WireError::validation(format!("definition: must have at most {MAX_DEFINITION_BYTES} bytes")));
        }
        Ok(NewAdminView {
            content_type: ct.uid.clone(),
            name: name.to_owned(),
            shared: self.shared,
            definition: self.definition,
        })
    }
}

/// Filter of saved views.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ListViewsParams {
    /// Uid of the type that they list.
    r#type: Option<String>,
}

/// One's own views and the shared ones, of types that one may list.
#[utoipa::path(get, path = "/admin/api/views", params(ListViewsParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Query(params): Query<ListViewsParams>,
) -> Result<List<SavedView>, WireError> {
    Ok(List { data: list_views(&tenant, &admin, params.r#type.as_deref())? })
}

/// Those that are dashboards.
pub(super) fn list_dashboards(tenant: &Tenant, admin: &Admin) -> Result<Vec<SavedView>, WireError> {
    let mut views = list_views(tenant, admin, None)?;
    views.retain(|view| view.definition.get("kind").is_some_and(|kind| kind == "dashboard"));
    Ok(views)
}

fn list_views(tenant: &Tenant, admin: &Admin, content_type: Option<&str>) -> Result<Vec<SavedView>, WireError> {
    let asking = ContentCaller::for_admin(tenant, admin);
    let mut rows = tenant.content.store().read(|r| r.admin_views().list(content_type, admin.id))?;
    let registry = tenant.content.registry();
    rows.retain(|row| {
        let ct = registry.by_uid(&row.view.content_type);
        ct.is_some_and(|ct| asking.require(ct, Action::Find).is_ok())
    });
    Ok(rows.into_iter().map(|row| to_saved_view(admin, row)).collect())
}

/// Saves a new view.
#[utoipa::path(post, path = "/admin/api/views")]
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    body: Json<SaveView>,
) -> Result<CreatedData<SavedView>, WireError> {
    let view = body.read(&tenant).await?.into_new_view(&tenant, &admin)?;
    let store = tenant.content.store();
    if store.read(|r| r.admin_views().count(admin.id))? >= MAX_VIEWS_PER_USER {
        return Err(WireError::validation(format!("You already have {MAX_VIEWS_PER_USER} views: delete one first")));
    }
    let (owner, now) = (admin.id, tenant.access.now().timestamp_millis());
    let new_admin_view = view.clone();
    let id = store.write(move |tx| tx.admin_views().create(&new_admin_view, owner, now)).await?;
    Ok(CreatedData { data: to_saved_view(&admin, AdminViewRow { id, owner, view, updated_at: now }) })
}

/// A view that the caller may change: their own; a shared one also who may do everything.
fn require_own_view(tenant: &Tenant, admin: &Admin, id: i64) -> Result<AdminViewRow, WireError> {
    let row = tenant.content.store().read(|r| r.admin_views().get(id))?;
    let row = row.filter(|row| row.owner == admin.id || row.view.shared).ok_or_else(WireError::not_found)?;
    if row.owner == admin.id || admin.is_super() { Ok(row) } else { Err(WireError::forbidden()) }
}

/// Changes a view as a whole; its type stays.
#[utoipa::path(put, path = "/admin/api/views/{id}")]
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Path(id): Path<i64>,
    body: Json<SaveView>,
) -> Result<Data<SavedView>, WireError> {
    let before = require_own_view(&tenant, &admin, id)?;
    let view = body.read(&tenant).await?.into_new_view(&tenant, &admin)?;
    if view.content_type != before.view.content_type {
        return Err(WireError::validation("type: the type of a view cannot be changed; save another view instead"));
    }
    let (stored, now) = (view.clone(), tenant.access.now().timestamp_millis());
    if !tenant.content.store().write(move |tx| tx.admin_views().update(id, &stored, now)).await? {
        return Err(WireError::not_found());
    }
    Ok(Data { data: to_saved_view(&admin, AdminViewRow { view, updated_at: now, ..before }) })
}

/// Removes a view.
#[utoipa::path(delete, path = "/admin/api/views/{id}")]
async fn remove(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Path(id): Path<i64>,
) -> Result<EmptyData, WireError> {
    require_own_view(&tenant, &admin, id)?;
    tenant.content.store().write(move |tx| tx.admin_views().delete(id)).await?;
    Ok(EmptyData)
}
