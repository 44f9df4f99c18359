//! Acting on work orders, tasks and plugin calls.

use rhai::{Dynamic, Engine, FnPtr, ImmutableString, Map, NativeCallContext};

use super::acting::actor;
use super::bench::{Answering, Bench, Outcome, With, wrong};
use super::handles::{OrderHandle, PersonHandle, TaskHandle};
use super::options::{Options, key};
use super::reporting::uploads;
use super::values;
use crate::domain::command::{AdvanceWorkOrder, Command};
use crate::domain::work_order::{PartNeeded, Stage};
use crate::domain::{Key, Moment, PersonId};

pub fn register(engine: &mut Engine, bench: &Bench) {
    register_stages(engine);
    register_endings(engine);
    register_tasks(engine);
    register_plugins(engine, bench);
}

/// What an order's step may carry.
#[derive(Default)]
struct Step {
    outcome: Option<Key>,
    comment: Option<String>,
    parts_needed: Vec<PartNeeded>,
    planned_at: Option<Moment>,
    /// Without one, the order's engineer.
    by: Option<PersonId>,
}

fn advance(context: &NativeCallContext, own: &OrderHandle, stage: Stage, step: Step) -> Outcome<()> {
    let by = match step.by {
        Some(by) => by,
        None => own.look(|order| order.engineer)?,
    };
    let advance = AdvanceWorkOrder {
        order: own.id,
        stage,
        outcome: step.outcome,
        comment: step.comment,
        parts_needed: step.parts_needed,
        planned_at: step.planned_at,
    };
    own.bench.act(context, by, Command::AdvanceWorkOrder(Box::new(advance))).map(drop)
}

fn register_stages(engine: &mut Engine) {
    for (verb, stage) in [
        ("accept", Stage::Accepted),
        ("on_the_way", Stage::OnTheWay),
        ("arrive", Stage::Arrived),
        ("done", Stage::Done),
    ] {
        engine.register_fn(verb, move |context: NativeCallContext, own: &mut OrderHandle| {
            advance(&context, own, stage, Step::default())
        });
    }
    engine.register_fn("accept", |context: NativeCallContext, own: &mut OrderHandle, planned_at: Moment| {
        let step = Step { planned_at: Some(planned_at), ..Step::default() };
        advance(&context, own, Stage::Accepted, step)
    });
}

fn register_endings(engine: &mut Engine) {
    engine.register_fn("done", |context: NativeCallContext, own: &mut OrderHandle, options: Map| {
        let options = Options::new("done", options, &["outcome", "comment", "by"])?;
        let outcome = options.key("outcome")?;
        let step = Step { outcome, comment: options.text("comment")?, by: by(&options)?, ..Step::default() };
        advance(&context, own, Stage::Done, step)
    });
    fn could_not(context: &NativeCallContext, own: &OrderHandle, reason: &str, options: Map) -> Outcome<()> {
        let options = Options::new("could_not", options, &["parts", "comment", "by"])?;
        let step = Step {
            outcome: Some(key(reason)?),
            comment: options.text("comment")?,
            parts_needed: options.list("parts")?.into_iter().map(part).collect::<Outcome<_>>()?,
            planned_at: None,
            by: by(&options)?,
        };
        advance(context, own, Stage::CouldNot, step)
    }
    engine.register_fn(
        "could_not",
        |context: NativeCallContext, own: &mut OrderHandle, reason: ImmutableString| {
            could_not(&context, own, &reason, Map::new())
        },
    );
    engine.register_fn(
        "could_not",
        |context: NativeCallContext, own: &mut OrderHandle, reason: ImmutableString, options: Map| {
            could_not(&context, own, &reason, options)
        },
    );
    fn refuse(
        context: &NativeCallContext,
        own: &OrderHandle,
        reason: &str,
        comment: Option<String>,
    ) -> Outcome<()> {
        let step = Step { outcome: Some(key(reason)?), comment, ..Step::default() };
        advance(context, own, Stage::Refused, step)
    }
    engine.register_fn(
        "refuse",
        |context: NativeCallContext, own: &mut OrderHandle, reason: ImmutableString| {
            refuse(&context, own, &reason, None)
        },
    );
    engine.register_fn(
        "refuse",
        |context: NativeCallContext,
         own: &mut OrderHandle,
         reason: ImmutableString,
         comment: ImmutableString| refuse(&context, own, &reason, Some(comment.to_string())),
    );
    engine.register_fn("no_show", |context: NativeCallContext, own: &mut OrderHandle| {
        let by = Some(own.bench.administrator()?);
        advance(&context, own, Stage::NoShow, Step { by, ..Step::default() })
    });
    engine.register_fn(
        "cancel",
        |context: NativeCallContext, own: &mut OrderHandle, why: ImmutableString| {
            let by = Some(own.bench.administrator()?);
            let step = Step { comment: Some(why.to_string()), by, ..Step::default() };
            advance(&context, own, Stage::Cancelled, step)
        },
    );
}

