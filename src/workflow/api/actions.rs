//! What a script can have done to a ticket: each action asks for commands.

use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet};

use rhai::{Dynamic, Map};
use serde_json::Value;

use super::action_options::{
    ASSIGN_OPTIONS, DISPATCH_OPTIONS, END_OPTIONS, QUEUE_OPTIONS, REASON, TAG, TASK_OPTIONS,
};
use super::call::{Answer, Call, Options, Outcome};
use super::collections::is_empty_list;
use super::dispatching::{dispatch, people_of, strategies_of, texts_of};
use super::people::{person_of, recipient_of};
use super::setters::subject_of;
use super::ticket::{TicketRef, own, refused};
use super::values::{json_of, text_of};
use super::{ANSWERED, Example, Keys, Kind, Member, Param, Type};
use super::{asking, ladders, rating, reports, sending};
use crate::domain::Key;
use crate::domain::assignment::MemberWanted;
use crate::domain::command::{
    Alarm, AssignTo, CallPlugin, Command, Gaps, Information, OpenTask, TicketChanges,
};
use crate::domain::event::Visibility;
use crate::domain::pack::Phase;
use crate::workflow::failure::Fault;

/// A plugin call that was asked for; [`PLUGIN_CALL`] says who takes the answer.
#[derive(Debug, Clone, Copy)]
pub struct PluginCallRef(usize);

