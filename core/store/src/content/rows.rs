//! Rows: one version of a document each, read and written whole.

mod cells;
mod delete;
mod instances;
mod read;
mod references;
mod write;

pub(super) use cells::row_cells;
pub(crate) use cells::{read_scalar, sql_value};
pub(super) use references::reference_rows;

use crate::connection::Value as SqlValue;
use crate::{Result, WriteTx};
use cairn_model::{AttributeId, Value};
use std::collections::HashMap;

/// One version of a document, as read from its table.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentRow {
    /// Numeric id of the row; 0 before it is inserted.
    pub id: i64,
    /// Id of the document.
    pub document_id: String,
    /// Empty if the type is not localised.
    pub locale: String,
    /// True if it is the published version; `false` for the draft.
    pub published: bool,
    /// ISO text with milliseconds, UTC; so are the next two.
    pub created_at: String,
    /// Time of the last write.
    pub updated_at: String,
    /// Number of writes of the version: the token that a client sends back to prove which state it has seen. 0 before it is inserted; a
    /// published version has its draft's.
    pub version: i64,
    /// Time of publication; `None` for drafts.
    pub published_at: Option<String>,
    /// By attribute: scalars and components (their links loaded). `Absent` for relations and media.
    pub values: Vec<Value>,
    /// To-one links stored in this row, by attribute: the target document and its position in the inverse's order.
    pub to_one: HashMap<AttributeId, (String, i64)>,
}

/// A row to insert: a [`DocumentRow`] whose id is not set yet.
pub type NewDocumentRow = DocumentRow;

impl WriteTx<'_> {
    pub(crate) fn execute_sql(&self, text: &str, binds: &[SqlValue]) -> Result<usize> {
        self.conn.execute("writing", text, binds)
    }

    pub(crate) fn query_ids(&self, text: &str, binds: &[SqlValue]) -> Result<Vec<i64>> {
        self.conn.query_all("looking up rows", text, binds, |r| r.get(0))
    }
}
