//! Plugins that are installed and uninstalled while the process serves. Where that changes the content types, requests wait meanwhile and
//! the tenants are opened anew on the new model; none fails because of it.

use super::Tenants;
use super::model::{ModelError, TRASH_RETENTION, TenantDatabase};
use crate::model_files;
use crate::operator_error::OperatorError;
use crate::plugins::consent::{Consent, Refusals};
use crate::plugins::folder::{self, PluginFolderLock};
use crate::plugins::install;
use crate::plugins::record::{ChangeError, InstallRecord};
use crate::plugins::{packages, remove};
use crate::tenant::Tenant;
use cairn_access::{DEFAULT_TENANT, format_iso};
use cairn_model::change::{Answers, Snapshot};
use cairn_plugin_host::CompiledComponent;
use cairn_plugin_host::lifecycle::{LifecycleStep, Removal};
use cairn_plugin_package::package::Package;
use cairn_store::StoreError;
use cairn_store::change::ChangeTimes;
use cairn_store::events::Actor;
use std::sync::Arc;

/// Why a plugin was not installed or removed; everything is then as before.
#[derive(Debug)]
pub enum PluginChangeError {
    /// The input is wrong, or something must be confirmed first: path and message of each problem.
    Refused(Refusals),
    /// The plugins of this project may not be changed here, for this reason.
    Locked(String),
    /// No such plugin is installed.
    Gone,
    /// Somebody else has changed the plugin since the change was decided.
    Changed,
    /// Running requests would take too long to end.
    Busy,
    /// The change failed.
    Failed(String),
}

impl From<OperatorError> for PluginChangeError {
    fn from(e: OperatorError) -> Self {
        Self::Failed(e.0)
    }
}

impl From<StoreError> for PluginChangeError {
    fn from(e: StoreError) -> Self {
        Self::Failed(e.to_string())
    }
}

impl From<ModelError> for PluginChangeError {
    fn from(e: ModelError) -> Self {
        match e {
            ModelError::Problems(problems) => {
                let one = |p: cairn_model::load::SchemaProblem| (p.file.clone(), p.to_string());
                Self::Refused(problems.into_iter().map(one).collect())
            }
            ModelError::Refused(message) => Self::Refused(vec![(String::new(), message)]),
            ModelError::Locked => Self::Locked("the content types cannot be changed here".to_owned()),
            ModelError::Busy => Self::Busy,
            ModelError::Failed(message) => Self::Failed(message),
        }
    }
}

/// A package that is to be installed.
pub struct InstallOrder {
    /// Verified and unpacked.
    pub package: Package,
    /// Bytes of the package, as received.
    pub bytes: Vec<u8>,
    /// Consent of the person who installs it.
    pub consent: Consent,
    /// For the audit log.
    pub by: Actor,
}

/// Access to the project's plugins for requests of the default tenant.
#[derive(Clone)]
pub struct PluginsHandle(Arc<Tenants>);

impl PluginsHandle {
    /// Lets a request that waits for all others install and remove plugins.
    pub fn new(tenants: Arc<Tenants>) -> Self {
        Self(tenants)
    }

    /// Installs a package, or upgrades to it, and switches it on. Continues when the client disconnects. Returns the tenant as it is then.
    pub async fn install(&self, order: InstallOrder) -> Result<Arc<Tenant>, PluginChangeError> {
        let this = self.clone();
        let handle = tokio::spawn(async move {
            let (id, by) = (order.package.manifest().id().to_owned(), order.by.clone());
            let is_stored = this.0.default_tenant().content.store().read(|r| r.plugins().get(&id))?.is_some();
            this.run_installation(order).await?;
            let tenant = this.0.default_tenant();
            tenant.follow_plugins().await?;
            this.undo_if_refused(tenant, id, by, is_stored).await
        });
        handle.await.map_err(|e| PluginChangeError::Failed(e.to_string()))?
    }

    /// Returns the tenant; where the plugin itself refuses its installation, nothing of it stays but the data retained from before.
    async fn undo_if_refused(
        &self,
        tenant: Arc<Tenant>,
        id: String,
        by: Actor,
        is_stored: bool,
    ) -> Result<Arc<Tenant>, PluginChangeError> {
        let row = tenant.content.store().read(|r| r.plugins().get(&id))?;
        let Some(reason) = row.and_then(install::refusal_reason) else { return Ok(tenant) };
        if is_stored {
            let now = tenant.access.now().timestamp_millis();
            tenant.content.store().write(move |tx| remove::remove_keeping_data(tx, &id, &by, now)).await?;
        } else {
            self.run_deletion(id, by).await?;
        }
        Err(PluginChangeError::Refused(vec![(String::new(), reason)]))
    }

