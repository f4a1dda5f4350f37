//! The cache of policy answers, and of what callers may see by them. Invalidations are written with the commit that made the change, and
//! numbered; the number is compared before the cache is used, so that nobody gets an answer that was invalidated before their request. It
//! is known from memory where this process alone writes to the database, and read from there where others do as well.

use crate::capabilities::policies::{EPOCH_KEY, format_number, invalidation_namespace};
use crate::tenant::plugins::RunningPlugins;
use cairn_model::TypeId;
use cairn_query::Access;
use cairn_store::{Reader, Store, StoreError};
use hashlink::LinkedHashMap;
use parking_lot::Mutex;
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Weak};

/// Largest number of cached answers; beyond it, those of the callers that have asked least recently are dropped.
const ANSWER_CAPACITY: usize = 50_000;
/// Largest number of cached accesses: each is a few hundred bytes, and its filters are those of the answers.
const ACCESS_CAPACITY: u64 = 20_000;
/// Invalidations read at a time.
const INVALIDATIONS_PER_READ: i64 = 1_000;

/// A caller: everything that a plugin sees of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CallerKey {
    pub(crate) actor: String,
    /// Key of the caller's permissions, roles included.
    pub(crate) rights: Arc<str>,
    /// Groups that plugins gave to the caller.
    pub(crate) groups: Vec<String>,
    pub(crate) locale: String,
}

/// The caller that an answer is for, and the plugin that gave it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct AnswerKey {
    pub(crate) plugin: String,
    /// Number of the generation that answers.
    pub(crate) number: i64,
    pub(crate) caller: CallerKey,
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

/// The caller that an access is for, and the types whose policies it includes, in order.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct AccessKey {
    pub(crate) caller: CallerKey,
    pub(crate) types: Vec<TypeId>,
}

/// Permissions of a caller, restricted by the answers of all plugins that have a say.
#[derive(Debug, Clone)]
pub struct PolicedRights {
    /// The caller's permissions, restricted by the policies.
    pub access: Arc<Access>,
    /// Distinguishes responses under these policies from those under others; `None` where no policy applies.
    pub cache_key: Option<Arc<str>>,
    /// Types of which no document is seen because a plugin failed to say which: it may answer when it is asked again.
    pub unanswered: BTreeSet<TypeId>,
}

/// A cached access, and what it rests on.
struct CachedAccess {
    /// The plugins that were asked. A weak reference keeps their place in memory from being used again, so that it identifies them.
    running: Weak<RunningPlugins>,
    /// Numbers of the last invalidations, in the order of the plugins.
    epochs: Vec<i64>,
    /// Time until which the first of the answers is cached, in milliseconds.
    until: i64,
    rights: PolicedRights,
}

/// Number of the last invalidation of a plugin that was applied.
#[derive(Clone, Copy)]
struct KnownEpoch {
    number: i64,
    /// [`policy_stamp`](cairn_store::ChangeCounters::policy_stamp) from before it was read.
    stamp: u64,
}

#[derive(Default)]
struct CachedAnswers {
    /// By caller, those who asked most recently last.
    answers: LinkedHashMap<AnswerKey, HashMap<TypeId, Arc<PolicyAnswer>>>,
    count: usize,
    epochs: HashMap<String, KnownEpoch>,
}

impl CachedAnswers {
    /// Records up to where a plugin's invalidations were read; returns the number of the last one that was applied. Before the first look,
    /// nothing is cached, and none is applied; if somebody else was first meanwhile, what they cached since may be outdated by those, and
    /// their number stays.
    fn record_epoch(&mut self, plugin: &str, is_first_look: bool, read: KnownEpoch) -> i64 {
        let known = self.epochs.entry(plugin.to_owned()).or_insert(read);
        if !is_first_look {
            *known = KnownEpoch { number: known.number.max(read.number), stamp: known.stamp.max(read.stamp) };
        }
        known.number
    }
}

pub(crate) struct PolicyCache {
    answers: Mutex<CachedAnswers>,
    accesses: moka::sync::Cache<AccessKey, Arc<CachedAccess>>,
}

impl Default for PolicyCache {
    fn default() -> Self {
        Self { answers: Mutex::default(), accesses: moka::sync::Cache::new(ACCESS_CAPACITY) }
    }
}

impl PolicyCache {
    /// Applies a plugin's invalidations up to now; returns the number of the last one. Reads the database only if there may be a new one.
    pub(crate) fn refresh(&self, store: &Store, plugin: &str, now: i64) -> Result<i64, StoreError> {
        // The stamp is read before the number: a commit after this line changes the stamp.
        let stamp = store.counters().policy_stamp();
        if !store.is_shared()
            && let Some(known) = self.answers.lock().epochs.get(plugin)
            && known.stamp == stamp
        {
            return Ok(known.number);
        }
        store.read(|r| self.apply_invalidations(r, plugin, stamp, now))
    }

