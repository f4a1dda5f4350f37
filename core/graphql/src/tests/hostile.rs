//! Requests that are small and would cost much: refused before anything is read.

use super::*;
use std::time::{Duration, Instant};

/// Longest time in which a hostile request may be refused.
const MAX_REFUSAL_TIME: Duration = Duration::from_millis(50);

/// The query of GraphiQL and of generators of types.
pub(super) const INTROSPECTION: &str = "query IntrospectionQuery { __schema { description queryType { name } mutationType { name } subscriptionType { name }
  types { ...FullType } directives { name description isRepeatable locations args { ...InputValue } } } }
fragment FullType on __Type { kind name description specifiedByURL
  fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields { ...InputValue } interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
  ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

fn aliases(count: usize) -> String {
    let fields: String = (0..count).map(|n| format!("a{n}: articles {{ title }} ")).collect();
    format!("{{ {fields} }}")
}

/// Fragments of which each spreads the next twice.
fn bomb(levels: usize) -> String {
    let fragments: String =
        (0..levels).map(|n| format!("fragment F{n} on Article {{ ...F{0} ...F{0} }} ", n + 1)).collect();
    format!("{{ articles {{ ...F0 }} }} {fragments} fragment F{levels} on Article {{ title }}")
}

/// The same of root fields, and with nothing at its end: the last fragment does not exist.
fn bomb_of_nothing(levels: usize) -> String {
    let fragments: String =
        (0..levels).map(|n| format!("fragment F{n} on Query {{ ...F{0} ...F{0} }} ", n + 1)).collect();
    format!("{{ ...F0 }} {fragments}")
}

fn nested_lists(levels: usize) -> String {
    format!("{{ articles {{ {} title {} }} }}", "similar { ".repeat(levels), "}".repeat(levels))
}

#[tokio::test]
async fn costly_requests_are_refused_before_anything_is_read() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let source = Arc::new(FakeSource::default());
    let brackets = |open: &str, count: usize| open.repeat(count);
    let wide = format!("{{ articles {{ {} }} }}", "title ".repeat(2_100));
    let big_pages = "{ articles(pagination: {limit: 100}) { similar(pagination: {limit: -1}) { similar(pagination: {pageSize: 100}) { title } } } }";
    let by_variable = "query($n: Int) { articles(pagination: {limit: $n}) { similar(pagination: {limit: $n}) { similar(pagination: {limit: $n}) { title } } } }";
    for query in [
        aliases(1_000),
        aliases(31),
        bomb(20),
        bomb_of_nothing(40),
        nested_lists(10),
        nested_lists(6),
        wide,
        big_pages.to_owned(),
        by_variable.to_owned(),
        brackets("{", 60_000),
        brackets("[", 100_000),
        format!("{{ articles(filters: {}", brackets("{and:[", 15_000)),
        format!("query($a: {}", brackets("[", 65)),
        format!("{{ articles {{ {} title {} }} }}", brackets("... on Article {", 70), brackets("}", 70)),
        "{ articles { ...A } } fragment A on Article { title ...A }".to_owned(),
        "{ articles { ...A } } fragment A on Article { ...B } fragment B on Article { ...A }".to_owned(),
        "{ articles { title } } fragment A on Article { ...B } fragment B on Article { similar { ...A } }".to_owned(),
        (0..101).fold("{ articles { title } }".to_owned(), |text, n| {
            format!("{text} fragment F{n} on Article {{ title }}")
        }),
        (0..21).map(|n| format!("query Q{n} {{ articles {{ title }} }} ")).collect(),
        "{ __schema { types { fields { type { fields { name } } } } } }".to_owned(),
        "{ __schema { types { possibleTypes { interfaces { name } } } } }".to_owned(),
        format!(
            "{{ __schema {{ types {{ {} }} }} }}",
            (0..200).map(|n| format!("a{n}: fields {{ args {{ name type {{ name }} }} }} ")).collect::<String>()
        ),
        (0..6).fold("{".to_owned(), |text, n| format!("{text} a{n}: __schema {{ types {{ name }} }}")) + "}",
    ] {
        let body = json!({"query": query, "variables": {"n": 100}, "operationName": query.starts_with("query Q0").then_some("Q0")});
        let (status, answer) = run(&schema, body, &source).await;
        let shown: String = query.chars().take(120).collect();
        assert_eq!(status, 400, "{shown} {answer:#}");
        assert!(answer["errors"].as_array().unwrap().len() == 1 && answer.to_string().len() < 2_000, "{shown}");
    }
    assert!(source.asked.lock().unwrap().is_empty());
}

