//! The one entry point to content: every interface (REST, later GraphQL, admin, import and plugins) calls these use-cases. Each file is
//! one use-case and reads as the order of its steps: permissions, parameters, keys of the body, related documents, the entry itself,
//! values, then one transaction.

mod body;
mod create;
mod delete;
mod document_event;
mod error;
mod files;
mod find;
mod history;
mod hooks;
mod in_transaction;
mod plan_cache;
mod presence;
mod preview;
mod publish;
mod read_scope;
mod response;
mod save;
mod secrets;
mod single;
#[cfg(test)]
mod testing;
mod update;
mod usages;
mod users;
pub mod view;
mod write_options;

pub use document_event::{DocumentEvent, RecordingLevel, WriteAuthor};
pub use error::{ContentError, Refusal, RefusalKind};
pub use files::{FileInfo, FileRead, LinkRequest, SweepOutcome, Upload};
pub use history::{
    AttributeDifference, CallerContext, DeletedVersion, DocumentVersion, HistoryRetention, HistoryStatusView,
    ItemChange, ItemDifference, LeftOutLink, LinkedDocument, RestoreRequest, RestoredData, RestoredDocument,
    RestoredEntry, RestoredMeta, TextOp, TextPart, VersionComparison, VersionWithContent,
};
pub use hooks::{CheckAmendment, CheckAmendmentIn, DocumentChange, HookAction, HookDecision, Hooks};
pub use in_transaction::{ListRange, RouteRead, WriteOutcome};
pub use plan_cache::PlanCache;
pub use presence::{LockState, PresenceHeartbeat, PresenceState, PresentAnywhere, PresentHere, PresentTab};
pub use preview::{IssuedPreviewLink, NewPreview, PreviewLinkView, PreviewTarget};
pub use publish::{
    DocumentOutcome, DraftLink, DraftState, LocaleChange, LocaleCheck, LocaleSelection, MAX_BULK_DOCUMENTS,
    PublishAction, PublishGate, Publisher,
};
pub use response::{ReadResponse, WriteResponse};
pub use usages::{DocumentUsageStatus, DocumentUsageView};
pub use users::{
    Account, AccountFilter, AccountOrder, AccountState, InvitableRoles, InvitationOutcome, NewUser, UserInvitation,
    UserRead,
};
pub use write_options::{Precondition, WriteOptions};

use cairn_access::{AccessControl, format_iso};
use cairn_assets::MediaTools;
use cairn_model::{Registry, TypeId};
use cairn_query::{Access, Query, QueryLimits};
use cairn_store::Store;
use cairn_store::events::Actor;
use std::sync::Arc;

/// The result of a use-case.
pub type Result<T, E = ContentError> = std::result::Result<T, E>;

/// The content of one tenant. Cloning is cheap.
#[derive(Clone)]
pub struct Content {
    store: Store,
    access: AccessControl,
    plans: Arc<PlanCache>,
    limits: QueryLimits,
    gates: publish::PublishGates,
    hooks: Option<Arc<dyn Hooks>>,
    recording: RecordingLevel,
    tools: Arc<MediaTools>,
}

/// A request to a use-case: its caller and what it is for.
#[derive(Clone, Copy)]
pub struct RequestContext<'a> {
    /// Access of the caller.
    pub access: &'a Arc<Access>,
    /// Content type of the request.
    pub content_type: TypeId,
    /// The query of the request.
    pub query: &'a Query,
    /// The locale that applies to requests without one.
    pub default_locale: &'a str,
    /// Actor that is recorded for writes.
    pub actor: &'a Arc<Actor>,
}

impl Content {
    /// Creates the content over the store of an access control.
    pub fn new(access: AccessControl) -> Self {
        Self {
            store: access.store().clone(),
            access,
            plans: Arc::new(PlanCache::new()),
            limits: QueryLimits::default(),
            gates: publish::PublishGates::default(),
            hooks: None,
            recording: RecordingLevel::All,
            tools: Arc::default(),
        }
    }

    /// Sets other limits of queries.
    #[must_use]
    pub fn with_limits(self, limits: QueryLimits) -> Self {
        Self { limits, ..self }
    }

    /// Sets programs that inspect files.
    #[must_use]
    pub fn with_tools(self, tools: MediaTools) -> Self {
        Self { tools: Arc::new(tools), ..self }
    }

    /// Records less than everything besides the rows.
    #[doc(hidden)]
    pub fn with_recording(self, level: RecordingLevel) -> Self {
        Self { recording: level, ..self }
    }

    /// The store of the content.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The model of the content.
    pub fn registry(&self) -> &Arc<Registry> {
        self.store.registry()
    }

    fn now_iso(&self) -> String {
        format_iso(self.access.now())
    }

    fn write_author(&self, context: &RequestContext<'_>) -> WriteAuthor {
        let viewer = Some(self.file_viewer(context));
        WriteAuthor {
            actor: context.actor.clone(),
            at: self.access.now().timestamp_millis(),
            recording: self.recording,
            viewer,
        }
    }
}
