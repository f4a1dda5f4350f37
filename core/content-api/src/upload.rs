//! `/api/upload`, and for admins `/admin/api/upload`: new files, other bytes and texts of files, lists, deletion. Bare objects and
//! lists, as Strapi has them.

mod form;
pub(crate) mod resumable;

use crate::policed_request::{
    OwnedRequestContext, apply_read_policies, apply_read_policies_in, request_context, request_query, widest_reach,
};
use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::header::{CONTENT_TYPE, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use cairn_access::{Caller, PluginAction, SeeAs};
use cairn_app::Tenant;
use cairn_assets::UploadLimits;
use cairn_content::{FileInfo, FileRead, LinkRequest, Upload};
use cairn_http::error::WireError;
use cairn_http::extract;
use cairn_http::extract::admin::authenticate_caller;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::responses;
use cairn_model::ErrorKind;
use cairn_model::TypeId;
use cairn_query::QueryTree;
use form::MultipartForm;
use futures_util::future::BoxFuture;
use serde_json::Value as Json;
use std::path::PathBuf;
use std::sync::Arc;

type UploadResult = Result<Response<Body>, WireError>;

/// `POST /api/upload`: uploads files; with `?id=<number>` changes name and texts of an existing one and, with a file, its bytes. That has a
/// permission of its own: whoever may add files cannot therefore change those of others.
pub(crate) async fn handle_upload(CurrentTenant(tenant): CurrentTenant, request: Request<Body>) -> UploadResult {
    let (head, body) = request.into_parts();
    let caller = authenticate_caller(&tenant, &head).await?;
    let id = file_id(&head);
    match id {
        Ok(None) => caller.require(PluginAction::Upload)?,
        _ => require_replacing(&caller)?,
    }
    match id? {
        Some(id) => change_file(&tenant, &upload_context(&tenant, caller, &head, None).await, &id, &head, body).await,
        None => add_files(&tenant, caller, &head, body).await,
    }
}

/// Requires that the caller may change files that are there. Who may only add some is told what is missing.
fn require_replacing(caller: &Caller) -> Result<(), WireError> {
    match caller.require(PluginAction::ReplaceFile) {
        Err(_) if caller.allows_action(PluginAction::Upload) => {
            let missing = match caller.is_admin() {
                true => "media.update".to_owned(),
                false => format!("{} of {}", PluginAction::ReplaceFile.name(), PluginAction::ReplaceFile.uid()),
            };
            let message =
                format!("Replacing an existing file requires the permission {missing}: this caller may only add files");
            Err(WireError::forbidden_because(message))
        }
        other => Ok(other?),
    }
}

async fn add_files(tenant: &Tenant, caller: Caller, head: &Parts, body: Body) -> UploadResult {
    let form = match is_multipart(&head.headers) {
        true => {
            MultipartForm::from_body(&head.headers, body, tenant.config.assets.max_bytes, &staging_folder(tenant))
                .await?
        }
        // A body of another type contains no files.
        false => MultipartForm::default(),
    };
    let (files, link) = form.into_uploads()?;
    if files.is_empty() {
        return Err(WireError::validation("Files are empty"));
    }
    let context = upload_context(tenant, caller, head, link.as_ref()).await;
    let limits = UploadLimits { max_bytes: tenant.config.assets.max_bytes };
    let documents =
        tenant.content.add_files(&context.as_request_context(), tenant.assets.clone(), limits, files, link).await?;
    Ok(responses::json_response(
        StatusCode::CREATED,
        tenant.content.added_files(&context.as_request_context(), &documents)?,
    ))
}

async fn change_file(
    tenant: &Tenant,
    context: &OwnedRequestContext,
    id: &str,
    head: &Parts,
    body: Body,
) -> UploadResult {
    let (files, infos) = match is_multipart(&head.headers) {
        true => MultipartForm::from_body(&head.headers, body, tenant.config.assets.max_bytes, &staging_folder(tenant))
            .await?
            .into_parts()?,
        false => match extract::body::read_json(&head.headers, body, form::MAX_TEXT_BYTES).await? {
            Some(mut body) => (Vec::new(), form::parse_file_infos(body.get_mut("fileInfo").map(Json::take))?),
            None => (Vec::new(), Vec::new()),
        },
    };
    let info: FileInfo = infos.into_iter().next().unwrap_or_default();
    let mut files = files.into_iter();
    let changed = match (files.next(), files.next()) {
        (None, _) => tenant.content.update_file(&context.as_request_context(), id, info).await?,
        (Some(incoming), None) => {
            let limits = UploadLimits { max_bytes: tenant.config.assets.max_bytes };
            let upload = Upload { incoming, info };
            tenant
                .content
                .replace_file(&context.as_request_context(), tenant.assets.clone(), limits, id, upload)
                .await?
        }
        (Some(_), Some(_)) => return Err(WireError::validation("A file must be replaced by exactly one file")),
    };
    match changed {
        Some(file) => Ok(responses::json_response(StatusCode::OK, file)),
        None => Err(not_found("Entity not found")),
    }
}

/// `GET /api/upload/files`: all files that match, in one list.
pub(crate) async fn list_files(CurrentTenant(tenant): CurrentTenant, head: Parts) -> UploadResult {
    let caller = authenticate_caller(&tenant, &head).await?;
    caller.require(PluginAction::FindFiles)?;
    let response =
        tenant.content.find_files(&upload_context(&tenant, caller, &head, None).await.as_request_context()).await?;
    Ok(responses::conditional_response(response.body, head.headers.get(IF_NONE_MATCH)))
}

/// `GET /api/upload/files/<id>`.
pub(crate) async fn find_file(
    CurrentTenant(tenant): CurrentTenant,
    id: Result<Path<String>, PathRejection>,
    head: Parts,
) -> UploadResult {
    let caller = authenticate_caller(&tenant, &head).await?;
    caller.require(PluginAction::FindFile)?;
    let Path(id) = id.map_err(|_| not_found("file.notFound"))?;
    match tenant.content.find_file(&upload_context(&tenant, caller, &head, None).await.as_request_context(), &id)? {
        Some(response) => Ok(responses::conditional_response(response.body, head.headers.get(IF_NONE_MATCH))),
        None => Err(not_found("file.notFound")),
    }
}

/// Answers a read of `/api/upload/files`, or of one file below, for the person and the time of a see-as preview.
pub(crate) fn read_files_as<'a>(
    tenant: &'a Arc<Tenant>,
    head: &'a Parts,
    see_as: SeeAs,
) -> BoxFuture<'a, UploadResult> {
    Box::pin(async move {
        let id = head.uri.path().strip_prefix("/api/upload/files/");
        let (shared, shared_head) = (tenant.clone(), Arc::new(head.clone()));
        let (action, read) = match id {
            None => (PluginAction::FindFiles, FileRead::List),
            Some(id) => (PluginAction::FindFile, FileRead::One(id.to_owned())),
        };
        let body = tenant.rehearse_as(see_as, move |tx, caller| {
            let (tenant, head) = (&*shared, &*shared_head);
            caller.require(action)?;
            let ct = tenant.content.registry().file_type();
            let policed_caller = apply_read_policies_in(tenant, tx, caller, widest_reach(&[ct.id], head), head);
            let context = request_context(tenant, &policed_caller, ct, request_query(head), head);
            Ok::<_, WireError>(tenant.content.read_files_in(&tx.reader(), &context.as_request_context(), &read)?)
        });
        let body = body.await?.ok_or_else(|| not_found("file.notFound"))?;
        Ok(responses::json_response(StatusCode::OK, body))
    })
}

