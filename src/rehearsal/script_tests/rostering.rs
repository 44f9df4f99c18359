//! Rostering: who has a shift, who is away, who is there, and why the others did not get a ticket.

use rhai::{Array, Dynamic, Engine, ImmutableString, Map};

use super::bench::{Bench, Outcome, wrong};
use super::handles::{PersonHandle, SubClientHandle, TicketHandle};
use super::options::Options;
use super::story;
use super::time::moment;
use crate::domain::command::{Command, NameSpecialist, PutAbsence, PutShift};
use crate::domain::event::Event;
use crate::domain::roster::{AbsenceKind, Duty, ShiftKind};
use crate::domain::specialist::Speciality;
use crate::domain::{ClientId, PersonId, SubClientId};
use crate::store;

const SHIFT: &[&str] = &["kind", "rate_percent", "queue", "zone", "note"];
const ABSENCE: &[&str] = &["zone"];
const SPECIALIST: &[&str] = &["model", "category", "sub_client"];
const MANAGER: &[&str] = &["sub_client"];

/// Registers a function of a person and two times, with and without options.
macro_rules! of_a_period {
    ($engine:ident, $bench:ident, $verb:literal, $make:path) => {
        let own = $bench.clone();
        $engine.register_fn($verb, move |who: Dynamic, from: ImmutableString, to: ImmutableString| {
            $make(&own, &who, (&from, &to), Map::new())
        });
        let own = $bench.clone();
        $engine.register_fn(
            $verb,
            move |who: Dynamic, from: ImmutableString, to: ImmutableString, options: Map| {
                $make(&own, &who, (&from, &to), options)
            },
        );
    };
}

pub fn register(engine: &mut Engine, bench: &Bench) {
    of_a_period!(engine, bench, "shift", put_shift);
    of_a_period!(engine, bench, "absence", put_absence);
    for (verb, make) in [
        ("specialist", specialist as fn(&Bench, &Options) -> Outcome<Speciality>),
        ("technical_manager", technical_manager),
    ] {
        let own = bench.clone();
        engine.register_fn(verb, move |who: Dynamic| name_specialist(&own, &who, verb, make, Map::new()));
        let own = bench.clone();
        engine.register_fn(verb, move |who: Dynamic, options: Map| {
            name_specialist(&own, &who, verb, make, options)
        });
    }
    engine.register_get("on_shift", |own: &mut PersonHandle| is_on_shift(own));
    engine.register_get("rejections", |own: &mut TicketHandle| rejections(own));
}

fn put_shift(bench: &Bench, who: &Dynamic, (from, to): (&str, &str), options: Map) -> Outcome<()> {
    let options = Options::new("shift", options, SHIFT)?;
    let zone = zone(bench, &options)?;
    let kind = options.text("kind")?.unwrap_or_else(|| "regular".to_owned());
    let kind = ShiftKind::read(&kind, options.number("rate_percent")?);
    let put = PutShift {
        id: None,
        version: None,
        person: person(bench, who)?,
        from: moment(from, &zone)?,
        to: moment(to, &zone)?,
        kind: kind.map_err(|why| wrong(format!("shift: {why}")))?,
        queue: options.key("queue")?,
        client: Some(client(bench)?),
        note: options.text("note")?,
        series: None,
    };
    bench.arrange(Command::PutShift(Box::new(put))).map(drop)
}

fn put_absence(bench: &Bench, who: &Dynamic, (from, to): (&str, &str), options: Map) -> Outcome<()> {
    let options = Options::new("absence", options, ABSENCE)?;
    let zone = zone(bench, &options)?;
    let put = PutAbsence {
        id: None,
        version: None,
        person: person(bench, who)?,
        from: moment(from, &zone)?,
        to: moment(to, &zone)?,
        kind: AbsenceKind::Other,
    };
    bench.arrange(Command::PutAbsence(Box::new(put))).map(drop)
}

