//! What parent and child say to each other over the child's stdin and stdout.
//!
//! A frame is `u32` length of the whole (little-endian), `u32` length of the header, the header as JSON, then
//! bytes that belong to it: code, a JSON document, the body of a request. Neither side trusts a length.

use std::io::{self, Read};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::domain::calendar::WallTime;

use super::limits::Limits;
use super::package::PackageHash;

/// From the parent: compiled code is the largest thing that crosses.
pub const PARENT_FRAME_BYTES_MAX: usize = 128 << 20;
/// From the child: an answer or the body of a request, and a header.
pub const CHILD_FRAME_BYTES_MAX: usize = 2 << 20;

/// Calls that run in one child at the same time.
pub const CALLS_IN_FLIGHT_MAX: usize = 8;

/// A header and its bytes.
#[derive(Debug)]
pub struct Frame<Header> {
    pub header: Header,
    pub body: Vec<u8>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToChild {
    /// The body is compiled code whose seal the parent has checked.
    Load {
        package: PackageHash,
    },
    Unload {
        package: PackageHash,
    },
    /// The body is the input.
    Call(Box<StartCall>),
    /// What became of a wish; the body is the value, the response's body or the piece of a file.
    Reply {
        call: u64,
        reply: Reply,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub struct StartCall {
    pub call: u64,
    pub package: PackageHash,
    pub linked: Linked,
    pub entry: Door,
    pub context: Context,
    pub limits: Limits,
    /// The desk's time at the start.
    pub now_ms: i64,
    /// The time is that of the start during the whole call: a test wants the same answer each time.
    pub clock_stands: bool,
}

/// Which abilities are there; the rest is always there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    pub http: bool,
    pub kv: bool,
    pub blob: bool,
}

/// By which export the plugin is entered; the frame's body is what comes with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// The body is the input.
    Function {
        name: String,
    },
    /// The body is the event document.
    Event,
    Poll {
        cursor: Option<String>,
    },
    /// The body is that of the request.
    Webhook {
        path: String,
        method: String,
        query: String,
        headers: Vec<(String, String)>,
    },
    Check,
    /// The body is the item.
    Refused {
        refusal: String,
    },
}

/// What the plugin may know about its call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Context {
    pub client: String,
    pub installation: String,
    pub configuration: String,
    pub attempt: u32,
    pub idempotency_key: String,
    pub time_zone: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToParent {
    Ready {
        confinement: super::sandbox::Confinement,
    },
    Loaded {
        package: PackageHash,
        problem: Option<String>,
    },
    Log {
        call: u64,
        level: LogLevel,
        message: String,
    },
    /// The plugin waits for the reply. The body is that of the request, a value, a message or a piece of a file.
    Wish {
        call: u64,
        wish: Wish,
    },
    /// The body is the answer; that of a webhook is the body for the other side and then the items.
    Done {
        call: u64,
        outcome: Outcome,
        guest_us: u64,
        memory_peak_bytes: u64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

/// What a plugin asks the parent for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    Http(HttpRequest),
    Upload { request: HttpRequest, file: String, placement: Placement },
    Download { request: HttpRequest, name: String },
    KvGet { key: String },
    KvSet { key: String },
    KvDelete { key: String },
    KvKeys { prefix: String, after: Option<String>, max: u32 },
    BlobAbout { file: String },
    BlobRead { file: String, offset: u64, bytes: u32 },
    BlobCreate { name: String, media_type: String },
    BlobAppend { file: String },
    ToCivil { at_ms: i64, zone: String },
    FromCivil { wall: WallTime, zone: String },
    VerifyHmac { secret: String, algorithm: HmacAlgorithm, signature: Vec<u8> },
}

/// The parent's word on a wish.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    Http(HttpOutcome),
    /// Of a download; the frame's body is the response's when nothing was stored.
    Downloaded {
        outcome: HttpOutcome,
        file: Option<String>,
    },
    /// The frame's body, or that there is nothing.
    Value {
        found: bool,
    },
    Done,
    Keys(Vec<String>),
    About {
        name: String,
        media_type: String,
        bytes: u64,
    },
    Handle(String),
    Wall(WallTime),
    At(i64),
    Verified(bool),
    Refused(Refusal),
}

/// Why a wish was not granted; the texts are sentences for logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    Invalid(String),
    Unknown(String),
    Full(String),
    TooLarge(String),
    Unavailable(String),
}

