//! Compiles a package in a process of its own, under limits, and keeps the result under this desk's seal.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use super::child::engine;
use super::compile_child::COMPILED;
use super::package::{PackageError, PackageHash};
use super::sandbox::ENVIRONMENT;
use super::seal;

const COMPILE_SECONDS_MAX: u64 = 30;
const CODE_BYTES_MAX: u64 = 100 << 20;
/// The hidden command of the binary that `compile_child::run` answers.
const COMMAND: &str = "plugin-compile";

/// The folder where packages and their compiled code lie.
pub struct Cache {
    folder: PathBuf,
    executable: PathBuf,
    key: [u8; 32],
}

impl Cache {
    pub fn new(folder: PathBuf, executable: PathBuf, key: [u8; 32]) -> Cache {
        Cache { folder, executable, key }
    }

    /// The package as it was installed; `None` when it is not here or is no longer what its name says.
    pub async fn package(&self, hash: &PackageHash) -> Option<Vec<u8>> {
        let wasm = tokio::fs::read(self.path(hash, "wasm")).await.ok()?;
        (PackageHash::of(&wasm) == *hash).then_some(wasm)
    }

    /// Keeps a package.
    pub async fn keep(&self, hash: &PackageHash, wasm: &[u8]) -> Result<(), PackageError> {
        self.write(&self.path(hash, "wasm"), wasm).await
    }

    /// The compiled code: from disk if its seal is right, else compiled anew.
    pub async fn code(&self, hash: &PackageHash, wasm: &[u8]) -> Result<Vec<u8>, PackageError> {
        let path = self.path(hash, engine::NAME);
        if let Ok(sealed) = tokio::fs::read(&path).await {
            if let Some(code) = seal::open(&self.key, hash, engine::NAME, sealed) {
                return Ok(code);
            }
            tracing::warn!(package = %hash, "compiled code with a wrong seal was dropped; compiling again");
        }
        let code = compile(&self.executable, wasm).await.map_err(|why| PackageError::NotCompiled { why })?;
        self.write(&path, &seal::seal(&self.key, hash, engine::NAME, &code)).await?;
        Ok(code)
    }

    fn path(&self, hash: &PackageHash, kind: &str) -> PathBuf {
        self.folder.join(format!("{hash}.{kind}"))
    }

    /// Under another name first: a crash, or another writer at the same time, leaves no half a file.
    async fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), PackageError> {
        let (folder, to, bytes) = (self.folder.clone(), path.to_owned(), bytes.to_vec());
        let written = tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&folder)?;
            let mut partial = tempfile::Builder::new().prefix(".partial-").tempfile_in(&folder)?;
            partial.write_all(&bytes)?;
            partial.persist(&to).map_err(|error| error.error).map(drop)
        });
        let written = written.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        written.map_err(|error| PackageError::NotStored { why: format!("{}: {error}", path.display()) })
    }
}

async fn compile(executable: &Path, wasm: &[u8]) -> Result<Vec<u8>, String> {
    let limit = Duration::from_secs(COMPILE_SECONDS_MAX);
    match tokio::time::timeout(limit, ask(executable, wasm)).await {
        Ok(answer) => answer,
        Err(_) => Err(format!("it took longer than {COMPILE_SECONDS_MAX} seconds")),
    }
}

async fn ask(executable: &Path, wasm: &[u8]) -> Result<Vec<u8>, String> {
    let broken = |error: std::io::Error| format!("the compiler's process: {error}");
    let mut child = Command::new(executable)
        .arg(COMMAND)
        .env_clear()
        .envs(ENVIRONMENT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(broken)?;
    let mut stdin = child.stdin.take().expect("stdin was asked for");
    let stdout = child.stdout.take().expect("stdout was asked for");
    let send = async move {
        // A child that dies reading says why by its exit; the broken pipe says nothing more.
        let _ = stdin.write_all(wasm).await;
    };
    let mut answer = Vec::new();
    let mut limited = stdout.take(CODE_BYTES_MAX);
    let ((), received) = tokio::join!(send, limited.read_to_end(&mut answer));
    received.map_err(broken)?;
    let status = child.wait().await.map_err(broken)?;
    match answer.split_first() {
        Some((&COMPILED, code)) if status.success() => Ok(code.to_vec()),
        Some((_, why)) if status.success() => Err(String::from_utf8_lossy(why).into_owned()),
        _ => Err(format!("compiling it broke the limits of memory or time ({status})")),
    }
}
