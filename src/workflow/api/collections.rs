//! Lists that scripts read but cannot change: tags, tasks, work orders, parts.

use std::any::TypeId;
use std::ops::{Range, RangeInclusive};
use std::rc::Rc;

use rhai::{Array, Dynamic, FnPtr, Module};

use super::call::{Answer, Call, Outcome};
use super::{Example, Kind, Member, Param, Type};
use crate::workflow::failure::{FailureKind, Fault};
use crate::workflow::limits::{ARRAY_ITEMS_MAX, STRING_BYTES_MAX};

/// A read-only list; cloning shares it.
#[derive(Debug, Clone)]
pub struct List(pub Rc<Vec<Dynamic>>);

impl List {
    pub fn of<T: rhai::Variant + Clone>(items: impl IntoIterator<Item = T>) -> Dynamic {
        Dynamic::from(List(Rc::new(items.into_iter().map(Dynamic::from).collect())))
    }
}

pub(super) const TEST: &[Param] =
    &[Param::new("test", Kind::Function(&Kind::Any), "answers true or false for an item")];

pub static LIST: Type = Type {
    name: "List",
    doc: "A list that cannot be changed. `for x in list` goes through it.",
    id: TypeId::of::<List>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "len",
            Kind::Number,
            "How many items there are.",
            Example::opened("ticket.note(`${ticket.tags.len} tags`);"),
            length,
        ),
        Member::method(
            "len",
            &[],
            Kind::Number,
            "How many items there are.",
            Example::opened("ticket.note(`${ticket.tags.len()} tags`);"),
            length,
        ),
        Member::method(
            "is_empty",
            &[],
            Kind::Flag,
            "Whether there are none.",
            Example::opened("if ticket.orders.is_empty() { ticket.note(\"Nobody was sent yet\"); }"),
            is_empty,
        ),
        Member::get(
            "first",
            Kind::Any,
            "The first item; `()` when there is none.",
            Example::opened("ticket.note(\"First tag: \" + ticket.tags.first);"),
            |call| Ok(own_items(call)?.first().cloned().unwrap_or_default()),
        ),
        Member::get(
            "last",
            Kind::Any,
            "The last item; `()` when there is none.",
            Example::opened("ticket.note(\"Last tag: \" + ticket.tags.last);"),
            |call| Ok(own_items(call)?.last().cloned().unwrap_or_default()),
        ),
        Member::method(
            "contains",
            &[Param::new("item", Kind::Any, "a text, a number, a flag or a person")],
            Kind::Flag,
            "Whether the item is among them; `x in list` says the same.",
            Example::opened("if ticket.tags.contains(\"atm\") { ticket.queue(\"dispatchers\"); }"),
            contains,
        ),
        Member::method(
            "filter",
            TEST,
            Kind::Any,
            "The items for which the test says true.",
            Example::on(
                "on_task_done",
                "if ticket.tasks.filter(|one| one.open).is_empty() { ticket.status = \"in_work\"; }",
            ),
            |call| {
                let kept = each(call, |item, answer| answer.as_bool().map(|keep| keep.then_some(item)))?;
                Ok(List::of(kept))
            },
        ),
        Member::method(
            "some",
            TEST,
            Kind::Flag,
            "Whether the test says true for any item.",
            Example::on(
                "on_work_order",
                "if ticket.orders.some(|one| one.open) { ticket.note(\"Somebody is on the way\"); }",
            ),
            some,
        ),
        Member::method(
            "all",
            TEST,
            Kind::Flag,
            "Whether the test says true for every item.",
            Example::on(
                "on_task_done",
                "if ticket.tasks.all(|one| !one.open) { ticket.note(\"All departments have answered\"); }",
            ),
            all,
        ),
        Member::method(
            "find",
            TEST,
            Kind::Any,
            "The first item for which the test says true; `()` if none.",
            Example::on(
                "on_task_done",
                "ticket.note(\"Asked: \" + ticket.tasks.find(|one| one.department == \"commercial\").title);",
            ),
            find,
        ),
        Member::method(
            "map",
            &[Param::new("make", Kind::Function(&Kind::Any), "makes something of an item")],
            Kind::Array(&Kind::Any),
            "What the function makes of each item, as an array.",
            Example::opened("ticket.note(ticket.tags.map(|tag| \"#\" + tag).join(\" \"));"),
            |call| Ok(each(call, |_, answer| Ok(Some(answer)))?.into()),
        ),
        Member::method(
            "join",
            &[Param::new("separator", Kind::Text, "what stands between two items")],
            Kind::Text,
            "The items in words, one text.",
            Example::opened("ticket.note(\"Tags: \" + ticket.tags.join(\", \"));"),
            join,
        ),
    ],
};

/// The items of an array or a list; anything else is one item alone.
#[must_use]
pub fn items_of(value: Dynamic) -> Vec<Dynamic> {
    if let Some(list) = value.read_lock::<List>() {
        return list.0.to_vec();
    }
    if value.is_array() { value.into_array().unwrap_or_default() } else { vec![value] }
}

