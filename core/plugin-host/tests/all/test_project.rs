//! A project with plugins: their types, a database, an engine for what follows from commits.

use cairn_access::{AccessControl, Clock, FixedClock, Passwords, SecretKey};
use cairn_assets::{BlobKey, BlobStore, FolderStore};
use cairn_content::{Content, ContentError, RequestContext, Result, WriteResponse};
use cairn_events::audit::AuditConsumer;
use cairn_events::{Engine, EngineSetup, Subscriber};
use cairn_notify::{Mailer, Notifier, Site};
use cairn_plugin_host::{
    FileStore, HostContext, HostLimits, InstalledPlugin, LoadError, OutboundHttp, PdfProgram, PluginHost, PluginSearch,
    Plugins,
};
use cairn_plugin_package::package::PackageFiles;
use cairn_plugin_package::settings::SettingsSchema;
use cairn_plugin_package::{Choices, Grants, Manifest};
use cairn_query::{Access, Query};
use cairn_store::events::Actor;
use cairn_store::notify::{MailFilter, MailRow};
use cairn_store::{Database, Store, StoreOptions};
use cairn_testkit::TestDatabase;
use chrono::DateTime;
use serde_json::{Value as Json, json};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use tempfile::TempDir;

/// One engine for all tests of a process, as a server has one.
static HOST: LazyLock<PluginHost> = LazyLock::new(|| PluginHost::new(root().join("target/plugins/compiled")));

pub(crate) struct TestProject {
    pub(crate) content: Content,
    pub(crate) access: AccessControl,
    pub(crate) blobs: Arc<dyn BlobStore>,
    pub(crate) plugins: Arc<Plugins>,
    pub(crate) engine: Arc<Engine>,
    pub(crate) clock: Arc<FixedClock>,
    _database: TestDatabase,
    dir: TempDir,
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Where the sources of a plugin are: among the guests, or the examples.
pub(crate) fn plugin_folder(name: &str) -> PathBuf {
    let guest = root().join("plugins/guests").join(name);
    if guest.is_dir() { guest } else { root().join("examples/plugins").join(name) }
}

/// A plugin of `plugins/guests/` or `examples/plugins/`, with all that it asks for and the settings it has by default.
pub(crate) fn installed_guest(name: &str) -> InstalledPlugin {
    let folder = plugin_folder(name);
    let manifest = std::fs::read_to_string(folder.join("plugin.toml")).unwrap();
    let manifest = Manifest::parse(&manifest).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let component = root().join(format!("target/plugins/{name}.wasm"));
    let component = std::fs::read(&component)
        .unwrap_or_else(|e| panic!("{}: {e}; `cargo xtask wasm` makes it", component.display()));
    InstalledPlugin {
        grants: Grants::from_manifest(&manifest),
        manifest: Arc::new(manifest),
        component: component.into(),
        files: Arc::new(read_package_files(&folder)),
        settings: default_settings(&folder),
        choices: Choices::default(),
        number: 1,
    }
}

/// A guest whose manifest says something else.
pub(crate) fn guest_with_manifest(name: &str, change: impl FnOnce(&mut Manifest)) -> InstalledPlugin {
    let guest = installed_guest(name);
    let mut manifest = (*guest.manifest).clone();
    change(&mut manifest);
    InstalledPlugin { manifest: Arc::new(manifest), number: 2, ..guest }
}

/// An engine of its own, with other limits.
pub(crate) fn host_with_limits(limits: HostLimits) -> PluginHost {
    PluginHost::new(root().join("target/plugins/compiled")).with_limits(limits)
}

/// Settings of a guest where nobody has chosen.
fn default_settings(folder: &Path) -> Json {
    match std::fs::read(folder.join("settings.schema.json")) {
        Ok(schema) => SettingsSchema::parse(&schema, &[]).unwrap().defaults().into(),
        Err(_) => json!({}),
    }
}

/// The templates, texts, schemas of events and public files in a plugin's folder.
fn read_package_files(folder: &Path) -> PackageFiles {
    let mut files = PackageFiles::new();
    for kind in ["templates", "locales", "events", "public"] {
        let Ok(entries) = std::fs::read_dir(folder.join(kind)) else { continue };
        for entry in entries.map(|entry| entry.unwrap()) {
            let path = format!("{kind}/{}", entry.file_name().to_str().unwrap());
            files.add(&path, std::fs::read(entry.path()).unwrap()).unwrap();
        }
    }
    files
}

impl TestProject {
    /// With these guests running.
    pub(crate) async fn with_guests(guests: &[&str]) -> Self {
        let (project, answers) = Self::try_with_guests(guests).await;
        for answer in answers {
            answer.unwrap_or_else(|e| panic!("{e}"));
        }
        project
    }

    /// With those of these guests running that can.
    pub(crate) async fn try_with_guests(guests: &[&str]) -> (Self, Vec<std::result::Result<(), LoadError>>) {
        Self::with_outbound_http(guests, OutboundHttp::default()).await
    }

