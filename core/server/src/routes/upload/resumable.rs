//! `/api/upload/resumable`, and for admins `/admin/api/upload/resumable`: uploads that continue where they were interrupted, by tus 1.0.0
//! (<https://tus.io/protocols/resumable-upload>).

use crate::answer;
use crate::error::WireError;
use crate::extract::actor::ActorOf;
use crate::extract::address::Path;
use crate::extract::admin::authenticate_caller;
use crate::extract::tenant::CurrentTenant;
use crate::routes::content::seen;
use crate::{Tenant, extract};
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use cairn_access::PluginAction;
use cairn_library::resumable::{Added, Checksum, Metadata, Piece, Problem, Sender, State};
use cairn_plugin_host::policies::Reach;
use futures_util::StreamExt;
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

type Answered = Result<Response<Body>, WireError>;

/// Path at which uploads begin; `OPTIONS` requests below it are passed on by the front.
pub(crate) const PATH: &str = "/api/upload/resumable";

const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const EXTENSIONS: HeaderValue =
    HeaderValue::from_static("creation,creation-with-upload,expiration,termination,checksum");
const BODY: &[u8] = b"application/offset+octet-stream";
/// Longest pause within a piece.
const SILENCE: Duration = Duration::from_secs(30);

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
pub(crate) async fn options(CurrentTenant(tenant): CurrentTenant) -> Response<Body> {
    let mut response = spoken(answer::empty(StatusCode::NO_CONTENT));
    let headers = response.headers_mut();
    headers.insert(TUS_VERSION, VERSION);
    headers.insert(TUS_EXTENSION, EXTENSIONS);
    headers.insert(TUS_MAX_SIZE, HeaderValue::from(tenant.resumable.max_bytes()));
    headers.insert(TUS_ALGORITHMS, HeaderValue::from_static(Checksum::ALGORITHMS));
    response
}

/// `POST`: begins an upload; a body is its first piece.
pub(crate) async fn begin(CurrentTenant(tenant): CurrentTenant, request: Request<Body>) -> Response<Body> {
    told(async {
        let (head, body) = request.into_parts();
        let sender = sender(&tenant, &head).await?;
        check_version(&head.headers)?;
        if head.headers.contains_key(UPLOAD_DEFER_LENGTH) {
            return Err(WireError::validation(
                "Upload-Defer-Length is not supported: specify the length when you create the upload",
            ));
        }
        let length = number(&head.headers, &UPLOAD_LENGTH)?
            .ok_or_else(|| WireError::validation("Upload-Length: expected the number of bytes"))?;
        let metadata = Metadata::parse(text(&head.headers, UPLOAD_METADATA)?.unwrap_or_default())?;
        let has_piece = is_piece(&head.headers);
        let checksum = checksum(&head.headers)?;
        let begun = tenant.resumable.begin(&sender, length, metadata).await.map_err(refused)?;
        let mut response = answer::empty(StatusCode::CREATED);
        // Where it was begun: an admin's session is known at no other address.
        let location = format!("{}/{}", head.uri.path(), begun.id);
        let location = HeaderValue::from_str(&location).map_err(WireError::internal)?;
        let (mut offset, mut file, mut expires_at) = (0, None, begun.expires_at);
        if has_piece {
            let piece = tenant.resumable.piece(&sender, &begun.id, 0, checksum).await.map_err(refused)?;
            if let Some(piece) = piece {
                let added = taken(piece, body).await?;
                (offset, file, expires_at) = (added.offset, added.file, added.expires_at);
            }
        }
        response.headers_mut().insert(LOCATION, location);
        place(&mut response, offset, file.as_deref(), expires_at);
        Ok(response)
    })
    .await
}

/// `HEAD`: the number of bytes received.
pub(crate) async fn offset(
    CurrentTenant(tenant): CurrentTenant,
    Path(id): Path<String>,
    head: Parts,
) -> Response<Body> {
    told(async {
        let sender = sender(&tenant, &head).await?;
        check_version(&head.headers)?;
        let state = tenant.resumable.state(&sender, &id).await.map_err(refused)?;
        let mut response = answer::empty(StatusCode::OK);
        response.headers_mut().insert(UPLOAD_LENGTH, HeaderValue::from(state.length));
        place(&mut response, state.offset, state.file.as_deref(), state.expires_at);
        Ok(response)
    })
    .await
}

/// `GET`: the state, and the file when there is one. Not part of tus.
pub(crate) async fn state(CurrentTenant(tenant): CurrentTenant, Path(id): Path<String>, head: Parts) -> Response<Body> {
    told(async {
        let sender = sender(&tenant, &head).await?;
        let state = tenant.resumable.state(&sender, &id).await.map_err(refused)?;
        let file = match &state.file {
            Some(document) => added_file(&tenant, &sender, document)?,
            None => serde_json::Value::Null,
        };
        let State { id, length, offset, state, metadata, expires_at, .. } = state;
        let data = json!({
            "id": id, "length": length, "offset": offset, "state": state, "metadata": metadata.to_json(),
            "expiresAt": crate::routes::admin::time(expires_at), "file": file,
        });
        Ok(answer::value(StatusCode::OK, &json!({ "data": data })))
    })
    .await
}

/// The file as upload routes return it.
fn added_file(tenant: &Tenant, sender: &Sender, document: &str) -> Result<serde_json::Value, WireError> {
    let (actor, locales) = (std::sync::Arc::new(sender.actor.clone()), tenant.access.locales());
    let ask = cairn_content::Ask {
        access: &sender.access,
        content_type: tenant.content.registry().file().id,
        query: "",
        default_locale: &locales.default,
        actor: &actor,
    };
    let list = tenant.content.added_files(&ask, &[document.to_owned()])?;
    let mut list: serde_json::Value = extract::json::parse(&list)?;
    Ok(list.get_mut(0).map(serde_json::Value::take).unwrap_or_default())
}

