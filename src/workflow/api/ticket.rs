//! The ticket: what scripts read of it and the properties that they set.

use std::any::TypeId;

use rhai::Dynamic;

use super::call::{Answer, Call, Outcome};
use super::collections::List;
use super::contacts::ContactRef;
use super::contract::{ContractRef, coverage_of_ticket};
use super::orders::OrderRef;
use super::people::{PersonRef, person_or_nothing};
use super::places::{AssetRef, ClientRef, SiteRef};
use super::tasks::TaskRef;
use super::{Example, Keys, Kind, Member, Param, Type, actions, fields, ladders, lines, setters, sla};
use crate::domain::sla::RESOLUTION;
use crate::domain::ticket::{Level, Ticket};
use crate::domain::work_order::Stage;
use crate::domain::{Key, Refusal, TicketId};
use crate::workflow::failure::Fault;
use crate::workflow::state::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketRef(pub TicketId);

impl TicketRef {
    /// `BANK-1042`.
    pub fn key(&self, state: &State) -> Outcome<String> {
        let (client, number) = state.ticket(self.0, |ticket| (ticket.client, ticket.number))?;
        state.client(client, |client| format!("{}-{number}", client.prefix))
    }
}

pub static TICKET: Type = Type {
    name: "Ticket",
    doc: "A ticket. What a line sets, later lines read; it is carried out when the handler has ended.",
    id: TypeId::of::<TicketRef>,
    index: None,
    actions: actions::ACTIONS,
    members: &[
        Member::get(
            "key",
            Kind::Text,
            "What people call it: `BANK-1042`.",
            Example::opened("ticket.notify(\"shift_supervisor\", #{ text: \"Look at \" + ticket.key });"),
            |call| own(call)?.key(call.state()).map(Dynamic::from),
        ),
        Member::get(
            "number",
            Kind::Number,
            "Its number with the client.",
            Example::opened("ticket.note(`Number ${ticket.number} of this client`);"),
            |call| look(call, |ticket| ticket.number.into()),
        ),
        Member::get_set(
            "subject",
            Kind::Text,
            "One line that says what it is about.",
            Example::opened("ticket.subject = \"ATM: \" + ticket.subject;"),
            setters::subject,
            setters::set_subject,
        ),
        Member::get_set(
            "title",
            Kind::Text,
            "The same as `subject`.",
            Example::opened("ticket.title = \"ATM: \" + ticket.title;"),
            setters::subject,
            setters::set_subject,
        ),
        Member::get(
            "description",
            Kind::Text,
            "What it was opened with.",
            Example::opened(
                "if ticket.description.contains(\"swallows\") { ticket.category = \"complex_fault\"; }",
            ),
            |call| call.state().description(own(call)?.0).map(Dynamic::from),
        ),
        Member::get_set(
            "status",
            Kind::Key(Keys::Status),
            "A status of the pack.",
            Example::opened("ticket.status = \"in_work\";"),
            |call| look(call, |ticket| ticket.status.to_string().into()),
            setters::set_status,
        ),
        Member::get_set(
            "category",
            Kind::Key(Keys::Category),
            "A category of the pack; `()` before anybody chose one.",
            Example::opened("ticket.category = \"complex_fault\";"),
            |call| look(call, |ticket| key_or_nothing(ticket.category.as_ref())),
            setters::set_category,
        ),
        Member::get_set(
            "priority",
            Kind::Number,
            "1 (most pressing) to 5. Setting it overrules impact and urgency.",
            Example::opened("ticket.priority = 2;"),
            |call| look(call, |ticket| ticket.priority.into()),
            setters::set_priority,
        ),
        Member::get_set(
            "impact",
            Kind::Key(Keys::Level),
            "`high`, `medium` or `low`; with the urgency it makes the priority.",
            Example::opened("ticket.impact = \"high\";"),
            |call| look(call, |ticket| level_text(ticket.impact)),
            |call| {
                setters::set_level(
                    call,
                    |ticket, level| ticket.impact = level,
                    |to, level| to.impact = Some(level),
                )
            },
        ),
        Member::get_set(
            "urgency",
            Kind::Key(Keys::Level),
            "`high`, `medium` or `low`; with the impact it makes the priority.",
            Example::opened("ticket.urgency = \"low\";"),
            |call| look(call, |ticket| level_text(ticket.urgency)),
            |call| {
                setters::set_level(
                    call,
                    |ticket, level| ticket.urgency = level,
                    |to, level| to.urgency = Some(level),
                )
            },
        ),
        Member::get_set(
            "urgent",
            Kind::Flag,
            "Whether each stage of it is followed.",
            Example::opened("ticket.urgent = ticket.due_within(hours(24));"),
            |call| look(call, |ticket| ticket.is_urgent.into()),
            setters::set_urgent,
        ),
        Member::get(
            "queue",
            Kind::Key(Keys::Queue),
            "The queue it stands in; `()` in none.",
            Example::opened(
                "if ticket.queue == \"first_line\" { ticket.assign(#{ strategy: \"least_loaded\" }); }",
            ),
            |call| look(call, |ticket| key_or_nothing(ticket.queue.as_ref())),
        ),
        Member::get(
            "channel",
            Kind::Key(Keys::Channel),
            "Where it came from.",
            Example::opened("if ticket.channel == \"phone\" { ticket.urgent = true; }"),
            |call| look(call, |ticket| json_word(ticket.channel)),
        ),
        Member::get(
            "resolution",
            Kind::Key(Keys::Resolution),
            "How it ended; `()` while it goes on.",
            Example::on(
                "on_closed",
                "if ticket.resolution == \"repaired\" { ticket.comment(\"It is repaired.\"); }",
            ),
            |call| look(call, |ticket| key_or_nothing(ticket.resolution.as_ref())),
        ),
        Member::get(
            "assignee",
            Kind::Handle("Person"),
            "Who works on it; `()` when nobody.",
            Example::on(
                "on_comment",
                "if ticket.assignee != () { ticket.notify(ticket.assignee, \"at_risk\"); }",
            ),
            |call| look(call, |ticket| person_or_nothing(ticket.assignee)),
        ),
        Member::get(
            "contact",
            Kind::Handle("Contact"),
            "Who asked; `()` when unknown.",
            Example::opened("if ticket.contact != () { ticket.notify(ticket.contact, \"remind\"); }"),
            |call| {
                look(call, |ticket| ticket.contact.map_or(Dynamic::UNIT, |id| Dynamic::from(ContactRef(id))))
            },
        ),
        Member::get(
            "asset",
            Kind::Handle("Asset"),
            "The machine; `()` when not recognised.",
            Example::opened(
                "if ticket.asset != () { ticket.dispatch(#{ certificates: ticket.asset.model.certificates }); }",
            ),
            |call| look(call, |ticket| ticket.asset.map_or(Dynamic::UNIT, |id| Dynamic::from(AssetRef(id)))),
        ),
        Member::get(
            "site",
            Kind::Handle("Site"),
            "Where it is, or where its asset stands; `()` when unknown.",
            Example::opened("if ticket.site != () { ticket.dispatch(#{ city: ticket.site.city }); }"),
            site,
        ),
        Member::get(
            "client",
            Kind::Handle("Client"),
            "Whose it is.",
            Example::opened("ticket.note(\"Asked by \" + ticket.client.name);"),
            |call| Ok(Dynamic::from(ClientRef(own(call)?.0))),
        ),
        ladders::IS_ON,
        Member::get(
            "contract",
            Kind::Handle("Contract"),
            "What the client pays for.",
            Example::opened("if ticket.contract.covers(ticket) { ticket.dispatch(); }"),
            |_| Ok(Dynamic::from(ContractRef)),
        ),
        Member::get(
            "fields",
            Kind::Handle("Fields"),
            "The pack's own fields: `ticket.fields.part`.",
            Example::opened("ticket.fields.damage = \"light\";"),
            |call| Ok(fields::of(own(call)?.0)),
        ),
        Member::get(
            "tags",
            Kind::List(&Kind::Text),
            "Its tags, in order.",
            Example::opened("if \"atm\" in ticket.tags { ticket.queue(\"dispatchers\"); }"),
            |call| look(call, |ticket| List::of(ticket.tags.iter().cloned())),
        ),
        Member::get(
            "watchers",
            Kind::List(&Kind::Handle("Person")),
            "Who follows it.",
            Example::on(
                "on_comment",
                "if ticket.watchers.is_empty() { ticket.watch(\"shift_supervisor\"); }",
            ),
            |call| look(call, |ticket| List::of(ticket.watchers.iter().map(|person| PersonRef(*person)))),
        ),
        Member::get(
            "tasks",
            Kind::List(&Kind::Handle("Task")),
            "Its tasks, oldest first.",
            Example::on(
                "on_task_done",
                "if ticket.tasks.all(|one| !one.open) { ticket.status = \"in_work\"; }",
            ),
            |call| {
                let ticket = own(call)?.0;
                call.state().tasks(ticket, |tasks| {
                    List::of(tasks.iter().map(|task| TaskRef { ticket, task: task.id }))
                })
            },
        ),
        Member::get(
            "orders",
            Kind::List(&Kind::Handle("WorkOrder")),
            "Its work orders, oldest first.",
            Example::on("on_work_order", "ticket.note(`${ticket.orders.len} visits so far`);"),
            |call| {
                let ticket = own(call)?.0;
                call.state().orders(ticket, |orders| {
                    List::of(orders.iter().map(|order| OrderRef { ticket, order: order.id }))
                })
            },
        ),
        Member::get(
            "last_order",
            Kind::Handle("WorkOrder"),
            "Its latest work order; `()` without one.",
            Example::on(
                "on_comment",
                "if ticket.last_order != () { ticket.last_order.send_note(comment.text); }",
            ),
            |call| {
                let ticket = own(call)?.0;
                call.state().orders(ticket, |orders| {
                    orders
                        .last()
                        .map_or(Dynamic::UNIT, |order| Dynamic::from(OrderRef { ticket, order: order.id }))
                })
            },
        ),
        Member::get(
            "visit_count",
            Kind::Number,
            "How often an engineer has arrived for it.",
            Example::on(
                "on_work_order",
                "if ticket.visit_count >= 1 { ticket.notify(\"shift_supervisor\", \"at_risk\"); }",
            ),
            |call| {
                call.state().orders(own(call)?.0, |orders| {
                    let visits = orders.iter().filter(|order| order.arrived_at.is_some()).count();
                    i64::try_from(visits).unwrap_or(i64::MAX).into()
                })
            },
        ),
        Member::get(
            "minutes_spent",
            Kind::Number,
            "Minutes that people recorded on it, all entries together.",
            Example::on("on_closed", "if ticket.minutes_spent > 20 { ticket.add_tag(\"long_work\"); }"),
            super::time_entries::minutes_spent,
        ),
        Member::get(
            "time_entries",
            Kind::List(&Kind::Handle("TimeEntry")),
            "Work that people recorded on it, by its beginning.",
            Example::on(
                "on_closed",
                "for entry in ticket.time_entries { ticket.note(`${entry.person.name}: ${entry.minutes} min`); }",
            ),
            super::time_entries::of_ticket,
        ),
        Member::get(
            "no_shows",
            Kind::List(&Kind::Handle("Person")),
            NO_SHOWS,
            Example::on(
                "on_work_order",
                "ticket.dispatch(#{ city: ticket.site.city, exclude: ticket.no_shows });",
            ),
            no_shows,
        ),
        Member::get(
            "major_incident",
            Kind::Handle("Incident"),
            "The major incident that it is attached to, or is itself; `()` otherwise.",
            Example::on(
                "on_attached_to_incident",
                "ticket.note(\"Waits for \" + ticket.major_incident.key);",
            ),
            super::incidents::of_ticket,
        ),
        Member::get(
            "is_attached",
            Kind::Flag,
            "Whether it is attached to a major incident.",
            Example::on(
                "on_attached_to_incident",
                "if ticket.is_attached { ticket.comment(\"We know of it.\"); }",
            ),
            |call| look(call, |ticket| ticket.incident.is_some().into()),
        ),
        Member::get(
            "possible_duplicates",
            Kind::List(&Kind::Handle("Ticket")),
            DUPLICATES,
            Example::opened(
                "for other in ticket.possible_duplicates { ticket.note(\"Perhaps the same: \" + other.key); }",
            ),
            |call| {
                let found = call.state().possible_duplicates(own(call)?.0)?;
                Ok(List::of(found.into_iter().map(TicketRef)))
            },
        ),
        Member::get(
            "opened_at",
            Kind::Moment,
            "When it was opened.",
            Example::on("on_closed", "ticket.note(`It took ${now() - ticket.opened_at}`);"),
            |call| look(call, |ticket| Dynamic::from(ticket.opened_at)),
        ),
        Member::get(
            "resolved_at",
            Kind::Moment,
            "When it was resolved; `()` while it is not.",
            Example::on("on_closed", "ticket.note(`Solved ${ticket.resolved_at}`);"),
            |call| look(call, |ticket| ticket.resolved_at.map_or(Dynamic::UNIT, Dynamic::from)),
        ),
        Member::get(
            "closed_at",
            Kind::Moment,
            "When it was closed; `()` while it is not.",
            Example::on("on_closed", "ticket.note(`Closed ${ticket.closed_at}`);"),
            |call| look(call, |ticket| ticket.closed_at.map_or(Dynamic::UNIT, Dynamic::from)),
        ),
        Member::get(
            "is_closed",
            Kind::Flag,
            "Whether it was closed.",
            Example::on("on_comment", "if !ticket.is_closed { ticket.status = \"in_work\"; }"),
            |call| look(call, |ticket| ticket.is_closed().into()),
        ),
        Member::get(
            "reopen_count",
            Kind::Number,
            "How often it came back.",
            Example::on("on_reopened", "if ticket.reopen_count >= 1 { ticket.watch(\"shift_supervisor\"); }"),
            |call| look(call, |ticket| ticket.reopen_count.into()),
        ),
        Member::get(
            "handover_count",
            Kind::Number,
            "How often its queue changed.",
            Example::on("on_comment", "if ticket.handover_count < 3 { ticket.queue(\"dispatchers\"); }"),
            |call| look(call, |ticket| ticket.handover_count.into()),
        ),
        Member::get(
            "calendar",
            Kind::Handle("Calendar"),
            "The calendar by which its clocks run: its site's, else its contract's.",
            Example::opened("ticket.timer(\"remind\", ticket.calendar.add(now(), 60));"),
            super::calendar::of_ticket,
        ),
        Member::method(
            "sla",
            &[Param::new(
                "target",
                Kind::Key(Keys::SlaTarget),
                "`first_response`, `next_response`, `resolution`, or a stage of the pack",
            )],
            Kind::Handle("Sla"),
            "The clock of a target.",
            Example::opened("ticket.dispatch(#{ due: ticket.sla(\"resolution\").due });"),
            |call| Ok(sla::clock_of(own(call)?.0, call.key(1)?)),
        ),
        sla::MINUTES_IN,
        Member::method(
            "coverage",
            &[],
            Kind::Handle("Coverage"),
            "What the contract says of it, as the ticket and the month stand now.",
            Example::opened("if ticket.coverage().is_covered { ticket.dispatch(); }"),
            coverage_of_ticket,
        ),
        Member::method(
            "due_within",
            &[Param::new("span", Kind::Due, "from now")],
            Kind::Flag,
            "Whether its resolution falls due within the span, or is overdue.",
            Example::opened("if ticket.due_within(days(30)) { ticket.urgent = true; }"),
            due_within,
        ),
        Member::method(
            "is_default",
            &[Param::new("what", Kind::Text, "`category`, or a field's key")],
            Kind::Flag,
            "Whether nobody has chosen it yet: the default category, an empty field.",
            Example::opened(
                "if ticket.is_default(\"cash_left\") { ticket.comment(\"How much cash is left?\"); }",
            ),
            is_default,
        ),
        Member::method(
            "missing_for",
            &[Param::new("line", Kind::Key(Keys::Queue), "the queue to hand it to")],
            Kind::List(&Kind::Text),
            "Keys of what the hand-over forms require for that queue and the ticket lacks.",
            Example::opened(
                "if ticket.missing_for(\"dispatchers\").is_empty() { ticket.queue(\"dispatchers\"); }",
            ),
            lines::missing_for,
        ),
        Member::get(
            "is_unclassified",
            Kind::Flag,
            "Whether it has the default category, or lacks what `classification.requires` names.",
            Example::opened("if !ticket.is_unclassified { ticket.queue(\"dispatchers\"); }"),
            lines::is_unclassified,
        ),
        Member::get(
            "accept_until",
            Kind::Moment,
            "Until when its assignee must accept it; `()` when nobody must.",
            Example::on(
                "on_comment",
                "if ticket.accept_until != () { ticket.notify(ticket.assignee, #{ text: `Accept it until ${ticket.accept_until}` }); }",
            ),
            lines::accept_until,
        ),
        Member::get(
            "return_count",
            Kind::Number,
            "Assignments in a row that nobody accepted.",
            Example::on(
                "on_assignment_returned",
                "if ticket.return_count >= 1 { ticket.watch(\"shift_supervisor\"); }",
            ),
            lines::return_count,
        ),
        super::rating::OF_TICKET,
        Member::method(
            "count",
            &[Param::new("name", Kind::Key(Keys::Free), "a counter's name")],
            Kind::Number,
            "What `count_up` has counted; 0 at first.",
            Example::on("on_timer", "if ticket.count(\"reminded\") < 2 { ticket.timer(name, hours(24)); }"),
            |call| {
                let name = call.key(1)?;
                look(call, |ticket| ticket.counters.get(&name).copied().unwrap_or(0).into())
            },
        ),
    ],
};

