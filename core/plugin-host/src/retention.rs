//! `[content-types.<type>.retention]`: documents of a plugin's own that are too old are deleted, or lose their private values.
//! A recurring job does so hourly, a batch at a time, as the plugin: its changes are recorded and emit events like any other,
//! and no files are deleted by it.

use crate::generation::Generation;
use crate::jobs::name_of;
use crate::plugins::Plugins;
use cairn_access::iso;
use cairn_content::{Ask, ContentError, Part};
use cairn_events::{Concurrency, JobHandler, Outcome, Schedule};
use cairn_model::{ContentType, FieldKind, TypeId};
use cairn_plugin_package::manifest::{Expiry, Retention};
use cairn_query::{Access, Tree};
use cairn_store::WriteTx;
use cairn_store::events::{JobRow, Missed, NewRecurring};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json, json};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Name of the job and its schedule: no job of a manifest begins with a dot.
const NAME: &str = ".retention";
/// When the job runs, in UTC: once an hour.
const CRON: &str = "23 * * * *";
/// Largest number of documents of one transaction.
const BATCH: u32 = 100;
/// Pause between two batches, so that others get their turn.
const PAUSE: Duration = Duration::from_millis(50);

/// The recurring job of a plugin that declares a retention.
pub(crate) fn declared(generation: &Generation, now: DateTime<Utc>) -> Option<NewRecurring> {
    rules(generation).next()?;
    let name = name_of(generation.id(), NAME);
    let schedule = Schedule {
        job: name.clone(),
        name,
        payload: json!({}),
        cron: CRON.to_owned(),
        zone: "UTC".to_owned(),
        missed: Missed::Once,
        spread: Duration::ZERO,
    };
    schedule
        .from_now(now)
        .inspect_err(|error| tracing::error!(%error, "cannot schedule the deletion of expired documents"))
        .ok()
}

/// The handler of that job, for a plugin that declares a retention.
pub(crate) fn handler(plugins: &Weak<Plugins>, generation: &Generation) -> Option<Arc<dyn JobHandler>> {
    rules(generation).next()?;
    let (plugin, name) = (generation.id().to_owned(), name_of(generation.id(), NAME));
    Some(Arc::new(Retaining { plugins: plugins.clone(), group: format!("plugin:{plugin}"), plugin, name }))
}

/// Each type with the retention declared for it.
fn rules(generation: &Generation) -> impl Iterator<Item = (&ContentType, &Retention)> {
    let types = generation.manifest.content_types.iter().flat_map(|all| &all.types);
    types.filter_map(move |(name, own)| {
        let retention = own.retention.as_ref()?;
        let ct = generation.content().registry().by_uid(&format!("plugin::{}.{name}", generation.id()))?;
        Some((ct, retention))
    })
}

struct Retaining {
    plugins: Weak<Plugins>,
    plugin: String,
    name: String,
    group: String,
}

impl JobHandler for Retaining {
    fn name(&self) -> &str {
        &self.name
    }

    fn concurrency(&self) -> Option<Concurrency<'_>> {
        Some(Concurrency { of: &self.group, at_once: usize::MAX })
    }

    fn run<'a>(&'a self, _: &'a JobRow) -> BoxFuture<'a, Outcome> {
        async move {
            let gone = || Outcome::Failed { error: "the plugin is not running".into(), retry_after: None };
            let Some(plugins) = self.plugins.upgrade() else { return gone() };
            let Some(generation) = plugins.generation(&self.plugin) else { return gone() };
            let mut more = false;
            for (ct, retention) in rules(&generation) {
                match part(&generation, ct, retention).await {
                    Ok(done) => more |= done == BATCH as usize,
                    Err(error) => return Outcome::failed(format!("{}: {error}", ct.uid)),
                }
            }
            match more {
                true => Outcome::Again { checkpoint: Json::Null, after: PAUSE, effect: None },
                false => Outcome::done(),
            }
        }
        .boxed()
    }
}

