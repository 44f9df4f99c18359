//! A recompute of all open tickets of a client: offered, compared page by page, and made.

use std::collections::BTreeSet;

use naryad::commands::recount_client::PAGE_TICKETS_MAX;
use naryad::domain::command::{Command, TicketChanges};
use naryad::domain::person::Role;
use naryad::domain::{ClientId, Key, Span, TicketId};
use serde_json::{Value, json};

use super::Site;
use crate::helpers::SETTINGS;

const STRICTER: (&str, &str) = ("resolution_minutes = 480", "resolution_minutes = 60");

fn stricter() -> String {
    SETTINGS.replace(STRICTER.0, STRICTER.1)
}

/// All pages of the difference, and how many tickets they looked at.
fn difference(site: &Site, token: &str, client: ClientId) -> (Vec<Value>, i64) {
    let (mut lines, mut looked_at, mut query) = (Vec::new(), 0, String::new());
    loop {
        let page = site.get(token, &format!("/api/v1/clients/{client}/recompute/tickets{query}")).ok();
        assert!(page["looked_at"].as_u64().unwrap() <= PAGE_TICKETS_MAX as u64, "{page}");
        lines.extend(page["lines"].as_array().unwrap().clone());
        looked_at += page["looked_at"].as_i64().unwrap();
        let Some(next) = page["next"].as_str() else { return (lines, looked_at) };
        query = format!("?after={next}&to={}", page["version"].as_str().unwrap());
    }
}

fn offer(site: &Site, token: &str, client: ClientId) -> Value {
    site.get(token, &format!("/api/v1/clients/{client}/recompute")).ok()
}

#[test]
fn stricter_targets_are_offered_shown_and_applied() {
    let site = Site::new();
    let desk = &site.desk;
    let bank = desk.client("bank", "");
    let boss = site.token(desk.somebody("boris", Role::Supervisor, Some(bank)).id);
    let tickets: Vec<TicketId> = (0..3).map(|_| desk.opens(bank, "screen is dark")).collect();
    assert_eq!(offer(&site, &boss, bank)["behind"], 0);
    assert_eq!(difference(&site, &boss, bank), (Vec::new(), 3));
    desk.pass(Span::hours(2));
    desk.publishes(bank, "", &stricter()).unwrap();
    let offered = offer(&site, &boss, bank);
    assert_eq!([&offered["ordinal"], &offered["open"], &offered["behind"]], [2, 3, 3]);
    assert_eq!(offered["versions"][0]["differs"], true);
    let (lines, looked_at) = difference(&site, &boss, bank);
    assert_eq!((lines.len(), looked_at), (3, 3));
    assert_eq!((&lines[0]["number"], &lines[0]["subject"]), (&json!("BANK-1"), &json!("screen is dark")));
    let clocks = lines[0]["clocks"].as_array().unwrap();
    assert_eq!(clocks.len(), 1, "{clocks:?}");
    assert_eq!(clocks[0]["target"], "resolution");
    let side =
        |name: &str| (clocks[0][name]["limit"].as_i64().unwrap(), clocks[0][name]["is_breached"] == true);
    assert_eq!((side("before"), side("after")), ((480 * 60_000, false), (60 * 60_000, true)));
    assert_ne!(clocks[0]["before"]["due_at"], clocks[0]["after"]["due_at"]);
    // Nothing was saved by looking; what is applied is what was shown.
    let before = desk.ticket(tickets[0]);
    let body = json!({ "to": offered["version"] });
    for line in &lines[..2] {
        let path = format!("/api/v1/tickets/{}/recompute", line["ticket"].as_str().unwrap());
        site.post(&boss, &path, &body).ok();
    }
    assert_ne!(before.pack_version, desk.ticket(tickets[0]).pack_version);
    assert_eq!(offer(&site, &boss, bank)["behind"], 1);
    let (lines, _) = difference(&site, &boss, bank);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["ticket"], tickets[2].to_string());
}

#[test]
fn other_words_are_no_reason_to_recompute() {
    let site = Site::new();
    let bank = site.desk.client("bank", "");
    let boss = site.token(site.desk.somebody("boris", Role::Supervisor, None).id);
    site.desk.opens(bank, "screen is dark");
    site.desk.publishes(bank, "", &SETTINGS.replace("Receipt jam", "Paper jam")).unwrap();
    let offered = offer(&site, &boss, bank);
    assert_eq!((&offered["ordinal"], &offered["behind"]), (&json!(2), &json!(0)));
    let (lines, _) = difference(&site, &boss, bank);
    assert_eq!((lines.len(), &lines[0]["clocks"]), (1, &json!([])));
}

#[test]
fn a_ticket_whose_status_is_gone_is_named_and_left() {
    let site = Site::new();
    let bank = site.desk.client("bank", "");
    let boss = site.token(site.desk.somebody("boris", Role::Supervisor, None).id);
    let ticket = site.desk.opens(bank, "price?");
    let status = Key::new("awaiting_approval").ok();
    let changes = Box::new(TicketChanges { status, ..TicketChanges::default() });
    site.desk.does(Command::ChangeTicket { ticket, version: None, changes }).unwrap();
    site.desk.publishes(bank, "", &stricter().replace("awaiting_approval", "asking")).unwrap();
    let (lines, _) = difference(&site, &boss, bank);
    let missing = json!([{ "what": "status", "key": "awaiting_approval", "of": null }]);
    assert_eq!((&lines[0]["obstacles"], &lines[0]["clocks"]), (&missing, &json!([])));
}

#[test]
fn many_tickets_come_in_pages_each_once() {
    let site = Site::new();
    let bank = site.desk.client("bank", "");
    let boss = site.token(site.desk.somebody("boris", Role::Supervisor, None).id);
    let count = PAGE_TICKETS_MAX + 7;
    for _ in 0..count {
        site.desk.opens(bank, "one of many");
    }
    site.desk.publishes(bank, "", &stricter()).unwrap();
    let (lines, looked_at) = difference(&site, &boss, bank);
    let ids: BTreeSet<&str> = lines.iter().map(|line| line["ticket"].as_str().unwrap()).collect();
    assert_eq!((looked_at, lines.len(), ids.len()), (count as i64, count, count));
}

#[test]
fn only_supervisors_of_the_client_see_it() {
    let site = Site::new();
    let (bank, shop) = (site.desk.client("bank", ""), site.desk.client("shop", ""));
    site.desk.opens(bank, "secret");
    let token = |login: &str, role, client| site.token(site.desk.somebody(login, role, client).id);
    let operator = token("olga", Role::Operator, Some(bank));
    let stranger = token("sergei", Role::Supervisor, Some(shop));
    let contact = token("anna", Role::ClientContact, Some(bank));
    for rest in ["recompute", "recompute/tickets"] {
        let path = format!("/api/v1/clients/{bank}/{rest}");
        site.get(&operator, &path).refused(403, "forbidden");
        site.get(&contact, &path).refused(403, "forbidden");
        site.get(&stranger, &path).refused(404, "not_found");
    }
    // A version of another client does not exist here.
    let of_shop = site.desk.read(|db| naryad::store::client::get(db, shop)).unwrap().pack_version.unwrap();
    let boss = token("boris", Role::Supervisor, Some(bank));
    let path = format!("/api/v1/clients/{bank}/recompute/tickets?to={of_shop}");
    site.get(&boss, &path).refused(404, "not_found");
}
