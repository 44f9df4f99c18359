//! The answer of a back-test, as JSON shows it. Moments are UTC in RFC 3339, ids are strings.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::LISTED_MAX;
use super::errors::ScriptError;
use super::fate::Fate;
use crate::domain::{ClientId, Moment, TicketId};

/// What the draft would have done differently in the window.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BacktestReport {
    pub client: ClientId,
    pub from: Moment,
    /// The first instant after the window.
    pub to: Moment,
    /// Outside commands of the window, those of records included; what the desk's own clock did is played anew and
    /// not counted.
    pub commands: usize,
    /// Changes of records (people, rosters, assets, settings) in the window: they are not played; the records stand
    /// as they are now.
    pub record_changes: usize,
    /// Tickets that were open at the first instant or touched since.
    pub tickets_before: usize,
    pub tickets_opened: usize,
    pub totals: DifferenceTotals,
    /// Tickets that differ, in the order of their ids; at most 20,000.
    pub tickets: Vec<TicketDiff>,
    /// The run with the published version.
    pub published: RunReport,
    pub draft: RunReport,
    /// What the scripts' errors were, the most frequent first; at most 100.
    pub errors: Vec<ScriptError>,
    /// How far the run with the published version came out as the desk did.
    pub history: History,
    pub took_ms: u64,
}

/// How many tickets differ in what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DifferenceTotals {
    /// In anything at all.
    pub tickets: usize,
    /// Another way through queues and people, or another end of it.
    pub route: usize,
    pub status: usize,
    pub category: usize,
    pub priority: usize,
    /// Missed targets that the draft adds.
    pub breaches_gained: usize,
    /// Missed targets that the draft spares.
    pub breaches_lost: usize,
    pub tasks: usize,
    pub dispatches: usize,
    /// Messages to people, sent or held, or calls of plugins.
    pub messages: usize,
    pub script_errors: usize,
    /// Opened in one run only.
    pub presence: usize,
}

/// One ticket that differs.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TicketDiff {
    /// The live ticket.
    pub ticket: TicketId,
    pub number: i64,
    pub kinds: Vec<DifferenceKind>,
    /// What became of it with the published version; `null`: it was not opened.
    pub published: Option<Fate>,
    pub draft: Option<Fate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// It went through other queues or hands.
    Route,
    Status,
    Category,
    Priority,
    BreachesGained,
    BreachesLost,
    Tasks,
    Dispatches,
    Messages,
    ScriptErrors,
    /// It was opened in one run only.
    Presence,
}

/// How one run went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct RunReport {
    /// Outside commands that were applied.
    pub applied: usize,
    /// Timers, deadlines and the like that were played.
    pub due_played: usize,
    /// Commands that the replay refused.
    pub not_applied: Listed,
    /// What has no counterpart: nobody can say what would have come of it.
    pub unknown: Listed,
    pub breaches: usize,
    pub tasks: usize,
    pub dispatches: usize,
    /// Messages to people, public words of the script, and calls of plugins.
    pub messages: usize,
    /// Messages of the script beyond its budget, which waited for a person.
    pub messages_held: usize,
    /// Those of schedules included.
    pub script_errors: usize,
    pub took_ms: u64,
}

/// Commands that could not be played; at most 1,000 are named.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Listed {
    pub count: usize,
    pub first: Vec<Lost>,
}

/// A command that came to nothing in a run.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Lost {
    pub at: Moment,
    /// The live ticket.
    pub ticket: Option<TicketId>,
    /// Such as `finish_task`.
    pub command: String,
    pub why: LostWhy,
    /// The refusal, in words.
    pub said: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LostWhy {
    /// The desk of the run refused it.
    Refused,
    /// The run has no such ticket.
    NoTicket,
    /// The run has no such task, order, time entry or call.
    NoCounterpart,
    /// What it names is not kept any more, such as the call that a plugin answered.
    NotKept,
    /// A call of the run got no answer in the past.
    Unanswered,
    /// The stored command is of another version of the program.
    Unreadable,
}

