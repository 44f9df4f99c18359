//! The fields that a pack defines, as scripts read and set them.

use std::any::TypeId;

use rhai::{Dynamic, ImmutableString};

use super::call::{Answer, Call, Outcome};
use super::ticket::refused;
use super::values::json_of;
use super::{Example, Index, Keys, Type};
use crate::domain::pack::FieldKind;
use crate::domain::ticket::FieldValue;
use crate::domain::{Key, TicketId};
use crate::workflow::failure::Fault;
use crate::workflow::state::State;

#[derive(Debug, Clone, Copy)]
struct FieldsRef(TicketId);

/// `ticket.fields`.
pub fn of(ticket: TicketId) -> Dynamic {
    Dynamic::from(FieldsRef(ticket))
}

pub static FIELDS: Type = Type {
    name: "Fields",
    doc: "The fields that the pack defines.",
    id: TypeId::of::<FieldsRef>,
    members: &[],
    actions: &[],
    index: Some(Index {
        doc: "A field by its key; `()` while it is empty. Setting `()` empties it.",
        example: Example::opened(
            "if ticket.fields.part != () { ticket.note(\"Part \" + ticket.fields.part); }",
        ),
        keys: Keys::Field,
        get: read_field,
        set: Some(set_field),
    }),
};

fn known_field(call: &Call<'_, '_, '_>) -> Outcome<(Key, FieldKind)> {
    let key = call.key(1)?;
    let pack = &call.state().pack;
    let field = pack.require_field("fields", &key).map_err(|refusal| refused(&refusal))?;
    Ok((key, field.kind))
}

fn read_field(call: &mut Call<'_, '_, '_>) -> Answer {
    let (key, _) = known_field(call)?;
    field_value(call.state(), call.this::<FieldsRef>()?.0, &key)
}

pub fn field_value(state: &State, ticket: TicketId, key: &Key) -> Answer {
    if let Some(value) = state.draft(ticket, |draft| draft.and_then(|draft| draft.fields.get(key).cloned())) {
        return Ok(value);
    }
    let value = state.ticket(ticket, |ticket| ticket.fields.get(key).cloned())?;
    value.map_or(Ok(Dynamic::UNIT), |value| dynamic_of_field(state, &value))
}

/// A stored field as a script sees it.
pub fn dynamic_of_field(state: &State, value: &FieldValue) -> Answer {
    Ok(match value {
        FieldValue::Flag(flag) => (*flag).into(),
        FieldValue::Number(number) => number_of(*number),
        FieldValue::Choice(key) => key.to_string().into(),
        FieldValue::Moment(moment) => Dynamic::from(*moment),
        FieldValue::Text(text) => state.text(*text)?.into(),
    })
}

/// A whole number where it is one.
fn number_of(number: f64) -> Dynamic {
    const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= WHOLE_MAX {
        #[expect(clippy::cast_possible_truncation, reason = "the number is whole and small enough")]
        let whole = number as i64;
        return whole.into();
    }
    number.into()
}

fn set_field(call: &mut Call<'_, '_, '_>) -> Answer {
    let (key, kind) = known_field(call)?;
    let value = typed_field(call, &key, kind, &call.arg(2))?;
    let json = json_of(call.state(), &value)?;
    let ticket = call.this::<FieldsRef>()?.0;
    call.state().edit(ticket, |draft| {
        draft.fields.insert(key.clone(), value);
    })?;
    call.state().change(&call.place(), ticket, |changes| {
        changes.fields.insert(key.clone(), json);
    })?;
    Ok(Dynamic::UNIT)
}

fn typed_field(call: &Call<'_, '_, '_>, key: &Key, kind: FieldKind, value: &Dynamic) -> Answer {
    if value.is_unit() {
        return Ok(Dynamic::UNIT);
    }
    let wrong = |wanted: &str| Fault::refused(&format!("the field `{key}` takes {wanted}"));
    match kind {
        FieldKind::Text => call.words(2).map(Dynamic::from),
        FieldKind::Number if value.is_int() || value.is_float() => Ok(value.clone()),
        FieldKind::Number => Err(wrong("a number")),
        FieldKind::Flag if value.is_bool() => Ok(value.clone()),
        FieldKind::Flag => Err(wrong("true or false")),
        FieldKind::Moment => call.due(2).map(Dynamic::from).map_err(|_| wrong("a moment")),
        FieldKind::Choice => {
            let choice =
                value.read_lock::<ImmutableString>().map(|text| text.to_string()).unwrap_or_default();
            let field =
                call.state().pack.require_field("fields", key).map_err(|refusal| refused(&refusal))?;
            let known: Vec<&str> = field.choices.iter().map(|choice| choice.key.as_str()).collect();
            if known.contains(&choice.as_str()) {
                return Ok(choice.into());
            }
            Err(wrong(&format!("one of {}", known.join(", "))))
        }
    }
}
