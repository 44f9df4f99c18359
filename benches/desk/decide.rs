//! What the script alone costs, over the facts that a live run recorded.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use naryad::domain::pack::Pack;
use naryad::store;
use naryad::workflow::facts::{Fact, FactError, FactKey, Facts};
use naryad::workflow::limits::SCRIPT_STACK_BYTES;
use naryad::workflow::{self, Occasion, Sources};
use rusqlite::Connection;

use super::desk::{SCRIPT, SETTINGS};
use super::figures::{Times, section};

const RUNS: usize = 20_000;
/// A run that the machine interrupts is to be measured, not stopped.
const WALL_MAX: Duration = Duration::from_secs(1);

struct Recorded(BTreeMap<FactKey, Fact>);

impl Facts for Recorded {
    fn read(&self, key: &FactKey) -> Result<Fact, FactError> {
        self.0.get(key).cloned().ok_or_else(|| FactError(format!("{key:?} was not recorded")))
    }
}

pub fn median(folder: &Path) {
    section(&format!("workflow::decide, on_opened of a script of {} lines", SCRIPT.lines().count()));
    let connection =
        Connection::open(store::sqlite::database_path(folder)).expect("the desk that was loaded");
    let sql =
        "select ticket, occasion, facts from run where handler = 'on_opened' and state = 'applied' limit 1";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let (ticket, occasion, facts): (i64, String, String) =
        connection.query_row(sql, [], read).expect("a run");
    let measure = move || times(ticket, &occasion, &facts);
    let thread = std::thread::Builder::new().stack_size(SCRIPT_STACK_BYTES).spawn(measure).expect("a thread");
    let times = thread.join().expect("runs that do not fail");
    let [p50, p99] = [500, 990].map(|part| times.permille(part).as_secs_f64() * 1e6);
    println!("  median {p50:.1} us   p99 {p99:.1} us   ({RUNS} runs)");
}

fn times(ticket: i64, occasion: &str, facts: &str) -> Times {
    let pack: Arc<Pack> = Arc::new(Pack::parse(SETTINGS).expect("the pack of the bench"));
    let sources = Sources { script: SCRIPT.into(), ..Sources::default() };
    let program = workflow::compile(sources, pack, WALL_MAX).expect("a script that was published");
    let occasion: Occasion = serde_json::from_str(occasion).expect("an occasion");
    let recorded: Vec<(FactKey, Fact)> = serde_json::from_str(facts).expect("facts");
    let facts: Rc<dyn Facts> = Rc::new(Recorded(recorded.into_iter().collect()));
    let one = || {
        let started = std::time::Instant::now();
        let run = workflow::decide(&program, ticket.into(), &occasion, Rc::clone(&facts));
        let elapsed = started.elapsed();
        assert!(run.asked.is_ok(), "{:?}", run.asked.err());
        elapsed
    };
    Times::new((0..RUNS).map(|_| one()).collect())
}
