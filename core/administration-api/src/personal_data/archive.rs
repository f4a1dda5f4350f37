//! The archive that a person gets.

use super::{PersonInput, read_person, to_wire_error};
use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use cairn_access::action_types::SettingsPersonalData;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{RecentSignIn, Require};
use cairn_http::extract::tenant::CurrentTenant;
use futures_util::stream;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek};
use utoipa::openapi::{ContentBuilder, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema};

const MEDIA_TYPE: &str = "application/gzip";
/// Bytes that are sent at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// The archive on its way.
pub(super) struct PersonArchive(Response<Body>);

impl IntoResponse for PersonArchive {
    fn into_response(self) -> Response<Body> {
        self.0
    }
}

impl IntoResponses for PersonArchive {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let content = ContentBuilder::new().schema(Some(String::schema())).build();
        let response = ResponseBuilder::new().content(MEDIA_TYPE, content).build();
        BTreeMap::from([("200".to_owned(), response.into())])
    }
}

/// All that is stored about a person: a compressed tar with a JSON file for each source, and `manifest.json`, which says whether it is
/// complete. It is written to a temporary file first, so that an error is a response and never half an archive.
#[utoipa::path(post, path = "/admin/api/personal-data/export", request_body = PersonInput)]
pub(super) async fn export(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsPersonalData>>,
    body: Json<PersonInput>,
) -> Result<PersonArchive, WireError> {
    let person = read_person(&tenant, body).await?;
    let locale = admin.language(&tenant);
    let mut file = tempfile::tempfile().map_err(WireError::internal)?;
    tenant.personal_data.write_archive(&person, &locale, BufWriter::new(&mut file)).await.map_err(to_wire_error)?;
    let size = file.stream_position().map_err(WireError::internal)?;
    file.rewind().map_err(WireError::internal)?;
    let mut response = Response::new(Body::from_stream(stream::try_unfold(file, read_chunk)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let name = format!("person-{}.tar.gz", tenant.access.now().format("%Y-%m-%d"));
    let disposition = format!("attachment; filename=\"{name}\"");
    headers.insert(header::CONTENT_DISPOSITION, disposition.parse().map_err(WireError::internal)?);
    Ok(PersonArchive(response))
}

/// The next piece of a file, and the file to read on from; `None` at its end.
async fn read_chunk(mut file: File) -> std::io::Result<Option<(Bytes, File)>> {
    let read = tokio::task::spawn_blocking(move || {
        let mut chunk = vec![0; CHUNK_BYTES];
        let n = file.read(&mut chunk)?;
        chunk.truncate(n);
        Ok::<_, std::io::Error>((n > 0).then(|| (Bytes::from(chunk), file)))
    });
    read.await.map_err(std::io::Error::other)?
}
