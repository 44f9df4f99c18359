//! Acting on tickets: opening, commenting, changing, assigning, closing.

use std::collections::BTreeSet;

use rhai::{Engine, ImmutableString, Map, NativeCallContext};

use super::bench::{Bench, Outcome, wrong};
use super::handles::{
    AssetHandle, ContactHandle, OrderHandle, PersonHandle, SiteHandle, SubClientHandle, TicketHandle,
};
use super::lines::information;
use super::options::{Options, key};
use crate::domain::command::{Alarm, AssignTo, Command, OpenTicket, TicketChanges};
use crate::domain::event::Visibility;
use crate::domain::ticket::Channel;
use crate::domain::{PersonId, TicketId, WorkOrderId};
use crate::rehearsal::second_desk::made;

const OPEN: &[&str] = &[
    "subject",
    "description",
    "category",
    "asset",
    "site",
    "sub_client",
    "contact",
    "impact",
    "urgency",
    "channel",
    "fields",
    "tags",
    "by",
];
const CHANGE: &[&str] = &[
    "status",
    "category",
    "priority",
    "impact",
    "urgency",
    "urgent",
    "subject",
    "asset",
    "site",
    "sub_client",
    "contact",
    "fields",
];
const SEND_OUT: &[&str] = &["due", "planned_at", "note", "by"];
const END: &[&str] = &["resolution", "reason", "changes", "by"];
const ASSIGN: &[&str] = &["changes", "reason", "by"];

pub fn register(engine: &mut Engine, bench: &Bench) {
    let own = bench.clone();
    engine.register_fn("open", move |context: NativeCallContext, options: Map| open(&context, &own, options));
    register_comments(engine);
    engine.register_fn("change", |context: NativeCallContext, ticket: &mut TicketHandle, options: Map| {
        change(&context, ticket, options)
    });
    register_tags(engine);
    register_assignments(engine);
    register_orders(engine);
    register_endings(engine);
}

/// Who is named by `by`, else the desk's administrator.
pub fn actor(bench: &Bench, options: &Options) -> Outcome<PersonId> {
    if let Ok(Some(contact)) = options.handle::<ContactHandle>("by", "a person") {
        return contact.person().map(|person| person.id);
    }
    match options.handle::<PersonHandle>("by", "a person")? {
        Some(person) => Ok(person.id),
        None => bench.administrator(),
    }
}

fn act(
    context: &NativeCallContext,
    ticket: &TicketHandle,
    by: Option<PersonId>,
    command: Command,
) -> Outcome<()> {
    let by = match by {
        Some(by) => by,
        None => ticket.bench.administrator()?,
    };
    ticket.bench.act(context, by, command).map(drop)
}

fn channel(options: &Options) -> Outcome<Channel> {
    let Some(text) = options.text("channel")? else { return Ok(Channel::Desk) };
    serde_json::from_value(text.clone().into()).map_err(|_| wrong(format!("`{text}` is not a channel")))
}

fn open(context: &NativeCallContext, bench: &Bench, options: Map) -> Outcome<TicketHandle> {
    let options = Options::new("open", options, OPEN)?;
    let open = OpenTicket {
        client: bench.with(|state| Ok(state.desk.client))?,
        subject: options.text("subject")?.unwrap_or_default(),
        description: options.text("description")?.unwrap_or_default(),
        sub_client: options.handle::<SubClientHandle>("sub_client", SUB_CLIENT)?.map(|found| found.id),
        site: options.handle::<SiteHandle>("site", SITE)?.map(|found| found.id),
        asset: options.handle::<AssetHandle>("asset", ASSET)?.map(|found| found.id),
        contact: options.handle::<ContactHandle>("contact", CONTACT)?.map(|found| found.id),
        category: options.key("category")?,
        impact: options.level("impact")?.unwrap_or_default(),
        urgency: options.level("urgency")?.unwrap_or_default(),
        channel: Some(channel(&options)?),
        fields: options.fields("fields")?,
        tags: options.texts("tags")?.into_iter().collect(),
        attachments: Vec::new(),
    };
    let by = actor(bench, &options)?;
    let done = bench.act(context, by, Command::OpenTicket(Box::new(open)))?;
    Ok(TicketHandle::new(bench, TicketId(made(&done))))
}

const SUB_CLIENT: &str = "what `sub_client(...)` made";
const SITE: &str = "what `site(...)` made";
const ASSET: &str = "what `asset(...)` made";
const CONTACT: &str = "what `contact(...)` made";

