//! What tests read of tickets.

use rhai::{Array, Dynamic, Engine, ImmutableString, Map};

use super::bench::{Bench, Outcome, wrong};
use super::handles::{
    AssetHandle, ContactHandle, OrderHandle, PersonHandle, SiteHandle, SubClientHandle, TaskHandle,
    TicketHandle, key_or_nothing, words,
};
use super::options::key;
use super::reading::field;
use super::story;
use super::time::maybe;
use crate::domain::event::Event;
use crate::domain::sla::{RESOLUTION, SlaClock};
use crate::domain::task::Task;
use crate::domain::ticket::{LinkKind, Ticket};
use crate::domain::{Moment, Span, TextId, TicketId};
use crate::store;
use crate::store::due::DueKind;
use crate::store::run::RunState;

pub fn register(engine: &mut Engine, bench: &Bench) {
    register_row(engine);
    register_links(engine);
    register_work(engine);
    register_clocks(engine);
    register_talk(engine);
    register_runs(engine, bench);
    let own = bench.clone();
    engine.register_fn("tickets", move || all(&own));
}

/// Every ticket of the desk, oldest first.
pub fn all(bench: &Bench) -> Outcome<Array> {
    /// More are never made by one test.
    const TICKETS_MAX: usize = 10_000;
    let ids = bench.read(|desk| store::ticket::ids_after(desk.db(), TicketId(0), TICKETS_MAX))?;
    Ok(ids.into_iter().map(|id| Dynamic::from(TicketHandle::new(bench, id))).collect())
}

fn word(value: impl serde::Serialize) -> Dynamic {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word.into(),
        _ => Dynamic::UNIT,
    }
}

fn register_row(engine: &mut Engine) {
    fn get<T: rhai::Variant + Clone>(engine: &mut Engine, name: &str, part: fn(&Ticket) -> T) {
        engine.register_get(name, move |own: &mut TicketHandle| own.look(part));
    }
    get(engine, "number", |ticket| ticket.number);
    get(engine, "status", |ticket| ticket.status.to_string());
    get(engine, "category", |ticket| key_or_nothing(ticket.category.as_ref()));
    get(engine, "priority", |ticket| ticket.priority);
    get(engine, "impact", |ticket| word(ticket.impact));
    get(engine, "urgency", |ticket| word(ticket.urgency));
    get(engine, "urgent", |ticket| ticket.is_urgent);
    get(engine, "channel", |ticket| word(ticket.channel));
    get(engine, "queue", |ticket| key_or_nothing(ticket.queue.as_ref()));
    get(engine, "resolution", |ticket| key_or_nothing(ticket.resolution.as_ref()));
    get(engine, "is_closed", |ticket| ticket.is_closed());
    get(engine, "is_resolved", |ticket| ticket.resolved_at.is_some());
    get(engine, "is_marked", |ticket| ticket.is_marked);
    get(engine, "reopen_count", |ticket| ticket.reopen_count);
    get(engine, "handover_count", |ticket| ticket.handover_count);
    get(engine, "opened_at", |ticket| ticket.opened_at);
    get(engine, "resolved_at", |ticket| maybe(ticket.resolved_at));
    get(engine, "closed_at", |ticket| maybe(ticket.closed_at));
    get(engine, "tags", |ticket| -> Array { ticket.tags.iter().map(|tag| tag.clone().into()).collect() });
    engine.register_get("key", |own: &mut TicketHandle| own.key());
    for name in ["subject", "title"] {
        engine.register_get(name, |own: &mut TicketHandle| {
            words(&own.bench, Some(own.look(|ticket| ticket.subject)?))
        });
    }
    engine.register_get("description", |own: &mut TicketHandle| -> Outcome<String> {
        let first = own.bench.get(|desk| store::event::first_of_ticket(desk.db(), own.id))?;
        match first.event {
            Event::TicketOpened(opened) => words(&own.bench, opened.description),
            _ => Ok(String::new()),
        }
    });
    engine.register_type_with_name::<Fields>("Fields");
    engine.register_get("fields", |own: &mut TicketHandle| Fields(own.clone()));
    engine.register_indexer_get(|own: &mut Fields, name: ImmutableString| -> Outcome<Dynamic> {
        let known =
            own.0.bench.with(|state| Ok(state.desk.pack.require_field("fields", &key(&name)?).map(drop)))?;
        known.map_err(|refusal| wrong(refusal.to_string()))?;
        field(&own.0.bench, own.0.look(|ticket| ticket.fields.get(name.as_str()).cloned())?)
    });
    engine.register_type_with_name::<Counters>("Counters");
    engine.register_get("counters", |own: &mut TicketHandle| Counters(own.clone()));
    engine.register_indexer_get(|own: &mut Counters, name: ImmutableString| {
        own.0.look(|ticket| ticket.counters.get(name.as_str()).copied().unwrap_or(0))
    });
}

