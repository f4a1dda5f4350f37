//! A few rows of the planner's sample model, and a caller with conditions.

use cairn_model::{LinkTarget, Value};
use cairn_query::{Access, AccessRule, Action};
use cairn_store::content::NewDocumentRow;
use cairn_store::content::links::PositionedLink;
use cairn_store::{Store, StoreError, WriteTx};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

/// Three authors, a category, four articles (published) and two pages.
pub(crate) fn insert_newsroom(store: &Store) {
    let write = store.write(|tx| {
        insert_document(tx, "categories", "c1", "", &[("name", text("Fiction")), ("rank", Value::Int(1))], &[], false)?;
        for i in 1..=3 {
            let name = text(&format!("Author {i}"));
            insert_document(
                tx,
                "authors",
                &format!("a{i}"),
                "",
                &[("name", name), ("salary", Value::Int(1_000))],
                &[],
                false,
            )?;
        }
        for i in 1..=4 {
            let values = [("title", text(&format!("Title {i}"))), ("views", Value::Int(i)), ("note", text("canary"))];
            let links = [("authors", vec!["a1", "a2"]), ("category", vec!["c1"])];
            insert_document(tx, "articles", &format!("d{i}"), "", &values, &links, true)?;
        }
        insert_document(tx, "pages", "p1", "en", &[("title", text("Home"))], &[], true)?;
        insert_document(tx, "pages", "p1", "nl", &[("title", text("Thuis"))], &[], true)
    });
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(write).unwrap();
}

/// So many more articles, of no category, each with a draft and a published version.
pub(crate) fn insert_loose_articles(store: &Store, numbers: Range<usize>) {
    let write = store.write(move |tx| {
        numbers.into_iter().try_for_each(|n| {
            insert_document(tx, "articles", &format!("loose{n}"), "", &[("title", text("Loose"))], &[], true)
        })
    });
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(write).unwrap();
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn insert_document(
    tx: &mut WriteTx<'_>,
    route: &str,
    document_id: &str,
    locale: &str,
    values: &[(&str, Value)],
    links: &[(&str, Vec<&str>)],
    drafts: bool,
) -> Result<(), StoreError> {
    let registry = tx.registry();
    let ct = registry.by_route(route).unwrap();
    let at = "2025-01-01T10:00:00.000Z".to_owned();
    let mut row = NewDocumentRow {
        id: 0,
        document_id: document_id.into(),
        locale: locale.into(),
        published: !drafts,
        created_at: at.clone(),
        updated_at: at.clone(),
        published_at: (!drafts).then(|| at.clone()),
        version: 0,
        values: vec![Value::Null; ct.attributes.len()],
        to_one: HashMap::new(),
    };
    for (name, value) in values {
        row.values[ct.attributes.get(name).unwrap().0] = value.clone();
    }
    let mut tables = Vec::new();
    for (name, documents) in links {
        let (id, a) = ct.attributes.get(name).unwrap();
        let link = registry.attribute_link(a).unwrap();
        if link.many {
            let target =
                |document: &&str| LinkTarget { content_type: link.target.unwrap(), document_id: (*document).into() };
            let inverse = || tx.end_position();
            let links =
                documents.iter().map(|d| PositionedLink { target: target(d), position: None, inverse: inverse() });
            tables.push((id, links.collect::<Vec<_>>()));
        } else {
            row.to_one.insert(id, (documents[0].into(), tx.end_position()));
        }
    }
    row.id = tx.documents().insert_row(ct.id, &row)?;
    for (id, links) in tables {
        tx.links().set_owned(ct.id, id, row.id, &[], &links)?;
    }
    if drafts {
        tx.documents().publish_row(ct.id, &row, &at, true)?;
    }
    Ok(())
}

/// May find everything, of articles those of one author, of categories those with a rank.
pub(crate) fn owner_access(registry: &cairn_model::Registry) -> Access {
    let types = registry.types().iter().filter(|t| t.is_api());
    let mut rules: HashMap<_, _> = types.map(|t| ((t.id, Action::Find), AccessRule::default())).collect();
    let mut only = |route: &str, condition: serde_json::Value| {
        let id = registry.by_route(route).unwrap().id;
        rules.insert((id, Action::Find), AccessRule { condition: Some(Arc::new(condition)), fields: None });
    };
    only("articles", json!({"authors": {"documentId": {"$eq": "$user.author"}}}));
    only("categories", json!({"rank": {"$notNull": true}}));
    let variables = BTreeMap::from([("user.author".to_owned(), json!("a1' OR 1=1"))]);
    Access { key: "owner".into(), rules: Arc::new(rules), variables, ..Access::none() }
}
