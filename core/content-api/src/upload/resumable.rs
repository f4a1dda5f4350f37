//! `/api/upload/resumable`, and for admins `/admin/api/upload/resumable`: uploads that continue where they were interrupted, by tus 1.0.0
//! (<https://tus.io/protocols/resumable-upload>).

use crate::policed_request::apply_read_policies;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use cairn_access::PluginAction;
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract;
use cairn_http::extract::actor::RequestActor;
use cairn_http::extract::admin::authenticate_caller;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::responses;
use cairn_library::resumable::{
    Checksum, PieceOutcome, ResumableError, UploadMetadata, UploadPiece, UploadSender, UploadState,
};
use cairn_model::ErrorKind;
use cairn_plugin_host::policies::PolicyReach;
use cairn_query::Query;
use futures_util::StreamExt;
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

type TusResult = Result<Response<Body>, WireError>;

const PROTOCOL_VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const SUPPORTED_EXTENSIONS: HeaderValue =
    HeaderValue::from_static("creation,creation-with-upload,expiration,termination,checksum");
const PIECE_CONTENT_TYPE: &[u8] = b"application/offset+octet-stream";
/// Longest pause within a piece.
const MAX_SILENCE: Duration = Duration::from_secs(30);

const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const TUS_ALGORITHMS: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const UPLOAD_METADATA: &str = "upload-metadata";
const UPLOAD_CHECKSUM: &str = "upload-checksum";
const UPLOAD_DEFER_LENGTH: &str = "upload-defer-length";
/// Header with the document id of the file that an upload became.
const CAIRN_FILE: HeaderName = HeaderName::from_static("cairn-file");

/// `OPTIONS`: the supported version and extensions.
pub(crate) async fn describe_protocol(CurrentTenant(tenant): CurrentTenant) -> Response<Body> {
    let mut response = with_tus_headers(responses::empty_response(StatusCode::NO_CONTENT));
    let headers = response.headers_mut();
    headers.insert(TUS_VERSION, PROTOCOL_VERSION);
    headers.insert(TUS_EXTENSION, SUPPORTED_EXTENSIONS);
    headers.insert(TUS_MAX_SIZE, HeaderValue::from(tenant.resumable.max_bytes()));
    headers.insert(TUS_ALGORITHMS, HeaderValue::from_static(Checksum::ALGORITHMS));
    response
}

/// `POST`: begins an upload; a body is its first piece.
pub(crate) async fn begin_upload(CurrentTenant(tenant): CurrentTenant, request: Request<Body>) -> Response<Body> {
    tus_response(async {
        let (head, body) = request.into_parts();
        let sender = upload_sender(&tenant, &head).await?;
        check_version(&head.headers)?;
        if head.headers.contains_key(UPLOAD_DEFER_LENGTH) {
            return Err(WireError::validation(
                "Upload-Defer-Length is not supported: specify the length when you create the upload",
            ));
        }
        let length = number_header(&head.headers, &UPLOAD_LENGTH)?
            .ok_or_else(|| WireError::validation("Upload-Length: expected the number of bytes"))?;
        let metadata = UploadMetadata::parse(text_header(&head.headers, UPLOAD_METADATA)?.unwrap_or_default())?;
        let has_piece = is_piece(&head.headers);
        let checksum = checksum_header(&head.headers)?;
        let upload = tenant.resumable.begin(&sender, length, metadata).await.map_err(resumable_error)?;
        let mut response = responses::empty_response(StatusCode::CREATED);
        // The upload continues at the path where it began: an admin's session is valid at no other.
        let location = format!("{}/{}", head.uri.path(), upload.id);
        let location = HeaderValue::from_str(&location).map_err(WireError::internal)?;
        let (mut offset, mut file, mut expires_at) = (0, None, upload.expires_at);
        if has_piece {
            let piece =
                tenant.resumable.begin_piece(&sender, &upload.id, 0, checksum).await.map_err(resumable_error)?;
            if let Some(piece) = piece {
                let added = receive_detached(piece, body).await?;
                (offset, file, expires_at) = (added.offset, added.file, added.expires_at);
            }
        }
        response.headers_mut().insert(LOCATION, location);
        set_offset_headers(&mut response, offset, file.as_deref(), expires_at);
        Ok(response)
    })
    .await
}

