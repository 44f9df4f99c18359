//! Values across the border: JSON into a script, a script's values into JSON and into words.

use std::fmt::Write;

use rhai::{Dynamic, ImmutableString, Map};
use serde_json::Value;

use super::call::Outcome;
use super::collections::{List, items_of};
use super::contacts::ContactRef;
use super::orders::{OrderRef, Part};
use super::people::{AuthorRef, PersonRef};
use super::places::{AssetRef, ClientRef, CountryRef, ModelRef, SiteRef, SubClientRef};
use super::reports::{FileRef, PaperRef};
use super::ticket::TicketRef;
use super::time::{LocalTimeRef, WorkingSpan};
use crate::domain::calendar::local_time;
use crate::domain::{Moment, Span};
use crate::workflow::failure::{FailureKind, Fault};
use crate::workflow::limits::{DATA_DEPTH_MAX, STRING_BYTES_MAX};
use crate::workflow::state::State;

/// JSON as a script sees it: objects are maps, arrays arrays, `null` is `()`, whole numbers are whole.
pub fn dynamic_of(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64().unwrap_or(f64::NAN).into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items.iter().map(dynamic_of).collect::<Vec<_>>().into(),
        Value::Object(entries) => {
            let map: Map =
                entries.iter().map(|(key, value)| (key.as_str().into(), dynamic_of(value))).collect();
            map.into()
        }
    }
}

/// A script's value as JSON: moments in RFC 3339, spans in milliseconds, things by name.
pub fn json_of(state: &State, value: &Dynamic) -> Outcome<Value> {
    json_within(state, value, DATA_DEPTH_MAX)
}

fn json_within(state: &State, value: &Dynamic, depth: usize) -> Outcome<Value> {
    if depth == 0 {
        return Err(Fault::new(
            FailureKind::TooBig,
            format!("data is nested more than {DATA_DEPTH_MAX} deep"),
        ));
    }
    if value.is_unit() {
        return Ok(Value::Null);
    }
    if let Ok(flag) = value.as_bool() {
        return Ok(flag.into());
    }
    if let Ok(number) = value.as_int() {
        return Ok(number.into());
    }
    if let Ok(number) = value.as_float() {
        return Ok(number.into());
    }
    if let Some(moment) = value.read_lock::<Moment>() {
        return Ok(moment.to_string().into());
    }
    if let Some(span) = value.read_lock::<Span>() {
        return Ok(span.ms().into());
    }
    if let Some(map) = value.read_lock::<Map>() {
        let entry = |(key, value): (&rhai::Identifier, &Dynamic)| {
            json_within(state, value, depth - 1).map(|value| (key.to_string(), value))
        };
        return map.iter().map(entry).collect::<Outcome<serde_json::Map<_, _>>>().map(Value::Object);
    }
    if value.is_array() || value.is::<List>() {
        let items = items_of(value.clone());
        let items = items.iter().map(|item| json_within(state, item, depth - 1));
        return items.collect::<Outcome<Vec<_>>>().map(Value::Array);
    }
    if let Some(part) = value.read_lock::<Part>() {
        return Ok(serde_json::json!({ "code": part.0.code, "quantity": part.0.quantity }));
    }
    text_of(state, value).map(Value::String)
}

/// A script's value in words: what `+` and `${}` write and what goes where a text is wanted.
pub fn text_of(state: &State, value: &Dynamic) -> Outcome<String> {
    let mut text = String::new();
    write_text(state, value, &mut text, DATA_DEPTH_MAX)?;
    Ok(text)
}

fn write_text(state: &State, value: &Dynamic, into: &mut String, depth: usize) -> Outcome<()> {
    if depth == 0 {
        return Err(Fault::new(
            FailureKind::TooBig,
            format!("data is nested more than {DATA_DEPTH_MAX} deep"),
        ));
    }
    if value.is_array() || value.is::<List>() {
        for (index, item) in items_of(value.clone()).iter().enumerate() {
            if index > 0 {
                into.push_str("; ");
            }
            write_text(state, item, into, depth - 1)?;
        }
    } else if let Some(map) = value.read_lock::<Map>() {
        for (index, (key, item)) in map.iter().enumerate() {
            let _ = write!(into, "{}{key}: ", if index > 0 { "; " } else { "" });
            write_text(state, item, into, depth - 1)?;
        }
    } else {
        into.push_str(&plain_text(state, value)?);
    }
    if into.len() > STRING_BYTES_MAX {
        return Err(Fault::new(
            FailureKind::TooBig,
            format!("a text is too large: at most {STRING_BYTES_MAX} bytes"),
        ));
    }
    Ok(())
}

