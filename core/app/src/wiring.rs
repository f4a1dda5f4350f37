//! From a project folder to a running application: the model, the databases, access control, files.

mod commands;

use crate::api_descriptions::ApiDescriptions;
use crate::config::{Config, TenantDatabases};
use crate::file_cache::FileCache;
use crate::graphql_schemas::GraphqlSchemas;
use crate::model_files;
use crate::node::NodeIdentity;
use crate::operator_error::OperatorError;
use crate::personal_data::PersonalData;
use crate::plugins::{PluginManager as PluginShelf, folder as plugin_folder};
use crate::project_model::{load_model, load_tenant_registry};
use crate::response_cache::ResponseCache;
use crate::tenant::{Tenant, TenantDeclaration};
use crate::upload_storage::UploadStorage;
use cairn_access::{AccessControl, Clock, DEFAULT_TENANT, Passwords, RateLimits, SecretKey, format_iso};
use cairn_assets::{DocumentHelper, MediaTools, RenditionCache, S3};
use cairn_content::Content;
use cairn_editorial::releases::Releases;
use cairn_editorial::review::ReviewGate;
use cairn_editorial::schedules::Schedules;
use cairn_events::webhooks::WebhookSet;
use cairn_library::resumable::ResumableUploads;
use cairn_licensing::LicensingGate;
use cairn_model::Registry;
use cairn_notify::{Mailer, Notifier};
use cairn_plugin_host::{CompiledComponent, FileStore, OutboundHttp, PadesSealer, PluginHost, PluginSearch, Plugins};
use cairn_store::{Database, Store, StoreOptions};
use futures_util::future::BoxFuture;
use parking_lot::{Mutex, RwLock};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Warning at the start and by `cairn doctor`: it applies to projects without such a setting, as in Strapi.
pub const OPEN_REGISTRATION_WARNING: &str = "anyone can register at POST /api/auth/local/register, also \
    with somebody else's address; to close registration, set auth.registration.open = false in \
    the settings, or use Settings > Sign-in in the admin";

/// Age above which temporary files belong to an interrupted upload.
const ABANDONED_UPLOAD_AGE: Duration = Duration::from_secs(3_600);

/// Number of pictures that may wait to be made.
const MAX_WAITING_PICTURES: usize = 200;

/// Argument with which this program is started to read a document; see [`cairn_assets::document_helper`].
pub const DOCUMENT_HELPER: &str = "document-helper";

/// Deletes what was dropped more than thirty days ago. Blocks.
pub fn empty_trash(store: &Store, now: &str, tenant: &str) {
    match store.purge_trash(now) {
        Ok(0) => {}
        Ok(n) => tracing::info!(tenant, n, "dropped content was permanently deleted after 30 days"),
        Err(e) => tracing::warn!(tenant, error = %e, "expired content could not be deleted from the trash"),
    }
}

/// Deletes all of a tenant's data, for good. Missing data are no error, so that it can be repeated.
pub fn erase_tenant(
    config: &Config,
    database: &Database,
    uploads: &UploadStorage,
    tenant: &str,
) -> Result<(), OperatorError> {
    database.erase().map_err(|e| OperatorError(format!("{database}: {e}")))?;
    uploads.erase()?;
    remove_path(&config.tenant_folder(tenant), |path| std::fs::remove_dir_all(path))
}

fn remove_path(path: &Path, remove: fn(&Path) -> std::io::Result<()>) -> Result<(), OperatorError> {
    match remove(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => {
            Err(OperatorError(format!("{} cannot be deleted: {e}", path.display())))
        }
        _ => Ok(()),
    }
}

