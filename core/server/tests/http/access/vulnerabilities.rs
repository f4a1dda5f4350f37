//! One test for each attack that Strapi or a peer fell to, as far as this version has what was attacked. Those on tokens,
//! sign-in and sessions are in `sign_in`, hidden attributes in every sink in `matrix`, rows in `rows`.

use cairn_testkit::{TestProject, TestServer};
use serde_json::json;

/// Articles and authors for everybody, and a user whose secrets somebody is after.
async fn server() -> TestServer {
    let reads = json!({"api::article.article": ["find", "findOne"], "api::author.author": ["find"]});
    let server = TestServer::start_with(TestProject::newsroom().with_role("public", false, reads)).await;
    server.create_user("admin", "authenticated", json!({})).await;
    let author = server.create_entry("/api/authors", json!({"name": "Ann", "salary": 1000})).await.document_id();
    let article = json!({"title": "t", "note": "secret-note", "secretAuthor": author, "authors": [author]});
    server.create_entry("/api/articles", article).await;
    server
}

/// CVE-2026-27886, CVE-2024-56143: parameters of the layer below never get there.
#[tokio::test(flavor = "multi_thread")]
async fn internal_query_parameters_are_rejected() {
    let server = server().await;
    for key in [
        "where",
        "lookup",
        "params",
        "data",
        "_where",
        "$where",
        "select",
        "having",
        "groupBy",
        "orderBy",
        "limitBy",
        "join",
        "on",
        "count",
        "transacting",
        "publicationState",
        "_sort",
        "_limit",
        "_start",
        "and",
        "or",
        "$and",
        "$or",
        "ctx",
        "__proto__",
        "constructor",
        "prototype",
        "toString",
        "hasOwnProperty",
        "Filters",
        "FILTERS",
        "filters ",
        " filters",
        "filters\u{0}",
        "where.updatedBy",
        "populate.x",
    ] {
        for suffix in [
            "",
            "[updatedBy][resetPasswordToken][$startsWith]",
            "[updatedBy][password][$startsWith]",
            "[note]",
            "[$not][note]",
        ] {
            for client in [&server.public_client(), &*server] {
                let query = format!("{}{suffix}=a", key.replace(' ', "%20").replace('\u{0}', "%00"));
                for path in ["/api/articles", "/api/authors"] {
                    let answer = client.get(&format!("{path}?{query}")).await;
                    assert_eq!(answer.status, 400, "{path}?{query}: {}", answer.text());
                    answer.assert_envelope();
                }
            }
        }
    }
    for query in [
        "filters[lookup][note]=a",
        "filters[where][note]=a",
        "populate[authors][where][salary]=1",
        "populate[authors][lookup]=1",
        "populate[authors][filters][where][salary]=1",
        "pagination[where]=1&filters[note]=a",
        "sort[where]=a",
        "populate[where]=*",
    ] {
        let answer = server.get(&format!("/api/articles?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
    }
}

/// CVE-2023-22894, CVE-2022-30617, CVE-2022-30618: creators, and everybody else's secrets through them.
#[tokio::test(flavor = "multi_thread")]
async fn creator_attributes_cannot_be_queried() {
    let server = server().await;
    for creator in ["createdBy", "updatedBy"] {
        for secret in ["password", "resetPasswordToken", "email", "id", "firstname"] {
            for query in [
                format!("filters[{creator}][{secret}][$startsWith]=a"),
                format!("filters[authors][{creator}][{secret}][$startsWith]=a"),
                format!("filters[$or][0][$not][{creator}][{secret}]=a"),
                format!("sort={creator}.{secret}"),
                format!("sort[{creator}][{secret}]=asc"),
                format!("fields={creator}.{secret}"),
                format!("populate={creator}.{secret}"),
                format!("populate[{creator}][fields]={secret},resetPasswordToken"),
                format!("populate[authors][populate][{creator}][fields][0]={secret}"),
            ] {
                for client in [&server.public_client(), &*server] {
                    let answer = client.get(&format!("/api/articles?{query}")).await;
                    assert_eq!(answer.status, 400, "{query}: {}", answer.text());
                    answer.assert_envelope();
                }
            }
        }
        let answer = server.get(&format!("/api/articles?populate={creator}")).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    let all = server.get("/api/articles?populate=*").await.text();
    assert!(!all.contains("createdBy") && !all.contains("updatedBy"), "{all}");
}

/// CVE-2023-34235: prefixes of tables and aliases; CVE-2026-26980 (Ghost), CVE-2026-25544 (Payload): SQL in paths and values.
#[tokio::test(flavor = "multi_thread")]
async fn sql_in_names_and_values_is_never_executed() {
    let server = server().await;
    let before = server.dump_content().await;
    for name in [
        "t0.note",
        "t1.password",
        "b.note",
        "articles.note",
        "main.articles.note",
        "\"note\"",
        "note\"",
        "no\"te",
        "`note`",
        "[note]",
        "title;--",
        "title' OR '1'='1",
        "title)",
        "title) OR (1=1",
        "id);DROP TABLE articles",
        "id,(select note from articles)",
        "case when 1=1 then title else note end",
        "rowid",
        "_rowid_",
        "oid",
        "_status",
        "document_id",
        "title COLLATE NOCASE",
        "title--",
        "title/**/",
        "title%00",
        "*",
        "title->note",
        "extra->>'$.a'",
        "extra.a' || (select note from articles) || '",
    ] {
        let name = percent(name);
        for query in [
            format!("sort={name}"),
            format!("sort={name}:desc"),
            format!("sort[{name}]=asc"),
            format!("fields={name}"),
            format!("filters[{name}]=1"),
            format!("filters[authors][{name}]=1"),
            format!("filters[title][{name}]=1"),
            format!("populate={name}"),
            format!("populate[{name}]=true"),
            format!("populate[authors][fields]={name}"),
            format!("populate[authors][sort]={name}"),
            format!("populate[sections][on][{name}]=true"),
        ] {
            let answer = server.get(&format!("/api/articles?{query}")).await;
            // `*` is a legal value of fields and populate.
            let legal = name == "%2A" && answer.status == 200;
            assert!(answer.status == 400 || legal, "{query}: {} {}", answer.status, answer.text());
        }
    }
    for value in [
        "' OR 1=1 --",
        "1) OR (1=1",
        "\"; DROP TABLE articles; --",
        "'||(select note from articles)||'",
        "%' OR '%'='",
        "?1",
        ":a",
    ] {
        let value = percent(value);
        for query in [
            format!("filters[title]={value}"),
            format!("filters[title][$contains]={value}"),
            format!("filters[title][$in][0]={value}"),
            format!("filters[slug][$eq]={value}"),
            format!("filters[extra][$contains]={value}"),
            format!("filters[documentId]={value}"),
            format!("filters[authors][name][$startsWith]={value}"),
            format!("locale={value}"),
            format!("_q={value}"),
        ] {
            let answer = server.get(&format!("/api/articles?{query}")).await.expect_status(200);
            let all = query.starts_with("locale");
            assert_eq!(answer.pagination_total(), u64::from(all), "{query}: {}", answer.text());
        }
    }
    assert_eq!(server.dump_content().await, before);
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { (b as char).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// CVE-2023-34093: an extension of the user type drops what was private.
#[test]
fn user_type_extensions_cannot_expose_secret_attributes() {
    let project = TestProject::new().with_user_attributes(json!({
        "password": {"type": "string", "private": false},
        "resetPasswordToken": {"type": "string"},
        "nickname": {"type": "string"},
    }));
    let Ok(loaded) = cairn_model::load::load_project(&project.path()) else { return };
    for name in ["password", "resetPasswordToken", "confirmationToken"] {
        let (_, attribute) = loaded.registry.user_type().attributes.get(name).unwrap();
        assert!(attribute.is_hidden(), "{name} is shown");
    }
}

/// CVE-2022-27263, CVE-2022-32114, CVE-2026-22707: what a browser could run is never run in this origin, however it is sent.
#[tokio::test(flavor = "multi_thread")]
async fn executable_uploads_are_served_as_downloads() {
    let server = TestServer::start().await;
    let html = b"<html><script>alert(1)</script></html>";
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let xml = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>";
    for (name, mime, bytes) in [
        ("a.html", "text/html", &html[..]),
        ("a.htm", "image/png", html),
        ("a.png", "image/png", html),
        ("a", "text/html", html),
        ("a.svg", "image/svg+xml", svg),
        ("a.svgz", "image/png", svg),
        ("a.png", "image/svg+xml", svg),
        ("a.xml", "text/xml", xml),
        ("a.xhtml", "application/xhtml+xml", html),
        ("a.js", "text/javascript", b"alert(1)"),
        ("a.mjs", "image/png", b"alert(1)"),
        ("a.css", "text/css", b"body{}"),
        ("a.pdf", "application/pdf", b"%PDF-1.4 /JS"),
        ("a.html.", "text/html", html),
        ("a.HTML", "TEXT/HTML", html),
        ("a.gif", "image/gif", b"GIF89a/*<script>*/=1;alert(1)"),
        ("a.txt\r\nX: y.html", "text/html\r\nX: y", html),
    ] {
        let mime = mime.split('\r').next().unwrap();
        let answer = server.upload_file(name, mime, bytes).await;
        if answer.status != 201 {
            assert_eq!(answer.status, 400, "{name}: {}", answer.text());
            continue;
        }
        let url = answer.body[0]["url"].as_str().unwrap().to_owned();
        let served = server.public_client().get(&url).await.expect_status(200);
        assert_eq!(served.header("x-content-type-options"), "nosniff", "{name}");
        assert_eq!(served.header("content-security-policy"), "sandbox; default-src 'none'", "{name}");
        let kind = served.header("content-type");
        let is_inline = served.header("content-disposition").is_empty();
        let harmless = kind.starts_with("image/") && !kind.contains("svg") || kind.starts_with("text/plain");
        assert!(!is_inline || harmless, "{name} is shown as {kind}");
        assert!(!kind.contains("javascript"), "{name} is {kind}");
        assert!(!served.headers.contains_key("x"), "{name}: a header was injected");
    }
}

/// CVE-2024-31217: a bad upload takes nobody else down.
#[tokio::test(flavor = "multi_thread")]
async fn malformed_uploads_never_cause_server_errors() {
    let server = TestServer::start().await;
    let before = server.dump_content().await;
    let send = async |kind: &str, body: Vec<u8>| {
        server.send(server.request("POST", "/api/upload").header("content-type", kind).body(body)).await
    };
    let form = "multipart/form-data; boundary=x";
    let part = |headers: &str, body: &str| format!("--x\r\n{headers}\r\n\r\n{body}\r\n--x--\r\n").into_bytes();
    for (kind, body) in [
        (form, vec![]),
        (form, b"--x".to_vec()),
        (form, b"--x\r\n".to_vec()),
        (form, b"--x--\r\n".to_vec()),
        (form, b"--y\r\n\r\n--y--".to_vec()),
        (form, part("Content-Disposition: form-data; name=\"files\"", "text")),
        (form, part("Content-Disposition: form-data", "text")),
        (form, part("X: y", "text")),
        (form, part(&format!("Content-Disposition: form-data; name=\"{}\"", "a".repeat(100_000)), "text")),
        (form, part(&format!("X: {}", "a".repeat(2_000_000)), "text")),
        (form, part("Content-Disposition: form-data; name=\"fileInfo\"", "{")),
        (form, part("Content-Disposition: form-data; name=\"files\"; filename=\"\"", "")),
        (form, "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n".repeat(5_000).into_bytes()),
        ("multipart/form-data", part("Content-Disposition: form-data; name=\"files\"; filename=\"a\"", "text")),
        ("multipart/form-data; boundary=", b"--\r\n".to_vec()),
        ("multipart/form-data; boundary=\"x", b"--x\r\n".to_vec()),
        ("multipart/mixed; boundary=x", part("Content-Disposition: form-data; name=\"files\"; filename=\"a\"", "text")),
        ("application/json", b"{\"files\":[]}".to_vec()),
        ("application/x-www-form-urlencoded", b"files[0][path]=/etc/passwd".to_vec()),
        ("text/plain", b"x".to_vec()),
    ] {
        let start = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let answer = send(kind, body).await;
        assert!(matches!(answer.status, 400 | 413), "{kind} {start:?}: {} {}", answer.status, answer.text());
        answer.assert_envelope();
    }
    // Pictures that lie about themselves.
    for bytes in [
        &b"\x89PNG\r\n\x1a\n"[..],
        b"\xff\xd8\xff\xe0",
        b"GIF89a\xff\xff\xff\xff",
        b"RIFF\xff\xff\xff\xffWEBPVP8X",
        b"BM",
        b"II*\0\x08\0\0\0\xff\xff",
    ] {
        let answer = server.upload_file("a.png", "image/png", bytes).await;
        assert!(matches!(answer.status, 201 | 400), "{bytes:?}: {}", answer.text());
        if answer.status == 201 {
            server.delete(&format!("/api/upload/files/{}", answer.body[0]["id"])).await.expect_status(200);
        }
    }
    // Sixty thousand pixels a side, in a few bytes.
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0".to_vec();
    bomb.extend([0; 16]);
    let answer = server.upload_file("bomb.png", "image/png", &bomb).await;
    assert!(matches!(answer.status, 201 | 400 | 413), "{}", answer.text());
    if answer.status == 201 {
        server.delete(&format!("/api/upload/files/{}", answer.body[0]["id"])).await.expect_status(200);
    }
    assert_eq!(server.dump_content().await, before);
    server.get("/_health").await.expect_status(204);
}

/// D3/53: names of files lead nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn upload_names_cannot_escape_the_folder() {
    let server = TestServer::start().await;
    for name in [
        "../../../../tmp/x.png",
        "..\\..\\x.png",
        "/etc/passwd",
        "C:\\x.png",
        "....//x",
        "%2e%2e%2fx.png",
        "x.png\0.html",
        "CON",
        "nul.png",
        ".htaccess",
        "..",
        ".",
        " ",
        "-rf",
        "$(id)",
        "`id`",
        "a;b",
        "é\u{301}.png",
        "\u{202e}gnp.exe",
        "a/b/c.png",
    ] {
        let answer = server.upload_file(name, "text/plain", b"canary").await;
        if answer.status != 201 {
            assert_eq!(answer.status, 400, "{name:?}: {}", answer.text());
            continue;
        }
        let url = answer.body[0]["url"].as_str().unwrap();
        let file = url.strip_prefix("/uploads/").unwrap();
        let safe = file.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
            && !file.starts_with('.')
            && !file.contains("..");
        assert!(safe, "{name:?} became {url}");
        assert_eq!(server.public_client().get(url).await.expect_status(200).bytes, b"canary", "{name:?}");
    }
    let long = format!("{}.png", "x".repeat(5_000));
    let test_answer = server.upload_file(&long, "text/plain", b"canary").await;
    assert!(matches!(test_answer.status, 201 | 400), "{}", test_answer.text());
}

/// CVE-2020-27664: nobody fetches for anybody.
#[tokio::test(flavor = "multi_thread")]
async fn no_route_fetches_a_url_for_the_caller() {
    let server = TestServer::start().await;
    for path in [
        "/proxy?url=http://127.0.0.1:1/",
        "/api/proxy?url=http://127.0.0.1:1/",
        "/api/upload?url=http://127.0.0.1:1/",
        "/uploads/http:%2f%2f127.0.0.1:1",
    ] {
        let answer = server.get(path).await;
        assert!(matches!(answer.status, 404 | 405), "{path}: {}", answer.text());
    }
}

/// CVE-2025-64748, CVE-2026-35442 (Directus): search and counts look at what is shown.
#[tokio::test(flavor = "multi_thread")]
async fn search_and_counts_ignore_hidden_attributes() {
    let server = server().await;
    for client in [&server.public_client(), &*server] {
        assert_eq!(client.get("/api/articles?_q=secret-note").await.pagination_total(), 0);
        assert_eq!(client.get("/api/authors?_q=1000").await.pagination_total(), 0);
    }
    for query in ["filters[password][$startsWith]=$argon2", "filters[resetPasswordToken][$notNull]=true", "_q=argon2"] {
        let answer = server.get(&format!("/api/users/count?{query}")).await;
        assert!(answer.status == 400 || answer.text() == "0", "{query}: {}", answer.text());
        let answer = server.get(&format!("/api/users?{query}")).await;
        assert!(answer.status == 400 || answer.text() == "[]", "{query}: {}", answer.text());
    }
}

/// CVE-2026-25574 (Payload): a token is no user, whatever their numbers.
#[tokio::test(flavor = "multi_thread")]
async fn api_tokens_are_not_confused_with_users_of_the_same_id() {
    let server = server().await;
    server.get("/api/users/me").await.expect_error(401, "Unauthorized");
    let change = json!({"currentPassword": "x", "password": "Passw0rd?", "passwordConfirmation": "Passw0rd?"});
    let answer = server.post("/api/auth/change-password", change).await;
    assert!(matches!(answer.status, 400 | 401 | 403), "{}", answer.text());
    let answer = server.post("/api/auth/logout", json!({})).await;
    assert!(matches!(answer.status, 401 | 403), "{}", answer.text());
}

/// Row rules of a list hold where ids are mixed in one request (D2/28), and look-ups by a prefix find nothing.
#[tokio::test(flavor = "multi_thread")]
async fn document_ids_match_only_exactly() {
    let server = server().await;
    let id = server.get("/api/articles").await.text_column("documentId").remove(0);
    for other_id in [
        &id[..23],
        &id.to_uppercase(),
        &format!("{id}%20"),
        &format!("{id}%00"),
        &format!("{id},{id}"),
        "%25",
        "_%25",
        "1",
    ] {
        let answer = server.get(&format!("/api/articles/{other_id}")).await;
        assert_eq!(answer.status, 404, "{other_id}: {}", answer.text());
    }
}
