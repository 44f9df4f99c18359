//! What `RecomputeClocks` would change on a ticket; nothing is saved.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::Desk;
use super::done::DeskError;
use super::terms::terms_in;
use super::version_move::standing;
use crate::domain::calendars::{Calendars, Terms};
use crate::domain::event::Event;
use crate::domain::ledger::{Entry, PieceKind, Policy, clocks, ledger};
use crate::domain::pack::Pack;
use crate::domain::sla::SlaClock;
use crate::domain::ticket::Ticket;
use crate::domain::version_move::{Version, obstacles};
use crate::domain::{ClientId, EventId, Key, Moment, PackVersionId, Refusal, Span, TicketId};
use crate::store::event::Recorded;
use crate::store::{self, Db, StoreError};
use crate::workflow;

/// The difference that counting anew would make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Recount {
    pub ticket: TicketId,
    /// Whether anything would be recorded at all.
    pub is_changed: bool,
    pub version_before: Option<PackVersionId>,
    pub version_after: PackVersionId,
    pub terms_before: Terms,
    pub terms_after: Terms,
    /// Every target that there is before or after.
    pub clocks: Vec<ClockChange>,
    /// Every kind of time that there is before or after.
    pub kinds: Vec<KindChange>,
    pub now: Moment,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClockChange {
    pub target: Key,
    /// `null`: there is no such target.
    pub before: Option<ClockFigures>,
    pub after: Option<ClockFigures>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClockFigures {
    /// Open time that may pass, in milliseconds.
    pub limit: Span,
    /// Open time used up to now, in milliseconds.
    pub used: Span,
    pub due_at: Option<Moment>,
    pub met_at: Option<Moment>,
    /// The end of the ticket made an answer needless, before its time was over.
    pub is_unneeded: bool,
    pub is_breached: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct KindChange {
    pub kind: PieceKind,
    pub minutes_before: i64,
    pub minutes_after: i64,
}

/// Compares the ticket's time as it is counted with what the version `to` (without one, the published) and the
/// records of its place make of it.
pub fn recount(desk: &Desk, ticket: TicketId, to: Option<PackVersionId>) -> Result<Recount, DeskError> {
    let now = desk.now();
    desk.readers().read(|db| compare(db, ticket, to, now))
}

/// As [`recount`], in an open read.
pub fn compare(db: &Db, id: TicketId, to: Option<PackVersionId>, now: Moment) -> Result<Recount, DeskError> {
    let ticket = store::ticket::get(db, id)?.ok_or_else(|| Refusal::not_found("ticket", id))?;
    let client = store::client::get(db, ticket.client)?;
    let published = client.and_then(|client| client.pack_version);
    let to = to.or(published).ok_or(Refusal::NothingPublished)?;
    compare_ticket(db, &mut Versions::default(), ticket, to, now)
}

/// As [`compare`], for one of many tickets.
pub(super) fn compare_ticket(
    db: &Db,
    versions: &mut Versions,
    ticket: Ticket,
    to: PackVersionId,
    now: Moment,
) -> Result<Recount, DeskError> {
    let id = ticket.id;
    let after = versions.get(db, to, ticket.client)?;
    let (pack, calendars) = (&after.0, &after.1);
    let own = ticket.pack_version.ok_or(Refusal::NothingPublished)?;
    let own = versions.get(db, own, ticket.client)?;
    if ticket.pack_version != Some(to) {
        let has_function = |name: &str| after.2.contains(name);
        let version = Version { pack, has_function: &has_function };
        let obstacles = obstacles(&ticket, &standing(db, id)?, Some(&own.0), version);
        if !obstacles.is_empty() {
            return Err(Refusal::VersionDoesNotFit { obstacles }.into());
        }
    }
    let recorded = store::event::of_ticket(db, id)?;
    let terms_after = terms_in(db, ticket.site, ticket.sub_client)?;
    let moved = Event::TermsChanged { terms: terms_after.clone() };
    let entries: Vec<Entry<'_>> = recorded.iter().map(Recorded::entry).collect();
    let mut entries_after = entries.clone();
    if terms_after != ticket.terms {
        entries_after.push(Entry { id: EventId(0), event: &moved, at: now });
    }
    let before = Count::of(id, &entries, (&own.0, &own.1), &ticket.terms, now);
    let after = Count::of(id, &entries_after, (pack, calendars), &terms_after, now);
    Ok(Recount {
        ticket: id,
        is_changed: terms_after != ticket.terms || ticket.pack_version != Some(to),
        version_before: ticket.pack_version,
        version_after: to,
        clocks: clock_changes(&before.clocks, &after.clocks),
        kinds: before.kind_changes(&after),
        terms_before: ticket.terms,
        terms_after,
        now,
    })
}

/// A version's settings, its calendars, and the names of its script's functions.
pub(super) type KnownVersion = (Pack, Calendars, BTreeSet<String>);

/// Versions of packs, each read once.
#[derive(Default)]
pub(super) struct Versions(BTreeMap<PackVersionId, Rc<KnownVersion>>);

impl Versions {
    pub fn get(
        &mut self,
        db: &Db,
        version: PackVersionId,
        client: ClientId,
    ) -> Result<Rc<KnownVersion>, DeskError> {
        if let Some(known) = self.0.get(&version) {
            return Ok(Rc::clone(known));
        }
        let stored = store::pack::get(db, version)?.filter(|stored| stored.client == client);
        let stored = stored.ok_or_else(|| Refusal::not_found("version", version))?;
        let lists = store::holiday_list::of_version(db, &stored.holidays)?;
        let read = Pack::parse_with(&stored.settings, &lists);
        let (pack, calendars) =
            read.map_err(|error| StoreError::Unreadable { what: "pack version", why: error.to_string() })?;
        let read = Rc::new((pack, calendars, workflow::functions(&stored.script)));
        self.0.insert(version, Rc::clone(&read));
        Ok(read)
    }
}

/// The clocks of a ticket, by their targets.
pub(super) type Figures = Vec<(Key, ClockFigures)>;

/// How far the clocks are by one version.
pub(super) fn figures(
    id: TicketId,
    entries: &[Entry<'_>],
    (pack, calendars): (&Pack, &Calendars),
    terms: &Terms,
    now: Moment,
) -> Figures {
    let calendar = calendars.of(terms);
    let figures = |clock: SlaClock| {
        let used = clock.used_at(&calendar, now);
        let (due_at, is_breached) = (clock.due_at(&calendar), used > clock.limit);
        let is_unneeded = clock.is_unneeded && !is_breached;
        let (limit, met_at) = (clock.limit, clock.met_at);
        (clock.target, ClockFigures { limit, used, due_at, met_at, is_unneeded, is_breached })
    };
    clocks(id, entries, Policy { pack, calendars }).into_iter().map(figures).collect()
}

/// Every target that there is before or after.
pub(super) fn clock_changes(before: &Figures, after: &Figures) -> Vec<ClockChange> {
    let find = |side: &Figures, target: &Key| {
        side.iter().find(|(own, _)| own == target).map(|(_, figures)| *figures)
    };
    let mut targets: Vec<&Key> = before.iter().chain(after).map(|(key, _)| key).collect();
    targets.sort_unstable();
    targets.dedup();
    let change = |target: &Key| ClockChange {
        target: target.clone(),
        before: find(before, target),
        after: find(after, target),
    };
    targets.into_iter().map(change).collect()
}

/// One way of counting.
struct Count {
    clocks: Figures,
    kinds: Vec<(PieceKind, i64)>,
}

impl Count {
    fn of(
        id: TicketId,
        entries: &[Entry<'_>],
        (pack, calendars): (&Pack, &Calendars),
        terms: &Terms,
        now: Moment,
    ) -> Self {
        let pieces = ledger(id, entries, Policy { pack, calendars }, now);
        let minutes = |kind: PieceKind| {
            pieces.iter().filter(|piece| piece.kind == kind).map(|piece| piece.minutes()).sum()
        };
        Self {
            clocks: figures(id, entries, (pack, calendars), terms, now),
            kinds: PieceKind::ALL.into_iter().map(|kind| (kind, minutes(kind))).collect(),
        }
    }

    fn kind_changes(&self, after: &Count) -> Vec<KindChange> {
        let pairs = self.kinds.iter().zip(&after.kinds);
        pairs
            .map(|((kind, before), (_, after))| KindChange {
                kind: *kind,
                minutes_before: *before,
                minutes_after: *after,
            })
            .filter(|change| change.minutes_before != 0 || change.minutes_after != 0)
            .collect()
    }
}
