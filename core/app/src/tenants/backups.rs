//! Backups that are requested while the process serves: one task at a time for each tenant, whose state anybody who may can query.

use super::backup_task::{BackupTask, BackupTaskRun};
use super::{Tenants, apply};
use crate::backup::{self, BackupFile, BackupFolder, RestoreTarget};
use crate::operator_error::OperatorError;
use crate::tenant::Tenant;
use crate::wiring::erase_tenant;
use cairn_access::{DEFAULT_TENANT, format_iso};
use cairn_store::events::{Actor, NewEvent};
use cairn_store::{StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

/// Why webhooks of a restored tenant are switched off.
const COPY_NOTICE: &str = "This is a copy of the live site: enable the webhook if this copy should call it too";

/// Why a task was not begun.
#[derive(Debug)]
pub enum BackupTaskError {
    /// No such backup exists.
    Gone,
    /// Another task is running.
    Busy(BackupTaskRun),
    /// The field that is wrong, and the reason.
    Refused(&'static str, String),
    /// The task could not be begun, for this reason.
    Failed(String),
}

impl From<OperatorError> for BackupTaskError {
    fn from(e: OperatorError) -> Self {
        Self::Failed(e.0)
    }
}

/// Access to the backups of tenants.
#[derive(Clone)]
pub struct BackupsHandle(Arc<Tenants>);

impl BackupsHandle {
    /// For the tenant that a request names.
    pub fn new(tenants: Arc<Tenants>) -> Self {
        Self(tenants)
    }

    fn backup_folder(&self, tenant: &Tenant) -> BackupFolder {
        BackupFolder::for_tenant(&self.0.ground.config.tenant_folder(&tenant.name))
    }

    /// The backups of a tenant, the newest first, and the task that is running or was last.
    pub fn list(&self, tenant: &Tenant) -> Result<(Vec<BackupFile>, Option<BackupTaskRun>), OperatorError> {
        Ok((self.backup_folder(tenant).list()?, self.0.runs.lock().get(&*tenant.name).cloned()))
    }

    /// The path of a backup.
    pub fn find_file(&self, tenant: &Tenant, name: &str) -> Option<(PathBuf, BackupFile)> {
        let folder = self.backup_folder(tenant);
        let file = folder.find_backup(name)?;
        Some((folder.backup_path(name)?, file))
    }

    /// Takes a backup, and verifies it.
    pub fn take(&self, tenant: Arc<Tenant>, by: Actor) -> Result<BackupTaskRun, BackupTaskError> {
        let folder = self.backup_folder(&tenant);
        let now = tenant.access.now();
        let run =
            self.begin_task(&tenant, BackupTask::Take, None, || Ok(folder.new_backup_name(&tenant.name, now)?))?;
        let blobs = self.0.ground.upload_storage(&tenant.name).and_then(|uploads| uploads.open_raw());
        let (handle, task_tenant, file) = (self.clone(), tenant.clone(), run.name.clone());
        let work = async move {
            backup::adopt_files(&handle.0.ground, &task_tenant.access, &task_tenant.name).await?;
            let path =
                folder.backup_path(&file).ok_or_else(|| OperatorError(format!("{file} is not a valid backup name")))?;
            let (store, own, blobs) = (task_tenant.access.store().clone(), task_tenant.name.to_string(), blobs?);
            run_blocking(move || backup::take_backup(&store, &own, &*blobs, &format_iso(now), &path)).await??;
            verify_and_note(&task_tenant, folder, file).await
        };
        Ok(self.run_task(tenant, run, by, work))
    }

    /// Verifies a backup.
    pub fn verify(&self, tenant: Arc<Tenant>, name: &str, by: Actor) -> Result<BackupTaskRun, BackupTaskError> {
        let folder = self.backup_folder(&tenant);
        let run = self.begin_task(&tenant, BackupTask::Verify, None, || require_backup(&folder, name))?;
        let (task_tenant, name) = (tenant.clone(), run.name.clone());
        Ok(self.run_task(tenant, run, by, async move { verify_and_note(&task_tenant, folder, name).await }))
    }

    /// Restores a backup of the default tenant into a new tenant beside it. So that nobody is notified twice, its webhooks are switched
    /// off and its mails are held back.
    pub fn restore(
        &self,
        tenant: Arc<Tenant>,
        name: &str,
        into: &str,
        hosts: &[String],
        by: Actor,
    ) -> Result<BackupTaskRun, BackupTaskError> {
        let folder = self.backup_folder(&tenant);
        let declared = json!({ "tenants": { into: { "hosts": hosts } } }).to_string();
        let into = into.to_owned();
        // Looked at once nothing else goes on: what is begun before would be in the way, or be taken for what this one leaves.
        let run = self.begin_task(&tenant, BackupTask::Restore, Some(&into), || {
            self.is_new(&tenant, &into, hosts, &declared)?;
            require_backup(&folder, name)
        })?;
        let (handle, task_tenant, name, actor) = (self.clone(), tenant.clone(), run.name.clone(), by.clone());
        let work = async move {
            let path = folder.backup_path(&name).ok_or_else(|| OperatorError(format!("{name} no longer exists")))?;
            let restored = handle.restore_into(path, &into, &actor).await;
            // The tenant goes into service only when all of it is restored.
            let declared = match restored {
                Ok(()) => handle.0.apply_settings(&declared, &|_| None).await.map(drop),
                Err(error) => Err(error),
            };
            if declared.is_err() {
                handle.remove_failed_restore(&task_tenant, &into).await;
            }
            declared
        };
        Ok(self.run_task(tenant, run, by, work))
    }

    /// Removes a backup.
    pub async fn remove(&self, tenant: &Tenant, name: &str, by: Actor) -> Result<(), BackupTaskError> {
        let busy =
            self.0.runs.lock().get(&*tenant.name).filter(|run| run.ended_at.is_none() && run.name == name).cloned();
        if let Some(run) = busy {
            return Err(BackupTaskError::Busy(run));
        }
        if !self.backup_folder(tenant).remove(name)? {
            return Err(BackupTaskError::Gone);
        }
        emit_backup_event(tenant, by, "removed", json!({ "backup": name }))
            .await
            .map_err(|e| BackupTaskError::Failed(e.to_string()))
    }

    /// Writes to the audit log that somebody downloads a backup, which contains everything the tenant has.
    pub async fn emit_fetched(&self, tenant: &Tenant, name: &str, by: Actor) -> Result<(), StoreError> {
        emit_backup_event(tenant, by, "fetched", json!({ "backup": name })).await
    }

    /// Checks that a tenant can be created: its name and hosts are valid, and nobody has them.
    fn is_new(&self, tenant: &Tenant, into: &str, hosts: &[String], declared: &str) -> Result<(), BackupTaskError> {
        let context = &self.0.ground;
        let refused = |field, message: &str| Err(BackupTaskError::Refused(field, message.to_owned()));
        if &*tenant.name != DEFAULT_TENANT {
            return refused("tenant", "backups can only be restored from the default tenant");
        }
        if into == DEFAULT_TENANT {
            return refused("tenant", "this tenant is the live one; use `cairn restore` to replace it with a backup");
        }
        if hosts.is_empty() {
            return refused("hosts", "specify the host name of the new tenant");
        }
        let problems = apply::find_problems(context, &tenant.access, declared)?;
        if let Some(problem) = problems.first() {
            let field = if problem.path.contains(".hosts") { "hosts" } else { "tenant" };
            return refused(field, &problem.message);
        }
        let stored = tenant.access.store().read(|r| r.tenants().list()).map_err(OperatorError::from)?;
        let exists = context
            .databases
            .for_tenant(into)
            .map_err(|e| OperatorError(e.to_string()))?
            .exists()
            .map_err(OperatorError::from)?;
        if exists || stored.iter().any(|row| row.name == into) {
            return refused("tenant", "a tenant or data with this name already exists; choose another name");
        }
        Ok(())
    }

    async fn restore_into(&self, path: PathBuf, into: &str, by: &Actor) -> Result<(), OperatorError> {
        let context = &self.0.ground;
        let access = context.access_once(into).await?;
        let blobs = context.upload_storage(into)?.open_raw()?;
        let now = access.now().timestamp_millis();
        let target = RestoreTarget { store: access.store(), tenant: into, blobs, now, force: false };
        backup::restore_backup(&path, target).await?;
        backup::adopt_files(context, &access, into).await?;
        let off = access.store().write(move |tx| {
            for webhook in tx.reader().webhooks().list()? {
                tx.webhooks().disable(webhook.id, COPY_NOTICE, now)?;
            }
            Ok::<_, StoreError>(())
        });
        off.await?;
        let result = cairn_settings::change_settings(&access, &json!({ "mail": { "held": true } }), 0, by).await;
        result.map(drop).map_err(|e| OperatorError(e.to_string()))
    }

    /// Deletes what a failed restoration has created, unless it has become somebody's tenant meanwhile.
    async fn remove_failed_restore(&self, live: &Tenant, into: &str) {
        let context = &self.0.ground;
        let declared = live.access.store().read(|r| r.tenants().list());
        if declared.map_or(true, |rows| rows.iter().any(|row| row.name == into)) {
            tracing::error!(
                tenant = into,
                "the remains of a failed restore were kept: another tenant may use them by now"
            );
            return;
        }
        let (config, name) = (context.config.clone(), into.to_owned());
        let parts = context
            .databases
            .for_tenant(into)
            .map_err(|e| OperatorError(e.to_string()))
            .and_then(|d| Ok((d, context.upload_storage(into)?)));
        let erased = match parts {
            Ok((database, uploads)) => {
                run_blocking(move || erase_tenant(&config, &database, &uploads, &name)).await.and_then(|e| e)
            }
            Err(error) => Err(error),
        };
        if let Err(error) = erased {
            tracing::error!(tenant = into, error = error.0, "cannot remove the remains of a failed restore");
        }
    }

    /// Records that a task begins, unless another is running.
    fn begin_task(
        &self,
        tenant: &Tenant,
        work: BackupTask,
        into: Option<&str>,
        name: impl FnOnce() -> Result<String, BackupTaskError>,
    ) -> Result<BackupTaskRun, BackupTaskError> {
        let mut runs = self.0.runs.lock();
        if let Some(run) = runs.get(&*tenant.name).filter(|run| run.ended_at.is_none()) {
            return Err(BackupTaskError::Busy(run.clone()));
        }
        let run = BackupTaskRun {
            work,
            name: name()?,
            tenant: into.map(str::to_owned),
            started_at: format_iso(tenant.access.now()),
            ended_at: None,
            error: None,
        };
        runs.insert(tenant.name.to_string(), run.clone());
        Ok(run)
    }

    /// Runs the task in the background and returns its present state.
    fn run_task(
        &self,
        tenant: Arc<Tenant>,
        run: BackupTaskRun,
        by: Actor,
        work: impl Future<Output = Result<(), OperatorError>> + Send + 'static,
    ) -> BackupTaskRun {
        let (handle, started_run) = (self.clone(), run.clone());
        tokio::spawn(async move {
            // On its own: where it panics, it has ended all the same.
            let result = tokio::spawn(work).await.unwrap_or_else(|e| Err(OperatorError(e.to_string())));
            let error = result.err().map(|e| e.0);
            let data = json!({ "backup": run.name, "tenant": run.tenant, "error": error });
            if let Some(error) = &error {
                tracing::error!(
                    tenant = &*tenant.name,
                    backup = run.name,
                    error,
                    "a backup was not {}",
                    run.work.event_suffix()
                );
            }
            if let Err(error) = emit_backup_event(&tenant, by, run.work.event_suffix(), data).await {
                tracing::error!(tenant = &*tenant.name, %error, "cannot record the result of a backup task");
            }
            let run = BackupTaskRun { ended_at: Some(format_iso(tenant.access.now())), error, ..run };
            handle.0.runs.lock().insert(tenant.name.to_string(), run);
        });
        started_run
    }
}

/// The name of a backup, which must exist.
fn require_backup(folder: &BackupFolder, name: &str) -> Result<String, BackupTaskError> {
    folder.find_backup(name).map(|backup_file| backup_file.name).ok_or(BackupTaskError::Gone)
}

/// Verifies a backup, and notes the result.
async fn verify_and_note(tenant: &Tenant, folder: BackupFolder, name: String) -> Result<(), OperatorError> {
    let now = tenant.access.now();
    let read = move || {
        let path =
            folder.backup_path(&name).ok_or_else(|| OperatorError(format!("{name} is not a valid backup name")))?;
        let failed = |e: &dyn std::fmt::Display| OperatorError(format!("{name}: {e}"));
        let file = File::open(&path).map_err(|e| failed(&e))?;
        match backup::verify_backup(&file) {
            Ok(sound) => folder.record_verification(&name, &sound.manifest, now),
            Err(error) => {
                folder.clear_verification(&name);
                Err(failed(&error))
            }
        }
    };
    run_blocking(read).await?
}

async fn emit_backup_event(tenant: &Tenant, by: Actor, suffix: &str, data: Json) -> Result<(), StoreError> {
    let event = NewEvent {
        name: format!("cairn.backup.{suffix}"),
        key: "backup".to_owned(),
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data,
    };
    let now = tenant.access.now().timestamp_millis();
    tenant.access.store().write(move |tx: &mut WriteTx<'_>| tx.events().emit(&by, &event, now)).await
}

async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, OperatorError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| OperatorError(e.to_string()))
}
