//! The process that compiles one hostile package and ends: wasm on stdin, a verdict and code on stdout.

use std::io::{Read, Write};

use anyhow::{Context, Result, anyhow};
use wasmtime::component::Component;

use super::child::engine::{engine, link};
use super::limits::PACKAGE_BYTES_MAX;
use super::protocol::Linked;
use super::sandbox::{self, ProcessLimits};

/// The first byte of the answer: code follows.
pub const COMPILED: u8 = 0;
/// The first byte of the answer: a sentence follows.
pub const REFUSED: u8 = 1;

/// A package of 12 MB with a JavaScript engine in it takes 15 s and 400 MB.
const LIMITS: ProcessLimits = ProcessLimits { data_bytes: 1 << 30, cpu_seconds: Some(20) };

/// Compiles what comes on stdin. Must be called before the process has a second thread.
///
/// # Errors
/// When the process cannot confine itself or the pipe breaks; a package that does not compile is an answer.
pub fn run() -> Result<()> {
    sandbox::close_inherited();
    let engine = engine().map_err(|error| anyhow!("{error:#}"))?;
    sandbox::limit_resources(LIMITS)?;
    sandbox::refuse_files()?;
    sandbox::refuse_calls()?;
    let mut wasm = Vec::new();
    std::io::stdin().take(PACKAGE_BYTES_MAX as u64).read_to_end(&mut wasm).context("no package came")?;
    let (verdict, bytes) = match compile(&engine, &wasm) {
        Ok(code) => (COMPILED, code),
        Err(error) => (REFUSED, format!("{error:#}").into_bytes()),
    };
    let mut out = std::io::stdout().lock();
    out.write_all(&[verdict])?;
    out.write_all(&bytes)?;
    out.flush().context("nobody reads the code")
}

fn compile(engine: &wasmtime::Engine, wasm: &[u8]) -> wasmtime::Result<Vec<u8>> {
    let component = Component::from_binary(engine, wasm)?;
    // Types that differ from the contract show here, not at the first call.
    link(engine, &component, Linked { http: true, kv: true, blob: true })?;
    component.serialize()
}
