//! Who could be chosen for a ticket or a visit, with everything that the choice looks at.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_json, id, person::maybe_json, place, roster, specialist, statements};
use crate::domain::assignment::{Candidate, Strategy, Wanted};
use crate::domain::client::Site;
use crate::domain::geography::{ServiceArea, is_same};
use crate::domain::roster::{Duty, Presence};
use crate::domain::specialist::Knows;
use crate::domain::ticket::Ticket;
use crate::domain::{Moment, PersonId};

statements! {
    ENGINEERS = "select distinct p.id, p.name, p.engineer, p.is_on_duty, p.capacity, p.certificates, p.languages,
        (select count(*) from work_order o where o.engineer = p.id and o.is_open = 1),
        (select count(*) from work_order o where o.engineer = p.id and o.is_open = 1 and o.ticket = ?2)
        from access_grant g join person p on p.id = g.person
        where g.role = 'engineer' and g.client in (0, ?1) and p.is_active = 1 order by p.id";
    MEMBERS = "select distinct p.id, p.name, p.engineer, p.is_on_duty, p.capacity, p.certificates, p.languages,
        (select count(*) from ticket t where t.assignee = p.id and t.phase <> 'closed' and t.phase <> 'resolved'
        and t.id <> ?3), 0
        from membership m join person p on p.id = m.person
        where m.queue = ?1 and m.client in (0, ?2) and p.is_active = 1 order by p.id";
    CARRIED = "select priority, count(*) from ticket where assignee = ?1 and phase <> 'closed' and phase <> 'resolved'
        and id <> ?2 group by priority";
    HAD_ASSET = "select max(id) from ticket where asset = ?1 and assignee = ?2 and id <> ?3";
    VISITED_ASSET = "select max(o.id) from ticket t join work_order o on o.ticket = t.id
        where t.asset = ?1 and o.engineer = ?2 and o.arrived_at is not null and t.id <> ?3";
    SERVICE_AREA = "select service_area from person where id = ?1";
    LAST_ORDER = "select max(id) from work_order where engineer = ?1";
    LAST_ASSIGNED = "select seq from last_assigned where person = ?1";
    NOTE_ASSIGNED = "insert into last_assigned (person, seq) values (?1, ?2)
        on conflict (person) do update set seq = excluded.seq where last_assigned.seq < excluded.seq";
}

/// Who could be chosen for a ticket or a visit, as things stand at `at`. Of members of a queue, the caller still says
/// whose role lets them serve.
pub fn gather(db: &Db, ticket: &Ticket, wanted: &Wanted, at: Moment) -> Result<Vec<Candidate>, StoreError> {
    let queue = wanted.queue.as_ref();
    let mut candidates = match queue {
        Some(queue) => db.all(MEMBERS, params![queue.as_str(), ticket.client.0, ticket.id.0], read)?,
        None => db.all(ENGINEERS, [ticket.client.0, ticket.id.0], read)?,
    };
    say_who_is_there(db, &mut candidates, Duty { client: ticket.client, queue }, at)?;
    let place = Place::read(db, ticket, wanted)?;
    for candidate in &mut candidates {
        place.say(db, ticket, at, candidate)?;
        candidate.weight = weight(db, ticket, wanted, candidate)?;
        if wanted.strategy.contains(&Strategy::RoundRobin) {
            let sql = if queue.is_some() { LAST_ASSIGNED } else { LAST_ORDER };
            candidate.last_assigned = db.one(sql, [candidate.person.0], |row| row.get(0))?.flatten();
        }
        if let Some(asset) = ticket.asset.filter(|_| wanted.strategy.contains(&Strategy::SamePersonAsAsset)) {
            let sql = if queue.is_some() { HAD_ASSET } else { VISITED_ASSET };
            let about = [asset.0, candidate.person.0, ticket.id.0];
            candidate.had_asset = db.one(sql, about, |row| row.get(0))?.flatten();
        }
    }
    Ok(candidates)
}

/// What of the ticket's place and thing the strategies look at; what none of them asks for is not read.
#[derive(Debug, Default)]
struct Place {
    site: Option<Site>,
    model: Option<String>,
    asks_for_knowledge: bool,
}

