//! Who may amend or refuse a change before it is stored. [`Hooks`] is implemented by the plugin host; every way in meets them,
//! because every way in comes through this crate.
//!
//! One call per document action: a write that also publishes is an update (or a creation) and then a publication.

#[cfg(doc)]
use crate::ContentError;
use crate::{Content, Result};
use cairn_model::{ContentType, TypeId};
use cairn_query::Access;
use cairn_store::WriteTx;
use cairn_store::events::Actor;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// What is about to happen to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HookAction {
    /// It is made, or a locale of it.
    Create,
    /// Its draft (of a type without drafts: it) is changed.
    Update,
    /// It goes, or a locale of it.
    Delete,
    /// Its draft becomes what is published.
    Publish,
    /// What is published goes.
    Unpublish,
    /// Its draft becomes what is published.
    DiscardDraft,
}

impl HookAction {
    /// The form that manifests and records have.
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

    /// Of that form.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Create, Self::Update, Self::Delete, Self::Publish, Self::Unpublish, Self::DiscardDraft]
            .into_iter()
            .find(|action| action.as_str() == text)
    }

    /// Whether the change has values that can be amended.
    pub fn has_values(self) -> bool {
        matches!(self, Self::Create | Self::Update)
    }
}

/// A change that is about to be stored.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// What happens.
    pub action: HookAction,
    /// To a document of which type.
    pub content_type: &'a ContentType,
    /// Which; of one that is made, the id that it will have (`None` before the transaction).
    pub document_id: Option<&'a str>,
    /// In which locale; empty where the type is not localised.
    pub locale: &'a str,
    /// What is stored: attributes by name, relations and media as lists of document ids (where any type may be linked, of
    /// `{"__type", "documentId"}`). Passwords are never in it, nor what other documents keep.
    pub before: Option<Map<String, Json>>,
    /// What will be stored.
    pub after: Option<Map<String, Json>>,
    /// The names of the attributes that differ.
    pub changed: Vec<String>,
    /// Who does it.
    pub actor: &'a Arc<Actor>,
    /// What they may do; `None` where it is Cairn that does it, such as a schedule.
    pub access: Option<&'a Arc<Access>>,
}

/// Whether what a hook amends fits the content type. Hooks are to ask it before an amendment counts: who answers for what does not fit is
/// the hook, not the client. Its refusals are [`ContentError::Refused`]; every other error is the database's.
pub type CheckAmendment<'a> = dyn Fn(&Map<String, Json>) -> Result<()> + Send + Sync + 'a;

/// As [`CheckAmendment`], inside the transaction.
pub type CheckAmendmentIn<'a> = dyn Fn(&WriteTx<'_>, &Map<String, Json>) -> Result<()> + 'a;

/// What hooks say of a change.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Go on.
    Allow,
    /// Go on with these attributes as they are here, `null` for none; validated like a client's. Of actions with values alone.
    Amend(Map<String, Json>),
}

/// The hooks of a tenant. What they refuse is [`ContentError::Refused`], with an error per field by [`ContentError::fields`].
pub trait Hooks: Send + Sync {
    /// Whether any hook may want to see such changes inside the transaction. Asked for every write: it has to be a look-up.
    fn wants(&self, content_type: TypeId, action: HookAction) -> bool;

    /// Whether any hook may want to see them before the transaction.
    fn wants_early(&self, content_type: TypeId, action: HookAction) -> bool;

    /// Before the transaction, without access to data. May be asked again for the same change where the write has to begin anew.
    fn prepare<'a>(&'a self, change: Change<'a>, check: &'a CheckAmendment<'a>) -> BoxFuture<'a, Result<Verdict>>;

    /// Inside the transaction, with the document held: what it reads is what is there, what it writes stands or falls with the change.
    ///
    /// # Errors
    /// The refusal, or the database's.
    fn before(&self, tx: &mut WriteTx<'_>, change: Change<'_>, check: &CheckAmendmentIn<'_>) -> Result<Verdict>;
}

impl Content {
    /// With hooks that every change has to pass.
    #[must_use]
    pub fn with_hooks(self, hooks: Arc<dyn Hooks>) -> Self {
        Self { hooks: Some(hooks), ..self }
    }
}
