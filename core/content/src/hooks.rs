//! Hooks that may amend or refuse a change before it is stored. The plugin host implements [`Hooks`]; no write can avoid them, because
//! every write uses this crate.
//!
//! There is one call per document action: a write that also publishes is an update (or a creation) and then a publication.

#[cfg(doc)]
use crate::ContentError;
use crate::Result;
use cairn_model::{ContentType, TypeId};
use cairn_query::Access;
use cairn_store::WriteTx;
use cairn_store::events::Actor;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// Action that is about to change a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HookAction {
    /// A document, or a locale of it, is created.
    Create,
    /// The draft (for a type without drafts, the document) is changed.
    Update,
    /// A document, or a locale of it, is deleted.
    Delete,
    /// The draft is published.
    Publish,
    /// The published version is deleted.
    Unpublish,
    /// The draft is reset to the published version.
    DiscardDraft,
}

impl HookAction {
    /// The name in manifests and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Publish => "publish",
            Self::Unpublish => "unpublish",
            Self::DiscardDraft => "discard-draft",
        }
    }

    /// Parses what [`Self::as_str`] returns.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Create, Self::Update, Self::Delete, Self::Publish, Self::Unpublish, Self::DiscardDraft]
            .into_iter()
            .find(|action| action.as_str() == text)
    }

    /// True if the change has values that can be amended.
    pub fn has_values(self) -> bool {
        matches!(self, Self::Create | Self::Update)
    }
}

/// A change that is about to be stored.
#[derive(Debug, Clone)]
pub struct DocumentChange<'a> {
    /// Action that is about to happen.
    pub action: HookAction,
    /// Type of the document.
    pub content_type: &'a ContentType,
    /// Id of the document; for a new one the id that it will have (`None` before the transaction).
    pub document_id: Option<&'a str>,
    /// Locale of the version; empty if the type is not localised.
    pub locale: &'a str,
    /// The stored values: attributes by name, relations and media as lists of document ids (if any type may be linked, of `{"__type",
    /// "documentId"}`). Passwords are never part of it, nor links that other documents store.
    pub before: Option<Map<String, Json>>,
    /// The values that will be stored.
    pub after: Option<Map<String, Json>>,
    /// The names of the attributes that differ.
    pub changed: Vec<String>,
    /// Author of the change.
    pub actor: &'a Arc<Actor>,
    /// Permissions of the actor; `None` if Cairn makes the change, such as for a schedule.
    pub access: Option<&'a Arc<Access>>,
}

/// Checks whether an amendment fits the content type. Hooks must call it before an amendment counts: for values that do not fit the hook is
/// responsible, not the client. Its refusals are [`ContentError::Refused`]; every other error is the database's.
pub type CheckAmendment<'a> = dyn Fn(&Map<String, Json>) -> Result<()> + Send + Sync + 'a;

/// Does the same as [`CheckAmendment`], inside the transaction.
pub type CheckAmendmentIn<'a> = dyn Fn(&WriteTx<'_>, &Map<String, Json>) -> Result<()> + 'a;

/// The decision of hooks on a change.
#[derive(Debug, Clone, PartialEq)]
pub enum HookDecision {
    /// The change may continue.
    Allow,
    /// The change continues with these attributes replaced, `null` for none; validated like a client's. Only for actions with values.
    Amend(Map<String, Json>),
}

/// The hooks of a tenant. Their refusals are [`ContentError::Refused`], with an error per field by [`ContentError::field_errors`].
pub trait Hooks: Send + Sync {
    /// True if any hook handles such changes inside the transaction. Called for every write: it has to be a look-up.
    fn has_before_hooks(&self, content_type: TypeId, action: HookAction) -> bool;

    /// True if any hook handles such changes before the transaction.
    fn has_prepare_hooks(&self, content_type: TypeId, action: HookAction) -> bool;

    /// Runs before the transaction, without access to data. May be called again for the same change if the write is retried.
    fn prepare<'a>(
        &'a self,
        change: DocumentChange<'a>,
        check: &'a CheckAmendment<'a>,
    ) -> BoxFuture<'a, Result<HookDecision>>;

    /// Runs inside the transaction, with the document locked: it reads the present state, and its writes are committed or
    /// rolled back with the change.
    ///
    /// # Errors
    /// Returns the refusal, or errors of the database.
    fn before(
        &self,
        tx: &mut WriteTx<'_>,
        change: DocumentChange<'_>,
        check: &CheckAmendmentIn<'_>,
    ) -> Result<HookDecision>;
}