/// `PATCH`: the next piece.
pub(crate) async fn append(
    CurrentTenant(tenant): CurrentTenant,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Response<Body> {
    told(async {
        let (head, body) = request.into_parts();
        let sender = sender(&tenant, &head).await?;
        check_version(&head.headers)?;
        if !is_piece(&head.headers) {
            let message = "Content-Type: expected application/offset+octet-stream";
            return Err(WireError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaTypeError", message));
        }
        let offset = number(&head.headers, &UPLOAD_OFFSET)?
            .ok_or_else(|| WireError::validation("Upload-Offset: expected the number of bytes received so far"))?;
        let checksum = checksum(&head.headers)?;
        let mut response = answer::empty(StatusCode::NO_CONTENT);
        match tenant.resumable.piece(&sender, &id, offset, checksum).await.map_err(refused)? {
            Some(piece) => {
                let added = taken(piece, body).await?;
                place(&mut response, added.offset, added.file.as_deref(), added.expires_at);
            }
            // The last piece once more: its sender never heard that it had arrived.
            None => {
                let state = tenant.resumable.state(&sender, &id).await.map_err(refused)?;
                let sent = number(&head.headers, &CONTENT_LENGTH)?.unwrap_or_default();
                if offset.checked_add(sent) != Some(state.length) {
                    return Err(refused(Problem::Offset(state.offset)));
                }
                place(&mut response, state.offset, state.file.as_deref(), state.expires_at);
            }
        }
        Ok(response)
    })
    .await
}

/// `DELETE`: ends an upload; a file that it has become stays.
pub(crate) async fn end(CurrentTenant(tenant): CurrentTenant, Path(id): Path<String>, head: Parts) -> Response<Body> {
    told(async {
        let sender = sender(&tenant, &head).await?;
        check_version(&head.headers)?;
        tenant.resumable.end(&sender, &id).await.map_err(refused)?;
        Ok(answer::empty(StatusCode::NO_CONTENT))
    })
    .await
}

/// As [`take`], but to its end: the request is dropped when its connection breaks, and what was received must be retained.
async fn taken(piece: Piece, body: Body) -> Result<Added, WireError> {
    tokio::spawn(take(piece, body)).await.map_err(WireError::internal)?
}

/// Adds a body; what was received of one that breaks off is retained.
async fn take(mut piece: Piece, body: Body) -> Result<Added, WireError> {
    let mut body = body.into_data_stream();
    let problem = loop {
        match timeout(SILENCE, body.next()).await {
            Ok(None) => return piece.end(true).await.map_err(refused),
            Ok(Some(Ok(bytes))) => {
                if let Err(problem) = piece.add(&bytes).await {
                    break refused(problem);
                }
            }
            Ok(Some(Err(_))) => {
                break WireError::validation("The body ended early; the bytes received so far are stored");
            }
            Err(_) => {
                let message = "The body was sent too slowly; the bytes received so far are stored";
                break WireError::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeoutError", message);
            }
        }
    };
    piece.end(false).await.map_err(refused)?;
    Err(problem)
}

/// The sender: a caller with permission to upload, or an admin user.
async fn sender(tenant: &Tenant, head: &Parts) -> Result<Sender, WireError> {
    let caller = authenticate_caller(tenant, head).await?;
    caller.require(PluginAction::Upload)?;
    let actor = caller.actor(head);
    let seen = seen(tenant, caller, Reach::Relations(&[tenant.content.registry().file().id]), Some(head)).await;
    Ok(Sender { owner: actor.key(), access: seen.access, actor })
}

fn refused(problem: Problem) -> WireError {
    let message = problem.to_string();
    match problem {
        Problem::Content(e) => e.into(),
        Problem::Locked => WireError::new(StatusCode::LOCKED, "LockedError", message),
        Problem::Offset(_) => WireError::new(StatusCode::CONFLICT, "ConflictError", message),
        // tus has a status of its own for this one.
        Problem::Mismatch => {
            let status = StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST);
            WireError::new(status, "ChecksumMismatchError", message)
        }
    }
}

/// Adds the headers of the protocol to every response.
async fn told(work: impl Future<Output = Answered>) -> Response<Body> {
    let mut response = spoken(work.await.unwrap_or_else(WireError::response));
    if response.status() == StatusCode::PRECONDITION_FAILED {
        response.headers_mut().insert(TUS_VERSION, VERSION);
    }
    response
}

fn spoken(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(TUS_RESUMABLE, VERSION);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn place(response: &mut Response<Body>, offset: u64, file: Option<&str>, expires_at: i64) {
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
    if headers.get(&TUS_RESUMABLE) == Some(&VERSION) {
        return Ok(());
    }
    let message = "Tus-Resumable: expected 1.0.0";
    Err(WireError::new(StatusCode::PRECONDITION_FAILED, "PreconditionFailedError", message))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, WireError> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    value.to_str().map(Some).map_err(|_| WireError::validation(format!("{name}: expected ASCII characters")))
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<Option<u64>, WireError> {
    let Some(text) = text(headers, name.as_str())? else { return Ok(None) };
    let number = text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    number.map(Some).ok_or_else(|| WireError::validation(format!("{name}: expected a number of bytes")))
}

fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, WireError> {
    Ok(text(headers, UPLOAD_CHECKSUM)?.map(Checksum::parse).transpose()?)
}

fn is_piece(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().trim_ascii().eq_ignore_ascii_case(BODY))
}
