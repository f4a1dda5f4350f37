//! `cairn restore`.

use super::backup::summarize_manifest;
use super::{ProjectArgs, TenantNameArgs, print_line};
use cairn_app::OperatorError;
use cairn_app::backup::{self, RestoreTarget};
use std::path::PathBuf;

/// Arguments of `cairn restore`.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// The backup file to restore
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace everything in the tenant; without this option, its database must be empty
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    tenant: TenantNameArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

impl RestoreArgs {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), OperatorError> {
        let context = self.project.load_context()?;
        let (access, _) = self.tenant.open_tenant(&context).await?;
        let tenant = self.tenant.name();
        let blobs = context.upload_storage(tenant)?.open_raw()?;
        let now = access.now().timestamp_millis();
        let target = RestoreTarget { store: access.store(), tenant, blobs, now, force: self.force };
        let manifest = backup::restore_backup(&self.file, target).await?;
        // Backups of early versions have files without rows in the database.
        backup::adopt_files(&context, &access, tenant).await?;
        print_line(format_args!("{tenant}: restored as of {}; {}", manifest.created_at, summarize_manifest(&manifest)));
        if manifest.tenant != tenant {
            print_line(format_args!(
                "The backup belongs to {}: its API tokens do not work here; users can sign in as before",
                manifest.tenant
            ));
        }
        Ok(())
    }
}
