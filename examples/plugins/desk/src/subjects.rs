//! Documents of the project that tickets are about, of the types that the operator chose.

use crate::intake::split_about;
use cairn_plugin::bindings::data::{Found, GetMany, ReadOp, read};
use cairn_plugin::{Authority, Error, Result, Status, chosen};
use serde::Deserialize;

/// Choice of the manifest.
const CHOICE: &str = "subjects";

/// Document that a ticket is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    /// Its content type.
    pub(crate) content_type: String,
    /// Its id.
    pub(crate) id: String,
    /// Its title.
    pub(crate) title: String,
}

/// The published document that a text names; none where its type was not chosen, or it is not there. With `Authority::Caller` also none where the
/// caller may not read it.
///
/// # Errors
/// What the host says.
pub(crate) fn find(about: &str, rights: Authority) -> Result<Option<Subject>> {
    #[derive(Deserialize)]
    struct SubjectTitle {
        title: Option<String>,
    }
    let Some((content_type, id)) = split_about(about) else { return Ok(None) };
    if !chosen(CHOICE).iter().any(|uid| uid == content_type) {
        return Ok(None);
    }
    let get = GetMany {
        content_type: content_type.to_owned(),
        ids: vec![id.to_owned()],
        fields: vec!["title".to_owned()],
        populate: None,
        locale: None,
        status: Status::Published,
        lock: false,
    };
    let rows = match read(&[ReadOp::GetMany(get)], rights).pop() {
        Some(Ok(Found::Rows(rows))) => rows.data,
        Some(Err(Error::Denied(_) | Error::NotFound(_) | Error::Invalid(_))) => return Ok(None),
        Some(Err(error)) => return Err(error),
        Some(Ok(Found::Count(_))) | None => return Ok(None),
    };
    let found: Vec<Option<SubjectTitle>> = serde_json::from_str(&rows)?;
    Ok(found.into_iter().next().flatten().map(|document| Subject {
        content_type: content_type.to_owned(),
        id: id.to_owned(),
        title: document.title.unwrap_or_default(),
    }))
}
