//! The one entry point to content: every interface (REST, later GraphQL, admin, import and plugins) calls these use-cases. Each file is
//! one use-case and reads as the order of its steps: permissions, parameters, keys of the body, related documents, the entry itself,
//! values, then one transaction.

mod body;
mod content;
mod create;
mod delete;
mod document_event;
mod error;
mod files;
mod find;
mod history;
mod hooks;
mod in_transaction;
mod list_range;
mod plan_cache;
mod presence;
mod preview;
mod publish;
mod read_scope;
mod request_context;
mod response;
mod row_guard;
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

pub use content::Content;
pub use document_event::{DocumentEvent, RecordingLevel, WriteAuthor};
pub use error::{ContentError, Refusal, RefusalKind, Result};
pub use files::{FileInfo, FileRead, LinkRequest, SweepOutcome, Upload};
pub use history::{
    AttributeDifference, CallerContext, DeletedVersion, DocumentVersion, HistoryRetention, HistoryStatusView,
    ItemChange, ItemDifference, LeftOutLink, LinkedDocument, RestoreRequest, RestoredData, RestoredDocument,
    RestoredEntry, RestoredMeta, TextOp, TextPart, VersionComparison, VersionWithContent,
};
pub use hooks::{CheckAmendment, CheckAmendmentIn, DocumentChange, HookAction, HookDecision, Hooks};
pub use in_transaction::{RouteRead, WriteOutcome};
pub use list_range::ListRange;
pub use plan_cache::PlanCache;
pub use presence::{LockState, PresenceHeartbeat, PresenceState, PresentAnywhere, PresentHere, PresentTab};
pub use preview::{IssuedPreviewLink, NewPreview, PreviewLinkView, PreviewTarget};
pub use publish::{
    DocumentOutcome, DraftLink, DraftState, LocaleChange, LocaleCheck, LocaleSelection, MAX_BULK_DOCUMENTS,
    PublishAction, PublishGate, Publisher,
};
pub use request_context::RequestContext;
pub use response::{ReadResponse, WriteResponse};
pub use usages::{DocumentUsageStatus, DocumentUsageView};
pub use users::{
    Account, AccountFilter, AccountOrder, AccountState, InvitableRoles, InvitationOutcome, NewUser, UserInvitation,
    UserRead,
};
pub use write_options::{Precondition, WriteOptions};
