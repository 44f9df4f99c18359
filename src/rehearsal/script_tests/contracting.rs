//! Contracts in tests: who is named, what a balance gets, what a ticket's coverage is, priorities that are raised.

use rhai::{Dynamic, Engine, ImmutableString, Map, NativeCallContext};

use super::acting::actor;
use super::bench::{Bench, Outcome, wrong};
use super::handles::{ContactHandle, SubClientHandle, TicketHandle, key_or_nothing};
use super::options::Options;
use crate::domain::calendar::Month;
use crate::domain::command::{AdjustBalance, Command, RaisePriority, SetNamedContact, Switch};
use crate::domain::contract::{AdjustmentKind, Balance, MonthlyPack};
use crate::domain::{ContactId, Moment};
use crate::store;
use crate::store::contract::Holder;

const ADJUST: &[&str] = &["sub_client", "from"];
const RAISE: &[&str] = &["by", "agreed", "agreed_by", "reason"];
const SUB_CLIENT: &str = "what `sub_client(...)` made";

pub fn register(engine: &mut Engine, bench: &Bench) {
    engine.register_fn("becomes_named", |own: &mut ContactHandle| set_named(&own.bench, own.id, Switch::On));
    engine.register_fn("is_named_no_more", |own: &mut ContactHandle| {
        set_named(&own.bench, own.id, Switch::Off)
    });
    let own = bench.clone();
    engine.register_fn(
        "adjust_balance",
        move |amount: i64, kind: ImmutableString, reason: ImmutableString| {
            adjust(&own, amount, &kind, &reason, Map::new())
        },
    );
    let own = bench.clone();
    engine.register_fn(
        "adjust_balance",
        move |amount: i64, kind: ImmutableString, reason: ImmutableString, options: Map| {
            adjust(&own, amount, &kind, &reason, options)
        },
    );
    let own = bench.clone();
    engine.register_fn("balance_left", move || balance_left(&own, None));
    engine.register_get("balance_left", |own: &mut SubClientHandle| balance_left(&own.bench, Some(own)));
    engine.register_get("coverage", |own: &mut TicketHandle| coverage(own));
    engine.register_fn("raise_priority", |context: NativeCallContext, own: &mut TicketHandle, to: i64| {
        raise(&context, own, to, Map::new())
    });
    engine.register_fn(
        "raise_priority",
        |context: NativeCallContext, own: &mut TicketHandle, to: i64, options: Map| {
            raise(&context, own, to, options)
        },
    );
}

/// Before the test begins its clock, the name is there since long.
pub fn set_named(bench: &Bench, contact: ContactId, state: Switch) -> Outcome<()> {
    let client = bench.with(|state| Ok(state.desk.client))?;
    let set = SetNamedContact { client, contact, state, from: None };
    bench.arrange(Command::SetNamedContact(Box::new(set))).map(drop)
}

fn adjust(bench: &Bench, amount: i64, kind: &str, reason: &str, options: Map) -> Outcome<()> {
    let options = Options::new("adjust_balance", options, ADJUST)?;
    let sub_client = options.handle::<SubClientHandle>("sub_client", SUB_CLIENT)?;
    let adjust = AdjustBalance {
        client: bench.with(|state| Ok(state.desk.client))?,
        sub_client: sub_client.map(|sub| sub.id),
        amount,
        kind: match kind {
            "bought" => AdjustmentKind::Bought,
            "carry_over" => AdjustmentKind::CarryOver,
            "correction" => AdjustmentKind::Correction,
            other => return Err(wrong(format!("`{other}` is not bought, carry_over or correction"))),
        },
        reason: reason.to_owned(),
        valid_from: Some(match options.moment("from")? {
            Some(from) => from,
            None => bench.now()?,
        }),
    };
    bench.arrange(Command::AdjustBalance(Box::new(adjust))).map(drop)
}

/// What is left of the month of now; `()` without a limit.
fn balance_left(bench: &Bench, sub_client: Option<&SubClientHandle>) -> Outcome<Dynamic> {
    let now: Moment = bench.now()?;
    let key = sub_client.map(|sub| sub.look(|sub| sub.key.clone())).transpose()?;
    let (client, pack) = bench.with(|state| Ok((state.desk.client, state.desk.pack.clone())))?;
    let package = pack.package_of(key.as_ref());
    let Some(monthly) = package.and_then(|package| package.monthly.as_ref()) else {
        return Ok(Dynamic::UNIT);
    };
    let zone = &pack.calendar.time_zone;
    let month = Month::of(now, zone).and_then(|month| month.bounds(zone));
    let month = month.map_err(|error| wrong(error.to_string()))?;
    let sub_client = pack.contract.holder(key.as_ref(), sub_client.map(|sub| sub.id));
    let holder = Holder { client, sub_client };
    let spent = bench
        .read(|desk| store::contract::spent_by_all(desk.db(), holder, MonthlyPack::unit(monthly), month))?;
    Ok(Balance::new(monthly, spent.adjusted, spent.by_others).left.into())
}

/// As the ticket's last check left it; `()` where the client has no package.
fn coverage(ticket: &TicketHandle) -> Outcome<Dynamic> {
    let found = ticket.bench.read(|desk| store::contract::coverage(desk.db(), ticket.id))?;
    let Some((_, own)) = found else { return Ok(Dynamic::UNIT) };
    Ok(Dynamic::from_map(Map::from([
        ("is_covered".into(), own.is_covered.into()),
        ("reason".into(), own.reason.map_or(Dynamic::UNIT, |reason| reason.as_str().into())),
        ("is_paid".into(), own.is_paid.into()),
        ("service".into(), key_or_nothing(own.service.as_ref())),
        ("package_key".into(), key_or_nothing(own.package.as_ref())),
        ("draws".into(), own.draws.into()),
        ("balance_left".into(), own.balance_left.map_or(Dynamic::UNIT, Dynamic::from)),
    ])))
}

fn raise(context: &NativeCallContext, ticket: &TicketHandle, to: i64, options: Map) -> Outcome<()> {
    let options = Options::new("raise_priority", options, RAISE)?;
    let agreed_by = options.handle::<ContactHandle>("agreed_by", "what `contact(...)` made")?;
    let raise = RaisePriority {
        ticket: ticket.id,
        version: None,
        to,
        is_agreed: options.flag("agreed")?.unwrap_or(false),
        agreed_by: agreed_by.map(|contact| contact.id),
        reason: options.text("reason")?,
    };
    let by = actor(&ticket.bench, &options)?;
    ticket.bench.act(context, by, Command::RaisePriority(Box::new(raise))).map(drop)
}
