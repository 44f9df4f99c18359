//! Live changes: only what the listener may hear of, and nothing missed after being away.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::time::Duration;

use naryad::domain::command::{Command, OpenTask};
use naryad::domain::person::{Affiliation, Grant, Role};
use naryad::domain::{Key, PartnerId};
use serde_json::{Value, json};

use super::Site;
use crate::helpers::{SETTINGS, made};

struct Listener {
    lines: BufReader<TcpStream>,
}

#[derive(Debug)]
struct Message {
    event: String,
    id: Option<String>,
    data: Value,
}

impl Listener {
    fn new(site: &Site, token: &str, last: Option<&str>) -> Self {
        let mut ask = site.ask("GET", "/api/v1/live").token(token);
        if let Some(last) = last {
            ask = ask.header("Last-Event-ID", last);
        }
        let mut lines = BufReader::new(ask.open());
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            lines.read_line(&mut line).unwrap();
            assert!(!line.starts_with("HTTP/1.1 ") || line.contains("200"), "{line}");
        }
        let mut listener = Self { lines };
        assert_eq!(listener.next().event, "hello");
        listener
    }

    fn next(&mut self) -> Message {
        let mut message = Message { event: String::new(), id: None, data: Value::Null };
        loop {
            let mut line = String::new();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "the stream ended");
            match line.trim_end().split_once(": ") {
                Some(("event", event)) => message.event = event.to_owned(),
                Some(("id", id)) => message.id = Some(id.to_owned()),
                Some(("data", data)) => message.data = serde_json::from_str(data).unwrap(),
                _ if line == "\n" && !message.event.is_empty() => return message,
                // Lengths of chunks, comments, ends of lines.
                _ => {}
            }
        }
    }

    /// Nothing comes for a while.
    fn is_silent(&mut self) -> bool {
        self.lines.get_ref().set_read_timeout(Some(Duration::from_millis(400))).unwrap();
        let mut is_silent = true;
        let mut line = String::new();
        while self.lines.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
            is_silent &= !line.starts_with("event");
            line.clear();
        }
        self.lines.get_ref().set_read_timeout(Some(super::ANSWER_TIME_MAX)).unwrap();
        is_silent
    }
}

#[test]
fn a_listener_hears_what_it_may_see_and_nothing_else() {
    let site = Site::new();
    let (acme, other) = (site.desk.client("acme", ""), site.desk.client("other", ""));
    let everywhere = site.desk.somebody("olga", Role::Operator, None);
    let here = site.desk.somebody("boris", Role::Operator, Some(acme));
    let outside = site.desk.somebody("carl", Role::ClientContact, Some(acme));
    let mut olga = Listener::new(&site, &site.token(everywhere.id), None);
    let mut boris = Listener::new(&site, &site.token(here.id), None);
    let mut carl = Listener::new(&site, &site.token(outside.id), None);
    let theirs = site.desk.opens(other, "theirs");
    let heard = olga.next();
    assert_eq!((heard.event.as_str(), &heard.data["kind"]), ("change", &"ticket_opened".into()));
    assert_eq!(
        (&heard.data["ticket"], heard.id.unwrap()),
        (&theirs.to_string().into(), heard.data["seq"].to_string())
    );
    assert!(boris.is_silent() && carl.is_silent());
    let ours = site.desk.opens(acme, "ours");
    assert_eq!(boris.next().data["ticket"], ours.to_string());
    assert_eq!(carl.next().data["ticket"], ours.to_string());
    everywhere.assigns(ours, &everywhere).unwrap();
    assert_eq!(boris.next().data["kind"], "ticket_assigned");
    assert!(carl.is_silent(), "who is assigned is not a client's business");
}

#[test]
fn what_is_internal_is_not_told_outside() {
    let site = Site::new();
    let department = "key = \"commercial\"\nkind = \"department\"";
    let settings = SETTINGS.replace(department, &format!("{department}\npartner = \"local\""));
    let client = site.desk.client_with("acme", "", &settings);
    let staff = site.desk.somebody("olga", Role::Operator, None);
    let outside = site.desk.somebody("carl", Role::ClientContact, Some(client));
    let (key, name) = (Key::new("local").unwrap(), "Local service".to_owned());
    let local = made(&site.desk.does(Command::PutPartner { id: None, version: None, key, name }).unwrap());
    let partner = site.desk.person("dana", Affiliation::Partner { partner: PartnerId(local) }, None);
    partner.gets(&[Grant { role: Role::PartnerMember, client: None }], &[]);
    let (ours, passed) = (site.desk.opens(client, "ours"), site.desk.opens(client, "passed"));
    let task = OpenTask {
        ticket: passed,
        department: Key::new("commercial").unwrap(),
        title: "Look at it".to_owned(),
        due_at: None,
        outcomes: Vec::new(),
        fields: BTreeMap::new(),
    };
    site.desk.does(Command::OpenTask(Box::new(task))).unwrap();
    let (carl_token, dana_token) = (site.token(outside.id), site.token(partner.id));
    let mut carl = Listener::new(&site, &carl_token, None);
    let mut dana = Listener::new(&site, &dana_token, None);
    let mut olga = Listener::new(&site, &site.token(staff.id), None);
    staff.notes(passed, "a nuisance").unwrap();
    let before = olga.next().data["seq"].as_i64().unwrap() - 1;
    staff.assigns(passed, &staff).unwrap();
    staff.replies(ours, "not the partner's ticket").unwrap();
    staff.replies(passed, "we are looking").unwrap();
    let heard = [carl.next(), carl.next()].map(|message| message.data["ticket"].clone());
    assert_eq!(heard, [ours.to_string(), passed.to_string()]);
    let heard = dana.next().data;
    assert_eq!((&heard["kind"], &heard["ticket"]), (&"comment_added".into(), &passed.to_string().into()));
    let task = site.desk.open_task(passed, "commercial").id;
    partner.finishes(task, "approved").unwrap();
    let done = dana.next().data;
    assert_eq!((&done["kind"], &done["ticket"]), (&"task_done".into(), &passed.to_string().into()));
    assert!(carl.is_silent() && dana.is_silent());
    let mut again = Listener::new(&site, &carl_token, Some(&before.to_string()));
    let missed = [again.next(), again.next()].map(|message| message.data["ticket"].clone());
    assert_eq!(
        missed,
        [ours.to_string(), passed.to_string()],
        "the note and the assignment are not told later"
    );
    assert!(again.is_silent());
}

