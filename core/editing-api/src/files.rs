//! Routes for single files: the trash and back, earlier versions, addresses for pictures that nobody lists.

use cairn_access::action_types::{MediaDelete, MediaRead, MediaUpdate};
use cairn_app::Tenant;
use cairn_assets::{BlobKey, Transform};
use cairn_content::{ContentError, Refusal, RefusalKind, RequestContext};
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{Data, EmptyData, List, RawDescribedAs, WithMeta};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_library::Library;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

/// Entries named that show a file.
const MAX_SHOWN_ENTRIES: usize = 20;

/// Addresses signed at a time.
const MAX_SIGNED_LINKS: usize = 50;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(trash))
        .routes(routes!(restore))
        .routes(routes!(purge))
        .routes(routes!(restore_version))
        .routes(routes!(links))
}

/// A file as the content API shows it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "the content core writes it; this describes it")]
pub struct UploadFile {
    id: i64,
    document_id: String,
    name: String,
    url: String,
    mime: String,
    /// Its other attributes.
    #[serde(flatten)]
    others: serde_json::Map<String, serde_json::Value>,
}

fn request_context<'a>(tenant: &Tenant, asking: &'a ContentCaller) -> RequestContext<'a> {
    let caller = asking.editorial_caller();
    RequestContext {
        access: caller.access,
        content_type: tenant.content.registry().file_type().id,
        query: cairn_query::Query::empty(),
        default_locale: caller.default_locale,
        actor: caller.actor,
    }
}

fn parse_file(body: &[u8]) -> Result<RawDescribedAs<UploadFile>, WireError> {
    serde_json::from_slice::<Box<RawValue>>(body).map(RawDescribedAs::from).map_err(WireError::internal)
}

/// Query parameters of the routes that remove a file.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct DeleteFileParams {
    /// True if the file goes although entries show it; else 409 with some of them in `details.usages`.
    force: bool,
}

/// Takes a file out of the entries that show it, for thirty days.
#[utoipa::path(post, path = "/admin/api/assets/{document_id}/trash", params(DeleteFileParams))]
async fn trash(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaDelete>,
    Path(document): Path<String>,
    Query(anyway): Query<DeleteFileParams>,
) -> Result<Data<RawDescribedAs<UploadFile>>, WireError> {
    let asking = ContentCaller::for_admin(&tenant, &admin);
    // A number would name a row.
    let asset = tenant.content.store().read(|r| r.assets().get(&document)).map_err(ContentError::from)?;
    if asset.is_some() && !anyway.force {
        let library = Library::new(tenant.content.clone(), tenant.access.clone());
        let (mut used, _) = library.list_usages(&[&document], false)?;
        if !used.is_empty() {
            used.truncate(MAX_SHOWN_ENTRIES);
            let message = "Entries use this file: replace it, or delete it anyway with force=true. It can be restored for 30 days";
            let refusal =
                Refusal { kind: RefusalKind::Conflict, message: message.into(), details: json!({ "usages": used }) };
            return Err(ContentError::Refused(refusal).into());
        }
    }
    let deleted = match asset {
        Some(_) => tenant.content.delete_file(&request_context(&tenant, &asking), &document).await?,
        None => None,
    };
    Ok(Data { data: parse_file(&deleted.ok_or_else(WireError::not_found)?)? })
}

/// How many entries show a file again.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RestoredLinks {
    /// Links there were.
    links: usize,
    /// Links there are again.
    restored_links: usize,
}

/// Brings a file back into the entries that showed it.
#[utoipa::path(post, path = "/admin/api/assets/{document_id}/restore")]
async fn restore(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaUpdate>,
    Path(document): Path<String>,
) -> Result<WithMeta<RawDescribedAs<UploadFile>, RestoredLinks>, WireError> {
    let asking = ContentCaller::for_admin(&tenant, &admin);
    let (body, linked, links) = tenant.content.restore_file(&request_context(&tenant, &asking), &document).await?;
    Ok(WithMeta { data: parse_file(&body)?, meta: RestoredLinks { links, restored_links: linked } })
}