/// `HEAD`: the number of bytes received.
pub(crate) async fn report_offset(
    CurrentTenant(tenant): CurrentTenant,
    Path(id): Path<String>,
    head: Parts,
) -> Response<Body> {
    tus_response(async {
        let sender = upload_sender(&tenant, &head).await?;
        check_version(&head.headers)?;
        let state = tenant.resumable.state(&sender, &id).await.map_err(resumable_error)?;
        let mut response = responses::empty_response(StatusCode::OK);
        response.headers_mut().insert(UPLOAD_LENGTH, HeaderValue::from(state.length));
        set_offset_headers(&mut response, state.offset, state.file.as_deref(), state.expires_at);
        Ok(response)
    })
    .await
}

/// `GET`: the state, and the file when there is one. Not part of tus.
pub(crate) async fn upload_state(
    CurrentTenant(tenant): CurrentTenant,
    Path(id): Path<String>,
    head: Parts,
) -> Response<Body> {
    tus_response(async {
        let sender = upload_sender(&tenant, &head).await?;
        let state = tenant.resumable.state(&sender, &id).await.map_err(resumable_error)?;
        let file = match &state.file {
            Some(document) => added_file(&tenant, &sender, document)?,
            None => serde_json::Value::Null,
        };
        let UploadState { id, length, offset, state, metadata, expires_at, .. } = state;
        let data = json!({
            "id": id, "length": length, "offset": offset, "state": state, "metadata": metadata.to_json(),
            "expiresAt": cairn_http::responses::format_time(expires_at), "file": file,
        });
        Ok(responses::json_value_response(StatusCode::OK, &json!({ "data": data })))
    })
    .await
}

/// The file as upload routes return it.
fn added_file(tenant: &Tenant, sender: &UploadSender, document: &str) -> Result<serde_json::Value, WireError> {
    let (actor, locales) = (std::sync::Arc::new(sender.actor.clone()), tenant.access.locales());
    let context = cairn_content::RequestContext {
        access: &sender.access,
        content_type: tenant.content.registry().file_type().id,
        query: Query::empty(),
        default_locale: &locales.default,
        actor: &actor,
    };
    let list = tenant.content.added_files(&context, &[document.to_owned()])?;
    let mut list: serde_json::Value = extract::json::parse_json(&list)?;
    Ok(list.get_mut(0).map(serde_json::Value::take).unwrap_or_default())
}

