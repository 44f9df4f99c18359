//! `demo`: a data folder with two clients at work: cash machines in six countries, and a real IT desk's log.
//!
//! People, machines and requests are invented, the same each time; moments are relative to the present. The
//! requests are played as the commands of those people, so that every timeline is what the desk made of it.

mod dice;
mod geography;
mod machines;
mod maker;
mod papers;
mod people;
mod player;
mod roster;
mod routine;
mod special;
pub mod start;
pub mod stock;
mod story;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::import::{self, Detail};
use super::packs;
use crate::clock::{Clock, VirtualClock};
use crate::commands::{Engine, passwords};
use crate::domain::command::{Command, PutClient, PutSubClient};
use crate::domain::id::IdMaker;
use crate::domain::version_move::Reach;
use crate::domain::{ClientId, Language, Moment, Span, SubClientId};
use crate::store::{self, Durability, sqlite};
use crate::workflow::limits::on_script_stack;
use dice::Dice;
use geography::COUNTRIES;
use maker::{Maker, key, made};
use papers::Papers;
use player::Player;

/// The password of everybody in the demo.
pub const PASSWORD: &str = "naryad-demo";
pub const BANK: &str = "bank";
pub const IT_DESK: &str = "it-desk";

/// Tells a demo's folder from a real desk's, and people how to log in.
const DEMO_FILE: &str = "demo.txt";
/// When the demo's desk was set up, before its present: earlier than its first request.
const SET_UP_BEFORE: Span = Span::days(7);
/// A run has far more time than on a live desk: the demo must come out the same on a busy machine.
const SCRIPT_WALL_MAX: Duration = Duration::from_secs(2);
const SEED: u64 = 20_261_122;

/// Logins worth trying, and what each shows.
pub const LOGINS: &[(&str, &str)] = &[
    ("admin", "administrator: everything, the workflows and plugins too"),
    ("supervisor", "shift supervisor of both clients: all queues, what is overdue or marked"),
    ("dispatcher", "dispatcher: requests for which no engineer was found"),
    ("operator", "operator of the first line"),
    ("engineer", "engineer of grade 1 in Алматы: work orders"),
    ("engineer-2", "engineer of grade 2 in Алматы"),
    ("controller", "checks reports before a ticket closes"),
    ("commercial", "commercial department: prices for what the contract leaves out"),
    ("logistics", "global logistics: parts from all regions"),
    ("purchasing", "purchasing: parts that no store has"),
    ("bank-support", "answers for the banks what happened before a visit"),
    ("local-service", "a partner's person: sees what was passed to the local service company"),
    ("client", "a bank's person: that client's tickets and public replies"),
    ("it-operator", "operator of the IT desk, whose tickets are a real log"),
];

/// What was made.
#[derive(Debug, Clone)]
pub struct Filled {
    pub bank: ClientId,
    pub it_desk: ClientId,
    pub machines: usize,
    pub people: usize,
    /// Requests of the bank's client.
    pub requests: usize,
    pub imported: import::Summary,
    pub elapsed: Duration,
}

impl std::fmt::Display for Filled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} people, {} cash machines, {} requests of the last week; {} tickets of a real IT desk's log in {} \
             rows; made in {:.1} s",
            self.people,
            self.machines,
            self.requests,
            self.imported.tickets.new,
            self.imported.tickets.new + self.imported.updates.new,
            self.elapsed.as_secs_f64()
        )
    }
}

/// Whether the folder holds a demo that was made whole.
#[must_use]
pub fn is_demo(folder: &Path) -> bool {
    folder.join(DEMO_FILE).exists()
}

/// Whether the folder holds a desk already, which `fill` leaves alone.
#[must_use]
pub fn is_there(folder: &Path) -> bool {
    sqlite::database_path(folder).exists()
}

/// Makes the demo in an empty data folder that this process has locked. Nothing else may have it open.
pub fn fill(folder: &Path, present: Moment) -> anyhow::Result<Filled> {
    anyhow::ensure!(
        !is_there(folder),
        "{} holds a desk already: the demo needs a new folder",
        folder.display()
    );
    // A folder that was left half made would look like a desk.
    let filled = on_script_stack(|| make(folder, present));
    if filled.is_err() {
        for end in ["", "-wal", "-shm"] {
            let mut path = sqlite::database_path(folder).into_os_string();
            path.push(end);
            // What is not there needs no removal.
            let _ = std::fs::remove_file(path);
        }
    }
    filled
}

