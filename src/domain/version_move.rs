//! Moving open tickets to another version of their pack: what keeps a ticket on the version it has; pure.
//!
//! A move changes by which version a ticket goes, and nothing that was done on it: status, queue, priority, fields,
//! assignment, ladders and timers stay as they stand, no handler is woken. So a ticket goes along only where the
//! other version knows all of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ladder::{About, Ladder, Milestone, Until};
use super::pack::{FieldKind, Labelled, Pack, Phase, Status, WaitsFor};
use super::person::Actor;
use super::ticket::{FieldValue, Ticket};
use super::{ClientId, Key, Moment, MoveId, PackVersionId, TicketId};

/// The handler of timers.
pub const ON_TIMER: &str = "on_timer";

/// For which tickets a published version counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// A ticket stays on the version that it has.
    #[default]
    NewTickets,
    /// Open tickets are moved to it too, in turns; those that cannot stay behind.
    OpenTicketsToo,
}

/// Work over the open tickets of a client, in turns of the durable clock.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionMove {
    pub id: MoveId,
    pub client: ClientId,
    pub to: PackVersionId,
    /// Who asked for it; its events are theirs.
    pub actor: Actor,
    /// The last ticket that was looked at; ids rise.
    pub after: TicketId,
    /// Open tickets of other versions when it began.
    pub total: i64,
    pub moved: i64,
    pub stayed: i64,
    pub started_at: Moment,
    pub finished_at: Option<Moment>,
    /// Another move began before this one was through.
    pub is_replaced: bool,
}

/// Why a ticket stays on its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Obstacle {
    pub what: ObstacleKind,
    /// What the other version does not know: a key, or the name of a function.
    pub key: String,
    /// The ladder whose function or stage it is; the field whose choice it is.
    pub of: Option<Key>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObstacleKind {
    /// There is no such status.
    Status,
    /// The status is there, but means that the ticket is resolved where it is not, or the other way round.
    StatusPhase,
    Category,
    Queue,
    Field,
    /// The field is of another kind.
    FieldKind,
    /// The field has no such choice.
    Choice,
    Resolution,
    /// A department that has an open task of the ticket.
    Department,
    /// A timer runs that the other version does not name, or whose handler it does not have.
    Timer,
    /// A rung of a ladder would call a function that is not there.
    Function,
    /// A ladder waits for a status that is not there.
    Stage,
    /// A plugin's answer would go to a function that is not there.
    Answer,
    /// The desk refused the move; `key` says why.
    Refused,
}

impl Obstacle {
    #[must_use]
    pub fn new(what: ObstacleKind, key: impl Into<String>) -> Self {
        Self { what, key: key.into(), of: None }
    }

    fn of(what: ObstacleKind, key: impl Into<String>, of: &Key) -> Self {
        Self { of: Some(of.clone()), ..Self::new(what, key) }
    }
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { key, of, .. } = self;
        let of = of.as_deref().unwrap_or_default();
        match self.what {
            ObstacleKind::Status => write!(f, "no status `{key}`"),
            ObstacleKind::StatusPhase => write!(f, "the status `{key}` belongs to another phase"),
            ObstacleKind::Category => write!(f, "no category `{key}`"),
            ObstacleKind::Queue => write!(f, "no queue `{key}`"),
            ObstacleKind::Field => write!(f, "no field `{key}`"),
            ObstacleKind::FieldKind => write!(f, "the field `{key}` is of another kind"),
            ObstacleKind::Choice => write!(f, "the field `{of}` has no choice `{key}`"),
            ObstacleKind::Resolution => write!(f, "no resolution `{key}`"),
            ObstacleKind::Department => write!(f, "no department `{key}`, which has an open task"),
            ObstacleKind::Timer => write!(f, "nothing takes the timer `{key}`"),
            ObstacleKind::Function => write!(f, "the ladder `{of}` calls `{key}`, which is not there"),
            ObstacleKind::Stage => write!(f, "`{of}` expects the status `{key}`, which is not there"),
            ObstacleKind::Answer => write!(f, "no function `{key}` for the answer of a plugin"),
            ObstacleKind::Refused => f.write_str(key),
        }
    }
}

/// What stands on a ticket beside the ticket itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Each with how many of its rungs were climbed.
    pub ladders: Vec<(Ladder, usize)>,
    pub timers: Vec<Key>,
    /// That have open tasks.
    pub departments: Vec<Key>,
    /// Functions that wait for answers of plugins.
    pub answers: Vec<Key>,
}

/// What a status means to the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Meaning {
    pub phase: Phase,
    /// The clocks stand still, and for whom we wait.
    pub waits_for: Option<WaitsFor>,
}

impl From<&Status> for Meaning {
    fn from(status: &Status) -> Self {
        Self { phase: status.phase, waits_for: status.waits_for }
    }
}

