//! Source maps: texts of responses say where they are from to who may see drafts, and to nobody else; and the script that reads them.

use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};

const HEADER: (&str, &str) = ("strapi-encode-source-maps", "true");
const TOKEN: &str = "token-that-reads-0123456789";
const DRAFTS_TOKEN: &str = "token-that-reads-drafts-0123456789";

fn project() -> TestProject {
    let reads = json!({ "api::page.page": ["find", "findOne"], "api::author.author": ["find", "findOne"], "api::home.home": ["find"] });
    let token = |name: &str, token: &str, drafts: bool| json!({ "name": name, "type": "custom", "token": token, "permissions": reads, "readDrafts": drafts });
    TestProject::new()
        .with_component("shared.seo", json!({ "name": { "type": "string" }, "color": { "type": "email" } }))
        .with_type(SchemaBuilder::collection("author", json!({ "name": { "type": "string" } })).with_drafts())
        .with_type(SchemaBuilder::single("home", json!({ "title": { "type": "string" } })).with_drafts())
        .with_type(
            SchemaBuilder::collection(
                "page",
                json!({
                    "title": { "type": "string", "maxLength": 20 },
                    "slug": { "type": "uid" },
                    "day": { "type": "date" },
                    "kind": { "type": "enumeration", "enum": ["news"] },
                    "price": { "type": "decimal" },
                    "inside": { "type": "string", "private": true },
                    "seo": { "type": "component", "component": "shared.seo" },
                    "zone": { "type": "dynamiczone", "components": ["shared.seo"] },
                    "author": { "type": "relation", "relation": "manyToOne", "target": "api::author.author" },
                }),
            )
            .with_drafts()
            .with_locales()
            .with_preview_url("https://site.example/{documentId}?token={token}"),
        )
        .with_role("public", false, reads.clone())
        .with_token(token("reads", TOKEN, false))
        .with_token(token("drafts", DRAFTS_TOKEN, true))
}

/// The project with one page, published and with a draft in Dutch.
struct Pages {
    server: TestServer,
    page: String,
    author: String,
}

impl Pages {
    async fn new() -> Self {
        let server = TestServer::start_with(project()).await;
        let author = server.create_entry("/api/authors", json!({ "name": "Anna" })).await.document_id();
        let data = json!({
            "title": "One", "slug": "one", "day": "2026-01-02", "kind": "news", "price": 1.5, "inside": "x",
            "seo": { "name": "S", "color": "a@example.com" },
            "zone": [{ "__component": "shared.seo", "name": "Z" }],
            "author": author,
        });
        let page = server.create_entry("/api/pages", data).await.document_id();
        server.update_entry(&format!("/api/pages/{page}?locale=nl&status=draft"), json!({ "title": "Een" })).await;
        server.put("/api/home", json!({ "data": { "title": "Home" } })).await.expect_status(200);
        Self { server, page, author }
    }

    /// The token of a preview of the page.
    async fn preview_token(&self, locale: &str) -> String {
        let link = json!({ "type": "api::page.page", "documentId": self.page, "locale": locale });
        self.server.post("/admin/api/preview", link).await.expect_status(200).data()["token"].as_str().unwrap().into()
    }
}

async fn get_marked(client: &TestClient, path: &str) -> TestResponse {
    client.get_with(path, HEADER).await.expect_status(200)
}

/// The texts without marks, and the source of each mark, by its order.
fn read_marks(text: impl AsRef<str>) -> (String, Vec<String>) {
    const DIGITS: [char; 4] = ['\u{200b}', '\u{200c}', '\u{200d}', '\u{feff}'];
    let (mut plain, mut sources, mut digits) = (String::new(), Vec::new(), Vec::new());
    for c in text.as_ref().chars() {
        match DIGITS.iter().position(|digit| *digit == c) {
            Some(digit) => digits.push(digit as u8),
            None => {
                if !digits.is_empty() {
                    let byte = |d: &[u8]| d.iter().fold(0, |byte, digit| byte << 2 | digit);
                    let bytes: Vec<u8> = digits[4..].chunks(4).map(byte).collect();
                    let source: Json = serde_json::from_slice(&bytes).unwrap();
                    sources.push(source["strapiSource"].as_str().unwrap().to_owned());
                    digits.clear();
                }
                plain.push(c);
            }
        }
    }
    (plain, sources)
}