    async fn run_installation(&self, order: InstallOrder) -> Result<(), PluginChangeError> {
        let tenants = &self.0;
        let _alone = tenants.changing.lock().await;
        let this = self.clone();
        let prepared = tokio::task::spawn_blocking(move || this.prepare_installation(order));
        let prepared = prepared.await.map_err(|e| PluginChangeError::Failed(e.to_string()))??;
        if !prepared.other_model {
            let this = self.clone();
            let swapped = tokio::task::spawn_blocking(move || {
                let swapped = prepared.swap_folder(&this)?;
                Ok::<_, PluginChangeError>((swapped, prepared))
            });
            let (swapped, prepared) = swapped.await.map_err(|e| PluginChangeError::Failed(e.to_string()))??;
            let tenant = tenants.default_tenant();
            let (now, record) = (tenant.access.now().timestamp_millis(), prepared.record.clone());
            let written = tenant.content.store().write(move |tx| record.write_row(tx, now)).await;
            if let Err(e) = written {
                swapped.undo()?;
                return Err(e.into());
            }
            swapped.finish()?;
            drop(prepared);
            return Ok(());
        }
        let _nobody_else = tenants.block_requests().await.ok_or(PluginChangeError::Busy)?;
        // From here on nobody in this process changes it; others wait for the lock.
        tenants.default_tenant().content.store().read(|r| prepared.record.require_current(r))?;
        tenants.retire_default().await;
        let this = self.clone();
        let handle = tokio::task::spawn_blocking(move || this.write_installation(&prepared).map(|()| prepared));
        let result = handle.await.map_err(|e| PluginChangeError::Failed(e.to_string()));
        // Also after a failure: what goes on behind the requests has ended. The plugin's row is written by it.
        let opened = tenants.reopen_tenants().await;
        // The prepared installation holds the folder's lock until here.
        let _prepared = result??;
        opened.map_err(|e| {
            PluginChangeError::Failed(format!("the plugin is installed, but the server must be restarted: {e}"))
        })
    }

    /// Checks the requirements before anybody has to wait.
    fn prepare_installation(&self, order: InstallOrder) -> Result<PreparedInstallation, PluginChangeError> {
        let context = self.0.process_context();
        let (config, InstallOrder { package, bytes, consent, by }) = (&context.config, order);
        if !model_files::is_writable(&config.project, "plugins") {
            let message = "the project's folder plugins/ is not writable: install the plugin with `cairn plugin \
                install` on a machine where it is";
            return Err(PluginChangeError::Locked(message.to_owned()));
        }
        let lock = PluginFolderLock::acquire_or_fail(config)?;
        folder::finish_interrupted_locked(config, &context.databases, &lock)?;
        let tenant = self.0.default_tenant();
        let rows = tenant.content.store().read(|r| r.plugins().list())?;
        let registry = tenant.content.registry();
        let record = install::plan_installation(&config.project, &package, &rows, registry, &consent, &by)
            .map_err(PluginChangeError::Refused)?;
        // Compilation precedes the content types: other processes may change these while it runs.
        let compiled = context.compile_component(package.component());
        let (places, _) = self.0.tenant_databases(&install::model_changes(&config.project, &package))?;
        for place in &places {
            install::id_is_free(&place.registry, package.manifest().id())
                .map_err(|reason| PluginChangeError::Refused(vec![("plugin.toml".to_owned(), reason)]))?;
        }
        let hash = |registry: &cairn_model::Registry| Snapshot::from_registry(registry).hash();
        let other_model = places.first().is_some_and(|new| hash(&new.registry) != hash(&context.registry()));
        if other_model && config.schema.locked {
            return Err(PluginChangeError::Locked(
                "this plugin has content types, but the content types of this project are locked ([schema] locked): \
                 install it where they are not"
                    .to_owned(),
            ));
        }
        if other_model {
            for place in &places {
                install::check_schema_change(&place.database, &place.registry).map_err(|reason| {
                    PluginChangeError::Refused(vec![(
                        "content-types".to_owned(),
                        format!("tenant {}: {reason}", place.name),
                    )])
                })?;
            }
        }
        Ok(PreparedInstallation { package, bytes, record, places, other_model, _compiled: compiled, _lock: lock })
    }

    /// Changes the folder, then the databases. Blocks.
    fn write_installation(&self, prepared: &PreparedInstallation) -> Result<(), PluginChangeError> {
        let context = self.0.process_context();
        let now = context.clock.now();
        let times = ChangeTimes { now: format_iso(now), expires: format_iso(now + TRASH_RETENTION) };
        let swapped = prepared.swap_folder(self)?;
        let mut applied = 0;
        for place in &prepared.places {
            let result =
                place.database.schema_apply_by(&place.registry, &Answers::default(), &times, &prepared.record.by);
            match result {
                Ok(_) => applied += 1,
                Err(e) if applied == 0 => {
                    swapped.undo()?;
                    return Err(PluginChangeError::Failed(e.to_string()));
                }
                // The first one has it: from here on there is no way back, and opening that one tells again.
                Err(e) => {
                    tracing::error!(tenant = place.name, error = %e, "the tables could not be updated for a plugin")
                }
            }
        }
        if let Some(default) = prepared.places.first() {
            context.set_registry(default.registry.clone());
        }
        Ok(())
    }
}