const DUPLICATES: &str = "Open tickets of the client that may be about the same, the likeliest first, at most 10: the same asset, contact, phone or e-mail, words in common, within the pack's `[duplicates]` window.";
const NO_SHOWS: &str = "Engineers who refused an order of this ticket, or whose order was cancelled before they came: for `exclude`.";

pub fn own(call: &Call<'_, '_, '_>) -> Outcome<TicketRef> {
    call.this::<TicketRef>()
}

fn look(call: &Call<'_, '_, '_>, part: impl FnOnce(&Ticket) -> Dynamic) -> Answer {
    call.state().ticket(own(call)?.0, part)
}

/// A domain refusal in a script's words.
pub fn refused(refusal: &Refusal) -> Box<rhai::EvalAltResult> {
    Fault::refused(&refusal.to_string())
}

fn key_or_nothing(key: Option<&Key>) -> Dynamic {
    key.map_or(Dynamic::UNIT, |key| key.to_string().into())
}

fn json_word(value: impl serde::Serialize) -> Dynamic {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word.into(),
        _ => Dynamic::UNIT,
    }
}

fn level_text(level: Level) -> Dynamic {
    json_word(level)
}

fn site(call: &mut Call<'_, '_, '_>) -> Answer {
    let (site, asset) = call.state().ticket(own(call)?.0, |ticket| (ticket.site, ticket.asset))?;
    let site = match (site, asset) {
        (Some(site), _) => Some(site),
        (None, Some(asset)) => call.state().asset(asset, |asset| asset.site)?,
        (None, None) => None,
    };
    Ok(site.map_or(Dynamic::UNIT, |site| Dynamic::from(SiteRef(site))))
}

