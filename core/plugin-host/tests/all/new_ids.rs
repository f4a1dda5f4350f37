//! Documents with ids that the plugin generates: `allow` creates trees of them in one call.

use crate::routes::{response_json, route_request, send_request};
use crate::test_project::{TestProject, full_access};
use cairn_plugin_host::routes::RouteError;
use serde_json::{Value as Json, json};

const BRANCH: &str = "plugin::allow.branch";

async fn write_tree(project: &TestProject, body: Json) -> Result<Vec<String>, (u16, String)> {
    let request = route_request("POST", "allow/write-tree", &[], &body.to_string());
    match send_request(project, "allow/write-tree", request).await {
        Ok(response) => Ok(serde_json::from_value(response_json(&response)).unwrap()),
        Err(RouteError::Refused(no)) => Err((no.kind.status(), format!("{} {}", no.message, no.details))),
        Err(other) => panic!("{body}: {other:?}"),
    }
}

/// The branches' titles, each with the id of the branch it is under.
async fn find_branches(project: &TestProject) -> Vec<(String, Option<String>)> {
    let access = full_access();
    let context = project.request_context(&access, BRANCH, "sort=id&populate[under][fields][0]=documentId");
    let body: Json = serde_json::from_slice(&project.content.find(context).await.unwrap().body).unwrap();
    let text = |value: &Json| value.as_str().map(str::to_owned);
    let branches = body["data"].as_array().unwrap().iter();
    branches.map(|branch| (text(&branch["title"]).unwrap(), text(&branch["under"]["documentId"]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_refer_to_each_other_are_created_in_one_call() {
    let project = TestProject::with_guests(&["allow"]).await;
    let branches = json!([
        { "title": "stem" }, { "title": "left", "under": 0 }, { "title": "leaf", "under": 1 }, { "title": "right", "under": 0 }
    ]);
    let ids = write_tree(&project, json!({ "branches": branches })).await.unwrap();
    let under = |place: usize| Some(ids[place].clone());
    let expected = [("stem", None), ("left", under(0)), ("leaf", under(1)), ("right", under(0))];
    assert_eq!(find_branches(&project).await, expected.map(|(title, under)| (title.to_owned(), under)));
    // A relation to what comes later leads to nothing, and none of the call has happened.
    let later = json!([{ "title": "early", "under": "abcdefghijklmnopqrstuvwx" }, { "id": "abcdefghijklmnopqrstuvwx", "title": "late" }]);
    let (status, message) = write_tree(&project, json!({ "branches": later })).await.unwrap_err();
    assert!(status == 400 && message.contains("abcdefghijklmnopqrstuvwx"), "{message}");
    assert_eq!(find_branches(&project).await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_free_where_no_document_of_the_type_has_had_them() {
    let project = TestProject::with_guests(&["allow"]).await;
    let id = "z23456789012345678901234";
    let one = |id: &str| json!({ "branches": [{ "title": "one", "id": id }] });
    // Rolled back, it was never there.
    let mut undone = one(id);
    undone["undone"] = json!(true);
    assert_eq!(write_tree(&project, undone).await.unwrap(), [id]);
    let expect_conflict = |answer: Result<Vec<String>, (u16, String)>| {
        let (status, message) = answer.unwrap_err();
        assert!(status == 409 && message.contains("unique") && message.contains(id), "{status} {message}");
    };
    expect_conflict(write_tree(&project, one(id)).await);
    let twice = json!({ "branches": [{ "title": "a", "id": "y23456789012345678901234" }, { "title": "b", "id": id }] });
    expect_conflict(write_tree(&project, twice).await);
    assert_eq!(find_branches(&project).await, [("one".to_owned(), None)], "all or nothing");
    let other = TestProject::with_guests(&["allow"]).await;
    assert_eq!(write_tree(&other, one(id)).await.unwrap(), [id]);
    // A deleted document can still be restored, and keeps its id for that.
    let access = full_access();
    project.content.delete(project.request_context(&access, BRANCH, ""), id, None).await.unwrap();
    expect_conflict(write_tree(&project, one(id)).await);
    assert!(find_branches(&project).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_another_form_are_refused() {
    let project = TestProject::with_guests(&["allow"]).await;
    for id in ["", "short", "1bcdefghijklmnopqrstuvwx", "Abcdefghijklmnopqrstuvwx", "abcdefghijklmnopqrstuvwxy"] {
        let branches = json!([{ "title": "good" }, { "title": "bad", "id": id }]);
        let (status, message) = write_tree(&project, json!({ "branches": branches })).await.unwrap_err();
        assert!(status == 400 && message.contains(r#""path":["creates","1","id"]"#), "{id}: {message}");
    }
    assert!(find_branches(&project).await.is_empty());
}
