//! Relations of every kind, written and read from both sides, between types with and without drafts.

use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestServer};
use serde_json::{Value as Json, json};

/// One relation of `left`: its attribute, the attribute across where there is one, and whether each side is a list.
struct RelationKind {
    name: &'static str,
    across: Option<&'static str>,
    many: bool,
    across_many: bool,
}

const KINDS: [RelationKind; 7] = [
    RelationKind { name: "one", across: None, many: false, across_many: true },
    RelationKind { name: "oneBoth", across: Some("oneBack"), many: false, across_many: false },
    RelationKind { name: "manyToOne", across: Some("oneToMany"), many: false, across_many: true },
    RelationKind { name: "children", across: Some("parent"), many: true, across_many: false },
    RelationKind { name: "list", across: None, many: true, across_many: true },
    RelationKind { name: "many", across: None, many: true, across_many: true },
    RelationKind { name: "manyBoth", across: Some("manyBack"), many: true, across_many: true },
];

fn project(left_drafts: bool, right_drafts: bool) -> TestProject {
    let relation = |kind: &str, target: &str| json!({"type": "relation", "relation": kind, "target": target});
    let with = |mut relation: Json, word: &str, across: &str| {
        relation[word] = across.into();
        relation
    };
    let (l, r) = ("api::left.left", "api::right.right");
    let left = json!({
        "name": {"type": "string"},
        "one": relation("oneToOne", r),
        "oneBoth": with(relation("oneToOne", r), "inversedBy", "oneBack"),
        "manyToOne": with(relation("manyToOne", r), "inversedBy", "oneToMany"),
        "children": with(relation("oneToMany", r), "mappedBy", "parent"),
        "list": relation("oneToMany", r),
        "many": relation("manyToMany", r),
        "manyBoth": with(relation("manyToMany", r), "inversedBy", "manyBack"),
    });
    let right = json!({
        "name": {"type": "string"},
        "oneBack": with(relation("oneToOne", l), "mappedBy", "oneBoth"),
        "oneToMany": with(relation("oneToMany", l), "mappedBy", "manyToOne"),
        "parent": with(relation("manyToOne", l), "inversedBy", "children"),
        "manyBack": with(relation("manyToMany", l), "mappedBy", "manyBoth"),
    });
    let apply_drafts = |schema: SchemaBuilder, drafts: bool| if drafts { schema.with_drafts() } else { schema };
    TestProject::new()
        .with_type(apply_drafts(SchemaBuilder::collection("left", left), left_drafts))
        .with_type(apply_drafts(SchemaBuilder::collection("right", right), right_drafts))
}

