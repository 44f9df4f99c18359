//! The process's allocator: mimalloc, and a count of a thread's bytes while a script runs on it.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;

use mimalloc::MiMalloc;

/// Counts only between [`Counting::start`] and its drop; otherwise it costs one thread-local read.
#[derive(Debug)]
pub struct CountingAllocator;

thread_local! {
    // Constant and without a destructor: reading it never allocates and never fails.
    static COUNTER: Counter = const {
        Counter { is_active: Cell::new(false), live: Cell::new(0), peak: Cell::new(0) }
    };
}

struct Counter {
    is_active: Cell<bool>,
    live: Cell<i64>,
    peak: Cell<i64>,
}

impl Counter {
    fn add(&self, bytes: i64) {
        if self.is_active.get() {
            let live = self.live.get() + bytes;
            self.live.set(live);
            if live > self.peak.get() {
                self.peak.set(live);
            }
        }
    }
}

fn count(bytes: i64) {
    COUNTER.with(|counter| counter.add(bytes));
}

fn signed(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

// SAFETY: every call is the inner allocator's own with the caller's own arguments; counting allocates nothing.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(signed(layout.size()));
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(signed(layout.size()));
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { MiMalloc.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-signed(layout.size()));
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { MiMalloc.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(signed(size) - signed(layout.size()));
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { MiMalloc.realloc(pointer, layout, size) }
    }
}

/// While it lives, this thread's allocations are counted. Runs do not nest on a thread; if one did, the
/// inner would end the outer's count, so [`Counting::start`] forbids it.
#[derive(Debug)]
pub struct Counting(());

impl Counting {
    #[must_use]
    pub fn start() -> Self {
        COUNTER.with(|counter| {
            assert!(!counter.is_active.get(), "script runs do not nest on a thread");
            counter.live.set(0);
            counter.peak.set(0);
            counter.is_active.set(true);
        });
        Self(())
    }

    /// Bytes that are held now beyond what was held at the start.
    #[must_use]
    pub fn live_bytes() -> i64 {
        COUNTER.with(|counter| counter.live.get())
    }

    #[must_use]
    pub fn peak_bytes(&self) -> u64 {
        COUNTER.with(|counter| u64::try_from(counter.peak.get()).unwrap_or(0))
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        COUNTER.with(|counter| counter.is_active.set(false));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_only_while_a_run_is_active() {
        let before = vec![0_u8; 10_000];
        let counting = Counting::start();
        let held = vec![0_u8; 50_000];
        drop(vec![0_u8; 100_000]);
        assert_eq!(Counting::live_bytes(), 50_000);
        assert_eq!(counting.peak_bytes(), 150_000);
        drop(counting);
        drop(held);
        drop(before);
        assert_eq!(Counting::live_bytes(), 50_000, "nothing is counted afterwards");
    }
}
