//! `[content-types.<type>.retention]`: documents of a plugin's own that are too old are deleted, or lose their private values.
//! A recurring job does so hourly, a batch at a time, as the plugin: its changes are recorded and emit events like any other,
//! and no files are deleted by it.

use crate::definition::plugin_definition::qualified_name;
use crate::runtime::generation::Generation;
use crate::tenant::plugins::Plugins;
use cairn_access::format_iso;
use cairn_content::{ContentError, ListRange, RequestContext};
use cairn_events::{Concurrency, JobHandler, JobOutcome, RecurringSchedule};
use cairn_model::{ContentType, FieldKind, TypeId};
use cairn_plugin_package::manifest::{Expiry, Retention};
use cairn_query::{Access, Query, QueryBuilder, QueryTree};
use cairn_store::WriteTx;
use cairn_store::events::{JobRow, MissedRuns, NewRecurring};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json, json};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Name of the job and its schedule: no job of a manifest begins with a dot.
const JOB_NAME: &str = ".retention";
/// When the job runs, in UTC: once an hour.
const CRON: &str = "23 * * * *";
/// Largest number of documents of one transaction.
const BATCH_DOCUMENTS: u32 = 100;
/// Pause between two batches, so that others get their turn.
const BATCH_PAUSE: Duration = Duration::from_millis(50);

/// The recurring job of a plugin that declares a retention.
pub(crate) fn retention_schedule(generation: &Generation, now: DateTime<Utc>) -> Option<NewRecurring> {
    retention_rules(generation).next()?;
    let name = qualified_name(generation.id(), JOB_NAME);
    let schedule = RecurringSchedule {
        job: name.clone(),
        name,
        payload: json!({}),
        cron: CRON.to_owned(),
        zone: "UTC".to_owned(),
        missed: MissedRuns::Once,
        spread: Duration::ZERO,
    };
    schedule
        .from_now(now)
        .inspect_err(|error| tracing::error!(%error, "cannot schedule the deletion of expired documents"))
        .ok()
}

/// The handler of that job, for a plugin that declares a retention.
pub(crate) fn retention_handler(plugins: &Weak<Plugins>, generation: &Generation) -> Option<Arc<dyn JobHandler>> {
    retention_rules(generation).next()?;
    let (plugin, name) = (generation.id().to_owned(), qualified_name(generation.id(), JOB_NAME));
    Some(Arc::new(RetentionJobHandler { plugins: plugins.clone(), group: format!("plugin:{plugin}"), plugin, name }))
}

/// Each type with the retention declared for it.
fn retention_rules(generation: &Generation) -> impl Iterator<Item = (&ContentType, &Retention)> {
    let types = generation.manifest.content_types.iter().flat_map(|all| &all.types);
    types.filter_map(move |(name, own)| {
        let retention = own.retention.as_ref()?;
        let ct = generation.content().registry().by_uid(&format!("plugin::{}.{name}", generation.id()))?;
        Some((ct, retention))
    })
}

struct RetentionJobHandler {
    plugins: Weak<Plugins>,
    plugin: String,
    name: String,
    group: String,
}

impl JobHandler for RetentionJobHandler {
    fn name(&self) -> &str {
        &self.name
    }

    fn concurrency(&self) -> Option<Concurrency<'_>> {
        Some(Concurrency { of: &self.group, at_once: usize::MAX })
    }

    fn run<'a>(&'a self, _: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            let not_running = || JobOutcome::Failed { error: "the plugin is not running".into(), retry_after: None };
            let Some(plugins) = self.plugins.upgrade() else { return not_running() };
            let Some(generation) = plugins.find_generation(&self.plugin) else { return not_running() };
            let mut has_more = false;
            for (ct, retention) in retention_rules(&generation) {
                match expire_batch(&generation, ct, retention).await {
                    Ok(expired_count) => has_more |= expired_count == BATCH_DOCUMENTS as usize,
                    Err(error) => return JobOutcome::failed(format!("{}: {error}", ct.uid)),
                }
            }
            match has_more {
                true => JobOutcome::Continue { checkpoint: Json::Null, after: BATCH_PAUSE, effect: None },
                false => JobOutcome::done(),
            }
        }
        .boxed()
    }
}

