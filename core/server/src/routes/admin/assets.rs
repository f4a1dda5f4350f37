//! The media library.

use super::review::body;
use super::subject::Asking;
use super::{data, with_meta};
use crate::Tenant;
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use axum::Router;
use axum::body::Body;
use axum::http::Response;
use axum::http::request::Parts;
use axum::routing::{get, post, put};
use cairn_access::AdminAction;
use cairn_library::{Asked, Bulk, Library, read};
use serde::Deserialize;
use serde_json::{Value as Json, json};

type Answered = Result<Response<Body>, WireError>;

/// Files whose usages are asked for at a time.
const MOST: usize = 100;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/assets", get(list))
        .route("/admin/api/assets/bulk", post(bulk))
        .route("/admin/api/assets/duplicates", get(duplicates))
        .route("/admin/api/assets/usages", get(usages))
        .route("/admin/api/assets/tags", get(tags))
        .route("/admin/api/assets/tags/{tag}", put(rename_tag).delete(delete_tag))
        .route("/admin/api/assets/folders", get(folders).post(make_folder))
        .route("/admin/api/assets/folders/{id}", get(folder).put(change_folder).delete(delete_folder))
        .route("/admin/api/assets/{document_id}", get(file).put(change))
        .route("/admin/api/assets/{document_id}/usages", get(usages_of))
}

/// The library of a tenant.
fn library(tenant: &Tenant) -> Library {
    Library::new(tenant.content.clone(), tenant.access.clone())
}

/// `GET /admin/api/assets`: see [`Asked`].
async fn list(CurrentTenant(tenant): CurrentTenant, _: Admin, Query(asked): Query<Asked>) -> Answered {
    let (files, meta) = library(&tenant).list(&asked)?;
    Ok(with_meta(files, meta))
}

/// `POST /admin/api/assets/bulk`: `{action: move | tag | untag | private | trash, ids, folder, tags, private}`.
async fn bulk(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, given: Body) -> Answered {
    let input: Bulk = read(body(&tenant, &head, given).await?)?;
    if matches!(input, Bulk::Trash { .. }) {
        admin.require(&tenant, AdminAction::MediaDelete)?;
    }
    Ok(data(library(&tenant).bulk(admin.actor(), input).await?))
}

/// Where a list of groups goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Groups {
    after: Option<String>,
    limit: Option<i64>,
}

async fn duplicates(CurrentTenant(tenant): CurrentTenant, _: Admin, Query(of): Query<Groups>) -> Answered {
    let (groups, meta) = library(&tenant).duplicates(of.after.as_deref().unwrap_or_default(), of.limit)?;
    Ok(with_meta(groups, meta))
}

/// `?ids=a,b&mentions=true`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Used {
    ids: String,
    mentions: Option<bool>,
}

/// `GET /admin/api/assets/usages?ids=…`: of several files at once; where texts name them only with `mentions=true`.
async fn usages(CurrentTenant(tenant): CurrentTenant, admin: Admin, Query(of): Query<Used>) -> Answered {
    let ids: Vec<&str> = of.ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    if ids.is_empty() || ids.len() > MOST {
        return Err(WireError::validation(format!("ids: expected 1 to {MOST} files with commas between them")));
    }
    let (found, complete) = library(&tenant).usages(&ids, of.mentions.unwrap_or(false))?;
    let found = Asking::of(&tenant, &admin).seen(&tenant, found, "contentType", "documentId")?;
    Ok(with_meta(found, json!({ "complete": complete })))
}

/// `GET …/<document>/usages`: with the texts that name it, unless `mentions=false`.
async fn usages_of(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(document): Path<String>,
    Query(of): Query<Used>,
) -> Answered {
    let (found, complete) = library(&tenant).usages(&[&document], of.mentions.unwrap_or(true))?;
    let found = Asking::of(&tenant, &admin).seen(&tenant, found, "contentType", "documentId")?;
    Ok(with_meta(found, json!({ "complete": complete })))
}

async fn file(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(document): Path<String>) -> Answered {
    let mut file = library(&tenant).file(&document)?;
    if let Json::Array(usages) = file["usages"].take() {
        file["usages"] = Asking::of(&tenant, &admin).seen(&tenant, usages, "contentType", "documentId")?.into();
    }
    Ok(data(file))
}

/// `PUT …/<document>`: `{name, folder, tags, private, focalPoint, alternativeText, caption, texts: {<locale>: {alternativeText,
/// caption}}}`.
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(document): Path<String>,
    head: Parts,
    given: Body,
) -> Answered {
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(data(library(&tenant).change(admin.actor(), &document, input).await?))
}

async fn tags(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Answered {
    Ok(data(library(&tenant).tags()?))
}

/// What a tag is to be called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Renamed {
    tag: String,
}

/// `PUT …/tags/<tag>`: `{tag}`; where there is one of that name the two become one.
async fn rename_tag(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(tag): Path<String>,
    head: Parts,
    given: Body,
) -> Answered {
    let input: Renamed = read(body(&tenant, &head, given).await?)?;
    Ok(data(library(&tenant).rename_tag(admin.actor(), &tag, &input.tag).await?))
}

async fn delete_tag(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(tag): Path<String>) -> Answered {
    Ok(data(library(&tenant).delete_tag(admin.actor(), &tag).await?))
}

/// `GET …/folders`: all of them, with how many files are in each; `meta.files`: in none.
async fn folders(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Answered {
    let (folders, files) = library(&tenant).folders()?;
    Ok(with_meta(folders, json!({ "files": files })))
}

/// `POST …/folders`: `{name, parent, private}`.
async fn make_folder(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, given: Body) -> Answered {
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(super::review::made(library(&tenant).make_folder(admin.actor(), input).await?))
}

async fn folder(CurrentTenant(tenant): CurrentTenant, _: Admin, Path(id): Path<i64>) -> Answered {
    Ok(data(library(&tenant).folder(id)?))
}

/// `PUT …/folders/<id>`: `{name, parent, private}`.
async fn change_folder(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    head: Parts,
    given: Body,
) -> Answered {
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(data(library(&tenant).change_folder(admin.actor(), id, input).await?))
}

/// `?recursive=true`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Whole {
    recursive: bool,
}

/// `DELETE …/folders/<id>`: an empty one; with `recursive=true` all that is in it goes to the trash.
async fn delete_folder(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    Query(of): Query<Whole>,
) -> Answered {
    Ok(data(library(&tenant).delete_folder(admin.actor(), id, of.recursive).await?))
}
