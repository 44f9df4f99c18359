//! Naryad: a service desk and field-service dispatch; `ARCHITECTURE.md` is the map of these rooms.

pub mod clock;
pub mod config;
pub mod domain;
pub mod plugin_host;
pub mod secrets;
pub mod store;
pub mod workflow;

pub mod cli;
pub mod commands;
pub mod jobs;
pub mod rehearsal;
pub mod views;

pub mod http;

#[global_allocator]
static ALLOCATOR: workflow::allocation::CountingAllocator = workflow::allocation::CountingAllocator;
