//! Databases for the tests beside the code.

use crate::{Database, Store, StoreOptions};
use cairn_testkit::TestDatabase;
use std::ops::Deref;
use std::sync::Arc;

/// A store on a database for one test, with the built-in types.
pub(crate) struct TestStore {
    store: Store,
    _database: TestDatabase,
    _folder: Arc<tempfile::TempDir>,
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

/// A store on SQLite, and one on PostgreSQL if it is available.
pub(crate) fn test_stores() -> Vec<TestStore> {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let open = |database: TestDatabase| {
        let registry = Arc::new(cairn_model::load::load_project(folder.path()).unwrap().registry);
        let options = StoreOptions { database: Database::parse(database.url(), folder.path()).unwrap() };
        TestStore { store: Store::open(options, registry).unwrap(), _database: database, _folder: folder.clone() }
    };
    TestDatabase::all_kinds(folder.path()).into_iter().map(open).collect()
}
