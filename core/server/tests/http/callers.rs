//! Signed-in users who ask again and again, and are remembered: whatever changes who they are, what they may do or what there is counts from
//! the next request on.

use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestServer};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::time::Duration;

const NOTE: &str = "api::note.note";

fn find_where(condition: Json) -> Json {
    json!({ NOTE: { "find": { "where": condition } } })
}

fn project() -> TestProject {
    let note = json!({ "title": { "type": "string" }, "opensAt": { "type": "datetime" } });
    let relation = |kind: &str, target: &str, side: Json| {
        let mut relation = json!({ "type": "relation", "relation": kind, "target": target });
        relation.as_object_mut().unwrap().extend(side.as_object().unwrap().clone());
        relation
    };
    let teams = relation("manyToMany", "api::team.team", json!({ "inversedBy": "members" }));
    let team = json!({
        "code": { "type": "string" },
        "members": relation("manyToMany", "plugin::users-permissions.user", json!({ "mappedBy": "teams" })),
        "firm": relation("manyToOne", "api::firm.firm", json!({})),
    });
    TestProject::new()
        .with_type(SchemaBuilder::collection("note", note))
        .with_type(SchemaBuilder::collection("team", team))
        .with_type(SchemaBuilder::collection("firm", json!({ "code": { "type": "string" } })))
        .with_user_attributes(json!({ "teams": teams }))
        .with_role("teammate", false, find_where(json!({ "title": { "$in": "$user.teams.code" } })))
        .with_role("colleague", false, find_where(json!({ "title": { "$in": "$user.teams.firm.code" } })))
        .with_role("member", false, find_where(json!({ "title": { "$in": "$user.groups" } })))
        .with_role("reader", false, find_where(json!({ "title": { "$eq": "$user.username" } })))
        .with_role("early", false, find_where(json!({ "opensAt": { "$lte": "$now" } })))
        .with_role("guest", false, json!({}))
}