/// Handles the oldest documents of a type in one transaction, and returns their number.
async fn part(generation: &Arc<Generation>, ct: &ContentType, retention: &Retention) -> Result<usize, ContentError> {
    let age = TimeDelta::from_std(retention.after).unwrap_or(TimeDelta::MAX);
    let Some(before) = generation.access().now().checked_sub_signed(age) else { return Ok(0) };
    let emptied = match retention.action {
        Expiry::Delete => None,
        Expiry::Anonymise => Some(private(ct)),
    };
    if emptied.as_ref().is_some_and(Map::is_empty) {
        return Ok(0);
    }
    let query = query(ct, &retention.field, before, emptied.as_ref());
    let (ct, held) = (ct.id, generation.clone());
    let write = move |tx: &mut WriteTx<'_>| {
        let (content, access) = (held.content(), Arc::new(Access::admin()));
        let array = content.rows_in(&tx.reader(), ask(&held, &access, ct, ""), &query, window())?;
        let rows: Vec<Json> = serde_json::from_slice(&array).unwrap_or_default();
        for row in &rows {
            let Some(id) = row["documentId"].as_str() else { continue };
            let locale = row["locale"].as_str().map(|locale| format!("locale={locale}")).unwrap_or_default();
            let ask = ask(&held, &access, ct, &locale);
            match &emptied {
                // One of several locales of a document may have taken it along.
                None => content.delete_in(tx, ask, id, None).map(drop)?,
                Some(emptied) => {
                    content.update_in(tx, ask, id, Some(json!({ "data": emptied })), None::<i64>).map(drop)?;
                }
            }
        }
        Ok::<_, ContentError>(rows.len())
    };
    generation.content().store().write_long(generation.id(), true, write).await
}

/// The window with the first documents, at most [`BATCH`].
fn window() -> Part {
    Part::Window { start: 0, limit: BATCH }
}

fn ask<'a>(generation: &'a Generation, access: &'a Arc<Access>, content_type: TypeId, query: &'a str) -> Ask<'a> {
    Ask { access, content_type, query, default_locale: "", actor: &generation.actor }
}

/// The values that are emptied in a document: private ones that may be empty.
fn private(ct: &ContentType) -> Map<String, Json> {
    let scalar = |kind: &FieldKind| !matches!(kind, FieldKind::Relation(_) | FieldKind::Media { .. });
    let emptied = ct.attributes.iter().filter(|(_, a)| a.private && !a.required && scalar(&a.kind));
    emptied.map(|(_, a)| (a.name.to_string(), Json::Null)).collect()
}

/// The query for documents that are too old, the oldest first; where values are emptied, those that still have some.
fn query(ct: &ContentType, field: &str, before: DateTime<Utc>, emptied: Option<&Map<String, Json>>) -> Tree {
    let text = |text: &str| Tree::Text(text.to_owned());
    let one = |name: &str, operator: &str, value: Tree| {
        Tree::Map(vec![(name.to_owned(), Tree::Map(vec![(operator.to_owned(), value)]))])
    };
    let mut all = vec![one(field, "$lt", text(&iso(before)))];
    if let Some(emptied) = emptied {
        let any = emptied.keys().map(|name| one(name, "$notNull", text("true"))).collect();
        all.push(Tree::Map(vec![("$or".to_owned(), Tree::List(any))]));
    }
    let mut entries = vec![
        ("filters".to_owned(), Tree::Map(vec![("$and".to_owned(), Tree::List(all))])),
        ("fields".to_owned(), Tree::List(vec![text("documentId")])),
        ("sort".to_owned(), text(&format!("{field}:asc"))),
    ];
    if ct.draft_publish {
        entries.push(("status".to_owned(), text("draft")));
    }
    if ct.localized {
        entries.push(("locale".to_owned(), text("*")));
    }
    Tree::Map(entries)
}
