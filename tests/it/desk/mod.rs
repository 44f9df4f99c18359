//! The road that every change takes.

mod clocks;
mod journey;
mod preview;
mod time;