impl PluginsHandle {
    /// Uninstalls a plugin and deletes all its data; its content types are dropped, with their documents in the trash. Continues when the
    /// client disconnects. Returns the tenant as it is then.
    pub async fn delete(&self, id: String, by: Actor) -> Result<Arc<Tenant>, PluginChangeError> {
        let this = self.clone();
        let handle = tokio::spawn(async move { this.run_deletion(id, by).await });
        handle.await.map_err(|e| PluginChangeError::Failed(e.to_string()))??;
        let tenant = self.0.default_tenant();
        tenant.follow_plugins().await?;
        Ok(tenant)
    }

    async fn run_deletion(&self, id: String, by: Actor) -> Result<(), PluginChangeError> {
        let tenants = &self.0;
        let _alone = tenants.changing.lock().await;
        let context = tenants.process_context();
        let lock = PluginFolderLock::acquire_or_fail(&context.config)?;
        folder::finish_interrupted_locked(&context.config, &context.databases, &lock)?;
        if let Some(reason) = remove::other_tenant_reason(context, DEFAULT_TENANT, &id).await? {
            return Err(PluginChangeError::Refused(vec![(String::new(), reason)]));
        }
        let (this, plugin) = (self.clone(), id.clone());
        let prepared = tokio::task::spawn_blocking(move || {
            let changes = remove::model_changes(&this.0.process_context().config.project, &plugin);
            this.0.tenant_databases(&changes).map(|(places, _)| places).map_err(PluginChangeError::from)
        });
        let places = prepared.await.map_err(|e| PluginChangeError::Failed(e.to_string()))??;
        let hash = |registry: &cairn_model::Registry| Snapshot::from_registry(registry).hash();
        let other_model = places.first().is_some_and(|new| hash(&new.registry) != hash(&context.registry()));
        if other_model && context.config.schema.locked {
            return Err(PluginChangeError::Locked(
                "this plugin has content types, but the content types of this project are locked: uninstall it where \
                 they are not, or keep its content"
                    .to_owned(),
            ));
        }
        let nobody_else = match other_model {
            true => Some(tenants.block_requests().await.ok_or(PluginChangeError::Busy)?),
            false => None,
        };
        if other_model {
            tenants.retire_default().await;
        }
        let tenant = tenants.default_tenant();
        let (now, plugin, actor) = (tenant.access.now().timestamp_millis(), id.clone(), by.clone());
        let step = LifecycleStep::Uninstall(Removal::Delete);
        let row = tenant.content.store().read(|r| r.plugins().get(&id))?.ok_or(PluginChangeError::Gone)?;
        let project = &context.config.project;
        let installed_plugin =
            tokio::task::block_in_place(|| packages::package_for_step(project, &row, step)).unwrap_or_default();
        let (plugins, content) = (tenant.plugins.plugins(), tenant.content.clone());
        let step_result = plugins
            .run_step_with(installed_plugin, step, move |tx| {
                remove::remove_with_data(tx, &content, &plugin, &actor, now)
            })
            .await;
        let result = match step_result {
            Err(e) => Err(PluginChangeError::from(e)),
            Ok(()) => {
                let this = self.clone();
                let handle = tokio::task::spawn_blocking(move || {
                    let context = this.0.process_context();
                    if other_model {
                        let databases = places.iter().map(|place| (&place.database, &*place.registry));
                        remove::drop_types(databases, &by, context.clock.now())?;
                        if let Some(default) = places.first() {
                            context.set_registry(default.registry.clone());
                        }
                    }
                    folder::erase_folder(&context.config.project, &id)
                });
                handle
                    .await
                    .map_err(|e| PluginChangeError::Failed(e.to_string()))
                    .and_then(|outcome| outcome.map_err(PluginChangeError::from))
            }
        };
        if other_model {
            let opened = tenants.reopen_tenants().await;
            result?;
            opened.map_err(|e| {
                PluginChangeError::Failed(format!("the plugin is uninstalled, but the server must be restarted: {e}"))
            })?;
        } else {
            result?;
        }
        drop((nobody_else, lock));
        Ok(())
    }
}

impl From<ChangeError> for PluginChangeError {
    fn from(e: ChangeError) -> Self {
        match e {
            ChangeError::NotFound => Self::Gone,
            ChangeError::Refused(reason) => Self::Refused(vec![(String::new(), reason)]),
            ChangeError::Changed => Self::Changed,
            ChangeError::Store(e) => e.into(),
        }
    }
}

/// Parts of an installation, loaded beforehand.
struct PreparedInstallation {
    package: Package,
    bytes: Vec<u8>,
    record: InstallRecord,
    places: Vec<TenantDatabase>,
    /// True if the content types change.
    other_model: bool,
    /// Its code, compiled before requests have to wait; `None` where it cannot be compiled, which its start reports.
    _compiled: Option<CompiledComponent>,
    _lock: PluginFolderLock,
}

impl PreparedInstallation {
    fn swap_folder(&self, handle: &PluginsHandle) -> Result<folder::SwappedFolder, OperatorError> {
        folder::swap_folder(
            &handle.0.process_context().config,
            DEFAULT_TENANT,
            &self.record,
            &self.package,
            &self.bytes,
        )
    }
}
