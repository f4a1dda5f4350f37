//! The few host calls the parts share, against the raw bindings: the contract itself is what is tested here.

use cairn_plugin::bindings::data;
use cairn_plugin::{Authority, DocumentRef, Error, Result, Status};
use serde_json::{Value, json};

/// Notes: a hook amends and refuses them, a subscription follows them.
pub(crate) const NOTE: &str = "plugin::allow.note";
/// A hook lets three of each title in.
pub(crate) const COUNTED: &str = "plugin::allow.counted";
/// Documents under others of the same type.
pub(crate) const BRANCH: &str = "plugin::allow.branch";
/// Content type of the documents that events, jobs and routes leave behind.
pub(crate) const LOG: &str = "plugin::allow.log";

/// Writes one log document and returns its address.
///
/// # Errors
/// What the host says.
pub(crate) fn log(by: &str, about: &str, rights: Authority) -> Result<DocumentRef> {
    create(LOG, &json!({ "by": by, "about": about }), rights)
}

/// Creates one document and returns its address.
///
/// # Errors
/// What the host says.
pub(crate) fn create(content_type: &str, fields: &Value, rights: Authority) -> Result<DocumentRef> {
    let create = data::Create {
        content_type: content_type.to_owned(),
        data: fields.to_string(),
        locale: None,
        status: Status::Published,
    };
    let written = data::write(&[data::WriteOp::Create(create)], rights)?;
    let first = written.into_iter().next();
    first.map(|one| one.target).ok_or_else(|| Error::Internal("a write without a result".to_owned()))
}

/// How many documents of a type fit a filter.
///
/// # Errors
/// What the host says.
pub(crate) fn count(content_type: &str, filters: &Value, rights: Authority) -> Result<u64> {
    match one(data::ReadOp::Count(query(content_type, filters)), rights)? {
        data::Found::Count(count) => Ok(count),
        data::Found::Rows(rows) => Ok(u64::from(rows.returned)),
    }
}

/// The documents of a type that fit a filter, at most 100.
///
/// # Errors
/// What the host says.
pub(crate) fn find(content_type: &str, filters: &Value, rights: Authority) -> Result<Value> {
    let find = data::Find {
        query: query(content_type, filters),
        paging: data::Paging::Offset((0, 100)),
        with_total: false,
        lock: false,
    };
    match one(data::ReadOp::Find(find), rights)? {
        data::Found::Rows(rows) => Ok(serde_json::from_str(&rows.data)?),
        data::Found::Count(count) => Ok(json!(count)),
    }
}

/// One document by its id, or null where it is gone.
///
/// # Errors
/// What the host says.
pub(crate) fn get(content_type: &str, id: &str, rights: Authority) -> Result<Value> {
    let get = data::GetMany {
        content_type: content_type.to_owned(),
        ids: vec![id.to_owned()],
        fields: Vec::new(),
        populate: None,
        locale: None,
        status: Status::Published,
        lock: false,
    };
    match one(data::ReadOp::GetMany(get), rights)? {
        data::Found::Rows(rows) => Ok(serde_json::from_str::<Value>(&rows.data)?[0].take()),
        data::Found::Count(count) => Ok(json!(count)),
    }
}

fn query(content_type: &str, filters: &Value) -> data::Query {
    data::Query {
        content_type: content_type.to_owned(),
        filters: Some(filters.to_string()),
        sort: Vec::new(),
        fields: Vec::new(),
        populate: None,
        locale: None,
        status: Status::Published,
    }
}

fn one(read: data::ReadOp, rights: Authority) -> Result<data::Found> {
    let mut found = data::read(&[read], rights);
    found.pop().unwrap_or_else(|| Err(Error::Internal("a read without a result".to_owned())))
}
