//! Values of a test: as JSON, compared, and shown to people.

use rhai::{Array, Dynamic, Map};
use serde_json::{Number, Value, json};

use super::bench::{Outcome, wrong};
use super::handles::{AssetHandle, OrderHandle, PersonHandle, SiteHandle, TaskHandle, TicketHandle};
use super::time::local_text;
use crate::domain::{Moment, Span};

/// Deepest value that is read.
const DEPTH_MAX: usize = 16;

pub fn of_json(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64().unwrap_or_default().into(),
        },
        Value::String(text) => text.clone().into(),
        Value::Array(items) => Dynamic::from_array(items.iter().map(of_json).collect()),
        Value::Object(fields) => {
            Dynamic::from_map(fields.iter().map(|(name, value)| (name.into(), of_json(value))).collect())
        }
    }
}

pub fn to_json(value: &Dynamic) -> Outcome<Value> {
    json_within(value, DEPTH_MAX)
}

fn json_within(value: &Dynamic, depth: usize) -> Outcome<Value> {
    if depth == 0 {
        return Err(wrong(format!("the value is nested deeper than {DEPTH_MAX}")));
    }
    if value.is_unit() {
        return Ok(Value::Null);
    }
    if let Ok(flag) = value.as_bool() {
        return Ok(flag.into());
    }
    if let Ok(whole) = value.as_int() {
        return Ok(whole.into());
    }
    if let Ok(number) = value.as_float() {
        return Ok(Number::from_f64(number).map_or(Value::Null, Value::Number));
    }
    if let Some(moment) = value.clone().try_cast::<Moment>() {
        return Ok(json!(moment));
    }
    if let Some(map) = value.clone().try_cast::<Map>() {
        let fields = map.iter().map(|(name, value)| Ok((name.to_string(), json_within(value, depth - 1)?)));
        return fields.collect::<Outcome<_>>().map(Value::Object);
    }
    if let Some(items) = value.clone().try_cast::<Array>() {
        return items
            .iter()
            .map(|item| json_within(item, depth - 1))
            .collect::<Outcome<_>>()
            .map(Value::Array);
    }
    match value.clone().into_immutable_string() {
        Ok(text) => Ok(text.as_str().into()),
        Err(kind) => Err(wrong(format!("a {kind} cannot be sent along; send a text, a number, a map …"))),
    }
}

/// Whether two values are the same to a reader: `1` and `1.0` are.
pub fn are_same(one: &Dynamic, other: &Dynamic) -> bool {
    if let (Some(one), Some(other)) = (number(one), number(other)) {
        return one == other;
    }
    if let (Ok(one), Ok(other)) = (one.clone().into_array(), other.clone().into_array()) {
        return one.len() == other.len() && one.iter().zip(&other).all(|(one, other)| are_same(one, other));
    }
    if let (Some(one), Some(other)) = (one.clone().try_cast::<Map>(), other.clone().try_cast::<Map>()) {
        return one.len() == other.len()
            && one.iter().zip(&other).all(|(one, other)| one.0 == other.0 && are_same(one.1, other.1));
    }
    if let (Ok(one), Ok(other)) = (one.clone().into_immutable_string(), other.clone().into_immutable_string())
    {
        return one == other;
    }
    if let (Ok(one), Ok(other)) = (one.as_bool(), other.as_bool()) {
        return one == other;
    }
    one.is_unit() && other.is_unit()
        || pair::<Moment>(one, other)
        || pair::<Span>(one, other)
        || pair::<TicketHandle>(one, other)
        || pair::<OrderHandle>(one, other)
        || pair::<TaskHandle>(one, other)
        || pair::<PersonHandle>(one, other)
        || pair::<SiteHandle>(one, other)
        || pair::<AssetHandle>(one, other)
}

fn pair<T: Clone + PartialEq + 'static>(one: &Dynamic, other: &Dynamic) -> bool {
    let pair = (one.clone().try_cast::<T>(), other.clone().try_cast::<T>());
    matches!(pair, (Some(one), Some(other)) if one == other)
}

fn number(value: &Dynamic) -> Option<f64> {
    value.as_int().map(|whole| whole as f64).or_else(|_| value.as_float()).ok()
}

/// As a failure shows it; moments on the clock of `zone`.
pub fn show(value: &Dynamic, zone: &str) -> String {
    show_within(value, zone, DEPTH_MAX)
}

fn show_within(value: &Dynamic, zone: &str, depth: usize) -> String {
    if depth == 0 {
        return "…".to_owned();
    }
    if let Some(items) = value.clone().try_cast::<Array>() {
        let items: Vec<String> = items.iter().map(|item| show_within(item, zone, depth - 1)).collect();
        return format!("[{}]", items.join(", "));
    }
    if let Some(map) = value.clone().try_cast::<Map>() {
        let show = |(name, value): (&rhai::Identifier, &Dynamic)| {
            format!("{name}: {}", show_within(value, zone, depth - 1))
        };
        return format!("#{{ {} }}", map.iter().map(show).collect::<Vec<_>>().join(", "));
    }
    if let Some(moment) = value.clone().try_cast::<Moment>() {
        return local_text(moment, zone);
    }
    if let Some(span) = value.clone().try_cast::<Span>() {
        return show_span(span);
    }
    if let Some(shown) = show_handle(value) {
        return shown;
    }
    match value.clone().into_immutable_string() {
        Ok(text) => format!("{:?}", text.as_str()),
        Err(_) => value.to_string(),
    }
}

fn show_handle(value: &Dynamic) -> Option<String> {
    if let Some(ticket) = value.clone().try_cast::<TicketHandle>() {
        return Some(format!("ticket {}", ticket.key().unwrap_or_default()));
    }
    if let Some(person) = value.clone().try_cast::<PersonHandle>() {
        return Some(person.look(|person| person.name.clone()).unwrap_or_default());
    }
    if let Some(order) = value.clone().try_cast::<OrderHandle>() {
        let shown = order.look(|order| format!("work order {} ({})", order.ordinal, order.stage.as_str()));
        return shown.ok();
    }
    let task = value.clone().try_cast::<TaskHandle>()?;
    task.look(|task| format!("task {} of {}", task.ordinal, task.department)).ok()
}

/// `1 d 3 h 20 min`.
pub fn show_span(span: Span) -> String {
    let ms = span.ms();
    let (sign, ms) = if ms < 0 { ("-", -ms) } else { ("", ms) };
    let (days, hours, minutes) = (ms / 86_400_000, ms / 3_600_000 % 24, ms / 60_000 % 60);
    let rest = ms % 60_000;
    let parts = [(days, "d"), (hours, "h"), (minutes, "min")];
    let mut words: Vec<String> =
        parts.iter().filter(|part| part.0 > 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    if rest > 0 {
        words.push(format!("{rest} ms"));
    }
    if words.is_empty() { "0 min".to_owned() } else { format!("{sign}{}", words.join(" ")) }
}
