//! `cairn audit`.

use cairn_app::OperatorError;
use cairn_commands::{ProjectArgs, TenantNameArgs, print_line};
use cairn_events::audit::{AuditLogCheck, flush_log, verify_log};
use cairn_router::audit_entry_json;
use cairn_store::{Store, StoreError};
use clap::Subcommand;
use std::io::{BufWriter, Write};

/// Entries read at a time.
const ENTRY_PAGE_SIZE: i64 = 1_000;

#[derive(Debug, clap::Args)]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Verify that no entry of the audit log was changed; reports the first changed entry, and exits with 1
    Verify {
        /// The number and hash that an earlier check printed, such as 1042:3f9a…; the log must still contain that entry
        #[arg(long, value_name = "N:HASH")]
        head: Option<String>,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
    /// Export the audit log as JSON lines with their hashes, oldest first
    Export {
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
}

impl AuditArgs {
    pub(super) async fn run(self) -> Result<(), OperatorError> {
        match self.command {
            AuditCommand::Verify { head, tenant, project } => {
                let head = head.as_deref().map(parse_head).transpose()?;
                let access = tenant.open_filled(&project.load_context()?).await?;
                let store = access.store().clone();
                flush_log(&store).await.map_err(|e| OperatorError(e.to_string()))?;
                let check = move || verify_log(&store, head.as_ref().map(|(n, hash)| (*n, hash.as_str())));
                let verified = tokio::task::spawn_blocking(check).await.map_err(|e| OperatorError(e.to_string()))?;
                match verified.map_err(|e| OperatorError(e.to_string()))? {
                    AuditLogCheck::Intact { entries, head } => {
                        print_line(format_args!("ok    {entries} entries, all unchanged"));
                        print_line(format_args!("head  {entries}:{head}"));
                        Ok(())
                    }
                    AuditLogCheck::Broken { n, problem } => Err(OperatorError(format!("WRONG entry {n}: {problem}"))),
                }
            }
            AuditCommand::Export { tenant, project } => {
                let access = tenant.open_filled(&project.load_context()?).await?;
                let store = access.store().clone();
                tokio::task::spawn_blocking(move || export_log(&store))
                    .await
                    .map_err(|e| OperatorError(e.to_string()))?
            }
        }
    }
}

fn parse_head(head: &str) -> Result<(i64, String), OperatorError> {
    let parts = head.split_once(':').and_then(|(n, hash)| Some((n.parse().ok()?, hash.to_ascii_lowercase())));
    let is_hash = |hash: &str| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    parts.filter(|(_, hash): &(i64, String)| is_hash(hash)).ok_or_else(|| {
        OperatorError(
            "--head: expected the number and hash that `cairn audit verify` prints, such as 1042:3f9a…".into(),
        )
    })
}

fn export_log(store: &Store) -> Result<(), OperatorError> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut n = 0;
    loop {
        let page = store
            .read(|r| r.audit().list_after(n, ENTRY_PAGE_SIZE))
            .map_err(|e: StoreError| OperatorError(e.to_string()))?;
        for entry in &page {
            n = entry.entry.n;
            let mut line = audit_entry_json(entry);
            line["previous"] = entry.entry.previous.as_str().into();
            match writeln!(out, "{line}") {
                // The reader has closed the pipe, as `head` does.
                Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
                done => done.map_err(|e| OperatorError(e.to_string()))?,
            }
        }
        if page.len() < ENTRY_PAGE_SIZE as usize {
            return out.flush().map_err(|e| OperatorError(e.to_string()));
        }
    }
}
