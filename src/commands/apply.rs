//! Each command finds its file.

use super::done::{DeskError, Done};
use super::work::Work;
use super::{
    acceptance, assign, change_ticket, client, comment, conclude, contract, due, edit_time, edit_words,
    foreign_login, handover, hold, holidays, import, incident, installation, job, ladder, next, notify,
    open_ticket, pack, pack_exchange, person, place, plugin, plugin_item, plugin_items, plugin_keys,
    plugin_outbox, rating, recompute, report, roster, roster_calendar, roster_change, roster_plan,
    send_report, shadow, shift_pattern, specialist, stopwatch, swap, tags_links, task, time_entry, watch,
    work_order,
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
        Command::AddComment { ticket, text, visibility, attachments, asks_client } => {
            comment::add(work, ticket, &text, visibility, attachments, asks_client)
        }
        Command::AddAttachments { ticket, attachments, visibility } => {
            comment::attach(work, ticket, attachments, visibility)
        }
        Command::ChangeTags { ticket, add, remove } => tags_links::change_tags(work, ticket, add, remove),
        Command::LinkTickets { ticket, other, kind } => tags_links::link(work, ticket, other, kind),
        Command::UnlinkTickets { ticket, other, kind } => tags_links::unlink(work, ticket, other, kind),
        Command::AddWatcher { ticket, who } => tags_links::add_watcher(work, ticket, &who),
        Command::RemoveWatcher { ticket, person } => tags_links::remove_watcher(work, ticket, person),
        Command::CountUp { ticket, name } => change_ticket::count_up(work, ticket, name),
        Command::ClearMark { ticket } => change_ticket::clear_mark(work, ticket),
        Command::OpenTask(open) => task::open(work, *open),
        Command::TakeTask { task } => task::take(work, task),
        Command::FinishTask { task, outcome, comment, fields, attachments } => {
            task::finish(work, task, outcome, comment.as_deref(), &fields, attachments)
        }
        Command::CancelTask { task, reason } => task::cancel(work, task, reason.as_deref()),
        Command::Dispatch { ticket, requirements, due_at, note } => {
            work_order::dispatch(work, ticket, requirements, due_at, note.as_deref())
        }
        Command::OpenWorkOrder { ticket, engineer, due_at, planned_at, note } => {
            work_order::open(work, ticket, engineer, due_at, planned_at, note.as_deref())
        }
        Command::AdvanceWorkOrder(advance) => work_order::advance(work, *advance),
        Command::SendOrderNote { order, text, attachments } => {
            work_order::send_note(work, order, &text, attachments)
        }
        Command::RequireReport(require) => report::require(work, *require),
        Command::HandInReport(given) => report::hand_in(work, &given),
        Command::JudgeReport(given) => report::judge(work, &given),
        Command::StartTimer { ticket, name, run_at } => due::start_timer(work, ticket, name, run_at),
        Command::CancelTimer { ticket, name } => due::cancel_timer(work, ticket, name),
        Command::StartLadder(start) => ladder::start(work, *start),
        Command::StopLadder { ticket, name, signal } => ladder::stop(work, ticket, name, signal),
        Command::PlayDue { due } => due::play(work, due),
        Command::RecomputeClocks { ticket, to } => recompute::recompute(work, ticket, to),
        Command::Notify { ticket, to, template, text, order } => {
            notify::notify(work, ticket, &to, template, text.as_deref(), order)
        }
        Command::AskPeople(ask) => notify::ask(work, *ask),
        Command::AskRating { ticket, ask_at } => rating::ask(work, ticket, ask_at),
        Command::RateTicket(given) => rating::rate(work, &given),
        Command::SendReport(send) => send_report::send(work, &send),
        Command::ReadNotifications { up_to } => notify::read(work, up_to),
        Command::CallPlugin(call) => plugin::call(work, *call),
        Command::PluginAnswered(answered) => plugin::answered(work, *answered),
        Command::AddForeignComment(given) => comment::add_foreign(work, *given),
        Command::GiveNotice(given) => plugin_item::give_notice(work, *given),
        other => apply_to_hands(work, other),
    }
}

/// In whose hands a ticket is, and how it ends.
fn apply_to_hands(work: &mut Work<'_>, command: Command) -> Result<Done, DeskError> {
    match command {
        Command::AssignTicket { ticket, version, to, reason, information } => {
            assign::assign(work, ticket, version, to, reason.as_deref(), &information)
        }
        Command::UnassignTicket { ticket, version, reason } => {
            assign::unassign(work, ticket, version, reason.as_deref())
        }
        Command::AcceptTicket { ticket, version } => acceptance::accept(work, ticket, version),
        Command::QueueTicket { ticket, version, queue, reason, alarm, information } => {
            assign::queue(work, ticket, version, queue, reason.as_deref(), alarm, &information)
        }
        Command::ResolveTicket { ticket, version, resolution, reason, information } => {
            conclude::resolve(work, ticket, version, resolution, reason.as_deref(), &information)
        }
        Command::CloseTicket { ticket, version, resolution, reason, information } => {
            conclude::close(work, ticket, version, resolution, reason.as_deref(), &information)
        }
        Command::ReopenTicket { ticket, version, reason } => {
            conclude::reopen(work, ticket, version, reason.as_deref())
        }
        Command::MarkDuplicate { ticket, of } => conclude::mark_duplicate(work, ticket, of),
        other => {
            let done = apply_to_records(work, other)?;
            // It may have been about people, and rights follow from what people are.
            work.programs.people.forget();
            Ok(done)
        }
    }
}

