//! The command line: what `naryad` can be told to do, and the only wiring of the rooms.

pub mod import;
pub mod install;
pub mod packs;