fn make(folder: &Path, present: Moment) -> anyhow::Result<Filled> {
    let started = Instant::now();
    let clock = VirtualClock::at(present - SET_UP_BEFORE);
    // Nothing is promised to anybody before the end, when all is brought to the disk at once.
    let (tx, _) = store::open(folder, Durability::None, IdMaker::new(1), clock.now())?;
    let engine = Engine::new(tx, Clock::Virtual(clock.clone()), SCRIPT_WALL_MAX);
    let password_hash = passwords::hash(PASSWORD);
    let mut maker = Maker { engine, clock, dice: Dice::new(SEED), people: BTreeMap::new(), password_hash };
    let bank = client(&mut maker, BANK, "АТМ Сервис", "BANK", "#2f6f4f", Language::Ru)?;
    let it_desk = client(&mut maker, IT_DESK, "IT desk", "INC", "#3b5ba5", Language::En)?;
    people::partner(&mut maker, bank)?;
    people::staff(&mut maker, bank, it_desk)?;
    people::engineers(&mut maker, bank)?;
    roster::fill(&mut maker, present)?;
    // The script names the connector: it must be there first.
    let stock = stock::install(&mut maker, folder, bank)?;
    publish(&mut maker, bank, "atm-service")?;
    publish(&mut maker, it_desk, "it-desk")?;
    let subs = banks(&mut maker, bank)?;
    let contacts = people::contacts(&mut maker, bank, &subs)?;
    let machines = machines::machines(&mut maker, bank, &subs)?;
    let imported = import_log(&mut maker, it_desk)?;
    let machine_count = machines.len();
    let stories = stories(&mut maker.dice);
    let papers = Papers::put(folder)?;
    let mut player = Player { maker: &mut maker, client: bank, machines, contacts, stock, papers };
    let requests = player.play(&stories, present)?;
    let people = maker.people.len();
    bring_to_disk(maker, folder)?;
    Ok(Filled {
        bank,
        it_desk,
        machines: machine_count,
        people,
        requests,
        imported,
        elapsed: started.elapsed(),
    })
}

fn client(
    maker: &mut Maker,
    name: &str,
    title: &str,
    prefix: &str,
    colour: &str,
    language: Language,
) -> anyhow::Result<ClientId> {
    let put = PutClient {
        id: None,
        version: None,
        key: key(name),
        name: title.to_owned(),
        prefix: prefix.to_owned(),
        colour: colour.to_owned(),
        language,
        is_active: true,
    };
    Ok(ClientId(made(&maker.run(Command::PutClient(Box::new(put)))?)?))
}

fn publish(maker: &mut Maker, client: ClientId, pack: &str) -> anyhow::Result<()> {
    let source = packs::texts(pack)?.source();
    let message = format!("The pack {pack} as it comes with Naryad");
    maker.run(Command::PublishPack { client, source, message, reach: Reach::NewTickets }).map(drop)
}

/// The service company's sub-clients.
fn banks(maker: &mut Maker, client: ClientId) -> anyhow::Result<Vec<SubClientId>> {
    const BANKS: [(&str, &str, &str); 2] = [
        ("severny", "Северный банк", "support@severny.example"),
        ("silk-road", "Silk Road Bank", "it-help@silkroad.example"),
    ];
    let mut subs = Vec::new();
    for (sub, name, support) in BANKS {
        let put = PutSubClient {
            id: None,
            version: None,
            client,
            key: key(sub),
            name: name.to_owned(),
            support: Some(support.to_owned()),
        };
        subs.push(SubClientId(made(&maker.run(Command::PutSubClient(Box::new(put)))?)?));
    }
    Ok(subs)
}

fn import_log(maker: &mut Maker, client: ClientId) -> anyhow::Result<import::Summary> {
    let log = packs::text("it-desk/demo/incidents.csv")?;
    let engine = &mut maker.engine;
    let mut run_all = |requests| engine.run_all(requests);
    let mut said = Vec::new();
    let summary = import::servicenow(&mut run_all, client, log.as_bytes(), Detail::Counts, &mut said)?;
    let refused = summary.tickets.refused + summary.updates.refused;
    anyhow::ensure!(
        refused == 0,
        "the log that comes with Naryad was refused: {}",
        String::from_utf8_lossy(&said)
    );
    Ok(summary)
}

fn stories(dice: &mut Dice) -> Vec<story::Story> {
    let cities: Vec<&'static str> =
        COUNTRIES.iter().flat_map(|country| country.cities.iter().map(|city| city.name)).collect();
    let mut stories = special::SPECIAL.to_vec();
    stories.extend(routine::stories(dice, &cities));
    stories
}

/// All of the database into its one file, and that to the disk, before anybody is told that it is there.
fn bring_to_disk(maker: Maker, folder: &Path) -> anyhow::Result<()> {
    let checkpoint = "pragma wal_checkpoint(truncate)";
    let busy: i64 = maker.engine.tx().connection().query_row(checkpoint, [], |row| row.get(0))?;
    anyhow::ensure!(busy == 0, "the database is in use by somebody else");
    drop(maker);
    let path = sqlite::database_path(folder);
    std::fs::File::open(&path)?
        .sync_all()
        .with_context(|| format!("bringing {} to the disk", path.display()))?;
    std::fs::write(folder.join(DEMO_FILE), start::logins()).context("writing how to log in")?;
    std::fs::File::open(folder)?
        .sync_all()
        .with_context(|| format!("bringing {} to the disk", folder.display()))
}
