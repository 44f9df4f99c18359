//! Clean-up: what is old enough goes, in small pieces with pauses, so that nobody waits for it.

use std::time::{Duration, SystemTime};

use crate::commands::upload::UNBOUND_KEPT;
use crate::commands::{Desk, DeskError};
use crate::config::Retention;
use crate::domain::{Moment, Span};
use crate::store::files::Files;
use crate::store::job::JobState;
use crate::store::{self, Db, StoreError, Tx, sqlite};

/// At most this often, and only when something happens anyway: an idle desk has nothing to clean.
pub(super) const CLEAN_UP_EVERY: Duration = Duration::from_secs(60 * 60);
/// Rows that go in one transaction.
const PIECE_ROWS_MAX: usize = 500;
/// Between two pieces.
const PIECE_PAUSE: Duration = Duration::from_millis(50);
/// Pieces of one kind in one clean-up; the next one goes on.
const PIECES_MAX: usize = 2_000;
/// Free pages of the database file that stay for what is written next (8 MiB).
pub const FREE_PAGES_KEPT: i64 = 2_048;
/// Pages that are given back to the file system in one transaction (1 MiB).
const PAGES_AT_ONCE: i64 = 256;
/// While changes wait, giving back waits too, so often; then the next clean-up goes on.
const BUSY_MAX: u32 = 100;
/// Counts of runs by the hour: nobody asks for more than a month of them.
const HOURS_KEPT: Span = Span::days(32);
/// Answers that are kept for requests which may be repeated.
const IDEMPOTENCY_KEPT: Span = Span::hours(24);

/// Removes what is old; says how many rows and files went.
///
/// # Errors
/// When the database fails; what went before is gone all the same.
pub async fn clean_up(desk: &Desk, files: &Files, retention: &Retention) -> Result<usize, DeskError> {
    let now = desk.now();
    // Before runs go: what is counted stays.
    count_runs(desk, now).await?;
    let mut removed = old_rows(desk, retention, now).await?;
    removed += unbound_uploads(desk, now).await?;
    removed += orphaned_files(desk, files).await?;
    give_back_pages(desk).await?;
    Ok(removed)
}

/// Counts the runs of the hours that are over, a day of them at a time.
async fn count_runs(desk: &Desk, now: Moment) -> Result<(), DeskError> {
    while desk.aside(move |tx| Ok(store::run_hour::count_hours(tx, now)?)).await? > 0 {
        tokio::time::sleep(PIECE_PAUSE).await;
    }
    desk.aside(move |tx| Ok(store::run_hour::delete_before(tx, now - HOURS_KEPT)?)).await.map(drop)
}

async fn old_rows(desk: &Desk, retention: &Retention, now: Moment) -> Result<usize, DeskError> {
    let before = |days: u32| now - Span::days(days.into());
    let mut removed = 0;
    for (state, days) in [
        (JobState::Done, retention.job_days),
        (JobState::Dropped, retention.job_days),
        (JobState::Dead, retention.dead_job_days),
    ] {
        let at = before(days);
        removed += pieces(desk, move |tx| store::job::delete_ended(tx, state, at, PIECE_ROWS_MAX)).await?;
    }
    type Remove = fn(&Tx, Moment, usize) -> Result<usize, StoreError>;
    let kinds: [(Remove, Moment); 8] = [
        (store::run::delete_applied, before(retention.run_days)),
        (store::run::forget_facts, before(retention.run_days)),
        (store::run::delete_all, before(retention.failed_run_days.max(retention.run_days))),
        (store::shadow::delete_ended, before(retention.run_days)),
        (store::hold::delete_finished, before(retention.run_days)),
        (store::event::delete_journal, before(retention.journal_days)),
        (store::notification::delete_read, before(retention.notification_days)),
        (store::idempotency::delete_before, now - IDEMPOTENCY_KEPT),
    ];
    for (remove, at) in kinds {
        removed += pieces(desk, move |tx| remove(tx, at, PIECE_ROWS_MAX)).await?;
    }
    Ok(removed)
}

/// What was deleted left free pages in the file: all but some go back to the file system.
async fn give_back_pages(desk: &Desk) -> Result<(), DeskError> {
    let mut busy = 0;
    for _ in 0..PIECES_MAX {
        if desk.waiting() > 0 {
            busy += 1;
            if busy > BUSY_MAX {
                return Ok(());
            }
        } else {
            let left = desk.aside(|tx| {
                let spare = sqlite::free_pages(tx)? - FREE_PAGES_KEPT;
                let pages = spare.clamp(0, PAGES_AT_ONCE);
                if pages > 0 {
                    sqlite::give_back(tx, pages)?;
                }
                Ok(spare - pages)
            });
            if left.await? <= 0 {
                return Ok(());
            }
        }
        tokio::time::sleep(PIECE_PAUSE).await;
    }
    Ok(())
}

async fn pieces<F>(desk: &Desk, remove: F) -> Result<usize, DeskError>
where
    F: Fn(&Tx) -> Result<usize, StoreError> + Clone + Send + 'static,
{
    let mut removed = 0;
    for _ in 0..PIECES_MAX {
        let piece = remove.clone();
        let rows = desk.aside(move |tx| Ok(piece(tx)?)).await?;
        removed += rows;
        if rows < PIECE_ROWS_MAX {
            break;
        }
        tokio::time::sleep(PIECE_PAUSE).await;
    }
    Ok(removed)
}

/// The rows go here; their files are orphans then.
async fn unbound_uploads(desk: &Desk, now: Moment) -> Result<usize, DeskError> {
    let rows = desk.aside(move |tx| Ok(store::attachment::forget_unbound(tx, now - UNBOUND_KEPT)?)).await?;
    Ok(rows.len())
}

/// Files that no row names, and that nobody has stored lately.
async fn orphaned_files(desk: &Desk, files: &Files) -> Result<usize, DeskError> {
    let (readers, folder) = (desk.readers().clone(), files.clone());
    let found = tokio::task::spawn_blocking(move || {
        let mut orphans = Vec::new();
        for hash in folder.hashes()?.into_iter().filter(|hash| is_old(&folder, hash)) {
            if !readers.read(|db| is_named(db, &hash))? {
                orphans.push(hash);
            }
        }
        Ok::<_, StoreError>(orphans)
    });
    let orphans = found.await.map_err(|_| DeskError::Stopped)??;
    let mut removed = 0;
    for piece in orphans.chunks(PIECE_ROWS_MAX) {
        let (piece, files) = (piece.to_vec(), files.clone());
        // On the writer's thread, so that no row can come to name the file while it goes.
        removed += desk.aside(move |tx| Ok(remove(tx, &files, &piece)?)).await?;
        tokio::time::sleep(PIECE_PAUSE).await;
    }
    Ok(removed)
}

fn remove(tx: &Tx, files: &Files, hashes: &[String]) -> Result<usize, StoreError> {
    let mut removed = 0;
    for hash in hashes {
        // Somebody may have stored the same file again since it was found.
        if is_old(files, hash) && !is_named(tx, hash)? {
            files.remove(hash)?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Attachments and plugin packages are files.
fn is_named(db: &Db, hash: &str) -> Result<bool, StoreError> {
    Ok(store::attachment::is_named(db, hash)? || store::plugin::package(db, hash)?.is_some())
}

fn is_old(files: &Files, hash: &str) -> bool {
    let kept = Duration::from_millis(UNBOUND_KEPT.ms().unsigned_abs());
    let age = files.stored_at(hash).and_then(|at| SystemTime::now().duration_since(at).ok());
    age.is_some_and(|age| age > kept)
}
