//! What is done once for its `Idempotency-Key`: the answer is kept for a day and given again, never done again.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::desk::Desk;
use super::done::{DeskError, Idempotency};
use crate::domain::Refusal;
use crate::domain::person::Actor;
use crate::store::{self, Db, StoreError, Tx};

/// What became of a write that is no command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once<K, S> {
    /// Done now. `kept` is given to repeats too; `shown` (a secret) is kept nowhere.
    Now { kept: K, shown: S },
    /// Done before, by the same request.
    Before(K),
}

impl<K> Once<K, ()> {
    /// The answer, which is the same however often it is asked for.
    pub fn answer(self) -> K {
        match self {
            Once::Now { kept, shown: () } | Once::Before(kept) => kept,
        }
    }
}

impl Desk {
    /// As `aside`, once for the key. `work` answers what is kept for repeats and what is shown this time only.
    pub async fn once<K, S, F>(
        &self,
        actor: Actor,
        idempotency: Option<Idempotency>,
        work: F,
    ) -> Result<Once<K, S>, DeskError>
    where
        K: Serialize + DeserializeOwned + Send + 'static,
        S: Send + 'static,
        F: FnOnce(&Tx) -> Result<(K, S), DeskError> + Send + 'static,
    {
        self.aside(move |tx| {
            let Some(idempotency) = idempotency else {
                let (kept, shown) = work(tx)?;
                return Ok(Once::Now { kept, shown });
            };
            if let Some(kept) = remembered(tx, &actor, &idempotency)? {
                return Ok(Once::Before(kept));
            }
            let (kept, shown) = work(tx)?;
            remember(tx, &actor, &idempotency, &kept)?;
            Ok(Once::Now { kept, shown })
        })
        .await
    }
}

/// The answer that was given to the same request before. The same key with another request is refused.
pub(super) fn remembered<T: DeserializeOwned>(
    db: &Db,
    actor: &Actor,
    idempotency: &Idempotency,
) -> Result<Option<T>, DeskError> {
    let Some((request_sha256, answer)) = store::idempotency::get(db, &json(actor)?, &idempotency.key)? else {
        return Ok(None);
    };
    if request_sha256 != idempotency.request_sha256 {
        return Err(Refusal::IdempotencyKeyReused.into());
    }
    serde_json::from_str(&answer).map(Some).map_err(unreadable)
}

pub(super) fn remember(
    tx: &Tx,
    actor: &Actor,
    idempotency: &Idempotency,
    answer: &impl Serialize,
) -> Result<(), DeskError> {
    let Idempotency { key, request_sha256 } = idempotency;
    Ok(store::idempotency::put(tx, &json(actor)?, key, request_sha256, &json(answer)?)?)
}

pub(super) fn json(value: &impl Serialize) -> Result<String, DeskError> {
    serde_json::to_string(value).map_err(unreadable)
}

fn unreadable(error: serde_json::Error) -> DeskError {
    DeskError::Store(StoreError::Unreadable { what: "document", why: error.to_string() })
}
