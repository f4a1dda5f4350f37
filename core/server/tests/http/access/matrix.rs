//! Every sink of the query language × every attribute that a caller may not see, generated from the model: a request that
//! names one is refused, or answered byte for byte as if it had not. And whatever is asked, the secrets planted in such
//! attributes are in no answer.

use cairn_model::{Attribute, Attributes, ContentType, FieldKind, Registry};
use cairn_testkit::{TestClient, TestProject, TestServer};
use serde_json::json;
use std::collections::BTreeMap;

/// Planted in every attribute that nobody may see.
const PRIVATE: &str = "canary7f3a";
/// Planted in every attribute and type that only some may see.
const MASKED: &str = "masked9c1d";

const OPERATORS: [&str; 21] = [
    "$eq",
    "$ne",
    "$eqi",
    "$nei",
    "$lt",
    "$lte",
    "$gt",
    "$gte",
    "$in",
    "$notIn",
    "$contains",
    "$notContains",
    "$containsi",
    "$notContainsi",
    "$startsWith",
    "$endsWith",
    "$startsWithi",
    "$endsWithi",
    "$null",
    "$notNull",
    "$between",
];

/// Content types that a caller may see, by uid: every type that may be found, with the attributes where not all.
type ReadableTypes = BTreeMap<&'static str, Option<Vec<&'static str>>>;

fn readable(rights: &ReadableTypes, uid: &str) -> bool {
    rights.contains_key(uid) || uid == "plugin::upload.file"
}

/// Articles in part, authors but not their origins, and nothing else.
fn masked_readable_types() -> ReadableTypes {
    let article = ["title", "authors", "category", "sequel", "seo", "links", "sections", "cover", "level", "reviewer"];
    let author = ["name", "mentor", "articles", "address"];
    [("api::article.article", Some(article.to_vec())), ("api::author.author", Some(author.to_vec()))].into()
}

fn permissions(rights: &ReadableTypes) -> serde_json::Value {
    let find = |fields: &Option<Vec<&str>>| match fields {
        Some(fields) => json!({"find": {"fields": fields}, "findOne": {"fields": fields}}),
        None => json!(["find", "findOne"]),
    };
    rights.iter().map(|(uid, fields)| ((*uid).to_owned(), find(fields))).collect()
}

/// The same, of articles only one and those whose title is a group of the user.
fn permissions_by_group() -> serde_json::Value {
    let mut permissions = permissions(&masked_readable_types());
    let condition = json!({"$or": [{"title": {"$eq": "Title 0"}}, {"title": {"$in": "$user.groups"}}]});
    for action in ["find", "findOne"] {
        permissions["api::article.article"][action]["where"] = condition.clone();
    }
    permissions
}

async fn server() -> TestServer {
    let article = "content-types/api/article/content-types/article/schema.json";
    let project = TestProject::newsroom()
        .with_role("public", false, permissions(&masked_readable_types()))
        .with_role("member", false, permissions_by_group())
        .with_token(json!({"name": "some", "type": "custom", "token": "some-token-0123456789", "readDrafts": true,
            "permissions": permissions(&masked_readable_types())}));
    // A way from content to users, whose secrets are worth most.
    let text = std::fs::read_to_string(project.path().join(article)).unwrap();
    let mut schema: serde_json::Value = serde_json::from_str(&text).unwrap();
    schema["attributes"]["reviewer"] =
        json!({"type": "relation", "relation": "manyToOne", "target": "plugin::users-permissions.user"});
    let server = TestServer::start_with(project.with_file(article, &schema.to_string())).await;
    fill(&server).await;
    server
}

