//! The imported log of a real desk: its requests are replayed as if they had come here, its routing is dropped.

use std::io::BufReader;
use std::path::Path;

use naryad::cli::import::{self, Detail};
use naryad::cli::packs;
use naryad::domain::TicketId;
use naryad::domain::event::Event;

use super::{backtest, differing, is_the_same, plan, texts};
use crate::helpers::TestDesk;

const LOG: &str = "workflows/it-desk/demo/incidents.csv";

#[test]
fn the_log_comes_out_the_same_and_a_line_that_goes_elsewhere_shows_its_tickets() {
    let desk = TestDesk::new();
    let pack = packs::texts("it-desk").unwrap();
    let client = desk.client_with("it-desk", &pack.script, &pack.settings);
    let file = std::fs::File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join(LOG)).unwrap();
    let mut run_all = |requests| desk.desk.run_all(requests);
    import::servicenow(&mut run_all, client, BufReader::new(file), Detail::Counts, &mut Vec::new()).unwrap();
    let window = ("2016-02-28T00:00:00Z".parse().unwrap(), "2016-03-31T00:00:00Z".parse().unwrap());
    let same = backtest(&desk, &plan(client, window, texts(&pack.script, &pack.settings))).unwrap();
    is_the_same(&same.report);
    let (unknown, refused) = (&same.report.published.unknown, &same.report.published.not_applied);
    assert_eq!((unknown.count, refused.count), (0, 0), "{unknown:?} {refused:?}");
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
