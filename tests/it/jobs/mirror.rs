//! A real plugin mirrors tickets with a real server: polls, events, webhooks, files, refusals, a server that is away.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use naryad::cli::install::{GrantOrder, Order, Unsigned, install};
use naryad::commands::passwords::sha256;
use naryad::domain::command::{Command, SetHookToken, Switch};
use naryad::domain::event::Event;
use naryad::domain::person::Actor;
use naryad::domain::plugin::{HookAnswer, HookRequest};
use naryad::domain::{ClientId, InstallationId, Key, Span, TicketId};
use naryad::jobs::BREAKER_FAILURES_MAX;
use naryad::store;
use naryad::store::job::JobState;
use naryad::store::plugin_call::Which;
use serde_json::{Value, json};

use super::Works;
use crate::plugins::host_of;
use crate::plugins::server::{self, Heard, Reply, Server};

const MIRROR: &[u8] = include_bytes!("../../../plugins/built/mirror-probe.wasm");

/// The other side: pages of changes by the cursor that asks for them, copies, and all that it was told.
#[derive(Default)]
struct Other {
    pages: Mutex<BTreeMap<String, Value>>,
    copies: Mutex<BTreeMap<String, String>>,
    is_down: AtomicBool,
    polls: AtomicUsize,
}

impl Other {
    fn answer(&self, heard: &Heard) -> Reply {
        if self.is_down.load(Ordering::SeqCst) {
            return (503, vec![], vec![]);
        }
        let (path, query) = heard.target.split_once('?').unwrap_or((&heard.target, ""));
        match path {
            "/changes" => {
                self.polls.fetch_add(1, Ordering::SeqCst);
                let after = query.trim_start_matches("after=");
                let page = self.pages.lock().unwrap().get(after).cloned();
                server::json(page.unwrap_or_else(|| json!({ "items": [] })))
            }
            // A server that recognises a repeated request.
            "/copies" => {
                let key = heard.header("idempotency-key").unwrap().to_owned();
                let mut copies = self.copies.lock().unwrap();
                let next = format!("IM{}", copies.len() + 1);
                let external = copies.entry(key).or_insert(next).clone();
                server::json(json!({ "external": external }))
            }
            _ => server::json(json!({})),
        }
    }
}

struct Mirror {
    works: Works,
    server: Server,
    other: Arc<Other>,
    client: ClientId,
    id: InstallationId,
}

impl Mirror {
    fn new() -> Mirror {
        let other = Arc::new(Other::default());
        let answering = Arc::clone(&other);
        let server = Server::start(move |heard| answering.answer(heard));
        let mut works = Works::with_private_hosts(&[host_of(&server.url("/"))]);
        works.desk.jobs_may_stay = true;
        let client = works.desk.client("bank", "");
        let order = Order {
            client: Key::new("bank").unwrap(),
            configuration: json!({ "base_url": server.url("/") }),
            secrets: BTreeMap::new(),
            grant: GrantOrder::Declared,
            signature: None,
            unsigned: Unsigned::Allow,
            trusted_keys: BTreeMap::new(),
        };
        let none = BTreeMap::new();
        works.block_on(install(&works.desk.desk, &works.outside, &none, MIRROR.to_vec(), order)).unwrap();
        let found = works.desk.read(|db| store::plugin::of_client(db, client, "mirror-probe"));
        let id = found.unwrap().id;
        Mirror { works, server, other, client, id }
    }

    fn page(&self, after: &str, page: Value) {
        self.other.pages.lock().unwrap().insert(after.to_owned(), page);
    }

    fn cursor(&self) -> store::plugin_state::Cursor {
        self.works.desk.read(|db| store::plugin_state::cursor(db, self.id))
    }

    fn ticket(&self, external: &str) -> Option<TicketId> {
        let source = store::external::plugin_source(self.id);
        self.works.desk.read(|db| store::external::ticket_of(db, &source, external))
    }

    fn told(&self, path: &str) -> Vec<Value> {
        let heard = self.server.heard().into_iter().filter(|heard| heard.target == path);
        heard.map(|heard| serde_json::from_slice(&heard.body).unwrap_or_default()).collect()
    }

    fn calls(&self, which: Which) -> Vec<store::plugin_call::PluginCall> {
        self.works.desk.read(|db| store::plugin_call::page(db, self.id, which, None, 100))
    }
}

fn upsert(external: &str, subject: &str) -> Value {
    json!({ "external": external, "commands": [{ "do": "upsert", "subject": subject }] })
}

