//! Slows down guessing: attempts per address and per login, in bounded memory.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

use crate::domain::{Moment, Span};

/// Failed attempts that one login may have within the window.
pub const FAILURES_PER_LOGIN_MAX: u32 = 10;
/// Failed attempts that one address may have within the window: many people can share one.
pub const FAILURES_PER_ADDRESS_MAX: u32 = 50;
/// Failures are forgotten after this.
pub const WINDOW: Span = Span::minutes(15);
/// Addresses and logins that are remembered at once; the oldest are forgotten first.
const REMEMBERED_MAX: usize = 20_000;

/// Remembers failures.
#[derive(Debug, Default)]
pub struct Limiter {
    failures: Mutex<HashMap<Who, Failures>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    /// Of IPv6 the first 64 bits: whoever has one address there has them all.
    Address([u8; 8]),
    /// Of IPv4.
    Address4([u8; 4]),
    Login(String),
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    since: Moment,
}

impl Limiter {
    /// Counts an attempt as failed until it is known to be none, so that many at once do not pass the limit; or says
    /// how many seconds to wait, when this address or login has failed too often.
    pub fn attempt(&self, address: IpAddr, login: &str, now: Moment) -> Result<(), u64> {
        let Ok(mut failures) = self.failures.lock() else { return Ok(()) };
        match wait_seconds(&failures, address, login, now) {
            Some(seconds) => Err(seconds),
            None => {
                count(&mut failures, address, login, now);
                Ok(())
            }
        }
    }

    /// The right password was given: the login's failures are forgiven, the address's others stay.
    pub fn succeeded(&self, address: IpAddr, login: &str) {
        self.undecided(address, login);
        if let Ok(mut failures) = self.failures.lock() {
            failures.remove(&Who::Login(login.to_owned()));
        }
    }

    /// The desk could not look at the password: the attempt was none.
    pub fn undecided(&self, address: IpAddr, login: &str) {
        let Ok(mut failures) = self.failures.lock() else { return };
        for (who, _) in whom(address, login) {
            if let Some(found) = failures.get_mut(&who) {
                found.count = found.count.saturating_sub(1);
            }
        }
    }
}

fn wait_seconds(failures: &HashMap<Who, Failures>, address: IpAddr, login: &str, now: Moment) -> Option<u64> {
    whom(address, login)
        .into_iter()
        .filter_map(|(who, count_max)| {
            let found = failures.get(&who)?;
            let until = found.since + WINDOW;
            let is_shut = found.count >= count_max && until > now;
            is_shut.then(|| u64::try_from((until - now).ms() / 1_000 + 1).unwrap_or(1))
        })
        .max()
}

fn count(failures: &mut HashMap<Who, Failures>, address: IpAddr, login: &str, now: Moment) {
    if failures.len() + 2 > REMEMBERED_MAX {
        failures.retain(|_, found| found.since + WINDOW > now);
    }
    if failures.len() + 2 > REMEMBERED_MAX {
        let mut times: Vec<Moment> = failures.values().map(|found| found.since).collect();
        times.sort_unstable();
        let middle = times[times.len() / 2];
        failures.retain(|_, found| found.since > middle);
    }
    for (who, _) in whom(address, login) {
        let found = failures.entry(who).or_insert(Failures { count: 0, since: now });
        if found.since + WINDOW <= now {
            *found = Failures { count: 0, since: now };
        }
        found.count += 1;
    }
}

fn whom(address: IpAddr, login: &str) -> [(Who, u32); 2] {
    let address = match address {
        IpAddr::V4(v4) => Who::Address4(v4.octets()),
        IpAddr::V6(v6) => {
            let mut network = [0; 8];
            network.copy_from_slice(&v6.octets()[..8]);
            Who::Address(network)
        }
    };
    [(address, FAILURES_PER_ADDRESS_MAX), (Who::Login(login.to_owned()), FAILURES_PER_LOGIN_MAX)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_ms(1_000_000);

    fn address(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    #[test]
    fn a_login_is_shut_after_its_failures_from_anywhere_and_opens_again() {
        let limiter = Limiter::default();
        for attempt in 0..FAILURES_PER_LOGIN_MAX {
            let from = address(u8::try_from(attempt).unwrap());
            assert_eq!(limiter.attempt(from, "olga", NOW), Ok(()), "{attempt}");
        }
        assert_eq!(limiter.attempt(address(99), "olga", NOW), Err(901));
        assert_eq!(limiter.attempt(address(99), "boris", NOW), Ok(()));
        assert_eq!(limiter.attempt(address(99), "olga", NOW + WINDOW), Ok(()));
        for _ in 1..FAILURES_PER_LOGIN_MAX {
            assert_eq!(limiter.attempt(address(99), "olga", NOW + WINDOW), Ok(()));
        }
        assert!(limiter.attempt(address(99), "olga", NOW + WINDOW).is_err());
        limiter.succeeded(address(99), "olga");
        assert_eq!(limiter.attempt(address(99), "olga", NOW + WINDOW), Ok(()));
    }

    #[test]
    fn what_succeeded_or_was_not_decided_shuts_nobody_out() {
        let limiter = Limiter::default();
        for attempt in 0..FAILURES_PER_ADDRESS_MAX * 2 {
            assert_eq!(limiter.attempt(address(1), "olga", NOW), Ok(()), "{attempt}");
            limiter.succeeded(address(1), "olga");
            assert_eq!(limiter.attempt(address(1), "boris", NOW), Ok(()), "{attempt}");
            limiter.undecided(address(1), "boris");
        }
    }

    #[test]
    fn an_address_that_tries_many_logins_is_shut() {
        let limiter = Limiter::default();
        for attempt in 0..FAILURES_PER_ADDRESS_MAX {
            limiter.attempt(address(1), &format!("login{attempt}"), NOW).unwrap();
        }
        assert!(limiter.attempt(address(1), "another", NOW).is_err());
        assert!(limiter.attempt(address(2), "another", NOW).is_ok());
    }

    #[test]
    fn memory_stays_bounded() {
        let limiter = Limiter::default();
        for attempt in 0..(REMEMBERED_MAX as i64 * 2) {
            let from = address(u8::try_from(attempt % 250).unwrap());
            let _ = limiter.attempt(
                from,
                &format!("login{attempt}"),
                NOW + WINDOW + Span::from_ms(attempt * 100),
            );
        }
        assert!(limiter.failures.lock().unwrap().len() <= REMEMBERED_MAX);
    }
}
