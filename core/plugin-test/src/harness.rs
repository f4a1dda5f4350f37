//! An environment for a plugin: its types, a database, an engine for what follows from commits, a clock that is moved by hand.

mod callers;
mod content_api;
mod dead_letters;
mod external;
mod files;
mod invitations;
mod personal_data;
mod requests;
mod seals;
mod settings;
mod views;

pub use callers::TestCaller;
pub use dead_letters::DeadLetter;
pub use files::{PdfPage, PdfSignature, StoredFile};
pub use requests::{RequestCaller, TestRequest, TestResponse};
pub use views::TestViewRequest;

use crate::TestPlugin;
use crate::error::{TestError, to_test_error};
use crate::fake_services::FakeServices;
use crate::fault_injection::{self, Dice};
use cairn_access::{AccessControl, Clock, FixedClock, Passwords, SecretKey};
use cairn_assets::FolderStore;
use cairn_content::{Content, ContentError, LocaleSelection, PublishAction, RequestContext, WriteResponse};
use cairn_events::{Engine, EngineSetup};
use cairn_notify::{Mailer, Notifier, Site};
use cairn_plugin_author::types::load_model_with;
use cairn_plugin_host::{FileStore, HostContext, PadesSealer, PdfProgram, PluginHost, PluginSearch, Plugins};
use cairn_query::{Access, Query};
use cairn_store::events::{Actor, JobFilter, JobRow};
use cairn_store::plugins::{CallFilter, FailedCall, LogFilter, LogRow};
use cairn_store::{Database, Store, StoreOptions};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// Owner under which the engine knows the plugin's consumers and jobs.
const OWNER: &str = "plugins";
/// Initial time of tests that choose none: 2026-01-05T09:00:00Z, a Monday.
const START_SECONDS: i64 = 1_767_603_600;
/// Address of the site in tests, for links.
pub(crate) const SITE_URL: &str = "https://site.test";
/// Largest uploaded file, in bytes.
const MAX_FILE_BYTES: u64 = 64 << 20;
/// Largest number of rows that are read at once.
const MAX_ROWS: u32 = 1_000;
/// How often timers may ring in one move of the clock.
const MAX_TIMER_RINGS: u32 = 100_000;

/// Options of a world.
#[derive(Debug, Clone, Default)]
pub struct HarnessOptions<'a> {
    /// Project whose content types exist besides the plugin's own; `None`: those in the plugin's `tests/content-types` and
    /// `tests/plugins`, where it has some.
    pub project: Option<&'a Path>,
    /// PostgreSQL database (`postgres://…`) to create a schema in; `None`: SQLite.
    pub database: Option<&'a str>,
    /// Initial time; `None`: 2026-01-05T09:00:00Z.
    pub start: Option<DateTime<Utc>>,
    /// Settings that differ from the defaults.
    pub settings: Map<String, Json>,
    /// Values for the choices of the manifest.
    pub choices: cairn_plugin_package::Choices,
    /// Plugins that run beside it.
    pub neighbours: Vec<NeighbourPlugin>,
    /// Folder in which built components of neighbours are, as `crm.wasm`; `None`: they are in the folders of their plugins.
    pub components: Option<&'a Path>,
    /// Host names that lead to the test's fake services; all others lead nowhere.
    pub hosts: BTreeSet<String>,
    /// Seed of all random numbers.
    pub seed: u64,
    /// True if faults are left out.
    pub calm: bool,
    /// The program that makes PDFs; `None`: there are no PDFs.
    pub pdf: Option<&'a PdfProgram>,
}

/// A plugin that runs beside the one under test, with everything that it asks for.
#[derive(Debug, Clone)]
pub struct NeighbourPlugin {
    /// The plugin.
    pub plugin: TestPlugin,
    /// Settings that differ from the defaults.
    pub settings: Map<String, Json>,
    /// Values for the choices of its manifest.
    pub choices: cairn_plugin_package::Choices,
    /// Values of its secrets, by name.
    pub secrets: BTreeMap<String, String>,
}