    fn apply_invalidations(&self, r: &Reader<'_>, plugin: &str, stamp: u64, now: i64) -> Result<i64, StoreError> {
        let place = invalidation_namespace(plugin);
        let epoch_entry = r.plugin_kv().get_entries(&place, &[EPOCH_KEY], now)?.into_iter().next().flatten();
        let last_epoch =
            epoch_entry.and_then(|entry| std::str::from_utf8(&entry.value).ok()?.parse().ok()).unwrap_or(0);
        let known_epoch = self.answers.lock().epochs.get(plugin).map(|known| known.number);
        let mut keys: Vec<String> = Vec::new();
        if let Some(seen) = known_epoch
            && seen < last_epoch
        {
            let mut after = format_number(seen);
            loop {
                let names = r.plugin_kv().list_keys(&place, "", Some(&after), INVALIDATIONS_PER_READ, now)?;
                let is_full = i64::try_from(names.len()).unwrap_or(i64::MAX) >= INVALIDATIONS_PER_READ;
                let numbers: Vec<&str> = names.iter().map(String::as_str).filter(|name| *name != EPOCH_KEY).collect();
                for entry in r.plugin_kv().get_entries(&place, &numbers, now)?.into_iter().flatten() {
                    keys.extend(serde_json::from_slice::<Vec<String>>(&entry.value).unwrap_or_default());
                }
                match names.last() {
                    Some(last_name) if is_full => after.clone_from(last_name),
                    _ => break,
                }
            }
        }
        let mut cached_answers = self.answers.lock();
        let CachedAnswers { answers, count, .. } = &mut *cached_answers;
        if !keys.is_empty() {
            for (_, by_type) in answers.iter_mut().filter(|(key, _)| key.plugin == plugin) {
                let before = by_type.len();
                by_type.retain(|_, answer| !answer.depends_on.iter().any(|key| keys.contains(key)));
                *count -= before - by_type.len();
            }
        }
        Ok(cached_answers.record_epoch(plugin, known_epoch.is_none(), KnownEpoch { number: last_epoch, stamp }))
    }

    /// The cached answers of a plugin for these types, in their order; `None` where there is none.
    pub(crate) fn get_answers(&self, key: &AnswerKey, types: &[TypeId], now: i64) -> Vec<Option<Arc<PolicyAnswer>>> {
        let mut cached_answers = self.answers.lock();
        let by_type = cached_answers.answers.to_back(key);
        let answer = |ct| by_type.as_ref()?.get(ct).filter(|answer| now < answer.until).cloned();
        types.iter().map(answer).collect()
    }

    /// Caches an answer to a call made at that number; an answer that is outdated by now is used once and not cached.
    pub(crate) fn put_answer(&self, key: &AnswerKey, ct: TypeId, answer: Arc<PolicyAnswer>, epoch: i64, now: i64) {
        if answer.until <= now {
            return;
        }
        let mut cached_answers = self.answers.lock();
        if cached_answers.epochs.get(&key.plugin).map(|known| known.number) != Some(epoch) {
            return;
        }
        let CachedAnswers { answers, count, .. } = &mut *cached_answers;
        if answers.entry(key.clone()).or_insert_with(HashMap::new).insert(ct, answer).is_none() {
            *count += 1;
        }
        while *count > ANSWER_CAPACITY
            && let Some((_, dropped)) = answers.pop_front()
        {
            *count -= dropped.len();
        }
    }

    /// The cached access of a caller, if it still rests on these plugins and on the last invalidations.
    pub(crate) fn get_access(
        &self,
        key: &AccessKey,
        running: &Arc<RunningPlugins>,
        epochs: &[i64],
        now: i64,
    ) -> Option<PolicedRights> {
        let cached = self.accesses.get(key)?;
        let holds = std::ptr::eq(cached.running.as_ptr(), Arc::as_ptr(running))
            && cached.epochs == epochs
            && now < cached.until;
        holds.then(|| cached.rights.clone())
    }

    /// Caches the access of a caller until the first of its answers expires.
    pub(crate) fn put_access(
        &self,
        key: AccessKey,
        running: &Arc<RunningPlugins>,
        epochs: Vec<i64>,
        until: i64,
        rights: PolicedRights,
    ) {
        let running = Arc::downgrade(running);
        self.accesses.insert(key, Arc::new(CachedAccess { running, epochs, until, rights }));
    }