#[test]
fn pages_are_polled_until_there_are_no_more_and_then_in_their_interval() {
    let mut mirror = Mirror::new();
    mirror.page("", json!({ "items": [upsert("IM100", "First")], "cursor": "p1", "more": true }));
    mirror.page("p1", json!({ "items": [upsert("IM101", "Second"), { "commands": [] }], "cursor": "p2" }));
    mirror.works.start();
    mirror.works.wait_until("both pages are here", |_| mirror.cursor().cursor.as_deref() == Some("p2"));
    let (first, second) = (mirror.ticket("IM100").unwrap(), mirror.ticket("IM101").unwrap());
    let actor = Actor::Plugin { installation: mirror.id, client: mirror.client };
    assert_eq!(mirror.works.desk.events(first)[0].actor, actor);
    assert_ne!(first, second);
    // The refused item is parked, and the plugin was told of it.
    mirror.works.wait_until("the refusal is told", |_| !mirror.told("/refusals").is_empty());
    assert_eq!(mirror.told("/refusals")[0]["code"], "unreadable_item");
    // What it kept was stored with its answers.
    let polls = mirror.works.desk.read(|db| store::plugin_state::kv_get(db, mirror.id, "polls")).unwrap();
    assert_eq!(polls, b"2");
    let asked = mirror.other.polls.load(Ordering::SeqCst);
    mirror.works.pass(Span::seconds(59));
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert_eq!(mirror.other.polls.load(Ordering::SeqCst), asked);
    mirror.works.pass(Span::seconds(1));
    mirror.works.wait_until("it is polled again", |_| mirror.other.polls.load(Ordering::SeqCst) > asked);
    let calls = mirror.calls(Which::All);
    assert!(
        calls.iter().any(|call| call.entry == *"poll" && call.requests[0]["outcome"] == "status 200"),
        "{calls:?}"
    );
    assert!(
        calls
            .iter()
            .any(|call| call.entry == *"refused" && call.log[0]["message"] == "refused: unreadable_item")
    );
}

