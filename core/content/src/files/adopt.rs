//! Files that predate assets: their blobs are where they were, under the names of the files.

use super::blocking_work::run_blocking;
use crate::{Content, Result};
use cairn_assets::{BlobKey, BlobStore, file_kind};
use cairn_store::assets::{Asset, ImageAppearance, UnadoptedFile};
use cairn_store::events::Actor;
use std::sync::Arc;

/// Number of files adopted at a time.
const FILES_PER_BATCH: i64 = 200;

impl Content {
    /// Writes the assets of files that have none. Blobs that do not exist are left out, and logged. Must be called before files are served.
    /// Returns the number of files.
    pub async fn adopt_files(&self, blobs: &Arc<dyn BlobStore>) -> Result<usize> {
        let (mut after, mut adopted) = (0, 0);
        loop {
            let files = self.store().read(|r| r.blobs().list_unadopted_files(after, FILES_PER_BATCH))?;
            let Some(last_file) = files.last() else { return Ok(adopted) };
            after = last_file.id;
            let looking = blobs.clone();
            let future = run_blocking(move || {
                files.into_iter().map(|file| measure_blobs(&*looking, file)).collect::<Result<Vec<_>>>()
            });
            let unadopted_files: Arc<[UnadoptedFile]> = future.await??.into();
            adopted += unadopted_files.len();
            let now = self.access.now().timestamp_millis();
            self.store()
                .write(move |tx| {
                    for file in &*unadopted_files {
                        tx.assets().save(&build_asset(file, now))?;
                        tx.blobs().adopt(&file.blobs, now)?;
                        tx.assets().serve_blobs(&file.document_id, 1, &file.blobs)?;
                    }
                    Ok::<_, crate::ContentError>(())
                })
                .await?;
        }
    }
}

/// Adds the lengths of the blobs that exist. Blocks.
fn measure_blobs(blobs: &dyn BlobStore, mut file: UnadoptedFile) -> Result<UnadoptedFile> {
    let mut existing = Vec::with_capacity(file.blobs.len());
    for mut blob in file.blobs {
        let Ok(key) = BlobKey::parse(&blob.blob) else { continue };
        match blobs.open(&key, None)? {
            Some(found) => {
                blob.length = found.length;
                existing.push(blob);
            }
            None => tracing::warn!(file = blob.name, "a file of the media library is missing from file storage"),
        }
    }
    file.blobs = existing;
    Ok(file)
}

fn build_asset(file: &UnadoptedFile, now: i64) -> Asset {
    Asset {
        document_id: file.document_id.clone(),
        number: 1,
        sha256: String::new(),
        bytes: file.blobs.iter().find(|b| b.variant.is_empty()).map_or(0, |b| b.length),
        kind: file_kind(&file.mime).to_owned(),
        folder: 0,
        private: false,
        derived_from: None,
        appearance: ImageAppearance::default(),
        facts: None,
        added_at: now,
        added_by: Actor::system("adopt"),
        deleted_at: None,
        deleted_by: None,
    }
}
