//! What contracts live on: named contacts, adjustments, what tickets are covered, raised priorities, sums of a month.

use rusqlite::{Row, params};

use super::{
    Db, StoreError, Tx, from_json, from_word, id, json, key, maybe_id, maybe_moment, moment, statements, word,
};
use crate::domain::contract::{
    Adjustment, Asking, BalanceUnit, Coverage, Draw, DrawKind, NamedContact, RaiseLine, Spent,
};
use crate::domain::ticket::{LinkKind, Ticket};
use crate::domain::{ClientId, ContactId, Moment, NamedContactId, PackVersionId, SubClientId, TicketId};

statements! {
    NAMED_OF_CONTACT = "select id, client, contact, valid_from, valid_until, author, recorded_at from named_contact
        where contact = ?1 order by valid_from desc, id desc";
    NAMED_OF_CLIENT = "select id, client, contact, valid_from, valid_until, author, recorded_at from named_contact
        where client = ?1 and (valid_until is null or valid_until > ?2) order by valid_from, id";
    NAMED_AT = "select 1 from named_contact where contact = ?1 and valid_from <= ?2
        and (valid_until is null or valid_until > ?2) limit 1";
    INSERT_NAMED = "insert into named_contact (id, client, contact, valid_from, valid_until, author, recorded_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    END_NAMED = "update named_contact set valid_until = ?2 where id = ?1 and valid_until is null";
    INSERT_ADJUSTMENT = "insert into balance_adjustment (id, client, sub_client, valid_from, unit, amount, kind, reason,
        author, recorded_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    ADJUSTMENTS = "select id, client, sub_client, valid_from, unit, amount, kind, reason, author, recorded_at
        from balance_adjustment where client = ?1 and sub_client = ?2 and valid_from >= ?3 and valid_from < ?4
        order by valid_from, id limit ?5";
    ADJUSTED = "select cast(coalesce(sum(amount), 0) as bigint) from balance_adjustment where client = ?1
        and sub_client = ?2 and unit = ?3 and valid_from >= ?4 and valid_from < ?5";
    COVERAGE = "select sub_client, coverage from ticket_coverage where ticket = ?1";
    PUT_COVERAGE = "insert into ticket_coverage (ticket, client, sub_client, coverage, draws, asked_at)
        values (?1, ?2, ?3, ?4, ?5, ?6)
        on conflict (ticket) do update set sub_client = ?3, coverage = ?4, draws = ?5";
    REQUESTS = "select ticket, asked_at from ticket_coverage where client = ?1 and sub_client = ?2 and draws = 1
        and asked_at >= ?3 and asked_at < ?4 order by asked_at, ticket limit ?5";
    REQUESTS_COUNT = "select count(*) from ticket_coverage where client = ?1 and sub_client = ?2 and draws = 1
        and asked_at >= ?3 and asked_at < ?4 and ticket <> ?5";
    ENTRIES = "select e.ticket, e.began_at, e.minutes, e.id, e.person from time_entry e
        join ticket_coverage c on c.ticket = e.ticket where e.client = ?1 and c.sub_client = ?2 and c.draws = 1
        and e.began_at >= ?3 and e.began_at < ?4 and e.taken_back_at is null order by e.began_at, e.id limit ?5";
    ENTRIES_SUM = "select cast(coalesce(sum(e.minutes), 0) as bigint) from time_entry e
        join ticket_coverage c on c.ticket = e.ticket where e.client = ?1 and c.sub_client = ?2 and c.draws = 1
        and e.began_at >= ?3 and e.began_at < ?4 and e.taken_back_at is null and e.ticket <> ?5";
    ENTRIES_OF_TICKET = "select cast(coalesce(sum(e.minutes), 0) as bigint) from time_entry e
        join ticket_coverage c on c.ticket = e.ticket where e.ticket = ?1 and c.draws = 1
        and e.began_at >= ?2 and e.began_at < ?3 and e.taken_back_at is null";
    INSERT_RAISE = "insert into priority_raise (id, ticket, client, sub_client, raised_at, from_priority, to_priority,
        charge, amount, unit, package, agreed_by, author) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    RAISES = "select id, ticket, client, sub_client, raised_at, from_priority, to_priority, charge, amount, unit,
        package, agreed_by, author from priority_raise where client = ?1 and sub_client = ?2 and raised_at >= ?3
        and raised_at < ?4 order by raised_at, id limit ?5";
    RAISED = "select cast(coalesce(sum(amount), 0) as bigint) from priority_raise where client = ?1 and sub_client = ?2
        and unit = ?3 and raised_at >= ?4 and raised_at < ?5 and ticket <> ?6";
    RAISED_ON_TICKET = "select cast(coalesce(sum(amount), 0) as bigint) from priority_raise where ticket = ?1
        and unit = ?2 and raised_at >= ?3 and raised_at < ?4";
    VERSION_BEFORE = "select id from pack_version where client = ?1 and published_at < ?2
        order by ordinal desc limit 1";
    FIRST_VERSION_AT = "select published_at from pack_version where client = ?1 order by ordinal limit 1";
}

