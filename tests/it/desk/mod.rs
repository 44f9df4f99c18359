//! The road that every change takes.

mod clocks;
mod journey;
mod time;
