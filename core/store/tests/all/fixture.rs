//! A store over a database file and schema files of its own.

use cairn_model::Registry;
use cairn_query::{Access, Action, ParamError, PlannedQuery, QueryLimits, QueryRequest};
use cairn_store::content::{CompiledPlan, PageSummary};
use cairn_store::{Database, Store, StoreError, StoreOptions};
use cairn_testkit::TestDatabase;
use serde_json::{Value as Json, json};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// A store, and the folder it lies in.
pub(crate) struct StoreFixture {
    pub(crate) store: Store,
    database: TestDatabase,
    _folder: Arc<tempfile::TempDir>,
}

/// How to open a test's database.
fn options(database: &TestDatabase) -> StoreOptions {
    StoreOptions { database: Database::parse(database.url(), std::path::Path::new("")).unwrap() }
}

impl StoreFixture {
    /// A fixture with these content types (singular name, schema without `info`) and components (uid, attributes) on every database there is.
    pub(crate) fn on_every_database(types: &[(&str, Json)], components: &[(&str, Json)]) -> Vec<Self> {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        for (name, schema) in types {
            let mut schema = schema.clone();
            schema["info"] = json!({"singularName": name, "pluralName": format!("{name}s"), "displayName": name});
            let path = format!("content-types/api/{name}/content-types/{name}/schema.json");
            write(&folder.path().join(path), &schema.to_string());
        }
        for (uid, attributes) in components {
            let (category, name) = uid.split_once('.').unwrap();
            let path = format!("content-types/components/{category}/{name}.json");
            let schema = json!({"info": {"displayName": name}, "attributes": attributes});
            write(&folder.path().join(path), &schema.to_string());
        }
        let databases = TestDatabase::all_kinds(folder.path());
        databases.into_iter().map(|database| Self::open_on(folder.clone(), database)).collect()
    }

    /// Of the planner's sample model.
    pub(crate) fn newsroom() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../query/tests/model/content-types");
        copy(&model, &folder.path().join("content-types"));
        let database = TestDatabase::new(folder.path());
        Self::open_on(Arc::new(folder), database)
    }

    fn open_on(folder: Arc<tempfile::TempDir>, database: TestDatabase) -> Self {
        let loaded = cairn_model::load::load_project(folder.path()).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let store = Store::open(options(&database), Arc::new(loaded.registry)).unwrap();
        Self { store, database, _folder: folder }
    }

    pub(crate) fn registry(&self) -> &Registry {
        self.store.registry()
    }

    /// Plans a query string on a route.
    pub(crate) fn plan(
        &self,
        access: &Access,
        action: Action,
        route: &str,
        query: &str,
    ) -> Result<PlannedQuery, ParamError> {
        let content_type = self.registry().by_route(route).unwrap_or_else(|| panic!("no type {route}")).id;
        let request = QueryRequest {
            registry: self.registry(),
            access,
            action,
            content_type,
            default_locale: "en",
            limits: QueryLimits::default(),
            lenient: false,
        };
        cairn_query::plan_query(&request, &cairn_query::Query::from_text(query))
    }

    /// The steps by which SQLite would run a list; `None` on other databases.
    pub(crate) fn explain_list(&self, planned: &PlannedQuery) -> Option<String> {
        let path = self.database.url().strip_prefix("sqlite:")?;
        let conn = rusqlite::Connection::open(path).unwrap();
        let list = self.store.compile_plan(&planned.plan, "en").statements().remove(0);
        let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {list}")).unwrap();
        // The statement has no values: its steps are the same for all of them.
        let steps = statement.raw_query().mapped(|row| row.get::<_, String>(3));
        Some(steps.map(Result::unwrap).collect::<Vec<_>>().join("\n"))
    }

    /// Runs SQL beside the store.
    pub(crate) fn run_sql(&self, sql: &str) {
        match self.database.file() {
            Some(file) => rusqlite::Connection::open(file).unwrap().execute_batch(sql).unwrap(),
            None => self.database.run_sql(&format!("SET search_path TO \"{{schema}}\"; {sql}")),
        }
    }

    /// Name of the database that it is on.
    pub(crate) fn database_name(&self) -> &'static str {
        if self.database.is_postgres() { "PostgreSQL" } else { "SQLite" }
    }

    /// As [`Self::list_as_text`], read.
    pub(crate) fn list_entries(&self, planned: &PlannedQuery) -> Result<(Json, PageSummary), StoreError> {
        let (text, summary) = self.list_as_text(planned)?;
        Ok((serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}")), summary))
    }

    /// Compiles and runs a list; the JSON array. What is compiled without the plan's values has to answer the same.
    pub(crate) fn list_as_text(&self, planned: &PlannedQuery) -> Result<(String, PageSummary), StoreError> {
        let stamp = self.store.counters().stamp(&planned.touched);
        let run = |compiled: &CompiledPlan| {
            let mut out = Vec::new();
            let summary = self.store.read(|r| r.entries().write_list(compiled, stamp, &mut out))?;
            Ok::<_, StoreError>((String::from_utf8(out).expect("answers are UTF-8"), summary))
        };
        let found = run(&self.store.compile_plan(&planned.plan, "en"))?;
        let mut plan = planned.plan.clone();
        let values = plan.take_values();
        let shape = Arc::new(self.store.compile_shape(&plan, "en"));
        assert_eq!(run(&shape.with_values(values))?, found, "{plan:?}");
        Ok(found)
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
