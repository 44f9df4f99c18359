//! What happened to tickets, in short: for reading and for the message of a failed test.

use super::bench::{Bench, Outcome};
use super::handles::{PersonHandle, TicketHandle, words};
use crate::domain::event::Event;
use crate::domain::hold::HeldMessage;
use crate::domain::{Key, Moment, PersonId, TicketId};
use crate::store;

/// Most events of a ticket that a failed test shows: the latest.
const SHOWN_MAX: usize = 25;
/// Most tickets that it shows.
const TICKETS_SHOWN_MAX: usize = 5;

/// Somebody was told something.
pub struct Notice {
    pub to: String,
    /// The template, the event, or `message`.
    pub what: String,
    pub text: String,
    pub at: Moment,
}

pub fn events(own: &TicketHandle) -> Outcome<Vec<Event>> {
    let recorded = own.bench.read(|desk| store::event::of_ticket(desk.db(), own.id))?;
    Ok(recorded.into_iter().map(|recorded| recorded.event).collect())
}

/// Everything that reached anybody's list about the ticket, oldest first.
pub fn notices(own: &TicketHandle) -> Outcome<Vec<Notice>> {
    let rows = own.bench.read(|desk| store::notification::of_ticket(desk.db(), own.id))?;
    let notice = |row: store::notification::Notification| {
        Ok(Notice {
            to: PersonHandle::new(&own.bench, row.person).look(|person| person.name.clone())?,
            what: row.template.as_ref().map_or_else(|| "message".to_owned(), ToString::to_string),
            text: words(&own.bench, row.text)?,
            at: row.at,
        })
    };
    rows.into_iter().map(notice).collect()
}

/// Messages of the ticket beyond the budget, which wait for a person, oldest first.
pub fn held(own: &TicketHandle) -> Outcome<Vec<String>> {
    let rows = own.bench.read(|desk| store::hold::of_ticket(desk.db(), own.id))?;
    let line = |row: &HeldMessage| held_line(&own.bench, row.message.person, row.message.template.as_ref());
    Ok(rows.iter().map(line).collect())
}

fn held_line(bench: &Bench, to: Option<PersonId>, template: Option<&Key>) -> String {
    let name = |id| PersonHandle::new(bench, id).look(|person| person.name.clone()).unwrap_or_default();
    let what = template.map_or("message", Key::as_str);
    format!("{}: {what}", to.map_or_else(|| "client".to_owned(), name))
}

/// One line for each of the latest events of each ticket.
pub fn tell(bench: &Bench) -> Vec<String> {
    let ids = bench.read(|desk| store::ticket::ids_after(desk.db(), TicketId(0), TICKETS_SHOWN_MAX));
    let mut lines = Vec::new();
    for id in ids.unwrap_or_default() {
        let ticket = TicketHandle::new(bench, id);
        let events = events(&ticket).unwrap_or_default();
        let skipped = events.len().saturating_sub(SHOWN_MAX);
        let key = ticket.key().unwrap_or_default();
        lines.push(if skipped > 0 { format!("{key} (after {skipped} events)") } else { key });
        lines.extend(events[skipped..].iter().map(|event| format!("  {}", line(bench, event))));
    }
    lines
}

fn line(bench: &Bench, event: &Event) -> String {
    let name = event.name();
    let person = |id| PersonHandle::new(bench, id).look(|person| person.name.clone()).unwrap_or_default();
    let said = |text| words(bench, text).unwrap_or_default();
    match event {
        Event::StatusChanged { from, to } => format!("{name}: {from} -> {to}"),
        Event::CategoryChanged { to: Some(to), .. } => format!("{name}: {to}"),
        Event::PriorityChanged { from, to, .. } => format!("{name}: {from} -> {to}"),
        Event::TicketAssigned { person: to, .. } => format!("{name}: {}", person(*to)),
        Event::TicketQueued { to, reason, .. } => format!("{name}: {to} {}", said(*reason)),
        Event::AssignmentFailed { rejections, .. } => {
            let why = rejections.iter().map(|one| format!("{}: {}", person(one.person), one.reason));
            format!("{name}: {}", why.collect::<Vec<_>>().join("; "))
        }
        Event::TaskOpened(opened) => format!("{name}: {} {}", opened.department, said(Some(opened.title))),
        Event::TaskDone { department, outcome, .. } => format!("{name}: {department} {outcome}"),
        Event::WorkOrderOpened(opened) => format!("{name}: {}", person(opened.engineer)),
        Event::WorkOrderAdvanced { engineer, to, outcome, .. } => {
            let why = outcome.as_ref().map(|outcome| format!(" ({outcome})")).unwrap_or_default();
            format!("{name}: {} {}{why}", person(*engineer), to.as_str())
        }
        Event::ReportJudged { verdict, defects, .. } => {
            format!("{name}: {} {}", verdict.as_str(), said(*defects))
        }
        Event::TicketResolved { resolution, reason, .. } | Event::TicketClosed { resolution, reason, .. } => {
            format!("{name}: {resolution} {}", said(*reason))
        }
        Event::TimerStarted { name: timer, .. }
        | Event::TimerCancelled { name: timer }
        | Event::TimerFired { name: timer } => format!("{name}: {timer}"),
        Event::LadderStarted(ladder) => format!("{name}: {}", ladder.name),
        Event::RungReached { name: ladder, function, .. } => format!("{name}: {ladder} {function}"),
        Event::LadderStopped { name: ladder, .. } => format!("{name}: {ladder}"),
        Event::SlaReached { target, percent, .. } => format!("{name}: {target} {percent} %"),
        Event::PersonNotified { person: to, template, .. } => {
            format!("{name}: {} {}", person(*to), template.as_deref().unwrap_or("message"))
        }
        Event::MessageHeld { person: to, template, .. } => {
            format!("{name}: {}", held_line(bench, *to, template.as_ref()))
        }
        Event::PluginCalled { plugin, function, .. } => format!("{name}: {plugin}.{function}"),
        Event::PluginAnswered { plugin, function, is_ok, .. } => {
            let how = if *is_ok { "ok" } else { "failed" };
            format!("{name}: {plugin}.{function} {how}")
        }
        Event::ScriptFailed { handler, .. } => format!("{name}: {handler}"),
        _ => name.to_owned(),
    }
}