/// Parts that all tenants of a process share.
pub struct ProcessContext {
    /// The configuration.
    pub config: Arc<Config>,
    /// The clock of everything that the process does.
    pub clock: Arc<dyn Clock>,
    /// Model of the project; changes while the process serves.
    registry: RwLock<Arc<Registry>>,
    /// Databases of all tenants.
    pub databases: TenantDatabases,
    /// Read when it is first needed, and only then created: reading the model needs none.
    secret: Mutex<Option<SecretKey>>,
    /// Limits hashing, which takes cores and memory, for all tenants together.
    passwords: Passwords,
    /// Created when it is first needed.
    mailer: Mutex<Option<Arc<Mailer>>>,
    /// Set when the first tenant is opened completely.
    node: OnceLock<NodeIdentity>,
    /// Bucket of all tenants' files; `None` where they are in folders.
    bucket: Option<S3>,
    /// Cache of renditions. Created when it is first needed.
    pictures: Mutex<Option<RenditionCache>>,
    /// Runs plugins of all tenants.
    plugin_host: PluginHost,
}

impl ProcessContext {
    /// Loads the model of a project.
    pub fn new(config: Config, clock: Arc<dyn Clock>) -> Result<Self, OperatorError> {
        let databases = config.resolve_databases()?;
        model_files::finish_interrupted(&config, &databases)?;
        plugin_folder::finish_interrupted(&config, &databases)?;
        let registry = load_model(&config)?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let plugin_host = PluginHost::new(config.data_folder().join("cache").join("plugins"))
            .with_limits(config.plugins.host_limits());
        let (config, secret, passwords) = (Arc::new(config), Mutex::default(), Passwords::new(cores));
        let bucket = config.assets.s3_options()?.map(S3::new).transpose().map_err(|e| OperatorError(e.to_string()))?;
        Ok(Self {
            config,
            clock,
            registry: RwLock::new(registry),
            databases,
            secret,
            passwords,
            mailer: Mutex::default(),
            node: OnceLock::new(),
            bucket,
            pictures: Mutex::default(),
            plugin_host,
        })
    }

    /// The project's content types: one model in memory for all tenants that add none.
    pub fn registry(&self) -> Arc<Registry> {
        self.registry.read().clone()
    }

    /// Sets the model of tenants that are opened from now on.
    pub fn set_registry(&self, registry: Arc<Registry>) {
        *self.registry.write() = registry;
    }

    /// Compiles a plugin's component before the plugin starts; `None` where that fails, which its start reports. Blocks.
    pub fn compile_component(&self, wasm: &[u8]) -> Option<CompiledComponent> {
        self.plugin_host.compile(wasm).ok()
    }

    /// The location of a tenant's files.
    pub fn upload_storage(&self, tenant: &str) -> Result<UploadStorage, OperatorError> {
        UploadStorage::for_tenant(&self.config, self.bucket.as_ref(), tenant)
    }

    /// The cache of renditions, shared by all tenants.
    fn open_pictures(&self) -> Result<RenditionCache, OperatorError> {
        let mut pictures = self.pictures.lock();
        if let Some(pictures) = &*pictures {
            return Ok(pictures.clone());
        }
        let folder = self.config.data_folder().join("cache").join("pictures");
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let opened = RenditionCache::open(&folder, self.config.assets.cache_mib << 20, cores, MAX_WAITING_PICTURES);
        let cache = opened.map_err(|e| OperatorError(format!("{}: {e}", folder.display())))?;
        Ok(pictures.insert(cache).clone())
    }

    /// The programs that read files.
    fn media_tools(&self) -> MediaTools {
        // A program that embeds Cairn does not know the argument of the document helper.
        let own =
            std::env::current_exe().ok().filter(|program| program.file_stem().is_some_and(|name| name == "cairn"));
        let documents = own.map(|program| DocumentHelper::new(program, vec![DOCUMENT_HELPER.into()]));
        MediaTools { documents, films: self.config.assets.film_program() }
    }

    /// The mailer, shared by all tenants.
    fn build_mailer(&self) -> Result<Arc<Mailer>, OperatorError> {
        let mut mailer = self.mailer.lock();
        if let Some(mailer) = &*mailer {
            return Ok(mailer.clone());
        }
        let new_mailer = Mailer::new(&self.config.mail.mailer_options()).map_err(|e| OperatorError(e.to_string()))?;
        Ok(mailer.insert(Arc::new(new_mailer)).clone())
    }

