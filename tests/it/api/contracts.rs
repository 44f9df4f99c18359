//! Contracts over HTTP: the page, who sees it, names, adjustments, coverage, raised priorities; and the default rule.

use naryad::domain::command::Command;
use naryad::domain::event::Event;
use naryad::domain::person::{Affiliation, Grant, Role};
use naryad::domain::ticket::Channel;
use naryad::domain::{ClientId, ContactId, Key, PartnerId, Span, TicketId};
use serde_json::{Value, json};

use super::{Answer, Site, id};
use crate::helpers::{SETTINGS, TestDesk, made};

/// `basic` for the client, with three requests a month; `hours` for its sub-client `dairy`.
const CONTRACT: &str = r#"
package = "basic"
sub_client_packages = { dairy = "hours" }
not_covered_queue = "supervisors"
[[services]]
key = "repair"
label = { en = "Repair" }
categories = ["receipt_jam"]
[[packages]]
key = "basic"
label = { en = "Basic" }
asked_by = "named"
named_contacts_max = 2
channels = ["email", "portal"]
services = { repair = "included" }
monthly = { requests = 3 }
priority_raise = { charge = "billed", price = { en = "100 roubles" }, up_to = 2, by_contacts = true }
[[packages]]
key = "hours"
label = { en = "Hours" }
services = { repair = "paid" }
monthly = { hours = 2 }
priority_raise = { charge = "balance", amount = 90 }
"#;

struct Bought {
    site: Site,
    client: ClientId,
    anna: ContactId,
    administrator: String,
    operator: String,
}

impl Bought {
    fn new(script: &str) -> Self {
        let site = Site::new();
        let settings = SETTINGS.replace("[contract]\n", &format!("[contract]{CONTRACT}[settings]\n"));
        let settings = settings.replace("excluded_categories = [\"vandalism\"]", "");
        let client = site.desk.client_with("bank", script, &settings);
        let administrator = site.token(site.desk.somebody("root", Role::Administrator, None).id);
        let operator = site.token(site.desk.somebody("olga", Role::Operator, None).id);
        let anna = site.desk.contact(client, None, "Anna");
        Self { site, client, anna, administrator, operator }
    }

    fn page(&self, token: &str, query: &str) -> Answer {
        self.site.get(token, &format!("/api/v1/clients/{}/contract{query}", self.client))
    }

    fn names(&self, contact: ContactId, state: &str) -> Answer {
        let path = format!("/api/v1/clients/{}/named-contacts", self.client);
        let body = json!({ "contact": contact.to_string(), "state": state });
        self.site.post(&self.administrator, &path, &body)
    }

    fn adjusts(&self, token: &str, body: &Value) -> Answer {
        self.site.post(token, &format!("/api/v1/clients/{}/balance", self.client), body)
    }

    fn asks(&self, contact: Option<ContactId>) -> TicketId {
        let mut open = TestDesk::request(self.client, "paper is stuck");
        open.contact = contact;
        open.channel = Some(Channel::Email);
        self.site.desk.opens_with(open)
    }

    fn coverage(&self, ticket: TicketId) -> Value {
        self.site.get(&self.operator, &format!("/api/v1/tickets/{ticket}/coverage")).ok()
    }

    fn reason(&self, ticket: TicketId) -> Value {
        self.coverage(ticket)["reason"].clone()
    }

    fn raises(&self, token: &str, ticket: TicketId, body: &Value) -> Answer {
        self.site.post(token, &format!("/api/v1/tickets/{ticket}/raise-priority"), body)
    }

    /// Somebody who logs in as the contact.
    fn token_of(&self, contact: ContactId, login: &str) -> String {
        let person = self.site.desk.person_of(self.client, contact, login);
        self.site.token(person.id)
    }
}

fn balance(page: &Value) -> (i64, i64, i64, i64) {
    let own = &page["month"]["balance"];
    let number = |name: &str| own[name].as_i64().unwrap();
    (number("granted"), number("adjusted"), number("drawn"), number("left"))
}