/// Removes a file in the trash for good.
#[utoipa::path(delete, path = "/admin/api/assets/{document_id}/purge")]
async fn purge(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaDelete>,
    Path(document): Path<String>,
) -> Result<EmptyData, WireError> {
    let keys = tenant.content.store().read(|r| {
        let now = r.assets().get(&document)?.map(|asset| asset.number);
        let numbers = r.assets().list_versions(&document)?.into_iter().map(|version| version.number).chain(now);
        let mut keys = Vec::new();
        for number in numbers {
            keys.extend(
                r.assets()
                    .list_blobs(&document, number)?
                    .into_iter()
                    .filter_map(|blob| BlobKey::parse(&blob.blob).ok()),
            );
        }
        Ok::<_, ContentError>(keys)
    })?;
    tenant.content.purge_file(admin.actor(), &document).await?;
    // Cached renditions are removed too; those of another file with the same bytes are made again.
    let removal = tokio::task::spawn_blocking(move || {
        keys.iter().for_each(|key| tenant.pictures.remove_source(&tenant.name, key))
    });
    removal.await.map_err(WireError::internal)?;
    Ok(EmptyData)
}

/// Makes an earlier version the one that is shown.
#[utoipa::path(post, path = "/admin/api/assets/{document_id}/versions/{number}/restore")]
async fn restore_version(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaUpdate>,
    Path((document, number)): Path<(String, i64)>,
) -> Result<Data<RawDescribedAs<UploadFile>>, WireError> {
    let asking = ContentCaller::for_admin(&tenant, &admin);
    Ok(Data {
        data: parse_file(
            &tenant.content.restore_file_version(&request_context(&tenant, &asking), &document, number).await?,
        )?,
    })
}

/// Pictures that are to be made of a file.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "what is wrong with one is told with its place")]
struct Pictures {
    /// Queries of addresses of pictures, such as `w=400&h=400&fit=cover`; at most 50.
    pictures: Vec<String>,
}

/// An address without its host.
#[derive(Debug, Serialize, ToSchema)]
struct PictureAddress(String);

/// Signs addresses of pictures, which anybody may use then.
#[utoipa::path(post, path = "/admin/api/assets/{document_id}/links")]
async fn links(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<MediaRead>,
    Path(document): Path<String>,
    body: Json<Pictures>,
) -> Result<List<PictureAddress>, WireError> {
    let input = body.read_object(&tenant).await?;
    let invalid_pictures = || {
        WireError::validation(format!(
            "pictures: expected a list of at most {MAX_SIGNED_LINKS} queries, such as w=400&h=400&fit=cover"
        ))
    };
    let pictures = input
        .get("pictures")
        .and_then(serde_json::Value::as_array)
        .filter(|list| list.len() <= MAX_SIGNED_LINKS)
        .ok_or_else(invalid_pictures)?;
    let store = tenant.content.store();
    let served = store.read(|r| {
        let Some(asset) = r.assets().get(&document)?.filter(|a| a.deleted_at.is_none()) else { return Ok(None) };
        let blobs = r.assets().list_blobs(&document, asset.number)?;
        Ok::<_, ContentError>(blobs.into_iter().next().map(|blob| (blob.name, asset.private)))
    })?;
    let (name, private) = served.ok_or_else(WireError::not_found)?;
    let mut addresses = Vec::with_capacity(pictures.len());
    for (i, picture) in pictures.iter().enumerate() {
        let query = picture.as_str().filter(|q| !q.is_empty()).ok_or_else(invalid_pictures)?;
        let plain = query.split('&').filter(|pair| *pair != "format=auto").collect::<Vec<_>>().join("&");
        Transform::parse(&plain).map_err(|e| WireError::validation(format!("pictures[{i}]: {e}")))?;
        let signed = tenant.access.sign_picture(&name, query);
        addresses.push(match private {
            false => format!("/uploads/{name}?{query}&s={signed}"),
            true => format!("/uploads/private/{name}{}&{query}&s={signed}", tenant.access.sign_file(&name)),
        });
    }
    Ok(List { data: addresses.into_iter().map(PictureAddress).collect() })
}
