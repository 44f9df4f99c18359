//! What a ticket is; pure: no I/O, clock, randomness, SQL or HTTP.

pub mod id;
pub mod key;
pub mod moment;

pub mod client;
pub mod geography;
pub mod pack;
pub mod person;

pub mod assignment;
pub mod calendar;
pub mod calendars;
pub mod contract;
pub mod foreign_login;
pub mod handover;
pub mod hold;
pub mod incident;
pub mod ladder;
pub mod ledger;
pub mod monthly_report;
pub mod next;
pub mod rating;
pub mod report;
pub mod roster;
pub mod shadow;
pub mod similar;
pub mod sla;
pub mod specialist;
pub mod state_graph;
pub mod task;
pub mod ticket;
pub mod time_entry;
pub mod version_move;
pub mod watch;
pub mod work_order;

pub mod command;
pub mod event;
pub mod permission;
pub mod refusal;

pub use id::*;
pub use key::{Key, Label, Language};
pub use moment::{Moment, Span};
pub use refusal::Refusal;
