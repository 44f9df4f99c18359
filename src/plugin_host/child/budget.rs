//! How long a call's own code has run, and the clock tick at which that is looked at.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use wasmtime::Engine;

/// How often running code is interrupted to look at its budget: a loop is stopped this much too late at most.
const TICK: Duration = Duration::from_millis(10);

/// Ticks while calls run; an idle child sleeps.
pub struct Ticker {
    running: Arc<(Mutex<usize>, Condvar)>,
}

/// Keeps the ticker going as long as it lives.
pub struct Ticking<'a>(&'a Ticker);

/// The time of one call.
pub struct Budget {
    guest_max: Duration,
    guest_used: Duration,
    /// The thread's processor time when the plugin's code last went on; `None` while the parent is asked.
    resumed_at: Option<Duration>,
    ends_at: Instant,
}

/// Which time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    Guest,
    Wall,
}

impl Ticker {
    pub fn start(engine: Engine) -> Result<Ticker> {
        let running = Arc::new((Mutex::new(0), Condvar::new()));
        let shared = Arc::clone(&running);
        let tick = move || {
            let (count, changed) = &*shared;
            loop {
                let idle = |count: &mut usize| *count == 0;
                drop(changed.wait_while(count.lock().expect("no holder panics"), idle));
                std::thread::sleep(TICK);
                engine.increment_epoch();
            }
        };
        std::thread::Builder::new()
            .name("ticker".to_owned())
            .spawn(tick)
            .context("cannot start the ticker")?;
        Ok(Ticker { running })
    }

    pub fn tick(&self) -> Ticking<'_> {
        *self.running.0.lock().expect("no holder panics") += 1;
        self.running.1.notify_one();
        Ticking(self)
    }
}

impl Drop for Ticking<'_> {
    fn drop(&mut self) {
        *self.0.running.0.lock().expect("no holder panics") -= 1;
    }
}

impl Budget {
    pub fn new(guest_ms: u64, wall_ms: u64) -> Budget {
        Budget {
            guest_max: Duration::from_millis(guest_ms),
            guest_used: Duration::ZERO,
            resumed_at: None,
            ends_at: Instant::now() + Duration::from_millis(wall_ms),
        }
    }

    /// The plugin's code goes on.
    pub fn resume(&mut self) {
        self.resumed_at = Some(thread_time());
    }

    /// The plugin's code waits for us.
    pub fn pause(&mut self) {
        self.guest_used = self.guest_time();
        self.resumed_at = None;
    }

    pub fn guest_time(&self) -> Duration {
        let since = self.resumed_at.map_or(Duration::ZERO, |at| thread_time().saturating_sub(at));
        self.guest_used + since
    }

    pub fn left(&self) -> Duration {
        self.ends_at.saturating_duration_since(Instant::now())
    }

    pub fn over(&self) -> Option<Over> {
        if self.guest_time() > self.guest_max {
            Some(Over::Guest)
        } else if self.left().is_zero() {
            Some(Over::Wall)
        } else {
            None
        }
    }
}

/// Processor time of this thread: a plugin does not pay for what else the machine does.
#[cfg(unix)]
fn thread_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes into `time`, which lives through the call; this clock exists on every unix.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec.cast_unsigned(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Elapsed time where the system does not count per thread.
#[cfg(not(unix))]
fn thread_time() -> Duration {
    use std::sync::OnceLock;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}
