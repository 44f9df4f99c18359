//! The road that every change takes.

#[cfg(debug_assertions)]
mod budget;
#[cfg(debug_assertions)]
mod clocks;
#[cfg(debug_assertions)]
mod duplicates;
#[cfg(debug_assertions)]
mod guards;
#[cfg(debug_assertions)]
mod incidents;
#[cfg(debug_assertions)]
mod journey;
#[cfg(debug_assertions)]
mod ladders;
mod open_tickets;
#[cfg(debug_assertions)]
mod preview;
#[cfg(debug_assertions)]
mod references;
#[cfg(debug_assertions)]
mod schedules;
#[cfg(debug_assertions)]
mod shadow;
#[cfg(debug_assertions)]
mod time;
