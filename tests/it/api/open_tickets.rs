//! Publishing for open tickets too over HTTP: looked at first, then made; the same for a roll-back.

use naryad::domain::command::{Command, TicketChanges};
use naryad::domain::person::Role;
use naryad::domain::{ClientId, Key, Span, TicketId};
use serde_json::{Value, json};

use super::Site;
use crate::helpers::SETTINGS;

fn path(client: ClientId, rest: &str) -> String {
    format!("/api/v1/clients/{client}/workflow{rest}")
}

/// Half the time to the resolution, and no more asking for approval.
fn stricter() -> String {
    SETTINGS
        .replace("resolution_minutes = 480", "resolution_minutes = 60")
        .replace("awaiting_approval", "asking")
}

fn sent() -> Value {
    json!({ "script": "", "settings": stricter() })
}

fn with(mut body: Value, more: Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

struct Asked {
    site: Site,
    bank: ClientId,
    administrator: String,
    /// One that can be moved, and one that cannot.
    tickets: [TicketId; 2],
}

impl Asked {
    fn new() -> Self {
        let site = Site::new();
        let bank = site.desk.client("bank", "");
        let administrator = site.token(site.desk.somebody("root", Role::Administrator, None).id);
        let tickets = ["dark", "price?"].map(|subject| site.desk.opens(bank, subject));
        let changes =
            TicketChanges { status: Key::new("awaiting_approval").ok(), ..TicketChanges::default() };
        let changes = Box::new(changes);
        site.desk.does(Command::ChangeTicket { ticket: tickets[1], version: None, changes }).unwrap();
        site.desk.pass(Span::hours(2));
        Self { site, bank, administrator, tickets }
    }

    fn posts(&self, rest: &str, body: &Value) -> Value {
        self.site.post(&self.administrator, &path(self.bank, rest), body).ok()
    }

    fn gets(&self, rest: &str) -> Value {
        self.site.get(&self.administrator, &path(self.bank, rest)).ok()
    }

    fn versions(&self) -> [i64; 2] {
        let ordinal =
            |version| self.site.desk.read(|db| naryad::store::pack::get(db, version)).unwrap().ordinal;
        self.tickets.map(|ticket| ordinal(self.site.desk.ticket(ticket).pack_version.unwrap()))
    }
}

#[test]
fn a_move_is_looked_at_then_made_and_its_stays_are_named() {
    let asked = Asked::new();
    assert_eq!(asked.gets("/open-tickets")["last"], Value::Null);
    let page = asked.posts("/open-tickets/preview", &sent());
    assert_eq!((&page["open"], &page["next"]), (&json!(2), &Value::Null));
    let lines = page["lines"].as_array().unwrap();
    assert_eq!((&lines[0]["number"], &lines[0]["subject"]), (&json!("BANK-1"), &json!("dark")));
    assert_eq!(lines[0]["clocks"][0]["target"], "resolution");
    let is_broken = |side: &str| &lines[0]["clocks"][0][side]["is_breached"];
    assert_eq!([is_broken("before"), is_broken("after")], [false, true]);
    let obstacle = json!({ "what": "status", "key": "awaiting_approval", "of": null });
    assert_eq!(lines[1]["obstacles"], json!([obstacle]));
    let sums = &page["sums"];
    assert_eq!([&sums["moved"], &sums["stayed"], &sums["breaches_gained"]], [1, 1, 1]);
    assert_eq!(asked.versions(), [1, 1], "looking changes nothing");

    // For new tickets alone, unless the request says otherwise.
    asked.posts("/publish", &with(sent(), json!({ "message": "stricter" })));
    asked.site.desk.pass(Span::ZERO);
    assert_eq!(asked.versions(), [1, 1]);
    asked.posts("/publish", &with(sent(), json!({ "message": "stricter", "reach": "open_tickets_too" })));
    let last = &asked.gets("/open-tickets")["last"];
    assert_eq!([&last["version"], &last["total"], &last["moved"]], [3, 2, 0]);
    assert_eq!((&last["by"]["name"], &last["finished_at"]), (&json!("root"), &Value::Null));
    asked.site.desk.pass(Span::ZERO);
    assert_eq!(asked.versions(), [3, 1]);
    let last = &asked.gets("/open-tickets")["last"];
    assert_eq!([&last["moved"], &last["stayed"]], [1, 1]);
    assert!(last["finished_at"].is_string(), "{last}");
    let stayed = asked.gets("/open-tickets/stayed");
    assert_eq!(stayed["items"][0]["number"], "BANK-2");
    assert_eq!(stayed["items"][0]["obstacles"], json!([obstacle]));
}

#[test]
fn a_roll_back_offers_the_same_choice() {
    let asked = Asked::new();
    let first = asked.gets("/versions")["items"][0]["id"].clone();
    asked.posts("/publish", &with(sent(), json!({ "message": "stricter", "reach": "open_tickets_too" })));
    asked.site.desk.pass(Span::ZERO);
    assert_eq!(asked.versions(), [2, 1]);
    let page = asked.posts("/open-tickets/preview", &json!({ "to": first }));
    let sums = &page["sums"];
    assert_eq!([&sums["moved"], &sums["stayed"], &sums["breaches_lost"]], [2, 0, 1]);
    asked.posts("/roll-back", &json!({ "to": first, "message": "back" }));
    asked.site.desk.pass(Span::ZERO);
    assert_eq!(asked.versions(), [2, 1]);
    asked.posts("/roll-back", &json!({ "to": first, "message": "back", "reach": "open_tickets_too" }));
    asked.site.desk.pass(Span::ZERO);
    assert_eq!(asked.versions(), [4, 4]);
}

#[test]
fn the_draft_is_looked_at_where_no_texts_are_sent() {
    let asked = Asked::new();
    let preview = path(asked.bank, "/open-tickets/preview");
    let none = asked.site.post(&asked.administrator, &preview, &json!({}));
    none.refused(422, "invalid");
    asked.posts("/draft", &sent());
    assert_eq!(asked.posts("/open-tickets/preview", &json!({}))["sums"]["stayed"], 1);
    let broken = json!({ "script": "fn on_opend(ticket) {}", "settings": SETTINGS });
    asked.site.post(&asked.administrator, &preview, &broken).refused(422, "workflow_has_errors");
}

#[test]
fn texts_come_both_or_neither_wherever_they_are_sent() {
    let asked = Asked::new();
    let half = json!({ "script": "" });
    let window = json!({ "from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z" });
    for (rest, more) in
        [("/publish", json!({ "message": "x" })), ("/open-tickets/preview", json!({})), ("/backtest", window)]
    {
        let to = path(asked.bank, rest);
        let answer = asked.site.post(&asked.administrator, &to, &with(half.clone(), more.clone()));
        assert_eq!(answer.refused(422, "invalid")["field"], "settings", "{rest}");
        let unknown = with(more, json!({ "scripts": "" }));
        let answer = asked.site.post(&asked.administrator, &to, &unknown);
        assert_eq!(answer.status, 422, "{rest}");
        assert!(answer.json()["error"]["message"].as_str().unwrap().contains("scripts"), "{rest}");
    }
    let both = with(sent(), json!({ "to": "7" }));
    asked
        .site
        .post(&asked.administrator, &path(asked.bank, "/open-tickets/preview"), &both)
        .refused(422, "invalid");
}

#[test]
fn only_who_administers_the_client_sees_it() {
    let asked = Asked::new();
    let shop = asked.site.desk.client("shop", "");
    let token =
        |login: &str, role, client| asked.site.token(asked.site.desk.somebody(login, role, client).id);
    let stranger = token("sergei", Role::Administrator, Some(shop));
    let (supervisor, contact) = (
        token("boris", Role::Supervisor, Some(asked.bank)),
        token("anna", Role::ClientContact, Some(asked.bank)),
    );
    asked.posts("/publish", &with(sent(), json!({ "message": "stricter", "reach": "open_tickets_too" })));
    for (who, status, code) in
        [(&supervisor, 403, "forbidden"), (&contact, 403, "forbidden"), (&stranger, 404, "not_found")]
    {
        asked.site.get(who, &path(asked.bank, "/open-tickets")).refused(status, code);
        asked.site.get(who, &path(asked.bank, "/open-tickets/stayed")).refused(status, code);
        asked.site.post(who, &path(asked.bank, "/open-tickets/preview"), &sent()).refused(status, code);
    }
    let of_shop =
        asked.site.desk.read(|db| naryad::store::client::get(db, shop)).unwrap().pack_version.unwrap();
    let preview = path(asked.bank, "/open-tickets/preview");
    let other = json!({ "to": of_shop.to_string() });
    asked.site.post(&asked.administrator, &preview, &other).refused(404, "not_found");
}
