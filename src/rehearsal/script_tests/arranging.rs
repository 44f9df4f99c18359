//! Arranging: sub-clients, sites, assets, contacts, people.

use std::collections::BTreeSet;

use rhai::{Engine, ImmutableString, Map};

use super::bench::{Bench, Outcome, wrong};
use super::contracting::set_named;
use super::handles::{AssetHandle, ContactHandle, PartnerHandle, PersonHandle, SiteHandle, SubClientHandle};
use super::options::{Options, key};
use crate::domain::command::{Command, PutAsset, PutContact, PutPerson, PutSite, PutSubClient, Switch};
use crate::domain::geography::ServiceArea;
use crate::domain::person::{Affiliation, EngineerProfile, Grant, Membership, Role};
use crate::domain::{AssetId, ClientId, ContactId, Key, PartnerId, PersonId, SiteId, SubClientId};
use crate::rehearsal::second_desk::made;

const SITE: &[&str] =
    &["name", "address", "city", "country", "zone", "sub_client", "calendar", "district", "location"];
const ASSET: &[&str] = &["site", "serial", "model", "certificates"];
const ENGINEER: &[&str] = &[
    "city",
    "grade",
    "certificates",
    "languages",
    "capacity",
    "lead",
    "queues",
    "on_duty",
    "location",
    "territories",
];
const STAFF: &[&str] =
    &["queues", "capacity", "on_duty", "certificates", "languages", "location", "territories"];
/// Open work that an engineer, or anybody else, carries at once unless the test says otherwise.
const ENGINEER_CAPACITY: i64 = 3;
const STAFF_CAPACITY: i64 = 10;

pub fn register(engine: &mut Engine, bench: &Bench) {
    register_places(engine, bench);
    register_engineers(engine, bench);
    for (verb, role) in [
        ("operator", Role::Operator),
        ("dispatcher", Role::Dispatcher),
        ("supervisor", Role::Supervisor),
        ("controller", Role::Controller),
    ] {
        register_staff(engine, bench, verb, role);
    }
    register_members(engine, bench);
    register_partners(engine, bench);
    register_duty(engine);
}

/// Registers a function of a name, with and without options.
macro_rules! named {
    ($engine:ident, $bench:ident, $verb:expr, $make:expr) => {
        let own = $bench.clone();
        $engine.register_fn($verb, move |name: ImmutableString| $make(&own, &name, Map::new()));
        let own = $bench.clone();
        $engine.register_fn($verb, move |name: ImmutableString, options: Map| $make(&own, &name, options));
    };
}

/// Registers a function of two names, with and without options.
macro_rules! twice_named {
    ($engine:ident, $bench:ident, $verb:expr, $make:expr) => {
        let own = $bench.clone();
        $engine.register_fn($verb, move |first: ImmutableString, second: ImmutableString| {
            $make(&own, &first, &second, Map::new())
        });
        let own = $bench.clone();
        $engine.register_fn($verb, move |first: ImmutableString, second: ImmutableString, options: Map| {
            $make(&own, &first, &second, options)
        });
    };
}

fn register_places(engine: &mut Engine, bench: &Bench) {
    named!(engine, bench, "sub_client", put_sub_client);
    let own = bench.clone();
    engine.register_fn("site", move |options: Map| put_site(&own, options));
    named!(engine, bench, "asset", put_asset);
    named!(engine, bench, "contact", put_contact);
}

fn register_engineers(engine: &mut Engine, bench: &Bench) {
    named!(engine, bench, "engineer", put_engineer);
}

fn register_staff(engine: &mut Engine, bench: &Bench, verb: &'static str, role: Role) {
    let make = move |bench: &Bench, name: &str, options: Map| {
        let options = Options::new(verb, options, STAFF)?;
        let queues = options.keys("queues")?;
        put_person(bench, name, Affiliation::Staff, None, &options, role, queues)
    };
    named!(engine, bench, verb, make);
}

fn register_members(engine: &mut Engine, bench: &Bench) {
    let make = |bench: &Bench, department: &str, name: &str, options: Map| {
        let options = Options::new("member", options, STAFF)?;
        let department = own_queue(bench, department)?;
        let mut queues = options.keys("queues")?;
        queues.insert(department.clone());
        let role = Role::DepartmentMember;
        let member = put_person(bench, name, Affiliation::Staff, None, &options, role, queues)?;
        bench.with(|state| {
            state.members.entry(department).or_insert(member.id);
            Ok(())
        })?;
        Ok::<_, Box<rhai::EvalAltResult>>(member)
    };
    twice_named!(engine, bench, "member", make);
}

