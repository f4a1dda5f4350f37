//! Strapi projects are served as they are: two real ones (left out, with a note, where the shared fixtures are missing), and
//! small ones with each of the things that Strapi starts with and nobody should write.
#![expect(clippy::print_stdout, reason = "a test stops where its ground gives way, and says what it leaves out")]

mod relation_pairs;
mod settings;
mod tolerated_schemas;
mod v4;

use cairn_model::ContentTypeKind;
use cairn_testkit::{TestProject, TestServer};
use serde_json::{Map, Value as Json, json};
use std::path::PathBuf;

fn fixture_folder(name: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("CAIRN_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let folder = shared.join("fixtures/strapi-projects").join(name).join("src");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("left out: {name} ({} is not there)", folder.display());
    None
}

/// Value that an attribute accepts, by its type in the schema file: enough to satisfy what the two projects require.
fn value(a: &cairn_model::Attribute, registry: &cairn_model::Registry) -> Option<Json> {
    use cairn_model::FieldKind::*;
    Some(match &a.kind {
        String | Text | RichText => {
            let long = "Something to read. ".repeat(1 + a.min_length.unwrap_or(0) / 19);
            json!(long[..a.max_length.unwrap_or(long.len()).min(long.len())])
        }
        Uid { .. } => json!("something-to-read"),
        Email => json!("someone@example.org"),
        Password => json!("a long password"),
        Integer | BigInteger | Float | Decimal => json!(a.min.as_ref().map_or(3.0, |b| b.value)),
        Boolean => json!(true),
        Date => json!("2026-05-06"),
        DateTime => json!("2026-05-06T07:08:09.000Z"),
        Time => json!("07:08:09.000"),
        Json => json!({ "a": [1, 2] }),
        Blocks => json!([{ "type": "paragraph", "children": [{ "type": "text", "text": "Hello" }] }]),
        Enumeration { values } => json!(values.first()?),
        Component { component, repeatable } => {
            let one = entry(&registry.component(*component).attributes, registry);
            if *repeatable { json!([one, one]) } else { json!(one) }
        }
        DynamicZone { components } => {
            let zone = components.iter().map(|&c| {
                let component = registry.component(c);
                let mut one = entry(&component.attributes, registry);
                one.insert("__component".into(), json!(component.uid));
                serde_json::Value::Object(one)
            });
            serde_json::Value::Array(zone.collect())
        }
        Media { .. } | Relation(_) | Unlinked { .. } => return None,
    })
}

fn entry(attributes: &cairn_model::Attributes, registry: &cairn_model::Registry) -> Map<String, Json> {
    attributes.iter().filter_map(|(_, a)| Some((a.name.clone(), value(a, registry)?))).collect()
}

async fn assert_project_is_served(name: &str, types: usize) {
    let Some(folder) = fixture_folder(name) else { return };
    let server = TestServer::start_with(TestProject::new().with_model(&folder)).await;
    let registry = server.app.content.registry().clone();
    let own: Vec<_> = registry.types().iter().filter(|t| t.is_api()).collect();
    assert_eq!(own.len(), types);
    for ct in own {
        let data = json!({ "data": entry(&ct.attributes, &registry) });
        let path = format!("/api/{}", ct.api_route());
        let single = ct.kind == ContentTypeKind::Single;
        let response = if single { server.put(&path, data).await } else { server.post(&path, data).await };
        assert_eq!(response.status, if single { 200 } else { 201 }, "{path}: {}", response.body);
        let read = server.get(&format!("{path}?populate=*")).await;
        assert_eq!(read.status, 200, "{path}: {}", read.body);
        let view = if single { &read.body["data"] } else { &read.body["data"][0] };
        for (_, a) in ct.attributes.iter().filter(|(_, a)| !a.is_hidden()) {
            assert!(view.get(&a.name).is_some(), "{path}: {} is not in {view}", a.name);
            if a.is_scalar() || registry.attribute_link(a).is_none() {
                assert!(!view[&a.name].is_null(), "{path}: {} came back empty", a.name);
            }
        }
        let deep = server.get(&format!("{path}?populate[0]=*&status=draft")).await;
        assert!(deep.status < 500, "{path}: {}", deep.body);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn launchpad_project_is_served() {
    assert_project_is_served("launchpad", 12).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn foodadvisor_project_is_served() {
    assert_project_is_served("foodadvisor", 9).await;
}