#[test]
fn a_ticket_of_ours_is_copied_once_told_in_order_and_never_echoed() {
    let mut mirror = Mirror::new();
    mirror.works.start();
    let ticket = mirror.works.desk.opens(mirror.client, "Ours");
    let tag = |tag: &str| {
        let add = [tag.to_owned()].into();
        let change = Command::ChangeTags { ticket, add, remove: Default::default() };
        mirror.works.desk.does(change).unwrap();
    };
    ["a", "b", "c"].into_iter().for_each(tag);
    mirror.works.wait_until("all is told", |_| mirror.told("/events").len() == 3);
    assert_eq!(mirror.ticket("IM1"), Some(ticket), "the copy is tied to it");
    let told: Vec<_> = mirror.told("/events").iter().map(|one| one["after"]["tags"].to_string()).collect();
    assert_eq!(told, [r#"["a"]"#, r#"["a","b"]"#, r#"["a","b","c"]"#]);
    // A change from there is not sent back.
    mirror.page("", json!({ "items": [upsert("IM1", "Theirs")], "cursor": "p1" }));
    mirror.works.pass(Span::minutes(1));
    mirror
        .works
        .wait_until("it came", |works| works.desk.words(Some(works.desk.ticket(ticket).subject)) == "Theirs");
    tag("d");
    mirror.works.wait_until("the next is told", |_| mirror.told("/events").len() == 4);
    assert!(mirror.told("/events").iter().all(|one| one["kind"] == "tagged"), "{:?}", mirror.told("/events"));
}

#[test]
fn a_server_that_is_away_is_left_alone_and_nothing_is_lost_or_doubled() {
    let mut mirror = Mirror::new();
    mirror.other.is_down.store(true, Ordering::SeqCst);
    let tickets: Vec<_> = (0..12).map(|_| mirror.works.desk.opens(mirror.client, "Ours")).collect();
    mirror.works.start();
    let failed = |mirror: &Mirror| mirror.calls(Which::Failed).len();
    mirror.works.wait_until("the breaker opens", |works| {
        works.jobs().iter().filter(|job| job.state == JobState::Waiting).count() == 13
            && works
                .jobs()
                .iter()
                .any(|job| job.last_error.as_deref().is_some_and(|error| error.contains("in a row")))
    });
    // Calls that ran beside one another may fail together.
    let at_most = BREAKER_FAILURES_MAX as usize + mirror.works.settings.at_once;
    assert!(failed(&mirror) <= at_most, "{}", failed(&mirror));
    assert!(mirror.cursor().failures >= 0);
    // It is away for a day; then it is back, and one call finds out.
    for _ in 0..24 {
        mirror.works.pass(Span::hours(1));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    mirror.other.is_down.store(false, Ordering::SeqCst);
    mirror.works.wait_until("all are copied", |works| {
        works.pass(Span::minutes(16));
        std::thread::sleep(std::time::Duration::from_millis(100));
        mirror.other.copies.lock().unwrap().len() == 12
            && tickets
                .iter()
                .all(|ticket| works.desk.read(|db| store::external::externals_of(db, *ticket)).len() == 1)
    });
    let jobs = mirror.works.jobs();
    assert!(
        jobs.iter().filter(|job| job.kind == *"tell_event").all(|job| job.state == JobState::Done),
        "{jobs:?}"
    );
    assert!(tickets.iter().all(|ticket| !mirror.works.desk.ticket(*ticket).is_marked));
}

#[test]
fn the_switch_holds_events_back_until_it_is_on_again() {
    let mut mirror = Mirror::new();
    let turn = |state| Command::SetPluginEnabled { installation: mirror.id, state };
    mirror.works.desk.does(turn(Switch::Off)).unwrap();
    let ticket = mirror.works.desk.opens(mirror.client, "Ours");
    mirror.works.start();
    mirror.works.wait_until("it is looked at", |works| {
        works
            .jobs()
            .iter()
            .any(|job| job.last_error.as_deref().is_some_and(|error| error.contains("switched off")))
    });
    assert!(mirror.server.heard().is_empty(), "nothing went out");
    mirror.works.desk.does(turn(Switch::On)).unwrap();
    mirror.works.wait_until("it is told after all", |_| mirror.ticket("IM1") == Some(ticket));
}

#[test]
fn files_cross_in_both_directions() {
    let mut mirror = Mirror::new();
    let ticket = mirror.works.desk.opens(mirror.client, "Ours");
    let stored = mirror.works.outside.files.put(&b"a photo of the door"[..]).unwrap();
    let row = mirror.works.desk.desk.aside_now(move |tx| {
        let row = store::attachment::Attachment {
            id: tx.id(),
            sha256: stored.sha256,
            name: "door.png".to_owned(),
            media_type: "image/png".to_owned(),
            bytes: stored.bytes as i64,
            uploaded_by: Actor::Operator,
            uploaded_at: tx.now(),
            ticket: None,
            visibility: None,
        };
        store::attachment::insert(tx, &row)?;
        Ok(row.id)
    });
    let visibility = naryad::domain::event::Visibility::Public;
    let add = Command::AddAttachments { ticket, attachments: vec![row.unwrap()], visibility };
    mirror.works.desk.does(add).unwrap();
    mirror.works.start();
    mirror.works.wait_until("the receipt is here", |works| {
        works.desk.read(|db| store::attachment::of_ticket(db, ticket)).len() == 2
    });
    let sent = mirror.server.heard().into_iter().find(|heard| heard.target == "/files").unwrap();
    assert_eq!(sent.body, b"a photo of the door");
    let files = mirror.works.desk.read(|db| store::attachment::of_ticket(db, ticket));
    let receipt = files.iter().find(|file| file.name == "receipt.txt").unwrap();
    let bytes = std::fs::read(mirror.works.outside.files.path(&receipt.sha256)).unwrap();
    assert_eq!(bytes, b"taken over");
    assert!(matches!(receipt.uploaded_by, Actor::Plugin { installation, .. } if installation == mirror.id));
}

#[test]
fn a_webhook_is_answered_when_what_it_brought_is_stored() {
    let mut mirror = Mirror::new();
    mirror.works.start();
    let token = SetHookToken { installation: mirror.id, token_sha256: sha256(b"secret") };
    mirror.works.desk.does(Command::SetHookToken(Box::new(token))).unwrap();
    let request = |token: &str, path: &str, body: Value| HookRequest {
        installation: mirror.id.to_string(),
        token: token.to_owned(),
        path: path.to_owned(),
        method: "POST".to_owned(),
        query: String::new(),
        headers: Vec::new(),
        body: body.to_string().into_bytes(),
    };
    let news = || json!([{ "external": "IM7", "key": "IM7/1", "subject": "By webhook" }]);
    let hooks = mirror.works.hooks();
    let ask = |request| mirror.works.block_on(hooks.take(request));
    for wrong in [request("guess", "notice", news()), request("secret", "other", news())] {
        assert_eq!(ask(wrong), HookAnswer::Unknown);
    }
    assert_eq!(mirror.ticket("IM7"), None);
    let HookAnswer::Said { status, body, .. } = ask(request("secret", "notice", news())) else {
        panic!("the plugin did not answer")
    };
    assert_eq!((status, body.as_slice()), (200, b"taken".as_slice()));
    let ticket = mirror.ticket("IM7").expect("stored before it was answered");
    // The answer was lost, and the other side tells it once more.
    assert!(matches!(ask(request("secret", "notice", news())), HookAnswer::Said { status: 200, .. }));
    let opened = |one: &store::event::Recorded| matches!(one.event, Event::TicketOpened(_));
    assert_eq!(mirror.works.desk.events(ticket).iter().filter(|one| opened(one)).count(), 1);
    assert!(matches!(ask(request("secret", "notice", json!({ "no": "list" }))), HookAnswer::Refused { .. }));
    let off = Command::SetPluginEnabled { installation: mirror.id, state: Switch::Off };
    mirror.works.desk.does(off).unwrap();
    assert_eq!(ask(request("secret", "notice", news())), HookAnswer::Unknown);
}
