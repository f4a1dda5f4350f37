//! Index of the pictures on disk, their sizes, and the one to be deleted when room is needed: the one that was asked for
//! the longest time ago.

use super::name::RenditionName;
use std::collections::BTreeMap;

/// Most files, whatever they take: the index is in memory, some hundred bytes for each.
const MAX_FILES: usize = 500_000;

/// Files of an earlier process are counted from 0, those of this one from here.
const FIRST_OF_THIS_PROCESS: u64 = 1 << 40;

/// The files on disk.
pub(super) struct RenditionIndex {
    max_bytes: u64,
    bytes: u64,
    entries: BTreeMap<RenditionName, IndexedRendition>,
    /// By when they were last asked for.
    by_use: BTreeMap<u64, RenditionName>,
    next: u64,
    /// The next number of a file of an earlier process.
    next_of_earlier: u64,
}

struct IndexedRendition {
    bytes: u64,
    used: u64,
}

impl RenditionIndex {
    pub(super) fn new(max_bytes: u64) -> RenditionIndex {
        RenditionIndex {
            max_bytes,
            bytes: 0,
            entries: BTreeMap::new(),
            by_use: BTreeMap::new(),
            next: FIRST_OF_THIS_PROCESS,
            next_of_earlier: 0,
        }
    }

    /// Total size of the files, in bytes.
    pub(super) fn total_bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn contains_name(&self, name: &RenditionName) -> bool {
        self.entries.contains_key(name)
    }

    /// True if a file of this size can be kept at all.
    pub(super) fn can_hold(&self, bytes: u64) -> bool {
        bytes <= self.max_bytes
    }

    /// Notes that a picture was requested. Returns `false` if it is not in the index.
    pub(super) fn mark_used(&mut self, name: &RenditionName) -> bool {
        let Some(entry) = self.entries.get_mut(name) else { return false };
        self.by_use.remove(&entry.used);
        entry.used = self.next;
        self.by_use.insert(self.next, *name);
        self.next += 1;
        true
    }

    /// Notes a file that was asked for just now, and returns those that have to go for it.
    pub(super) fn insert(&mut self, name: RenditionName, bytes: u64) -> Vec<RenditionName> {
        let used = self.next;
        self.next += 1;
        self.insert_entry(name, bytes, used);
        self.evict_oldest()
    }

    /// Notes files of an earlier process, the oldest first, and returns those that have to go.
    pub(super) fn insert_oldest(&mut self, found: Vec<(RenditionName, u64)>) -> Vec<RenditionName> {
        for (name, bytes) in found {
            if !self.contains_name(&name) {
                self.insert_entry(name, bytes, self.next_of_earlier);
                self.next_of_earlier += 1;
            }
        }
        self.evict_oldest()
    }

    pub(super) fn remove(&mut self, name: &RenditionName) {
        if let Some(entry) = self.entries.remove(name) {
            self.bytes -= entry.bytes;
            self.by_use.remove(&entry.used);
        }
    }

    /// Removes all pictures of a source and returns them.
    pub(super) fn remove_source(&mut self, of_source: &RenditionName) -> Vec<RenditionName> {
        let names: Vec<_> =
            self.entries.range(*of_source..=of_source.last_of_source()).map(|(name, _)| *name).collect();
        for name in &names {
            self.remove(name);
        }
        names
    }

    fn insert_entry(&mut self, name: RenditionName, bytes: u64, used: u64) {
        self.remove(&name);
        self.entries.insert(name, IndexedRendition { bytes, used });
        self.by_use.insert(used, name);
        self.bytes += bytes;
    }

    fn evict_oldest(&mut self) -> Vec<RenditionName> {
        let mut evicted = Vec::new();
        while self.bytes > self.max_bytes || self.entries.len() > MAX_FILES {
            let Some((_, name)) = self.by_use.pop_first() else { break };
            self.remove(&name);
            evicted.push(name);
        }
        evicted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BlobKey, Transform};
    use proptest::prelude::*;

    fn name(source: &str, width: u32) -> RenditionName {
        RenditionName::new("", &BlobKey::parse(source).unwrap(), &Transform::parse(&format!("w={width}")).unwrap())
    }

    #[test]
    fn least_recently_used_rendition_is_evicted() {
        let mut index = RenditionIndex::new(30);
        let [a, b, c, d, e] = [1, 2, 3, 4, 5].map(|width| name("a", width));
        assert!(index.insert(b, 10).is_empty() && index.insert(c, 10).is_empty());
        assert!(index.insert_oldest(vec![(a, 10), (b, 10)]).is_empty());
        assert_eq!((index.insert(d, 10), index.total_bytes()), (vec![a], 30));
        assert!(index.mark_used(&b));
        assert_eq!(index.insert(e, 20), [c, d]);
        assert!(index.contains_name(&b) && index.can_hold(30) && !index.can_hold(31));
    }

    #[test]
    fn removing_a_source_removes_all_its_renditions() {
        let mut index = RenditionIndex::new(1000);
        for width in 1..=5 {
            index.insert(name("a", width), 10);
            index.insert(name("b", width), 10);
        }
        assert_eq!(index.remove_source(&name("a", 1).source_name()).len(), 5);
        assert!(!index.contains_name(&name("a", 3)) && index.contains_name(&name("b", 3)));
        assert_eq!(index.total_bytes(), 50);
    }

    proptest! {
        #[test]
        fn byte_totals_are_exact_and_within_the_quota(steps in proptest::collection::vec((0u8..4, 1u32..20, 1u64..50), 0..200)) {
            let mut index = RenditionIndex::new(100);
            for (step, width, bytes) in steps {
                let name = name("a", width);
                match step {
                    0 => assert_eq!(index.mark_used(&name), index.entries.contains_key(&name)),
                    1 => index.remove(&name),
                    2 => drop(index.insert_oldest(vec![(name, bytes)])),
                    _ => drop(index.insert(name, bytes)),
                }
                prop_assert!(index.bytes <= 100);
                prop_assert_eq!(index.bytes, index.entries.values().map(|entry| entry.bytes).sum::<u64>());
                prop_assert_eq!(index.entries.len(), index.by_use.len());
            }
        }
    }
}
