//! Why a function gave no answer, and when to ask again.

use crate::bindings::exports::naryad::plugin::functions as wit;

/// When Naryad may try the same call again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Never: the same input fails again.
    Never,
    /// Later, at a time that Naryad chooses.
    Later,
    /// Not before this many seconds (1 to 86,400) have passed.
    AfterSeconds(u32),
}

/// Why a function gave no answer.
#[derive(Clone, Debug)]
pub struct Error {
    code: String,
    message: String,
    retry: Retry,
}

impl Error {
    /// An error that the same input meets again. `code` is snake_case, at most 64 bytes; `message` is one
    /// sentence for the reader of the ticket, at most 1,000 bytes.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Error {
        Error { code: code.into(), message: message.into(), retry: Retry::Never }
    }

    /// The same error with another word on when to try again.
    pub fn retry(mut self, retry: Retry) -> Error {
        self.retry = retry;
        self
    }
}

impl From<Error> for wit::PluginError {
    fn from(error: Error) -> Self {
        let retry = match error.retry {
            Retry::Never => wit::Retry::Never,
            Retry::Later => wit::Retry::Later,
            Retry::AfterSeconds(seconds) => wit::Retry::AfterSeconds(seconds),
        };
        Self { code: error.code, message: error.message, retry }
    }
}
