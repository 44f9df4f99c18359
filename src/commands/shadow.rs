//! A shadow of a client: its draft decides the same occasions over the same facts, before what the published version
//! asked for is applied. Nothing of it is applied, and nothing of it reaches the published version's run.

mod shelf;

use super::done::{DeskError, Done};
use super::pack::client_for;
use super::publication::{self, Around, Checked};
use super::scripts::{self, Wanted};
use super::work::Work;
use crate::domain::command::{PackSource, StartShadow};
use crate::domain::shadow::{
    DIFFERENCES_MAX, FAILURES_MAX, HOURS_MAX, HOURS_MIN, Said, SaidNo, ShadowCounts, ShadowEnd,
};
use crate::domain::{ClientId, Key, Refusal, RunId, Span};
use crate::store;
use crate::store::due::DueKind;
use crate::store::shadow::{Difference, Shadow, ShadowTexts};
use crate::workflow::{self, Occasion};

pub(super) use shelf::Shelf;

fn due_name() -> Key {
    Key::new("shadow").expect("a key")
}

/// The saved draft, as it is now, for so many hours. Checked as if it were published.
pub(super) fn start(work: &mut Work<'_>, given: StartShadow) -> Result<Done, DeskError> {
    let StartShadow { client: id, hours } = given;
    let client = client_for(work, id)?;
    if !(HOURS_MIN..=HOURS_MAX).contains(&hours) {
        return Err(Refusal::invalid("hours", format!("take {HOURS_MIN} to {HOURS_MAX} hours")).into());
    }
    let pack_version = client.pack_version.ok_or(Refusal::NothingPublished)?;
    if work.programs.shadows.standing(&work.tx, id)?.is_some() {
        return Err(Refusal::ShadowRuns.into());
    }
    let texts = publication::of_source(&work.tx, &client, PackSource::Draft)?;
    texts.check_sizes()?;
    let around = Around::of(&work.tx, id, &texts)?;
    let checked = work.checked.take().unwrap_or_else(|| Checked::of(&texts, &around));
    let pack = checked.verdict(&texts, &around)?;
    let now = work.tx.now();
    let saved_at = store::pack::draft(&work.tx, id)?.map_or(now, |draft| draft.saved_at);
    let shadow = Shadow {
        id: work.tx.id(),
        client: id,
        pack_version,
        author: work.cause.actor.clone(),
        saved_at,
        started_at: now,
        until: now + Span::hours(hours),
        ended_at: None,
        ending: None,
        counts: ShadowCounts::default(),
    };
    let holidays = around.named_by(&pack);
    let publication::Texts { script, settings, modules } = texts;
    store::shadow::begin(&work.tx, &shadow, &ShadowTexts { script, settings, modules, holidays })?;
    store::due::put_of_client(&work.tx, id, DueKind::Shadow, &due_name(), shadow.until)?;
    work.programs.shadows.forget();
    work.note_change(Some(id), "due");
    work.note_change(Some(id), "shadow");
    Ok(Done { id: Some(shadow.id.to_string()), ..Done::default() })
}

/// By hand. One that does not stand any more stays so.
pub(super) fn stop(work: &mut Work<'_>, id: ClientId) -> Result<Done, DeskError> {
    client_for(work, id)?;
    end(work, id, ShadowEnd::Stopped)?;
    Ok(Done::default())
}

/// Ends the client's shadow where one stands.
pub(super) fn end(work: &mut Work<'_>, client: ClientId, ending: ShadowEnd) -> Result<(), DeskError> {
    if work.programs.shadows.standing(&work.tx, client)?.is_none() {
        return Ok(());
    }
    store::shadow::end(&work.tx, client, work.tx.now(), ending)?;
    store::due::remove_of_client(&work.tx, client, DueKind::Shadow, &due_name())?;
    work.programs.shadows.forget();
    work.note_change(Some(client), "shadow");
    Ok(())
}

/// What the draft said to an occasion.
pub(super) enum Beside {
    /// Nothing where it has no function for it.
    Asked(Option<Box<workflow::Run>>),
    /// The ticket stays on a version older than the one that the shadow stands beside.
    Older,
    NotCompiled,
}

