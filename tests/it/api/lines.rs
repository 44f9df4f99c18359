//! Hand-overs that want information, gates, unclassified tickets and acceptance over HTTP.

use naryad::commands::Request;
use naryad::domain::command::{AssignTo, Command, Gaps, Information, TicketChanges};
use naryad::domain::event::Event;
use naryad::domain::person::{Actor, Affiliation, Grant, Membership, Role};
use naryad::domain::{ClientId, Key, Span, TicketId};
use serde_json::{Value, json};

use super::Site;
use crate::helpers::{SETTINGS, Somebody, TestDesk, made, refusal};

const FORMS: &str = r#"
[[hand_over_forms]]
to = ["supervisors"]
categories = ["receipt_jam"]
requires = ["floor", "access_code"]
wishes = ["entrance"]
hints = { access_code = { en = "of the back door", ru = "от служебного входа" } }

[[hand_over_forms]]
to = ["supervisors"]
requires = ["site"]
"#;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn with_forms(desk: &TestDesk, more: &str, script: &str) -> ClientId {
    desk.client_with("bank", script, &format!("{SETTINGS}\n{FORMS}\n{more}"))
}

/// An operator of the client who is a member of its queue.
fn of_line<'d>(desk: &'d TestDesk, login: &str, client: ClientId, queue: &str) -> Somebody<'d> {
    let person = desk.person(login, Affiliation::Staff, None);
    let grant = Grant { role: Role::Operator, client: Some(client) };
    person.gets(&[grant], &[Membership { queue: key(queue), client: Some(client) }]);
    person
}

fn path(ticket: TicketId, step: &str) -> String {
    format!("/api/v1/tickets/{ticket}/{step}")
}

fn keys(missing: &Value) -> Vec<&str> {
    missing.as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap()).collect()
}

