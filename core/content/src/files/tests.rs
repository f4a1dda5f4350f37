//! Files against a real database and a real folder.

use super::*;
use crate::testing::{incoming_text, public_actor, store_options};
use cairn_access::{AccessControl, FixedClock, Passwords, SecretKey};
use cairn_assets::FolderStore;
use cairn_query::{Access, AccessRule};
use cairn_store::Store;
use cairn_testkit::TestDatabase;
use chrono::{DateTime, TimeDelta};
use serde_json::Value as Json;
use tempfile::TempDir;

/// A project with one localized type that has drafts, and one plain type.
struct Project {
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
  "info": { "singularName": "note", "pluralName": "notes", "displayName": "Note" },
  "attributes": { "title": { "type": "string" }, "sketches": { "type": "media", "multiple": true } } }"#;

impl Project {
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

    async fn add(&self, access: &Arc<Access>, files: Vec<Upload>, link: Option<LinkRequest>) -> Result<Vec<String>> {
        let limits = UploadLimits { max_bytes: 1_000 };
        self.content.add_files(&self.ask(access, ""), self.blobs.clone(), limits, files, link).await
    }

    /// Adds files by name with full access.
    async fn add_to(&self, names: &[&str], uid: &str, row: i64, attribute: &str) -> Result<Vec<String>> {
        let files = names.iter().map(|name| self.upload(name, json!({}))).collect();
        self.add(&full(), files, Some(link(uid, &row.to_string(), attribute))).await
    }

    fn ask<'a>(&self, access: &'a Arc<Access>, query: &'a str) -> RequestContext<'a> {
        RequestContext {
            access,
            content_type: self.content.registry().file_type().id,
            query,
            default_locale: "en",
            actor: public_actor(),
        }
    }

    fn uploads(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.dir.path().join("uploads"))
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The stored content of a file.
    fn read_object(&self, document_id: &str) -> Option<String> {
        let number = self.content.store().read(|r| r.asset(document_id)).unwrap()?.number;
        let blobs = self.content.store().read(|r| r.asset_blobs(document_id, number)).unwrap();
        let mut text = String::new();
        let key = cairn_assets::BlobKey::parse(&blobs.first()?.blob).unwrap();
        std::io::Read::read_to_string(&mut self.blobs.open(&key, None).unwrap()?.body, &mut text).unwrap();
        Some(text)
    }

    async fn list(&self, query: &str) -> Json {
        let access = full();
        serde_json::from_slice(&self.content.find_files(&self.ask(&access, query)).await.unwrap().body).unwrap()
    }

    async fn write(&self, route: &str, query: &str, id: Option<&str>, data: Json) -> Json {
        let access = full();
        let content_type = self.content.by_route(route).unwrap().id;
        let ask = RequestContext { content_type, ..self.ask(&access, query) };
        let body = Some(json!({ "data": data }));
        let answer = match id {
            None => self.content.create(ask, body).await,
            Some(id) => self.content.update(ask, id, body, None).await,
        };
        serde_json::from_slice::<Json>(&answer.unwrap().body).unwrap()["data"].clone()
    }

    fn read(&self, route: &str, id: &Json, query: &str) -> Json {
        let access = full();
        let content_type = self.content.by_route(route).unwrap().id;
        let ask = RequestContext { content_type, ..self.ask(&access, query) };
        let answer = self.content.find_one(ask, id.as_str().unwrap()).unwrap();
        serde_json::from_slice::<Json>(&answer.body).unwrap()["data"].clone()
    }
}

fn full() -> Arc<Access> {
    Arc::new(Access::full())
}

fn link(uid: &str, row: &str, attribute: &str) -> LinkRequest {
    LinkRequest { content_type: uid.into(), row: row.into(), attribute: attribute.into() }
}

fn refusal(e: ContentError) -> (RefusalKind, String) {
    match e {
        ContentError::Refused(r) => (r.kind, r.message),
        other => panic!("{other:?}"),
    }
}

