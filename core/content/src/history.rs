//! The history of documents: the state after every save, and restoring it.

mod compare;
mod link_titles;
mod purge;
mod read;
mod record;
mod restore;
mod snapshot;
mod snapshot_reader;
mod stale;
#[cfg(test)]
mod tests;
mod view;

pub use purge::HistoryRetention;
pub(crate) use record::{
    HistoryEntryInfo, LinksByAttribute, record_creation, record_deletion, record_link_changes, record_save,
};
pub use restore::RestoreRequest;
pub(crate) use snapshot::build_snapshot;
pub(crate) use stale::{VersionKey, stale_version_error};
pub use view::{
    AttributeDifference, DeletedVersion, DocumentVersion, HistoryStatusView, ItemChange, ItemDifference, LeftOutLink,
    LinkedDocument, RestoredData, RestoredDocument, RestoredEntry, RestoredMeta, TextOp, TextPart, VersionComparison,
    VersionWithContent,
};

use crate::RequestContext;
use cairn_model::TypeId;
use cairn_query::{Access, Query};
use cairn_store::events::Actor;
use std::sync::Arc;

/// The caller of a history use-case, whatever the type.
#[derive(Debug, Clone, Copy)]
pub struct CallerContext<'a> {
    /// Access of the caller.
    pub access: &'a Arc<Access>,
    /// Actor that is recorded for writes.
    pub actor: &'a Arc<Actor>,
    /// The locale that applies to requests without one.
    pub default_locale: &'a str,
}

impl<'a> CallerContext<'a> {
    pub(crate) fn request_context(&self, content_type: TypeId, query: &'a Query) -> RequestContext<'a> {
        let CallerContext { access, actor, default_locale } = *self;
        RequestContext { access, content_type, query, default_locale, actor }
    }
}
