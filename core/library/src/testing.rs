//! A project with files, for tests: localised pages with media at every depth, notes without drafts, a clock that stands. On the kind of
//! database that the environment asks for.

use crate::resumable::{ResumableUploads, UploadSender};
use crate::{AssetDetailsView, BulkOutcomeView, Library};
use cairn_access::{AccessControl, Clock, FixedClock, Passwords, SecretKey};
use cairn_assets::{BlobStore, FolderStore, IncomingFile, UploadLimits};
use cairn_content::{Content, ContentError, FileInfo, Refusal, RequestContext, Result, Upload};
use cairn_query::{Access, Query};
use cairn_settings::{apply_settings, parse_settings};
use cairn_store::assets::Asset;
use cairn_store::events::{Actor, Event, EventPlacement};
use cairn_store::{Database, Store, StoreOptions};
use cairn_testkit::TestDatabase;
use chrono::{DateTime, TimeDelta};
use serde_json::{Value as Json, json};
use std::fs;
use std::sync::Arc;
use tempfile::TempDir;

/// 2026-06-01T10:00:00Z.
pub(crate) const START_SECONDS: i64 = 1_780_308_000;
/// The largest file.
pub(crate) const MAX_FILE_BYTES: u64 = 100_000_000;

pub(crate) struct LibraryFixture {
    pub(crate) library: Library,
    pub(crate) resumable: ResumableUploads,
    pub(crate) content: Content,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) dir: TempDir,
    blobs: Arc<dyn BlobStore>,
    _database: TestDatabase,
}

