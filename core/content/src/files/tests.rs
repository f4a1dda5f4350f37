//! Files against a real database and a real folder.

mod inputs;
mod locks;

use super::*;
use crate::testing::{incoming_text, parse_test_query, public_actor, store_options};
use cairn_access::{AccessControl, FixedClock, Passwords, SecretKey};
use cairn_assets::FolderStore;
use cairn_query::{Access, AccessRule};
use cairn_store::Store;
use cairn_testkit::TestDatabase;
use chrono::{DateTime, TimeDelta};
use serde_json::Value as Json;
use tempfile::TempDir;

/// A project with one localized type that has drafts, and one plain type.
struct FilesFixture {
    content: Content,
    clock: Arc<FixedClock>,
    blobs: Arc<dyn BlobStore>,
    _database: TestDatabase,
    dir: TempDir,
}

const PAGE: &str = r#"{ "kind": "collectionType", "collectionName": "pages", "options": { "draftAndPublish": true },
  "pluginOptions": { "i18n": { "localized": true } },
  "info": { "singularName": "page", "pluralName": "pages", "displayName": "Page" },
  "attributes": {
    "title": { "type": "string", "pluginOptions": { "i18n": { "localized": true } } },
    "cover": { "type": "media", "multiple": false, "pluginOptions": { "i18n": { "localized": true } } },
    "gallery": { "type": "media", "multiple": true, "pluginOptions": { "i18n": { "localized": true } } },
    "logo": { "type": "media", "multiple": false } } }"#;

const NOTE: &str = r#"{ "kind": "collectionType", "collectionName": "notes",
  "pluginOptions": { "upload": { "lockedWhile": { "state": ["final", "signed"] } } },
  "info": { "singularName": "note", "pluralName": "notes", "displayName": "Note" },
  "attributes": { "title": { "type": "string" }, "state": { "type": "enumeration", "enum": ["draft", "final", "signed"] }, "sketches": { "type": "media", "multiple": true } } }"#;

impl FilesFixture {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, schema) in [("page", PAGE), ("note", NOTE)] {
            let folder = dir.path().join(format!("content-types/api/{name}/content-types/{name}"));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("schema.json"), schema).unwrap();
        }
        let registry = Arc::new(cairn_model::load::load_project(dir.path()).unwrap().registry);
        let database = TestDatabase::new(dir.path());
        let store = Store::open(store_options(&database), registry).unwrap();
        let secret = SecretKey::load(None, dir.path()).unwrap();
        let clock = Arc::new(FixedClock::starting_at(DateTime::from_timestamp(1_735_725_600, 0).unwrap()));
        let access = AccessControl::open(store, &secret, "default", Passwords::new(1), clock.clone()).await.unwrap();
        let blobs = Arc::new(FolderStore::open(&dir.path().join("uploads")).unwrap());
        Self { content: Content::new(access), clock, blobs, _database: database, dir }
    }

    fn upload(&self, name: &str, info: Json) -> Upload {
        let incoming = incoming_text(self.dir.path(), name);
        Upload { incoming, info: FileInfo::parse(&info).unwrap() }
    }

    async fn try_add_files(
        &self,
        access: &Arc<Access>,
        files: Vec<Upload>,
        link: Option<LinkRequest>,
    ) -> Result<Vec<String>> {
        let limits = UploadLimits { max_bytes: 1_000 };
        self.content.add_files(&self.request_context(access, ""), self.blobs.clone(), limits, files, link).await
    }

    /// Adds files by name with full access.
    async fn add_to_entry(&self, names: &[&str], uid: &str, row: i64, attribute: &str) -> Result<Vec<String>> {
        let files = names.iter().map(|name| self.upload(name, json!({}))).collect();
        self.try_add_files(&full_access(), files, Some(link_request(uid, &row.to_string(), attribute))).await
    }

    fn request_context<'a>(&self, access: &'a Arc<Access>, query: &str) -> RequestContext<'a> {
        RequestContext {
            access,
            content_type: self.content.registry().file_type().id,
            query: parse_test_query(query),
            default_locale: "en",
            actor: public_actor(),
        }
    }

    fn object_names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.dir.path().join("uploads"))
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The stored content of a file.
    fn read_object(&self, document_id: &str) -> Option<String> {
        let number = self.content.store().read(|r| r.assets().get(document_id)).unwrap()?.number;
        let blobs = self.content.store().read(|r| r.assets().list_blobs(document_id, number)).unwrap();
        let mut text = String::new();
        let key = cairn_assets::BlobKey::parse(&blobs.first()?.blob).unwrap();
        std::io::Read::read_to_string(&mut self.blobs.open(&key, None).unwrap()?.body, &mut text).unwrap();
        Some(text)
    }

    async fn list_files(&self, query: &str) -> Json {
        let access = full_access();
        serde_json::from_slice(&self.content.find_files(&self.request_context(&access, query)).await.unwrap().body)
            .unwrap()
    }

    async fn save_entry(&self, route: &str, query: &str, id: Option<&str>, data: Json) -> Json {
        let access = full_access();
        let content_type = self.content.by_route(route).unwrap().id;
        let context = RequestContext { content_type, ..self.request_context(&access, query) };
        let body = Some(json!({ "data": data }));
        let answer = match id {
            None => self.content.create(context, body).await,
            Some(id) => self.content.update(context, id, body, None).await,
        };
        serde_json::from_slice::<Json>(&answer.unwrap().body).unwrap()["data"].clone()
    }

    fn read_entry(&self, route: &str, id: &Json, query: &str) -> Json {
        let access = full_access();
        let content_type = self.content.by_route(route).unwrap().id;
        let context = RequestContext { content_type, ..self.request_context(&access, query) };
        let answer = self.content.find_one(context, id.as_str().unwrap()).unwrap();
        serde_json::from_slice::<Json>(&answer.body).unwrap()["data"].clone()
    }
}