/// The run with the published version against what really happened.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct History {
    /// Tickets that could be compared: those that were not imported.
    pub compared: usize,
    /// Of these, those that came out differently: another version was published then, records have changed, people
    /// were busy with other clients' tickets, or what happened depended on what is unknown.
    pub differ: usize,
    pub first: Vec<Strayed>,
}

/// A ticket whose replay differs from what happened.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Strayed {
    pub ticket: TicketId,
    pub number: i64,
    pub happened: Fate,
    pub published: Option<Fate>,
}

/// What a run had counted when a stretch of it began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    applied: usize,
    due_played: usize,
    not_applied: (usize, usize),
    unknown: (usize, usize),
}

impl RunReport {
    pub(super) fn counted(&self) -> Counted {
        let listed = |list: &Listed| (list.count, list.first.len());
        let (not_applied, unknown) = (listed(&self.not_applied), listed(&self.unknown));
        Counted { applied: self.applied, due_played: self.due_played, not_applied, unknown }
    }

    /// Forgets what was counted since.
    pub(super) fn go_back_to(&mut self, counted: Counted) {
        (self.applied, self.due_played) = (counted.applied, counted.due_played);
        for (list, (count, first)) in
            [(&mut self.not_applied, counted.not_applied), (&mut self.unknown, counted.unknown)]
        {
            list.count = count;
            list.first.truncate(first);
        }
    }
}

impl Listed {
    pub(super) fn add(&mut self, lost: Lost) {
        self.count += 1;
        if self.first.len() < LISTED_MAX {
            self.first.push(lost);
        }
    }
}

impl BacktestReport {
    /// All but the tickets, which may be many.
    #[must_use]
    pub fn without_tickets(&self) -> BacktestReport {
        let (published, draft, history) = (self.published.clone(), self.draft.clone(), self.history.clone());
        let (totals, errors) = (self.totals.clone(), self.errors.clone());
        BacktestReport { tickets: Vec::new(), totals, published, draft, errors, history, ..*self }
    }

    /// Whether both versions did the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.totals.tickets == 0
    }
}

impl fmt::Display for BacktestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} to {}: {} commands from outside", self.from, self.to, self.commands)?;
        writeln!(
            f,
            "{} tickets from before, {} opened, in {} ms",
            self.tickets_before, self.tickets_opened, self.took_ms
        )?;
        let (own, totals) = (&self.history, &self.totals);
        writeln!(f, "published version against history: {} of {} tickets differ", own.differ, own.compared)?;
        writeln!(f, "\n{:<28}{:>12}{:>12}{:>12}", "", "published", "draft", "tickets")?;
        let (was, is) = (&self.published, &self.draft);
        let rows = [
            ("missed targets", was.breaches, is.breaches, totals.breaches_gained + totals.breaches_lost),
            ("tasks", was.tasks, is.tasks, totals.tasks),
            ("dispatches", was.dispatches, is.dispatches, totals.dispatches),
            ("messages and calls", was.messages, is.messages, totals.messages),
            ("messages held", was.messages_held, is.messages_held, 0),
            ("script errors", was.script_errors, is.script_errors, totals.script_errors),
            ("commands not applied", was.not_applied.count, is.not_applied.count, 0),
            ("unknown", was.unknown.count, is.unknown.count, 0),
        ];
        for (name, was, is, tickets) in rows {
            writeln!(f, "{name:<28}{was:>12}{is:>12}{tickets:>12}")?;
        }
        for (name, count) in [
            ("went elsewhere", totals.route),
            ("another status", totals.status),
            ("another category", totals.category),
            ("another priority", totals.priority),
            ("in one run only", totals.presence),
        ] {
            writeln!(f, "{name:<52}{count:>12}")?;
        }
        write!(f, "{:<52}{:>12}", "tickets that differ", totals.tickets)
    }
}
