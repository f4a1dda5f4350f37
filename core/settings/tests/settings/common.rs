//! A database and an access control per test, with a clock that stands still.

use cairn_access::{AccessControl, AuthError, Caller, FixedClock, Passwords, SecretKey};
use cairn_events::{Engine, EngineSetup};
use cairn_model::Registry;
use cairn_settings::{Settings, SettingsProblem, apply_settings, parse_settings};
use cairn_store::{Database, Store, StoreOptions};
use cairn_testkit::TestDatabase;
use chrono::DateTime;
use serde_json::Value as Json;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// 2025-01-01T10:00:00Z.
const START: i64 = 1_735_725_600;

pub(crate) struct SettingsFixture {
    pub(crate) store: Store,
    pub(crate) access: AccessControl,
    clock: Arc<FixedClock>,
    database: TestDatabase,
    folder: TempDir,
}

pub(crate) fn registry() -> Registry {
    let project = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../access/tests/project"));
    cairn_model::load::load_project(project).unwrap().registry
}

impl SettingsFixture {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::starting_at(DateTime::from_timestamp(START, 0).unwrap()));
        let database = TestDatabase::new(folder.path());
        let options = StoreOptions { database: Database::parse(database.url(), Path::new("")).unwrap() };
        let store = Store::open(options, Arc::new(registry())).unwrap();
        let access = open(&store, folder.path(), &clock).await;
        Self { store, access, clock, database, folder }
    }

    /// Another process on the same database.
    pub(crate) async fn open_second_process(&self) -> AccessControl {
        open(&self.store, self.folder.path(), &self.clock).await
    }

    /// Applies a settings file that must be valid, and returns the changes.
    pub(crate) async fn apply(&self, settings: &Json) -> Vec<String> {
        let settings = self.parse(settings).unwrap();
        apply_settings(&self.access, settings).await.unwrap()
    }

    /// Gives the events of the last changes their positions, without which nobody finds them.
    pub(crate) async fn run_engine(&self) {
        let setup = EngineSetup {
            store: self.store.clone(),
            clock: self.clock.clone(),
            subscribers: Vec::new(),
            handlers: Vec::new(),
            node: "test:run".into(),
            quiet: Vec::new(),
        };
        Engine::new(setup).run_until_idle().await.unwrap();
    }

    pub(crate) fn parse(&self, settings: &Json) -> Result<Settings, Vec<SettingsProblem>> {
        parse_settings(&settings.to_string(), self.store.registry(), &|_| None)
    }

    /// True if a text is anywhere in the database, its log included.
    pub(crate) fn is_stored_in_clear(&self, text: &str) -> bool {
        self.database.read_contents().windows(text.len()).any(|w| w == text.as_bytes())
    }

    pub(crate) async fn caller(&self, token: &str) -> Result<Caller, AuthError> {
        self.access.authenticate_caller(Some(format!("Bearer {token}").as_bytes())).await
    }
}

async fn open(store: &Store, data: &Path, clock: &Arc<FixedClock>) -> AccessControl {
    let secret = SecretKey::load(None, data).unwrap();
    AccessControl::open(store.clone(), &secret, "default", Passwords::new(4), clock.clone()).await.unwrap()
}
