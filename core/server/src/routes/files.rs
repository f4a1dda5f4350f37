//! `/uploads/<file>`: the files themselves, to everybody; what a browser could run goes out as an attachment.

use crate::error::WireError;
use crate::extract::tenant::CurrentTenant;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH};
use axum::http::{HeaderMap, Response, StatusCode};
use cairn_assets::{Key, content_type_of_extension, serve_headers};
use cairn_content::ContentError;
use futures_util::stream;
use std::io::Read;

/// Read at a time.
const CHUNK: usize = 64 * 1024;

pub(crate) async fn serve(
    CurrentTenant(tenant): CurrentTenant,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response<Body>, WireError> {
    let key = Key::parse(&name).map_err(|_| WireError::not_found())?;
    let assets = tenant.assets.clone();
    let opened = tokio::task::spawn_blocking(move || assets.open(&key, None)).await.map_err(WireError::internal)?;
    let Some(blob) = opened.map_err(ContentError::from)? else { return Err(WireError::not_found()) };
    // A stored file never changes: its name says which it is.
    let etag = crate::answer::etag(name.as_bytes());
    if crate::answer::not_modified(headers.get(IF_NONE_MATCH), &etag) {
        let mut response = crate::answer::empty(StatusCode::NOT_MODIFIED);
        response.headers_mut().insert(ETAG, etag);
        return Ok(response);
    }
    let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
    let mime = content_type_of_extension(extension).unwrap_or("application/octet-stream");
    let mut response = Response::new(body(blob.body));
    let out = response.headers_mut();
    for (header, value) in serve_headers(mime, extension, &name).iter() {
        if let (Ok(header), Ok(value)) = (HeaderName::try_from(header), HeaderValue::try_from(value)) {
            out.insert(header, value);
        }
    }
    out.insert(CONTENT_LENGTH, HeaderValue::from(blob.length));
    out.insert(ETAG, etag);
    out.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    Ok(response)
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
