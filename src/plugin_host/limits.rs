//! What one call may use, and how much of anything may cross the pipe.

use serde::{Deserialize, Serialize};

/// A package: one component with its manifest.
pub const PACKAGE_BYTES_MAX: usize = 32 << 20;
/// The manifest inside a package.
pub const MANIFEST_BYTES_MAX: usize = 256 << 10;
/// The JSON document that a call hands over.
pub const INPUT_BYTES_MAX: usize = 256 << 10;
/// The JSON document that a call answers.
pub const ANSWER_BYTES_MAX: usize = 1 << 20;
/// Configuration of an installation as JSON text.
pub const CONFIGURATION_BYTES_MAX: usize = 64 << 10;

/// Lines of log that are kept of one call; the rest is counted.
pub const LOG_LINES_MAX: usize = 200;
pub const LOG_LINE_BYTES_MAX: usize = 2 << 10;

pub const HTTP_REQUESTS_MAX: usize = 32;
pub const HTTP_URL_BYTES_MAX: usize = 8 << 10;
pub const HTTP_HEADERS_MAX: usize = 64;
pub const HTTP_HEADERS_BYTES_MAX: usize = 16 << 10;
pub const HTTP_BODY_BYTES_MAX: usize = 1 << 20;
pub const HTTP_RESPONSE_BYTES_MAX: usize = 4 << 20;

/// Wishes to the parent in one call, of every kind; a call that goes on is ended.
pub const WISHES_MAX: usize = 20_000;

pub const KV_KEY_BYTES_MAX: usize = 256;
pub const KV_VALUE_BYTES_MAX: usize = 64 << 10;
/// Keys and values of an installation together where its manifest says nothing else.
pub const KV_BYTES_DEFAULT: u64 = 1 << 20;
/// The most that a manifest may ask for.
pub const KV_BYTES_MAX: u64 = 16 << 20;
pub const KV_WRITES_MAX: usize = 1_000;
pub const KV_KEYS_MAX: u32 = 1_000;

pub const FILE_BYTES_MAX: u64 = 25 << 20;
/// New files of one call.
pub const FILES_NEW_MAX: usize = 20;
/// What is read or appended at once.
pub const FILE_PIECE_BYTES_MAX: usize = 256 << 10;
pub const FILE_NAME_BYTES_MAX: usize = 255;
/// The body of a response that was to be stored and was no success.
pub const DOWNLOAD_ERROR_BYTES_MAX: usize = 64 << 10;

/// What `random.bytes` gives at once; more is a trap.
pub const RANDOM_BYTES_MAX: u32 = 1_024;
/// The message whose signature is checked: a webhook's body.
pub const SIGNED_BYTES_MAX: usize = 1 << 20;

/// Of a poll, as it was answered the last time.
pub const CURSOR_BYTES_MAX: usize = 4 << 10;
pub const WEBHOOK_BODY_BYTES_MAX: usize = 1 << 20;
pub const WEBHOOK_QUERY_BYTES_MAX: usize = 8 << 10;
pub const WEBHOOK_ANSWER_BYTES_MAX: usize = 64 << 10;
pub const WEBHOOK_ANSWER_HEADERS_MAX: usize = 16;
pub const WEBHOOK_ANSWER_HEADER_BYTES_MAX: usize = 1 << 10;
/// What a check found, in a sentence.
pub const CHECK_TEXT_BYTES_MAX: usize = 1_000;

/// A secret shorter than this could not be blacked out without blacking out ordinary text.
pub const SECRET_BYTES_MIN: usize = 4;
pub const SECRET_BYTES_MAX: usize = 8 << 10;

/// Of a plugin's own error.
pub const ERROR_CODE_BYTES_MAX: usize = 64;
pub const ERROR_MESSAGE_BYTES_MAX: usize = 1_000;
pub const RETRY_AFTER_SECONDS_MAX: u32 = 86_400;

/// What one call may use: as the operator sets it, or less when the manifest says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// All linear memories of the instance together, in bytes.
    pub memory_bytes: u64,
    /// Processor time of the plugin's own code in milliseconds; waiting for the parent does not count.
    pub guest_ms: u64,
    /// From the start to the answer, waiting included, in milliseconds.
    pub wall_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes: 64 << 20, guest_ms: 500, wall_ms: 10_000 }
    }
}

impl Limits {
    /// The smaller of each.
    #[must_use]
    pub fn within(self, ceiling: Limits) -> Limits {
        Limits {
            memory_bytes: self.memory_bytes.min(ceiling.memory_bytes),
            guest_ms: self.guest_ms.min(ceiling.guest_ms),
            wall_ms: self.wall_ms.min(ceiling.wall_ms),
        }
    }
}

/// Cuts a text to so many bytes, at a character's border.
pub(super) fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}
