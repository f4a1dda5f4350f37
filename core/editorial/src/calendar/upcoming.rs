//! What is going to be published or unpublished at a time: the one place that knows where that is kept.

use cairn_content::Result;
use cairn_store::Reader;
use cairn_store::editorial::DocumentKey;

/// Something that is scheduled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Upcoming {
    pub(super) document: DocumentKey,
    /// `publish` or `unpublish`.
    pub(super) action: String,
    pub(super) at: i64,
}

/// What is scheduled from one moment to before another, at most `limit`.
#[allow(clippy::unnecessary_wraps, reason = "the schedules are read here once they are there")]
pub(super) fn between(_r: &Reader<'_>, _from: i64, _to: i64, _limit: i64) -> Result<Vec<Upcoming>> {
    Ok(Vec::new())
}
