//! Tenants come and go while requests run, are opened when first asked for and closed when nobody asks any more: no
//! request is lost, and none gets to another tenant.

use super::{A, B, server, settings, two_tenant_project};
use cairn_testkit::{FULL_TOKEN, TestClient, TestProject, TestServer, extend_limit};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;

fn open_tenant_names(server: &TestServer) -> Vec<String> {
    let mut names: Vec<String> = server.process.open_tenants().iter().map(|t| t.name.to_string()).collect();
    names.sort();
    names
}

/// Tenants `t0`, `t1` … at hosts of that name, with settings only where asked for: each costs a database.
async fn start_with_tenants(n: usize, with_settings: bool, max_open: usize, idle_seconds: u64) -> TestServer {
    let tenant = |i: usize| {
        let mut tenant = json!({"hosts": [format!("t{i}")]});
        if with_settings {
            tenant["settings"] = settings();
        }
        (format!("t{i}"), tenant)
    };
    let tenants: Map<String, Json> = (0..n).map(tenant).collect();
    let project = TestProject::newsroom()
        .with_settings("roles", settings()["roles"].clone())
        .with_settings("tenants", Json::Object(tenants));
    TestServer::start_configured(project, |c| {
        c.tenants.max_open = max_open;
        c.tenants.idle_seconds = idle_seconds;
    })
    .await
}