fn full_access() -> Arc<Access> {
    Arc::new(Access::full())
}

fn link_request(uid: &str, row: &str, attribute: &str) -> LinkRequest {
    LinkRequest { content_type: uid.into(), row: row.into(), attribute: attribute.into() }
}

fn expect_refused(e: ContentError) -> (RefusalKind, String) {
    match e {
        ContentError::Refused(r) => (r.kind, r.message),
        other => panic!("{other:?}"),
    }
}

/// The names of the files in an attribute.
fn file_names(files: &Json) -> Vec<&str> {
    match files {
        Json::Array(list) => list.iter().filter_map(|f| f["name"].as_str()).collect(),
        one => one["name"].as_str().into_iter().collect(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_files_have_every_attribute_in_contract_order() {
    let p = FilesFixture::new().await;
    let info = json!({ "alternativeText": "alt", "caption": null, "focalPoint": { "x": 10, "y": 20.5 }, "folder": 0 });
    let added = p
        .try_add_files(&full_access(), vec![p.upload("a b.txt", info), p.upload("c.txt", json!({ "name": "" }))], None)
        .await
        .unwrap();
    let access = full_access();
    let body = p.content.added_files(&p.request_context(&access, "x=1"), &added).unwrap();
    let list: Json = serde_json::from_slice(&body).unwrap();
    let keys: Vec<&str> = list[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "id",
            "documentId",
            "name",
            "alternativeText",
            "caption",
            "focalPoint",
            "width",
            "height",
            "formats",
            "hash",
            "ext",
            "mime",
            "size",
            "url",
            "previewUrl",
            "provider",
            "provider_metadata",
            "createdAt",
            "updatedAt",
            "publishedAt",
            "isUrlSigned"
        ]
    );
    assert_eq!(list[0]["name"], "a b.txt");
    assert_eq!(list[0]["alternativeText"], "alt");
    assert_eq!(list[0]["focalPoint"], json!({ "x": 10, "y": 20.5 }));
    assert_eq!(list[0]["isUrlSigned"], false);
    assert_eq!(list[0]["size"], json!(0.01));
    assert_eq!(list[0]["publishedAt"], "2025-01-01T10:00:00.000Z");
    assert_eq!(list[1]["name"], "c.txt");
    assert_eq!([&list[0]["documentId"], &list[1]["documentId"]], [added[0].as_str(), added[1].as_str()]);
    assert_eq!(p.list_files("").await, list);
    assert_eq!(file_names(&p.list_files("filters[name][$contains]=c.t").await), ["c.txt"]);
    assert_eq!(file_names(&p.list_files("sort=name&pagination[start]=1&pagination[limit]=1").await), ["c.txt"]);
    assert_eq!(p.object_names().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_invalid_file_rejects_the_whole_upload() {
    let p = FilesFixture::new().await;
    let big = "x".repeat(2_000);
    for (file, kind) in [(big.as_str(), RefusalKind::TooLarge), ("..", RefusalKind::Validation)] {
        let files = vec![p.upload("good.txt", json!({})), p.upload(file, json!({}))];
        assert_eq!(expect_refused(p.try_add_files(&full_access(), files, None).await.unwrap_err()).0, kind);
        assert_eq!((p.list_files("").await, p.object_names().len()), (json!([]), 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_links_are_reported_and_nothing_is_stored() {
    let p = FilesFixture::new().await;
    let page = p.save_entry("pages", "", None, json!({ "title": "t" })).await;
    let id = page["id"].to_string();
    for (link, part) in [
        (link_request("api::nothing.nothing", &id, "cover"), "ref: "),
        (link_request("api::page.page", &id, "nothing"), "field: "),
        (link_request("api::page.page", &id, "title"), "field: "),
        (link_request("api::page.page", "4711", "cover"), "refId: "),
        (link_request("api::page.page", "abc", "cover"), "refId: "),
        (link_request("api::page.page", "", "cover"), "refId: "),
    ] {
        let refused =
            p.try_add_files(&full_access(), vec![p.upload("a.txt", json!({}))], Some(link)).await.unwrap_err();
        let (kind, message) = expect_refused(refused);
        assert!(kind == RefusalKind::Validation && message.starts_with(part), "{message}");
    }
    assert_eq!((p.list_files("").await, p.object_names().len()), (json!([]), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_added_to_the_published_version_and_its_draft() {
    let p = FilesFixture::new().await;
    let page = p.save_entry("pages", "", None, json!({ "title": "t" })).await;
    let (document, row) = (&page["documentId"], page["id"].as_i64().unwrap());
    p.clock.advance(TimeDelta::hours(1));
    p.add_to_entry(&["one.txt"], "api::page.page", row, "cover").await.unwrap();
    p.add_to_entry(&["two.txt"], "api::page.page", row, "cover").await.unwrap();
    p.add_to_entry(&["a.txt", "b.txt"], "api::page.page", row, "gallery").await.unwrap();
    p.add_to_entry(&["c.txt"], "api::page.page", row, "gallery").await.unwrap();
    for status in ["published", "draft"] {
        let read = p.read_entry("pages", document, &format!("populate=*&status={status}"));
        assert_eq!(file_names(&read["cover"]), ["two.txt"], "{status}");
        assert_eq!(file_names(&read["gallery"]), ["a.txt", "b.txt", "c.txt"], "{status}");
        assert_eq!(read["updatedAt"], "2025-01-01T11:00:00.000Z");
    }
    let read = p.read_entry("pages", document, "");
    assert_eq!(read["id"], row);
    assert_eq!(read["publishedAt"], "2025-01-01T10:00:00.000Z");
    // The file that was replaced is there still.
    assert_eq!(p.list_files("").await.as_array().unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn adding_files_does_not_publish_an_unfinished_draft() {
    let p = FilesFixture::new().await;
    let page = p.save_entry("pages", "", None, json!({ "title": "old" })).await;
    let (document, row) = (&page["documentId"], page["id"].as_i64().unwrap());
    p.clock.advance(TimeDelta::hours(1));
    let draft = p.save_entry("pages", "status=draft", document.as_str(), json!({ "title": "unfinished" })).await;
    p.clock.advance(TimeDelta::hours(1));
    p.add_to_entry(&["new.txt"], "api::page.page", row, "cover").await.unwrap();
    let read = p.read_entry("pages", document, "populate=cover");
    assert_eq!((&read["title"], file_names(&read["cover"])), (&json!("old"), vec!["new.txt"]));
    assert_eq!(read["updatedAt"], "2025-01-01T10:00:00.000Z");
    let read = p.read_entry("pages", document, "status=draft&populate=cover");
    assert_eq!((&read["title"], file_names(&read["cover"])), (&json!("unfinished"), vec!["new.txt"]));
    assert_eq!(read["updatedAt"], "2025-01-01T12:00:00.000Z");
    // To the draft alone.
    p.add_to_entry(&["draft.txt"], "api::page.page", draft["id"].as_i64().unwrap(), "cover").await.unwrap();
    assert_eq!(file_names(&p.read_entry("pages", document, "populate=cover")["cover"]), ["new.txt"]);
    assert_eq!(file_names(&p.read_entry("pages", document, "status=draft&populate=cover")["cover"]), ["draft.txt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_shared_attributes_get_files_in_every_locale() {
    let p = FilesFixture::new().await;
    let page = p.save_entry("pages", "", None, json!({ "title": "t" })).await;
    let document = &page["documentId"];
    let dutch = p.save_entry("pages", "locale=nl", document.as_str(), json!({ "title": "t" })).await;
    let row = dutch["id"].as_i64().unwrap();
    p.add_to_entry(&["cover.txt"], "api::page.page", row, "cover").await.unwrap();
    p.add_to_entry(&["logo.txt"], "api::page.page", row, "logo").await.unwrap();
    let (en, nl) =
        (p.read_entry("pages", document, "populate=*"), p.read_entry("pages", document, "populate=*&locale=nl"));
    assert_eq!((file_names(&en["cover"]), file_names(&nl["cover"])), (vec![], vec!["cover.txt"]));
    assert_eq!((file_names(&en["logo"]), file_names(&nl["logo"])), (vec!["logo.txt"], vec!["logo.txt"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn types_without_drafts_get_files_in_their_only_row() {
    let p = FilesFixture::new().await;
    let note = p.save_entry("notes", "", None, json!({ "title": "t" })).await;
    p.clock.advance(TimeDelta::hours(1));
    p.add_to_entry(&["a.txt", "b.txt"], "api::note.note", note["id"].as_i64().unwrap(), "sketches").await.unwrap();
    let read = p.read_entry("notes", &note["documentId"], "populate=*");
    assert_eq!(file_names(&read["sketches"]), ["a.txt", "b.txt"]);
    assert_eq!(read["publishedAt"], "2025-01-01T11:00:00.000Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn file_texts_are_updated_and_null_changes_nothing() {
    let p = FilesFixture::new().await;
    let info = json!({ "name": "n.txt", "alternativeText": "alt", "caption": "cap" });
    let added = p.try_add_files(&full_access(), vec![p.upload("a.txt", info)], None).await.unwrap();
    let number = p.list_files("").await[0]["id"].to_string();
    let change = |info: Json| FileInfo::parse(&info).unwrap();
    let access = full_access();
    // The body is one that clients send. Writes have parameters of their own.
    let context = p.request_context(&access, "id=1");
    let info = json!({ "name": "again.txt", "alternativeText": "", "caption": null });
    let body = p.content.update_file(&context, &number, change(info)).await.unwrap().unwrap();
    let file: Json = serde_json::from_slice(&body).unwrap();
    assert_eq!([&file["name"], &file["alternativeText"], &file["caption"]], ["again.txt", "", "cap"]);
    assert_eq!(file["isUrlSigned"], false);
    assert!(file["url"].as_str().unwrap().starts_with("/uploads/n_"));
    let body = p.content.update_file(&context, &added[0], FileInfo::default()).await.unwrap().unwrap();
    assert_eq!(serde_json::from_slice::<Json>(&body).unwrap(), file);
    for name in ["", "  ", "a\nb", &"x".repeat(256)] {
        let refused = p.content.update_file(&context, &number, change(json!({ "name": name }))).await.unwrap_err();
        assert_eq!(expect_refused(refused).0, RefusalKind::Validation, "{name:?}");
    }
    for id in ["4711", "abc", "", "-1", "+1", "99999999999999999999"] {
        assert!(p.content.update_file(&context, id, FileInfo::default()).await.unwrap().is_none(), "{id}");
        assert!(p.content.find_file(&p.request_context(&access, ""), id).unwrap().is_none(), "{id}");
        assert!(p.content.delete_file(&context, id).await.unwrap().is_none(), "{id}");
    }
    let response = p.content.find_file(&p.request_context(&access, ""), &number).unwrap().unwrap();
    assert_eq!(serde_json::from_slice::<Json>(&response.body).unwrap(), file);
}

#[tokio::test(flavor = "multi_thread")]
async fn restored_files_return_to_their_entries() {
    let p = FilesFixture::new().await;
    let page = p.save_entry("pages", "", None, json!({ "title": "t" })).await;
    let row = page["id"].as_i64().unwrap();
    p.add_to_entry(&["cover.txt"], "api::page.page", row, "cover").await.unwrap();
    p.add_to_entry(&["a.txt", "b.txt", "c.txt"], "api::page.page", row, "gallery").await.unwrap();
    let files = p.list_files("sort=name").await;
    let access = full_access();
    let context = p.request_context(&access, "");
    for (file, name) in [(&files[1], "b.txt"), (&files[3], "cover.txt")] {
        let body = p.content.delete_file(&context, &file["id"].to_string()).await.unwrap().unwrap();
        let deleted: Json = serde_json::from_slice(&body).unwrap();
        assert_eq!((&deleted, file_names(&deleted)), (file, vec![name]));
    }
    let read = p.read_entry("pages", &page["documentId"], "populate=*");
    assert_eq!((&read["cover"], file_names(&read["gallery"])), (&Json::Null, vec!["a.txt", "c.txt"]));
    assert_eq!((p.list_files("").await.as_array().unwrap().len(), p.object_names().len()), (2, 4));
    let served =
        |file: &Json| p.content.store().read(|r| r.blobs().get_served(&file["url"].as_str().unwrap()[9..])).unwrap();
    assert!(served(&files[1]).is_none() && served(&files[0]).is_some());

    for file in [&files[1], &files[3]] {
        let document = file["documentId"].as_str().unwrap();
        let (body, linked, links) = p.content.restore_file(&context, document).await.unwrap();
        assert_eq!(&serde_json::from_slice::<Json>(&body).unwrap(), file);
        // Of the draft and of the published version.
        assert_eq!((linked, links), (2, 2));
        assert!(matches!(p.content.restore_file(&context, document).await, Err(ContentError::Refused(_))));
        assert!(p.content.purge_file(public_actor(), document).await.is_err());
    }
    let read = p.read_entry("pages", &page["documentId"], "populate=*");
    assert_eq!(
        (file_names(&read["cover"]), file_names(&read["gallery"])),
        (vec!["cover.txt"], vec!["a.txt", "b.txt", "c.txt"])
    );
    assert!(served(&files[1]).is_some());
    // A file that has taken the place of the deleted one stays.
    p.content.delete_file(&context, &files[3]["id"].to_string()).await.unwrap().unwrap();
    p.add_to_entry(&["other.txt"], "api::page.page", row, "cover").await.unwrap();
    let (_, linked, links) = p.content.restore_file(&context, files[3]["documentId"].as_str().unwrap()).await.unwrap();
    assert_eq!((linked, links), (0, 2));
    assert_eq!(file_names(&p.read_entry("pages", &page["documentId"], "populate=*")["cover"]), ["other.txt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sweep_deletes_purged_blobs_and_retains_shared_ones() {
    let p = FilesFixture::new().await;
    let access = full_access();
    let context = p.request_context(&access, "");
    let ids =
        p.try_add_files(&access, vec![p.upload("a.txt", json!({})), p.upload("b.txt", json!({}))], None).await.unwrap();
    // The same bytes under another name are one object.
    let twin = p.try_add_files(&access, vec![p.upload("a.txt", json!({ "name": "twin.txt" }))], None).await.unwrap();
    assert_eq!(p.object_names().len(), 2);
    std::fs::write(p.dir.path().join("uploads/unknown.txt"), "x").unwrap();
    for id in &ids {
        p.content.delete_file(&context, id).await.unwrap().unwrap();
        p.content.purge_file(public_actor(), id).await.unwrap();
        assert!(p.content.restore_file(&context, id).await.is_err());
    }
    let sweep = async || {
        let outcome = p.content.sweep_files(p.blobs.clone(), "").await.unwrap();
        let unknown = p.content.sweep_unknown_files(p.blobs.clone(), "").await.unwrap();
        assert_eq!((outcome.next, unknown.next), (None, None));
        (outcome.removed, unknown.removed)
    };
    assert_eq!(sweep().await, (0, 0));
    assert_eq!(p.object_names().len(), 3);
    p.clock.advance(TimeDelta::hours(25));
    // By the clock of the folder the unknown one is younger than a day, or was made in another year.
    assert_eq!(sweep().await.0, 1);
    let file = p.read_object(&twin[0]);
    assert_eq!(file.as_deref(), Some("a.txt"));
    // Bytes that went can come again.
    p.try_add_files(&access, vec![p.upload("b.txt", json!({}))], None).await.unwrap();
    assert!(p.object_names().len() >= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn trashed_files_are_purged_after_thirty_days() {
    let p = FilesFixture::new().await;
    let access = full_access();
    let ids =
        p.try_add_files(&access, vec![p.upload("a.txt", json!({})), p.upload("b.txt", json!({}))], None).await.unwrap();
    p.content.delete_file(&p.request_context(&access, ""), &ids[0]).await.unwrap().unwrap();
    p.clock.advance(TimeDelta::days(29));
    assert_eq!(p.content.purge_trashed_files().await.unwrap(), (0, true));
    p.clock.advance(TimeDelta::days(2));
    assert_eq!(p.content.purge_trashed_files().await.unwrap(), (1, true));
    assert!(p.content.restore_file(&p.request_context(&access, ""), &ids[0]).await.is_err());
    assert_eq!(p.list_files("").await.as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_files_retain_their_url_and_can_be_reverted() {
    let p = FilesFixture::new().await;
    let access = full_access();
    let context = p.request_context(&access, "");
    let limits = UploadLimits { max_bytes: 1_000 };
    let info = json!({ "name": "price list.txt", "caption": "ours" });
    let ids = p.try_add_files(&access, vec![p.upload("old.txt", info)], None).await.unwrap();
    let old = p.list_files("").await[0].clone();
    let other = p.upload("new bytes.html", json!({}));
    let refused = p.content.replace_file(&context, p.blobs.clone(), limits, &ids[0], other).await.unwrap_err();
    assert!(expect_refused(refused).1.contains("can only be replaced by another .txt file"));
    assert_eq!((p.list_files("").await[0].clone(), p.object_names().len()), (old.clone(), 1));

    p.clock.advance(TimeDelta::hours(1));
    let new = p.upload("the new bytes.txt", json!({ "caption": "theirs" }));
    let body =
        p.content.replace_file(&context, p.blobs.clone(), limits, &old["id"].to_string(), new).await.unwrap().unwrap();
    let new: Json = serde_json::from_slice(&body).unwrap();
    for same in ["id", "documentId", "name", "url", "hash", "ext", "createdAt"] {
        assert_eq!(new[same], old[same], "{same}");
    }
    assert_eq!((&new["caption"], &new["size"]), (&json!("theirs"), &json!(0.02)));
    assert_eq!(p.read_object(&ids[0]).as_deref(), Some("the new bytes.txt"));

    let body = p.content.restore_file_version(&context, &ids[0], 1).await.unwrap();
    let reverted: Json = serde_json::from_slice(&body).unwrap();
    assert_eq!((&reverted["size"], &reverted["caption"]), (&old["size"], &json!("theirs")));
    assert_eq!(p.read_object(&ids[0]).as_deref(), Some("old.txt"));
    let versions = p.content.store().read(|r| r.assets().list_versions(&ids[0])).unwrap();
    assert_eq!(versions.iter().map(|v| v.number).collect::<Vec<_>>(), [2, 1]);
    assert!(p.content.restore_file_version(&context, &ids[0], 9).await.is_err());
    assert!(
        p.content
            .replace_file(&context, p.blobs.clone(), limits, "4711", p.upload("a.txt", json!({})))
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn private_files_have_signed_urls() {
    let p = FilesFixture::new().await;
    let access = full_access();
    let context = p.request_context(&access, "");
    p.try_add_files(&access, vec![p.upload("a.txt", json!({ "private": true }))], None).await.unwrap();
    let file = p.list_files("").await[0].clone();
    let url = file["url"].as_str().unwrap();
    assert!(url.starts_with("/uploads/private/a_"), "{url}");
    assert_eq!(file["isUrlSigned"], true);
    let public = FileInfo { private: Some(false), ..FileInfo::default() };
    let body = p.content.update_file(&context, file["documentId"].as_str().unwrap(), public).await.unwrap().unwrap();
    let file: Json = serde_json::from_slice(&body).unwrap();
    assert_eq!(file["url"], url.split('?').next().unwrap().replace("/private", ""));
    let nowhere = json!({ "folder": 77 });
    let refused = p.try_add_files(&access, vec![p.upload("b.txt", nowhere)], None).await.unwrap_err();
    assert!(expect_refused(refused).1.starts_with("fileInfo.folder: folder 77 not found"));
    assert_eq!(p.object_names().len(), 1);
}

/// A file store that fails from some write on, before or after the blob is stored.
struct FailingBlobStore {
    folder: Arc<dyn BlobStore>,
    left: std::sync::atomic::AtomicUsize,
    written: bool,
}

impl BlobStore for FailingBlobStore {
    fn put(&self, key: &cairn_assets::BlobKey, source: cairn_assets::BlobSource<'_>) -> Result<(), AssetError> {
        use std::sync::atomic::Ordering;
        if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok() {
            return self.folder.put(key, source);
        }
        if self.written {
            self.folder.put(key, source)?;
        }
        Err(AssetError::Io { action: "write a file", source: ErrorKind::StorageFull.into() })
    }

    fn open(
        &self,
        key: &cairn_assets::BlobKey,
        range: Option<cairn_assets::ByteRange>,
    ) -> Result<Option<cairn_assets::Blob>, AssetError> {
        self.folder.open(key, range)
    }

    fn list(
        &self,
        after: Option<&cairn_assets::BlobKey>,
        limit: usize,
    ) -> Result<Vec<cairn_assets::ListedBlob>, AssetError> {
        self.folder.list(after, limit)
    }

    fn delete(&self, key: &cairn_assets::BlobKey) -> Result<bool, AssetError> {
        self.folder.delete(key)
    }

    fn exists(&self, key: &cairn_assets::BlobKey) -> Result<bool, AssetError> {
        self.folder.exists(key)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_blob_writes_leave_no_files() {
    let p = FilesFixture::new().await;
    let access = full_access();
    // Counted on by another file: stays whatever becomes of the second upload.
    p.try_add_files(&access, vec![p.upload("b.txt", json!({}))], None).await.unwrap();
    for remaining in 0..2 {
        for written in [false, true] {
            let blobs = Arc::new(FailingBlobStore { folder: p.blobs.clone(), left: remaining.into(), written });
            let files = ["a.txt", "b.txt", "c.txt"].map(|name| p.upload(name, json!({}))).into();
            let limits = UploadLimits { max_bytes: 1_000 };
            let failed =
                p.content.add_files(&p.request_context(&access, ""), blobs, limits, files, None).await.unwrap_err();
            assert!(matches!(failed, ContentError::Store(StoreError::Unwritable(_))), "{failed:?}");
            assert_eq!((p.list_files("").await.as_array().unwrap().len(), p.object_names().len()), (1, 1));
        }
    }
    p.try_add_files(&access, ["a.txt", "b.txt", "c.txt"].map(|name| p.upload(name, json!({}))).into(), None)
        .await
        .unwrap();
    assert_eq!((p.list_files("").await.as_array().unwrap().len(), p.object_names().len()), (4, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_uploads_of_the_same_bytes_share_one_blob() {
    let p = FilesFixture::new().await;
    let access = full_access();
    let uploads = (0..16).map(|i| {
        let file = p.upload("same.txt", json!({}));
        let (p, access) = (&p, &access);
        async move {
            // Every other one fails after its objects are there: the entry it names is not there any more.
            let link = (i % 2 == 1).then(|| link_request("api::page.page", "4711", "cover"));
            p.try_add_files(access, vec![file], link).await.is_ok()
        }
    });
    let stored = futures_util::future::join_all(uploads).await.into_iter().filter(|ok| *ok).count();
    assert_eq!((stored, p.object_names().len()), (8, 1));
    for file in p.list_files("").await.as_array().unwrap() {
        assert_eq!(p.read_object(file["documentId"].as_str().unwrap()).as_deref(), Some("same.txt"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_older_versions_are_adopted_in_place() {
    let p = FilesFixture::new().await;
    let access = full_access();
    let ids = p.try_add_files(&access, vec![p.upload("a.txt", json!({}))], None).await.unwrap();
    let file = p.list_files("").await[0].clone();
    let name = file["url"].as_str().unwrap()[9..].to_owned();
    // The state that an older version leaves: the object under the name of the file, and nothing beside the row.
    let uploads = p.dir.path().join("uploads");
    std::fs::rename(uploads.join(&p.object_names()[0]), uploads.join(&name)).unwrap();
    let id = ids[0].clone();
    p.content.store().write(move |tx| tx.assets().delete(&id, 1)).await.unwrap();
    assert_eq!(p.read_object(&ids[0]), None);
    assert_eq!(p.content.adopt_files(&p.blobs).await.unwrap(), 1);
    assert_eq!(p.content.adopt_files(&p.blobs).await.unwrap(), 0);
    assert_eq!(p.read_object(&ids[0]).as_deref(), Some("a.txt"));
    p.clock.advance(TimeDelta::hours(25));
    p.content.sweep_files(p.blobs.clone(), "").await.unwrap();
    assert_eq!(p.object_names(), [name]);
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_apply_to_every_version_that_gets_the_file() {
    let p = FilesFixture::new().await;
    let (file, page) = (p.content.registry().file_type(), p.content.by_route("pages").unwrap());
    let en = p.save_entry("pages", "", None, json!({ "title": "yours" })).await;
    let nl = p.save_entry("pages", "locale=nl", en["documentId"].as_str(), json!({ "title": "mine" })).await;
    let condition = AccessRule { condition: Some(Arc::new(json!({ "title": "mine" }))), fields: None };
    let rules = [((file.id, Action::Create), AccessRule::default()), ((page.id, Action::Update), condition)];
    let access =
        Arc::new(Access { key: "mine".into(), rules: Arc::new(rules.into_iter().collect()), ..Access::none() });
    let to = async |entry: &Json, attribute: &str| {
        let link = link_request("api::page.page", &entry["id"].to_string(), attribute);
        p.try_add_files(&access, vec![p.upload("a.txt", json!({}))], Some(link))
            .await
            .map_err(|e| expect_refused(e).0)
            .map(|ids| ids.len())
    };
    assert_eq!(to(&en, "cover").await, Err(RefusalKind::Validation));
    assert_eq!(to(&nl, "cover").await, Ok(1));
    // The logo is shared by all locales.
    assert_eq!(to(&nl, "logo").await, Err(RefusalKind::Validation));
    assert_eq!(p.object_names().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn file_permissions_and_conditions_are_enforced() {
    let p = FilesFixture::new().await;
    let (file, page) = (p.content.registry().file_type(), p.content.by_route("pages").unwrap());
    let entry = p.save_entry("pages", "", None, json!({ "title": "t" })).await;
    let text =
        |only: &str| AccessRule { condition: Some(Arc::new(json!({ "name": { "$contains": only } }))), fields: None };
    let allow_fields = |fields: &[&str]| {
        let ids = fields.iter().map(|f| file.attributes.get(f).unwrap().0).collect();
        AccessRule { condition: None, fields: Some(Arc::new(ids)) }
    };
    let access = |key: &str, rules: Vec<((cairn_model::TypeId, Action), AccessRule)>| {
        Arc::new(Access { key: key.into(), rules: Arc::new(rules.into_iter().collect()), ..Access::none() })
    };
    let kind = |r: Result<Vec<String>>| r.map_err(|e| expect_refused(e).0).map(|ids| ids.len());

    let nobody = access("nobody", vec![]);
    assert_eq!(
        kind(p.try_add_files(&nobody, vec![p.upload("a.txt", json!({}))], None).await),
        Err(RefusalKind::Forbidden)
    );
    let writer = access("w", vec![((file.id, Action::Create), text("mine"))]);
    assert_eq!(
        kind(p.try_add_files(&writer, vec![p.upload("other.txt", json!({}))], None).await),
        Err(RefusalKind::Forbidden)
    );
    assert_eq!(kind(p.try_add_files(&writer, vec![p.upload("mine.txt", json!({}))], None).await), Ok(1));
    // Into an entry only with the right to change it.
    let to_page = Some(link_request("api::page.page", &entry["id"].to_string(), "cover"));
    let files = vec![p.upload("mine.txt", json!({}))];
    assert_eq!(kind(p.try_add_files(&writer, files, to_page).await), Err(RefusalKind::Forbidden));
    let updates = AccessRule { condition: Some(Arc::new(json!({ "title": "else" }))), fields: None };
    let editor =
        access("e", vec![((file.id, Action::Create), AccessRule::default()), ((page.id, Action::Update), updates)]);
    let to_page = Some(link_request("api::page.page", &entry["id"].to_string(), "cover"));
    let refused = p.try_add_files(&editor, vec![p.upload("mine.txt", json!({}))], to_page).await.unwrap_err();
    assert!(expect_refused(refused).1.starts_with("refId: "));
    // The permission covers the name alone.
    let shy = access("s", vec![((file.id, Action::Create), allow_fields(&["name"]))]);
    let files = vec![p.upload("a.txt", json!({ "caption": "c" }))];
    assert_eq!(expect_refused(p.try_add_files(&shy, files, None).await.unwrap_err()).1, "Invalid key caption");
    assert_eq!(p.object_names().len(), 1);

    let id = p.list_files("").await[0]["id"].to_string();
    let other =
        access("o", vec![((file.id, Action::Update), text("other")), ((file.id, Action::Delete), text("other"))]);
    assert!(p.content.update_file(&p.request_context(&other, ""), &id, FileInfo::default()).await.unwrap().is_none());
    assert!(p.content.delete_file(&p.request_context(&other, ""), &id).await.unwrap().is_none());
    let own_access = access("m", vec![((file.id, Action::Update), text("mine"))]);
    let rename = FileInfo { name: Some("theirs.txt".into()), ..FileInfo::default() };
    let refused = p.content.update_file(&p.request_context(&own_access, ""), &id, rename).await.unwrap_err();
    assert_eq!(expect_refused(refused).0, RefusalKind::Forbidden);
    assert_eq!(file_names(&p.list_files("").await), ["mine.txt"]);
    assert_eq!(p.object_names().len(), 1);
    let refused = p.content.find_files(&p.request_context(&nobody, "")).await.unwrap_err();
    assert_eq!(expect_refused(refused).0, RefusalKind::Forbidden);
}
