//! `cairn audit`.

use super::{OfTenant, Project, say};
use crate::routes::admin::audit::shown;
use crate::wiring::Failure;
use cairn_events::audit::{Verified, settle, verify};
use cairn_store::{Store, StoreError};
use clap::Subcommand;
use std::io::{BufWriter, Write};

/// Entries read at a time.
const PAGE: i64 = 1_000;

#[derive(Debug, clap::Args)]
pub(super) struct Audit {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Verify that no entry of the audit log was changed; reports the first changed entry, and exits with 1
    Verify {
        /// The number and hash that an earlier check printed, such as 1042:3f9a…; the log must still contain that
        /// entry
        #[arg(long, value_name = "N:HASH")]
        head: Option<String>,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
    /// Export the audit log as JSON lines with their hashes, oldest first
    Export {
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
}

impl Audit {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self.command {
            AuditCommand::Verify { head, tenant, project } => {
                let head = head.as_deref().map(parsed).transpose()?;
                let access = tenant.open_filled(&project.ground()?).await?;
                let store = access.store().clone();
                settle(&store).await.map_err(|e| Failure(e.to_string()))?;
                let check = move || verify(&store, head.as_ref().map(|(n, hash)| (*n, hash.as_str())));
                let verified = tokio::task::spawn_blocking(check).await.map_err(|e| Failure(e.to_string()))?;
                match verified.map_err(|e| Failure(e.to_string()))? {
                    Verified::Whole { entries, head } => {
                        say(format_args!("ok    {entries} entries, all unchanged"));
                        say(format_args!("head  {entries}:{head}"));
                        Ok(())
                    }
                    Verified::Broken { n, problem } => Err(Failure(format!("WRONG entry {n}: {problem}"))),
                }
            }
            AuditCommand::Export { tenant, project } => {
                let access = tenant.open_filled(&project.ground()?).await?;
                let store = access.store().clone();
                tokio::task::spawn_blocking(move || export(&store)).await.map_err(|e| Failure(e.to_string()))?
            }
        }
    }
}

fn parsed(head: &str) -> Result<(i64, String), Failure> {
    let parts = head.split_once(':').and_then(|(n, hash)| Some((n.parse().ok()?, hash.to_ascii_lowercase())));
    let is_hash = |hash: &str| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    parts.filter(|(_, hash): &(i64, String)| is_hash(hash)).ok_or_else(|| {
        Failure("--head: expected the number and hash that `cairn audit verify` prints, such as 1042:3f9a…".into())
    })
}

fn export(store: &Store) -> Result<(), Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut n = 0;
    loop {
        let page = store.read(|r| r.audit_after(n, PAGE)).map_err(|e: StoreError| Failure(e.to_string()))?;
        for entry in &page {
            n = entry.entry.n;
            let mut line = shown(entry);
            line["previous"] = entry.entry.previous.as_str().into();
            match writeln!(out, "{line}") {
                // Whoever reads has had enough.
                Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
                done => done.map_err(|e| Failure(e.to_string()))?,
            }
        }
        if page.len() < PAGE as usize {
            return out.flush().map_err(|e| Failure(e.to_string()));
        }
    }
}
