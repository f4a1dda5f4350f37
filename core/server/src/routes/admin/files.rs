//! What becomes of a file in the admin: the trash and back, earlier versions, addresses for pictures that nobody lists.

use super::data;
use super::review::body;
use super::subject::Asking;
use crate::Tenant;
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use axum::Router;
use axum::body::Body;
use axum::http::Response;
use axum::http::request::Parts;
use axum::routing::{delete, post};
use cairn_assets::{Key, Transform};
use cairn_content::{Ask, ContentError, Refusal, RefusalKind};
use cairn_library::Library;
use serde_json::{Value as Json, json};

type Answered = Result<Response<Body>, WireError>;

/// Entries named that show a file.
const SHOWN: usize = 20;

/// Addresses signed at a time.
const LINKS: usize = 50;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/assets/{document_id}/trash", post(trash))
        .route("/admin/api/assets/{document_id}/restore", post(restore))
        .route("/admin/api/assets/{document_id}/purge", delete(purge))
        .route("/admin/api/assets/{document_id}/versions/{number}/restore", post(version))
        .route("/admin/api/assets/{document_id}/links", post(links))
}

fn ask<'a>(tenant: &Tenant, asking: &'a Asking) -> Ask<'a> {
    let who = asking.who();
    Ask {
        access: who.access,
        content_type: tenant.content.registry().file().id,
        query: "",
        default_locale: who.default_locale,
        actor: who.actor,
    }
}

fn file(body: &[u8]) -> Result<Json, WireError> {
    serde_json::from_slice(body).map_err(WireError::internal)
}

/// Whether a file goes although entries show it.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Anyway {
    force: bool,
}

/// `POST /admin/api/assets/{document_id}/trash`: out of the entries that show it, for thirty days. Where there are such entries only with
/// `force=true`; else 409 with some of them.
async fn trash(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(document): Path<String>,
    Query(anyway): Query<Anyway>,
) -> Answered {
    let asking = Asking::of(&tenant, &admin);
    // A number would name a row.
    let found = tenant.content.store().read(|r| r.asset(&document)).map_err(ContentError::from)?;
    if found.is_some() && !anyway.force {
        let library = Library::new(tenant.content.clone(), tenant.access.clone());
        let (mut used, _) = library.usages(&[&document], false)?;
        if !used.is_empty() {
            used.truncate(SHOWN);
            let message = "Entries show this file: replace it, or delete it all the same with force=true. It can be brought back into them for thirty days";
            let refusal =
                Refusal { kind: RefusalKind::Conflict, message: message.into(), details: json!({ "usages": used }) };
            return Err(ContentError::Refused(refusal).into());
        }
    }
    let deleted = match found {
        Some(_) => tenant.content.delete_file(&ask(&tenant, &asking), &document).await?,
        None => None,
    };
    Ok(data(file(&deleted.ok_or_else(WireError::not_found)?)?))
}

/// `POST /admin/api/assets/{document_id}/restore`: back into the entries that showed it.
async fn restore(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(document): Path<String>) -> Answered {
    let asking = Asking::of(&tenant, &admin);
    let (body, linked, links) = tenant.content.restore_file(&ask(&tenant, &asking), &document).await?;
    Ok(super::with_meta(file(&body)?, json!({ "links": links, "restoredLinks": linked })))
}

/// `DELETE /admin/api/assets/{document_id}/purge`: for good, of what is in the trash.
async fn purge(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(document): Path<String>) -> Answered {
    let keys = tenant.content.store().read(|r| {
        let now = r.asset(&document)?.map(|asset| asset.number);
        let numbers = r.asset_versions(&document)?.into_iter().map(|version| version.number).chain(now);
        let mut keys = Vec::new();
        for number in numbers {
            keys.extend(r.asset_blobs(&document, number)?.into_iter().filter_map(|blob| Key::parse(&blob.blob).ok()));
        }
        Ok::<_, ContentError>(keys)
    })?;
    tenant.content.purge_file(admin.actor(), &document).await?;
    // What was made of it goes too; of another file with the same bytes it is made again.
    let done =
        tokio::task::spawn_blocking(move || keys.iter().for_each(|key| tenant.pictures.remove(&tenant.name, key)));
    done.await.map_err(WireError::internal)?;
    Ok(data(json!({})))
}

/// `POST /admin/api/assets/{document_id}/versions/{number}/restore`.
async fn version(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((document, number)): Path<(String, i64)>,
) -> Answered {
    let asking = Asking::of(&tenant, &admin);
    Ok(data(file(&tenant.content.restore_file_version(&ask(&tenant, &asking), &document, number).await?)?))
}

/// `POST /admin/api/assets/{document_id}/links`: `{"pictures": ["w=400&h=400&fit=cover"]}`; answers addresses that anybody may use.
async fn links(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(document): Path<String>,
    head: Parts,
    given: Body,
) -> Answered {
    let _ = admin;
    let given: Json = body(&tenant, &head, given).await?;
    let wrong = || {
        WireError::validation(format!(
            "pictures: expected a list of at most {LINKS} queries, such as w=400&h=400&fit=cover"
        ))
    };
    let pictures = given["pictures"].as_array().filter(|list| list.len() <= LINKS).ok_or_else(wrong)?;
    let store = tenant.content.store();
    let served = store.read(|r| {
        let Some(asset) = r.asset(&document)?.filter(|a| a.deleted_at.is_none()) else { return Ok(None) };
        let blobs = r.asset_blobs(&document, asset.number)?;
        Ok::<_, ContentError>(blobs.into_iter().next().map(|blob| (blob.name, asset.private)))
    })?;
    let (name, private) = served.ok_or_else(WireError::not_found)?;
    let mut addresses = Vec::with_capacity(pictures.len());
    for (i, picture) in pictures.iter().enumerate() {
        let query = picture.as_str().filter(|q| !q.is_empty()).ok_or_else(wrong)?;
        let plain = query.split('&').filter(|pair| *pair != "format=auto").collect::<Vec<_>>().join("&");
        Transform::parse(&plain).map_err(|e| WireError::validation(format!("pictures[{i}]: {e}")))?;
        let signed = tenant.access.sign_picture(&name, query);
        addresses.push(match private {
            false => format!("/uploads/{name}?{query}&s={signed}"),
            true => format!("/uploads/private/{name}{}&{query}&s={signed}", tenant.access.sign_file(&name)),
        });
    }
    Ok(data(addresses))
}
