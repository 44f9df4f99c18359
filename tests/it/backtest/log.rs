//! The imported log of a real desk: its requests are replayed as if they had come here, its routing is dropped.

use std::collections::BTreeSet;
use std::io::BufReader;
use std::path::Path;

use naryad::cli::import::{self, Detail};
use naryad::cli::packs::{self, PackTexts};
use naryad::domain::event::Event;
use naryad::domain::{ClientId, Moment, TicketId};
use naryad::rehearsal::backtest::RunReport;
use naryad::store;

use super::{backtest, differing, is_the_same, plan, texts};
use crate::helpers::TestDesk;

const LOG: &str = "workflows/it-desk/demo/incidents.csv";
const WINDOW: [&str; 2] = ["2016-02-28T00:00:00Z", "2016-04-30T00:00:00Z"];

/// A row of the log, read without the desk's help.
pub struct Row {
    pub number: String,
    pub state: String,
    pub updated_at: Moment,
    pub symptom: String,
    pub impact: String,
    pub urgency: String,
    category: String,
}

impl Row {
    /// As the pack names it; nothing where the log does not know it.
    pub fn category(&self) -> Option<String> {
        (self.category != "?").then(|| self.category.to_lowercase().replace(' ', "_"))
    }
}

pub fn rows() -> Vec<Row> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(LOG);
    let mut reader = csv::Reader::from_path(file).unwrap();
    let names = reader.headers().unwrap().clone();
    let place = |name: &str| names.iter().position(|column| column == name).unwrap();
    let read = |row: csv::StringRecord| {
        let cell = |name: &str| row[place(name)].to_owned();
        let time = cell("sys_updated_at");
        let (day, time) = time.split_once(' ').unwrap();
        let day: Vec<&str> = day.split('-').collect();
        let updated_at = format!("{}-{}-{}T{time}:00Z", day[2], day[1], day[0]).parse().unwrap();
        Row {
            number: cell("number"),
            state: cell("incident_state"),
            updated_at,
            symptom: cell("u_symptom"),
            impact: cell("impact"),
            urgency: cell("urgency"),
            category: cell("category"),
        }
    };
    reader.records().map(|row| read(row.unwrap())).collect()
}

fn imported(desk: &TestDesk, pack: &PackTexts) -> ClientId {
    let client = desk.client_with("it-desk", &pack.script, &pack.settings);
    import_log(desk, client);
    client
}

fn import_log(desk: &TestDesk, client: ClientId) {
    let file = std::fs::File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join(LOG)).unwrap();
    let mut run_all = |requests| desk.desk.run_all(requests);
    import::servicenow(&mut run_all, client, BufReader::new(file), Detail::Counts, &mut Vec::new()).unwrap();
}

fn window() -> (Moment, Moment) {
    let [from, to] = WINDOW.map(|moment| moment.parse().unwrap());
    (from, to)
}

#[test]
fn the_log_comes_out_the_same_and_a_line_that_goes_elsewhere_shows_its_tickets() {
    let desk = TestDesk::new();
    let pack = packs::texts("it-desk").unwrap();
    let client = imported(&desk, &pack);
    let window = window();
    let same = backtest(&desk, &plan(client, window, texts(&pack.script, &pack.settings))).unwrap();
    is_the_same(&same.report);
    let (unknown, refused) = (&same.report.published.unknown, &same.report.published.not_applied);
    assert_eq!((unknown.count, refused.count), (0, 0), "{unknown:?} {refused:?}");
    // The pack plays the log without an error.
    assert_eq!((&same.report.errors[..], same.report.published.script_errors), (&[][..], 0));
    assert!(same.report.tickets_opened > 400, "{}", same.report);
    // What the script decides with, as it stood when the ticket was opened.
    let other = pack.script.replace(
        "ticket.queue(line_for(ticket.category), #{ reason: \"By category\" });",
        "ticket.queue(if ticket.priority == 2 { \"service_desk\" } else { line_for(ticket.category) }, \
         #{ reason: \"By category\" });",
    );
    assert_ne!(other, pack.script);
    let changed = backtest(&desk, &plan(client, window, texts(&other, &pack.settings))).unwrap();
    let concerned: Vec<TicketId> = differing(&changed.report);
    assert!(!concerned.is_empty() && concerned.len() < 400, "{}", changed.report);
    for ticket in concerned {
        let timeline = changed.timeline(super::Side::Draft, ticket).unwrap();
        let Event::TicketOpened(opened) = &timeline[0].event else { panic!("{timeline:?}") };
        assert_eq!(opened.priority, 2);
    }
}

#[test]
fn two_departments_that_are_swapped_show_the_tickets_that_either_would_have_had() {
    let desk = TestDesk::new();
    let pack = packs::texts("it-desk").unwrap();
    let client = imported(&desk, &pack);
    let (rest, lines) = pack.settings.split_once("[settings.line_of]").unwrap();
    let swapped =
        lines.replace("\"group_65\"", "?").replace("\"group_5\"", "\"group_65\"").replace('?', "\"group_5\"");
    let settings = format!("{rest}[settings.line_of]{swapped}");
    let outcome = backtest(&desk, &plan(client, window(), texts(&pack.script, &settings))).unwrap();
    // By the log alone: whatever was ever of a category that one of the two takes.
    let theirs: BTreeSet<&str> = lines
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .filter(|(_, line)| ["\"group_65\"", "\"group_5\""].contains(line))
        .map(|(category, _)| category)
        .collect();
    let concerned: BTreeSet<String> = rows()
        .into_iter()
        .filter(|row| row.category().is_some_and(|category| theirs.contains(category.as_str())))
        .map(|row| row.number)
        .collect();
    let number = |ticket: TicketId| desk.read(|db| store::external::externals_of(db, ticket)).remove(0).1;
    let found: BTreeSet<String> = differing(&outcome.report).into_iter().map(number).collect();
    assert_eq!(found, concerned, "{}", outcome.report);
    assert!(concerned.len() > 20 && concerned.len() < 300, "{}", concerned.len());
    assert_eq!(outcome.report.totals.route, concerned.len(), "{}", outcome.report);
}

#[test]
fn rows_that_were_imported_once_more_are_played_once() {
    let pack = packs::texts("it-desk").unwrap();
    let played = |times: usize| {
        let desk = TestDesk::new();
        let client = imported(&desk, &pack);
        (1..times).for_each(|_| import_log(&desk, client));
        let mut outcome =
            backtest(&desk, &plan(client, window(), texts(&pack.script, &pack.settings))).unwrap();
        is_the_same(&outcome.report);
        (
            outcome.report.commands,
            outcome.report.tickets_opened,
            std::mem::take(&mut outcome.report.published),
        )
    };
    let ((commands, tickets, once), (commands_twice, tickets_twice, twice)) = (played(1), played(2));
    assert_eq!(tickets_twice, tickets);
    // Each repeated row is a command that had nothing to do.
    assert!(commands_twice > commands, "{commands_twice} {commands}");
    assert_eq!(twice.applied, once.applied + (commands_twice - commands));
    let led_to = |run: &RunReport| (run.due_played, run.breaches, run.tasks, run.messages, run.script_errors);
    assert_eq!(led_to(&twice), led_to(&once));
}
