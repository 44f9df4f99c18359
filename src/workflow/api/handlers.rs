//! The handlers that a script may have, and what they are given.

use super::{Keys, Kind, Param, SINCE_FIRST, Signature};

pub struct Handler {
    pub name: &'static str,
    pub doc: &'static str,
    pub since: &'static str,
    pub params: &'static [Param],
}

const TICKET: Param = Param::new("ticket", Kind::Handle("Ticket"), "");

const RESOLUTION: Param = Param::new("resolution", Kind::Key(Keys::Resolution), "how it is to end");

const INCIDENT: Param = Param::new("incident", Kind::Handle("Incident"), "");

const fn handler(name: &'static str, params: &'static [Param], doc: &'static str) -> Handler {
    Handler { name, doc, since: SINCE_FIRST, params }
}

/// What a plugin's answer is given to.
pub const ANSWERED: &Signature = &Signature { params: ANSWER, needed: ANSWER.len() };

const ANSWER: &[Param] = &[
    TICKET,
    Param::new("answer", Kind::Handle("PluginAnswer"), "what the connector said"),
    Param::new("context", Kind::Any, "what `.then` was given"),
];

pub static HANDLERS: &[Handler] = &[
    handler("on_opened", &[TICKET], "A ticket was opened."),
    handler(
        "on_changed",
        &[TICKET, Param::new("change", Kind::Handle("Change"), "what changed")],
        "Somebody else than this handler changed a status, a category, a field and so on.",
    ),
    handler(
        "on_comment",
        &[TICKET, Param::new("comment", Kind::Handle("Comment"), "what was written")],
        "A reply or a note was written.",
    ),
    handler(
        "on_task_done",
        &[TICKET, Param::new("task", Kind::Handle("Task"), "with its outcome")],
        "A department finished a task.",
    ),
    handler(
        "on_work_order",
        &[TICKET, Param::new("order", Kind::Handle("WorkOrder"), "with its new stage")],
        "A work order was offered or went on to another stage.",
    ),
    handler(
        "on_unassigned",
        &[TICKET, Param::new("attempt", Kind::Handle("Attempt"), "who was looked at")],
        "Nobody suited for a dispatch or an assignment. A script without it leaves the ticket to the queue of `on_failure`, with an alarm.",
    ),
    handler(
        "on_shift_ended",
        &[TICKET, Param::new("person", Kind::Handle("Person"), "who had it and has left")],
        "The shift of who works on the ticket has ended. With this handler the script says where the ticket goes, not the pack's `handover`.",
    ),
    handler(
        "on_assignment_returned",
        &[TICKET, Param::new("person", Kind::Handle("Person"), "who did not accept it")],
        "Somebody did not accept the ticket in the time that its queue grants (`accept_within`), or went off shift before: it stands in its queue again, or is with the next one already.",
    ),
    handler(
        "on_timer",
        &[TICKET, Param::new("name", Kind::Key(Keys::Timer), "the timer's name")],
        "A timer of the ticket rang.",
    ),
    handler(
        "on_sla",
        &[TICKET, Param::new("alarm", Kind::Handle("SlaAlarm"), "which target and how far")],
        "A warning level of a target (`warn_percent`) was reached, the target was missed, or it is overdue for another while (`overdue_every_minutes`).",
    ),
    handler("on_plugin", ANSWER, "A connector answered and the call named no function of its own."),
    handler(
        "on_not_covered",
        &[TICKET, Param::new("coverage", Kind::Handle("Coverage"), "what the contract says")],
        "The contract does not cover the ticket: as it was opened, or after its category, contact or sub-client changed. Without this handler the ticket gets the tag `not_covered` and goes to `contract.not_covered_queue`, and nobody is told.",
    ),
    handler(
        "on_attached_to_incident",
        &[TICKET, INCIDENT],
        "The ticket was attached to a major incident, by its rule or by hand: the place for an automatic reply.",
    ),
    handler(
        "on_incident_update",
        &[TICKET, INCIDENT, Param::new("update", Kind::Handle("IncidentUpdate"), "what was written")],
        "An update of the major incident has reached the ticket, once for each ticket and update.",
    ),
    handler(
        "on_accepting",
        &[TICKET, Param::new("person", Kind::Handle("Person"), "who is about to have it")],
        "Guard: somebody is about to take the ticket, or to accept it. It may only `refuse`; scripts, plugins and the desk itself are not asked.",
    ),
    handler(
        "on_resolving",
        &[TICKET, RESOLUTION],
        "Guard: a person is about to resolve the ticket. It may only `refuse`.",
    ),
    handler(
        "on_closing",
        &[TICKET, RESOLUTION],
        "Guard: a person is about to close the ticket. It may only `refuse`.",
    ),
    handler(
        "on_schedule",
        &[Param::new("name", Kind::Key(Keys::Schedule), "which of the pack's `[[schedules]]`")],
        "A schedule of the pack has come, in the client's time. It is about no single ticket: `find_tickets` finds them. What was missed while the desk was down comes once.",
    ),
    handler("on_resolved", &[TICKET], "The ticket was resolved."),
    handler("on_closed", &[TICKET], "The ticket was closed."),
    handler("on_reopened", &[TICKET], "The ticket came back."),
];
