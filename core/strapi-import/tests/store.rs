//! The archive of a real Strapi in a database, read back document by document.
#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

use cairn_model::{Registry, TypeId};
use cairn_store::content::BulkVersion;
use cairn_store::{Database, Store, StoreError, StoreOptions, WriteTx};
use cairn_strapi_import::{
    Archive, ImportError, ImportReport, ImportSink, ImportedFile, Survey, TextRepair, build_schema_files,
    convert_archive, survey_archive,
};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

struct Rows<'t, 'a>(&'t mut WriteTx<'a>);

impl ImportSink for Rows<'_, '_> {
    fn add_versions(&mut self, ct: TypeId, versions: Vec<BulkVersion>) -> Result<(), ImportError> {
        Ok(self.0.documents().insert_versions(ct, versions)?)
    }

    fn add_file(&mut self, _: ImportedFile) -> Result<(), ImportError> {
        Ok(())
    }
}

fn open_archive() -> Archive {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/export.tar.gz");
    Archive::new(Arc::new(move || Ok(Box::new(File::open(&path)?) as _)), None).unwrap()
}

fn load_registry(survey: &Survey, folder: &Path) -> Registry {
    for (path, schema) in build_schema_files(&survey.schemas, &mut ImportReport::default()) {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, serde_json::to_string(&schema).unwrap()).unwrap();
    }
    cairn_model::load::load_project(folder).unwrap().registry
}

fn documents(store: &Store, uid: &str) -> Vec<Json> {
    let ct = store.registry().by_uid(uid).unwrap().id;
    let mut all = Vec::new();
    let read = store.read_all(|r| {
        r.transfer().export_documents(ct, |document| {
            all.push(document.clone());
            Ok::<(), StoreError>(())
        })
    });
    read.unwrap();
    all
}

/// The version of a document whose attribute has that value.
fn find_version(documents: &[Json], attribute: &str, value: &str) -> Json {
    let mut versions = documents.iter().flat_map(|document| document["versions"].as_array().unwrap());
    versions.rfind(|version| version[attribute] == value).unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_stored_with_their_ids_links_and_components() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, database) = (open_archive(), Database::Sqlite(folder.path().join("cairn.db")));
    let survey = Arc::new(survey_archive(&archive).unwrap());
    let registry = Arc::new(load_registry(&survey, folder.path()));
    let store = Store::open(StoreOptions { database }, registry.clone()).unwrap();
    let roles: HashMap<i64, String> = [1, 2, 3].map(|id| (id, format!("role{id}"))).into();
    let (of_types, of_survey) = (registry.clone(), survey.clone());
    let stored = store.write(move |tx| {
        let mut report = ImportReport::default();
        let (sink, repair) = (&mut Rows(tx), TextRepair::Report);
        convert_archive(&archive, &of_survey, &of_types, &roles, repair, sink, &mut report)?;
        for ct in of_types.types() {
            if let Some(last) = of_survey.largest_id(&ct.uid) {
                tx.documents().reserve_ids(ct.id, last + 1)?;
            }
        }
        Ok::<_, ImportError>(report)
    });
    let report = stored.await.unwrap();
    assert!(report.problems.is_empty(), "{report}");

    let (authors, tags) = (documents(&store, "api::author.author"), documents(&store, "api::tag.tag"));
    let id_of = |all: &[Json], attribute: &str, value: &str| {
        let has = |document: &&Json| document["versions"].as_array().unwrap().iter().any(|v| v[attribute] == value);
        all.iter().find(has).unwrap()["documentId"].clone()
    };
    let articles = documents(&store, "api::article.article");
    assert_eq!(articles.len(), 3);
    let first = find_version(&articles, "title", "First \"quoted\" é \u{1F600}");
    assert_eq!((&first["id"], &first["locale"], &first["status"]), (&json!(4), &json!("en"), &json!("published")));
    assert_eq!(first["tags"], json!([id_of(&tags, "label", "Two"), id_of(&tags, "label", "One")]));
    assert_eq!(first["author"], id_of(&authors, "name", "Cleo"));
    assert_eq!(first["links"][1]["page"], id_of(&articles, "slug", "second"));
    assert_eq!(first["links"][0]["page"], Json::Null);
    assert!(first["links"][0]["id"].as_i64().is_some_and(|id| id > 0));
    assert_eq!(first["sections"][0]["said"], id_of(&authors, "name", "Abe"));
    assert_eq!(first["sections"][2]["people"], json!([id_of(&authors, "name", "Bea"), id_of(&authors, "name", "Abe")]));
    let draft = find_version(&articles, "title", "First, changed");
    assert_eq!(draft["tags"][0], id_of(&tags, "label", "Three"));
    let notes = documents(&store, "api::note.note");
    let things = &notes[0]["versions"][0]["things"];
    assert_eq!(things[0], json!({ "type": "api::author.author", "documentId": id_of(&authors, "name", "Abe") }));
    assert_eq!(things[1]["type"], "api::sheet.sheet");
    let users = documents(&store, "plugin::users-permissions.user");
    assert_eq!(find_version(&users, "username", "ann")["role"], "role1");
    assert_eq!(find_version(&users, "username", "ann")["nickname"], "Annie");
}
