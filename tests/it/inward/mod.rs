//! What plugins bring in and what goes out to them, on the desk's side: commands over a real database.

mod conflicts;
mod items;
mod notices;
mod outbox;
mod polls;

use std::collections::BTreeMap;

use naryad::commands::{DeskError, Done, Request};
use naryad::domain::command::{Command, InstallPlugin, InstallWay, KvWrite, PollEnd, TakeItems};
use naryad::domain::person::Actor;
use naryad::domain::{ClientId, InstallationId, Key, Label, TicketId};
use naryad::store::job::Job;
use naryad::store::plugin::Package;
use naryad::store::plugin_item::ParkedItem;
use naryad::store::{self};
use serde_json::{Value, json};

use crate::helpers::TestDesk;

/// Everything that a manifest can declare for the way in.
pub fn manifest() -> Value {
    json!({
        "events": [
            "ticket_opened", "status_changed", "priority_changed", "category_changed", "subject_changed",
            "field_changed", "comment_added", "attachment_added", "assigned", "queued", "resolved", "closed",
            "reopened", "tagged", "work_order_changed", "rated",
        ],
        "fields": [
            "subject", "description", "status", "category", "impact", "urgency", "priority", "queue", "assignee",
            "site", "asset", "contact", "fields", "tags", "created_at", "resolved_at", "closed_at", "url",
            "external", "comments", "internal_comments", "files",
        ],
        "commands": [
            "upsert", "comment", "status", "resolve", "close", "reopen", "fields", "priority", "tags", "queue",
            "link", "unlink", "attach", "notice", "rate",
        ],
        "poll": { "every": "1m" },
        "webhook": [{ "path": "notice" }],
        "kv": {},
        "blob": {},
    })
}

/// All of it granted, but no event.
pub fn quiet_grant() -> Value {
    json!({
        "fields": manifest()["fields"], "commands": manifest()["commands"], "poll": true,
        "webhooks": ["notice"], "kv": true, "blob": true,
    })
}

/// The quiet grant with these kinds of events.
pub fn grant_with_events(events: &[&str]) -> Value {
    let mut grant = quiet_grant();
    grant["events"] = json!(events);
    grant
}

/// A plugin without code, set up for a client.
pub struct Plugin {
    pub id: InstallationId,
    pub client: ClientId,
}

pub fn installs(desk: &TestDesk, client: ClientId, name: &str, grant: Value) -> Plugin {
    let plugin = Key::new(name).unwrap();
    let package = Package {
        sha256: format!("hash of {name}"),
        plugin: plugin.clone(),
        version: "1.0.0".to_owned(),
        publisher: "tester".to_owned(),
        title: Label::default(),
        manifest: manifest(),
        signature_state: "unsigned".to_owned(),
        bytes: 1,
        stored_at: desk.now(),
        signed: None,
    };
    let put = move |tx: &store::Tx| Ok(store::plugin::put_package(tx, &package)?);
    desk.desk.aside_now(put).unwrap();
    let command = InstallPlugin {
        client,
        plugin,
        version: "1.0.0".to_owned(),
        package_sha256: format!("hash of {name}"),
        publisher: "tester".to_owned(),
        title: Label::default(),
        configuration: json!({}),
        grant,
        secrets: BTreeMap::new(),
        seen: None,
        way: InstallWay::Forward,
        is_unsigned_accepted: true,
    };
    let done = desk.does(Command::InstallPlugin(Box::new(command))).unwrap();
    Plugin { id: InstallationId(crate::helpers::made(&done)), client }
}

impl Plugin {
    pub fn actor(&self) -> Actor {
        Actor::Plugin { installation: self.id, client: self.client }
    }

    /// What an answer with these items is handed in as.
    pub fn answer(&self, items: Value) -> TakeItems {
        TakeItems {
            installation: self.id,
            job: None,
            ticket: None,
            items: items.as_array().unwrap().clone(),
            files: BTreeMap::new(),
            kv: Vec::new(),
            ceiling: None,
            poll: None,
            answered: None,
        }
    }

    /// A page of a poll.
    pub fn page(&self, from: Option<&str>, to: &str, items: Value) -> TakeItems {
        let end = PollEnd { from: from.map(str::to_owned), to: Some(to.to_owned()), more: false };
        TakeItems { poll: Some(end), ..self.answer(items) }
    }

    pub fn hands_in(&self, desk: &TestDesk, take: TakeItems) -> Result<Done, DeskError> {
        desk.desk.run(Request::new(self.actor(), Command::TakeItems(Box::new(take))))
    }

    /// Brings items, of which none is refused.
    #[track_caller]
    pub fn brings(&self, desk: &TestDesk, items: Value) {
        let done = self.hands_in(desk, self.answer(items)).unwrap();
        assert!(done.taken.parked.is_empty(), "{:?}", self.parked(desk));
    }

    /// Brings one item, which is refused; the code of the refusal and where.
    #[track_caller]
    pub fn is_refused(&self, desk: &TestDesk, item: Value) -> (String, Option<usize>) {
        let done = self.hands_in(desk, self.answer(json!([item]))).unwrap();
        assert_eq!((done.taken.taken, done.taken.parked.len()), (0, 1), "{done:?}");
        let refusal = self.parked(desk).remove(0).refusal;
        (refusal.code, refusal.command)
    }

    pub fn ticket(&self, desk: &TestDesk, external: &str) -> Option<TicketId> {
        let source = store::external::plugin_source(self.id);
        desk.read(|db| store::external::ticket_of(db, &source, external))
    }

    /// Latest first.
    pub fn parked(&self, desk: &TestDesk) -> Vec<ParkedItem> {
        desk.read(|db| store::plugin_item::page(db, self.id, None, 100))
    }
}

pub fn jobs(desk: &TestDesk, kind: &str) -> Vec<Job> {
    desk.read(|db| {
        let mut statement =
            db.connection().prepare("select id from job where kind = ?1 order by id").unwrap();
        let ids = statement.query_map([kind], |row| row.get::<_, i64>(0)).unwrap();
        let ids: Vec<i64> = ids.map(Result::unwrap).collect();
        ids.into_iter().map(|id| Ok(store::job::get(db, id.into())?.unwrap())).collect()
    })
}

pub fn keep(key: &str, value: &str) -> KvWrite {
    KvWrite { key: key.to_owned(), value: Some(value.as_bytes().to_vec()) }
}

/// A desk with a client and a plugin that brings tickets in.
pub fn mirror(script: &str) -> (TestDesk, ClientId, Plugin) {
    let mut desk = TestDesk::new();
    desk.jobs_may_stay = true;
    let client = desk.client("bank", script);
    let plugin = installs(&desk, client, "mirror", quiet_grant());
    (desk, client, plugin)
}

/// A foreign ticket as the other side tells of it.
pub fn foreign(external: &str, subject: &str) -> Value {
    json!({ "external": external, "commands": [{ "do": "upsert", "subject": subject }] })
}
