//! Major incidents in tests: declaring, attaching, one update for all, the end.

use std::collections::BTreeMap;

use rhai::{Dynamic, Engine, ImmutableString, Map, NativeCallContext};

use super::acting::actor;
use super::bench::{Bench, Outcome, wrong};
use super::handles::TicketHandle;
use super::options::Options;
use crate::domain::PersonId;
use crate::domain::command::{Command, DeclareIncident, EndIncident};
use crate::domain::incident::IncidentRule;

const DECLARE: &[&str] = &["text", "categories", "cities", "countries", "models", "words", "by"];
const END: &[&str] = &["resolution", "reason", "attached", "by"];

pub fn register(engine: &mut Engine) {
    engine.register_get("is_attached", |own: &mut TicketHandle| own.look(|ticket| ticket.incident.is_some()));
    engine.register_get("major_incident", |own: &mut TicketHandle| -> Outcome<Dynamic> {
        let incident = own.look(|ticket| ticket.incident)?;
        Ok(incident.map_or(Dynamic::UNIT, |id| Dynamic::from(TicketHandle::new(&own.bench, id))))
    });
    engine.register_fn(
        "declare_incident",
        |context: NativeCallContext, ticket: &mut TicketHandle, options: Map| {
            declare(&context, ticket, options)
        },
    );
    engine.register_fn(
        "attach_to_incident",
        |context: NativeCallContext, own: &mut TicketHandle, other: TicketHandle| {
            let command = Command::AttachToIncident { ticket: own.id, incident: other.id };
            act(&context, own, own.bench.administrator()?, command)
        },
    );
    engine.register_fn("detach_from_incident", |context: NativeCallContext, own: &mut TicketHandle| {
        act(&context, own, own.bench.administrator()?, Command::DetachFromIncident { ticket: own.id })
    });
    engine.register_fn(
        "send_incident_update",
        |context: NativeCallContext, own: &mut TicketHandle, text: ImmutableString| {
            let command = Command::SendIncidentUpdate { incident: own.id, text: text.to_string() };
            act(&context, own, own.bench.administrator()?, command)
        },
    );
    engine.register_fn(
        "end_incident",
        |context: NativeCallContext, ticket: &mut TicketHandle, options: Map| end(&context, ticket, options),
    );
}

fn act(context: &NativeCallContext, ticket: &TicketHandle, by: PersonId, command: Command) -> Outcome<()> {
    ticket.bench.act(context, by, command).map(drop)
}

fn declare(context: &NativeCallContext, ticket: &TicketHandle, options: Map) -> Outcome<()> {
    let options = Options::new("declare_incident", options, DECLARE)?;
    let bench: &Bench = &ticket.bench;
    let language = bench.with(|state| Ok(state.desk.pack.language))?;
    let texts = options.text("text")?.map(|text| BTreeMap::from([(language, text)])).unwrap_or_default();
    let rule = IncidentRule {
        categories: options.keys("categories")?,
        cities: options.texts("cities")?.into_iter().collect(),
        countries: options.texts("countries")?.into_iter().collect(),
        models: options.texts("models")?.into_iter().collect(),
        words: options.texts("words")?.into_iter().collect(),
        ..IncidentRule::default()
    };
    let command = Command::DeclareIncident(Box::new(DeclareIncident { ticket: ticket.id, rule, texts }));
    act(context, ticket, actor(bench, &options)?, command)
}

fn end(context: &NativeCallContext, ticket: &TicketHandle, options: Map) -> Outcome<()> {
    let options = Options::new("end_incident", options, END)?;
    let attached = options.text("attached")?.unwrap_or_else(|| "leave".to_owned());
    let attached = serde_json::from_value(attached.clone().into()).map_err(|_| {
        wrong(format!(
            "`{attached}` is not one of leave, resolve_untouched, resolve_all, close_untouched, close_all"
        ))
    })?;
    let resolution = options.key("resolution")?.ok_or_else(|| wrong("`resolution` is needed"))?;
    let reason = options.text("reason")?;
    let by = actor(&ticket.bench, &options)?;
    let end = EndIncident { incident: ticket.id, version: None, resolution, reason, attached };
    act(context, ticket, by, Command::EndIncident(Box::new(end)))
}