fn plain_text(state: &State, value: &Dynamic) -> Outcome<String> {
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Ok(text.to_string());
    }
    if let Some(moment) = value.read_lock::<Moment>() {
        return Ok(moment_text(state, *moment));
    }
    if let Some(span) = value.read_lock::<Span>() {
        return Ok(span_text(*span));
    }
    if let Some(span) = value.read_lock::<WorkingSpan>() {
        return Ok(format!("{} of working time", span_text(span.0)));
    }
    if let Some(local) = value.read_lock::<LocalTimeRef>() {
        return Ok(local.text());
    }
    if let Some(name) = name_of(state, value) {
        return name;
    }
    if value.is_unit() || value.is_char() || value.is_int() || value.is_float() || value.is_bool() {
        return Ok(value.to_string());
    }
    Err(Fault::refused(&format!(
        "a {} cannot be written as a text; name one of its properties",
        short_type(value.type_name())
    )))
}

/// What people call a thing of the desk.
fn name_of(state: &State, value: &Dynamic) -> Option<Outcome<String>> {
    if let Some(ticket) = value.read_lock::<TicketRef>() {
        return Some(ticket.key(state));
    }
    if let Some(person) = value.read_lock::<PersonRef>() {
        return Some(state.person(person.0, |person| person.name.clone()));
    }
    if let Some(author) = value.read_lock::<AuthorRef>() {
        return Some(author.name(state));
    }
    if let Some(contact) = value.read_lock::<ContactRef>() {
        return Some(state.contact(contact.0, |contact| contact.name.clone()));
    }
    if let Some(client) = value.read_lock::<ClientRef>() {
        return Some(client.name(state));
    }
    if let Some(sub) = value.read_lock::<SubClientRef>() {
        return Some(state.sub_client(sub.0, |sub| sub.name.clone()));
    }
    if let Some(site) = value.read_lock::<SiteRef>() {
        return Some(state.site(site.0, |site| site.name.clone()));
    }
    if let Some(asset) = value.read_lock::<AssetRef>() {
        return Some(state.asset(asset.0, |asset| asset.tag.clone()));
    }
    if let Some(model) = value.read_lock::<ModelRef>() {
        return Some(state.asset(model.0, |asset| asset.model.clone()));
    }
    if let Some(country) = value.read_lock::<CountryRef>() {
        return Some(Ok(country.0.clone()));
    }
    if let Some(order) = value.read_lock::<OrderRef>() {
        return Some(order.look(state, |order| format!("work order {}", order.ordinal)));
    }
    if let Some(paper) = value.read_lock::<PaperRef>() {
        return Some(paper.words(state));
    }
    if let Some(file) = value.read_lock::<FileRef>() {
        return Some(file.name(state));
    }
    value.read_lock::<Part>().map(|part| match part.0.quantity {
        1 => Ok(part.0.code.clone()),
        quantity => Ok(format!("{} × {quantity}", part.0.code)),
    })
}

/// `2026-12-31 17:55` on the client's own clock.
fn moment_text(state: &State, moment: Moment) -> String {
    local_time(moment, &state.pack.calendar.time_zone)
        .map_or_else(|_| moment.to_string(), |local| LocalTimeRef(local).text())
}

fn span_text(span: Span) -> String {
    const MINUTE_MS: i64 = 60_000;
    const HOUR_MINUTES: i64 = 60;
    let minutes = span.ms() / MINUTE_MS;
    match (minutes / HOUR_MINUTES, minutes % HOUR_MINUTES) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// A type's name without the modules of our code.
#[must_use]
pub fn short_type(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name).trim_end_matches("Ref")
}
