//! "Make a test from this ticket": its outside commands and what they need become a script test with made-up people.

mod acts;
mod cast;
mod expected;
mod history;
mod prove;
mod words;

pub use prove::{WrittenTest, write_test};
