//! Response bodies as bytes, with what a cache needs to know of them.

use cairn_model::TypeId;
use cairn_model::validate::FieldError;
use cairn_query::Page;
use cairn_store::content::PageSummary;
use std::collections::BTreeSet;

/// The response of a read: the whole body.
#[derive(Debug, Clone)]
pub struct ReadResponse {
    /// The body as JSON.
    pub body: Vec<u8>,
    /// Every type that it was read from.
    pub touched: Vec<TypeId>,
    /// Change stamp of these types from before the read: while it is unchanged, the response is valid.
    pub stamp: u64,
    /// The version token of the document, if it contains one.
    pub version: Option<i64>,
    /// True if it is valid for this caller alone, and at this time.
    pub per_caller: bool,
    /// Variables of the caller's permissions on whose values it depends: see [`Access::key_with`](cairn_query::Access::key_with).
    pub variables: BTreeSet<String>,
}

/// The response of a write.
#[derive(Debug, Clone)]
pub struct WriteResponse {
    /// The body as JSON.
    pub body: Vec<u8>,
    /// Id of the document that was created or changed.
    pub document_id: String,
    /// Its version token after the write.
    pub version: i64,
    /// Problems of a draft that keeps invalid values ([`WriteOptions::keep_invalid`](crate::WriteOptions::keep_invalid)).
    pub problems: Vec<FieldError>,
}

/// `{"data":`, to be followed by the data and [`end_entry_envelope`] or [`end_list_envelope`].
pub(crate) fn begin_envelope() -> Vec<u8> {
    let mut body = Vec::with_capacity(4_096);
    body.extend_from_slice(b"{\"data\":");
    body
}

pub(crate) fn end_entry_envelope(body: &mut Vec<u8>) {
    body.extend_from_slice(b",\"meta\":{}}");
}

pub(crate) fn end_list_envelope(body: &mut Vec<u8>, page: Page, summary: PageSummary) {
    let numbers = match (page, summary.total) {
        (Page::Number { page, page_size, .. }, Some(total)) => {
            format!(
                "\"page\":{page},\"pageSize\":{page_size},\"pageCount\":{},\"total\":{total}",
                total.div_ceil(page_size.max(1))
            )
        }
        (Page::Number { page, page_size, .. }, None) => format!("\"page\":{page},\"pageSize\":{page_size}"),
        (Page::Offset { start, limit, .. }, Some(total)) => {
            format!("\"start\":{start},\"limit\":{limit},\"total\":{total}")
        }
        (Page::Offset { start, limit, .. }, None) => format!("\"start\":{start},\"limit\":{limit}"),
    };
    body.extend_from_slice(b",\"meta\":{\"pagination\":{");
    body.extend_from_slice(numbers.as_bytes());
    body.extend_from_slice(b"}}}");
}
