//! `/uploads/<file>`: the files themselves, to everybody; what a browser could run goes out as an attachment.

mod part;

use crate::error::WireError;
use crate::extract::tenant::CurrentTenant;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, Response, StatusCode};
use cairn_assets::{Key, Range, content_type_of_extension, serve_headers};
use cairn_content::ContentError;
use futures_util::stream;
use part::Asked;
use std::io::Read;
use xxhash_rust::xxh3::xxh3_64;

/// Read at a time.
const CHUNK: usize = 64 * 1024;

pub(crate) async fn serve(
    CurrentTenant(tenant): CurrentTenant,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response<Body>, WireError> {
    let key = Key::parse(&name).map_err(|_| WireError::not_found())?;
    // A stored file never changes: its name says which it is.
    let etag = etag(&name);
    let open = |range| {
        let (assets, key) = (tenant.assets.clone(), key.clone());
        async move {
            let opened = tokio::task::spawn_blocking(move || assets.open(&key, range)).await;
            opened.map_err(WireError::internal)?.map_err(ContentError::from)?.ok_or_else(WireError::not_found)
        }
    };
    if crate::answer::not_modified(headers.get(IF_NONE_MATCH), &etag) {
        let (assets, key) = (tenant.assets.clone(), key.clone());
        let there = tokio::task::spawn_blocking(move || assets.exists(&key)).await;
        if !there.map_err(WireError::internal)?.map_err(ContentError::from)? {
            return Err(WireError::not_found());
        }
        let mut response = crate::answer::empty(StatusCode::NOT_MODIFIED);
        response.headers_mut().insert(ETAG, etag);
        return Ok(response);
    }
    let wanted = part::wanted(&headers, &etag);
    let opened = part::to_open(wanted.as_ref());
    let mut blob = open(opened).await?;
    let length = blob.length;
    let (status, sent, shown) = match part::of_length(wanted.as_ref(), length) {
        Asked::Whole => (StatusCode::OK, length, None),
        Asked::Part(range @ Range { start, end }) => {
            // Where it was counted from the end, which was not known.
            if opened.is_none() {
                blob = open(Some(range)).await?;
            }
            (StatusCode::PARTIAL_CONTENT, end - start + 1, Some(format!("bytes {start}-{end}/{length}")))
        }
        Asked::Beyond => {
            let mut response = crate::answer::empty(StatusCode::RANGE_NOT_SATISFIABLE);
            response.headers_mut().insert(CONTENT_RANGE, header_value(format!("bytes */{length}")));
            return Ok(response);
        }
    };
    let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
    let mime = content_type_of_extension(extension).unwrap_or("application/octet-stream");
    let mut response = Response::new(body(blob.body));
    *response.status_mut() = status;
    let out = response.headers_mut();
    for (header, value) in serve_headers(mime, extension, &name).iter() {
        if let (Ok(header), Ok(value)) = (HeaderName::try_from(header), HeaderValue::try_from(value)) {
            out.insert(header, value);
        }
    }
    if let Some(shown) = shown {
        out.insert(CONTENT_RANGE, header_value(shown));
    }
    out.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    out.insert(CONTENT_LENGTH, HeaderValue::from(sent));
    out.insert(ETAG, etag);
    out.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    Ok(response)
}

/// A strong one: parts of a file are put together only where it is the same.
fn etag(name: &str) -> HeaderValue {
    header_value(format!("\"{:016x}\"", xxh3_64(name.as_bytes())))
}

/// Of digits and signs that every header may have.
fn header_value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Streams a blocking reader, a chunk at a time on the blocking pool.
fn body(reader: Box<dyn Read + Send>) -> Body {
    Body::from_stream(stream::try_unfold(reader, |mut reader| async move {
        tokio::task::spawn_blocking(move || {
            let mut chunk = vec![0; CHUNK];
            let n = reader.read(&mut chunk)?;
            chunk.truncate(n);
            Ok::<_, std::io::Error>((n > 0).then(|| (Bytes::from(chunk), reader)))
        })
        .await
        .map_err(std::io::Error::other)?
    }))
}
