//! Plugins behind child processes: packages, grants, limits, and one file per ability that the parent gives.
//!
//! A plugin is a WebAssembly component that was written by somebody else, perhaps by an enemy. It runs in a
//! child process of this binary, one per publisher, that has neither files nor network nor secrets; whatever
//! it wants to reach it asks the parent for, and the parent grants what the manifest declares *and* the
//! administrator granted *and* the operator allows. This room knows nothing of the database.

mod addresses;
pub mod asked;
mod authentication;
mod call;
pub mod child;
mod compile;
pub mod compile_child;
mod failure;
mod grant;
mod host;
mod http;
mod limits;
mod manifest;
pub mod package;
mod process;
mod protocol;
mod publisher;
mod redaction;
pub mod sandbox;
mod schema;
mod seal;
mod seam;
mod signature;
mod signatures;
mod tape;

pub use failure::{CallFailure, FailureReason};
pub use grant::{Ability, Ceiling, Grant, HostPattern, NotAHostPattern};
pub use host::{
    Answer, Call, HostOptions, Installation, LogLine, PluginHost, RequestRecord, RunningChild, Transcript,
};
pub use limits::{
    CURSOR_BYTES_MAX, FILE_BYTES_MAX, KV_KEY_BYTES_MAX, KV_VALUE_BYTES_MAX, Limits, PACKAGE_BYTES_MAX,
    SECRET_BYTES_MAX, SECRET_BYTES_MIN, WEBHOOK_BODY_BYTES_MAX, WEBHOOK_QUERY_BYTES_MAX,
};
pub use manifest::{
    AuthenticationDeclaration, AuthenticationWay, BlobDeclaration, COMMANDS, EVENT_KINDS, Encoding,
    FunctionDeclaration, HmacWay, HostDeclaration, HostSource, KvDeclaration, Manifest, OAuth2Way,
    PollDeclaration, SecretDeclaration, SecretPlace, SignedPart, TICKET_FIELDS, TextSource, TokenStyle,
    WebhookDeclaration,
};
pub use package::{Package, PackageError, PackageHash};
pub use protocol::{HmacAlgorithm, LogLevel};
pub use schema::{Mismatch, Schema};
pub use seam::{
    Entered, Entry, EntryAnswer, FileAbout, Keeper, Kept, KvWrite, NewFile, Terms, WebhookRequest,
};
pub use signature::{SignatureState, TrustedKey, signing_key, verify};
pub use tape::{Tape, TapedAuthentication, TapedOutcome, TapedRequest};
