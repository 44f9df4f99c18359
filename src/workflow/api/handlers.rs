//! The handlers that a script may have, and what they are given.

use super::{Example, Keys, Kind, Param, SINCE_FIRST, Signature};

pub struct Handler {
    pub name: &'static str,
    pub doc: &'static str,
    pub example: Example,
    pub since: &'static str,
    pub params: &'static [Param],
}

const TICKET: Param = Param::new("ticket", Kind::Handle("Ticket"), "");

const RESOLUTION: Param = Param::new("resolution", Kind::Key(Keys::Resolution), "how it is to end");

const INCIDENT: Param = Param::new("incident", Kind::Handle("Incident"), "");

const fn handler(
    name: &'static str,
    params: &'static [Param],
    doc: &'static str,
    example: Example,
) -> Handler {
    Handler { name, doc, example, since: SINCE_FIRST, params }
}

/// What a plugin's answer is given to.
pub const ANSWERED: &Signature = &Signature { params: ANSWER, needed: ANSWER.len() };

const ANSWER: &[Param] = &[
    TICKET,
    Param::new("answer", Kind::Handle("PluginAnswer"), "what the connector said"),
    Param::new("context", Kind::Any, "what `.then` was given"),
];

pub static HANDLERS: &[Handler] = &[
    handler(
        "on_opened",
        &[TICKET],
        "A ticket was opened.",
        Example::opened(
            "if ticket.asset == () { ticket.queue(\"dispatchers\", #{ reason: \"Machine not recognised\" }); }\nelse { ticket.dispatch(#{ city: ticket.site.city, grade: 1, note: ticket.subject }); }",
        ),
    ),
    handler(
        "on_changed",
        &[TICKET, Param::new("change", Kind::Handle("Change"), "what changed")],
        "Somebody else than this handler changed a status, a category, a field and so on.",
        Example::on(
            "on_changed",
            "if change.what == \"category\" && ticket.category == \"vandalism\" {\n    ticket.escalate(\"commercial\", #{ reason: \"Vandalism found\", due: hours(24) });\n}",
        ),
    ),
    handler(
        "on_comment",
        &[TICKET, Param::new("comment", Kind::Handle("Comment"), "what was written")],
        "A reply or a note was written.",
        Example::on(
            "on_comment",
            "if comment.author.is_contact && ticket.status == \"waiting_for_the_bank\" {\n    ticket.status = \"in_work\";\n    ticket.cancel_timer(\"remind\");\n}",
        ),
    ),
    handler(
        "on_task_done",
        &[TICKET, Param::new("task", Kind::Handle("Task"), "with its outcome")],
        "A department finished a task.",
        Example::on(
            "on_task_done",
            "if task.outcome == \"approved\" { ticket.status = \"in_work\"; }\nelse { ticket.close(#{ resolution: \"refused\", reason: task.comment }); }",
        ),
    ),
    handler(
        "on_work_order",
        &[TICKET, Param::new("order", Kind::Handle("WorkOrder"), "with its new stage")],
        "A work order was offered or went on to another stage.",
        Example::with(
            "on_work_order",
            "if order.stage == \"offered\" {\n    order.expect(\"accepted\", minutes(60)).otherwise(\"find_replacement\");\n}",
            "fn find_replacement(ticket, order) {\n    order.cancel(\"Not accepted in time\");\n    ticket.dispatch(#{ city: ticket.site.city, exclude: [order.engineer] });\n}",
        ),
    ),
    handler(
        "on_report",
        &[TICKET, Param::new("report", Kind::Handle("Report"), "with the verdict")],
        "A controller has accepted the report of a visit or returned it to the engineer.",
        Example::with(
            "on_report",
            "if report.verdict == \"accepted\" { ticket.close(#{ resolution: report.order.resolution }); }\nelse { report.order.expect(\"report\", hours(4)).otherwise(\"chase\"); }",
            "fn chase(ticket, order) {\n    ticket.notify(\"dispatchers\", \"stage_late\", #{ order: order });\n}",
        ),
    ),
    handler(
        "on_unassigned",
        &[TICKET, Param::new("attempt", Kind::Handle("Attempt"), "who was looked at")],
        "Nobody suited for a dispatch or an assignment. A script without it leaves the ticket to the queue of `on_failure`, with an alarm.",
        Example::on(
            "on_unassigned",
            "ticket.queue(\"dispatchers\", #{ reason: attempt.rejections_text, alarm: true });",
        ),
    ),
    handler(
        "on_shift_ended",
        &[TICKET, Param::new("person", Kind::Handle("Person"), "who had it and has left")],
        "The shift of who works on the ticket has ended. With this handler the script says where the ticket goes, not the pack's `handover`.",
        Example::on(
            "on_shift_ended",
            "ticket.queue(\"first_line\", #{ reason: person.name + \" has gone home\" });",
        ),
    ),
    handler(
        "on_assignment_returned",
        &[TICKET, Param::new("person", Kind::Handle("Person"), "who did not accept it")],
        "Somebody did not accept the ticket in the time that its queue grants (`accept_within`), or went off shift before: it stands in its queue again, or is with the next one already.",
        Example::on(
            "on_assignment_returned",
            "ticket.notify(\"supervisor\", #{ text: person.name + \" did not take \" + ticket.key });",
        ),
    ),
    handler(
        "on_timer",
        &[TICKET, Param::new("name", Kind::Key(Keys::Timer), "the timer's name")],
        "A timer of the ticket rang.",
        Example::on(
            "on_timer",
            "if ticket.count(\"reminded\") < 2 {\n    ticket.notify(ticket.contact, \"remind\");\n    ticket.count_up(\"reminded\");\n    ticket.timer(name, working(hours(24)));\n} else { ticket.close(#{ resolution: \"no_answer\" }); }",
        ),
    ),
    handler(
        "on_sla",
        &[TICKET, Param::new("alarm", Kind::Handle("SlaAlarm"), "which target and how far")],
        "A warning level of a target (`warn_percent`) was reached, the target was missed, or it is overdue for another while (`overdue_every_minutes`).",
        Example::on(
            "on_sla",
            "if alarm.target == \"resolution\" && alarm.percent >= 80 { ticket.notify(\"shift_supervisor\", \"at_risk\"); }",
        ),
    ),
    handler(
        "on_plugin",
        ANSWER,
        "A connector answered and the call named no function of its own.",
        Example::on(
            "on_plugin",
            "if !answer.ok { ticket.queue(\"dispatchers\", #{ reason: answer.message }); }\nelse { ticket.note(`${answer.plugin}: ${answer.value}`); }",
        ),
    ),
    handler(
        "on_not_covered",
        &[TICKET, Param::new("coverage", Kind::Handle("Coverage"), "what the contract says")],
        "The contract does not cover the ticket: as it was opened, or after its category, contact or sub-client changed. Without this handler the ticket gets the tag `not_covered` and goes to `contract.not_covered_queue`, and nobody is told.",
        Example::on(
            "on_not_covered",
            "ticket.status = \"awaiting_approval\";\nticket.escalate(\"commercial\", #{ reason: `Not covered: ${coverage.reason}`, due: hours(24) });",
        ),
    ),
    handler(
        "on_attached_to_incident",
        &[TICKET, INCIDENT],
        "The ticket was attached to a major incident, by its rule or by hand: the place for an automatic reply.",
        Example::on("on_attached_to_incident", "ticket.comment(incident.text);"),
    ),
    handler(
        "on_incident_update",
        &[TICKET, INCIDENT, Param::new("update", Kind::Handle("IncidentUpdate"), "what was written")],
        "An update of the major incident has reached the ticket, once for each ticket and update.",
        Example::on("on_incident_update", "ticket.comment(update.text);"),
    ),
    handler(
        "on_accepting",
        &[TICKET, Param::new("person", Kind::Handle("Person"), "who is about to have it")],
        "Guard: somebody is about to take the ticket, or to accept it. It may only `refuse`; scripts, plugins and the desk itself are not asked.",
        Example::on(
            "on_accepting",
            "if ticket.is_default(\"category\") { return refuse(\"category\", person.name + \", classify the request first\"); }",
        ),
    ),
    handler(
        "on_resolving",
        &[TICKET, RESOLUTION],
        "Guard: a person is about to resolve the ticket. It may only `refuse`.",
        Example::on(
            "on_resolving",
            "if ticket.fields.cash_left == () { refuse(\"fields.cash_left\", \"Write how much cash is left\"); }",
        ),
    ),
    handler(
        "on_closing",
        &[TICKET, RESOLUTION],
        "Guard: a person is about to close the ticket. It may only `refuse`.",
        Example::on(
            "on_closing",
            "if resolution == \"no_answer\" && ticket.count(\"reminded\") == 0 { refuse(\"resolution\", \"Remind the client first\"); }",
        ),
    ),
    handler(
        "on_schedule",
        &[Param::new("name", Kind::Key(Keys::Schedule), "which of the pack's `[[schedules]]`")],
        "A schedule of the pack has come, in the client's time. It is about no single ticket: `find_tickets` finds them. What was missed while the desk was down comes once.",
        Example::on(
            "on_schedule",
            "if name == \"morning\" {\n    for ticket in find_tickets(#{ status: \"in_work\", opened_before: now() - days(1) }, 50) { ticket.notify(\"assignee\", \"at_risk\"); }\n}",
        ),
    ),
    handler(
        "on_rating",
        &[TICKET, Param::new("rating", Kind::Handle("Rating"), "what the client's person said")],
        "The client's person has rated the ticket, once for each question: ten minutes after the first tap, when the rating can be changed no more and has its comment.",
        Example::on(
            "on_rating",
            "if rating.score <= 2 { ticket.escalate(\"commercial\", #{ reason: rating.comment, due: working(hours(8)) }); }",
        ),
    ),
    handler(
        "on_resolved",
        &[TICKET],
        "The ticket was resolved.",
        Example::on("on_resolved", "ticket.comment(\"It is repaired. Write to us if it comes back.\");"),
    ),
    handler(
        "on_closed",
        &[TICKET],
        "The ticket was closed.",
        Example::on("on_closed", "ticket.note(\"Closed as \" + ticket.resolution);"),
    ),
    handler(
        "on_reopened",
        &[TICKET],
        "The ticket came back.",
        Example::on(
            "on_reopened",
            "ticket.priority = 2;\nticket.notify(\"shift_supervisor\", #{ text: `${ticket.key} came back` });",
        ),
    ),
];
