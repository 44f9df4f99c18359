//! The road that every change takes.

mod budget;
mod clocks;
mod duplicates;
mod guards;
mod incidents;
mod journey;
mod ladders;
mod open_tickets;
mod preview;
mod references;
mod schedules;
mod shadow;
mod time;