/// Rows that differ in every hidden attribute, so that any condition on one would show.
async fn fill(server: &TestServer) {
    server.create_user("secretive", "authenticated", json!({})).await;
    server.create_user("talkative", "authenticated", json!({})).await;
    for (i, name) in ["Ann", "Bob"].iter().enumerate() {
        let secret = json!({"name": name, "salary": 1000 * (i + 1), "born": format!("190{i}-01-01"),
            "address": {"city": name, "zip": format!("{PRIVATE}-{i}")}});
        let mentor = server.get("/api/authors").await.text_column("documentId").first().cloned();
        let author = server.create_entry("/api/authors", secret).await.document_id();
        server.update_entry(&format!("/api/authors/{author}"), json!({"mentor": mentor})).await;
        let category = json!({"name": format!("{MASKED}-category-{i}"), "rank": i});
        let category = server.create_entry("/api/categories", category).await.document_id();
        let sequel = server.get("/api/articles").await.text_column("documentId").first().cloned();
        let article = json!({
            "title": format!("Title {i}"), "slug": format!("{MASKED}-{i}"), "body": format!("{MASKED} body {i}"),
            "views": i, "price": i, "featured": i == 0, "level": "low", "issuedOn": format!("200{i}-01-01"),
            "extra": {"secret": format!("{MASKED}-{i}")}, "note": format!("{PRIVATE} note {i}"), "pin": format!("{PRIVATE}{i}"),
            "category": category, "authors": [author], "secretAuthor": author, "sequel": sequel, "reviewer": i + 1,
            "seo": {"metaTitle": format!("m{i}")}, "links": [{"label": format!("l{i}"), "kind": "nav"}],
            "sections": [{"__component": "block.quote", "text": format!("q{i}"), "author": author}],
        });
        server.create_entry("/api/articles", article).await;
    }
}

/// A row the query can reach: its attributes, and the way there.
struct ReachableRow<'a> {
    path: Vec<String>,
    attributes: &'a Attributes,
    mask: Option<&'a Vec<&'static str>>,
}

impl ReachableRow<'_> {
    fn brackets(&self) -> String {
        self.path.iter().map(|p| format!("[{p}]")).collect()
    }

    fn populate(&self) -> String {
        format!("populate[{}]", self.path.join("][populate]["))
    }

    fn hidden(&self, registry: &Registry, rights: &ReadableTypes, a: &Attribute) -> bool {
        let outside = self.mask.is_some_and(|mask| !mask.contains(&a.name.as_str()));
        let forbidden =
            registry.attribute_link(a).and_then(|l| l.target).is_some_and(|t| !readable(rights, &registry.get(t).uid));
        a.private || matches!(a.kind, FieldKind::Password) || outside || forbidden
    }
}

/// Every row within three steps of an entry, through what the caller may see.
fn reachable_rows<'a>(
    registry: &'a Registry,
    rights: &'a ReadableTypes,
    root: &'a ContentType,
) -> Vec<ReachableRow<'a>> {
    let mask = |uid: &str| rights.get(uid).and_then(Option::as_ref);
    let mut all = vec![ReachableRow { path: vec![], attributes: &root.attributes, mask: mask(&root.uid) }];
    let mut i = 0;
    while i < all.len() {
        let mut next_rows = Vec::new();
        let place = &all[i];
        for (_, a) in place.attributes.iter().filter(|_| place.path.len() < 2) {
            if place.hidden(registry, rights, a) {
                continue;
            }
            let path = [place.path.clone(), vec![a.name.clone()]].concat();
            if let FieldKind::Component { component, .. } = &a.kind {
                next_rows.push(ReachableRow {
                    path,
                    attributes: &registry.component(*component).attributes,
                    mask: None,
                });
            } else if let Some(target) = registry.attribute_link(a).and_then(|l| l.target) {
                let target = registry.get(target);
                next_rows.push(ReachableRow { path, attributes: &target.attributes, mask: mask(&target.uid) });
            }
        }
        all.extend(next_rows);
        i += 1;
    }
    all
}

struct Matrix<'a> {
    client: TestClient,
    registry: &'a Registry,
    rights: &'a ReadableTypes,
    refused: usize,
    ignored: usize,
    plain: BTreeMap<String, Vec<u8>>,
}

