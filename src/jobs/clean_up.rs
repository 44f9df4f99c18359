//! Clean-up: what is old enough goes, in small pieces with pauses, so that nobody waits for it.

use std::time::{Duration, SystemTime};

use crate::commands::{Desk, DeskError};
use crate::config::Retention;
use crate::domain::{Moment, Span};
use crate::store::files::Files;
use crate::store::{self, Db, StoreError, Tx};

/// At most this often, and only when something happens anyway: an idle desk has nothing to clean.
pub(super) const CLEAN_UP_EVERY: Duration = Duration::from_secs(60 * 60);
/// Rows that go in one transaction.
const PIECE_ROWS_MAX: usize = 500;
/// Between two pieces.
const PIECE_PAUSE: Duration = Duration::from_millis(50);
/// Pieces of one kind in one clean-up; the next one goes on.
const PIECES_MAX: usize = 2_000;
/// Answers that are kept for requests which may be repeated.
const IDEMPOTENCY_KEPT: Span = Span::hours(24);
/// Uploads that no command has named, and files without a row.
const UNBOUND_KEPT: Span = Span::hours(24);

/// Removes what is old; says how many rows and files went.
///
/// # Errors
/// When the database fails; what went before is gone all the same.
pub async fn clean_up(desk: &Desk, files: &Files, retention: &Retention) -> Result<usize, DeskError> {
    let now = desk.now();
    let before = |days: u32| now - Span::days(days.into());
    let (jobs, runs) = (before(retention.job_days), before(retention.run_days));
    let mut removed = pieces(desk, move |tx| store::job::delete_done(tx, jobs, PIECE_ROWS_MAX)).await?;
    removed += pieces(desk, move |tx| store::run::delete_before(tx, runs, PIECE_ROWS_MAX)).await?;
    let answers = now - IDEMPOTENCY_KEPT;
    removed += pieces(desk, move |tx| store::idempotency::delete_before(tx, answers, PIECE_ROWS_MAX)).await?;
    removed += unbound_uploads(desk, now).await?;
    removed += orphaned_files(desk, files).await?;
    Ok(removed)
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
