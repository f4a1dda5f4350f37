//! `/admin/api/backups`: all of a tenant in one file, taken, verified, fetched, and restored beside the live one.

use crate::backup::Kept;
use crate::error::WireError;
use crate::extract::address::Path;
use crate::extract::admin::Admin;
use crate::extract::body::Json;
use crate::extract::tenant::CurrentTenant;
use crate::openapi::answers::{Accepted, Data, NoContent};
use crate::openapi::router::AreaRouter;
use crate::openapi::router::routes;
use crate::tenants::{self, BackupsHandle, NotBegun, Work};
use axum::body::Body;
use axum::extract::Extension;
use axum::http::{HeaderValue, Response, header};
use axum::response::IntoResponse;
use cairn_access::DEFAULT_TENANT;
use cairn_store::events::Actor;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use utoipa::openapi::{ContentBuilder, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

/// Where they are.
pub(crate) const BELOW: &str = "/admin/api/backups";
/// Bytes that are sent at a time.
const PIECE: usize = 256 << 10;

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

/// That a backup is as it was written.
#[derive(Debug, Serialize, ToSchema)]
struct BackupVerified {
    /// When it was read.
    at: String,
    /// Rows of the database in it.
    rows: u64,
    /// Uploaded files in it.
    files: u64,
}

/// What is done with a backup.
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
    /// The backup.
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
    /// What goes on, or what this process did last.
    run: Option<BackupRun>,
    /// Whether they can be restored from here: beside the default tenant only.
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

fn shown(kept: Kept) -> Backup {
    let Kept { name, taken_at, size, verified } = kept;
    let verified = verified.map(|sound| BackupVerified { at: sound.at, rows: sound.rows, files: sound.files });
    Backup { name, taken_at, size_bytes: size, verified }
}

fn run(run: tenants::Run) -> BackupRun {
    let tenants::Run { work, name, tenant, started_at, ended_at, error } = run;
    let what = match work {
        Work::Take => BackupWork::Take,
        Work::Verify => BackupWork::Verify,
        Work::Restore => BackupWork::Restore,
    };
    BackupRun { what, name, tenant, started_at, ended_at, error }
}

fn refused(error: NotBegun) -> WireError {
    match error {
        NotBegun::Gone => WireError::not_found(),
        NotBegun::Busy(run) => WireError::conflict(format!(
            "Another task is running on the backup {}: wait until it has finished",
            run.name
        )),
        NotBegun::Refused(field, message) => WireError::of_field(field, message),
        NotBegun::Failed(error) => WireError::internal(error),
    }
}

fn by(admin: &Admin) -> Actor {
    Actor::clone(admin.actor())
}

/// The backups that this server keeps of the tenant, and what is being done with one.
#[utoipa::path(get, path = "/admin/api/backups")]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    Extension(backups): Extension<BackupsHandle>,
    _: Admin,
) -> Result<Data<BackupsState>, WireError> {
    let (kept, last) = backups.list(&tenant).map_err(|e| WireError::internal(e.0))?;
    let may_restore = &*tenant.name == DEFAULT_TENANT;
    Ok(Data { data: BackupsState { backups: kept.into_iter().map(shown).collect(), run: last.map(run), may_restore } })
}

/// Takes a backup beside the running server, and verifies it.
#[utoipa::path(post, path = "/admin/api/backups")]
async fn take(
    CurrentTenant(tenant): CurrentTenant,
    Extension(backups): Extension<BackupsHandle>,
    admin: Admin,
) -> Result<Accepted<BackupRun>, WireError> {
    Ok(Accepted { data: run(backups.take(tenant, by(&admin)).map_err(refused)?) })
}

/// Reads all of a backup and compares it with what it says of itself.
#[utoipa::path(post, path = "/admin/api/backups/{name}/verify", params(("name" = String, Path)))]
async fn verify(
    CurrentTenant(tenant): CurrentTenant,
    Extension(backups): Extension<BackupsHandle>,
    admin: Admin,
    Path(name): Path<String>,
) -> Result<Accepted<BackupRun>, WireError> {
    Ok(Accepted { data: run(backups.verify(tenant, &name, by(&admin)).map_err(refused)?) })
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
    Extension(backups): Extension<BackupsHandle>,
    admin: Admin,
    Path(name): Path<String>,
    body: Json<RestoreBackup>,
) -> Result<Accepted<BackupRun>, WireError> {
    let RestoreBackup { tenant: into, hosts } = body.read(&tenant).await?;
    Ok(Accepted { data: run(backups.restore(tenant, &name, &into, &hosts, by(&admin)).map_err(refused)?) })
}

/// Removes a backup.
#[utoipa::path(delete, path = "/admin/api/backups/{name}", params(("name" = String, Path)))]
async fn remove(
    CurrentTenant(tenant): CurrentTenant,
    Extension(backups): Extension<BackupsHandle>,
    admin: Admin,
    Path(name): Path<String>,
) -> Result<NoContent, WireError> {
    backups.remove(&tenant, &name, by(&admin)).await.map_err(refused)?;
    Ok(NoContent)
}

/// The file on its way.
struct Fetched(Response<Body>);

impl IntoResponse for Fetched {
    fn into_response(self) -> Response<Body> {
        self.0
    }
}

impl IntoResponses for Fetched {
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
    Extension(backups): Extension<BackupsHandle>,
    admin: Admin,
    Path(name): Path<String>,
) -> Result<Fetched, WireError> {
    let (path, kept) = backups.file(&tenant, &name).ok_or_else(WireError::not_found)?;
    let file = File::open(&path).await.map_err(WireError::internal)?;
    backups.tell_fetched(&tenant, &name, by(&admin)).await?;
    // No more than was promised, should it grow.
    let pieces = stream::try_unfold(file.take(kept.size), |mut file| async move {
        let mut piece = vec![0; PIECE];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok::<_, std::io::Error>((read > 0).then_some((piece, file)))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/gzip"));
    headers.insert(header::CONTENT_LENGTH, kept.size.into());
    let disposition = format!("attachment; filename=\"{}\"", kept.name);
    headers.insert(header::CONTENT_DISPOSITION, disposition.parse().map_err(WireError::internal)?);
    Ok(Fetched(response))
}
