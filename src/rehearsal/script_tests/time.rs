//! Time in tests: moments, spans, the virtual clock.

use rhai::{Dynamic, Engine, ImmutableString, NativeCallContext};

use super::bench::{Bench, Outcome, wrong};
use super::values::show_span;
use crate::domain::calendar::{local_moment, local_time};
use crate::domain::{Moment, Span};

/// A span that counts only while the calendar is open.
#[derive(Debug, Clone, Copy)]
pub struct Working(Span);

pub fn register(engine: &mut Engine, bench: &Bench) {
    register_clock(engine, bench);
    register_moments(engine, bench);
    register_spans(engine);
}

fn register_clock(engine: &mut Engine, bench: &Bench) {
    let own = bench.clone();
    engine.register_fn("at", move |context: NativeCallContext, text: ImmutableString| -> Outcome<()> {
        let zone = zone(&own)?;
        own.move_to(&context, moment(&text, &zone)?)
    });
    let own = bench.clone();
    engine.register_fn(
        "at",
        move |context: NativeCallContext, text: ImmutableString, zone: ImmutableString| -> Outcome<()> {
            own.move_to(&context, moment(&text, &zone)?)
        },
    );
    let own = bench.clone();
    engine.register_fn("at", move |context: NativeCallContext, to: Moment| -> Outcome<()> {
        own.move_to(&context, to)
    });
    let own = bench.clone();
    engine.register_fn("pass", move |context: NativeCallContext, span: Span| -> Outcome<()> {
        let to = own.now()? + span;
        own.move_to(&context, to)
    });
    let own = bench.clone();
    engine.register_fn("pass", move |context: NativeCallContext, span: Working| -> Outcome<()> {
        let to = later(&own, own.now()?, span)?;
        own.move_to(&context, to)
    });
    let own = bench.clone();
    engine.register_fn("now", move || own.now());
}

fn register_moments(engine: &mut Engine, bench: &Bench) {
    engine.register_type_with_name::<Moment>("Moment");
    let own = bench.clone();
    engine.register_get("text", move |at: &mut Moment| -> Outcome<String> {
        Ok(local_text(*at, &zone(&own)?))
    });
    engine.register_fn("+", |at: Moment, span: Span| at + span);
    engine.register_fn("-", |at: Moment, span: Span| at - span);
    engine.register_fn("-", |later: Moment, earlier: Moment| later - earlier);
    let own = bench.clone();
    engine.register_fn("+", move |at: Moment, span: Working| later(&own, at, span));
    register_order::<Moment>(engine);
}

fn register_spans(engine: &mut Engine) {
    engine.register_type_with_name::<Span>("Span");
    engine.register_type_with_name::<Working>("WorkingSpan");
    engine.register_fn("seconds", |count: i64| Span::from_ms(count.saturating_mul(1_000)));
    engine.register_fn("minutes", Span::minutes);
    engine.register_fn("hours", Span::hours);
    engine.register_fn("days", Span::days);
    engine.register_fn("working", |span: Span| Working(span));
    engine.register_get("minutes", |span: &mut Span| span.ms() / Span::minutes(1).ms());
    engine.register_get("hours", |span: &mut Span| span.ms() / Span::hours(1).ms());
    engine.register_get("days", |span: &mut Span| span.ms() / Span::days(1).ms());
    engine.register_fn("+", |one: Span, other: Span| one + other);
    engine.register_fn("-", |one: Span, other: Span| Span::from_ms(one.ms().saturating_sub(other.ms())));
    engine.register_fn("*", |one: Span, times: i64| Span::from_ms(one.ms().saturating_mul(times)));
    engine.register_fn("to_string", |span: &mut Span| show_span(*span));
    register_order::<Span>(engine);
}

fn register_order<T: PartialOrd + Copy + Send + Sync + 'static>(engine: &mut Engine) {
    engine.register_fn("==", |one: T, other: T| one == other);
    engine.register_fn("!=", |one: T, other: T| one != other);
    engine.register_fn("<", |one: T, other: T| one < other);
    engine.register_fn("<=", |one: T, other: T| one <= other);
    engine.register_fn(">", |one: T, other: T| one > other);
    engine.register_fn(">=", |one: T, other: T| one >= other);
}

fn zone(bench: &Bench) -> Outcome<String> {
    bench.with(|state| Ok(state.desk.pack.calendar.time_zone.clone()))
}

pub fn moment(text: &str, zone: &str) -> Outcome<Moment> {
    local_moment(text, zone).map_err(|error| {
        wrong(format!("{error}; a moment is written `at(\"2026-12-31 17:55\", \"Asia/Yerevan\")`"))
    })
}

fn later(bench: &Bench, at: Moment, span: Working) -> Outcome<Moment> {
    bench.with(|state| Ok(state.desk.calendars().usual().add(at, span.0)))
}

/// `2026-12-31 17:55` on the clock of `zone`.
pub fn local_text(at: Moment, zone: &str) -> String {
    match local_time(at, zone) {
        Ok(on) => {
            format!("{:04}-{:02}-{:02} {:02}:{:02}", on.year, on.month, on.day, on.hour, on.minute)
        }
        Err(_) => at.to_string(),
    }
}

/// `2026-12-31 17:55:09` on the clock of `zone`.
pub fn local_seconds(at: Moment, zone: &str) -> String {
    let second = at.ms().div_euclid(1_000).rem_euclid(60);
    format!("{}:{second:02}", local_text(at, zone))
}

/// A moment, or nothing.
pub fn maybe(at: Option<Moment>) -> Dynamic {
    at.map_or(Dynamic::UNIT, Dynamic::from)
}
