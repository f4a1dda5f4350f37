//! Requests to a real server on this machine, which nothing but these tests may be sent to.

mod peer;

use super::*;
use crate::services::http::{address_parts, parse_headers};
use cairn_events::outbound::{AddressGuard, HostResolver};
use cairn_plugin_package::{GrantedScope, Method as Granting, Scope};
use cairn_testkit::extend_limit;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use peer::Peer;
use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// Names that resolve as a test says: each lookup returns the next address, and from the last one on always that.
#[derive(Default)]
struct FakeResolver {
    places: HashMap<String, Vec<Vec<SocketAddr>>>,
    asked: Mutex<HashMap<String, usize>>,
}

impl FakeResolver {
    fn with_addresses(places: &[(&str, Vec<Vec<SocketAddr>>)]) -> Arc<Self> {
        let places = places.iter().map(|(name, places)| ((*name).to_owned(), places.clone())).collect();
        Arc::new(Self { places, asked: Mutex::default() })
    }

    fn lookup_count(&self, name: &str) -> usize {
        self.asked.lock().get(name).copied().unwrap_or(0)
    }
}

impl HostResolver for FakeResolver {
    fn resolve_host<'a>(&'a self, host: &'a str, _: u16) -> BoxFuture<'a, std::io::Result<Vec<SocketAddr>>> {
        let mut lookups = self.asked.lock();
        let times = lookups.entry(host.to_owned()).or_default();
        let addrs = self.places.get(host).and_then(|places| places.get(*times).or(places.last())).cloned();
        *times += 1;
        async move { addrs.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound)) }.boxed()
    }
}

fn grant(to: &[String], methods: &[Granting], secrets: &[&str]) -> GrantedScope {
    GrantedScope {
        scope: Scope::Http {
            to: to.iter().map(|address| address.parse().unwrap_or_else(|e| panic!("{address} {e}"))).collect(),
            methods: methods.iter().copied().collect(),
            secrets: secrets.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>(),
        },
        reason: None,
        optional: false,
    }
}

fn get(url: &str) -> Exchange {
    Exchange {
        method: Method::GET,
        url: Url::parse(url).unwrap_or_else(|e| panic!("{url}: {e}")),
        secret_address: None,
        headers: HeaderMap::new(),
        secret_headers: Vec::new(),
        body: Bytes::new(),
        timeout: Duration::from_secs(5),
        redirects: 0,
        max_body_bytes: 1 << 20,
    }
}

fn bearer() -> SecretHeader {
    SecretHeader::new("requests[0]", "authorization", "Bearer ", "key", SECRET).unwrap()
}

const SECRET: &str = "swordfish-\"42\"";

/// A way out to one server, under two names, both granted; the secret may travel to the first one only.
struct OutboundFixture {
    peer: Peer,
    out: OutboundHttp,
    grants: Grants,
    scrub: SecretScrubber,
}

impl OutboundFixture {
    async fn open() -> Self {
        let peer = Peer::start().await;
        let at = peer.address;
        let inside = SocketAddr::new("127.0.0.2".parse().unwrap(), at.port());
        let places = [("first.test", at), ("second.test", at), ("inside.test", inside)];
        let names = FakeResolver::with_addresses(&places.map(|(name, place)| (name, vec![vec![place]])));
        let guard = AddressGuard::new(&[at.to_string()]).unwrap();
        let to = |name: &str| format!("http://{name}.test:{}/*", at.port());
        let all = [Granting::Get, Granting::Head, Granting::Post];
        let grants = vec![grant(&[to("first")], &all, &["key"]), grant(&[to("second"), to("inside")], &all, &[])];
        let scrub = SecretScrubber::new([SECRET].into_iter());
        Self { peer, out: OutboundHttp::with_names(guard, names), grants: grants.into(), scrub }
    }

    fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}.test:{}{path}", self.peer.address.port())
    }

    async fn send(&self, exchange: Exchange) -> Result<ExchangeResponse, ExchangeError> {
        exchange.send(&self.out, &self.grants, &self.scrub, &ResponseBudget::new()).await
    }

    async fn get(&self, path: &str) -> Result<ExchangeResponse, ExchangeError> {
        self.send(get(&self.url("first", path))).await
    }
}

fn denial_reason(answer: Result<ExchangeResponse, ExchangeError>) -> String {
    match answer {
        Err(ExchangeError::Refused(Error::Denied(why))) => why,
        other => panic!("{other:?}"),
    }
}