    fn secret_key(&self) -> Result<SecretKey, OperatorError> {
        let mut secret = self.secret.lock();
        if let Some(secret) = &*secret {
            return Ok(secret.clone());
        }
        let encoded_key = std::env::var("CAIRN_SECRET_KEY").ok().filter(|key| !key.is_empty());
        let loaded = SecretKey::load(encoded_key.as_deref(), &self.config.data_folder())
            .map_err(|e| OperatorError(e.to_string()))?;
        Ok(secret.insert(loaded).clone())
    }

    /// The model of a tenant that adds content types; `None` for others. Reads files.
    pub fn tenant_registry(&self, tenant: &str) -> Result<Option<Arc<Registry>>, OperatorError> {
        load_tenant_registry(&self.config, tenant)
    }

    /// Opens a tenant's database with its access control. `limits`: those it had when it was last open.
    pub async fn open_access(&self, tenant: &str, limits: Arc<RateLimits>) -> Result<AccessControl, OperatorError> {
        let database = self.databases.for_tenant(tenant)?;
        let text = database.to_string();
        let place = text.clone();
        let (config, registry, name) = (self.config.clone(), self.registry(), tenant.to_owned());
        let now = format_iso(self.clock.now());
        let opened = tokio::task::spawn_blocking(move || {
            let registry = load_tenant_registry(&config, &name)?.unwrap_or(registry);
            let store =
                Store::open(StoreOptions { database }, registry).map_err(|e| OperatorError(format!("{place}: {e}")))?;
            empty_trash(&store, &now, &name);
            Ok::<_, OperatorError>(store)
        });
        let store = opened.await.map_err(|e| OperatorError(e.to_string()))??;
        let (secret, passwords, clock) = (self.secret_key()?, self.passwords.clone(), self.clock.clone());
        let opened = AccessControl::open_with(store, &secret, tenant, passwords, clock, limits).await;
        let access = opened.map_err(|e| OperatorError(format!("{text}: {e}")))?;
        plugin_folder::finish_change(&self.config, tenant, &access).await?;
        Ok(access)
    }

    /// Opens a tenant for the duration of a command.
    pub async fn access_once(&self, tenant: &str) -> Result<AccessControl, OperatorError> {
        self.open_access(tenant, Arc::new(RateLimits::new(self.clock.clone()))).await
    }

    fn build_content(&self, access: &AccessControl, plugins: &Arc<Plugins>) -> Content {
        Content::new(access.clone())
            .with_hooks(plugins.content_hooks())
            .with_gates(vec![Arc::new(ReviewGate), Arc::new(LicensingGate::new(self.clock.clone()))])
            .with_tools(self.media_tools())
            .with_limits(self.config.rest.query_limits())
    }

