//! Documents of the content types that the operator chose, as far as a customer may read them: names and phases, from which the portal reads
//! them at their own addresses. Two questions to the host, however many types and documents there are.

use crate::audience::{CONTENT_CHOICE, SeenJourney, is_seen_by};
use crate::me::read_count;
use crate::model::Link;
use cairn_plugin::bindings::data::{Find, Found, GetMany, Paging, Query, ReadOp, Rows, read};
use cairn_plugin::data::or_default;
use cairn_plugin::prelude::*;
use cairn_plugin::{Authority, Status, chosen, warn};
use serde::Deserialize;
use serde_json::{Value, json};

/// Documents of one type on a page.
const DEFAULT_SIZE: u32 = 50;
const MOST: u32 = 100;
/// Last page that can be asked for.
const LAST_PAGE: u32 = 10_000;

/// A page of the documents of each type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DocumentPage {
    number: u32,
    size: u32,
}

impl DocumentPage {
    /// Reads the parameters `documents` and `documentsPage`.
    ///
    /// # Errors
    /// `Invalid` with the parameter that is no number of its range.
    pub(crate) fn read(size: Option<&str>, number: Option<&str>, locale: &str) -> Result<Self> {
        Ok(Self {
            size: read_count("documents", size, DEFAULT_SIZE, 0, MOST, locale)?,
            number: read_count("documentsPage", number, 1, 1, LAST_PAGE, locale)?,
        })
    }
}

/// A document of a chosen content type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChosenDocument {
    pub(crate) content_type: String,
    pub(crate) row: Row<Relations>,
}

/// The relations of such a document: all that the plugin reads of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Relations {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) phases: Vec<Link>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) journeys: Vec<Link>,
}

impl ChosenDocument {
    /// True if a journey shows it: the same condition as that of items.
    pub(crate) fn is_seen_by(&self, seen: &SeenJourney) -> bool {
        is_seen_by(&self.row.phases, &self.row.journeys, seen)
    }
}

/// The documents of a page, and how many there are of each type.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ChosenDocuments {
    pub(crate) rows: Vec<ChosenDocument>,
    pub(crate) counts: Vec<Value>,
}

/// The documents that the caller may read: with the permissions of their role, and by the read policy of this plugin and all others. A type
/// that the role may not read is left out.
pub(crate) fn list_chosen_documents(page: DocumentPage) -> Result<ChosenDocuments> {
    let types = if page.size == 0 { Vec::new() } else { chosen(CONTENT_CHOICE) };
    let mut found = ChosenDocuments::default();
    if types.is_empty() {
        return Ok(found);
    }
    let listed = read(&types.iter().map(|uid| find_page(uid, page)).collect::<Vec<_>>(), Authority::Caller);
    let mut wanted = Vec::new();
    for (uid, result) in types.iter().zip(listed) {
        match result {
            Ok(Found::Rows(rows)) => {
                let ids: Vec<Link> = serde_json::from_str(&rows.data)?;
                let total = rows.total.unwrap_or_default();
                found.counts.push(json!({
                    "type": uid, "total": total, "page": page.number, "pageSize": page.size,
                    "pageCount": total.div_ceil(u64::from(page.size)),
                }));
                wanted.push((uid, ids));
            }
            Ok(Found::Count(_)) | Err(Error::Denied(_) | Error::NotFound(_)) => {}
            Err(error @ (Error::Exhausted(_) | Error::Unavailable(_))) => return Err(error),
            Err(error) => warn!(uid = uid.as_str(); "a chosen content type cannot be listed: {}", error.describe()),
        }
    }
    wanted.retain(|(_, ids)| !ids.is_empty());
    let related = read(&wanted.iter().map(|(uid, ids)| get_relations(uid, ids)).collect::<Vec<_>>(), Authority::Plugin);
    for ((uid, _), result) in wanted.iter().zip(related) {
        let Found::Rows(Rows { data, .. }) = result? else { continue };
        let rows: Vec<Option<Row<Relations>>> = serde_json::from_str(&data)?;
        let rows = rows.into_iter().flatten();
        found.rows.extend(rows.map(|row| ChosenDocument { content_type: (*uid).clone(), row }));
    }
    Ok(found)
}

/// A page of a type's documents, newest first.
fn find_page(uid: &str, page: DocumentPage) -> ReadOp {
    let query = Query {
        content_type: uid.to_owned(),
        filters: None,
        sort: vec!["createdAt:desc".to_owned()],
        fields: vec!["documentId".to_owned()],
        populate: None,
        locale: None,
        status: Status::Published,
    };
    ReadOp::Find(Find { query, paging: Paging::Page((page.number, page.size)), with_total: true, lock: false })
}

/// The phases and journeys of documents.
fn get_relations(uid: &str, ids: &[Link]) -> ReadOp {
    let relation = json!({ "fields": ["documentId"] });
    ReadOp::GetMany(GetMany {
        content_type: uid.to_owned(),
        ids: ids.iter().map(|id| id.document_id.clone()).collect(),
        fields: vec!["documentId".to_owned()],
        populate: Some(json!({ "phases": relation, "journeys": relation }).to_string()),
        locale: None,
        status: Status::Published,
        lock: false,
    })
}
