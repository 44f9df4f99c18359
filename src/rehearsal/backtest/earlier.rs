//! What is remembered of a back-test: which texts it tried, and in one line what came of it.

use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::shelf::BacktestState;
use super::{BacktestError, Draft, Plan};
use crate::domain::{Moment, PackVersionId};
use crate::store::{self, Readers, StoreError};

/// A back-test in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BacktestRun {
    pub state: BacktestState,
    pub from: Moment,
    /// The first instant after the window.
    pub to: Moment,
    pub started_at: Moment,
    /// What was tried.
    pub tried: Tried,
    /// Why it failed; `null` otherwise.
    pub failure: Option<String>,
    /// Tickets that differ; `null` without a result.
    pub differing: Option<usize>,
    /// Script errors of the draft; `null` without a result.
    pub script_errors: Option<usize>,
}

/// Which two versions a back-test compares.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Tried {
    /// The version that was published when it began.
    pub published: Option<PackVersionId>,
    /// The draft's texts as `digest` of a check names them; `null`: there was no draft.
    pub digest: Option<String>,
}

/// Names two texts: the same texts have the same name, on every desk.
#[must_use]
pub fn digest_of(script: &str, settings: &str) -> String {
    let mut hash = Sha256::new();
    // The length of the one tells where the other begins.
    hash.update((script.len() as u64).to_be_bytes());
    hash.update(script.as_bytes());
    hash.update(settings.as_bytes());
    store::hex(&hash.finalize())
}

impl Tried {
    pub(super) fn by(readers: &Readers, plan: &Plan) -> Result<Tried, BacktestError> {
        let tried = readers.read::<_, StoreError>(|db| {
            let published = store::client::get(db, plan.client)?.and_then(|client| client.pack_version);
            let digest = match &plan.draft {
                Draft::Saved => store::pack::draft(db, plan.client)?
                    .map(|draft| digest_of(&draft.script, &draft.settings)),
                Draft::Texts { script, settings, .. } => Some(digest_of(script, settings)),
            };
            Ok(Tried { published, digest })
        })?;
        Ok(tried)
    }
}

#[cfg(test)]
mod tests {
    use super::digest_of;

    #[test]
    fn each_pair_of_texts_has_a_name_of_its_own() {
        assert_eq!(digest_of("a", "b"), digest_of("a", "b"));
        let names = [digest_of("ab", ""), digest_of("a", "b"), digest_of("", "ab"), digest_of("b", "a")];
        for (at, name) in names.iter().enumerate() {
            assert_eq!(name.len(), 64);
            assert!(!names[at + 1..].contains(name), "{name}");
        }
    }
}
