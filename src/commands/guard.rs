//! Guards of the client's workflow: a step that a person is about to take may be refused with a field and a text.

use std::rc::Rc;

use super::done::{DeskError, Mode};
use super::live_facts::LiveFacts;
use super::scripts::{Ending, note_run};
use super::work::{Wake, Work};
use crate::domain::person::Actor;
use crate::domain::{Refusal, TicketId};
use crate::store::run::RunState;
use crate::workflow::{self, Occasion};

/// Asks the script whether the person may take the step. A script, a plugin, the clock and an import are not asked,
/// and a guard that fails refuses nothing: it is on record as a failed run.
pub(super) fn ask(work: &mut Work<'_>, id: TicketId, occasion: Occasion) -> Result<(), DeskError> {
    if !matches!(work.cause.actor, Actor::Person { .. }) || work.mode == Mode::Muted {
        return Ok(());
    }
    work.touch(id)?;
    let (client, version) = work.with(id, |case| (case.ticket.client, case.ticket.pack_version));
    let Some(version) = version else { return Ok(()) };
    let Some(program) = work.programs.program(&work.tx, version)? else { return Ok(()) };
    let is_quarantined = work.programs.health(&work.tx, client)?.quarantined_at.is_some();
    if !program.has_handler(&occasion) || is_quarantined {
        return Ok(());
    }
    work.runs += 1;
    let people = Rc::clone(&work.programs.people);
    let facts = Rc::new(LiveFacts { tx: Rc::clone(&work.tx), cases: Rc::clone(&work.cases), people, client });
    let run = workflow::decide(&program, id, &occasion, facts);
    work.script_time += run.elapsed;
    if let (Ok(_), Some(refused)) = (&run.asked, &run.refused) {
        let workflow::Refused { field, message } = refused.clone();
        return Err(Refusal::RefusedByWorkflow { field, message }.into());
    }
    let ending = match &run.asked {
        Ok(_) => Ending::without_commands(RunState::Applied, None),
        Err(failure) => Ending::without_commands(RunState::Failed, Some(failure.to_string())),
    };
    let wake = Wake { ticket: id, occasion, depth: work.cause.depth };
    let run_id = work.tx.id();
    note_run(work, &wake, run_id, version, &run, ending)
}
