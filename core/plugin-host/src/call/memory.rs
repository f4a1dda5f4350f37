//! The memory that all calls may have together: those of one plugin, and those of the process. A guest that wants more is refused it at
//! once; its memory is released at the end of its call, however that ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Size of an element of a table, in bytes.
const TABLE_ELEMENT_BYTES: usize = size_of::<usize>();
/// Largest number of elements of all tables of a call together.
const MAX_TABLE_ELEMENTS: usize = 200_000;

/// A limit on memory that several calls share.
#[derive(Debug)]
pub(crate) struct MemoryBudget {
    limit: usize,
    used: AtomicUsize,
    peak: AtomicUsize,
}

impl MemoryBudget {
    pub(crate) fn new(most: usize) -> Self {
        Self { limit: most, used: AtomicUsize::new(0), peak: AtomicUsize::new(0) }
    }

    /// The limit, in bytes.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// The memory that calls have now, in bytes.
    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Acquire)
    }

    /// The peak of that memory, in bytes.
    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::Acquire)
    }

    fn try_take(&self, bytes: usize) -> bool {
        let grow_within_limit = |used: usize| used.checked_add(bytes).filter(|sum| *sum <= self.limit);
        match self.used.fetch_update(Ordering::AcqRel, Ordering::Acquire, grow_within_limit) {
            Ok(before) => {
                self.peak.fetch_max(before + bytes, Ordering::AcqRel);
                true
            }
            Err(_) => false,
        }
    }

    fn give_back(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::AcqRel);
    }
}

/// The limit that denied memory to a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemoryLimitHit {
    /// The call's own limit.
    Call,
    /// The limit of all calls of its plugin, in bytes.
    Plugin(usize),
    /// The limit of all plugins of the process, in bytes.
    Process(usize),
}

/// The memory of one call.
#[derive(Debug)]
pub(crate) struct CallMemory {
    /// Limit on its linear memories together, in bytes.
    limit: usize,
    plugin: Arc<MemoryBudget>,
    process: Arc<MemoryBudget>,
    linear: usize,
    elements: usize,
    /// Bytes of linear memory and elements that were granted last: they are taken back where the engine then cannot provide them.
    last: (usize, usize),
    limit_hit: Option<MemoryLimitHit>,
}

impl CallMemory {
    pub(crate) fn new(most: usize, plugin: Arc<MemoryBudget>, process: Arc<MemoryBudget>) -> Self {
        Self { limit: most, plugin, process, linear: 0, elements: 0, last: (0, 0), limit_hit: None }
    }

    /// Decides whether a memory of the guest may grow. Memories do not shrink, so its size only grows.
    pub(crate) fn grow_linear(&mut self, from: usize, to: usize) -> bool {
        let added_bytes = to.saturating_sub(from);
        self.last = (0, 0);
        if self.linear.saturating_add(added_bytes) > self.limit {
            self.limit_hit = Some(MemoryLimitHit::Call);
            return false;
        }
        if !self.take_shared(added_bytes) {
            return false;
        }
        self.linear += added_bytes;
        self.last = (added_bytes, 0);
        true
    }

    /// Decides whether a table of the guest may grow, in elements.
    pub(crate) fn grow_table(&mut self, from: usize, to: usize) -> bool {
        let added_elements = to.saturating_sub(from);
        self.last = (0, 0);
        if self.elements.saturating_add(added_elements) > MAX_TABLE_ELEMENTS {
            self.limit_hit = Some(MemoryLimitHit::Call);
            return false;
        }
        if !self.take_shared(added_elements.saturating_mul(TABLE_ELEMENT_BYTES)) {
            return false;
        }
        self.elements += added_elements;
        self.last = (0, added_elements);
        true
    }

    /// Takes back what was granted last, since it could not be provided.
    pub(crate) fn undo_growth(&mut self) {
        let (linear, elements) = std::mem::take(&mut self.last);
        self.linear -= linear;
        self.elements -= elements;
        self.give_back(linear + elements * TABLE_ELEMENT_BYTES);
    }

    /// The size of its linear memories in bytes, which is also their peak.
    pub(crate) fn linear_bytes(&self) -> usize {
        self.linear
    }

