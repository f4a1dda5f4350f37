//! Answers that are remembered. What is to be forgotten is written with the commit that changed it, numbered; every node looks at the
//! number before it uses what it remembers, so that nobody sees by an answer that was to be forgotten before they asked.

use cairn_model::TypeId;
use cairn_store::plugins::KvPut;
use cairn_store::{Reader, StoreError, WriteTx};
use parking_lot::Mutex;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::Arc;

/// Answers that are remembered; where there would be more, all begin anew.
const MOST: usize = 50_000;
/// For how long it is kept what is to be forgotten: longer than any answer is remembered.
const KEPT: i64 = 25 * 3_600_000;
/// Entries read at a time.
const PAGE: i64 = 1_000;
/// The key with the number of the last one. Numbers come before it.
const EPOCH: &str = "epoch";

/// For whom an answer is: all that the plugin is told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct For {
    pub(crate) plugin: String,
    /// Of the generation that answers.
    pub(crate) number: i64,
    pub(crate) actor: String,
    /// Roles and what follows from them: the key of their rights.
    pub(crate) rights: String,
    pub(crate) locale: String,
}

/// What a plugin says of a type.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    /// Only what fits; `None`: everything.
    pub(crate) filters: Option<Arc<Json>>,
    pub(crate) cache_key: String,
    /// In milliseconds.
    pub(crate) until: i64,
    pub(crate) depends_on: Vec<String>,
}

#[derive(Default)]
struct Known {
    answers: HashMap<For, HashMap<TypeId, Arc<Answer>>>,
    count: usize,
    /// Up to which number what is to be forgotten is, by plugin.
    epochs: HashMap<String, i64>,
}

#[derive(Default)]
pub(crate) struct Memory(Mutex<Known>);

impl Memory {
    /// Forgets what is to be forgotten by now; the number of the last that was.
    pub(crate) fn follow(&self, r: &Reader<'_>, plugin: &str, now: i64) -> Result<i64, StoreError> {
        let place = place(plugin);
        let last = r.plugin_entries(&place, &[EPOCH], now)?.into_iter().next().flatten();
        let last = last.and_then(|entry| std::str::from_utf8(&entry.value).ok()?.parse().ok()).unwrap_or(0);
        let seen = self.0.lock().epochs.get(plugin).copied();
        match seen {
            Some(seen) if seen >= last => return Ok(seen),
            // Nothing is remembered from before the first look.
            None => {
                self.0.lock().epochs.insert(plugin.to_owned(), last);
                return Ok(last);
            }
            Some(_) => {}
        }
        let mut after = numbered(seen.unwrap_or(0));
        let mut keys: Vec<String> = Vec::new();
        loop {
            let names = r.plugin_keys(&place, "", Some(&after), PAGE, now)?;
            let whole = i64::try_from(names.len()).unwrap_or(i64::MAX) >= PAGE;
            let numbers: Vec<&str> = names.iter().map(String::as_str).filter(|name| *name != EPOCH).collect();
            for entry in r.plugin_entries(&place, &numbers, now)?.into_iter().flatten() {
                keys.extend(serde_json::from_slice::<Vec<String>>(&entry.value).unwrap_or_default());
            }
            match names.last() {
                Some(last) if whole => after.clone_from(last),
                _ => break,
            }
        }
        let mut known = self.0.lock();
        let Known { answers, count, epochs } = &mut *known;
        for (_, by_type) in answers.iter_mut().filter(|(whom, _)| whom.plugin == plugin) {
            let before = by_type.len();
            by_type.retain(|_, answer| !answer.depends_on.iter().any(|key| keys.contains(key)));
            *count -= before - by_type.len();
        }
        let epoch = epochs.entry(plugin.to_owned()).or_default();
        *epoch = last.max(*epoch);
        Ok(*epoch)
    }

    pub(crate) fn get(&self, whom: &For, ct: TypeId, now: i64) -> Option<Arc<Answer>> {
        let known = self.0.lock();
        known.answers.get(whom)?.get(&ct).filter(|answer| now < answer.until).cloned()
    }

    /// Remembers an answer to a question asked at that number; one that is behind by now is used once and not remembered.
    pub(crate) fn put(&self, whom: &For, ct: TypeId, answer: Arc<Answer>, epoch: i64, now: i64) {
        if answer.until <= now {
            return;
        }
        let mut known = self.0.lock();
        if known.epochs.get(&whom.plugin).copied() != Some(epoch) {
            return;
        }
        if known.count >= MOST {
            known.answers.clear();
            known.count = 0;
        }
        if known.answers.entry(whom.clone()).or_default().insert(ct, answer).is_none() {
            known.count += 1;
        }
    }

    /// Forgets the answers of generations that run no more.
    pub(crate) fn keep(&self, runs: impl Fn(&str, i64) -> bool) {
        let mut known = self.0.lock();
        known.answers.retain(|whom, _| runs(&whom.plugin, whom.number));
        known.count = known.answers.values().map(HashMap::len).sum();
    }
}

/// Where it is written what is to be forgotten: beside a plugin's own entries, under a name that no plugin has.
fn place(plugin: &str) -> String {
    format!("{plugin}/policies")
}

/// Numbers as texts in their order.
fn numbered(n: i64) -> String {
    format!("{n:020}")
}

/// Has answers that depend on one of these forgotten everywhere, with the commit of this transaction.
pub(crate) fn invalidate(tx: &mut WriteTx<'_>, plugin: &str, keys: &[String], now: i64) -> Result<(), StoreError> {
    let place = place(plugin);
    // The row is held until the commit, so that numbers become visible in their order.
    let number = tx.increment_plugin_entry(&place, EPOCH, 1, None, now)?;
    let number =
        number.ok_or_else(|| StoreError::Corrupt { place: place.clone(), message: "its number is none".into() })?;
    let value = serde_json::to_vec(keys).unwrap_or_default();
    let put = KvPut { key: numbered(number), value, expires_at: Some(now.saturating_add(KEPT)), expect: None };
    tx.put_plugin_entries(&place, &[put], now).map(drop)
}
