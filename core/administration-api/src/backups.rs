//! `/admin/api/backups`: all of a tenant in one file, taken, verified, fetched, and restored beside the live one.

use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use axum::response::IntoResponse;
use cairn_access::DEFAULT_TENANT;
use cairn_access::action_types::BackupsManage;
use cairn_app::backup::BackupFile;
use cairn_app::tenants::{self, BackupTask, BackupTaskError, BackupsHandle};
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{RecentSignIn, Require};
use cairn_http::extract::tenant::{CurrentTenant, Handle};
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::{AcceptedData, Data, NoContent};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_store::events::Actor;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use utoipa::openapi::{ContentBuilder, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

/// Bytes that are sent at a time.
const CHUNK_BYTES: usize = 256 << 10;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list, take))
        .routes(routes!(fetch, remove))
        .routes(routes!(verify))
        .routes(routes!(restore))
}

/// All of a tenant in one file.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Backup {
    name: String,
    /// When its snapshot was taken.
    taken_at: String,
    size_bytes: u64,
    /// Null: nobody looked whether it is sound, or it has changed since.
    verified: Option<BackupVerified>,
}

/// Proof that a backup was read and is as it was written.
#[derive(Debug, Serialize, ToSchema)]
struct BackupVerified {
    /// When it was read.
    at: String,
    /// Rows of the database in it.
    rows: u64,
    /// Uploaded files in it.
    files: u64,
}

/// Operation on a backup.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum BackupWork {
    Take,
    Verify,
    Restore,
}

/// Something that is being done with a backup, or was last.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BackupRun {
    what: BackupWork,
    /// Name of the backup.
    name: String,
    /// Where it is restored to.
    tenant: Option<String>,
    started_at: String,
    /// Null: it goes on.
    ended_at: Option<String>,
    /// Null: it went well so far.
    error: Option<String>,
}

/// The backups of a tenant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BackupsState {
    /// The newest first.
    backups: Vec<Backup>,
    /// The operation that is running, or the last one of this process.
    run: Option<BackupRun>,
    /// True if they can be restored from here: beside the default tenant only.
    may_restore: bool,
}

/// Where a backup is to be restored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RestoreBackup {
    /// The tenant that is made for it: a to z, 0 to 9 and -, a letter first, 31 at most.
    tenant: String,
    /// The hosts by which it is reached.
    hosts: Vec<String>,
}

fn to_backup(file: BackupFile) -> Backup {
    let BackupFile { name, taken_at, size, verified } = file;
    let verified = verified.map(|sound| BackupVerified { at: sound.at, rows: sound.rows, files: sound.files });
    Backup { name, taken_at, size_bytes: size, verified }
}

fn to_backup_run(run: tenants::BackupTaskRun) -> BackupRun {
    let tenants::BackupTaskRun { work, name, tenant, started_at, ended_at, error } = run;
    let backup_work = match work {
        BackupTask::Take => BackupWork::Take,
        BackupTask::Verify => BackupWork::Verify,
        BackupTask::Restore => BackupWork::Restore,
    };
    BackupRun { what: backup_work, name, tenant, started_at, ended_at, error }
}

fn task_error(error: BackupTaskError) -> WireError {
    match error {
        BackupTaskError::Gone => WireError::not_found(),
        BackupTaskError::Busy(run) => WireError::conflict(format!(
            "Another task is running on the backup {}: wait until it has finished",
            run.name
        )),
        BackupTaskError::Refused(field, message) => WireError::for_field(field, message),
        BackupTaskError::Failed(error) => WireError::internal(error),
    }
}

fn recorded_actor(admin: &Admin) -> Actor {
    Actor::clone(admin.actor())
}

/// The backups that this server keeps of the tenant, and what is being done with one.
#[utoipa::path(get, path = "/admin/api/backups")]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<BackupsManage>,
    Handle(backups): Handle<BackupsHandle>,
) -> Result<Data<BackupsState>, WireError> {
    let (stored, last_run) = backups.list(&tenant).map_err(|e| WireError::internal(e.0))?;
    let may_restore = &*tenant.name == DEFAULT_TENANT;
    Ok(Data {
        data: BackupsState {
            backups: stored.into_iter().map(to_backup).collect(),
            run: last_run.map(to_backup_run),
            may_restore,
        },
    })
}