    /// The same, with another way out.
    pub(crate) async fn with_outbound_http(
        guests: &[&str],
        outbound: OutboundHttp,
    ) -> (Self, Vec<std::result::Result<(), LoadError>>) {
        Self::with_context(guests, |context| context.with_outbound(outbound)).await
    }

    /// The same, in a project that is changed before it is served.
    pub(crate) async fn with_context(
        guests: &[&str],
        change: impl FnOnce(HostContext) -> HostContext,
    ) -> (Self, Vec<std::result::Result<(), LoadError>>) {
        Self::with_plugin_host(HOST.clone(), guests, change).await
    }

    /// The same, in an engine of its own.
    pub(crate) async fn with_plugin_host(
        host: PluginHost,
        guests: &[&str],
        change: impl FnOnce(HostContext) -> HostContext,
    ) -> (Self, Vec<std::result::Result<(), LoadError>>) {
        let dir = tempfile::tempdir().unwrap();
        let article = dir.path().join("content-types/api/article/content-types/article");
        std::fs::create_dir_all(&article).unwrap();
        std::fs::write(article.join("schema.json"), ARTICLE).unwrap();
        for guest in guests {
            let (from, to) = (plugin_folder(guest), dir.path().join("plugins").join(guest));
            std::fs::create_dir_all(&to).unwrap();
            copy_folder(&from.join("content-types"), &to.join("content-types"));
            std::fs::copy(from.join("plugin.toml"), to.join("plugin.toml")).unwrap();
            // Types of others that it works with.
            copy_folder(&from.join("tests/content-types"), &dir.path().join("content-types"));
        }
        let loaded = cairn_model::load::load_project(dir.path()).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let database = TestDatabase::new(dir.path());
        let options = StoreOptions { database: Database::parse(database.url(), Path::new("")).unwrap() };
        let store = Store::open(options, Arc::new(loaded.registry)).unwrap();
        let secret = SecretKey::load(None, dir.path()).unwrap();
        let clock = Arc::new(FixedClock::starting_at(DateTime::from_timestamp(1_735_725_600, 0).unwrap()));
        let access = AccessControl::open(store, &secret, "default", Passwords::new(2), clock.clone()).await.unwrap();
        let plugins = Plugins::new(host);
        let content = Content::new(access.clone()).with_hooks(plugins.content_hooks());
        let blobs: Arc<dyn BlobStore> = Arc::new(FolderStore::open(&dir.path().join("uploads")).unwrap());
        let files = FileStore::new(blobs.clone(), 64 << 20, || "https://site.test".to_owned());
        let site = || Site { name: "Example".into(), is_named: true, url: "https://example.org".into() };
        let notifier = Notifier::new("default".into(), access.clone(), Arc::new(Mailer::in_test_mode()), site);
        let notifier = notifier.with_files(files.object_reader());
        let context = HostContext::new(content.clone(), access.clone()).with_files(files);
        let context = context.with_search(PluginSearch::in_folder(dir.path().join("search")));
        let context = context.with_pdf(PdfProgram::new(root().join("target/tools/cairn-pdf")));
        plugins.set_host_context(change(context.with_notifier(notifier.clone())));
        let answers = plugins.replace_running(guests.iter().map(|name| installed_guest(name)).collect());
        let engine = Engine::new(EngineSetup {
            store: content.store().clone(),
            clock: clock.clone() as Arc<dyn Clock>,
            subscribers: vec![Subscriber::Transactional(Arc::new(AuditConsumer))],
            handlers: notifier.job_handlers(),
            node: "test:1".into(),
            quiet: Vec::new(),
        });
        engine.set_subscribers("plugins", plugins.subscribers());
        engine.set_handlers("plugins", plugins.job_handlers());
        // Consumers receive the events from this first run on.
        engine.run_until_idle().await.unwrap();
        (Self { content, access, blobs, plugins, engine, clock, _database: database, dir }, answers)
    }

    /// As if the process had ended: what it knew of search indexes is gone, and with `files_lost` their files.
    pub(crate) fn reopen_search(&mut self, files_lost: bool) {
        self.plugins = Plugins::new(HOST.clone());
        let folder = self.dir.path().join("search");
        if files_lost {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        let context = HostContext::new(self.content.clone(), self.access.clone());
        self.plugins.set_host_context(context.with_search(PluginSearch::in_folder(folder)));
        for answer in self.plugins.replace_running(vec![installed_guest("teller")]) {
            answer.unwrap();
        }
    }

    /// How many copies of the index `articles` of `teller` have files.
    pub(crate) fn count_search_folders(&self) -> usize {
        let folder = self.dir.path().join("search/0/teller/articles");
        std::fs::read_dir(folder).map_or(0, Iterator::count)
    }

    pub(crate) fn request_context<'a>(&self, access: &'a Arc<Access>, uid: &str, query: &str) -> RequestContext<'a> {
        let content_type = self.content.registry().by_uid(uid).unwrap_or_else(|| panic!("no type {uid}")).id;
        // A test makes few, which live as long as its program.
        let query = Box::leak(Box::new(Query::from_text(query)));
        RequestContext { access, content_type, query, default_locale: "en", actor: public_actor() }
    }

