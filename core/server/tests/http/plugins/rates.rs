//! Rates and idempotency keys of plugin routes: what strangers use up is not what others have.

use super::{allow_package, install, stage};
use cairn_testkit::{TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};

/// With a route for everybody that takes two requests a minute from each client, behind a proxy.
async fn server() -> TestServer {
    let server = TestServer::start_configured(TestProject::new(), |config| {
        config.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let limited = |text: String| {
        let path = "path = \"/read-notes\"\n";
        text.replace(path, &format!("{path}rate = {{ per = \"ip\", limit = 2, every = \"1m\" }}\n"))
    };
    let staged = stage(&server, &allow_package("1.0.0", None, limited)).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    server
}

async fn read_from(server: &TestServer, address: &str) -> TestResponse {
    let client = server.public_client();
    client.send(client.request("GET", "/api/allow/read-notes").header("x-forwarded-for", address)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_one_network_share_a_rate_and_leave_others_theirs() {
    let server = server().await;
    let mut statuses = Vec::new();
    for n in 0..40 {
        statuses.push(read_from(&server, &format!("2001:db8:0:7::{n:x}")).await.status);
    }
    assert_eq!((&statuses[..2], &statuses[2..]), (&[200; 2][..], &[429; 38][..]));
    let refused = read_from(&server, "2001:db8:0:7:ffff::1").await.expect_status(429);
    assert!((1..=60).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    // The next network has a rate of its own, and so has an IPv4 address, however it is written.
    read_from(&server, "2001:db8:0:8::1").await.expect_status(200);
    for (address, status) in [("192.0.2.7", 200), ("::ffff:192.0.2.7", 200), ("192.0.2.7", 429), ("192.0.2.8", 200)] {
        read_from(&server, address).await.expect_status(status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idempotency_key_of_another_request_is_a_conflict() {
    let server = server().await;
    let send = async |body: Json, key: &str| {
        let client = server.public_client();
        client.send(client.request("POST", "/api/allow/write-note").json(&body).header("idempotency-key", key)).await
    };
    let count_notes = async || read_from(&server, "192.0.2.7").await.expect_status(200).body.as_array().unwrap().len();
    let first = send(json!({ "title": "one" }), "k").await.expect_status(201);
    let other = send(json!({ "title": "two" }), "k").await.expect_status(409);
    other.assert_envelope();
    assert_eq!(
        other.message(),
        "This idempotency key belongs to another request. Repeat that request unchanged, or send a new key"
    );
    assert_eq!(other.body["error"]["details"], json!({ "kind": "idempotency" }));
    assert_eq!(send(json!({ "title": "one" }), "k").await.expect_status(201).text(), first.text());
    assert_eq!(count_notes().await, 1);
    send(json!({ "title": "two" }), "l").await.expect_status(201);
    assert_eq!(count_notes().await, 2);
}
