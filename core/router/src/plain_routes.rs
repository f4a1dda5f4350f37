//! Routes of the content API that are below `/admin/api` as well, for admins. They answer streams of bytes, what Strapi has them answer,
//! or what a plugin likes, so they are described by hand; the tests compare their answers too.

#![expect(dead_code, reason = "it describes handlers that are elsewhere")]

use cairn_editing_api::UploadFile;
use cairn_http::openapi::response_types::Problem;
use serde_json::{Map, Value};
use utoipa::{OpenApi, ToSchema};

/// Description of the routes below, whose handlers do not describe themselves.
#[derive(OpenApi)]
#[openapi(paths(
    upload,
    files,
    file,
    delete_file,
    begin,
    offset,
    state,
    append,
    end,
    live,
    get_route,
    post_route,
    put_route,
    patch_route,
    delete_route
))]
pub(super) struct PlainRoutesApi;

/// Files with what is said of them.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct UploadForm {
    #[schema(value_type = Vec<String>, format = Binary)]
    files: Vec<Vec<u8>>,
    /// Of each file: JSON of `{name, alternativeText, caption, folder, private}`.
    #[schema(nullable = false)]
    file_info: Option<Vec<String>>,
    /// The document that is to show them, with `refId` and `field`.
    #[schema(nullable = false)]
    r#ref: Option<String>,
    #[schema(nullable = false)]
    ref_id: Option<String>,
    #[schema(nullable = false)]
    field: Option<String>,
}

/// A file, with the attributes that were asked for.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct SelectedFile {
    id: i64,
    document_id: String,
    /// Its other attributes.
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// How an upload in pieces stands.
#[derive(ToSchema)]
struct ResumableUpload {
    data: ResumableUploadData,
}

/// How an upload in pieces stands.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct ResumableUploadData {
    id: String,
    /// Bytes of the whole file.
    length: i64,
    /// Bytes that are here.
    offset: i64,
    state: ResumableState,
    /// As it was said when it was begun.
    #[schema(value_type = Object)]
    metadata: Value,
    /// Given up then, if it does not go on.
    expires_at: cairn_http::openapi::response_types::Time,
    /// The file that it became.
    file: Option<UploadFile>,
}

/// Where such an upload is.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
enum ResumableState {
    /// Bytes are missing.
    Open,
    /// All bytes are there; the file is being made of them.
    Storing,
    /// The file is there.
    Done,
}

/// Takes files; with `id` changes one that is there.
///
/// With `id` and without a file its texts, with a file its bytes.
#[utoipa::path(
    post,
    path = "/admin/api/upload",
    tag = "upload",
    operation_id = "add",
    params(("id" = Option<i64>, Query, description = "The number of a file that is there")),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = Vec<UploadFile>, description = "The files"),
        (status = 200, body = UploadFile, description = "The file that was changed"),
        (status = "default", body = Problem, description = "What is wrong"),
    ),
)]
fn upload() {}

/// Files that match, all in one list.
#[utoipa::path(
    get,
    path = "/admin/api/upload/files",
    tag = "upload",
    responses(
        (status = 200, body = Vec<SelectedFile>, description = "As Strapi has it, without an envelope"),
        (status = 304, description = "As the ETag says"),
        (status = "default", body = Problem, description = "What is wrong"),
    ),
)]
fn files() {}

/// Gets one file of the media library, as Strapi returns it.
#[utoipa::path(
    get,
    path = "/admin/api/upload/files/{id}",
    tag = "upload",
    params(("id" = String, Path, description = "Its number or document id")),
    responses(
        (status = 200, body = SelectedFile, description = "As Strapi has it, without an envelope"),
        (status = 304, description = "As the ETag says"),
        (status = "default", body = Problem, description = "What is wrong"),
    ),
)]
fn file() {}

/// Puts a file into the trash.
#[utoipa::path(
    delete,
    path = "/admin/api/upload/files/{id}",
    tag = "upload",
    params(("id" = String, Path, description = "Its number or document id")),
    responses(
        (status = 200, body = SelectedFile, description = "As it was, without an envelope"),
        (status = "default", body = Problem, description = "What is wrong"),
    ),
)]
fn delete_file() {}

/// Begins an upload in pieces, as tus 1.0.0 has it.
#[utoipa::path(
    post,
    path = "/admin/api/upload/resumable",
    tag = "resumable",
    params(
        ("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Length" = i64, Header, description = "Bytes of the whole file"),
        ("Upload-Metadata" = Option<String>, Header, description = "Names and Base64: filename, filetype, folder, private, …"),
    ),
    responses(
        (status = 201, description = "It is begun", headers(("Location" = String), ("Upload-Offset" = i64), ("Upload-Expires" = String))),
        (status = "default", body = Problem, description = "What is wrong"),
    ),
)]
fn begin() {}

/// How far an upload has got, in headers.
#[utoipa::path(
    head,
    path = "/admin/api/upload/resumable/{id}",
    tag = "resumable",
    params(("id" = String, Path), ("Tus-Resumable" = String, Header, description = "1.0.0")),
    responses(
        (status = 200, description = "How far", headers(("Upload-Offset" = i64), ("Upload-Length" = i64), ("Cairn-File" = String))),
        (status = "default", description = "What is wrong, by its status"),
    ),
)]
fn offset() {}

