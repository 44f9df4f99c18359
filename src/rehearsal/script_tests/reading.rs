//! What tests read of people, places, work orders and tasks.

use rhai::{Array, Dynamic, Engine, ImmutableString, Map};

use super::bench::Outcome;
use super::handles::{
    AssetHandle, ContactHandle, OrderHandle, PartnerHandle, PersonHandle, SiteHandle, SubClientHandle,
    TaskHandle, TicketHandle, key_or_nothing, words,
};
use super::time::maybe;
use crate::domain::task::{Task, TaskState};
use crate::domain::ticket::FieldValue;
use crate::domain::work_order::WorkOrder;

pub fn register(engine: &mut Engine) {
    register_people(engine);
    register_places(engine);
    register_orders(engine);
    register_tasks(engine);
}

fn register_people(engine: &mut Engine) {
    engine.register_get("name", |own: &mut PersonHandle| own.look(|person| person.name.clone()));
    engine.register_get("login", |own: &mut PersonHandle| own.look(|person| person.login.clone()));
    engine.register_get("on_duty", |own: &mut PersonHandle| own.look(|person| person.is_on_duty));
    engine.register_get("grade", |own: &mut PersonHandle| {
        own.look(|person| person.engineer.as_ref().map_or(Dynamic::UNIT, |own| own.grade.into()))
    });
    engine.register_get("city", |own: &mut PersonHandle| {
        own.look(|person| person.engineer.as_ref().map_or(Dynamic::UNIT, |own| own.city.clone().into()))
    });
    engine.register_get("lead", |own: &mut PersonHandle| {
        let lead = own.look(|person| person.engineer.as_ref().and_then(|own| own.lead))?;
        Ok::<_, Box<rhai::EvalAltResult>>(PersonHandle::maybe(&own.bench, lead))
    });
    engine.register_get("name", |own: &mut ContactHandle| own.look(|contact| contact.name.clone()));
    engine.register_get("person", |own: &mut ContactHandle| own.person());
}

fn register_places(engine: &mut Engine) {
    engine.register_get("name", |own: &mut SiteHandle| own.look(|site| site.name.clone()));
    engine.register_get("address", |own: &mut SiteHandle| own.look(|site| site.address.clone()));
    engine.register_get("city", |own: &mut SiteHandle| own.look(|site| site.city.clone()));
    engine.register_get("country", |own: &mut SiteHandle| own.look(|site| site.country.clone()));
    engine.register_get("name", |own: &mut SubClientHandle| own.look(|sub| sub.name.clone()));
    engine.register_get("name", |own: &mut PartnerHandle| own.look(|partner| partner.name.clone()));
    engine.register_get("tag", |own: &mut AssetHandle| own.look(|asset| asset.tag.clone()));
    engine.register_get("serial", |own: &mut AssetHandle| own.look(|asset| asset.serial.clone()));
    engine.register_get("model", |own: &mut AssetHandle| own.look(|asset| asset.model.clone()));
    engine.register_get("site", |own: &mut AssetHandle| -> Outcome<Dynamic> {
        Ok(SiteHandle::maybe(&own.bench, own.look(|asset| asset.site)?))
    });
}

fn register_orders(engine: &mut Engine) {
    fn get<T: rhai::Variant + Clone>(engine: &mut Engine, name: &str, part: fn(&WorkOrder) -> T) {
        engine.register_get(name, move |own: &mut OrderHandle| own.look(part));
    }
    get(engine, "number", |order| order.ordinal);
    get(engine, "stage", |order| order.stage.as_str().to_owned());
    get(engine, "reason", |order| key_or_nothing(order.outcome.as_ref()));
    get(engine, "open", |order| order.stage.is_open());
    get(engine, "due", |order| maybe(order.due_at));
    get(engine, "planned_at", |order| maybe(order.planned_at));
    get(engine, "arrived_at", |order| maybe(order.arrived_at));
    get(engine, "finished_at", |order| maybe(order.finished_at));
    get(engine, "parts_needed", |order| -> Array {
        let part = |part: &crate::domain::work_order::PartNeeded| {
            Dynamic::from_map(Map::from([
                ("code".into(), part.code.clone().into()),
                ("quantity".into(), part.quantity.into()),
            ]))
        };
        order.parts_needed.iter().map(part).collect()
    });
    engine.register_get("engineer", |own: &mut OrderHandle| -> Outcome<PersonHandle> {
        Ok(PersonHandle::new(&own.bench, own.look(|order| order.engineer)?))
    });
    engine
        .register_get("comment", |own: &mut OrderHandle| words(&own.bench, own.look(|order| order.comment)?));
    engine.register_get("note", |own: &mut OrderHandle| words(&own.bench, own.look(|order| order.note)?));
    engine.register_get("ticket", |own: &mut OrderHandle| -> Outcome<TicketHandle> {
        Ok(TicketHandle::new(&own.bench, own.look(|order| order.ticket)?))
    });
}

/// The values that went along with a task and came back with it.
#[derive(Clone)]
pub struct TaskFields(TaskHandle);

fn register_tasks(engine: &mut Engine) {
    fn get<T: rhai::Variant + Clone>(engine: &mut Engine, name: &str, part: fn(&Task) -> T) {
        engine.register_get(name, move |own: &mut TaskHandle| own.look(part));
    }
    get(engine, "number", |task| task.ordinal);
    get(engine, "department", |task| task.department.to_string());
    get(engine, "outcome", |task| key_or_nothing(task.outcome.as_ref()));
    get(engine, "outcomes", |task| -> Array {
        task.outcomes.iter().map(|key| key.to_string().into()).collect()
    });
    get(engine, "open", |task| task.is_open());
    get(engine, "cancelled", |task| task.state == TaskState::Cancelled);
    get(engine, "due", |task| maybe(task.due_at));
    engine
        .register_get("title", |own: &mut TaskHandle| words(&own.bench, Some(own.look(|task| task.title)?)));
    engine.register_get("comment", |own: &mut TaskHandle| words(&own.bench, own.look(|task| task.comment)?));
    engine.register_get("taken_by", |own: &mut TaskHandle| -> Outcome<Dynamic> {
        Ok(PersonHandle::maybe(&own.bench, own.look(|task| task.taken_by)?))
    });
    engine.register_get("ticket", |own: &mut TaskHandle| -> Outcome<TicketHandle> {
        Ok(TicketHandle::new(&own.bench, own.look(|task| task.ticket)?))
    });
    engine.register_type_with_name::<TaskFields>("TaskFields");
    engine.register_get("fields", |own: &mut TaskHandle| TaskFields(own.clone()));
    engine.register_indexer_get(|own: &mut TaskFields, name: ImmutableString| -> Outcome<Dynamic> {
        let value = own.0.look(|task| task.fields.get(name.as_str()).cloned())?;
        field(&own.0.bench, value)
    });
}

/// A custom field as a test sees it; `()` while it is empty.
pub fn field(bench: &super::bench::Bench, value: Option<FieldValue>) -> Outcome<Dynamic> {
    Ok(match value {
        None => Dynamic::UNIT,
        Some(FieldValue::Flag(flag)) => flag.into(),
        Some(FieldValue::Number(number)) if number.fract() == 0.0 => (number as i64).into(),
        Some(FieldValue::Number(number)) => number.into(),
        Some(FieldValue::Choice(key)) => key.to_string().into(),
        Some(FieldValue::Moment(at)) => Dynamic::from(at),
        Some(FieldValue::Text(text)) => words(bench, Some(text))?.into(),
    })
}
