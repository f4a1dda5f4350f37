//! A tenant with everything that tells people, on a database of its own, with a clock that is moved by hand.

use cairn_access::{AccessControl, Clock, FixedClock, Passwords, SecretKey};
use cairn_events::{Engine, EngineSetup};
use cairn_notify::{Mailer, Notifier, Site};
use cairn_settings as settings;
use cairn_store::events::{JobFilter, JobRow, JobState};
use cairn_store::notify::{MailFilter, MailRow, MailState};
use cairn_store::{Database, Store, StoreError, StoreOptions};
use cairn_testkit::TestDatabase;
use chrono::{DateTime, TimeDelta};
use serde_json::Value as Json;
use std::sync::Arc;

/// 2026-03-02 06:30 in UTC, a Monday.
const START: i64 = 1_772_433_000;

pub(crate) struct TestTenant {
    pub(crate) store: Store,
    pub(crate) access: AccessControl,
    pub(crate) notifier: Notifier,
    pub(crate) engine: Arc<Engine>,
    pub(crate) clock: Arc<FixedClock>,
    _database: TestDatabase,
    _folder: tempfile::TempDir,
}

impl TestTenant {
    /// One on every database there is, in test mode.
    pub(crate) async fn on_every_database() -> Vec<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut all = Vec::new();
        for (i, _) in TestDatabase::all_kinds(folder.path()).iter().enumerate() {
            let folder = tempfile::tempdir().unwrap();
            let database = TestDatabase::all_kinds(folder.path()).swap_remove(i);
            all.push(Self::open_on(folder, database, Mailer::in_test_mode()).await);
        }
        all
    }

    /// On the database that the environment asks for.
    pub(crate) async fn with_mailer(mailer: Mailer) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::new(folder.path());
        Self::open_on(folder, database, mailer).await
    }

    async fn open_on(folder: tempfile::TempDir, database: TestDatabase, mailer: Mailer) -> Self {
        let registry = Arc::new(cairn_model::load::load_project(folder.path()).unwrap().registry);
        let options = StoreOptions { database: Database::parse(database.url(), folder.path()).unwrap() };
        let store = Store::open(options, registry).unwrap();
        let clock = Arc::new(FixedClock::starting_at(DateTime::from_timestamp(START, 0).unwrap()));
        let secret = SecretKey::from_base64("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").unwrap();
        let as_clock = || clock.clone() as Arc<dyn Clock>;
        let access =
            AccessControl::open(store.clone(), &secret, "default", Passwords::new(2), as_clock()).await.unwrap();
        let site = || Site { name: "Donkervoort".into(), is_named: true, url: "https://cms.example.com".into() };
        let notifier = Notifier::new("default".into(), access.clone(), Arc::new(mailer), site);
        let handlers = notifier.job_handlers();
        let engine = Engine::new(EngineSetup {
            store: store.clone(),
            clock: as_clock(),
            subscribers: Vec::new(),
            handlers,
            node: "test:run".into(),
            quiet: Vec::new(),
        });
        Self { store, access, notifier, engine, clock, _database: database, _folder: folder }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }

    pub(crate) fn advance_clock(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    pub(crate) async fn run_engine(&self) {
        self.engine.run_until_idle().await.unwrap();
    }

    /// Applies settings.
    pub(crate) async fn apply_json(&self, json: &Json) {
        let parsed = settings::parse_settings(&json.to_string(), self.store.registry(), &|_| None).unwrap();
        settings::apply_settings(&self.access, parsed).await.unwrap();
        self.access.reload().unwrap();
    }

    /// A new admin user; their number.
    pub(crate) async fn create_admin(&self, email: &str) -> i64 {
        let to = email.to_owned();
        self.store
            .write(move |tx| tx.admin_users().save(&to, "x", &["editor".to_owned()], "2026-01-01"))
            .await
            .unwrap();
        self.store.read(|r| r.admin_users().list()).unwrap().iter().find(|u| u.email == email).unwrap().id
    }

    /// All mails, oldest first, with what they say.
    pub(crate) fn mails(&self) -> Vec<MailRow> {
        let rows = self.store.read(|r| r.mails().list(&MailFilter::default(), 1_000)).unwrap();
        rows.iter().rev().map(|row| self.store.read(|r| r.mails().get(row.id)).unwrap().unwrap()).collect()
    }

    pub(crate) fn mail_states(&self) -> Vec<MailState> {
        self.mails().iter().map(|m| m.state).collect()
    }

    pub(crate) fn jobs(&self, name: &str, state: JobState) -> Vec<JobRow> {
        let filter = JobFilter { name: Some(name.into()), state: Some(state), ..JobFilter::default() };
        self.store.read(|r| r.jobs().list(&filter, 1_000)).unwrap()
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        f: impl Fn(&mut cairn_store::WriteTx<'_>) -> Result<T, StoreError> + Clone + Send + 'static,
    ) -> T {
        self.store.write(f).await.unwrap()
    }
}