/// Handles the oldest documents of a type in one transaction, and returns their number.
async fn expire_batch(
    generation: &Arc<Generation>,
    ct: &ContentType,
    retention: &Retention,
) -> Result<usize, ContentError> {
    let age = TimeDelta::from_std(retention.after).unwrap_or(TimeDelta::MAX);
    let Some(before) = generation.access().now().checked_sub_signed(age) else { return Ok(0) };
    let emptied = match retention.action {
        Expiry::Delete => None,
        Expiry::Anonymise => Some(anonymised_values(ct)),
    };
    if emptied.as_ref().is_some_and(Map::is_empty) {
        return Ok(0);
    }
    let query = expired_filter(ct, &retention.field, before, emptied.as_ref());
    let (ct, shared_generation) = (ct.id, generation.clone());
    let write = move |tx: &mut WriteTx<'_>| {
        let (content, access) = (shared_generation.content(), Arc::new(Access::admin()));
        let context = request_context(&shared_generation, &access, ct, &query);
        let array = content.rows_in(&tx.reader(), context, batch_window())?;
        let rows: Vec<Json> = serde_json::from_slice(&array).unwrap_or_default();
        for row in &rows {
            let Some(id) = row["documentId"].as_str() else { continue };
            let mut version = QueryBuilder::new();
            if let Some(locale) = row["locale"].as_str() {
                version.set("locale", locale);
            }
            let version = version.build();
            let context = request_context(&shared_generation, &access, ct, &version);
            match &emptied {
                // The deletion of an earlier locale may have deleted the whole document.
                None => content.delete_in(tx, context, id, None).map(drop)?,
                Some(emptied) => {
                    content.update_in(tx, context, id, Some(json!({ "data": emptied })), None::<i64>).map(drop)?;
                }
            }
        }
        Ok::<_, ContentError>(rows.len())
    };
    generation.content().store().write_long(generation.id(), true, write).await
}

/// The window with the first documents, at most [`BATCH_DOCUMENTS`].
fn batch_window() -> ListRange {
    ListRange::Window { start: 0, limit: BATCH_DOCUMENTS }
}

fn request_context<'a>(
    generation: &'a Generation,
    access: &'a Arc<Access>,
    content_type: TypeId,
    query: &'a Query,
) -> RequestContext<'a> {
    RequestContext { access, content_type, query, default_locale: "", actor: &generation.actor }
}

/// The values that are emptied in a document: private ones that may be empty.
fn anonymised_values(ct: &ContentType) -> Map<String, Json> {
    let scalar = |kind: &FieldKind| !matches!(kind, FieldKind::Relation(_) | FieldKind::Media { .. });
    let emptied = ct.attributes.iter().filter(|(_, a)| a.private && !a.required && scalar(&a.kind));
    emptied.map(|(_, a)| (a.name.to_string(), Json::Null)).collect()
}

/// The query for documents that are too old, the oldest first; where values are emptied, those that still have some.
fn expired_filter(ct: &ContentType, field: &str, before: DateTime<Utc>, emptied: Option<&Map<String, Json>>) -> Query {
    let one = |name: &str, operator: &str, value: &str| QueryTree::from([(name, QueryTree::from([(operator, value)]))]);
    let mut all = vec![one(field, "$lt", &format_iso(before))];
    if let Some(emptied) = emptied {
        let any: Vec<QueryTree> = emptied.keys().map(|name| one(name, "$notNull", "true")).collect();
        all.push(QueryTree::from([("$or", any)]));
    }
    let mut query = QueryBuilder::new()
        .with("filters", [("$and", all)])
        .with("fields", vec!["documentId".into()])
        .with("sort", format!("{field}:asc"));
    if ct.draft_publish {
        query.set("status", "draft");
    }
    if ct.localized {
        query.set("locale", "*");
    }
    query.build()
}
