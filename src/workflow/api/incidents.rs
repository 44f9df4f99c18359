//! Major incidents in scripts: what is known of them, and declaring, attaching, taking off.

use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet};

use rhai::Dynamic;

use super::call::{Answer, Call, Outcome};
use super::collections::List;
use super::places::SiteRef;
use super::ticket::{TicketRef, own};
use super::values::text_of;
use super::{Example, Keys, Kind, Member, Param, Type};
use crate::domain::command::{Command, DeclareIncident};
use crate::domain::incident::IncidentRule;
use crate::domain::{Key, Language, TextId, TicketId};
use crate::workflow::facts::IncidentFact;
use crate::workflow::failure::Fault;
use crate::workflow::state::State;

/// An incident, by its parent ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IncidentRef(pub TicketId);

#[derive(Debug, Clone, Copy)]
pub struct UpdateRef(pub TextId);

pub const DECLARE_OPTIONS: &[Param] = &[
    Param::new("text", Kind::Text, "what the client's people are told, in the client's language"),
    Param::new("categories", Kind::List(&Kind::Key(Keys::Category)), "attaches tickets of these"),
    Param::new("countries", Kind::List(&Kind::Text), "attaches tickets of sites there, such as `KZ`"),
    Param::new("cities", Kind::List(&Kind::Text), "attaches tickets of sites there"),
    Param::new("sites", Kind::List(&Kind::Handle("Site")), "attaches tickets of these sites"),
    Param::new("models", Kind::List(&Kind::Text), "attaches tickets of such assets"),
    Param::new("words", Kind::List(&Kind::Text), "attaches tickets whose subject has one of these phrases"),
];

pub static INCIDENT: Type = Type {
    name: "Incident",
    doc: "A major incident of the client: one ticket behind which others stand.",
    id: TypeId::of::<IncidentRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "key",
            Kind::Text,
            "What people call its ticket: `BANK-1042`.",
            Example::on("on_attached_to_incident", "ticket.note(\"Belongs to \" + incident.key);"),
            |call| TicketRef(this(call)?).key(call.state()).map(Dynamic::from),
        ),
        Member::get(
            "ticket",
            Kind::Handle("Ticket"),
            "The ticket that was declared.",
            Example::on("on_attached_to_incident", "ticket.note(\"Waits for \" + incident.ticket.subject);"),
            |call| Ok(Dynamic::from(TicketRef(this(call)?))),
        ),
        Member::get(
            "text",
            Kind::Text,
            "What the client's people are told, in the client's language; empty when nothing was written.",
            Example::on("on_attached_to_incident", "ticket.comment(incident.text);"),
            |call| {
                let incident = this(call)?;
                let client = call.state().ticket(incident, |ticket| ticket.client)?;
                let language = call.state().client(client, |client| client.language)?;
                look(call, |fact| text_in(fact, Some(language)).into())
            },
        ),
        Member::method(
            "text_in",
            &[Param::new("language", Kind::Text, "`ru` or `en`")],
            Kind::Text,
            "The same in a language; in another one where there is none in it.",
            Example::on("on_attached_to_incident", "ticket.comment(incident.text_in(\"en\"));"),
            |call| {
                let name = call.words(1)?;
                let language = serde_json::from_value::<Language>(name.as_str().into())
                    .map_err(|_| Fault::refused(&format!("`{name}` is not `ru` or `en`")))?;
                look(call, |fact| text_in(fact, Some(language)).into())
            },
        ),
        Member::get(
            "last_update",
            Kind::Text,
            "The last update; empty before the first.",
            Example::on("on_incident_update", "ticket.note(\"Last heard: \" + incident.last_update);"),
            |call| look(call, |fact| fact.last_update.clone().unwrap_or_default().into()),
        ),
        Member::get(
            "last_update_at",
            Kind::Moment,
            "When it was sent; `()` before the first.",
            Example::on("on_incident_update", "ticket.note(`Heard at ${incident.last_update_at}`);"),
            |call| look(call, |fact| fact.last_update_at.map_or(Dynamic::UNIT, Dynamic::from)),
        ),
        Member::get(
            "declared_at",
            Kind::Moment,
            "When it was declared.",
            Example::on("on_attached_to_incident", "ticket.note(`It began ${incident.declared_at}`);"),
            |call| look(call, |fact| Dynamic::from(fact.declared_at)),
        ),
        Member::get(
            "is_open",
            Kind::Flag,
            "Whether it goes on.",
            Example::on(
                "on_attached_to_incident",
                "if incident.is_open { ticket.comment(\"We know of it and are at work.\"); }",
            ),
            |call| look(call, |fact| fact.is_open.into()),
        ),
    ],
};

