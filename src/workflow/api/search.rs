//! How a schedule's handler, or any other, finds tickets of its client.

use rhai::Dynamic;

use super::call::{Answer, Call, Options, Outcome};
use super::collections::List;
use super::contacts::ContactRef;
use super::people::person_of;
use super::places::{AssetRef, SiteRef};
use super::ticket::TicketRef;
use super::{Example, Function, Keys, Kind, Param, SINCE_FIRST};
use crate::domain::Key;
use crate::domain::pack::Phase;
use crate::workflow::facts::TicketQuery;
use crate::workflow::failure::Fault;

/// Most tickets that one search answers.
const FOUND_MAX: i64 = 100;

const FILTER: &[Param] = &[
    Param::new(
        "phase",
        Kind::List(&Kind::Key(Keys::Phase)),
        "`new`, `open`, `resolved`, `closed`; the first two when left out",
    ),
    Param::new("status", Kind::List(&Kind::Key(Keys::Status)), ""),
    Param::new("category", Kind::List(&Kind::Key(Keys::Category)), ""),
    Param::new("queue", Kind::List(&Kind::Key(Keys::Queue)), ""),
    Param::new("priority", Kind::List(&Kind::Number), "1 (most pressing) to 5"),
    Param::new("assignee", Kind::Person, "whose they are"),
    Param::new("unassigned", Kind::Flag, "only those that nobody has"),
    Param::new("urgent", Kind::Flag, "only urgent ones"),
    Param::new("unclassified", Kind::Flag, "only those left at the defaults"),
    Param::new("overdue", Kind::Flag, "only those whose nearest target is missed"),
    Param::new("site", Kind::Handle("Site"), "only those of this site"),
    Param::new("asset", Kind::Handle("Asset"), "only those of this asset"),
    Param::new("contact", Kind::Handle("Contact"), "only those of this contact"),
    Param::new("opened_before", Kind::Moment, "such as `now() - days(7)`"),
    Param::new("changed_before", Kind::Moment, "when they changed last"),
];

pub static FUNCTIONS: &[Function] = &[Function {
    name: "find_tickets",
    doc: "Tickets of the client that fit, the oldest first. For schedules; a handler of a ticket may use it too.",
    example: Example::on(
        "on_schedule",
        "for ticket in find_tickets(#{ phase: [\"new\", \"open\"], opened_before: now() - hours(4) }, 50) { ticket.notify(\"shift_supervisor\", \"at_risk\"); }",
    ),
    since: SINCE_FIRST,
    params: &[
        Param::new("filter", Kind::Options(FILTER), "all that it names must fit"),
        Param::new("max", Kind::Number, "how many at most, 1 to 100"),
    ],
    returns: Kind::List(&Kind::Handle("Ticket")),
    run: |call| {
        let count = call.int(1)?;
        if !(1..=FOUND_MAX).contains(&count) {
            return Err(Fault::refused(&format!("max: 1 to {FOUND_MAX} is wanted, not {count}")));
        }
        let query = query(call, usize::try_from(count).unwrap_or(1))?;
        Ok(List::of(call.state().found(query)?.into_iter().map(TicketRef)))
    },
}];

fn query(call: &Call<'_, '_, '_>, count_max: usize) -> Outcome<TicketQuery> {
    let mut options = call.options(0)?;
    let words = options.list("phase");
    let mut phases = words.into_iter().map(phase).collect::<Outcome<Vec<Phase>>>()?;
    if phases.is_empty() {
        phases = vec![Phase::New, Phase::Open];
    }
    let assignee = options.any("assignee");
    let query = TicketQuery {
        phases,
        statuses: keys(&mut options, "status")?,
        categories: keys(&mut options, "category")?,
        queues: keys(&mut options, "queue")?,
        priorities: options.list("priority").into_iter().map(number).collect::<Outcome<_>>()?,
        assignee: assignee.map(|who| person_of(call.state(), &who)).transpose()?,
        is_unassigned: options.flag("unassigned")?,
        is_urgent: options.flag("urgent")?,
        is_unclassified: options.flag("unclassified")?,
        is_overdue: options.flag("overdue")?,
        opened_before: options.due("opened_before")?,
        changed_before: options.due("changed_before")?,
        site: handle::<SiteRef>(&mut options, "site")?.map(|site| site.0),
        asset: handle::<AssetRef>(&mut options, "asset")?.map(|asset| asset.0),
        contact: handle::<ContactRef>(&mut options, "contact")?.map(|contact| contact.0),
        count_max,
    };
    options.done(FILTER)?;
    Ok(query)
}

fn keys(options: &mut Options<'_>, name: &str) -> Outcome<Vec<Key>> {
    let key = |value: Dynamic| {
        let text = value.into_immutable_string();
        let text = text.map_err(|found| Fault::refused(&format!("{name}: a key is wanted, not {found}")))?;
        Key::new(&text).map_err(|error| Fault::refused(&format!("{name}: {error}")))
    };
    options.list(name).into_iter().map(key).collect()
}

fn handle<T: rhai::Variant + Clone>(options: &mut Options<'_>, name: &str) -> Outcome<Option<T>> {
    let Some(value) = options.any(name) else { return Ok(None) };
    let found = value.type_name();
    value.try_cast::<T>().map(Some).ok_or_else(|| Fault::wrong_type(name, found))
}

/// The other open tickets of a site, the oldest first.
pub fn open_of_site(call: &mut Call<'_, '_, '_>) -> Answer {
    let site = Some(call.this::<SiteRef>()?.0);
    other_open(call, TicketQuery { site, ..TicketQuery::default() })
}

/// The other open tickets of a contact, the oldest first.
pub fn open_of_contact(call: &mut Call<'_, '_, '_>) -> Answer {
    let contact = Some(call.this::<ContactRef>()?.0);
    other_open(call, TicketQuery { contact, ..TicketQuery::default() })
}

fn other_open(call: &Call<'_, '_, '_>, about: TicketQuery) -> Answer {
    let query = TicketQuery {
        phases: vec![Phase::New, Phase::Open],
        count_max: usize::try_from(FOUND_MAX).unwrap_or(1),
        ..about
    };
    let own = call.state().ticket;
    let found = call.state().found(query)?.into_iter().filter(|ticket| *ticket != own);
    Ok(List::of(found.map(TicketRef)))
}

fn number(value: Dynamic) -> Outcome<i64> {
    value
        .as_int()
        .map_err(|found| Fault::refused(&format!("priority: a whole number is wanted, not {found}")))
}

fn phase(value: Dynamic) -> Outcome<Phase> {
    match value.to_string().as_str() {
        "new" => Ok(Phase::New),
        "open" => Ok(Phase::Open),
        "resolved" => Ok(Phase::Resolved),
        "closed" => Ok(Phase::Closed),
        other => {
            Err(Fault::refused(&format!("phase: `{other}` is none; known: new, open, resolved, closed")))
        }
    }
}
