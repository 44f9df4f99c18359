//! Operators between the desk's values: times, texts with anything, equality of things.

use std::any::TypeId;

use rhai::{Dynamic, FuncRegistration, ImmutableString, Module};

use super::call::{Answer, Call};
use super::collections::{List, are_equal, contains};
use super::contacts::ContactRef;
use super::language::require_text;
use super::people::PersonRef;
use super::places::{AssetRef, SiteRef, SubClientRef};
use super::ticket::TicketRef;
use super::time::{WorkingSpan, after_working};
use super::{Native, register as register_native};
use crate::domain::{Moment, Span};
use crate::workflow::failure::Fault;

/// Registers every operator.
pub fn register(module: &mut Module) {
    times(module);
    equalities(module);
    let any = TypeId::of::<Dynamic>();
    let text = TypeId::of::<ImmutableString>();
    operator(module, "+", &[text, any], concatenate);
    operator(module, "+", &[any, text], concatenate);
    operator(module, "to_string", &[any], |call| Ok(call.words(0)?.into()));
    operator(module, "contains", &[TypeId::of::<List>(), any], contains);
    operator(module, "!", &[TypeId::of::<bool>()], |call| Ok((!call.flag(0)?).into()));
    operator(module, "-", &[TypeId::of::<i64>()], |call| {
        call.int(0)?.checked_neg().map(Dynamic::from).ok_or_else(|| Fault::refused("the number is too large"))
    });
    operator(module, "-", &[TypeId::of::<f64>()], |call| Ok((-call.this::<f64>()?).into()));
}

fn operator(module: &mut Module, name: &str, types: &[TypeId], native: Native) {
    register_native(module, FuncRegistration::new(name), types, native);
}

fn concatenate(call: &mut Call<'_, '_, '_>) -> Answer {
    let mut text = call.words(0)?;
    text.push_str(&call.words(1)?);
    require_text(text.len())?;
    Ok(text.into())
}

fn times(module: &mut Module) {
    let moment = TypeId::of::<Moment>();
    let span = TypeId::of::<Span>();
    let working = TypeId::of::<WorkingSpan>();
    let int = TypeId::of::<i64>();
    operator(module, "+", &[moment, span], |call| {
        Ok(Dynamic::from(call.this::<Moment>()? + second::<Span>(call)?))
    });
    operator(module, "-", &[moment, span], |call| {
        Ok(Dynamic::from(call.this::<Moment>()? - second::<Span>(call)?))
    });
    operator(module, "+", &[moment, working], |call| {
        let span = second::<WorkingSpan>(call)?;
        after_working(call.state(), call.this::<Moment>()?, span).map(Dynamic::from)
    });
    operator(module, "-", &[moment, moment], |call| {
        Ok(Dynamic::from(call.this::<Moment>()? - second::<Moment>(call)?))
    });
    operator(module, "+", &[span, span], |call| {
        Ok(Dynamic::from(call.this::<Span>()? + second::<Span>(call)?))
    });
    operator(module, "-", &[span, span], |call| {
        let (one, other) = (call.this::<Span>()?, second::<Span>(call)?);
        Ok(Dynamic::from(Span::from_ms(one.ms().saturating_sub(other.ms()))))
    });
    operator(module, "*", &[span, int], |call| {
        let ms = call.this::<Span>()?.ms().saturating_mul(call.int(1)?);
        Ok(Dynamic::from(Span::from_ms(ms)))
    });
    orders::<Moment>(module);
    orders::<Span>(module);
}

fn second<T: rhai::Variant + Clone>(call: &Call<'_, '_, '_>) -> Result<T, Box<rhai::EvalAltResult>> {
    call.arg(1).try_cast::<T>().ok_or_else(|| Fault::wrong_type("span", "something else"))
}

fn orders<T: rhai::Variant + Clone + PartialOrd>(module: &mut Module) {
    let both = [TypeId::of::<T>(), TypeId::of::<T>()];
    operator(module, "<", &both, |call| Ok((call.this::<T>()? < second::<T>(call)?).into()));
    operator(module, "<=", &both, |call| Ok((call.this::<T>()? <= second::<T>(call)?).into()));
    operator(module, ">", &both, |call| Ok((call.this::<T>()? > second::<T>(call)?).into()));
    operator(module, ">=", &both, |call| Ok((call.this::<T>()? >= second::<T>(call)?).into()));
}

fn equalities(module: &mut Module) {
    let same = [
        TypeId::of::<Moment>(),
        TypeId::of::<Span>(),
        TypeId::of::<TicketRef>(),
        TypeId::of::<PersonRef>(),
        TypeId::of::<ContactRef>(),
        TypeId::of::<AssetRef>(),
        TypeId::of::<SiteRef>(),
        TypeId::of::<SubClientRef>(),
    ];
    for own in same {
        operator(module, "==", &[own, own], |call| Ok(are_equal(&call.arg(0), &call.arg(1)).into()));
        operator(module, "!=", &[own, own], |call| Ok((!are_equal(&call.arg(0), &call.arg(1))).into()));
    }
}