/// Titles of the notes that a user gets each time that they ask for them, or the status of the refusal.
async fn ask(client: &TestClient) -> Result<Vec<String>, u16> {
    let mut answers = Vec::new();
    for _ in 0..3 {
        let answer = client.get("/api/notes?sort=title").await;
        answers.push(match answer.status {
            200 => Ok(answer.text_column("title")),
            status => Err(status),
        });
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    answers.remove(0)
}

fn titles(titles: &[&str]) -> Result<Vec<String>, u16> {
    Ok(titles.iter().map(|title| (*title).to_owned()).collect())
}

struct World {
    server: TestServer,
    sanne: TestClient,
    token: String,
    /// Numeric id, and document id.
    id: (i64, String),
}

impl World {
    async fn new() -> Self {
        let server = TestServer::start_with(project()).await;
        for title in ["journey:even", "journey:odd", "sanne", "susan"] {
            server.create_entry("/api/notes", json!({ "title": title })).await;
        }
        let user = server.add_user("sanne", "member", json!({})).await.body;
        let id = (user["id"].as_i64().unwrap(), user["documentId"].as_str().unwrap().to_owned());
        let token = server.new_session("sanne").await;
        let sanne = server.with_token(&token);
        Self { server, sanne, token, id }
    }

    async fn set_groups(&self, names: &[&str]) {
        let (user, names): (_, BTreeSet<String>) = (self.id.1.clone(), names.iter().map(|n| (*n).to_owned()).collect());
        let store = self.server.app.content.store();
        store.write(move |tx| tx.user_groups().set(&user, "journey", &names)).await.unwrap();
    }

    async fn change_user(&self, change: Json) {
        self.server.put(&format!("/api/users/{}", self.id.0), change).await.expect_status(200);
    }

    async fn set_role(&self, kind: &str) {
        let roles = self.server.get("/api/users-permissions/roles").await.body;
        let role = roles["roles"].as_array().unwrap().iter().find(|role| role["type"] == kind).unwrap()["id"].clone();
        self.change_user(json!({ "role": role })).await;
    }

    async fn ask(&self) -> Result<Vec<String>, u16> {
        ask(&self.sanne).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_roles_values_and_settings_count_from_the_next_request() {
    let world = World::new().await;
    assert_eq!(world.ask().await, titles(&[]));
    world.set_groups(&["even"]).await;
    assert_eq!(world.ask().await, titles(&["journey:even"]));
    world.set_groups(&["even", "odd"]).await;
    assert_eq!(world.ask().await, titles(&["journey:even", "journey:odd"]));
    let store = world.server.app.content.store();
    // A transaction that is rolled back changes no groups.
    let undone = store.write(|tx| {
        tx.user_groups().delete_of_plugin("journey")?;
        Err::<(), _>(cairn_store::StoreError::Conflict)
    });
    assert!(undone.await.is_err());
    assert_eq!(world.ask().await, titles(&["journey:even", "journey:odd"]));
    store.write(|tx| tx.user_groups().delete_of_plugin("journey")).await.unwrap();
    assert_eq!(world.ask().await, titles(&[]));
    world.set_role("guest").await;
    assert_eq!(world.ask().await, Err(403));
    world.set_role("reader").await;
    assert_eq!(world.ask().await, titles(&["sanne"]));
    world.change_user(json!({ "username": "susan" })).await;
    assert_eq!(world.ask().await, titles(&["susan"]));
    let reader = |permissions: Json| json!({ "roles": { "reader": { "permissions": permissions } } });
    world.server.apply_settings(reader(json!({ NOTE: null }))).await;
    assert_eq!(world.ask().await, Err(403));
    world.server.apply_settings(reader(find_where(json!({ "title": "sanne" })))).await;
    assert_eq!(world.ask().await, titles(&["sanne"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_with_the_time_follow_the_clock() {
    let world = World::new().await;
    world.set_role("early").await;
    let opens = cairn_access::Clock::now(&*world.server.clock) + chrono::TimeDelta::seconds(2);
    let note = json!({ "title": "soon", "opensAt": opens.format("%Y-%m-%dT%H:%M:%S.000Z").to_string() });
    world.server.create_entry("/api/notes", note).await;
    for (second, shown) in [(0, &[][..]), (1, &[]), (2, &["soon"])] {
        assert_eq!(world.ask().await, titles(shown), "{second}");
        world.server.advance_clock(Duration::from_secs(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_who_are_blocked_signed_out_or_gone_are_refused_from_the_next_request() {
    let world = World::new().await;
    let second = world.server.with_token(&world.server.new_session("sanne").await);
    assert_eq!((world.ask().await, ask(&second).await), (titles(&[]), titles(&[])));
    world.change_user(json!({ "blocked": true })).await;
    assert_eq!((world.ask().await, ask(&second).await), (Err(401), Err(401)));
    world.change_user(json!({ "blocked": false })).await;
    assert_eq!((world.ask().await, ask(&second).await), (titles(&[]), titles(&[])));
    // The end of a session leaves the user's other session valid.
    world.sanne.post("/api/auth/logout", json!({})).await.expect_status(200);
    assert_eq!((world.ask().await, ask(&second).await), (Err(401), titles(&[])));
    let (user, store) = (world.id.1.clone(), world.server.app.content.store());
    store.write(move |tx| tx.sessions().end_for_user(&user)).await.unwrap();
    assert_eq!(ask(&second).await, Err(401));
    let third = world.server.with_token(&world.server.new_session("sanne").await);
    assert_eq!(ask(&third).await, titles(&[]));
    world.server.delete(&format!("/api/users/{}", world.id.0)).await.expect_status(200);
    assert_eq!(ask(&third).await, Err(401));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_by_the_clock() {
    let world = World::new().await;
    let days = |days: u64| Duration::from_secs(days * 86_400);
    assert_eq!(world.ask().await, titles(&[]));
    world.server.advance_clock(days(29));
    assert_eq!(world.ask().await, titles(&[]));
    world.server.advance_clock(days(2));
    assert_eq!(world.ask().await, Err(401));
}

/// Sanne's notes are those whose titles are the codes of her teams, or of these teams' firms.
#[tokio::test(flavor = "multi_thread")]
async fn values_through_relations_count_from_the_next_request() {
    let world = World::new().await;
    let server = &world.server;
    for title in ["red", "blue", "green", "acme", "apex"] {
        server.create_entry("/api/notes", json!({ "title": title })).await;
    }
    let create = async |path: &str, data: Json| server.create_entry(path, data).await.document_id();
    let firm = create("/api/firms", json!({ "code": "acme" })).await;
    let red = create("/api/teams", json!({ "code": "red" })).await;
    let blue = create("/api/teams", json!({ "code": "blue", "firm": firm })).await;
    world.set_role("teammate").await;
    assert_eq!(world.ask().await, titles(&[]));
    // From the user's side, then from the team's.
    world.change_user(json!({ "teams": { "connect": [red] } })).await;
    assert_eq!(world.ask().await, titles(&["red"]));
    let members = json!({ "members": { "connect": [world.id.1] } });
    server.update_entry(&format!("/api/teams/{blue}"), members).await;
    assert_eq!(world.ask().await, titles(&["blue", "red"]));
    // The value itself.
    server.update_entry(&format!("/api/teams/{red}"), json!({ "code": "green" })).await;
    assert_eq!(world.ask().await, titles(&["blue", "green"]));
    let members = json!({ "members": { "disconnect": [world.id.1] } });
    server.update_entry(&format!("/api/teams/{red}"), members).await;
    assert_eq!(world.ask().await, titles(&["blue"]));
    // In two steps.
    world.set_role("colleague").await;
    assert_eq!(world.ask().await, titles(&["acme"]));
    server.update_entry(&format!("/api/firms/{firm}"), json!({ "code": "apex" })).await;
    assert_eq!(world.ask().await, titles(&["apex"]));
    server.delete(&format!("/api/firms/{firm}")).await.expect_status(204);
    assert_eq!(world.ask().await, titles(&[]));
    world.set_role("teammate").await;
    assert_eq!(world.ask().await, titles(&["blue"]));
    server.delete(&format!("/api/teams/{blue}")).await.expect_status(204);
    assert_eq!(world.ask().await, titles(&[]));
}

/// Responses come from the cache, which must neither mix up two users and the public, nor keep what has changed.
#[tokio::test(flavor = "multi_thread")]
async fn users_with_different_values_and_the_public_get_their_own_responses_in_turns() {
    let public_note = json!({ "title": "public" });
    let project = project().with_role("public", false, find_where(public_note.clone()));
    let server = TestServer::start_with(project).await;
    for title in ["public", "sanne", "thijs"] {
        server.create_entry("/api/notes", json!({ "title": title })).await;
    }
    let mut users = Vec::new();
    for name in ["sanne", "thijs"] {
        users.push(server.create_user(name, "reader", json!({})).await);
    }
    users.push(server.public_client());
    // The address is new to the cache, so that the first response to each caller comes from behind the router.
    let list = "/api/notes?sort=title:asc";
    let mut etags = BTreeSet::new();
    for (user, title) in users.iter().zip(["sanne", "thijs", "public"]) {
        assert_eq!(ask(user).await, titles(&[title]));
        // Behind the router and before it alike.
        let mut answers = Vec::new();
        for _ in 0..3 {
            let mut answer = user.get(list).await.expect_status(200);
            answer.headers.retain(|name, _| name != "date" && name != "x-request-id");
            answers.push((answer.headers, answer.bytes));
        }
        let compressed = user.get_with(list, ("accept-encoding", "gzip")).await.expect_status(200);
        assert_eq!(compressed.header("vary"), answers[0].0["vary"]);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        etags.insert(answers[0].0["etag"].clone());
    }
    assert_eq!(etags.len(), 3);
    for user in &users {
        let mut not_modified = Vec::new();
        for etag in &etags {
            not_modified.push(user.get_with(list, ("if-none-match", etag)).await.status);
        }
        not_modified.sort_unstable();
        assert_eq!(not_modified, [200, 200, 304]);
    }
    server.create_entry("/api/notes", public_note).await;
    server.create_entry("/api/notes", json!({ "title": "thijs" })).await;
    for (user, expected) in users.iter().zip([&["sanne"][..], &["thijs", "thijs"], &["public", "public"]]) {
        assert_eq!(ask(user).await, titles(expected));
    }
}

/// The whole token says who they are: nothing that resembles one does.
#[tokio::test(flavor = "multi_thread")]
async fn headers_that_resemble_the_token_of_a_known_user_are_refused() {
    let world = World::new().await;
    world.set_role("reader").await;
    assert_eq!(world.ask().await, titles(&["sanne"]));
    let token = &world.token;
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let client = world.server.public_client();
    for value in [
        format!("Bearer {}", &token[..token.len() - 1]),
        format!("Bearer {token}A"),
        format!("Bearer {signed}"),
        format!("Bearer {signed}."),
        format!("Bearer {}", token.to_uppercase()),
        format!("Bearer {header}.{payload}A.{signature}"),
        format!("Bearer {token}, Bearer {token}"),
        format!("Bearer {token} {token}"),
    ] {
        assert_eq!(client.get_with("/api/notes", ("authorization", &value)).await.status, 401, "{value}");
    }
    let twice = client.request("GET", "/api/notes").bearer_auth(token).header("authorization", "Bearer other");
    assert_eq!(client.send(twice).await.status, 401);
    assert_eq!(world.ask().await, titles(&["sanne"]));
}
