//! When PostgreSQL's planner is to learn of tables that fill up. Its autovacuum looks once a minute. Until then it knows nothing of a
//! new table, takes the index by status and locale for as good as the one by document id, and each look-up reads the whole
//! table: an import of some thousand documents took twice as long.

use cairn_model::TypeId;
use std::sync::atomic::{AtomicI64, Ordering};

/// Rows from which a table is worth it.
const FIRST: i64 = 200;
/// What a table has to grow by until it is looked at again.
const GROWTH: i64 = 4;

/// For each type the number of rows at which it is analysed next.
pub(super) struct Statistics(Vec<AtomicI64>);

impl Statistics {
    /// Of types with so many rows, which are taken for analysed.
    pub(super) fn new(rows: impl Iterator<Item = i64>) -> Self {
        Self(rows.map(|n| AtomicI64::new((n * GROWTH).max(FIRST))).collect())
    }

    /// Whether a type that has `rows` now is to be analysed; says so once.
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
