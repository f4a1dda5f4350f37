//! Bodies that are no JSON, too large, too deep, of the wrong type, or lie about what they are.

use cairn_testkit::{TestResponse, TestServer};
use serde_json::json;

async fn post(server: &TestServer, kind: &str, body: impl Into<reqwest::Body>) -> TestResponse {
    server.send(server.request("POST", "/api/articles").header("content-type", kind).body(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_json_is_a_syntax_error() {
    let server = TestServer::start().await;
    let before = server.dump_content().await;
    for body in [
        "{",
        "}",
        "nul",
        "{\"data\":{\"title\":\"x\"}",
        "{\"data\":{\"title\":\"x\",}}",
        "{'data':{'title':'x'}}",
        "{data:{title:\"x\"}}",
        "{\"data\":{\"title\":\"x\"}}{}",
        "{\"data\":{\"title\":\"x\"}} trailing",
        "{\"data\":{\"title\":NaN}}",
        "{\"data\":{\"views\":Infinity}}",
        "{\"data\":{\"views\":1e999}}",
        "{\"data\":{\"views\":-1e999}}",
        "{\"data\":{\"views\":01}}",
        "{\"data\":{\"views\":0x10}}",
        "{\"data\":{\"title\":\"\\ud800\"}}",
        "{\"data\":{\"title\":\"\\ud800\\ud800\"}}",
        "{\"data\":{\"title\":\"\\udc00\"}}",
        "{\"data\":{\"title\":\"\\x41\"}}",
        "{\"data\":{\"title\":\"a\nb\"}}",
        "{\"data\":{\"title\":\"\\u0000\"}}",
        "{\"data\":{\"a\\u0000b\":1}}",
        "{\"data\":{\"title\":\"a\",\"title\":\"b\"}}",
        "{\"data\":{},\"data\":{\"title\":\"b\"}}",
        "{\"data\":{\"seo\":{\"metaTitle\":\"a\",\"metaTitle\":\"b\"}}}",
        "{\"data\":{\"extra\":{\"x\":1,\"x\":2}}}",
        "\u{feff}{\"data\":{\"title\":\"x\"}}",
        "<?xml version='1.0'?><data/>",
    ] {
        for kind in [
            "application/json",
            "application/json; charset=utf-8",
            "APPLICATION/JSON",
            "application/vnd.api+json",
            "text/json+json",
        ] {
            let answer = post(&server, kind, body).await;
            assert_eq!((answer.status, answer.name()), (400, "SyntaxError"), "{kind} {body}: {}", answer.text());
            answer.assert_envelope();
        }
    }
    for bytes in
        [&b"{\"data\":{\"title\":\"\xff\xfe\"}}"[..], b"\xff\xfe{\0}\0", b"\0", b"\x1f\x8b\x08\0", &[0xed, 0xa0, 0x80]]
    {
        let answer = post(&server, "application/json", bytes.to_vec()).await;
        assert_eq!(answer.status, 400, "{bytes:?}: {}", answer.text());
        answer.assert_envelope();
    }
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn body_depth_and_size_are_limited() {
    let server = TestServer::start().await;
    let before = server.dump_content().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
        for depth in [70, 1_000, 100_000] {
            let middle = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            for body in [middle.clone(), format!("{{\"data\":{{\"extra\":{middle}}}}}"), open.repeat(depth)] {
                let answer = post(&server, "application/json", body).await;
                assert!(matches!(answer.status, 400 | 413), "{open} {depth}: {}", answer.text());
                answer.assert_envelope();
            }
        }
    }
    // 10 MB: refused as soon as it is more than the limit.
    for body in [
        format!("{{\"data\":{{\"title\":\"{}\"}}}}", "x".repeat(10_000_000)),
        " ".repeat(10_000_000),
        format!("[{}1]", "1,".repeat(5_000_000)),
    ] {
        for kind in ["application/json", "application/x-www-form-urlencoded", "text/plain", "application/octet-stream"]
        {
            let answer = post(&server, kind, body.clone()).await;
            assert_eq!(answer.status, 413, "{kind}: {}", answer.text());
            answer.assert_envelope();
        }
    }
    // Just under the limit is fine where the schema has none.
    let long = json!({"data": {"title": "t", "body": "x".repeat(1_000_000)}}).to_string();
    post(&server, "application/json", long).await.expect_status(201);
    let document_id = server.get("/api/articles").await.text_column("documentId").remove(0);
    server.delete(&format!("/api/articles/{document_id}")).await.expect_status(204);
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn unsupported_content_types_and_malformed_forms_are_rejected() {
    let server = TestServer::start().await;
    let before = server.dump_content().await;
    let body = r#"{"data":{"title":"x"}}"#;
    for kind in [
        "text/plain",
        "text/html",
        "application/xml",
        "application/octet-stream",
        "x",
        "application/jsonx",
        "json",
        "*/*",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
    ] {
        let answer = post(&server, kind, body).await;
        assert_eq!(answer.status, 400, "{kind}: {}", answer.text());
        answer.assert_envelope();
    }
    for form in [
        "data=1",
        "data",
        "=",
        "&&&",
        "data[",
        "data[title",
        "data]title[=x",
        "data[title]=%ff",
        "data[title]=%00",
        "data[title]=a&data=b",
        "data[__proto__][x]=1",
        "%zz",
        "data[title][0]=x&data[title][1]=y",
    ] {
        let answer = post(&server, "application/x-www-form-urlencoded", form).await;
        assert_eq!(answer.status, 400, "{form}: {}", answer.text());
        answer.assert_envelope();
    }
    let deep = format!("data{}=1", "[a]".repeat(500));
    let many = "data[title]=x&".repeat(5_000);
    let wide = "data[extra][999999999]=1";
    for form in [deep.as_str(), &many, wide] {
        let answer = post(&server, "application/x-www-form-urlencoded", form.to_owned()).await;
        assert_eq!(answer.status, 400, "{}: {}", &form[..20], answer.text());
        answer.assert_envelope();
    }
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn mistyped_values_never_cause_server_errors() {
    let server = TestServer::start().await;
    let document_id = server.create_entry("/api/articles", json!({"title": "t"})).await.document_id();
    let before = server.dump_content().await;
    let attributes = [
        "title", "slug", "body", "views", "price", "featured", "level", "issuedOn", "pin", "category", "authors",
        "sequel", "subject", "cover", "gallery", "seo", "links", "sections",
    ];
    let odd = [
        json!({"a": {"b": [1]}}),
        json!([[[]]]),
        json!([null]),
        json!([{}, 1, "x"]),
        json!({"connect": {"connect": []}}),
        json!({"set": "x", "connect": 1}),
        json!(1e308),
        json!(-0.5),
        json!(u64::MAX),
        json!(i64::MIN),
        json!("x".repeat(100_000)),
        json!("\u{202e}\u{0}".replace('\u{0}', "")),
        json!({"id": -1}),
        json!({"id": u64::MAX}),
        json!({"documentId": ["x"]}),
        json!({"__component": "block.hero"}),
        json!([{"__component": "block.nope"}]),
        json!([{"__component": 1}]),
        json!({"__type": "api::article.article"}),
        json!({"$ne": 1}),
        json!({"toString": 1}),
    ];
    for attribute in attributes {
        for value in &odd {
            for (method, path) in [
                ("POST", "/api/articles".to_owned()),
                ("PUT", format!("/api/articles/{document_id}")),
                ("POST", "/api/articles?status=draft".to_owned()),
            ] {
                let mut data = json!({"title": "t"});
                data[attribute] = value.clone();
                let answer = server.send(server.request(method, &path).json(&json!({"data": data}))).await;
                assert!(answer.status < 500, "{method} {attribute} {value}: {}", answer.text());
                if answer.status >= 400 {
                    answer.assert_envelope();
                } else if method == "POST" {
                    // Legal after all: a long text, a number that fits.
                    server.delete(&format!("/api/articles/{}", answer.document_id())).await.expect_status(204);
                }
            }
        }
    }
    server.delete(&format!("/api/articles/{document_id}")).await.expect_status(204);
    let after = server.dump_content().await;
    let counts =
        |dump: &[(String, String)]| dump.iter().filter(|(k, _)| k.starts_with("api::")).cloned().collect::<Vec<_>>();
    let article =
        |counts: &[(String, String)]| counts.iter().find(|(k, _)| k == "api::article.article").unwrap().1.clone();
    assert_eq!((article(&counts(&before)), article(&counts(&after))), ("2".into(), "0".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn mistyped_bodies_of_other_routes_are_rejected() {
    let server = TestServer::start().await;
    let before = server.dump_content().await;
    for path in [
        "/api/users",
        "/api/auth/local",
        "/api/auth/local/register",
        "/api/auth/reset-password",
        "/api/auth/check-invitation",
        "/api/auth/accept-invitation",
        "/api/auth/request-invitation",
        "/api/auth/forgot-password",
        "/api/auth/refresh",
        "/api/auth/change-password",
        "/api/auth/send-email-confirmation",
        "/api/auth/logout",
        "/api/upload?id=1",
    ] {
        for body in [
            "[]",
            "1",
            "\"x\"",
            "null",
            "{",
            "{\"a\":1,\"a\":2}",
            "{\"identifier\":{\"$gt\":\"\"},\"password\":{\"$gt\":\"\"}}",
            "{\"email\":[],\"code\":{}}",
        ] {
            for client in [&server.public_client(), &*server] {
                let request = client.request("POST", path).header("content-type", "application/json").body(body);
                let answer = client.send(request).await;
                let fine = path.ends_with("logout") || (400..500).contains(&answer.status);
                assert!(fine && answer.status < 500, "{path} {body}: {} {}", answer.status, answer.text());
            }
            server.advance_clock(std::time::Duration::from_secs(60));
        }
    }
    assert_eq!(server.dump_content().await, before);
}
