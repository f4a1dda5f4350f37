//! `/uploads/<name>`: the files themselves, public ones to everybody, private ones to those who have a signed address; renditions of
//! pictures. What a browser could run is sent as an attachment.
//!
//! A file's address stays when the file is replaced. Browsers therefore revalidate after a minute (a response without content,
//! as long as it is the same); with `?v=` and the version they need not, and caches in front of the server, which are notified
//! of changes, may keep everything.

mod file_query;

use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, VARY};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::response::IntoResponse;
use cairn_access::FileLink;
use cairn_app::Tenant;
use cairn_app::file_cache::{self, ServedFile};
use cairn_assets::{
    AssetError, BlobKey, BlobStore, ByteRange, Fit, POSTER_VARIANT, ServeHeaders, SourceFile, serve_headers,
};
use cairn_content::ContentError;
use cairn_http::byte_response::{SelectedBytes, ServedBytes, slice_bytes};
use cairn_http::error::WireError;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_model::ErrorKind;
use cairn_store::assets::ServedBlob;
use file_query::{FileQuery, PictureRequest};
use futures_util::stream;
use std::io::Read;
use std::sync::Arc;

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 64 * 1024;
/// Length of the part of an object's key that identifies a version.
const VERSION_CHARS: usize = 16;
/// A year in seconds, the longest time that a response may be cached.
const YEAR_SECONDS: i64 = 31_536_000;

/// Header for caches in front of the server (RFC 9213), which learn of changes by the event `asset.purge`.
const CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static("cdn-cache-control");
/// Header with the tag by which they can drop responses: the file's document.
const CACHE_TAG: HeaderName = HeaderName::from_static("cache-tag");

type FileResult = Result<Response<Body>, WireError>;

