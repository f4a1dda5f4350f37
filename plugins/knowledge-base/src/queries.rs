//! Counts of what people search for: one row for each text and language, and nothing about who they are.
//!
//! A text is stored once three visitors have searched for it: what only one or two people type can be a name, a number plate or a date of birth.
//! Until then there is only a hash of it, with hashes of the visitors, in a place of which there are so many and no more.

use crate::model::{Language, Query};
use crate::text::{is_storable_query, normalize_query};
use crate::voter::{SearchHashes, hash_search};
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::{Migration, Progress, warn};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// Visitors who have to search for a text before it is stored.
const MIN_VISITORS: usize = 3;
/// Texts that wait for more visitors: a further one takes the place of another.
const MAX_WAITING: u64 = 4_096;
/// How long a text waits for the next visitor.
const WAITING_LIFE: Duration = Duration::from_secs(30 * 24 * 3_600);
/// Texts that one visitor can have wait in a day: nobody fills all places.
const MAX_NEW_TEXTS: u32 = 50;
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Most rows. Beyond that, each new text takes the place of the one that was asked longest ago.
const MAX_QUERIES: u64 = 10_000;
/// The largest number that the content type stores.
const MAX_COUNT: u32 = i32::MAX as u32;

/// How often a search is counted anew where others count the same text at the same moment.
const MAX_ATTEMPTS: usize = 8;

/// Counts a search. A search that cannot be counted was still answered: then the log has a line.
pub(crate) fn count_query(call: &Call, request: &Request, text: &str, language: Language, hits: u64) {
    let text = normalize_query(text);
    if !is_storable_query(&text) {
        return;
    }
    let hits = u32::try_from(hits).unwrap_or(MAX_COUNT).min(MAX_COUNT);
    for _ in 0..MAX_ATTEMPTS {
        match store_query(call, request, &text, language, hits) {
            Ok(()) => return,
            // A concurrent search stored, counted or deleted the query between the two calls.
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
fn store_query(call: &Call, request: &Request, text: &str, language: Language, hits: u32) -> Result<()> {
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
            let Some(visitors) = count_visitors(call, request, text, language)? else { return Ok(()) };
            let new = json!({
                "text": text, "language": language, "count": visitors, "hits": hits, "firstAsked": now, "lastAsked": now,
            });
            make_room(Batch::new())?.create::<Query>(&new)?
        }
    };
    batch.write().map(drop)
}

/// A text that waits for more visitors, as hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct WaitingText {
    text: String,
    visitors: Vec<String>,
}

impl WaitingText {
    /// Text with one more search; `known`: the text that waits in its place, perhaps another one.
    fn with_search(known: Option<Self>, search: &SearchHashes) -> Self {
        let mut waiting = known
            .filter(|known| known.text == search.text)
            .unwrap_or_else(|| Self { text: search.text.clone(), visitors: Vec::new() });
        if !waiting.visitors.contains(&search.visitor) {
            waiting.visitors.push(search.visitor.clone());
        }
        waiting
    }
}

/// New texts of a visitor on a day.
#[derive(Debug, Serialize, Deserialize)]
struct NewTexts {
    visitor: String,
    count: u32,
}

/// The number of visitors who have searched for a text by now, if they are enough to store it.
fn count_visitors(call: &Call, request: &Request, text: &str, language: Language) -> Result<Option<usize>> {
    let search = hash_search(call, request, &format!("{} {text}", language.as_str()))?;
    let key = format!("searches/text/{}", find_place(&search.text));
    let known = kv::get::<WaitingText>(&key)?;
    let is_new = known.as_ref().is_none_or(|known| known.text != search.text);
    if is_new && !may_wait(&search)? {
        return Ok(None);
    }
    let waiting = WaitingText::with_search(known.clone(), &search);
    if waiting.visitors.len() >= MIN_VISITORS {
        kv::delete(&key)?;
        return Ok(Some(waiting.visitors.len()));
    }
    if known.as_ref() != Some(&waiting) {
        kv::put_for(&key, &waiting, WAITING_LIFE)?;
    }
    Ok(None)
}

