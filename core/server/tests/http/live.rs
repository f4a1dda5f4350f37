//! Live updates: who hears of what, over real connections.

use cairn_testkit::{ADMIN_TOKEN, SchemaBuilder, TestClient, TestProject, TestServer, extend_limit};
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};

/// One message of a stream.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    id: Option<i64>,
    pub(crate) event: String,
    pub(crate) data: Json,
}

/// A client that listens.
pub(crate) struct EventStream {
    response: reqwest::Response,
    text: String,
}

impl EventStream {
    pub(crate) async fn subscribe(client: &TestClient, query: &str, last_event_id: Option<i64>) -> Self {
        let request = client.request("GET", &format!("/api/live{query}"));
        Self::subscribe_with(match last_event_id {
            Some(last_event_id) => request.header("Last-Event-ID", last_event_id.to_string()),
            None => request,
        })
        .await
    }

    /// By a request of one's own.
    pub(crate) async fn subscribe_with(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
        let mut stream = Self { response, text: String::new() };
        assert_eq!(stream.next().await.unwrap().event, "ready");
        stream
    }

    /// The next message; `None` where the stream ends.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        let began = Instant::now();
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let mut message = Message { id: None, event: String::new(), data: Json::Null };
                for line in block.lines() {
                    match line.split_once(": ") {
                        Some(("id", id)) => message.id = id.parse().ok(),
                        Some(("event", event)) => message.event = event.to_owned(),
                        Some(("data", data)) => message.data = serde_json::from_str(data).unwrap(),
                        _ => {}
                    }
                }
                if !message.event.is_empty() {
                    return Some(message);
                }
            }
            assert!(began.elapsed() < extend_limit(Duration::from_secs(20)), "nothing more came");
            match tokio::time::timeout(Duration::from_secs(20), self.response.chunk()).await.expect("nothing more came")
            {
                Ok(Some(chunk)) => self.text.push_str(std::str::from_utf8(&chunk).unwrap()),
                _ => return None,
            }
        }
    }

    /// The next messages, up to the one about a document made for this.
    pub(crate) async fn messages_until(&mut self, document_id: &str) -> Vec<(String, String)> {
        let mut all = Vec::new();
        loop {
            let message = self.next().await.expect("the stream ended");
            if message.data["documentId"] == document_id {
                return all;
            }
            all.push((message.event, message.data["documentId"].as_str().unwrap_or_default().to_owned()));
        }
    }
}

/// Cars with an owner, and news without: customers see their own cars, everybody what is published.
async fn server() -> TestServer {
    let car = json!({ "name": { "type": "string" }, "owner": { "type": "string" } });
    let news = json!({ "title": { "type": "string" } });
    let own = json!({ "owner": { "$eq": "$user.username" } });
    let project = TestProject::new()
        .with_type(SchemaBuilder::collection("car", car))
        .with_type(SchemaBuilder::collection("news", news).with_drafts())
        .with_role("public", false, json!({ "api::news.news": ["find"] }))
        .with_role(
            "customer",
            false,
            json!({ "api::car.car": { "find": { "where": own } }, "api::news.news": ["find"] }),
        )
        .with_role("editor", true, json!({ "api::news.news": ["find"] }));
    TestServer::start_configured(project, |config| {
        config.live.heartbeat_seconds = 1;
        config.live.max_connections_per_address = 6;
    })
    .await
}

async fn create_document(server: &TestServer, path: &str, data: Json) -> String {
    server.post(path, json!({ "data": data })).await.expect_status(201).document_id()
}

