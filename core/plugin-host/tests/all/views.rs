//! Admin views: what there is, what one shows, and what its buttons do.

use crate::test_project::{TestProject, full_access};
use cairn_plugin_host::views::{ActionOutcome, FieldProblem, ViewContext, ViewError, ViewedDocument};
use cairn_query::Access;
use cairn_store::events::{Actor, ActorKind};
use serde_json::json;
use std::sync::Arc;

pub(crate) fn view_context(view: &str) -> ViewContext {
    ViewContext {
        view: view.to_owned(),
        document: None,
        parameters: Vec::new(),
        actor: Arc::new(Actor { kind: ActorKind::Admin, id: Some("1".into()), ..Actor::public() }),
        access: full_access(),
        locale: "nl".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn views_can_be_listed_rendered_and_acted_on() {
    let project = TestProject::with_guests(&["policy", "allow"]).await;
    let views = project.plugins.list_views("nl");
    let [view, _] = views.as_slice() else { panic!("{views:#?}") };
    assert_eq!((view.plugin.as_str(), view.name.as_str(), view.path.as_deref()), ("policy", "pages", Some("/pages")));
    // A title that was not said is the name.
    assert_eq!((view.title.as_str(), view.permission.as_deref()), ("pages", Some("pages.read")));
    assert_eq!(project.plugins.find_view("policy", "pages", "en").as_ref(), Some(view));
    let rendered = project.plugins.render_view("policy", view_context("pages")).await.unwrap();
    assert_eq!(rendered, json!({ "kind": "table", "type": "plugin::policy.page", "columns": [{ "field": "title" }] }));
    let acted =
        project.plugins.run_action("policy", view_context("pages"), "forget", &json!({ "user": "7" })).await.unwrap();
    assert_eq!(acted, ActionOutcome { view: None, notice: Some("forgotten".into()), navigate: None });
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_views_and_actions_are_not_found() {
    let project = TestProject::with_guests(&["policy"]).await;
    for (plugin, view) in [("policy", "nothing"), ("nothing", "pages"), ("policy", "")] {
        assert_eq!(
            project.plugins.render_view(plugin, view_context(view)).await,
            Err(ViewError::NotFound),
            "{plugin} {view}"
        );
    }
    let answer = project.plugins.run_action("policy", view_context("pages"), "nothing", &json!({})).await;
    assert!(matches!(answer, Err(ViewError::Refused { status: 404, .. })), "{answer:?}");
    // Values that the plugin cannot read are its to refuse.
    let answer =
        project.plugins.run_action("policy", view_context("pages"), "forget", &json!("x".repeat(100_000))).await;
    assert!(answer.is_ok() || matches!(answer, Err(ViewError::Refused { .. })), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_for_documents_need_one_of_their_type_that_is_there() {
    let project = TestProject::with_guests(&["policy"]).await;
    let page = project.create("plugin::policy.page", json!({ "title": "hello" })).await.unwrap();
    let id = page["documentId"].as_str().unwrap();
    let of = |content_type: &str, document_id: &str| ViewContext {
        document: Some(ViewedDocument {
            content_type: content_type.to_owned(),
            document_id: document_id.to_owned(),
            locale: None,
        }),
        ..view_context("page")
    };
    let rendered = project.plugins.render_view("policy", of("plugin::policy.page", id)).await.unwrap();
    assert_eq!(rendered["show"][0], json!({ "kind": "header", "title": "Pagina" }));
    assert_eq!(rendered["show"][1]["document"], json!({ "type": "plugin::policy.page", "documentId": id }));
    let nowhere = ViewContext { access: Arc::new(Access::none()), ..of("plugin::policy.page", id) };
    for (look, status, path) in [
        (view_context("page"), 400, Some("document")),
        (of("plugin::policy.page", "nothere"), 404, None),
        (nowhere, 404, None),
    ] {
        let rendered = project.plugins.render_view("policy", look.clone()).await.unwrap_err();
        let acted = project.plugins.run_action("policy", look, "forget", &json!({})).await.unwrap_err();
        assert_eq!(rendered, acted);
        let ViewError::Refused { status: found, fields, .. } = &rendered else { panic!("{rendered:?}") };
        let first = fields.first().map(|FieldProblem { path, .. }| path.as_str());
        assert_eq!((*found, first), (status, path));
    }
    // A document of another type is no page; of an action it is that of a row or card on the page.
    let row = of("plugin::policy.trap", "x");
    let rendered = project.plugins.render_view("policy", row.clone()).await.unwrap_err();
    let ViewError::Refused { status: 400, fields, .. } = &rendered else { panic!("{rendered:?}") };
    assert_eq!(fields[0].path, "document.contentType");
    assert!(project.plugins.run_action("policy", row, "forget", &json!({})).await.is_ok());
    // Views of other kinds need no document.
    let beside = ViewContext { view: "pages".to_owned(), ..of("plugin::policy.trap", "x") };
    assert!(project.plugins.render_view("policy", beside).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_counted_and_timed() {
    let project = TestProject::with_guests(&["policy", "allow"]).await;
    for _ in 0..3 {
        project.plugins.render_view("policy", view_context("pages")).await.unwrap();
    }
    project.create("plugin::allow.note", json!({ "title": "hello" })).await.unwrap();
    let health = project.plugins.health();
    let calls = |plugin: &str, name: &str| {
        let plugin = health.iter().find(|one| one.plugin == plugin).unwrap();
        plugin.calls.iter().find(|call| call.name == name).cloned().unwrap()
    };
    let call_health = calls("policy", "pages");
    assert_eq!((call_health.calls, call_health.failures.len(), call_health.circuit.as_str()), (3, 0, "closed"));
    assert!(call_health.p50_us.unwrap() > 0 && call_health.p50_us <= call_health.p99_us);
    assert_eq!(calls("allow", "amend").calls, 1);
    let lags = project.plugins.subscription_lags().unwrap();
    let notes = lags.iter().find(|lag| lag.plugin == "allow" && lag.name == "notes").unwrap();
    // On PostgreSQL an event has its number, and counts, from the engine's next round on.
    if project.content.store().database_kind() == "SQLite" {
        assert!(notes.lag > 0, "{notes:?}");
    }
    project.engine.run_until_idle().await.unwrap();
    let lags = project.plugins.subscription_lags().unwrap();
    assert!(lags.iter().all(|lag| lag.lag == 0), "{lags:?}");
}
