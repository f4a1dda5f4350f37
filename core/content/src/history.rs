//! The history of documents: what every save left, and the way back.

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

/// Who asks about history, whatever the type is.
#[derive(Debug, Clone, Copy)]
pub struct Who<'a> {
    /// Their rights.
    pub access: &'a Arc<Access>,
    /// For what is recorded of writes.
    pub actor: &'a Arc<Actor>,
    /// The locale meant where none is named.
    pub default_locale: &'a str,
}

impl<'a> Who<'a> {
    pub(crate) fn ask(&self, content_type: TypeId, query: &'a str) -> Ask<'a> {
        let Who { access, actor, default_locale } = *self;
        Ask { access, content_type, query, default_locale, actor }
    }
}

/// Milliseconds as the time that is shown.
pub(crate) fn time(ms: i64) -> Json {
    DateTime::from_timestamp_millis(ms).map_or(Json::Null, |t| iso(t).into())
}
