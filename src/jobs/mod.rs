//! What happens outside the desk or at its time: due rows, the outbox, clean-up; nothing is polled.

pub mod runner;

mod back_off;
mod breaker;
mod call_log;
mod call_plugin;
mod clean_up;
mod counters;
mod enter_plugin;
mod hooks;
pub mod installed;
mod keeper;
mod play_due;
mod poll_plugin;
mod queue;
mod take_items;
mod tell_event;
mod tell_refusal;

pub use back_off::{ATTEMPTS_MAX, Random};
pub use breaker::{BREAKER_FAILURES_MAX, BREAKER_PAUSE, BREAKER_PAUSE_MAX};
pub use clean_up::{CALLS_KEPT, CALLS_KEPT_MAX, FREE_PAGES_KEPT, clean_up};
pub use counters::{Counters, Snapshot};
pub use hooks::HOOKS_AT_ONCE_MAX;
pub use installed::secret_place;
pub use queue::LEASE;
pub use runner::{Outside, Runner, Settings, start};
pub use tell_event::EVENT_TOLD_WITHIN;
pub use tell_refusal::TOLD_ATTEMPTS_MAX;
