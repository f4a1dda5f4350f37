//! Several servers on one PostgreSQL database, and what happens while it is away. On SQLite there is one server.

use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestServer, extend_limit};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

fn project() -> TestProject {
    TestProject::newsroom().with_role("public", false, json!({"api::article.article": ["find", "findOne"]}))
}

/// `None` on SQLite.
async fn server() -> Option<TestServer> {
    let project = project();
    if !project.database().is_postgres() {
        return None;
    }
    Some(TestServer::start_with(project).await)
}

async fn article(client: &TestClient, data: Json) -> String {
    let answer = client.post("/api/articles", json!({ "data": data })).await.expect_status(201);
    answer.body["data"]["documentId"].as_str().unwrap().to_owned()
}

async fn views(client: &TestClient, path: &str) -> i64 {
    client.get(path).await.expect_status(200).body["data"]["views"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_on_one_node_are_visible_on_another() {
    let Some(one) = server().await else { return };
    let other = one.start_node().await;
    let path = format!("/api/articles/{}", article(&one, json!({"title": "a", "views": 0})).await);
    let (one_public, other_public) = (one.public_client(), other.public_client());
    for n in 1..=100 {
        let (writer, reader): (&TestClient, &TestClient) =
            if n % 2 == 0 { (&one, &other_public) } else { (&other, &one_public) };
        // The reads put the responses into the cache of the node that is read from.
        reader.get(&path).await.expect_status(200);
        let total = reader.get("/api/articles").await.pagination_total();
        writer.put(&path, json!({"data": {"views": n}})).await.expect_status(200);
        article(writer, json!({"title": "more"})).await;
        assert_eq!(views(reader, &path).await, n);
        assert_eq!(reader.get("/api/articles").await.pagination_total(), total + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_of_a_user_hold_on_every_node_from_their_commit() {
    let by_group = json!({ "find": { "where": { "group": { "$in": "$user.groups" } } } });
    let note = json!({ "title": { "type": "string" }, "group": { "type": "string" } });
    let project = TestProject::new().with_type(SchemaBuilder::collection("note", note)).with_role(
        "authenticated",
        false,
        json!({ "api::note.note": by_group }),
    );
    if !project.database().is_postgres() {
        return;
    }
    let one = TestServer::start_with(project).await;
    let other = one.start_node().await;
    for group in ["journey:even", "journey:odd"] {
        one.create_entry("/api/notes", json!({ "title": group, "group": group })).await;
    }
    let user = one.add_user("sanne", "authenticated", json!({})).await.body["documentId"].as_str().unwrap().to_owned();
    let session = one.new_session("sanne").await;
    let readers = [one.with_token(&session), other.with_token(&session)];
    // A preview begins on one node, and is answered by any.
    let admin = one.super_admin().await;
    let begun = admin.post("/admin/api/preview/see-as", json!({ "person": user, "at": null })).await;
    let preview = begun.expect_status(200).data()["token"].as_str().unwrap().to_owned();
    let viewers = [one.with_preview(&preview), other.with_preview(&preview)];
    for n in 0..40 {
        let name = if n % 2 == 0 { "even" } else { "odd" };
        let (user, names) = (user.clone(), [name.to_owned()].into());
        one.app.content.store().write(move |tx| tx.user_groups().set(&user, "journey", &names)).await.unwrap();
        for reader in &readers {
            let found = reader.get("/api/notes").await.expect_status(200);
            assert_eq!(found.text_column("title"), [format!("journey:{name}")], "{n}");
        }
        for viewer in &viewers {
            let found = viewer.get("/api/notes").await.expect_status(200);
            assert_eq!(found.text_column("title"), [format!("journey:{name}")], "preview {n}");
        }
    }
    // The preview ends on every node with the session of the admin who started it.
    admin.post("/admin/api/logout", json!({})).await.expect_status(200);
    for viewer in &viewers {
        viewer.get("/api/notes").await.expect_status(403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_across_nodes_are_monotonic() {
    let Some(one) = server().await else { return };
    let other = one.start_node().await;
    let path = format!("/api/articles/{}", article(&one, json!({"title": "a", "views": 0})).await);
    let end = Arc::new(AtomicBool::new(false));
    let readers: Vec<JoinHandle<usize>> = (0..4)
        .map(|_| {
            let (clients, path, end) = ([one.public_client(), other.public_client()], path.clone(), end.clone());
            tokio::spawn(async move {
                let (mut highest, mut reads) = (0, 0);
                while !end.load(Ordering::Acquire) {
                    let now = views(&clients[reads % 2], &path).await;
                    assert!(now >= highest, "{now} after {highest}");
                    highest = now;
                    reads += 1;
                }
                reads
            })
        })
        .collect();
    for n in 1..=150 {
        let writer: &TestClient = if n % 3 == 0 { &one } else { &other };
        writer.put(&path, json!({"data": {"views": n}})).await.expect_status(200);
    }
    end.store(true, Ordering::Release);
    let mut reads = 0;
    for reader in readers {
        reads += reader.await.unwrap();
    }
    assert!(reads > 100, "{reads}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_sessions_apply_to_every_node() {
    let Some(one) = server().await else { return };
    let other = one.start_node().await;
    let user = one.create_user("ann", "authenticated", json!({})).await;
    let at_other = other.as_client(&user);
    at_other.get("/api/users/me").await.expect_status(200);
    other.public_client().get("/api/authors").await.expect_error(403, "Forbidden");
    one.apply_settings(json!({"roles": {"public": {"permissions": {"api::author.author": ["find"]}}}})).await;
    let start = Instant::now();
    while other.public_client().get("/api/authors").await.status != 200 {
        assert!(start.elapsed() < extend_limit(Duration::from_secs(30)), "not taken up");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    user.post("/api/auth/logout", json!({})).await;
    assert_eq!(at_other.get("/api/users/me").await.status, 401);
}

/// Stands between Cairn and its database.
struct Proxy {
    port: u16,
    away: Arc<AtomicBool>,
    running: Arc<parking_lot::Mutex<Vec<JoinHandle<()>>>>,
}

impl Proxy {
    /// Before the server that a URL names by host and port; with that URL changed.
    async fn start(url: &str) -> (Self, String) {
        let (head, rest) = url.split_once('@').expect("a user in the URL");
        let (target, rest) = rest.split_once('/').expect("a database in the URL");
        let target = target.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let proxy = Self { port, away: Arc::default(), running: Arc::default() };
        let (away, running) = (proxy.away.clone(), proxy.running.clone());
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                if away.load(Ordering::Acquire) {
                    continue;
                }
                let target = target.clone();
                running.lock().push(tokio::spawn(async move {
                    if let Ok(mut far) = TcpStream::connect(&target).await {
                        let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                    }
                }));
            }
        });
        let url = format!("{head}@127.0.0.1:{}/{rest}", proxy.port);
        (proxy, url)
    }

    /// All connections end, and no new ones are made.
    async fn disconnect(&self) {
        self.away.store(true, Ordering::Release);
        let running = std::mem::take(&mut *self.running.lock());
        for connection in running {
            connection.abort();
            let _ = connection.await;
        }
    }

    fn reconnect(&self) {
        self.away.store(false, Ordering::Release);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn database_outages_return_503_and_lose_no_acknowledged_write() {
    let project = project();
    if !project.database().is_postgres() {
        return;
    }
    let (proxy, url) = Proxy::start(project.database().url()).await;
    let server = Arc::new(TestServer::start_configured(project, |config| config.database.url = Some(url)).await);
    let end = Arc::new(AtomicBool::new(false));
    let writers: Vec<JoinHandle<(Vec<String>, usize)>> = (0..6)
        .map(|w| {
            let (server, end) = (server.clone(), end.clone());
            tokio::spawn(async move {
                let (mut acknowledged, mut refused, mut n) = (Vec::new(), 0, 0);
                while !end.load(Ordering::Acquire) {
                    n += 1;
                    let title = format!("{w}-{n}");
                    let answer = server.post("/api/articles", json!({"data": {"title": title}})).await;
                    match answer.status {
                        201 => acknowledged.push(title),
                        503 => {
                            assert!(!answer.header("retry-after").is_empty(), "{}", answer.text());
                            refused += 1;
                        }
                        other => panic!("{other}: {}", answer.text()),
                    }
                    let read = server.public_client().get("/api/articles").await;
                    assert!(matches!(read.status, 200 | 503), "{}", read.text());
                }
                (acknowledged, refused)
            })
        })
        .collect();
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        proxy.disconnect().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.get("/api/articles").await.expect_error(503, "The database is currently unavailable");
        proxy.reconnect();
        let start = Instant::now();
        while server.get("/api/articles").await.status != 200 {
            assert!(start.elapsed() < extend_limit(Duration::from_secs(30)), "it does not recover");
        }
    }
    end.store(true, Ordering::Release);
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    for writer in writers {
        let (titles, n) = writer.await.unwrap();
        acknowledged.extend(titles);
        refused += n;
    }
    assert!(!acknowledged.is_empty() && refused > 0, "{} acknowledged, {refused} refused", acknowledged.len());
    let mut stored_titles = std::collections::HashSet::new();
    for page in 1.. {
        let list = server.get(&format!("/api/articles?pagination[pageSize]=100&pagination[page]={page}")).await;
        let titles = list.text_column("title");
        if titles.is_empty() {
            break;
        }
        stored_titles.extend(titles);
    }
    let lost: Vec<&String> = acknowledged.iter().filter(|t| !stored_titles.contains(*t)).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

/// No request pays for connections that ended before it came, be they for reads, for writes or for asking whether what is
/// kept still holds.
#[tokio::test(flavor = "multi_thread")]
async fn closed_idle_database_connections_are_replaced() {
    let project = project();
    if !project.database().is_postgres() {
        return;
    }
    let (proxy, url) = Proxy::start(project.database().url()).await;
    let server = TestServer::start_configured(project, |config| config.database.url = Some(url)).await;
    let id = article(&server, json!({"title": "kept", "views": 1})).await;
    for _ in 0..5 {
        let requests = (0..24).map(|n| {
            let (client, path) = ((*server).clone(), format!("/api/articles/{id}"));
            tokio::spawn(async move {
                match n % 3 {
                    0 => client.put(&path, json!({"data": {"views": n}})).await,
                    1 => client.get(&path).await,
                    _ => client.get(&format!("{path}?fields[0]=title&filters[views][$ne]=-{n}")).await,
                }
            })
        });
        for answer in requests.collect::<Vec<_>>() {
            let answer = answer.await.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        proxy.disconnect().await;
        proxy.reconnect();
    }
}

/// With a standby (`CAIRN_TEST_REPLICA_URL`): every read after a write returns it, wherever the two went, and reads do go to the standby.
#[tokio::test(flavor = "multi_thread")]
async fn replica_serves_reads_and_never_returns_stale_data() {
    let Ok(replica) = std::env::var("CAIRN_TEST_REPLICA_URL") else { return };
    let project = project();
    if !project.database().is_postgres() {
        return;
    }
    let (proxy, replica) = Proxy::start(&replica).await;
    let one = TestServer::start_configured(project, |config| config.database.replica_url = Some(replica.clone())).await;
    let other = one.start_node_with(|config| config.database.replica_url = Some(replica)).await;
    let path = format!("/api/articles/{}", article(&one, json!({"title": "a", "views": 0})).await);
    for n in 1..=60 {
        one.put(&path, json!({"data": {"views": n}})).await.expect_status(200);
        assert_eq!(views(&one, &path).await, n);
        assert_eq!(views(&one.public_client(), &path).await, n);
        if n % 10 == 0 {
            tokio::time::sleep(Duration::from_millis(60)).await;
            assert_eq!(views(&one, &path).await, n);
            assert_eq!(views(&other.public_client(), &path).await, n);
        }
    }
    // Replication checks of both nodes take two connections to the standby; a third one serves reads.
    assert!(proxy.running.lock().len() > 2, "nothing was read from the standby");
    // A standby that disconnects fails no read.
    proxy.disconnect().await;
    for _ in 0..20 {
        assert_eq!(views(&one, &path).await, 60);
    }
}
