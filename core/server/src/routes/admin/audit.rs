//! The audit log.

use super::{Paging, data, time, with_meta};
use crate::error::WireError;
use crate::extract::address::Query;
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use axum::body::Body;
use axum::http::Response;
use cairn_events::audit::{Verified, settle, verify as check};
use cairn_store::events::{AuditEntry, AuditFilter};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// What entries are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Asked {
    action: Option<String>,
    actor: Option<String>,
    content_type: Option<String>,
    document_id: Option<String>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
}

/// `GET /admin/api/audit`: newest first; `action` (with `*` at its end: what begins so), `actor`, `contentType`,
/// `documentId`, `from`, `to`.
pub(crate) async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Query(asked): Query<Asked>,
    Query(page): Query<Paging>,
) -> Result<Response<Body>, WireError> {
    let filter = AuditFilter {
        action: asked.action,
        actor: asked.actor,
        content_type: asked.content_type,
        document_id: asked.document_id,
        from: asked.from.map(|t| t.timestamp_millis()),
        to: asked.to.map(|t| t.timestamp_millis()),
    };
    let entries = tenant.content.store().read(|r| r.audit(&filter, page.before, page.limit()))?;
    let next = (entries.len() as i64 == page.limit()).then(|| entries.last().map(|e| e.entry.n)).flatten();
    Ok(with_meta(entries.iter().map(shown).collect::<Vec<_>>(), json!({ "before": next })))
}

/// `GET /admin/api/audit/verify`: whether every entry is as it was written.
pub(crate) async fn verify(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Result<Response<Body>, WireError> {
    let store = tenant.content.store().clone();
    settle(&store).await?;
    let verified = tokio::task::spawn_blocking(move || check(&store, None)).await.map_err(WireError::internal)??;
    Ok(data(match verified {
        Verified::Whole { entries, head } => json!({ "whole": true, "entries": entries, "head": head }),
        Verified::Broken { n, problem } => json!({ "whole": false, "firstBroken": n, "problem": problem }),
    }))
}

pub(crate) fn shown(e: &AuditEntry) -> Json {
    let AuditEntry { entry, hash, .. } = e;
    json!({
        "n": entry.n, "at": time(entry.at), "action": entry.action, "actor": entry.actor, "contentType": entry.content_type,
        "documentId": entry.document_id, "locale": entry.locale, "details": entry.details, "hash": hash,
    })
}
