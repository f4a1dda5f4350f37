//! Changes of the content types while the process serves: planned on the databases, then made in them and in the files, after which the
//! tenants are opened anew on the new model. Requests wait meanwhile; none fails because of it.

use super::Tenants;
use crate::config::{Config, ConfigError};
use crate::model_files::{self, FileChange};
use crate::operator_error::OperatorError;
use crate::plugins::folder::PluginFolderLock;
use crate::plugins::precompile::compile_components;
use cairn_access::{DEFAULT_TENANT, format_iso};
use cairn_model::Registry;
use cairn_model::change::{Answers, ChangePlan, NotReady};
use cairn_model::load::{SchemaFileChanges, SchemaProblem, load_changed};
use cairn_store::change::{ChangeTimes, SchemaPlan};
use cairn_store::events::Actor;
use cairn_store::{Database, StoreError};
use chrono::TimeDelta;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::OwnedRwLockWriteGuard;

/// How long what is dropped is retained.
pub(super) const TRASH_RETENTION: TimeDelta = TimeDelta::days(30);
/// How long running requests may take to end; others wait for them.
const MAX_REQUEST_WAIT: Duration = Duration::from_secs(8);
/// How long background work may take to end.
const MAX_BACKGROUND_WAIT: Duration = Duration::from_secs(15);

/// Proposed types and components, by uid; `None` deletes one.
#[derive(Debug, Clone, Default)]
pub struct ModelProposal {
    /// Schemas as in `schema.json`.
    pub content_types: BTreeMap<String, Option<Map<String, Json>>>,
    /// Schemas as in the file of a component.
    pub components: BTreeMap<String, Option<Map<String, Json>>>,
}

/// The effects of a proposal.
#[derive(Debug)]
pub struct PlannedModelChange {
    /// Effects on the default tenant's content.
    pub found: SchemaPlan,
    /// Tenants on which it has other effects, or which are not ready for it.
    pub others: Vec<(String, SchemaPlan)>,
    /// Schema files that are written or deleted.
    pub files: Vec<FileChange>,
    /// Problems that do not prevent the change.
    pub warnings: Vec<SchemaProblem>,
}

/// A change that was made.
#[derive(Debug)]
pub struct AppliedModelChange {
    /// Steps that were taken in the default tenant.
    pub plan: ChangePlan,
    /// Schema files that are written or deleted.
    pub files: Vec<FileChange>,
    /// Notes on what else happened, for people.
    pub notes: Vec<String>,
    /// Ids of entries of the schema trash.
    pub trashed: Vec<i64>,
}

/// Why a change is not made.
#[derive(Debug)]
pub enum ModelError {
    /// The content types are locked here.
    Locked,
    /// Problems of the proposed schemas.
    Problems(Vec<SchemaProblem>),
    /// An answer that is missing, or content that does not fit.
    Refused(String),
    /// Running requests would take too long to end.
    Busy,
    /// The change failed.
    Failed(String),
}

impl From<OperatorError> for ModelError {
    fn from(e: OperatorError) -> Self {
        Self::Failed(e.0)
    }
}

impl From<ConfigError> for ModelError {
    fn from(e: ConfigError) -> Self {
        Self::Failed(e.to_string())
    }
}

impl From<StoreError> for ModelError {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Schema(message) => Self::Refused(message),
            other => Self::Failed(other.to_string()),
        }
    }
}

/// A tenant's database, and the model it is to have.
pub(super) struct TenantDatabase {
    pub(super) name: String,
    pub(super) registry: Arc<Registry>,
    pub(super) database: Database,
}

/// Parts of a change of the model, loaded beforehand.
struct PreparedModelChange {
    changes: SchemaFileChanges,
    places: Vec<TenantDatabase>,
    warnings: Vec<SchemaProblem>,
}

/// Access to the content types for requests of the default tenant.
#[derive(Clone)]
pub struct ModelHandle(Arc<Tenants>);

impl ModelHandle {
    /// Lets a request that waits for all others change the content types.
    pub fn new(tenants: Arc<Tenants>) -> Self {
        Self(tenants)
    }

    /// True if the content types may not be changed here.
    pub fn is_locked(&self) -> bool {
        let config = &self.0.process_context().config;
        config.schema.locked || !model_files::is_writable(&config.project, self.schema_root())
    }

