//! Restoring a backup over the current data.
//!
//! Until the database's one transaction is committed, all current data stay in place: files are only added. After it,
//! everything of the backup is in place.

use super::archive::{BackupError, WalkControl, damaged_error, walk_members};
use super::files::StagedFiles;
use super::progress::Progress;
use super::{BackupManifest, TABLES_PREFIX, VerifiedBackup, table_part_path, verify_backup};
use crate::operator_error::OperatorError;
use cairn_access::DEFAULT_TENANT;
use cairn_assets::BlobStore;
use cairn_model::Registry;
use cairn_model::change::{Answers, ChangeStep, SchemaChange, Snapshot, plan_change};
use cairn_store::assets::BlobClaimOutcome;
use cairn_store::{Store, WriteTx};
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Rows sent to the database at a time.
const ROW_BATCH_SIZE: usize = 500;
/// Objects claimed at a time.
const CLAIM_BATCH_SIZE: usize = 1_000;
/// Largest number of differences between two models that are reported.
const MAX_SHOWN_DIFFERENCES: usize = 20;

/// Where a backup is restored to.
pub struct RestoreTarget<'a> {
    /// The store that is filled.
    pub store: &'a Store,
    /// Name of the tenant.
    pub tenant: &'a str,
    /// The tenant's files as they are stored, encrypted or not.
    pub blobs: Arc<dyn BlobStore>,
    /// Current time in milliseconds since 1970.
    pub now: i64,
    /// True if existing data may be replaced.
    pub force: bool,
}

/// Restores a backup and returns its manifest. Changes nothing before all of it has been verified and fits.
pub async fn restore_backup(path: &Path, target: RestoreTarget<'_>) -> Result<BackupManifest, OperatorError> {
    let file_error = |e: &dyn std::fmt::Display| OperatorError(format!("{}: {e}", path.display()));
    let file = Arc::new(File::open(path).map_err(|e| file_error(&e))?);
    let VerifiedBackup { manifest, model } = run_blocking({
        let file = file.clone();
        move || verify_backup(&file)
    })
    .await?
    .map_err(|e| file_error(&e))?;
    let outline = manifest.to_outline();
    let store = target.store;
    check_model(store.registry(), &model).map_err(|e| file_error(&e))?;
    let misfits = store.read(|r| Ok::<_, OperatorError>(r.transfer().find_misfits(&outline)))?;
    if !misfits.is_empty() {
        return Err(file_error(&format_args!(
            "the backup does not match the database; nothing was changed:\n  {}",
            misfits.join("\n  ")
        )));
    }
    if !target.force && !store.read(|r| r.transfer().is_untouched())? {
        return Err(OperatorError(format!(
            "the database of {} is not empty; nothing was changed. Use --force to replace everything in it with the backup",
            target.tenant
        )));
    }
    let installation = manifest.tenant == DEFAULT_TENANT && target.tenant == DEFAULT_TENANT;
    let manifest = Arc::new(manifest);
    let blobs = target.blobs;
    // Claimed blobs are not deleted as orphans before the restored rows refer to them.
    let (claims, now) = (super::files::blob_claims(&manifest), target.now);
    for some in claims.chunks(CLAIM_BATCH_SIZE) {
        let some = some.to_vec();
        let claimed = store.write(move |tx| tx.blobs().claim(&some, now)).await?;
        if claimed.contains(&BlobClaimOutcome::Removing) {
            let message = "a file in the backup is currently being deleted from file storage; nothing was changed. Try again in 15 minutes";
            return Err(OperatorError(message.into()));
        }
    }
    let staged = run_blocking({
        let (file, manifest, blobs) = (file.clone(), manifest.clone(), blobs.clone());
        move || StagedFiles::stage_from(&file, &manifest, &*blobs)
    })
    .await??;
    let load = {
        let manifest = manifest.clone();
        move |tx: &mut WriteTx<'_>| replace_rows(tx, &file, &manifest, installation)
    };
    store.write(load).await?;
    run_blocking(move || staged.replace_changed(&*blobs)).await??;
    Ok(Arc::unwrap_or_clone(manifest))
}

async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, OperatorError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| OperatorError(e.to_string()))
}

