//! The media library.

use super::shapes::assets::{
    AfterText, Asset, AssetDetails, AssetPlaces, AssetUsage, BulkDone, DeletedFolder, DeletedTag, DuplicateAssets,
    Folder, RenamedTag, Tag,
};
use super::subject::Asking;
use crate::Tenant;
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::body::Json;
use crate::extract::tenant::CurrentTenant;
use crate::openapi::answers::{As, Created, Data, List, Page, each};
use crate::openapi::router::AreaRouter;
use crate::openapi::router::routes;
use cairn_access::AdminAction;
use cairn_library::{Asked, Bulk, Change, ChangeFolder, Library, MakeFolder, read};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// Files whose usages are asked for at a time.
const MOST: usize = 100;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list))
        .routes(routes!(bulk))
        .routes(routes!(duplicates))
        .routes(routes!(usages))
        .routes(routes!(tags))
        .routes(routes!(rename_tag, delete_tag))
        .routes(routes!(folders, create_folder))
        .routes(routes!(folder, change_folder, delete_folder))
        .routes(routes!(one, change))
        .routes(routes!(usages_of))
}

/// The library of a tenant.
fn library(tenant: &Tenant) -> Library {
    Library::new(tenant.content.clone(), tenant.access.clone())
}

async fn input<T: DeserializeOwned>(tenant: &Tenant, body: Json<T>) -> Result<T, WireError> {
    Ok(read(body.object(tenant).await?.into())?)
}

/// Files.
#[utoipa::path(get, path = "/admin/api/assets", params(Asked))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Query(asked): Query<Asked>,
) -> Result<Page<As<Asset>, As<AssetPlaces>>, WireError> {
    let (files, meta) = library(&tenant).list(&asked)?;
    Ok(Page { data: each(files), meta: meta.into() })
}

/// Does something with many files.
#[utoipa::path(post, path = "/admin/api/assets/bulk")]
async fn bulk(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    body: Json<Bulk>,
) -> Result<Data<As<BulkDone>>, WireError> {
    let input = input(&tenant, body).await?;
    if matches!(input, Bulk::Trash { .. }) {
        admin.require(&tenant, AdminAction::MediaDelete)?;
    }
    Ok(Data { data: library(&tenant).bulk(admin.actor(), input).await?.into() })
}

/// Where a list of groups goes on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Groups {
    /// `meta.after` of the page before.
    after: Option<String>,
    /// Groups at most: 1 to 50.
    limit: Option<i64>,
}

/// Files with the same bytes.
#[utoipa::path(get, path = "/admin/api/assets/duplicates", params(Groups))]
async fn duplicates(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Query(of): Query<Groups>,
) -> Result<Page<As<DuplicateAssets>, As<AfterText>>, WireError> {
    let (groups, meta) = library(&tenant).duplicates(of.after.as_deref().unwrap_or_default(), of.limit)?;
    Ok(Page { data: each(groups), meta: meta.into() })
}

/// Which usages are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct UsagesOf {
    /// Document ids of files, with commas between them.
    #[param(required)]
    ids: String,
    /// Also where texts name them.
    mentions: Option<bool>,
}

/// Whether all usages are there.
#[derive(Debug, Serialize, ToSchema)]
struct UsagesMeta {
    /// False: there are more.
    complete: bool,
}

/// Entries that show one of several files.
#[utoipa::path(get, path = "/admin/api/assets/usages", params(UsagesOf))]
async fn usages(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Query(of): Query<UsagesOf>,
) -> Result<Page<As<AssetUsage>, UsagesMeta>, WireError> {
    let ids: Vec<&str> = of.ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    if ids.is_empty() || ids.len() > MOST {
        return Err(WireError::validation(format!("ids: expected 1 to {MOST} file ids, separated by commas")));
    }
    let (found, complete) = library(&tenant).usages(&ids, of.mentions.unwrap_or(false))?;
    let found = Asking::of(&tenant, &admin).seen(&tenant, found)?;
    Ok(Page { data: each(found), meta: UsagesMeta { complete } })
}

/// Which usages of a file are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Mentions {
    /// Also where texts name it; so, where it is left out.
    mentions: Option<bool>,
}

