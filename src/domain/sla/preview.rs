//! When the targets of a ticket that is not there would be due: its events are told as the desk would record them,
//! and its clocks derived from them as those of any other ticket.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::{Alarm, SlaClock};
use crate::domain::calendar::DayLine;
use crate::domain::calendars::Terms;
use crate::domain::event::{Event, TicketOpened};
use crate::domain::ledger::{Entry, Policy, clocks};
use crate::domain::pack::{Pack, Phase};
use crate::domain::ticket::{Channel, Level, Ticket};
use crate::domain::{ClientId, EventId, Key, Moment, Refusal, SiteId, Span, TextId, TicketId};

/// Most days that are listed.
const DAYS_MAX: usize = 120;
/// Most alarms of a target that are listed: every warning level, and repeats up to the last of them.
const ALARMS_MAX: usize = 24;
/// The ticket that is not there.
const TICKET: TicketId = TicketId(1);

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub opened_at: Moment,
    pub priority: i64,
    /// Without one, what a ticket has before anybody classified it.
    pub category: Option<Key>,
    pub site: Option<SiteId>,
    pub terms: Terms,
    pub pause: Option<Pause>,
}

/// A stretch in a status that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    pub from: Moment,
    /// Without it, the ticket waits still.
    pub to: Option<Moment>,
    /// A status that waits; without one, the first of the pack.
    pub status: Option<Key>,
}

/// The answer: what is due when, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Preview {
    pub opened_at: Moment,
    /// The row of `sla` that counts, from 1; `null`: none does, so there is no target.
    pub row: Option<usize>,
    /// What the row names, such as `priority 2, country KZ`.
    pub criteria: Option<String>,
    /// The key of the calendar by which clocks run; `null`: the client's own one.
    pub calendar: Option<Key>,
    /// IANA name of its zone.
    pub time_zone: String,
    /// Whether the calendar is open when the ticket is opened.
    pub is_open: bool,
    /// Every target of the row.
    pub targets: Vec<TargetAt>,
    /// The calendar's days from the opening to the last moment that is due, at most 120.
    pub days: Vec<DayLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TargetAt {
    /// `first_response`, `next_response`, `resolution`, or the key of a stage.
    pub target: Key,
    /// Open time that may pass, in milliseconds.
    pub limit: Span,
    /// `null`: its clock does not run, because nobody has asked again, the ticket is not in the stage, or it waits.
    pub due_at: Option<Moment>,
    /// Warning levels and alarms that come again, in their order.
    pub levels: Vec<LevelAt>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct LevelAt {
    /// Of the target.
    pub percent: i64,
    /// For an alarm that comes again and again: open minutes over the target; 0 for a warning level.
    pub overdue_minutes: i64,
    pub at: Option<Moment>,
}

/// # Errors
/// The category or the status is not of the pack, the pause lies before the opening, or no status waits.
pub fn preview(policy: Policy<'_>, question: &Question) -> Result<Preview, Refusal> {
    let events = events(policy.pack, question)?;
    let story = Story { events: &events, policy, terms: &question.terms };
    let ticket = Ticket::opened(TICKET, &events[0].0, events[0].1).expect("the first event opens the ticket");
    let row = policy.pack.target_for(&ticket);
    let calendar = policy.calendars.of(&question.terms);
    let targets: Vec<TargetAt> = row.map(|(_, row)| story.targets(row)).unwrap_or_default();
    let last = targets.iter().filter_map(|target| target.due_at).max().unwrap_or(question.opened_at);
    Ok(Preview {
        opened_at: question.opened_at,
        row: row.map(|(index, _)| index + 1),
        criteria: row.map(|(_, row)| row.criteria()),
        calendar: policy.calendars.key_for(&question.terms).cloned(),
        time_zone: calendar.zone_name().to_owned(),
        is_open: calendar.is_open(question.opened_at),
        days: calendar.days_between(question.opened_at, last, DAYS_MAX),
        targets,
    })
}

/// The events with the moments at which they happen.
fn events(pack: &Pack, question: &Question) -> Result<Vec<(Event, Moment)>, Refusal> {
    if !(1..=5).contains(&question.priority) {
        return Err(Refusal::invalid("priority", "must be from 1 to 5"));
    }
    if let Some(category) = &question.category {
        pack.require_category("category", category)?;
    }
    let opened = opened(pack, question);
    let first = opened.status.clone();
    let mut events = vec![(Event::TicketOpened(Box::new(opened)), question.opened_at)];
    let Some(pause) = &question.pause else { return Ok(events) };
    let waiting = waiting(pack, pause.status.as_ref())?;
    if pause.from < question.opened_at {
        return Err(Refusal::invalid("pause.from", "must not lie before the opening"));
    }
    events.push((Event::StatusChanged { from: first.clone(), to: waiting.clone() }, pause.from));
    if let Some(to) = pause.to {
        if to < pause.from {
            return Err(Refusal::invalid("pause.to", "must come after the start of the pause"));
        }
        events.push((Event::StatusChanged { from: waiting, to: first }, to));
    }
    Ok(events)
}

fn waiting(pack: &Pack, wanted: Option<&Key>) -> Result<Key, Refusal> {
    if let Some(key) = wanted {
        let status = pack.require_status("pause.status", key)?;
        if status.waits_for.is_none() {
            return Err(Refusal::invalid("pause.status", "clocks run in this status; name one that waits"));
        }
    }
    let mut waiting = pack.statuses.iter().filter(|status| status.waits_for.is_some());
    let found = waiting.find(|status| wanted.is_none_or(|key| status.key == *key));
    let none = || Refusal::invalid("pause", "no status of this pack waits for anybody");
    found.map(|status| status.key.clone()).ok_or_else(none)
}

fn opened(pack: &Pack, question: &Question) -> TicketOpened {
    let usual = pack.default_category().map(|category| category.key.clone());
    TicketOpened {
        client: ClientId(1),
        number: 1,
        sub_client: None,
        site: question.site,
        asset: None,
        contact: None,
        subject: TextId(1),
        description: None,
        status: pack.status_of_phase(Phase::New).key.clone(),
        category: question.category.clone().or(usual),
        impact: Level::Medium,
        urgency: Level::Medium,
        priority: question.priority,
        queue: pack.default_queue().map(|queue| queue.key.clone()),
        channel: Channel::Desk,
        fields: BTreeMap::new(),
        tags: BTreeSet::new(),
        attachments: Vec::new(),
        pack_version: None,
        terms: question.terms.clone(),
    }
}

struct Story<'s> {
    events: &'s [(Event, Moment)],
    policy: Policy<'s>,
    terms: &'s Terms,
}

