//! A project in a temporary folder, for tests: content types and components from JSON, a database, a clock that stands still.

mod fake_hooks;

pub(crate) use fake_hooks::{FakeHooks, amend, before_hook, prepare_hook, refuse};

use crate::{Content, ContentError, RefusalKind, RequestContext, Result};
use cairn_access::{AccessControl, FixedClock, Passwords, SecretKey};
use cairn_assets::IncomingFile;
use cairn_model::TypeId;
use cairn_query::{Access, AccessRule, Action, Query};
use cairn_store::content::DocumentRow;
use cairn_store::events::Actor;
use cairn_store::{Database, Store, StoreOptions, WriteTx};
use cairn_testkit::TestDatabase;
use chrono::{DateTime, TimeDelta};
use serde_json::{Value as Json, json};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use tempfile::TempDir;

/// A query that lives as long as the test program: tests make few.
pub(crate) fn parse_test_query(text: &str) -> &'static Query {
    if text.is_empty() { Query::empty() } else { Box::leak(Box::new(Query::from_text(text))) }
}

pub(crate) struct ContentFixture {
    pub(crate) content: Content,
    clock: Arc<FixedClock>,
    _database: TestDatabase,
    _dir: TempDir,
}

/// An uploaded text whose content is its name.
pub(crate) fn incoming_text(folder: &Path, name: &str) -> IncomingFile {
    let mut temp = tempfile::NamedTempFile::new_in(folder).unwrap();
    temp.write_all(name.as_bytes()).unwrap();
    IncomingFile {
        file_name: name.into(),
        given_name: None,
        declared_mime: Some("text/plain".into()),
        temp: temp.into_temp_path(),
        sha256: None,
        replaces: None,
    }
}

/// How to open a test's database.
pub(crate) fn store_options(database: &TestDatabase) -> StoreOptions {
    StoreOptions { database: Database::parse(database.url(), Path::new("")).unwrap() }
}

impl ContentFixture {
    /// Creates a project with content types (singular name, schema without `info`; the plural ends in s) and components (uid, attributes).
    pub(crate) async fn new(types: &[(&str, Json)], components: &[(&str, Json)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("content-types");
        let write = |folder: std::path::PathBuf, file: String, schema: Json| {
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(file), schema.to_string()).unwrap();
        };
        for (name, schema) in types {
            let mut schema = schema.clone();
            schema["collectionName"] = json!(format!("{name}s"));
            schema["info"] = json!({ "singularName": name, "pluralName": format!("{name}s"), "displayName": name });
            write(root.join(format!("api/{name}/content-types/{name}")), "schema.json".into(), schema);
        }
        for (uid, attributes) in components {
            let (category, name) = uid.split_once('.').unwrap();
            let schema = json!({ "info": { "displayName": name }, "attributes": attributes });
            write(root.join(format!("components/{category}")), format!("{name}.json"), schema);
        }
        let loaded = cairn_model::load::load_project(dir.path()).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let database = TestDatabase::new(dir.path());
        let store = Store::open(store_options(&database), Arc::new(loaded.registry)).unwrap();
        let secret = SecretKey::load(None, dir.path()).unwrap();
        let clock = Arc::new(FixedClock::starting_at(DateTime::from_timestamp(1_735_725_600, 0).unwrap()));
        let access = AccessControl::open(store, &secret, "default", Passwords::new(2), clock.clone()).await.unwrap();
        Self { content: Content::new(access), clock, _database: database, _dir: dir }
    }

    pub(crate) fn type_id(&self, route: &str) -> TypeId {
        self.content.by_route(route).unwrap_or_else(|| panic!("no type {route}")).id
    }