/// Entries that show a file.
#[utoipa::path(get, path = "/admin/api/assets/{document_id}/usages", params(Mentions))]
async fn usages_of(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(document_id): Path<String>,
    Query(of): Query<Mentions>,
) -> Result<Page<As<AssetUsage>, UsagesMeta>, WireError> {
    let (found, complete) = library(&tenant).usages(&[&document_id], of.mentions.unwrap_or(true))?;
    let found = Asking::of(&tenant, &admin).seen(&tenant, found)?;
    Ok(Page { data: each(found), meta: UsagesMeta { complete } })
}

/// Everything about a file, in the trash or not.
#[utoipa::path(get, path = "/admin/api/assets/{document_id}")]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(document_id): Path<String>,
) -> Result<Data<As<AssetDetails>>, WireError> {
    let mut file = library(&tenant).file(&document_id)?;
    if let Value::Array(usages) = file["usages"].take() {
        file["usages"] = Asking::of(&tenant, &admin).seen(&tenant, usages)?.into();
    }
    Ok(Data { data: file.into() })
}

/// Changes what is said of a file.
#[utoipa::path(put, path = "/admin/api/assets/{document_id}")]
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(document_id): Path<String>,
    body: Json<Change>,
) -> Result<Data<As<AssetDetails>>, WireError> {
    let input = input(&tenant, body).await?;
    Ok(Data { data: library(&tenant).change(admin.actor(), &document_id, input).await?.into() })
}

/// Every tag.
#[utoipa::path(get, path = "/admin/api/assets/tags")]
async fn tags(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Result<List<As<Tag>>, WireError> {
    Ok(List { data: each(library(&tenant).tags()?) })
}

/// What a tag is to be called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RenameTag {
    tag: String,
}

/// Renames a tag; where there is one of that name the two become one.
#[utoipa::path(put, path = "/admin/api/assets/tags/{tag}")]
async fn rename_tag(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(tag): Path<String>,
    body: Json<RenameTag>,
) -> Result<Data<As<RenamedTag>>, WireError> {
    let input = input(&tenant, body).await?;
    Ok(Data { data: library(&tenant).rename_tag(admin.actor(), &tag, &input.tag).await?.into() })
}

/// Takes a tag from every file.
#[utoipa::path(delete, path = "/admin/api/assets/tags/{tag}")]
async fn delete_tag(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(tag): Path<String>,
) -> Result<Data<As<DeletedTag>>, WireError> {
    Ok(Data { data: library(&tenant).delete_tag(admin.actor(), &tag).await?.into() })
}

/// What is in no folder.
#[derive(Debug, Serialize, ToSchema)]
struct FoldersMeta {
    /// How many files.
    files: i64,
}

/// Every folder.
#[utoipa::path(get, path = "/admin/api/assets/folders")]
async fn folders(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Result<Page<As<Folder>, FoldersMeta>, WireError> {
    let (folders, files) = library(&tenant).folders()?;
    Ok(Page { data: each(folders), meta: FoldersMeta { files } })
}

/// Makes a folder.
#[utoipa::path(post, path = "/admin/api/assets/folders")]
async fn create_folder(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    body: Json<MakeFolder>,
) -> Result<Created<As<Folder>>, WireError> {
    let input = input(&tenant, body).await?;
    Ok(Created { data: library(&tenant).make_folder(admin.actor(), input).await?.into() })
}

/// One folder.
#[utoipa::path(get, path = "/admin/api/assets/folders/{id}")]
async fn folder(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path(id): Path<i64>,
) -> Result<Data<As<Folder>>, WireError> {
    Ok(Data { data: library(&tenant).folder(id)?.into() })
}

/// Renames or moves a folder.
#[utoipa::path(put, path = "/admin/api/assets/folders/{id}")]
async fn change_folder(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    body: Json<ChangeFolder>,
) -> Result<Data<As<Folder>>, WireError> {
    let input = input(&tenant, body).await?;
    Ok(Data { data: library(&tenant).change_folder(admin.actor(), id, input).await?.into() })
}

/// Whether what is in a folder goes with it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Whole {
    /// Files go into the trash, folders are removed. Without it only an empty folder is.
    recursive: bool,
}

/// Removes a folder.
#[utoipa::path(delete, path = "/admin/api/assets/folders/{id}", params(Whole))]
async fn delete_folder(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    Query(of): Query<Whole>,
) -> Result<Data<As<DeletedFolder>>, WireError> {
    Ok(Data { data: library(&tenant).delete_folder(admin.actor(), id, of.recursive).await?.into() })
}