    /// The folder for new files: a Strapi project retains its layout.
    fn schema_root(&self) -> &'static str {
        let has = |folder: &str| self.0.process_context().config.project.join(folder).is_dir();
        if has("src/api") && !has("content-types") { "src" } else { "content-types" }
    }

    /// The effects of a proposal on files and content; nothing is changed. `tried`: also checks that the content permits it.
    pub async fn plan(
        &self,
        proposal: ModelProposal,
        answers: Answers,
        tried: bool,
    ) -> Result<PlannedModelChange, ModelError> {
        let this = self.clone();
        let planned = tokio::task::spawn_blocking(move || {
            let prepared = this.prepare_change(&proposal)?;
            let files = model_files::compare_files(&this.0.process_context().config.project, &prepared.changes)?;
            let mut plans = Vec::new();
            for place in &prepared.places {
                plans.push((place.name.clone(), place.database.schema_plan(&place.registry, &answers, tried)?));
            }
            let (_, schema_plan) = plans.remove(0);
            plans.retain(|(_, other)| other.plan.steps != schema_plan.plan.steps || other.refused.is_some());
            Ok(PlannedModelChange { found: schema_plan, others: plans, files, warnings: prepared.warnings })
        });
        planned.await.map_err(|e| ModelError::Failed(e.to_string()))?
    }

    /// Makes a change. Continues when the client disconnects.
    pub async fn apply(
        &self,
        proposal: ModelProposal,
        answers: Answers,
        by: Arc<Actor>,
    ) -> Result<AppliedModelChange, ModelError> {
        if self.is_locked() {
            return Err(ModelError::Locked);
        }
        let this = self.clone();
        let handle = tokio::spawn(async move { this.run_change(proposal, answers, by).await });
        handle.await.map_err(|e| ModelError::Failed(e.to_string()))?
    }

    /// Loads the proposed model, for every tenant that has a database.
    fn prepare_change(&self, proposal: &ModelProposal) -> Result<PreparedModelChange, ModelError> {
        let changes = self.file_changes(proposal)?;
        let (places, warnings) = self.0.tenant_databases(&changes)?;
        Ok(PreparedModelChange { changes, places, warnings })
    }

    /// The schema files of a proposal by path, `None` for one to delete; refuses uids that are invalid or belong to a plugin.
    fn file_changes(&self, proposal: &ModelProposal) -> Result<SchemaFileChanges, ModelError> {
        let (registry, root) = (self.0.process_context().registry(), self.schema_root());
        let mut changes = SchemaFileChanges::new();
        let refused = |uid: &str, expected: &str| {
            let message = format!("expected a uid such as {expected}");
            Err(ModelError::Problems(vec![SchemaProblem { file: uid.to_owned(), path: String::new(), message }]))
        };
        for (uid, schema) in &proposal.content_types {
            if let Some(plugin) = registry.by_uid(uid).and_then(|ct| ct.plugin_id()) {
                let message = format!(
                    "it belongs to the plugin {plugin} and is part of its packages: install a version of the plugin \
                     that contains the change"
                );
                return Err(ModelError::Problems(vec![SchemaProblem {
                    file: uid.to_owned(),
                    path: String::new(),
                    message,
                }]));
            }
            let known = registry.by_uid(uid).filter(|ct| ct.is_api()).map(|ct| ct.source.file.to_string());
            let new = || {
                let (api, name) = uid.strip_prefix("api::")?.split_once('.')?;
                let plain = |part: &str| !part.is_empty() && !part.contains(['/', '\\', '.']);
                (plain(api) && plain(name)).then(|| format!("{root}/api/{api}/content-types/{name}/schema.json"))
            };
            let Some(file) = known.or_else(new) else { return refused(uid, "api::article.article") };
            changes.insert(file, schema.clone());
        }
        for (uid, schema) in &proposal.components {
            let known = registry.component_by_uid(uid).map(|component| component.source.file.to_string());
            let new = || {
                let (category, name) = uid.split_once('.')?;
                let plain = |part: &str| !part.is_empty() && !part.contains(['/', '\\', '.']);
                (plain(category) && plain(name)).then(|| format!("{root}/components/{category}/{name}.json"))
            };
            let Some(file) = known.or_else(new) else { return refused(uid, "shared.seo") };
            changes.insert(file, schema.clone());
        }
        Ok(changes)
    }

    async fn run_change(
        &self,
        proposal: ModelProposal,
        answers: Answers,
        by: Arc<Actor>,
    ) -> Result<AppliedModelChange, ModelError> {
        let tenants = &self.0;
        let _alone = tenants.changing.lock().await;
        let this = self.clone();
        let (checked, agreed) = (answers.clone(), proposal.clone());
        let prepared = tokio::task::spawn_blocking(move || {
            let prepared = this.prepare_change(&agreed)?;
            // Missing answers are found before requests are blocked.
            for place in &prepared.places {
                let plan = place.database.schema_plan(&place.registry, &checked, false)?;
                plan.plan.check_ready(&checked).map_err(|e: NotReady| ModelError::Refused(e.to_string()))?;
            }
            Ok::<_, ModelError>(prepared)
        });
        let prepared = prepared.await.map_err(|e| ModelError::Failed(e.to_string()))??;
        let _nobody_else = tenants.block_requests().await.ok_or(ModelError::Busy)?;
        tenants.retire_default().await;
        let result = self.write_change(prepared, answers, by).await;
        // Also after a failure: what goes on behind the requests has ended.
        let opened = tenants.reopen_tenants().await;
        let changed = result?;
        opened.map_err(|e| {
            ModelError::Failed(format!("the change was applied, but the server must be restarted: {e}"))
        })?;
        Ok(changed)
    }

    /// Makes the change in the databases, then in the files.
    async fn write_change(
        &self,
        prepared: PreparedModelChange,
        answers: Answers,
        by: Arc<Actor>,
    ) -> Result<AppliedModelChange, ModelError> {
        let this = self.clone();
        let handle = tokio::task::spawn_blocking(move || {
            let context = this.0.process_context();
            let (config, now) = (&context.config, context.clock.now());
            let times = ChangeTimes { now: format_iso(now), expires: format_iso(now + TRASH_RETENTION) };
            let files = model_files::compare_files(&config.project, &prepared.changes)?;
            let pending = model_files::begin_change(config, &prepared.changes)?;
            let mut changed: Option<AppliedModelChange> = None;
            for place in &prepared.places {
                let applied = place.database.schema_apply_by(&place.registry, &answers, &times, &by);
                match (applied, &mut changed) {
                    (Ok((plan, outcome)), None) => {
                        let (notes, trashed) = (outcome.notes, outcome.trashed);
                        changed = Some(AppliedModelChange { plan, files: files.clone(), notes, trashed });
                    }
                    (Ok(_), Some(_)) => {}
                    (Err(e), None) => {
                        pending.cancel()?;
                        return Err(e.into());
                    }
                    // The first one has it: from here on there is no way back.
                    (Err(e), Some(changed)) => changed.notes.push(format!("tenant {}: {e}", place.name)),
                }
            }
            if let (Err(e), Some(changed)) = (pending.finish(), &mut changed) {
                tracing::error!(error = %e, "a change of the content types is in the database, but not in all of its files");
                changed.notes.push(format!("{e}. The next start of Cairn writes the files that are missing"));
            }
            if let Some(default) = prepared.places.first() {
                context.set_registry(default.registry.clone());
            }
            changed.ok_or_else(|| ModelError::Failed("tenant not found".into()))
        });
        handle.await.map_err(|e| ModelError::Failed(e.to_string()))?
    }
}

