//! Jobs that delete old records of a tenant: history, closed tabs, expired preview links.

use cairn_assets::BlobStore;
use cairn_content::{Content, HistoryRetention};
use cairn_events::{JobHandler, JobOutcome};
use cairn_library::resumable::ResumableUploads;
use cairn_store::events::JobRow;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Pause between two batches of the history, so that other writes get their turn.
const PURGE_PAUSE: Duration = Duration::from_millis(50);

/// The job `cairn.history.purge`.
pub(super) struct HistoryPurge {
    pub(super) content: Content,
    pub(super) kept: HistoryRetention,
}

impl JobHandler for HistoryPurge {
    fn name(&self) -> &'static str {
        "cairn.history.purge"
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            let after = job.checkpoint.as_ref().and_then(|c| c["after"].as_i64()).unwrap_or(0);
            match self.content.purge_history(&self.kept, after).await {
                Ok((_, Some(after))) => {
                    JobOutcome::Continue { checkpoint: json!({ "after": after }), after: PURGE_PAUSE, effect: None }
                }
                Ok((_, None)) => JobOutcome::done(),
                Err(e) => JobOutcome::failed(e),
            }
        }
        .boxed()
    }
}

/// The job `cairn.files.sweep`: empties the trash of files, and deletes objects that nothing refers to.
pub(super) struct FilesSweep {
    pub(super) content: Content,
    pub(super) assets: Arc<dyn BlobStore>,
}

impl FilesSweep {
    /// Runs one part of it; returns where to continue.
    async fn sweep_step(&self, step: &str, after: &str) -> cairn_content::Result<Option<(&'static str, String)>> {
        match step {
            "known" => {
                let swept = self.content.sweep_files(self.assets.clone(), after).await?;
                Ok(Some(swept.next.map_or(("unknown", String::new()), |next| ("known", next))))
            }
            "unknown" => {
                let swept = self.content.sweep_unknown_files(self.assets.clone(), after).await?;
                Ok(swept.next.map(|next| ("unknown", next)))
            }
            _ => {
                let (_, all) = self.content.purge_trashed_files().await?;
                Ok(Some((if all { "known" } else { "trash" }, String::new())))
            }
        }
    }
}

impl JobHandler for FilesSweep {
    fn name(&self) -> &'static str {
        "cairn.files.sweep"
    }

    /// Time for some hundred objects in a bucket.
    fn timeout(&self) -> Duration {
        Duration::from_secs(600)
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            let checkpoint = job.checkpoint.clone().unwrap_or_default();
            let text = |name: &str| checkpoint[name].as_str().unwrap_or_default();
            match self.sweep_step(text("step"), text("after")).await {
                Ok(Some((step, after))) => {
                    let checkpoint = json!({ "step": step, "after": after });
                    JobOutcome::Continue { checkpoint, after: PURGE_PAUSE, effect: None }
                }
                Ok(None) => JobOutcome::done(),
                Err(e) => JobOutcome::failed(e),
            }
        }
        .boxed()
    }
}

/// The job `cairn.presence.purge`.
pub(super) struct PresencePurge {
    pub(super) content: Content,
}

impl JobHandler for PresencePurge {
    fn name(&self) -> &'static str {
        "cairn.presence.purge"
    }

    fn run<'a>(&'a self, _: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            match self.content.purge_presence().await {
                Ok(_) => JobOutcome::done(),
                Err(e) => JobOutcome::failed(e),
            }
        }
        .boxed()
    }
}

/// The job `cairn.resumable.purge`.
pub(super) struct ResumablePurge {
    pub(super) resumable: ResumableUploads,
}

impl JobHandler for ResumablePurge {
    fn name(&self) -> &'static str {
        "cairn.resumable.purge"
    }

    fn run<'a>(&'a self, _: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            match self.resumable.purge().await {
                Ok(_) => JobOutcome::done(),
                Err(e) => JobOutcome::failed(e),
            }
        }
        .boxed()
    }
}
