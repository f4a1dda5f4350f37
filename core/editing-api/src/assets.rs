//! The media library.

use cairn_access::AdminAction;
use cairn_access::action_types::{MediaRead, MediaUpdate};
use cairn_app::Tenant;
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{AfterText, CreatedData, Data, List, Page};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_http::type_texts::TypeTexts;
use cairn_library::{
    AssetChanges, AssetCursorsView, AssetDetailsView, AssetListParams, AssetUsageView, AssetView, BulkAction,
    BulkOutcomeView, ChangeFolder, DeletedFolderView, DeletedTagView, DuplicateAssetsView, FolderView, Library,
    MakeFolder, RenamedTagView, TagView, read_input,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Files whose usages are asked for at a time.
const MAX_USAGE_FILES: usize = 100;

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
fn media_library(tenant: &Tenant) -> Library {
    Library::new(tenant.content.clone(), tenant.access.clone())
}

async fn parse_body<T: DeserializeOwned>(tenant: &Tenant, body: Json<T>) -> Result<T, WireError> {
    Ok(read_input(body.read_object(tenant).await?.into())?)
}

/// The usages by entries that the caller may see, with the names of types in their language.
async fn keep_readable_usages(
    tenant: &Tenant,
    admin: &Admin,
    usages: Vec<AssetUsageView>,
) -> Result<Vec<AssetUsageView>, WireError> {
    let asking = ContentCaller::for_admin(tenant, admin);
    let mut usages = asking
        .keep_readable(tenant, usages, |usage| Some((usage.content_type.as_str(), usage.document_id.as_str())))?;
    let uids = usages.iter().map(|usage| usage.content_type.as_str()).collect();
    let texts = TypeTexts::load_for_uids(tenant, &admin.language(tenant), uids).await?;
    for usage in &mut usages {
        if let Some(name) = texts.find_display_name(asking.registry(), &usage.content_type) {
            usage.type_name = name;
        }
    }
    Ok(usages)
}

/// Lists files of the media library.
#[utoipa::path(get, path = "/admin/api/assets", params(AssetListParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<MediaRead>,
    Query(params): Query<AssetListParams>,
) -> Result<Page<AssetView, AssetCursorsView>, WireError> {
    let (data, meta) = media_library(&tenant).list_files(&params)?;
    Ok(Page { data, meta })
}

/// Does something with many files.
#[utoipa::path(post, path = "/admin/api/assets/bulk")]
async fn bulk(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaUpdate>,
    body: Json<BulkAction>,
) -> Result<Data<BulkOutcomeView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    if matches!(input, BulkAction::Trash { .. }) {
        admin.require(&tenant, AdminAction::MediaDelete)?;
    }
    Ok(Data { data: media_library(&tenant).run_bulk(admin.actor(), input).await? })
}

/// Where a list of groups goes on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct DuplicateGroupParams {
    /// `meta.after` of the page before.
    after: Option<String>,
    /// Groups at most: 1 to 50.
    limit: Option<i64>,
}

/// Files with the same bytes.
#[utoipa::path(get, path = "/admin/api/assets/duplicates", params(DuplicateGroupParams))]
async fn duplicates(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<MediaRead>,
    Query(of): Query<DuplicateGroupParams>,
) -> Result<Page<DuplicateAssetsView, AfterText>, WireError> {
    let (data, after) = media_library(&tenant).list_duplicates(of.after.as_deref().unwrap_or_default(), of.limit)?;
    Ok(Page { data, meta: AfterText { after } })
}

/// Files whose usages are requested.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct AssetUsageParams {
    /// Document ids of files, with commas between them.
    #[param(required)]
    ids: String,
    /// Also where texts name them.
    mentions: Option<bool>,
}

/// Metadata of a list of usages.
#[derive(Debug, Serialize, ToSchema)]
struct UsagesMeta {
    /// False: there are more.
    complete: bool,
}

/// Entries that show one of several files.
#[utoipa::path(get, path = "/admin/api/assets/usages", params(AssetUsageParams))]
async fn usages(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaRead>,
    Query(of): Query<AssetUsageParams>,
) -> Result<Page<AssetUsageView, UsagesMeta>, WireError> {
    let ids: Vec<&str> = of.ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    if ids.is_empty() || ids.len() > MAX_USAGE_FILES {
        return Err(WireError::validation(format!(
            "ids: expected 1 to {MAX_USAGE_FILES} file ids, separated by commas"
        )));
    }
    let (found, complete) = media_library(&tenant).list_usages(&ids, of.mentions.unwrap_or(false))?;
    let data = keep_readable_usages(&tenant, &admin, found).await?;
    Ok(Page { data, meta: UsagesMeta { complete } })
}

