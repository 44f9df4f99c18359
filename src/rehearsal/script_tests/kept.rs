//! The tests of a client's draft: run from a desk, with what the desk has around the texts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::report::{PackSource, Report};
use super::run::{Counting, RunOptions, run_with};
use crate::commands::DeskError;
use crate::domain::{ClientId, Refusal};
use crate::store::{self, Readers};

/// Longest that the tests of one request may take together.
pub const KEPT_TESTS_WALL_MAX: Duration = Duration::from_secs(15);

/// Runs tests against a script and settings as the client would have them: with the shared modules of its draft, else
/// of its published version, and its holiday lists. Blocks; changes nothing of the desk.
///
/// # Errors
/// There is no such client, or the desk cannot be read.
pub fn run_kept(
    readers: &Readers,
    client: ClientId,
    script: String,
    settings: String,
    tests: BTreeMap<String, String>,
) -> Result<Report, DeskError> {
    let pack = readers.read(|db| {
        let found = store::client::get(db, client)?.ok_or_else(|| Refusal::not_found("client", client))?;
        let published =
            found.pack_version.map(|version| store::pack::get(db, version)).transpose()?.flatten();
        let own = store::pack::draft(db, client)?.and_then(|draft| draft.modules);
        let modules = own.or(published.map(|version| version.modules)).unwrap_or_default();
        let shared = modules.into_iter().map(|(path, text)| (path, Arc::from(text))).collect();
        let holidays = store::holiday_list::of_client(db, client)?;
        let holidays = holidays.into_iter().map(|list| (list.key, list.source)).collect();
        Ok::<_, DeskError>(PackSource { script, settings, tests, shared, holidays })
    })?;
    Ok(run_with(&pack, RunOptions { wall_max: KEPT_TESTS_WALL_MAX, counting: Counting::On }))
}