/// The names of the files in an attribute.
fn names(files: &Json) -> Vec<&str> {
    match files {
        Json::Array(list) => list.iter().filter_map(|f| f["name"].as_str()).collect(),
        one => one["name"].as_str().into_iter().collect(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_file_has_every_attribute_in_the_contracts_order() {
    let p = Project::new().await;
    let info = json!({ "alternativeText": "alt", "caption": null, "focalPoint": { "x": 10, "y": 20.5 }, "folder": 0 });
    let added =
        p.add(&full(), vec![p.upload("a b.txt", info), p.upload("c.txt", json!({ "name": "" }))], None).await.unwrap();
    let access = full();
    let body = p.content.added_files(&p.ask(&access, "x=1"), &added).unwrap();
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
    assert_eq!(p.list("").await, list);
    assert_eq!(names(&p.list("filters[name][$contains]=c.t&pagination[limit]=0").await), ["c.txt"]);
    assert_eq!(p.uploads().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_file_keeps_all_out() {
    let p = Project::new().await;
    let big = "x".repeat(2_000);
    for (file, kind) in [(big.as_str(), RefusalKind::TooLarge), ("..", RefusalKind::Validation)] {
        let files = vec![p.upload("good.txt", json!({})), p.upload(file, json!({}))];
        assert_eq!(refusal(p.add(&full(), files, None).await.unwrap_err()).0, kind);
        assert_eq!((p.list("").await, p.uploads().len()), (json!([]), 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_does_not_fit_is_named_and_nothing_is_stored() {
    let p = Project::new().await;
    let page = p.write("pages", "", None, json!({ "title": "t" })).await;
    let id = page["id"].to_string();
    for (link, part) in [
        (link("api::nothing.nothing", &id, "cover"), "ref: "),
        (link("api::page.page", &id, "nothing"), "field: "),
        (link("api::page.page", &id, "title"), "field: "),
        (link("api::page.page", "4711", "cover"), "refId: "),
        (link("api::page.page", "abc", "cover"), "refId: "),
        (link("api::page.page", "", "cover"), "refId: "),
    ] {
        let refused = p.add(&full(), vec![p.upload("a.txt", json!({}))], Some(link)).await.unwrap_err();
        let (kind, message) = refusal(refused);
        assert!(kind == RefusalKind::Validation && message.starts_with(part), "{message}");
    }
    assert_eq!((p.list("").await, p.uploads().len()), (json!([]), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_row_gets_files_with_its_draft_and_keeps_its_number() {
    let p = Project::new().await;
    let page = p.write("pages", "", None, json!({ "title": "t" })).await;
    let (document, row) = (&page["documentId"], page["id"].as_i64().unwrap());
    p.clock.advance(TimeDelta::hours(1));
    p.add_to(&["one.txt"], "api::page.page", row, "cover").await.unwrap();
    p.add_to(&["two.txt"], "api::page.page", row, "cover").await.unwrap();
    p.add_to(&["a.txt", "b.txt"], "api::page.page", row, "gallery").await.unwrap();
    p.add_to(&["c.txt"], "api::page.page", row, "gallery").await.unwrap();
    for status in ["published", "draft"] {
        let read = p.read("pages", document, &format!("populate=*&status={status}"));
        assert_eq!(names(&read["cover"]), ["two.txt"], "{status}");
        assert_eq!(names(&read["gallery"]), ["a.txt", "b.txt", "c.txt"], "{status}");
        assert_eq!(read["updatedAt"], "2025-01-01T11:00:00.000Z");
    }
    let read = p.read("pages", document, "");
    assert_eq!(read["id"], row);
    assert_eq!(read["publishedAt"], "2025-01-01T10:00:00.000Z");
    // The file that was replaced is there still.
    assert_eq!(p.list("").await.as_array().unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_draft_is_not_published_along_the_way() {
    let p = Project::new().await;
    let page = p.write("pages", "", None, json!({ "title": "old" })).await;
    let (document, row) = (&page["documentId"], page["id"].as_i64().unwrap());
    p.clock.advance(TimeDelta::hours(1));
    let draft = p.write("pages", "status=draft", document.as_str(), json!({ "title": "unfinished" })).await;
    p.clock.advance(TimeDelta::hours(1));
    p.add_to(&["new.txt"], "api::page.page", row, "cover").await.unwrap();
    let read = p.read("pages", document, "populate=cover");
    assert_eq!((&read["title"], names(&read["cover"])), (&json!("old"), vec!["new.txt"]));
    assert_eq!(read["updatedAt"], "2025-01-01T10:00:00.000Z");
    let read = p.read("pages", document, "status=draft&populate=cover");
    assert_eq!((&read["title"], names(&read["cover"])), (&json!("unfinished"), vec!["new.txt"]));
    assert_eq!(read["updatedAt"], "2025-01-01T12:00:00.000Z");
    // To the draft alone.
    p.add_to(&["draft.txt"], "api::page.page", draft["id"].as_i64().unwrap(), "cover").await.unwrap();
    assert_eq!(names(&p.read("pages", document, "populate=cover")["cover"]), ["new.txt"]);
    assert_eq!(names(&p.read("pages", document, "status=draft&populate=cover")["cover"]), ["draft.txt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn locales_are_apart_but_for_what_they_share() {
    let p = Project::new().await;
    let page = p.write("pages", "", None, json!({ "title": "t" })).await;
    let document = &page["documentId"];
    let dutch = p.write("pages", "locale=nl", document.as_str(), json!({ "title": "t" })).await;
    let row = dutch["id"].as_i64().unwrap();
    p.add_to(&["cover.txt"], "api::page.page", row, "cover").await.unwrap();
    p.add_to(&["logo.txt"], "api::page.page", row, "logo").await.unwrap();
    let (en, nl) = (p.read("pages", document, "populate=*"), p.read("pages", document, "populate=*&locale=nl"));
    assert_eq!((names(&en["cover"]), names(&nl["cover"])), (vec![], vec!["cover.txt"]));
    assert_eq!((names(&en["logo"]), names(&nl["logo"])), (vec!["logo.txt"], vec!["logo.txt"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_without_drafts_has_one_row() {
    let p = Project::new().await;
    let note = p.write("notes", "", None, json!({ "title": "t" })).await;
    p.clock.advance(TimeDelta::hours(1));
    p.add_to(&["a.txt", "b.txt"], "api::note.note", note["id"].as_i64().unwrap(), "sketches").await.unwrap();
    let read = p.read("notes", &note["documentId"], "populate=*");
    assert_eq!(names(&read["sketches"]), ["a.txt", "b.txt"]);
    assert_eq!(read["publishedAt"], "2025-01-01T11:00:00.000Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_change_and_null_keeps() {
    let p = Project::new().await;
    let info = json!({ "name": "n.txt", "alternativeText": "alt", "caption": "cap" });
    let added = p.add(&full(), vec![p.upload("a.txt", info)], None).await.unwrap();
    let number = p.list("").await[0]["id"].to_string();
    let change = |info: Json| FileInfo::parse(&info).unwrap();
    let access = full();
    let ask = p.ask(&access, "id=1");
    let info = json!({ "name": "again.txt", "alternativeText": "", "caption": null });
    let body = p.content.update_file(&ask, &number, change(info)).await.unwrap().unwrap();
    let file: Json = serde_json::from_slice(&body).unwrap();
    assert_eq!([&file["name"], &file["alternativeText"], &file["caption"]], ["again.txt", "", "cap"]);
    assert_eq!(file["isUrlSigned"], false);
    assert!(file["url"].as_str().unwrap().starts_with("/uploads/n_"));
    let body = p.content.update_file(&ask, &added[0], FileInfo::default()).await.unwrap().unwrap();
    assert_eq!(serde_json::from_slice::<Json>(&body).unwrap(), file);
    for name in ["", "  ", "a\nb", &"x".repeat(256)] {
        let refused = p.content.update_file(&ask, &number, change(json!({ "name": name }))).await.unwrap_err();
        assert_eq!(refusal(refused).0, RefusalKind::Validation, "{name:?}");
    }
    for id in ["4711", "abc", "", "-1", "+1", "99999999999999999999"] {
        assert!(p.content.update_file(&ask, id, FileInfo::default()).await.unwrap().is_none(), "{id}");
        assert!(p.content.find_file(&ask, id).unwrap().is_none(), "{id}");
        assert!(p.content.delete_file(&ask, id).await.unwrap().is_none(), "{id}");
    }
    let found = p.content.find_file(&ask, &number).unwrap().unwrap();
    assert_eq!(serde_json::from_slice::<Json>(&found.body).unwrap(), file);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_file_comes_back_to_where_it_was() {
    let p = Project::new().await;
    let page = p.write("pages", "", None, json!({ "title": "t" })).await;
    let row = page["id"].as_i64().unwrap();
    p.add_to(&["cover.txt"], "api::page.page", row, "cover").await.unwrap();
    p.add_to(&["a.txt", "b.txt", "c.txt"], "api::page.page", row, "gallery").await.unwrap();
    let files = p.list("sort=name").await;
    let access = full();
    let ask = p.ask(&access, "");
    for (file, name) in [(&files[1], "b.txt"), (&files[3], "cover.txt")] {
        let body = p.content.delete_file(&ask, &file["id"].to_string()).await.unwrap().unwrap();
        let gone: Json = serde_json::from_slice(&body).unwrap();
        assert_eq!((&gone, names(&gone)), (file, vec![name]));
    }
    let read = p.read("pages", &page["documentId"], "populate=*");
    assert_eq!((&read["cover"], names(&read["gallery"])), (&Json::Null, vec!["a.txt", "c.txt"]));
    assert_eq!((p.list("").await.as_array().unwrap().len(), p.uploads().len()), (2, 4));
    let served = |file: &Json| p.content.store().read(|r| r.served_blob(&file["url"].as_str().unwrap()[9..])).unwrap();
    assert!(served(&files[1]).is_none() && served(&files[0]).is_some());

    for file in [&files[1], &files[3]] {
        let document = file["documentId"].as_str().unwrap();
        let (body, linked, links) = p.content.restore_file(&ask, document).await.unwrap();
        assert_eq!(&serde_json::from_slice::<Json>(&body).unwrap(), file);
        // Of the draft and of the published version.
        assert_eq!((linked, links), (2, 2));
        assert!(matches!(p.content.restore_file(&ask, document).await, Err(ContentError::Refused(_))));
        assert!(p.content.purge_file(public_actor(), document).await.is_err());
    }
    let read = p.read("pages", &page["documentId"], "populate=*");
    assert_eq!((names(&read["cover"]), names(&read["gallery"])), (vec!["cover.txt"], vec!["a.txt", "b.txt", "c.txt"]));
    assert!(served(&files[1]).is_some());
    // What has taken its place stays.
    p.content.delete_file(&ask, &files[3]["id"].to_string()).await.unwrap().unwrap();
    p.add_to(&["other.txt"], "api::page.page", row, "cover").await.unwrap();
    let (_, linked, links) = p.content.restore_file(&ask, files[3]["documentId"].as_str().unwrap()).await.unwrap();
    assert_eq!((linked, links), (0, 2));
    assert_eq!(names(&p.read("pages", &page["documentId"], "populate=*")["cover"]), ["other.txt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_removed_for_good_goes_with_a_sweep_and_what_another_has_stays() {
    let p = Project::new().await;
    let access = full();
    let ask = p.ask(&access, "");
    let ids = p.add(&access, vec![p.upload("a.txt", json!({})), p.upload("b.txt", json!({}))], None).await.unwrap();
    // The same bytes under another name are one object.
    let twin = p.add(&access, vec![p.upload("a.txt", json!({ "name": "twin.txt" }))], None).await.unwrap();
    assert_eq!(p.uploads().len(), 2);
    std::fs::write(p.dir.path().join("uploads/unknown.txt"), "x").unwrap();
    for id in &ids {
        p.content.delete_file(&ask, id).await.unwrap().unwrap();
        p.content.purge_file(public_actor(), id).await.unwrap();
        assert!(p.content.restore_file(&ask, id).await.is_err());
    }
    let sweep = async || {
        let known = p.content.sweep_files(p.blobs.clone(), "").await.unwrap();
        let unknown = p.content.sweep_unknown_files(p.blobs.clone(), "").await.unwrap();
        assert_eq!((known.next, unknown.next), (None, None));
        (known.removed, unknown.removed)
    };
    assert_eq!(sweep().await, (0, 0));
    assert_eq!(p.uploads().len(), 3);
    p.clock.advance(TimeDelta::hours(25));
    // By the clock of the folder the unknown one is younger than a day, or was made in another year.
    assert_eq!(sweep().await.0, 1);
    let file = p.read_object(&twin[0]);
    assert_eq!(file.as_deref(), Some("a.txt"));
    // Bytes that went can come again.
    p.add(&access, vec![p.upload("b.txt", json!({}))], None).await.unwrap();
    assert!(p.uploads().len() >= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trash_is_emptied_after_thirty_days() {
    let p = Project::new().await;
    let access = full();
    let ids = p.add(&access, vec![p.upload("a.txt", json!({})), p.upload("b.txt", json!({}))], None).await.unwrap();
    p.content.delete_file(&p.ask(&access, ""), &ids[0]).await.unwrap().unwrap();
    p.clock.advance(TimeDelta::days(29));
    assert_eq!(p.content.purge_trashed_files().await.unwrap(), (0, true));
    p.clock.advance(TimeDelta::days(2));
    assert_eq!(p.content.purge_trashed_files().await.unwrap(), (1, true));
    assert!(p.content.restore_file(&p.ask(&access, ""), &ids[0]).await.is_err());
    assert_eq!(p.list("").await.as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_file_keeps_its_addresses_and_can_be_what_it_was() {
    let p = Project::new().await;
    let access = full();
    let ask = p.ask(&access, "");
    let limits = UploadLimits { max_bytes: 1_000 };
    let info = json!({ "name": "price list.txt", "caption": "ours" });
    let ids = p.add(&access, vec![p.upload("old.txt", info)], None).await.unwrap();
    let old = p.list("").await[0].clone();
    let other = p.upload("new bytes.html", json!({}));
    let refused = p.content.replace_file(&ask, p.blobs.clone(), limits, &ids[0], other).await.unwrap_err();
    assert!(refusal(refused).1.contains("can only be replaced by another .txt file"));
    assert_eq!((p.list("").await[0].clone(), p.uploads().len()), (old.clone(), 1));

    p.clock.advance(TimeDelta::hours(1));
    let new = p.upload("the new bytes.txt", json!({ "caption": "theirs" }));
    let body =
        p.content.replace_file(&ask, p.blobs.clone(), limits, &old["id"].to_string(), new).await.unwrap().unwrap();
    let new: Json = serde_json::from_slice(&body).unwrap();
    for same in ["id", "documentId", "name", "url", "hash", "ext", "createdAt"] {
        assert_eq!(new[same], old[same], "{same}");
    }
    assert_eq!((&new["caption"], &new["size"]), (&json!("theirs"), &json!(0.02)));
    assert_eq!(p.read_object(&ids[0]).as_deref(), Some("the new bytes.txt"));

    let body = p.content.restore_file_version(&ask, &ids[0], 1).await.unwrap();
    let again: Json = serde_json::from_slice(&body).unwrap();
    assert_eq!((&again["size"], &again["caption"]), (&old["size"], &json!("theirs")));
    assert_eq!(p.read_object(&ids[0]).as_deref(), Some("old.txt"));
    let versions = p.content.store().read(|r| r.asset_versions(&ids[0])).unwrap();
    assert_eq!(versions.iter().map(|v| v.number).collect::<Vec<_>>(), [2, 1]);
    assert!(p.content.restore_file_version(&ask, &ids[0], 9).await.is_err());
    assert!(
        p.content
            .replace_file(&ask, p.blobs.clone(), limits, "4711", p.upload("a.txt", json!({})))
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_file_has_addresses_of_its_own() {
    let p = Project::new().await;
    let access = full();
    let ask = p.ask(&access, "");
    p.add(&access, vec![p.upload("a.txt", json!({ "private": true }))], None).await.unwrap();
    let file = p.list("").await[0].clone();
    let url = file["url"].as_str().unwrap();
    assert!(url.starts_with("/uploads/private/a_"), "{url}");
    assert_eq!(file["isUrlSigned"], true);
    let public = FileInfo { private: Some(false), ..FileInfo::default() };
    let body = p.content.update_file(&ask, file["documentId"].as_str().unwrap(), public).await.unwrap().unwrap();
    let file: Json = serde_json::from_slice(&body).unwrap();
    assert_eq!(file["url"], url.split('?').next().unwrap().replace("/private", ""));
    let nowhere = json!({ "folder": 77 });
    let refused = p.add(&access, vec![p.upload("b.txt", nowhere)], None).await.unwrap_err();
    assert!(refusal(refused).1.starts_with("fileInfo.folder: folder 77 not found"));
    assert_eq!(p.uploads().len(), 1);
}

/// A file store that fails from some write on, before or after the blob is stored.
struct Failing {
    folder: Arc<dyn BlobStore>,
    left: std::sync::atomic::AtomicUsize,
    written: bool,
}

impl BlobStore for Failing {
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
async fn a_disk_that_fills_up_half_way_leaves_nothing() {
    let p = Project::new().await;
    let access = full();
    // Counted on by another file: stays whatever becomes of the second upload.
    p.add(&access, vec![p.upload("b.txt", json!({}))], None).await.unwrap();
    for left in 0..2 {
        for written in [false, true] {
            let blobs = Arc::new(Failing { folder: p.blobs.clone(), left: left.into(), written });
            let files = ["a.txt", "b.txt", "c.txt"].map(|name| p.upload(name, json!({}))).into();
            let limits = UploadLimits { max_bytes: 1_000 };
            let failed = p.content.add_files(&p.ask(&access, ""), blobs, limits, files, None).await.unwrap_err();
            assert!(matches!(failed, ContentError::Store(StoreError::Unwritable(_))), "{failed:?}");
            assert_eq!((p.list("").await.as_array().unwrap().len(), p.uploads().len()), (1, 1));
        }
    }
    p.add(&access, ["a.txt", "b.txt", "c.txt"].map(|name| p.upload(name, json!({}))).into(), None).await.unwrap();
    assert_eq!((p.list("").await.as_array().unwrap().len(), p.uploads().len()), (4, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_many_times_at_once_are_one_object_and_no_file_is_lost() {
    let p = Project::new().await;
    let access = full();
    let uploads = (0..16).map(|i| {
        let file = p.upload("same.txt", json!({}));
        let (p, access) = (&p, &access);
        async move {
            // Every other one fails after its objects are there: the entry it names is not there any more.
            let link = (i % 2 == 1).then(|| link("api::page.page", "4711", "cover"));
            p.add(access, vec![file], link).await.is_ok()
        }
    });
    let stored = futures_util::future::join_all(uploads).await.into_iter().filter(|ok| *ok).count();
    assert_eq!((stored, p.uploads().len()), (8, 1));
    for file in p.list("").await.as_array().unwrap() {
        assert_eq!(p.read_object(file["documentId"].as_str().unwrap()).as_deref(), Some("same.txt"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_from_before_are_taken_over_where_they_are() {
    let p = Project::new().await;
    let access = full();
    let ids = p.add(&access, vec![p.upload("a.txt", json!({}))], None).await.unwrap();
    let file = p.list("").await[0].clone();
    let name = file["url"].as_str().unwrap()[9..].to_owned();
    // As an older version has left it: the object under the name of the file, and nothing beside the row.
    let uploads = p.dir.path().join("uploads");
    std::fs::rename(uploads.join(&p.uploads()[0]), uploads.join(&name)).unwrap();
    let id = ids[0].clone();
    p.content.store().write(move |tx| tx.purge_asset(&id, 1)).await.unwrap();
    assert_eq!(p.read_object(&ids[0]), None);
    assert_eq!(p.content.adopt_files(&p.blobs).await.unwrap(), 1);
    assert_eq!(p.content.adopt_files(&p.blobs).await.unwrap(), 0);
    assert_eq!(p.read_object(&ids[0]).as_deref(), Some("a.txt"));
    p.clock.advance(TimeDelta::hours(25));
    p.content.sweep_files(p.blobs.clone(), "").await.unwrap();
    assert_eq!(p.uploads(), [name]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_holds_for_the_versions_that_get_the_file() {
    let p = Project::new().await;
    let (file, page) = (p.content.registry().file_type(), p.content.by_route("pages").unwrap());
    let en = p.write("pages", "", None, json!({ "title": "yours" })).await;
    let nl = p.write("pages", "locale=nl", en["documentId"].as_str(), json!({ "title": "mine" })).await;
    let condition = AccessRule { condition: Some(Arc::new(json!({ "title": "mine" }))), fields: None };
    let rules = [((file.id, Action::Create), AccessRule::default()), ((page.id, Action::Update), condition)];
    let access = Arc::new(Access { key: "mine".into(), rules: rules.into_iter().collect(), ..Access::none() });
    let to = async |entry: &Json, attribute: &str| {
        let link = link("api::page.page", &entry["id"].to_string(), attribute);
        p.add(&access, vec![p.upload("a.txt", json!({}))], Some(link))
            .await
            .map_err(|e| refusal(e).0)
            .map(|ids| ids.len())
    };
    assert_eq!(to(&en, "cover").await, Err(RefusalKind::Validation));
    assert_eq!(to(&nl, "cover").await, Ok(1));
    // All locales show the logo.
    assert_eq!(to(&nl, "logo").await, Err(RefusalKind::Validation));
    assert_eq!(p.uploads().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_and_conditions_hold() {
    let p = Project::new().await;
    let (file, page) = (p.content.registry().file_type(), p.content.by_route("pages").unwrap());
    let entry = p.write("pages", "", None, json!({ "title": "t" })).await;
    let text =
        |only: &str| AccessRule { condition: Some(Arc::new(json!({ "name": { "$contains": only } }))), fields: None };
    let named = |fields: &[&str]| {
        let ids = fields.iter().map(|f| file.attributes.get(f).unwrap().0).collect();
        AccessRule { condition: None, fields: Some(Arc::new(ids)) }
    };
    let access = |key: &str, rules: Vec<((cairn_model::TypeId, Action), AccessRule)>| {
        Arc::new(Access { key: key.into(), rules: rules.into_iter().collect(), ..Access::none() })
    };
    let kind = |r: Result<Vec<String>>| r.map_err(|e| refusal(e).0).map(|ids| ids.len());

    let nobody = access("nobody", vec![]);
    assert_eq!(kind(p.add(&nobody, vec![p.upload("a.txt", json!({}))], None).await), Err(RefusalKind::Forbidden));
    let writer = access("w", vec![((file.id, Action::Create), text("mine"))]);
    assert_eq!(kind(p.add(&writer, vec![p.upload("other.txt", json!({}))], None).await), Err(RefusalKind::Forbidden));
    assert_eq!(kind(p.add(&writer, vec![p.upload("mine.txt", json!({}))], None).await), Ok(1));
    // Into an entry only with the right to change it.
    let to_page = Some(link("api::page.page", &entry["id"].to_string(), "cover"));
    let files = vec![p.upload("mine.txt", json!({}))];
    assert_eq!(kind(p.add(&writer, files, to_page).await), Err(RefusalKind::Forbidden));
    let updates = AccessRule { condition: Some(Arc::new(json!({ "title": "else" }))), fields: None };
    let editor =
        access("e", vec![((file.id, Action::Create), AccessRule::default()), ((page.id, Action::Update), updates)]);
    let to_page = Some(link("api::page.page", &entry["id"].to_string(), "cover"));
    let refused = p.add(&editor, vec![p.upload("mine.txt", json!({}))], to_page).await.unwrap_err();
    assert!(refusal(refused).1.starts_with("refId: "));
    // Only some texts.
    let shy = access("s", vec![((file.id, Action::Create), named(&["name"]))]);
    let files = vec![p.upload("a.txt", json!({ "caption": "c" }))];
    assert_eq!(refusal(p.add(&shy, files, None).await.unwrap_err()).1, "Invalid key caption");
    assert_eq!(p.uploads().len(), 1);

    let id = p.list("").await[0]["id"].to_string();
    let other =
        access("o", vec![((file.id, Action::Update), text("other")), ((file.id, Action::Delete), text("other"))]);
    assert!(p.content.update_file(&p.ask(&other, ""), &id, FileInfo::default()).await.unwrap().is_none());
    assert!(p.content.delete_file(&p.ask(&other, ""), &id).await.unwrap().is_none());
    let mine = access("m", vec![((file.id, Action::Update), text("mine"))]);
    let rename = FileInfo { name: Some("theirs.txt".into()), ..FileInfo::default() };
    let refused = p.content.update_file(&p.ask(&mine, ""), &id, rename).await.unwrap_err();
    assert_eq!(refusal(refused).0, RefusalKind::Forbidden);
    assert_eq!(names(&p.list("").await), ["mine.txt"]);
    assert_eq!(p.uploads().len(), 1);
    let refused = p.content.find_files(&p.ask(&nobody, "")).await.unwrap_err();
    assert_eq!(refusal(refused).0, RefusalKind::Forbidden);
}

#[test]
fn file_info_of_the_wrong_kind_is_named() {
    for (given, part) in [
        (json!([]), "fileInfo"),
        (json!({ "name": 5 }), "fileInfo.name"),
        (json!({ "folder": "x" }), "fileInfo.folder"),
        (json!({ "private": 1 }), "fileInfo.private"),
        (json!({ "caption": {} }), "fileInfo.caption"),
        (json!({ "focalPoint": { "x": 1 } }), "fileInfo.focalPoint"),
        (json!({ "focalPoint": { "x": 1, "y": "2" } }), "fileInfo.focalPoint"),
    ] {
        let (kind, message) = refusal(FileInfo::parse(&given).unwrap_err());
        assert!(kind == RefusalKind::Validation && message.starts_with(part), "{message}");
    }
}

#[test]
fn the_mark_of_a_signature_changes_nothing_else() {
    let sign = |text: &str| String::from_utf8(with_signature(text.as_bytes()).unwrap()).unwrap();
    assert_eq!(sign("{}"), r#"{"isUrlSigned":false}"#);
    assert_eq!(sign(r#"{"size":1.10,"n":"}"}"#), r#"{"size":1.10,"n":"}","isUrlSigned":false}"#);
    let each = |text: &str| with_signature_each(text.as_bytes()).map(|b| String::from_utf8(b).unwrap());
    assert_eq!(each("[]").unwrap(), "[]");
    assert_eq!(
        each(r#"[{"a":[{}]},{"b":1}]"#).unwrap(),
        r#"[{"a":[{}],"isUrlSigned":false},{"b":1,"isUrlSigned":false}]"#
    );
    assert!(each("[1]").is_err() && each("[").is_err());
}

#[test]
fn numbers_name_rows() {
    assert_eq!(parse_file_ref("12"), TargetRef::Row(12));
    for id in ["abc", "-1", "+1", "", "99999999999999999999"] {
        assert_eq!(parse_file_ref(id), TargetRef::Document(id.into()));
    }
}