#[derive(Clone)]
struct Fields(TicketHandle);

#[derive(Clone)]
struct Counters(TicketHandle);

fn register_links(engine: &mut Engine) {
    engine.register_get("assignee", |own: &mut TicketHandle| -> Outcome<Dynamic> {
        Ok(PersonHandle::maybe(&own.bench, own.look(|ticket| ticket.assignee)?))
    });
    engine.register_get("contact", |own: &mut TicketHandle| -> Outcome<Dynamic> {
        Ok(ContactHandle::maybe(&own.bench, own.look(|ticket| ticket.contact)?))
    });
    engine.register_get("asset", |own: &mut TicketHandle| -> Outcome<Dynamic> {
        Ok(AssetHandle::maybe(&own.bench, own.look(|ticket| ticket.asset)?))
    });
    engine.register_get("site", |own: &mut TicketHandle| -> Outcome<Dynamic> {
        Ok(SiteHandle::maybe(&own.bench, own.look(|ticket| ticket.site)?))
    });
    engine.register_get("sub_client", |own: &mut TicketHandle| -> Outcome<Dynamic> {
        Ok(SubClientHandle::maybe(&own.bench, own.look(|ticket| ticket.sub_client)?))
    });
    engine.register_get("watchers", |own: &mut TicketHandle| -> Outcome<Array> {
        let watchers = own.look(|ticket| ticket.watchers.clone())?;
        let name = |id| PersonHandle::new(&own.bench, id).look(|person| person.name.clone().into());
        watchers.into_iter().map(name).collect()
    });
    engine.register_fn("linked", |own: &mut TicketHandle, kind: ImmutableString| -> Outcome<Array> {
        let wanted: LinkKind = serde_json::from_value(kind.as_str().into())
            .map_err(|_| wrong(format!("`{kind}` is not a kind of link")))?;
        let links = own.bench.read(|desk| store::link::from(desk.db(), own.id))?;
        let links = links.into_iter().filter(|(_, kind)| *kind == wanted);
        Ok(links.map(|(other, _)| Dynamic::from(TicketHandle::new(&own.bench, other))).collect())
    });
}

fn register_work(engine: &mut Engine) {
    fn orders(own: &TicketHandle) -> Outcome<Vec<OrderHandle>> {
        let orders = own.bench.read(|desk| store::work_order::of_ticket(desk.db(), own.id))?;
        Ok(orders.into_iter().map(|order| OrderHandle::new(&own.bench, order.id)).collect())
    }
    fn tasks(own: &TicketHandle, wanted: impl Fn(&Task) -> bool) -> Outcome<Array> {
        let tasks = own.bench.read(|desk| store::task::of_ticket(desk.db(), own.id))?;
        let tasks = tasks.into_iter().filter(wanted);
        Ok(tasks.map(|task| Dynamic::from(TaskHandle::new(&own.bench, task.id))).collect())
    }
    engine.register_get("orders", |own: &mut TicketHandle| -> Outcome<Array> {
        Ok(orders(own)?.into_iter().map(Dynamic::from).collect())
    });
    engine.register_get("last_order", |own: &mut TicketHandle| -> Outcome<Dynamic> {
        Ok(orders(own)?.pop().map_or(Dynamic::UNIT, Dynamic::from))
    });
    engine.register_get("engineer", |own: &mut TicketHandle| -> Outcome<Dynamic> {
        let Some(last) = orders(own)?.pop() else { return Ok(Dynamic::UNIT) };
        Ok(Dynamic::from(PersonHandle::new(&own.bench, last.look(|order| order.engineer)?)))
    });
    engine.register_get("tasks", |own: &mut TicketHandle| tasks(own, |_| true));
    engine.register_get("open_tasks", |own: &mut TicketHandle| tasks(own, Task::is_open));
    engine.register_fn("task", |own: &mut TicketHandle, department: ImmutableString| -> Outcome<Dynamic> {
        let of_it = |task: &Task| task.department == *department.as_str();
        let open = tasks(own, |task| of_it(task) && task.is_open())?;
        let found = if open.is_empty() { tasks(own, of_it)? } else { open };
        Ok(found.into_iter().next_back().unwrap_or_default())
    });
}

