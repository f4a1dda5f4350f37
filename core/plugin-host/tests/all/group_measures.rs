//! Figures of groups with measures as texts: `allow` measures its branches.

use crate::routes::{response_json, route_request, send_request};
use crate::test_project::TestProject;
use cairn_plugin_host::routes::RouteError;
use serde_json::{Value as Json, json};

async fn measure(project: &TestProject, query: &[(&str, &str)]) -> Result<Json, (u16, String)> {
    let path = "allow/measure-branches";
    match send_request(project, path, route_request("GET", path, query, "")).await {
        Ok(response) => Ok(response_json(&response)),
        Err(RouteError::Refused(no)) => Err((no.kind.status(), format!("{} {}", no.message, no.details))),
        Err(other) => panic!("{query:?}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_measured_by_texts() {
    let project = TestProject::with_guests(&["allow"]).await;
    for (title, size) in
        [("a", json!(4)), ("a", json!(1)), ("b", json!(9)), ("a", json!(null)), ("a", json!(8)), ("a", json!(7))]
    {
        project.create("plugin::allow.branch", json!({ "title": title, "size": size })).await.unwrap();
    }
    let measures = ("measures", "count,median.size,maximum.size");
    assert_eq!(
        measure(&project, &[("by", "title"), measures, ("sort", "median.size:desc")]).await.unwrap(),
        json!([
            { "group": { "title": "b" }, "count": 1, "median": { "size": 9 }, "maximum": { "size": 9 } },
            { "group": { "title": "a" }, "count": 5, "median": { "size": 5.5 }, "maximum": { "size": 8 } },
        ])
    );
    assert_eq!(
        measure(&project, &[measures]).await.unwrap(),
        json!([{ "group": {}, "count": 6, "median": { "size": 7 }, "maximum": { "size": 9 } }])
    );
    for (wrong, message) in [
        ("mode.size", "expected count, or sum, average, median"),
        ("median", "expected count, or sum, average, median"),
        ("median.title", "title cannot be used with median"),
        ("median.none", "Invalid key none"),
        ("", "at least one measure is required"),
    ] {
        let (status, text) = measure(&project, &[("measures", wrong)]).await.unwrap_err();
        assert!(status == 400 && text.contains(message), "{wrong}: {status} {text}");
    }
}