impl Matrix<'_> {
    /// A query that names a hidden attribute, and the query that it must not differ from.
    async fn check(&mut self, route: &str, query: &str, plain: &str) {
        let url = format!("/api/{route}?{query}");
        let answer = self.client.get(&url).await;
        let secrets = [PRIVATE, MASKED];
        assert!(!secrets.iter().any(|s| answer.text().contains(s)), "{url} shows a secret: {}", answer.text());
        if answer.status == 400 {
            answer.assert_envelope();
            self.refused += 1;
            return;
        }
        assert_eq!(answer.status, 200, "{url}: {}", answer.text());
        let plain = format!("/api/{route}?{plain}");
        if !self.plain.contains_key(&plain) {
            let bytes = self.client.get(&plain).await.expect_status(200).bytes;
            self.plain.insert(plain.clone(), bytes);
        }
        assert_eq!(answer.text(), String::from_utf8_lossy(&self.plain[&plain]), "{url} is not answered as {plain}");
        self.ignored += 1;
    }

    async fn route(&mut self, route: &str) {
        let root = self.registry.by_route(route).unwrap();
        for place in reachable_rows(self.registry, self.rights, root) {
            for (_, a) in place.attributes.iter() {
                if place.hidden(self.registry, self.rights, a) {
                    self.attribute(route, &place, a).await;
                }
            }
        }
    }

    async fn attribute(&mut self, route: &str, place: &ReachableRow<'_>, a: &Attribute) {
        let name = &a.name;
        let (at, dotted) = (place.brackets(), [place.path.clone(), vec![name.clone()]].concat().join("."));
        let link = self.registry.attribute_link(a).is_some();
        // A relation that may not be read could leak through a filter on its id.
        let inner = if link { "[id]" } else { "" };
        for op in OPERATORS {
            let values = if op == "$between" { vec!["[0]=0&", "[1]=zz&"] } else { vec!["=1&"] };
            let values = |path: &str| values.iter().map(|v| format!("filters{path}{v}")).collect::<String>();
            self.check(route, &values(&format!("{at}[{name}]{inner}[{op}]")), "").await;
            if link {
                self.check(route, &values(&format!("{at}[{name}][{op}]")), "").await;
                self.check(route, &values(&format!("{at}[{name}][name][{op}]")), "").await;
            }
            for wrapper in ["[$or][0]", "[$not]", "[$and][0][$not]"] {
                self.check(route, &values(&format!("{wrapper}{at}[{name}]{inner}[{op}]")), "").await;
            }
            self.check(route, &values(&format!("{at}[{name}]{inner}[$not][{op}]")), "").await;
        }
        for query in [
            format!("filters{at}[{name}]=1"),
            format!("filters{at}[{name}][0]=1"),
            format!("sort={dotted}"),
            format!("sort={dotted}:desc"),
            format!("sort[0]={dotted}.id"),
            format!("sort{at}[{name}]=desc"),
            format!("sort[0]{at}[{name}]=asc"),
            format!("sort[0]{at}[{name}][id]=asc"),
            format!("populate={dotted}"),
            format!("populate[0]={dotted}"),
        ] {
            // A path that leads there is ignored from its beginning, as in Strapi.
            self.check(route, &query, "").await;
        }
        if place.path.is_empty() {
            for query in [
                format!("fields={name}"),
                format!("fields[0]={name}"),
                format!("populate[{name}]=true"),
                format!("populate[{name}]=*"),
                format!("populate[{name}][populate]=*"),
                format!("populate[{name}][fields][0]=name"),
                format!("populate[{name}][count]=true"),
                format!("filters[$or][0][$and][0][{name}][$null]=true"),
            ] {
                self.check(route, &query, "").await;
            }
            return;
        }
        let populate = place.populate();
        let plain = format!("{populate}=true");
        for query in [
            format!("{populate}[fields]={name}"),
            format!("{populate}[fields][0]={name}"),
            format!("{populate}[sort]={name}"),
            format!("{populate}[sort][0][{name}]=desc"),
            format!("{populate}[populate]={name}"),
            format!("{populate}[populate][{name}]=true"),
            format!("{populate}[populate][{name}][fields][0]=id"),
            format!("{populate}[filters][{name}]{inner}=1"),
            format!("{populate}[count]=true&{populate}[filters][{name}]{inner}[$notNull]=true"),
        ] {
            self.check(route, &query, &plain).await;
        }
        for op in OPERATORS.iter().filter(|op| **op != "$between") {
            self.check(route, &format!("{populate}[filters][{name}]{inner}[{op}]=1"), &plain).await;
            self.check(route, &format!("{populate}[filters][$not][{name}]{inner}[{op}]=1"), &plain).await;
        }
    }

    /// Zones: fragments that name what is hidden in a component, or behind a relation of one.
    async fn zones(&mut self) {
        let on = "populate[sections][on][block.quote]";
        for (query, plain) in [
            (format!("{on}[populate][author][fields][0]=salary"), "populate=sections"),
            (format!("{on}[populate][author][filters][salary][$gt]=1"), "populate=sections"),
            (format!("{on}[populate][author][sort]=salary"), "populate=sections"),
            (format!("{on}[populate][author][populate]=origin"), "populate=sections"),
            (format!("{on}[populate][author][populate][address][fields][0]=zip"), "populate=sections"),
            (format!("{on}[populate][author][populate][address][filters][zip][$notNull]=true"), "populate=sections"),
            (format!("{on}[fields][0]=salary"), "populate=sections"),
            (format!("{on}[filters][author][salary]=1"), "populate=sections"),
            (format!("{on}[sort]=author.salary"), "populate=sections"),
            ("populate=sections.author.salary".into(), "populate=sections.author"),
            ("populate=sections.author.address.zip".into(), "populate=sections.author.address"),
            ("populate[sections][populate][author][fields]=salary".into(), "populate=sections"),
            ("populate[sections][sort]=salary".into(), "populate=sections"),
            ("populate[subject][on][api::author.author][fields][0]=salary".into(), "populate=subject"),
            ("populate[subject][on][api::author.author][filters][salary]=1".into(), "populate=subject"),
        ] {
            self.check("articles", &query, plain).await;
        }
    }
}