impl Story<'_> {
    fn targets(&self, row: &super::Target) -> Vec<TargetAt> {
        let states: Vec<Vec<SlaClock>> = (1..=self.events.len()).map(|count| self.clocks(count)).collect();
        let target = |(target, limit): (Key, Span)| {
            let own: Vec<Option<&SlaClock>> =
                states.iter().map(|clocks| clocks.iter().find(|clock| clock.target == target)).collect();
            let levels = alarms(own.last().copied().flatten(), row);
            let level = |alarm: Alarm| LevelAt {
                percent: alarm.percent,
                overdue_minutes: alarm.overdue_minutes,
                at: self.reached(&own, alarm.used),
            };
            TargetAt {
                due_at: self.reached(&own, limit),
                levels: levels.into_iter().map(level).collect(),
                target,
                limit,
            }
        };
        row.limits().into_iter().map(target).collect()
    }

    /// After the first `count` events.
    fn clocks(&self, count: usize) -> Vec<SlaClock> {
        let told = self.events[..count].iter();
        let entries: Vec<Entry<'_>> =
            told.map(|(event, at)| Entry { id: EventId(1), event, at: *at }).collect();
        clocks(TICKET, &entries, self.policy)
    }

    /// The moment at which so much of open time is used: before the next event, or after the last.
    fn reached(&self, states: &[Option<&SlaClock>], used: Span) -> Option<Moment> {
        let calendar = self.policy.calendars.of(self.terms);
        states.iter().enumerate().find_map(|(index, clock)| {
            let at = clock.and_then(|clock| clock.reaches(&calendar, used))?;
            let next = self.events.get(index + 1).map(|(_, at)| *at);
            Some(at).filter(|at| next.is_none_or(|next| *at <= next))
        })
    }
}

/// What is raised on a clock that nobody stops, up to the last warning level and the first repeat.
fn alarms(clock: Option<&SlaClock>, row: &super::Target) -> Vec<Alarm> {
    let Some(mut clock) = clock.cloned() else { return Vec::new() };
    let last = row.levels().last().copied().unwrap_or_default();
    let mut alarms: Vec<Alarm> = Vec::new();
    while alarms.len() < ALARMS_MAX {
        let has_repeat = alarms.iter().any(|alarm| alarm.overdue_minutes > 0);
        let is_over = clock.warned_percent >= last && (has_repeat || row.overdue_every_minutes.is_none());
        let Some(alarm) = clock.next_alarm(row).filter(|_| !is_over) else { break };
        clock.raised(alarm.percent, alarm.overdue_minutes);
        alarms.push(alarm);
    }
    alarms
}
