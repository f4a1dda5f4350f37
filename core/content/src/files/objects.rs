//! Blobs of uploads on their way into the file store: claimed in the database, stored, then settled with the rows that refer to them, or
//! released. The protocol is that of `cairn_store::assets`.

use super::blocking_work::run_blocking;
use crate::{ContentError, RefusalKind, Result};
use cairn_assets::{BlobKey, BlobStore, PendingObject};
use cairn_store::assets::{BlobClaim, BlobClaimOutcome};
use cairn_store::{Store, StoreError, WriteTx};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Number of times to check whether a removal has ended, and the interval.
const MAX_CLAIM_ATTEMPTS: u32 = 50;
const CLAIM_RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// Time in milliseconds within which a removal ends, or never: after it others may take over.
pub(super) const REMOVAL_TIMEOUT_MS: i64 = 15 * 60_000;

/// Blobs that are claimed and stored.
#[derive(Debug, Clone)]
pub(super) struct BlobClaims {
    /// Their keys, each once, in order.
    keys: Arc<[String]>,
}

impl BlobClaims {
    /// Settles them, in the transaction that refers to them.
    pub(super) fn settle(&self, tx: &mut WriteTx<'_>, now: i64) -> Result<()> {
        if tx.blobs().settle(&self.keys, now)? {
            return Ok(());
        }
        Err(ContentError::Files("an upload took so long that its objects were treated as orphans".into()))
    }

    /// Releases them after a failure; blobs that nothing else uses are deleted. Those that cannot be deleted now are left to the sweep.
    pub(super) async fn release(self, store: &Store, blobs: Arc<dyn BlobStore>, now: i64) {
        let keys = self.keys.clone();
        let freed = store.write(move |tx| tx.blobs().release(&keys, now)).await;
        let removed = match freed {
            Ok(freed) => remove_objects(store, blobs, freed).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = removed {
            tracing::warn!(%error, "objects of a failed upload remain until the next cleanup");
        }
    }
}

/// Stores blobs in the file store, unless they exist. If it fails none of them stay.
pub(super) async fn store_objects(
    store: &Store,
    blobs: &Arc<dyn BlobStore>,
    objects: Vec<PendingObject>,
    now: i64,
) -> Result<BlobClaims> {
    // Equal objects are stored once: two files of an upload may be equal, or a file be its own thumbnail.
    let objects: BTreeMap<String, PendingObject> = objects.into_iter().map(|o| (o.key.to_string(), o)).collect();
    let claims = BlobClaims { keys: objects.keys().cloned().collect() };
    let outcomes = claim_objects(store, blobs, &objects, now).await?;
    let missing: Vec<PendingObject> = objects
        .into_values()
        .zip(outcomes)
        .filter(|(_, outcome)| *outcome == BlobClaimOutcome::Put)
        .map(|(o, _)| o)
        .collect();
    let into = blobs.clone();
    let result = run_blocking(move || missing.into_iter().try_for_each(|object| object.store_in(&*into))).await;
    match result {
        Ok(Ok(())) => Ok(claims),
        Ok(Err(error)) => {
            claims.release(store, blobs.clone(), now).await;
            Err(error.into())
        }
        Err(error) => {
            claims.release(store, blobs.clone(), now).await;
            Err(error)
        }
    }
}

/// Claims all blobs, after waiting for removals in progress.
async fn claim_objects(
    store: &Store,
    blobs: &Arc<dyn BlobStore>,
    objects: &BTreeMap<String, PendingObject>,
    now: i64,
) -> Result<Vec<BlobClaimOutcome>> {
    let blob_claims: Arc<[BlobClaim]> =
        objects.iter().map(|(key, object)| BlobClaim { key: key.clone(), length: object.length }).collect();
    for _ in 0..MAX_CLAIM_ATTEMPTS {
        let claims = blob_claims.clone();
        let claimed = store
            .write(move |tx| {
                let outcomes = tx.blobs().claim(&claims, now)?;
                match outcomes.iter().position(|f| *f == BlobClaimOutcome::Removing) {
                    None => Ok(outcomes),
                    // Undoes the claims on the others.
                    Some(i) => Err(ClaimError::Removing(claims[i].key.clone())),
                }
            })
            .await;
        match claimed {
            Ok(blob_claim_outcomes) => return Ok(blob_claim_outcomes),
            Err(ClaimError::Removing(key)) => {
                end_removal(store, blobs, &key, now).await?;
                tokio::time::sleep(CLAIM_RETRY_INTERVAL).await;
            }
            Err(ClaimError::Store(error)) => return Err(error.into()),
        }
    }
    let message = "The same file is being deleted right now: try again in a minute";
    Err(ContentError::refuse(RefusalKind::Conflict, message, json!({})))
}

#[derive(Debug, thiserror::Error)]
enum ClaimError {
    #[error("{0} is being deleted")]
    Removing(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Completes a removal that was begun and never ended.
async fn end_removal(store: &Store, blobs: &Arc<dyn BlobStore>, key: &str, now: i64) -> Result<()> {
    let before = now - REMOVAL_TIMEOUT_MS;
    let name = key.to_owned();
    if !store.read(|r| r.blobs().is_removed_since(&name, before))? {
        return Ok(());
    }
    let (blobs, object) = (blobs.clone(), BlobKey::parse(key)?);
    run_blocking(move || blobs.delete(&object)).await??;
    store.write(move |tx| tx.blobs().revive(&name, before)).await?;
    Ok(())
}

/// Deletes blobs whose rows are marked as removing, and then these rows.
pub(super) async fn remove_objects(store: &Store, blobs: Arc<dyn BlobStore>, keys: Vec<String>) -> Result<usize> {
    if keys.is_empty() {
        return Ok(0);
    }
    let removed_keys = run_blocking(move || {
        let start = std::time::Instant::now();
        let mut removed_keys = Vec::with_capacity(keys.len());
        for key in keys {
            // The removal stops before another process may take it over.
            if start.elapsed() > Duration::from_millis(REMOVAL_TIMEOUT_MS.unsigned_abs() / 3) {
                break;
            }
            match BlobKey::parse(&key).and_then(|object| blobs.delete(&object)) {
                Ok(_) => removed_keys.push(key),
                Err(error) => tracing::warn!(key, %error, "cannot remove an unused object"),
            }
        }
        removed_keys
    })
    .await?;
    let removed = removed_keys.len();
    store.write(move |tx| tx.blobs().delete(&removed_keys)).await?;
    Ok(removed)
}
