//! Jobs that keep a tenant's own records short: old history, tabs that went, preview links that expired.

use cairn_content::{Content, HistoryKept};
use cairn_events::{JobHandler, Outcome};
use cairn_library::resumable::Resumable;
use cairn_store::events::JobRow;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;
use std::time::Duration;

/// Between two looks at the history, so that other writes get their turn.
const PAUSE: Duration = Duration::from_millis(50);

/// The job `cairn.history.purge`.
pub(super) struct HistoryPurge {
    pub(super) content: Content,
    pub(super) kept: HistoryKept,
}

impl JobHandler for HistoryPurge {
    fn name(&self) -> &'static str {
        "cairn.history.purge"
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, Outcome> {
        async move {
            let after = job.checkpoint.as_ref().and_then(|c| c["after"].as_i64()).unwrap_or(0);
            match self.content.purge_history(&self.kept, after).await {
                Ok((_, Some(after))) => {
                    Outcome::Again { checkpoint: json!({ "after": after }), after: PAUSE, effect: None }
                }
                Ok((_, None)) => Outcome::done(),
                Err(e) => Outcome::failed(e),
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

    fn run<'a>(&'a self, _: &'a JobRow) -> BoxFuture<'a, Outcome> {
        async move {
            match self.content.purge_presence().await {
                Ok(_) => Outcome::done(),
                Err(e) => Outcome::failed(e),
            }
        }
        .boxed()
    }
}

/// The job `cairn.resumable.purge`.
pub(super) struct ResumablePurge {
    pub(super) resumable: Resumable,
}

impl JobHandler for ResumablePurge {
    fn name(&self) -> &'static str {
        "cairn.resumable.purge"
    }

    fn run<'a>(&'a self, _: &'a JobRow) -> BoxFuture<'a, Outcome> {
        async move {
            match self.resumable.purge().await {
                Ok(_) => Outcome::done(),
                Err(e) => Outcome::failed(e),
            }
        }
        .boxed()
    }
}
