//! A database and an access control per test, with a clock that the test moves.

use cairn_access::{AccessControl, AuthError, Caller, FixedClock, Passwords, SecretKey};
use cairn_model::Registry;
use cairn_store::events::Actor;
use cairn_store::system::{NewUser, UserRow};
use cairn_store::{Database, Store, StoreOptions};
use cairn_testkit::TestDatabase;
use cairn_testkit::settings::{apply_settings, parse_settings};
use chrono::{DateTime, TimeDelta};
use serde_json::Value as Json;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// 2025-01-01T10:00:00Z.
pub(crate) const START: i64 = 1_735_725_600;

/// The password of every user of these tests.
pub(crate) const PASSWORD: &str = "Passw0rd!";

pub(crate) struct AccessFixture {
    pub(crate) store: Store,
    pub(crate) access: AccessControl,
    pub(crate) clock: Arc<FixedClock>,
    database: TestDatabase,
    pub(crate) folder: TempDir,
}

/// How to open a test's database.
fn options(database: &TestDatabase) -> StoreOptions {
    StoreOptions { database: Database::parse(database.url(), std::path::Path::new("")).unwrap() }
}

pub(crate) fn registry() -> Registry {
    cairn_model::load::load_project(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/project"))).unwrap().registry
}

impl AccessFixture {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::starting_at(DateTime::from_timestamp(START, 0).unwrap()));
        let database = TestDatabase::new(folder.path());
        let store = Store::open(options(&database), Arc::new(registry())).unwrap();
        let access = open(&store, folder.path(), &clock).await;
        Self { store, access, clock, database, folder }
    }

    /// Another process on the same database.
    pub(crate) async fn open_second_process(&self) -> AccessControl {
        open(&self.store, self.folder.path(), &self.clock).await
    }

    pub(crate) fn advance_clock(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    /// Applies a settings file that must be good; what it changed.
    pub(crate) async fn apply(&self, settings: &Json) -> Vec<String> {
        let settings = parse_settings(&settings.to_string(), self.store.registry(), &|_| None).unwrap();
        apply_settings(&self.access, settings).await.unwrap()
    }

    /// A user with the default role; their document id.
    pub(crate) async fn add_user(&self, name: &str) -> String {
        self.add_user_with_role(name, "authenticated").await
    }

    pub(crate) async fn add_user_with_role(&self, name: &str, role: &str) -> String {
        let hash = self.access.passwords().hash(PASSWORD).await.unwrap();
        let (name, role) = (name.to_owned(), role.to_owned());
        let now = cairn_access::format_iso(self.access.now());
        self.store
            .write(move |tx| {
                let role = tx.reader().roles().get_by_type(&role)?.unwrap().document_id;
                let email = format!("{name}@example.com");
                let user = NewUser {
                    username: &name,
                    email: &email,
                    password_hash: &hash,
                    confirmed: true,
                    role: Some(&role),
                };
                tx.users().create(&user, &now)
            })
            .await
            .unwrap()
    }

    pub(crate) fn user(&self, document_id: &str) -> UserRow {
        self.store.read(|r| r.users().get_by_document(document_id)).unwrap().unwrap()
    }

    pub(crate) async fn block(&self, document_id: &str) {
        let id = document_id.to_owned();
        self.store.write(move |tx| tx.users().set_blocked(&id, true, "2025-01-01T10:00:00.000Z")).await.unwrap();
    }

    /// True if a text is anywhere in the database, its log included.
    pub(crate) fn is_stored_in_clear(&self, text: &str) -> bool {
        self.database.read_contents().windows(text.len()).any(|w| w == text.as_bytes())
    }

    pub(crate) async fn caller(&self, token: &str) -> Result<Caller, AuthError> {
        self.access.authenticate_caller(Some(format!("Bearer {token}").as_bytes())).await
    }

    pub(crate) async fn sign_in(&self, identifier: &str) -> cairn_access::auth::SignedIn {
        self.access.sign_in(&credentials(identifier, PASSWORD), home_ip(), Actor::public()).await.unwrap()
    }
}

async fn open(store: &Store, data: &Path, clock: &Arc<FixedClock>) -> AccessControl {
    let secret = SecretKey::load(None, data).unwrap();
    AccessControl::open(store.clone(), &secret, "default", Passwords::new(4), clock.clone()).await.unwrap()
}

pub(crate) fn credentials(identifier: &str, password: &str) -> Json {
    serde_json::json!({ "identifier": identifier, "password": password })
}

pub(crate) fn home_ip() -> IpAddr {
    "192.0.2.7".parse().unwrap()
}

/// Status, name and message of an error, as a client sees them.
pub(crate) fn to_response<T>(result: Result<T, AuthError>) -> (u16, &'static str, String) {
    match result {
        Ok(_) => (200, "", String::new()),
        Err(e) => (e.kind().status(), e.kind().name(), e.message()),
    }
}
