//! A project for tests: pages with pictures in every place, a clock that is moved, any number of nodes on one database.

use crate::{
    ConsentDetailsView, FileLicensingView, LicenceDetailsView, LicensingGate, LicensingPolicy, LicensingService,
    LicensingSweep, LinkedRecordsView, SWEEP_JOB, WithdrawnConsentView,
};
use cairn_access::{AccessControl, Clock, FixedClock, Passwords, SecretKey};
use cairn_content::{Content, ContentError, Refusal, RequestContext, Result};
use cairn_events::{Engine, EngineSetup};
use cairn_model::{Registry, Value};
use cairn_query::{Access, Query};
use cairn_store::assets::{Asset, AssetBlob, ImageAppearance};
use cairn_store::content::NewDocumentRow;
use cairn_store::events::{Actor, CronRow, Event, EventPlacement, MissedRuns};
use cairn_store::{Database, Store, StoreError, StoreOptions, WriteTx};
use cairn_testkit::TestDatabase;
use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// When tests begin.
pub(crate) const START_TIME: &str = "2026-06-01T10:00:00Z";
pub(crate) const PAGE_UID: &str = "api::page.page";

pub(crate) struct LicensingFixture {
    pub(crate) content: Content,
    pub(crate) rights: LicensingService,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) actor: Arc<Actor>,
    registry: Arc<Registry>,
    database: TestDatabase,
    dir: TempDir,
}

