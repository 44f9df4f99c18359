//! Where a ticket's time went: the pieces of its ledger, what bounds them, sums, and the clock of each target.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::ticket_row::Ref;
use super::timeline::NamedActor;
use super::{KnownPack, ViewError, Views};
use crate::domain::ledger::{Entry, Piece, PieceKind, Policy, ledger};
use crate::domain::permission::Step;
use crate::domain::sla::SlaClock;
use crate::domain::{EventId, Key, Moment, PackVersionId, PersonId, Refusal, Span, TicketId};
use crate::store;
use crate::store::event::Recorded;
use crate::store::ticket_list::Listed;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LedgerPage {
    pub ticket: TicketId,
    pub number: String,
    /// The version by whose rules all of the time is counted.
    pub pack_version: Option<PackVersionId>,
    /// The calendar by which the clocks run now; `null`: the client's default one.
    pub calendar: Option<Key>,
    /// In order, without a gap, from the opening to the closing or to `now`.
    pub pieces: Vec<PieceLine>,
    /// The events that the pieces name, in order.
    pub events: Vec<BoundingEvent>,
    pub totals: Totals,
    pub clocks: Vec<TargetClock>,
    pub now: Moment,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PieceLine {
    #[serde(flatten)]
    pub piece: Piece,
    pub person_name: Option<String>,
    /// Its length in milliseconds.
    pub span: Span,
    /// Minutes of the clock on the wall that end within it; those of all pieces add up to the total.
    pub minutes: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BoundingEvent {
    pub id: EventId,
    /// What happened, such as `status_changed`.
    pub kind: String,
    pub occurred_at: Moment,
    pub actor: NamedActor,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Totals {
    pub span: Span,
    pub minutes: i64,
    pub by_kind: Vec<KindTotal>,
    /// The group clocks.
    pub by_queue: Vec<GroupTotal>,
    /// The people's own clocks.
    pub by_person: Vec<PersonTotal>,
    /// The clocks of partner organisations.
    pub by_partner: Vec<GroupTotal>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KindTotal {
    pub kind: PieceKind,
    pub span: Span,
    pub minutes: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GroupTotal {
    /// The key of a queue or of a partner organisation; `null`: nobody's.
    pub key: Option<Key>,
    #[serde(flatten)]
    pub sums: Sums,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonTotal {
    /// `null`: nobody had it.
    pub person: Option<Ref>,
    #[serde(flatten)]
    pub sums: Sums,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sums {
    /// All time with them, in minutes.
    pub minutes: i64,
    /// Of it, while the ticket was ours to work on and its calendar open, in minutes.
    pub working_minutes: i64,
    /// Time in which it was ours to work on and the team's own calendar open, in milliseconds.
    pub team_open: Span,
}

/// The clock of a target, with the row of `client.toml` that sets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TargetClock {
    #[serde(flatten)]
    pub clock: SlaClock,
    /// Open time used up to now, in milliseconds.
    pub used_now: Span,
    pub due_at: Option<Moment>,
    pub is_breached: bool,
    /// The row of `sla`, from 1.
    pub row: usize,
    /// What the row names, such as `priority 2, country KZ`.
    pub criteria: String,
    /// In percent of the target.
    pub warn_percent: Vec<i64>,
    /// In open minutes.
    pub overdue_every_minutes: Option<i64>,
}

impl Views {
    pub fn ledger(&self, person: PersonId, ticket: TicketId) -> Result<LedgerPage, ViewError> {
        self.read(person, |reading| reading.ledger(ticket))
    }

    /// Refuses unless the person supervises the ticket; for a comparison that saves nothing.
    pub fn check_supervises(&self, person: PersonId, ticket: TicketId) -> Result<(), ViewError> {
        self.read(person, |reading| {
            let (_, facts) = reading.ticket(ticket)?;
            match reading.access.may(Step::Supervise, &facts) {
                true => Ok(()),
                false => Err(Refusal::forbidden("recount the time of this ticket").into()),
            }
        })
    }
}

impl Reading<'_> {
    fn ledger(&self, id: TicketId) -> Result<LedgerPage, ViewError> {
        let (listed, facts) = self.ticket(id)?;
        if !self.access.may(Step::SeeInternals, &facts) {
            return Err(Refusal::forbidden("see where the time of this ticket went").into());
        }
        let known = self.known_pack(listed.ticket.pack_version)?.ok_or(Refusal::NothingPublished)?;
        let recorded = store::event::of_ticket(self.db, id)?;
        let entries: Vec<Entry<'_>> = recorded.iter().map(Recorded::entry).collect();
        let policy = Policy { pack: &known.pack, calendars: &known.calendars };
        let pieces = ledger(id, &entries, policy, self.now);
        Ok(LedgerPage {
            ticket: id,
            number: self.names.ticket(id)?.map(|line| line.number).unwrap_or_default(),
            pack_version: listed.ticket.pack_version,
            calendar: known.calendars.key_for(&listed.ticket.terms).cloned(),
            events: self.bounding(&recorded, &pieces)?,
            totals: self.totals(&pieces)?,
            clocks: self.target_clocks(&listed, &known)?,
            pieces: pieces.into_iter().map(|piece| self.piece(piece)).collect::<Result<_, _>>()?,
            now: self.now,
        })
    }

    fn piece(&self, piece: Piece) -> Result<PieceLine, ViewError> {
        Ok(PieceLine {
            person_name: piece.person.map_or(Ok(None), |person| self.names.person(person))?,
            span: piece.span(),
            minutes: piece.minutes(),
            piece,
        })
    }

    fn bounding(&self, recorded: &[Recorded], pieces: &[Piece]) -> Result<Vec<BoundingEvent>, ViewError> {
        let named: BTreeSet<EventId> = pieces.iter().map(|piece| piece.opened_by).collect();
        let mut events = Vec::new();
        for one in recorded.iter().filter(|one| named.contains(&one.id)) {
            events.push(BoundingEvent {
                id: one.id,
                kind: one.event.name().to_owned(),
                occurred_at: one.occurred_at,
                actor: self.actor(&one.actor)?,
            });
        }
        Ok(events)
    }

    fn totals(&self, pieces: &[Piece]) -> Result<Totals, ViewError> {
        let mut people = Vec::new();
        for (person, sums) in sums_by(pieces, |piece| piece.person) {
            let person = person.map(|person| self.names.person_ref(person)).transpose()?;
            people.push(PersonTotal { person, sums });
        }
        let groups = |by: BTreeMap<Option<Key>, Sums>| {
            by.into_iter().map(|(key, sums)| GroupTotal { key, sums }).collect()
        };
        Ok(Totals {
            span: pieces.iter().fold(Span::ZERO, |sum, piece| sum + piece.span()),
            minutes: pieces.iter().map(Piece::minutes).sum(),
            by_kind: by_kind(pieces),
            by_queue: groups(sums_by(pieces, |piece| piece.queue.clone())),
            by_person: people,
            by_partner: groups(sums_by(pieces, |piece| piece.partner.clone())),
        })
    }

    fn target_clocks(&self, listed: &Listed, known: &KnownPack) -> Result<Vec<TargetClock>, ViewError> {
        let calendar = known.calendars.of(&listed.ticket.terms);
        let Some((index, row)) = known.pack.target_for(&listed.ticket) else { return Ok(Vec::new()) };
        let clocks = store::sla_clock::of_ticket(self.db, listed.ticket.id)?;
        let line = |clock: SlaClock| {
            let used_now = clock.used_at(&calendar, self.now);
            TargetClock {
                used_now,
                due_at: clock.due_at(&calendar),
                is_breached: used_now > clock.limit,
                row: index + 1,
                criteria: row.criteria(),
                warn_percent: row.levels().to_vec(),
                overdue_every_minutes: row.overdue_every_minutes,
                clock,
            }
        };
        Ok(clocks.into_iter().map(line).collect())
    }
}

fn by_kind(pieces: &[Piece]) -> Vec<KindTotal> {
    let total = |kind: PieceKind| {
        let own = || pieces.iter().filter(|piece| piece.kind == kind);
        let span = own().fold(Span::ZERO, |sum, piece| sum + piece.span());
        KindTotal { kind, span, minutes: own().map(Piece::minutes).sum() }
    };
    PieceKind::ALL.into_iter().map(total).filter(|total| total.span > Span::ZERO).collect()
}

fn sums_by<K: Ord>(pieces: &[Piece], key: impl Fn(&Piece) -> K) -> BTreeMap<K, Sums> {
    let mut by: BTreeMap<K, Sums> = BTreeMap::new();
    for piece in pieces {
        let sums = by.entry(key(piece)).or_default();
        sums.minutes += piece.minutes();
        sums.working_minutes += if piece.kind == PieceKind::Working { piece.minutes() } else { 0 };
        sums.team_open = sums.team_open + piece.team_open;
    }
    by
}