/// Whose balance: the client's, or that of a sub-client with a contract of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    pub client: ClientId,
    pub sub_client: Option<SubClientId>,
}

impl Holder {
    /// 0: the client itself.
    fn sub(self) -> i64 {
        self.sub_client.map_or(0, |id| id.0)
    }
}

/// From the first moment to the one before the second.
pub type Period = (Moment, Moment);

// ---- named contacts --------------------------------------------------------------------------------------

/// When a contact was and is named, the latest first.
pub fn named_of_contact(db: &Db, contact: ContactId) -> Result<Vec<NamedContact>, StoreError> {
    db.all(NAMED_OF_CONTACT, [contact.0], read_named)
}

/// Who of the client is named at `at` or will be.
pub fn named_of_client(db: &Db, client: ClientId, at: Moment) -> Result<Vec<NamedContact>, StoreError> {
    db.all(NAMED_OF_CLIENT, [client.0, at.ms()], read_named)
}

pub fn is_named_at(db: &Db, contact: ContactId, at: Moment) -> Result<bool, StoreError> {
    Ok(db.one(NAMED_AT, [contact.0, at.ms()], |_| Ok(()))?.is_some())
}

pub fn insert_named(tx: &Tx, named: &NamedContact) -> Result<(), StoreError> {
    let NamedContact { id, client, contact, valid_from, valid_until, author, recorded_at } = named;
    let until = valid_until.map(Moment::ms);
    let params = params![id.0, client.0, contact.0, valid_from.ms(), until, json(author)?, recorded_at.ms()];
    tx.run(INSERT_NAMED, params).map(drop)
}

pub fn end_named(tx: &Tx, named: NamedContactId, at: Moment) -> Result<bool, StoreError> {
    Ok(tx.run(END_NAMED, [named.0, at.ms()])? == 1)
}

// ---- adjustments -----------------------------------------------------------------------------------------

pub fn insert_adjustment(tx: &Tx, own: &Adjustment) -> Result<(), StoreError> {
    tx.run(
        INSERT_ADJUSTMENT,
        params![
            own.id.0,
            own.client.0,
            own.sub_client.map_or(0, |id| id.0),
            own.valid_from.ms(),
            word(own.unit),
            own.amount,
            word(own.kind),
            own.reason.0,
            json(&own.author)?,
            own.recorded_at.ms()
        ],
    )
    .map(drop)
}

/// What counts in the period, in order; at most `count_max`.
pub fn adjustments(
    db: &Db,
    holder: Holder,
    (from, to): Period,
    count_max: usize,
) -> Result<Vec<Adjustment>, StoreError> {
    let params = params![holder.client.0, holder.sub(), from.ms(), to.ms(), count_max as i64];
    db.all(ADJUSTMENTS, params, read_adjustment)
}

// ---- coverage of tickets ---------------------------------------------------------------------------------

