//! Who and what a test arranges: the ticket's people, places and equipment under made-up names.

use std::collections::BTreeMap;

use super::history::History;
use super::words::{Words, list, map, quoted};
use crate::domain::assignment::{Rejection, RejectionReason};
use crate::domain::event::Event;
use crate::domain::geography::Degrees;
use crate::domain::person::{Affiliation, Grant, Person, Role};
use crate::domain::{AssetId, ContactId, Key, PersonId, SiteId, SubClientId};
use crate::store::{self, Db, StoreError};

/// Most people that a test arranges.
const PEOPLE_MAX: usize = 60;

/// Variables of the test by what they stand for.
#[derive(Default)]
pub(super) struct Cast {
    /// Arranging, line by line.
    pub lines: Vec<String>,
    people: BTreeMap<PersonId, Member>,
    contacts: BTreeMap<ContactId, String>,
    sites: BTreeMap<SiteId, String>,
    assets: BTreeMap<AssetId, String>,
    sub_clients: BTreeMap<SubClientId, String>,
    /// What could not be arranged.
    pub notes: Vec<String>,
}

struct Member {
    /// `None`: acts as the desk's own administrator.
    variable: Option<String>,
    name: String,
    has_duty: bool,
}

/// The function that makes such a person, what it takes before the name, and a word for the name.
type Part = (&'static str, Option<String>, &'static str);

impl Cast {
    pub fn of(db: &Db, history: &History, words: &Words) -> Result<Cast, StoreError> {
        let mut cast = Cast::default();
        let people = history.people();
        if people.len() > PEOPLE_MAX {
            cast.notes
                .push(format!("{} people met the ticket; the first {PEOPLE_MAX} are arranged", people.len()));
        }
        for event in history.events() {
            match event {
                Event::TicketOpened(opened) => {
                    cast.place(db, words, opened.sub_client, opened.site, opened.asset, opened.contact)?;
                }
                Event::SubClientChanged { to } => cast.place(db, words, *to, None, None, None)?,
                Event::SiteChanged { to } => cast.place(db, words, None, *to, None, None)?,
                Event::AssetChanged { to } => cast.place(db, words, None, None, *to, None)?,
                Event::ContactChanged { to } => cast.place(db, words, None, None, None, *to)?,
                _ => {}
            }
        }
        for person in people.into_iter().take(PEOPLE_MAX) {
            cast.person(db, history, words, person)?;
        }
        Ok(cast)
    }

    pub fn person_variable(&self, person: PersonId) -> Option<&str> {
        self.people.get(&person)?.variable.as_deref()
    }

    pub fn name(&self, person: PersonId) -> Option<&str> {
        self.people.get(&person).map(|member| member.name.as_str())
    }

    pub fn site(&self, id: SiteId) -> Option<&str> {
        self.sites.get(&id).map(String::as_str)
    }

    pub fn asset(&self, id: AssetId) -> Option<&str> {
        self.assets.get(&id).map(String::as_str)
    }

    pub fn contact(&self, id: ContactId) -> Option<&str> {
        self.contacts.get(&id).map(String::as_str)
    }

    pub fn sub_client(&self, id: SubClientId) -> Option<&str> {
        self.sub_clients.get(&id).map(String::as_str)
    }

    /// The variable of somebody who can be off duty.
    pub fn on_duty(&self, person: PersonId) -> Option<&str> {
        self.people.get(&person).filter(|member| member.has_duty)?.variable.as_deref()
    }