fn register_partners(engine: &mut Engine, bench: &Bench) {
    let own = bench.clone();
    engine.register_fn("partner", move |name: ImmutableString| -> Outcome<PartnerHandle> {
        partner(&own, &key(&name)?).map(|id| PartnerHandle::new(&own, id))
    });
    let make = |bench: &Bench, organisation: &str, name: &str, options: Map| {
        let options = Options::new("partner_member", options, STAFF)?;
        let affiliation = Affiliation::Partner { partner: partner(bench, &key(organisation)?)? };
        let queues = options.keys("queues")?;
        put_person(bench, name, affiliation, None, &options, Role::PartnerMember, queues)
    };
    twice_named!(engine, bench, "partner_member", make);
}

fn register_duty(engine: &mut Engine) {
    engine.register_fn("goes_off_duty", |person: &mut PersonHandle| set_duty(person, Duty::Off));
    engine.register_fn("comes_on_duty", |person: &mut PersonHandle| set_duty(person, Duty::On));
}

fn client(bench: &Bench) -> Outcome<ClientId> {
    bench.with(|state| Ok(state.desk.client))
}

fn put_sub_client(bench: &Bench, name: &str, options: Map) -> Outcome<SubClientHandle> {
    let options = Options::new("sub_client", options, &["name", "support"])?;
    let put = PutSubClient {
        id: None,
        version: None,
        client: client(bench)?,
        key: key(name)?,
        name: options.text("name")?.unwrap_or_else(|| name.to_owned()),
        support: options.text("support")?,
    };
    let done = bench.arrange(Command::PutSubClient(Box::new(put)))?;
    Ok(SubClientHandle::new(bench, SubClientId(made(&done))))
}

fn put_site(bench: &Bench, options: Map) -> Outcome<SiteHandle> {
    let options = Options::new("site", options, SITE)?;
    let city = options.text("city")?.unwrap_or_else(|| "Moscow".to_owned());
    let address = options.text("address")?.unwrap_or_else(|| format!("{city}, Main street 1"));
    let put = PutSite {
        id: None,
        version: None,
        client: client(bench)?,
        sub_client: sub_client(&options)?,
        name: options.text("name")?.unwrap_or_else(|| address.clone()),
        address,
        city,
        country: options.text("country")?.unwrap_or_else(|| "RU".to_owned()),
        time_zone: match options.text("zone")? {
            Some(zone) => zone,
            None => bench.with(|state| Ok(state.desk.pack.calendar.time_zone.clone()))?,
        },
        calendar: options.text("calendar")?.map(|name| key(&name)).transpose()?,
        district: options.text("district")?,
        location: options.location("location")?,
    };
    let done = bench.arrange(Command::PutSite(Box::new(put)))?;
    Ok(SiteHandle::new(bench, SiteId(made(&done))))
}

fn sub_client(options: &Options) -> Outcome<Option<SubClientId>> {
    let found = options.handle::<SubClientHandle>("sub_client", "what `sub_client(...)` made")?;
    Ok(found.map(|found| found.id))
}

fn put_asset(bench: &Bench, tag: &str, options: Map) -> Outcome<AssetHandle> {
    let options = Options::new("asset", options, ASSET)?;
    let site = options.handle::<SiteHandle>("site", "what `site(...)` made")?;
    let put = PutAsset {
        id: None,
        version: None,
        client: client(bench)?,
        site: site.map(|site| site.id),
        tag: tag.to_owned(),
        serial: options.text("serial")?.unwrap_or_else(|| format!("S-{tag}")),
        model: options.text("model")?.unwrap_or_else(|| "Standard".to_owned()),
        certificates: options.texts("certificates")?,
        is_active: true,
    };
    let done = bench.arrange(Command::PutAsset(Box::new(put)))?;
    Ok(AssetHandle::new(bench, AssetId(made(&done))))
}

/// The contact, and a person who logs in as it.
fn put_contact(bench: &Bench, name: &str, options: Map) -> Outcome<ContactHandle> {
    let options = Options::new("contact", options, &["sub_client", "email", "phone", "named", "login"])?;
    let client = client(bench)?;
    let put = PutContact {
        id: None,
        version: None,
        client,
        sub_client: sub_client(&options)?,
        name: name.to_owned(),
        email: options.text("email")?,
        phone: options.text("phone")?,
    };
    let done = bench.arrange(Command::PutContact(Box::new(put)))?;
    let contact = ContactId(made(&done));
    if options.flag("named")?.unwrap_or(false) {
        set_named(bench, contact, Switch::On)?;
    }
    if options.flag("login")? == Some(false) {
        return Ok(ContactHandle::new(bench, contact));
    }
    let affiliation = Affiliation::Contact { client, contact: Some(contact) };
    let no_options = Options::new("contact", Map::new(), &[])?;
    put_person(bench, name, affiliation, None, &no_options, Role::ClientContact, BTreeSet::new())?;
    Ok(ContactHandle::new(bench, contact))
}