impl LibraryFixture {
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
        let registry = cairn_model::load::load_project(dir.path()).unwrap_or_else(|p| panic!("{p:#?}")).registry;
        let database = TestDatabase::new(dir.path());
        let options = StoreOptions { database: Database::parse(database.url(), std::path::Path::new("")).unwrap() };
        let store = Store::open(options, Arc::new(registry)).unwrap();
        let secret = SecretKey::load(None, dir.path()).unwrap();
        let clock = Arc::new(FixedClock::starting_at(DateTime::from_timestamp(START_SECONDS, 0).unwrap()));
        let access = AccessControl::open(store, &secret, "default", Passwords::new(2), clock.clone() as Arc<dyn Clock>)
            .await
            .unwrap();
        let content = Content::new(access.clone());
        let locales = json!({ "locales": { "default": "en", "available": ["en", "nl"] } }).to_string();
        apply_settings(&access, parse_settings(&locales, content.registry(), &|_| None).unwrap()).await.unwrap();
        let blobs: Arc<dyn BlobStore> = Arc::new(FolderStore::open(&dir.path().join("uploads")).unwrap());
        let library = Library::new(content.clone(), access.clone());
        let pieces = dir.path().join("pieces");
        let resumable = ResumableUploads::new(content.clone(), access, blobs.clone(), pieces, MAX_FILE_BYTES);
        Self { library, resumable, content, clock, dir, blobs, _database: database }
    }

    pub(crate) fn store(&self) -> &Store {
        self.content.store()
    }

    pub(crate) fn actor(&self) -> Arc<Actor> {
        Arc::new(Actor::admin(7, "anna@example.com"))
    }

    pub(crate) fn sender(&self, owner: &str) -> UploadSender {
        UploadSender {
            owner: owner.into(),
            access: Arc::new(Access::full()),
            actor: Actor::admin(7, "anna@example.com"),
        }
    }

    pub(crate) fn advance_by(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    fn request_context<'a>(
        &self,
        access: &'a Arc<Access>,
        actor: &'a Arc<Actor>,
        route: &str,
        query: &str,
    ) -> RequestContext<'a> {
        let content_type = self.content.by_route(route).map_or(self.content.registry().file_type().id, |t| t.id);
        // A test makes few, which live as long as its program.
        let query = Box::leak(Box::new(Query::from_text(query)));
        RequestContext { access, content_type, query, default_locale: "en", actor }
    }

    /// Adds a file of that name and content; its document. The clock moves on by a second.
    pub(crate) async fn add_file(&self, name: &str, bytes: &[u8]) -> String {
        self.advance_by(1);
        let mut temp = tempfile::NamedTempFile::new_in(self.dir.path()).unwrap();
        std::io::Write::write_all(&mut temp, bytes).unwrap();
        let kind = if name.ends_with(".png") { "image/png" } else { "text/plain" };
        let incoming = IncomingFile {
            file_name: name.into(),
            given_name: None,
            declared_mime: Some(kind.into()),
            temp: temp.into_temp_path(),
            sha256: None,
            replaces: None,
        };
        let (access, actor) = (Arc::new(Access::full()), self.actor());
        let context = self.request_context(&access, &actor, "", "");
        let upload = vec![Upload { incoming, info: FileInfo::default() }];
        let limits = UploadLimits { max_bytes: MAX_FILE_BYTES };
        let document =
            self.content.add_files(&context, self.blobs.clone(), limits, upload, None).await.unwrap().remove(0);
        self.set_kind(&document, if name.ends_with(".png") { "image" } else { "document" }).await;
        document
    }

    /// Calls a file what its name says: the bytes of these files say nothing.
    async fn set_kind(&self, document: &str, kind: &str) {
        let (document, kind) = (document.to_owned(), kind.to_owned());
        self.store()
            .write(move |tx| {
                let asset = tx.reader().assets().get(&document)?.unwrap();
                tx.assets().save(&Asset { kind: kind.clone(), ..asset })
            })
            .await
            .unwrap();
    }

    pub(crate) async fn create(&self, target: &str, data: Json) -> String {
        let (route, query) = target.split_once('?').unwrap_or((target, ""));
        let (access, actor) = (Arc::new(Access::full()), self.actor());
        let created = self
            .content
            .create(self.request_context(&access, &actor, route, query), Some(json!({ "data": data })))
            .await;
        created.unwrap().document_id
    }

    pub(crate) async fn update(&self, target: &str, id: &str, data: Json) {
        let (route, query) = target.split_once('?').unwrap_or((target, ""));
        let (access, actor) = (Arc::new(Access::full()), self.actor());
        let context = self.request_context(&access, &actor, route, query);
        self.content.update(context, id, Some(json!({ "data": data })), None).await.unwrap();
    }

    /// The row number of a file, by which content is linked to it.
    pub(crate) fn row_number(&self, document: &str) -> i64 {
        self.library.get_file(document).unwrap().asset.id.unwrap()
    }

    /// Documents of a page of the library.
    pub(crate) fn listed_documents(&self, params: Json) -> Vec<String> {
        let (files, _) = self.library.list_files(&crate::read_input(params).unwrap()).unwrap();
        files.into_iter().map(|f| f.name.unwrap_or_default()).collect()
    }

    pub(crate) async fn make_folder(&self, name: &str, parent: i64) -> i64 {
        let input = crate::read_input(json!({ "name": name, "parent": parent })).unwrap();
        self.library.create_folder(&self.actor(), input).await.unwrap().id
    }

    pub(crate) async fn bulk(&self, bulk: Json) -> Result<BulkOutcomeView> {
        self.library.run_bulk(&self.actor(), crate::read_input(bulk).unwrap()).await
    }

    pub(crate) async fn change(&self, document: &str, change: Json) -> Result<AssetDetailsView> {
        self.library.change_file(&self.actor(), document, crate::read_input(change)?).await
    }

    /// Names of the events of the library, in order.
    pub(crate) async fn event_names(&self) -> Vec<String> {
        while self.store().place_events().await.unwrap() != EventPlacement::All {}
        let all: Vec<Event> = self.store().read(|r| r.events().list_after(0, 10_000)).unwrap();
        all.into_iter().filter_map(|e| e.event.name.strip_prefix("cairn.asset.").map(str::to_owned)).collect()
    }
}

/// The JSON that the API returns for a view.
pub(crate) fn to_json(view: impl serde::Serialize) -> Json {
    serde_json::to_value(view).unwrap()
}

/// The refusal of something.
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
