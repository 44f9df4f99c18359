//! Requests from outside to an installation: beside the queue of jobs, so that none waits behind a poll. The other side
//! is answered when what it brought is on the disk, and not before.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;

use super::enter_plugin::{Asked, Failure, enter, within_ceiling};
use super::installed::Ground;
use super::runner::Shared;
use super::take_items::{Brought, take};
use crate::commands::DeskError;
use crate::commands::passwords::{fresh_token, sha256};
use crate::domain::plugin::{HookAnswer, HookReceiver, HookRequest, read_items};
use crate::domain::{InstallationId, Key};
use crate::plugin_host::{Entry, EntryAnswer, WebhookRequest};
use crate::store;

/// Requests of one installation that are worked on at once; more are asked to come again.
pub const HOOKS_AT_ONCE_MAX: usize = 8;
/// A request is answered within this, or asked to come again.
const HOOK_TIME_MAX: Duration = Duration::from_secs(20);
/// Who is asked to come again and is not told when.
const AGAIN_SECONDS: u32 = 10;
/// Headers of a request that are the desk's own business.
const OWN_HEADERS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

/// Requests under way, by installation.
type Crowd = Arc<Mutex<HashMap<InstallationId, usize>>>;

/// Takes requests for as long as the runner's desk does.
pub(super) fn receiver(shared: Arc<Shared>) -> HookReceiver {
    let crowd = Crowd::default();
    HookReceiver::new(move |request| {
        let (shared, crowd) = (Arc::clone(&shared), Arc::clone(&crowd));
        async move { receive(&shared, &crowd, request).await }.boxed()
    })
}

async fn receive(shared: &Shared, crowd: &Crowd, request: HookRequest) -> HookAnswer {
    let ground = match admitted(shared, &request).await {
        Ok(Some(ground)) => ground,
        Ok(None) => return HookAnswer::Unknown,
        Err(error) => {
            tracing::error!(%error, "a request to a plugin could not be looked at");
            return HookAnswer::Later { seconds: AGAIN_SECONDS };
        }
    };
    let Some(_place) = Place::take(crowd, ground.installation.id) else {
        return HookAnswer::Later { seconds: 1 };
    };
    match tokio::time::timeout(HOOK_TIME_MAX, answer(shared, &ground, request)).await {
        Ok(answer) => answer,
        Err(_) => HookAnswer::Later { seconds: AGAIN_SECONDS },
    }
}

/// The installation, when the address is one: it is there and switched on, the token is its own, the path granted.
async fn admitted(shared: &Shared, request: &HookRequest) -> Result<Option<Ground>, store::StoreError> {
    let (Ok(id), Ok(path)) = (request.installation.parse::<InstallationId>(), Key::new(&request.path)) else {
        return Ok(None);
    };
    let given = sha256(request.token.as_bytes());
    let found = shared.read(move |db| {
        let known = store::plugin_hook::token(db, id)?.unwrap_or_default();
        // A restored desk takes nothing in and sends nothing out before a person lets it.
        if !is_same(&known, &given) || store::setting::get(db, store::setting::OUTBOX_HELD)?.is_some() {
            return Ok(None);
        }
        Ok(Ground::of_id(db, id)?.filter(|ground| ground.installation.is_enabled))
    });
    let Some(ground) = found.await? else { return Ok(None) };
    let abilities = within_ceiling(shared, &ground).await;
    Ok(abilities.webhooks.contains(&path).then_some(ground))
}

/// Compares all of it, however early it differs.
fn is_same(known: &str, given: &str) -> bool {
    let differs = known.bytes().zip(given.bytes()).fold(0, |differs, (one, other)| differs | (one ^ other));
    known.len() == given.len() && differs == 0
}

async fn answer(shared: &Shared, ground: &Ground, request: HookRequest) -> HookAnswer {
    let HookRequest { path, method, query, mut headers, body, .. } = request;
    headers.retain(|(name, _)| !OWN_HEADERS.contains(&name.as_str()));
    let asked = Asked {
        name: Some(path.clone()),
        entry: Entry::Webhook(WebhookRequest { path, method, query, headers, body }),
        job: None,
        ticket: None,
        attempt: 1,
        idempotency_key: format!("hook-{}", fresh_token().token),
        files: Default::default(),
        time_max: HOOK_TIME_MAX,
    };
    let entered = match enter(shared, ground, asked).await {
        Ok(entered) => entered,
        // Why stands in the log of calls; the other side need not know the desk from inside.
        Err(Failure::Never { .. }) => {
            return HookAnswer::Refused { message: "the plugin did not take this request".to_owned() };
        }
        Err(Failure::Later { not_before, .. }) => {
            let seconds = not_before.map_or(AGAIN_SECONDS, |pause| pause.as_secs().clamp(1, 86_400) as u32);
            return HookAnswer::Later { seconds };
        }
        Err(Failure::Wait { at, .. }) => {
            let seconds = (at - shared.desk.now()).ms().clamp(1_000, 86_400_000) / 1_000;
            return HookAnswer::Later { seconds: u32::try_from(seconds).unwrap_or(AGAIN_SECONDS) };
        }
    };
    let EntryAnswer::Webhook { status, headers, body, items } = entered.answer else {
        return HookAnswer::Refused { message: "the plugin answered something else".to_owned() };
    };
    let items = match read_items(items) {
        Ok(items) => items,
        Err(error) => return HookAnswer::Refused { message: format!("what the plugin made of it: {error}") },
    };
    let brought = Brought { items, kv: entered.kv, files: entered.files, ..Brought::default() };
    match take(shared, ground, brought).await {
        Ok(_) => HookAnswer::Said { status, headers, body },
        Err(DeskError::Refused(refusal)) => {
            tracing::warn!(installation = ground.installation.id.0, %refusal, "what a request brought was refused");
            HookAnswer::Refused { message: "the desk did not take what this request brought".to_owned() }
        }
        Err(error) => {
            tracing::error!(%error, "what a request brought could not be stored; it is asked to come again");
            HookAnswer::Later { seconds: AGAIN_SECONDS }
        }
    }
}

/// A place among the requests of an installation, given back when it is dropped.
struct Place {
    crowd: Crowd,
    installation: InstallationId,
}

impl Place {
    fn take(crowd: &Crowd, installation: InstallationId) -> Option<Place> {
        let mut counts = crowd.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(installation).or_default();
        if *count >= HOOKS_AT_ONCE_MAX {
            return None;
        }
        *count += 1;
        Some(Place { crowd: Arc::clone(crowd), installation })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.crowd.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.installation) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.installation);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_the_same_or_not() {
        assert!(is_same("abc", "abc"));
        for (known, given) in [("abc", "abd"), ("abc", "ab"), ("", "abc"), ("abc", "")] {
            assert!(!is_same(known, given), "{known} {given}");
        }
        // Before a token was made there is no hash, and no token has an empty one.
        assert!(!is_same("", &sha256(b"")));
    }

    #[test]
    fn requests_of_one_installation_are_bounded_and_give_their_place_back() {
        let crowd = Crowd::default();
        let taken: Vec<_> = (0..HOOKS_AT_ONCE_MAX).map(|_| Place::take(&crowd, InstallationId(1))).collect();
        assert!(taken.iter().all(Option::is_some));
        assert!(Place::take(&crowd, InstallationId(1)).is_none());
        assert!(Place::take(&crowd, InstallationId(2)).is_some());
        drop(taken);
        assert!(Place::take(&crowd, InstallationId(1)).is_some());
    }
}
