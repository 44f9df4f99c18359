//! Failures of the database in the middle of a command: the n-th statement is interrupted, or the disk is full.

use std::cell::Cell;
use std::ffi::{c_int, c_void};

use naryad::store::Tx;
use rusqlite::ffi;

thread_local! {
    /// Calls of the progress handler until it interrupts; below zero it never does.
    static CALLS_LEFT: Cell<i64> = const { Cell::new(-1) };
}

/// Most pages that a database has in SQLite.
const PAGES_MAX: i64 = 4_294_967_294;

/// Lets every later fault work on this connection.
pub fn prepare(tx: &Tx) {
    // SAFETY: the handle lives as long as the connection, and the handler touches a thread-local number only.
    unsafe {
        let handle = tx.connection().handle();
        ffi::sqlite3_progress_handler(handle, 1, Some(count_down), handle.cast());
    }
}

/// SQLite asks once more when a `commit` is over: an answer then would turn a change that stands into an error,
/// which no disk and no crash can do. So only what runs inside a transaction is interrupted.
unsafe extern "C" fn count_down(handle: *mut c_void) -> c_int {
    // SAFETY: it is the handle that `prepare` gave.
    if unsafe { ffi::sqlite3_get_autocommit(handle.cast()) } != 0 {
        return 0;
    }
    CALLS_LEFT.with(|left| {
        let before = left.get();
        if before >= 0 {
            left.set(before - 1);
        }
        c_int::from(before == 0)
    })
}

/// The n-th call from now interrupts the statement that runs then.
pub fn interrupt_after(calls: usize) {
    CALLS_LEFT.with(|left| left.set(i64::try_from(calls).unwrap()));
}

/// Whether the interruption came; it comes no more.
pub fn end_interruption() -> bool {
    CALLS_LEFT.with(|left| left.replace(-1)) < 0
}

/// The database may grow by so many pages and no more.
pub fn fill_disk(tx: &Tx, pages_left: usize) {
    let pages: i64 = tx.connection().query_row("pragma page_count", [], |row| row.get(0)).unwrap();
    set_pages_max(tx, pages + i64::try_from(pages_left).unwrap());
}

pub fn empty_disk(tx: &Tx) {
    set_pages_max(tx, PAGES_MAX);
}

fn set_pages_max(tx: &Tx, pages: i64) {
    let set = format!("pragma max_page_count = {pages}");
    tx.connection().query_row(&set, [], |row| row.get::<_, i64>(0)).unwrap();
}
