//! A write of one document: what is to be written, and what it is written with.

use crate::body::CastInput;
use crate::document_event::WriteAuthor;
use crate::hooks::Hooks;
use crate::{Precondition, Result, WriteOptions};
use cairn_model::{ContentType, Registry, Value};
use cairn_query::Action;
use cairn_store::WriteTx;
use cairn_store::content::DocumentRow;
use std::collections::HashMap;
use std::sync::Arc;

/// The document that a write is about.
#[derive(Clone)]
pub(crate) enum WriteTarget {
    /// A new document.
    New,
    /// A new document with this id: a deleted one with its former id, or one whose id a plugin generated.
    Identified(String),
    /// An existing document; `make_locale`: its version in this locale does not exist yet.
    Document { id: String, make_locale: bool },
}

/// A write whose values have passed the first checks.
#[derive(Clone)]
pub(crate) struct CheckedSave {
    pub(crate) target: WriteTarget,
    pub(crate) action: Action,
    /// Empty for types that are not localised.
    pub(crate) locale: String,
    /// The locale of linked versions, for any localised target type.
    pub(crate) link_locale: String,
    /// True if the published version is written too (always true for types without draft & publish).
    pub(crate) publish: bool,
    pub(crate) input: CastInput,
    /// Precondition on the document's version in this locale.
    pub(crate) precondition: Precondition,
}

/// Runs in a write's transaction, before its rows: checks, and changes that are committed or rolled back with it. Gets the document id.
pub(crate) type SaveStep = Arc<dyn Fn(&mut WriteTx<'_>, &str) -> Result<()> + Send + Sync>;

/// One write inside its transaction.
pub(crate) struct DocumentWrite<'a, 'tx> {
    pub(super) registry: &'a Registry,
    pub(super) ct: &'a ContentType,
    pub(super) tx: &'a mut WriteTx<'tx>,
    pub(super) now: String,
    pub(super) author: WriteAuthor,
    pub(super) save: CheckedSave,
    pub(super) options: WriteOptions,
    pub(super) hooks: Option<Arc<dyn Hooks>>,
}

/// Lets no other transaction create a document with this id until this one ends.
pub(crate) fn lock_new_id(tx: &WriteTx<'_>, document_id: &str) -> Result<()> {
    Ok(tx.lock_name(&format!("again {document_id}"))?)
}

/// A version without values.
pub(super) fn blank_row(ct: &ContentType, document_id: &str, locale: &str, now: &str, published: bool) -> DocumentRow {
    DocumentRow {
        id: 0,
        document_id: document_id.to_owned(),
        locale: locale.to_owned(),
        published,
        created_at: now.to_owned(),
        updated_at: String::new(),
        published_at: None,
        version: 0,
        values: vec![Value::Null; ct.attributes.len()],
        to_one: HashMap::new(),
    }
}