async fn wait_until(condition: &str, mut is_done: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !is_done().await {
        assert!(start.elapsed() < extend_limit(Duration::from_secs(60)), "never {condition}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Until these are open and no others: what a request did may hold its tenant a moment longer than the answer.
pub(super) async fn wait_until_open(server: &TestServer, names: &[&str]) {
    wait_until("open or closed as it should be", async || {
        server.process.close_idle_tenants();
        open_tenant_names(server) == names
    })
    .await;
}

/// A create whose body is still on its way.
async fn start_partial_create(server: &TestServer, host: &str, title: &str) -> (tokio::net::TcpStream, String) {
    let body = json!({"data": {"title": title}}).to_string();
    let (first, rest) = body.split_at(5);
    let head = format!(
        "POST /api/articles HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {FULL_TOKEN}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{first}",
        body.len()
    );
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    (stream, rest.to_owned())
}

/// Until a request holds that tenant, seen several times: looks at changes of other processes hold it for a moment too.
async fn wait_until_served(server: &TestServer, tenant: &str) {
    for _ in 0..3 {
        wait_until("being served", async || {
            tokio::time::sleep(Duration::from_millis(3)).await;
            server.process.open_tenant(tenant).await.is_some_and(|t| Arc::strong_count(&t) > 2)
        })
        .await;
    }
}

async fn finish_request((mut stream, rest): (tokio::net::TcpStream, String)) -> String {
    stream.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_first_requests_open_a_tenant_once() {
    let server = start_with_tenants(2, false, 100, 600).await;
    assert_eq!(
        (server.process.declared_tenants(), open_tenant_names(&server).len(), server.process.tenant_openings()),
        (2, 0, 0)
    );
    let mut requests = JoinSet::new();
    for i in 0..50 {
        let client = server.with_host("t1").without_token();
        requests.spawn(async move { client.get(["/api/articles", "/", "/uploads/x.png"][i % 3]).await.status });
    }
    // Clients may disconnect before the tenant is open.
    for _ in 0..10 {
        let client = server.with_host("t1").without_token();
        let _ = tokio::time::timeout(Duration::from_micros(300), client.get("/")).await;
    }
    while let Some(status) = requests.join_next().await {
        assert!([200, 403, 404].contains(&status.unwrap()));
    }
    assert_eq!((open_tenant_names(&server), server.process.tenant_openings()), (vec!["t1".to_owned()], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_tenants_are_retried_without_affecting_others() {
    let server = start_with_tenants(2, false, 100, 600).await;
    // A folder is where its database should be, or its schema is somebody else's.
    let database = server.project.path().join("data/tenants/t0/cairn.db");
    let postgres = server.project.database().is_postgres();
    match postgres {
        true => server.project.database().run_sql("CREATE SCHEMA {schema}_t0 CREATE TABLE theirs (id int)"),
        false => std::fs::create_dir_all(&database).unwrap(),
    }
    let mut requests = JoinSet::new();
    for i in 0..40 {
        let (broken, other) = (server.with_host("t0").without_token(), server.with_host("t1").without_token());
        requests.spawn(async move {
            let client = if i % 2 == 0 { broken } else { other };
            (i % 2 == 0, client.get("/api/articles").await)
        });
    }
    while let Some(joined) = requests.join_next().await {
        let (broken, answer) = joined.unwrap();
        answer.assert_envelope();
        match broken {
            true => assert_eq!((answer.status, answer.header("retry-after")), (503, "1"), "{}", answer.text()),
            false => assert_eq!(answer.status, 403),
        }
        assert!(!answer.text().contains("cairn.db"), "{}", answer.text());
    }
    assert!(server.process.tenant_openings() <= 4, "tried by each of them: {}", server.process.tenant_openings());
    server.get("/api/articles").await.expect_status(200);
    match postgres {
        true => server.project.database().run_sql("DROP SCHEMA {schema}_t0 CASCADE"),
        false => std::fs::remove_dir(&database).unwrap(),
    }
    wait_until("opened", async || server.with_host("t0").without_token().get("/api/articles").await.status == 403)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_tenants_are_closed_and_reopened_with_their_data() {
    let server = server().await;
    server.with_host(A).create_entry("/api/articles", json!({"title": "kept"})).await;
    server.with_host(B).get("/api/articles").await.expect_status(200);
    assert_eq!(open_tenant_names(&server), ["a", "b"]);
    let step = async |seconds: u64| {
        server.advance_clock(Duration::from_secs(seconds));
        server.process.close_idle_tenants();
    };
    step(0).await;
    step(599).await;
    assert_eq!(open_tenant_names(&server), ["a", "b"]);
    // Answers from memory count as asking, too.
    server.with_host(A).without_token().get("/api/articles").await.expect_status(200);
    server.with_host(A).without_token().get("/api/articles").await.expect_status(200);
    step(1).await;
    wait_until_open(&server, &["a"]).await;
    // A request that runs keeps its tenant, however long it takes.
    let half = start_partial_create(&server, A, "slow").await;
    wait_until_served(&server, "a").await;
    step(0).await;
    step(6_000).await;
    assert_eq!(open_tenant_names(&server), ["a"]);
    assert!(finish_request(half).await.starts_with("HTTP/1.1 201 "));
    wait_until("closed", async || {
        step(600).await;
        open_tenant_names(&server).is_empty()
    })
    .await;
    assert_eq!(server.with_host(A).get("/api/articles?sort=title").await.text_column("title"), ["kept", "slow"]);
    assert!(!server.process.default_tenant().content.store().location().is_empty(), "the default one is open for ever");
}

/// Work that a request began and did not wait for keeps its tenant open as well: it is never open twice.
#[tokio::test(flavor = "multi_thread")]
async fn tenants_stay_open_while_their_database_is_in_use() {
    let server = server().await;
    let store = server.process.open_tenant("a").await.unwrap().content.store().clone();
    wait_until("asked for", async || {
        server.process.close_idle_tenants();
        open_tenant_names(&server) == ["a"]
    })
    .await;
    for _ in 0..5 {
        server.advance_clock(Duration::from_secs(600));
        server.process.close_idle_tenants();
        assert_eq!(open_tenant_names(&server), ["a"]);
    }
    drop(store);
    wait_until("closed", async || {
        server.advance_clock(Duration::from_secs(600));
        server.process.close_idle_tenants();
        open_tenant_names(&server).is_empty()
    })
    .await;
}

/// Until what opening a tenant begins behind the requests is done.
async fn wait_until_settled(server: &TestServer, name: &str) {
    wait_until("settled", async || {
        let open = server.process.open_tenants();
        open.iter().filter(|t| *t.name == *name).all(|t| t.engine.next_due() != 0 && !t.engine.is_busy())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn longest_idle_tenant_is_closed_at_the_open_limit() {
    let server = start_with_tenants(5, true, 2, 600).await;
    let ask = async |i: usize| {
        server.with_host(&format!("t{i}")).get("/api/articles").await.expect_status(200);
        // Background work keeps a tenant open as a request does.
        wait_until_settled(&server, &format!("t{i}")).await;
    };
    // A tenant that was in use just when room was made stays open instead of another. Another request to these makes it the longest idle one, so that
    // it closes. That is rare: it does not happen time and again.
    let by_chance = AtomicUsize::new(0);
    let are_left = async |expected: [usize; 2]| {
        let names = expected.map(|i| format!("t{i}"));
        wait_until("the longest idle one gone", async || {
            server.process.close_idle_tenants();
            let open_names = open_tenant_names(&server);
            if open_names.len() == 2 && open_names != names {
                assert!(by_chance.fetch_add(1, Ordering::Relaxed) == 0, "{open_names:?} in place of {names:?}");
                for i in expected {
                    ask(i).await;
                }
            }
            open_names == names
        })
        .await;
    };
    ask(0).await;
    ask(1).await;
    ask(0).await;
    ask(2).await;
    are_left([0, 2]).await;
    // A running request keeps its tenant: the others share what is left.
    let half = start_partial_create(&server, "t0", "slow").await;
    wait_until_served(&server, "t0").await;
    for i in [1, 2, 3, 4] {
        ask(i).await;
        are_left([0, i]).await;
    }
    assert!(finish_request(half).await.starts_with("HTTP/1.1 201 "));
    // More tenants are open for a while if all of them are busy.
    let busy = [
        start_partial_create(&server, "t0", "x").await,
        start_partial_create(&server, "t1", "x").await,
        start_partial_create(&server, "t2", "x").await,
    ];
    wait_until("all open", async || open_tenant_names(&server).len() == 3).await;
    for half in busy {
        assert!(finish_request(half).await.starts_with("HTTP/1.1 201 "));
    }
    wait_until("two again", async || open_tenant_names(&server).len() == 2).await;
}

/// Everything is closed as soon as nobody has it, and there is room for two: what was acknowledged is there, and every
/// request is answered as if nothing were ever closed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn closing_tenants_loses_no_request() {
    const TENANTS: usize = 5;
    let server = Arc::new(start_with_tenants(TENANTS, true, 2, 0).await);
    let running = Arc::new(AtomicBool::new(true));
    let closer = {
        let (server, running) = (server.clone(), running.clone());
        tokio::spawn(async move {
            while running.load(Ordering::Relaxed) {
                server.process.close_idle_tenants();
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
        })
    };
    let created: Arc<Vec<AtomicUsize>> = Arc::new((0..TENANTS).map(|_| AtomicUsize::new(0)).collect());
    let mut work = JoinSet::new();
    for worker in 0..8 {
        let clients: Vec<TestClient> = (0..TENANTS).map(|i| server.with_host(&format!("t{i}"))).collect();
        let created = created.clone();
        work.spawn(async move {
            for round in 0..25 {
                let i = (worker * 7 + round * 3) % TENANTS;
                let answer = clients[i].post("/api/articles", json!({"data": {"title": format!("of t{i}")}})).await;
                assert_eq!(answer.status, 201, "{}", answer.text());
                created[i].fetch_add(1, Ordering::Relaxed);
                let test_answer = clients[i].without_token().get("/api/articles").await.expect_status(200);
                assert!(
                    test_answer.text_column("title").iter().all(|t| *t == format!("of t{i}")),
                    "{}",
                    test_answer.text()
                );
                assert!(test_answer.pagination_total() >= 1);
            }
        });
    }
    while let Some(joined) = work.join_next().await {
        joined.unwrap();
    }
    running.store(false, Ordering::Relaxed);
    closer.await.unwrap();
    assert!(server.process.tenant_openings() > TENANTS as u64 + 5, "hardly anything was closed");
    for (i, count) in created.iter().enumerate() {
        let client = server.with_host(&format!("t{i}"));
        assert_eq!(client.get("/api/articles").await.pagination_total(), count.load(Ordering::Relaxed) as u64, "t{i}");
    }
}

/// A host goes back and forth between two tenants while others ask for it: each answer is wholly of one of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn hosts_can_move_between_tenants_during_requests() {
    let server = Arc::new(server().await);
    for (host, title) in [(A, "of a"), (B, "of b")] {
        server.with_host(host).create_entry("/api/articles", json!({"title": title})).await;
    }
    server.apply_settings(json!({"tenants": {"a": {"hosts": [A, "shop.example.com"]}}})).await;
    let running = Arc::new(AtomicBool::new(true));
    let mut work = JoinSet::new();
    for _ in 0..4 {
        let (shop, running) = (server.with_host("shop.example.com").without_token(), running.clone());
        work.spawn(async move {
            let mut counts = [0, 0];
            while running.load(Ordering::Relaxed) {
                let titles = shop.get("/api/articles").await.expect_status(200).text_column("title");
                match titles.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                    ["of a"] => counts[0] += 1,
                    ["of b"] => counts[1] += 1,
                    _ => panic!("{titles:?}"),
                }
            }
            counts
        });
    }
    let shop = server.with_host("shop.example.com");
    for round in 0..20 {
        let (to, from) = if round % 2 == 0 { ("b", "a") } else { ("a", "b") };
        let host = |name: &str| if name == "a" { A } else { B };
        let tenants = json!({to: {"hosts": [host(to), "shop.example.com"]}, from: {"hosts": [host(from)]}});
        server.apply_settings(json!({"tenants": tenants})).await;
        // From here on it is the other's, for readers of kept answers as well.
        for _ in 0..2 {
            assert_eq!(shop.without_token().get("/api/articles").await.text_column("title"), [format!("of {to}")]);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    running.store(false, Ordering::Relaxed);
    while let Some(joined) = work.join_next().await {
        let counts = joined.unwrap();
        assert!(counts.iter().all(|n| *n > 0), "{counts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_can_be_added_and_removed_during_requests() {
    let server = Arc::new(TestServer::start_with(two_tenant_project()).await);
    server.with_host(A).create_entry("/api/articles", json!({"title": "of a"})).await;
    server.create_entry("/api/articles", json!({"title": "of the default"})).await;
    // A request under way when its tenant goes out of service is finished; the next one is the default's.
    let half = start_partial_create(&server, A, "at the last moment").await;
    wait_until_served(&server, "a").await;
    server
        .apply_settings(json!({"tenants": {"a": null, "c": {"hosts": ["c.example.com"], "settings": settings()}}}))
        .await;
    assert_eq!(server.with_host(A).get("/api/articles").await.text_column("title"), ["of the default"]);
    server.process.close_idle_tenants();
    assert!(finish_request(half).await.starts_with("HTTP/1.1 201 "));
    wait_until("closed", async || !open_tenant_names(&server).contains(&"a".to_owned())).await;
    assert_eq!(server.with_host("c.example.com").get("/api/articles").await.pagination_total(), 0);
    // The tenant's data stayed.
    server.apply_settings(json!({"tenants": {"a": {"hosts": ["again.example.com"]}}})).await;
    let titles = server.with_host("again.example.com").get("/api/articles?sort=title").await.text_column("title");
    assert_eq!(titles, ["at the last moment", "of a"]);
    // A tenant that is taken out of service and back during a request stays the same: a second one is not opened beside it.
    let openings = server.process.tenant_openings();
    let half = start_partial_create(&server, "again.example.com", "third").await;
    wait_until_served(&server, "a").await;
    server.apply_settings(json!({"tenants": {"a": null}})).await;
    server.apply_settings(json!({"tenants": {"a": {"hosts": [A]}}})).await;
    assert_eq!(server.with_host(A).get("/api/articles").await.pagination_total(), 2);
    assert!(finish_request(half).await.starts_with("HTTP/1.1 201 "));
    assert_eq!(
        (server.with_host(A).get("/api/articles").await.pagination_total(), server.process.tenant_openings()),
        (3, openings)
    );
}

/// Tenants that another process declares: `cairn apply` beside a running server.
#[tokio::test(flavor = "multi_thread")]
async fn tenants_declared_by_another_process_take_effect() {
    let server = server().await;
    server.with_host(A).without_token().get("/api/authors").await.expect_status(200);
    let config = (*server.process.config).clone();
    let other = cairn_server::build_app(config, server.clock.clone()).await.unwrap();
    let file = json!({"tenants": {
        "a": {"hosts": ["moved.example.com"], "settings": {"roles": {"public": {"permissions": {"api::article.article": ["find"]}}}}},
        "b": null,
        "new": {"hosts": ["new.example.com"], "settings": settings()},
    }});
    other.apply_settings(&file.to_string(), &|_| None).await.unwrap();
    let start = Instant::now();
    let taken_up = async || {
        server.with_host("new.example.com").get("/api/articles").await.status == 200
            && server.with_host("moved.example.com").without_token().get("/api/authors").await.status == 403
            && server.process.declared_tenants() == 2
            && !open_tenant_names(&server).contains(&"b".to_owned())
    };
    wait_until("taken up", taken_up).await;
    assert!(start.elapsed() < extend_limit(Duration::from_secs(30)), "{:?}", start.elapsed());
}

/// A thousand are declared in no time and take a slot each, no more; ten that are asked for are open, and go again.
#[tokio::test(flavor = "multi_thread")]
async fn declared_tenants_are_opened_only_on_use() {
    let server = start_with_tenants(1_000, false, 100, 600).await;
    assert_eq!((server.process.declared_tenants(), open_tenant_names(&server).len()), (1_000, 0));
    let t7 = server.process.config.tenant_database("t7").unwrap();
    assert!(!t7.exists().unwrap(), "not asked for, not made");
    for i in 0..10 {
        server.with_host(&format!("t{}", i * 100)).get("/").await.expect_status(200);
    }
    assert_eq!(open_tenant_names(&server).len(), 10);
    server.process.close_idle_tenants();
    server.advance_clock(Duration::from_secs(600));
    wait_until("closed", async || {
        server.process.close_idle_tenants();
        open_tenant_names(&server).is_empty()
    })
    .await;
    assert_eq!(server.process.declared_tenants(), 1_000);
}

/// Work that is due in a tenant that nobody asks for is done all the same, and does not keep it open.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn closed_tenants_are_opened_for_due_jobs() {
    use cairn_store::events::{DuplicatePolicy, JobFilter, JobState, NewJob};
    let server = start_with_tenants(3, true, 3, 1).await;
    server.with_host("t1").get("/api/articles").await.expect_status(200);
    let tenant = server.process.open_tenant("t1").await.unwrap();
    let due = tenant.engine.now() + 3_600_000;
    let job = NewJob {
        name: "cairn.housekeeping".into(),
        key: Some("asked for".into()),
        duplicate: DuplicatePolicy::Keep,
        lane: None,
        payload: json!({}),
        due,
    };
    tenant.engine.enqueue(job).await.unwrap();
    wait_until("looked at", async || tenant.engine.next_due() == due).await;
    drop(tenant);
    let openings = server.process.tenant_openings();
    wait_until("closed", async || {
        server.advance_clock(Duration::from_secs(2));
        !open_tenant_names(&server).contains(&"t1".to_owned())
    })
    .await;
    server.advance_clock(Duration::from_secs(3_600));
    wait_until("opened", async || server.process.tenant_openings() > openings).await;
    let filter = JobFilter { key: Some("asked for".into()), state: Some(JobState::Done), ..JobFilter::default() };
    let tenant = server.process.open_tenant("t1").await.unwrap();
    wait_until("done", async || tenant.content.store().read(|r| r.jobs().list(&filter, 9)).unwrap().len() == 1).await;
}
