//! `cairn restore`.

use super::backup::summary;
use super::{OfTenant, Project, say};
use crate::backup::{self, Target};
use crate::wiring::Failure;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace everything in the tenant; without this option, its database must be empty
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    tenant: OfTenant,
    #[command(flatten)]
    project: Project,
}

impl Restore {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let ground = self.project.ground()?;
        let (access, _) = self.tenant.open(&ground).await?;
        let tenant = self.tenant.name();
        let blobs = ground.uploads(tenant)?.open_raw()?;
        let now = access.now().timestamp_millis();
        let target = Target { store: access.store(), tenant, blobs, now, force: self.force };
        let manifest = backup::restore(&self.file, target).await?;
        // One from before files had anything beside their rows.
        backup::adopt(&ground, &access, tenant).await?;
        say(format_args!("{tenant}: restored as of {}; {}", manifest.created_at, summary(&manifest)));
        if manifest.tenant != tenant {
            say(format_args!(
                "The backup belongs to {}: its API tokens do not work here; users can sign in as before",
                manifest.tenant
            ));
        }
        Ok(())
    }
}
