//! A project with files, for tests: localised pages with media at every depth, notes without drafts, a clock that stands. On the kind of
//! database that the environment asks for.

use crate::Library;
use crate::resumable::{Resumable, Sender};
use cairn_access::settings::{apply, parse};
use cairn_access::{AccessControl, Clock, FixedClock, Passwords, SecretKey};
use cairn_assets::{BlobStore, Folder, Incoming, Limits};
use cairn_content::{Ask, Content, ContentError, FileInfo, Refusal, Result, Upload};
use cairn_query::Access;
use cairn_store::assets::Asset;
use cairn_store::events::{Actor, Event, Placed};
use cairn_store::{Database, Options, Store};
use cairn_testkit::TestDatabase;
use chrono::{DateTime, TimeDelta};
use serde_json::{Value as Json, json};
use std::fs;
use std::sync::Arc;
use tempfile::TempDir;

/// 2026-06-01T10:00:00Z.
pub(crate) const START: i64 = 1_780_308_000;
/// The largest file.
pub(crate) const LARGEST: u64 = 100_000_000;

pub(crate) struct Project {
    pub(crate) library: Library,
    pub(crate) resumable: Resumable,
    pub(crate) content: Content,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) dir: TempDir,
    blobs: Arc<dyn BlobStore>,
    _database: TestDatabase,
}