/// Everything at once and as deep as it goes: only for the secrets.
async fn assert_no_secret_is_shown(client: &TestClient, secrets: &[&str]) {
    let never = ["salary", "\"note\"", "\"pin\"", "secretAuthor", "$argon2", "\"password\"", "Token\""];
    for query in [
        "populate=*",
        "populate[authors][populate]=*",
        "populate[authors][populate][articles][populate]=*",
        "populate[authors][populate][mentor][populate]=*",
        "populate[category][populate]=*",
        "populate[sections][populate]=*",
        "populate[sections][on][block.quote][populate][author][populate]=*",
        "populate[reviewer][populate]=*",
        "populate[createdBy]=true",
        "fields=*",
        "populate[authors][fields]=*",
        "status=draft&populate=*",
        "locale=*&populate=*",
    ] {
        for route in ["articles", "authors", "categories", "pages", "users", "upload/files"] {
            let answer = client.get(&format!("/api/{route}?{query}")).await;
            assert!(answer.status < 500, "{route} {query}: {}", answer.text());
            // An error may repeat words of the request, which are no secret.
            let is_success = answer.status == 200;
            for secret in secrets.iter().chain(&never) {
                let text = answer.text();
                assert!(!is_success || !text.contains(secret), "{route} {query} shows {secret}: {text}");
            }
        }
    }
}

/// A search finds nothing by a word of what is hidden.
async fn assert_search_finds_nothing(client: &TestClient, words: &[&str]) {
    for route in ["articles", "authors"] {
        for word in words {
            let answer = client.get(&format!("/api/{route}?_q={word}")).await.expect_status(200);
            assert_eq!(answer.pagination_total(), 0, "{route} {word}: {}", answer.text());
        }
    }
}

