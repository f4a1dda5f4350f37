//! Memory that several threads share: who needs more than is left waits. Uploads that come at once would otherwise add
//! up to more than the machine has, each of them within its own limit.

use parking_lot::{Condvar, Mutex};

/// A number of bytes to share.
pub(crate) struct SharedBudget {
    total: u64,
    used: Mutex<u64>,
    returned: Condvar,
}

/// Bytes taken from a [`SharedBudget`]; dropping it gives them back.
pub(crate) struct BudgetReservation<'a> {
    budget: &'a SharedBudget,
    bytes: u64,
}

impl SharedBudget {
    pub(crate) const fn new(total: u64) -> SharedBudget {
        SharedBudget { total, used: Mutex::new(0), returned: Condvar::new() }
    }

    /// Takes this many bytes, waiting until they are there. Who asks for more than there is gets all, alone.
    ///
    /// A thread that holds bytes must not ask for more: two that did could wait for each other.
    pub(crate) fn reserve(&self, bytes: u64) -> BudgetReservation<'_> {
        let bytes = bytes.min(self.total);
        let mut used = self.used.lock();
        self.returned.wait_while(&mut used, |used| self.total - *used < bytes);
        *used += bytes;
        BudgetReservation { budget: self, bytes }
    }
}

impl Drop for BudgetReservation<'_> {
    fn drop(&mut self) {
        *self.budget.used.lock() -= self.bytes;
        self.budget.returned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn reservations_never_exceed_the_total() {
        let budget = SharedBudget::new(100);
        let out = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for bytes in [10, 60, 60, 1000, 99, 100, 1, 0] {
                let (budget, out) = (&budget, &out);
                scope.spawn(move || {
                    for _ in 0..50 {
                        let reserved = budget.reserve(bytes);
                        let now = out.fetch_add(reserved.bytes, Ordering::SeqCst) + reserved.bytes;
                        assert!(now <= 100, "{now}");
                        std::thread::yield_now();
                        out.fetch_sub(reserved.bytes, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(*budget.used.lock(), 0);
    }

    #[test]
    fn panics_release_their_reservation() {
        let budget = SharedBudget::new(10);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _reserved = budget.reserve(10);
            panic!("decoder");
        }));
        assert!(panicked.is_err());
        assert_eq!(budget.reserve(10).bytes, 10);
    }
}