/// Answers `GET /uploads/<name>`.
pub(crate) async fn serve_upload(
    CurrentTenant(tenant): CurrentTenant,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> FileResult {
    let query = query.unwrap_or_default();
    answer_for_name(&tenant, &name, &FileQuery::parse(&query), &headers).await
}

/// The response with a file itself, for a caller who may see it: in parts where that is asked for, and 410 or its fallback where its
/// licensing does not cover the current time.
pub(super) async fn serve_original(tenant: &Tenant, name: &str, headers: &HeaderMap) -> FileResult {
    let served_file = tenant.file_cache.find_served(tenant.content.store(), name).map_err(ContentError::from)?;
    let looked_up = served_file.ok_or_else(WireError::not_found)?;
    let now = tenant.access.now().timestamp_millis();
    if !looked_up.standing.is_deliverable_at(now) {
        return gone_response(tenant, looked_up.standing.fallback_document(), now);
    }
    file_response(tenant, name, &looked_up.served, headers).await
}

async fn answer_for_name(tenant: &Arc<Tenant>, name: &str, query: &FileQuery<'_>, headers: &HeaderMap) -> FileResult {
    // The only names that there are; nothing else is looked up.
    BlobKey::parse(name).map_err(|_| WireError::not_found())?;
    let served_file = tenant.file_cache.find_served(tenant.content.store(), name).map_err(ContentError::from)?;
    let looked_up = served_file.ok_or_else(WireError::not_found)?;
    let (found, timeline) = (&looked_up.served, &looked_up.standing);
    if found.private {
        match tenant.access.file_link(name, query.expires, query.signature) {
            FileLink::Good => {}
            FileLink::Expired => {
                let message = "This address has expired: load the entry again to get a new one";
                return Err(WireError::forbidden_because(message));
            }
            // A bad signature must not reveal whether the file exists.
            FileLink::Bad => return Err(WireError::not_found()),
        }
    }
    let now = tenant.access.now().timestamp_millis();
    if !timeline.is_deliverable_at(now) {
        return gone_response(tenant, timeline.fallback_document(), now);
    }
    let mut response = match query.wants_picture() {
        true => picture_response(tenant, name, &looked_up, query, headers).await?,
        false => file_response(tenant, name, found, headers).await?,
    };
    let out = response.headers_mut();
    // Caches must not hold a file for longer than it may be delivered.
    let seconds = timeline.next_change(now).map_or(i64::MAX, |at| (at - now) / 1000);
    let age = |most: i64| most.min(seconds).max(0);
    let cache_control = match query.version {
        _ if found.private => format!("private, max-age={}", age(60)),
        Some(version)
            if version.len() >= VERSION_CHARS && found.blob.starts_with(version) && seconds > YEAR_SECONDS =>
        {
            format!("public, max-age={YEAR_SECONDS}, immutable")
        }
        Some(version) if version.len() >= VERSION_CHARS && found.blob.starts_with(version) => {
            format!("public, max-age={}", age(YEAR_SECONDS))
        }
        _ => format!("public, max-age={}", age(60)),
    };
    out.insert(CACHE_CONTROL, header_value(cache_control));
    if !found.private {
        out.insert(CDN_CACHE_CONTROL, header_value(format!("public, max-age={}", age(YEAR_SECONDS))));
        out.insert(CACHE_TAG, header_value(found.document_id.clone()));
    }
    Ok(response)
}

/// The response in place of a file that may not be delivered now: 410, or a redirect to its fallback. Neither is cached, so that a
/// renewed licence counts at once.
fn gone_response(tenant: &Tenant, fallback: Option<&str>, now: i64) -> FileResult {
    let store = tenant.content.store();
    let instead = fallback.map(|document| {
        store.read(|r| {
            let Some(asset) = r.assets().get(document)?.filter(|a| a.deleted_at.is_none() && !a.private) else {
                return Ok(None);
            };
            if !cairn_licensing::load_timeline(r, document)?.is_deliverable_at(now) {
                return Ok(None);
            }
            Ok::<_, ContentError>(r.assets().list_blobs(document, asset.number)?.into_iter().next())
        })
    });
    if let Some(blob) = instead.transpose()?.flatten() {
        let mut response = cairn_http::responses::empty_response(StatusCode::TEMPORARY_REDIRECT);
        response.headers_mut().insert(LOCATION, header_value(format!("/uploads/{}", blob.name)));
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        return Ok(response);
    }
    let message = "This file is not available: its licensing does not cover the current time";
    let mut response = WireError::new(ErrorKind::Gone, message).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The response with the bytes of an object, or a range of them.
async fn file_response(tenant: &Tenant, name: &str, blob: &ServedBlob, headers: &HeaderMap) -> FileResult {
    let key = BlobKey::parse(&blob.blob).map_err(WireError::internal)?;
    let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
    let shown = serve_headers(&blob.mime, extension, name);
    let served = ServedBytes {
        etag: header_value(format!("\"{}\"", &blob.blob[..blob.blob.len().min(2 * VERSION_CHARS)])),
        length: blob.length,
        content_type: &shown.content_type,
    };
    let range = match served.select(headers) {
        SelectedBytes::Nothing(response) => return Ok(*response),
        SelectedBytes::Send(range) => range,
    };
    let body = match tenant.file_cache.cached_object(&key) {
        Some(object) => Body::from(slice_bytes(&object, range)),
        None => open_body(tenant, key, blob.length, range).await?,
    };
    let mut response = served.respond(range, body);
    add_serve_headers(&mut response, &shown);
    Ok(response)
}

/// Adds the headers that say how a browser may show a file.
fn add_serve_headers(response: &mut Response<Body>, shown: &ServeHeaders) {
    for (header, value) in shown.iter() {
        if let (Ok(header), Ok(value)) = (HeaderName::try_from(header), HeaderValue::try_from(value)) {
            response.headers_mut().insert(header, value);
        }
    }
}

/// Opens an object; a small one is read and cached.
async fn open_body(tenant: &Tenant, key: BlobKey, length: u64, range: Option<ByteRange>) -> Result<Body, WireError> {
    let is_cacheable = range.is_none() && length <= file_cache::MAX_OBJECT_BYTES;
    let (assets, blob_key) = (tenant.assets.clone(), key.clone());
    let opened = tokio::task::spawn_blocking(move || {
        let Some(mut blob) = assets.open(&blob_key, range)? else { return Ok(None) };
        if blob.length != length {
            tracing::error!(key = %blob_key, expected = length, found = blob.length, "an object has a different length \
                than when it was stored");
            return Ok(None);
        }
        if !is_cacheable {
            return Ok(Some(OpenedObject::Reader(blob.body)));
        }
        let mut bytes = Vec::with_capacity(length as usize);
        let read = blob.body.read_to_end(&mut bytes);
        read.map_err(|source| AssetError::Io { action: "read a file", source })?;
        Ok(Some(OpenedObject::Bytes(bytes.into())))
    });
    let opened: Result<Option<OpenedObject>, AssetError> = opened.await.map_err(WireError::internal)?;
    match opened.map_err(ContentError::from)? {
        Some(OpenedObject::Bytes(bytes)) => {
            tenant.file_cache.insert_object(&key, bytes.clone());
            Ok(Body::from(bytes))
        }
        Some(OpenedObject::Reader(reader)) => Ok(stream_reader(reader)),
        None => {
            tracing::error!(%key, "an object of a file is missing from storage: run `cairn assets verify`");
            Err(WireError::not_found())
        }
    }
}

enum OpenedObject {
    Bytes(Bytes),
    Reader(Box<dyn Read + Send>),
}

/// The response with a rendition of a picture, from the cache or made now.
async fn picture_response(
    tenant: &Arc<Tenant>,
    name: &str,
    file: &ServedFile,
    query: &FileQuery<'_>,
    headers: &HeaderMap,
) -> FileResult {
    let blob = &file.served;
    let accept = headers.get(ACCEPT).and_then(|a| a.to_str().ok()).unwrap_or_default();
    // A file that was not examined counts as an animation in the formats used for these.
    let moves = blob.mime.starts_with("image/")
        && file.animated.unwrap_or(matches!(blob.mime.as_str(), "image/gif" | "image/webp"));
    let mut request = PictureRequest::parse(&query.picture, accept, moves)?;
    let listed = request.transform.is_listed() || tenant.config.assets.allows_picture(&query.picture);
    if !listed && !query.signed.is_some_and(|s| tenant.access.is_signed_picture(name, &query.picture, s)) {
        let message = "This size must be signed or listed under assets.pictures. Unsigned requests can only use the \
            widths of srcset (320, 480, 640, 768, 960, 1280, 1600, 1920, 2560, 3840), in any format";
        return Err(WireError::forbidden_because(message));
    }
    let store = tenant.content.store();
    // Of a film or a document the picture that stands for it.
    let poster = (!blob.mime.starts_with("image/"))
        .then(|| {
            store.read(|r| {
                r.blobs().get_served(&format!(
                    "{POSTER_VARIANT}_{}.jpg",
                    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
                ))
            })
        })
        .transpose()
        .map_err(ContentError::from)?
        .flatten();
    let source = poster.as_ref().unwrap_or(blob);
    if request.unfocused
        && request.transform.fit == Fit::Cover
        && let Some(point) =
            store.read(|r| r.assets().get_focal_point(&blob.document_id)).map_err(ContentError::from)?
    {
        request.set_focus(&point);
    }
    let key = BlobKey::parse(&source.blob).map_err(WireError::internal)?;
    // A moving rendition has another ETag than the still one that older versions made.
    let moving = if moves && request.transform.format.moves() { " moving" } else { "" };
    let canonical = format!("{} {}{moving}", source.blob, request.transform.to_query());
    let etag = header_value(format!("\"{:016x}\"", xxhash_rust::xxh3::xxh3_64(canonical.as_bytes())));
    let vary = request.negotiated.then_some((VARY, HeaderValue::from_static("Accept")));
    let known = ServedBytes { etag: etag.clone(), length: 0, content_type: request.transform.format.content_type() };
    if let Some(mut response) = known.unchanged(headers) {
        response.headers_mut().extend(vary);
        return Ok(response);
    }
    let (assets, wanted_key, mime) = (tenant.assets.clone(), key.clone(), source.mime.clone());
    let fetch = move || fetch_source(&*assets, &wanted_key, mime);
    let rendered = tenant.pictures.get_or_make(&tenant.name, &key, &request.transform, fetch).await;
    if let Err(AssetError::UnresizableAnimation) = rendered {
        // Better too large than without its movement.
        let mut response = file_response(tenant, name, blob, headers).await?;
        response.headers_mut().extend(vary);
        return Ok(response);
    }
    let Some(rendition) = rendered.map_err(ContentError::from)? else {
        return Err(WireError::validation("This file is not an image that can be resized"));
    };
    let served = ServedBytes { etag, length: rendition.bytes.len() as u64, content_type: rendition.content_type };
    let mut response = match served.select(headers) {
        SelectedBytes::Nothing(response) => *response,
        SelectedBytes::Send(range) => {
            let mut response = served.respond(range, Body::from(slice_bytes(&rendition.bytes, range)));
            add_serve_headers(&mut response, &serve_headers(rendition.content_type, "", name));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(rendition.content_type));
            response
        }
    };
    response.headers_mut().extend(vary);
    Ok(response)
}

/// An object as a file on this machine. Blocks.
fn fetch_source(assets: &dyn BlobStore, key: &BlobKey, mime: String) -> Result<Option<SourceFile>, AssetError> {
    if let Some(path) = assets.local_path(key)? {
        return Ok(Some(SourceFile::permanent(path, mime)));
    }
    let Some(mut blob) = assets.open(key, None)? else { return Ok(None) };
    let io = |source| AssetError::Io { action: "copy a picture", source };
    let mut temp = tempfile::NamedTempFile::new().map_err(io)?;
    std::io::copy(&mut blob.body, temp.as_file_mut()).map_err(io)?;
    Ok(Some(SourceFile::temporary(temp.into_temp_path(), mime)))
}

/// A header value from digits and characters that every header may have.
fn header_value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Streams a blocking reader, a chunk at a time on the blocking pool.
fn stream_reader(reader: Box<dyn Read + Send>) -> Body {
    Body::from_stream(stream::try_unfold(reader, |mut reader| async move {
        tokio::task::spawn_blocking(move || {
            let mut chunk = vec![0; CHUNK_BYTES];
            let n = reader.read(&mut chunk)?;
            chunk.truncate(n);
            Ok::<_, std::io::Error>((n > 0).then(|| (Bytes::from(chunk), reader)))
        })
        .await
        .map_err(std::io::Error::other)?
    }))
}
