//! Slows down guessing, in bounded memory: tight for one login from one address, wider for each of the two alone.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

use super::address::household;
use crate::domain::{Moment, Span};

/// When this has passed since the first failure, half of the failures are forgotten.
pub const WINDOW: Span = Span::minutes(15);
/// How many logins, addresses and pairs of both are remembered at once; the oldest are forgotten first.
const REMEMBERED_MAX: usize = 20_000;

/// How many failures are free; each one after them waits twice as long as the one before it.
#[derive(Debug, Clone, Copy)]
struct Limit {
    free: u32,
    first_pause: Span,
}

/// Of one login from one address: then it is shut until half is forgotten.
const OF_PAIR: Limit = Limit { free: 10, first_pause: WINDOW };
/// Of one login from all strange addresses together. Addresses that the person is known to use are not counted and
/// not held up, so that nobody can lock a person out by guessing.
const OF_LOGIN: Limit = Limit { free: 30, first_pause: Span::seconds(1) };
/// Of one address for all logins together: many people can share one. Who is known to use the address is counted but
/// not held up, so that a neighbour's guesses keep nobody out.
const OF_ADDRESS: Limit = Limit { free: 50, first_pause: Span::seconds(1) };

/// Remembers failures, and from where each login last succeeded.
#[derive(Debug, Default)]
pub struct Limiter {
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    failures: HashMap<Who, Failures>,
    homes: HashMap<String, (IpAddr, Moment)>,
}

/// Addresses are households: of IPv6 the first 64 bits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    Pair(String, IpAddr),
    Login(String),
    Address(IpAddr),
}