/// True if a visitor may have another text wait today; counts it.
fn may_wait(search: &SearchHashes) -> Result<bool> {
    let key = format!("searches/visitor/{}", find_place(&search.visitor));
    let known = kv::get::<NewTexts>(&key)?.filter(|known| known.visitor == search.visitor);
    let count = known.map_or(0, |known| known.count);
    if count >= MAX_NEW_TEXTS {
        return Ok(false);
    }
    kv::put_for(&key, &NewTexts { visitor: search.visitor.clone(), count: count + 1 }, DAY)?;
    Ok(true)
}

/// The place of a hash, of a bounded number.
fn find_place(hash: &str) -> u64 {
    hash.bytes().fold(0_u64, |place, byte| place.wrapping_mul(31).wrapping_add(u64::from(byte))) % MAX_WAITING
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

/// Rows of one slice of the upgrade.
const SLICE: u32 = 200;

/// Deletes what versions before 0.3 stored after the first visitor: texts that fewer than three searches were for, or that are no longer stored at all.
///
/// # Errors
/// What the host says.
pub(crate) fn delete_early_queries(migration: &Migration) -> Result<Progress> {
    if !is_before_three_visitors(&migration.from) {
        return Ok(Progress::Finished);
    }
    let after: String = migration.checkpoint()?.unwrap_or_default();
    let queries = data::find::<Query>().filter(json!({ "documentId": { "$gt": after } }));
    let queries = queries.sort("documentId:asc").all(SLICE)?;
    let Some(last) = queries.last() else { return Ok(Progress::Finished) };
    let early = queries.iter().filter(|query| is_early(query));
    early.fold(Batch::new(), |batch, query| batch.delete::<Query>(&query.document_id)).write()?;
    Progress::more(&last.document_id)
}

/// True for a text that would not be stored today.
fn is_early(query: &Query) -> bool {
    query.count < MIN_COUNT || !is_storable_query(&query.text)
}

/// Searches that three visitors make at least.
const MIN_COUNT: u32 = 3;

/// True for a version from which rows can be of a single visitor; 0.3 left those that 0.2 had stored.
fn is_before_three_visitors(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    matches!((parts.next(), parts.next()), (Some(Some(0)), Some(Some(minor))) if minor < 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(text: &str, visitor: &str) -> SearchHashes {
        SearchHashes { text: text.into(), visitor: visitor.into() }
    }

    #[test]
    fn a_text_waits_for_three_different_visitors() {
        let mut waiting = None;
        for (visitor, count) in [("a", 1), ("a", 1), ("b", 2), ("a", 2), ("c", 3)] {
            let with = WaitingText::with_search(waiting, &search("t", visitor));
            assert_eq!(with.visitors.len(), count, "{visitor}");
            waiting = Some(with);
        }
        let other = WaitingText::with_search(waiting, &search("u", "d"));
        assert_eq!(other, WaitingText { text: "u".into(), visitors: vec!["d".into()] }, "another text takes the place");
    }

    #[test]
    fn rows_of_earlier_versions_stay_where_three_may_have_searched() {
        let query = |text: &str, count| Query { text: text.into(), language: Language::Nl, count, hits: 0 };
        assert!(!is_early(&query("zonnepanelen", 3)));
        assert!(is_early(&query("zonnepanelen", 2)) && is_early(&query("ann@example.com", 9)));
        assert!(is_early(&query("06 12345678", 9)));
        assert!(["0.1.0", "0.2.3", "0.3.0"].into_iter().all(is_before_three_visitors));
        assert!(!["0.4.0", "0.12.0", "1.0.0"].into_iter().any(is_before_three_visitors));
    }

    #[test]
    fn places_are_bounded() {
        assert!((0..20_000).all(|n| find_place(&n.to_string()) < MAX_WAITING));
        assert_ne!(find_place("a"), find_place("b"));
    }
}
