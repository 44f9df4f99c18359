//! Each command finds its file.

use super::done::{DeskError, Done};
use super::work::Work;
use super::{
    assign, change_ticket, client, comment, conclude, due, holidays, import, job, notify, open_ticket, pack,
    person, place, plugin, recompute, roster, roster_change, roster_plan, tags_links, task, work_order,
};
use crate::domain::TicketId;
use crate::domain::command::Command;

/// Applies one command, from outside or from a script; what it wakes waits in `work`.
pub(super) fn apply(work: &mut Work<'_>, command: Command) -> Result<Done, DeskError> {
    match command {
        Command::OpenTicket(open) => open_ticket::open(work, *open),
        Command::ChangeTicket { ticket, version, changes } => {
            change_ticket::change(work, ticket, version, &changes)
        }
        Command::AddComment { ticket, text, visibility, attachments } => {
            comment::add(work, ticket, &text, visibility, attachments)
        }
        Command::AddAttachments { ticket, attachments, visibility } => {
            comment::attach(work, ticket, attachments, visibility)
        }
        Command::AssignTicket { ticket, version, to, reason } => {
            assign::assign(work, ticket, version, to, reason.as_deref())
        }
        Command::UnassignTicket { ticket, version, reason } => {
            assign::unassign(work, ticket, version, reason.as_deref())
        }
        Command::QueueTicket { ticket, version, queue, reason, alarm } => {
            assign::queue(work, ticket, version, queue, reason.as_deref(), alarm)
        }
        Command::ResolveTicket { ticket, version, resolution, reason } => {
            conclude::resolve(work, ticket, version, resolution, reason.as_deref())
        }
        Command::CloseTicket { ticket, version, resolution, reason } => {
            conclude::close(work, ticket, version, resolution, reason.as_deref())
        }
        Command::ReopenTicket { ticket, version, reason } => {
            conclude::reopen(work, ticket, version, reason.as_deref())
        }
        Command::ChangeTags { ticket, add, remove } => tags_links::change_tags(work, ticket, add, remove),
        Command::LinkTickets { ticket, other, kind } => tags_links::link(work, ticket, other, kind),
        Command::UnlinkTickets { ticket, other, kind } => tags_links::unlink(work, ticket, other, kind),
        Command::MarkDuplicate { ticket, of } => conclude::mark_duplicate(work, ticket, of),
        Command::AddWatcher { ticket, who } => tags_links::add_watcher(work, ticket, &who),
        Command::RemoveWatcher { ticket, person } => tags_links::remove_watcher(work, ticket, person),
        Command::CountUp { ticket, name } => change_ticket::count_up(work, ticket, name),
        Command::ClearMark { ticket } => change_ticket::clear_mark(work, ticket),
        Command::OpenTask(open) => task::open(work, *open),
        Command::TakeTask { task } => task::take(work, task),
        Command::FinishTask { task, outcome, comment, fields } => {
            task::finish(work, task, outcome, comment.as_deref(), &fields)
        }
        Command::CancelTask { task, reason } => task::cancel(work, task, reason.as_deref()),
        Command::Dispatch { ticket, requirements, due_at, note } => {
            work_order::dispatch(work, ticket, &requirements, due_at, note.as_deref())
        }
        Command::OpenWorkOrder { ticket, engineer, due_at, planned_at, note } => {
            work_order::open(work, ticket, engineer, due_at, planned_at, note.as_deref())
        }
        Command::AdvanceWorkOrder(advance) => work_order::advance(work, *advance),
        Command::SendOrderNote { order, text } => work_order::send_note(work, order, &text),
        Command::StartTimer { ticket, name, run_at } => due::start_timer(work, ticket, name, run_at),
        Command::CancelTimer { ticket, name } => due::cancel_timer(work, ticket, name),
        Command::PlayDue { due } => due::play(work, due),
        Command::RecomputeClocks { ticket, to } => recompute::recompute(work, ticket, to),
        Command::Notify { ticket, to, template, text } => {
            notify::notify(work, ticket, &to, template, text.as_deref())
        }
        Command::ReadNotifications { up_to } => notify::read(work, up_to),
        Command::CallPlugin(call) => plugin::call(work, *call),
        Command::PluginAnswered(answered) => plugin::answered(work, *answered),
        other => {
            let done = apply_to_records(work, other)?;
            // It may have been about people, and rights follow from what people are.
            work.programs.people.forget();
            Ok(done)
        }
    }
}