/// What the contract said of the ticket when it was last looked at, and whose balance it concerns.
pub fn coverage(db: &Db, ticket: TicketId) -> Result<Option<(Option<SubClientId>, Coverage)>, StoreError> {
    db.one(COVERAGE, [ticket.0], |row| Ok((holder(row, 0)?, from_json(row, 1)?)))
}

pub fn put_coverage(tx: &Tx, ticket: &Ticket, holder: Holder, own: &Coverage) -> Result<(), StoreError> {
    let opened_at = ticket.opened_at.ms();
    let params = params![ticket.id.0, holder.client.0, holder.sub(), json(own)?, own.draws, opened_at];
    tx.run(PUT_COVERAGE, params).map(drop)
}

/// What must be known beside the ticket to say whether it is covered, as `period` stands.
pub fn asking(
    db: &Db,
    ticket: &Ticket,
    holder: Holder,
    unit: Option<BalanceUnit>,
    period: Period,
) -> Result<Asking, StoreError> {
    let is_named = ticket.contact.map_or(Ok(false), |contact| is_named_at(db, contact, ticket.opened_at))?;
    let links = super::link::from(db, ticket.id)?;
    Ok(Asking {
        is_named,
        is_duplicate: links.iter().any(|(_, kind)| *kind == LinkKind::DuplicateOf),
        is_of_month: period.0 <= ticket.opened_at && ticket.opened_at < period.1,
        spent: unit.map_or(Ok(Spent::default()), |unit| spent(db, ticket.id, holder, unit, period))?,
    })
}

/// Sums of a period, with the part of one ticket apart; without a ticket everything is of others.
fn spent(
    db: &Db,
    ticket: TicketId,
    holder: Holder,
    unit: BalanceUnit,
    (from, to): Period,
) -> Result<Spent, StoreError> {
    let (client, sub, from, to, own) = (holder.client.0, holder.sub(), from.ms(), to.ms(), ticket.0);
    let unit_word = word(unit);
    let number = |row: &Row<'_>| row.get::<_, i64>(0);
    let adjusted = db.one(ADJUSTED, params![client, sub, unit_word, from, to], number)?;
    let raised = db.one(RAISED, params![client, sub, unit_word, from, to, own], number)?.unwrap_or(0);
    let raised_here = db.one(RAISED_ON_TICKET, params![own, unit_word, from, to], number)?.unwrap_or(0);
    let (by_others, by_own) = match unit {
        BalanceUnit::Minutes => (
            db.one(ENTRIES_SUM, [client, sub, from, to, own], number)?,
            db.one(ENTRIES_OF_TICKET, [own, from, to], number)?,
        ),
        BalanceUnit::Requests => (db.one(REQUESTS_COUNT, [client, sub, from, to, own], number)?, None),
    };
    Ok(Spent {
        adjusted: adjusted.unwrap_or(0),
        by_others: by_others.unwrap_or(0) + raised,
        by_own: by_own.unwrap_or(0) + raised_here,
    })
}

/// What all tickets together used up in a period.
pub fn spent_by_all(db: &Db, holder: Holder, unit: BalanceUnit, period: Period) -> Result<Spent, StoreError> {
    spent(db, TicketId(0), holder, unit, period)
}

/// Each draw of a period by its time; at most `count_max` of each kind.
pub fn draws(
    db: &Db,
    holder: Holder,
    unit: BalanceUnit,
    period: Period,
    count_max: usize,
) -> Result<Vec<Draw>, StoreError> {
    let (from, to) = period;
    let params = || params_of(holder, from, to, count_max);
    let mut draws = match unit {
        BalanceUnit::Minutes => db.all(ENTRIES, params(), |row| {
            let what = DrawKind::TimeEntry { entry: id(row, 3)?, person: id(row, 4)? };
            Ok(Draw { ticket: id(row, 0)?, at: moment(row, 1)?, amount: row.get(2)?, what })
        })?,
        BalanceUnit::Requests => db.all(REQUESTS, params(), |row| {
            Ok(Draw { ticket: id(row, 0)?, at: moment(row, 1)?, amount: 1, what: DrawKind::Request })
        })?,
    };
    let raises = raises(db, holder, period, count_max)?;
    draws.extend(raises.into_iter().filter(|raise| raise.unit == Some(unit)).map(|raise| Draw {
        ticket: raise.ticket,
        at: raise.raised_at,
        amount: raise.amount,
        what: DrawKind::PriorityRaise { raise: raise.id },
    }));
    draws.sort_by_key(|draw| (draw.at, draw.ticket));
    Ok(draws)
}

