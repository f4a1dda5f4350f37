//! For how long documents of a plugin's own types are kept.

use crate::test_project::{TestProject, installed_guest};
use cairn_plugin_package::SourceLocation;
use cairn_plugin_package::manifest::{Expiry, Manifest, OwnTypeSection, Retention};
use cairn_store::events::EventFilter;
use chrono::TimeDelta;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const TRIAL: &str = "plugin::hostile.trial";

/// The hostile plugin, whose trials are kept for two days.
async fn project_with_retention(action: Expiry) -> TestProject {
    let project = TestProject::with_guests(&["hostile"]).await;
    let mut plugin = installed_guest("hostile");
    let mut manifest: Manifest = (*plugin.manifest).clone();
    let after = Duration::from_secs(2 * 86_400);
    let retention = Some(Retention { field: "createdAt".to_owned(), after, action });
    let types = &mut manifest.content_types.as_mut().unwrap().types;
    types.insert("trial".to_owned(), OwnTypeSection { unique: Vec::new(), retention, at: SourceLocation::default() });
    plugin.manifest = Arc::new(manifest);
    plugin.number = 2;
    for answer in project.plugins.replace_running(vec![plugin]) {
        answer.unwrap();
    }
    project.plugins.declare_schedules().await.unwrap();
    project.engine.set_handlers("plugins", project.plugins.job_handlers());
    project
}

async fn create_trials(project: &TestProject, count: usize) {
    for n in 0..count {
        let data = json!({ "title": format!("t{n}"), "kind": "none", "secret": "s", "count": 3 });
        project.create(TRIAL, data).await.unwrap();
    }
}

async fn advance_and_run(project: &TestProject, hours: i64) {
    project.clock.advance(TimeDelta::hours(hours));
    project.engine.run_until_idle().await.unwrap();
    // Between two batches others get their turn.
    project.clock.advance(TimeDelta::seconds(5));
    project.engine.run_until_idle().await.unwrap();
    project.clock.advance(TimeDelta::seconds(5));
    project.engine.run_until_idle().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn all_expired_documents_are_deleted() {
    let project = project_with_retention(Expiry::Delete).await;
    create_trials(&project, 130).await;
    advance_and_run(&project, 40).await;
    create_trials(&project, 2).await;
    assert_eq!(project.find_all(TRIAL).await.len(), 100, "a page of all of them");
    advance_and_run(&project, 10).await;
    assert_eq!(project.find_all(TRIAL).await.len(), 2, "those that came later");
    // Expiry emits events, as any other deletion.
    let filter = EventFilter { name: Some("cairn.document.deleted".into()), ..EventFilter::default() };
    assert_eq!(project.content.store().read(|r| r.events().list(&filter, None, 500)).unwrap().len(), 130);
    advance_and_run(&project, 40).await;
    assert!(project.find_all(TRIAL).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn private_fields_of_expired_documents_are_emptied_once() {
    let project = project_with_retention(Expiry::Anonymise).await;
    create_trials(&project, 1).await;
    let id = project.find_all(TRIAL).await[0]["documentId"].as_str().unwrap().to_owned();
    advance_and_run(&project, 30).await;
    assert_eq!(project.private_attribute(TRIAL, &id, "secret"), json!("s"));
    for _ in 0..3 {
        advance_and_run(&project, 24).await;
    }
    assert_eq!(
        (project.private_attribute(TRIAL, &id, "secret"), project.private_attribute(TRIAL, &id, "count")),
        (json!(null), json!(3))
    );
    let filter = EventFilter { name: Some("cairn.document.updated".into()), ..EventFilter::default() };
    assert_eq!(
        project.content.store().read(|r| r.events().list(&filter, None, 500)).unwrap().len(),
        1,
        "and not again"
    );
}
