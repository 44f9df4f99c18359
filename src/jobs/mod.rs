//! What happens outside the desk or at its time: due rows, the outbox, clean-up; nothing is polled.

pub mod runner;

mod back_off;
mod call_plugin;
mod clean_up;
mod counters;
pub mod installed;
mod play_due;
mod queue;

pub use back_off::{ATTEMPTS_MAX, Random};
pub use clean_up::{FREE_PAGES_KEPT, clean_up};
pub use counters::{Counters, Snapshot};
pub use installed::secret_place;
pub use queue::LEASE;
pub use runner::{Outside, Runner, Settings, start};
