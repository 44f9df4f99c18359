//! The Rust SDK for Naryad plugins: typed functions, configuration, log and HTTP over `naryad:plugin@0.1`.
//!
//! A plugin is a `cdylib` crate that names its functions once:
//!
//! ```ignore
//! use naryad_plugin::{Error, functions};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize)]
//! struct Question { part: String }
//! #[derive(Serialize)]
//! struct Reply { quantity: u32 }
//!
//! fn in_stock(question: Question) -> Result<Reply, Error> {
//!     Ok(Reply { quantity: question.part.len() as u32 })
//! }
//!
//! functions! { "in_stock" => in_stock }
//! ```

#[doc(hidden)]
pub mod bindings;
pub mod context;
mod dispatch;
mod error;
pub mod http;
pub mod log;

#[doc(hidden)]
pub use dispatch::{answer, prepare, unknown};
pub use error::{Error, Retry};
