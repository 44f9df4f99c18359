//! A circuit breaker for each installation: when its calls fail one after another, it is left alone for a while, and
//! then asked once whether it works again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::{InstallationId, Moment, Span};

/// Failures in a row after which an installation is left alone.
pub const BREAKER_FAILURES_MAX: u32 = 5;
/// How long at first; twice as long each time, up to the limit.
pub const BREAKER_PAUSE: Span = Span::minutes(1);
pub const BREAKER_PAUSE_MAX: Span = Span::minutes(15);
/// While one call tries whether it works again, the others wait so long.
const PROBE_WAIT: Span = Span::seconds(15);

/// The breakers of all installations; those that work have none.
#[derive(Debug, Default)]
pub struct Breakers(Mutex<HashMap<InstallationId, Breaker>>);

#[derive(Debug, Default)]
struct Breaker {
    failures: u32,
    /// How often in a row it was opened.
    opened: u32,
    until: Option<Moment>,
    probed_since: Option<Moment>,
}

/// Whether a call may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    Go,
    /// Not before then.
    Wait(Moment),
}

impl Breakers {
    pub fn admit(&self, installation: InstallationId, now: Moment) -> Admission {
        let mut breakers = self.lock();
        let Some(breaker) = breakers.get_mut(&installation) else { return Admission::Go };
        match (breaker.until, breaker.probed_since) {
            (None, _) => Admission::Go,
            (Some(until), _) if now < until => Admission::Wait(until),
            // A probe that never came back is not waited for.
            (Some(_), Some(since)) if now < since + PROBE_WAIT => Admission::Wait(since + PROBE_WAIT),
            (Some(_), _) => {
                breaker.probed_since = Some(now);
                Admission::Go
            }
        }
    }

    /// A call was answered; `true`: it had been left alone before.
    pub fn succeeded(&self, installation: InstallationId) -> bool {
        self.lock().remove(&installation).is_some_and(|breaker| breaker.until.is_some())
    }

    /// A call failed; answers until when the installation is left alone, when it is.
    pub fn failed(&self, installation: InstallationId, now: Moment) -> Option<Moment> {
        let mut breakers = self.lock();
        let breaker = breakers.entry(installation).or_default();
        breaker.failures += 1;
        let was_open = breaker.until.is_some_and(|until| now < until);
        if breaker.failures >= BREAKER_FAILURES_MAX && !was_open {
            breaker.opened += 1;
            let doublings = (breaker.opened - 1).min(8);
            let pause = Span::from_ms((BREAKER_PAUSE.ms() << doublings).min(BREAKER_PAUSE_MAX.ms()));
            (breaker.until, breaker.probed_since) = (Some(now + pause), None);
        }
        breaker.until
    }

    /// Until when an installation is left alone.
    #[cfg(test)]
    fn open_until(&self, installation: InstallationId) -> Option<Moment> {
        self.lock().get(&installation).and_then(|breaker| breaker.until)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<InstallationId, Breaker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: InstallationId = InstallationId(1);

    fn at(minutes: i64) -> Moment {
        Moment::from_ms(1_000) + Span::minutes(minutes)
    }

    #[test]
    fn failures_in_a_row_open_it_and_one_call_tries_again() {
        let breakers = Breakers::default();
        for _ in 1..BREAKER_FAILURES_MAX {
            assert_eq!(breakers.failed(ONE, at(0)), None);
            assert_eq!(breakers.admit(ONE, at(0)), Admission::Go);
        }
        assert_eq!(breakers.failed(ONE, at(0)), Some(at(1)));
        assert_eq!(breakers.admit(ONE, at(0)), Admission::Wait(at(1)));
        assert_eq!(breakers.admit(InstallationId(2), at(0)), Admission::Go, "another one does not wait");
        // The pause is over: one goes, the others wait for what it meets.
        assert_eq!(breakers.admit(ONE, at(1)), Admission::Go);
        assert_eq!(breakers.admit(ONE, at(1)), Admission::Wait(at(1) + PROBE_WAIT));
        assert_eq!(breakers.failed(ONE, at(1)), Some(at(3)), "twice as long");
        assert_eq!(breakers.admit(ONE, at(3)), Admission::Go);
        assert!(breakers.succeeded(ONE));
        assert_eq!(breakers.admit(ONE, at(3)), Admission::Go);
        assert_eq!(breakers.failed(ONE, at(3)), None, "it counts from the beginning");
    }

    #[test]
    fn a_success_between_failures_keeps_it_closed_and_the_pause_has_a_limit() {
        let breakers = Breakers::default();
        for _ in 0..20 {
            breakers.failed(ONE, at(0));
            assert!(!breakers.succeeded(ONE));
        }
        assert_eq!(breakers.open_until(ONE), None);
        let mut now = at(0);
        for _ in 0..30 {
            now = breakers.failed(ONE, now).unwrap_or(now);
        }
        let until = breakers.failed(ONE, now).unwrap();
        assert!(until - now <= BREAKER_PAUSE_MAX, "{until}");
    }

    #[test]
    fn a_probe_that_is_lost_holds_nobody_for_ever() {
        let breakers = Breakers::default();
        for _ in 0..BREAKER_FAILURES_MAX {
            breakers.failed(ONE, at(0));
        }
        assert_eq!(breakers.admit(ONE, at(1)), Admission::Go);
        assert_eq!(breakers.admit(ONE, at(1) + PROBE_WAIT), Admission::Go);
    }
}
