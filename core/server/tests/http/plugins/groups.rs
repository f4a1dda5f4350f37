//! Groups that plugins give to users: in conditions of roles, in calls of plugins, in searches, read policies and live updates, from the
//! commit on.

use super::{PLUGINS, guest, install, stage};
use crate::live::EventStream;
use cairn_plugin_package::package::pack;
use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestServer};
use serde_json::{Value as Json, json};

/// Notes that users see by their groups, and posts that everybody sees.
fn project() -> TestProject {
    let note = json!({ "title": { "type": "string" }, "group": { "type": "string" } });
    let by_group = json!({ "where": { "group": { "$in": "$user.groups" } } });
    TestProject::new()
        .with_type(SchemaBuilder::collection("note", note))
        .with_type(SchemaBuilder::collection("post", json!({ "title": { "type": "string" } })))
        .with_role(
            "authenticated",
            false,
            json!({
                "api::note.note": { "find": by_group, "findOne": by_group }, "api::post.post": ["find"],
                "plugin::users-permissions.user": ["me"],
            }),
        )
}

async fn install_guest(server: &TestServer, name: &str) {
    // The guest imports this capability and does not use it here.
    let grant = "[[grant]]\nuse = \"data.read\"\ntypes = [\"api::post.post\"]\nreason = \"Reads.\"\n";
    let manifest = |text: String| if name == "teller" { format!("{text}\n{grant}") } else { text };
    let staged = stage(server, &pack(&guest(name, manifest), None).unwrap()).await.expect_status(201);
    install(server, &staged, json!({ "unsigned": true })).await.expect_status(201);
}

/// Two notes, a user and the plugin that gives groups.
struct GroupFixture {
    server: TestServer,
    user: TestClient,
    user_id: String,
}

impl GroupFixture {
    async fn new() -> Self {
        // Heartbeats are so rare that none delivers a change.
        let server = TestServer::start_configured(project(), |config| config.live.heartbeat_seconds = 3_600).await;
        install_guest(&server, "teller").await;
        for group in ["teller:assembly", "teller:delivery"] {
            server.create_entry("/api/notes", json!({ "title": group, "group": group })).await;
        }
        let user_id =
            server.add_user("sanne", "authenticated", json!({})).await.body["documentId"].as_str().unwrap().to_owned();
        let user = server.with_token(&server.new_session("sanne").await);
        Self { server, user, user_id }
    }

    async fn set_groups(&self, groups: &[&str]) {
        let body = json!({ "do": "set-groups", "user": self.user_id, "groups": groups });
        self.server.post("/api/teller/ask", body).await.expect_status(200);
    }
}

async fn find_titles(client: &TestClient) -> Vec<String> {
    let mut titles = client.get("/api/notes").await.expect_status(200).text_column("title");
    titles.sort();
    titles
}