#[test]
fn without_a_handler_nothing_is_lost_and_nobody_is_told() {
    let bought = Bought::new("");
    let stranger = bought.site.desk.contact(bought.client, None, "Boris");
    let ticket = bought.asks(Some(stranger));
    let desk = &bought.site.desk;
    assert_eq!(desk.story(ticket), ["ticket_opened", "coverage_checked", "tags_changed", "ticket_queued"]);
    let now = desk.ticket(ticket);
    assert!(now.tags.contains("not_covered") && !now.is_closed());
    assert_eq!(now.queue.as_deref(), Some("supervisors"));
    assert_eq!(bought.reason(ticket), "not_a_named_contact");
    bought.names(stranger, "on").ok();
    assert_eq!(bought.reason(ticket), "not_a_named_contact", "he was not when he asked");
    bought.names(bought.anna, "on").ok();
    desk.pass(Span::minutes(1));
    let covered = bought.asks(Some(bought.anna));
    assert_eq!(desk.story(covered), ["ticket_opened", "coverage_checked"]);
    let changes = json!({ "changes": { "contact": null } });
    bought.site.post(&bought.operator, &format!("/api/v1/tickets/{covered}/changes"), &changes).ok();
    assert_eq!(bought.reason(covered), "not_a_named_contact");
    assert!(desk.ticket(covered).tags.contains("not_covered"));
    let changes = json!({ "changes": { "contact": bought.anna.to_string() } });
    bought.site.post(&bought.operator, &format!("/api/v1/tickets/{covered}/changes"), &changes).ok();
    assert_eq!(bought.reason(covered), Value::Null);
    assert!(!desk.ticket(covered).tags.contains("not_covered"));
}

#[test]
fn the_scripts_own_handler_decides_instead() {
    let script = "fn on_opened(ticket) { ticket.note(`${ticket.coverage().is_covered} ${ticket.contract.covers(ticket)}`); }\n\
        fn on_not_covered(ticket, coverage) { ticket.note(`${coverage.reason} ${coverage.package_key} ${coverage.balance_left}`); }";
    let bought = Bought::new(script);
    let ticket = bought.asks(None);
    let desk = &bought.site.desk;
    let notes = desk.events(ticket).into_iter().filter_map(|recorded| match recorded.event {
        Event::CommentAdded { text, .. } => Some(desk.words(Some(text))),
        _ => None,
    });
    assert_eq!(notes.collect::<Vec<_>>(), ["false false", "not_a_named_contact basic 3"]);
    assert_eq!(desk.ticket(ticket).queue.as_deref(), Some("support"));
}

#[test]
fn requests_are_counted_once_each_and_duplicates_are_not() {
    let bought = Bought::new("");
    bought.names(bought.anna, "on").ok();
    let tickets = [(); 3].map(|()| bought.asks(Some(bought.anna)));
    assert_eq!(balance(&bought.page(&bought.operator, "").ok()), (3, 0, 3, 0));
    let fourth = bought.asks(Some(bought.anna));
    assert_eq!(bought.reason(fourth), "balance_used_up");
    assert_eq!(bought.coverage(fourth)["balance_left"], -1);
    let merge = json!({ "of": tickets[0].to_string() });
    bought.site.post(&bought.operator, &format!("/api/v1/tickets/{}/duplicate", tickets[1]), &merge).ok();
    assert_eq!(balance(&bought.page(&bought.operator, "").ok()), (3, 0, 3, 0));
    let page = bought.page(&bought.operator, "").ok();
    let drawn: Vec<&str> =
        page["month"]["draws"].as_array().unwrap().iter().map(|draw| id(&draw["ticket"])).collect();
    assert_eq!(drawn, [tickets[0], tickets[2], fourth].map(|ticket| ticket.to_string()));
    assert_eq!(page["month"]["draws"][0]["ticket_line"]["number"], "BANK-1");
    // Next month brings three more, and this one stays to be read.
    bought.site.desk.pass(Span::days(31));
    let page = bought.page(&bought.operator, "").ok();
    assert_eq!(balance(&page), (3, 0, 0, 3));
    assert_eq!(page["past"][0]["balance"]["drawn"], 3);
    let month = page["past"][0]["month"].as_str().unwrap();
    let before = bought.page(&bought.operator, &format!("?month={month}")).ok();
    assert_eq!(balance(&before), (3, 0, 3, 0));
}