impl LicensingFixture {
    /// One on every database that there is.
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
        let attributes = json!({
            "title": { "type": "string" }, "body": { "type": "richtext" }, "text": { "type": "blocks" },
            "cover": { "type": "media", "multiple": false }, "gallery": { "type": "media", "multiple": true },
            "seo": { "type": "component", "component": "a.part" },
            "parts": { "type": "dynamiczone", "components": ["a.part", "a.box"] },
        });
        write_type(dir.path(), "page", json!({ "draftAndPublish": true }), attributes.clone());
        write_type(
            dir.path(),
            "product",
            json!({ "draftAndPublish": true, "cairn": { "channel": "shop" } }),
            attributes,
        );
        let part = json!({ "info": { "displayName": "part" }, "attributes": { "picture": { "type": "media", "multiple": false }, "note": { "type": "richtext" } } });
        let inner = json!({ "info": { "displayName": "box" }, "attributes": { "inner": { "type": "component", "component": "a.part", "repeatable": true } } });
        let folder = dir.path().join("content-types/components/a");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("part.json"), part.to_string()).unwrap();
        std::fs::write(folder.join("box.json"), inner.to_string()).unwrap();
        let registry = cairn_model::load::load_project(dir.path()).unwrap_or_else(|p| panic!("{p:#?}")).registry;
        let registry = Arc::new(registry);
        let start: DateTime<Utc> = START_TIME.parse().unwrap();
        let clock = Arc::new(FixedClock::starting_at(start));
        let (content, rights) = open_content(&database, &registry, dir.path(), &clock).await;
        let now = cairn_access::format_iso(clock.now());
        let people = [("root", "super-admin"), ("dam", "dam-manager"), ("ed", "editor")];
        content
            .store()
            .write(move |tx| {
                let email = |name: &str| format!("{name}@example.com");
                people
                    .iter()
                    .try_for_each(|(name, role)| tx.admin_users().save(&email(name), "x", &[(*role).to_owned()], &now))
            })
            .await
            .unwrap();
        let actor = Arc::new(Actor::admin(2, "dam@example.com"));
        Self { content, rights, clock, actor, registry, database, dir }
    }

    /// Another node on the same database, by the same clock.
    pub(crate) async fn another_node(&self) -> (Content, LicensingService) {
        open_content(&self.database, &self.registry, self.dir.path(), &self.clock).await
    }

    pub(crate) fn store(&self) -> &Store {
        self.content.store()
    }

    pub(crate) fn set_time(&self, time: &str) {
        let time: DateTime<Utc> = time.parse().unwrap();
        self.clock.advance(time - self.clock.now());
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }

    pub(crate) fn user_id(&self, name: &str) -> i64 {
        let all = self.store().read(|r| r.admin_users().list()).unwrap();
        all.into_iter().find(|u| u.email == format!("{name}@example.com")).unwrap().id
    }

    /// A file of that name, its document as well; derived from another, where one is named.
    pub(crate) async fn add_file(&self, name: &str, from: Option<&str>) {
        self.add_files(&[name], from).await;
    }

    pub(crate) async fn add_files(&self, names: &[&str], from: Option<&str>) {
        let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        let from = from.map(str::to_owned);
        let add = move |tx: &mut WriteTx<'_>| names.iter().try_for_each(|name| add_file(tx, name, from.as_deref()));
        self.store().write(add).await.unwrap();
    }

    pub(crate) async fn create_licence(&self, input: Json) -> Result<LicenceDetailsView> {
        self.rights.create_licence(&self.actor, crate::read_input(input)?).await
    }

    pub(crate) async fn change_right(&self, id: i64, input: Json) -> Result<LicenceDetailsView> {
        self.rights.change_right(&self.actor, id, crate::read_input(input)?).await
    }

    pub(crate) async fn create_consent(&self, input: Json) -> Result<ConsentDetailsView> {
        self.rights.create_consent(&self.actor, crate::read_input(input)?).await
    }

    pub(crate) async fn withdraw_consent(&self, id: i64, input: Json) -> Result<WithdrawnConsentView> {
        self.rights.withdraw_consent(&self.actor, id, crate::read_input(input)?).await
    }

    pub(crate) async fn link_records(&self, input: Json) -> Result<LinkedRecordsView> {
        self.rights.link_records(&self.actor, crate::read_input(input)?).await
    }

    pub(crate) async fn set_file(&self, file: &str, input: Json) -> Result<FileLicensingView> {
        self.rights.set_file(&self.actor, file, crate::read_input(input)?).await
    }

    pub(crate) async fn set_policy(&self, input: Json) -> Result<LicensingPolicy> {
        self.rights.set_policy(&self.actor, crate::read_input(input)?).await
    }

    pub(crate) fn timeline_of(&self, file: &str) -> crate::UsageTimeline {
        self.store().read(|r| crate::load_timeline(r, file)).unwrap()
    }

    /// How a file stands now, and whether it is delivered.
    pub(crate) fn status_of(&self, file: &str) -> (&'static str, bool) {
        let timeline = self.timeline_of(file);
        (timeline.status_at(self.now()).as_str(), timeline.is_deliverable_at(self.now()))
    }

    pub(crate) async fn create_draft(&self, route: &str, data: Json) -> String {
        let access = Arc::new(Access::full());
        let content_type = self.content.by_route(route).unwrap().id;
        let context = RequestContext {
            access: &access,
            content_type,
            query: &Query::from_text("status=draft"),
            default_locale: "en",
            actor: &self.actor,
        };
        self.content.create(context, Some(json!({ "data": data }))).await.unwrap().document_id
    }

    /// Publishes with what it is now.
    pub(crate) async fn publish_document(&self, route: &str, id: &str) -> Result<()> {
        let access = Arc::new(Access::full());
        let content_type = self.content.by_route(route).unwrap().id;
        let context = RequestContext {
            access: &access,
            content_type,
            query: &Query::from_text("status=published"),
            default_locale: "en",
            actor: &self.actor,
        };
        self.content.update(context, id, Some(json!({ "data": {} })), None).await.map(drop)
    }

    pub(crate) async fn create_published(&self, route: &str, data: Json) -> String {
        let id = self.create_draft(route, data).await;
        self.publish_document(route, &id).await.unwrap();
        id
    }

    /// An engine that sweeps each minute.
    pub(crate) async fn engine(&self, rights: &LicensingService, node: &str) -> Arc<Engine> {
        let next = (self.now() / 60_000 + 1) * 60_000;
        let row = CronRow {
            name: SWEEP_JOB.into(),
            job: SWEEP_JOB.into(),
            payload: json!({}),
            cron: "* * * * *".into(),
            zone: "UTC".into(),
            missed: MissedRuns::Once,
            next: Some(next),
            last: None,
            paused: false,
        };
        self.store().write(move |tx| tx.recurring_jobs().save(&row)).await.unwrap();
        let clock: Arc<dyn Clock> = self.clock.clone();
        Engine::new(EngineSetup {
            store: rights.store().clone(),
            clock,
            subscribers: Vec::new(),
            handlers: vec![Arc::new(LicensingSweep::new(rights.clone()))],
            node: node.into(),
            quiet: Default::default(),
        })
    }

    /// Events of rights since the last call, as `name document`.
    pub(crate) async fn event_lines(&self, after: &mut i64) -> Vec<String> {
        let events = self.new_events(after).await;
        let name = |e: &Event| format!("{} {}", e.event.name, e.event.document_id.as_deref().unwrap_or("-"));
        events.iter().map(name).collect()
    }

    /// Events of rights since the last call.
    pub(crate) async fn new_events(&self, after: &mut i64) -> Vec<Event> {
        while self.store().place_events().await.unwrap() != EventPlacement::All {}
        let all = self.store().read(|r| r.events().list_after(*after, 100_000)).unwrap();
        *after = all.last().map_or(*after, |e| e.pos);
        all.into_iter().filter(|e| !e.event.name.starts_with("cairn.")).collect()
    }

    /// Kind, recipient and count of every notification.
    pub(crate) fn list_notifications(&self) -> Vec<(String, i64, Json)> {
        let mut all = Vec::new();
        for user in ["root", "dam", "ed"] {
            let id = self.user_id(user);
            let rows = self.store().read(|r| r.notifications().list(id, false, None, None, 100)).unwrap();
            all.extend(rows.into_iter().map(|n| (n.notification.kind, id, n.notification.data)));
        }
        all
    }
}