    pub(crate) fn request_context<'a>(&self, access: &'a Arc<Access>, route: &str, query: &str) -> RequestContext<'a> {
        let query = parse_test_query(query);
        RequestContext { access, content_type: self.type_id(route), query, default_locale: "en", actor: public_actor() }
    }

    pub(crate) fn advance_clock(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// Sends a POST; returns the entry.
    pub(crate) async fn create_as(&self, access: &Arc<Access>, target: &str, data: Json) -> Result<Json> {
        let (route, query) = split_target(target);
        let response =
            self.content.create(self.request_context(access, route, query), Some(json!({ "data": data }))).await?;
        Ok(parse_entry(&response.body))
    }

    /// Sends a PUT to `route?query`, for a single type if there is no id; returns the entry.
    pub(crate) async fn update_as(&self, access: &Arc<Access>, target: &str, id: &str, data: Json) -> Result<Json> {
        let (route, query) = split_target(target);
        let context = self.request_context(access, route, query);
        let body = Some(json!({ "data": data }));
        let changed = match id {
            "" => self.content.update_single(context, body, None).await?,
            id => self.content.update(context, id, body, None).await?,
        };
        Ok(parse_entry(&changed.body))
    }

    /// Sends a POST with full access; returns the document.
    pub(crate) async fn create(&self, target: &str, data: Json) -> String {
        let created = self.create_as(&full_access(), target, data).await.unwrap();
        created["documentId"].as_str().unwrap().to_owned()
    }

    /// Sends a PUT with full access; returns the entry.
    pub(crate) async fn update(&self, target: &str, id: &str, data: Json) -> Json {
        self.update_as(&full_access(), target, id, data).await.unwrap()
    }

    pub(crate) async fn delete_as(&self, access: &Arc<Access>, target: &str, id: &str) -> Result<()> {
        let (route, query) = split_target(target);
        self.content.delete(self.request_context(access, route, query), id, None).await
    }

    /// Sends a GET for one document with full access; null if it does not exist.
    pub(crate) fn get(&self, target: &str, id: &str) -> Json {
        let (route, query) = split_target(target);
        let access = full_access();
        match self.content.find_one(self.request_context(&access, route, query), id) {
            Ok(response) => parse_entry(&response.body),
            Err(ContentError::Refused(r)) if r.kind == RefusalKind::NotFound => Json::Null,
            Err(other) => panic!("{other:?}"),
        }
    }

    /// Adds hooks that every change has to pass.
    pub(crate) fn add_hooks(&mut self, hooks: FakeHooks) -> Arc<FakeHooks> {
        let hooks = Arc::new(hooks);
        self.content = self.content.clone().with_hooks(hooks.clone());
        hooks
    }

    /// Every version of a document.
    pub(crate) async fn rows(&self, route: &str, id: &str) -> Vec<DocumentRow> {
        let (ct, id) = (self.type_id(route), id.to_owned());
        self.write(move |tx| {
            Ok([tx.reader().documents().find_rows(ct, &id, false)?, tx.reader().documents().find_rows(ct, &id, true)?]
                .concat())
        })
        .await
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut WriteTx<'_>) -> Result<T> + Clone + Send + 'static,
    ) -> T {
        self.content.store().write(write).await.unwrap()
    }

    /// Access with only these permissions: routes with action and condition.
    pub(crate) fn access_to(&self, rights: &[(&str, Action, Option<Json>)]) -> Arc<Access> {
        let rule = |condition: &Option<Json>| AccessRule { condition: condition.clone().map(Arc::new), fields: None };
        let rules = rights.iter().map(|(route, action, c)| ((self.type_id(route), *action), rule(c))).collect();
        Arc::new(Access {
            key: format!("{rights:?}").into(),
            rules: Arc::new(rules),
            read_drafts: true,
            ..Access::none()
        })
    }
}

pub(crate) fn full_access() -> Arc<Access> {
    Arc::new(Access::full())
}

/// Class, message and details of a refusal.
pub(crate) fn expect_refusal<T: std::fmt::Debug>(result: Result<T>) -> (RefusalKind, String, Json) {
    match result {
        Err(ContentError::Refused(r)) => (r.kind, r.message, r.details),
        other => panic!("{other:?}"),
    }
}

fn split_target(target: &str) -> (&str, &str) {
    target.split_once('?').unwrap_or((target, ""))
}

fn parse_entry(body: &[u8]) -> Json {
    let mut body: Json = serde_json::from_slice(body).unwrap();
    body["data"].take()
}

/// The actor for callers who are not signed in.
pub(crate) fn public_actor() -> &'static Arc<Actor> {
    static PUBLIC_ACTOR: LazyLock<Arc<Actor>> = LazyLock::new(|| Arc::new(Actor::public()));
    &PUBLIC_ACTOR
}