/// A version of a pack, as far as a move asks about it.
#[derive(Clone, Copy)]
pub struct Version<'v> {
    pub pack: &'v Pack,
    pub has_function: &'v dyn Fn(&str) -> bool,
}

/// Everything of the ticket that the version `to` does not know; empty: it can be moved. `from` is the pack of the
/// version that it has.
#[must_use]
pub fn obstacles(
    ticket: &Ticket,
    standing: &Standing,
    from: Option<&Pack>,
    to: Version<'_>,
) -> Vec<Obstacle> {
    let mut found = of_ticket(ticket, from, to.pack);
    for (field, value) in &ticket.fields {
        found.extend(of_field(field, value, to.pack));
    }
    let is_department = |key: &Key| to.pack.queue(key).is_some();
    let gone = standing.departments.iter().filter(|key| !is_department(key));
    found.extend(gone.map(|key| Obstacle::new(ObstacleKind::Department, key.as_str())));
    let names = |pack: &Pack, name: &Key| pack.timers.iter().any(|timer| timer.key == *name);
    let is_taken = |name: &&Key| {
        let is_dropped = from.is_some_and(|from| names(from, name)) && !names(to.pack, name);
        (to.has_function)(ON_TIMER) && !is_dropped
    };
    let untaken = standing.timers.iter().filter(|name| !is_taken(name));
    found.extend(untaken.map(|name| Obstacle::new(ObstacleKind::Timer, name.as_str())));
    for (ladder, climbed) in &standing.ladders {
        found.extend(of_ladder(ladder, *climbed, to));
    }
    let unheard = standing.answers.iter().filter(|name| !(to.has_function)(name));
    found.extend(unheard.map(|name| Obstacle::new(ObstacleKind::Answer, name.as_str())));
    found
}

fn of_ticket(ticket: &Ticket, from: Option<&Pack>, to: &Pack) -> Vec<Obstacle> {
    let is_over = |status: &Status| matches!(status.phase, Phase::Resolved | Phase::Closed);
    let before = from.and_then(|from| from.status(&ticket.status));
    let was_over = before.map_or(ticket.resolved_at.is_some(), is_over);
    let mut found = Vec::new();
    match to.status(&ticket.status) {
        None => found.push(Obstacle::new(ObstacleKind::Status, ticket.status.as_str())),
        Some(status) if is_over(status) != was_over => {
            found.push(Obstacle::new(ObstacleKind::StatusPhase, ticket.status.as_str()));
        }
        Some(_) => {}
    }
    if let Some(category) = ticket.category.as_ref().filter(|key| to.category(key).is_none()) {
        found.push(Obstacle::new(ObstacleKind::Category, category.as_str()));
    }
    if let Some(queue) = ticket.queue.as_ref().filter(|key| to.queue(key).is_none()) {
        found.push(Obstacle::new(ObstacleKind::Queue, queue.as_str()));
    }
    let has = |key: &Key| has(&to.resolutions, key);
    if let Some(resolution) = ticket.resolution.as_ref().filter(|key| !has(key)) {
        found.push(Obstacle::new(ObstacleKind::Resolution, resolution.as_str()));
    }
    found
}

fn of_field(key: &Key, value: &FieldValue, to: &Pack) -> Option<Obstacle> {
    let Some(field) = to.field(key) else { return Some(Obstacle::new(ObstacleKind::Field, key.as_str())) };
    match (field.kind, value) {
        (FieldKind::Choice, FieldValue::Choice(choice)) if !has(&field.choices, choice) => {
            Some(Obstacle::of(ObstacleKind::Choice, choice.as_str(), key))
        }
        (FieldKind::Choice, FieldValue::Choice(_))
        | (FieldKind::Text, FieldValue::Text(_))
        | (FieldKind::Number, FieldValue::Number(_))
        | (FieldKind::Flag, FieldValue::Flag(_))
        | (FieldKind::Moment, FieldValue::Moment(_)) => None,
        _ => Some(Obstacle::new(ObstacleKind::FieldKind, key.as_str())),
    }
}

fn of_ladder(ladder: &Ladder, climbed: usize, to: Version<'_>) -> Vec<Obstacle> {
    let rungs = ladder.rungs.iter().skip(climbed).filter(|rung| !(to.has_function)(&rung.function));
    let mut found: Vec<Obstacle> = rungs
        .map(|rung| Obstacle::of(ObstacleKind::Function, rung.function.as_str(), &ladder.name))
        .collect();
    if let (About::Ticket, Until::Stage { stage }) = (ladder.about, &ladder.until) {
        let is_milestone = Milestone::ALL.iter().any(|one| *stage == *one.as_str());
        if !is_milestone && to.pack.status(stage).is_none() {
            found.push(Obstacle::of(ObstacleKind::Stage, stage.as_str(), &ladder.name));
        }
    }
    found
}

fn has(known: &[Labelled], key: &Key) -> bool {
    known.iter().any(|one| one.key == *key)
}

#[cfg(test)]
mod tests;