impl Who {
    fn limit(&self) -> Limit {
        match self {
            Who::Pair(..) => OF_PAIR,
            Who::Login(_) => OF_LOGIN,
            Who::Address(_) => OF_ADDRESS,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    since: Moment,
    last: Moment,
}

impl Failures {
    /// What is left of them at `now`: every window halves them.
    fn at(self, now: Moment) -> Failures {
        let windows = ((now - self.since).ms() / WINDOW.ms()).max(0);
        let halvings = u32::try_from(windows).unwrap_or(u32::MAX);
        let since = self.since + Span::from_ms(windows * WINDOW.ms());
        Failures { count: self.count.checked_shr(halvings).unwrap_or(0), since, ..self }
    }

    /// When the next attempt is looked at; nothing when it is at once.
    fn opens_at(self, limit: Limit, now: Moment) -> Option<Moment> {
        let beyond = self.count.checked_sub(limit.free)?;
        let doubled = limit.first_pause.ms().saturating_mul(1_i64.checked_shl(beyond).unwrap_or(i64::MAX));
        let pause = Span::from_ms(doubled.clamp(0, WINDOW.ms()));
        let opens_at = (self.last + pause).min(self.since + WINDOW);
        (opens_at > now).then_some(opens_at)
    }
}

/// An attempt that counts as failed until it is known to be none, so that many at once do not pass the limit.
#[derive(Debug)]
#[must_use]
pub struct Attempt {
    login: String,
    home: IpAddr,
    counted: Vec<Who>,
}

impl Limiter {
    /// Counts an attempt, or says how many seconds to wait. `used`: addresses of the person's sessions.
    pub fn attempt(
        &self,
        address: IpAddr,
        login: &str,
        used: &[IpAddr],
        now: Moment,
    ) -> Result<Attempt, u64> {
        let home = household(address);
        let pair = Who::Pair(login.to_owned(), home);
        let mut attempt = Attempt { login: login.to_owned(), home, counted: vec![pair, Who::Address(home)] };
        let Ok(mut memory) = self.memory.lock() else { return Ok(attempt) };
        let is_known = used.iter().any(|used| household(*used) == home)
            || memory.homes.get(login).is_some_and(|(last, _)| *last == home);
        let held_up_by = if is_known {
            &attempt.counted[..1]
        } else {
            attempt.counted.push(Who::Login(login.to_owned()));
            &attempt.counted
        };
        match memory.wait_seconds(held_up_by, now) {
            Some(seconds) => Err(seconds),
            None => {
                memory.count(&attempt.counted, now);
                Ok(attempt)
            }
        }
    }

    /// The right password was given: this address's failures with the login are forgiven, all others stay.
    pub fn succeeded(&self, attempt: Attempt, now: Moment) {
        let Ok(mut memory) = self.memory.lock() else { return };
        memory.take_back(&attempt.counted);
        memory.failures.remove(&Who::Pair(attempt.login.clone(), attempt.home));
        memory.make_room(now);
        memory.homes.insert(attempt.login, (attempt.home, now));
    }

    /// The desk could not look at the password: the attempt was none.
    pub fn undecided(&self, attempt: &Attempt) {
        if let Ok(mut memory) = self.memory.lock() {
            memory.take_back(&attempt.counted);
        }
    }
}

impl Memory {
    fn wait_seconds(&self, counted: &[Who], now: Moment) -> Option<u64> {
        let opens_at = |who: &Who| self.failures.get(who)?.at(now).opens_at(who.limit(), now);
        let until = counted.iter().filter_map(opens_at).max()?;
        Some(u64::try_from((until - now).ms() / 1_000 + 1).unwrap_or(1))
    }

    fn count(&mut self, counted: &[Who], now: Moment) {
        self.make_room(now);
        for who in counted {
            let fresh = Failures { count: 0, since: now, last: now };
            let found = self.failures.entry(who.clone()).or_insert(fresh);
            let present = found.at(now);
            let since = if present.count == 0 { now } else { present.since };
            *found = Failures { count: present.count + 1, since, last: now };
        }
    }

    fn take_back(&mut self, counted: &[Who]) {
        for who in counted {
            if let Some(found) = self.failures.get_mut(who) {
                found.count = found.count.saturating_sub(1);
            }
        }
    }

    /// For what one attempt can add.
    fn make_room(&mut self, now: Moment) {
        if self.failures.len() + 3 > REMEMBERED_MAX {
            self.failures.retain(|_, found| found.at(now).count > 0);
        }
        if self.failures.len() + 3 > REMEMBERED_MAX {
            let middle = middle(self.failures.values().map(|found| found.last));
            self.failures.retain(|_, found| found.last > middle);
        }
        if self.homes.len() >= REMEMBERED_MAX {
            let middle = middle(self.homes.values().map(|(_, at)| *at));
            self.homes.retain(|_, (_, at)| *at > middle);
        }
    }
}

fn middle(times: impl Iterator<Item = Moment>) -> Moment {
    let mut times: Vec<Moment> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or(Moment::from_ms(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_ms(1_000_000);

    fn stranger(number: u32) -> IpAddr {
        std::net::Ipv4Addr::from_bits(0xc633_0000 + number).into()
    }

    fn home() -> IpAddr {
        [192, 0, 2, 1].into()
    }

    /// How many attempts, one after another at one moment, are looked at before the desk says to wait, and how long.
    fn looked_at(
        limiter: &Limiter,
        now: Moment,
        count_max: u32,
        attempt_at: impl Fn(u32) -> (IpAddr, String),
    ) -> (u32, u64) {
        for number in 0..count_max {
            let (address, login) = attempt_at(number);
            if let Err(seconds) = limiter.attempt(address, &login, &[], now) {
                return (number, seconds);
            }
        }
        (count_max, 0)
    }

    #[test]
    fn each_kind_of_guessing_meets_its_limit() {
        type From = fn(u32) -> (IpAddr, String);
        let one_pair: From = |_| (stranger(1), "olga".to_owned());
        let one_login: From = |number| (stranger(number), "olga".to_owned());
        let one_address: From = |number| (stranger(1), format!("login{number}"));
        let nobody_twice: From = |number| (stranger(number), format!("login{number}"));
        for (kind, attempt_at, free, seconds) in [
            ("one login from one address", one_pair, OF_PAIR.free, 901),
            ("one login from everywhere", one_login, OF_LOGIN.free, 2),
            ("many logins from one address", one_address, OF_ADDRESS.free, 2),
            ("all different", nobody_twice, 200, 0),
        ] {
            assert_eq!(looked_at(&Limiter::default(), NOW, 200, attempt_at), (free, seconds), "{kind}");
        }
    }

    #[test]
    fn pauses_grow_and_half_is_forgotten_with_each_window() {
        let limiter = Limiter::default();
        let guess = |number: u32| (stranger(number), "olga".to_owned());
        let mut now = NOW;
        assert_eq!(looked_at(&limiter, now, 200, guess), (30, 2));
        for pause in [1, 2, 4, 8, 16, 32, 64] {
            let (_, seconds) = looked_at(&limiter, now, 1, |_| (stranger(999), "olga".to_owned()));
            assert_eq!(seconds, pause + 1);
            now = now + Span::seconds(pause as i64);
            assert_eq!(
                looked_at(&limiter, now, 1, |_| (stranger(1_000 + pause as u32), "olga".to_owned())).0,
                1
            );
        }
        // 37 are remembered, then 18.
        assert_eq!(
            looked_at(&limiter, NOW + WINDOW, 200, |number| (stranger(5_000 + number), "olga".to_owned())).0,
            12
        );
        let later = NOW + Span::from_ms(WINDOW.ms() * 8);
        assert_eq!(
            looked_at(&limiter, later, 200, |number| (stranger(9_000 + number), "olga".to_owned())).0,
            30
        );
    }

    #[test]
    fn nobody_is_locked_out_at_home_by_guesses_from_elsewhere() {
        let attack = |limiter: &Limiter| {
            assert_eq!(looked_at(limiter, NOW, 200, |number| (stranger(number), "olga".to_owned())).0, 30);
        };
        let limiter = Limiter::default();
        attack(&limiter);
        assert!(limiter.attempt(home(), "olga", &[], NOW).is_err(), "a strange address waits");
        assert!(limiter.attempt(home(), "olga", &[home()], NOW).is_ok(), "an open session is there");
        let limiter = Limiter::default();
        let attempt = limiter.attempt(home(), "olga", &[], NOW).unwrap();
        limiter.succeeded(attempt, NOW);
        attack(&limiter);
        assert!(limiter.attempt(home(), "olga", &[], NOW).is_ok(), "the last success came from there");
        for _ in 1..OF_PAIR.free {
            let _ = limiter.attempt(home(), "olga", &[], NOW).unwrap();
        }
        assert!(limiter.attempt(home(), "olga", &[home()], NOW).is_err(), "guesses at home end too");
        let neighbour = |last: u16| IpAddr::from([0x2001, 0xdb8, 0, 7, 0, 0, 0, last]);
        assert!(limiter.attempt(neighbour(1), "boris", &[neighbour(2)], NOW).unwrap().counted.len() == 2);
    }

    #[test]
    fn guesses_of_a_neighbour_hold_up_strangers_only() {
        let limiter = Limiter::default();
        let guess = |number: u32| (home(), format!("login{number}"));
        assert_eq!(looked_at(&limiter, NOW, 200, guess), (OF_ADDRESS.free, 2));
        assert!(limiter.attempt(home(), "olga", &[], NOW).is_err(), "nobody knows her here");
        for number in 0..OF_PAIR.free {
            assert!(limiter.attempt(home(), "olga", &[home()], NOW).is_ok(), "she works here: {number}");
        }
        assert!(limiter.attempt(home(), "olga", &[home()], NOW).is_err(), "her own guesses end");
        let now = NOW + Span::seconds(2);
        assert!(limiter.attempt(home(), "eva", &[], now).is_err(), "hers counted for the address too");
    }

    #[test]
    fn what_succeeded_or_was_not_decided_shuts_nobody_out() {
        let limiter = Limiter::default();
        for number in 0..OF_ADDRESS.free * 2 {
            let attempt = limiter.attempt(home(), "olga", &[], NOW).unwrap_or_else(|_| panic!("{number}"));
            limiter.succeeded(attempt, NOW);
            let attempt = limiter.attempt(home(), "boris", &[], NOW).unwrap_or_else(|_| panic!("{number}"));
            limiter.undecided(&attempt);
        }
    }

    #[test]
    fn memory_stays_bounded() {
        let limiter = Limiter::default();
        for number in 0..(u32::try_from(REMEMBERED_MAX).unwrap() * 2) {
            let now = NOW + Span::from_ms(i64::from(number));
            let login = format!("login{number}");
            if let Ok(attempt) = limiter.attempt(stranger(number), &login, &[], now)
                && number % 2 == 0
            {
                limiter.succeeded(attempt, now);
            }
        }
        let memory = limiter.memory.lock().unwrap();
        assert!(memory.failures.len() <= REMEMBERED_MAX && memory.homes.len() <= REMEMBERED_MAX);
    }
}
