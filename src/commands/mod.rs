//! The only writer: every change is a `Command`, applied in one transaction, and leaves at least one event.

pub mod desk;
pub mod done;

mod batch;
mod clocks;
mod inform;
mod live_facts;
mod once;
mod people;
mod programs;
mod publication;
mod record;
mod scripts;
mod words;
mod work;

mod apply;
mod assign;
mod change_ticket;
mod client;
mod comment;
mod conclude;
mod due;
mod edit_time;
mod holidays;
mod import;
mod job;
mod notify;
mod open_ticket;
mod pack;
mod person;
mod place;
mod plugin;
mod recompute;
mod roster;
mod roster_plan;
mod tags_links;
mod task;
mod terms;
mod turns;
mod work_order;

pub mod pack_check;
pub mod passwords;
pub mod personal;
pub mod recount;
pub mod sessions;
pub mod time_preview;
pub mod upload;
pub mod why;

pub use batch::{Engine, Request};
pub use desk::{Change, Desk};
pub use done::{DeskError, Done, Idempotency, Mode};
pub use job::{lease_jobs, lease_these, release_expired};
pub use once::Once;
pub use person::LOGIN_BYTES_MAX;
pub use plugin::CALL_PLUGIN;
