//! Asking the client, rating a ticket, and what tests read of ratings and of reports that were sent.

use rhai::{Array, Dynamic, Engine, ImmutableString, Map, NativeCallContext};

use super::bench::{Bench, Outcome};
use super::handles::{ContactHandle, PersonHandle, TicketHandle, words};
use super::time::maybe;
use crate::domain::PersonId;
use crate::domain::command::{Command, RateTicket};
use crate::domain::event::Visibility;
use crate::domain::rating::Rating;
use crate::store;

pub fn register(engine: &mut Engine, bench: &Bench) {
    register_rating(engine);
    register_asking(engine);
    engine.register_get("rating", |own: &mut TicketHandle| -> Outcome<Dynamic> {
        let last = own.bench.read(|desk| store::rating::last(desk.db(), own.id))?;
        last.map_or(Ok(Dynamic::UNIT), |last| rating_map(&own.bench, &last))
    });
    let own = bench.clone();
    engine.register_fn("sent_reports", move || sent_reports(&own));
}

/// `contact.rate(ticket, 2, "Too slow")`.
fn register_rating(engine: &mut Engine) {
    fn rate(
        context: &NativeCallContext,
        ticket: &TicketHandle,
        by: PersonId,
        score: i64,
        comment: Option<String>,
    ) -> Outcome<()> {
        let command = Command::RateTicket(Box::new(RateTicket { ticket: ticket.id, score, comment }));
        ticket.bench.act(context, by, command).map(drop)
    }
    engine.register_fn(
        "rate",
        |context: NativeCallContext, by: &mut ContactHandle, ticket: TicketHandle, score: i64| {
            rate(&context, &ticket, by.person()?.id, score, None)
        },
    );
    engine.register_fn(
        "rate",
        |context: NativeCallContext,
         by: &mut ContactHandle,
         ticket: TicketHandle,
         score: i64,
         comment: ImmutableString| {
            rate(&context, &ticket, by.person()?.id, score, Some(comment.to_string()))
        },
    );
    engine.register_fn(
        "rate",
        |context: NativeCallContext, by: &mut PersonHandle, ticket: TicketHandle, score: i64| {
            rate(&context, &ticket, by.id, score, None)
        },
    );
}

/// A public reply whose author waits for the client's answer.
fn register_asking(engine: &mut Engine) {
    fn ask(context: &NativeCallContext, ticket: &TicketHandle, by: PersonId, text: &str) -> Outcome<()> {
        let command = Command::AddComment {
            ticket: ticket.id,
            text: text.to_owned(),
            visibility: Visibility::Public,
            attachments: Vec::new(),
            asks_client: true,
        };
        ticket.bench.act(context, by, command).map(drop)
    }
    engine.register_fn(
        "ask",
        |context: NativeCallContext, ticket: &mut TicketHandle, text: ImmutableString| {
            ask(&context, ticket, ticket.bench.administrator()?, &text)
        },
    );
    engine.register_fn(
        "asks",
        |context: NativeCallContext, by: &mut PersonHandle, ticket: TicketHandle, text: ImmutableString| {
            ask(&context, &ticket, by.id, &text)
        },
    );
    engine.register_fn(
        "asks",
        |context: NativeCallContext, by: &mut ContactHandle, ticket: TicketHandle, text: ImmutableString| {
            ask(&context, &ticket, by.person()?.id, &text)
        },
    );
}

fn rating_map(bench: &Bench, rating: &Rating) -> Outcome<Dynamic> {
    let by = rating.rated_by.map(|person| PersonHandle::new(bench, person).look(|who| who.name.clone()));
    Ok(Dynamic::from_map(Map::from([
        ("ask_at".into(), Dynamic::from(rating.ask_at)),
        ("asked_at".into(), maybe(rating.asked_at)),
        ("score".into(), rating.score.map_or(Dynamic::UNIT, Dynamic::from)),
        ("comment".into(), words(bench, rating.comment)?.into()),
        ("by".into(), by.transpose()?.map_or(Dynamic::UNIT, Dynamic::from)),
        ("stands".into(), rating.settled_at.is_some().into()),
    ])))
}

/// Reports that reached anybody, oldest first.
fn sent_reports(bench: &Bench) -> Outcome<Array> {
    let rows = bench.read(|desk| store::notification::of_reports(desk.db()))?;
    let map = |row: store::notification::Notification| -> Outcome<Dynamic> {
        let report = row.report.map(|link| link.report.as_str()).unwrap_or_default();
        Ok(Dynamic::from_map(Map::from([
            ("report".into(), report.into()),
            ("to".into(), PersonHandle::new(bench, row.person).look(|who| who.name.clone())?.into()),
            ("text".into(), words(bench, row.text)?.into()),
            ("from".into(), row.report.map_or(Dynamic::UNIT, |link| Dynamic::from(link.from))),
            ("until".into(), row.report.map_or(Dynamic::UNIT, |link| Dynamic::from(link.to))),
        ])))
    };
    rows.into_iter().map(map).collect()
}