/// Source of a text of one line.
fn source(document: &str, path: &str, model: &str, locale: &str) -> String {
    format!("documentId={document}&type=string&path={path}&model=api%3A%3A{model}.{model}&kind=collectionType{locale}")
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_name_their_sources_to_readers_of_drafts() {
    let s = Pages::new().await;
    let client = s.server.with_token(DRAFTS_TOKEN);
    let path = format!("/api/pages/{}?populate=*&status=draft", s.page);
    let plain = client.get(&path).await.expect_status(200);
    let answer = get_marked(&client, &path).await;
    let (text, sources) = read_marks(answer.text());
    assert_eq!(text, plain.text(), "nothing but marks is added");
    let page = |path: &str| source(&s.page, path, "page", "&locale=en");
    let mut expected =
        vec![page("title"), page("seo.name"), page("zone.0.name"), source(&s.author, "name", "author", "")];
    let mut found = sources.clone();
    found.sort();
    // The other language is a related entry of the same document.
    expected.push(source(&s.page, "title", "page", "&locale=nl"));
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(answer.header("cache-control"), "private, no-store");
    assert!(!answer.headers.contains_key("etag"));

    let dutch = get_marked(&client, &format!("/api/pages/{}?locale=nl&status=draft", s.page)).await;
    assert_eq!(read_marks(dutch.text()).1, [source(&s.page, "title", "page", "&locale=nl")]);
    // Fields that are left out have no mark.
    let fields = get_marked(&client, "/api/pages?fields=title&status=draft").await;
    assert_eq!(read_marks(fields.text()).1.len(), 1, "{}", fields.text());
    assert_eq!(read_marks(get_marked(&client, "/api/pages?fields=slug&status=draft").await.text()).1.len(), 0);
    let home = get_marked(&client, "/api/home").await;
    assert!(read_marks(home.text()).1[0].ends_with("&model=api%3A%3Ahome.home&kind=singleType"), "{}", home.text());
    // In the other format as well.
    let request = client.request("GET", &path).header(HEADER.0, HEADER.1).header("strapi-response-format", "v4");
    let v4 = client.send(request).await.expect_status(200);
    assert_eq!(read_marks(v4.body["data"]["attributes"]["title"].to_string()).1, [page("title")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_callers_get_no_sources() {
    let s = Pages::new().await;
    let one = format!("/api/pages/{}?populate=*", s.page);
    for client in [s.server.public_client(), s.server.with_token(TOKEN)] {
        for path in [one.as_str(), "/api/pages", "/api/home"] {
            let plain = client.get(path).await.expect_status(200);
            assert_eq!(get_marked(&client, path).await.bytes, plain.bytes, "{path}");
            // With a token that is none, entries are refused as without the header, and lists are as before.
            let request =
                client.request("GET", path).header(HEADER.0, HEADER.1).header("cairn-preview", "no.such.token");
            let answer = client.send(request).await;
            assert!(answer.status == 403 || answer.bytes == plain.bytes, "{path}: {}", answer.text());
        }
    }
    let client = s.server.with_token(DRAFTS_TOKEN);
    let plain = client.get("/api/pages").await;
    for value in ["false", "1", "TRUE", ""] {
        assert_eq!(client.get_with("/api/pages", (HEADER.0, value)).await.bytes, plain.bytes, "{value}");
    }
    // Caches would keep the answer to a parameter.
    assert_eq!(client.get("/api/pages?encodeSourceMap=true").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn preview_token_shows_sources() {
    let s = Pages::new().await;
    let token = s.preview_token("nl").await;
    let public = s.server.public_client();
    let get = async |path: &str, token: &str| {
        let request = public.request("GET", path).header(HEADER.0, HEADER.1).header("cairn-preview", token);
        public.send(request).await.expect_status(200)
    };
    let page = get(&format!("/api/pages/{}", s.page), &token).await;
    assert_eq!(read_marks(page.text()).1, [source(&s.page, "title", "page", "&locale=nl")]);
    // Lists beside the document show what everybody sees, with sources.
    let authors = get("/api/authors", &token).await;
    assert_eq!(read_marks(authors.text()).1, [source(&s.author, "name", "author", "")]);
    let begun = s.server.post("/admin/api/preview/see-as", json!({})).await;
    if begun.status == 200 {
        let seen = get("/api/authors", begun.data()["token"].as_str().unwrap()).await;
        assert_eq!(read_marks(seen.text()).1.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_with_sources_are_not_cached() {
    let s = Pages::new().await;
    let client = s.server.with_token(DRAFTS_TOKEN);
    for path in ["/api/pages", "/api/home", "/api/pages?populate=*"] {
        // Marks are asked for while nothing is cached, and afterwards.
        let first = get_marked(&client, path).await;
        let plain = client.get(path).await.expect_status(200);
        assert!(!plain.text().contains('\u{200b}'), "{path}");
        assert_eq!(client.get(path).await.bytes, plain.bytes, "{path}");
        let second = get_marked(&client, path).await;
        assert_eq!(second.bytes, first.bytes, "{path}");
        assert_ne!(second.bytes, plain.bytes, "{path}");
        assert!(!s.server.public_client().get(path).await.text().contains('\u{200b}'), "{path}");
        // A tag of the response without marks says nothing of the one with them.
        let request =
            client.request("GET", path).header(HEADER.0, HEADER.1).header("if-none-match", plain.header("etag"));
        assert_eq!(client.send(request).await.bytes, first.bytes, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn preview_script_is_served_to_pages_of_every_origin() {
    let server = TestServer::start_with(TestProject::new()).await;
    let answer = server.public_client().get("/cairn/preview.js").await.expect_status(200);
    assert!(answer.text().contains("@cairn/preview"));
    let response = reqwest::get(format!("{}/cairn/preview.js", server.base_url())).await.unwrap();
    let types: Vec<_> = response.headers().get_all("content-type").iter().collect();
    assert_eq!(types, ["text/javascript; charset=utf-8"]);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin");
    let etag = answer.header("etag");
    assert_eq!(server.public_client().get_with("/cairn/preview.js", ("if-none-match", etag)).await.status, 304);
}
