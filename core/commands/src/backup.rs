//! `cairn backup`.

use super::{ProjectArgs, TenantNameArgs, print_line};
use cairn_access::format_iso;
use cairn_app::OperatorError;
use cairn_app::backup::{self, BackupManifest};
use clap::Subcommand;
use std::fs::File;
use std::path::PathBuf;

/// Arguments of `cairn backup`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BackupArgs {
    #[command(subcommand)]
    command: Option<BackupCommand>,
    /// The file to write, which must not exist; by default <tenant>-<time>.cairn.tar.gz in the current folder
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    tenant: TenantNameArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

#[derive(Debug, Subcommand)]
enum BackupCommand {
    /// Verify that a backup is intact: the hash of every member, and the number of rows of every table
    Verify {
        /// The backup file to verify
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

impl BackupArgs {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), OperatorError> {
        if let Some(BackupCommand::Verify { file }) = self.command {
            return check_backup(file).await;
        }
        let context = self.project.load_context()?;
        let access = self.tenant.open_filled(&context).await?;
        let (name, now) = (self.tenant.name().to_owned(), access.now());
        let blobs = context.upload_storage(&name)?.open_raw()?;
        backup::adopt_files(&context, &access, &name).await?;
        let out = self.out.unwrap_or_else(|| backup::default_backup_name(&name, now).into());
        let store = access.store().clone();
        let path = out.clone();
        let result =
            tokio::task::spawn_blocking(move || backup::take_backup(&store, &name, &*blobs, &format_iso(now), &path))
                .await;
        let manifest = result.map_err(|e| OperatorError(e.to_string()))??;
        print_line(format_args!("{}: {}", out.display(), summarize_manifest(&manifest)));
        for left in &manifest.left_out {
            print_line(format_args!("left out: {left}, which is not in the content types"));
        }
        for missing in &manifest.missing_files {
            print_line(format_args!("missing: the object {missing}, which belongs to a file in the media library"));
        }
        Ok(())
    }
}

async fn check_backup(path: PathBuf) -> Result<(), OperatorError> {
    let path_text = path.display().to_string();
    let file_error = |e: &dyn std::fmt::Display| OperatorError(format!("{path_text}: {e}"));
    let file = File::open(&path).map_err(|e| file_error(&e))?;
    let verified = tokio::task::spawn_blocking(move || backup::verify_backup(&file)).await;
    let verified = verified.map_err(|e| file_error(&e))?.map_err(|e| file_error(&e))?;
    let BackupManifest { tenant, created_at, cairn, database, .. } = &verified.manifest;
    print_line(format_args!("{path_text}: valid; {}", summarize_manifest(&verified.manifest)));
    print_line(format_args!("tenant {tenant}, taken at {created_at} by Cairn {cairn} from {database}"));
    Ok(())
}

/// How much is in a backup.
pub(super) fn summarize_manifest(manifest: &BackupManifest) -> String {
    let rows: u64 = manifest.tables.iter().map(|t| t.rows).sum();
    let tables = manifest.tables.iter().filter(|t| t.rows > 0).count();
    format!("{rows} rows of {tables} tables, {} files", manifest.files().count())
}
