//! A desk to measure: one client with a script of fifty lines, its support line, an operator's token.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use naryad::clock::Clock;
use naryad::commands::{Done, Engine, Request, sessions};
use naryad::domain::command::{Command, InstallPlugin, InstallWay, PackSource, PutClient, PutPerson};
use naryad::domain::id::IdMaker;
use naryad::domain::person::{Actor, Affiliation, Grant, Membership, Role};
use naryad::domain::version_move::Reach;
use naryad::domain::{ClientId, Key, Label, Language, PersonId};
use naryad::store::{self, Durability};
use naryad::workflow::limits::RUN_WALL_MAX;
use serde_json::json;

pub const SCRIPT: &str = include_str!("workflow.rhai");
pub const SETTINGS: &str = include_str!("../../tests/it/helpers/client.toml");
/// People on the support line among whom a ticket is assigned.
const PEOPLE: usize = 10;

pub struct Made {
    pub client: ClientId,
    pub people: Vec<PersonId>,
    pub token: String,
}

/// Opens the folder for work without a server.
pub fn open(folder: &Path) -> Engine {
    std::fs::create_dir_all(folder).expect("the folder can be made");
    let clock = Clock::Machine;
    let opened = store::open(folder, Durability::Full, IdMaker::new(1), clock.now());
    Engine::new(opened.expect("a new desk").0, clock, RUN_WALL_MAX)
}

pub fn make(folder: &Path) -> Made {
    let mut engine = open(folder);
    let put = PutClient {
        id: None,
        version: None,
        key: key("bench"),
        name: "Bench".to_owned(),
        prefix: "BENCH".to_owned(),
        colour: "#2f6f4f".to_owned(),
        language: Language::En,
        is_active: true,
    };
    let client = ClientId(id(&run(&mut engine, Command::PutClient(Box::new(put)))));
    install(&mut engine, client);
    let source = PackSource::Files {
        script: SCRIPT.to_owned(),
        settings: SETTINGS.to_owned(),
        modules: BTreeMap::new(),
    };
    run(
        &mut engine,
        Command::PublishPack { client, source, message: "bench".to_owned(), reach: Reach::NewTickets },
    );
    let people: Vec<PersonId> = (0..PEOPLE).map(|number| person(&mut engine, number)).collect();
    let holder = people[0];
    let token = engine.aside(move |tx| Ok(sessions::make_token(tx, holder, "bench", None)?.1));
    Made { client, people, token: token.expect("a token") }
}

fn person(engine: &mut Engine, number: usize) -> PersonId {
    let put = PutPerson {
        id: None,
        version: None,
        login: format!("person-{number}"),
        name: format!("Person {number}"),
        email: None,
        phone: None,
        language: Language::En,
        time_zone: "Europe/Moscow".to_owned(),
        affiliation: Affiliation::Staff,
        engineer: None,
        certificates: None,
        languages: None,
        service_area: None,
        capacity: 50,
        is_on_duty: true,
        is_active: true,
    };
    let person = PersonId(id(&run(engine, Command::PutPerson(Box::new(put)))));
    let roles = [Role::Supervisor, Role::Operator].map(|role| Grant { role, client: None });
    let memberships = BTreeSet::from([Membership { queue: key("support"), client: None }]);
    run(engine, Command::SetAccess { person, grants: roles.into(), memberships });
    person
}

/// A connector on record, so that the script's call becomes a job.
fn install(engine: &mut Engine, client: ClientId) {
    let package = store::plugin::Package {
        sha256: "00".repeat(32),
        plugin: key("parts-stock"),
        version: "1.0.0".to_owned(),
        publisher: "Bench".to_owned(),
        title: serde_json::from_value::<Label>(json!({ "en": "Stock", "ru": "Склад" })).expect("a label"),
        manifest: json!({ "function": [{ "name": "in_stock" }] }),
        signature_state: "unsigned".to_owned(),
        bytes: 1,
        stored_at: Clock::Machine.now(),
        signed: None,
    };
    let install = InstallPlugin {
        client,
        plugin: package.plugin.clone(),
        version: package.version.clone(),
        package_sha256: package.sha256.clone(),
        publisher: package.publisher.clone(),
        title: package.title.clone(),
        configuration: json!({}),
        grant: json!({}),
        secrets: BTreeMap::new(),
        seen: None,
        way: InstallWay::Forward,
        is_unsigned_accepted: true,
    };
    engine.aside(move |tx| Ok(store::plugin::put_package(tx, &package)?)).expect("a package");
    run(engine, Command::InstallPlugin(Box::new(install)));
}

pub fn run(engine: &mut Engine, command: Command) -> Done {
    engine.run(Request::new(Actor::Operator, command)).expect("the bench asks nothing wrong")
}

pub fn id(done: &Done) -> i64 {
    done.id.as_ref().and_then(|id| id.parse().ok()).expect("something was made")
}

pub fn key(text: &str) -> Key {
    Key::new(text).expect("a key")
}