pub static ACTIONS: &[Member] = &[
    Member::method(
        "comment",
        &[Param::new("text", Kind::Text, "")],
        Kind::Nothing,
        "Writes a reply that the client sees.",
        Example::opened("ticket.comment(\"We are looking into it.\");"),
        |call| asking::comment(call, Visibility::Public, false),
    ),
    Member::method(
        "note",
        &[Param::new("text", Kind::Text, "")],
        Kind::Nothing,
        "Writes a note that staff see.",
        Example::opened("ticket.note(\"The same machine failed last week.\");"),
        |call| asking::comment(call, Visibility::Internal, false),
    ),
    Member::method(
        "add_tag",
        TAG,
        Kind::Nothing,
        "Puts a tag on it.",
        Example::opened("ticket.add_tag(\"vip\");"),
        |call| {
            let tag = call.words(1)?;
            call.state().edit(own(call)?.0, |draft| {
                draft.ticket.tags.insert(tag.clone());
            })?;
            call.ask(Command::ChangeTags {
                ticket: own(call)?.0,
                add: BTreeSet::from([tag]),
                remove: BTreeSet::new(),
            })
        },
    ),
    Member::method(
        "remove_tag",
        TAG,
        Kind::Nothing,
        "Takes a tag off it.",
        Example::opened("ticket.remove_tag(\"atm\");"),
        |call| {
            let tag = call.words(1)?;
            call.state().edit(own(call)?.0, |draft| {
                draft.ticket.tags.remove(&tag);
            })?;
            call.ask(Command::ChangeTags {
                ticket: own(call)?.0,
                add: BTreeSet::new(),
                remove: BTreeSet::from([tag]),
            })
        },
    ),
    Member::method(
        "count_up",
        &[Param::new("name", Kind::Key(Keys::Free), "a counter's name")],
        Kind::Nothing,
        "Counts one more; `count` reads it.",
        Example::on("on_timer", "ticket.count_up(\"reminded\");"),
        |call| {
            let name = call.key(1)?;
            call.state().edit(own(call)?.0, |draft| {
                *draft.ticket.counters.entry(name.clone()).or_default() += 1;
            })?;
            call.ask(Command::CountUp { ticket: own(call)?.0, name })
        },
    ),
    Member::method_with(
        "queue",
        &[
            Param::new("queue", Kind::Key(Keys::Queue), "a support line or department"),
            Param::new("options", Kind::Options(QUEUE_OPTIONS), ""),
        ],
        1,
        Kind::Nothing,
        "Puts the ticket into a queue.",
        Example::opened(
            "ticket.queue(\"dispatchers\", #{ reason: \"Machine not recognised\", alarm: true });",
        ),
        queue,
    ),
    Member::method_with(
        "hand_over",
        &[
            Param::new("line", Kind::Key(Keys::Queue), "the next support line"),
            Param::new("options", Kind::Options(QUEUE_OPTIONS), ""),
        ],
        1,
        Kind::Nothing,
        "Puts the ticket into another line's queue and takes it from its assignee; the reason carries what was collected.",
        Example::opened(
            "ticket.hand_over(\"dispatchers\", #{ reason: \"Restarted twice, the reader stays dark\" });",
        ),
        |call| {
            let ticket = own(call)?.0;
            if call.state().ticket(ticket, |ticket| ticket.assignee.is_some())? {
                let _ = unassign_with(call, None)?;
            }
            queue(call)
        },
    ),
    Member::method(
        "assign",
        &[Param::new("to", Kind::Assignment(ASSIGN_OPTIONS), "a Person, a login, or how to choose")],
        Kind::Nothing,
        "Gives the ticket to a person, or to the one whom the strategy finds; nobody suits: `on_unassigned`.",
        Example::opened(
            "ticket.assign(#{ strategy: [\"same_person_as_asset\", \"least_loaded\"], line: \"first_line\" });",
        ),
        assign,
    ),
    Member::method_with(
        "unassign",
        REASON,
        0,
        Kind::Nothing,
        "Takes the ticket from its assignee.",
        Example::on("on_comment", "ticket.unassign(\"The client has changed the matter\");"),
        |call| {
            let reason = if call.count() > 1 { Some(call.words(1)?) } else { None };
            unassign_with(call, reason)
        },
    ),
    Member::method_with(
        "dispatch",
        &[Param::new("requirements", Kind::Options(DISPATCH_OPTIONS), "")],
        0,
        Kind::Nothing,
        "Asks for an engineer on site. It only asks: the order comes to `on_work_order`, nobody suits to `on_unassigned`.",
        Example::opened(
            "ticket.dispatch(#{ city: ticket.site.city, grade: 2, certificates: ticket.asset.model.certificates, due: hours(24), note: ticket.subject });",
        ),
        dispatch,
    ),
    Member::method(
        "escalate",
        &[
            Param::new("department", Kind::Key(Keys::Department), ""),
            Param::new(
                "options",
                Kind::OptionsAndFields(TASK_OPTIONS),
                "other keys go along as the task's fields",
            ),
        ],
        Kind::Nothing,
        "Opens a task for a department; its outcome comes to `on_task_done`.",
        Example::opened(
            "ticket.escalate(\"commercial\", #{ reason: \"Outside the contract\", due: hours(24), outcomes: [\"approved\", \"refused\"] });",
        ),
        task,
    ),
    Member::method(
        "task",
        &[
            Param::new("department", Kind::Key(Keys::Queue), "a department or a line"),
            Param::new(
                "options",
                Kind::OptionsAndFields(TASK_OPTIONS),
                "other keys go along as the task's fields",
            ),
        ],
        Kind::Nothing,
        "Opens a task; its outcome comes to `on_task_done`.",
        Example::opened(
            "ticket.task(\"dispatchers\", #{ title: \"Call the branch\", phone: ticket.contact.phone, due: minutes(30) });",
        ),
        task,
    ),
    sending::NOTIFY,
    sending::ASK,
    reports::REQUIRE,
    Member::method(
        "watch",
        &[Param::new("who", Kind::Recipient, "")],
        Kind::Nothing,
        "Lets somebody follow the ticket.",
        Example::opened("ticket.watch(\"shift_supervisor\");"),
        |call| {
            let who = recipient_of(call.state(), &call.arg(1))?;
            call.ask(Command::AddWatcher { ticket: own(call)?.0, who })
        },
    ),
    Member::method(
        "unwatch",
        &[Param::new("who", Kind::Person, "")],
        Kind::Nothing,
        "Ends that.",
        Example::on("on_comment", "ticket.unwatch(\"olga\");"),
        |call| {
            let person = person_of(call.state(), &call.arg(1))?;
            call.ask(Command::RemoveWatcher { ticket: own(call)?.0, person })
        },
    ),
    Member::method(
        "timer",
        &[
            Param::new("name", Kind::Key(Keys::Timer), ""),
            Param::new("at", Kind::Due, "a moment, or a span from now"),
        ],
        Kind::Nothing,
        "Starts a timer, or sets it anew; it comes to `on_timer`.",
        Example::opened("ticket.timer(\"remind\", working(hours(24)));"),
        |call| {
            let (name, run_at) = (call.key(1)?, call.due(2)?);
            call.ask(Command::StartTimer { ticket: own(call)?.0, name, run_at })
        },
    ),
    Member::method(
        "cancel_timer",
        &[Param::new("name", Kind::Key(Keys::Timer), "")],
        Kind::Nothing,
        "Stops a timer; one that does not run stays so.",
        Example::on("on_comment", "ticket.cancel_timer(\"remind\");"),
        |call| call.ask(Command::CancelTimer { ticket: own(call)?.0, name: call.key(1)? }),
    ),
    ladders::TICKET_EXPECT,
    ladders::TICKET_EXPECT_BY,
    ladders::TICKET_START,
    ladders::STOP,
    asking::ASK_CONTACT,
    asking::ASK_THIRD_PARTY,
    asking::LINK,
    rating::ASK_RATING,
    Member::method_with(
        "call_plugin",
        &[
            Param::new("plugin", Kind::Key(Keys::Plugin), ""),
            Param::new("function", Kind::Key(Keys::PluginFunction), ""),
            Param::new("input", Kind::Map, "what the function's schema asks for"),
        ],
        2,
        Kind::Handle("PluginCall"),
        "Asks a connector; `.then(\"handler\")` names who takes the answer, `on_plugin` does otherwise.",
        Example::opened(
            "ticket.call_plugin(\"parts-stock\", \"in_stock\", #{ part: ticket.fields.part, city: ticket.site.city });",
        ),
        call_plugin,
    ),
    Member::method(
        "mark_duplicate",
        &[Param::new("of", Kind::Handle("Ticket"), "")],
        Kind::Nothing,
        "Links the ticket to the other and closes it.",
        Example::opened(
            "let twin = ticket.asset.open_ticket(#{ category: ticket.category });\nif twin != () { ticket.mark_duplicate(twin); }",
        ),
        |call| {
            let of = call.arg(1).try_cast::<TicketRef>();
            let of = of.ok_or_else(|| Fault::wrong_type("ticket", call.arg(1).type_name()))?.0;
            call.ask(Command::MarkDuplicate { ticket: own(call)?.0, of })
        },
    ),
    Member::method(
        "attach_to_incident",
        &[Param::new("incident", Kind::Any, "an Incident, or the Ticket that was declared one")],
        Kind::Nothing,
        "Attaches it to an open major incident of the client.",
        Example::on("on_comment", "ticket.attach_to_incident(ticket.client.open_incidents.first);"),
        super::incidents::attach,
    ),
    Member::method(
        "detach_from_incident",
        &[],
        Kind::Nothing,
        "Takes it off; the rule does not attach it again.",
        Example::on(
            "on_attached_to_incident",
            "if ticket.priority <= 2 { return; }\nticket.detach_from_incident();",
        ),
        super::incidents::detach,
    ),
    Member::method_with(
        "declare_incident",
        &[Param::new("options", Kind::Options(super::incidents::DECLARE_OPTIONS), "the text and the rule")],
        0,
        Kind::Nothing,
        "Declares it a major incident; without a condition nothing attaches by itself.",
        Example::opened(
            "ticket.declare_incident(#{ text: \"Cards are not read in Almaty\", cities: [\"Almaty\"], words: [\"card reader\"] });",
        ),
        super::incidents::declare,
    ),
    Member::method_with(
        "resolve",
        &[Param::new("options", Kind::Options(END_OPTIONS), "")],
        0,
        Kind::Nothing,
        "Says that it is solved.",
        Example::on("on_task_done", "ticket.resolve(#{ resolution: \"repaired\", reason: task.comment });"),
        |call| {
            let (ticket, (resolution, reason, information)) = (own(call)?.0, ending(call)?);
            let now = call.state().now()?;
            let status = call.state().pack.status_of_phase(Phase::Resolved).key.clone();
            call.state().edit(ticket, |draft| {
                draft.ticket.status = status;
                draft.ticket.resolution = Some(resolution.clone());
                draft.ticket.resolved_at = Some(now);
            })?;
            call.ask(Command::ResolveTicket { ticket, version: None, resolution, reason, information })
        },
    ),
    Member::method_with(
        "close",
        &[Param::new("options", Kind::Options(END_OPTIONS), "")],
        0,
        Kind::Nothing,
        "Closes it.",
        Example::on("on_timer", "ticket.close(#{ resolution: \"no_answer\", reason: \"Nobody answered\" });"),
        |call| {
            let (ticket, (resolution, reason, information)) = (own(call)?.0, ending(call)?);
            let now = call.state().now()?;
            let status = call.state().pack.status_of_phase(Phase::Closed).key.clone();
            call.state().edit(ticket, |draft| {
                draft.ticket.status = status;
                draft.ticket.resolution = Some(resolution.clone());
                draft.ticket.resolved_at.get_or_insert(now);
                draft.ticket.closed_at = Some(now);
            })?;
            call.ask(Command::CloseTicket { ticket, version: None, resolution, reason, information })
        },
    ),
    Member::method_with(
        "reopen",
        REASON,
        0,
        Kind::Nothing,
        "Takes it up again.",
        Example::on("on_resolved", "ticket.reopen(\"The machine went down again\");"),
        |call| {
            let reason = if call.count() > 1 { Some(call.words(1)?) } else { None };
            let ticket = own(call)?.0;
            let status = call.state().pack.status_of_phase(Phase::Open).key.clone();
            call.state().edit(ticket, |draft| {
                draft.ticket.status = status;
                draft.ticket.reopen_count += 1;
                (draft.ticket.resolution, draft.ticket.resolved_at, draft.ticket.closed_at) =
                    (None, None, None);
            })?;
            call.ask(Command::ReopenTicket { ticket, version: None, reason })
        },
    ),
];

