//! Plugins behind child processes: packages, grants, limits, and one file per ability that the parent gives.
//!
//! A plugin is a WebAssembly component that was written by somebody else, perhaps by an enemy. It runs in a
//! child process of this binary, one per publisher, that has neither files nor network nor secrets; whatever
//! it wants to reach it asks the parent for, and the parent grants what the manifest declares *and* the
//! administrator granted *and* the operator allows. This room knows nothing of the database.

mod addresses;
pub mod asked;
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
mod signature;

pub use failure::{CallFailure, FailureReason};
pub use grant::{Grant, HostPattern, NotAHostPattern};
pub use host::{
    Answer, Call, HostOptions, Installation, LogLine, PluginHost, RequestRecord, RunningChild, Transcript,
};
pub use limits::{Limits, PACKAGE_BYTES_MAX, SECRET_BYTES_MAX, SECRET_BYTES_MIN};
pub use manifest::{
    FunctionDeclaration, HostDeclaration, HostSource, Manifest, SecretDeclaration, SecretPlace,
};
pub use package::{Package, PackageError, PackageHash};
pub use protocol::LogLevel;
pub use schema::{Mismatch, Schema};
pub use signature::{SignatureState, TrustedKey, signing_key, verify};
