//! A back-test of a month while the desk works: how long it takes, what it finds, and whether those at work notice.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use naryad::cli::import::{self, Detail};
use naryad::cli::packs::{self, PackTexts};
use naryad::commands::{Engine, sessions};
use naryad::domain::command::{Command, PutClient};
use naryad::domain::person::{Grant, Role};
use naryad::domain::version_move::Reach;
use naryad::domain::{ClientId, Language};
use serde_json::{Value, json};

use super::Options;
use super::client::Client;
use super::desk::{self, Made};
use super::figures::section;
use super::log::{self, Log};
use super::pace::{Felt, Pace};
use super::server::Server;

/// Beyond this a back-test is a year's, not a month's.
const TICKETS_MAX: usize = 75_000;
/// How long the desk at work is measured before.
const BEFORE: Duration = Duration::from_secs(20);
const ASKED_EVERY: Duration = Duration::from_millis(100);
const PACK: &str = "it-desk";
/// Two departments between which the other script swaps the tickets.
const SWAPPED: [&str; 2] = ["group_65", "group_5"];

pub fn measure(folder: &Path, options: Options) {
    let wanted = usize::try_from(options.tickets).unwrap_or(TICKETS_MAX).min(TICKETS_MAX);
    section("A back-test while the desk works");
    let log = log::repeated(wanted);
    let made = desk::make(folder);
    let mut engine = desk::open(folder);
    let pack = packs::texts(PACK).expect("a pack of this binary");
    let client = fill(&mut engine, &pack, &log);
    let token = administrator(&mut engine, &made);
    drop(engine);
    println!("  the real log repeated: {} tickets, {} rows", log.tickets, log.rows);
    let server = Server::start(folder);
    let before = felt(&server, &made, || std::thread::sleep(BEFORE));
    before.show("before");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let same = pack.settings.clone();
    let (swapped, concerned) = swapped(&pack, &log);
    for (what, settings, expected) in
        [("the same script", same, 0), ("two departments swapped", swapped, concerned)]
    {
        println!("  {what}");
        let asked = json!({ "from": log.window.0, "to": log.window.1, "script": pack.script, "settings": settings,
            "modules": pack.modules });
        let mut page = Value::Null;
        let meanwhile = felt(&server, &made, || {
            page = runtime.block_on(play(&server, &token, client, &asked));
        });
        show(&page, &log, expected);
        meanwhile.show("meanwhile");
        meanwhile.against(&before);
        println!("  memory of the desk                 {:.0} MB", server.memory_mb());
    }
}

/// A client whose past is the log.
fn fill(engine: &mut Engine, pack: &PackTexts, log: &Log) -> ClientId {
    let put = PutClient {
        id: None,
        version: None,
        key: desk::key(PACK),
        name: "IT desk".to_owned(),
        prefix: "IT".to_owned(),
        colour: "#5b6b7b".to_owned(),
        language: Language::En,
        is_active: true,
    };
    let client = ClientId(desk::id(&desk::run(engine, Command::PutClient(Box::new(put)))));
    let source = pack.clone().source();
    desk::run(
        engine,
        Command::PublishPack { client, source, message: "bench".to_owned(), reach: Reach::NewTickets },
    );
    let started = Instant::now();
    let mut run_all = |requests| engine.run_all(requests);
    let mut told = Vec::new();
    import::servicenow(&mut run_all, client, log.text.as_bytes(), Detail::Counts, &mut told).expect("a log");
    let seconds = started.elapsed().as_secs_f64();
    println!("  imported in {seconds:.1} s: {}", String::from_utf8_lossy(&told).trim().replace('\n', "; "));
    client
}

fn administrator(engine: &mut Engine, made: &Made) -> String {
    let person = made.people[1];
    let grants = BTreeSet::from([Grant { role: Role::Administrator, client: None }]);
    desk::run(engine, Command::SetAccess { person, grants, memberships: BTreeSet::new() });
    let token = engine.aside(move |tx| Ok(sessions::make_token(tx, person, "bench", None)?.1));
    token.expect("a token")
}

fn felt(server: &Server, made: &Made, meanwhile: impl FnOnce()) -> Felt {
    let opening = json!({
        "client": made.client,
        "subject": "The receipt printer of the lobby machine jams again",
        "category": "receipt_jam",
        "impact": "medium",
        "urgency": "high",
    });
    let pace = Pace::start(server.address, &made.token, opening.to_string());
    meanwhile();
    pace.stop()
}

/// Has it played and waits for its end.
async fn play(server: &Server, token: &str, client: ClientId, asked: &Value) -> Value {
    let mut connection = Client::connect(server.address, token).await.expect("the server listens");
    let way = format!("/api/v1/clients/{client}/workflow/backtest");
    let (mut status, mut said) = connection.post(&way, &asked.to_string()).await.expect("an answer");
    loop {
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&said));
        let mut page: Value = serde_json::from_slice(&said).expect("JSON");
        // What starts one answers it, what asks names it among others.
        let run = if page["last"].is_null() { page } else { page["last"].take() };
        if run["state"] != "running" {
            return run;
        }
        tokio::time::sleep(ASKED_EVERY).await;
        (status, said) = connection.get(&way).await.expect("an answer");
    }
}

fn show(page: &Value, log: &Log, expected: usize) {
    let report = &page["report"];
    assert_eq!(page["state"], "done", "{page}");
    let whole = |value: &Value| value.as_u64().expect("a count");
    let seconds = whole(&report["took_ms"]) as f64 / 1_000.0;
    let commands = whole(&report["commands"]);
    println!(
        "    {seconds:.1} s: {:.0} tickets/s, {:.0} outside commands/s, each with both versions",
        log.tickets as f64 / seconds,
        commands as f64 / seconds
    );
    for side in ["published", "draft"] {
        let run = &report[side];
        println!(
            "    {side}: {:.1} s; {} applied, {} due rows, {} not applied, {} unknown, {} failed runs",
            whole(&run["took_ms"]) as f64 / 1_000.0,
            run["applied"],
            run["due_played"],
            run["not_applied"]["count"],
            run["unknown"]["count"],
            run["script_errors"]
        );
    }
    let differ = whole(&report["totals"]["tickets"]) as usize;
    println!("    {differ} tickets differ; by the log it should be {expected}");
    assert_eq!(differ, expected, "{report}");
}

/// Settings that send to the one department what the other had, and how many tickets of the log that concerns: those
/// that were ever of a category which goes to one of the two.
fn swapped(pack: &PackTexts, log: &Log) -> (String, usize) {
    let (lines, rest) = {
        let at = pack.settings.find("[settings.line_of]").expect("the pack says which line takes a category");
        (&pack.settings[at..], &pack.settings[..at])
    };
    let [one, other] = SWAPPED.map(|name| format!("\"{name}\""));
    let moved = lines.replace(&one, "\"\"").replace(&other, &one).replace("\"\"", &other);
    let categories: BTreeSet<&str> = lines
        .lines()
        .filter(|line| line.contains(&one) || line.contains(&other))
        .filter_map(|line| line.split_once(" = ").map(|(category, _)| category))
        .collect();
    // `Category 55` is the key `category_55`.
    let is_concerned = |named: &String| categories.contains(named.to_lowercase().replace(' ', "_").as_str());
    let concerned = log.categories.values().filter(|own| own.iter().any(is_concerned)).count();
    (format!("{rest}{moved}"), concerned)
}