pub static PLUGIN_CALL: Type = Type {
    name: "PluginCall",
    doc: "A question to a connector that was just asked.",
    id: TypeId::of::<PluginCallRef>,
    index: None,
    actions: &[Member::method_with(
        "then",
        &[
            Param::new("handler", Kind::Continuation(ANSWERED), "a function (ticket, answer, context)"),
            Param::new("context", Kind::Any, "what the function gets back beside the answer"),
        ],
        1,
        Kind::Nothing,
        "Names the function that takes the answer.",
        Example::with(
            "on_opened",
            "ticket.call_plugin(\"parts-stock\", \"in_stock\", #{ part: ticket.fields.part }).then(\"stock_known\", #{ part: ticket.fields.part });",
            "fn stock_known(ticket, answer, context) {\n    if answer.ok { ticket.note(context.part + \" is known to the stock\"); }\n}",
        ),
        then,
    )],
    members: &[],
};

fn queue(call: &mut Call<'_, '_, '_>) -> Answer {
    let (ticket, queue) = (own(call)?.0, call.key(1)?);
    call.state().pack.require_queue("queue", &queue).map_err(|refusal| refused(&refusal))?;
    let mut options = call.options(2)?;
    let reason = options.words("reason")?;
    let alarm = if options.flag("alarm")? { Alarm::Raise } else { Alarm::Silent };
    let information = information(&mut options)?;
    options.done(QUEUE_OPTIONS)?;
    call.state().edit(ticket, |draft| draft.ticket.queue = Some(queue.clone()))?;
    call.ask(Command::QueueTicket { ticket, version: None, queue, reason, alarm, information })
}