fn put_engineer(bench: &Bench, name: &str, options: Map) -> Outcome<PersonHandle> {
    let options = Options::new("engineer", options, ENGINEER)?;
    let lead = options.handle::<PersonHandle>("lead", "a person")?;
    let profile = EngineerProfile {
        grade: options.number("grade")?.unwrap_or(1),
        city: options.text("city")?.unwrap_or_else(|| "Moscow".to_owned()),
        certificates: options.texts("certificates")?,
        languages: options.texts("languages")?,
        lead: lead.map(|lead| lead.id),
    };
    let queues = options.keys("queues")?;
    put_person(bench, name, Affiliation::Staff, Some(profile), &options, Role::Engineer, queues)
}

fn put_person(
    bench: &Bench,
    name: &str,
    affiliation: Affiliation,
    engineer: Option<EngineerProfile>,
    options: &Options,
    role: Role,
    queues: BTreeSet<Key>,
) -> Outcome<PersonHandle> {
    for queue in &queues {
        own_queue(bench, queue)?;
    }
    // An engineer's stand in the profile.
    let is_engineer = engineer.is_some();
    let capacity = if is_engineer { ENGINEER_CAPACITY } else { STAFF_CAPACITY };
    let (language, time_zone) =
        bench.with(|state| Ok((state.desk.pack.language, state.desk.pack.calendar.time_zone.clone())))?;
    let put = PutPerson {
        id: None,
        version: None,
        login: name.to_lowercase().split_whitespace().collect::<Vec<_>>().join("."),
        name: name.to_owned(),
        email: None,
        phone: None,
        language,
        time_zone,
        affiliation,
        certificates: (!is_engineer).then(|| options.texts("certificates")).transpose()?,
        languages: (!is_engineer).then(|| options.texts("languages")).transpose()?,
        engineer,
        service_area: Some(ServiceArea {
            location: options.location("location")?,
            territories: options.territories("territories")?,
        }),
        capacity: options.number("capacity")?.unwrap_or(capacity),
        is_on_duty: options.flag("on_duty")?.unwrap_or(true),
        is_active: true,
    };
    let person = PersonId(made(&bench.arrange(Command::PutPerson(Box::new(put)))?));
    let client = Some(client(bench)?);
    let grants = BTreeSet::from([Grant { role, client }]);
    let memberships = queues.into_iter().map(|queue| Membership { queue, client }).collect();
    bench.arrange(Command::SetAccess { person, grants, memberships })?;
    Ok(PersonHandle::new(bench, person))
}

/// A queue that the pack has: a membership of another would never be noticed.
fn own_queue(bench: &Bench, queue: &str) -> Outcome<Key> {
    let queue = key(queue)?;
    bench.with(|state| {
        let found = state.desk.pack.require_queue("queue", &queue);
        found.map(drop).map_err(|refusal| wrong(refusal.to_string()))
    })?;
    Ok(queue)
}

fn partner(bench: &Bench, key: &Key) -> Outcome<PartnerId> {
    if let Some(known) = bench.with(|state| Ok(state.partners.get(key).copied()))? {
        return Ok(known);
    }
    let put = Command::PutPartner { id: None, version: None, key: key.clone(), name: key.to_string() };
    let id = PartnerId(made(&bench.arrange(put)?));
    bench.with(|state| {
        state.partners.insert(key.clone(), id);
        Ok(id)
    })
}

enum Duty {
    On,
    Off,
}

fn set_duty(handle: &PersonHandle, duty: Duty) -> Outcome<()> {
    let person = handle.look(Clone::clone)?;
    let put = PutPerson {
        id: Some(person.id),
        version: Some(person.version),
        login: person.login,
        name: person.name,
        email: person.email,
        phone: person.phone,
        language: person.language,
        time_zone: person.time_zone,
        affiliation: person.affiliation,
        engineer: person.engineer,
        certificates: None,
        languages: None,
        service_area: None,
        capacity: person.capacity,
        is_on_duty: matches!(duty, Duty::On),
        is_active: person.is_active,
    };
    handle.bench.arrange(Command::PutPerson(Box::new(put))).map(drop)
}
