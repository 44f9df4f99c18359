//! The one integration binary.
//!
//! Built optimised it holds only what must be seen there too, where stacks, times and counts differ: the bombs, the
//! kills, the move of 5,000 open tickets. The rest would take minutes to compile and say nothing new.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in the functions that tests share")]
#![cfg_attr(not(debug_assertions), expect(dead_code, reason = "what the tests left out share"))]

mod helpers;

mod crash;
mod plugins;
mod simulation;
mod workflow;

#[cfg(debug_assertions)]
mod api;
#[cfg(debug_assertions)]
mod backtest;
#[cfg(debug_assertions)]
mod cli;
#[cfg(debug_assertions)]
mod demo;
mod desk;
#[cfg(debug_assertions)]
mod import;
#[cfg(debug_assertions)]
mod inward;
#[cfg(debug_assertions)]
mod jobs;
#[cfg(debug_assertions)]
mod kit;
#[cfg(all(unix, debug_assertions))]
mod postgres;
#[cfg(debug_assertions)]
mod rehearsal;
#[cfg(debug_assertions)]
mod roster;
#[cfg(debug_assertions)]
mod scenarios;
#[cfg(debug_assertions)]
mod tidy;
#[cfg(debug_assertions)]
mod watch;
