//! Reading: compiled plans run into JSON, on 2,000 published articles of the planner's sample model with their relations,
//! a component and a zone. `cargo bench -p cairn-store`

use cairn_model::{AttributeId, Instance, LinkTarget, Registry, Value};
use cairn_query::{Access, Action, Query, QueryLimits, QueryRequest};
use cairn_store::content::NewDocumentRow;
use cairn_store::content::links::PositionedLink;
use cairn_store::{Database, Store, StoreError, StoreOptions, WriteTx};
use criterion::Criterion;
use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const ARTICLES: i64 = 2_000;
const AUTHORS: i64 = 50;
const CATEGORIES: i64 = 20;
const AT: &str = "2025-01-01T10:00:00.000Z";

/// The load test's cases b, c, d, f and g.
const LISTS: [(&str, &str); 5] = [
    ("list 25", "pagination[pageSize]=25"),
    (
        "filter and sort",
        "filters[featured][$eq]=true&filters[views][$gte]=5000&sort=views:desc&pagination[pageSize]=25",
    ),
    (
        "populate four",
        "populate[0]=category&populate[1]=authors&populate[2]=seo&populate[3]=sections&pagination[pageSize]=25",
    ),
    ("deep page", "pagination[page]=70&pagination[pageSize]=25"),
    ("populate all", "populate=*&pagination[pageSize]=25"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../query/tests/model");
    let loaded =
        cairn_model::load::load_project(&model).map_err(|p| format!("{} problems in the sample model", p.len()))?;
    let store = Store::open(
        StoreOptions { database: Database::Sqlite(folder.path().join("cairn.db")) },
        Arc::new(loaded.registry),
    )?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(store.write(seed))?;

    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let prepared = |action, query| -> Result<_, Box<dyn Error>> {
        let planned =
            cairn_query::plan_query(&request(store.registry(), &Access::full(), action)?, &Query::from_text(query))?;
        let stamp = store.counters().stamp(&planned.touched);
        Ok((store.compile_plan(&planned.plan, "en"), stamp))
    };
    for (name, query) in LISTS {
        let (prepared, stamp) = prepared(Action::Find, query)?;
        let list = |out: &mut Vec<u8>| store.read(|r| r.entries().write_list(&prepared, stamp, out));
        let mut out = Vec::with_capacity(64 << 10);
        if list(&mut out)?.entries != 25 {
            return Err(format!("{name}: not a whole page").into());
        }
        criterion.bench_function(&format!("read/{name}"), |b| {
            b.iter(|| {
                out.clear();
                list(&mut out)
            });
        });
    }
    for (name, query) in [("one", ""), ("one with everything", "populate=*")] {
        let (prepared, _) = prepared(Action::FindOne, query)?;
        let mut out = Vec::with_capacity(16 << 10);
        let mut n = 0;
        criterion.bench_function(&format!("read/{name}"), |b| {
            b.iter(|| {
                out.clear();
                n = (n + 7) % ARTICLES;
                store.read(|r| r.entries().write_one(&prepared, &format!("article{n}"), &mut out))
            });
        });
        if out.is_empty() {
            return Err(format!("{name}: not there").into());
        }
    }
    criterion.bench_function("read/compile", |b| {
        let planned = request(store.registry(), &Access::full(), Action::Find)
            .and_then(|request| Ok(cairn_query::plan_query(&request, &Query::from_text("populate=*"))?));
        b.iter(|| planned.as_ref().map(|p| store.compile_plan(&p.plan, "en")).ok());
    });
    criterion.final_summary();
    Ok(())
}

fn request<'a>(registry: &'a Registry, access: &'a Access, action: Action) -> Result<QueryRequest<'a>, Box<dyn Error>> {
    let content_type = registry.by_route("articles").ok_or("no articles in the sample model")?.id;
    let limits = QueryLimits::default();
    Ok(QueryRequest { registry, access, content_type, action, default_locale: "en", limits, lenient: false })
}

fn seed(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    for i in 0..CATEGORIES {
        let values = [("name", text(&format!("Category {i}"))), ("rank", Value::Int(i))];
        insert(tx, "categories", &format!("category{i}"), &values, &[])?;
    }
    for i in 0..AUTHORS {
        insert(tx, "authors", &format!("author{i}"), &[("name", text(&format!("Author {i}")))], &[])?;
    }
    let sentence = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt. ";
    for i in 0..ARTICLES {
        let registry = tx.registry();
        let seo = [("metaTitle", text(&format!("Title {i}")))];
        let quote = [("text", text(sentence))];
        let hero = [("heading", text(&format!("Heading {i}")))];
        let zone = vec![
            instance(tx, &registry, "block.quote", &quote)?,
            instance(tx, &registry, "block.hero", &hero)?,
            instance(tx, &registry, "block.quote", &quote)?,
        ];
        let values = [
            ("title", text(&format!("Title {i}"))),
            ("slug", text(&format!("title-{i}"))),
            ("body", text(&sentence.repeat(8))),
            ("views", Value::Int(i * 7_919 % 10_000)),
            ("price", text("9.5")),
            ("featured", Value::Bool(i % 3 == 0)),
            ("issuedOn", text("2024-05-06")),
            ("seo", Value::Instance(Box::new(instance(tx, &registry, "meta.seo", &seo)?))),
            ("sections", Value::Instances(zone)),
        ];
        let authors = [i % AUTHORS, (i + 17) % AUTHORS].map(|n| format!("author{n}"));
        let category = [format!("category{}", i % CATEGORIES)];
        insert(tx, "articles", &format!("article{i}"), &values, &[("authors", &authors), ("category", &category)])?;
    }
    Ok(())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn missing(subject: &str) -> StoreError {
    StoreError::Schema(format!("no {subject} in the sample model"))
}

fn instance(
    tx: &WriteTx<'_>,
    registry: &Registry,
    uid: &str,
    values: &[(&str, Value)],
) -> Result<Instance, StoreError> {
    let component = registry.component_by_uid(uid).ok_or_else(|| missing(uid))?;
    let mut instance = Instance {
        component: component.id,
        id: Some(tx.next_instance()?),
        origin: None,
        values: vec![Value::Null; component.attributes.len()],
    };
    for (name, value) in values {
        let (id, _) = component.attributes.get(name).ok_or_else(|| missing(name))?;
        instance.values[id] = value.clone();
    }
    Ok(instance)
}

/// A document with a draft where its type has drafts, and published.
fn insert(
    tx: &mut WriteTx<'_>,
    route: &str,
    document_id: &str,
    values: &[(&str, Value)],
    links: &[(&str, &[String])],
) -> Result<(), StoreError> {
    let registry = tx.registry();
    let ct = registry.by_route(route).ok_or_else(|| missing(route))?;
    let attribute = |name: &str| -> Result<AttributeId, StoreError> {
        ct.attributes.get(name).map(|(id, _)| id).ok_or_else(|| missing(name))
    };
    let published = !ct.draft_publish;
    let mut row = NewDocumentRow {
        id: 0,
        document_id: document_id.to_owned(),
        locale: String::new(),
        published,
        created_at: AT.to_owned(),
        updated_at: AT.to_owned(),
        published_at: published.then(|| AT.to_owned()),
        version: 0,
        values: vec![Value::Null; ct.attributes.len()],
        to_one: HashMap::new(),
    };
    for (name, value) in values {
        row.values[attribute(name)?] = value.clone();
    }
    let mut tables = Vec::new();
    for (name, documents) in links {
        let id = attribute(name)?;
        let link = registry.attribute_link(&ct.attributes[id]).ok_or_else(|| missing(name))?;
        match (link.many, link.target, documents.first()) {
            (false, _, Some(one)) => {
                row.to_one.insert(id, (one.clone(), tx.end_position()));
            }
            (true, Some(content_type), _) => {
                let to = |document: &String| PositionedLink {
                    target: LinkTarget { content_type, document_id: document.clone() },
                    position: None,
                    inverse: tx.end_position(),
                };
                tables.push((id, documents.iter().map(to).collect::<Vec<_>>()));
            }
            _ => return Err(missing(name)),
        }
    }
    row.id = tx.documents().insert_row(ct.id, &row)?;
    for (id, links) in tables {
        tx.links().set_owned(ct.id, id, row.id, &[], &links)?;
    }
    if !published {
        tx.documents().publish_row(ct.id, &row, AT, true)?;
    }
    Ok(())
}
