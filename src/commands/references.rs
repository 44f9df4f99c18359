//! What a client's workflow names and the desk does not have any more: read before a version is checked, and told to whoever
//! takes away what a published version names.

use std::collections::BTreeSet;

use super::done::{DeskError, Warning};
use super::work::Work;
use crate::domain::client::Client;
use crate::domain::pack::places_of_setting;
use crate::domain::person::{Grant, Membership, Person, Role};
use crate::domain::{ClientId, Key, PersonId, SiteId};
use crate::store::{self, Db, StoreError};
use crate::workflow::{Live, SETTINGS_FILE, Skills, places_of_text};

/// Words that make a script ask what people can.
const ASKS_FOR_SKILLS: [&str; 4] = ["certificates", "languages", "city", "grade"];
/// Most places that one answer names.
const WARNINGS_MAX: usize = 20;
/// Most sites of the settings' targets that are looked up.
const SITES_MAX: usize = 1_000;
const SCRIPT_FILE: &str = "workflow.rhai";

/// Who and what is behind the names that the texts can use.
pub(super) fn live(
    db: &Db,
    client: ClientId,
    script: &str,
    modules: impl Iterator<Item = impl AsRef<str>>,
    settings: &str,
) -> Result<Live, StoreError> {
    let asks = |text: &str| ASKS_FOR_SKILLS.iter().any(|word| text.contains(word));
    // Reading what everybody can costs the most; few scripts of first lines ask for it.
    let asks_for_skills = asks(script) || asks(settings) || { modules }.any(|module| asks(module.as_ref()));
    let installed = store::plugin::all(db)?.into_iter().filter(|own| own.client == client);
    Ok(Live {
        staffed: store::standing::queues(db, client)?,
        partners: store::standing::partners(db, client)?,
        roles: store::standing::roles(db, client)?,
        left: store::standing::left(db, client)?,
        switched_off: installed.filter(|own| !own.is_enabled).map(|own| own.plugin).collect(),
        sub_clients: store::client::subs_of(db, client)?.into_iter().map(|sub| sub.key).collect(),
        sites: sites(db, client, settings)?,
        skills: if asks_for_skills { skills(db, client)? } else { Skills::default() },
    })
}

fn skills(db: &Db, client: ClientId) -> Result<Skills, StoreError> {
    let mut all = Skills::default();
    for one in store::standing::skills(db, client)? {
        all.certificates.extend(one.certificates);
        all.languages.extend(one.languages);
        if let Some(engineer) = one.engineer {
            all.certificates.extend(engineer.certificates);
            all.languages.extend(engineer.languages);
            all.cities.insert(engineer.city);
            all.grade = all.grade.max(Some(engineer.grade));
        }
    }
    Ok(all)
}

/// Those of the sites that targets name which are the client's.
fn sites(db: &Db, client: ClientId, settings: &str) -> Result<BTreeSet<SiteId>, StoreError> {
    let Ok(table) = settings.parse::<toml::Table>() else { return Ok(BTreeSet::new()) };
    let rows = table.get("sla").and_then(toml::Value::as_array).into_iter().flatten();
    let mut sites = BTreeSet::new();
    for row in rows.take(SITES_MAX) {
        let named = row.get("site").and_then(|site| site.clone().try_into::<SiteId>().ok());
        let found = named.map_or(Ok(None), |site| store::place::site(db, site))?;
        sites.extend(found.filter(|site| site.client == client).map(|site| site.id));
    }
    Ok(sites)
}

/// Whom a person stands for: what of it is gone after a change may be named by a workflow.
#[derive(Debug)]
pub(super) struct Standing {
    login: String,
    is_active: bool,
    grants: BTreeSet<Grant>,
    memberships: BTreeSet<Membership>,
}

impl Standing {
    pub fn of(db: &Db, person: &Person) -> Result<Self, StoreError> {
        Ok(Self {
            login: person.login.clone(),
            is_active: person.is_active,
            grants: store::person::grants(db, person.id)?,
            memberships: store::person::memberships(db, person.id)?,
        })
    }

