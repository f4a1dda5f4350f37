//! `cairn import undo`: makes a project as empty as it was before its import.

use super::{run_blocking, schema_files};
use crate::print_line;
use cairn_access::{DEFAULT_TENANT, SystemClock};
use cairn_app::OperatorError;
use cairn_app::config::Config;
use cairn_app::node::is_in_use;
use cairn_app::wiring::{ProcessContext, erase_tenant};
use cairn_store::system::STRAPI_IMPORT_SETTING;
use cairn_store::{Reader, StoreError};
use serde_json::Value as Json;
use std::fmt::Write as _;
use std::sync::Arc;

/// Deletes the database and the files of the project's own tenant, and the schema files that its import wrote. An import begins with an
/// empty project, so nothing that was there before is lost. Without `yes`, only shows what would be deleted.
///
/// # Errors
/// If the project did not begin with an import, if it has further tenants, while a server uses it, and if something cannot be deleted.
pub(super) async fn undo_import(config: Config, yes: bool) -> Result<(), OperatorError> {
    let context = ProcessContext::new(config.clone(), Arc::new(SystemClock))?;
    let database = context.databases.for_tenant(DEFAULT_TENANT)?;
    let not_imported = || OperatorError("nothing to undo: this project did not begin with an import".into());
    if !database.exists().map_err(|e| OperatorError(format!("{database}: {e}")))? {
        return Err(not_imported());
    }
    let access = context.access_once(DEFAULT_TENANT).await?;
    let imported = access.store().read(ImportedProject::read)?.ok_or_else(not_imported)?;
    if imported.has_tenants {
        let message = "the project has further tenants; delete them first (`cairn tenant delete`), or keep the import";
        return Err(OperatorError(message.into()));
    }
    let uploads = context.upload_storage(DEFAULT_TENANT)?;
    let what = format!("  {database}\n  {uploads}\n{}", imported.describe());
    if !yes {
        return Err(OperatorError(format!(
            "nothing was undone; use --yes to permanently delete:\n{}",
            what.trim_end()
        )));
    }
    if is_in_use(&config.data_folder()) {
        return Err(OperatorError("a server uses this project; stop it first".into()));
    }
    drop((access, context));
    let project = config.project.clone();
    run_blocking(move || erase_tenant(&config, &database, &uploads, DEFAULT_TENANT)).await??;
    // The schema files are last: without a database, another import finds them and goes on.
    schema_files::remove(&project, &imported.schema_files);
    print_line(format_args!("undone; permanently deleted:\n{}", what.trim_end()));
    Ok(())
}

/// Traces of an import in a project, and what has been added since.
struct ImportedProject {
    /// ISO time of the import.
    at: String,
    /// Schema files that the import wrote, relative to the project.
    schema_files: Vec<String>,
    administrators: usize,
    /// Number of events since; an import records none.
    events: i64,
    has_tenants: bool,
}

impl ImportedProject {
    /// `None` if the project did not begin with an import.
    fn read(r: &Reader<'_>) -> Result<Option<Self>, StoreError> {
        let Some(stored) = r.settings().get(STRAPI_IMPORT_SETTING)? else { return Ok(None) };
        let paths = stored["schemaFiles"].as_array().into_iter().flatten().filter_map(Json::as_str);
        Ok(Some(Self {
            at: stored["importedAt"].as_str().unwrap_or_default().to_owned(),
            schema_files: paths.map(str::to_owned).collect(),
            administrators: r.admin_users().list()?.len(),
            events: r.events().last_position()?,
            has_tenants: r.tenants().list()?.iter().any(|tenant| tenant.name != DEFAULT_TENANT),
        }))
    }

    /// Lines for the terminal.
    fn describe(&self) -> String {
        let mut text = String::new();
        for path in &self.schema_files {
            let _ = writeln!(text, "  {path}");
        }
        let _ = writeln!(
            text,
            "the import was at {}; since then: {} administrators, {} events (changes of entries, files, users and settings)",
            self.at, self.administrators, self.events
        );
        text
    }
}
