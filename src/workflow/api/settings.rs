//! `settings.x`: the free settings of the pack, those of the ticket's sub-client over them.

use std::any::TypeId;

use rhai::Dynamic;

use super::call::{Answer, Call};
use super::{Example, Index, Keys, Type};
use crate::domain::key::{did_you_mean, nearest};
use crate::workflow::failure::Fault;

#[derive(Debug, Clone, Copy)]
pub struct SettingsRef;

pub static SETTINGS: Type = Type {
    name: "Settings",
    doc: "The `[settings]` of client.toml; `[sub_client_settings.KEY]` of the ticket's sub-client override them.",
    id: TypeId::of::<SettingsRef>,
    members: &[],
    actions: &[],
    index: Some(Index {
        doc: "A setting by its name: a text, a number, true or false, an array or a map.",
        example: Example::opened(
            "ticket.escalate(\"commercial\", #{ due: hours(settings.approval_hours) });",
        ),
        keys: Keys::Setting,
        get: read,
        set: None,
    }),
};

fn read(call: &mut Call<'_, '_, '_>) -> Answer {
    let name = call.text(1)?;
    let state = call.state();
    let pack = state.pack.clone();
    if !pack.sub_client_settings.is_empty() {
        let sub = state.ticket(state.ticket, |ticket| ticket.sub_client)?;
        if let Some(sub) = sub {
            let key = state.sub_client(sub, |sub| sub.key.clone())?;
            let own = pack.sub_client_settings.get(&key).and_then(|table| table.get(name.as_str()));
            if let Some(value) = own {
                return Ok(dynamic_of_toml(value));
            }
        }
    }
    if let Some(value) = pack.settings.get(name.as_str()) {
        return Ok(dynamic_of_toml(value));
    }
    // Known for another sub-client: not set here.
    if pack.sub_client_settings.values().any(|table| table.contains_key(name.as_str())) {
        return Ok(Dynamic::UNIT);
    }
    let hint = did_you_mean(nearest(&name, pack.settings.keys().map(String::as_str)));
    Err(Fault::refused(&format!("there is no setting `{name}`{hint}")))
}

fn dynamic_of_toml(value: &toml::Value) -> Dynamic {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(flag) => (*flag).into(),
        toml::Value::Datetime(moment) => moment.to_string().into(),
        toml::Value::Array(items) => items.iter().map(dynamic_of_toml).collect::<Vec<_>>().into(),
        toml::Value::Table(table) => {
            let entries = table.iter().map(|(key, value)| (key.as_str().into(), dynamic_of_toml(value)));
            entries.collect::<rhai::Map>().into()
        }
    }
}
