//! Who could be chosen for a ticket or a visit, with everything that the choice looks at.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_json, id, person::maybe_json, roster, statements};
use crate::domain::assignment::{AssignmentSettings, Candidate, Strategy};
use crate::domain::roster::{Duty, Presence};
use crate::domain::{AssetId, ClientId, Key, Moment, PersonId, TicketId};

statements! {
    ENGINEERS = "select distinct p.id, p.name, p.engineer, p.is_on_duty, p.capacity, p.certificates, p.languages,
        (select count(*) from work_order o where o.engineer = p.id and o.is_open = 1)
        from access_grant g join person p on p.id = g.person
        where g.role = 'engineer' and g.client in (0, ?1) and p.is_active = 1 order by p.id";
    MEMBERS = "select distinct p.id, p.name, p.engineer, p.is_on_duty, p.capacity, p.certificates, p.languages,
        (select count(*) from ticket t where t.assignee = p.id and t.phase <> 'closed' and t.phase <> 'resolved'
        and t.id <> ?3)
        from membership m join person p on p.id = m.person
        where m.queue = ?1 and m.client in (0, ?2) and p.is_active = 1 order by p.id";
    CARRIED = "select priority, count(*) from ticket where assignee = ?1 and phase <> 'closed' and phase <> 'resolved'
        and id <> ?2 group by priority";
    HAD_ASSET = "select max(id) from ticket where asset = ?1 and assignee = ?2 and id <> ?3";
    LAST_ASSIGNED = "select seq from last_assigned where person = ?1";
    NOTE_ASSIGNED = "insert into last_assigned (person, seq) values (?1, ?2)
        on conflict (person) do update set seq = excluded.seq";
}

/// For which ticket a member of a queue is looked for.
#[derive(Debug, Clone, Copy)]
pub struct MemberSearch<'a> {
    pub ticket: TicketId,
    pub client: ClientId,
    pub asset: Option<AssetId>,
    pub queue: &'a Key,
    pub strategy: &'a [Strategy],
    pub settings: &'a AssignmentSettings,
    pub at: Moment,
}

/// Engineers who serve the client, with their open work orders as load.
pub fn engineers(db: &Db, client: ClientId, at: Moment) -> Result<Vec<Candidate>, StoreError> {
    let mut candidates = db.all(ENGINEERS, [client.0], read)?;
    say_who_is_there(db, &mut candidates, Duty { client, queue: None }, at)?;
    Ok(candidates)
}

/// Members of a queue, with their open tickets as load. The ticket itself weighs on nobody: it is given anew.
pub fn members(db: &Db, search: &MemberSearch<'_>) -> Result<Vec<Candidate>, StoreError> {
    let MemberSearch { ticket, client, asset, queue, strategy, settings, at } = *search;
    let mut candidates = db.all(MEMBERS, params![queue.as_str(), client.0, ticket.0], read)?;
    say_who_is_there(db, &mut candidates, Duty { client, queue: Some(queue) }, at)?;
    let all_weigh_the_same = settings.weights.iter().all(|weight| *weight == settings.weights[0]);
    for candidate in &mut candidates {
        let person = candidate.person.0;
        candidate.weight = if all_weigh_the_same {
            candidate.load * settings.weights[0]
        } else {
            let carried =
                db.all(CARRIED, [person, ticket.0], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
            carried.into_iter().map(|(priority, count)| settings.weight(priority) * count).sum()
        };
        if strategy.contains(&Strategy::RoundRobin) {
            candidate.last_assigned = db.one(LAST_ASSIGNED, [person], |row| row.get(0))?;
        }
        if let Some(asset) = asset.filter(|_| strategy.contains(&Strategy::SamePersonAsAsset)) {
            candidate.had_asset = db.one(HAD_ASSET, [asset.0, person, ticket.0], |row| row.get(0))?.flatten();
        }
    }
    Ok(candidates)
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
        is_on_duty: row.get(3)?,
        presence: Presence::NotRostered,
        certificates,
        languages,
        load,
        weight: load,
        capacity: row.get(4)?,
        last_assigned: None,
        had_asset: None,
    })
}