    pub(crate) async fn create(&self, uid: &str, data: Json) -> Result<Json> {
        let access = full_access();
        let response =
            self.content.create(self.request_context(&access, uid, ""), Some(json!({ "data": data }))).await?;
        Ok(response_data(&response))
    }

    pub(crate) async fn update(&self, uid: &str, id: &str, data: Json) -> Result<Json> {
        let access = full_access();
        let body = Some(json!({ "data": data }));
        Ok(response_data(&self.content.update(self.request_context(&access, uid, ""), id, body, None).await?))
    }

    /// All documents of a type.
    pub(crate) async fn find_all(&self, uid: &str) -> Vec<Json> {
        let access = full_access();
        let response =
            self.content.find(self.request_context(&access, uid, "pagination[limit]=100&sort=id")).await.unwrap();
        let mut body: Json = serde_json::from_slice(&response.body).unwrap();
        body["data"].take().as_array().cloned().unwrap()
    }

    /// All mails, oldest first: to whom, of which template, what they say.
    pub(crate) fn mails(&self) -> Vec<MailRow> {
        let store = self.content.store();
        let mut rows = store.read(|r| r.mails().list(&MailFilter::default(), 1_000)).unwrap();
        rows.reverse();
        rows.iter().map(|row| store.read(|r| r.mails().get(row.id)).unwrap().unwrap()).collect()
    }

    /// Now, in milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }

    /// An attribute of a document, private ones too.
    pub(crate) fn private_attribute(&self, uid: &str, id: &str, attribute: &str) -> Json {
        let access = Arc::new(Access::admin());
        let response = self.content.find_one(self.request_context(&access, uid, ""), id).unwrap();
        let mut body: Json = serde_json::from_slice(&response.body).unwrap();
        body["data"][attribute].take()
    }

    /// The key of a file's object.
    fn blob_key(&self, id: &str) -> BlobKey {
        let blobs = self.content.store().read(|r| {
            let asset = r.assets().get_many(&[id])?.remove(0);
            r.assets().list_blobs(id, asset.number)
        });
        BlobKey::parse(&blobs.unwrap()[0].blob).unwrap()
    }

    /// All bytes of a file.
    pub(crate) fn read_file(&self, id: &str) -> Vec<u8> {
        self.read_blob(&self.blob_key(id))
    }

    /// All bytes of an object.
    pub(crate) fn read_blob(&self, key: &BlobKey) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.blobs.open(key, None).unwrap().unwrap().body.read_to_end(&mut bytes).unwrap();
        bytes
    }

    /// Takes the bytes of a file away, behind everybody's back.
    pub(crate) fn delete_blob(&self, id: &str) {
        self.blobs.delete(&self.blob_key(id)).unwrap();
    }

    /// Value that a plugin stores under a key.
    pub(crate) fn kv_value(&self, plugin: &str, key: &str) -> Option<String> {
        let now = self.clock.now().timestamp_millis();
        let entries = self.content.store().read(|r| r.plugin_kv().get_entries(plugin, &[key], now)).unwrap();
        entries.into_iter().next().flatten().map(|entry| String::from_utf8(entry.value).unwrap())
    }
}

/// A type of the project's own, of which guests may read one field.
const ARTICLE: &str = r#"{
    "kind": "collectionType",
    "collectionName": "articles",
    "info": { "singularName": "article", "pluralName": "articles", "displayName": "Article" },
    "options": { "draftAndPublish": false },
    "attributes": {
        "title": { "type": "string" },
        "body": { "type": "text" },
        "views": { "type": "integer" },
        "secret": { "type": "string", "private": true },
        "cover": { "type": "media" }
    }
}"#;

/// The message and the details of a refusal.
pub(crate) fn refusal_parts(error: ContentError) -> (String, Json) {
    match error {
        ContentError::Refused(refusal) => (refusal.message, refusal.details),
        other => panic!("{other}"),
    }
}

pub(crate) fn full_access() -> Arc<Access> {
    Arc::new(Access::full())
}

fn response_data(answer: &WriteResponse) -> Json {
    let mut body: Json = serde_json::from_slice(&answer.body).unwrap();
    body["data"].take()
}

fn public_actor() -> &'static Arc<Actor> {
    static NOBODY: LazyLock<Arc<Actor>> = LazyLock::new(|| Arc::new(Actor::public()));
    &NOBODY
}

fn copy_folder(from: &Path, to: &Path) {
    // Plugins may have no types of their own.
    let Ok(entries) = std::fs::read_dir(from) else { return };
    std::fs::create_dir_all(to).unwrap();
    for entry in entries.map(|entry| entry.unwrap()) {
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_folder(&entry.path(), &to),
            false => drop(std::fs::copy(entry.path(), to).unwrap()),
        }
    }
}
