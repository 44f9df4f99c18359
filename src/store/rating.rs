//! Questions how a ticket was dealt with, and the answers.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, id, maybe_id, maybe_moment, moment, statements};
use crate::domain::rating::{Rating, SATISFIED_FROM};
use crate::domain::{ClientId, Moment, PersonId, TicketId};

statements! {
    PUT = "insert into rating (ticket, ordinal, client, contact, person, ask_at, asked_at, score, comment, rated_by, rated_at, settled_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        on conflict (ticket, ordinal) do update set contact = ?4, person = ?5, ask_at = ?6, asked_at = ?7, score = ?8, comment = ?9,
            rated_by = ?10, rated_at = ?11, settled_at = ?12";
    LAST = "select ticket, ordinal, client, contact, person, ask_at, asked_at, score, comment, rated_by, rated_at, settled_at
        from rating where ticket = ?1 order by ordinal desc limit 1";
    LAST_RATED = "select ticket, ordinal, client, contact, person, ask_at, asked_at, score, comment, rated_by, rated_at, settled_at
        from rating where ticket = ?1 and score is not null order by ordinal desc limit 1";
    REMOVE = "delete from rating where ticket = ?1 and ordinal = ?2";
    ASKED_WITHIN = "select person, count(*), count(score), count(case when score >= ?4 then 1 end), sum(score) from rating
        where client = ?1 and asked_at is not null and asked_at >= ?2 and asked_at < ?3 group by person order by person";
}

/// Of the questions that were put in a period about one person's work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RatedCount {
    /// Nothing: nobody had the ticket.
    pub person: Option<PersonId>,
    pub asked: i64,
    pub rated: i64,
    pub satisfied: i64,
    /// The sum of the scores.
    pub scores: i64,
}

/// Sets the row of the question.
pub fn put(tx: &Tx, rating: &Rating) -> Result<(), StoreError> {
    let at = |moment: Option<Moment>| moment.map(Moment::ms);
    tx.run(
        PUT,
        params![
            rating.ticket.0,
            rating.ordinal,
            rating.client.0,
            rating.contact.map(|id| id.0),
            rating.person.map(|id| id.0),
            rating.ask_at.ms(),
            at(rating.asked_at),
            rating.score,
            rating.comment.map(|id| id.0),
            rating.rated_by.map(|id| id.0),
            at(rating.rated_at),
            at(rating.settled_at),
        ],
    )
    .map(drop)
}

pub fn remove(tx: &Tx, ticket: TicketId, ordinal: i64) -> Result<(), StoreError> {
    tx.run(REMOVE, params![ticket.0, ordinal]).map(drop)
}

/// The ticket's latest question.
pub fn last(db: &Db, ticket: TicketId) -> Result<Option<Rating>, StoreError> {
    db.one(LAST, [ticket.0], read)
}

/// The ticket's latest question that was answered.
pub fn last_rated(db: &Db, ticket: TicketId) -> Result<Option<Rating>, StoreError> {
    db.one(LAST_RATED, [ticket.0], read)
}

/// Of the client's questions from `from` to `to`, by whose work they are about.
pub fn asked_within(
    db: &Db,
    client: ClientId,
    from: Moment,
    to: Moment,
) -> Result<Vec<RatedCount>, StoreError> {
    db.all(ASKED_WITHIN, params![client.0, from.ms(), to.ms(), SATISFIED_FROM], |row| {
        Ok(RatedCount {
            person: maybe_id(row, 0)?,
            asked: row.get(1)?,
            rated: row.get(2)?,
            satisfied: row.get(3)?,
            scores: row.get::<_, Option<i64>>(4)?.unwrap_or(0),
        })
    })
}

fn read(row: &Row<'_>) -> rusqlite::Result<Rating> {
    Ok(Rating {
        ticket: id(row, 0)?,
        ordinal: row.get(1)?,
        client: id(row, 2)?,
        contact: maybe_id(row, 3)?,
        person: maybe_id(row, 4)?,
        ask_at: moment(row, 5)?,
        asked_at: maybe_moment(row, 6)?,
        score: row.get(7)?,
        comment: maybe_id(row, 8)?,
        rated_by: maybe_id(row, 9)?,
        rated_at: maybe_moment(row, 10)?,
        settled_at: maybe_moment(row, 11)?,
    })
}