impl Tenants {
    /// Opens the tenants anew on content types that another process has changed in the files and in the databases: a command, or another
    /// node. Does nothing until that process has finished both. Whether the tenants were opened anew.
    ///
    /// # Errors
    /// Where they cannot be read or opened; it is tried again later.
    pub(super) async fn adopt_model_change(self: &Arc<Self>) -> Result<bool, ModelError> {
        let Ok(_alone) = self.changing.try_lock() else { return Ok(false) };
        let this = self.clone();
        let handle = tokio::task::spawn_blocking(move || {
            // An installation or removal of a plugin holds this lock from its first change to its last.
            let Some(lock) = PluginFolderLock::try_acquire(&this.ground.config)? else { return Ok(None) };
            // Plugins that came with the change are compiled before requests have to wait, and before the content types are read: these may
            // change once more meanwhile.
            let rows = this.default_tenant().content.store().read(|r| r.plugins().list())?;
            let compiled = compile_components(this.process_context(), &rows);
            let (places, _) = this.tenant_databases(&SchemaFileChanges::new())?;
            for place in &places {
                let plan = place.database.schema_plan(&place.registry, &Answers::default(), false)?.plan;
                if !plan.steps.is_empty() || !plan.questions.is_empty() {
                    return Ok(None);
                }
            }
            Ok::<_, ModelError>(places.into_iter().next().map(|default| (default.registry, compiled, lock)))
        });
        let found = handle.await.map_err(|e| ModelError::Failed(e.to_string()))??;
        let Some((registry, _compiled, _lock)) = found else { return Ok(false) };
        let _nobody_else = self.block_requests().await.ok_or(ModelError::Busy)?;
        self.retire_default().await;
        let before = self.ground.registry();
        self.ground.set_registry(registry);
        if let Err(e) = self.reopen_tenants().await {
            self.ground.set_registry(before);
            return Err(e.into());
        }
        tracing::info!("another process has changed the content types; loading them");
        Ok(true)
    }

