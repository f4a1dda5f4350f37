//! The gate: nothing is published with files that may not be used, whatever the way in.

use crate::check::{FileFinding, entry_findings};
use crate::service::refusal_error;
use cairn_access::Clock;
use cairn_content::{PublishGate, RefusalKind, Result};
use cairn_model::TypeId;
use cairn_store::WriteTx;
use cairn_store::events::Actor;
use serde_json::json;
use std::sync::Arc;

/// Files that a message names.
const MAX_NAMED_FILES: usize = 5;

/// Refuses what uses files that may not be delivered now, or not on the channel of its type.
pub struct LicensingGate {
    clock: Arc<dyn Clock>,
}

impl LicensingGate {
    /// By that clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock }
    }
}

impl PublishGate for LicensingGate {
    /// Refuses with 409, with the files and the reasons.
    fn check(&self, tx: &mut WriteTx<'_>, ct: TypeId, document_id: &str, locale: &str, _: &Actor) -> Result<()> {
        // Sites without licensing records pay a single read per publication.
        if !tx.reader().licensing().has_records()? {
            return Ok(());
        }
        let Some(row) = tx.reader().documents().get_row(ct, document_id, locale, false)? else { return Ok(()) };
        let now = tx.rehearsed_time().unwrap_or_else(|| self.clock.now().timestamp_millis());
        let refused = entry_findings(tx, ct, &row, now)?.refused;
        if refused.is_empty() {
            return Ok(());
        }
        let mut messages: Vec<String> = refused.iter().take(MAX_NAMED_FILES).map(FileFinding::to_message).collect();
        if refused.len() > MAX_NAMED_FILES {
            messages.push(format!("{} more", refused.len() - MAX_NAMED_FILES));
        }
        let message =
            format!("This entry cannot be published: it uses files without valid licensing: {}", messages.join("; "));
        let registry = tx.registry();
        let files: Vec<_> = refused.iter().map(FileFinding::to_view).collect();
        let details = json!({ "rights": { "channel": registry.get(ct).channel, "files": files } });
        Err(refusal_error(RefusalKind::Conflict, message, details))
    }
}