fn expected_event(event: &str, id: &str) -> (String, String) {
    (event.to_owned(), id.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_receive_only_events_they_may_read() {
    let server = server().await;
    let ada = server.create_user("ada", "customer", json!({})).await;
    let ed = server.create_user("edith", "editor", json!({})).await;
    let mut public = EventStream::subscribe(&server.public_client(), "?types=api::news.news", None).await;
    let mut customer = EventStream::subscribe(&ada, "", None).await;
    let mut editor = EventStream::subscribe(&ed, "?types=api::news.news", None).await;
    let mut full = EventStream::subscribe(&server, "", None).await;
    let others = create_document(&server, "/api/cars", json!({ "name": "A", "owner": "bob" })).await;
    let hers = create_document(&server, "/api/cars", json!({ "name": "B", "owner": "ada" })).await;
    let draft = create_document(&server, "/api/newss?status=draft", json!({ "title": "draft" })).await;
    server.put(&format!("/api/newss/{draft}"), json!({ "data": { "title": "out" } })).await.expect_status(200);
    let car = |id: &str| format!("/api/cars/{id}");
    server.put(&car(&others), json!({ "data": { "name": "A2" } })).await.expect_status(200);
    server.delete(&car(&others)).await.expect_status(204);
    // Hers is given to another, and goes afterwards.
    server.put(&car(&hers), json!({ "data": { "owner": "bob" } })).await.expect_status(200);
    server.put(&car(&hers), json!({ "data": { "name": "B2" } })).await.expect_status(200);
    server.delete(&car(&hers)).await.expect_status(204);
    let second = create_document(&server, "/api/cars", json!({ "name": "C", "owner": "ada" })).await;
    let hidden = create_document(&server, "/api/newss?status=draft", json!({ "title": "never out" })).await;
    server.delete(&format!("/api/newss/{hidden}")).await.expect_status(204);
    server.delete(&format!("/api/newss/{draft}")).await.expect_status(204);
    let end = create_document(&server, "/api/newss", json!({ "title": "end" })).await;
    assert_eq!(
        public.messages_until(&end).await,
        [expected_event("entry.publish", &draft), expected_event("entry.delete", &draft)]
    );
    let heard = customer.messages_until(&end).await;
    // Events depend on access when they are sent: of her own document perhaps only that it is no longer hers, of others nothing.
    assert!(heard.iter().all(|(_, id)| id != &others && id != &hidden), "{heard:?}");
    assert!(heard.contains(&expected_event("entry.create", &second)), "{heard:?}");
    assert!(heard.contains(&expected_event("entry.publish", &draft)), "{heard:?}");
    assert_eq!(
        editor.messages_until(&end).await,
        [
            expected_event("entry.create", &draft),
            expected_event("entry.update", &draft),
            expected_event("entry.publish", &draft),
            expected_event("entry.create", &hidden),
            expected_event("entry.delete", &hidden),
            expected_event("entry.delete", &draft),
        ]
    );
    let all = full.messages_until(&end).await;
    for id in [&others, &hers, &second, &draft, &hidden] {
        assert!(all.iter().any(|(_, heard)| heard == id), "{all:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_learn_when_seen_entries_are_deleted_or_hidden() {
    let server = server().await;
    let ada = server.create_user("ada", "customer", json!({})).await;
    let mut customer = EventStream::subscribe(&ada, "?types=api::car.car", None).await;
    let made_one = async |name: &str, owner: &str| {
        create_document(&server, "/api/cars", json!({ "name": name, "owner": owner })).await
    };
    let first = made_one("A", "ada").await;
    let next = async |customer: &mut EventStream| {
        let message = customer.next().await.unwrap();
        (message.event, message.data["documentId"].as_str().unwrap().to_owned())
    };
    assert_eq!(next(&mut customer).await, expected_event("entry.create", &first));
    server.delete(&format!("/api/cars/{first}")).await.expect_status(204);
    assert_eq!(next(&mut customer).await, expected_event("entry.delete", &first));
    let second = made_one("B", "ada").await;
    assert_eq!(next(&mut customer).await, expected_event("entry.create", &second));
    server.put(&format!("/api/cars/{second}"), json!({ "data": { "owner": "bob" } })).await.expect_status(200);
    assert_eq!(next(&mut customer).await, expected_event("entry.hidden", &second));
    server.put(&format!("/api/cars/{second}"), json!({ "data": { "name": "B2" } })).await.expect_status(200);
    server.delete(&format!("/api/cars/{second}")).await.expect_status(204);
    let third = made_one("C", "ada").await;
    assert_eq!(next(&mut customer).await, expected_event("entry.create", &third));
}

#[tokio::test(flavor = "multi_thread")]
async fn reconnecting_clients_receive_missed_events() {
    let server = server().await;
    let mut first = EventStream::subscribe(&server.public_client(), "?types=api::news.news", None).await;
    let a = create_document(&server, "/api/newss", json!({ "title": "a" })).await;
    let received = first.next().await.unwrap();
    assert_eq!(received.data["documentId"], a.as_str());
    assert_eq!((received.event.as_str(), &received.data["uid"]), ("entry.publish", &json!("api::news.news")));
    drop(first);
    let mut ids = Vec::new();
    for n in 0..30 {
        ids.push(create_document(&server, "/api/newss", json!({ "title": n.to_string() })).await);
    }
    let mut stream = EventStream::subscribe(&server.public_client(), "?types=api::news.news", received.id).await;
    for id in &ids {
        let message = stream.next().await.unwrap();
        assert_eq!(message.data["documentId"], id.as_str());
        assert!(message.id > received.id);
    }
    // Somewhere that never was: the client is told to read everything anew.
    let mut reset_stream =
        EventStream::subscribe(&server.public_client(), "?types=api::news.news", Some(1_000_000)).await;
    assert_eq!(reset_stream.next().await.unwrap().event, "reset");
    for bad in ["x", "-1", "99999999999999999999"] {
        let request = server.public_client().request("GET", "/api/live").header("Last-Event-ID", bad);
        assert_eq!(request.send().await.unwrap().status().as_u16(), 400, "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_of_unreadable_types_are_rejected() {
    let server = server().await;
    let ada = server.create_user("ada", "customer", json!({})).await;
    for (client, query, status) in [
        (server.public_client(), "?types=api::car.car", 403),
        (server.public_client(), "?types=api::news.news,api::car.car", 403),
        (server.public_client(), "?types=api::nothing.nothing", 403),
        (server.public_client(), "?types=plugin::users-permissions.user", 403),
        (server.public_client(), "?types=,", 400),
        (server.with_token("wrong"), "", 401),
        (ada, "?types=api::car.car", 200),
    ] {
        let answer = client.request("GET", &format!("/api/live{query}")).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{query}");
    }
    server.apply_settings(json!({ "roles": { "public": { "permissions": {} } } })).await;
    assert_eq!(server.public_client().request("GET", "/api/live").send().await.unwrap().status().as_u16(), 403);
    assert_eq!(server.post("/api/live", json!({})).await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_with_the_permission_and_are_limited() {
    let server = server().await;
    let ada = server.create_user("ada", "customer", json!({})).await;
    let mut customer = EventStream::subscribe(&ada, "?types=api::car.car", None).await;
    let mut public = EventStream::subscribe(&server.public_client(), "?types=api::news.news", None).await;
    // A role that loses the type, and a user who is blocked.
    server.apply_settings(json!({ "roles": { "public": { "permissions": {} } } })).await;
    let end = public.next().await.unwrap();
    assert_eq!((end.event.as_str(), &end.data["reason"]), ("end", &json!("rights have changed")));
    assert_eq!(public.next().await, None);
    let users = server.get("/api/users").await;
    let id = users.body[0]["id"].clone();
    server.put(&format!("/api/users/{id}"), json!({ "blocked": true })).await.expect_status(200);
    assert_eq!(customer.next().await.unwrap().data["reason"], "signed out");
    assert_eq!(customer.next().await, None);
    let mut open = Vec::new();
    for _ in 0..6 {
        open.push(EventStream::subscribe(&server, "", None).await);
    }
    let refused = server.request("GET", "/api/live").send().await.unwrap();
    assert_eq!(refused.status().as_u16(), 429);
    open.pop();
    let began = Instant::now();
    while server.request("GET", "/api/live").send().await.unwrap().status().as_u16() != 200 {
        assert!(began.elapsed() < extend_limit(Duration::from_secs(10)), "the place of who went is not free");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // A server that stops does not wait for those who listen.
    let began = Instant::now();
    let stopping = server.stop().await;
    assert!(began.elapsed() < extend_limit(Duration::from_secs(10)), "{:?}", began.elapsed());
    assert_eq!(open[0].next().await.unwrap().event, "end");
    drop(stopping);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_cannot_use_up_the_streams_of_users_and_admins() {
    let news = json!({ "title": { "type": "string" } });
    let project = TestProject::new()
        .with_type(SchemaBuilder::collection("news", news))
        .with_role("public", false, json!({ "api::news.news": ["find"] }))
        .with_role("reader", false, json!({ "api::news.news": ["find"] }));
    let server = TestServer::start_configured(project, |config| {
        config.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        config.live.max_connections = 40;
        config.live.max_connections_per_address = 5;
    })
    .await;
    let (public, reader) = (server.public_client(), server.create_user("rita", "reader", json!({})).await);
    let admin = server.with_token(ADMIN_TOKEN);
    let mut open = Vec::new();
    let mut connect = async |client: &TestClient, address: &str| {
        let request = client.request("GET", "/api/live").header("x-forwarded-for", address);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        match status {
            200 => open.push(response),
            429 | 503 => {
                assert_eq!(response.headers()["retry-after"], "30");
                let error: Json = response.json().await.unwrap();
                let expected = if status == 429 { "from your network" } else { "Try again later" };
                assert!(error["error"]["message"].as_str().unwrap().contains(expected), "{error}");
            }
            _ => {}
        }
        status
    };
    // A client, a block of IPv4 addresses, and a /48 of IPv6 have a share each, and no more.
    for n in 0..8 {
        let expected = if n < 5 { 200 } else { 429 };
        assert_eq!(connect(&public, "198.51.100.1").await, expected, "{n}");
    }
    for n in 0..20 {
        let expected = if n < 5 { 200 } else { 429 };
        assert_eq!(connect(&public, &format!("198.51.100.{}", 2 + n)).await, expected, "{n}");
    }
    for n in 0..8 {
        let expected = if n < 5 { 200 } else { 429 };
        assert_eq!(connect(&public, &format!("2001:db8:0:1::{n:x}")).await, expected, "{n}");
        assert_eq!(connect(&public, &format!("2001:db8:0:{:x}::1", 2 + n)).await, expected, "{n}");
    }
    // Strangers of everywhere leave a fifth to users and a tenth to admins, and users leave that.
    for n in 0..20 {
        assert_eq!(connect(&public, &format!("10.0.{n}.1")).await, if n < 8 { 200 } else { 503 }, "{n}");
    }
    for n in 0..12 {
        assert_eq!(connect(&reader, &format!("10.1.{n}.1")).await, if n < 8 { 200 } else { 503 }, "{n}");
    }
    // An admin in the network of the strangers.
    for n in 0..4 {
        assert_eq!(connect(&admin, "198.51.100.1").await, 200, "{n}");
    }
    assert_eq!(connect(&admin, "198.51.100.1").await, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_include_events_of_other_nodes() {
    let server = server().await;
    if !server.project.database().is_postgres() {
        return;
    }
    let node = server.start_node().await;
    let mut stream = EventStream::subscribe(&server.public_client(), "?types=api::news.news", None).await;
    let document_id = node
        .as_client(&server)
        .post("/api/newss", json!({ "data": { "title": "there" } }))
        .await
        .expect_status(201)
        .document_id();
    assert_eq!(stream.next().await.unwrap().data["documentId"], document_id.as_str());
}

/// A server that notices what time changes once an hour only.
async fn patient_server() -> TestServer {
    let car = json!({ "name": { "type": "string" }, "owner": { "type": "string" } });
    let news = json!({ "title": { "type": "string" } });
    let own = json!({ "owner": { "$eq": "$user.username" } });
    let project = TestProject::new()
        .with_type(SchemaBuilder::collection("car", car))
        .with_type(SchemaBuilder::collection("news", news))
        .with_role(
            "customer",
            false,
            json!({ "api::car.car": { "find": { "where": own } }, "api::news.news": ["find"] }),
        )
        .with_role("reader", false, json!({ "api::news.news": ["find"] }));
    TestServer::start_configured(project, |config| config.live.heartbeat_seconds = 3_600).await
}

async fn end_reason(stream: &mut EventStream) -> String {
    let end = stream.next().await.unwrap();
    assert_eq!(end.event, "end", "{end:?}");
    assert_eq!(stream.next().await, None);
    end.data["reason"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_as_soon_as_their_callers_may_not_listen_any_more() {
    let server = patient_server().await;
    let id_of = async |name: &str| {
        let found = server.get(&format!("/api/users?filters[username]={name}")).await;
        format!("/api/users/{}", found.body[0]["id"])
    };
    let mut clients = Vec::new();
    for name in ["ann", "ben", "cas", "dan", "eva"] {
        clients.push(server.create_user(name, "customer", json!({})).await);
    }
    let mut streams = Vec::new();
    for client in &clients {
        streams.push(EventStream::subscribe(client, "?types=api::car.car", None).await);
    }
    let [ann, ben, cas, dan, eva] = &mut streams[..] else { panic!("five streams") };
    // Blocked, deleted, signed out, in a role that may not.
    server.put(&id_of("ann").await, json!({ "blocked": true })).await.expect_status(200);
    assert_eq!(end_reason(ann).await, "signed out");
    server.delete(&id_of("ben").await).await.expect_status(200);
    assert_eq!(end_reason(ben).await, "signed out");
    clients[2].post("/api/auth/logout", json!({})).await.expect_status(200);
    assert_eq!(end_reason(cas).await, "signed out");
    let reader = server.app.content.store().read(|r| r.roles().get_by_type("reader")).unwrap().unwrap();
    server.put(&id_of("dan").await, json!({ "role": reader.id })).await.expect_status(200);
    assert_eq!(end_reason(dan).await, "rights have changed");
    // A value that a condition compares with: the stream goes on with what it now may show.
    server.put(&id_of("eva").await, json!({ "username": "eve" })).await.expect_status(200);
    create_document(&server, "/api/cars", json!({ "name": "A", "owner": "eva" })).await;
    let second = create_document(&server, "/api/cars", json!({ "name": "B", "owner": "eve" })).await;
    assert_eq!(eva.next().await.unwrap().data["documentId"], second.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_of_admins_end_with_their_sessions_and_roles() {
    let server = patient_server().await;
    let subscribe =
        async |admin: &TestClient| EventStream::subscribe_with(admin.request("GET", "/admin/api/live")).await;
    let (first, admin) = (server.super_admin().await, server.super_admin().await);
    let mut stream = subscribe(&first).await;
    first.post("/admin/api/logout", json!({})).await.expect_status(200);
    assert_eq!(end_reason(&mut stream).await, "signed out");
    let mut stream = subscribe(&admin).await;
    let write = server.app.content.store().write(|tx| {
        let user = tx.reader().admin_users().get_by_email("super@example.com")?;
        tx.admin_users().set_roles(user.map_or(0, |user| user.id), &[], "2026-01-02T03:04:05.678Z")
    });
    write.await.unwrap();
    assert_eq!(end_reason(&mut stream).await, "rights have changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_with_changes_of_other_nodes() {
    let server = patient_server().await;
    if !server.project.database().is_postgres() {
        return;
    }
    let node = server.start_node().await;
    for (name, path) in [("ann", "logout"), ("ben", "")] {
        let client = server.create_user(name, "customer", json!({})).await;
        let mut stream = EventStream::subscribe(&client, "?types=api::car.car", None).await;
        if path.is_empty() {
            let found = server.get(&format!("/api/users?filters[username]={name}")).await;
            let user = format!("/api/users/{}", found.body[0]["id"]);
            node.as_client(&server).put(&user, json!({ "blocked": true })).await.expect_status(200);
        } else {
            node.as_client(&client).post("/api/auth/logout", json!({})).await.expect_status(200);
        }
        assert_eq!(end_reason(&mut stream).await, "signed out");
    }
}
