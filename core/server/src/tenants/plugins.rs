//! Plugins that are installed and uninstalled while the process serves. Where that changes the content types, requests wait meanwhile and
//! the tenants are opened anew on the new model; none fails because of it.

use super::Tenants;
use super::model::{KEPT, ModelError, Place};
use crate::model_files;
use crate::plugins::consent::{Consent, Refusals};
use crate::plugins::folder::{self, Lock};
use crate::plugins::install;
use crate::plugins::record::{ChangeError, Record};
use crate::plugins::{packages, remove};
use crate::tenant::Tenant;
use crate::wiring::Failure;
use cairn_access::{DEFAULT_TENANT, iso};
use cairn_model::change::{Answers, Snapshot};
use cairn_plugin_host::lifecycle::{Removal, Step};
use cairn_plugin_package::package::Package;
use cairn_store::StoreError;
use cairn_store::change::Times;
use cairn_store::events::Actor;
use std::sync::Arc;

/// Why a plugin was not installed or removed; everything is then as before.
#[derive(Debug)]
pub(crate) enum NotDone {
    /// The input is wrong, or something must be confirmed first: path and message of each problem.
    Refused(Refusals),
    /// The plugins of this project may not be changed here, for this reason.
    Locked(String),
    /// No such plugin is installed.
    Gone,
    /// Running requests would take too long to end.
    Busy,
    /// The change failed.
    Failed(String),
}

impl From<Failure> for NotDone {
    fn from(e: Failure) -> Self {
        Self::Failed(e.0)
    }
}

impl From<StoreError> for NotDone {
    fn from(e: StoreError) -> Self {
        Self::Failed(e.to_string())
    }
}