fn no_shows(call: &mut Call<'_, '_, '_>) -> Answer {
    call.state().orders(own(call)?.0, |orders| {
        let mut people: Vec<_> = orders
            .iter()
            .filter(|order| match order.stage {
                Stage::Refused | Stage::NoShow => true,
                Stage::Cancelled => order.arrived_at.is_none(),
                _ => false,
            })
            .map(|order| order.engineer)
            .collect();
        people.sort_unstable();
        people.dedup();
        List::of(people.into_iter().map(PersonRef))
    })
}

fn due_within(call: &mut Call<'_, '_, '_>) -> Answer {
    let until = call.due(1)?;
    let state = call.state();
    let calendar = state.calendar_of(own(call)?.0)?;
    let due = state.sla(own(call)?.0, |clocks| {
        clocks.iter().find(|clock| clock.target == *RESOLUTION).and_then(|clock| clock.due_at(&calendar))
    })?;
    Ok(due.is_some_and(|due| due <= until).into())
}

fn is_default(call: &mut Call<'_, '_, '_>) -> Answer {
    let (what, ticket) = (call.text(1)?, own(call)?.0);
    let pack = call.state().pack.clone();
    if what == "category" {
        let default = pack.default_category().map(|category| &category.key);
        return call.state().ticket(ticket, |ticket| {
            (ticket.category.is_none() || ticket.category.as_ref() == default).into()
        });
    }
    let key = call.key(1)?;
    pack.require_field("what", &key).map_err(|refusal| refused(&refusal))?;
    fields::field_value(call.state(), ticket, &key).map(|value| value.is_unit().into())
}