#[test]
fn a_bank_does_not_hear_of_another_bank_of_the_same_client() {
    let site = Site::new();
    let client = site.desk.client("service", "");
    let ours = super::sub_clients::bank(&site, client, "halyk");
    let theirs = super::sub_clients::bank(&site, client, "kaspi");
    let operator = site.desk.somebody("olga", Role::Operator, None);
    let mut listener = Listener::new(&site, &ours.token, None);
    operator.replies(theirs.ticket, "not for us").unwrap();
    site.desk.machine(client, theirs.site, "kaspi-2");
    operator.replies(ours.ticket, "for us").unwrap();
    assert_eq!(listener.next().data["ticket"], ours.ticket.to_string());
    assert!(listener.is_silent());
}

#[test]
fn what_was_missed_follows_first() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let operator = site.desk.somebody("olga", Role::Operator, None);
    let token = site.token(operator.id);
    let mut listener = Listener::new(&site, &token, None);
    site.desk.opens(client, "first");
    let last = listener.next().id.unwrap();
    drop(listener);
    let missed = [site.desk.opens(client, "second"), site.desk.opens(client, "third")];
    let mut listener = Listener::new(&site, &token, Some(&last));
    for ticket in missed {
        assert_eq!(listener.next().data["ticket"], ticket.to_string());
    }
    let live = site.desk.opens(client, "fourth");
    assert_eq!(listener.next().data["ticket"], live.to_string(), "nothing comes twice");
    site.ask("GET", "/api/v1/live")
        .token(&token)
        .header("Last-Event-ID", "x")
        .send()
        .refused(400, "bad_query");
}

#[test]
fn who_was_away_too_long_is_told_to_read_anew() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let operator = site.desk.somebody("olga", Role::Operator, None);
    let ticket = site.desk.opens(client, "x");
    for number in 0..1_001 {
        operator.notes(ticket, &format!("note {number}")).unwrap();
    }
    let mut listener = Listener::new(&site, &site.token(operator.id), Some("1"));
    let message = listener.next();
    assert_eq!(message.event, "stale");
    assert_eq!(message.id.unwrap(), message.data["seq"].to_string());
}

#[test]
fn a_notification_reaches_its_person_alone() {
    let site = Site::new();
    let client = site.desk.client("acme", "");
    let (olga, boris) =
        (site.desk.somebody("olga", Role::Operator, None), site.desk.somebody("boris", Role::Operator, None));
    let ticket = site.desk.opens(client, "x");
    let (olga_token, boris_token) = (site.token(olga.id), site.token(boris.id));
    let (mut hers, mut his) =
        (Listener::new(&site, &olga_token, None), Listener::new(&site, &boris_token, None));
    let to = json!({ "kind": "person", "person": olga.id.to_string() });
    site.post(
        &boris_token,
        &format!("/api/v1/tickets/{ticket}/notify"),
        &json!({ "to": to, "text": "look" }),
    )
    .ok();
    let kinds: Vec<Value> = vec![hers.next().data["kind"].clone(), hers.next().data["kind"].clone()];
    assert!(kinds.contains(&"notification".into()), "{kinds:?}");
    assert_eq!(his.next().data["kind"], "person_notified");
    assert!(his.is_silent());
    let bell = site.get(&olga_token, "/api/v1/notifications?unread=true").ok();
    assert_eq!((&bell["items"][0]["text"], &bell["items"][0]["number"]), (&"look".into(), &"ACME-1".into()));
    assert_eq!(site.get(&olga_token, "/api/v1/session").ok()["unread"], 1);
    site.post(&olga_token, "/api/v1/notifications/read", &json!({})).ok();
    assert_eq!(site.get(&olga_token, "/api/v1/counts").ok()["unread"], 0);
}

#[test]
fn a_server_that_stops_says_so() {
    let site = Site::new();
    let token = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    let mut listener = Listener::new(&site, &token, None);
    drop(site);
    let message = listener.next();
    assert_eq!((message.event.as_str(), &message.data["why"]), ("bye", &"stopping".into()));
}