    pub fn of_id(db: &Db, person: PersonId) -> Result<Option<Self>, StoreError> {
        store::person::get(db, person)?.map(|person| Self::of(db, &person)).transpose()
    }

    fn serves(&self, client: ClientId) -> bool {
        self.is_active && self.grants.iter().any(|own| own.client.is_none_or(|own| own == client))
    }

    fn is_member(&self, queue: &Key, client: ClientId) -> bool {
        let is_of = |own: &Membership| own.queue == *queue && own.client.is_none_or(|own| own == client);
        self.is_active && self.memberships.iter().any(is_of)
    }

    fn has_role(&self, role: Role, client: ClientId) -> bool {
        let is_of = |own: &Grant| own.role == role && own.client.is_none_or(|own| own == client);
        self.is_active && self.grants.iter().any(is_of)
    }

    /// Names that stood for the person before, alone, and stand for nobody now.
    fn gone(&self, db: &Db, now: &Standing, client: ClientId) -> Result<BTreeSet<String>, StoreError> {
        let mut gone = BTreeSet::new();
        if self.serves(client) && (!now.serves(client) || now.login != self.login) {
            gone.insert(self.login.clone());
        }
        for own in &self.memberships {
            let has_gone = self.is_member(&own.queue, client) && !now.is_member(&own.queue, client);
            if has_gone && store::person::members(db, &own.queue, client)?.is_empty() {
                gone.insert(own.queue.to_string());
            }
        }
        for own in &self.grants {
            let has_gone = self.has_role(own.role, client) && !now.has_role(own.role, client);
            if has_gone && store::person::with_role(db, own.role, client)?.is_empty() {
                gone.insert(own.role.as_str().to_owned());
            }
        }
        Ok(gone)
    }
}

/// Where published workflows name what the change of a person took away.
pub(super) fn after_change_of_person(
    work: &Work<'_>,
    before: &Standing,
    person: PersonId,
) -> Result<Vec<Warning>, DeskError> {
    let Some(now) = Standing::of_id(&work.tx, person)? else { return Ok(Vec::new()) };
    let mut warnings = Vec::new();
    for client in store::client::all(&work.tx)? {
        let gone = before.gone(&work.tx, &now, client.id)?;
        named_by(work, &client, &gone, &mut warnings)?;
    }
    Ok(warnings)
}

/// Where the client's published workflow names what is gone.
pub(super) fn after_loss(
    work: &Work<'_>,
    client: &Client,
    gone: impl IntoIterator<Item = Key>,
) -> Result<Vec<Warning>, DeskError> {
    let gone = gone.into_iter().map(|key| key.to_string()).collect();
    let mut warnings = Vec::new();
    named_by(work, client, &gone, &mut warnings)?;
    Ok(warnings)
}

fn named_by(
    work: &Work<'_>,
    client: &Client,
    gone: &BTreeSet<String>,
    warnings: &mut Vec<Warning>,
) -> Result<(), DeskError> {
    let Some(version) = client.pack_version.filter(|_| !gone.is_empty()) else { return Ok(()) };
    let Some(version) = store::pack::get(&work.tx, version)? else { return Ok(()) };
    for name in gone {
        let script = std::iter::once((SCRIPT_FILE, version.script.as_str()));
        let modules = version.modules.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let of_scripts = script.chain(modules).flat_map(|(file, text)| {
            places_of_text(text, name).into_iter().map(move |place| (file.to_owned(), place))
        });
        let of_settings = places_of_setting(&version.settings, name).into_iter();
        let of_settings = of_settings.map(|place| (SETTINGS_FILE.to_owned(), place));
        for (file, (line, column)) in of_scripts.chain(of_settings) {
            if warnings.len() >= WARNINGS_MAX {
                return Ok(());
            }
            warnings.push(Warning::WorkflowNames {
                client: client.id,
                client_name: client.name.clone(),
                name: name.clone(),
                file,
                line,
                column,
            });
        }
    }
    Ok(())
}
