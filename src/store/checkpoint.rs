//! The write-ahead log is copied into the database by a thread beside the writer, so that no change waits for it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use super::StoreError;
use super::sqlite;

/// The copying begins when the log has this many pages (16 MB).
const COPY_PAGES: i32 = 4_000;
/// The writer copies the log itself when it has come to this many pages (256 MB) all the same.
const ALONE_PAGES: i32 = 64_000;

/// Nothing to do.
const AT_REST: u8 = 0;
/// The thread is at work.
const COPYING: u8 = 1;
/// What was in the log when the thread began is copied; the little that came meanwhile is the writer's.
const COPIED: u8 = 2;
const STOPPED: u8 = 3;

/// The thread; it ends, and its connection is closed, when this is dropped.
#[derive(Debug)]
pub(super) struct Checkpointer {
    state: Arc<AtomicU8>,
    wake: SyncSender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Takes the copying off the writer's connection.
    pub fn start(writer: &mut Connection, folder: &Path) -> Result<Self, StoreError> {
        let copier = sqlite::open_copier(folder)?;
        let state = Arc::new(AtomicU8::new(AT_REST));
        let (wake, woken) = sync_channel(1);
        let copied = Arc::clone(&state);
        let copy = move || {
            while woken.recv().is_ok() && copied.load(Ordering::Acquire) != STOPPED {
                if let Err(error) = copier.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())) {
                    tracing::warn!(%error, "the log could not be copied into the database");
                }
                let _ = copied.compare_exchange(COPYING, COPIED, Ordering::AcqRel, Ordering::Acquire);
            }
        };
        let thread = std::thread::Builder::new().name("checkpoint".to_owned()).spawn(copy);
        let thread = thread.map_err(|error| StoreError::Refused(format!("no thread: {error}")))?;
        let (seen, waker) = (Arc::clone(&state), wake.clone());
        writer.wal_hook(Some(move |wal: &mut Wal, pages| {
            after_commit(wal, pages, &seen, &waker);
            Ok(())
        }))?;
        Ok(Self { state, wake, thread: Some(thread) })
    }
}

/// On the writer's thread. The commit stands whatever happens here.
fn after_commit(wal: &mut Wal, pages: i32, state: &AtomicU8, wake: &SyncSender<()>) {
    let is_turn = |from, to| state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok();
    if is_turn(COPIED, AT_REST) || pages >= ALONE_PAGES {
        // A reader may hold the end of the log, or the thread be at it: then the next commit tries again.
        if let Err(error) = wal.checkpoint() {
            tracing::debug!(%error, "the end of the log was not copied");
        }
    } else if pages >= COPY_PAGES && is_turn(AT_REST, COPYING) {
        // One wake is enough, and one may already be waiting.
        let _ = wake.try_send(());
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.state.store(STOPPED, Ordering::Release);
        let _ = self.wake.try_send(());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that copies the log had panicked");
        }
    }
}
