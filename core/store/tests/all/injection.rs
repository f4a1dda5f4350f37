//! Whatever a query string holds: the database never refuses a statement, and no statement's text holds anything that
//! was sent. SQL text may consist of the model's names, SQL's own words, aliases and placeholders; all else fails.

use crate::fixture::StoreFixture;
use cairn_query::{Access, Action, PlannedQuery};
use cairn_store::StoreError;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};
use std::collections::BTreeSet;
use std::sync::LazyLock;

static WORLD: LazyLock<StoreFixture> = LazyLock::new(|| {
    let fixture = StoreFixture::newsroom();
    crate::newsroom::insert_newsroom(&fixture.store);
    fixture
});

/// SQL's own words, functions and system columns, as far as reads use them.
const WORDS: &str = "select from where and or not exists in is null as on join left group by order asc desc limit offset \
    case when then else end collate decimal cast integer real text like escape between distinct union all \
    count sum json_extract json_each json_group_array json json_type json_array_length rarray value key lower fold_case \
    coalesce iif id document_id locale _status created_at updated_at published_at owner_id target target_type \
    attribute instance pos inv_pos over partition row_number with \
    any replace translate nulls first last bigint double precision numeric boolean timestamptz date time interval to_char c \
    cairn_asset_texts jsonb_typeof jsonb_array_elements jsonb_agg array ordinality true false overlay placing 0001 01 0000 binary";

/// Names of the model, whole and in the parts that SQL text quotes together.
fn allowed_words() -> &'static BTreeSet<String> {
    static ALLOWED: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let registry = WORLD.registry();
        let mut words: BTreeSet<String> = WORDS.split_whitespace().map(str::to_owned).collect();
        let mut add = |name: &str| words.extend(tokens(name));
        for ct in registry.types() {
            add(&ct.table);
            add(&ct.uid);
            add(&format!("{}_refs", ct.table));
            for (_, a) in ct.attributes.iter() {
                add(&a.name);
                add(&a.column);
                add(&format!("_pos_{}", a.column));
                add(&format!("{}_{}_lnk", ct.table, a.column));
            }
        }
        for component in registry.components() {
            add(&component.uid);
            component.attributes.iter().for_each(|(_, a)| add(&a.name));
        }
        words
    });
    &ALLOWED
}

fn tokens(sql: &str) -> impl Iterator<Item = String> {
    sql.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|t| !t.is_empty()).map(str::to_lowercase)
}

/// `b`, `t12`, `?3`, `25`.
fn is_alias_or_number(token: &str) -> bool {
    let digits = token.trim_start_matches(|c: char| c.is_ascii_lowercase());
    token.len() - digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Formats of times, fixed in PostgreSQL's dialect.
const FORMATS: [&str; 3] = ["'YYYY-MM-DD'", r#"'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"#, "'HH24:MI:SS.MS'"];

fn check_text(sql: &str, query: &str) {
    let sql = &FORMATS.iter().fold(sql.to_owned(), |sql, format| sql.replace(format, ""));
    for c in sql.chars() {
        let known = c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "_\"'(),.=<>?*$|+-\\".contains(c);
        assert!(known, "{c:?} in the SQL of {query}:\n{sql}");
    }
    assert!(!sql.contains("--"), "a comment in the SQL of {query}:\n{sql}");
    for token in tokens(sql) {
        let known = is_alias_or_number(&token) || allowed_words().contains(&token);
        assert!(known, "{token:?} in the SQL of {query}:\n{sql}");
    }
}

/// Plans, looks at the SQL and runs it. False where the query is refused.
fn check_query(access: &Access, route: &str, query: &str) -> bool {
    let encoded = utf8_percent_encode(query, QUERY).to_string();
    let Ok(planned) = WORLD.plan(access, Action::Find, route, &encoded) else { return false };
    run_and_check(&planned, query);
    true
}

const QUERY: &percent_encoding::AsciiSet =
    &NON_ALPHANUMERIC.remove(b'[').remove(b']').remove(b'=').remove(b'&').remove(b'$').remove(b'*').remove(b'.');

fn run_and_check(planned: &PlannedQuery, query: &str) {
    let prepared = WORLD.store.compile_plan(&planned.plan, "en");
    prepared.statements().iter().for_each(|sql| check_text(sql, query));
    let listed = WORLD.list_entries(planned);
    // A generated query may be slow on a busy machine, which is no mistake of its SQL.
    let fine = |e: &StoreError| matches!(e, StoreError::Timeout(_));
    assert!(listed.as_ref().err().is_none_or(fine), "{query}: {:?}", listed.err());
    let one = WORLD.store.read(|r| r.entries().write_one(&prepared, "x' OR 1=1 --", &mut Vec::new()));
    assert!(matches!(one, Ok(false)), "{query}: {one:?}");
}

/// Strings that attackers send, and that trip up quoting.
fn hostile() -> impl Strategy<Value = String> {
    let select = prop::sample::select(vec![
        "' OR 1=1 --",
        "\" OR \"\"=\"",
        "x'; DROP TABLE articles; --",
        "1);DELETE FROM authors;--",
        "title\"; --",
        "t1.password",
        "b.note",
        "title) FROM authors --",
        "id);DROP TABLE articles",
        "id,(select pin from articles)",
        "*,password",
        "\"a\"=1 --",
        "a'||(select group_concat(note) from articles)||'",
        "$.a'||1",
        "%' ESCAPE '",
        "100%_\\",
        "NEAR(",
        "title:desc;drop",
        "?1",
        ":a",
        "@a",
        "$1",
        "load_extension('x')",
        "randomblob(1e9)",
        "\u{0}",
        "\u{feff}",
        "'\"`[]",
        "0x41",
        "1e999",
        "-0",
        "99999999999999999999",
        "NaN",
        "null",
        "undefined",
        "[object Object]",
        "__proto__",
        "constructor",
        "..",
        "../../etc/passwd",
        "\r\nSet-Cookie: a=b",
        "${7*7}",
        "{{7*7}}",
    ]);
    prop_oneof![3 => select.prop_map(str::to_owned), 1 => "\\PC{0,12}", 1 => "['\";)(%_\\\\-]{1,8}"]
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "title",
        "slug",
        "body",
        "views",
        "price",
        "featured",
        "level",
        "issuedOn",
        "extra",
        "category",
        "authors",
        "sequel",
        "subject",
        "cover",
        "gallery",
        "seo",
        "links",
        "sections",
        "name",
        "mentor",
        "rank",
        "metaTitle",
        "label",
        "kind",
        "id",
        "documentId",
        "createdAt",
        "parent",
        "address",
        "city",
    ])
    .prop_map(str::to_owned)
}

