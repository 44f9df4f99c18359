//! A client's person who asks or answers, and what we had to do with them before.

use std::any::TypeId;

use rhai::Dynamic;

use super::call::{Answer, Call};
use super::collections::List;
use super::people::optional;
use super::places::SubClientRef;
use super::search::open_of_contact;
use super::ticket::TicketRef;
use super::{Example, Kind, Member, Param, Type};
use crate::domain::ContactId;
use crate::workflow::facts::CONTACT_TICKETS_MAX;
use crate::workflow::failure::Fault;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContactRef(pub ContactId);

pub static CONTACT: Type = Type {
    name: "Contact",
    doc: "Somebody at the client who asks or answers.",
    id: TypeId::of::<ContactRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "name",
            Kind::Text,
            "As people call them.",
            Example::opened("ticket.comment(\"Dear \" + ticket.contact.name + \", we have it.\");"),
            |call| call.state().contact(own(call)?, |who| who.name.clone()).map(Dynamic::from),
        ),
        Member::get(
            "email",
            Kind::Text,
            "`()` when unknown.",
            Example::opened("if ticket.contact.email != () { ticket.notify(ticket.contact, \"remind\"); }"),
            |call| call.state().contact(own(call)?, |who| optional(&who.email)),
        ),
        Member::get(
            "phone",
            Kind::Text,
            "`()` when unknown.",
            Example::opened(
                "ticket.task(\"dispatchers\", #{ title: \"Call back\", phone: ticket.contact.phone });",
            ),
            |call| call.state().contact(own(call)?, |who| optional(&who.phone)),
        ),
        Member::get(
            "reachable",
            Kind::Flag,
            "Has an e-mail address or a phone number.",
            Example::opened("if ticket.contact.reachable { ticket.notify(ticket.contact, \"remind\"); }"),
            |call| Ok(call.state().contact(own(call)?, |who| who.is_reachable())?.into()),
        ),
        Member::get(
            "can_log_in",
            Kind::Flag,
            "Has a login of their own, so that messages reach them in the desk.",
            Example::opened("if ticket.contact.can_log_in { ticket.notify(ticket.contact, \"remind\"); }"),
            |call| Ok((!call.state().logins_of(own(call)?)?.is_empty()).into()),
        ),
        Member::get(
            "language",
            Kind::Text,
            "`ru` or `en`: of their login, else the client's.",
            Example::opened(
                "if ticket.contact.language == \"en\" { ticket.comment(\"We have it.\"); } else { ticket.comment(\"Приняли.\"); }",
            ),
            language,
        ),
        Member::get(
            "sub",
            Kind::Handle("SubClient"),
            "The sub-client that they belong to; `()` without one.",
            Example::opened(
                "if ticket.contact.sub != () { ticket.note(\"Asked by \" + ticket.contact.sub.name); }",
            ),
            |call| {
                let sub = call.state().contact(own(call)?, |who| who.sub_client)?;
                Ok(sub.map_or(Dynamic::UNIT, |sub| Dynamic::from(SubClientRef(sub))))
            },
        ),
        Member::get(
            "open_tickets",
            Kind::List(&Kind::Handle("Ticket")),
            "Their other open tickets, the oldest first, at most 100.",
            Example::opened("for other in ticket.contact.open_tickets { ticket.link(other); }"),
            open_of_contact,
        ),
        Member::method(
            "last_tickets",
            &[Param::new("max", Kind::Number, "how many at most, 1 to 20")],
            Kind::List(&Kind::Handle("Ticket")),
            "Their other tickets, open or not, the latest first.",
            Example::opened(
                "for before in ticket.contact.last_tickets(1) { ticket.note(\"Asked before: \" + before.key); }",
            ),
            last_tickets,
        ),
        Member::get(
            "last_heard_at",
            Kind::Moment,
            "When they last opened a ticket or wrote on one of their 10 latest; `()` before.",
            Example::on(
                "on_comment",
                "if ticket.contact.last_heard_at < now() - days(3) { ticket.notify(ticket.contact, \"remind\"); } else { ticket.note(`Heard ${ticket.contact.last_heard_at}`); }",
            ),
            |call| {
                let at = call.state().last_heard_of(own(call)?)?;
                Ok(at.map_or(Dynamic::UNIT, Dynamic::from))
            },
        ),
    ],
};

fn own(call: &Call<'_, '_, '_>) -> Result<ContactId, Box<rhai::EvalAltResult>> {
    Ok(call.this::<ContactRef>()?.0)
}

fn language(call: &mut Call<'_, '_, '_>) -> Answer {
    let (state, contact) = (call.state(), own(call)?);
    if let Some(person) = state.logins_of(contact)?.first() {
        return state.person(*person, |person| person.language.as_str().into());
    }
    let client = state.contact(contact, |who| who.client)?;
    state.client(client, |client| client.language.as_str().into())
}

fn last_tickets(call: &mut Call<'_, '_, '_>) -> Answer {
    let count = call.int(1)?;
    let wanted = usize::try_from(count).ok().filter(|count| (1..=CONTACT_TICKETS_MAX).contains(count));
    let wanted = wanted
        .ok_or_else(|| Fault::refused(&format!("max: 1 to {CONTACT_TICKETS_MAX} is wanted, not {count}")))?;
    let ticket = call.state().ticket;
    let found = call.state().tickets_of_contact(own(call)?, wanted + 1)?;
    Ok(List::of(found.into_iter().filter(|found| *found != ticket).take(wanted).map(TicketRef)))
}
