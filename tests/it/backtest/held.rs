//! Messages beyond the budget are told from those that went out, and what people decided of them is played again.

use naryad::domain::Span;
use naryad::domain::command::{ApproveHold, Command};
use naryad::domain::person::Role;
use naryad::store;

use super::{backtest, is_the_same, plan, texts};
use crate::helpers::{SETTINGS, TestDesk};

const TELLS: &str = r#"fn on_opened(ticket) { ticket.notify("support", #{ text: "A new one." }); }"#;

#[test]
fn a_draft_with_another_limit_holds_fewer_and_an_approval_finds_its_hold() {
    let desk = TestDesk::new();
    for login in ["anna", "boris", "vera"] {
        desk.member(login, "support");
    }
    let narrow = format!("{SETTINGS}\n[budget]\nmessages_per_run = 1\n");
    let client = desk.client_with("bank", TELLS, &narrow);
    let supervisor = desk.somebody("sofia", Role::Supervisor, Some(client));
    let from = desk.now();
    desk.opens(client, "printer");
    desk.pass(Span::minutes(5));
    let hold = desk.read(|db| store::hold::unfinished(db, client)).remove(0);
    assert_eq!(hold.held, 2);
    let (hold, version, messages) = (hold.id, hold.version, hold.held);
    let approve = ApproveHold { hold, version, messages, is_without_stale: false };
    supervisor.does(Command::ApproveHold(approve)).unwrap();
    desk.pass(Span::hours(1));
    let window = (from, desk.now());

    let same = backtest(&desk, &plan(client, window, texts(TELLS, &narrow))).unwrap().report;
    is_the_same(&same);
    assert_eq!(same.history.differ, 0, "{same}");
    assert_eq!((same.published.messages, same.published.messages_held), (3, 2), "{same}");

    let wide = backtest(&desk, &plan(client, window, texts(TELLS, SETTINGS))).unwrap().report;
    assert_eq!((wide.draft.messages, wide.draft.messages_held), (3, 0), "{wide}");
    assert_eq!((wide.totals.messages, wide.totals.tickets), (1, 1), "{wide}");
    assert_eq!(
        (wide.draft.unknown.count, wide.draft.not_applied.count),
        (0, 0),
        "nothing to approve is no loss"
    );
}
