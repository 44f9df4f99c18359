//! What a test says of the ticket: after each step where it went, at its end all of it.

use super::cast::Cast;
use super::history::{History, Stop};
use super::words::{list, quoted};
use crate::domain::PersonId;
use crate::domain::event::Event;

/// Where the step led: status, queue and assignee, as far as they changed.
pub(super) fn after(stop: &Stop, cast: &Cast) -> Vec<String> {
    let (mut status, mut queue, mut assignee) = (None, None, None);
    for recorded in &stop.events {
        match &recorded.event {
            Event::TicketOpened(opened) => {
                status = Some(&opened.status);
                queue = opened.queue.as_ref();
            }
            Event::StatusChanged { to, .. } => status = Some(to),
            Event::TicketQueued { to, .. } => queue = Some(to),
            Event::TicketAssigned { person, .. } => assignee = Some(Some(*person)),
            Event::TicketUnassigned { .. } => assignee = Some(None),
            _ => {}
        }
    }
    let mut lines = Vec::new();
    lines.extend(status.map(|status| equal("ticket.status", quoted(status))));
    lines.extend(queue.map(|queue| equal("ticket.queue", quoted(queue))));
    lines.extend(assignee.and_then(|assignee| who("ticket.assignee", assignee, cast)));
    lines
}

/// The ticket as it stands after the last step.
pub(super) fn at_the_end(history: &History, cast: &Cast) -> Vec<String> {
    let ticket = &history.ticket;
    let key = |key: Option<&crate::domain::Key>| key.map_or_else(|| "()".to_owned(), |key| quoted(key));
    let mut lines = vec![
        equal("ticket.status", quoted(&ticket.status)),
        equal("ticket.queue", key(ticket.queue.as_ref())),
        equal("ticket.category", key(ticket.category.as_ref())),
        equal("ticket.priority", ticket.priority.to_string()),
        equal("ticket.resolution", key(ticket.resolution.as_ref())),
    ];
    lines.extend(who("ticket.assignee", ticket.assignee, cast));
    lines.push(equal("ticket.orders.len()", history.orders.len().to_string()));
    for (index, order) in history.orders.iter().enumerate() {
        lines.extend(who(&format!("ticket.orders[{index}].engineer"), Some(order.engineer), cast));
        lines.push(equal(&format!("ticket.orders[{index}].stage"), quoted(order.stage.as_str())));
    }
    lines.push(equal("ticket.tasks.len()", history.tasks.len().to_string()));
    for (index, task) in history.tasks.iter().enumerate() {
        lines.push(equal(&format!("ticket.tasks[{index}].department"), quoted(&task.department)));
        lines.push(equal(&format!("ticket.tasks[{index}].outcome"), key(task.outcome.as_ref())));
    }
    let told = history.notices.iter().map(|(person, what)| Some(format!("{}: {what}", cast.name(*person)?)));
    if let Some(told) = told.collect::<Option<Vec<String>>>() {
        lines.push(equal("ticket.notified", list(told.iter().map(String::as_str))));
    }
    lines
}

fn who(what: &str, person: Option<PersonId>, cast: &Cast) -> Option<String> {
    match person {
        None => Some(equal(what, "()".to_owned())),
        Some(person) => Some(equal(&format!("{what}.name"), quoted(cast.name(person)?))),
    }
}

fn equal(actual: &str, expected: String) -> String {
    format!("assert_eq({actual}, {expected});")
}
