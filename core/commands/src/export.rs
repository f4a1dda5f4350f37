//! `cairn export`.

use super::{ProjectArgs, TenantNameArgs, print_line};
use cairn_app::OperatorError;
use cairn_model::{ContentType, Registry};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Arguments of `cairn export`.
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// The uid of the content type (api::article.article); by default all content types and the media library
    #[arg(long = "type", value_name = "UID")]
    content_type: Option<String>,
    /// The file to write, which must not exist; by default standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    tenant: TenantNameArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

impl ExportArgs {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), OperatorError> {
        let context = self.project.load_context()?;
        let access = self.tenant.open_filled(&context).await?;
        let store = access.store().clone();
        let registry = store.registry().clone();
        let types = select_types(&registry, self.content_type.as_deref())?;
        let write = move |out: &mut dyn Write| {
            store.read_all(|r| {
                let mut total = 0;
                for ct in &types {
                    total += r.transfer().export_documents(*ct, |document| {
                        let encoded = serde_json::to_writer(&mut *out, document).map_err(std::io::Error::from);
                        encoded.and_then(|()| out.write_all(b"\n")).map_err(DocumentExportError::from)
                    })?;
                }
                out.flush()?;
                Ok::<u64, DocumentExportError>(total)
            })
        };
        let result = tokio::task::spawn_blocking(move || match &self.out {
            None => match write(&mut BufWriter::new(std::io::stdout().lock())) {
                // The reader of the pipe has closed it, as `head` does.
                Err(DocumentExportError::Io(e)) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
                done => done.map(drop).map_err(|e| OperatorError(e.to_string())),
            },
            Some(path) => {
                let n = write_file_atomically(path, write)?;
                print_line(format_args!("{}: {n} documents", path.display()));
                Ok(())
            }
        });
        result.await.map_err(|e| OperatorError(e.to_string()))?
    }
}

#[derive(Debug, thiserror::Error)]
enum DocumentExportError {
    #[error("{0}")]
    Store(#[from] cairn_store::StoreError),
    #[error("the export cannot be written: {0}")]
    Io(#[from] std::io::Error),
}

fn select_types(registry: &Arc<Registry>, uid: Option<&str>) -> Result<Vec<cairn_model::TypeId>, OperatorError> {
    let Some(uid) = uid else {
        let mut types: Vec<&ContentType> = registry.types().iter().filter(|t| t.is_api()).collect();
        types.sort_by(|a, b| a.uid.cmp(&b.uid));
        types.push(registry.file_type());
        return Ok(types.into_iter().map(|t| t.id).collect());
    };
    let ids = registry.by_uid(uid).map(|t| vec![t.id]);
    ids.ok_or_else(|| {
        let uids: Vec<&str> = registry.types().iter().map(|t| t.uid.as_str()).collect();
        OperatorError(format!("content type {uid:?} not found; the content types are {}", uids.join(", ")))
    })
}

/// All of it under that name, or nothing.
fn write_file_atomically(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<u64, DocumentExportError>,
) -> Result<u64, OperatorError> {
    let file_error = |e: &dyn std::fmt::Display| OperatorError(format!("{}: {e}", path.display()));
    if path.symlink_metadata().is_ok() {
        return Err(file_error(&"it already exists; nothing was written"));
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary =
        tempfile::Builder::new().prefix(".cairn-export-").tempfile_in(folder).map_err(|e| file_error(&e))?;
    let mut out = BufWriter::new(temporary);
    let n = write(&mut out).map_err(|e| file_error(&e))?;
    let temporary = out.into_inner().map_err(|e| file_error(e.error()))?;
    temporary.as_file().sync_all().map_err(|e| file_error(&e))?;
    temporary.persist_noclobber(path).map_err(|e| file_error(&e.error))?;
    Ok(n)
}
