//! One client, every database there is: the same requests must get the same answers, refusals included. Where there is
//! one database only, no answer may be a 5xx.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value as Json, json};

/// The same project on every database, and the document ids that each gave, in the same order.
struct ParityServers {
    servers: Vec<TestServer>,
    ids: Vec<Vec<String>>,
}

impl ParityServers {
    async fn start() -> Self {
        let mut servers = Vec::new();
        for project in TestProject::on_every_database() {
            let mut attributes = json!({
                "code": {"type": "string", "unique": true},
                "peers": {"type": "relation", "relation": "manyToMany", "target": "api::sample.sample", "inversedBy": "back"},
                "back": {"type": "relation", "relation": "manyToMany", "target": "api::sample.sample", "mappedBy": "peers"},
                "best": {"type": "relation", "relation": "oneToOne", "target": "api::sample.sample"},
                "part": {"type": "component", "component": "x.part", "repeatable": true},
                "zone": {"type": "dynamiczone", "components": ["x.part"]},
            });
            let mut part =
                json!({"peer": {"type": "relation", "relation": "oneToOne", "target": "api::sample.sample"}});
            for (kind, _) in VALUES {
                let options = if kind == "enumeration" { json!(["low", "High", "été"]) } else { Json::Null };
                let attribute = match options {
                    Json::Null => json!({"type": kind}),
                    options => json!({"type": kind, "enum": options}),
                };
                attributes[kind] = attribute.clone();
                part[kind] = attribute;
            }
            let sample = SchemaBuilder::collection("sample", attributes).with_drafts().with_locales();
            servers.push(TestServer::start_with(project.with_component("x.part", part).with_type(sample)).await);
        }
        let ids = vec![Vec::new(); servers.len()];
        Self { servers, ids }
    }

    /// Sends a request to all; `#3;` stands for the document id of that number. The status.
    async fn send_to_all(&mut self, method: &str, path: &str, body: Option<&str>) -> u16 {
        let mut first: Option<(u16, String)> = None;
        for (server, ids) in self.servers.iter().zip(&mut self.ids) {
            let mut request = server.request(method, &insert_ids(path, ids));
            if let Some(body) = body {
                request = request.header("content-type", "application/json").body(insert_ids(body, ids));
            }
            let answer = server.send(request).await;
            assert!(answer.status < 500, "{method} {path} {body:?}: {}", answer.text());
            if answer.status == 201 {
                ids.push(answer.document_id());
            }
            let normalized = (answer.status, normalize(answer.text(), ids));
            let other: &(u16, String) = first.get_or_insert_with(|| normalized.clone());
            let at = std::iter::zip(other.1.bytes(), normalized.1.bytes()).take_while(|(a, b)| a == b).count();
            let from = |text: &str| text.bytes().skip(at.saturating_sub(60)).take(160).collect::<Vec<_>>();
            let part = |(status, text): &(u16, String)| format!("{status} … {}", String::from_utf8_lossy(&from(text)));
            // JSON inside components is `jsonb` on PostgreSQL, which keeps no order of keys and no spelling of numbers.
            let read = |(_, text): &(u16, String)| serde_json::from_str::<Json>(text).ok();
            let same = *other == normalized
                || other.0 == normalized.0 && read(other).is_some() && read(other) == read(&normalized);
            assert!(same, "{method} {path} {body:?}:\n{}\ninstead of\n{}", part(&normalized), part(other));
        }
        first.map_or(0, |(status, _)| status)
    }

    async fn send(&mut self, method: &str, path: &str, data: Json) -> u16 {
        self.send_to_all(method, path, Some(&json!({ "data": data }).to_string())).await
    }
}

/// With each server's own ids.
fn insert_ids(text: &str, ids: &[String]) -> String {
    let mut parts = text.split('#');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| {
        let known = part.split_once(';').and_then(|(n, rest)| Some((ids.get(n.parse::<usize>().ok()?)?, rest)));
        all + &known.map_or_else(|| format!("#{part}"), |(id, rest)| format!("{id}{rest}"))
    })
}