/// Asks the draft, where a shadow stands. Reads alone: call it before anything of the run is applied.
pub(super) fn ask(work: &mut Work<'_>, wanted: &Wanted<'_>) -> Result<Option<Beside>, DeskError> {
    let Some(shadow) = work.programs.shadows.standing(&work.tx, wanted.client)? else { return Ok(None) };
    if shadow.pack_version != wanted.version {
        return Ok(Some(Beside::Older));
    }
    let wall_max = work.programs.script_wall_max();
    let Some(program) = work.programs.shadows.program(&work.tx, &shadow, wall_max)? else {
        return Ok(Some(Beside::NotCompiled));
    };
    let has_handler = program.has_handler(wanted.occasion);
    Ok(Some(Beside::Asked(has_handler.then(|| Box::new(scripts::ask(work, &program, wanted))))))
}

/// Puts on record how the draft's answer compares with the published version's; `run` is the latter's.
pub(super) fn note(
    work: &mut Work<'_>,
    wanted: &Wanted<'_>,
    run: Option<(RunId, &workflow::Run)>,
    beside: Option<Beside>,
) -> Result<(), DeskError> {
    let client = wanted.client;
    let Some(beside) = beside else { return Ok(()) };
    let Some(mut shadow) = work.programs.shadows.standing(&work.tx, client)? else { return Ok(()) };
    let draft = match beside {
        Beside::NotCompiled => return end(work, client, ShadowEnd::NotCompiled),
        // What neither version has a function for is no run.
        Beside::Older | Beside::Asked(None) if run.is_none() => return Ok(()),
        Beside::Older => {
            shadow.counts.older += 1;
            return Ok(work.programs.shadows.count(&work.tx, shadow)?);
        }
        Beside::Asked(draft) => draft.map(|run| *run),
    };
    let published = run.map(|(_, run)| run);
    let is_different = differ(wanted.occasion, published, draft.as_ref());
    let (counts, elapsed) =
        (&mut shadow.counts, draft.as_ref().map(|draft| draft.elapsed).unwrap_or_default());
    counts.runs += 1;
    counts.failures += i64::from(draft.as_ref().is_some_and(|draft| draft.asked.is_err()));
    counts.different += i64::from(is_different);
    counts.micros += i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX);
    if is_different && counts.kept < DIFFERENCES_MAX {
        counts.kept += 1;
        let difference = Difference {
            id: work.tx.id(),
            client,
            ticket: wanted.ticket,
            run: run.map(|(id, _)| id),
            handler: wanted.occasion.handler().to_owned(),
            published: said(published),
            draft: said(draft.as_ref()),
            at: work.tx.now(),
        };
        store::shadow::insert_difference(&work.tx, &difference)?;
    }
    let failures = counts.failures;
    work.programs.shadows.count(&work.tx, shadow)?;
    let (now, wall_max) = (work.tx.now(), work.programs.script_wall_max());
    let is_slow = !work.programs.shadows.may_spend(client, now, elapsed, wall_max);
    if work.programs.shadows.is_time_to_tell(client, now) || is_different {
        work.note_change(Some(client), "shadow");
    }
    match (failures >= FAILURES_MAX, is_slow) {
        (true, _) => end(work, client, ShadowEnd::Failures),
        (_, true) => end(work, client, ShadowEnd::Slow),
        _ => Ok(()),
    }
}

/// The same: the same commands in the same order, wherever in the texts they stand, and the same no of a guard; or the
/// same failure. A version without a function for the occasion is one that asks for nothing, but where the desk itself
/// does something in its place.
fn differ(occasion: &Occasion, published: Option<&workflow::Run>, draft: Option<&workflow::Run>) -> bool {
    let has_stand_in =
        matches!(occasion, Occasion::NotCovered { .. } | Occasion::Unassigned { .. } | Occasion::Rung { .. });
    if has_stand_in && published.is_some() != draft.is_some() {
        return true;
    }
    let commands = |run: Option<&workflow::Run>| match run.map(|run| &run.asked) {
        None => Ok(Vec::new()),
        Some(Ok(asked)) => Ok(asked.iter().map(|one| one.command.clone()).collect()),
        Some(Err(failure)) => Err((failure.kind, failure.message.clone())),
    };
    let no = |run: Option<&workflow::Run>| run.and_then(|run| run.refused.clone());
    commands(published) != commands(draft) || no(published) != no(draft)
}

fn said(run: Option<&workflow::Run>) -> Said {
    let Some(run) = run else { return Said::default() };
    let mut said = Said { has_handler: true, ..Said::default() };
    said.refused = run.refused.clone().map(|no| SaidNo { field: no.field, message: no.message });
    match &run.asked {
        Ok(asked) => {
            let mut bytes = 0;
            for one in asked {
                said.push(one.module.as_deref(), one.line, &one.command, &mut bytes);
            }
        }
        Err(failure) => said.failure = Some(failure.to_string()),
    }
    said
}
