//! The door: axum routes that turn requests into commands and views into JSON; it knows no database.

pub mod app;
pub mod router;

mod api;
mod body;
mod error;
mod query;

mod address;
mod auth;
mod backtest;
mod classification;
mod contract;
mod cookie;
mod editing;
mod hashes;
mod limiter;
mod ratings;
mod reads;

mod account;
mod login;
mod script_tests;
mod setup;
mod state_graph;

mod ticket_steps;
mod tickets;
mod time;
mod time_entries;
mod watch;

mod work;

mod attachments;
mod records;

mod foreign_logins;
mod holds;
mod incidents;
mod live;
mod onboarding;
mod operations;
mod people;
mod personal;
pub mod plugin_desk;
mod plugin_hooks;
mod plugins;
mod publish;
mod ready_packs;
mod roster;
mod runs;
mod script_api;
mod script_metrics;
mod shadow;
mod time_settings;
mod workflow;

mod assets;
mod headers;
mod metrics;
mod reference;
mod status;
mod swaps;

mod accept;
mod crowd;
mod tls;

pub use accept::{Shutdown, serve};
pub use address::{BasePath, Network, NotANetwork};
pub use app::{App, Settings};
pub use attachments::UPLOADS_AT_ONCE_MAX;
pub use hashes::HASHES_PER_ADDRESS_MAX;
pub use metrics::{Gauge, GaugeKind, Gauges};
pub use tls::{Tls, TlsError};
