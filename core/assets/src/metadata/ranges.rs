//! Places in a file: which of them are needed.

use std::collections::BTreeMap;
use std::ops::Range;

/// Most places that are remembered: some 8 MiB.
const MAX_RANGES: usize = 1 << 18;

/// Ranges of bytes that touch or overlap are one.
#[derive(Debug, Default)]
pub(super) struct Ranges(BTreeMap<u64, u64>);

/// There are more places than are remembered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooManyRanges;

impl Ranges {
    pub(super) fn add(&mut self, range: Range<u64>) -> Result<(), TooManyRanges> {
        let Range { mut start, mut end } = range;
        if start >= end {
            return Ok(());
        }
        while let Some((&other, &other_end)) = self.0.range(..=end).next_back()
            && other_end >= start
        {
            self.0.remove(&other);
            start = start.min(other);
            end = end.max(other_end);
        }
        self.0.insert(start, end);
        if self.0.len() > MAX_RANGES { Err(TooManyRanges) } else { Ok(()) }
    }

    pub(super) fn overlaps(&self, range: &Range<u64>) -> bool {
        let before = self.0.range(..range.end).next_back();
        range.start < range.end && before.is_some_and(|(_, end)| *end > range.start)
    }

    /// Parts of a range that are in none of these.
    pub(super) fn outside(&self, range: Range<u64>) -> impl Iterator<Item = Range<u64>> {
        let first = self.0.range(..=range.start).next_back().map_or(range.start, |(start, _)| *start);
        let mut at = range.start;
        let mut within = self.0.range(first..range.end.max(first));
        let mut is_last = false;
        std::iter::from_fn(move || {
            while !is_last {
                let gap = match within.next() {
                    Some((start, end)) => {
                        let gap = at..(*start).max(at);
                        at = at.max(*end);
                        gap
                    }
                    None => {
                        is_last = true;
                        at..range.end.max(at)
                    }
                };
                if !gap.is_empty() {
                    return Some(gap);
                }
            }
            None
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Range<u64>> {
        self.0.iter().map(|(start, end)| *start..*end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranges_behave_like_sets_of_bytes(added in prop::collection::vec((0_u64..60, 0_u64..12), 0..12), asked in (0_u64..60, 0_u64..20)) {
            let mut ranges = Ranges::default();
            let mut bytes = [false; 100];
            for (start, length) in added {
                ranges.add(start..start + length).unwrap();
                bytes[start as usize..(start + length) as usize].fill(true);
            }
            let all: Vec<_> = ranges.iter().collect();
            prop_assert!(all.windows(2).all(|pair| pair[0].end < pair[1].start));
            let actual: Vec<_> = all.into_iter().flatten().collect();
            let known: Vec<_> = (0..100).filter(|at| bytes[*at as usize]).collect();
            prop_assert_eq!(actual, known);
            let range = asked.0..asked.0 + asked.1;
            prop_assert_eq!(ranges.overlaps(&range), range.clone().any(|at| bytes[at as usize]));
            let outside: Vec<_> = ranges.outside(range.clone()).flatten().collect();
            let known: Vec<_> = range.filter(|at| !bytes[*at as usize]).collect();
            prop_assert_eq!(outside, known);
        }
    }
}
