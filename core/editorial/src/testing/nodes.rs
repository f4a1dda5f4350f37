//! A project for tests: localised pages and notes with drafts, a clock that tests move, any number of nodes on one database.

use crate::{Notice, NoticeConsumer, NoticeSender, RequestedTime};
use cairn_access::{AccessControl, Clock, FixedClock, Passwords, SecretKey};
use cairn_content::{Content, ContentError, Refusal, RequestContext, Result};
use cairn_events::{Consumer, Engine, EngineSetup, JobHandler, Subscriber, TransactionalConsumer};
use cairn_model::{Registry, TypeId};
use cairn_query::{Access, Query};
use cairn_store::events::{Actor, Event, EventFilter};
use cairn_store::{Database, Store, StoreError, StoreOptions, WriteTx};
use cairn_testkit::TestDatabase;
use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// The time at which tests begin.
pub(crate) const START_TIME: &str = "2026-03-20T12:00:00Z";

pub(crate) struct EditorialProject {
    pub(crate) content: Content,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) actor: Arc<Actor>,
    registry: Arc<Registry>,
    database: TestDatabase,
    dir: TempDir,
}

impl EditorialProject {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = TestDatabase::new(dir.path());
        Self::on_database(dir, database).await
    }

    /// A project on every database that is available.
    pub(crate) async fn on_every_database() -> Vec<Self> {
        let dir = tempfile::tempdir().unwrap();
        let kinds = TestDatabase::all_kinds(dir.path()).len();
        let mut all = Vec::new();
        for kind in 0..kinds {
            let dir = tempfile::tempdir().unwrap();
            let database = TestDatabase::all_kinds(dir.path()).swap_remove(kind);
            all.push(Self::on_database(dir, database).await);
        }
        all
    }

    async fn on_database(dir: TempDir, database: TestDatabase) -> Self {
        write_schema(dir.path(), "note", false, json!({ "text": { "type": "string", "required": true } }));
        let local = |kind: Json, own: bool| {
            let mut kind = kind;
            kind["pluginOptions"] = json!({ "i18n": { "localized": own } });
            kind
        };
        let notes = json!({ "type": "relation", "relation": "manyToMany", "target": "api::note.note" });
        let page = json!({
            "title": local(json!({ "type": "string", "required": true }), true),
            "slug": local(json!({ "type": "string", "unique": true }), true),
            "secret": local(json!({ "type": "password" }), true),
            "rank": local(json!({ "type": "integer" }), false),
            "notes": local(notes, true),
            "parts": local(json!({ "type": "component", "component": "a.part", "repeatable": true }), true),
        });
        write_schema(dir.path(), "page", true, page);
        let folder = dir.path().join("content-types/components/a");
        std::fs::create_dir_all(&folder).unwrap();
        let part = json!({ "info": { "displayName": "part" }, "attributes": {
            "text": { "type": "string" }, "price": { "type": "decimal" },
            "note": { "type": "relation", "relation": "oneToOne", "target": "api::note.note" } } });
        std::fs::write(folder.join("part.json"), part.to_string()).unwrap();
        let loaded = cairn_model::load::load_project(dir.path()).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let registry = Arc::new(loaded.registry);
        let clock = Arc::new(FixedClock::starting_at(START_TIME.parse().unwrap()));
        let content = open_content(&database, &registry, dir.path(), &clock).await;
        let actor = Arc::new(Actor::admin(7, "anna@example.com"));
        Self { content, clock, actor, registry, database, dir }
    }

    /// The content on a further node; on the same one if there can be only one.
    pub(crate) async fn another_node(&self) -> Content {
        if !self.database.is_postgres() {
            return self.content.clone();
        }
        open_content(&self.database, &self.registry, self.dir.path(), &self.clock).await
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Sets the clock.
    pub(crate) fn set_time(&self, time: &str) {
        let time: DateTime<Utc> = time.parse().unwrap();
        self.clock.advance(time - self.now());
    }

    pub(crate) fn advance_by(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    pub(crate) fn type_id(&self, route: &str) -> TypeId {
        self.content.by_route(route).unwrap().id
    }

    pub(crate) fn store(&self) -> &Store {
        self.content.store()
    }

    /// Creates an engine with these handlers.
    pub(crate) fn engine_with(&self, handlers: Vec<Arc<dyn JobHandler>>) -> Arc<Engine> {
        build_engine(&self.content, &self.clock, handlers)
    }

    pub(crate) async fn create(&self, target: &str, data: Json) -> String {
        let (route, query) = target.split_once('?').unwrap_or((target, ""));
        let access = Arc::new(Access::full());
        let response = self
            .content
            .create(self.request_context(&access, route, query), Some(json!({ "data": data })))
            .await
            .unwrap();
        response.document_id
    }

    pub(crate) async fn update(&self, target: &str, id: &str, data: Json) {
        let (route, query) = target.split_once('?').unwrap_or((target, ""));
        let access = Arc::new(Access::full());
        let context = self.request_context(&access, route, query);
        self.content.update(context, id, Some(json!({ "data": data })), None).await.unwrap();
    }

    pub(crate) async fn delete(&self, target: &str, id: &str) {
        let (route, query) = target.split_once('?').unwrap_or((target, ""));
        let access = Arc::new(Access::full());
        self.content.delete(self.request_context(&access, route, query), id, None).await.unwrap();
    }

    /// Gets an entry; null if it does not exist.
    pub(crate) fn get(&self, target: &str, id: &str) -> Json {
        let (route, query) = target.split_once('?').unwrap_or((target, ""));
        let access = Arc::new(Access::full());
        match self.content.find_one(self.request_context(&access, route, query), id) {
            Ok(response) => serde_json::from_slice::<Json>(&response.body).unwrap()["data"].take(),
            Err(_) => Json::Null,
        }
    }

    fn request_context<'a>(&'a self, access: &'a Arc<Access>, route: &str, query: &str) -> RequestContext<'a> {
        // A test makes few, which live as long as its program.
        let query = Box::leak(Box::new(Query::from_text(query)));
        RequestContext { access, content_type: self.type_id(route), query, default_locale: "en", actor: &self.actor }
    }

    /// The notices for all events so far.
    pub(crate) async fn collect_notices(&self) -> Vec<Notice> {
        let sender = Arc::new(RecordingSender::default());
        let clock: Arc<dyn Clock> = self.clock.clone();
        let subscribers =
            vec![Subscriber::Transactional(Arc::new(ReplayingConsumer(NoticeConsumer::new(sender.clone()))))];
        let setup = EngineSetup {
            store: self.store().clone(),
            clock,
            subscribers,
            handlers: Vec::new(),
            node: "test:run".into(),
            quiet: Default::default(),
        };
        Engine::new(setup).run_until_idle().await.unwrap();
        std::mem::take(&mut *sender.0.lock())
    }

    /// Events whose names begin with `name`, in order.
    pub(crate) fn events_named(&self, name: &str) -> Vec<Event> {
        let filter = EventFilter { name: Some(format!("{name}*")), ..EventFilter::default() };
        let mut all = self.store().read(|r| r.events().list(&filter, None, 100_000)).unwrap();
        all.reverse();
        all
    }
}

pub(crate) fn build_engine(
    content: &Content,
    clock: &Arc<FixedClock>,
    handlers: Vec<Arc<dyn JobHandler>>,
) -> Arc<Engine> {
    let clock: Arc<dyn Clock> = clock.clone();
    Engine::new(EngineSetup {
        store: content.store().clone(),
        clock,
        subscribers: Vec::new(),
        handlers,
        node: "test:run".into(),
        quiet: Default::default(),
    })
}

async fn open_content(
    database: &TestDatabase,
    registry: &Arc<Registry>,
    dir: &Path,
    clock: &Arc<FixedClock>,
) -> Content {
    let options = StoreOptions { database: Database::parse(database.url(), Path::new("")).unwrap() };
    let store = Store::open(options, registry.clone()).unwrap();
    let secret = SecretKey::load(None, dir).unwrap();
    let access = AccessControl::open(store, &secret, "default", Passwords::new(1), clock.clone()).await.unwrap();
    Content::new(access)
}

fn write_schema(dir: &Path, name: &str, localized: bool, attributes: Json) {
    let folder = dir.join(format!("content-types/api/{name}/content-types/{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    let schema = json!({
        "kind": "collectionType", "collectionName": format!("{name}s"), "options": { "draftAndPublish": true },
        "info": { "singularName": name, "pluralName": format!("{name}s"), "displayName": name },
        "pluginOptions": { "i18n": { "localized": localized } }, "attributes": attributes,
    });
    std::fs::write(folder.join("schema.json"), schema.to_string()).unwrap();
}

pub(crate) fn local_when(local_time: &str, zone: &str) -> RequestedTime {
    RequestedTime { local_time: local_time.into(), zone: zone.into(), fold: None }
}

pub(crate) fn expect_refusal<T: std::fmt::Debug>(result: Result<T>) -> Refusal {
    match result {
        Err(ContentError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

/// A notifier that records its notices.
#[derive(Default)]
struct RecordingSender(Mutex<Vec<Notice>>);

impl NoticeSender for RecordingSender {
    fn notify(&self, _: &mut WriteTx<'_>, notice: &Notice, _: i64) -> Result<(), StoreError> {
        self.0.lock().push(notice.clone());
        Ok(())
    }
}

/// [`NoticeConsumer`] that also receives events from before it was added.
struct ReplayingConsumer(NoticeConsumer);

impl Consumer for ReplayingConsumer {
    fn name(&self) -> &str {
        self.0.name()
    }
    fn receives_past_events(&self) -> bool {
        true
    }
    fn wants_event(&self, event: &Event) -> bool {
        self.0.wants_event(event)
    }
}

impl TransactionalConsumer for ReplayingConsumer {
    fn apply_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError> {
        self.0.apply_events(tx, events)
    }
}
