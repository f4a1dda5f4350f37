//! Uninstalling plugins: their data are retained, or deleted.

use super::packages::plugin_folder;
use super::record::{ChangeError, change_plugin, emit_plugin_event};
use crate::operator_error::OperatorError;
use crate::wiring::ProcessContext;
use cairn_access::{DEFAULT_TENANT, format_iso};
use cairn_content::{Content, ContentError};
use cairn_model::Registry;
use cairn_model::change::Answers;
use cairn_model::load::SchemaFileChanges;
use cairn_store::change::ChangeTimes;
use cairn_store::events::Actor;
use cairn_store::plugins::{PluginCounts, PluginState};
use cairn_store::{Database, Store, StoreError, WriteTx};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// How long dropped content stays in the trash.
const TRASH_RETENTION: TimeDelta = TimeDelta::days(30);

/// The amount of data that a plugin has in a tenant.
#[derive(Debug, Clone, Copy)]
pub struct PluginFootprint {
    /// Rows of its content types: a draft and its published version count as two.
    pub documents: i64,
    /// Numbers of rows in system tables.
    pub counts: PluginCounts,
    /// Files in the media library, those that documents of others use included.
    pub files: usize,
}

impl fmt::Display for PluginFootprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = &self.counts;
        write!(
            f,
            "documents: {}, files: {}, state entries: {}, search index entries: {}, secrets: {}, jobs: {}, failed calls: {}, log lines: {}",
            self.documents, self.files, c.entries, c.indexed, c.secrets, c.jobs, c.calls, c.logs
        )
    }
}

/// Counts the data of a plugin in a tenant. Returns an error if the database fails.
pub fn load_footprint(store: &Store, id: &str) -> Result<PluginFootprint, StoreError> {
    let own = store.registry().types().iter().filter(|ct| ct.plugin_id() == Some(id));
    let documents = own.map(|ct| store.counters().row_count(ct.id)).sum();
    let (counts, files) =
        store.read(|r| Ok::<_, StoreError>((r.plugins().count_data(id)?, r.assets().find_by_plugin(id)?.len())))?;
    Ok(PluginFootprint { documents, counts, files })
}

/// Uninstalls a plugin; its data and its publisher's key are retained. Returns an error if it is not installed.
pub fn remove_keeping_data(tx: &mut WriteTx<'_>, id: &str, by: &Actor, now: i64) -> Result<(), ChangeError> {
    let mark_removed = |row: &mut cairn_store::plugins::PluginRow| {
        let data = json!({ "data": "kept", "before": { "version": row.current.version, "state": row.state.as_str() } });
        row.state = PluginState::Removed;
        row.reason = None;
        row.checkpoint = None;
        Ok(Some(("removed", data)))
    };
    change_plugin(tx, id, by, now, mark_removed).map(drop)
}

/// Uninstalls a plugin, deletes its rows in system tables, and puts its files into the trash. [`drop_types`] drops its content types.
/// Returns an error if there is no such plugin.
pub fn remove_with_data(
    tx: &mut WriteTx<'_>,
    content: &Content,
    id: &str,
    by: &Actor,
    now: i64,
) -> Result<(), ChangeError> {
    let row = tx.reader().plugins().get(id)?.ok_or(ChangeError::NotFound)?;
    let files = content.trash_files_of_plugin(tx, id, &Arc::new(by.clone())).map_err(|e| match e {
        ContentError::Store(e) => ChangeError::Store(e),
        other => ChangeError::Refused(format!("its files cannot be deleted: {other}")),
    })?;
    let counts = tx.plugins().delete_data(id)?;
    tx.plugins().delete(id, row.generation)?;
    let data = json!({
        "data": "deleted",
        "before": { "version": row.current.version, "state": row.state.as_str() },
        "entries": counts.entries, "secrets": counts.secrets, "jobs": counts.jobs, "files": files,
    });
    Ok(emit_plugin_event(tx, by, "removed", id, data, now)?)
}

/// The changes that uninstalling a plugin makes to the project's files.
pub fn model_changes(project: &Path, id: &str) -> SchemaFileChanges {
    let below = plugin_folder(project, id).join("content-types");
    let names =
        std::fs::read_dir(below).into_iter().flatten().flatten().filter_map(|e| e.file_name().into_string().ok());
    names.map(|name| (format!("plugins/{id}/content-types/{name}/schema.json"), None)).collect()
}

/// A message that names another tenant with data of the plugin, whose content types all tenants share; `None`: there is none. Returns an
/// error if a tenant's database cannot be read.
pub async fn other_tenant_reason(
    context: &ProcessContext,
    tenant: &str,
    id: &str,
) -> Result<Option<String>, OperatorError> {
    let default = context.access_once(DEFAULT_TENANT).await?;
    let failed = |e: StoreError| OperatorError(e.to_string());
    let declared = default.store().read(|r| r.tenants().list()).map_err(failed)?;
    let names = declared.iter().map(|row| row.name.as_str()).filter(|name| *name != DEFAULT_TENANT);
    for name in std::iter::once(DEFAULT_TENANT).chain(names).filter(|name| *name != tenant) {
        let database = context.databases.for_tenant(name)?;
        if !database.exists().map_err(failed)? {
            continue;
        }
        let row = match name {
            DEFAULT_TENANT => default.store().read(|r| r.plugins().get(id)),
            name => context.access_once(name).await?.store().read(|r| r.plugins().get(id)),
        };
        if row.map_err(failed)?.is_some() {
            return Ok(Some(format!(
                "the tenant {name} has content of {id}, and all tenants share its content types: delete the content there first, or keep it here"
            )));
        }
    }
    Ok(None)
}

/// Drops the content types that a model no longer has, with their documents, which stay in the trash for thirty days. Blocks.
///
/// # Errors
/// Returned when a database fails; those before it have dropped them.
pub fn drop_types<'d>(
    databases: impl Iterator<Item = (&'d Database, &'d Registry)>,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<(), OperatorError> {
    let times = ChangeTimes { now: format_iso(now), expires: format_iso(now + TRASH_RETENTION) };
    for (database, registry) in databases {
        let failed = |e: StoreError| OperatorError(format!("{database}: {e}"));
        let plan = database.schema_plan(registry, &Answers::default(), false).map_err(failed)?;
        let answers = Answers { consent: Some(plan.plan.hash()), ..Answers::default() };
        database.schema_apply_by(registry, &answers, &times, by).map_err(failed)?;
    }
    Ok(())
}