/// `DELETE /api/upload/files/<id>`: returns the deleted file.
pub(crate) async fn delete_file(
    CurrentTenant(tenant): CurrentTenant,
    id: Result<Path<String>, PathRejection>,
    head: Parts,
) -> UploadResult {
    let caller = authenticate_caller(&tenant, &head).await?;
    caller.require(PluginAction::DeleteFile)?;
    let Path(id) = id.map_err(|_| not_found("file.notFound"))?;
    match tenant
        .content
        .delete_file(&upload_context(&tenant, caller, &head, None).await.as_request_context(), &id)
        .await?
    {
        Some(file) => Ok(responses::json_response(StatusCode::OK, file)),
        None => Err(not_found("file.notFound")),
    }
}

/// The folder for files until they are stored: beside the stored ones, where that saves a copy.
pub(crate) fn staging_folder(tenant: &Tenant) -> PathBuf {
    tenant.assets.staging_folder().unwrap_or_else(std::env::temp_dir)
}

/// The request for files, and for the entry that new ones are linked to.
async fn upload_context(
    tenant: &Tenant,
    caller: Caller,
    head: &Parts,
    link: Option<&LinkRequest>,
) -> OwnedRequestContext {
    let registry = tenant.content.registry();
    let entry = link.and_then(|link| registry.by_uid(&link.content_type));
    let types: Vec<TypeId> = [Some(registry.file_type()), entry].into_iter().flatten().map(|ct| ct.id).collect();
    let policed_caller = apply_read_policies(tenant, caller, widest_reach(&types, head), Some(head)).await;
    request_context(tenant, &policed_caller, registry.file_type(), request_query(head), head)
}

/// The 404 for a file.
pub(crate) fn not_found(message: &str) -> WireError {
    WireError::new(ErrorKind::NotFound, message)
}

/// The parameter `id`; an empty one counts as missing.
fn file_id(head: &Parts) -> Result<Option<String>, WireError> {
    match request_query(head).get("id").map_err(|e| WireError::validation(e.to_string()))? {
        None => Ok(None),
        Some(QueryTree::Text(id)) => Ok(Some(id.clone()).filter(|id| !id.is_empty())),
        Some(_) => Err(not_found("Entity not found")),
    }
}

fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let kind = kind.split(|&b| b == b';').next().unwrap_or_default();
    kind.trim_ascii().eq_ignore_ascii_case(b"multipart/form-data")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(uri: &str, kind: &str) -> Parts {
        Request::builder().uri(uri).header(CONTENT_TYPE, kind).body(()).unwrap().into_parts().0
    }

    #[test]
    fn file_id_is_read_from_the_query() {
        let id = |uri: &str| file_id(&head(uri, "")).map_err(|e| e.into_http_response().status().as_u16());
        assert_eq!(id("/api/upload"), Ok(None));
        assert_eq!(id("/api/upload?id="), Ok(None));
        assert_eq!(id("/api/upload?x=1&id=%31%32"), Ok(Some("12".into())));
        assert_eq!(id("/api/upload?id[a]=1"), Err(404));
    }

    #[test]
    fn multipart_content_type_ignores_case_and_parameters() {
        for (kind, expected) in [
            ("multipart/form-data; boundary=x", true),
            ("Multipart/Form-Data", true),
            ("multipart/form-data-x", false),
            ("application/json", false),
            ("", false),
        ] {
            assert_eq!(is_multipart(&head("/", kind).headers), expected, "{kind}");
        }
    }
}