/// The environment of one test; see the module.
pub struct TestHarness {
    content: Content,
    access: AccessControl,
    plugins: Arc<Plugins>,
    engine: Arc<Engine>,
    clock: Arc<FixedClock>,
    fake_services: FakeServices,
    files: FileStore,
    /// The program that makes and reads PDFs.
    pdf: Option<PdfProgram>,
    plugin: TestPlugin,
    /// Id of the plugin.
    id: String,
    database: Database,
    folder: TempDir,
}

impl TestHarness {
    /// Creates an environment in which the plugin runs with everything that it asks for.
    ///
    /// # Errors
    /// Content types with problems, a database that cannot be used, a component that cannot be loaded.
    pub async fn open(host: &PluginHost, plugin: &TestPlugin, terms: &HarnessOptions<'_>) -> Result<Self, TestError> {
        let folder = tempfile::tempdir().map_err(to_test_error)?;
        let stand_ins = plugin.folder.join("tests");
        let has_stand_ins = ["content-types", "plugins"].iter().any(|folder| stand_ins.join(folder).is_dir());
        let project = terms.project.or_else(|| has_stand_ins.then_some(&*stand_ins));
        let neighbours: Vec<&Path> = terms.neighbours.iter().map(|one| &*one.plugin.folder).collect();
        let (id, registry) = load_model_with(&plugin.folder, &neighbours, project).map_err(to_test_error)?;
        let database = match terms.database {
            None => Database::parse("sqlite:cairn.db", folder.path()),
            Some(url) => Database::parse(&with_own_schema(url)?, folder.path()),
        };
        let database = database.map_err(TestError)?;
        let options = StoreOptions { database: database.clone() };
        let opened = tokio::task::spawn_blocking(move || Store::open(options, Arc::new(registry)));
        let store = opened.await.map_err(to_test_error)?.map_err(to_test_error)?;
        let secret = SecretKey::load(None, folder.path()).map_err(to_test_error)?;
        let start = terms.start.or_else(|| DateTime::from_timestamp(START_SECONDS, 0)).unwrap_or_default();
        let clock = Arc::new(FixedClock::starting_at(start));
        let access = AccessControl::open(store, &secret, "default", Passwords::new(2), clock.clone())
            .await
            .map_err(to_test_error)?;
        let plugins = Plugins::new(host.clone());
        let content = Content::new(access.clone()).with_hooks(plugins.content_hooks());
        let (elsewhere, out) = FakeServices::new(&terms.hosts)?;
        let site = || Site { name: "Test".into(), is_named: true, url: SITE_URL.into() };
        let blobs = Arc::new(FolderStore::open(&folder.path().join("uploads")).map_err(to_test_error)?);
        let files = FileStore::new(blobs, MAX_FILE_BYTES, || SITE_URL.to_owned());
        let notifier = Notifier::new("default".into(), access.clone(), Arc::new(Mailer::in_test_mode()), site);
        let notifier = notifier.with_files(files.object_reader());
        let host_context = HostContext::new(content.clone(), access.clone()).with_outbound(out).with_seed(terms.seed);
        let host_context = host_context
            .with_search(PluginSearch::in_memory())
            .with_files(files.clone())
            .with_notifier(notifier.clone());
        plugins.set_host_context(match terms.pdf {
            Some(program) => {
                let sealer = PadesSealer::new(program.clone(), clock.clone(), None);
                host_context.with_pdf(program.clone()).with_sealer(Arc::new(sealer))
            }
            None => host_context,
        });
        let mut installed = vec![plugin.to_installed(&terms.settings, &terms.choices, content.registry())?];
        for NeighbourPlugin { plugin, settings, choices, .. } in &terms.neighbours {
            let neighbour = plugin.to_installed(settings, choices, content.registry());
            installed.push(neighbour.map_err(|e| TestError(format!("the plugin {}: {e}", plugin.id())))?);
        }
        let running = plugins.clone();
        let ran =
            tokio::task::spawn_blocking(move || running.replace_running(installed)).await.map_err(to_test_error)?;
        ran.into_iter().collect::<Result<Vec<()>, _>>().map_err(to_test_error)?;
        let engine = Engine::new(EngineSetup {
            store: content.store().clone(),
            clock: clock.clone() as Arc<dyn Clock>,
            subscribers: Vec::new(),
            handlers: notifier.job_handlers(),
            node: "test:1".into(),
            quiet: Vec::new(),
        });
        let (mut subscribers, mut handlers) = (plugins.subscribers(), plugins.job_handlers());
        if !terms.calm {
            subscribers = fault_injection::faulty_subscribers(subscribers, &Dice::new(terms.seed));
            handlers = fault_injection::faulty_handlers(handlers);
        }
        engine.set_subscribers(OWNER, subscribers);
        engine.set_handlers(OWNER, handlers);
        plugins.declare_schedules().await.map_err(to_test_error)?;
        let plugin = plugin.clone();
        let harness = Self {
            content,
            access,
            plugins,
            engine,
            clock,
            fake_services: elsewhere,
            files,
            pdf: terms.pdf.cloned(),
            plugin,
            id,
            database,
            folder,
        };
        for neighbour in &terms.neighbours {
            for (name, value) in &neighbour.secrets {
                harness.set_secret_of(&neighbour.plugin, name, value).await?;
            }
        }
        // Consumers receive the events from this first run on.
        harness.run_until_idle().await?;
        Ok(harness)
    }

