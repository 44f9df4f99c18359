//! Who is wanted for a visit or an assignment, and the command that asks for a visit.

use rhai::Dynamic;

use super::action_options::DISPATCH_OPTIONS;
use super::call::{Answer, Call, Outcome};
use super::people::person_of;
use super::ticket::own;
use super::values::text_of;
use crate::domain::assignment::{Requirements, Strategy};
use crate::domain::command::Command;
use crate::domain::{PersonId, TicketId};
use crate::workflow::failure::Fault;

pub fn dispatch(call: &mut Call<'_, '_, '_>) -> Answer {
    let ticket = own(call)?.0;
    let command = dispatch_of(call, 1, ticket, None)?;
    call.ask(command)
}

/// The command of the options at `index`; `but`: who must not be chosen beside those that the options name.
pub fn dispatch_of(
    call: &Call<'_, '_, '_>,
    index: usize,
    ticket: TicketId,
    but: Option<PersonId>,
) -> Outcome<Command> {
    let mut options = call.options(index)?;
    let strategy = strategies_of(call, options.list("strategy"))?;
    let requirements = Requirements {
        strategy,
        city: options.words("city")?,
        grade: options.int("grade")?,
        certificates: texts_of(call, options.list("certificates"))?,
        languages: texts_of(call, options.list("languages"))?,
        exclude: people_of(call, options.list("exclude"))?.into_iter().chain(but).collect(),
    };
    let (due_at, note) = (options.due("due")?, options.words("note")?);
    options.done(DISPATCH_OPTIONS)?;
    Ok(Command::Dispatch { ticket, requirements, due_at, note })
}

pub fn strategies_of(call: &Call<'_, '_, '_>, items: Vec<Dynamic>) -> Outcome<Vec<Strategy>> {
    let strategy = |name: String| name.parse::<Strategy>().map_err(|why| Fault::refused(&why));
    texts_of(call, items)?.into_iter().map(strategy).collect()
}

pub fn people_of(call: &Call<'_, '_, '_>, items: Vec<Dynamic>) -> Outcome<Vec<PersonId>> {
    items.iter().map(|item| person_of(call.state(), item)).collect()
}

pub fn texts_of(call: &Call<'_, '_, '_>, items: Vec<Dynamic>) -> Outcome<Vec<String>> {
    items.iter().map(|item| text_of(call.state(), item)).collect()
}