#[tokio::test(flavor = "multi_thread")]
async fn row_conditions_follow_groups_from_their_commit() {
    let fixture = GroupFixture::new().await;
    let none: [&str; 0] = [];
    assert_eq!(find_titles(&fixture.user).await, none);
    fixture.set_groups(&["teller:assembly"]).await;
    assert_eq!(find_titles(&fixture.user).await, ["teller:assembly"]);
    fixture.set_groups(&["teller:delivery", "teller:assembly"]).await;
    assert_eq!(find_titles(&fixture.user).await, ["teller:assembly", "teller:delivery"]);
    fixture.set_groups(&["teller:delivery"]).await;
    let found = fixture.user.get("/api/notes?filters[group]=teller:assembly").await.expect_status(200);
    assert_eq!(found.pagination_total(), 0, "{}", found.text());
    // Groups of one user do not count for another, and a change that was rolled back never counts.
    let other = fixture.server.create_user("tom", "authenticated", json!({})).await;
    assert_eq!(find_titles(&other).await, none);
    let undone = json!({ "do": "set-groups", "user": fixture.user_id, "groups": [], "undone": true });
    fixture.server.post("/api/teller/ask", undone).await.expect_status(200);
    assert_eq!(find_titles(&fixture.user).await, ["teller:delivery"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_groups_are_refused_by_name_and_change_nothing() {
    let fixture = GroupFixture::new().await;
    fixture.set_groups(&["teller:assembly"]).await;
    let many: Vec<String> = (0..5_000).map(|n| format!("teller:{n}")).collect();
    let long = format!("teller:{}", "x".repeat(200));
    for (groups, path, code) in [
        (json!(["teller:ok", "kb:other"]), json!(["groups", "1"]), "foreign"),
        (json!(["assembly"]), json!(["groups", "0"]), "name"),
        (json!(["teller:With Spaces"]), json!(["groups", "0"]), "name"),
        (json!([long]), json!(["groups", "0"]), "too-long"),
        (json!(many), json!(["groups"]), "too-many"),
    ] {
        let body = json!({ "do": "set-groups", "user": fixture.user_id, "groups": groups });
        let refused = fixture.server.post("/api/teller/ask", body).await.expect_status(400);
        let error = &refused.details()["errors"][0];
        assert_eq!((&error["path"], &error["code"]), (&path, &json!(code)), "{}", refused.text());
    }
    let body = json!({ "do": "set-groups", "user": "nobody", "groups": ["teller:a"] });
    fixture.server.post("/api/teller/ask", body).await.expect_status(404);
    assert_eq!(find_titles(&fixture.user).await, ["teller:assembly"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_see_groups_of_others_and_search_by_them() {
    let fixture = GroupFixture::new().await;
    install_guest(&fixture.server, "allow").await;
    fixture.set_groups(&["teller:b", "teller:a"]).await;
    let echo = fixture.user.post("/api/allow/echo/x", json!({})).await.expect_status(200);
    assert_eq!(echo.body["call"]["actor"]["groups"], json!(["teller:a", "teller:b"]), "{}", echo.text());
    let entry = |id: &str, audience: Json| json!({ "id": id, "document": { "title": "geheim" }, "audience": audience });
    let entries =
        [entry("a", json!(["group:teller:a"])), entry("c", json!(["group:teller:c"])), entry("all", json!([]))];
    let body = json!({ "do": "put", "index": "articles", "entries": entries });
    fixture.server.post("/api/teller/ask", body).await.expect_status(200);
    let search = json!({ "do": "search", "index": "articles", "text": "geheim" });
    for (client, ids) in [(&fixture.user, json!(["a", "all"])), (&fixture.server.public_client(), json!(["all"]))] {
        let found = client.post("/api/teller/ask", search.clone()).await.expect_status(200);
        let mut found_ids: Vec<String> = serde_json::from_value(found.body["ids"].clone()).unwrap();
        found_ids.sort();
        assert_eq!((json!(found_ids), &found.body["total"]), (ids.clone(), &json!(ids.as_array().unwrap().len())));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cached_read_policies_end_with_the_groups() {
    let fixture = GroupFixture::new().await;
    install_guest(&fixture.server, "policy").await;
    let root = fixture.server.super_admin().await;
    let rights = json!({ "permissions": { "plugin::policy.page": ["find"] } });
    root.put("/admin/api/content-roles/authenticated", rights).await.expect_status(200);
    for (title, owner) in [("assembly page", "teller:assembly"), ("delivery page", "teller:delivery")] {
        fixture.server.create_entry("/api/policy/pages", json!({ "title": title, "owner": owner })).await;
    }
    let titles = async || fixture.user.get("/api/policy/pages").await.expect_status(200).text_column("title");
    assert_eq!(titles().await, Vec::<String>::new());
    // The plugin lets its answers be cached for an hour, and invalidates nothing.
    for (groups, expected) in [
        (vec!["teller:assembly"], vec!["assembly page"]),
        (vec!["teller:delivery"], vec!["delivery page"]),
        (vec![], vec![]),
    ] {
        fixture.set_groups(&groups).await;
        assert_eq!(titles().await, expected, "{groups:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn live_updates_tell_of_documents_of_plugins_by_their_read_policy() {
    let fixture = GroupFixture::new().await;
    install_guest(&fixture.server, "policy").await;
    let root = fixture.server.super_admin().await;
    let rights = json!({ "permissions": { "plugin::policy.page": ["find"] } });
    root.put("/admin/api/content-roles/authenticated", rights).await.expect_status(200);
    fixture.set_groups(&["teller:assembly"]).await;
    fixture.server.run_until_idle().await;
    let mut stream = EventStream::subscribe(&fixture.user, "?types=plugin::policy.page", None).await;
    let page = async |group: &str| {
        let data = json!({ "title": group, "owner": group });
        fixture.server.create_entry("/api/policy/pages", data).await.document_id()
    };
    page("teller:delivery").await;
    let shown = page("teller:assembly").await;
    assert_eq!(stream.messages_until(&shown).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn live_updates_follow_groups_without_a_heartbeat() {
    let fixture = GroupFixture::new().await;
    fixture.set_groups(&["teller:assembly"]).await;
    fixture.server.run_until_idle().await;
    let mut stream = EventStream::subscribe(&fixture.user, "", None).await;
    let note = async |group: &str| {
        fixture.server.create_entry("/api/notes", json!({ "title": "x", "group": group })).await.document_id()
    };
    let mark = async || fixture.server.create_entry("/api/posts", json!({ "title": "mark" })).await.document_id();
    let created = |id: &str| ("entry.create".to_owned(), id.to_owned());
    let (shown, _) = (note("teller:assembly").await, note("teller:delivery").await);
    assert_eq!(stream.messages_until(&mark().await).await, [created(&shown)]);
    fixture.set_groups(&["teller:delivery"]).await;
    let (_, shown) = (note("teller:assembly").await, note("teller:delivery").await);
    assert_eq!(stream.messages_until(&mark().await).await, [created(&shown)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_end_with_the_user_and_with_the_plugin() {
    let fixture = GroupFixture::new().await;
    fixture.set_groups(&["teller:assembly"]).await;
    let members = async || {
        let body = json!({ "do": "members", "group": "teller:assembly", "limit": 10 });
        fixture.server.post("/api/teller/ask", body).await.expect_status(200).body["users"].clone()
    };
    assert_eq!(members().await, json!([fixture.user_id]));
    let other = fixture.server.add_user("tom", "authenticated", json!({})).await.body;
    let other_id = other["documentId"].as_str().unwrap();
    let body = json!({ "do": "set-groups", "user": other_id, "groups": ["teller:assembly"] });
    fixture.server.post("/api/teller/ask", body).await.expect_status(200);
    assert_eq!(members().await.as_array().unwrap().len(), 2);
    fixture.server.delete(&format!("/api/users/{}", other["id"])).await.expect_status(200);
    assert_eq!(members().await, json!([fixture.user_id]));
    // A plugin that is off keeps what it gave; one that is gone does not, whatever else is retained of it.
    fixture.server.post(&format!("{PLUGINS}/teller/disable"), json!({})).await.expect_status(200);
    assert_eq!(find_titles(&fixture.user).await, ["teller:assembly"]);
    fixture.server.delete(&format!("{PLUGINS}/teller?data=keep")).await.expect_status(204);
    assert_eq!(find_titles(&fixture.user).await, Vec::<String>::new());
}