impl From<ModelError> for NotDone {
    fn from(e: ModelError) -> Self {
        match e {
            ModelError::Problems(problems) => {
                let one = |p: cairn_model::load::Problem| (p.file.clone(), p.to_string());
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
pub(crate) struct Order {
    pub(crate) package: Package,
    /// Bytes of the package, as received.
    pub(crate) bytes: Vec<u8>,
    pub(crate) consent: Consent,
    pub(crate) by: Actor,
}

/// Access to the project's plugins for requests of the default tenant.
#[derive(Clone)]
pub(crate) struct PluginsHandle(Arc<Tenants>);

impl PluginsHandle {
    pub(crate) fn new(tenants: Arc<Tenants>) -> Self {
        Self(tenants)
    }

    /// Installs a package, or upgrades to it, and switches it on. Continues when the client disconnects. Returns the tenant as it is then.
    pub(crate) async fn install(&self, order: Order) -> Result<Arc<Tenant>, NotDone> {
        let this = self.clone();
        let done = tokio::spawn(async move {
            let (id, by) = (order.package.manifest().id().to_owned(), order.by.clone());
            let kept = this.0.default_tenant().content.store().read(|r| r.plugin(&id))?.is_some();
            this.installed(order).await?;
            let tenant = this.0.default_tenant();
            tenant.follow_plugins().await?;
            this.refused(tenant, id, by, kept).await
        });
        done.await.map_err(|e| NotDone::Failed(e.to_string()))?
    }

    /// Returns the tenant; where the plugin itself refuses its installation, nothing of it stays but the data retained from before.
    async fn refused(&self, tenant: Arc<Tenant>, id: String, by: Actor, kept: bool) -> Result<Arc<Tenant>, NotDone> {
        let row = tenant.content.store().read(|r| r.plugin(&id))?;
        let Some(reason) = row.and_then(install::refusal) else { return Ok(tenant) };
        if kept {
            let now = tenant.access.now().timestamp_millis();
            tenant.content.store().write(move |tx| remove::keep(tx, &id, &by, now)).await?;
        } else {
            self.deleted(id, by).await?;
        }
        Err(NotDone::Refused(vec![(String::new(), reason)]))
    }

    async fn installed(&self, order: Order) -> Result<(), NotDone> {
        let tenants = &self.0;
        let _alone = tenants.changing.lock().await;
        let this = self.clone();
        let prepared = tokio::task::spawn_blocking(move || this.prepare(order));
        let prepared = prepared.await.map_err(|e| NotDone::Failed(e.to_string()))??;
        if !prepared.other_model {
            let this = self.clone();
            let swapped = tokio::task::spawn_blocking(move || {
                let swapped = prepared.swap(&this)?;
                Ok::<_, NotDone>((swapped, prepared))
            });
            let (swapped, prepared) = swapped.await.map_err(|e| NotDone::Failed(e.to_string()))??;
            let tenant = tenants.default_tenant();
            let finished = folder::finish(&tenants.ground().config, DEFAULT_TENANT, &tenant.access).await;
            if let Err(e) = finished {
                swapped.undo()?;
                return Err(e.into());
            }
            drop(prepared);
            return Ok(());
        }
        let _nobody_else = tenants.alone().await.ok_or(NotDone::Busy)?;
        tenants.retire().await;
        let this = self.clone();
        let made = tokio::task::spawn_blocking(move || this.make(&prepared).map(|()| prepared));
        let made = made.await.map_err(|e| NotDone::Failed(e.to_string()));
        // Also after a failure: what goes on behind the requests has ended. The plugin's row is written by it.
        let opened = tenants.reopen().await;
        // Its lock is held until here.
        let _prepared = made??;
        opened.map_err(|e| NotDone::Failed(format!("the plugin is installed, but the server must be restarted: {e}")))
    }

    /// Checks the requirements before anybody has to wait.
    fn prepare(&self, order: Order) -> Result<Prepared, NotDone> {
        let ground = self.0.ground();
        let (config, Order { package, bytes, consent, by }) = (&ground.config, order);
        if !model_files::is_writable(&config.project, "plugins") {
            let message = "the project's folder plugins/ is not writable: install the plugin with `cairn plugin \
                install` on a machine where it is";
            return Err(NotDone::Locked(message.to_owned()));
        }
        let lock = Lock::must(config)?;
        folder::recover_alone(config, &ground.databases, &lock)?;
        let rows = self.0.default_tenant().content.store().read(|r| r.plugins())?;
        let record = install::decided(&config.project, &package, &rows, &consent, &by).map_err(NotDone::Refused)?;
        let (places, _) = self.0.places(&install::model_changes(&config.project, &package))?;
        for place in &places {
            install::id_is_free(&place.registry, package.manifest().id())
                .map_err(|reason| NotDone::Refused(vec![("plugin.toml".to_owned(), reason)]))?;
        }
        let hash = |registry: &cairn_model::Registry| Snapshot::of(registry).hash();
        let other_model = places.first().is_some_and(|new| hash(&new.registry) != hash(&ground.registry()));
        if other_model && config.schema.locked {
            return Err(NotDone::Locked(
                "this plugin has content types, but the content types of this project are locked ([schema] locked): \
                 install it where they are not"
                    .to_owned(),
            ));
        }
        if other_model {
            for place in &places {
                install::allowed(&place.database, &place.registry).map_err(|reason| {
                    NotDone::Refused(vec![("content-types".to_owned(), format!("tenant {}: {reason}", place.name))])
                })?;
            }
        }
        Ok(Prepared { package, bytes, record, places, other_model, _lock: lock })
    }

    /// Changes the folder, then the databases. Blocks.
    fn make(&self, prepared: &Prepared) -> Result<(), NotDone> {
        let ground = self.0.ground();
        let now = ground.clock.now();
        let times = Times { now: iso(now), expires: iso(now + KEPT) };
        let swapped = prepared.swap(self)?;
        let mut applied = 0;
        for place in &prepared.places {
            let made =
                place.database.schema_apply_by(&place.registry, &Answers::default(), &times, &prepared.record.by);
            match made {
                Ok(_) => applied += 1,
                Err(e) if applied == 0 => {
                    swapped.undo()?;
                    return Err(NotDone::Failed(e.to_string()));
                }
                // The first one has it: from here on there is no way back, and opening that one tells again.
                Err(e) => {
                    tracing::error!(tenant = place.name, error = %e, "the tables could not be updated for a plugin")
                }
            }
        }
        if let Some(default) = prepared.places.first() {
            ground.set_registry(default.registry.clone());
        }
        Ok(())
    }
}

impl PluginsHandle {
    /// Uninstalls a plugin and deletes all its data; its content types are dropped, with their documents in the trash. Continues when the
    /// client disconnects. Returns the tenant as it is then.
    pub(crate) async fn delete(&self, id: String, by: Actor) -> Result<Arc<Tenant>, NotDone> {
        let this = self.clone();
        let done = tokio::spawn(async move { this.deleted(id, by).await });
        done.await.map_err(|e| NotDone::Failed(e.to_string()))??;
        let tenant = self.0.default_tenant();
        tenant.follow_plugins().await?;
        Ok(tenant)
    }

    async fn deleted(&self, id: String, by: Actor) -> Result<(), NotDone> {
        let tenants = &self.0;
        let _alone = tenants.changing.lock().await;
        let ground = tenants.ground();
        let lock = Lock::must(&ground.config)?;
        folder::recover_alone(&ground.config, &ground.databases, &lock)?;
        if let Some(reason) = remove::sole(ground, DEFAULT_TENANT, &id).await? {
            return Err(NotDone::Refused(vec![(String::new(), reason)]));
        }
        let (this, plugin) = (self.clone(), id.clone());
        let prepared = tokio::task::spawn_blocking(move || {
            let changes = remove::model_changes(&this.0.ground().config.project, &plugin);
            this.0.places(&changes).map(|(places, _)| places).map_err(NotDone::from)
        });
        let places = prepared.await.map_err(|e| NotDone::Failed(e.to_string()))??;
        let hash = |registry: &cairn_model::Registry| Snapshot::of(registry).hash();
        let other_model = places.first().is_some_and(|new| hash(&new.registry) != hash(&ground.registry()));
        if other_model && ground.config.schema.locked {
            return Err(NotDone::Locked(
                "this plugin has content types, but the content types of this project are locked: uninstall it where \
                 they are not, or keep its content"
                    .to_owned(),
            ));
        }
        let nobody_else = match other_model {
            true => Some(tenants.alone().await.ok_or(NotDone::Busy)?),
            false => None,
        };
        if other_model {
            tenants.retire().await;
        }
        let tenant = tenants.default_tenant();
        let (now, plugin, who) = (tenant.access.now().timestamp_millis(), id.clone(), by.clone());
        let step = Step::Uninstall(Removal::Delete);
        let row = tenant.content.store().read(|r| r.plugin(&id))?.ok_or(NotDone::Gone)?;
        let project = &ground.config.project;
        let asked = tokio::task::block_in_place(|| packages::to_step(project, &row, step)).unwrap_or_default();
        let (plugins, content) = (tenant.plugins.plugins(), tenant.content.clone());
        let written = plugins.in_step(asked, step, move |tx| remove::delete(tx, &content, &plugin, &who, now)).await;
        let made = match written {
            Err(e) => Err(NotDone::from(e)),
            Ok(()) => {
                let this = self.clone();
                let done = tokio::task::spawn_blocking(move || {
                    let ground = this.0.ground();
                    if other_model {
                        let databases = places.iter().map(|place| (&place.database, &*place.registry));
                        remove::drop_types(databases, &by, ground.clock.now())?;
                        if let Some(default) = places.first() {
                            ground.set_registry(default.registry.clone());
                        }
                    }
                    folder::erase(&ground.config.project, &id)
                });
                done.await.map_err(|e| NotDone::Failed(e.to_string())).and_then(|done| done.map_err(NotDone::from))
            }
        };
        if other_model {
            let opened = tenants.reopen().await;
            made?;
            opened.map_err(|e| {
                NotDone::Failed(format!("the plugin is uninstalled, but the server must be restarted: {e}"))
            })?;
        } else {
            made?;
        }
        drop((nobody_else, lock));
        Ok(())
    }
}

impl From<ChangeError> for NotDone {
    fn from(e: ChangeError) -> Self {
        match e {
            ChangeError::NotFound => Self::Gone,
            ChangeError::Refused(reason) => Self::Refused(vec![(String::new(), reason)]),
            ChangeError::Store(e) => e.into(),
        }
    }
}

/// What an installation needs, loaded beforehand.
struct Prepared {
    package: Package,
    bytes: Vec<u8>,
    record: Record,
    places: Vec<Place>,
    /// Whether the content types change.
    other_model: bool,
    _lock: Lock,
}

impl Prepared {
    fn swap(&self, handle: &PluginsHandle) -> Result<folder::Swapped, Failure> {
        folder::swap(&handle.0.ground().config, DEFAULT_TENANT, &self.record, &self.package, &self.bytes)
    }
}
