//! Counts of what people search for: one row for each text and language, and nothing about who they are.

use crate::model::{Language, Query};
use crate::text::{is_storable_query, normalize_query};
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::warn;
use serde_json::json;

/// Most rows. Beyond that, each new text takes the place of the one that was asked longest ago.
const MAX_QUERIES: u64 = 10_000;
/// The largest number that the content type stores.
const MAX_COUNT: u32 = i32::MAX as u32;

/// How often a search is counted anew where others count the same text at the same moment.
const MAX_ATTEMPTS: usize = 8;

/// Counts a search. A search that cannot be counted was still answered: then the log has a line.
pub(crate) fn count_query(text: &str, language: Language, hits: u64) {
    let text = normalize_query(text);
    if !is_storable_query(&text) {
        return;
    }
    let hits = u32::try_from(hits).unwrap_or(MAX_COUNT).min(MAX_COUNT);
    for _ in 0..MAX_ATTEMPTS {
        match store_query(&text, language, hits) {
            Ok(()) => return,
            // Somebody else stored, counted or deleted it between the two calls.
            Err(Error::Conflict(_) | Error::NotFound(_)) => {}
            Err(error) => {
                warn!("a search could not be counted: {}", error.describe());
                return;
            }
        }
    }
    warn!("a search could not be counted: others counted the same text {MAX_ATTEMPTS} times meanwhile");
}

/// Without a transaction that stays open from the read to the write: everybody who writes would wait for searches.
fn store_query(text: &str, language: Language, hits: u32) -> Result<()> {
    let now = time::format(time::now());
    let found = data::find::<Query>().filter(json!({ "text": text, "language": language })).first()?;
    let batch = match found {
        Some(query) => {
            let count = query.count.saturating_add(1).min(MAX_COUNT);
            let counted = json!({ "count": count, "hits": hits, "lastAsked": now });
            let batch = Batch::new();
            match query.version {
                Some(version) => batch.update_at::<Query>(&query.document_id, version, &counted)?,
                None => batch.update::<Query>(&query.document_id, &counted)?,
            }
        }
        None => {
            let new = json!({
                "text": text, "language": language, "count": 1, "hits": hits, "firstAsked": now, "lastAsked": now,
            });
            make_room(Batch::new())?.create::<Query>(&new)?
        }
    };
    batch.write().map(drop)
}

/// Deletes the text that was asked longest ago, where there are as many as there may be.
fn make_room(batch: Batch) -> Result<Batch> {
    if data::find::<Query>().count()? < MAX_QUERIES {
        return Ok(batch);
    }
    let oldest = data::find::<Query>().sort("lastAsked:asc").first()?;
    Ok(match oldest {
        Some(oldest) => batch.delete::<Query>(&oldest.document_id),
        None => batch,
    })
}