/// Takes a backup beside the running server, and verifies it.
#[utoipa::path(post, path = "/admin/api/backups")]
async fn take(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<BackupsManage>,
    Handle(backups): Handle<BackupsHandle>,
) -> Result<AcceptedData<BackupRun>, WireError> {
    Ok(AcceptedData { data: to_backup_run(backups.take(tenant, recorded_actor(&admin)).map_err(task_error)?) })
}

/// Reads all of a backup and compares it with what it says of itself.
#[utoipa::path(post, path = "/admin/api/backups/{name}/verify", params(("name" = String, Path)))]
async fn verify(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<BackupsManage>,
    Handle(backups): Handle<BackupsHandle>,
    Path(name): Path<String>,
) -> Result<AcceptedData<BackupRun>, WireError> {
    Ok(AcceptedData { data: to_backup_run(backups.verify(tenant, &name, recorded_actor(&admin)).map_err(task_error)?) })
}

/// Restores a backup into a new tenant beside this one, which is not touched. Webhooks of the copy are off.
#[utoipa::path(
    post,
    path = "/admin/api/backups/{name}/restore",
    params(("name" = String, Path)),
    request_body = RestoreBackup,
)]
async fn restore(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<BackupsManage>>,
    Handle(backups): Handle<BackupsHandle>,
    Path(name): Path<String>,
    body: Json<RestoreBackup>,
) -> Result<AcceptedData<BackupRun>, WireError> {
    let RestoreBackup { tenant: into, hosts } = body.read(&tenant).await?;
    Ok(AcceptedData {
        data: to_backup_run(backups.restore(tenant, &name, &into, &hosts, recorded_actor(&admin)).map_err(task_error)?),
    })
}

/// Removes a backup.
#[utoipa::path(delete, path = "/admin/api/backups/{name}", params(("name" = String, Path)))]
async fn remove(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<BackupsManage>,
    Handle(backups): Handle<BackupsHandle>,
    Path(name): Path<String>,
) -> Result<NoContent, WireError> {
    backups.remove(&tenant, &name, recorded_actor(&admin)).await.map_err(task_error)?;
    Ok(NoContent)
}

/// The file on its way.
struct BackupDownload(Response<Body>);

impl IntoResponse for BackupDownload {
    fn into_response(self) -> Response<Body> {
        self.0
    }
}

impl IntoResponses for BackupDownload {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let content = ContentBuilder::new().schema(Some(String::schema())).build();
        let response = ResponseBuilder::new().content("application/gzip", content).build();
        BTreeMap::from([("200".to_owned(), response.into())])
    }
}

/// A backup, as the file that it is. It holds personal data.
#[utoipa::path(get, path = "/admin/api/backups/{name}", params(("name" = String, Path)))]
async fn fetch(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<BackupsManage>>,
    Handle(backups): Handle<BackupsHandle>,
    Path(name): Path<String>,
) -> Result<BackupDownload, WireError> {
    let (path, backup_file) = backups.find_file(&tenant, &name).ok_or_else(WireError::not_found)?;
    let file = File::open(&path).await.map_err(WireError::internal)?;
    backups.emit_fetched(&tenant, &name, recorded_actor(&admin)).await?;
    // The download ends at the promised Content-Length, should the file grow.
    let pieces = stream::try_unfold(file.take(backup_file.size), |mut file| async move {
        let mut piece = vec![0; CHUNK_BYTES];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok::<_, std::io::Error>((read > 0).then_some((piece, file)))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/gzip"));
    headers.insert(header::CONTENT_LENGTH, backup_file.size.into());
    let disposition = format!("attachment; filename=\"{}\"", backup_file.name);
    headers.insert(header::CONTENT_DISPOSITION, disposition.parse().map_err(WireError::internal)?);
    Ok(BackupDownload(response))
}