#[test]
fn a_hand_over_without_its_information_is_refused_and_one_step_gives_it() {
    let site = Site::new();
    let desk = &site.desk;
    let client = with_forms(desk, "", "");
    let olga = site.token(of_line(desk, "olga", client, "support").id);
    let branch = desk.site(client, "Almaty", "KZ", "Asia/Almaty");
    let ticket = desk.opens(client, "paper is stuck");
    site.post(&olga, &path(ticket, "changes"), &json!({ "changes": { "category": "receipt_jam" } })).ok();
    let queue = path(ticket, "queue");
    let refused =
        site.post(&olga, &queue, &json!({ "queue": "supervisors" })).refused(422, "information_missing");
    assert_eq!(
        refused["message"],
        "the ticket cannot be handed over yet; fill in: Floor (floor), Access code (access_code): of the back door, \
         Site (site)"
    );
    assert_eq!(refused["field"], "fields.floor");
    assert_eq!(keys(&refused["missing"]), ["floor", "access_code", "site"]);
    assert_eq!(refused["missing"][1]["label"]["ru"], "Код доступа");
    assert_eq!(refused["missing"][1]["hint"]["ru"], "от служебного входа");
    // What is given but incomplete is not kept either, and blanks are no answer.
    let half = json!({ "queue": "supervisors", "changes": { "fields": { "floor": 3, "access_code": "  " }, "site": branch.to_string() } });
    let refused = site.post(&olga, &queue, &half).refused(422, "information_missing");
    assert_eq!(keys(&refused["missing"]), ["access_code"]);
    assert!(desk.ticket(ticket).fields.is_empty());
    let wrong = json!({ "queue": "supervisors", "changes": { "fields": { "floor": "x" } } });
    assert_eq!(site.post(&olga, &queue, &wrong).refused(422, "invalid")["field"], "fields.floor");
    let status = json!({ "queue": "supervisors", "changes": { "status": "in_work" } });
    assert_eq!(site.post(&olga, &queue, &status).refused(422, "invalid")["field"], "status");
    let whole = json!({
        "queue": "supervisors", "reason": "the roller is broken",
        "changes": { "fields": { "floor": 3, "access_code": "12#4" }, "site": branch.to_string() },
    });
    site.post(&olga, &queue, &whole).ok();
    assert_eq!(desk.ticket(ticket).queue, Some(key("supervisors")));
    let page = site.get(&olga, &format!("/api/v1/tickets/{ticket}")).ok();
    let event = page["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!(event["type"], "ticket_queued");
    let collected = &event["body"]["collected"];
    assert_eq!(collected["fields"]["floor"]["value"], 3.0);
    let code = collected["fields"]["access_code"]["value"].as_str().unwrap();
    assert_eq!(event["texts"][code], "12#4");
    // Back to the lower line nothing is asked for.
    desk.does(Command::ChangeTicket {
        ticket,
        version: None,
        changes: Box::new(TicketChanges { site: Some(None), ..TicketChanges::default() }),
    })
    .unwrap();
    site.post(&olga, &queue, &json!({ "queue": "support" })).ok();
}

#[test]
fn giving_a_ticket_to_another_lines_member_hands_it_over() {
    let site = Site::new();
    let desk = &site.desk;
    let client = with_forms(desk, "", "");
    let olga = of_line(desk, "olga", client, "support");
    let petr = of_line(desk, "petr", client, "supervisors");
    let both = of_line(desk, "both", client, "supervisors");
    let grant = Grant { role: Role::Operator, client: Some(client) };
    let lines = ["support", "supervisors"].map(|queue| Membership { queue: key(queue), client: None });
    both.gets(&[grant], &lines);
    let ticket = desk.opens(client, "paper is stuck");
    assert_eq!(refusal(olga.assigns(ticket, &petr)), "information_missing");
    let to = AssignTo::Member(naryad::domain::assignment::MemberWanted::of(key("supervisors")));
    let information = Box::<Information>::default();
    let assign = Command::AssignTicket { ticket, version: None, to, reason: None, information };
    assert_eq!(refusal(olga.does(assign)), "information_missing");
    // Nobody owes it to who is of this line too, and who takes a ticket themselves asks for nothing.
    olga.assigns(ticket, &both).unwrap();
    olga.assigns(ticket, &olga).unwrap();
    petr.assigns(ticket, &petr).unwrap();
    olga.assigns(ticket, &olga).unwrap();
    let branch = desk.site(client, "Almaty", "KZ", "Asia/Almaty");
    let body = json!({ "to": { "how": "person", "person": petr.id.to_string() }, "changes": { "site": branch.to_string() } });
    site.post(&site.token(olga.id), &path(ticket, "assign"), &body).ok();
    assert_eq!(desk.ticket(ticket).assignee, Some(petr.id));
}

#[test]
fn a_script_is_asked_too_and_says_when_it_goes_on_without() {
    let desk = TestDesk::new();
    let strict = with_forms(&desk, "", "fn on_opened(ticket) { ticket.queue(\"supervisors\"); }");
    let ticket = desk.opens(strict, "robot's");
    assert!(desk.ticket(ticket).is_marked);
    let run = desk.runs(ticket).remove(0);
    assert!(run.failure.unwrap().contains("the ticket cannot be handed over yet; fill in: Site (site)"));
    // The ticket is not lost: it stands where the pack says.
    assert_eq!(desk.ticket(ticket).queue, Some(key("supervisors")));
    let script = "fn on_opened(ticket) {
        ticket.note(ticket.missing_for(\"supervisors\").first);
        ticket.queue(\"supervisors\", #{ incomplete: true });
    }";
    desk.publishes(strict, script, &format!("{SETTINGS}\n{FORMS}")).unwrap();
    let ticket = desk.opens(strict, "robot's");
    assert!(!desk.ticket(ticket).is_marked, "{:?}", desk.runs(ticket));
    let handed = desk.events(ticket).into_iter().find_map(|recorded| match recorded.event {
        Event::TicketQueued { collected, .. } => Some(collected),
        _ => None,
    });
    assert_eq!(handed.unwrap().missing, [key("site")].into());
    // A person cannot go on without.
    let olga = of_line(&desk, "olga", strict, "support");
    let information = Box::new(Information { gaps: Gaps::Pass, ..Information::default() });
    let (queue, alarm) = (key("supervisors"), Default::default());
    let pass = Command::QueueTicket { ticket, version: None, queue, reason: None, alarm, information };
    assert_eq!(refusal(olga.does(pass)), "forbidden");
}

#[test]
fn a_gate_stops_the_step_and_every_later_one() {
    let site = Site::new();
    let desk = &site.desk;
    for (gate, stopped) in [
        ("none", [false, false, false]),
        ("hand_over", [true, true, true]),
        ("resolve", [false, true, true]),
        ("close", [false, false, true]),
    ] {
        let settings = format!("{SETTINGS}\n[classification]\ngate = '{gate}'\nrequires = ['floor']");
        let client = desk.client_with(&format!("shop-{}", gate.replace('_', "-")), "", &settings);
        let token = site.token(desk.somebody(&format!("o-{gate}"), Role::Operator, Some(client)).id);
        let steps = [
            ("queue", json!({ "queue": "supervisors" })),
            ("resolve", json!({ "resolution": "done" })),
            ("close", json!({ "resolution": "done" })),
        ];
        for ((step, body), is_stopped) in steps.iter().zip(stopped) {
            let ticket = desk.opens(client, "left as it came");
            let answer = site.post(&token, &path(ticket, step), body);
            if !is_stopped {
                answer.ok();
                continue;
            }
            let refused = answer.refused(422, "information_missing");
            assert_eq!(keys(&refused["missing"]), ["category", "floor"], "{gate} {step}");
            assert_eq!(refused["field"], "category");
            let mut whole = body.clone();
            whole["changes"] = json!({ "category": "receipt_jam", "fields": { "floor": 2 } });
            site.post(&token, &path(ticket, step), &whole).ok();
        }
        // Sending back, and closing what another ticket is about, are never stopped.
        let (one, other) = (desk.opens(client, "twice"), desk.opens(client, "twice"));
        site.post(&token, &path(one, "duplicate"), &json!({ "of": other.to_string() })).ok();
    }
}

#[test]
fn unclassified_tickets_are_counted_at_closing_and_each_number_opens_its_rows() {
    let site = Site::new();
    let desk = &site.desk;
    let settings = format!("{SETTINGS}\n[classification]\nrequires = ['contact']");
    let bank = desk.client_with("bank", "", &settings);
    let shop = desk.client("shop", "");
    let boss = site.token(desk.somebody("boris", Role::Supervisor, Some(bank)).id);
    let olga = of_line(desk, "=olga", bank, "support");
    let from = desk.now();
    let contact = naryad::domain::command::PutContact {
        id: None,
        version: None,
        client: bank,
        sub_client: None,
        name: "Petrov".to_owned(),
        email: None,
        phone: None,
    };
    let contact = made(&desk.does(Command::PutContact(Box::new(contact))).unwrap()).to_string();
    let close = |ticket| {
        desk.does(Command::CloseTicket {
            ticket,
            version: None,
            resolution: key("done"),
            reason: None,
            information: Box::default(),
        })
    };
    let token = site.token(olga.id);
    for (changes, is_taken) in [
        (json!({}), true),
        (json!({ "category": "receipt_jam" }), true),
        (json!({ "category": "receipt_jam", "contact": contact }), true),
        (json!({ "category": "receipt_jam", "contact": contact }), false),
    ] {
        let ticket = desk.opens(bank, "request");
        if is_taken {
            olga.assigns(ticket, &olga).unwrap();
        }
        site.post(&token, &path(ticket, "changes"), &json!({ "changes": changes })).ok();
        desk.pass(Span::minutes(10));
        close(ticket).unwrap();
    }
    let _open = desk.opens(bank, "still open");
    close(desk.opens(shop, "another client's")).unwrap();
    desk.pass(Span::minutes(1));
    let period = format!("from={from}&to={}", desk.now());
    let report = site.get(&boss, &format!("/api/v1/reports/classification?{period}")).ok();
    assert_eq!((&report["closed"], &report["unclassified"]), (&json!(4), &json!(2)));
    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "the other client is not this supervisor's: {rows:?}");
    for row in rows {
        let person = row["person"]["id"].as_str().unwrap_or("none");
        let queue = row["queue"].as_str().unwrap();
        let list = format!(
            "/api/v1/tickets?client={bank}&queue={queue}&assignee={person}&closed_from={from}&closed_to={}",
            desk.now()
        );
        let count =
            |more: &str| site.get(&boss, &format!("{list}{more}")).ok()["items"].as_array().unwrap().len();
        assert_eq!(json!(count("")), row["closed"]);
        assert_eq!(json!(count("&is_unclassified=true")), row["unclassified"], "{row}");
    }
    let csv = site.get(&boss, &format!("/api/v1/reports/classification?{period}&format=csv"));
    assert_eq!(
        csv.text(),
        "client,queue,person,closed,unclassified\nbank,support,,1,0\nbank,support,'=olga,3,2\n"
    );
    assert!(csv.header("content-disposition").unwrap().contains("classification.csv"));
}

#[test]
fn the_report_of_unclassified_tickets_is_a_supervisors() {
    let site = Site::new();
    let desk = &site.desk;
    let settings = format!("{SETTINGS}\n[classification]\nrequires = ['contact']");
    let bank = desk.client_with("bank", "", &settings);
    let boss = site.token(desk.somebody("boris", Role::Supervisor, Some(bank)).id);
    let token = site.token(of_line(desk, "olga", bank, "support").id);
    let from = desk.now();
    desk.opens(bank, "request");
    desk.pass(Span::minutes(1));
    let period = format!("from={from}&to={}", desk.now());
    // Who supervises nothing sees nothing; who is asked for one client is refused.
    assert_eq!(site.get(&token, &format!("/api/v1/reports/classification?{period}")).ok()["rows"], json!([]));
    let one = format!("/api/v1/reports/classification?{period}&client={bank}");
    site.get(&token, &one).refused(403, "forbidden");
    let carl = site.token(desk.somebody("carl", Role::ClientContact, Some(bank)).id);
    site.get(&carl, &one).refused(403, "forbidden");
    let backwards = format!("/api/v1/reports/classification?from={}&to={from}", desk.now());
    assert_eq!(site.get(&boss, &backwards).refused(422, "invalid")["field"], "to");
    // A client's person is not told what was left at the defaults, nor by asking for it.
    let all = site.get(&carl, "/api/v1/tickets").ok()["items"].as_array().unwrap().clone();
    assert!(all.iter().all(|row| row["is_unclassified"] == false));
    let asked = site.get(&carl, "/api/v1/tickets?is_unclassified=true").ok();
    assert_eq!(asked["items"].as_array().unwrap().len(), all.len());
    let words = site.get(&carl, &format!("/api/v1/clients/{bank}/vocabulary")).ok();
    assert_eq!(words["pack"]["classification"]["requires"], json!([]));
}

#[test]
fn outsiders_and_engineers_neither_hand_over_nor_accept() {
    let site = Site::new();
    let desk = &site.desk;
    let client = with_forms(desk, "", "");
    let ticket = desk.opens(client, "paper is stuck");
    let partner =
        Command::PutPartner { id: None, version: None, key: key("local"), name: "Local".to_owned() };
    let partner = made(&desk.does(partner).unwrap());
    let member = desk.person("partner", Affiliation::Partner { partner: partner.into() }, None);
    member.gets(&[Grant { role: Role::PartnerMember, client: None }], &[]);
    let engineer = desk.engineer("egor", 1, "Almaty");
    let order =
        Command::OpenWorkOrder { ticket, engineer: engineer.id, due_at: None, planned_at: None, note: None };
    desk.does(order).unwrap();
    let contact = desk.somebody("carl", Role::ClientContact, Some(client));
    let stranger = desk.engineer("stranger", 1, "Almaty");
    let operator = desk.somebody("olga", Role::Operator, Some(client));
    for (who, status, code) in [
        (contact.id, 403, "forbidden"),
        (engineer.id, 403, "forbidden"),
        (member.id, 404, "not_found"),
        (stranger.id, 404, "not_found"),
    ] {
        let token = site.token(who);
        // Nothing is said of what is missing to who may not take the step.
        site.post(&token, &path(ticket, "queue"), &json!({ "queue": "supervisors" })).refused(status, code);
        site.post(&token, &path(ticket, "accept"), &json!({})).refused(status, code);
    }
    let token = site.token(operator.id);
    site.post(&token, &path(ticket, "accept"), &json!({})).refused(403, "forbidden");
    operator.assigns(ticket, &operator).unwrap();
    site.post(&token, &path(ticket, "accept"), &json!({})).ok();
    assert_eq!(desk.ticket(ticket).accept_until, None);
    let clock = Request::new(Actor::Clock, Command::AcceptTicket { ticket, version: None });
    assert_eq!(refusal(desk.desk.run(clock)), "forbidden");
}
