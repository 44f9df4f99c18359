//! Handing over with what the next line needs, accepting, and what tests read of both.

use rhai::{Array, Dynamic, Engine, ImmutableString, Map, NativeCallContext};

use super::acting::{actor, changes_of};
use super::bench::{Outcome, wrong};
use super::handles::{PersonHandle, TicketHandle, words};
use super::options::{Options, key};
use super::story;
use super::time::maybe;
use crate::domain::command::{Alarm, Command, Gaps, Information};
use crate::domain::event::{Collected, Event};
use crate::domain::ticket::FieldValue;
use crate::store;

const HAND_OVER: &[&str] = &["reason", "changes", "by"];

pub fn register(engine: &mut Engine) {
    engine.register_fn(
        "hand_over",
        |context: NativeCallContext, ticket: &mut TicketHandle, queue: ImmutableString, options: Map| {
            let options = Options::new("hand_over", options, HAND_OVER)?;
            let command = Command::QueueTicket {
                ticket: ticket.id,
                version: None,
                queue: key(&queue)?,
                reason: options.text("reason")?,
                alarm: Alarm::Silent,
                information: information(&options)?,
            };
            ticket.bench.act(&context, actor(&ticket.bench, &options)?, command).map(drop)
        },
    );
    engine.register_fn(
        "accepts",
        |context: NativeCallContext, person: &mut PersonHandle, ticket: TicketHandle| {
            let command = Command::AcceptTicket { ticket: ticket.id, version: None };
            person.bench.act(&context, person.id, command).map(drop)
        },
    );
    engine
        .register_get("accept_until", |own: &mut TicketHandle| own.look(|ticket| maybe(ticket.accept_until)));
    engine.register_get("return_count", |own: &mut TicketHandle| own.look(|ticket| ticket.return_count));
    engine.register_get("is_unclassified", |own: &mut TicketHandle| -> Outcome<bool> {
        let row = own.bench.read(|desk| store::ticket_list::get(desk.db(), own.id))?;
        row.map(|row| row.is_unclassified).ok_or_else(|| wrong("the ticket is gone"))
    });
    engine.register_get("collected", collected);
    engine.register_get("passed_without", |own: &mut TicketHandle| -> Outcome<Array> {
        let missing = last(own)?.missing;
        Ok(missing.into_iter().map(|key| key.to_string().into()).collect())
    });
}

/// What goes along with a step: `changes: #{ category, contact, fields: #{…} }`.
pub fn information(options: &Options) -> Outcome<Box<Information>> {
    let changes = changes_of("changes", options.map("changes")?)?;
    Ok(Box::new(Information { changes, gaps: Gaps::Refuse }))
}

/// What the last hand-over told the next line.
fn last(own: &TicketHandle) -> Outcome<Collected> {
    let handed = story::events(own)?.into_iter().rev().find_map(|event| match event {
        Event::TicketQueued { collected, .. } => Some(collected),
        _ => None,
    });
    Ok(handed.unwrap_or_default())
}

fn collected(own: &mut TicketHandle) -> Outcome<Map> {
    let mut map = Map::new();
    for (field, value) in last(own)?.fields {
        let value: Dynamic = match value {
            FieldValue::Flag(flag) => flag.into(),
            FieldValue::Number(number) => number.into(),
            FieldValue::Choice(choice) => choice.to_string().into(),
            FieldValue::Moment(moment) => Dynamic::from(moment),
            FieldValue::Text(text) => words(&own.bench, Some(text))?.into(),
        };
        map.insert(field.to_string().into(), value);
    }
    Ok(map)
}
