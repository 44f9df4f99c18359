//! Tickets opened through HTTP, each answer waited for, at several numbers of connections.

use std::path::{Path, PathBuf};
use std::time::Instant;

use naryad::domain::TicketId;
use naryad::store;
use serde_json::{Value, json};

use super::Options;
use super::client::Client;
use super::desk;
use super::figures::{Times, line, section};
use super::server::Server;

const CONNECTIONS: &[usize] = &[1, 32, 128];

/// What was reached, and a ticket whose rows the raw limit writes again.
pub struct Opened {
    pub folder: PathBuf,
    pub ticket: TicketId,
    /// Connections and tickets a second.
    pub rates: Vec<(usize, f64)>,
}

pub fn opening(folder: &Path, options: Options) -> Opened {
    let made = desk::make(folder);
    let server = Server::start(folder);
    section("POST /api/v1/tickets, every answer waits for its fsync");
    let body = json!({
        "client": made.client,
        "subject": "The receipt printer of the lobby machine jams again",
        "description": "After the morning cleaning the printer pulls the paper askew. Second time this week.",
        "category": "receipt_jam",
        "impact": "medium",
        "urgency": "high",
    })
    .to_string();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut rates = Vec::new();
    let mut last = None;
    for connections in CONNECTIONS {
        let (times, seconds, ticket) =
            runtime.block_on(press(&server, &made.token, &body, *connections, options));
        let times = Times::new(times);
        let rate = times.count() as f64 / seconds;
        line(&format!("{connections} connections: {rate:.0} tickets/s"), &times);
        rates.push((*connections, rate));
        last = Some(ticket);
    }
    drop(server);
    println!("  {}", runs(folder));
    let ticket = last.expect("tickets were opened");
    Opened { folder: folder.to_owned(), ticket, rates }
}

/// How the script fared: a run that was stopped for its time is a failed one.
fn runs(folder: &Path) -> String {
    let connection =
        rusqlite::Connection::open(store::sqlite::database_path(folder)).expect("the desk is there");
    let sql = "select count(*), coalesce(sum(state <> 'applied'), 0), (select count(*) from ticket) from run";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let (runs, failed, tickets): (i64, i64, i64) = connection.query_row(sql, [], read).expect("runs");
    format!("{tickets} tickets, {runs} script runs, {failed} of them failed")
}

async fn press(
    server: &Server,
    token: &str,
    body: &str,
    connections: usize,
    options: Options,
) -> (Vec<std::time::Duration>, f64, TicketId) {
    let mut tasks = tokio::task::JoinSet::new();
    let started = Instant::now();
    for _ in 0..connections {
        let (address, token, body) = (server.address, token.to_owned(), body.to_owned());
        tasks.spawn(async move {
            let mut client = Client::connect(address, &token).await.expect("the server listens");
            let mut times = Vec::new();
            let mut answer = Vec::new();
            while started.elapsed() < options.time {
                let asked = Instant::now();
                let (status, said) = client.post("/api/v1/tickets", &body).await.expect("an answer");
                times.push(asked.elapsed());
                assert_eq!(status, 200, "{}", String::from_utf8_lossy(&said));
                answer = said;
            }
            (times, answer)
        });
    }
    let mut all = Vec::new();
    let mut ticket = None;
    while let Some(ended) = tasks.join_next().await {
        let (times, answer) = ended.expect("a connection that did not fail");
        all.extend(times);
        let done: Value = serde_json::from_slice(&answer).expect("JSON");
        ticket = done["ticket"].as_str().and_then(|id| id.parse().ok());
    }
    (all, started.elapsed().as_secs_f64(), ticket.expect("an answer names its ticket"))
}
