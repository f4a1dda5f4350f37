//! The history of documents: the state after every save, and restoring it.

mod compare;
mod held;
mod purge;
mod read;
mod record;
mod restore;
mod snapshot;
mod stale;
#[cfg(test)]
mod tests;
mod titles;

pub use purge::HistoryKept;
pub(crate) use record::{Linked, Made, record, record_deleted, record_new};
pub use restore::RestoreRequest;
pub(crate) use snapshot::snapshot;
pub(crate) use stale::{Seen, stale};

use crate::Ask;
use cairn_access::iso;
use cairn_model::TypeId;
use cairn_query::Access;
use cairn_store::events::Actor;
use chrono::DateTime;
use serde_json::Value as Json;
use std::sync::Arc;

/// The caller of a history use-case, whatever the type.
#[derive(Debug, Clone, Copy)]
pub struct Who<'a> {
    /// Access of the caller.
    pub access: &'a Arc<Access>,
    /// Actor that is recorded for writes.
    pub actor: &'a Arc<Actor>,
    /// The locale that applies to requests without one.
    pub default_locale: &'a str,
}

impl<'a> Who<'a> {
    pub(crate) fn ask(&self, content_type: TypeId, query: &'a str) -> Ask<'a> {
        let Who { access, actor, default_locale } = *self;
        Ask { access, content_type, query, default_locale, actor }
    }
}

/// Formats milliseconds as an ISO time.
pub(crate) fn time(ms: i64) -> Json {
    DateTime::from_timestamp_millis(ms).map_or(Json::Null, |t| iso(t).into())
}