/// One SLA clock as it stood when the test asked.
#[derive(Clone)]
struct Sla {
    clock: SlaClock,
    used: Span,
    due: Option<Moment>,
}

fn sla(own: &TicketHandle, target: &str) -> Outcome<Sla> {
    own.bench.with(|state| {
        let clocks = store::sla_clock::of_ticket(state.desk.db(), own.id);
        let mut clocks = clocks.map_err(|error| wrong(error.to_string()))?;
        let known: Vec<String> = clocks.iter().map(|clock| clock.target.to_string()).collect();
        clocks.retain(|clock| clock.target == *target);
        let clock = clocks.pop().ok_or_else(|| {
            let priority = "the pack sets no target for its priority";
            let known = if known.is_empty() { priority.to_owned() } else { known.join(", ") };
            wrong(format!("the ticket has no SLA clock `{target}`; it has: {known}"))
        })?;
        let ticket = store::ticket::get(state.desk.db(), own.id).map_err(|error| wrong(error.to_string()))?;
        let calendar = state.desk.calendars().of(&ticket.map(|ticket| ticket.terms).unwrap_or_default());
        let (used, due) = (clock.used_at(&calendar, state.desk.now()), clock.due_at(&calendar));
        Ok(Sla { clock, used, due })
    })
}

fn register_clocks(engine: &mut Engine) {
    engine.register_type_with_name::<Sla>("Sla");
    engine.register_fn("sla", |own: &mut TicketHandle, target: ImmutableString| sla(own, &target));
    engine.register_get("clock_is_stopped", |own: &mut TicketHandle| -> Outcome<bool> {
        Ok(sla(own, RESOLUTION)?.clock.running_since.is_none())
    });
    engine.register_get("due", |sla: &mut Sla| maybe(sla.due));
    engine.register_get("used", |sla: &mut Sla| sla.used);
    engine.register_get("limit", |sla: &mut Sla| sla.clock.limit);
    engine.register_get("left", |sla: &mut Sla| Span::from_ms(sla.clock.limit.ms() - sla.used.ms()));
    engine.register_get("percent_used", |sla: &mut Sla| {
        sla.used.ms().saturating_mul(100) / sla.clock.limit.ms().max(1)
    });
    engine.register_get("overdue_minutes", |sla: &mut Sla| sla.clock.overdue_minutes);
    engine.register_get("is_met", |sla: &mut Sla| sla.clock.met_at.is_some());
    engine.register_get("is_breached", |sla: &mut Sla| sla.used > sla.clock.limit);
    engine.register_get("ladders", |own: &mut TicketHandle| -> Outcome<Array> {
        let standing = own.bench.read(|desk| store::ladder::of_ticket(desk.db(), own.id))?;
        Ok(standing.into_iter().map(|one| one.ladder.name.to_string().into()).collect())
    });
    engine.register_get("timers", |own: &mut TicketHandle| -> Outcome<Array> {
        let due = own.bench.read(|desk| store::due::of_ticket(desk.db(), own.id))?;
        let timers = due.into_iter().filter(|due| due.kind == DueKind::Timer);
        Ok(timers.map(|due| due.name.to_string().into()).collect())
    });
}