/// `PATCH`: the next piece.
pub(crate) async fn append_piece(
    CurrentTenant(tenant): CurrentTenant,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Response<Body> {
    tus_response(async {
        let (head, body) = request.into_parts();
        let sender = upload_sender(&tenant, &head).await?;
        check_version(&head.headers)?;
        if !is_piece(&head.headers) {
            let message = "Content-Type: expected application/offset+octet-stream";
            return Err(WireError::new(ErrorKind::UnsupportedMediaType, message));
        }
        let offset = number_header(&head.headers, &UPLOAD_OFFSET)?
            .ok_or_else(|| WireError::validation("Upload-Offset: expected the number of bytes received so far"))?;
        let checksum = checksum_header(&head.headers)?;
        let mut response = responses::empty_response(StatusCode::NO_CONTENT);
        match tenant.resumable.begin_piece(&sender, &id, offset, checksum).await.map_err(resumable_error)? {
            Some(piece) => {
                let added = receive_detached(piece, body).await?;
                set_offset_headers(&mut response, added.offset, added.file.as_deref(), added.expires_at);
            }
            // The last piece once more: its sender never heard that it had arrived.
            None => {
                let state = tenant.resumable.state(&sender, &id).await.map_err(resumable_error)?;
                let piece_length = number_header(&head.headers, &CONTENT_LENGTH)?.unwrap_or_default();
                if offset.checked_add(piece_length) != Some(state.length) {
                    return Err(resumable_error(ResumableError::Offset(state.offset)));
                }
                set_offset_headers(&mut response, state.offset, state.file.as_deref(), state.expires_at);
            }
        }
        Ok(response)
    })
    .await
}

/// `DELETE`: ends an upload; a file that it has become stays.
pub(crate) async fn cancel_upload(
    CurrentTenant(tenant): CurrentTenant,
    Path(id): Path<String>,
    head: Parts,
) -> Response<Body> {
    tus_response(async {
        let sender = upload_sender(&tenant, &head).await?;
        check_version(&head.headers)?;
        tenant.resumable.end(&sender, &id).await.map_err(resumable_error)?;
        Ok(responses::empty_response(StatusCode::NO_CONTENT))
    })
    .await
}

/// As [`receive_piece`], but to its end: the request is dropped when its connection breaks, and what was received must be retained.
async fn receive_detached(piece: UploadPiece, body: Body) -> Result<PieceOutcome, WireError> {
    tokio::spawn(receive_piece(piece, body)).await.map_err(WireError::internal)?
}

/// Adds a body; what was received of one that breaks off is retained.
async fn receive_piece(mut piece: UploadPiece, body: Body) -> Result<PieceOutcome, WireError> {
    let mut body = body.into_data_stream();
    let problem = loop {
        match timeout(MAX_SILENCE, body.next()).await {
            Ok(None) => return piece.end(true).await.map_err(resumable_error),
            Ok(Some(Ok(bytes))) => {
                if let Err(problem) = piece.add(&bytes).await {
                    break resumable_error(problem);
                }
            }
            Ok(Some(Err(_))) => {
                break WireError::validation("The body ended early; the bytes received so far are stored");
            }
            Err(_) => {
                let message = "The body was sent too slowly; the bytes received so far are stored";
                break WireError::new(ErrorKind::RequestTimeout, message);
            }
        }
    };
    piece.end(false).await.map_err(resumable_error)?;
    Err(problem)
}

/// The sender: a caller with permission to upload, or an admin user.
async fn upload_sender(tenant: &Tenant, head: &Parts) -> Result<UploadSender, WireError> {
    let caller = authenticate_caller(tenant, head).await?;
    caller.require(PluginAction::Upload)?;
    let actor = caller.request_actor(head);
    let policed_caller = apply_read_policies(
        tenant,
        caller,
        PolicyReach::Relations(&[tenant.content.registry().file_type().id]),
        Some(head),
    )
    .await;
    Ok(UploadSender { owner: actor.key(), access: policed_caller.access, actor })
}

fn resumable_error(problem: ResumableError) -> WireError {
    let message = problem.to_string();
    match problem {
        ResumableError::Content(e) => e.into(),
        ResumableError::Locked => WireError::new(ErrorKind::Locked, message),
        ResumableError::Offset(_) => WireError::new(ErrorKind::Conflict, message),
        // tus has a status of its own for this one.
        ResumableError::Mismatch => WireError::new(ErrorKind::ChecksumMismatch, message),
    }
}

/// Adds the headers of the protocol to every response.
async fn tus_response(work: impl Future<Output = TusResult>) -> Response<Body> {
    let mut response = with_tus_headers(work.await.unwrap_or_else(WireError::into_http_response));
    if response.status() == StatusCode::PRECONDITION_FAILED {
        response.headers_mut().insert(TUS_VERSION, PROTOCOL_VERSION);
    }
    response
}

fn with_tus_headers(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(TUS_RESUMABLE, PROTOCOL_VERSION);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn set_offset_headers(response: &mut Response<Body>, offset: u64, file: Option<&str>, expires_at: i64) {
    let headers = response.headers_mut();
    headers.insert(UPLOAD_OFFSET, HeaderValue::from(offset));
    if let Some(file) = file.and_then(|file| HeaderValue::from_str(file).ok()) {
        headers.insert(CAIRN_FILE, file);
    } else if let Some(at) = chrono::DateTime::from_timestamp_millis(expires_at)
        && let Ok(at) = HeaderValue::from_str(&at.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
    {
        headers.insert(UPLOAD_EXPIRES, at);
    }
}

fn check_version(headers: &HeaderMap) -> Result<(), WireError> {
    if headers.get(&TUS_RESUMABLE) == Some(&PROTOCOL_VERSION) {
        return Ok(());
    }
    let message = "Tus-Resumable: expected 1.0.0";
    Err(WireError::new(ErrorKind::PreconditionFailed, message))
}

fn text_header<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, WireError> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    value.to_str().map(Some).map_err(|_| WireError::validation(format!("{name}: expected ASCII characters")))
}

fn number_header(headers: &HeaderMap, name: &HeaderName) -> Result<Option<u64>, WireError> {
    let Some(text) = text_header(headers, name.as_str())? else { return Ok(None) };
    let number = text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    number.map(Some).ok_or_else(|| WireError::validation(format!("{name}: expected a number of bytes")))
}

fn checksum_header(headers: &HeaderMap) -> Result<Option<Checksum>, WireError> {
    Ok(text_header(headers, UPLOAD_CHECKSUM)?.map(Checksum::parse).transpose()?)
}

fn is_piece(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().trim_ascii().eq_ignore_ascii_case(PIECE_CONTENT_TYPE))
}
