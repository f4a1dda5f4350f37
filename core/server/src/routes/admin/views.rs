//! Views of lists that people save: their own, and those that they share.

use super::subject::{self, Asking};
use super::{data, publishing, time};
use crate::answer;
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use crate::tenant::Tenant;
use axum::Router;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use axum::routing::{get, put};
use cairn_content::ContentError;
use cairn_query::Action;
use cairn_store::system::{AdminViewRow, NewAdminView};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

type Answered = Result<Response<Body>, WireError>;

/// Views that one person may save.
const MOST: i64 = 500;
/// Largest definition in bytes of JSON.
const LARGEST: usize = 32 * 1024;
/// Longest name in characters.
const LONGEST: usize = 100;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/views", get(list).post(make))
        .route("/admin/api/views/{id}", put(change).delete(remove))
}

/// A saved view.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    id: i64,
    /// Uid of the type that it lists.
    r#type: String,
    name: String,
    /// Everybody who may list the type has it.
    shared: bool,
    definition: Map<String, Json>,
    /// It is the caller's own.
    own: bool,
    updated_at: Json,
}

fn shown(admin: &Admin, row: AdminViewRow) -> Shown {
    let AdminViewRow { id, owner, view, updated_at } = row;
    let NewAdminView { content_type, name, shared, definition } = view;
    Shown { id, r#type: content_type, name, shared, definition, own: owner == admin.id, updated_at: time(updated_at) }
}

/// What a view shall say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    r#type: String,
    name: String,
    #[serde(default)]
    shared: bool,
    definition: Map<String, Json>,
}

impl Given {
    fn check(self, tenant: &Tenant, admin: &Admin) -> Result<NewAdminView, WireError> {
        let ct = subject::content_type(tenant, &self.r#type.as_str().into())?;
        Asking::of(tenant, admin).require(ct, Action::Find)?;
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > LONGEST {
            return Err(WireError::validation(format!("name: expected 1 to {LONGEST} characters")));
        }
        if Json::Object(self.definition.clone()).to_string().len() > LARGEST {
            return Err(WireError::validation(format!("definition: larger than {LARGEST} bytes")));
        }
        Ok(NewAdminView {
            content_type: ct.uid.clone(),
            name: name.to_owned(),
            shared: self.shared,
            definition: self.definition,
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    r#type: Option<String>,
}

/// `GET /admin/api/views?type=`: one's own and the shared ones, of types that one may list.
async fn list(CurrentTenant(tenant): CurrentTenant, admin: Admin, Query(asked): Query<Asked>) -> Answered {
    let asking = Asking::of(&tenant, &admin);
    let rows = tenant.content.store().read(|r| r.admin_views(asked.r#type.as_deref(), admin.id));
    let mut rows = rows.map_err(ContentError::from)?;
    let registry = tenant.content.registry();
    rows.retain(|row| {
        let ct = registry.by_uid(&row.view.content_type);
        ct.is_some_and(|ct| asking.require(ct, Action::Find).is_ok())
    });
    let list: Vec<Shown> = rows.into_iter().map(|row| shown(&admin, row)).collect();
    Ok(data(serde_json::to_value(list).map_err(WireError::internal)?))
}

/// `POST /admin/api/views`: `{type, name, shared?, definition}`.
async fn make(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, body: Body) -> Answered {
    let view = publishing::read::<Given>(&tenant, &head, body).await?.check(&tenant, &admin)?;
    let store = tenant.content.store();
    if store.read(|r| r.count_admin_views(admin.id)).map_err(ContentError::from)? >= MOST {
        return Err(WireError::validation(format!("You have {MOST} views: remove one first")));
    }
    let (owner, now) = (admin.id, tenant.access.now().timestamp_millis());
    let kept = view.clone();
    let id = store.write(move |tx| tx.add_admin_view(&kept, owner, now)).await.map_err(ContentError::from)?;
    let row = AdminViewRow { id, owner, view, updated_at: now };
    let body = serde_json::json!({ "data": shown(&admin, row) });
    Ok(answer::value(StatusCode::CREATED, &body))
}

/// A view that the caller may change: their own; a shared one also who may do everything.
fn own(tenant: &Tenant, admin: &Admin, id: i64) -> Result<AdminViewRow, WireError> {
    let row = tenant.content.store().read(|r| r.admin_view(id)).map_err(ContentError::from)?;
    let row = row.filter(|row| row.owner == admin.id || row.view.shared).ok_or_else(WireError::not_found)?;
    if row.owner == admin.id || admin.is_super() { Ok(row) } else { Err(WireError::forbidden()) }
}

/// `PUT /admin/api/views/{id}`: as a whole; the type stays.
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    head: Parts,
    body: Body,
) -> Answered {
    let before = own(&tenant, &admin, id)?;
    let view = publishing::read::<Given>(&tenant, &head, body).await?.check(&tenant, &admin)?;
    if view.content_type != before.view.content_type {
        return Err(WireError::validation("type: a view stays with its type; save another one"));
    }
    let (kept, now) = (view.clone(), tenant.access.now().timestamp_millis());
    let changed = tenant.content.store().write(move |tx| tx.set_admin_view(id, &kept, now)).await;
    if !changed.map_err(ContentError::from)? {
        return Err(WireError::not_found());
    }
    let row = AdminViewRow { view, updated_at: now, ..before };
    Ok(data(serde_json::to_value(shown(&admin, row)).map_err(WireError::internal)?))
}

/// `DELETE /admin/api/views/{id}`.
async fn remove(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<i64>) -> Answered {
    own(&tenant, &admin, id)?;
    tenant.content.store().write(move |tx| tx.delete_admin_view(id)).await.map_err(ContentError::from)?;
    Ok(data(serde_json::json!({})))
}
