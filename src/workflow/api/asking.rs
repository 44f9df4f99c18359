//! Questions to the contact and to a third party, and links to other tickets.

use rhai::Dynamic;

use super::call::{Answer, Call, Outcome};
use super::people::recipient_of;
use super::ticket::{TicketRef, own};
use super::{Example, Keys, Kind, Member, Param};
use crate::domain::Key;
use crate::domain::command::Command;
use crate::domain::event::Visibility;
use crate::domain::pack::WaitsFor;
use crate::domain::ticket::LinkKind;
use crate::workflow::failure::Fault;

pub const ASK_CONTACT: Member = Member::method(
    "ask_contact",
    &[Param::new("text", Kind::Text, "what the contact is asked")],
    Kind::Nothing,
    "Writes a reply that the client sees and waits for the answer: the ticket gets the first status with `waits_for = \"client\"`, unless it waits for the client already.",
    Example::opened("if ticket.fields.cash_left == () { ticket.ask_contact(\"How much cash is left?\"); }"),
    |call| {
        wait(call, WaitsFor::Client, "client")?;
        comment(call, Visibility::Public, true)
    },
);

pub const ASK_THIRD_PARTY: Member = Member::method_with(
    "ask_third_party",
    &[
        Param::new("text", Kind::Text, "what is asked; written as a note"),
        Param::new("to", Kind::Recipient, "who is told, with the same text"),
    ],
    1,
    Kind::Nothing,
    "Writes a note and waits for somebody who is neither we nor the client: the ticket gets the first status with `waits_for = \"third_party\"`, unless it waits so already.",
    Example::opened("ticket.ask_third_party(\"Is the line to the branch down?\", \"bank_support\");"),
    |call| {
        wait(call, WaitsFor::ThirdParty, "third_party")?;
        let _ = comment(call, Visibility::Internal, false)?;
        if call.count() < 3 {
            return Ok(Dynamic::UNIT);
        }
        let to = recipient_of(call.state(), &call.arg(2))?;
        let (ticket, text) = (own(call)?.0, Some(call.words(1)?));
        call.ask(Command::Notify { ticket, to, template: None, text, order: None })
    },
);

pub const LINK: Member = Member::method_with(
    "link",
    &[
        Param::new("other", Kind::Handle("Ticket"), ""),
        Param::new(
            "kind",
            Kind::Key(Keys::LinkKind),
            "`related` (without it), `child_of` or `caused_by` the other",
        ),
    ],
    1,
    Kind::Nothing,
    "Links it to another ticket of the client; `mark_duplicate` links and closes.",
    Example::opened("for other in ticket.possible_duplicates { ticket.link(other, \"related\"); }"),
    link,
);

/// The kinds that a script may name; a duplicate has a word of its own.
pub const LINK_KINDS: [(&str, LinkKind); 3] =
    [("related", LinkKind::Related), ("child_of", LinkKind::ChildOf), ("caused_by", LinkKind::CausedBy)];

fn link(call: &mut Call<'_, '_, '_>) -> Answer {
    let other = call.arg(1).try_cast::<TicketRef>();
    let other = other.ok_or_else(|| Fault::wrong_type("ticket", call.arg(1).type_name()))?.0;
    let name = if call.count() > 2 { call.text(2)?.to_string() } else { LINK_KINDS[0].0.to_owned() };
    let kind = LINK_KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    let kind = kind.ok_or_else(|| {
        let known = LINK_KINDS.map(|(known, _)| known).join(", ");
        Fault::refused(&format!("there is no link `{name}`; known: {known}"))
    })?;
    call.ask(Command::LinkTickets { ticket: own(call)?.0, other, kind })
}

pub fn comment(call: &Call<'_, '_, '_>, visibility: Visibility, asks_client: bool) -> Answer {
    let text = call.words(1)?;
    let (ticket, attachments) = (own(call)?.0, Vec::new());
    call.ask(Command::AddComment { ticket, text, visibility, attachments, asks_client })
}

/// Puts the ticket into a status in which its clocks stand for this reason.
fn wait(call: &Call<'_, '_, '_>, reason: WaitsFor, word: &str) -> Outcome<()> {
    let (ticket, pack) = (own(call)?.0, call.state().pack.clone());
    let waits = |key: &Key| pack.status(key).is_some_and(|status| status.waits_for == Some(reason));
    if call.state().ticket(ticket, |ticket| waits(&ticket.status))? {
        return Ok(());
    }
    let status = pack.statuses.iter().find(|status| status.waits_for == Some(reason));
    let status = status.map(|status| status.key.clone()).ok_or_else(|| {
        Fault::refused(&format!(
            "the pack has no status with `waits_for = \"{word}\"`: add one to client.toml"
        ))
    })?;
    call.state().edit(ticket, |draft| draft.ticket.status = status.clone())?;
    call.state().change(&call.place(), ticket, |changes| changes.status = Some(status))
}
