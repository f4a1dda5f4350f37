//! A map of bounded size, for what clients send: what has not been looked up for longest gives way.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Values by their text, as many as have room.
pub(crate) struct BoundedMap<V> {
    room: usize,
    entries: Mutex<BoundedEntries<V>>,
}

struct BoundedEntries<V> {
    by_key: HashMap<String, BoundedEntry<V>>,
    /// From the one that has been there or been looked up for longest.
    order: VecDeque<String>,
    used: usize,
}

struct BoundedEntry<V> {
    value: V,
    size: usize,
    /// True if it has been looked up since it was put into the order.
    is_wanted: bool,
}

impl<V: Clone> BoundedMap<V> {
    pub(crate) fn with_room(room: usize) -> Self {
        let entries = BoundedEntries { by_key: HashMap::new(), order: VecDeque::new(), used: 0 };
        Self { room, entries: Mutex::new(entries) }
    }

    pub(crate) fn get(&self, key: &str) -> Option<V> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.by_key.get_mut(key)?;
        entry.is_wanted = true;
        Some(entry.value.clone())
    }

    /// Keeps a value of that size, unless there is one of the same key or it is larger than all the room.
    pub(crate) fn insert(&self, key: &str, value: V, size: usize) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entries = &mut *entries;
        if size > self.room || entries.by_key.contains_key(key) {
            return;
        }
        while entries.used + size > self.room {
            let Some(oldest) = entries.order.pop_front() else { break };
            match entries.by_key.get_mut(&oldest) {
                Some(entry) if entry.is_wanted => {
                    entry.is_wanted = false;
                    entries.order.push_back(oldest);
                }
                _ => entries.used -= entries.by_key.remove(&oldest).map_or(0, |entry| entry.size),
            }
        }
        entries.by_key.insert(key.to_owned(), BoundedEntry { value, size, is_wanted: false });
        entries.order.push_back(key.to_owned());
        entries.used += size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_looks_up_gives_way() {
        let map = BoundedMap::with_room(30);
        for (key, size) in [("a", 10), ("b", 10), ("c", 10), ("huge", 31)] {
            map.insert(key, size, size);
        }
        assert_eq!((map.get("a"), map.get("huge")), (Some(10), None));
        map.insert("d", 15, 15);
        assert_eq!(["a", "b", "c", "d"].map(|key| map.get(key)), [Some(10), None, None, Some(15)]);
        map.insert("a", 1, 1);
        assert_eq!(map.get("a"), Some(10), "the first one stays");
        let entries = map.entries.lock().unwrap();
        assert_eq!((entries.used, entries.order.len(), entries.by_key.len()), (25, 2, 2));
    }
}