fn register_comments(engine: &mut Engine) {
    for (verb, of_person, visibility) in
        [("comment", "comments", Visibility::Public), ("note", "notes", Visibility::Internal)]
    {
        let add =
            move |context: &NativeCallContext, ticket: &TicketHandle, text: &str, by: Option<PersonId>| {
                let text = text.to_owned();
                let command = Command::AddComment {
                    ticket: ticket.id,
                    text,
                    visibility,
                    attachments: Vec::new(),
                    asks_client: false,
                };
                act(context, ticket, by, command)
            };
        engine.register_fn(
            verb,
            move |context: NativeCallContext, ticket: &mut TicketHandle, text: ImmutableString| {
                add(&context, ticket, &text, None)
            },
        );
        engine.register_fn(
            verb,
            move |context: NativeCallContext,
                  ticket: &mut TicketHandle,
                  text: ImmutableString,
                  by: PersonHandle| { add(&context, ticket, &text, Some(by.id)) },
        );
        engine.register_fn(
            verb,
            move |context: NativeCallContext,
                  ticket: &mut TicketHandle,
                  text: ImmutableString,
                  by: ContactHandle| { add(&context, ticket, &text, Some(by.person()?.id)) },
        );
        engine.register_fn(
            of_person,
            move |context: NativeCallContext,
                  by: &mut PersonHandle,
                  ticket: TicketHandle,
                  text: ImmutableString| { add(&context, &ticket, &text, Some(by.id)) },
        );
        engine.register_fn(
            of_person,
            move |context: NativeCallContext,
                  by: &mut ContactHandle,
                  ticket: TicketHandle,
                  text: ImmutableString| { add(&context, &ticket, &text, Some(by.person()?.id)) },
        );
    }
}

/// A field of the changes: absent stays, `()` empties.
fn place<H: Clone + 'static, I>(
    options: &Options,
    name: &str,
    wanted: &str,
    id: impl Fn(H) -> I,
) -> Outcome<Option<Option<I>>> {
    let found = options.handle::<H>(name, wanted)?;
    Ok(options.has(name).then(|| found.map(id)))
}

/// What a map of changes asks for.
pub fn changes_of(verb: &'static str, map: Map) -> Outcome<TicketChanges> {
    let options = Options::new(verb, map, CHANGE)?;
    Ok(TicketChanges {
        subject: options.text("subject")?,
        status: options.key("status")?,
        category: options.key("category")?,
        impact: options.level("impact")?,
        urgency: options.level("urgency")?,
        priority: options.number("priority")?,
        is_urgent: options.flag("urgent")?,
        sub_client: place(&options, "sub_client", SUB_CLIENT, |found: SubClientHandle| found.id)?,
        site: place(&options, "site", SITE, |found: SiteHandle| found.id)?,
        asset: place(&options, "asset", ASSET, |found: AssetHandle| found.id)?,
        contact: place(&options, "contact", CONTACT, |found: ContactHandle| found.id)?,
        fields: options.fields("fields")?,
    })
}

fn change(context: &NativeCallContext, ticket: &TicketHandle, mut options: Map) -> Outcome<()> {
    let by = Map::from_iter(options.remove_entry("by"));
    let by = actor(&ticket.bench, &Options::new("change", by, &["by"])?)?;
    let changes = Box::new(changes_of("change", options)?);
    act(context, ticket, Some(by), Command::ChangeTicket { ticket: ticket.id, version: None, changes })
}

fn register_tags(engine: &mut Engine) {
    engine.register_fn(
        "add_tag",
        |context: NativeCallContext, ticket: &mut TicketHandle, tag: ImmutableString| {
            let add = BTreeSet::from([tag.to_string()]);
            let command = Command::ChangeTags { ticket: ticket.id, add, remove: BTreeSet::new() };
            act(&context, ticket, None, command)
        },
    );
    engine.register_fn(
        "remove_tag",
        |context: NativeCallContext, ticket: &mut TicketHandle, tag: ImmutableString| {
            let remove = BTreeSet::from([tag.to_string()]);
            let command = Command::ChangeTags { ticket: ticket.id, add: BTreeSet::new(), remove };
            act(&context, ticket, None, command)
        },
    );
    engine.register_fn("clear_mark", |context: NativeCallContext, ticket: &mut TicketHandle| {
        act(&context, ticket, None, Command::ClearMark { ticket: ticket.id })
    });
}