/// Refuses a backup of another model.
fn check_model(registry: &Registry, model: &Snapshot) -> Result<(), OperatorError> {
    let files = Snapshot::from_registry(registry);
    if files.hash() == model.hash() {
        return Ok(());
    }
    let plan = plan_change(model, &files, &Answers::default());
    let is_harmless = |step: &ChangeStep| match &step.change {
        // A version of Cairn that knew less of files: what it did not know is empty.
        SchemaChange::AddAttribute { owner, .. } => *owner == registry.file_type().uid,
        // A backup has no collation keys: they are computed as rows are loaded, whatever computed them before.
        SchemaChange::Collation { .. } => true,
        _ => false,
    };
    if plan.problems.is_empty() && plan.questions.is_empty() && plan.steps.iter().all(is_harmless) {
        return Ok(());
    }
    let steps = plan.steps.into_iter().map(|step| step.sentence);
    let problems = plan.problems.into_iter().map(|p| format!("{}: {}", p.place, p.message));
    let differences: Vec<String> = steps.chain(problems).collect();
    if differences.is_empty() {
        return Ok(());
    }
    let omitted_count = differences.len().saturating_sub(MAX_SHOWN_DIFFERENCES);
    let omitted_note = if omitted_count > 0 { format!("\n  and {omitted_count} more") } else { String::new() };
    let first_differences = &differences[..differences.len().min(MAX_SHOWN_DIFFERENCES)];
    Err(OperatorError(format!(
        "the backup was made with different content types; nothing was changed. Differences between the backup and \
         the project:\n  {}{omitted_note}\nRestore it with the content types it was made with, then change them",
        first_differences.join("\n  ")
    )))
}

/// Replaces all rows by those of the backup.
fn replace_rows(
    tx: &mut WriteTx<'_>,
    file: &File,
    manifest: &BackupManifest,
    installation: bool,
) -> Result<(), OperatorError> {
    let outline = manifest.to_outline();
    tx.transfer().begin_load(&outline, installation)?;
    let (mut progress, mut rows) = (Progress::new(), 0);
    let listed: HashMap<&str, &str> =
        manifest.members.iter().filter(|m| m.path.starts_with(TABLES_PREFIX)).map(|m| (&*m.path, &*m.sha256)).collect();
    let mut at = 0;
    let mut index = (0, 0);
    let result = walk_members(file, |member| {
        let path = member.path.to_owned();
        if !path.starts_with(TABLES_PREFIX) {
            // Tables come after the model, and nothing after them is of interest here.
            return Ok(if at == 0 && index == (0, 0) && path == super::MODEL_PATH {
                WalkControl::Continue
            } else {
                WalkControl::Stop
            });
        }
        let bytes = member.read_bytes()?;
        at += 1;
        let sha256 = super::hex_string(&<sha2::Sha256 as sha2::Digest>::digest(&bytes));
        if listed.get(path.as_str()) != Some(&sha256.as_str()) {
            return Err(damaged_error(&path, "it has changed since it was verified"));
        }
        while let Some(counted) = manifest.tables.get(index.0) {
            if table_part_path(index.0, &counted.table, index.1) == path {
                break;
            }
            index = (index.0 + 1, 0);
        }
        let Some(counted) = manifest.tables.get(index.0) else {
            return Err(damaged_error(&path, "it is out of place"));
        };
        index.1 += 1;
        if counted.table.is_of_installation() && !installation {
            return Ok(WalkControl::Continue);
        }
        let text = std::str::from_utf8(&bytes).map_err(|e| damaged_error(&path, e))?;
        let lines: Vec<&str> = text.lines().collect();
        for batch in lines.chunks(ROW_BATCH_SIZE) {
            tx.transfer().load_rows(&counted.table, batch).map_err(|e| BackupError::Stopped(e.to_string()))?;
            rows += batch.len() as u64;
            progress.show_count("restoring rows", rows);
        }
        Ok(WalkControl::Continue)
    });
    result.map_err(|e| OperatorError(e.to_string()))?;
    if at != listed.len() {
        return Err(OperatorError("the backup has changed since it was verified".into()));
    }
    tx.transfer().finish_load(&outline)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_model::collation::COLLATION_KEY_VERSION;

    fn registry(collation: &str, title: &str) -> Registry {
        let folder = tempfile::tempdir().unwrap();
        let types = folder.path().join("content-types/api/note/content-types/note");
        std::fs::create_dir_all(&types).unwrap();
        let schema = serde_json::json!({
            "kind": "collectionType", "info": { "singularName": "note", "pluralName": "notes", "displayName": "Note" },
            "options": { "cairn": { "collation": collation } }, "attributes": { title: { "type": "string" } },
        });
        std::fs::write(types.join("schema.json"), schema.to_string()).unwrap();
        cairn_model::load::load_project(folder.path()).unwrap().registry
    }

    #[test]
    fn backups_fit_whatever_their_texts_were_sorted_by() {
        let registry = registry("nl", "title");
        let older = Snapshot::from_registry(&registry).to_json().replace(COLLATION_KEY_VERSION, "icu4x-1.0.0");
        for model in
            [Snapshot::from_json(&older).unwrap(), Snapshot::from_registry(&self::registry("code-points", "title"))]
        {
            assert_ne!(model.hash(), Snapshot::from_registry(&registry).hash());
            check_model(&registry, &model).unwrap();
        }
        let other = Snapshot::from_registry(&self::registry("nl", "heading"));
        assert!(check_model(&registry, &other).unwrap_err().to_string().contains("different content types"));
    }
}
