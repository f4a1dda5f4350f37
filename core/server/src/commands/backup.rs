//! `cairn backup`.

use super::{OfTenant, Project, say};
use crate::backup::{self, Manifest};
use crate::wiring::Failure;
use cairn_access::iso;
use clap::Subcommand;
use std::fs::File;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Backup {
    #[command(subcommand)]
    command: Option<BackupCommand>,
    /// The file to write, which must not exist; by default <tenant>-<time>.cairn.tar.gz in the current folder
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    tenant: OfTenant,
    #[command(flatten)]
    project: Project,
}

#[derive(Debug, Subcommand)]
enum BackupCommand {
    /// Verify that a backup is intact: the hash of every member, and the number of rows of every table
    Verify {
        /// The backup
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

impl Backup {
    pub(super) async fn run(self) -> Result<(), Failure> {
        if let Some(BackupCommand::Verify { file }) = self.command {
            return check(file).await;
        }
        let ground = self.project.ground()?;
        let access = self.tenant.open_filled(&ground).await?;
        let (name, now) = (self.tenant.name().to_owned(), access.now());
        let blobs = ground.uploads(&name)?.open_raw()?;
        backup::adopt(&ground, &access, &name).await?;
        let out = self.out.unwrap_or_else(|| backup::name_at(&name, now).into());
        let store = access.store().clone();
        let path = out.clone();
        let taken = tokio::task::spawn_blocking(move || backup::take(&store, &name, &*blobs, &iso(now), &path)).await;
        let manifest = taken.map_err(|e| Failure(e.to_string()))??;
        say(format_args!("{}: {}", out.display(), summary(&manifest)));
        for left in &manifest.left_out {
            say(format_args!("left out: {left}, which is not in the content types"));
        }
        for missing in &manifest.missing_files {
            say(format_args!("missing: the object {missing}, which belongs to a file in the media library"));
        }
        Ok(())
    }
}

async fn check(path: PathBuf) -> Result<(), Failure> {
    let named = path.display().to_string();
    let told = |e: &dyn std::fmt::Display| Failure(format!("{named}: {e}"));
    let file = File::open(&path).map_err(|e| told(&e))?;
    let verified = tokio::task::spawn_blocking(move || backup::verify(&file)).await;
    let verified = verified.map_err(|e| told(&e))?.map_err(|e| told(&e))?;
    let Manifest { tenant, created_at, cairn, database, .. } = &verified.manifest;
    say(format_args!("{named}: valid; {}", summary(&verified.manifest)));
    say(format_args!("tenant {tenant}, taken at {created_at} by Cairn {cairn} from {database}"));
    Ok(())
}

/// How much is in a backup.
pub(super) fn summary(manifest: &Manifest) -> String {
    let rows: u64 = manifest.tables.iter().map(|t| t.rows).sum();
    let tables = manifest.tables.iter().filter(|t| t.rows > 0).count();
    format!("{rows} rows of {tables} tables, {} files", manifest.files().count())
}