fn operator() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
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
    ])
    .prop_map(str::to_owned)
}

/// Mostly well-formed, with one thing or another replaced by something hostile.
fn parameter() -> impl Strategy<Value = String> {
    let key = || prop_oneof![9 => name(), 1 => hostile()];
    let value = || prop_oneof![3 => hostile(), 1 => name(), 1 => Just("1".to_owned())];
    let path = prop::collection::vec(key(), 1..4);
    prop_oneof![
        4 => (path.clone(), operator(), value()).prop_map(|(p, op, v)| format!("filters{}[{op}]={v}", brackets(&p))),
        1 => (path.clone(), value()).prop_map(|(p, v)| format!("filters[$or][0]{}[$between][]={v}&filters[$or][0]{}[$between][]=1", brackets(&p), brackets(&p))),
        2 => path.clone().prop_map(|p| format!("sort={}", p.join("."))),
        1 => (path.clone(), value()).prop_map(|(p, v)| format!("sort{}={v}", brackets(&p))),
        2 => path.clone().prop_map(|p| format!("populate={}", p.join("."))),
        2 => (key(), path.clone(), operator(), value())
            .prop_map(|(a, p, op, v)| format!("populate[{a}][filters]{}[{op}]={v}", brackets(&p))),
        1 => (key(), path).prop_map(|(a, p)| format!("populate[{a}][sort]={}", p.join("."))),
        1 => (key(), value()).prop_map(|(a, v)| format!("populate[{a}][fields][0]={v}")),
        1 => (prop::sample::select(vec!["block.hero", "block.quote", "x"]), value())
            .prop_map(|(c, v)| format!("populate[sections][on][{c}][populate]={v}")),
        1 => value().prop_map(|v| format!("fields={v}")),
        2 => value().prop_map(|v| format!("_q={v}")),
        2 => value().prop_map(|v| format!("locale={v}")),
        1 => value().prop_map(|v| format!("locale[0]={v}&locale[1]=nl")),
        1 => value().prop_map(|v| format!("status={v}")),
        1 => (prop::sample::select(vec!["page", "pageSize", "start", "limit", "withCount"]), value())
            .prop_map(|(k, v)| format!("pagination[{k}]={v}")),
        1 => (hostile(), value()).prop_map(|(k, v)| format!("{k}={v}")),
    ]
}

fn brackets(path: &[String]) -> String {
    path.iter().map(|p| format!("[{p}]")).collect()
}

fn query() -> impl Strategy<Value = String> {
    prop::collection::vec(parameter(), 1..4).prop_map(|p| p.join("&"))
}

fn callers() -> Vec<Access> {
    vec![Access::full(), crate::newsroom::owner_access(WORLD.registry())]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_500, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default()
    })]

    #[test]
    fn sql_text_contains_nothing_from_the_query(query in query()) {
        for access in callers() {
            check_query(&access, "articles", &query);
            check_query(&access, "pages", &query);
        }
    }
}

/// The generator is no use if everything it makes is refused.
#[test]
fn enough_generated_queries_reach_the_database() {
    let mut runner = TestRunner::deterministic();
    let reached = (0..1_000)
        .filter(|_| check_query(&Access::full(), "articles", &query().new_tree(&mut runner).unwrap().current()));
    let reached = reached.count();
    assert!(reached > 150, "only {reached} of 1000");
}

/// As wide and deep as the limits allow: SQLite has limits of its own (depth of expressions, tables, placeholders).
#[test]
fn largest_allowed_queries_fit_into_sqlite() {
    let deep = "filters[authors][articles][authors][articles][authors][articles][authors][articles][authors][name]=a";
    let wide = (0..100).map(|i| format!("filters[$or][{i}][authors][articles][category][name][$containsi]=a{i}"));
    let wide: Vec<_> = wide.collect();
    let list = (0..600).map(|i| format!("filters[views][$in][]={i}")).collect::<Vec<_>>().join("&");
    let nots = format!("filters{}[title][$eq]=a", "[$not]".repeat(8));
    let sorts = vec!["category.parent.parent.name"; 20].join(",");
    let populated =
        "populate[authors][populate][articles][populate][authors][populate][articles][populate][sections][populate]=*";
    let morph = "populate[subject][populate]=*&populate[sequel][populate][subject][populate]=*";
    for query in
        [deep.to_owned(), wide.join("&"), list, nots, format!("sort={sorts}"), populated.to_owned(), morph.to_owned()]
    {
        for access in callers() {
            let planned = WORLD.plan(&access, Action::Find, "articles", &query);
            match planned {
                Ok(planned) => run_and_check(&planned, &query),
                Err(e) => assert!(&*access.key == "owner", "{query}: {e:?}"),
            }
        }
    }
}