/// Whether it is an array or a list without items.
#[must_use]
pub fn is_empty_list(value: &Dynamic) -> bool {
    match value.read_lock::<List>() {
        Some(list) => list.0.is_empty(),
        None => value.read_lock::<rhai::Array>().is_some_and(|array| array.is_empty()),
    }
}

fn own_items(call: &Call<'_, '_, '_>) -> Outcome<Vec<Dynamic>> {
    Ok(items_of(call.arg(0)))
}

pub fn length(call: &mut Call<'_, '_, '_>) -> Answer {
    let count = own_items(call)?.len();
    Ok(i64::try_from(count).unwrap_or(i64::MAX).into())
}

pub fn is_empty(call: &mut Call<'_, '_, '_>) -> Answer {
    Ok(own_items(call)?.is_empty().into())
}

pub fn contains(call: &mut Call<'_, '_, '_>) -> Answer {
    let wanted = call.arg(1);
    Ok(own_items(call)?.iter().any(|item| are_equal(item, &wanted)).into())
}

/// Equality of plain values, moments and things of the desk.
#[must_use]
pub fn are_equal(one: &Dynamic, other: &Dynamic) -> bool {
    use super::contacts::ContactRef;
    use super::people::PersonRef;
    use super::places::{AssetRef, SiteRef, SubClientRef};
    use super::ticket::TicketRef;
    use crate::domain::{Moment, Span};
    fn same<T: rhai::Variant + Clone + PartialEq>(one: &Dynamic, other: &Dynamic) -> bool {
        one.read_lock::<T>().is_some_and(|one| other.read_lock::<T>().is_some_and(|other| *one == *other))
    }
    (one.is_unit() && other.is_unit())
        || same::<rhai::ImmutableString>(one, other)
        || same::<i64>(one, other)
        || same::<f64>(one, other)
        || same::<bool>(one, other)
        || same::<Moment>(one, other)
        || same::<Span>(one, other)
        || same::<TicketRef>(one, other)
        || same::<PersonRef>(one, other)
        || same::<ContactRef>(one, other)
        || same::<AssetRef>(one, other)
        || same::<SiteRef>(one, other)
        || same::<SubClientRef>(one, other)
}

fn ask(call: &Call<'_, '_, '_>, function: &FnPtr, item: &Dynamic) -> Answer {
    function.call_within_context::<Dynamic>(call.context, (item.clone(),))
}

/// Calls the function with each item and keeps what `keep` says.
pub fn each(
    call: &Call<'_, '_, '_>,
    keep: impl Fn(Dynamic, Dynamic) -> Result<Option<Dynamic>, &'static str>,
) -> Outcome<Vec<Dynamic>> {
    let function = call.function(1)?;
    let mut kept = Vec::new();
    for item in own_items(call)? {
        let answer = ask(call, &function, &item)?;
        let wrong = |found| Fault::refused(&format!("the test must answer true or false, not {found}"));
        kept.extend(keep(item, answer).map_err(wrong)?);
    }
    Ok(kept)
}

fn first_where(call: &Call<'_, '_, '_>, wanted: Wanted) -> Outcome<Option<Dynamic>> {
    let function = call.function(1)?;
    for item in own_items(call)? {
        let answer = ask(call, &function, &item)?;
        let wrong = |found| Fault::refused(&format!("the test must answer true or false, not {found}"));
        if answer.as_bool().map_err(wrong)? == (wanted == Wanted::Suits) {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Suits,
    SuitsNot,
}

pub fn some(call: &mut Call<'_, '_, '_>) -> Answer {
    Ok(first_where(call, Wanted::Suits)?.is_some().into())
}

pub fn all(call: &mut Call<'_, '_, '_>) -> Answer {
    Ok(first_where(call, Wanted::SuitsNot)?.is_none().into())
}

pub fn find(call: &mut Call<'_, '_, '_>) -> Answer {
    Ok(first_where(call, Wanted::Suits)?.unwrap_or_default())
}

pub fn join(call: &mut Call<'_, '_, '_>) -> Answer {
    let separator = call.text(1)?;
    let mut text = String::new();
    for (index, item) in own_items(call)?.iter().enumerate() {
        if index > 0 {
            text.push_str(&separator);
        }
        text.push_str(&super::text_of(call.state(), item)?);
        if text.len() > STRING_BYTES_MAX {
            let message = format!("a text is too large: at most {STRING_BYTES_MAX} bytes");
            return Err(Fault::new(FailureKind::TooBig, message));
        }
    }
    Ok(text.into())
}

/// What `for` can go through.
pub fn register_iterators(module: &mut Module) {
    module.set_iterable::<Range<i64>>();
    module.set_iterable::<RangeInclusive<i64>>();
    module.set_iterable::<Array>();
    module.set_iter(TypeId::of::<List>(), |list: Dynamic| {
        let items = list.cast::<List>();
        Box::new((0..items.0.len()).map(move |index| items.0[index].clone()))
    });
}

/// Refuses an array that would be too long.
pub fn require_room(count: usize) -> Outcome<()> {
    if count <= ARRAY_ITEMS_MAX {
        return Ok(());
    }
    let message = format!("an array is too large: at most {ARRAY_ITEMS_MAX} items");
    Err(Fault::new(FailureKind::TooBig, message))
}
