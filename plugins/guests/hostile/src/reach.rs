//! Reaching for data that was not granted. The manifest grants reading `title` of `api::article.article`, nothing else
//! outside the plugin.

use crate::report::refused;
use crate::rows::{find, query};
use cairn_plugin::bindings::{data, files, kv};
use cairn_plugin::{Authority, DocumentRef, Status};
use serde_json::json;

const ARTICLE: &str = "api::article.article";
const USER: &str = "plugin::users-permissions.user";

/// Runs the trial, if it is one of these.
pub(crate) fn run(trial: &str) -> Option<String> {
    let plugin = Authority::Plugin;
    let fields = |fields: &[&str]| fields.iter().map(|&f| f.to_owned()).collect::<Vec<_>>();
    let article = || query(ARTICLE);
    Some(match trial {
        "read-granted" => match find(data::Query { fields: fields(&["title"]), ..article() }, plugin) {
            Ok(rows) => format!("ok: {rows}"),
            Err(error) => crate::report::error(&error),
        },
        "read-type" => refused(find(query(USER), plugin)),
        "read-admin" => refused(find(query("admin::user"), plugin)),
        "read-other-plugin" => refused(find(query("plugin::allow.note"), plugin)),
        "read-caller" => refused(find(query(USER), Authority::Caller)),
        "read-field" => refused(find(data::Query { fields: fields(&["body", "views"]), ..article() }, plugin)),
        "read-table" => refused(find(query("cairn_plugins"), plugin)),
        "read-traversal" => refused(find(query("api::article.article\" union select 1"), plugin)),
        "filter-field" => refused(find(
            data::Query { filters: Some(json!({ "body": { "$startsWith": "a" } }).to_string()), ..article() },
            plugin,
        )),
        "filter-private" => refused(find(
            data::Query {
                filters: Some(json!({ "secret": { "$startsWith": "a" } }).to_string()),
                ..query("plugin::hostile.trial")
            },
            Authority::Caller,
        )),
        "filter-relation" => refused(find(
            data::Query {
                filters: Some(json!({ "createdBy": { "password": { "$startsWith": "a" } } }).to_string()),
                ..article()
            },
            plugin,
        )),
        "sort-field" => refused(find(data::Query { sort: fields(&["body:asc"]), ..article() }, plugin)),
        "sort-private" => refused(find(
            data::Query { sort: fields(&["secret:asc"]), ..query("plugin::hostile.trial") },
            Authority::Caller,
        )),
        "populate-field" => {
            refused(find(data::Query { populate: Some(json!({ "author": true }).to_string()), ..article() }, plugin))
        }
        "populate-all" => populate_all(),
        "aggregate-field" => refused(read(data::ReadOp::Aggregate(data::Aggregate {
            query: article(),
            group_by: fields(&["body"]),
            measures: vec![(data::Measure::Maximum, "body".into())],
            limit: 10,
        }))),
        "measure-field" => refused(measure(&["body"], "count")),
        "measure-private" => refused(measure(&[], "maximum.secret")),
        "count-filter" => refused(read(data::ReadOp::Count(data::Query {
            filters: Some(json!({ "body": { "$notNull": true } }).to_string()),
            ..article()
        }))),
        "scan-type" => refused(data::Scan::open(&query(USER), plugin).and_then(|scan| scan.next(10))),
        "describe-type" => refused(data::describe(USER)),
        "create-type" => refused(data::write(&[create(ARTICLE)], plugin)),
        "create-user" => refused(data::write(&[create(USER)], plugin)),
        "create-other-plugin" => refused(data::write(&[create("plugin::allow.note")], plugin)),
        "update-type" => refused(data::write(&[update(ARTICLE)], plugin)),
        "delete-type" => refused(data::write(&[delete(ARTICLE)], plugin)),
        "connect-type" => refused(data::write(&[connect()], plugin)),
        // Keys are the plugin's own, whatever they look like: what it finds must not be another's.
        "other-kv" => {
            match kv::get(&["../allow/events/notes".into(), "allow/events/notes".into(), "events/notes".into()]) {
                Ok(found) if found.iter().all(Option::is_none) => "ok: nothing there".to_owned(),
                other => refused(other),
            }
        }
        "other-keys" => match kv::list_keys("", None, 1_000) {
            Ok(keys) if keys.iter().any(|key| key.starts_with("events/") || key.starts_with("lifecycle/")) => {
                format!("leak: {keys:?}")
            }
            Ok(_) => "ok: only its own".to_owned(),
            Err(error) => crate::report::error(&error),
        },
        "other-file" => match files::stat(&["1".into(), "2".into()]) {
            Ok(found) if found.iter().all(Option::is_none) => "ok: nothing there".to_owned(),
            other => refused(other),
        },
        "other-file-read" => refused(files::read("1", 0, 100)),
        "file-traversal" => refused(files::read("../../../../etc/passwd", 0, 100)),
        "file-link" => refused(files::link("1", u64::MAX)),
        "file-delete" => refused(files::delete(&["1".into()])),
        _ => return None,
    })
}

/// Everything that can be populated, of what may be read: none of it was granted.
fn populate_all() -> String {
    let all = find(data::Query { populate: Some("\"*\"".into()), ..query(ARTICLE) }, Authority::Plugin);
    match all {
        Ok(rows) if rows.contains("\"author\"") || rows.contains("\"body\"") => format!("leak: {rows}"),
        Ok(_) => "ok: nothing more".to_owned(),
        Err(error) => crate::report::error(&error),
    }
}

fn read(read: data::ReadOp) -> cairn_plugin::Result<String> {
    match data::read(&[read], Authority::Plugin).pop() {
        Some(Ok(data::Found::Rows(rows))) => Ok(rows.data),
        Some(Ok(data::Found::Count(count))) => Ok(count.to_string()),
        Some(Err(error)) => Err(error),
        None => Ok(String::new()),
    }
}

fn measure(group_by: &[&str], measure: &str) -> cairn_plugin::Result<String> {
    let group_by = group_by.iter().map(|&name| name.to_owned()).collect();
    let asked = data::GroupMeasures { query: query(ARTICLE), group_by, measures: vec![measure.to_owned()], limit: 10 };
    data::measure_groups(&[asked], Authority::Plugin).pop().map_or_else(|| Ok(String::new()), |found| Ok(found?.data))
}

fn create(content_type: &str) -> data::WriteOp {
    data::WriteOp::Create(data::Create {
        content_type: content_type.into(),
        data: json!({ "title": "forged" }).to_string(),
        locale: None,
        status: Status::Published,
    })
}

fn target(content_type: &str) -> DocumentRef {
    DocumentRef { content_type: content_type.into(), document_id: "aaaaaaaaaaaaaaaaaaaaaaaa".into(), locale: None }
}

fn update(content_type: &str) -> data::WriteOp {
    data::WriteOp::Update(data::Update {
        target: target(content_type),
        data: json!({ "title": "forged" }).to_string(),
        status: Status::Published,
        expect_version: None,
    })
}

fn delete(content_type: &str) -> data::WriteOp {
    data::WriteOp::Delete(data::Delete { target: target(content_type), expect_version: None })
}

/// A document of its own, with a relation into what it may not write.
fn connect() -> data::WriteOp {
    data::WriteOp::Create(data::Create {
        content_type: "plugin::hostile.trial".into(),
        data: json!({ "title": "linked", "createdBy": { "connect": ["aaaaaaaaaaaaaaaaaaaaaaaa"] } }).to_string(),
        locale: None,
        status: Status::Published,
    })
}