/// Refusals are cheap: 50 ms at most, for each of them. The best of several runs counts, because others use the machine as well.
#[tokio::test]
async fn hostile_requests_are_refused_at_once() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let source = Arc::new(FakeSource::default());
    let logins: String = (0..1_000)
        .map(|n| format!("a{n}: login(input: {{identifier: \"a\", password: \"{n}\"}}) {{ jwt }} "))
        .collect();
    let cycle = (0..100).map(|n| format!("fragment F{n} on Article {{ ...F{} }} ", (n + 1) % 100)).collect::<String>();
    for (attack, query) in [
        ("depth", nested_lists(60)),
        ("1,000 aliases", aliases(1_000)),
        ("1,000 sign-ins", format!("mutation {{ {logins} }}")),
        ("a cycle of fragments", format!("{{ articles {{ ...F0 }} }} {cycle}")),
        ("fragments that double", bomb(50)),
        ("brackets", "{".repeat(60_000)),
    ] {
        let mut best = Duration::MAX;
        for _ in 0..5 {
            let request = GraphqlRequest { query: query.clone(), ..GraphqlRequest::default() };
            let start = Instant::now();
            let response = schema.execute(request, LIMITS, false, source.clone()).await;
            best = best.min(start.elapsed());
            assert_eq!(response.status, 400, "{attack}");
        }
        assert!(best < MAX_REFUSAL_TIME, "{attack}: {best:?}");
    }
    let batch = json!((0..1_000).map(|_| json!({"query": "{ articles { title } }"})).collect::<Vec<_>>()).to_string();
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        assert!(GraphqlRequest::from_json(serde_json::from_str(&batch).unwrap()).is_err());
        best = best.min(start.elapsed());
    }
    assert!(best < MAX_REFUSAL_TIME, "a batch of 1,000: {best:?}");
    assert!(source.asked.lock().unwrap().is_empty());
}

/// Knowledge of a document says nothing of its other operations, of other values, or of stricter limits.
#[tokio::test]
async fn known_documents_are_within_the_limits_each_time() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let source = Arc::new(FakeSource { answer: json!({"data": []}), ..FakeSource::default() });
    let lists = |n: &str| {
        format!(
            "{{ articles(pagination: {{limit: {n}}}) {{ similar(pagination: {{limit: {n}}}) {{ similar(pagination: {{limit: {n}}}) {{ title }} }} }} }}"
        )
    };
    let (by_variable, both) =
        (format!("query($n: Int) {}", lists("$n")), format!("query A {} query B {}", lists("1"), lists("100")));
    for (body, expected) in [
        (json!({"query": by_variable, "variables": {"n": 1}}), 200),
        (json!({"query": by_variable, "variables": {"n": 100}}), 400),
        (json!({"query": by_variable, "variables": {"n": "1"}}), 400),
        (json!({"query": by_variable, "variables": {"n": 1}}), 200),
        (json!({"query": both, "operationName": "A"}), 200),
        (json!({"query": both, "operationName": "B"}), 400),
        (json!({"query": both, "operationName": "A"}), 200),
        (json!({"query": lists("1")}), 200),
    ] {
        let (status, answer) = run(&schema, body.clone(), &source).await;
        assert_eq!(status, expected, "{body} {answer:#}");
    }
    let shallow = GraphqlLimits { depth: 2, ..LIMITS };
    let (status, _) = run_with(&schema, json!({"query": lists("1")}), &source, shallow).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn ordinary_requests_are_within_the_limits() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let source = Arc::new(FakeSource { answer: json!({"data": []}), ..FakeSource::default() });
    let pages = "{ articles(pagination: {limit: 100}) { title similar { title } gallery { url } sections { ... on ComponentSharedSeo { image { url } } } } }";
    for query in [aliases(30), bomb(7), nested_lists(3), pages.to_owned()] {
        let (status, answer) = run(&schema, json!({ "query": query }), &source).await;
        assert_eq!(status, 200, "{query} {answer:#}");
    }
    let shallow = GraphqlLimits { depth: 2, ..LIMITS };
    for (levels, expected) in [(1, 200), (2, 400)] {
        let (status, _) = run_with(&schema, json!({ "query": nested_lists(levels) }), &source, shallow).await;
        assert_eq!(status, expected);
    }
}

/// No text makes it panic, whatever it is.
#[tokio::test]
async fn broken_documents_are_answered() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let source = Arc::new(FakeSource::default());
    let whole = "query Q($a: [Int!]! = [1], $b: String) @x { a: articles(filters: {title: {in: [\"\\u00e9\", \"\"\"block\"\"\"]}}) @skip(if: $b) { ...F ... on Article { title } } } fragment F on Article { title }";
    for end in (1..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        for text in [whole[..end].to_owned(), format!("{}{}", &whole[..end - 1], &whole[end..])] {
            if !text.trim().is_empty() {
                let (status, _) =
                    run(&schema, json!({"query": text, "variables": {"a": [null, {"b": []}], "b": 1}}), &source).await;
                assert!(status == 200 || status == 400, "{text}");
            }
        }
    }
}