fn register_assignments(engine: &mut Engine) {
    fn assign(
        context: &NativeCallContext,
        ticket: &TicketHandle,
        person: &PersonHandle,
        options: Map,
    ) -> Outcome<()> {
        let options = Options::new("assign", options, ASSIGN)?;
        let command = Command::AssignTicket {
            ticket: ticket.id,
            version: None,
            to: AssignTo::Person { person: person.id },
            reason: options.text("reason")?,
            information: information(&options)?,
        };
        act(context, ticket, Some(actor(&ticket.bench, &options)?), command)
    }
    engine.register_fn(
        "assign",
        |context: NativeCallContext, ticket: &mut TicketHandle, person: PersonHandle| {
            assign(&context, ticket, &person, Map::new())
        },
    );
    engine.register_fn(
        "assign",
        |context: NativeCallContext, ticket: &mut TicketHandle, person: PersonHandle, options: Map| {
            assign(&context, ticket, &person, options)
        },
    );
    engine.register_fn("unassign", |context: NativeCallContext, ticket: &mut TicketHandle| {
        let command = Command::UnassignTicket { ticket: ticket.id, version: None, reason: None };
        act(&context, ticket, None, command)
    });
    fn hand_over(
        context: &NativeCallContext,
        ticket: &TicketHandle,
        queue: &str,
        reason: Option<String>,
    ) -> Outcome<()> {
        let (queue, alarm) = (key(queue)?, Alarm::Silent);
        let command = Command::QueueTicket {
            ticket: ticket.id,
            version: None,
            queue,
            reason,
            alarm,
            information: Box::default(),
        };
        act(context, ticket, None, command)
    }
    engine.register_fn(
        "hand_over",
        |context: NativeCallContext, ticket: &mut TicketHandle, queue: ImmutableString| {
            hand_over(&context, ticket, &queue, None)
        },
    );
    engine.register_fn(
        "hand_over",
        |context: NativeCallContext,
         ticket: &mut TicketHandle,
         queue: ImmutableString,
         reason: ImmutableString| hand_over(&context, ticket, &queue, Some(reason.to_string())),
    );
}

fn register_orders(engine: &mut Engine) {
    engine.register_fn(
        "send_out",
        |context: NativeCallContext, ticket: &mut TicketHandle, engineer: PersonHandle| {
            send_out(&context, ticket, &engineer, Map::new())
        },
    );
    engine.register_fn(
        "send_out",
        |context: NativeCallContext, ticket: &mut TicketHandle, engineer: PersonHandle, options: Map| {
            send_out(&context, ticket, &engineer, options)
        },
    );
}

fn send_out(
    context: &NativeCallContext,
    ticket: &TicketHandle,
    engineer: &PersonHandle,
    options: Map,
) -> Outcome<OrderHandle> {
    let options = Options::new("send_out", options, SEND_OUT)?;
    let command = Command::OpenWorkOrder {
        ticket: ticket.id,
        engineer: engineer.id,
        due_at: options.moment("due")?,
        planned_at: options.moment("planned_at")?,
        note: options.text("note")?,
    };
    let by = actor(&ticket.bench, &options)?;
    let done = ticket.bench.act(context, by, command)?;
    Ok(OrderHandle::new(&ticket.bench, WorkOrderId(made(&done))))
}

#[derive(Clone, Copy)]
enum Ending {
    Resolve,
    Close,
}

impl Ending {
    fn name(self) -> &'static str {
        match self {
            Ending::Resolve => "resolve",
            Ending::Close => "close",
        }
    }

    fn command(self, ticket: TicketId, options: &Options) -> Outcome<Command> {
        let (resolution, reason, version) = (resolution(options)?, options.text("reason")?, None);
        let information = information(options)?;
        Ok(match self {
            Ending::Resolve => Command::ResolveTicket { ticket, version, resolution, reason, information },
            Ending::Close => Command::CloseTicket { ticket, version, resolution, reason, information },
        })
    }
}

fn register_endings(engine: &mut Engine) {
    for ending in [Ending::Resolve, Ending::Close] {
        let name = ending.name();
        engine.register_fn(
            name,
            move |context: NativeCallContext, ticket: &mut TicketHandle, options: Map| {
                let options = Options::new(name, options, END)?;
                let by = actor(&ticket.bench, &options)?;
                act(&context, ticket, Some(by), ending.command(ticket.id, &options)?)
            },
        );
    }
    fn reopen(
        context: &NativeCallContext,
        ticket: &TicketHandle,
        reason: Option<String>,
        by: Option<PersonId>,
    ) -> Outcome<()> {
        act(context, ticket, by, Command::ReopenTicket { ticket: ticket.id, version: None, reason })
    }
    engine.register_fn("reopen", |context: NativeCallContext, ticket: &mut TicketHandle| {
        reopen(&context, ticket, None, None)
    });
    engine.register_fn(
        "reopen",
        |context: NativeCallContext, ticket: &mut TicketHandle, reason: ImmutableString| {
            reopen(&context, ticket, Some(reason.to_string()), None)
        },
    );
    engine.register_fn(
        "reopen",
        |context: NativeCallContext, ticket: &mut TicketHandle, reason: ImmutableString, by: PersonHandle| {
            reopen(&context, ticket, Some(reason.to_string()), Some(by.id))
        },
    );
    engine.register_fn(
        "reopen",
        |context: NativeCallContext,
         ticket: &mut TicketHandle,
         reason: ImmutableString,
         by: ContactHandle| {
            reopen(&context, ticket, Some(reason.to_string()), Some(by.person()?.id))
        },
    );
}

fn resolution(options: &Options) -> Outcome<crate::domain::Key> {
    options.key("resolution")?.ok_or_else(|| wrong("`resolution` is needed"))
}