    /// Of those who are arranged, who could not be chosen then for a reason of the hour: shifts, load, rank.
    pub fn away<'a>(&'a self, rejections: &'a [Rejection]) -> impl Iterator<Item = (&'a str, bool)> {
        rejections.iter().filter_map(|rejection| {
            let member = self.people.get(&rejection.person).filter(|member| member.has_duty)?;
            Some((member.variable.as_deref()?, is_of_the_hour(&rejection.reason)))
        })
    }

    fn place(
        &mut self,
        db: &Db,
        words: &Words,
        sub_client: Option<SubClientId>,
        site: Option<SiteId>,
        asset: Option<AssetId>,
        contact: Option<ContactId>,
    ) -> Result<(), StoreError> {
        if let Some(id) = sub_client {
            self.put_sub_client(db, id)?;
        }
        if let Some(id) = site {
            self.put_site(db, id)?;
        }
        if let Some(id) = asset {
            self.put_asset(db, words, id)?;
        }
        if let Some(id) = contact {
            self.put_contact(db, id)?;
        }
        Ok(())
    }

    fn put_sub_client(&mut self, db: &Db, id: SubClientId) -> Result<(), StoreError> {
        let Some(found) = store::client::get_sub(db, id)?.filter(|_| !self.sub_clients.contains_key(&id))
        else {
            return Ok(());
        };
        let number = self.sub_clients.len() + 1;
        let variable = format!("firm{number}");
        let mut options = vec![("name", quoted(&format!("Firm {number}")))];
        options.extend(found.support.map(|_| ("support", quoted(&format!("support{number}@example.com")))));
        self.lines.push(format!(
            "let {variable} = sub_client({}, {});",
            quoted(&found.key),
            options_of(options)
        ));
        self.sub_clients.insert(id, variable);
        Ok(())
    }

    fn put_site(&mut self, db: &Db, id: SiteId) -> Result<(), StoreError> {
        let Some(found) = store::place::site(db, id)?.filter(|_| !self.sites.contains_key(&id)) else {
            return Ok(());
        };
        if let Some(firm) = found.sub_client {
            self.put_sub_client(db, firm)?;
        }
        let number = self.sites.len() + 1;
        let variable = format!("site{number}");
        let mut options = vec![
            ("name", quoted(&format!("Site {number}"))),
            ("city", quoted(&found.city)),
            ("country", quoted(&found.country)),
            ("zone", quoted(&found.time_zone)),
        ];
        options.extend(found.calendar.map(|key| ("calendar", quoted(&key))));
        options.extend(found.district.map(|district| ("district", quoted(&district))));
        options.extend(found.location.map(|location| {
            let at = Degrees::from(location);
            ("location", format!("[{:?}, {:?}]", at.latitude, at.longitude))
        }));
        options.extend(
            found.sub_client.and_then(|firm| Some(("sub_client", self.sub_client(firm)?.to_owned()))),
        );
        self.lines.push(format!("let {variable} = site({});", options_of(options)));
        self.sites.insert(id, variable);
        Ok(())
    }

    fn put_asset(&mut self, db: &Db, words: &Words, id: AssetId) -> Result<(), StoreError> {
        let Some(found) = store::place::asset(db, id)?.filter(|_| !self.assets.contains_key(&id)) else {
            return Ok(());
        };
        if let Some(site) = found.site {
            self.put_site(db, site)?;
        }
        let number = self.assets.len() + 1;
        let variable = format!("asset{number}");
        let tag = if words.is_literal(&found.tag) { found.tag } else { format!("ASSET-{number}") };
        let mut options = vec![("model", quoted(&found.model))];
        if !found.certificates.is_empty() {
            options.push(("certificates", list(found.certificates.iter().map(String::as_str))));
        }
        options.extend(found.site.and_then(|site| Some(("site", self.site(site)?.to_owned()))));
        self.lines.push(format!("let {variable} = asset({}, {});", quoted(&tag), options_of(options)));
        self.assets.insert(id, variable);
        Ok(())
    }

    fn put_contact(&mut self, db: &Db, id: ContactId) -> Result<(), StoreError> {
        let Some(found) = store::place::contact(db, id)?.filter(|_| !self.contacts.contains_key(&id)) else {
            return Ok(());
        };
        if let Some(firm) = found.sub_client {
            self.put_sub_client(db, firm)?;
        }
        let number = self.contacts.len() + 1;
        let variable = format!("contact{number}");
        let mut options = Vec::new();
        options.extend(found.email.map(|_| ("email", quoted(&format!("contact{number}@example.com")))));
        options.extend(found.phone.map(|_| ("phone", quoted("+1 555 0100"))));
        options.extend(
            found.sub_client.and_then(|firm| Some(("sub_client", self.sub_client(firm)?.to_owned()))),
        );
        if store::person::of_contact(db, id)?.is_empty() {
            options.push(("login", "false".to_owned()));
        }
        let name = quoted(&format!("Contact {number}"));
        self.lines.push(format!("let {variable} = contact({name}, {});", options_of(options)));
        self.contacts.insert(id, variable);
        Ok(())
    }

    fn person(&mut self, db: &Db, history: &History, words: &Words, id: PersonId) -> Result<(), StoreError> {
        let Some(person) = store::person::get(db, id)? else { return Ok(()) };
        if let Affiliation::Contact { contact: Some(contact), .. } = person.affiliation {
            self.put_contact(db, contact)?;
            let variable = self.contacts.get(&contact).cloned();
            let name = variable.as_deref().unwrap_or_default().replace("contact", "Contact ");
            self.people.insert(id, Member { variable, name, has_duty: false });
            return Ok(());
        }
        let client = history.ticket.client;
        let grants = store::person::grants(db, id)?;
        let roles: Vec<Role> = grants
            .iter()
            .filter(|grant: &&Grant| grant.client.is_none_or(|of| of == client))
            .map(|grant| grant.role)
            .collect();
        let memberships = store::person::memberships(db, id)?;
        let queues: Vec<Key> = memberships
            .into_iter()
            .filter(|one| one.client.is_none_or(|of| of == client))
            .map(|one| one.queue)
            .filter(|queue| history.pack.queues.iter().any(|known| known.key == *queue))
            .collect();
        let number = self.people.len() + 1;
        // A login that the script names is nobody's secret.
        let named = |kind: &str| {
            if words.is_literal(&person.login) { person.login.clone() } else { format!("{kind} {number}") }
        };
        let Some((verb, first, kind)) = self.part(db, &person, &roles, &queues)? else {
            self.people
                .insert(id, Member { variable: None, name: "Administrator".to_owned(), has_duty: false });
            return Ok(());
        };
        let name = named(kind);
        let variable = format!("person{number}");
        let first = first.map(|first| format!("{}, ", quoted(&first))).unwrap_or_default();
        let options = options_of(person_options(&person, &queues));
        self.lines.push(format!("let {variable} = {verb}({first}{}, {options});", quoted(&name)));
        self.people.insert(id, Member { variable: Some(variable), name, has_duty: true });
        Ok(())
    }

    fn part(
        &mut self,
        db: &Db,
        person: &Person,
        roles: &[Role],
        queues: &[Key],
    ) -> Result<Option<Part>, StoreError> {
        if let Affiliation::Partner { partner } = person.affiliation {
            let key = store::place::partner(db, partner)?.map(|partner| partner.key.to_string());
            return Ok(Some((
                "partner_member",
                Some(key.unwrap_or_else(|| "partner".to_owned())),
                "Partner",
            )));
        }
        if person.engineer.is_some() {
            return Ok(Some(("engineer", None, "Engineer")));
        }
        if roles.len() > 1 {
            let (name, count) = ("somebody", roles.len());
            self.notes.push(format!("{name} has {count} roles for the client; a test gives a person one"));
        }
        for (role, verb, kind) in [
            (Role::Supervisor, "supervisor", "Supervisor"),
            (Role::Dispatcher, "dispatcher", "Dispatcher"),
            (Role::Operator, "operator", "Operator"),
            (Role::Controller, "controller", "Controller"),
        ] {
            if roles.contains(&role) {
                return Ok(Some((verb, None, kind)));
            }
        }
        Ok(match queues.first() {
            Some(queue) if roles.contains(&Role::DepartmentMember) => {
                Some(("member", Some(queue.to_string()), "Member"))
            }
            Some(_) => Some(("operator", None, "Operator")),
            None if roles.contains(&Role::Administrator) => None,
            None => Some(("operator", None, "Operator")),
        })
    }
}

