//! Several people at once who open tickets and comment on them until the server is gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use super::requests::{Answer, Asked, Connection};
use super::served::Served;

const CONNECTIONS: usize = 8;

/// What was asked and what came back: nothing for a request whose end nobody knows.
pub type Outcome = Vec<(Asked, Option<Answer>)>;

pub struct Load {
    threads: Vec<JoinHandle<Outcome>>,
    stop: Arc<AtomicBool>,
}

impl Load {
    /// `round` makes the keys of this load its own.
    pub fn start(served: &Served, round: u64) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let start = |number: usize| {
            let (address, token, client) = (served.address, served.token.clone(), served.client);
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || {
                let mut outcome = Outcome::new();
                let Ok(mut connection) = Connection::open(address, &token) else { return outcome };
                let mut ticket = None;
                for step in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let key = format!("round-{round}-by-{number}-step-{step}");
                    let asked = match ticket {
                        Some(ticket) if step % 3 != 0 => Asked::comment(&key, ticket),
                        _ => Asked::open(&key, client),
                    };
                    let answer = connection.ask(&asked).ok();
                    ticket = answer.as_ref().map(|answer| answer.ticket);
                    outcome.push((asked, answer));
                    if ticket.is_none() {
                        break;
                    }
                }
                outcome
            })
        };
        let threads = (0..CONNECTIONS).map(start).collect();
        Self { threads, stop }
    }

    /// Waits until everybody has noticed that the server is gone, or has stopped by themselves.
    pub fn end(self) -> Outcome {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    }
}
