//! What moving the open tickets of a client to other texts of its pack would do to each, a page at a time; nothing is
//! saved. The texts need not be published: whoever publishes them looks at this first.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::coverage;
use super::desk::Desk;
use super::done::DeskError;
use super::programs::Loaded;
use super::publication::{self, Around, Checked, Texts};
use super::recount::{ClockChange, ClockFigures, Versions, clock_changes, figures};
use super::recount_client::{PAGE_TICKETS_MAX, changed};
use super::version_move::standing;
use crate::domain::command::PackSource;
use crate::domain::pack::Pack;
use crate::domain::ticket::Ticket;
use crate::domain::version_move::{Meaning, Obstacle, Version, obstacles};
use crate::domain::{ClientId, Key, Moment, PackVersionId, Refusal, TicketId};
use crate::store::event::Recorded;
use crate::store::{self, Db};
use crate::workflow;

/// A page that took so long ends, however few tickets it has looked at: somebody else waits for the reader.
const PAGE_TIME_MAX: Duration = Duration::from_millis(500);

/// To what the tickets would be moved.
#[derive(Debug, Clone, PartialEq)]
pub enum MoveTo {
    /// What publishing would publish.
    Texts(PackSource),
    /// What a roll-back would publish once more.
    Version(PackVersionId),
}

/// A page of a client's open tickets, each with what the move would do to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MovePreview {
    /// Open tickets of the client, those of later pages among them.
    pub open: i64,
    /// Of this page.
    pub lines: Vec<MoveLine>,
    /// The lines of this page in numbers; add those of all pages up.
    pub sums: MoveSums,
    /// What `after` of the next page is; `null`: that was the last.
    pub next: Option<TicketId>,
}

/// What would become of one ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MoveLine {
    pub ticket: TicketId,
    pub number: String,
    pub subject: String,
    /// It stays so; what it means to the desk may differ.
    pub status: Key,
    /// Why it stays on its version; empty: it is moved.
    pub obstacles: Vec<Obstacle>,
    /// What the status means by the version that the ticket has.
    pub meaning_before: Option<Meaning>,
    /// What it would mean; of a ticket that stays, as before.
    pub meaning_after: Option<Meaning>,
    /// Targets whose limit, due time, fulfilment or breach changes.
    pub clocks: Vec<ClockChange>,
    /// Whether the contract covers it, as it was last recorded; `null`: nothing was.
    pub is_covered_before: Option<bool>,
    pub is_covered_after: Option<bool>,
    /// Ladders and expectations that go on.
    pub ladders: Vec<Key>,
    /// Timers that go on.
    pub timers: Vec<Key>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MoveSums {
    pub looked_at: i64,
    /// Tickets that would be moved.
    pub moved: i64,
    /// Tickets that would stay on their version.
    pub stayed: i64,
    /// Of the moved, those with a target whose due time, limit or breach changes.
    pub clocks_changed: i64,
    /// Of the moved, those with a target that is broken by the version and is not now.
    pub breaches_gained: i64,
    /// The other way round.
    pub breaches_lost: i64,
    /// Of the moved, those whose status means something else.
    pub meaning_changed: i64,
    /// Of the moved, those of which the contract says something else.
    pub coverage_changed: i64,
}

impl MoveSums {
    fn add(&mut self, line: &MoveLine) {
        let count = |is: bool| i64::from(is);
        let is_moved = line.obstacles.is_empty();
        let is_broken = |side: Option<ClockFigures>| side.is_some_and(|side| side.is_breached);
        let turns = |from: bool| {
            line.clocks.iter().any(|one| is_broken(one.before) == from && is_broken(one.after) != from)
        };
        self.looked_at += 1;
        self.moved += count(is_moved);
        self.stayed += count(!is_moved);
        self.clocks_changed += count(!line.clocks.is_empty());
        self.breaches_gained += count(turns(false));
        self.breaches_lost += count(turns(true));
        self.meaning_changed += count(line.meaning_before != line.meaning_after);
        self.coverage_changed += count(line.is_covered_before != line.is_covered_after);
    }
}

impl std::ops::AddAssign for MoveSums {
    fn add_assign(&mut self, other: Self) {
        self.looked_at += other.looked_at;
        self.moved += other.moved;
        self.stayed += other.stayed;
        self.clocks_changed += other.clocks_changed;
        self.breaches_gained += other.breaches_gained;
        self.breaches_lost += other.breaches_lost;
        self.meaning_changed += other.meaning_changed;
        self.coverage_changed += other.coverage_changed;
    }
}

/// The open tickets after `after`. The first page checks the texts as publishing would; call it where it may take a
/// moment.
pub fn preview_move(
    desk: &Desk,
    client: ClientId,
    to: &MoveTo,
    after: Option<TicketId>,
) -> Result<MovePreview, DeskError> {
    let now = desk.now();
    let (texts, around) = desk.readers().read(|db| gather(db, client, to))?;
    if after.is_none() {
        Checked::of(&texts, &around).found_well()?;
    }
    let functions = workflow::functions(&texts.script);
    let target = desk.readers().read(|db| Target::read(db, client, &texts, functions))?;
    desk.readers().read(|db| page(db, client, &target, after.unwrap_or(TicketId(0)), now))
}

