//! Where `now` comes from: the machine's clock, or one that a test or a rehearsal moves by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::domain::{Moment, Span};

#[derive(Debug, Clone)]
pub enum Clock {
    Machine,
    Virtual(VirtualClock),
}

/// A clock that stands until it is moved.
#[derive(Debug, Clone)]
pub struct VirtualClock(Arc<AtomicI64>);

impl Clock {
    #[must_use]
    pub fn now(&self) -> Moment {
        match self {
            Clock::Machine => {
                let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Moment::from_ms(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
            }
            Clock::Virtual(clock) => clock.now(),
        }
    }
}

impl VirtualClock {
    #[must_use]
    pub fn at(moment: Moment) -> Self {
        Self(Arc::new(AtomicI64::new(moment.ms())))
    }

    #[must_use]
    pub fn now(&self) -> Moment {
        Moment::from_ms(self.0.load(Ordering::SeqCst))
    }

    /// Moves the clock; never back.
    pub fn set(&self, moment: Moment) {
        self.0.fetch_max(moment.ms(), Ordering::SeqCst);
    }

    /// Moves the clock back, for who has undone all that was done since.
    pub fn go_back(&self, moment: Moment) {
        self.0.store(moment.ms(), Ordering::SeqCst);
    }

    pub fn pass(&self, span: Span) {
        self.set(self.now() + span);
    }
}