    /// Closes it; drops a schema that was created for it. The error says why the schema cannot be dropped.
    pub async fn close(self) -> Result<(), TestError> {
        let Self { database, content, access, plugins, engine, .. } = self;
        drop((content, access, plugins, engine));
        tokio::task::spawn_blocking(move || database.erase()).await.map_err(to_test_error)?.map_err(to_test_error)
    }

    /// The uid of a type: `note` is one of the plugin's own.
    pub(crate) fn resolve_uid(&self, name: &str) -> Result<String, TestError> {
        let uid = if name.contains("::") { name.to_owned() } else { format!("plugin::{}.{name}", self.id) };
        match self.content.registry().by_uid(&uid) {
            Some(_) => Ok(uid),
            None => {
                let filter = self.content.registry().types().iter().filter(|t| t.is_api());
                let known: Vec<&str> = filter.map(|t| t.uid.as_str()).collect();
                Err(TestError(format!("content type {uid} not found; existing content types: {}", known.join(", "))))
            }
        }
    }

    /// A caller with all permissions: the admin user with that address, or nobody in particular.
    fn writing_caller(&self, by: Option<&str>) -> Result<TestAuthor, TestError> {
        let caller = TestAuthor::with_full_access();
        match by {
            Some(email) => Ok(TestAuthor { actor: Arc::new(self.find_person(Some(email))?.0), ..caller }),
            None => Ok(caller),
        }
    }