pub static INCIDENT_UPDATE: Type = Type {
    name: "IncidentUpdate",
    doc: "An update of a major incident that has reached the ticket.",
    id: TypeId::of::<UpdateRef>,
    index: None,
    actions: &[],
    members: &[Member::get(
        "text",
        Kind::Text,
        "What it says.",
        Example::on("on_incident_update", "ticket.comment(update.text);"),
        |call| call.state().text(call.this::<UpdateRef>()?.0).map(Dynamic::from),
    )],
};

fn this(call: &Call<'_, '_, '_>) -> Outcome<TicketId> {
    Ok(call.this::<IncidentRef>()?.0)
}

fn look(call: &Call<'_, '_, '_>, part: impl FnOnce(&IncidentFact) -> Dynamic) -> Answer {
    call.state().incident(this(call)?, part)
}

fn text_in(fact: &IncidentFact, language: Option<Language>) -> String {
    let own = language.and_then(|language| fact.texts.get(&language));
    own.or_else(|| fact.texts.values().next()).cloned().unwrap_or_default()
}

// ---- on the ticket and the client ------------------------------------------------------------------------

/// What the ticket is attached to, or is itself; `()`.
pub fn of_ticket(call: &mut Call<'_, '_, '_>) -> Answer {
    let ticket = own(call)?.0;
    let attached = call.state().ticket(ticket, |ticket| ticket.incident)?;
    let incident = match attached {
        Some(incident) => Some(incident),
        None => call.state().is_incident(ticket)?.then_some(ticket),
    };
    Ok(incident.map_or(Dynamic::UNIT, |incident| Dynamic::from(IncidentRef(incident))))
}

pub fn open_of_client(state: &State) -> Answer {
    Ok(List::of(state.open_incidents()?.into_iter().map(IncidentRef)))
}

pub fn attach(call: &mut Call<'_, '_, '_>) -> Answer {
    let (ticket, to) = (own(call)?.0, call.arg(1));
    let incident = match to.clone().try_cast::<IncidentRef>() {
        Some(incident) => incident.0,
        None => match to.clone().try_cast::<TicketRef>() {
            Some(parent) => parent.0,
            None => return Err(Fault::wrong_type("incident", to.type_name())),
        },
    };
    call.state().edit(ticket, |draft| draft.ticket.incident = Some(incident))?;
    call.ask(Command::AttachToIncident { ticket, incident })
}

pub fn detach(call: &mut Call<'_, '_, '_>) -> Answer {
    let ticket = own(call)?.0;
    call.state().edit(ticket, |draft| draft.ticket.incident = None)?;
    call.ask(Command::DetachFromIncident { ticket })
}

pub fn declare(call: &mut Call<'_, '_, '_>) -> Answer {
    let ticket = own(call)?.0;
    let mut options = call.options(1)?;
    let text = options.words("text")?;
    let categories = texts(call, options.list("categories"))?;
    let sites = options.list("sites").into_iter().map(|item| {
        let found = item.type_name();
        item.try_cast::<SiteRef>().map(|site| site.0).ok_or_else(|| Fault::wrong_type("site", found))
    });
    let rule = IncidentRule {
        sites: sites.collect::<Outcome<_>>()?,
        countries: texts(call, options.list("countries"))?,
        cities: texts(call, options.list("cities"))?,
        models: texts(call, options.list("models"))?,
        words: texts(call, options.list("words"))?,
        categories: categories
            .iter()
            .map(|category| Key::new(category).map_err(|error| Fault::refused(&error.to_string())))
            .collect::<Outcome<_>>()?,
        ..IncidentRule::default()
    };
    options.done(DECLARE_OPTIONS)?;
    let client = call.state().ticket(ticket, |ticket| ticket.client)?;
    let language = call.state().client(client, |client| client.language)?;
    let texts = text.map(|text| BTreeMap::from([(language, text)])).unwrap_or_default();
    call.ask(Command::DeclareIncident(Box::new(DeclareIncident { ticket, rule, texts })))
}

fn texts(call: &Call<'_, '_, '_>, items: Vec<Dynamic>) -> Outcome<BTreeSet<String>> {
    items.iter().map(|item| text_of(call.state(), item)).collect()
}
