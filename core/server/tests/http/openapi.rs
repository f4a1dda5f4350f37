//! The OpenAPI document of the admin API: what clients are generated from. That answers are as it says is looked at by the testkit,
//! on every request of every test.

use crate::golden::assert_golden;
use cairn_testkit::TestServer;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::path::Path;

fn document() -> Json {
    serde_json::from_str(cairn_server::openapi()).unwrap()
}

fn operations(document: &Json) -> impl Iterator<Item = (String, &Json)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

/// The admin UI's types are generated from this file: a change of the API is seen in review, and by TypeScript.
#[test]
fn document_equals_the_committed_file() {
    assert_golden("openapi.json", cairn_server::openapi());
}

#[test]
fn operations_have_unique_ids_and_a_summary() {
    let (document, mut names) = (document(), BTreeSet::new());
    for (place, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name.to_owned()), "{place}: {name} is there twice");
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(!summary.is_empty(), "{place}: its handler has no doc comment");
        assert!(!summary.starts_with('`'), "{place}: the address need not be said again: {summary}");
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{place}");
        let variable = place.matches('{').count();
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        assert_eq!(
            parameters.filter(|p| p["in"] == "path").count(),
            variable,
            "{place}: a part of the path is not described"
        );
    }
}

/// Files of routes that have no description yet; nothing may be added.
const UNDESCRIBED: [&str; 0] = [];

/// `routes!` describes; `.route(` does not.
#[test]
fn every_route_is_described() {
    fn read(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, found);
            } else if std::fs::read_to_string(&path).unwrap().contains(".route(\"/admin/api/") {
                found.insert(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    let mut found = BTreeSet::new();
    for api in ["editing-api", "administration-api"] {
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../{api}/src")), &mut found);
    }
    found.retain(|file| !UNDESCRIBED.contains(&file.as_str()));
    assert!(found.is_empty(), "routes without a description, in {found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn document_requires_authentication() {
    let server = TestServer::start().await;
    assert_eq!(server.public_client().get("/admin/api/openapi.json").await.status, 401);
    assert_eq!(server.get("/admin/api/openapi.json").await.expect_status(200).text(), cairn_server::openapi());
}
