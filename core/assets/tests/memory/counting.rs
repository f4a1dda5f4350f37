//! The system's allocator, counted.

#![allow(unsafe_code, reason = "an allocator has no other way")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Bytes that are allocated, and the most there were at a time.
struct CountingAllocator {
    now: AtomicUsize,
    peak: AtomicUsize,
}

#[global_allocator]
static COUNTING: CountingAllocator = CountingAllocator { now: AtomicUsize::new(0), peak: AtomicUsize::new(0) };

/// Those that measure take turns.
static TURN: Mutex<()> = Mutex::new(());

impl CountingAllocator {
    fn count_allocated(&self, bytes: usize) {
        let now = self.now.fetch_add(bytes, Ordering::SeqCst) + bytes;
        self.peak.fetch_max(now, Ordering::SeqCst);
    }

    fn count_freed(&self, bytes: usize) {
        self.now.fetch_sub(bytes, Ordering::SeqCst);
    }
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.count_allocated(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.count_allocated(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        self.count_freed(layout.size());
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Reallocation copies, so the old and the new block exist at the same time.
        self.count_allocated(size);
        let moved = unsafe { System.realloc(at, layout, size) };
        self.count_freed(if moved.is_null() { size } else { layout.size() });
        moved
    }
}

/// The most bytes that were allocated at a time while something ran, over what there were before.
pub(crate) fn measure_peak<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let before = COUNTING.now.load(Ordering::SeqCst);
    COUNTING.peak.store(before, Ordering::SeqCst);
    let result = run();
    (result, COUNTING.peak.load(Ordering::SeqCst).saturating_sub(before))
}

#[test]
fn allocations_are_counted() {
    let ((), peak) = measure_peak(|| drop(std::hint::black_box(vec![1_u8; 100 << 20])));
    assert!((100 << 20..110 << 20).contains(&peak), "{peak}");
}