    /// Drops the answers of generations that no longer run, and all accesses.
    pub(crate) fn retain_generations(&self, runs: impl Fn(&str, i64) -> bool) {
        let mut cached_answers = self.answers.lock();
        cached_answers.answers.retain(|key, _| runs(&key.plugin, key.number));
        cached_answers.count = cached_answers.answers.values().map(HashMap::len).sum();
        self.accesses.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(actor: usize) -> CallerKey {
        CallerKey { actor: format!("user:{actor}"), rights: "role 1".into(), groups: Vec::new(), locale: "en".into() }
    }

    fn answer_key(actor: usize) -> AnswerKey {
        AnswerKey { plugin: "journey".into(), number: 1, caller: caller(actor) }
    }

    fn answer(until: i64) -> Arc<PolicyAnswer> {
        Arc::new(PolicyAnswer { filters: None, cache_key: String::new(), until, depends_on: Vec::new() })
    }

    /// A cache of answers of a plugin whose last invalidation had that number.
    fn cache_at(number: i64) -> PolicyCache {
        let cache = PolicyCache::default();
        cache.answers.lock().epochs.insert("journey".into(), KnownEpoch { number, stamp: 0 });
        cache
    }

    #[test]
    fn answers_of_callers_who_ask_least_are_dropped_first() {
        let cache = cache_at(7);
        let is_cached = |actor: usize| cache.get_answers(&answer_key(actor), &[TypeId(1)], 5)[0].is_some();
        for actor in 0..ANSWER_CAPACITY {
            cache.put_answer(&answer_key(actor), TypeId(1), answer(10), 7, 5);
        }
        assert!(is_cached(0));
        cache.put_answer(&answer_key(ANSWER_CAPACITY), TypeId(1), answer(10), 7, 5);
        cache.put_answer(&answer_key(ANSWER_CAPACITY), TypeId(2), answer(10), 7, 5);
        // The first one has just asked again; the two after it made room.
        let dropped = (0..=ANSWER_CAPACITY).filter(|actor| !is_cached(*actor));
        assert_eq!(dropped.collect::<Vec<_>>(), [1, 2]);
        assert_eq!(cache.answers.lock().count, ANSWER_CAPACITY);
        cache.retain_generations(|_, number| number == 2);
        assert_eq!(cache.answers.lock().count, 0);
    }

    #[test]
    fn answers_that_are_outdated_when_they_come_are_not_cached() {
        let cache = cache_at(7);
        cache.put_answer(&answer_key(1), TypeId(1), answer(10), 6, 5);
        cache.put_answer(&answer_key(1), TypeId(2), answer(5), 7, 5);
        cache.put_answer(&answer_key(1), TypeId(3), answer(6), 7, 5);
        let cached = |now| cache.get_answers(&answer_key(1), &[TypeId(1), TypeId(2), TypeId(3)], now);
        assert_eq!(cached(5).iter().map(Option::is_some).collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(cached(6), [None, None, None]);
    }

    #[test]
    fn invalidations_that_nobody_applied_are_not_skipped() {
        let read = |number, stamp| KnownEpoch { number, stamp };
        let mut answers = CachedAnswers::default();
        assert_eq!(answers.record_epoch("journey", true, read(5, 1)), 5);
        // A concurrent first reader began earlier and read a later number, without applying its invalidations: the known number stays.
        assert_eq!(answers.record_epoch("journey", true, read(7, 2)), 5);
        assert_eq!(answers.epochs["journey"].stamp, 1);
        assert_eq!(answers.record_epoch("journey", false, read(7, 2)), 7);
        assert_eq!(answers.record_epoch("journey", false, read(6, 1)), 7);
        assert_eq!(answers.epochs["journey"].stamp, 2);
    }

    #[test]
    fn accesses_are_for_one_caller_and_end_with_what_they_rest_on() {
        let cache = PolicyCache::default();
        let (running, replaced) = (Arc::new(RunningPlugins::default()), Arc::new(RunningPlugins::default()));
        let key = |actor, types: &[u16]| AccessKey {
            caller: caller(actor),
            types: types.iter().map(|number| TypeId(*number)).collect(),
        };
        let rights = PolicedRights {
            access: Arc::new(Access::none()),
            cache_key: Some("key".into()),
            unanswered: BTreeSet::new(),
        };
        cache.put_access(key(1, &[1, 2]), &running, vec![3, 4], 10, rights.clone());
        let found = |key, running, epochs: &[i64], now| cache.get_access(&key, running, epochs, now).is_some();
        assert!(found(key(1, &[1, 2]), &running, &[3, 4], 9));
        assert!(!found(key(2, &[1, 2]), &running, &[3, 4], 9), "somebody else");
        assert!(!found(key(1, &[1]), &running, &[3, 4], 9), "other types");
        assert!(!found(key(1, &[1, 2]), &replaced, &[3, 4], 9), "other plugins");
        assert!(!found(key(1, &[1, 2]), &running, &[3, 5], 9), "after an invalidation");
        assert!(!found(key(1, &[1, 2]), &running, &[3, 4], 10), "after an answer has expired");
        cache.retain_generations(|_, _| true);
        assert!(!found(key(1, &[1, 2]), &running, &[3, 4], 9));
    }
}
