//! People at work: tickets are opened and read at a steady pace, whatever else the desk does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::client::Client;
use super::figures::{Times, line, milliseconds};

/// A ticket is opened so often: 90,000 an hour, far more than a large desk has.
const OPENED_EVERY: Duration = Duration::from_millis(40);
const READ_EVERY: Duration = Duration::from_millis(20);

/// The load on its own threads, until it is stopped.
pub struct Pace {
    is_over: Arc<AtomicBool>,
    opener: JoinHandle<Vec<Duration>>,
    reader: JoinHandle<Vec<Duration>>,
}

pub struct Felt {
    pub opening: Times,
    pub reading: Times,
}

impl Pace {
    pub fn start(address: SocketAddr, token: &str, opening: String) -> Pace {
        let is_over = Arc::new(AtomicBool::new(false));
        let opener = keep(address, token, OPENED_EVERY, &is_over, vec![Asked::Post(opening)]);
        let reads = ["/api/v1/tickets?limit=50", "/api/v1/tickets/IT-1", "/api/v1/counts"];
        let reads = reads.map(|path| Asked::Get(path.to_owned())).to_vec();
        let reader = keep(address, token, READ_EVERY, &is_over, reads);
        Pace { is_over, opener, reader }
    }

    pub fn stop(self) -> Felt {
        self.is_over.store(true, Ordering::Relaxed);
        let ended = |thread: JoinHandle<Vec<Duration>>| Times::new(thread.join().expect("answers"));
        Felt { opening: ended(self.opener), reading: ended(self.reader) }
    }
}

#[derive(Clone)]
enum Asked {
    Get(String),
    Post(String),
}

/// Asks at fixed moments. A request that waits for the one before counts from its own moment.
fn keep(
    address: SocketAddr,
    token: &str,
    every: Duration,
    is_over: &Arc<AtomicBool>,
    asked: Vec<Asked>,
) -> JoinHandle<Vec<Duration>> {
    let (token, is_over) = (token.to_owned(), Arc::clone(is_over));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut client = Client::connect(address, &token).await.expect("the server listens");
            let mut times = Vec::new();
            let mut moment = Instant::now();
            for one in asked.iter().cycle() {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                std::thread::sleep(moment.saturating_duration_since(Instant::now()));
                let (status, said) = match one {
                    Asked::Get(path) => client.get(path).await,
                    Asked::Post(body) => client.post("/api/v1/tickets", body).await,
                }
                .expect("an answer");
                assert_eq!(status, 200, "{}", String::from_utf8_lossy(&said));
                times.push(moment.elapsed());
                moment += every;
            }
            times
        })
    })
}

impl Felt {
    pub fn show(&self, when: &str) {
        line(&format!("opening tickets, {when}"), &self.opening);
        line(&format!("reading, {when}"), &self.reading);
    }

    /// The 99th percentiles as parts of those before.
    pub fn against(&self, before: &Felt) {
        let ratio =
            |own: &Times, was: &Times| milliseconds(own.permille(990)) / milliseconds(was.permille(990));
        println!(
            "  p99 against before: opening x{:.2}, reading x{:.2}",
            ratio(&self.opening, &before.opening),
            ratio(&self.reading, &before.reading)
        );
    }
}
