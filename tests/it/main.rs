//! The one integration binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in the functions that tests share")]

mod helpers;

mod api;
mod cli;
mod crash;
mod demo;
mod desk;
mod import;
mod jobs;
mod plugins;
#[cfg(unix)]
mod postgres;
mod rehearsal;
mod roster;
mod scenarios;
mod simulation;
mod tidy;
mod watch;
mod workflow;
