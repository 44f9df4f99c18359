//! What a new client's pack still needs before its tickets go their way: people, plugins, places, from live data.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::{ViewError, Views};
use crate::domain::calendar::HolidayLists;
use crate::domain::client::Client;
use crate::domain::key::Label;
use crate::domain::pack::{Needs, PackError, PackNames, QueueKind, TimeSettings, fingerprint, kept_keys};
use crate::domain::person::{Affiliation, Person, Role};
use crate::domain::{ClientId, Key, PersonId};
use crate::store;
use crate::store::StoreError;
use crate::store::pack::Texts;

/// Places and people that are counted; more are "many".
const COUNT_MAX: usize = 1_000;

/// How a script asks for what lies outside its texts.
const ASKS_FOR_ENGINEERS: &str = ".dispatch(";
const ASKS_FOR_SITES: &str = "ticket.site";
const ASKS_FOR_ASSETS: &str = "ticket.asset";

/// What a client's draft (without one, its published version) calls things.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WordsPage {
    /// The fingerprint of the settings; it goes back as `base` with a change.
    pub base: Option<String>,
    /// `null`: there is neither a draft nor a version, or `unreadable` says why it cannot be read.
    pub words: Option<PackNames>,
    pub unreadable: Option<PackError>,
    /// Statuses and queues that cannot be left out: the script names them, or the settings need them.
    pub kept: Vec<Key>,
}

/// One thing that the pack needs.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Prerequisite {
    pub kind: PrerequisiteKind,
    /// Of a queue, a partner organisation, a certificate or a plugin; else empty.
    pub name: String,
    /// Of a queue.
    pub label: Label,
    /// How many there are; at most 1,000 are counted.
    pub count: usize,
    /// Without it some tickets stay where nobody sees them or the script stops; else it is advice.
    pub is_needed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrerequisiteKind {
    /// People in a support line.
    LinePeople,
    /// People in a department.
    DepartmentPeople,
    /// A partner organisation that a department is.
    Partner,
    /// Its people.
    PartnerPeople,
    /// People with a certificate without which nobody takes a ticket.
    Certificate,
    /// A plugin that the script calls.
    Plugin,
    /// Engineers whom the script sends.
    Engineers,
    Sites,
    Assets,
}

impl Views {
    pub fn pack_words(&self, person: PersonId, client: ClientId) -> Result<WordsPage, ViewError> {
        self.read(person, |reading| {
            let client = reading.administered(client)?;
            let Some(Texts { script, settings, .. }) = store::pack::to_edit(reading.db, &client)? else {
                return Ok(WordsPage { base: None, words: None, unreadable: None, kept: Vec::new() });
            };
            let (words, unreadable) = match TimeSettings::read(&settings) {
                Ok(pack) => (Some(pack.words()), None),
                Err(error) => (None, Some(error)),
            };
            let stored = store::holiday_list::of_client(reading.db, client.id)?;
            let lists = stored.iter().map(|own| Ok((own.key.clone(), Arc::new(own.list()?))));
            let lists = lists.collect::<Result<HolidayLists, StoreError>>()?;
            let kept = kept_keys(&settings, &script, &lists).into_iter().collect();
            Ok(WordsPage { base: Some(fingerprint(&settings)), words, unreadable, kept })
        })
    }

    /// What the draft needs, and how much of it there is; empty where there is no draft and no version.
    pub fn prerequisites(&self, person: PersonId, client: ClientId) -> Result<Vec<Prerequisite>, ViewError> {
        self.read(person, |reading| {
            let client = reading.administered(client)?;
            let Some(texts) = store::pack::to_edit(reading.db, &client)? else { return Ok(Vec::new()) };
            let Ok(pack) = TimeSettings::read(&texts.settings) else { return Ok(Vec::new()) };
            let needs = Needs::of(&texts.script, &pack);
            let mut found = Vec::new();
            for queue in pack.queues.iter().filter(|queue| queue.partner.is_none()) {
                let kind = match queue.kind {
                    QueueKind::Line => PrerequisiteKind::LinePeople,
                    QueueKind::Department => PrerequisiteKind::DepartmentPeople,
                };
                let count = store::person::members(reading.db, queue.key.as_str(), client.id)?.len();
                let is_named = texts.script.contains(&format!("\"{}\"", queue.key));
                let is_needed = queue.is_default || is_named || pack.on_failure.queue == queue.key;
                let (name, label) = (queue.key.to_string(), queue.label.clone());
                found.push(Prerequisite { kind, name, label, count, is_needed });
            }
            reading.outside_people(&client, &needs, &mut found)?;
            reading.outside_things(&client, &needs, &texts.script, &mut found)?;
            Ok(found)
        })
    }
}

impl Reading<'_> {
    fn outside_people(
        &self,
        client: &Client,
        needs: &Needs,
        found: &mut Vec<Prerequisite>,
    ) -> Result<(), ViewError> {
        if needs.partners.is_empty() && needs.certificates.is_empty() {
            return Ok(());
        }
        let mut people: Vec<Person> = Vec::new();
        for login in store::person::logins_serving(self.db, client.id)?.into_iter().take(COUNT_MAX) {
            people.extend(store::person::by_login(self.db, &login)?);
        }
        for key in &needs.partners {
            let partner = store::place::partner_by_key(self.db, key)?;
            let of = |own: &&Person| {
                partner.as_ref().is_some_and(|partner| {
                    matches!(own.affiliation, Affiliation::Partner { partner: id } if id == partner.id)
                })
            };
            let count = people.iter().filter(of).count();
            found.push(one(PrerequisiteKind::Partner, key, usize::from(partner.is_some())));
            found.push(one(PrerequisiteKind::PartnerPeople, key, count));
        }
        for certificate in &needs.certificates {
            let count = people.iter().filter(|own| own.all_certificates().contains(certificate)).count();
            found.push(one(PrerequisiteKind::Certificate, certificate, count));
        }
        Ok(())
    }

    fn outside_things(
        &self,
        client: &Client,
        needs: &Needs,
        script: &str,
        found: &mut Vec<Prerequisite>,
    ) -> Result<(), ViewError> {
        for plugin in &needs.plugins {
            let installed = store::plugin::of_client(self.db, client.id, plugin)?.is_some();
            // A script may do without: `settings.x_is_connected`.
            let own = one(PrerequisiteKind::Plugin, plugin, usize::from(installed));
            found.push(Prerequisite { is_needed: false, ..own });
        }
        if script.contains(ASKS_FOR_ENGINEERS) {
            let count = store::person::with_role(self.db, Role::Engineer, client.id)?.len();
            found.push(one(PrerequisiteKind::Engineers, "", count));
        }
        let has_sites = script.contains(ASKS_FOR_SITES) || script.contains(ASKS_FOR_ENGINEERS);
        if has_sites {
            let count = store::place::site_count(self.db, client.id, COUNT_MAX)?;
            found.push(one(PrerequisiteKind::Sites, "", count));
        }
        if script.contains(ASKS_FOR_ASSETS) {
            let count = store::place::asset_count(self.db, client.id, COUNT_MAX)?;
            found.push(one(PrerequisiteKind::Assets, "", count));
        }
        Ok(())
    }
}

fn one(kind: PrerequisiteKind, name: &str, count: usize) -> Prerequisite {
    Prerequisite { kind, name: name.to_owned(), label: Label::default(), count, is_needed: true }
}
