//! Export of a plugin's data as a file: to have them before the plugin goes.

use super::change::find_plugin;
use axum::body::{Body, Bytes};
use axum::http::{Response, header};
use axum::response::IntoResponse;
use cairn_access::action_types::PluginsManage;
use cairn_http::error::WireError;
use cairn_http::extract::require::{RecentSignIn, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use futures_util::stream;
use std::collections::BTreeMap;
use std::io::{BufWriter, Error, Write};
use tokio::sync::mpsc::{Sender, channel};
use utoipa::openapi::{ContentBuilder, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema};

/// Bytes that are sent at a time.
const CHUNK_BYTES: usize = 64 << 10;
/// Pieces that wait to be sent: the database is read no faster than somebody takes them.
const MAX_WAITING_CHUNKS: usize = 4;

/// The file on its way.
pub(super) struct PluginDownload(Response<Body>);

impl IntoResponse for PluginDownload {
    fn into_response(self) -> Response<Body> {
        self.0
    }
}

impl IntoResponses for PluginDownload {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let content = ContentBuilder::new().schema(Some(String::schema())).build();
        let response = ResponseBuilder::new().content("application/x-ndjson", content).build();
        BTreeMap::from([("200".to_owned(), response.into())])
    }
}

/// Pieces on their way to whoever reads them; an error where nobody does any more.
struct ChannelWriter(Sender<Result<Bytes, Error>>);

impl Write for ChannelWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let result = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        result.map(|()| bytes.len()).map_err(|_| Error::other("the client stopped reading the export"))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// All that a plugin has, one object of JSON on each line: what it is, its documents with all their versions, its files, its entries by key.
/// Secrets are not in it, nor the bytes of files.
#[utoipa::path(get, path = "/admin/api/plugins/{id}/export", params(("id" = String, Path)))]
pub(super) async fn export(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<RecentSignIn<PluginsManage>>,
    Path(id): Path<String>,
) -> Result<PluginDownload, WireError> {
    let row = find_plugin(&tenant, &id)?;
    let name = format!("{}-{}-{}.ndjson", row.id, row.current.version, tenant.access.now().format("%Y-%m-%d"));
    let (sender, mut pieces) = channel(MAX_WAITING_CHUNKS);
    tokio::task::spawn_blocking(move || {
        let mut out = BufWriter::with_capacity(CHUNK_BYTES, ChannelWriter(sender.clone()));
        let result = tenant.plugins.plugins().export_plugin(&id, &mut out).map_err(|e| e.to_string());
        let result = result.and_then(|_| out.flush().map_err(|e| e.to_string()));
        if let Err(error) = result {
            tracing::warn!(plugin = id, error, "the export of a plugin ended early");
            // The connection breaks off: nobody takes a part for the whole.
            let _ = sender.blocking_send(Err(Error::other(error)));
        }
    });
    let mut response = Response::new(Body::from_stream(stream::poll_fn(move |context| pieces.poll_recv(context))));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/x-ndjson"));
    let disposition = format!("attachment; filename=\"{name}\"");
    headers.insert(header::CONTENT_DISPOSITION, disposition.parse().map_err(WireError::internal)?);
    Ok(PluginDownload(response))
}
