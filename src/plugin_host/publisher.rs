//! One publisher's child: started when needed, started again after a crash, with growing pauses.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, Semaphore};

use super::compile::Cache;
use super::failure::FailureReason;
use super::package::PackageHash;
use super::process::Process;
use super::protocol::{CALLS_IN_FLIGHT_MAX, ToChild};

/// A child that lived this long is no longer held to account for earlier crashes.
const STABLE: Duration = Duration::from_secs(60);
const BACK_OFF_MIN: Duration = Duration::from_millis(500);
const BACK_OFF_MAX: Duration = Duration::from_secs(60);
/// Packages that a child keeps loaded; the one that was not used longest goes first.
const PACKAGES_LOADED_MAX: usize = 64;

/// The child of one publisher and its history.
pub struct Publisher {
    name: String,
    executable: PathBuf,
    /// One permit for each call that may run in the child.
    pub turns: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    process: Option<Arc<Process>>,
    /// Most recently used last.
    loaded: VecDeque<PackageHash>,
    crashes: u32,
    not_before: Option<Instant>,
}

impl Publisher {
    pub fn new(name: &str, executable: PathBuf) -> Publisher {
        Publisher {
            name: name.to_owned(),
            executable,
            turns: Arc::new(Semaphore::new(CALLS_IN_FLIGHT_MAX)),
            state: Mutex::default(),
        }
    }

    /// The running child, if there is one.
    pub async fn process(&self) -> Option<Arc<Process>> {
        self.state.lock().await.process.clone().filter(|process| process.death().is_none())
    }

    /// A child that has the package loaded.
    ///
    /// # Errors
    /// `Unavailable` while it rests after crashes or cannot be started.
    pub async fn with_package(
        &self,
        cache: &Cache,
        package: &PackageHash,
        wasm: &[u8],
    ) -> Result<Arc<Process>, FailureReason> {
        let mut state = self.state.lock().await;
        let process = self.running(&mut state).await?;
        if let Some(at) = state.loaded.iter().position(|loaded| loaded == package) {
            state.loaded.remove(at);
        } else {
            let unavailable = |why| FailureReason::Unavailable { why, retry_after: None };
            let code = cache.code(package, wasm).await.map_err(|error| unavailable(error.to_string()))?;
            if let Some(problem) = process.load(package, &code).await.map_err(unavailable)? {
                return Err(unavailable(problem));
            }
            if state.loaded.len() >= PACKAGES_LOADED_MAX
                && let Some(oldest) = state.loaded.pop_front()
            {
                process.send(&ToChild::Unload { package: oldest }, &[]).await.map_err(unavailable)?;
            }
        }
        state.loaded.push_back(package.clone());
        Ok(process)
    }

    /// Ends the child at once.
    pub async fn stop(&self) {
        if let Some(process) = self.state.lock().await.process.take() {
            process.kill();
        }
    }

    async fn running(&self, state: &mut State) -> Result<Arc<Process>, FailureReason> {
        if let Some(process) = &state.process {
            match process.death() {
                None => return Ok(Arc::clone(process)),
                Some(death) => {
                    tracing::warn!(publisher = self.name, why = death.why, "a plugin process ended");
                    state.crashed(death.at, death.lived);
                }
            }
        }
        let rest = state.not_before.map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now()));
        if !rest.is_zero() {
            let why = format!("the process of `{}` ended {} times and rests", self.name, state.crashes);
            return Err(FailureReason::Unavailable { why, retry_after: Some(rest) });
        }
        match Process::start(&self.executable, &self.name).await {
            Ok(process) => {
                let process = Arc::new(process);
                state.process = Some(Arc::clone(&process));
                Ok(process)
            }
            Err(why) => {
                state.crashed(Instant::now(), Duration::ZERO);
                Err(FailureReason::Unavailable { why, retry_after: None })
            }
        }
    }
}

impl State {
    fn crashed(&mut self, at: Instant, lived: Duration) {
        self.process = None;
        self.loaded.clear();
        self.crashes = if lived >= STABLE { 1 } else { self.crashes + 1 };
        self.not_before = Some(at + pause(self.crashes));
    }
}

/// None after the first crash, then half a second, doubled each time up to a minute.
fn pause(crashes: u32) -> Duration {
    match crashes {
        0 | 1 => Duration::ZERO,
        more => BACK_OFF_MIN.saturating_mul(1 << (more - 2).min(16)).min(BACK_OFF_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute() {
        let pauses: Vec<u128> =
            [0, 1, 2, 3, 4, 9, 40, u32::MAX].map(|crashes| pause(crashes).as_millis()).into();
        assert_eq!(pauses, [0, 0, 500, 1_000, 2_000, 60_000, 60_000, 60_000]);
    }
}