impl Project {
    pub(crate) async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("content-types");
        let own = |mut attribute: Json| {
            attribute["pluginOptions"] = json!({ "i18n": { "localized": true } });
            attribute
        };
        let page = json!({
            "title": own(json!({ "type": "string" })),
            "body": own(json!({ "type": "richtext" })),
            "story": own(json!({ "type": "blocks" })),
            "cover": own(json!({ "type": "media", "multiple": false })),
            "gallery": own(json!({ "type": "media", "multiple": true })),
            "seo": own(json!({ "type": "component", "component": "a.seo" })),
            "zone": own(json!({ "type": "dynamiczone", "components": ["a.figure", "a.seo"] })),
        });
        let note = json!({ "name": { "type": "string" }, "file": { "type": "media", "multiple": false } });
        for (name, drafts, attributes) in [("page", true, page), ("note", false, note)] {
            let folder = root.join(format!("api/{name}/content-types/{name}"));
            fs::create_dir_all(&folder).unwrap();
            let schema = json!({
                "kind": "collectionType", "collectionName": format!("{name}s"), "options": { "draftAndPublish": drafts },
                "info": { "singularName": name, "pluralName": format!("{name}s"), "displayName": name },
                "pluginOptions": { "i18n": { "localized": name == "page" } }, "attributes": attributes,
            });
            fs::write(folder.join("schema.json"), schema.to_string()).unwrap();
        }
        fs::create_dir_all(root.join("components/a")).unwrap();
        for (name, attributes) in [
            (
                "figure",
                json!({ "text": { "type": "richtext" }, "pictures": { "type": "media", "multiple": true }, "seo": { "type": "component", "component": "a.seo" } }),
            ),
            ("seo", json!({ "title": { "type": "string" }, "picture": { "type": "media", "multiple": false } })),
        ] {
            let schema = json!({ "info": { "displayName": name }, "attributes": attributes });
            fs::write(root.join(format!("components/a/{name}.json")), schema.to_string()).unwrap();
        }
        let registry = cairn_model::load::load(dir.path()).unwrap_or_else(|p| panic!("{p:#?}")).registry;
        let database = TestDatabase::new(dir.path());
        let options = Options { database: Database::parse(database.url(), std::path::Path::new("")).unwrap() };
        let store = Store::open(options, Arc::new(registry)).unwrap();
        let secret = SecretKey::load(None, dir.path()).unwrap();
        let clock = Arc::new(FixedClock::at(DateTime::from_timestamp(START, 0).unwrap()));
        let access = AccessControl::open(store, &secret, "default", Passwords::new(2), clock.clone() as Arc<dyn Clock>)
            .await
            .unwrap();
        let content = Content::new(access.clone());
        let locales = json!({ "locales": { "default": "en", "available": ["en", "nl"] } }).to_string();
        apply(&access, parse(&locales, content.registry(), &|_| None).unwrap()).await.unwrap();
        let blobs: Arc<dyn BlobStore> = Arc::new(Folder::open(&dir.path().join("uploads")).unwrap());
        let library = Library::new(content.clone(), access.clone());
        let pieces = dir.path().join("pieces");
        let resumable = Resumable::new(content.clone(), access, blobs.clone(), pieces, LARGEST);
        Self { library, resumable, content, clock, dir, blobs, _database: database }
    }

    pub(crate) fn store(&self) -> &Store {
        self.content.store()
    }

    pub(crate) fn actor(&self) -> Arc<Actor> {
        Arc::new(Actor::admin(7, "anna@example.com"))
    }

    pub(crate) fn sender(&self, owner: &str) -> Sender {
        Sender { owner: owner.into(), access: Arc::new(Access::full()), actor: Actor::admin(7, "anna@example.com") }
    }

    pub(crate) fn after(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    fn ask<'a>(&self, access: &'a Arc<Access>, actor: &'a Arc<Actor>, route: &str, query: &'a str) -> Ask<'a> {
        let content_type = self.content.by_route(route).map_or(self.content.registry().file().id, |t| t.id);
        Ask { access, content_type, query, default_locale: "en", actor }
    }

    /// Adds a file of that name and content; its document. The clock moves on by a second.
    pub(crate) async fn add(&self, name: &str, bytes: &[u8]) -> String {
        self.after(1);
        let mut temp = tempfile::NamedTempFile::new_in(self.dir.path()).unwrap();
        std::io::Write::write_all(&mut temp, bytes).unwrap();
        let kind = if name.ends_with(".png") { "image/png" } else { "text/plain" };
        let incoming = Incoming {
            file_name: name.into(),
            given_name: None,
            declared_mime: Some(kind.into()),
            temp: temp.into_temp_path(),
            sha256: None,
            replaces: None,
        };
        let (access, actor) = (Arc::new(Access::full()), self.actor());
        let ask = self.ask(&access, &actor, "", "");
        let upload = vec![Upload { incoming, info: FileInfo::default() }];
        let limits = Limits { max_bytes: LARGEST };
        let document = self.content.add_files(&ask, self.blobs.clone(), limits, upload, None).await.unwrap().remove(0);
        self.call(&document, if name.ends_with(".png") { "image" } else { "document" }).await;
        document
    }

    /// Calls a file what its name says: the bytes of these files say nothing.
    async fn call(&self, document: &str, kind: &str) {
        let (document, kind) = (document.to_owned(), kind.to_owned());
        self.store()
            .write(move |tx| {
                let there = tx.reader().asset(&document)?.unwrap();
                tx.put_asset(&Asset { kind: kind.clone(), ..there })
            })
            .await
            .unwrap();
    }

    pub(crate) async fn create(&self, target: &str, data: Json) -> String {
        let (route, query) = target.split_once('?').unwrap_or((target, ""));
        let (access, actor) = (Arc::new(Access::full()), self.actor());
        let made = self.content.create(self.ask(&access, &actor, route, query), Some(json!({ "data": data }))).await;
        made.unwrap().document_id
    }

    pub(crate) async fn update(&self, target: &str, id: &str, data: Json) {
        let (route, query) = target.split_once('?').unwrap_or((target, ""));
        let (access, actor) = (Arc::new(Access::full()), self.actor());
        let ask = self.ask(&access, &actor, route, query);
        self.content.update(ask, id, Some(json!({ "data": data })), None).await.unwrap();
    }

    /// The row number of a file, by which content is linked to it.
    pub(crate) fn number(&self, document: &str) -> Json {
        self.library.file(document).unwrap()["id"].clone()
    }

    /// Documents of a page of the library.
    pub(crate) fn listed(&self, asked: Json) -> Vec<String> {
        let (files, _) = self.library.list(&crate::read(asked).unwrap()).unwrap();
        files.iter().map(|f| f["name"].as_str().unwrap_or_default().to_owned()).collect()
    }

    pub(crate) async fn folder(&self, name: &str, parent: i64) -> i64 {
        let input = crate::read(json!({ "name": name, "parent": parent })).unwrap();
        self.library.make_folder(&self.actor(), input).await.unwrap()["id"].as_i64().unwrap()
    }

    pub(crate) async fn bulk(&self, bulk: Json) -> Result<Json> {
        self.library.bulk(&self.actor(), crate::read(bulk).unwrap()).await
    }

    pub(crate) async fn change(&self, document: &str, change: Json) -> Result<Json> {
        self.library.change(&self.actor(), document, crate::read(change)?).await
    }

    /// Names of the events of the library, in order.
    pub(crate) async fn told(&self) -> Vec<String> {
        while self.store().place_events().await.unwrap() != Placed::All {}
        let all: Vec<Event> = self.store().read(|r| r.events_after(0, 10_000)).unwrap();
        all.into_iter().filter_map(|e| e.event.name.strip_prefix("cairn.asset.").map(str::to_owned)).collect()
    }
}

/// The refusal of something.
#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T>) -> Refusal {
    match result {
        Err(ContentError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

/// That it is refused, and what the message says.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T>, part: &str) {
    let refusal = refusal(result);
    assert!(refusal.message.contains(part), "{part}: {refusal:?}");
}
