//! Answers as bytes, with what a cache must know of them.

use cairn_model::TypeId;
use cairn_query::Page;
use cairn_store::content::Found;

/// A read's answer: the whole body.
#[derive(Debug, Clone)]
pub struct Answer {
    /// JSON.
    pub body: Vec<u8>,
    /// Every type it was read from.
    pub touched: Vec<TypeId>,
    /// Their change stamp from before the read: while it stands, the answer does.
    pub stamp: u64,
    /// The version token of the one document it shows.
    pub version: Option<i64>,
    /// It holds for this caller alone (a condition with variables was used).
    pub per_caller: bool,
}

/// A write's answer.
#[derive(Debug, Clone)]
pub struct WriteAnswer {
    /// JSON.
    pub body: Vec<u8>,
    /// The document made or changed.
    pub document_id: String,
    /// Its version token now.
    pub version: i64,
}

/// `{"data":`, to be followed by the data and [`end_one`] or [`end_list`].
pub(crate) fn begin() -> Vec<u8> {
    let mut body = Vec::with_capacity(4_096);
    body.extend_from_slice(b"{\"data\":");
    body
}

pub(crate) fn end_one(body: &mut Vec<u8>) {
    body.extend_from_slice(b",\"meta\":{}}");
}

pub(crate) fn end_list(body: &mut Vec<u8>, page: Page, found: Found) {
    let numbers = match (page, found.total) {
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
