//! The frames of the control socket: a JSON header and a body, each with its length in front and a limit.

use anyhow::{Context, bail, ensure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// A command with its texts.
pub const HEADER_BYTES_MAX: u32 = 4 << 20;
/// A package or a log to import.
pub const BODY_BYTES_MAX: u64 = 256 << 20;

pub async fn send(stream: &mut UnixStream, header: &impl Serialize, body: &[u8]) -> anyhow::Result<()> {
    let header = serde_json::to_vec(header)?;
    let header_bytes = u32::try_from(header.len()).ok().filter(|bytes| *bytes <= HEADER_BYTES_MAX);
    let header_bytes = header_bytes.with_context(|| {
        format!("{} bytes are too many for one request of the control socket", header.len())
    })?;
    let body_bytes = body.len() as u64;
    ensure!(
        body_bytes <= BODY_BYTES_MAX,
        "the file has {body_bytes} bytes; at most {BODY_BYTES_MAX} go to a running desk: stop it first"
    );
    stream.write_u32(header_bytes).await?;
    stream.write_u64(body_bytes).await?;
    stream.write_all(&header).await?;
    stream.write_all(body).await?;
    Ok(stream.flush().await?)
}

pub async fn receive<T: DeserializeOwned>(stream: &mut UnixStream) -> anyhow::Result<(T, Vec<u8>)> {
    let (header_bytes, body_bytes) = (stream.read_u32().await?, stream.read_u64().await?);
    if header_bytes > HEADER_BYTES_MAX || body_bytes > BODY_BYTES_MAX {
        bail!("a frame of {header_bytes} and {body_bytes} bytes is over the limit of the control socket");
    }
    let mut header = vec![0; header_bytes as usize];
    stream.read_exact(&mut header).await?;
    let mut body = Vec::new();
    // Grows as it comes: a length alone must not take the memory.
    let read = (&mut *stream).take(body_bytes).read_to_end(&mut body).await?;
    ensure!(read as u64 == body_bytes, "the other side hung up in the middle");
    let header = serde_json::from_slice(&header).context("the frame is not what this version speaks")?;
    Ok((header, body))
}