fn assign(call: &mut Call<'_, '_, '_>) -> Answer {
    let ticket = own(call)?.0;
    let wanted = call.arg(1);
    if !wanted.is_map() {
        let person = person_of(call.state(), &wanted)?;
        call.state().edit(ticket, |draft| draft.ticket.assignee = Some(person))?;
        let to = AssignTo::Person { person };
        let information = Box::default();
        return call.ask(Command::AssignTicket { ticket, version: None, to, reason: None, information });
    }
    let mut options = call.options(1)?;
    let strategy = strategies_of(call, options.list("strategy"))?;
    let line = options.key("line")?;
    let only_on_shift = options.flag("on_shift")?;
    let grade = options.int("grade")?;
    let certificates = texts_of(call, options.list("certificates"))?;
    let languages = texts_of(call, options.list("languages"))?;
    let exclude = people_of(call, options.list("exclude"))?;
    let reason = options.words("reason")?;
    let information = information(&mut options)?;
    options.done(ASSIGN_OPTIONS)?;
    let queue = match line {
        Some(line) => line,
        None => call
            .state()
            .ticket(ticket, |ticket| ticket.queue.clone())?
            .ok_or_else(|| Fault::refused("the ticket stands in no queue: name a `line` to choose among"))?,
    };
    call.state().pack.require_queue("line", &queue).map_err(|refusal| refused(&refusal))?;
    let wanted = MemberWanted { queue, strategy, grade, certificates, languages, only_on_shift, exclude };
    let to = AssignTo::Member(wanted);
    call.ask(Command::AssignTicket { ticket, version: None, to, reason, information })
}