/// Names a person a specialist from now on.
fn name_specialist(
    bench: &Bench,
    who: &Dynamic,
    verb: &'static str,
    make: fn(&Bench, &Options) -> Outcome<Speciality>,
    options: Map,
) -> Outcome<()> {
    let known = if verb == "specialist" { SPECIALIST } else { MANAGER };
    let options = Options::new(verb, options, known)?;
    let (person, of) = (person(bench, who)?, make(bench, &options)?);
    let name = NameSpecialist { person, of, valid_from: None, valid_to: None };
    bench.arrange(Command::NameSpecialist(Box::new(name))).map(drop)
}

/// Of a model or a category; of neither: of the client, or of a sub-client.
fn specialist(bench: &Bench, options: &Options) -> Outcome<Speciality> {
    let client = client(bench)?;
    Ok(match (options.text("model")?, options.key("category")?) {
        (Some(model), None) => Speciality::Model { client: None, model },
        (None, Some(category)) => Speciality::Category { client, category },
        (None, None) => Speciality::Client { client, sub_client: sub_client(options)? },
        (Some(_), Some(_)) => {
            return Err(wrong("specialist: name a `model` or a `category`, not both".to_owned()));
        }
    })
}

fn technical_manager(bench: &Bench, options: &Options) -> Outcome<Speciality> {
    Ok(Speciality::TechnicalManager { client: client(bench)?, sub_client: sub_client(options)? })
}

fn sub_client(options: &Options) -> Outcome<Option<SubClientId>> {
    let found = options.handle::<SubClientHandle>("sub_client", "what `sub_client(...)` made")?;
    Ok(found.map(|found| found.id))
}

fn zone(bench: &Bench, options: &Options) -> Outcome<String> {
    match options.text("zone")? {
        Some(zone) => Ok(zone),
        None => bench.with(|state| Ok(state.desk.pack.calendar.time_zone.clone())),
    }
}

fn client(bench: &Bench) -> Outcome<ClientId> {
    bench.with(|state| Ok(state.desk.client))
}

/// What the test made, or a login.
fn person(bench: &Bench, who: &Dynamic) -> Outcome<PersonId> {
    if let Some(handle) = who.read_lock::<PersonHandle>() {
        return Ok(handle.id);
    }
    let Some(login) = who.read_lock::<ImmutableString>() else {
        return Err(wrong(format!("a person or a login is wanted, not {}", who.type_name())));
    };
    let found = bench.read(|desk| store::person::by_login(desk.db(), &login))?;
    found.map(|person| person.id).ok_or_else(|| wrong(format!("nobody has the login `{}`", *login)))
}

/// As scripts see it.
fn is_on_shift(own: &PersonHandle) -> Outcome<bool> {
    if !own.look(|person| person.is_active && person.is_on_duty)? {
        return Ok(false);
    }
    let (client, now) = (client(&own.bench)?, own.bench.now()?);
    let duty = Duty { client, queue: None };
    let roster = own.bench.read(|desk| store::roster::of_person(desk.db(), own.id, duty, now))?;
    Ok(roster.presence(duty, now).is_available())
}

/// Of the last choice that the desk made for the ticket: everybody else, and why not.
fn rejections(own: &TicketHandle) -> Outcome<Array> {
    let chosen = story::events(own)?.into_iter().rev().find_map(|event| match event {
        Event::TicketAssigned { rejections, .. } | Event::AssignmentFailed { rejections, .. } => {
            Some(rejections)
        }
        Event::WorkOrderOpened(opened) => Some(opened.rejections),
        _ => None,
    });
    let line = |rejection: crate::domain::assignment::Rejection| {
        let name = PersonHandle::new(&own.bench, rejection.person).look(|person| person.name.clone())?;
        Ok(format!("{name}: {}", rejection.reason).into())
    };
    chosen.unwrap_or_default().into_iter().map(line).collect()
}
