//! Sparse order keys of links. The end of an order is always a number larger than any assigned before, so that appending does not read the
//! other links and never renumbers another document's.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Gap between two keys assigned one after the other.
const POSITION_GAP: i64 = 1 << 10;

static LAST_POSITION: AtomicI64 = AtomicI64::new(0);

/// A key behind every key assigned before, by this process or (clocks allowing) another: milliseconds since 1970 shifted by 20 bits.
pub(crate) fn end_position() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "order keys need only grow; no behaviour depends on the time")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64) << 20;
    let before = LAST_POSITION.fetch_update(Ordering::AcqRel, Ordering::Acquire, |l| Some((l + POSITION_GAP).max(now)));
    before.map_or(now, |l| (l + POSITION_GAP).max(now))
}

/// Keys for `order`, retaining those of `positions` (key of an element in the present order, `None` for a new one) wherever they still ascend.
/// If there is no gap between two neighbours all are renumbered.
pub(crate) fn place_positions(positions: &[Option<i64>]) -> Vec<i64> {
    let mut keys = Vec::with_capacity(positions.len());
    let mut previous_key: Option<i64> = None;
    for (i, h) in positions.iter().enumerate() {
        let key = match *h {
            Some(k) if previous_key.is_none_or(|l| k > l) => k,
            _ => {
                // The next key that stays is the upper bound; without one, the element goes to the end.
                match positions[i + 1..].iter().flatten().copied().filter(|&k| previous_key.is_none_or(|l| k > l)).min()
                {
                    None => end_position(),
                    Some(next) => {
                        let low = previous_key.unwrap_or(next.saturating_sub(2 * POSITION_GAP));
                        let middle = low + (next - low) / 2;
                        if middle <= low || middle >= next {
                            return positions.iter().map(|_| end_position()).collect();
                        }
                        middle
                    }
                }
            }
        };
        keys.push(key);
        previous_key = Some(key);
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_ascending(keys: &[i64]) -> bool {
        keys.windows(2).all(|w| w[0] < w[1])
    }

    #[test]
    fn end_positions_increase() {
        let keys: Vec<i64> = (0..1000).map(|_| end_position()).collect();
        assert!(is_ascending(&keys));
    }

    #[test]
    fn ascending_positions_are_retained_and_gaps_filled() {
        assert_eq!(place_positions(&[Some(10), Some(20)]), [10, 20]);
        let keys = place_positions(&[Some(10), None, Some(20)]);
        assert_eq!((keys[0], keys[2]), (10, 20));
        assert!(is_ascending(&keys));
        let keys = place_positions(&[None, Some(10)]);
        assert_eq!(keys[1], 10);
        assert!(is_ascending(&keys));
        assert!(is_ascending(&place_positions(&[Some(30), Some(10), Some(20)])));
    }

    #[test]
    fn positions_are_renumbered_when_there_is_no_gap() {
        let keys = place_positions(&[Some(10), None, Some(11)]);
        assert!(is_ascending(&keys) && keys[0] > 11);
    }
}