impl Place {
    fn read(db: &Db, ticket: &Ticket, wanted: &Wanted) -> Result<Place, StoreError> {
        let asks_for =
            |strategies: &[Strategy]| strategies.iter().any(|strategy| wanted.strategy.contains(strategy));
        let mut read = Place::default();
        if asks_for(&[Strategy::City, Strategy::Territory, Strategy::Distance]) {
            read.site = ticket.site.map_or(Ok(None), |site| place::site(db, site))?;
        }
        if asks_for(&[Strategy::ProductSpecialist]) {
            let asset = ticket.asset.map_or(Ok(None), |asset| place::asset(db, asset))?;
            read.model = asset.map(|asset| asset.model);
        }
        read.asks_for_knowledge =
            asks_for(&[Strategy::ClientSpecialist, Strategy::ProductSpecialist, Strategy::TechnicalManager]);
        Ok(read)
    }

    fn say(&self, db: &Db, ticket: &Ticket, at: Moment, candidate: &mut Candidate) -> Result<(), StoreError> {
        if self.asks_for_knowledge {
            let valid = specialist::valid(db, candidate.person, at)?;
            candidate.knows = Knows::of(&valid, ticket, self.model.as_deref());
        }
        if let Some(site) = &self.site {
            let service_area =
                db.one(SERVICE_AREA, [candidate.person.0], |row| from_json::<ServiceArea>(row, 0))?;
            let service_area = service_area.unwrap_or_default();
            let profile = candidate.engineer.as_ref();
            candidate.lives_in_city = profile.is_some_and(|own| is_same(&own.city, &site.city));
            candidate.serves = service_area.fit(site);
            let ends = service_area.location.zip(site.location);
            candidate.distance_m = ends.map(|(from, to)| from.distance_m(to));
        }
        Ok(())
    }
}

/// What the candidate's open work weighs. The ticket itself weighs on nobody: it is given anew.
fn weight(db: &Db, ticket: &Ticket, wanted: &Wanted, candidate: &Candidate) -> Result<i64, StoreError> {
    let all_weigh_the_same = wanted.weights.iter().all(|weight| *weight == wanted.weights[0]);
    if wanted.queue.is_none() || all_weigh_the_same {
        return Ok(candidate.load * wanted.weights[0]);
    }
    let about = [candidate.person.0, ticket.id.0];
    let carried = db.all(CARRIED, about, |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
    Ok(carried.into_iter().map(|(priority, count)| wanted.weight(priority) * count).sum())
}

fn say_who_is_there(
    db: &Db,
    candidates: &mut [Candidate],
    duty: Duty<'_>,
    at: Moment,
) -> Result<(), StoreError> {
    if roster::is_empty(db)? {
        return Ok(());
    }
    for candidate in candidates {
        candidate.presence = roster::of_person(db, candidate.person, duty, at)?.presence(duty, at);
    }
    Ok(())
}

/// The person's turn is over: `seq` is the event by which a ticket was given.
pub fn note_assigned(tx: &Tx, person: PersonId, seq: i64) -> Result<(), StoreError> {
    tx.run(NOTE_ASSIGNED, [person.0, seq]).map(drop)
}

/// The profile's certificates and languages are the person's too.
fn read(row: &Row<'_>) -> rusqlite::Result<Candidate> {
    let engineer: Option<crate::domain::person::EngineerProfile> = maybe_json(row, 2)?;
    let mut certificates: Vec<String> = from_json(row, 5)?;
    let mut languages: Vec<String> = from_json(row, 6)?;
    if let Some(profile) = &engineer {
        certificates.extend_from_slice(&profile.certificates);
        languages.extend_from_slice(&profile.languages);
    }
    let load = row.get(7)?;
    Ok(Candidate {
        person: id(row, 0)?,
        name: row.get(1)?,
        engineer,
        may_serve: true,
        has_order: row.get::<_, i64>(8)? > 0,
        is_on_duty: row.get(3)?,
        presence: Presence::NotRostered,
        certificates,
        languages,
        load,
        weight: load,
        capacity: row.get(4)?,
        last_assigned: None,
        had_asset: None,
        knows: Knows::default(),
        lives_in_city: false,
        serves: None,
        distance_m: None,
    })
}