fn by(options: &Options) -> Outcome<Option<PersonId>> {
    Ok(options.handle::<PersonHandle>("by", "a person")?.map(|person| person.id))
}

/// `"P-1"`, or `#{ code: "P-1", quantity: 2 }`.
fn part(value: Dynamic) -> Outcome<PartNeeded> {
    if let Some(map) = value.clone().try_cast::<Map>() {
        let options = Options::new("a part", map, &["code", "quantity"])?;
        let code = options.text("code")?.ok_or_else(|| wrong("a part needs its `code`"))?;
        return Ok(PartNeeded { code, quantity: options.number("quantity")?.unwrap_or(1) });
    }
    match value.into_immutable_string() {
        Ok(code) => Ok(PartNeeded { code: code.to_string(), quantity: 1 }),
        Err(kind) => Err(wrong(format!("a part is a code or #{{ code, quantity }}, not a {kind}"))),
    }
}

fn register_tasks(engine: &mut Engine) {
    engine.register_fn("take", |context: NativeCallContext, own: &mut TaskHandle, by: PersonHandle| {
        own.bench.act(&context, by.id, Command::TakeTask { task: own.id }).map(drop)
    });
    fn finish(context: &NativeCallContext, own: &TaskHandle, outcome: &str, options: Map) -> Outcome<()> {
        let options = Options::new("finish", options, &["comment", "fields", "files", "by"])?;
        let by = if options.has("by") { actor(&own.bench, &options)? } else { member(own)? };
        let command = Command::FinishTask {
            task: own.id,
            outcome: key(outcome)?,
            comment: options.text("comment")?,
            fields: options.fields("fields")?,
            attachments: uploads(&own.bench, by, &options.texts("files")?)?,
        };
        own.bench.act(context, by, command).map(drop)
    }
    engine.register_fn(
        "finish",
        |context: NativeCallContext, own: &mut TaskHandle, outcome: ImmutableString| {
            finish(&context, own, &outcome, Map::new())
        },
    );
    engine.register_fn(
        "finish",
        |context: NativeCallContext, own: &mut TaskHandle, outcome: ImmutableString, options: Map| {
            finish(&context, own, &outcome, options)
        },
    );
    engine.register_fn("cancel", |context: NativeCallContext, own: &mut TaskHandle, why: ImmutableString| {
        let by = own.bench.administrator()?;
        let command = Command::CancelTask { task: own.id, reason: Some(why.to_string()) };
        own.bench.act(&context, by, command).map(drop)
    });
}

/// Who does the department's tasks: its first member of the test, else the administrator.
fn member(own: &TaskHandle) -> Outcome<PersonId> {
    let department = own.look(|task| task.department.clone())?;
    own.bench.with(|state| Ok(state.members.get(&department).copied().unwrap_or(state.desk.administrator)))
}

fn register_plugins(engine: &mut Engine, bench: &Bench) {
    let own = bench.clone();
    engine.register_fn(
        "on_call",
        move |context: NativeCallContext, plugin: ImmutableString, function: ImmutableString, with: FnPtr| {
            answer_with(&own, &context, &plugin, &function, With::Function(with))
        },
    );
    let own = bench.clone();
    engine.register_fn(
        "on_call",
        move |context: NativeCallContext,
              plugin: ImmutableString,
              function: ImmutableString,
              with: Dynamic| {
            let with = With::Value(values::to_json(&with)?);
            answer_with(&own, &context, &plugin, &function, with)
        },
    );
    let own = bench.clone();
    engine.register_fn(
        "on_call_fail",
        move |context: NativeCallContext,
              plugin: ImmutableString,
              function: ImmutableString,
              message: ImmutableString| {
            let with = With::Failure(message.to_string());
            answer_with(&own, &context, &plugin, &function, with)
        },
    );
}

fn answer_with(
    bench: &Bench,
    context: &NativeCallContext,
    plugin: &str,
    function: &str,
    with: With,
) -> Outcome<()> {
    bench.answer_with(context, Answering { plugin: key(plugin)?, function: key(function)?, with })
}