/// Without what is each server's own: ids of documents, rows and instances.
fn normalize(mut text: String, ids: &[String]) -> String {
    for (n, id) in ids.iter().enumerate() {
        text = text.replace(id, &format!("#{n};"));
    }
    let mut parts = text.split(r#""id":"#);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + r#""id":0"# + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// Kinds, each with JSON values of which some are good.
const VALUES: [(&str, &[&str]); 15] = [
    (
        "string",
        &[r#""""#, r#""a""#, r#""A""#, r#""é""#, r#""É""#, r#""a_%\\b""#, r#""a\u0000b""#, r#""\ud800""#, "1", "[]"],
    ),
    ("text", &[r#""ſ""#, r#""𝒳""#, r#""\uffee""#, r#""\t\n""#, r#""'; --""#, "true", "{}"]),
    ("richtext", &[r#""<b>""#, r#""a ""#, r#"" a""#]),
    ("email", &[r#""a@b.co""#, r#""A@b.co""#, r#""nobody""#]),
    ("uid", &[r#""a""#, r#""A""#, r#""a-b""#, r#""a""#, r#""é""#]),
    ("enumeration", &[r#""low""#, r#""LOW""#, r#""High""#, r#""été""#]),
    ("integer", &["0", "-2", "2147483648", "9223372036854775807", "9223372036854775808", "1.5", r#""7""#, r#""x""#]),
    (
        "biginteger",
        &[r#""9223372036854775807""#, r#""-9223372036854775808""#, r#""9223372036854775808""#, "9007199254740993"],
    ),
    ("float", &["0.1", "-0.0", "1e308", "1e400", "5e-324", "1e21", "1e-7", r#""NaN""#]),
    (
        "decimal",
        &["0.1", r#""123456789012345678901234567890""#, r#""0.000000000000000000000000000001""#, r#""1e60""#, "-0.50"],
    ),
    ("boolean", &["true", "false", r#""true""#, "2"]),
    ("date", &[r#""0000-01-01""#, r#""9999-12-31""#, r#""2021-02-29""#, r#""2020-02-29""#]),
    (
        "datetime",
        &[r#""0000-01-01T00:00:00Z""#, r#""9999-12-31T23:59:59.999Z""#, r#""2020-01-01T00:00:00+01:00""#, r#""now""#],
    ),
    ("time", &[r#""00:00:00""#, r#""23:59:59.999""#, r#""24:00:00""#]),
    (
        "json",
        &[
            r#"{"b":1,"a":[1.0,1e2,null],"aa":"é\u0001"}"#,
            r#"{"a":"\u0000"}"#,
            "[]",
            "0",
            r#""text""#,
            "123456789012345678901234567890",
        ],
    ),
];

const OPERATORS: [&str; 20] = [
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
    "$startsWithi",
    "$endsWith",
    "$endsWithi",
    "$null",
    "$notNull",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_database_returns_the_same_responses() {
    compare_responses(1).await;
}

/// Every filter on every path to an attribute.
mod full {
    use super::{FILTERED_PATHS, compare_responses};

    #[tokio::test(flavor = "multi_thread")]
    async fn every_database_returns_the_same_responses_to_every_filter() {
        compare_responses(FILTERED_PATHS).await;
    }
}

/// Paths to an attribute that are filtered by: the document's own, a component's, a related document's.
const FILTERED_PATHS: usize = 3;

/// Sends everything, with each filter on so many of the paths to its attribute: another of them with each value.
async fn compare_responses(paths_per_filter: usize) {
    let mut twins = ParityServers::start().await;
    let rng = &mut StdRng::seed_from_u64(1);
    // Values of each kind, valid or not, are sent as text, which may be no JSON.
    for (kind, values) in VALUES {
        for value in values {
            let body = format!(r#"{{"data":{{"{kind}":{value},"part":[{{"{kind}":{value}}}]}}}}"#);
            twins.send_to_all("POST", "/api/samples", Some(&body)).await;
        }
    }
    let created = twins.ids[0].len();
    assert!(created > 40, "only {created} were made");
    apply_random_changes(&mut twins, rng).await;
    for locale in ["en", "nl", "*"] {
        for status in ["draft", "published"] {
            let path = format!("/api/samples?populate=*&locale={locale}&status={status}&pagination[limit]=100");
            assert_eq!(twins.send_to_all("GET", &path, None).await, 200);
        }
    }
    for (kind, values) in VALUES {
        for direction in ["asc", "desc"] {
            for name in [kind.to_owned(), format!("part.{kind}"), format!("best.{kind}")] {
                let path = format!("/api/samples?sort={name}:{direction}&fields=code&pagination[limit]=100");
                twins.send_to_all("GET", &path, None).await;
            }
        }
        for (n, op) in OPERATORS.into_iter().enumerate() {
            // A part of a number's text: how a double is spelled is each database's own (docs/postgresql.md).
            if kind == "float" && ["ontains", "tartsWith", "ndsWith"].iter().any(|part| op.contains(part)) {
                continue;
            }
            let names: [String; FILTERED_PATHS] =
                [format!("[{kind}]"), format!("[part][{kind}]"), format!("[peers][{kind}]")];
            for (m, value) in values.iter().chain(&["1", r#""""#]).map(|v| v.trim_matches('"')).enumerate() {
                for name in names.iter().cycle().skip(n + m).take(paths_per_filter) {
                    // JSON inside components compares as each database takes it out (docs/postgresql.md).
                    if kind == "json" && name.starts_with("[part]") && !op.ends_with("ull") {
                        continue;
                    }
                    let value: String = value.bytes().map(|b| format!("%{b:02x}")).collect();
                    let path = format!("/api/samples?filters{name}[{op}]={value}&fields=code&pagination[limit]=100");
                    twins.send_to_all("GET", &path, None).await;
                }
            }
        }
    }
}

/// Updates, publications, relations and deletions at random.
async fn apply_random_changes(twins: &mut ParityServers, rng: &mut StdRng) {
    let mut succeeded = 0;
    for i in 0..250 {
        let n = twins.ids[0].len();
        let some = |rng: &mut StdRng| json!(format!("#{};", rng.random_range(0..n)));
        let locale = *["en", "en", "nl"].choose(rng).unwrap();
        let status = *["draft", "published"].choose(rng).unwrap();
        let path = format!("/api/samples/#{};?locale={locale}&status={status}", rng.random_range(0..n));
        let status = match rng.random_range(0..10) {
            0 => {
                twins
                    .send_to_all("DELETE", &format!("/api/samples/#{};?locale={locale}", rng.random_range(0..n)), None)
                    .await
            }
            // The codes are eight, so most are taken.
            1 => twins.send("POST", "/api/samples", json!({"code": format!("code {}", rng.random_range(0..8))})).await,
            2 => {
                twins.send("PUT", &path, json!({"code": format!("Code {}", rng.random_range(0..8)), "string": i})).await
            }
            3 => twins.send("PUT", &path, json!({"peers": {"set": [some(rng), some(rng)]}})).await,
            4 => {
                let position = json!({"before": some(rng)});
                let connect = json!([{"documentId": some(rng), "position": position}, {"documentId": some(rng)}]);
                twins.send("PUT", &path, json!({"peers": {"connect": connect}, "best": some(rng)})).await
            }
            5 => twins.send("PUT", &path, json!({"back": {"connect": [some(rng)], "disconnect": [some(rng)]}})).await,
            6 => twins.send("PUT", &path, json!({"best": null, "peers": {"disconnect": [some(rng)]}})).await,
            7 => {
                let zone =
                    json!([{"__component": "x.part", "peer": some(rng), "integer": i}, {"__component": "x.part"}]);
                twins.send("PUT", &path, json!({"zone": zone, "part": [{"peer": some(rng), "string": "part"}]})).await
            }
            8 => twins.send("PUT", &path, json!({"part": [{"integer": "x"}], "email": "nobody"})).await,
            _ => twins.send("PUT", &path, json!({"text": format!("text {i}"), "nothing": 1})).await,
        };
        succeeded += usize::from(status < 300);
    }
    assert!(succeeded > 80, "only {succeeded} changes were good");
}