fn unassign_with(call: &Call<'_, '_, '_>, reason: Option<String>) -> Answer {
    let ticket = own(call)?.0;
    call.state().edit(ticket, |draft| draft.ticket.assignee = None)?;
    call.ask(Command::UnassignTicket { ticket, version: None, reason })
}

fn task(call: &mut Call<'_, '_, '_>) -> Answer {
    let (ticket, department) = (own(call)?.0, call.key(1)?);
    call.state().pack.require_queue("department", &department).map_err(|refusal| refused(&refusal))?;
    let mut options = call.options(2)?;
    let (reason, title, due_at) = (options.words("reason")?, options.words("title")?, options.due("due")?);
    let title = match title.or(reason) {
        Some(title) => title,
        None => subject_of(call.state(), ticket)?,
    };
    let outcomes = options.list("outcomes").into_iter().map(|outcome| {
        let text = text_of(call.state(), &outcome)?;
        Key::new(&text).map_err(|error| Fault::refused(&format!("outcomes: {error}")))
    });
    let outcomes = outcomes.collect::<Outcome<Vec<Key>>>()?;
    let fields = fields_of(call, options.rest())?;
    call.ask(Command::OpenTask(Box::new(OpenTask { ticket, department, title, due_at, outcomes, fields })))
}

/// What goes along with a task. A list becomes one text, for a field holds one value; an empty one is none.
fn fields_of(call: &Call<'_, '_, '_>, rest: Map) -> Outcome<BTreeMap<Key, Value>> {
    let is_there = |value: &Dynamic| !value.is_unit() && !is_empty_list(value);
    let entries = rest.into_iter().filter(|(_, value)| is_there(value)).map(|(name, value)| {
        let key = Key::new(&name).map_err(|error| Fault::refused(&error.to_string()))?;
        let json = match json_of(call.state(), &value)? {
            Value::Array(_) | Value::Object(_) => Value::String(text_of(call.state(), &value)?),
            plain => plain,
        };
        Ok((key, json))
    });
    entries.collect()
}

fn call_plugin(call: &mut Call<'_, '_, '_>) -> Answer {
    let input = if call.count() > 3 { json_of(call.state(), &call.arg(3))? } else { Value::Null };
    let command = Command::CallPlugin(Box::new(CallPlugin {
        ticket: own(call)?.0,
        plugin: call.key(1)?,
        function: call.key(2)?,
        input,
        then: None,
        context: Value::Null,
    }));
    call.state().ask(&call.place(), command).map(|number| Dynamic::from(PluginCallRef(number)))
}

fn then(call: &mut Call<'_, '_, '_>) -> Answer {
    let (number, handler) = (call.this::<PluginCallRef>()?.0, call.key(1)?);
    let context = if call.count() > 2 { json_of(call.state(), &call.arg(2))? } else { Value::Null };
    call.state().amend(number, |command| {
        if let Command::CallPlugin(plugin_call) = command {
            plugin_call.then = Some(handler);
            plugin_call.context = context;
        }
    });
    Ok(Dynamic::UNIT)
}

fn information(options: &mut Options) -> Outcome<Box<Information>> {
    let gaps = if options.flag("incomplete")? { Gaps::Pass } else { Gaps::Refuse };
    Ok(Box::new(Information { changes: TicketChanges::default(), gaps }))
}

fn ending(call: &Call<'_, '_, '_>) -> Outcome<(Key, Option<String>, Box<Information>)> {
    let mut options = call.options(1)?;
    let (resolution, reason) = (options.key("resolution")?, options.words("reason")?);
    let information = information(&mut options)?;
    options.done(END_OPTIONS)?;
    let pack = &call.state().pack;
    let resolution = resolution
        .or_else(|| pack.resolutions.first().map(|first| first.key.clone()))
        .ok_or_else(|| Fault::refused("the pack names no resolutions"))?;
    pack.require_resolution("resolution", &resolution).map_err(|refusal| refused(&refusal))?;
    Ok((resolution, reason, information))
}