#[test]
fn hours_are_drawn_from_work_on_tickets_that_the_package_includes() {
    let bought = Bought::new("");
    let desk = &bought.site.desk;
    let dairy = desk.sub_client(bought.client, "dairy");
    let open = |category: &str| {
        let mut open = TestDesk::request(bought.client, "help");
        open.sub_client = Some(dairy);
        open.category = Some(Key::new(category).unwrap());
        desk.opens_with(open)
    };
    let (included, paid) = (open("unknown"), open("receipt_jam"));
    for (ticket, minutes, hours_ago) in [(included, 50, 1), (paid, 40, 3)] {
        let began_at = (desk.now() - Span::hours(hours_ago)).to_string();
        let body = json!({ "began_at": began_at, "minutes": minutes });
        bought.site.post(&bought.operator, &format!("/api/v1/tickets/{ticket}/time"), &body).ok();
    }
    let page = bought.page(&bought.operator, &format!("?sub_client={dairy}")).ok();
    assert_eq!(balance(&page), (120, 0, 50, 70));
    assert_eq!(page["month"]["draws"][0]["what"], "time_entry");
    assert_eq!(page["month"]["draws"][0]["person_name"], "olga");
    assert_eq!(page["sub_client"]["name"], "dairy");
    assert_eq!(balance(&bought.page(&bought.operator, "").ok()), (3, 0, 0, 3), "the client's is another");
}

#[test]
fn the_clients_people_read_the_account_without_a_trace_of_ours() {
    let bought = Bought::new("");
    let desk = &bought.site.desk;
    let dairy = desk.sub_client(bought.client, "dairy");
    let of_dairy = desk.contact(bought.client, Some(dairy), "Zoya");
    let zoya = bought.token_of(of_dairy, "zoya");
    let mut open = TestDesk::request(bought.client, "help");
    (open.sub_client, open.category) = (Some(dairy), Some(Key::new("unknown").unwrap()));
    let ticket = desk.opens_with(open);
    let began_at = (desk.now() - Span::hours(1)).to_string();
    let time = json!({ "began_at": began_at, "minutes": 20 });
    bought.site.post(&bought.operator, &format!("/api/v1/tickets/{ticket}/time"), &time).ok();
    let more = json!({ "amount": 60, "kind": "bought", "reason": "x", "sub_client": dairy.to_string() });
    bought.adjusts(&bought.administrator, &more).ok();
    let raise = json!({ "to": 2, "is_agreed": true, "agreed_by": of_dairy.to_string() });
    bought.raises(&bought.operator, ticket, &raise).ok();
    let query = format!("?sub_client={dairy}");
    let ours = bought.page(&bought.operator, &query).ok()["month"].clone();
    let ids = [
        &ours["adjustments"][0]["author"]["person"],
        &ours["raises"][0]["author"]["person"],
        &ours["draws"].as_array().unwrap().iter().find(|draw| draw["what"] == "time_entry").unwrap()["person"],
    ]
    .map(|id| id.as_str().expect("staff read whose it was").to_owned());
    let shown = bought.page(&zoya, &query);
    let theirs = shown.ok()["month"].clone();
    for list in ["adjustments", "raises", "draws"] {
        assert_eq!(theirs[list].as_array().unwrap().len(), ours[list].as_array().unwrap().len(), "{list}");
    }
    let shown = theirs.to_string();
    for id in ids {
        assert!(!shown.contains(&format!("\"{id}\"")), "{id}: {shown}");
    }
    assert!(!shown.contains("olga") && !shown.contains("root"), "{shown}");
}