    /// Ends the background work of the default tenant.
    pub(super) async fn retire_default(&self) {
        let old = self.default_tenant();
        old.retired.store(true, Ordering::Release);
        let behind = self.behind_default.lock().take();
        if let Some(behind) = behind
            && tokio::time::timeout(MAX_BACKGROUND_WAIT, behind).await.is_err()
        {
            tracing::warn!("some work did not finish before the content types changed; it runs again");
        }
        // Log lines are buffered in the tenant that is replaced: they are written now.
        if let Err(error) = old.plugins.write_logs().await {
            tracing::warn!(%error, "cannot store lines that plugins logged");
        }
    }

    /// Waits for running requests to end, and makes others wait; `None` where some take too long.
    pub(super) async fn block_requests(&self) -> Option<OwnedRwLockWriteGuard<()>> {
        tokio::time::timeout(MAX_REQUEST_WAIT, self.pass.clone().write_owned()).await.ok()
    }

    /// Every tenant that has a database, the default one first, with its model after some changes of files. Blocks.
    pub(super) fn tenant_databases(
        &self,
        changes: &SchemaFileChanges,
    ) -> Result<(Vec<TenantDatabase>, Vec<SchemaProblem>), ModelError> {
        let context = self.process_context();
        let project = &context.config.project;
        let loaded = load_changed(project, &[], changes).map_err(ModelError::Problems)?;
        let registry = Arc::new(loaded.registry);
        let mut places = vec![TenantDatabase {
            name: DEFAULT_TENANT.to_owned(),
            registry: registry.clone(),
            database: context.databases.for_tenant(DEFAULT_TENANT)?,
        }];
        let declared = self.default_tenant().content.store().read(|r| r.tenants().list()).map_err(ModelError::from)?;
        for row in declared.into_iter().filter(|row| row.name != DEFAULT_TENANT) {
            let database = context.databases.for_tenant(&row.name)?;
            if !database.exists().map_err(ModelError::from)? {
                continue;
            }
            let own = Config::own_types_folder(&row.name);
            let registry = match project.join(&own).is_dir() {
                true => Arc::new(load_changed(project, &[&own], changes).map_err(ModelError::Problems)?.registry),
                false => registry.clone(),
            };
            places.push(TenantDatabase { name: row.name, registry, database });
        }
        Ok((places, loaded.warnings))
    }

    /// Opens the default tenant anew and closes the others, which their next requests open. No request may be running.
    pub(super) async fn reopen_tenants(self: &Arc<Self>) -> Result<(), OperatorError> {
        let old = self.default_tenant();
        let opened = self.ground.open_tenant(DEFAULT_TENANT, old.declared.clone(), self.default_limits.clone()).await;
        let next = match opened {
            Ok(tenant) => Arc::new(tenant),
            Err(e) => {
                tracing::error!(error = %e, "the default tenant cannot be opened after a change of the content types");
                return Err(e);
            }
        };
        self.default.store(next.clone());
        for slot in self.all_slots() {
            slot.force_close();
        }
        // Listeners connect again, to the new tenant.
        old.live.close();
        *self.behind_default.lock() = self.spawn_background(&next);
        *self.outdated_since.lock() = None;
        self.reopened.notify_waiters();
        self.refresh_directory().map_err(|e| OperatorError(e.to_string()))
    }
}