    fn request_context<'a>(
        &self,
        uid: &str,
        caller: &'a TestAuthor,
        query: &'a Query,
    ) -> Result<RequestContext<'a>, TestError> {
        let found = self.content.registry().by_uid(uid);
        let content_type = found.ok_or_else(|| TestError(format!("content type {uid} not found")))?.id;
        Ok(RequestContext { access: &caller.access, content_type, query, default_locale: "en", actor: &caller.actor })
    }

    /// Creates a document with all permissions; `query` as in a URL (`status=draft`), `by` the address of the admin user who does it, or
    /// nobody in particular. Returns the response of REST, or the refusal. Fails for a type or an admin user that does not exist.
    pub async fn create_document(
        &self,
        name: &str,
        mut data: Json,
        query: &str,
        by: Option<&str>,
    ) -> Result<Result<Json, ContentError>, TestError> {
        let (uid, caller) = (self.resolve_uid(name)?, self.writing_caller(by)?);
        self.resolve_role(&uid, &mut data)?;
        let query = Query::from_text(query);
        let context = self.request_context(&uid, &caller, &query)?;
        Ok(self.content.create(context, Some(json!({ "data": data }))).await.map(|entry| answer_entry(&entry)))
    }

    /// Changes a document; otherwise as [`Self::create_document`].
    pub async fn update_document(
        &self,
        name: &str,
        id: &str,
        mut data: Json,
        query: &str,
        by: Option<&str>,
    ) -> Result<Result<Json, ContentError>, TestError> {
        let (uid, caller) = (self.resolve_uid(name)?, self.writing_caller(by)?);
        self.resolve_role(&uid, &mut data)?;
        let query = Query::from_text(query);
        let context = self.request_context(&uid, &caller, &query)?;
        Ok(self
            .content
            .update(context, id, Some(json!({ "data": data })), None)
            .await
            .map(|entry| answer_entry(&entry)))
    }

    /// Deletes a document; otherwise as [`Self::create_document`]. Fails for a type that does not exist.
    pub async fn delete_document(&self, name: &str, id: &str) -> Result<Result<(), ContentError>, TestError> {
        let (uid, caller) = (self.resolve_uid(name)?, TestAuthor::with_full_access());
        let context = self.request_context(&uid, &caller, Query::empty())?;
        Ok(self.content.delete(context, id, None).await)
    }

    /// Publishes or unpublishes a document, or discards its draft; otherwise as [`Self::create_document`]. Fails for a type
    /// that does not exist.
    pub async fn publish_document(
        &self,
        action: PublishAction,
        name: &str,
        id: &str,
    ) -> Result<Result<(), ContentError>, TestError> {
        let (uid, caller) = (self.resolve_uid(name)?, TestAuthor::with_full_access());
        let content_type = self.request_context(&uid, &caller, Query::empty())?.content_type;
        let result = self.content.publish(action, content_type, id, LocaleSelection::All, &caller.actor, None).await;
        Ok(result.map(drop))
    }

    /// The documents that a query of the REST API finds: by their ids where it names no order, and at most a thousand. Fails for a type
    /// that does not exist, or an invalid query.
    pub async fn find_rows(&self, name: &str, query: &str) -> Result<Vec<Json>, TestError> {
        let (uid, caller) = (self.resolve_uid(name)?, TestAuthor::with_full_access());
        let mut query = Query::from_text(query).to_builder().map_err(to_test_error)?;
        if query.get("pagination").is_none() {
            query.set("pagination", [("limit", MAX_ROWS.to_string())]);
        }
        if query.get("sort").is_none() {
            query.set("sort", "id");
        }
        let query = query.build();
        let context = self.request_context(&uid, &caller, &query)?;
        let response = self.content.find(context).await.map_err(to_test_error)?;
        let mut body: Json = serde_json::from_slice(&response.body).map_err(to_test_error)?;
        match body["data"].take() {
            Json::Array(rows) => Ok(rows),
            Json::Null => Ok(Vec::new()),
            one => Ok(vec![one]),
        }
    }

    /// Processes everything that follows from commits, and what is due by now. Returns an error if the database fails.
    pub async fn run_until_idle(&self) -> Result<(), TestError> {
        self.engine.run_until_idle().await.map_err(to_test_error)?;
        self.write_logs().await
    }

    /// Stores the lines that calls have logged so far. Returns an error if the database fails.
    pub(crate) async fn write_logs(&self) -> Result<(), TestError> {
        self.plugins.write_logs().await.map_err(to_test_error)?;
        Ok(())
    }

    /// Moves the clock, and runs what becomes due meanwhile, at its time and in its order. Returns an error if the database fails.
    pub async fn advance_clock(&self, by: Duration) -> Result<(), TestError> {
        let far = || TestError("the clock cannot be advanced that far".to_owned());
        let by = TimeDelta::from_std(by).map_err(|_| far())?;
        let until = self.now().checked_add_signed(by).ok_or_else(far)?;
        self.run_until_idle().await?;
        for _ in 0..MAX_TIMER_RINGS {
            let next = DateTime::from_timestamp_millis(self.engine.next_due());
            let Some(next) = next.filter(|next| *next <= until) else {
                self.clock.advance((until - self.now()).max(TimeDelta::zero()));
                return self.run_until_idle().await;
            };
            // Overdue work that did not run gets another chance a little later.
            self.clock.advance((next - self.now()).max(TimeDelta::milliseconds(1)));
            self.run_until_idle().await?;
        }
        Err(TestError(format!(
            "more than {MAX_TIMER_RINGS} jobs became due: does a job enqueue itself again and again?"
        )))
    }

    /// The current time of the clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The log of the plugin, oldest first. Returns an error if the database fails.
    pub fn plugin_logs(&self) -> Result<Vec<LogRow>, TestError> {
        let filter = LogFilter { plugin: Some(self.id.clone()), ..LogFilter::default() };
        let mut lines =
            self.content.store().read(|r| r.plugin_logs().list(&filter, i64::from(MAX_ROWS))).map_err(to_test_error)?;
        lines.reverse();
        Ok(lines)
    }

    /// Jobs of a name, oldest first, finished ones included: `digest`, and `crm/digest` of another plugin. Returns an error if the database
    /// fails.
    pub fn plugin_jobs(&self, name: &str) -> Result<Vec<JobRow>, TestError> {
        let (plugin, name) = name.split_once('/').unwrap_or((&self.id, name));
        let filter = JobFilter { name: Some(format!("plugin:{plugin}:{name}")), ..JobFilter::default() };
        let mut jobs =
            self.content.store().read(|r| r.jobs().list(&filter, i64::from(MAX_ROWS))).map_err(to_test_error)?;
        jobs.reverse();
        Ok(jobs)
    }

    /// The value that the plugin stores under a key. Returns an error if the database fails.
    pub fn stored_value(&self, key: &str) -> Result<Option<Vec<u8>>, TestError> {
        let now = self.now().timestamp_millis();
        let entries =
            self.content.store().read(|r| r.plugin_kv().get_entries(&self.id, &[key], now)).map_err(to_test_error)?;
        Ok(entries.into_iter().next().flatten().map(|entry| entry.value))
    }

    /// Calls of the plugins that failed: they panicked, took too long and the like. A refusal is no failure. Returns an error
    /// if the database fails.
    pub fn failed_calls(&self) -> Result<Vec<FailedCall>, TestError> {
        let filter = CallFilter::default();
        self.content.store().read(|r| r.plugin_calls().list(&filter, i64::from(MAX_ROWS))).map_err(to_test_error)
    }

    /// The name of what was called: `route:latest`, and `crm/route:latest` of another plugin.
    pub(crate) fn call_name(&self, call: &FailedCall) -> String {
        self.name_within(&call.plugin, &format!("{}:{}", call.export, call.name))
    }

    /// A name of a part of a plugin, with the plugin where that is another one.
    fn name_within(&self, plugin: &str, name: &str) -> String {
        if plugin == self.id { name.to_owned() } else { format!("{plugin}/{name}") }
    }
}

/// The author of writes in tests.
struct TestAuthor {
    access: Arc<Access>,
    actor: Arc<Actor>,
}

impl TestAuthor {
    fn with_full_access() -> Self {
        // Access as in the admin includes private fields, which tests must be able to check.
        Self { access: Arc::new(Access::admin()), actor: Arc::new(Actor::public()) }
    }
}

fn answer_entry(answer: &WriteResponse) -> Json {
    let mut body: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
    body["data"].take()
}

/// The URL with a schema that nobody else uses.
fn with_own_schema(url: &str) -> Result<String, TestError> {
    let postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
    if !postgres || url.contains("schema=") {
        return Err(TestError(
            "--database requires postgres://user:password@host:port/database, without a schema".to_owned(),
        ));
    }
    let joint = if url.contains('?') { '&' } else { '?' };
    Ok(format!("{url}{joint}schema=cairn_test_{:016x}", rand::random::<u64>()))
}
