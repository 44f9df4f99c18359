//! The script API as data and as a definition file, for rooms that do not know scripts.

pub use crate::workflow::{Reference, api_definitions, api_reference};
