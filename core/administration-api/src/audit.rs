//! The audit log.

use cairn_access::action_types::AuditRead;
use cairn_content::view::ActorView;
use cairn_events::audit::{AuditLogCheck as Found, flush_log, verify_log as check};
use cairn_http::error::WireError;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Query;
use cairn_http::openapi::response_types::{Before, Data, Page, Time};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::page_params::PageParams;
use cairn_http::routes;
use cairn_store::StoreError;
use cairn_store::events::AuditFilter;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list)).routes(routes!(verify))
}

/// Filter of the audit log.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditLogParams {
    /// Name of the action; with `*` at its end, all that begin so.
    action: Option<String>,
    /// Actor that performed it, such as `admin:3`.
    actor: Option<String>,
    content_type: Option<String>,
    document_id: Option<String>,
    /// Earliest moment, included.
    from: Option<DateTime<Utc>>,
    /// Latest moment, excluded.
    to: Option<DateTime<Utc>>,
    /// Done in this go, as `actor.batch` has it.
    batch: Option<String>,
    /// Of what was done in one go the newest entry alone, with what the others are.
    grouped: bool,
}

/// Lists the entries of the audit log, newest first.
#[utoipa::path(get, path = "/admin/api/audit", params(AuditLogParams, PageParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<AuditRead>,
    Query(params): Query<AuditLogParams>,
    Query(page): Query<PageParams>,
) -> Result<Page<AuditEntry>, WireError> {
    let filter = AuditFilter {
        action: params.action,
        actor: params.actor,
        content_type: params.content_type,
        document_id: params.document_id,
        from: params.from.map(|t| t.timestamp_millis()),
        to: params.to.map(|t| t.timestamp_millis()),
        batch: params.batch,
    };
    let (entries, batches) = tenant.content.store().read(|r| {
        if !params.grouped {
            return Ok::<_, StoreError>((r.audit().list(&filter, page.before, page.limit())?, BTreeMap::new()));
        }
        let entries = r.audit().list_by_batch(&filter, page.before, page.limit())?;
        let batch_ids: Vec<String> = entries.iter().filter_map(|e| e.entry.actor.batch.clone()).collect();
        let batches = r.audit().summarise_batches(&filter, &batch_ids)?;
        Ok((entries, batches))
    })?;
    let before = page.next_before(&entries, |e| e.entry.n);
    let to_view = |entry: cairn_store::events::AuditEntry| {
        let batch = entry.entry.actor.batch.as_ref().and_then(|batch| batches.get(batch)).map(AuditBatch::from);
        AuditEntry { batch, ..AuditEntry::from(entry) }
    };
    Ok(Page { data: entries.into_iter().map(to_view).collect(), meta: Before { before } })
}

/// Result of verifying the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Verified)]
enum AuditVerification {
    Whole(WholeLog),
    Broken(BrokenLog),
}

/// Every entry is as it was written.
#[derive(Debug, Serialize, ToSchema)]
struct WholeLog {
    /// Always true: every entry is as it was written.
    whole: bool,
    entries: i64,
    /// The hash of the last one.
    head: String,
}

/// Somebody changed it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BrokenLog {
    /// Always false: the log was changed.
    whole: bool,
    /// The number of the first entry that is not as it was written.
    first_broken: i64,
    problem: String,
}

/// Verifies that every entry is as it was written.
#[utoipa::path(get, path = "/admin/api/audit/verify")]
async fn verify(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<AuditRead>,
) -> Result<Data<AuditVerification>, WireError> {
    let store = tenant.content.store().clone();
    flush_log(&store).await?;
    let verified = tokio::task::spawn_blocking(move || check(&store, None)).await.map_err(WireError::internal)??;
    let data = match verified {
        Found::Intact { entries, head } => AuditVerification::Whole(WholeLog { whole: true, entries, head }),
        Found::Broken { n, problem } => AuditVerification::Broken(BrokenLog { whole: false, first_broken: n, problem }),
    };
    Ok(Data { data })
}

/// Something that was done.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditEntry {
    n: i64,
    at: Time,
    action: String,
    actor: ActorView,
    content_type: Option<String>,
    document_id: Option<String>,
    locale: Option<String>,
    #[schema(value_type = Object)]
    details: Value,
    /// Of this entry and all before it.
    hash: String,
    /// Summary of the actions done in the same go, where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    batch: Option<AuditBatch>,
}

/// Summary of the actions done in one go, as far as it was asked for.
#[derive(Debug, Serialize, ToSchema)]
struct AuditBatch {
    /// How many entries.
    entries: i64,
    /// How many of each action, most first.
    actions: Vec<AuditedAction>,
    /// When the first of them was done.
    from: Time,
    /// When the last of them was done.
    to: Time,
}

/// How often something was done.
#[derive(Debug, Serialize, ToSchema)]
struct AuditedAction {
    action: String,
    entries: i64,
}

impl From<&cairn_store::events::AuditBatch> for AuditBatch {
    fn from(batch: &cairn_store::events::AuditBatch) -> Self {
        let to_action = |(action, entries): &(String, i64)| AuditedAction { action: action.clone(), entries: *entries };
        Self {
            entries: batch.entries,
            actions: batch.actions.iter().map(to_action).collect(),
            from: Time(batch.from),
            to: Time(batch.to),
        }
    }
}

impl From<cairn_store::events::AuditEntry> for AuditEntry {
    fn from(e: cairn_store::events::AuditEntry) -> Self {
        let cairn_store::events::AuditEntry { entry, hash, .. } = e;
        Self {
            n: entry.n,
            at: Time(entry.at),
            action: entry.action,
            actor: entry.actor.into(),
            content_type: entry.content_type,
            document_id: entry.document_id,
            locale: entry.locale,
            details: entry.details,
            hash,
            batch: None,
        }
    }
}

/// An entry as it is written out.
pub fn entry_json(entry: &cairn_store::events::AuditEntry) -> Value {
    serde_json::to_value(AuditEntry::from(entry.clone())).unwrap_or_default()
}