fn person_options(person: &Person, queues: &[Key]) -> Vec<(&'static str, String)> {
    let mut options = Vec::new();
    if let Some(profile) = &person.engineer {
        options.push(("city", quoted(&profile.city)));
        options.push(("grade", profile.grade.to_string()));
    }
    for (name, texts) in [("certificates", person.all_certificates()), ("languages", person.all_languages())]
    {
        if !texts.is_empty() {
            options.push((name, list(texts.iter().map(String::as_str))));
        }
    }
    if !queues.is_empty() {
        options.push(("queues", list(queues.iter().map(Key::as_str))));
    }
    let territories: Vec<String> =
        person.service_area.territories.iter().map(|territory| String::from(territory.clone())).collect();
    if !territories.is_empty() {
        options.push(("territories", list(territories.iter().map(String::as_str))));
    }
    options.push(("capacity", person.capacity.to_string()));
    options
}

fn options_of(options: Vec<(&'static str, String)>) -> String {
    map(options.into_iter().map(|(name, value)| (name.to_owned(), value)))
}

/// Whether another hour or another load would have made the choice possible.
fn is_of_the_hour(reason: &RejectionReason) -> bool {
    matches!(
        reason,
        RejectionReason::OffDuty
            | RejectionReason::OffShift { .. }
            | RejectionReason::Absent { .. }
            | RejectionReason::AtCapacity { .. }
            | RejectionReason::Outranked { .. }
    )
}