fn gather(db: &Db, id: ClientId, to: &MoveTo) -> Result<(Texts, Around), DeskError> {
    let client = store::client::get(db, id)?.ok_or_else(|| Refusal::not_found("client", id))?;
    let texts = match to {
        MoveTo::Texts(source) => publication::of_source(db, &client, source.clone())?,
        MoveTo::Version(version) => publication::of_version(db, id, *version)?,
    };
    texts.check_sizes()?;
    let around = Around::of(db, id, &texts)?;
    Ok((texts, around))
}

/// The version that would be published.
struct Target {
    loaded: Loaded,
    functions: BTreeSet<String>,
}

impl Target {
    fn read(
        db: &Db,
        client: ClientId,
        texts: &Texts,
        functions: BTreeSet<String>,
    ) -> Result<Self, DeskError> {
        let lists = publication::lists(&store::holiday_list::of_client(db, client)?)?;
        let (pack, calendars) = Pack::parse_with(&texts.settings, &lists)
            .map_err(|error| Refusal::WorkflowHasErrors { findings: vec![error.to_string()] })?;
        let loaded = Loaded { pack: Arc::new(pack), calendars: Arc::new(calendars) };
        Ok(Self { loaded, functions })
    }
}

fn page(
    db: &Db,
    id: ClientId,
    target: &Target,
    after: TicketId,
    now: Moment,
) -> Result<MovePreview, DeskError> {
    let began = Instant::now();
    let prefix = store::client::get(db, id)?.ok_or_else(|| Refusal::not_found("client", id))?.prefix;
    let open = store::ticket::open_by_version(db, id)?.into_iter().map(|(_, count)| count).sum();
    let tickets = store::ticket::open_of_client(db, id, after, PAGE_TICKETS_MAX)?;
    let (count, is_full) = (tickets.len(), tickets.len() == PAGE_TICKETS_MAX);
    let mut page = MovePreview { open, lines: Vec::new(), sums: MoveSums::default(), next: None };
    let mut versions = Versions::default();
    for ticket in tickets {
        let own = ticket.id;
        let line = line(db, &mut versions, ticket, target, &prefix, now)?;
        page.sums.add(&line);
        page.lines.push(line);
        let is_late = began.elapsed() > PAGE_TIME_MAX && page.lines.len() < count;
        if is_late || (is_full && page.lines.len() == count) {
            page.next = Some(own);
            break;
        }
    }
    Ok(page)
}

fn line(
    db: &Db,
    versions: &mut Versions,
    ticket: Ticket,
    target: &Target,
    prefix: &str,
    now: Moment,
) -> Result<MoveLine, DeskError> {
    let from = ticket.pack_version.map(|own| versions.get(db, own, ticket.client)).transpose()?;
    let stands = standing(db, ticket.id)?;
    let has_function = |name: &str| target.functions.contains(name);
    let to = Version { pack: &target.loaded.pack, has_function: &has_function };
    let before = from.as_ref().map(|from| &from.0);
    let found = obstacles(&ticket, &stands, before, to);
    let meaning = |pack: &Pack| pack.status(&ticket.status).map(Meaning::from);
    let covered = store::contract::coverage(db, ticket.id)?.map(|(_, coverage)| coverage.is_covered);
    let mut line = MoveLine {
        ticket: ticket.id,
        number: format!("{prefix}-{}", ticket.number),
        subject: store::text::get(db, ticket.subject)?.unwrap_or_default(),
        status: ticket.status.clone(),
        obstacles: found,
        meaning_before: before.and_then(meaning),
        meaning_after: before.and_then(meaning),
        clocks: Vec::new(),
        is_covered_before: covered,
        is_covered_after: covered,
        ladders: stands.ladders.into_iter().map(|(ladder, _)| ladder.name).collect(),
        timers: stands.timers,
    };
    if line.obstacles.is_empty() {
        line.meaning_after = meaning(&target.loaded.pack);
        line.is_covered_after = covered_after(db, &ticket, target, covered, now)?;
        let recorded = store::event::of_ticket(db, ticket.id)?;
        let entries: Vec<_> = recorded.iter().map(Recorded::entry).collect();
        let count = |pack, calendars| figures(ticket.id, &entries, (pack, calendars), &ticket.terms, now);
        let before = from.as_ref().map(|from| count(&from.0, &from.1)).unwrap_or_default();
        let after = count(&target.loaded.pack, &target.loaded.calendars);
        line.clocks = changed(clock_changes(&before, &after));
    }
    Ok(line)
}

/// As the move checks it anew.
fn covered_after(
    db: &Db,
    ticket: &Ticket,
    target: &Target,
    before: Option<bool>,
    now: Moment,
) -> Result<Option<bool>, DeskError> {
    if target.loaded.pack.packages.is_empty() {
        return Ok(before);
    }
    let (_, coverage) = coverage::judge_at(db, ticket, &target.loaded, now)?;
    let is_said = before.is_some() || coverage.package.is_some();
    Ok(is_said.then_some(coverage.is_covered))
}