#[test]
fn an_adjustment_counts_in_its_month_and_says_why() {
    let bought = Bought::new("");
    let add = |amount: i64, kind: &str, more: Value| {
        let mut body = json!({ "amount": amount, "kind": kind, "reason": "Agreed by phone" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        bought.adjusts(&bought.administrator, &body)
    };
    add(5, "bought", json!({})).ok();
    add(-2, "correction", json!({})).ok();
    let backdated = (bought.site.desk.now() - Span::days(40)).to_string();
    add(9, "carry_over", json!({ "valid_from": backdated })).ok();
    let page = bought.page(&bought.operator, "").ok();
    assert_eq!(balance(&page), (3, 3, 0, 6));
    assert_eq!(page["month"]["adjustments"][0]["reason_text"], "Agreed by phone");
    assert_eq!(page["month"]["adjustments"][0]["author_name"], "root");
    let mall = bought.site.desk.sub_client(bought.client, "mall");
    for (body, code, field, said) in [
        (
            json!({ "amount": 0, "kind": "correction", "reason": "x" }),
            "invalid",
            "amount",
            "amount: a whole number up to 1000000, not 0; below zero only to correct or to carry over",
        ),
        (
            json!({ "amount": -1, "kind": "bought", "reason": "x" }),
            "invalid",
            "amount",
            "below zero only to correct",
        ),
        (
            json!({ "amount": 1_000_001, "kind": "bought", "reason": "x" }),
            "invalid",
            "amount",
            "up to 1000000",
        ),
        (
            json!({ "amount": 1, "kind": "bought", "reason": " " }),
            "invalid",
            "reason",
            "reason: must not be empty",
        ),
        (
            json!({ "amount": 1, "kind": "bought", "reason": "x", "sub_client": mall.to_string() }),
            "invalid",
            "sub_client",
            "the sub-client has no package of its own and shares the client's balance; leave it out",
        ),
        (
            json!({ "amount": 1, "kind": "bought", "reason": "x", "sub_client": "7" }),
            "invalid",
            "sub_client",
            "the client has no sub-client `7`",
        ),
        (
            json!({ "amount": 1, "kind": "bought", "reason": "x", "valid_from": "2030-01-01T00:00:00Z" }),
            "invalid",
            "valid_from",
            "at most 400 days before or after now",
        ),
    ] {
        let answer = bought.adjusts(&bought.administrator, &body).refused(422, code);
        assert_eq!(answer["field"], field, "{body}");
        assert!(answer["message"].as_str().unwrap().contains(said), "{body}: {answer}");
    }
    let body = json!({ "amount": 1, "kind": "gift", "reason": "x" });
    bought.adjusts(&bought.administrator, &body).refused(422, "invalid");
}

#[test]
fn names_are_given_and_taken_within_the_packages_room() {
    let bought = Bought::new("");
    let desk = &bought.site.desk;
    let [boris, vera] = ["Boris", "Vera"].map(|name| desk.contact(bought.client, None, name));
    bought.names(bought.anna, "on").ok();
    bought.names(boris, "on").ok();
    let message = |answer: Answer| answer.refused(422, "invalid")["message"].as_str().unwrap().to_owned();
    assert_eq!(message(bought.names(boris, "on")), "contact: is a named one already");
    assert_eq!(message(bought.names(vera, "off")), "contact: is not a named one");
    assert_eq!(
        message(bought.names(vera, "on")),
        "contact: the package allows 2 named contacts and has 2; take one away first"
    );
    let names = |token: &str| -> Vec<String> {
        let page = bought.page(token, "").ok();
        let lines = page["named_contacts"].as_array().unwrap();
        lines.iter().map(|line| line["contact"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&bought.operator), ["Anna", "Boris"]);
    desk.pass(Span::hours(1));
    bought.names(boris, "off").ok();
    bought.names(vera, "on").ok();
    assert_eq!(names(&bought.operator), ["Anna", "Vera"]);
    let other = desk.client("other", "");
    let foreign = desk.contact(other, None, "Foreign");
    assert_eq!(
        message(bought.names(foreign, "on")),
        format!("contact: the client has no contact `{foreign}`")
    );
}

#[test]
fn a_paid_raise_needs_somebody_who_agrees() {
    let bought = Bought::new("");
    let desk = &bought.site.desk;
    bought.names(bought.anna, "on").ok();
    let ticket = bought.asks(Some(bought.anna));
    let refused =
        bought.raises(&bought.operator, ticket, &json!({ "to": 2 })).refused(409, "agreement_needed");
    assert_eq!(
        refused["message"],
        "this costs 100 roubles; send `is_agreed` once somebody of the client has agreed"
    );
    let anna = bought.anna.to_string();
    for (body, status, code, said) in [
        (
            json!({ "to": 2, "is_agreed": true }),
            422,
            "invalid",
            "say which contact of the client agreed to the price",
        ),
        (
            json!({ "to": 3, "is_agreed": true, "agreed_by": anna }),
            422,
            "invalid",
            "raise to a smaller number than 3, at least 1",
        ),
        (
            json!({ "to": 1, "is_agreed": true, "agreed_by": anna }),
            422,
            "invalid",
            "the package raises up to priority 2",
        ),
        (
            json!({ "to": 2, "is_agreed": true, "agreed_by": "7" }),
            422,
            "invalid",
            "the client has no contact `7`",
        ),
    ] {
        let answer = bought.raises(&bought.operator, ticket, &body).refused(status, code);
        assert!(answer["message"].as_str().unwrap().contains(said), "{body}: {answer}");
    }
    assert_eq!(desk.ticket(ticket).priority, 3);
    let body = json!({ "to": 2, "is_agreed": true, "agreed_by": anna, "reason": "The shop is shut" });
    bought.raises(&bought.operator, ticket, &body).ok();
    assert_eq!(desk.ticket(ticket).priority, 2);
    assert!(
        desk.story(ticket).ends_with(&["priority_raised", "priority_changed"]),
        "{:?}",
        desk.story(ticket)
    );
    let raise = bought.page(&bought.operator, "").ok()["month"]["raises"][0].clone();
    for (name, value) in [
        ("from", json!(3)),
        ("to", json!(2)),
        ("charge", json!("billed")),
        ("agreed_by_name", json!("Anna")),
        ("author_name", json!("olga")),
        ("amount", json!(0)),
    ] {
        assert_eq!(raise[name], value, "{name}");
    }
}

#[test]
fn a_named_contact_agrees_for_itself() {
    let bought = Bought::new("");
    let desk = &bought.site.desk;
    bought.names(bought.anna, "on").ok();
    let own = bought.token_of(bought.anna, "anna");
    let second = bought.asks(Some(bought.anna));
    bought.raises(&own, second, &json!({ "to": 2 })).refused(409, "agreement_needed");
    bought.raises(&own, second, &json!({ "to": 2, "is_agreed": true })).ok();
    // What is sold is not had for nothing at the opening.
    let open = |impact: &str| {
        let body = json!({ "client": bought.client.to_string(), "subject": "Paper", "impact": impact });
        bought.site.post(&own, "/api/v1/tickets", &body)
    };
    let refused = open("high").refused(422, "invalid");
    assert!(
        refused["message"].as_str().unwrap().contains("your contract sells a higher priority"),
        "{refused}"
    );
    open("low").ok();
    let boris = desk.contact(bought.client, None, "Boris");
    let third = bought.asks(Some(bought.anna));
    let his = bought.token_of(boris, "boris");
    bought.raises(&his, third, &json!({ "to": 2, "is_agreed": true })).refused(403, "forbidden");
}

#[test]
fn a_raise_draws_from_the_balance_as_far_as_there_is_one() {
    let bought = Bought::new("");
    let desk = &bought.site.desk;
    let dairy = desk.sub_client(bought.client, "dairy");
    let zoya = desk.contact(bought.client, Some(dairy), "Zoya");
    let open = || {
        let mut open = TestDesk::request(bought.client, "help");
        (open.sub_client, open.contact) = (Some(dairy), Some(zoya));
        desk.opens_with(open)
    };
    let body = json!({ "to": 1, "is_agreed": true, "agreed_by": zoya.to_string() });
    bought.raises(&bought.operator, open(), &body).ok();
    let page = bought.page(&bought.operator, &format!("?sub_client={dairy}")).ok();
    assert_eq!(balance(&page), (120, 0, 90, 30));
    assert_eq!(page["month"]["draws"][0]["what"], "priority_raise");
    let second = open();
    let refused = bought.raises(&bought.operator, second, &body).refused(409, "balance_too_small");
    assert_eq!(
        refused["message"],
        "this draws 90 minutes of the month's balance, of which 30 are left; add to the balance first"
    );
    assert_eq!(desk.ticket(second).priority, 3);
    let other = desk.sub_client(bought.client, "bakery");
    let vera = desk.contact(bought.client, Some(other), "Vera");
    let theirs = json!({ "to": 1, "is_agreed": true, "agreed_by": vera.to_string() });
    bought.raises(&bought.operator, second, &theirs).refused(422, "invalid");
    // The package says nothing of contacts who raise it themselves.
    let own = bought.token_of(zoya, "zoya");
    bought.raises(&own, second, &json!({ "to": 1, "is_agreed": true })).refused(403, "forbidden");
}

#[test]
fn the_account_is_seen_by_those_whom_it_concerns() {
    let bought = Bought::new("");
    let (site, desk) = (&bought.site, &bought.site.desk);
    let (dairy, mall) = (desk.sub_client(bought.client, "dairy"), desk.sub_client(bought.client, "mall"));
    let of_dairy = desk.contact(bought.client, Some(dairy), "Zoya");
    let of_mall = desk.contact(bought.client, Some(mall), "Misha");
    bought.names(bought.anna, "on").ok();
    bought.names(of_mall, "on").ok();
    let ticket = bought.asks(Some(bought.anna));
    let (zoya, misha) = (bought.token_of(of_dairy, "zoya"), bought.token_of(of_mall, "misha"));
    // A sub-client with a package of its own sees its own account and nothing else.
    let page = bought.page(&zoya, "").ok();
    assert_eq!(page["sub_client"]["name"], "dairy");
    assert_eq!(balance(&page), (120, 0, 0, 120));
    assert_eq!(bought.page(&zoya, &format!("?sub_client={dairy}")).ok()["package"]["key"], "hours");
    bought.page(&zoya, &format!("?sub_client={mall}")).refused(404, "not_found");
    // One that shares the client's sees the terms, and not what others have used up.
    let page = bought.page(&misha, "").ok();
    assert_eq!(page["package"]["key"], "basic");
    assert_eq!((&page["month"], &page["past"], &page["is_shared"]), (&Value::Null, &json!([]), &json!(true)));
    assert_eq!(page["named_contacts"].as_array().unwrap().len(), 1, "{page}");
    assert_eq!(page["named_contacts"][0]["contact"]["name"], "Misha");
    assert_eq!(page["named_contacts"][0]["author"], Value::Null);
    let mut open = TestDesk::request(bought.client, "paper is stuck");
    (open.sub_client, open.contact, open.channel) = (Some(mall), Some(of_mall), Some(Channel::Portal));
    let own = desk.opens_with(open);
    let shown = site.get(&misha, &format!("/api/v1/tickets/{own}/coverage")).ok();
    assert_eq!((&shown["is_covered"], &shown["balance"]), (&json!(true), &Value::Null));
    assert_eq!(shown["balance_left"], Value::Null);
    site.get(&misha, &format!("/api/v1/tickets/{ticket}/coverage")).refused(404, "not_found");
    // The whole client's people see the client's account without our people's names.
    let head = bought.token_of(bought.anna, "anna");
    let page = bought.page(&head, "").ok();
    assert_eq!((balance(&page), &page["may_keep"]), ((3, 0, 2, 1), &json!(false)));
    // Nobody but an administrator or a supervisor keeps it.
    for token in [&bought.operator, &head, &zoya] {
        let body = json!({ "amount": 1, "kind": "bought", "reason": "x" });
        bought.adjusts(token, &body).refused(403, "forbidden");
    }
    // A partner whom the ticket was passed to, an engineer, and another client's people meet no contract.
    let partner = desk.does(Command::PutPartner {
        id: None,
        version: None,
        key: Key::new("local").unwrap(),
        name: "Local".to_owned(),
    });
    let partner = PartnerId(made(&partner.unwrap()));
    let partner = desk.person("pavel", Affiliation::Partner { partner }, None);
    partner.gets(&[Grant { role: Role::PartnerMember, client: None }], &[]);
    let other = desk.client("other", "");
    let engineer = desk.engineer("ivan", 1, "Moscow");
    let order =
        Command::OpenWorkOrder { ticket, engineer: engineer.id, due_at: None, planned_at: None, note: None };
    desk.does(order).unwrap();
    let foreign = desk.somebody("carl", Role::ClientContact, Some(other));
    for person in [partner.id, engineer.id, foreign.id] {
        bought.page(&site.token(person), "").refused(404, "not_found");
    }
    site.get(&site.token(foreign.id), &format!("/api/v1/tickets/{ticket}/coverage"))
        .refused(404, "not_found");
    bought.page(&bought.operator, "?month=2026-13").refused(400, "bad_query");
}