/// Where a file stands in the request that carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    Body,
    FormField(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HmacAlgorithm {
    Sha1,
    Sha256,
    Sha512,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HttpRequest {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub has_body: bool,
    pub authentication: Option<Authentication>,
    /// The name of an `[[authentication]]` of the manifest.
    pub named: Option<String>,
    pub timeout_ms: Option<u32>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    Bearer { secret: String },
    Basic { user: String, password: String },
    Header { name: String, secret: String },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpOutcome {
    Response { status: u16, headers: Vec<(String, String)> },
    Denied(String),
    Invalid(String),
    Unreachable(String),
    TimedOut,
    TooLarge,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Answered,
    /// The first bytes of the frame's body are for the other side, the rest is the items.
    AnsweredWebhook {
        status: u16,
        headers: Vec<(String, String)>,
        body_bytes: usize,
    },
    PluginError {
        code: String,
        message: String,
        retry: Retry,
    },
    Trapped {
        why: String,
    },
    NotLinked {
        why: String,
    },
    GuestTimeOver,
    WallTimeOver,
    OutOfMemory,
    AnswerTooLarge {
        bytes: usize,
    },
    /// It asked the parent for more than a call may.
    TooManyWishes,
    /// It does not have the export that it was to be entered by.
    NoSuchDoor,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    Never,
    Later,
    AfterSeconds(u32),
}

/// A frame's bytes.
pub fn encode<Header: Serialize>(header: &Header, body: &[u8]) -> Vec<u8> {
    let header = serde_json::to_vec(header).expect("headers have only fields that JSON takes");
    let length =
        |count: usize| u32::try_from(count).expect("frames are limited far below 4 GiB").to_le_bytes();
    let total = 4 + header.len() + body.len();
    [&length(total)[..], &length(header.len()), &header, body].concat()
}

/// Reads a frame in the child; `None` at the end of the pipe.
pub fn read_blocking<Header: DeserializeOwned>(
    from: &mut impl Read,
    bytes_max: usize,
) -> io::Result<Option<Frame<Header>>> {
    let mut length = [0; 4];
    if let Err(error) = from.read_exact(&mut length) {
        return if error.kind() == io::ErrorKind::UnexpectedEof { Ok(None) } else { Err(error) };
    }
    let mut frame = vec![0; allowed(length, bytes_max)?];
    from.read_exact(&mut frame)?;
    decode(frame).map(Some)
}

/// Reads a frame in the parent.
pub async fn read<Header: DeserializeOwned>(
    from: &mut (impl AsyncRead + Unpin),
    bytes_max: usize,
) -> io::Result<Frame<Header>> {
    let mut length = [0; 4];
    from.read_exact(&mut length).await?;
    let mut frame = vec![0; allowed(length, bytes_max)?];
    from.read_exact(&mut frame).await?;
    decode(frame)
}

/// Writes a frame that `encode` made.
pub async fn write(to: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> io::Result<()> {
    to.write_all(frame).await?;
    to.flush().await
}

fn allowed(length: [u8; 4], bytes_max: usize) -> io::Result<usize> {
    let length = u32::from_le_bytes(length) as usize;
    if (4..=bytes_max).contains(&length) {
        Ok(length)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidData, format!("a frame of {length} bytes")))
    }
}

fn decode<Header: DeserializeOwned>(mut frame: Vec<u8>) -> io::Result<Frame<Header>> {
    let wrong = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let header_bytes = u32::from_le_bytes([frame[0], frame[1], frame[2], frame[3]]) as usize;
    let end = header_bytes.saturating_add(4);
    let header = frame.get(4..end).ok_or_else(|| wrong("a header longer than its frame".to_owned()))?;
    let header = serde_json::from_slice(header).map_err(|error| wrong(error.to_string()))?;
    Ok(Frame { header, body: frame.split_off(end) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_survives_the_pipe_and_a_wrong_one_does_not() {
        let frame = encode(&HttpOutcome::TimedOut, b"body");
        let back: Frame<HttpOutcome> = read_blocking(&mut &frame[..], 100).unwrap().unwrap();
        assert!(matches!(back.header, HttpOutcome::TimedOut));
        assert_eq!(back.body, b"body");
        assert!(read_blocking::<HttpOutcome>(&mut &frame[..0], 100).unwrap().is_none());
        assert!(read_blocking::<HttpOutcome>(&mut &frame[..], 10).is_err(), "longer than allowed");
        assert!(read_blocking::<HttpOutcome>(&mut &frame[..9], 100).is_err(), "cut off");
        let mut wrong = frame.clone();
        wrong[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(read_blocking::<HttpOutcome>(&mut &wrong[..], 100).is_err(), "header beyond the frame");
    }
}