/// How an upload stands, and the file that it became. Not of tus.
#[utoipa::path(
    get,
    path = "/admin/api/upload/resumable/{id}",
    tag = "resumable",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = ResumableUpload, description = "How it stands"),
        (status = "default", body = Problem, description = "What is wrong"),
    ),
)]
fn state() {}

/// The next piece.
#[utoipa::path(
    patch,
    path = "/admin/api/upload/resumable/{id}",
    tag = "resumable",
    params(
        ("id" = String, Path),
        ("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Offset" = i64, Header, description = "Where it belongs"),
        ("Upload-Checksum" = Option<String>, Header, description = "An algorithm and Base64"),
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses(
        (status = 204, description = "It is here", headers(("Upload-Offset" = i64), ("Cairn-File" = String))),
        (status = "default", body = Problem, description = "What is wrong"),
    ),
)]
fn append() {}

/// Gives up an upload.
#[utoipa::path(
    delete,
    path = "/admin/api/upload/resumable/{id}",
    tag = "resumable",
    params(("id" = String, Path), ("Tus-Resumable" = String, Header, description = "1.0.0")),
    responses(
        (status = 204, description = "It is gone"),
        (status = "default", body = Problem, description = "What is wrong"),
    ),
)]
fn end() {}

/// Streams events of entries while they happen, as server-sent events.
///
/// `entry.create`, `entry.update`, `entry.publish`, `entry.unpublish`, `entry.delete` and `entry.hidden`, each with `{event, uid, documentId, locale,
/// at}`; `reset`: read everything anew; `end`, with the reason.
#[utoipa::path(
    get,
    path = "/admin/api/live",
    tag = "live",
    operation_id = "open",
    params(
        ("types" = Option<String>, Query, description = "Uids of content types with commas between them; all, where it is left out"),
        ("Last-Event-ID" = Option<String>, Header, description = "Where the client was"),
    ),
    responses(
        (status = 200, content_type = "text/event-stream", body = String, description = "The stream"),
        (status = "default", body = Problem, description = "What is wrong"),
    ),
)]
fn live() {}

/// Asks a route of a plugin: those that admit admins as whoever asks, those for everybody as nobody, no others.
///
/// `path` may have several parts. The same routes are at `/api/<plugin>/<path>`, for tokens in a header.
#[utoipa::path(
    get,
    path = "/admin/api/plugin-routes/{plugin}/{path}",
    tag = "pluginRoutes",
    operation_id = "get",
    params(("plugin" = String, Path), ("path" = String, Path)),
    responses(
        (status = "2XX", description = "What the plugin answers"),
        (status = "3XX", description = "Where it leads"),
        (status = "default", description = "What is wrong, of the plugin or of the server"),
    ),
)]
fn get_route() {}

/// Sends something to a route of a plugin.
#[utoipa::path(
    post,
    path = "/admin/api/plugin-routes/{plugin}/{path}",
    tag = "pluginRoutes",
    operation_id = "post",
    params(("plugin" = String, Path), ("path" = String, Path)),
    request_body(content = Value, description = "As the route has it"),
    responses(
        (status = "2XX", description = "What the plugin answers"),
        (status = "3XX", description = "Where it leads"),
        (status = "default", description = "What is wrong, of the plugin or of the server"),
    ),
)]
fn post_route() {}

/// Puts something at a route of a plugin.
#[utoipa::path(
    put,
    path = "/admin/api/plugin-routes/{plugin}/{path}",
    tag = "pluginRoutes",
    operation_id = "put",
    params(("plugin" = String, Path), ("path" = String, Path)),
    request_body(content = Value, description = "As the route has it"),
    responses(
        (status = "2XX", description = "What the plugin answers"),
        (status = "3XX", description = "Where it leads"),
        (status = "default", description = "What is wrong, of the plugin or of the server"),
    ),
)]
fn put_route() {}

/// Changes something by a route of a plugin.
#[utoipa::path(
    patch,
    path = "/admin/api/plugin-routes/{plugin}/{path}",
    tag = "pluginRoutes",
    operation_id = "patch",
    params(("plugin" = String, Path), ("path" = String, Path)),
    request_body(content = Value, description = "As the route has it"),
    responses(
        (status = "2XX", description = "What the plugin answers"),
        (status = "3XX", description = "Where it leads"),
        (status = "default", description = "What is wrong, of the plugin or of the server"),
    ),
)]
fn patch_route() {}

/// Deletes something by a route of a plugin.
#[utoipa::path(
    delete,
    path = "/admin/api/plugin-routes/{plugin}/{path}",
    tag = "pluginRoutes",
    operation_id = "delete",
    params(("plugin" = String, Path), ("path" = String, Path)),
    responses(
        (status = "2XX", description = "What the plugin answers"),
        (status = "3XX", description = "Where it leads"),
        (status = "default", description = "What is wrong, of the plugin or of the server"),
    ),
)]
fn delete_route() {}