    /// Opens a tenant completely. Boxed, so that the commands that call it share its code.
    pub fn open_tenant<'a>(
        &'a self,
        name: &'a str,
        declared: Arc<TenantDeclaration>,
        limits: Arc<RateLimits>,
    ) -> BoxFuture<'a, Result<Tenant, OperatorError>> {
        Box::pin(async move {
            let access = self.open_access(name, limits).await?;
            if let Some(role) = access.open_registration() {
                tracing::warn!(tenant = name, role, "{OPEN_REGISTRATION_WARNING}");
            }
            let (uploads, config) = (self.upload_storage(name)?, self.config.clone());
            let before = (self.clock.now() - ABANDONED_UPLOAD_AGE).into();
            let opened = tokio::task::spawn_blocking(move || uploads.open(&config, before));
            let assets = opened.await.map_err(|e| OperatorError(e.to_string()))??;
            let config = self.config.clone();
            let mib = match name {
                DEFAULT_TENANT => config.cache.response_mib,
                _ => config.cache.response_mib.min(config.tenants.response_mib),
            };
            let cache = ResponseCache::new(mib);
            let plugins = Plugins::new(self.plugin_host.clone());
            let content = self.build_content(&access, &plugins);
            let site = {
                let (tenant, config, declared, own) =
                    (name.to_owned(), config.clone(), declared.clone(), access.clone());
                move || crate::tenant::mail_site(&tenant, &config, &declared, &own)
            };
            let of_site = site.clone();
            let files = FileStore::new(assets.clone(), config.assets.max_bytes, move || of_site().url);
            let adopted = content.adopt_files(&assets).await;
            match adopted.map_err(|e| OperatorError(format!("the files of {name}: {e}")))? {
                0 => {}
                n => tracing::info!(tenant = name, n, "files from an older version were migrated"),
            }
            let node = self.node.get_or_init(|| NodeIdentity::acquire_name(&self.config.data_folder()));
            crate::background::declare_recurring_jobs(content.store(), &*self.clock, node)
                .await
                .map_err(|e| OperatorError(format!("the recurring jobs of {name}: {e}")))?;
            crate::background::report_negations(name, content.store(), &access, self.clock.now().timestamp_millis())
                .await
                .map_err(|e| OperatorError(format!("the conditions of {name}: {e}")))?;
            let notifier = Notifier::new(name.into(), access.clone(), self.build_mailer()?, site)
                .with_files(files.object_reader());
            let host_context = cairn_plugin_host::HostContext::new(content.clone(), access.clone());
            let host_context =
                host_context.with_outbound(OutboundHttp::new(config.plugins.outbound_guard()?)).with_files(files);
            let host_context = host_context.with_quotas(config.plugins.plugin_quotas()?);
            let host_context =
                host_context.with_search(PluginSearch::in_folder(config.tenant_folder(name).join("search")));
            let trust = config.seals.trust_anchors(&config.project)?;
            let host_context = host_context.with_trust(Arc::new(trust));
            let host_context = match config.plugins.pdf_program(&config.data_folder()) {
                Some(program) => {
                    let authority = config.seals.time_stamp_authority()?;
                    let sealer = PadesSealer::new(program.clone(), self.clock.clone(), authority);
                    host_context.with_pdf(program).with_sealer(Arc::new(sealer))
                }
                None => host_context,
            };
            plugins.set_host_context(host_context.with_notifier(notifier.clone()));
            let resumable = ResumableUploads::new(
                content.clone(),
                access.clone(),
                assets.clone(),
                config.tenant_folder(name).join("resumable"),
                config.assets.max_bytes,
            );
            let schedules = Schedules::new(content.clone(), self.clock.clone());
            let releases = Releases::new(content.clone(), self.clock.clone());
            let personal_data = PersonalData::new(content.clone(), access.clone(), &plugins);
            let parts = crate::background::BackgroundContext {
                content: &content,
                personal_data: &personal_data,
                access: &access,
                clock: &self.clock,
                notifier: &notifier,
                schedules: &schedules,
                releases: &releases,
                resumable: &resumable,
                config: &config,
                node,
                assets: &assets,
            };
            let engine = crate::background::build_engine(&parts);
            let webhooks = WebhookSet::new(access.clone(), config.webhooks.outbound_guard()?);
            let live = crate::live::LiveListeners::default();
            let plugin_manager = PluginShelf::new(plugins, &config, name);
            plugin_manager
                .follow_changes(content.store(), &engine)
                .await
                .map_err(|e| OperatorError(format!("the plugins of {name}: {e}")))?;
            let held = access.store().handle_count();
            Ok(Tenant {
                name: name.into(),
                content,
                access,
                engine,
                schedules,
                releases,
                notifier,
                webhooks,
                live,
                assets,
                file_cache: FileCache::default(),
                plugins: plugin_manager,
                personal_data,
                pictures: self.open_pictures()?,
                resumable,
                config,
                cache,
                api_descriptions: ApiDescriptions::default(),
                graphql_schemas: GraphqlSchemas::default(),
                declared,
                retired: AtomicBool::new(false),
                held,
            })
        })
    }
}
