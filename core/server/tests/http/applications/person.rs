//! One person's data in the applications: what each of them reports and erases, and what stays.

use cairn_testkit::TestServer;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

const AT: &str = "/admin/api/personal-data";

/// How many records of each kind a plugin has about a person.
pub(crate) async fn count_records(server: &TestServer, plugin: &str, address: &str) -> BTreeMap<String, u64> {
    let summary = server.post(&format!("{AT}/summary"), json!({ "address": address })).await.expect_status(200);
    let source = find_source(summary.data(), plugin);
    assert_eq!(source["state"], "done", "{source}");
    let kinds = source["kinds"].as_array().unwrap();
    kinds.iter().map(|kind| (kind["kind"].as_str().unwrap().to_owned(), kind["records"].as_u64().unwrap())).collect()
}

/// Erases a person. Returns the erasure, which is done, and what stayed.
pub(crate) async fn erase_person(server: &TestServer, address: &str) -> (Json, Vec<Json>) {
    let started = server.post(&format!("{AT}/erasures"), json!({ "address": address })).await.expect_status(202);
    server.run_until_idle().await;
    let path = format!("{AT}/erasures/{}", started.data()["id"]);
    let erasure = server.get(&path).await.expect_status(200).data().clone();
    assert_eq!(erasure["state"], "done", "{erasure}");
    let stayed = server.get(&format!("{path}/retained")).await.expect_status(200);
    (erasure, stayed.data().as_array().unwrap().clone())
}

/// How far an erasure or a summary is at a plugin.
pub(crate) fn find_source<'a>(of: &'a Json, plugin: &str) -> &'a Json {
    let id = format!("plugin:{plugin}");
    of["sources"].as_array().unwrap().iter().find(|source| source["source"] == id.as_str()).unwrap()
}
