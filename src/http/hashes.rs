//! The bridge to password hashes: nobody holds more than a few of its places, so that all others can log in.

use std::net::IpAddr;

use super::address::household;
use super::crowd::Crowd;
use super::error::ApiError;
use super::reads::Bridge;
use crate::domain::PersonId;

/// Hashes that one address may have under way or waiting: colleagues share an address.
pub const HASHES_PER_ADDRESS_MAX: usize = 24;
/// Hashes that one person who is logged in may have under way or waiting.
const HASHES_PER_PERSON_MAX: usize = 2;

/// Password hashes beside the event loop, with places counted by who asked.
#[derive(Debug)]
pub struct Hashes {
    bridge: Bridge,
    addresses: Crowd<IpAddr>,
    persons: Crowd<PersonId>,
}

impl Default for Hashes {
    fn default() -> Self {
        Self { bridge: Bridge::for_hashes(), addresses: Crowd::default(), persons: Crowd::default() }
    }
}

impl Hashes {
    /// Hashes of the address that are under way or wait.
    #[must_use]
    pub fn held_by(&self, address: IpAddr) -> usize {
        self.addresses.held_by(household(address))
    }

    /// Runs `work` for an address and, when somebody is logged in there, for that person.
    ///
    /// # Errors
    /// Busy, when one of the two has too many under way or too many wait altogether.
    pub async fn cross<T: Send + 'static>(
        &self,
        address: IpAddr,
        person: Option<PersonId>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let at_address = self
            .addresses
            .enter(household(address), HASHES_PER_ADDRESS_MAX)
            .ok_or_else(|| ApiError::busy("too many logins wait from this address; try again shortly"))?;
        let own = match person {
            None => None,
            Some(person) => Some(
                self.persons
                    .enter(person, HASHES_PER_PERSON_MAX)
                    .ok_or_else(|| ApiError::busy("too many passwords of yours wait; try again shortly"))?,
            ),
        };
        // A hash goes on when its caller has gone, and so it keeps its places.
        let places = (at_address, own);
        let with_places = move || {
            let done = work();
            drop(places);
            done
        };
        self.bridge.cross(with_places).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, mpsc};

    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[tokio::test]
    async fn who_holds_all_places_of_an_address_or_a_person_leaves_room_for_others() {
        let olga = Some(PersonId(1));
        for (person, count_max) in [(None, HASHES_PER_ADDRESS_MAX), (olga, HASHES_PER_PERSON_MAX)] {
            let hashes = Arc::new(Hashes::default());
            let (open, gate) = mpsc::channel::<()>();
            let gate = Arc::new(Mutex::new(gate));
            let held: Vec<_> = (0..count_max)
                .map(|_| {
                    let (hashes, gate) = (Arc::clone(&hashes), Arc::clone(&gate));
                    tokio::spawn(async move {
                        let wait = move || gate.lock().is_ok_and(|gate| gate.recv().is_ok());
                        hashes.cross(HERE, person, wait).await
                    })
                })
                .collect();
            // One thread runs this test: each of those that were spawned has come as far as it can.
            tokio::task::yield_now().await;
            assert_eq!(hashes.cross(HERE, person, || ()).await.unwrap_err().status(), 503);
            let others = tokio::spawn({
                let hashes = Arc::clone(&hashes);
                async move { hashes.cross(THERE, Some(PersonId(2)), || 2).await }
            });
            tokio::task::yield_now().await;
            assert!(!others.is_finished(), "it waits for its turn and is not sent away");
            for _ in 0..count_max {
                open.send(()).unwrap();
            }
            for one in held {
                assert!(one.await.unwrap().unwrap());
            }
            assert_eq!(others.await.unwrap().unwrap(), 2);
            assert!(hashes.cross(HERE, person, || ()).await.is_ok(), "the places came back");
        }
    }
}