/// Kinds of usages of a file that are requested.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct FileUsageParams {
    /// Also where texts name it; so, where it is left out.
    mentions: Option<bool>,
}

/// Entries that show a file.
#[utoipa::path(get, path = "/admin/api/assets/{document_id}/usages", params(FileUsageParams))]
async fn usages_of(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaRead>,
    Path(document_id): Path<String>,
    Query(of): Query<FileUsageParams>,
) -> Result<Page<AssetUsageView, UsagesMeta>, WireError> {
    let (found, complete) = media_library(&tenant).list_usages(&[&document_id], of.mentions.unwrap_or(true))?;
    let data = keep_readable_usages(&tenant, &admin, found).await?;
    Ok(Page { data, meta: UsagesMeta { complete } })
}

/// Everything about a file, in the trash or not.
#[utoipa::path(get, path = "/admin/api/assets/{document_id}")]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaRead>,
    Path(document_id): Path<String>,
) -> Result<Data<AssetDetailsView>, WireError> {
    let mut file = media_library(&tenant).get_file(&document_id)?;
    file.usages = keep_readable_usages(&tenant, &admin, file.usages).await?;
    Ok(Data { data: file })
}

/// Changes what is said of a file.
#[utoipa::path(put, path = "/admin/api/assets/{document_id}")]
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaUpdate>,
    Path(document_id): Path<String>,
    body: Json<AssetChanges>,
) -> Result<Data<AssetDetailsView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(Data { data: media_library(&tenant).change_file(admin.actor(), &document_id, input).await? })
}

/// Lists all tags in use.
#[utoipa::path(get, path = "/admin/api/assets/tags")]
async fn tags(CurrentTenant(tenant): CurrentTenant, _: Require<MediaRead>) -> Result<List<TagView>, WireError> {
    Ok(List { data: media_library(&tenant).list_tags()? })
}

/// New name of a tag.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RenameTag {
    tag: String,
}

/// Renames a tag; where there is one of that name the two become one.
#[utoipa::path(put, path = "/admin/api/assets/tags/{tag}")]
async fn rename_tag(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaUpdate>,
    Path(tag): Path<String>,
    body: Json<RenameTag>,
) -> Result<Data<RenamedTagView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(Data { data: media_library(&tenant).rename_tag(admin.actor(), &tag, &input.tag).await? })
}

/// Takes a tag from every file.
#[utoipa::path(delete, path = "/admin/api/assets/tags/{tag}")]
async fn delete_tag(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaUpdate>,
    Path(tag): Path<String>,
) -> Result<Data<DeletedTagView>, WireError> {
    Ok(Data { data: media_library(&tenant).delete_tag(admin.actor(), &tag).await? })
}

/// Number of files that are in no folder.
#[derive(Debug, Serialize, ToSchema)]
struct FoldersMeta {
    /// How many files.
    files: i64,
}

/// Lists all folders.
#[utoipa::path(get, path = "/admin/api/assets/folders")]
async fn folders(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<MediaRead>,
) -> Result<Page<FolderView, FoldersMeta>, WireError> {
    let (data, files) = media_library(&tenant).list_folders()?;
    Ok(Page { data, meta: FoldersMeta { files } })
}

/// Makes a folder.
#[utoipa::path(post, path = "/admin/api/assets/folders")]
async fn create_folder(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaUpdate>,
    body: Json<MakeFolder>,
) -> Result<CreatedData<FolderView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(CreatedData { data: media_library(&tenant).create_folder(admin.actor(), input).await? })
}

/// Gets a folder.
#[utoipa::path(get, path = "/admin/api/assets/folders/{id}")]
async fn folder(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<MediaRead>,
    Path(id): Path<i64>,
) -> Result<Data<FolderView>, WireError> {
    Ok(Data { data: media_library(&tenant).get_folder(id)? })
}

/// Renames or moves a folder.
#[utoipa::path(put, path = "/admin/api/assets/folders/{id}")]
async fn change_folder(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaUpdate>,
    Path(id): Path<i64>,
    body: Json<ChangeFolder>,
) -> Result<Data<FolderView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(Data { data: media_library(&tenant).change_folder(admin.actor(), id, input).await? })
}

/// Query parameters of the deletion of a folder.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct DeleteFolderParams {
    /// Files go into the trash, folders are removed. Without it only an empty folder is.
    recursive: bool,
}

/// Removes a folder.
#[utoipa::path(delete, path = "/admin/api/assets/folders/{id}", params(DeleteFolderParams))]
async fn delete_folder(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaUpdate>,
    Path(id): Path<i64>,
    Query(of): Query<DeleteFolderParams>,
) -> Result<Data<DeletedFolderView>, WireError> {
    Ok(Data { data: media_library(&tenant).delete_folder(admin.actor(), id, of.recursive).await? })
}
