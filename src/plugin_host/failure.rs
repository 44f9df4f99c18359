//! Why a call gave no answer, whether to try again, and one sentence for the ticket.

use std::time::Duration;

use super::host::Transcript;
use super::package::PackageHash;
use super::schema::Mismatch;

/// A call without an answer, with everything that was seen of it.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct CallFailure {
    pub reason: FailureReason,
    /// Log, requests and times up to the failure.
    pub transcript: Transcript,
}

/// Why there is no answer; its text is one sentence for people.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FailureReason {
    #[error("the package {package} is not installed on this desk; install it again")]
    NotInstalled { package: PackageHash },
    #[error("the installation cannot be used: {why}")]
    WrongInstallation { why: String },
    #[error("the plugin declares no function `{function}`; it has {known}")]
    UnknownFunction { function: String, known: String },
    #[error("the input does not fit the function `{function}`: {mismatch}")]
    WrongInput { function: String, mismatch: Mismatch },
    #[error("the answer does not fit what the function `{function}` promises: {mismatch}")]
    WrongAnswer { function: String, mismatch: Mismatch },
    /// It asked for something that it was not granted.
    #[error("refused `{ability}`: {why}")]
    Refused { ability: &'static str, why: String },
    /// The package does not have the export that it was to be entered by.
    #[error("the plugin does not export `{export}`")]
    NotOffered { export: &'static str },
    #[error("the plugin asked Naryad for more than {times_max} things in one call")]
    TooOften { times_max: usize },
    #[error("the plugin broke off: {why}")]
    Trapped { why: String },
    #[error("the plugin {what}")]
    TimedOut { what: String },
    #[error("the plugin wanted more than its {memory_bytes_max} bytes of memory")]
    OutOfMemory { memory_bytes_max: u64 },
    #[error("{what} is too large: {bytes} bytes where {bytes_max} are allowed")]
    TooLarge { what: &'static str, bytes: usize, bytes_max: usize },
    /// Its process ended, or broke the protocol, while the call was under way.
    #[error("the plugin's process ended during the call: {why}")]
    Crashed { why: String },
    /// No process to run it in right now.
    #[error("the plugin cannot be started now: {why}")]
    Unavailable { why: String, retry_after: Option<Duration> },
    /// The plugin itself said so.
    #[error("{message}")]
    PluginError { code: String, message: String, retryable: bool, retry_after: Option<Duration> },
}

impl CallFailure {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn retryable(&self) -> bool {
        self.reason.retryable()
    }

    /// Not before this has passed; `None`: as the caller's back-off says.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match &self.reason {
            FailureReason::PluginError { retry_after, .. }
            | FailureReason::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// A stable name in snake_case; a plugin's own error has the plugin's own code.
    #[must_use]
    pub fn code(&self) -> &str {
        self.reason.code()
    }
}

impl FailureReason {
    /// Time limits are worth another try, since the machine or the other side may have been slow; whatever
    /// follows from the package, the input or the grant is not.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            FailureReason::TimedOut { .. }
            | FailureReason::Crashed { .. }
            | FailureReason::Unavailable { .. } => true,
            FailureReason::PluginError { retryable, .. } => *retryable,
            _ => false,
        }
    }

    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            FailureReason::NotInstalled { .. } => "plugin_not_installed",
            FailureReason::WrongInstallation { .. } => "plugin_wrong_installation",
            FailureReason::UnknownFunction { .. } => "plugin_unknown_function",
            FailureReason::WrongInput { .. } => "plugin_wrong_input",
            FailureReason::WrongAnswer { .. } => "plugin_wrong_answer",
            FailureReason::Refused { .. } => "plugin_refused",
            FailureReason::NotOffered { .. } => "plugin_not_offered",
            FailureReason::TooOften { .. } => "plugin_too_often",
            FailureReason::Trapped { .. } => "plugin_trapped",
            FailureReason::TimedOut { .. } => "plugin_timed_out",
            FailureReason::OutOfMemory { .. } => "plugin_out_of_memory",
            FailureReason::TooLarge { .. } => "plugin_too_large",
            FailureReason::Crashed { .. } => "plugin_crashed",
            FailureReason::Unavailable { .. } => "plugin_unavailable",
            FailureReason::PluginError { code, .. } => code,
        }
    }
}