fn register_talk(engine: &mut Engine) {
    engine.register_get("comments", |own: &mut TicketHandle| -> Outcome<Array> {
        let mut comments = Array::new();
        for event in story::events(own)? {
            if let Event::CommentAdded { text, .. } = event {
                comments.push(words(&own.bench, Some(text))?.into());
            }
        }
        Ok(comments)
    });
    engine.register_get("reason", |own: &mut TicketHandle| -> Outcome<String> {
        let reason = |event: Event| -> Option<Option<TextId>> {
            match event {
                Event::TicketQueued { reason, .. }
                | Event::TicketResolved { reason, .. }
                | Event::TicketClosed { reason, .. }
                | Event::TicketReopened { reason } => Some(reason),
                _ => None,
            }
        };
        let last = story::events(own)?.into_iter().rev().find_map(reason);
        words(&own.bench, last.flatten())
    });
    engine.register_get("events", |own: &mut TicketHandle| -> Outcome<Array> {
        Ok(story::events(own)?.iter().map(|event| event.name().into()).collect())
    });
    engine.register_get("notified", |own: &mut TicketHandle| -> Outcome<Array> {
        let line = |notice: story::Notice| format!("{}: {}", notice.to, notice.what).into();
        Ok(story::notices(own)?.into_iter().map(line).collect())
    });
    engine.register_get("held", |own: &mut TicketHandle| -> Outcome<Array> {
        Ok(story::held(own)?.into_iter().map(Into::into).collect())
    });
    engine.register_get("notices", |own: &mut TicketHandle| -> Outcome<Array> {
        let map = |notice: story::Notice| {
            Dynamic::from_map(Map::from([
                ("to".into(), notice.to.into()),
                ("what".into(), notice.what.into()),
                ("text".into(), notice.text.into()),
                ("at".into(), Dynamic::from(notice.at)),
            ]))
        };
        Ok(story::notices(own)?.into_iter().map(map).collect())
    });
}

fn register_runs(engine: &mut Engine, bench: &Bench) {
    engine.register_get("calls", |own: &mut TicketHandle| -> Outcome<Array> {
        let call = |event: Event| match event {
            Event::PluginCalled { plugin, function, .. } => Some(format!("{plugin}.{function}").into()),
            _ => None,
        };
        Ok(story::events(own)?.into_iter().filter_map(call).collect())
    });
    engine.register_get("unanswered_calls", |own: &mut TicketHandle| -> Outcome<Array> {
        let calls = own.bench.with(|state| state.desk.open_calls().map_err(super::bench::thrown))?;
        let calls = calls.into_iter().filter(|call| call.ticket == own.id);
        Ok(calls.map(|call| format!("{}.{}", call.plugin, call.function).into()).collect())
    });
    engine.register_get("runs", |own: &mut TicketHandle| runs(own, |_| true));
    engine
        .register_get("failed_runs", |own: &mut TicketHandle| runs(own, |state| state != RunState::Applied));
    let own = bench.clone();
    engine.register_fn("runs", move || -> Outcome<Array> {
        let runs = own.read(|desk| store::run::of_no_ticket(desk.db(), desk.client))?;
        Ok(runs.into_iter().map(run_map).collect())
    });
}

fn runs(own: &TicketHandle, wanted: impl Fn(RunState) -> bool) -> Outcome<Array> {
    let runs = own.bench.read(|desk| store::run::of_ticket(desk.db(), own.id))?;
    Ok(runs.into_iter().filter(|run| wanted(run.state)).map(run_map).collect())
}

fn run_map(run: store::run::Run) -> Dynamic {
    let commands = commands_of(&run.commands);
    Dynamic::from_map(Map::from([
        ("handler".into(), run.handler.into()),
        ("outcome".into(), word(run.state)),
        ("message".into(), run.failure.unwrap_or_default().into()),
        ("commands".into(), commands.into()),
    ]))
}

/// What a run asked for, as its row holds it.
fn commands_of(text: &str) -> Array {
    #[derive(serde::Deserialize)]
    struct Asked {
        line: i64,
        command: serde_json::Value,
        became: String,
    }
    let asked: Vec<Asked> = serde_json::from_str(text).unwrap_or_default();
    let map = |asked: Asked| {
        let name = asked.command["type"].as_str().unwrap_or_default().to_owned();
        Dynamic::from_map(Map::from([
            ("type".into(), name.into()),
            ("line".into(), asked.line.into()),
            ("became".into(), asked.became.into()),
        ]))
    };
    asked.into_iter().map(map).collect()
}
