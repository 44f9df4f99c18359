//! How the rest of the desk enters a plugin, what comes out, and what a call may ask the desk for.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::{BoxFuture, FutureExt, ready};
use serde_json::Value;
use tempfile::TempPath;

use crate::domain::Moment;

use super::host::Transcript;

/// By which export the plugin is entered, and with what.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A function of the manifest.
    Function {
        name: String,
        input: Value,
    },
    /// An event document; its `kind` must have been granted.
    Event(Value),
    /// `cursor` is what the last poll answered.
    Poll {
        cursor: Option<String>,
    },
    Webhook(WebhookRequest),
    /// Is the other side there, and does it know us?
    Check,
    /// The desk did not take this item.
    Refused {
        item: Value,
        refusal: Value,
    },
}

/// A request from the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookRequest {
    /// As the manifest declares it.
    pub path: String,
    pub method: String,
    /// What follows the `?`, as it came.
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Under which conditions.
#[derive(Clone, Debug)]
pub struct Terms {
    /// 1 for the first try.
    pub attempt: u32,
    /// Give up then, waiting for a turn included; the wall limit may end it earlier.
    pub deadline: Instant,
    /// The same for every attempt of one call.
    pub idempotency_key: String,
    /// IANA name of the client's zone.
    pub time_zone: String,
    /// The desk's time at the start.
    pub now: Moment,
}

/// What came out.
#[derive(Debug)]
pub struct Entered {
    pub answer: EntryAnswer,
    /// In the order in which they were made; to be stored together with what the answer leads to.
    pub kv: Vec<KvWrite>,
    /// Theirs is who receives them: kept or deleted.
    pub files: Vec<NewFile>,
    pub transcript: Transcript,
}

/// What the plugin said. Documents are JSON; whether they are items or a poll is for whoever takes them.
#[derive(Clone, Debug, PartialEq)]
pub enum EntryAnswer {
    /// Of a function, checked against its schema.
    Value(Value),
    /// Of an event.
    Items(Value),
    Poll(Value),
    Webhook {
        /// 200 to 599.
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        items: Value,
    },
    /// Of a check.
    Text(String),
    /// Of a refusal; also of a check, where the plugin has none.
    Nothing,
}

/// A key that was set or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KvWrite {
    pub key: String,
    /// `None`: deleted.
    pub value: Option<Vec<u8>>,
}

/// A file that the call made.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// By which the answer names it.
    pub handle: String,
    pub name: String,
    pub media_type: String,
    /// In the keeper's scratch folder; removed with the last that holds it.
    pub path: Arc<TempPath>,
    pub bytes: u64,
}

/// What a file is called and how large it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileAbout {
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
}

/// What a keeper answers, or a sentence why it cannot just now.
pub type Kept<'a, T> = BoxFuture<'a, Result<T, String>>;

/// What one call may read of the desk: this room knows no database.
pub trait Keeper: Send + Sync {
    fn kv_get<'a>(&'a self, key: &'a str) -> Kept<'a, Option<Vec<u8>>>;

    /// Keys that begin with `prefix` and come after `after` in the order of their bytes, at most `max`.
    fn kv_keys<'a>(&'a self, prefix: &'a str, after: Option<&'a str>, max: usize) -> Kept<'a, Vec<String>>;

    /// Bytes of all keys and values that the installation has stored.
    fn kv_bytes(&self) -> Kept<'_, u64>;

    /// An attachment that a document of this call names, and where it lies.
    fn file<'a>(&'a self, handle: &'a str) -> Kept<'a, Option<(FileAbout, PathBuf)>>;

    /// The folder in which new files are made.
    fn scratch(&self) -> PathBuf;
}

/// Where nothing is kept: keys and values are not to be had, there are no files.
pub(super) struct NoKeeper;

impl Keeper for NoKeeper {
    fn kv_get<'a>(&'a self, _: &'a str) -> Kept<'a, Option<Vec<u8>>> {
        nothing_kept()
    }

    fn kv_keys<'a>(&'a self, _: &'a str, _: Option<&'a str>, _: usize) -> Kept<'a, Vec<String>> {
        nothing_kept()
    }

    fn kv_bytes(&self) -> Kept<'_, u64> {
        nothing_kept()
    }

    fn file<'a>(&'a self, _: &'a str) -> Kept<'a, Option<(FileAbout, PathBuf)>> {
        ready(Ok(None)).boxed()
    }

    fn scratch(&self) -> PathBuf {
        std::env::temp_dir()
    }
}

fn nothing_kept<'a, T: Send + 'a>() -> Kept<'a, T> {
    ready(Err("keys and values are not kept for this call".to_owned())).boxed()
}