/// The names of the related entries, as `populate` shows them; draft and published version must agree.
async fn related(server: &TestServer, path: &str, attribute: &str) -> Vec<String> {
    let mut per_status = Vec::new();
    for status in ["draft", "published"] {
        let answer = server.get(&format!("{path}?populate={attribute}&status={status}")).await;
        let value = &answer.data()[attribute];
        let entries = match value {
            Json::Array(list) => list.clone(),
            Json::Null => Vec::new(),
            one => vec![one.clone()],
        };
        let names = entries.iter().map(|e| e["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        per_status.push(names);
    }
    assert_eq!(per_status[0], per_status[1], "draft and published version of {path} differ in {attribute}");
    per_status.remove(0)
}

struct RelationFixture {
    server: TestServer,
    /// Paths of `l1`, `l2`.
    left: Vec<String>,
    /// (documentId, numeric id) of `r1` to `r4`.
    right: Vec<(String, i64)>,
}

impl RelationFixture {
    async fn new(left_drafts: bool, right_drafts: bool) -> Self {
        let server = TestServer::start_with(project(left_drafts, right_drafts)).await;
        let mut left = Vec::new();
        for i in 1..=2 {
            let answer = server.create_entry("/api/lefts", json!({"name": format!("l{i}")})).await;
            left.push(format!("/api/lefts/{}", answer.document_id()));
        }
        let mut right = Vec::new();
        for i in 1..=4 {
            let test_answer = server.create_entry("/api/rights", json!({"name": format!("r{i}")})).await;
            right.push((test_answer.document_id(), test_answer.id()));
        }
        Self { server, left, right }
    }

    fn id(&self, i: usize) -> Json {
        self.right[i - 1].0.clone().into()
    }

    fn number(&self, i: usize) -> Json {
        self.right[i - 1].1.into()
    }

    async fn set(&self, remaining: usize, attribute: &str, value: Json) {
        self.server.update_entry(&self.left[remaining - 1], json!({attribute: value})).await;
    }

    async fn left(&self, remaining: usize, attribute: &str) -> Vec<String> {
        related(&self.server, &self.left[remaining - 1], attribute).await
    }

    async fn right(&self, right: usize, attribute: &str) -> Vec<String> {
        related(&self.server, &format!("/api/rights/{}", self.right[right - 1].0), attribute).await
    }
}

const DRAFTS: [(bool, bool); 4] = [(false, false), (true, false), (false, true), (true, true)];

#[tokio::test(flavor = "multi_thread")]
async fn every_relation_value_form_is_accepted() {
    for (left_drafts, right_drafts) in DRAFTS {
        let fixture = RelationFixture::new(left_drafts, right_drafts).await;
        for kind in &KINDS {
            let one = [
                fixture.id(1),
                fixture.number(1),
                json!({"documentId": fixture.id(1)}),
                json!({"id": fixture.number(1)}),
                json!([fixture.id(1)]),
                json!([{"documentId": fixture.id(1)}]),
                json!({"set": [fixture.id(1)]}),
                json!({"connect": fixture.id(1)}),
                json!({"connect": [{"documentId": fixture.id(1)}]}),
                json!({"connect": [{"id": fixture.number(1), "position": {"end": true}}], "disconnect": []}),
            ];
            for value in one {
                fixture.set(1, kind.name, value.clone()).await;
                let describe_case = || format!("{} = {value}, drafts {left_drafts} {right_drafts}", kind.name);
                assert_eq!(fixture.left(1, kind.name).await, ["r1"], "{}", describe_case());
                if let Some(across) = kind.across {
                    assert_eq!(fixture.right(1, across).await, ["l1"], "{}", describe_case());
                }
                // The ways to empty a relation, in turn.
                let empty = [json!(null), json!([]), json!({"set": []}), json!({"disconnect": [fixture.id(1)]})];
                let i = value.to_string().len() % empty.len();
                fixture.set(1, kind.name, empty[i].clone()).await;
                assert_eq!(fixture.left(1, kind.name).await, [""; 0], "{} then {}", describe_case(), empty[i]);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn relation_lists_support_ordered_connect_and_disconnect() {
    for (left_drafts, right_drafts) in DRAFTS {
        let fixture = RelationFixture::new(left_drafts, right_drafts).await;
        let id = |i| fixture.id(i);
        for kind in KINDS.iter().filter(|k| k.many) {
            let name = kind.name;
            let is = async |expected: &[&str]| assert_eq!(fixture.left(1, name).await, expected, "{name}");
            fixture.set(1, name, json!([id(3), id(1), id(3)])).await;
            is(&["r3", "r1"]).await;
            fixture.set(1, name, json!({"connect": [id(2)]})).await;
            is(&["r3", "r1", "r2"]).await;
            // Connected already: it moves to the end.
            fixture.set(1, name, json!({"connect": [id(3)]})).await;
            is(&["r1", "r2", "r3"]).await;
            fixture.set(1, name, json!({"connect": [{"documentId": id(4), "position": {"before": id(2)}}]})).await;
            is(&["r1", "r4", "r2", "r3"]).await;
            fixture.set(1, name, json!({"connect": [{"documentId": id(1), "position": {"after": id(2)}}]})).await;
            is(&["r4", "r2", "r1", "r3"]).await;
            fixture.set(1, name, json!({"connect": [{"documentId": id(3), "position": {"start": true}}]})).await;
            is(&["r3", "r4", "r2", "r1"]).await;
            fixture
                .set(1, name, json!({"connect": [{"documentId": id(4), "position": {}}], "disconnect": [id(2)]}))
                .await;
            is(&["r3", "r1", "r4"]).await;
            // Later elements may refer to earlier ones; what is not connected cannot be referred to.
            let chain = json!({"set": [id(4), {"documentId": id(2), "position": {"before": id(4)}}]});
            fixture.set(1, name, chain).await;
            is(&["r2", "r4"]).await;
            let body = json!({"data": {name: {"connect": [{"documentId": id(1), "position": {"before": id(3)}}]}}});
            let refused = fixture.server.put(&fixture.left[0], body).await.expect_status(400);
            assert!(refused.message().starts_with("There was a problem connecting relation"), "{}", refused.text());
            is(&["r2", "r4"]).await;
            fixture.set(1, name, json!({"disconnect": [id(1), id(2)]})).await;
            is(&["r4"]).await;
            fixture.set(1, name, json!(null)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn relation_kind_limits_how_many_entries_share_a_target() {
    for (left_drafts, right_drafts) in DRAFTS {
        let fixture = RelationFixture::new(left_drafts, right_drafts).await;
        for kind in &KINDS {
            fixture.set(1, kind.name, json!([fixture.id(1)])).await;
            fixture.set(2, kind.name, json!([fixture.id(1)])).await;
            let message = format!("{}, drafts {left_drafts} {right_drafts}", kind.name);
            let (first, second) = (fixture.left(1, kind.name).await, fixture.left(2, kind.name).await);
            assert_eq!(second, ["r1"], "{message}");
            // A one-way relation shares its targets whatever it is called; two-way "one" does not.
            let shared = kind.across_many || kind.across.is_none();
            assert_eq!(first, if shared { vec!["r1"] } else { vec![] }, "{message}");
            if let Some(across) = kind.across {
                let expected = if kind.across_many { vec!["l1", "l2"] } else { vec!["l2"] };
                assert_eq!(fixture.right(1, across).await, expected, "{message}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn inverse_side_is_writable_and_has_its_own_order() {
    for (left_drafts, right_drafts) in DRAFTS {
        let fixture = RelationFixture::new(left_drafts, right_drafts).await;
        let left: Vec<String> = fixture.left.iter().map(|p| p.rsplit('/').next().unwrap().to_owned()).collect();
        let right = format!("/api/rights/{}", fixture.right[0].0);
        for kind in KINDS.iter().filter(|k| k.across.is_some()) {
            let across = kind.across.unwrap();
            let message = format!("{across}, drafts {left_drafts} {right_drafts}");
            if kind.across_many {
                fixture.server.update_entry(&right, json!({across: [left[1], left[0]]})).await;
                assert_eq!(fixture.right(1, across).await, ["l2", "l1"], "{message}");
                assert_eq!(fixture.left(1, kind.name).await, ["r1"], "{message}");
                let first = json!({"connect": [{"documentId": left[0], "position": {"start": true}}]});
                fixture.server.update_entry(&right, json!({across: first})).await;
                assert_eq!(fixture.right(1, across).await, ["l1", "l2"], "{message}");
                fixture.server.update_entry(&right, json!({across: {"disconnect": [left[0]]}})).await;
            } else {
                fixture.server.update_entry(&right, json!({across: left[1]})).await;
            }
            assert_eq!(fixture.right(1, across).await, ["l2"], "{message}");
            assert_eq!(fixture.left(1, kind.name).await, [""; 0], "{message}");
            assert_eq!(fixture.left(2, kind.name).await, ["r1"], "{message}");
            if kind.many {
                // The order of this side is not the order of the other.
                fixture.server.update_entry(&fixture.left[0], json!({kind.name: [fixture.id(2), fixture.id(1)]})).await;
                assert_eq!(fixture.left(1, kind.name).await, ["r2", "r1"], "{message}");
                let expected = if kind.across_many { vec!["l2", "l1"] } else { vec!["l1"] };
                assert_eq!(fixture.right(1, across).await, expected, "{message}");
            }
            fixture.server.update_entry(&right, json!({across: null})).await;
            assert_eq!(fixture.right(1, across).await, [""; 0], "{message}");
            assert!(!fixture.left(1, kind.name).await.contains(&"r1".to_owned()), "{message}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_documents_are_removed_from_every_relation() {
    for (left_drafts, right_drafts) in DRAFTS {
        let fixture = RelationFixture::new(left_drafts, right_drafts).await;
        let all: serde_json::Map<_, _> = KINDS.iter().map(|k| (k.name.to_owned(), json!([fixture.id(1)]))).collect();
        fixture.server.update_entry(&fixture.left[0], Json::Object(all)).await;
        fixture.server.delete(&format!("/api/rights/{}", fixture.right[0].0)).await.expect_status(204);
        for kind in &KINDS {
            assert_eq!(fixture.left(1, kind.name).await, [""; 0], "{}", kind.name);
        }
        let both: Vec<&RelationKind> = KINDS.iter().filter(|k| k.across.is_some()).collect();
        let all: serde_json::Map<_, _> = both.iter().map(|k| (k.name.to_owned(), json!([fixture.id(2)]))).collect();
        fixture.server.update_entry(&fixture.left[0], Json::Object(all)).await;
        fixture.server.delete(&fixture.left[0]).await.expect_status(204);
        for kind in both {
            assert_eq!(fixture.right(2, kind.across.unwrap()).await, [""; 0], "{}", kind.name);
        }
    }
}

/// Relations of the draft are the draft's, until it is published.
#[tokio::test(flavor = "multi_thread")]
async fn drafts_have_their_own_relations_until_published() {
    let fixture = RelationFixture::new(true, false).await;
    let path = &fixture.left[0];
    fixture
        .server
        .update_entry(
            path,
            json!({"manyBoth": [fixture.id(1)], "manyToOne": fixture.id(1), "children": [fixture.id(1)]}),
        )
        .await;
    let draft = json!({"manyBoth": [fixture.id(2)], "manyToOne": fixture.id(2)});
    fixture.server.update_entry(&format!("{path}?status=draft"), draft).await;
    let read_links = async |status: &str| {
        let entry = fixture.server.get(&format!("{path}?status={status}&populate=*")).await;
        let data = entry.data();
        (data["manyBoth"][0]["name"].clone(), data["manyToOne"]["name"].clone())
    };
    assert_eq!(read_links("published").await, (json!("r1"), json!("r1")));
    assert_eq!(read_links("draft").await, (json!("r2"), json!("r2")));
    fixture.server.update_entry(path, json!({})).await;
    assert_eq!(read_links("published").await, (json!("r2"), json!("r2")));
}

/// A published entry may point at a draft; it shows as soon as that is published, with nothing published again.
#[tokio::test(flavor = "multi_thread")]
async fn published_targets_appear_without_republishing_the_source() {
    let fixture = RelationFixture::new(true, true).await;
    let hidden = fixture.server.create_entry("/api/rights?status=draft", json!({"name": "hidden"})).await.document_id();
    let path = &fixture.left[0];
    fixture.server.update_entry(path, json!({"list": [fixture.id(1), hidden], "one": hidden})).await;
    let read_links = async |status: &str| {
        let entry = fixture.server.get(&format!("{path}?status={status}&populate=*")).await;
        (entry.data()["list"].as_array().unwrap().len(), entry.data()["one"]["name"].clone())
    };
    assert_eq!(read_links("published").await, (1, Json::Null));
    assert_eq!(read_links("draft").await, (2, json!("hidden")));
    fixture.server.update_entry(&format!("/api/rights/{hidden}"), json!({})).await;
    assert_eq!(read_links("published").await, (2, json!("hidden")));
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_relation_values_return_the_documented_errors() {
    let fixture = RelationFixture::new(false, false).await;
    let before = fixture.server.dump_content().await;
    let put = async |value: Json| fixture.server.put(&fixture.left[0], json!({"data": {"one": value}})).await;
    put(json!("zzz")).await.expect_error(400, "Document with id \"zzz\", locale \"null\" not found");
    let missing = "1 relation(s) of type api::right.right associated with this entity do not exist";
    let refused = put(json!(9999)).await.expect_error(400, missing);
    assert_eq!(refused.details()["errors"][0]["path"], json!([]));
    put(json!({"foo": 1})).await.expect_error(400, "Invalid key foo at one");
    for value in [
        json!({"id": {"$gt": 0}}),
        json!([[1]]),
        json!({"documentId": {"a": 1}}),
        json!(1.5),
        json!(-1),
        json!([{}]),
        json!({"connect": {}}),
    ] {
        let refused = put(value.clone()).await;
        assert_eq!(refused.status, 400, "{value}: {}", refused.text());
        refused.assert_envelope();
    }
    // Disconnecting a target that is missing or not connected is no error.
    fixture.server.update_entry(&fixture.left[0], json!({"one": {"disconnect": ["zzz", 9999]}})).await;
    fixture.server.update_entry(&fixture.left[0], json!({"one": {}, "list": {}})).await;
    fixture.server.update_entry(&fixture.left[0], json!({})).await;
    assert_eq!(fixture.server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn self_references_and_cycles_are_allowed() {
    let server = TestServer::start().await;
    let a = server.create_entry("/api/categories", json!({"name": "a"})).await.document_id();
    let b = server.create_entry("/api/categories", json!({"name": "b", "parent": a})).await.document_id();
    server.update_entry(&format!("/api/categories/{a}"), json!({"parent": b, "children": [a]})).await;
    let names = async |client: &TestClient, id: &str| {
        let answer = client.get(&format!("/api/categories/{id}?populate[parent]=true&populate[children]=true")).await;
        (answer.data()["parent"]["name"].clone(), answer.data()["children"].as_array().unwrap().len())
    };
    // `children: [a]` is the later attribute: it made a its own parent, and b lost its parent.
    assert_eq!(names(&server, &a).await, (json!("a"), 1));
    assert_eq!(names(&server, &b).await.1, 0);
    server.delete(&format!("/api/categories/{a}")).await.expect_status(204);
    assert_eq!(names(&server, &b).await, (Json::Null, 0));
}
