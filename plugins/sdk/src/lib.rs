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
//!
//! A plugin that is also told of events, asks the other side what is new, or takes its requests, names these with
//! `plugin!`.

#[doc(hidden)]
pub mod bindings;
pub mod blob;
pub mod clock;
pub mod context;
mod error;
pub mod event;
pub mod http;
pub mod items;
pub mod kv;
pub mod log;
mod plugin;
pub mod random;
pub mod signatures;
pub mod webhook;

pub use error::{Error, Retry};
pub use event::{Event, Refusal, Ticket, Visibility};
pub use items::{Command, Comment, Item, Items, Poll, Upsert};
#[doc(hidden)]
pub use plugin::{Plugin, answer, read, written};
