//! Messages and questions to people.

use rhai::Dynamic;

use super::action_options::{MESSAGE_CHANNELS, NOTIFY_OPTIONS, SENDING_OPTIONS};
use super::call::{Call, Outcome};
use super::orders::OrderRef;
use super::people::recipient_of;
use super::ticket::own;
use super::{Example, Kind, Member, Param};
use crate::domain::command::{AskPeople, Command};
use crate::domain::{Key, TicketId, WorkOrderId};
use crate::workflow::failure::Fault;

const MESSAGE: Param = Param::new("message", Kind::Message(NOTIFY_OPTIONS), "a template, or `#{ text: … }`");
const SENDING: Param = Param::new("options", Kind::Options(SENDING_OPTIONS), "");

pub const NOTIFY: Member = Member::method_with(
    "notify",
    &[Param::new("to", Kind::Recipient, ""), MESSAGE, SENDING],
    2,
    Kind::Nothing,
    "Sends a message.",
    Example::opened("ticket.notify(ticket.contact, \"remind\");"),
    |call| {
        let to = recipient_of(call.state(), &call.arg(1))?;
        let (template, text) = message(call)?;
        let (ticket, order) = (own(call)?.0, sending(call)?);
        call.ask(Command::Notify { ticket, to, template, text, order })
    },
);

pub const ASK: Member = Member::method_with(
    "ask",
    &[Param::new("to", Kind::Recipient, "who is asked"), MESSAGE, SENDING],
    2,
    Kind::Nothing,
    "Asks somebody of ours in the ticket: the question stands there as a note, and whoever is asked is told.",
    Example::on("on_work_order", "ticket.ask(order.engineer, \"stage_late\");"),
    |call| {
        let to = recipient_of(call.state(), &call.arg(1))?;
        let (template, text) = message(call)?;
        let (ticket, order) = (own(call)?.0, sending(call)?);
        call.ask(Command::AskPeople(Box::new(AskPeople { ticket, to, template, text, order })))
    },
);

fn message(call: &Call<'_, '_, '_>) -> Outcome<(Option<Key>, Option<String>)> {
    let (template, text) = if call.arg(2).is_map() {
        let mut options = call.options(2)?;
        let chosen = (options.key("template")?, options.words("text")?);
        options.done(NOTIFY_OPTIONS)?;
        chosen
    } else {
        (Some(call.key(2)?), None)
    };
    if let Some(template) = &template
        && call.state().pack.template(template).is_none()
    {
        let known = call.state().pack.templates.iter().map(|template| template.key.as_str());
        let known = known.collect::<Vec<_>>().join(", ");
        return Err(Fault::refused(&format!("there is no template `{template}`; known: {known}")));
    }
    if template.is_none() && text.is_none() {
        return Err(Fault::refused("a message needs a template or a `text`"));
    }
    Ok((template, text))
}

/// Whom the template is about. How it is sent is looked at here, for there is one way so far.
fn sending(call: &Call<'_, '_, '_>) -> Outcome<Option<WorkOrderId>> {
    let mut options = call.options(3)?;
    if let Some(channel) = options.key("channel")?
        && !MESSAGE_CHANNELS.contains(&channel.as_str())
    {
        let known = MESSAGE_CHANNELS.join(", ");
        return Err(Fault::refused(&format!("there is no message channel `{channel}`; known: {known}")));
    }
    let order = options.any("order").map(|value| order_of(own(call)?.0, value)).transpose()?;
    options.done(SENDING_OPTIONS)?;
    Ok(order)
}

fn order_of(ticket: TicketId, value: Dynamic) -> Outcome<WorkOrderId> {
    let found = value.type_name();
    match value.try_cast::<OrderRef>() {
        Some(order) if order.ticket == ticket => Ok(order.order),
        Some(_) => Err(Fault::refused("the work order is another ticket's")),
        None => Err(Fault::wrong_type("a WorkOrder", found)),
    }
}