/// What is about the desk's records, packs, plugins, jobs and incidents, not about one ticket alone.
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
        Command::NameSpecialist(name) => specialist::name(work, *name),
        Command::EndSpecialist(end) => specialist::end(work, &end),
        Command::MapForeignLogin(map) => foreign_login::map(work, *map),
        Command::UnmapForeignLogin(unmap) => foreign_login::unmap(work, &unmap),
        Command::SaveTests(save) => pack::save_tests(work, &save),
        Command::SaveDraft { client, script, settings } => pack::save_draft(work, client, script, settings),
        Command::StartFromPack(start) => pack::start(work, *start),
        Command::EditTime(edit) => edit_time::edit(work, *edit),
        Command::EditWords(edit) => edit_words::edit(work, *edit),
        Command::PushDraft(push) => pack_exchange::push(work, *push),
        Command::PublishPack { client, source, message, reach } => {
            pack::publish(work, client, source, &message, reach)
        }
        Command::RollBackPack { client, to, message, reach } => {
            pack::roll_back(work, client, to, &message, reach)
        }
        Command::PutHolidays { client, key, source } => holidays::put(work, client, key, source),
        Command::ReleaseQuarantine { client } => pack::release_quarantine(work, client),
        Command::StartShadow(start) => shadow::start(work, start),
        Command::StopShadow { client } => shadow::stop(work, client),
        Command::InstallPlugin(install) => installation::install(work, *install),
        Command::SetPluginEnabled { installation: own, state } => installation::set_enabled(work, own, state),
        Command::Plugin(step) => plugin_keys::step(work, *step),
        Command::TakeItems(take) => plugin_items::take(work, *take),
        Command::ReplayItem(given) => plugin_items::replay(work, given),
        Command::DiscardItem(given) => plugin_items::discard(work, given),
        Command::SetHookToken(given) => plugin_outbox::set_hook_token(work, &given),
        Command::SetPollInterval(given) => plugin_outbox::set_interval(work, given),
        Command::EndJob { job, end } => job::end_attempt(work, job, &end),
        Command::ReplayJob { job } => job::replay(work, job),
        Command::DropJob { job, reason } => job::discard(work, job, reason.as_deref()),
        Command::ReleaseOutbox => job::release_outbox(work),
        Command::DeclareIncident(declare) => incident::declare(work, *declare),
        Command::ChangeIncident(change) => incident::change(work, *change),
        Command::AttachToIncident { ticket, incident } => incident::attach(work, ticket, incident),
        Command::DetachFromIncident { ticket } => incident::detach(work, ticket),
        Command::GatherForIncident { incident } => incident::gather(work, incident),
        Command::SendIncidentUpdate { incident, text } => incident::send_update(work, incident, &text),
        Command::EndIncident(end) => incident::end(work, *end),
        Command::ImportTicket(import) => import::ticket(work, *import),
        Command::ImportUpdate(import) => import::update(work, *import),
        Command::RaisePriority(raise) => contract::raise(work, &raise),
        Command::SetNamedContact(set) => contract::set_named(work, &set),
        Command::AdjustBalance(adjust) => contract::adjust(work, &adjust),
        Command::HandOver(given) => handover::by_hand(work, *given),
        Command::RecordTime(given) => time_entry::record_time(work, *given),
        Command::ChangeTime(given) => time_entry::change(work, &given),
        Command::TakeTimeBack { entry, version } => time_entry::take_back(work, entry, version),
        Command::StartStopwatch { ticket } => stopwatch::start(work, ticket),
        Command::StopStopwatch { end } => stopwatch::stop(work, end),
        other => apply_to_roster(work, other),
    }
}

/// What is about people's time, and about who takes what waits.
fn apply_to_roster(work: &mut Work<'_>, command: Command) -> Result<Done, DeskError> {
    match command {
        Command::PutShift(put) => roster::put_shift(work, *put),
        Command::RemoveShift { shift, version } => roster::remove_shift(work, shift, version),
        Command::PutAbsence(put) => roster::put_absence(work, *put),
        Command::RemoveAbsence { absence, version } => roster::remove_absence(work, absence, version),
        Command::SwapShifts(swap) => roster::swap_shifts(work, &swap),
        Command::OfferSwap(offer) => swap::offer(work, &offer),
        Command::AnswerSwap(answer) => swap::answer(work, answer),
        Command::ChangeRoster(change) => roster_change::change(work, *change),
        Command::CopyRoster(copy) => roster_plan::copy(work, &copy),
        Command::ImportRoster(import) => roster_plan::import(work, &import),
        Command::ImportRosterCalendar(import) => roster_calendar::import(work, &import),
        Command::PutShiftPattern(put) => shift_pattern::put(work, *put),
        Command::RemoveShiftPattern { pattern, version } => shift_pattern::remove(work, pattern, version),
        Command::ApplyShiftPattern(apply) => shift_pattern::apply(work, &apply),
        Command::ApproveHold(given) => hold::approve(work, given),
        Command::DiscardHold(given) => hold::discard(work, &given),
        Command::AcknowledgeAlarm { alarm, version } => watch::acknowledge(work, alarm, version),
        Command::TakeNext { client, queue } => next::take(work, client, queue.as_ref()),
        other => kept_above(&other),
    }
}

