//! Tickets as they stood at a past moment: their events carried out once more, waking nobody and telling nobody.

use super::acceptance;
use super::batch::Engine;
use super::done::DeskError;
use super::handover;
use super::record::{insert_row, write_rows};
use super::schedule;
use super::work::{Cause, Work};
use crate::domain::event::{Event, Visibility};
use crate::domain::ledger::{Policy, clocks};
use crate::domain::ticket::Ticket;
use crate::domain::{AttachmentId, ClientId, PersonId, TicketId};
use crate::store;
use crate::store::due::{Due, DueKind};
use crate::store::event::Recorded;

impl Engine {
    /// Puts tickets into an empty desk as they stand after these events of theirs, with their clocks and their
    /// due rows. The texts that the events name must be there.
    pub fn bring_back(&mut self, tickets: &[Vec<Recorded>]) -> Result<(), DeskError> {
        self.set_up(|work| tickets.iter().try_for_each(|events| bring_back(work, events)))
    }

    /// Sets the durable clock to what comes next by itself: the client's schedules, the end of a shift of each.
    pub fn wait_for_what_comes(&mut self, client: ClientId, people: &[PersonId]) -> Result<(), DeskError> {
        self.set_up(|work| {
            let published = store::client::get(&work.tx, client)?.and_then(|client| client.pack_version);
            let loaded = published.map_or(Ok(None), |version| work.programs.pack(&work.tx, version))?;
            if let Some(loaded) = loaded {
                schedule::follow_publication(work, client, &loaded.pack)?;
            }
            people.iter().try_for_each(|person| handover::follow_roster(work, *person, None))
        })
    }
}

fn bring_back(work: &mut Work<'_>, events: &[Recorded]) -> Result<(), DeskError> {
    let Some(id) = events.first().map(|first| first.ticket) else { return Ok(()) };
    for recorded in events {
        work.cause = Cause { actor: recorded.actor.clone(), run: recorded.run, handler: None, depth: 0 };
        work.occurred_at = recorded.occurred_at;
        apply(work, id, recorded)?;
        store::event::append(&work.tx, recorded)?;
        follow(work, id, recorded)?;
    }
    let Some(loaded) = work.with(id, |case| case.loaded.clone()) else { return Ok(()) };
    let entries: Vec<_> = events.iter().map(Recorded::entry).collect();
    let stood = clocks(id, &entries, Policy { pack: &loaded.pack, calendars: &loaded.calendars });
    work.with(id, |case| {
        case.clocks_changed = !stood.is_empty();
        case.clocks = Some(stood);
    });
    acceptance::stand(work, id)
}

fn apply(work: &mut Work<'_>, id: TicketId, recorded: &Recorded) -> Result<(), DeskError> {
    let (event, at) = (&recorded.event, recorded.occurred_at);
    if let Some(ticket) = Ticket::opened(id, event, at) {
        work.adopt(ticket, None)?;
        return Ok(work.with(id, |case| {
            case.clocks = Some(Vec::new());
            insert_row(&work.tx, case)
        })?);
    }
    work.with(id, |case| case.ticket_mut().apply(event, at));
    if matches!(event, Event::PackVersionMoved { .. }) {
        work.load_pack(id)?;
    }
    write_rows(work, id, event)
}

/// What stands beside the ticket's own rows.
fn follow(work: &mut Work<'_>, id: TicketId, recorded: &Recorded) -> Result<(), DeskError> {
    match &recorded.event {
        Event::TicketAssigned { person, .. } => {
            store::candidate::note_assigned(&work.tx, *person, recorded.seq)?;
        }
        Event::TimerStarted { name, run_at } => {
            let due = Due {
                id: work.tx.id(),
                client: recorded.client,
                ticket: Some(id),
                person: None,
                kind: DueKind::Timer,
                name: name.clone(),
                percent: 0,
                overdue_minutes: 0,
                run_at: *run_at,
            };
            store::due::put(&work.tx, &due)?;
        }
        Event::TimerCancelled { name } | Event::TimerFired { name } => {
            store::due::remove(&work.tx, id, DueKind::Timer, name)?;
        }
        Event::TicketClosed { .. } => store::due::remove_all(&work.tx, id, DueKind::Timer)?,
        _ => {}
    }
    let (attachments, visibility) = attached(&recorded.event);
    for attachment in attachments {
        store::attachment::bind(&work.tx, attachment, id, visibility)?;
    }
    Ok(())
}

fn attached(event: &Event) -> (Vec<AttachmentId>, Visibility) {
    match event {
        Event::TicketOpened(opened) => (opened.attachments.clone(), Visibility::Public),
        Event::CommentAdded { attachments, visibility, .. }
        | Event::AttachmentsAdded { attachments, visibility } => (attachments.clone(), *visibility),
        Event::TaskDone { files, .. } | Event::WorkOrderNoteSent { files, .. } => {
            (files.clone(), Visibility::Internal)
        }
        Event::ReportHandedIn(handed) => {
            (handed.papers.iter().map(|paper| paper.attachment).collect(), Visibility::Internal)
        }
        _ => (Vec::new(), Visibility::Internal),
    }
}
