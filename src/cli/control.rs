//! The control socket of a running desk: how the command line reaches it, for the folder's owner alone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;

use super::frames;
use super::open_desk::OpenDesk;
use super::operation::{Operation, carry_out};

const SOCKET_FILE: &str = "control.sock";
const UNNAMED_FILE: &str = "control.new";
const CONNECTIONS_MAX: usize = 8;
/// A running desk greets within this; who does not is another program, or hangs.
const GREETING_TIME_MAX: Duration = Duration::from_secs(5);
/// The whole request must be there within this.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(60);
/// The system takes no longer addresses of sockets.
const ADDRESS_BYTES_MAX: usize = 100;

#[derive(Serialize, Deserialize)]
struct Greeting {
    naryad: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reply {
    Done(Value),
    Failed(String),
}

/// A connection to the desk that runs on the folder.
pub struct Control {
    stream: UnixStream,
}

/// The listening end; its file goes with it.
pub struct Listener {
    listener: UnixListener,
    path: PathBuf,
}

impl Listener {
    /// Opens the socket. Whoever holds the folder's lock may: what lies there is left over.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn open(folder: &Path) -> anyhow::Result<Listener> {
        let (path, unnamed) = (folder.join(SOCKET_FILE), folder.join(UNNAMED_FILE));
        let address = Address::of(folder, UNNAMED_FILE)?;
        let _ = fs::remove_file(&unnamed);
        let make = || -> std::io::Result<UnixListener> {
            let listener = UnixListener::bind(&address.path)?;
            fs::set_permissions(&unnamed, PermissionsExt::from_mode(0o600))?;
            // It gets its name only when nobody else can open it.
            fs::rename(&unnamed, &path)?;
            Ok(listener)
        };
        let listener =
            make().with_context(|| format!("the control socket {} cannot be opened", path.display()))?;
        Ok(Listener { listener, path })
    }

    /// Answers requests until it is dropped.
    pub async fn serve(self, desk: Arc<OpenDesk>) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let desk = Arc::clone(&desk);
                    tokio::spawn(async move {
                        // Who only looks whether somebody is here hangs up at once.
                        if let Err(error) = attend(stream, &desk).await {
                            tracing::debug!(error = format!("{error:#}"), "the control socket");
                        }
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the control socket takes no connection");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

async fn attend(mut stream: UnixStream, desk: &OpenDesk) -> anyhow::Result<()> {
    let greeting = Greeting { naryad: env!("CARGO_PKG_VERSION").to_owned() };
    frames::send(&mut stream, &greeting, &[]).await?;
    let received = tokio::time::timeout(REQUEST_TIME_MAX, frames::receive::<Operation>(&mut stream)).await;
    let reply = match received.context("a request did not come to its end in time")? {
        Ok((operation, body)) => match carry_out(desk, operation, body).await {
            Ok(value) => Reply::Done(value),
            Err(error) => Reply::Failed(format!("{error:#}")),
        },
        Err(error) => Reply::Failed(format!("{error:#}")),
    };
    frames::send(&mut stream, &reply, &[]).await
}

impl Control {
    /// Reaches the desk that holds the folder.
    ///
    /// # Errors
    /// When it does not answer, or is another version.
    pub async fn connect(folder: &Path, holder: Option<u32>) -> anyhow::Result<Control> {
        let who = holder.map_or_else(String::new, |pid| format!(" (process {pid})"));
        let silent = || {
            anyhow!(
                "the folder {} is held by another process{who} that does not answer on its control socket; \
                 stop it, or wait until it has started",
                folder.display()
            )
        };
        let address = Address::of(folder, SOCKET_FILE)?;
        let mut stream = UnixStream::connect(&address.path).await.map_err(|_| silent())?;
        let greeted = tokio::time::timeout(GREETING_TIME_MAX, frames::receive::<Greeting>(&mut stream)).await;
        let (greeting, _) = greeted.map_err(|_| silent())?.map_err(|_| silent())?;
        let ours = env!("CARGO_PKG_VERSION");
        if greeting.naryad != ours {
            bail!("the desk that runs is version {}, this is {ours}; use the same program", greeting.naryad);
        }
        Ok(Control { stream })
    }

    /// # Errors
    /// The desk's own sentence, or that it hung up.
    pub async fn ask(mut self, operation: &Operation, body: &[u8]) -> anyhow::Result<Value> {
        frames::send(&mut self.stream, operation, body).await.context("the running desk hung up")?;
        let (reply, _) = frames::receive(&mut self.stream).await.context("the running desk hung up")?;
        match reply {
            Reply::Done(value) => Ok(value),
            Reply::Failed(sentence) => bail!(sentence),
        }
    }
}

/// How the system is told where the socket is. A folder with a long name is reached through its descriptor.
struct Address {
    path: PathBuf,
    _folder: Option<fs::File>,
}

impl Address {
    fn of(folder: &Path, file: &str) -> anyhow::Result<Address> {
        let path = folder.join(file);
        if path.as_os_str().len() <= ADDRESS_BYTES_MAX {
            return Ok(Address { path, _folder: None });
        }
        let open =
            fs::File::open(folder).with_context(|| format!("{} cannot be opened", folder.display()))?;
        let descriptor = std::os::fd::AsRawFd::as_raw_fd(&open);
        let path = PathBuf::from(format!("/proc/self/fd/{descriptor}/{file}"));
        Ok(Address { path, _folder: Some(open) })
    }
}
