//! Pages for browsers whose form a plugin's route could not take.

use super::{PLUGINS, allow_package, guest, install, stage};
use cairn_plugin_package::package::pack;
use cairn_testkit::{TestProject, TestResponse, TestServer};
use serde_json::json;

const NOTE: &str = "/api/allow/write-note";

/// A server whose route takes one request a minute from each client.
async fn server() -> TestServer {
    let server = TestServer::start_with(TestProject::new()).await;
    let limited = |text: String| {
        let path = "path = \"/write-note\"\n";
        text.replace(path, &format!("{path}rate = {{ per = \"ip\", limit = 1, every = \"1m\" }}\n"))
    };
    let staged = stage(&server, &allow_package("1.0.0", None, limited)).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    server
}

async fn send(server: &TestServer, headers: &[(&str, &str)], body: impl Into<reqwest::Body>) -> TestResponse {
    let client = server.public_client();
    let request =
        headers.iter().fold(client.request("POST", NOTE), |request, (name, value)| request.header(*name, *value));
    client.send(request.body(body)).await
}

const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test(flavor = "multi_thread")]
async fn refused_forms_of_browsers_keep_what_was_typed() {
    let server = server().await;
    // Errors that are not temporary get no page of this kind.
    let first = send(&server, &[HTML, FORM], "title=One").await;
    assert!(!first.text().contains("<form"), "{}", first.text());
    let page = send(&server, &[HTML, FORM, ("accept-language", "nl-BE,nl;q=0.9")], "title=%3Cb%3E+%26+more").await;
    assert_eq!((page.status, page.header("content-type")), (429, "text/html; charset=utf-8"));
    assert!((1..=60).contains(&page.header("retry-after").parse::<u64>().unwrap()));
    assert!(page.text().contains("name=\"title\" value=\"&lt;b&gt; &amp; more\""), "{}", page.text());
    assert!(page.text().contains("<html lang=\"nl\">") && page.text().contains("Opnieuw versturen"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'nonce-") && policy.contains("frame-ancestors 'none'"));
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "same-origin"));
    // Programs, scripts of pages and readers get JSON.
    for headers in [&[FORM][..], &[HTML, ("content-type", "application/json")], &[("accept", "*/*"), FORM]] {
        let refused = send(&server, headers, "title=One").await.expect_status(429);
        refused.assert_envelope();
        assert_eq!(refused.message(), "Too many requests");
    }
    // A form with a file keeps the rest, and one that is too large says where to find it.
    let part =
        |name: &str, value: &str| format!("--XX\r\ncontent-disposition: form-data; name={name}\r\n\r\n{value}\r\n");
    let multipart = [HTML, ("content-type", "multipart/form-data; boundary=XX")];
    let body =
        format!("{}{}--XX--\r\n", part("\"title\"", "Two"), part("\"photo\"; filename=\"a.png\"", "secret bytes"));
    let page = send(&server, &multipart, body).await.expect_status(429);
    assert!(page.text().contains("enctype=\"multipart/form-data\""), "{}", page.text());
    assert!(page.text().contains("name=\"title\" value=\"Two\"") && page.text().contains("Send again without files"));
    assert!(!page.text().contains("secret bytes"));
    let page = send(&server, &[HTML, FORM], format!("title={}", "x".repeat(70_000))).await.expect_status(429);
    assert!(page.text().contains("Go back to the form") && !page.text().contains("<button"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_for_a_plugin_that_is_switched_off_keep_what_was_typed() {
    let server = server().await;
    server.post(&format!("{PLUGINS}/allow/disable"), json!({})).await.expect_status(200);
    let page = send(&server, &[HTML, FORM], "title=One").await.expect_status(503);
    assert_eq!((page.header("retry-after"), page.header("content-language")), ("60", "en"));
    assert!(page.text().contains("This form cannot be submitted right now. Try again in a minute."), "{}", page.text());
    assert!(page.text().contains("action=\"/api/allow/write-note\"") && page.text().contains("value=\"One\""));
    send(&server, &[FORM], "title=One").await.expect_status(503).assert_envelope();
    let get = server.public_client().request("GET", NOTE).header("accept", "text/html");
    server.public_client().send(get).await.expect_status(503).assert_envelope();
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_that_a_plugin_did_not_survive_keep_what_was_typed() {
    let server = TestServer::start().await;
    let staged = stage(&server, &pack(&guest("hostile", |text| text), None).unwrap()).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    let send = async |accept: &str| {
        let client = server.public_client();
        let request = client.request("POST", "/api/hostile/any/panic").header(FORM.0, FORM.1).header("accept", accept);
        client.send(request.body("title=One+%26+two")).await.expect_status(502)
    };
    let page = send(HTML.1).await;
    assert!(page.text().contains("name=\"title\" value=\"One &amp; two\""), "{}", page.text());
    // Whether it arrived is not known.
    assert!(page.text().contains("may not have arrived") && !page.text().contains("Not sent yet"), "{}", page.text());
    send("*/*").await.assert_envelope();
}