/// What no room has taken; named one by one, so that the compiler asks where a new command belongs.
#[rustfmt::skip]
fn kept_above(command: &Command) -> ! {
    use Command as C;
    match command {
          C::OpenTicket(_) | C::ChangeTicket { .. } | C::RaisePriority(_) | C::AddComment { .. }
        | C::AddAttachments { .. } | C::AssignTicket { .. } | C::AcceptTicket { .. }
        | C::UnassignTicket { .. } | C::QueueTicket { .. } | C::ResolveTicket { .. } | C::CloseTicket { .. }
        | C::ReopenTicket { .. } | C::ChangeTags { .. } | C::LinkTickets { .. } | C::UnlinkTickets { .. }
        | C::MarkDuplicate { .. } | C::DeclareIncident(_) | C::ChangeIncident(_)
        | C::AttachToIncident { .. } | C::DetachFromIncident { .. } | C::GatherForIncident { .. }
        | C::SendIncidentUpdate { .. } | C::EndIncident(_) | C::AddWatcher { .. } | C::RemoveWatcher { .. }
        | C::CountUp { .. } | C::ClearMark { .. } | C::OpenTask(_) | C::TakeTask { .. }
        | C::FinishTask { .. } | C::CancelTask { .. } | C::Dispatch { .. } | C::OpenWorkOrder { .. }
        | C::AdvanceWorkOrder(_) | C::SendOrderNote { .. } | C::RequireReport(_) | C::HandInReport(_)
        | C::JudgeReport(_) | C::AskPeople(_) | C::HandOver(_) | C::RecordTime(_)
        | C::ChangeTime(_) | C::TakeTimeBack { .. } | C::StartStopwatch { .. } | C::StopStopwatch { .. }
        | C::StartTimer { .. } | C::CancelTimer { .. } | C::StartLadder(_) | C::StopLadder { .. }
        | C::PlayDue { .. } | C::RecomputeClocks { .. }
        | C::Notify { .. } | C::AskRating { .. } | C::RateTicket(_) | C::SendReport(_) | C::CallPlugin(_) | C::PluginAnswered(_) | C::ReadNotifications { .. }
        | C::PutClient(_) | C::PutSubClient(_) | C::PutSite(_) | C::PutAsset(_) | C::PutContact(_)
        | C::SetNamedContact(_) | C::AdjustBalance(_) | C::PutPartner { .. } | C::PutPerson(_)
        | C::SetAccess { .. } | C::SetPassword { .. } | C::NameSpecialist(_) | C::EndSpecialist(_)
        | C::MapForeignLogin(_) | C::UnmapForeignLogin(_)
        | C::PutShift(_) | C::RemoveShift { .. } | C::PutAbsence(_) | C::RemoveAbsence { .. }
        | C::SwapShifts(_) | C::OfferSwap(_) | C::AnswerSwap(_) | C::ChangeRoster(_) | C::CopyRoster(_) | C::ImportRoster(_)
        | C::ImportRosterCalendar(_) | C::PutShiftPattern(_) | C::RemoveShiftPattern { .. }
        | C::ApplyShiftPattern(_) | C::SaveDraft { .. } | C::SaveTests(_) | C::StartFromPack(_) | C::EditTime(_) | C::EditWords(_) | C::PushDraft(_) | C::PublishPack { .. }
        | C::RollBackPack { .. } | C::PutHolidays { .. } | C::ReleaseQuarantine { .. }
        | C::StartShadow(_) | C::StopShadow { .. }
        | C::ApproveHold(_) | C::DiscardHold(_)
        | C::AcknowledgeAlarm { .. } | C::TakeNext { .. } | C::InstallPlugin(_) | C::SetPluginEnabled { .. } | C::Plugin(_)
        | C::EndJob { .. } | C::ReplayJob { .. } | C::DropJob { .. } | C::ReleaseOutbox | C::ImportTicket(_)
        | C::ImportUpdate(_) | C::TakeItems(_) | C::AddForeignComment(_) | C::GiveNotice(_) | C::ReplayItem(_)
        | C::DiscardItem(_) | C::SetHookToken(_) | C::SetPollInterval(_)
        => unreachable!("`{command:?}` is taken by one of the rooms above"),
    }
}

/// The answer about a ticket, with what was made on it.
pub(super) fn about(ticket: TicketId, made: Option<i64>) -> Done {
    Done { id: made.map(|id| id.to_string()), ticket: Some(ticket), ..Done::default() }
}