fn failure_reason(answer: Result<ExchangeResponse, ExchangeError>) -> String {
    match answer {
        Err(ExchangeError::Failed(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_arrive_with_headers_body_and_secrets() {
    let way = OutboundFixture::open().await;
    let headers = parse_headers("requests[0]", &[("X-Plugin".into(), "crm".into())]).unwrap();
    let exchange = Exchange {
        method: Method::POST,
        headers,
        secret_headers: vec![bearer()],
        body: "hello".into(),
        ..get(&way.url("first", "/echo?a=1"))
    };
    let answer = way.send(exchange).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"POST /echo?a=1 hello".as_slice()));
    let seens = way.peer.received_requests();
    let header = |name: &str| seens[0].header(name);
    assert_eq!((header("x-plugin"), header("authorization")), ("crm".to_owned(), format!("Bearer {SECRET}")));
    assert_eq!(header("accept-encoding"), "gzip");
    assert!(header("user-agent").starts_with("Cairn/") && header("host").starts_with("first.test:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn granted_hosts_at_private_addresses_are_refused() {
    let peer = Peer::start().await;
    let port = peer.address.port();
    let inside = |ip: &str| vec![vec![SocketAddr::new(ip.parse().unwrap(), port)]];
    let mixed = vec![vec![SocketAddr::new("93.184.216.34".parse().unwrap(), port), peer.address]];
    let names: Vec<(&str, _)> = vec![
        ("loopback.test", inside("127.0.0.1")),
        ("mapped.test", inside("::ffff:127.0.0.1")),
        ("compatible.test", inside("::127.0.0.1")),
        ("nat64.test", inside("64:ff9b::7f00:1")),
        ("sixtofour.test", inside("2002:7f00:1::")),
        ("private.test", inside("10.0.0.1")),
        ("metadata.test", inside("169.254.169.254")),
        ("unique.test", inside("fd00::1")),
        ("mixed.test", mixed),
    ];
    let out = OutboundHttp::with_names(
        AddressGuard::default().with_config_key("plugins.allow_private"),
        FakeResolver::with_addresses(&names),
    );
    let literal = ["127.0.0.1", "[::1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "169.254.169.254"];
    let hosts = names.iter().map(|(name, _)| *name).chain(literal);
    let hosts: Vec<String> = hosts.map(|host| format!("http://{host}:{port}/")).collect();
    let grants: Vec<String> = hosts.iter().map(|host| format!("{host}*")).collect();
    let grants: Grants = vec![grant(&grants, &[Granting::Get], &[])].into();
    for host in &hosts {
        let why =
            denial_reason(get(host).send(&out, &grants, &SecretScrubber::default(), &ResponseBudget::new()).await);
        assert!(why.contains("plugins.allow_private"), "{host}: {why}");
    }
    assert!(peer.received_requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_use_the_address_that_was_checked() {
    let peer = Peer::start().await;
    let inside = SocketAddr::new("127.0.0.2".parse().unwrap(), peer.address.port());
    let names = FakeResolver::with_addresses(&[(
        "moving.test",
        vec![vec![peer.address], vec![inside], vec![peer.address, inside]],
    )]);
    let out = OutboundHttp::with_names(AddressGuard::new(&[peer.address.to_string()]).unwrap(), names.clone());
    let url = format!("http://moving.test:{}/close", peer.address.port());
    let grants: Grants = vec![grant(std::slice::from_ref(&url), &[Granting::Get], &[])].into();
    let send = async || get(&url).send(&out, &grants, &SecretScrubber::default(), &ResponseBudget::new()).await;
    // Looked up once: there is no second answer that a connection could go to.
    assert_eq!(send().await.unwrap().status, 200);
    assert_eq!(names.lookup_count("moving.test"), 1);
    for _ in 0..3 {
        assert!(denial_reason(send().await).contains("127.0.0.2"));
    }
    assert_eq!((names.lookup_count("moving.test"), peer.received_requests().len()), (4, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_redirect_target_is_checked() {
    let way = OutboundFixture::open().await;
    let follow = |to: &str, redirects| {
        let to: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
        Exchange { redirects, ..get(&way.url("first", &format!("/redirect?to={to}"))) }
    };
    let port = way.peer.address.port();
    assert_eq!(way.send(follow("/echo", 1)).await.unwrap().body, b"GET /echo ");
    // A redirect that is not followed is returned to the plugin.
    let answer = way.send(follow("/echo", 0)).await.unwrap();
    assert_eq!((answer.status, answer.headers.contains(&("location".into(), "/echo".into()))), (302, true));
    let before = way.peer.received_requests().len();
    for elsewhere in [
        format!("http://127.0.0.1:{port}/echo"),
        format!("http://[::ffff:127.0.0.1]:{port}/echo"),
        format!("http://third.test:{port}/echo"),
        format!("http://user:password@first.test:{port}/echo"),
        "http://first.test/echo".to_owned(),
        "file:///etc/passwd".to_owned(),
        format!("https://first.test:{port}/echo"),
    ] {
        assert!(denial_reason(way.send(follow(&elsewhere, 5)).await).contains("redirect"), "{elsewhere}");
    }
    // The seven requests got as far as the redirect.
    assert_eq!(way.peer.received_requests().len(), before + 7);
    // A redirect to a granted host is refused if its address is private.
    let why = denial_reason(way.send(follow(&way.url("inside", "/echo"), 5)).await);
    assert!(why.contains("127.0.0.2") && why.contains("allow_private"), "{why}");
    // A redirect loop: followed as often as requested, and at most ten times.
    let circle = Exchange { redirects: u8::MAX, ..get(&way.url("first", "/circle")) };
    assert_eq!(way.send(circle).await.unwrap().status, 302);
    assert_eq!(way.peer.received_requests().len(), before + 8 + 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_to_other_hosts_drop_secrets_and_cookies() {
    let way = OutboundFixture::open().await;
    let away = way.url("second", &format!("/redirect?to={}", way.url("first", "/echo")));
    let headers = parse_headers("requests[0]", &[("cookie".into(), "a=b".into()), ("x-a".into(), "c".into())]).unwrap();
    let exchange = Exchange {
        redirects: 5,
        headers,
        secret_headers: vec![bearer()],
        ..get(&way.url("first", &format!("/redirect?to={away}")))
    };
    assert_eq!(way.send(exchange).await.unwrap().status, 200);
    let seens = way.peer.received_requests();
    let secrets: Vec<bool> = seens.iter().map(|request| !request.header("authorization").is_empty()).collect();
    // The secret is not sent after a redirect back either: the other host has chosen the address.
    assert_eq!(secrets, [true, false, false]);
    assert_eq!((seens[0].header("cookie"), seens[1].header("cookie")), ("a=b".into(), String::new()));
    assert_eq!((seens[1].header("x-a"), seens[2].header("host").starts_with("first.test")), ("c".into(), true));
    // A secret that is not granted for an address is not sent to it at all.
    assert!(way.grants.may_send_secret("GET", &Url::parse(&way.url("first", "/")).unwrap(), "key"));
    assert!(!way.grants.may_send_secret("GET", &Url::parse(&way.url("second", "/")).unwrap(), "key"));
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_change_methods_and_bodies_as_browsers_do() {
    let way = OutboundFixture::open().await;
    for (status, expected) in [
        (301, "GET /echo "),
        (302, "GET /echo "),
        (303, "GET /echo "),
        (307, "POST /echo hello"),
        (308, "POST /echo hello"),
    ] {
        let url = way.url("first", &format!("/redirect?status={status}&to=/echo"));
        let exchange = Exchange { method: Method::POST, body: "hello".into(), redirects: 1, ..get(&url) };
        assert_eq!(way.send(exchange).await.unwrap().body, expected.as_bytes(), "{status}");
    }
    let put = Exchange { method: Method::PUT, ..get(&way.url("first", "/echo")) };
    assert!(denial_reason(way.send(put).await).contains("PUT"));
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_in_responses_and_errors_are_masked() {
    let way = OutboundFixture::open().await;
    for path in ["/secret", "/secret?gzip=1"] {
        let exchange = Exchange { secret_headers: vec![bearer()], ..get(&way.url("first", path)) };
        let answer = way.send(exchange).await.unwrap();
        let text = format!("{:?} {}", answer.headers, String::from_utf8_lossy(&answer.body));
        assert!(
            text.contains("Bearer *****") && !text.contains("swordfish") && !text.contains("c3dvcmRmaXNo"),
            "{text}"
        );
    }
    // A refusal does not contain the secret, whatever the redirecting host put into the address.
    let exchange = Exchange { secret_headers: vec![bearer()], redirects: 1, ..get(&way.url("first", "/tell")) };
    let why = denial_reason(way.send(exchange).await);
    assert!(!why.to_lowercase().contains("swordfish"), "{why}");
}

/// Sends to an address that is the value of a secret.
async fn post_to_secret(way: &OutboundFixture, secret: &str, url: &str) -> Result<ExchangeResponse, ExchangeError> {
    let grants: Grants = vec![grant(&["secret:hook".to_owned()], &[Granting::Post], &[])].into();
    let (method, secret_address) = (Method::POST, Some(secret.to_owned()));
    let exchange = Exchange { method, secret_address, body: "hello".into(), redirects: 5, ..get(url) };
    let parts = address_parts(&exchange.url);
    let scrub = SecretScrubber::new(parts.iter().map(String::as_str));
    exchange.send(&way.out, &grants, &scrub, &ResponseBudget::new()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn secret_addresses_are_in_no_response_and_no_error() {
    let way = OutboundFixture::open().await;
    let echo = post_to_secret(&way, "hook", &way.url("first", "/echo?sig=Swordfish-98765")).await.unwrap();
    let text = String::from_utf8(echo.body).unwrap();
    assert!(text.starts_with("POST ****") && text.ends_with("**** hello") && !text.contains("98765"), "{text}");
    assert_eq!((echo.status, echo.file_name), (200, None));
    // Within its host a redirect is followed; elsewhere it is not, even where a grant names the address.
    let moved = |to: &str| format!("/redirect?status=307&to={to}&sig=Swordfish-98765");
    let followed = post_to_secret(&way, "hook", &way.url("first", &moved("/echo"))).await.unwrap();
    assert_eq!((followed.status, followed.body.as_slice()), (200, b"POST /echo hello".as_slice()));
    let before = way.peer.received_requests().len();
    for elsewhere in [way.url("second", "/echo"), way.url("inside", "/echo")] {
        let away = post_to_secret(&way, "hook", &way.url("first", &moved(&elsewhere))).await.unwrap();
        let has_location = away.headers.iter().any(|(name, _)| name == "location");
        assert_eq!((away.status, has_location), (307, false), "{elsewhere}");
    }
    assert_eq!(way.peer.received_requests().len(), before + 2);
    // Refusals do not reveal where the secret address leads.
    let port = way.peer.address.port();
    for private in [way.url("inside", "/x"), format!("http://127.0.0.3:{port}/x")] {
        let why = denial_reason(post_to_secret(&way, "hook", &private).await);
        assert!(why.contains("\"hook\" is not public"), "{why}");
        assert!(!why.contains("inside") && !why.contains("127.0.0"), "{why}");
    }
    let why = denial_reason(post_to_secret(&way, "other", &way.url("first", "/echo")).await);
    assert!(why.contains("\"secret:other\"") && !why.contains("first"), "{why}");
    assert_eq!(way.peer.received_requests().len(), before + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_are_limited_in_size_and_time() {
    let way = OutboundFixture::open().await;
    let too_large = |answer| match answer {
        Err(ExchangeError::Refused(Error::Exhausted(subject))) => assert_eq!(subject, "response-bytes"),
        other => panic!("{other:?}"),
    };
    assert_eq!(way.get("/large?bytes=1000000").await.unwrap().body.len(), 1_000_000);
    too_large(way.get("/large?bytes=1048577").await);
    assert_eq!(way.get("/bomb?bytes=1000000").await.unwrap().body.len(), 1_000_000);
    too_large(way.get("/bomb?bytes=100000000").await);
    // The responses of one host call share a budget.
    let room = ResponseBudget::new();
    let mut had = 0;
    let end = loop {
        let exchange = Exchange { max_body_bytes: 8 << 20, ..get(&way.url("first", "/large?bytes=8000000")) };
        match exchange.send(&way.out, &way.grants, &way.scrub, &room).await {
            Ok(answer) => had += answer.body.len(),
            end => break end,
        }
    };
    too_large(end);
    assert_eq!(had, 32_000_000);
    for path in ["/slow", "/drip"] {
        let began = Instant::now();
        let exchange = Exchange { timeout: Duration::from_millis(300), ..get(&way.url("first", path)) };
        assert!(failure_reason(way.send(exchange).await).contains("300 ms"), "{path}");
        assert!(began.elapsed() < extend_limit(Duration::from_secs(20)), "{path}");
    }
    for (path, part) in
        [("/brotli", "encoding"), ("/no-gzip", "decompressed"), ("/headers", "headers"), ("/hang-up", "no response")]
    {
        let why = failure_reason(way.get(path).await);
        assert!(why.contains(part), "{path}: {why}");
    }
    let head = Exchange { method: Method::HEAD, ..get(&way.url("first", "/bomb?bytes=1000")) };
    assert_eq!(way.send(head).await.unwrap().body, b"");
    // A port without a server, and a name without an address.
    let unused_url = format!("http://second.test:{}/", Peer::unused_address().await.port());
    let grants: Grants =
        vec![grant(&[format!("{unused_url}*"), "http://unknown.test/*".into()], &[Granting::Get], &[])].into();
    let out = OutboundHttp::with_names(
        AddressGuard::new(&["127.0.0.0/8".into()]).unwrap(),
        FakeResolver::with_addresses(&[(
            "second.test",
            vec![vec![SocketAddr::new("127.0.0.1".parse().unwrap(), Url::parse(&unused_url).unwrap().port().unwrap())]],
        )]),
    );
    for url in [unused_url.as_str(), "http://unknown.test/"] {
        let why = failure_reason(get(url).send(&out, &grants, &way.scrub, &ResponseBudget::new()).await);
        assert!(why.contains("cannot connect"), "{why}");
    }
}