/// What is about the desk's records, packs, plugins and jobs, not about one ticket.
fn apply_to_records(work: &mut Work<'_>, command: Command) -> Result<Done, DeskError> {
    match command {
        Command::PutClient(put) => client::put(work, *put),
        Command::PutSubClient(put) => client::put_sub(work, *put),
        Command::PutSite(put) => place::put_site(work, *put),
        Command::PutAsset(put) => place::put_asset(work, *put),
        Command::PutContact(put) => place::put_contact(work, *put),
        Command::PutPartner { id, version, key, name } => place::put_partner(work, id, version, key, &name),
        Command::PutPerson(put) => person::put(work, *put),
        Command::SetAccess { person, grants, memberships } => {
            person::set_access(work, person, &grants, &memberships)
        }
        Command::SetPassword { person, hash } => person::set_password(work, person, &hash),
        Command::SaveDraft { client, script, settings } => pack::save_draft(work, client, script, settings),
        Command::PublishPack { client, source, message } => pack::publish(work, client, source, &message),
        Command::RollBackPack { client, to, message } => pack::roll_back(work, client, to, &message),
        Command::PutHolidays { client, key, source } => holidays::put(work, client, key, source),
        Command::ReleaseQuarantine { client } => pack::release_quarantine(work, client),
        Command::InstallPlugin(install) => plugin::install(work, *install),
        Command::SetPluginEnabled { installation, state } => plugin::set_enabled(work, installation, state),
        Command::EndJob { job, end } => job::end_attempt(work, job, &end),
        Command::ReplayJob { job } => job::replay(work, job),
        Command::DropJob { job, reason } => job::discard(work, job, reason.as_deref()),
        Command::ReleaseOutbox => job::release_outbox(work),
        Command::ImportTicket(import) => import::ticket(work, *import),
        Command::ImportUpdate(import) => import::update(work, *import),
        other => apply_to_roster(work, other),
    }
}

/// What is about shifts and absences.
fn apply_to_roster(work: &mut Work<'_>, command: Command) -> Result<Done, DeskError> {
    match command {
        Command::PutShift(put) => roster::put_shift(work, *put),
        Command::RemoveShift { shift, version } => roster::remove_shift(work, shift, version),
        Command::PutAbsence(put) => roster::put_absence(work, *put),
        Command::RemoveAbsence { absence, version } => roster::remove_absence(work, absence, version),
        Command::SwapShifts(swap) => roster::swap(work, &swap),
        Command::ChangeRoster(change) => roster_change::change(work, *change),
        Command::CopyRoster(copy) => roster_plan::copy(work, &copy),
        Command::ImportRoster(import) => roster_plan::import(work, &import),
        // Named one by one, so that the compiler asks where a new command belongs.
        #[rustfmt::skip]
        Command::OpenTicket(_) | Command::PutClient(_) | Command::PutSubClient(_) | Command::PutSite(_)
        | Command::PutAsset(_) | Command::PutContact(_) | Command::PutPartner { .. } | Command::PutPerson(_)
        | Command::SetAccess { .. } | Command::SetPassword { .. } | Command::SaveDraft { .. }
        | Command::PublishPack { .. } | Command::RollBackPack { .. } | Command::PutHolidays { .. }
        | Command::ReleaseQuarantine { .. } | Command::InstallPlugin(_) | Command::SetPluginEnabled { .. }
        | Command::EndJob { .. } | Command::ReplayJob { .. } | Command::DropJob { .. }
        | Command::ReleaseOutbox | Command::ImportTicket(_) | Command::ImportUpdate(_)
        | Command::ChangeTicket { .. } | Command::AddComment { .. } | Command::AddAttachments { .. }
        | Command::AssignTicket { .. } | Command::UnassignTicket { .. } | Command::QueueTicket { .. }
        | Command::ResolveTicket { .. } | Command::CloseTicket { .. } | Command::ReopenTicket { .. }
        | Command::ChangeTags { .. } | Command::LinkTickets { .. } | Command::UnlinkTickets { .. }
        | Command::MarkDuplicate { .. } | Command::AddWatcher { .. } | Command::RemoveWatcher { .. }
        | Command::CountUp { .. } | Command::ClearMark { .. } | Command::OpenTask(_)
        | Command::TakeTask { .. } | Command::FinishTask { .. } | Command::CancelTask { .. }
        | Command::Dispatch { .. } | Command::OpenWorkOrder { .. } | Command::AdvanceWorkOrder(_)
        | Command::SendOrderNote { .. } | Command::StartTimer { .. } | Command::CancelTimer { .. }
        | Command::PlayDue { .. } | Command::RecomputeClocks { .. } | Command::Notify { .. }
        | Command::ReadNotifications { .. } | Command::CallPlugin(_) | Command::PluginAnswered(_) => {
            unreachable!("`apply` and `apply_to_records` keep what is about tickets and records")
        }
    }
}

/// The answer about a ticket, with what was made on it.
pub(super) fn about(ticket: TicketId, made: Option<i64>) -> Done {
    Done { id: made.map(|id| id.to_string()), ticket: Some(ticket), ..Done::default() }
}