pub(crate) fn add_file(tx: &mut WriteTx<'_>, name: &str, from: Option<&str>) -> Result<(), StoreError> {
    let registry = tx.registry();
    let ct = registry.file_type();
    let time = "2026-01-01T00:00:00.000Z".to_owned();
    let mut values = vec![Value::Null; ct.attributes.len()];
    for (key, text) in [("name", name), ("hash", name), ("mime", "image/png"), ("provider", "local"), ("size", "1")] {
        values[ct.attributes.get(key).unwrap().0] = Value::Text(text.to_owned());
    }
    values[ct.attributes.get("url").unwrap().0] = Value::Text(format!("/uploads/{name}.png"));
    let row = NewDocumentRow {
        id: 0,
        document_id: name.to_owned(),
        locale: String::new(),
        published: true,
        created_at: time.clone(),
        updated_at: time.clone(),
        version: 0,
        published_at: Some(time),
        values,
        to_one: HashMap::new(),
    };
    tx.documents().insert_row(ct.id, &row)?;
    tx.assets().save(&Asset {
        document_id: name.to_owned(),
        number: 1,
        sha256: String::new(),
        bytes: 1,
        kind: "image".into(),
        folder: 0,
        private: false,
        derived_from: from.map(str::to_owned),
        appearance: ImageAppearance::default(),
        facts: None,
        added_at: 1,
        added_by: Actor::admin(3, "ed@example.com"),
        deleted_at: None,
        deleted_by: None,
    })?;
    let blob = |variant: &str, name: String| AssetBlob {
        variant: variant.into(),
        name,
        blob: "k".into(),
        mime: "image/png".into(),
        length: 1,
    };
    tx.assets().serve_blobs(name, 1, &[blob("", format!("{name}.png")), blob("small", format!("small_{name}.png"))])
}

async fn open_content(
    database: &TestDatabase,
    registry: &Arc<Registry>,
    dir: &Path,
    clock: &Arc<FixedClock>,
) -> (Content, LicensingService) {
    let options = StoreOptions { database: Database::parse(database.url(), Path::new("")).unwrap() };
    let store = Store::open(options, registry.clone()).unwrap();
    let secret = SecretKey::load(None, dir).unwrap();
    let access = AccessControl::open(store, &secret, "default", Passwords::new(1), clock.clone()).await.unwrap();
    let clock: Arc<dyn Clock> = clock.clone();
    let content = Content::new(access.clone()).with_gates(vec![Arc::new(LicensingGate::new(clock))]);
    (content.clone(), LicensingService::new(content, access))
}

fn write_type(dir: &Path, name: &str, options: Json, attributes: Json) {
    let folder = dir.join(format!("content-types/api/{name}/content-types/{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    let schema = json!({
        "kind": "collectionType", "collectionName": format!("{name}s"), "options": options,
        "info": { "singularName": name, "pluralName": format!("{name}s"), "displayName": name }, "attributes": attributes,
    });
    std::fs::write(folder.join("schema.json"), schema.to_string()).unwrap();
}

/// The JSON that the API returns for a view.
pub(crate) fn to_json(view: impl serde::Serialize) -> Json {
    serde_json::to_value(view).unwrap()
}

#[track_caller]
pub(crate) fn expect_refusal<T: std::fmt::Debug>(result: Result<T>) -> Refusal {
    match result {
        Err(ContentError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

/// Asserts that it is refused, with a message that contains `part`.
#[track_caller]
pub(crate) fn assert_refused<T: std::fmt::Debug>(result: Result<T>, part: &str) {
    let refusal = expect_refusal(result);
    assert!(refusal.message.contains(part), "{part}: {refusal:?}");
}
