//! Handover: where the open tickets of somebody who leaves go, and what the next person is told; pure.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar;
use super::roster::{Duty, Shift, ShiftKind};
use super::ticket::Ticket;
use super::{Key, Language, Moment};

/// Of the last reply, the summary repeats this many characters.
pub const REPLY_CHARS_MAX: usize = 300;

/// Where a ticket goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HandoverRule {
    /// It stays with the person.
    #[default]
    Keep,
    /// Into the queue, to nobody.
    Queue,
    /// To the member of the queue who is on shift and suits best; nobody suits: into the queue, with an alarm.
    NextOnShift,
}

/// `[handover]` of `client.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HandoverSettings {
    /// When the shift of who has the ticket ends.
    pub at_shift_end: HandoverRule,
    /// When the person hands over before leaving.
    pub by_hand: HandoverRule,
    /// The queue of both; without one, the ticket's own, else the default queue.
    pub queue: Option<Key>,
    /// At the end of a shift, only tickets in these statuses; empty: in all.
    pub statuses: BTreeSet<Key>,
    /// At the end of a shift, only tickets of this priority and more pressing ones.
    pub priority_up_to: Option<i64>,
}

impl Default for HandoverSettings {
    fn default() -> Self {
        Self {
            at_shift_end: HandoverRule::Keep,
            by_hand: HandoverRule::NextOnShift,
            queue: None,
            statuses: BTreeSet::new(),
            priority_up_to: None,
        }
    }
}

/// Why a ticket was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HandoverCause {
    ShiftEnd,
    ByHand,
}

impl HandoverSettings {
    /// Where the ticket goes.
    #[must_use]
    pub fn rule(&self, cause: HandoverCause, ticket: &Ticket) -> HandoverRule {
        match cause {
            HandoverCause::ByHand => self.by_hand,
            HandoverCause::ShiftEnd => {
                let is_meant = (self.statuses.is_empty() || self.statuses.contains(&ticket.status))
                    && self.priority_up_to.is_none_or(|most| ticket.priority <= most);
                if is_meant { self.at_shift_end } else { HandoverRule::Keep }
            }
        }
    }
}

/// Whether a shift that ended leaves the person at work for the duty at `at`. Who was at work and is only on call now
/// has gone home.
#[must_use]
pub fn goes_on(ended: &Shift, shifts: &[Shift], duty: Duty<'_>, at: Moment) -> bool {
    shifts.iter().any(|shift| {
        let is_as_much = ended.kind == ShiftKind::OnCall || shift.kind != ShiftKind::OnCall;
        shift.covers(at) && shift.counts_for(duty) && is_as_much
    })
}

/// What the next person must know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    pub person: String,
    pub status: String,
    pub status_since: Option<Moment>,
    /// The key of what is waited for.
    pub waits_for: Option<String>,
    /// The words of the last public reply, and when it was written.
    pub reply: Option<(Moment, String)>,
    pub targets: Vec<(String, Moment)>,
    /// Department, title, due time.
    pub tasks: Vec<(String, String, Option<Moment>)>,
    /// Engineer, stage.
    pub orders: Vec<(String, String)>,
}

impl Summary {
    /// The text of the note, with the times of a zone.
    #[must_use]
    pub fn text(&self, language: Language, zone: &str) -> String {
        let say = |en: &'static str, ru: &'static str| if language == Language::Ru { ru } else { en };
        let time = |at: Moment| match calendar::local_time(at, zone) {
            Ok(on) => format!("{:04}-{:02}-{:02} {:02}:{:02}", on.year, on.month, on.day, on.hour, on.minute),
            Err(_) => at.to_string(),
        };
        let mut lines = vec![format!("{} {}", say("Handed over by", "Передаёт"), self.person)];
        let since = self.status_since.map(|at| format!(", {} {}", say("since", "с"), time(at)));
        lines.push(format!("{}: {}{}", say("Status", "Статус"), self.status, since.unwrap_or_default()));
        if let Some(waits_for) = &self.waits_for {
            lines.push(format!("{}: {waits_for}", say("Waits for", "Ждём")));
        }
        match &self.reply {
            Some((at, words)) => {
                let label = say("Last reply to the client", "Последний ответ клиенту");
                lines.push(format!("{label} ({}): {words}", time(*at)));
            }
            None => lines.push(say("No reply to the client yet", "Клиенту ещё не отвечали").to_owned()),
        }
        for (target, due) in &self.targets {
            lines.push(format!(
                "{} {target}: {} {}",
                say("Target", "Норматив"),
                say("due", "до"),
                time(*due)
            ));
        }
        for (department, title, due) in &self.tasks {
            let due = due.map(|at| format!(", {} {}", say("due", "до"), time(at))).unwrap_or_default();
            lines.push(format!("{} ({department}): {title}{due}", say("Open task", "Открытая задача")));
        }
        for (engineer, stage) in &self.orders {
            lines.push(format!("{}: {engineer}, {stage}", say("Open work order", "Открытый наряд")));
        }
        lines.join("\n")
    }
}