fn params_of(holder: Holder, from: Moment, to: Moment, count_max: usize) -> [i64; 5] {
    [holder.client.0, holder.sub(), from.ms(), to.ms(), count_max as i64]
}

// ---- raised priorities -----------------------------------------------------------------------------------

pub fn insert_raise(tx: &Tx, raise: &RaiseLine) -> Result<(), StoreError> {
    tx.run(
        INSERT_RAISE,
        params![
            raise.id.0,
            raise.ticket.0,
            raise.client.0,
            raise.sub_client.map_or(0, |id| id.0),
            raise.raised_at.ms(),
            raise.from,
            raise.to,
            word(raise.charge),
            raise.amount,
            raise.unit.map(word),
            raise.package.as_str(),
            raise.agreed_by.map(|id| id.0),
            json(&raise.author)?
        ],
    )
    .map(drop)
}

/// Raises of a period, in order; at most `count_max`.
pub fn raises(
    db: &Db,
    holder: Holder,
    (from, to): Period,
    count_max: usize,
) -> Result<Vec<RaiseLine>, StoreError> {
    db.all(RAISES, params_of(holder, from, to, count_max), read_raise)
}

// ---- terms of the past -----------------------------------------------------------------------------------

/// The version of the client's pack that was published last before `at`.
pub fn version_before(db: &Db, client: ClientId, at: Moment) -> Result<Option<PackVersionId>, StoreError> {
    db.one(VERSION_BEFORE, [client.0, at.ms()], |row| id(row, 0))
}

/// When the client's first pack was published.
pub fn first_version_at(db: &Db, client: ClientId) -> Result<Option<Moment>, StoreError> {
    db.one(FIRST_VERSION_AT, [client.0], |row| moment(row, 0))
}

fn holder(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<SubClientId>> {
    let number: i64 = row.get(column)?;
    Ok((number != 0).then_some(SubClientId(number)))
}

fn read_named(row: &Row<'_>) -> rusqlite::Result<NamedContact> {
    Ok(NamedContact {
        id: id(row, 0)?,
        client: id(row, 1)?,
        contact: id(row, 2)?,
        valid_from: moment(row, 3)?,
        valid_until: maybe_moment(row, 4)?,
        author: from_json(row, 5)?,
        recorded_at: moment(row, 6)?,
    })
}

fn read_adjustment(row: &Row<'_>) -> rusqlite::Result<Adjustment> {
    Ok(Adjustment {
        id: id(row, 0)?,
        client: id(row, 1)?,
        sub_client: holder(row, 2)?,
        valid_from: moment(row, 3)?,
        unit: from_word(row, 4)?,
        amount: row.get(5)?,
        kind: from_word(row, 6)?,
        reason: id(row, 7)?,
        author: from_json(row, 8)?,
        recorded_at: moment(row, 9)?,
    })
}

fn read_raise(row: &Row<'_>) -> rusqlite::Result<RaiseLine> {
    let unit =
        if row.get_ref(9)? == rusqlite::types::ValueRef::Null { None } else { Some(from_word(row, 9)?) };
    Ok(RaiseLine {
        id: id(row, 0)?,
        ticket: id(row, 1)?,
        client: id(row, 2)?,
        sub_client: holder(row, 3)?,
        raised_at: moment(row, 4)?,
        from: row.get(5)?,
        to: row.get(6)?,
        charge: from_word(row, 7)?,
        amount: row.get(8)?,
        unit,
        package: key(row, 10)?,
        agreed_by: maybe_id(row, 11)?,
        author: from_json(row, 12)?,
    })
}
