//! When to update the statistics of PostgreSQL's planner for tables that fill up. Its autovacuum runs once a minute. Until then the planner
//! knows nothing of a new table, considers the index by status and locale as good as the one by document id, and each look-up reads the
//! whole table: an import of some thousand documents took twice as long.

use cairn_model::TypeId;
use std::sync::atomic::{AtomicI64, Ordering};

/// Number of rows from which analysing a table is worth it.
const FIRST: i64 = 200;
/// Factor by which a table has to grow until it is analysed again.
const GROWTH: i64 = 4;

/// For each type the number of rows at which it is analysed next.
pub(super) struct Statistics(Vec<AtomicI64>);

impl Statistics {
    /// Statistics for types with so many rows, which count as analysed.
    pub(super) fn new(rows: impl Iterator<Item = i64>) -> Self {
        Self(rows.map(|n| AtomicI64::new((n * GROWTH).max(FIRST))).collect())
    }

    /// True if a type that has `rows` now has to be analysed; true only once.
    pub(super) fn is_due(&self, t: TypeId, rows: i64) -> bool {
        let Some(at) = self.0.get(t.0 as usize) else { return false };
        let due = at.load(Ordering::Relaxed);
        rows >= due && at.compare_exchange(due, rows * GROWTH, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_analysed_as_they_grow() {
        let statistics = Statistics::new([0, 1_000].into_iter());
        let due = |t: u16, rows: &[i64]| rows.iter().filter(|n| statistics.is_due(TypeId(t), **n)).count();
        assert_eq!(due(0, &[1, 199, 200, 201, 799, 800, 900]), 2);
        assert_eq!(due(1, &[1_001, 3_999, 4_000, 4_001]), 1);
        assert_eq!(due(7, &[1_000_000]), 0, "there is no such type");
    }
}
