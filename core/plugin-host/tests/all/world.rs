//! A project with plugins: their types, a database, an engine for what follows from commits.

use cairn_access::{AccessControl, Clock, FixedClock, Passwords, SecretKey};
use cairn_content::{Ask, Content, ContentError, Result, WriteAnswer};
use cairn_events::{Engine, Setup};
use cairn_plugin_host::{Ground, Host, Installed, LoadError, Plugins};
use cairn_plugin_package::package::Files;
use cairn_plugin_package::{Grants, Manifest};
use cairn_query::Access;
use cairn_store::events::Actor;
use cairn_store::{Database, Options, Store};
use cairn_testkit::TestDatabase;
use chrono::DateTime;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use tempfile::TempDir;

/// One engine for all tests of a process, as a server has one.
static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(root().join("target/plugins/compiled")));

pub(crate) struct World {
    pub(crate) content: Content,
    pub(crate) plugins: Arc<Plugins>,
    pub(crate) engine: Arc<Engine>,
    pub(crate) clock: Arc<FixedClock>,
    _database: TestDatabase,
    _dir: TempDir,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A plugin of `plugins/guests/`, with all that it asks for.
pub(crate) fn guest(name: &str) -> Installed {
    let folder = root().join("plugins/guests").join(name);
    let manifest = std::fs::read_to_string(folder.join("plugin.toml")).unwrap();
    let manifest = Manifest::parse(&manifest).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let component = root().join(format!("target/plugins/{name}.wasm"));
    let component = std::fs::read(&component)
        .unwrap_or_else(|e| panic!("{}: {e}; `cargo xtask wasm` makes it", component.display()));
    Installed {
        grants: Grants::asked(&manifest),
        manifest: Arc::new(manifest),
        component: component.into(),
        files: Arc::new(said(&folder)),
        settings: json!({}),
        number: 1,
    }
}

/// The templates and texts in a plugin's folder.
fn said(folder: &Path) -> Files {
    let mut files = Files::new();
    for kind in ["templates", "locales"] {
        let Ok(entries) = std::fs::read_dir(folder.join(kind)) else { continue };
        for entry in entries.map(|entry| entry.unwrap()) {
            let path = format!("{kind}/{}", entry.file_name().to_str().unwrap());
            files.add(&path, std::fs::read(entry.path()).unwrap()).unwrap();
        }
    }
    files
}

impl World {
    /// With these guests running.
    pub(crate) async fn of(guests: &[&str]) -> Self {
        let (world, answers) = Self::try_of(guests).await;
        for answer in answers {
            answer.unwrap_or_else(|e| panic!("{e}"));
        }
        world
    }

    /// With those of these guests running that can.
    pub(crate) async fn try_of(guests: &[&str]) -> (Self, Vec<std::result::Result<(), LoadError>>) {
        let dir = tempfile::tempdir().unwrap();
        for guest in guests {
            let (from, to) = (root().join("plugins/guests").join(guest), dir.path().join("plugins").join(guest));
            copy(&from.join("content-types"), &to.join("content-types"));
            std::fs::copy(from.join("plugin.toml"), to.join("plugin.toml")).unwrap();
        }
        let loaded = cairn_model::load::load(dir.path()).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let database = TestDatabase::new(dir.path());
        let options = Options { database: Database::parse(database.url(), Path::new("")).unwrap() };
        let store = Store::open(options, Arc::new(loaded.registry)).unwrap();
        let secret = SecretKey::load(None, dir.path()).unwrap();
        let clock = Arc::new(FixedClock::at(DateTime::from_timestamp(1_735_725_600, 0).unwrap()));
        let access = AccessControl::open(store, &secret, "default", Passwords::new(2), clock.clone()).await.unwrap();
        let plugins = Plugins::new(HOST.clone());
        let content = Content::new(access.clone()).with_hooks(plugins.hooks());
        plugins.serve(Ground::new(content.clone(), access.clone()));
        let answers = plugins.run(guests.iter().map(|name| guest(name)).collect());
        let engine = Engine::new(Setup {
            store: content.store().clone(),
            clock: clock.clone() as Arc<dyn Clock>,
            subscribers: Vec::new(),
            handlers: Vec::new(),
            node: "test:1".into(),
            quiet: Vec::new(),
        });
        engine.set_subscribers("plugins", plugins.subscribers());
        engine.set_handlers("plugins", plugins.handlers());
        // Who hears of events hears of those from here on.
        engine.run_until_idle().await.unwrap();
        (Self { content, plugins, engine, clock, _database: database, _dir: dir }, answers)
    }

    pub(crate) fn ask<'a>(&self, access: &'a Arc<Access>, uid: &str, query: &'a str) -> Ask<'a> {
        let content_type = self.content.registry().by_uid(uid).unwrap_or_else(|| panic!("no type {uid}")).id;
        Ask { access, content_type, query, default_locale: "en", actor: nobody() }
    }

    pub(crate) async fn create(&self, uid: &str, data: Json) -> Result<Json> {
        let access = full();
        let made = self.content.create(self.ask(&access, uid, ""), Some(json!({ "data": data }))).await?;
        Ok(entry(&made))
    }

    pub(crate) async fn update(&self, uid: &str, id: &str, data: Json) -> Result<Json> {
        let access = full();
        let body = Some(json!({ "data": data }));
        Ok(entry(&self.content.update(self.ask(&access, uid, ""), id, body, None).await?))
    }

    /// All documents of a type.
    pub(crate) async fn all(&self, uid: &str) -> Vec<Json> {
        let access = full();
        let found = self.content.find(self.ask(&access, uid, "pagination[limit]=100&sort=id")).await.unwrap();
        let mut body: Json = serde_json::from_slice(&found.body).unwrap();
        body["data"].take().as_array().cloned().unwrap()
    }

    /// What a plugin keeps under a key.
    pub(crate) fn kept(&self, plugin: &str, key: &str) -> Option<String> {
        let now = self.clock.now().timestamp_millis();
        let found = self.content.store().read(|r| r.plugin_entries(plugin, &[key], now)).unwrap();
        found.into_iter().next().flatten().map(|entry| String::from_utf8(entry.value).unwrap())
    }
}

/// The message and the details of a refusal.
pub(crate) fn refusal(error: ContentError) -> (String, Json) {
    match error {
        ContentError::Refused(refusal) => (refusal.message, refusal.details),
        other => panic!("{other}"),
    }
}

pub(crate) fn full() -> Arc<Access> {
    Arc::new(Access::full())
}

fn entry(answer: &WriteAnswer) -> Json {
    let mut body: Json = serde_json::from_slice(&answer.body).unwrap();
    body["data"].take()
}

fn nobody() -> &'static Arc<Actor> {
    static NOBODY: LazyLock<Arc<Actor>> = LazyLock::new(|| Arc::new(Actor::public()));
    &NOBODY
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(std::fs::copy(entry.path(), to).unwrap()),
        }
    }
}