fn matrix<'a>(client: TestClient, registry: &'a Registry, rights: &'a ReadableTypes) -> Matrix<'a> {
    Matrix { client, registry, rights, refused: 0, ignored: 0, plain: BTreeMap::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn public_role_cannot_read_or_query_hidden_attributes() {
    let server = server().await;
    let rights = masked_readable_types();
    let mut matrix = matrix(server.public_client(), server.app.content.registry(), &rights);
    matrix.route("articles").await;
    matrix.route("authors").await;
    matrix.zones().await;
    assert!(matrix.refused > 3_000 && matrix.ignored > 0, "refused {}, ignored {}", matrix.refused, matrix.ignored);
    assert_no_secret_is_shown(&server.public_client(), &[PRIVATE, MASKED]).await;
    assert_search_finds_nothing(&server.public_client(), &[PRIVATE, MASKED, "1000", "argon2"]).await;
}

/// Conditions with the groups of the user open no way to hidden attributes, nor to the rows that they leave out.
#[tokio::test(flavor = "multi_thread")]
async fn members_of_groups_cannot_read_or_query_hidden_attributes_and_rows() {
    let server = server().await;
    let member = server.add_user("member", "member", json!({})).await.body["documentId"].as_str().unwrap().to_owned();
    let groups = ["assembly".to_owned(), "paint".to_owned()].into();
    let store = server.app.content.store();
    store.write(move |tx| tx.user_groups().set(&member, "journey", &groups)).await.unwrap();
    let client = server.with_token(&server.new_session("member").await);
    let rights = masked_readable_types();
    let mut matrix = matrix(client.clone(), server.app.content.registry(), &rights);
    matrix.route("authors").await;
    matrix.zones().await;
    assert!(matrix.refused > 1_000 && matrix.ignored > 0, "refused {}, ignored {}", matrix.refused, matrix.ignored);
    assert_eq!(client.get("/api/articles").await.expect_status(200).text_column("title"), ["Title 0"]);
    assert_no_secret_is_shown(&client, &[PRIVATE, MASKED, "Title 1"]).await;
    assert_search_finds_nothing(&client, &[PRIVATE, MASKED, "1000", "argon2", "journey"]).await;
}

/// A preview as somebody else shows no more than they see, whoever looks.
#[tokio::test(flavor = "multi_thread")]
async fn preview_as_the_public_cannot_read_or_query_hidden_attributes() {
    let server = server().await;
    let begun = server.super_admin().await.post("/admin/api/preview/see-as", json!({ "person": null })).await;
    let client = server.with_preview(begun.expect_status(200).data()["token"].as_str().unwrap());
    let rights = masked_readable_types();
    let mut matrix = matrix(client.clone(), server.app.content.registry(), &rights);
    matrix.route("authors").await;
    matrix.zones().await;
    assert!(matrix.refused > 1_000 && matrix.ignored > 0, "refused {}, ignored {}", matrix.refused, matrix.ignored);
    assert_no_secret_is_shown(&client, &[PRIVATE, MASKED]).await;
    assert_search_finds_nothing(&client, &[PRIVATE, MASKED, "1000", "argon2"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_token_cannot_read_or_query_hidden_attributes() {
    let server = server().await;
    let client = server.with_token("some-token-0123456789");
    let rights = masked_readable_types();
    let mut matrix = matrix(client.clone(), server.app.content.registry(), &rights);
    matrix.route("articles").await;
    assert!(matrix.refused > 1_500, "refused {}", matrix.refused);
    assert_no_secret_is_shown(&client, &[PRIVATE, MASKED]).await;
    assert_search_finds_nothing(&client, &[PRIVATE, MASKED]).await;
}

/// To full access nothing is hidden but what is private, and that is refused whatever is asked of it.
#[tokio::test(flavor = "multi_thread")]
async fn full_access_and_read_only_tokens_see_nothing_private() {
    let server = server().await;
    let hidden = [
        ("articles", vec!["note", "pin", "secretAuthor", "authors.salary", "authors.address.zip", "reviewer.password"]),
        (
            "articles",
            vec!["reviewer.resetPasswordToken", "reviewer.confirmationToken", "sequel.note", "sequel.secretAuthor"],
        ),
        ("authors", vec!["salary", "address.zip", "mentor.salary", "articles.note", "articles.pin"]),
        ("users", vec!["password", "resetPasswordToken", "confirmationToken", "role.users.password"]),
    ];
    for client in [(*server).clone(), server.read_only()] {
        for (route, names) in &hidden {
            for name in names {
                let path: String = name.split('.').map(|p| format!("[{p}]")).collect();
                let value = |op: &str| if op == "$between" { "[0]=0" } else { "=1" };
                let operators = OPERATORS.map(|op| format!("filters{path}[{op}]{}", value(op)));
                let others = ["sort", "populate", "fields"].map(|parameter| format!("{parameter}={name}"));
                for query in operators.iter().chain(&others) {
                    let answer = client.get(&format!("/api/{route}?{query}")).await;
                    assert_eq!(answer.status, 400, "{route} {query}: {}", answer.text());
                    answer.assert_envelope();
                }
            }
        }
        assert_no_secret_is_shown(&client, &[PRIVATE]).await;
        assert_search_finds_nothing(&client, &[PRIVATE, "1000", "argon2"]).await;
    }
}
