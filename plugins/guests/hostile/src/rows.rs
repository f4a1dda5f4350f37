//! Data calls that are wrong or too large, on the plugin's own type.

use crate::report::ended;
use cairn_plugin::bindings::data;
use cairn_plugin::{Authority, DocumentRef, Result, Status};
use serde_json::json;

const TRIAL: &str = "plugin::hostile.trial";

/// A query for everything of a type.
pub(crate) fn query(content_type: &str) -> data::Query {
    data::Query {
        content_type: content_type.into(),
        filters: None,
        sort: Vec::new(),
        fields: Vec::new(),
        populate: None,
        locale: None,
        status: Status::Published,
    }
}

/// Asks for the first 100 documents of a query.
///
/// # Errors
/// What the host says.
pub(crate) fn find(query: data::Query, rights: Authority) -> Result<String> {
    let find = data::Find { query, paging: data::Paging::Offset((0, 100)), with_total: true, lock: false };
    match data::read(&[data::ReadOp::Find(find)], rights).pop() {
        Some(Ok(data::Found::Rows(rows))) => Ok(rows.data),
        Some(Ok(data::Found::Count(count))) => Ok(count.to_string()),
        Some(Err(error)) => Err(error),
        None => Ok(String::new()),
    }
}

/// Runs the trial, if it is one of these.
pub(crate) fn run(trial: &str) -> Option<String> {
    let own = || query(TRIAL);
    let filtered = |filters: String| find(data::Query { filters: Some(filters), ..own() }, Authority::Plugin);
    let paged = |paging: data::Paging| {
        let find = data::Find { query: own(), paging, with_total: true, lock: false };
        data::read(&[data::ReadOp::Find(find)], Authority::Plugin).pop().map_or(Ok(()), |found| found.map(|_| ()))
    };
    Some(match trial {
        "bad-filter" => ended(filtered("{\"title\":".into())),
        "deep-filter" => {
            let deep = format!("{}{}{}", "{\"$not\":".repeat(10_000), "{}", "}".repeat(10_000));
            ended(filtered(deep))
        }
        "wide-filter" => ended(filtered(json!({ "title": { "$in": vec!["x"; 100_000] } }).to_string())),
        "sql-filter" => ended(filtered(json!({ "title'; drop table cairn_plugins; --": { "$eq": 1 } }).to_string())),
        "long-sort" => ended(find(data::Query { sort: vec!["title:asc".into(); 10_000], ..own() }, Authority::Plugin)),
        "deep-populate" => {
            let deep = format!("{}true{}", "{\"parent\":{\"populate\":".repeat(1_000), "}}".repeat(1_000));
            ended(find(data::Query { populate: Some(deep), ..own() }, Authority::Plugin))
        }
        "page-zero" => ended(paged(data::Paging::Page((0, 0)))),
        "page-huge" => ended(paged(data::Paging::Page((u32::MAX, u32::MAX)))),
        "bad-cursor" => ended(paged(data::Paging::After((Some("AAAA'--".into()), 10)))),
        "bad-scan" => ended(data::Scan::resume(&own(), "x'; --", Authority::Plugin)),
        "id-flood-read" => ended(get(vec!["x".repeat(24); 100_000])),
        "read-list" => {
            let reads = vec![data::ReadOp::Count(own()); 10_000];
            let failed = data::read(&reads, Authority::Plugin).into_iter().filter(Result::is_err).count();
            format!("{failed} of {} refused", reads.len())
        }
        "write-list" => ended(data::write(&vec![create("many", "none"); 100_000], Authority::Plugin)),
        "write-huge" => ended(data::write(&[create(&"x".repeat(20 << 20), "none")], Authority::Plugin)),
        // Creates a document whose hook is this very trial.
        "reentrant" => ended(data::write(&[create("again", "reentrant")], Authority::Plugin)),
        "bad-version" => ended(data::write(
            &[data::WriteOp::Update(data::Update {
                target: DocumentRef { content_type: TRIAL.into(), document_id: "nobody".into(), locale: None },
                data: "{}".into(),
                status: Status::Published,
                expect_version: Some(u64::MAX),
            })],
            Authority::Plugin,
        )),
        _ => return None,
    })
}

fn get(ids: Vec<String>) -> Result<()> {
    let get = data::GetMany {
        content_type: TRIAL.into(),
        ids,
        fields: Vec::new(),
        populate: None,
        locale: None,
        status: Status::Published,
        lock: true,
    };
    data::read(&[data::ReadOp::GetMany(get)], Authority::Plugin).pop().map_or(Ok(()), |found| found.map(|_| ()))
}

fn create(title: &str, kind: &str) -> data::WriteOp {
    data::WriteOp::Create(data::Create {
        content_type: TRIAL.into(),
        data: json!({ "title": title, "kind": kind }).to_string(),
        locale: None,
        status: Status::Published,
    })
}
