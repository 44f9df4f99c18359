//! Makes the demo's records: a desk driven by hand on a virtual clock.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;

use super::dice::Dice;
use crate::clock::VirtualClock;
use crate::commands::{Done, Engine, Request};
use crate::domain::command::{Command, PutPerson};
use crate::domain::person::{Actor, Affiliation, EngineerProfile, Grant, Membership, Role};
use crate::domain::{ClientId, Key, Language, Moment, PersonId};
use crate::store;

/// Due rows that are looked up at a time.
const DUE_AT_ONCE_MAX: usize = 100;

pub struct Maker {
    pub engine: Engine,
    pub clock: VirtualClock,
    pub dice: Dice,
    pub people: BTreeMap<String, PersonId>,
    /// Hashed once: it is the same for all.
    pub password_hash: String,
}

/// What a person of the demo is given.
pub struct Somebody<'s> {
    pub login: &'s str,
    pub name: &'s str,
    pub phone: Option<String>,
    pub language: Language,
    pub time_zone: &'s str,
    pub affiliation: Affiliation,
    pub engineer: Option<EngineerProfile>,
    pub capacity: i64,
    pub is_on_duty: bool,
}

impl<'s> Somebody<'s> {
    pub fn staff(login: &'s str, name: &'s str) -> Self {
        Self {
            login,
            name,
            phone: None,
            language: Language::Ru,
            time_zone: "Europe/Moscow",
            affiliation: Affiliation::Staff,
            engineer: None,
            capacity: 25,
            is_on_duty: true,
        }
    }
}

impl Maker {
    /// Carries out a command as whoever holds the data folder.
    pub fn run(&mut self, command: Command) -> anyhow::Result<Done> {
        self.run_as(Actor::Operator, command)
    }

    pub fn run_as(&mut self, actor: Actor, command: Command) -> anyhow::Result<Done> {
        let said = format!("{command:?}");
        let shown: String = said.chars().take(160).collect();
        self.engine
            .run(Request::new(actor, command))
            .with_context(|| format!("the demo's own step failed: {shown}"))
    }

    pub fn person(&mut self, who: Somebody<'_>) -> anyhow::Result<PersonId> {
        let mut login = who.login.to_owned();
        for number in 2.. {
            if !self.people.contains_key(&login) {
                break;
            }
            login = format!("{}{number}", who.login);
        }
        let put = PutPerson {
            id: None,
            version: None,
            email: Some(format!("{login}@demo.example")),
            login: login.clone(),
            name: who.name.to_owned(),
            phone: who.phone,
            language: who.language,
            time_zone: who.time_zone.to_owned(),
            affiliation: who.affiliation,
            engineer: who.engineer,
            certificates: None,
            languages: None,
            service_area: None,
            capacity: who.capacity,
            is_on_duty: who.is_on_duty,
            is_active: true,
        };
        let person = PersonId(made(&self.run(Command::PutPerson(Box::new(put)))?)?);
        let hash = self.password_hash.clone();
        self.run(Command::SetPassword { person, hash })?;
        self.people.insert(login, person);
        Ok(person)
    }

    /// Roles and memberships for one client, or for all.
    pub fn access(
        &mut self,
        person: PersonId,
        client: Option<ClientId>,
        roles: &[Role],
        queues: &[&str],
    ) -> anyhow::Result<()> {
        let grants: BTreeSet<Grant> = roles.iter().map(|role| Grant { role: *role, client }).collect();
        let memberships =
            queues.iter().map(|queue| Membership { queue: key(queue), client }).collect::<BTreeSet<_>>();
        self.run(Command::SetAccess { person, grants, memberships }).map(drop)
    }

    pub fn who(&self, login: &str) -> anyhow::Result<Actor> {
        let person = self.people.get(login).with_context(|| format!("the demo has nobody called {login}"))?;
        Ok(Actor::Person { person: *person })
    }

    /// Moves the clock to `until` and plays whatever falls due on the way, each at its own moment.
    pub fn pass_until(&mut self, until: Moment) -> anyhow::Result<()> {
        while let Some(next) = store::due::next_at(self.engine.tx())?.filter(|next| *next <= until) {
            self.clock.set(next);
            for due in store::due::ready(self.engine.tx(), next, DUE_AT_ONCE_MAX)? {
                self.run_as(Actor::Clock, Command::PlayDue { due: due.id })?;
            }
        }
        self.clock.set(until);
        Ok(())
    }
}

/// The id of what a command made.
pub fn made(done: &Done) -> anyhow::Result<i64> {
    let id = done.id.as_ref().context("the command made nothing")?;
    id.parse().with_context(|| format!("`{id}` is no id"))
}

/// A key that is written in this program.
pub fn key(text: &str) -> Key {
    Key::new(text).expect("written as a key")
}
