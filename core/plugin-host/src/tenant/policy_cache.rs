//! The cache of policy answers. Invalidations are written with the commit that made the change, and numbered; every node compares the
//! number before it uses its cache, so that nobody gets an answer that was invalidated before their request.

use crate::capabilities::policies::{EPOCH_KEY, format_number, invalidation_namespace};
use cairn_model::TypeId;
use cairn_store::{Reader, StoreError};
use parking_lot::Mutex;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::Arc;

/// Largest number of cached answers; the cache is emptied before it grows beyond.
const CACHE_CAPACITY: usize = 50_000;
/// Invalidations read at a time.
const INVALIDATIONS_PER_READ: i64 = 1_000;

/// The caller that an answer is for: everything that the plugin sees of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct PolicyCacheKey {
    pub(crate) plugin: String,
    /// Number of the generation that answers.
    pub(crate) number: i64,
    pub(crate) actor: String,
    /// Key of the caller's permissions, roles included.
    pub(crate) rights: String,
    /// Groups that plugins gave to the caller.
    pub(crate) groups: Vec<String>,
    pub(crate) locale: String,
}

/// A plugin's answer for a type.
#[derive(Debug, PartialEq)]
pub(crate) struct PolicyAnswer {
    /// Filter for documents; `None`: every document.
    pub(crate) filters: Option<Arc<Json>>,
    pub(crate) cache_key: String,
    /// Time until which it is cached, in milliseconds.
    pub(crate) until: i64,
    pub(crate) depends_on: Vec<String>,
}

#[derive(Default)]
struct CachedAnswers {
    answers: HashMap<PolicyCacheKey, HashMap<TypeId, Arc<PolicyAnswer>>>,
    count: usize,
    /// Number of the last invalidation that was applied, by plugin.
    epochs: HashMap<String, i64>,
}

#[derive(Default)]
pub(crate) struct PolicyCache(Mutex<CachedAnswers>);

impl PolicyCache {
    /// Applies invalidations up to now; returns the number of the last one.
    pub(crate) fn apply_invalidations(&self, r: &Reader<'_>, plugin: &str, now: i64) -> Result<i64, StoreError> {
        let place = invalidation_namespace(plugin);
        let last = r.plugin_kv().get_entries(&place, &[EPOCH_KEY], now)?.into_iter().next().flatten();
        let last = last.and_then(|entry| std::str::from_utf8(&entry.value).ok()?.parse().ok()).unwrap_or(0);
        let known_epoch = self.0.lock().epochs.get(plugin).copied();
        match known_epoch {
            Some(seen) if seen >= last => return Ok(seen),
            // Nothing is remembered from before the first look.
            None => {
                self.0.lock().epochs.insert(plugin.to_owned(), last);
                return Ok(last);
            }
            Some(_) => {}
        }
        let mut after = format_number(known_epoch.unwrap_or(0));
        let mut keys: Vec<String> = Vec::new();
        loop {
            let names = r.plugin_kv().list_keys(&place, "", Some(&after), INVALIDATIONS_PER_READ, now)?;
            let is_full = i64::try_from(names.len()).unwrap_or(i64::MAX) >= INVALIDATIONS_PER_READ;
            let numbers: Vec<&str> = names.iter().map(String::as_str).filter(|name| *name != EPOCH_KEY).collect();
            for entry in r.plugin_kv().get_entries(&place, &numbers, now)?.into_iter().flatten() {
                keys.extend(serde_json::from_slice::<Vec<String>>(&entry.value).unwrap_or_default());
            }
            match names.last() {
                Some(last) if is_full => after.clone_from(last),
                _ => break,
            }
        }
        let mut cached_answers = self.0.lock();
        let CachedAnswers { answers, count, epochs } = &mut *cached_answers;
        for (_, by_type) in answers.iter_mut().filter(|(whom, _)| whom.plugin == plugin) {
            let before = by_type.len();
            by_type.retain(|_, answer| !answer.depends_on.iter().any(|key| keys.contains(key)));
            *count -= before - by_type.len();
        }
        let epoch = epochs.entry(plugin.to_owned()).or_default();
        *epoch = last.max(*epoch);
        Ok(*epoch)
    }

    pub(crate) fn get(&self, whom: &PolicyCacheKey, ct: TypeId, now: i64) -> Option<Arc<PolicyAnswer>> {
        let answers = self.0.lock();
        answers.answers.get(whom)?.get(&ct).filter(|answer| now < answer.until).cloned()
    }

    /// Caches an answer to a call made at that number; an answer that is outdated by now is used once and not cached.
    pub(crate) fn put(&self, whom: &PolicyCacheKey, ct: TypeId, answer: Arc<PolicyAnswer>, epoch: i64, now: i64) {
        if answer.until <= now {
            return;
        }
        let mut answers = self.0.lock();
        if answers.epochs.get(&whom.plugin).copied() != Some(epoch) {
            return;
        }
        if answers.count >= CACHE_CAPACITY {
            answers.answers.clear();
            answers.count = 0;
        }
        if answers.answers.entry(whom.clone()).or_default().insert(ct, answer).is_none() {
            answers.count += 1;
        }
    }

    /// Drops the answers of generations that no longer run.
    pub(crate) fn retain_generations(&self, runs: impl Fn(&str, i64) -> bool) {
        let mut answers = self.0.lock();
        answers.answers.retain(|whom, _| runs(&whom.plugin, whom.number));
        answers.count = answers.answers.values().map(HashMap::len).sum();
    }
}
