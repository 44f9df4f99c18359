//! Guards of the client's workflow: a step that a person is about to take may be refused with a field and a text.

use super::done::{DeskError, Mode};
use super::scripts::{self, Ending, Wanted};
use super::shadow;
use super::work::Work;
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
    if work.programs.health(&work.tx, client)?.quarantined_at.is_some() {
        return Ok(());
    }
    let wanted = Wanted { client, ticket: Some(id), version, occasion: &occasion, depth: work.cause.depth };
    let beside = shadow::ask(work, &wanted)?;
    if !program.has_handler(&occasion) {
        return shadow::note(work, &wanted, None, beside);
    }
    work.runs += 1;
    let run = scripts::decide(work, &program, &wanted);
    if let (Ok(_), Some(refused)) = (&run.asked, &run.refused) {
        let workflow::Refused { field, message } = refused.clone();
        return Err(Refusal::RefusedByWorkflow { field, message }.into());
    }
    let ending = match &run.asked {
        Ok(_) => Ending::without_commands(RunState::Applied, None),
        Err(failure) => Ending::without_commands(RunState::Failed, Some(failure.to_string())),
    };
    let run_id = work.tx.id();
    scripts::note_run(work, &wanted, run_id, &run, ending)?;
    shadow::note(work, &wanted, Some((run_id, &run)), beside)
}
