//! Recording work on tickets.

use rhai::{Engine, Map, NativeCallContext};

use super::acting::actor;
use super::bench::{Bench, Outcome};
use super::handles::TicketHandle;
use super::options::Options;
use crate::domain::Span;
use crate::domain::command::{Command, RecordTime, SpentTime};
use crate::store;

const RECORD_TIME: &[&str] = &["began_at", "kind", "note", "by"];

pub fn register(engine: &mut Engine, _: &Bench) {
    engine.register_fn("record_time", |context: NativeCallContext, own: &mut TicketHandle, minutes: i64| {
        record_time(&context, own, minutes, Map::new())
    });
    engine.register_fn(
        "record_time",
        |context: NativeCallContext, own: &mut TicketHandle, minutes: i64, options: Map| {
            record_time(&context, own, minutes, options)
        },
    );
    engine.register_get("minutes_spent", |own: &mut TicketHandle| {
        own.bench.read(|desk| store::time_entry::sum_of_ticket(desk.db(), own.id))
    });
}

/// Work that has just ended, unless it says when it began.
fn record_time(context: &NativeCallContext, own: &TicketHandle, minutes: i64, options: Map) -> Outcome<()> {
    let options = Options::new("record_time", options, RECORD_TIME)?;
    let now = own.bench.with(|state| Ok(state.desk.now()))?;
    let began_at = options.moment("began_at")?.unwrap_or(now + Span::minutes(-minutes));
    let by = actor(&own.bench, &options)?;
    let spent = SpentTime { began_at, minutes, kind: options.key("kind")?, note: options.text("note")? };
    let record = RecordTime { ticket: own.id, person: None, spent };
    own.bench.act(context, by, Command::RecordTime(Box::new(record))).map(drop)
}
