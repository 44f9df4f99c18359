//! Assertions: what they compare, and the words in which they fail.

use rhai::{Array, Dynamic, Engine, EvalAltResult, ImmutableString, NativeCallContext};

use super::bench::{Bench, Failing, Outcome};
use super::values::{are_same, show};

pub fn register(engine: &mut Engine, bench: &Bench) {
    register_plain(engine, bench);
    register_equality(engine, bench);
    register_contains(engine, bench);
    let own = bench.clone();
    engine.register_fn("expect_failed_runs", move || {
        own.with(|state| {
            state.expects_failed_runs = true;
            Ok(())
        })
    });
}

fn fail(
    bench: &Bench,
    context: &NativeCallContext,
    message: &str,
    expected: Option<String>,
    actual: Option<String>,
) -> Box<EvalAltResult> {
    let (position, message) = (context.call_position(), message.to_owned());
    bench.fail(Failing { position, message, expected, actual })
}

fn register_plain(engine: &mut Engine, bench: &Bench) {
    let own = bench.clone();
    engine.register_fn("assert", move |context: NativeCallContext, holds: bool| -> Outcome<()> {
        if holds { Ok(()) } else { Err(fail(&own, &context, "it does not hold", None, None)) }
    });
    let own = bench.clone();
    engine.register_fn(
        "assert",
        move |context: NativeCallContext, holds: bool, message: ImmutableString| -> Outcome<()> {
            if holds { Ok(()) } else { Err(fail(&own, &context, &message, None, None)) }
        },
    );
    let own = bench.clone();
    engine.register_fn("fail", move |context: NativeCallContext, message: ImmutableString| -> Outcome<()> {
        Err(fail(&own, &context, &message, None, None))
    });
}

/// Whether two values should be alike.
#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    Same,
    Different,
}

fn register_equality(engine: &mut Engine, bench: &Bench) {
    for (verb, wanted, message) in [
        ("assert_eq", Wanted::Same, "not what was expected"),
        ("assert_ne", Wanted::Different, "the very thing that must not be"),
    ] {
        let own = bench.clone();
        engine.register_fn(
            verb,
            move |context: NativeCallContext, actual: Dynamic, expected: Dynamic| -> Outcome<()> {
                compare(&own, &context, &actual, &expected, wanted, message)
            },
        );
        let own = bench.clone();
        engine.register_fn(
            verb,
            move |context: NativeCallContext,
                  actual: Dynamic,
                  expected: Dynamic,
                  message: ImmutableString|
                  -> Outcome<()> {
                compare(&own, &context, &actual, &expected, wanted, &message)
            },
        );
    }
}

fn compare(
    bench: &Bench,
    context: &NativeCallContext,
    actual: &Dynamic,
    expected: &Dynamic,
    wanted: Wanted,
    message: &str,
) -> Outcome<()> {
    if are_same(actual, expected) == (wanted == Wanted::Same) {
        return Ok(());
    }
    let zone = zone(bench)?;
    let not = if wanted == Wanted::Same { "" } else { "anything but " };
    let expected = format!("{not}{}", show(expected, &zone));
    Err(fail(bench, context, message, Some(expected), Some(show(actual, &zone))))
}

fn zone(bench: &Bench) -> Outcome<String> {
    bench.with(|state| Ok(state.desk.pack.calendar.time_zone.clone()))
}

fn register_contains(engine: &mut Engine, bench: &Bench) {
    let own = bench.clone();
    engine.register_fn(
        "assert_contains",
        move |context: NativeCallContext, whole: ImmutableString, part: ImmutableString| -> Outcome<()> {
            if whole.contains(part.as_str()) {
                return Ok(());
            }
            let (part, whole) = (format!("a text with {part:?}"), format!("{whole:?}"));
            Err(fail(&own, &context, "the text lacks it", Some(part), Some(whole)))
        },
    );
    let own = bench.clone();
    engine.register_fn(
        "assert_contains",
        move |context: NativeCallContext, whole: Array, part: Dynamic| -> Outcome<()> {
            if whole.iter().any(|item| are_same(item, &part)) {
                return Ok(());
            }
            let zone = zone(&own)?;
            let (part, whole) = (show(&part, &zone), show(&Dynamic::from_array(whole), &zone));
            Err(fail(&own, &context, "the array lacks it", Some(part), Some(whole)))
        },
    );
}