    /// The limit that it met last, if any.
    pub(crate) fn limit_hit(&self) -> Option<MemoryLimitHit> {
        self.limit_hit
    }

    fn take_shared(&mut self, bytes: usize) -> bool {
        if !self.plugin.try_take(bytes) {
            self.limit_hit = Some(MemoryLimitHit::Plugin(self.plugin.limit()));
            return false;
        }
        if !self.process.try_take(bytes) {
            self.plugin.give_back(bytes);
            self.limit_hit = Some(MemoryLimitHit::Process(self.process.limit()));
            return false;
        }
        true
    }

    fn give_back(&self, bytes: usize) {
        self.process.give_back(bytes);
        self.plugin.give_back(bytes);
    }
}

impl Drop for CallMemory {
    fn drop(&mut self) {
        self.give_back(self.linear + self.elements * TABLE_ELEMENT_BYTES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budgets(plugin: usize, process: usize) -> (Arc<MemoryBudget>, Arc<MemoryBudget>) {
        (Arc::new(MemoryBudget::new(plugin)), Arc::new(MemoryBudget::new(process)))
    }

    #[test]
    fn memory_of_all_calls_is_limited_and_released_on_drop() {
        let (plugin, process) = budgets(100_000, 150_000);
        let call = || CallMemory::new(60_000, plugin.clone(), process.clone());
        let (mut a, mut b) = (call(), call());
        assert!(a.grow_linear(0, 60_000) && !a.grow_linear(60_000, 60_001));
        assert_eq!(a.limit_hit(), Some(MemoryLimitHit::Call));
        assert!(b.grow_linear(0, 40_000) && !b.grow_linear(40_000, 40_001));
        assert_eq!(b.limit_hit(), Some(MemoryLimitHit::Plugin(100_000)));
        // A second plugin gets what is left of the process's memory.
        let (other, _) = budgets(100_000, 0);
        let mut c = CallMemory::new(60_000, other.clone(), process.clone());
        assert!(c.grow_linear(0, 50_000) && !c.grow_linear(50_000, 50_001));
        assert_eq!((c.limit_hit(), other.used()), (Some(MemoryLimitHit::Process(150_000)), 50_000));
        assert_eq!((process.used(), plugin.used()), (150_000, 100_000));
        drop(a);
        assert!(b.grow_linear(40_000, 60_000));
        drop((b, c));
        assert_eq!((process.used(), plugin.used(), other.used()), (0, 0, 0));
        assert_eq!((process.peak(), plugin.peak()), (150_000, 100_000));
    }

    #[test]
    fn memories_and_tables_of_a_call_are_summed() {
        let (plugin, process) = budgets(usize::MAX, usize::MAX);
        let mut call = CallMemory::new(100, plugin, process.clone());
        assert!(call.grow_linear(0, 60) && call.grow_linear(0, 40) && !call.grow_linear(0, 1));
        assert!(call.grow_table(0, 150_000) && call.grow_table(0, 50_000) && !call.grow_table(0, 1));
        assert_eq!((call.linear_bytes(), process.used()), (100, 100 + MAX_TABLE_ELEMENTS * TABLE_ELEMENT_BYTES));
        drop(call);
        assert_eq!(process.used(), 0);
    }

    #[test]
    fn undone_growth_is_not_counted() {
        let (plugin, process) = budgets(1_000_000, 1_000_000);
        let mut call = CallMemory::new(1_000, plugin, process.clone());
        assert!(call.grow_linear(0, 100) && call.grow_linear(100, 200));
        call.undo_growth();
        // Undone twice, it counts once.
        call.undo_growth();
        assert_eq!((call.linear_bytes(), process.used()), (100, 100));
        assert!(call.grow_table(0, 10));
        call.undo_growth();
        assert_eq!(process.used(), 100);
        assert!(!call.grow_linear(100, 5_000));
        call.undo_growth();
        assert_eq!(process.used(), 100);
    }

    #[test]
    fn growth_that_would_overflow_is_refused() {
        let (plugin, process) = budgets(usize::MAX, 10);
        let mut call = CallMemory::new(usize::MAX, plugin.clone(), process);
        assert!(call.grow_linear(0, 10) && !call.grow_linear(10, usize::MAX) && !call.grow_table(0, usize::MAX));
        assert_eq!(plugin.used(), 10);
    }
}
