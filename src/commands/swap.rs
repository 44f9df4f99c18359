//! `OfferSwap`, `AnswerSwap`: two people agree on who has which shift, where a client wants it with a supervisor's word.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::client::{made, seen, written};
use super::done::{DeskError, Done};
use super::inform;
use super::roster::{change_hands, check_fits, check_neighbours, worker};
use super::words;
use super::work::Work;
use crate::domain::assignment::missing_certificate;
use crate::domain::calendar::local_time;
use crate::domain::command::{AnswerSwap, OfferSwap, SeenShift};
use crate::domain::pack::Pack;
use crate::domain::permission::Step;
use crate::domain::person::{Actor, Affiliation, Role};
use crate::domain::roster::{OFFERS_OPEN_MAX, Shift, SwapAnswer, SwapOffer, SwapRule, SwapState};
use crate::domain::{ClientId, Key, Moment, PersonId, Refusal, ShiftId, SwapOfferId};
use crate::store;
use crate::store::due::{Due, DueKind};

/// Most offers of a person, open or of the same moment, that are looked at before one more is made.
const OFFERS_READ_MAX: usize = 1_000;
/// Most supervisors whom one accepted offer is shown to.
const SUPERVISORS_MAX: usize = 50;

pub(super) fn offer(work: &mut Work<'_>, offer: &OfferSwap) -> Result<Done, DeskError> {
    let Actor::Person { person } = work.cause.actor else {
        return Err(Refusal::forbidden("offer a shift: only a person has shifts").into());
    };
    work.require_for(Step::SwapShift, None)?;
    let shift = offered(work, "shift", offer.shift, person)?;
    if offer.to == person {
        return Err(Refusal::invalid("to", "is yourself; name a colleague").into());
    }
    let colleague = worker(work, offer.to)?;
    if colleague.affiliation != Affiliation::Staff {
        let message = format!("{} is not of our staff; a supervisor swaps such shifts", colleague.name);
        return Err(Refusal::invalid("to", message).into());
    }
    let wanted = offer.in_return.map(|wanted| offered(work, "in_return", wanted, offer.to)).transpose()?;
    let now = work.tx.now();
    let open = store::swap_offer::of_person(&work.tx, person, now, OFFERS_READ_MAX)?;
    let open: Vec<_> =
        open.into_iter().filter(|one| one.person == person && one.state_at(now).is_open()).collect();
    if open.iter().any(|one| one.shift.id == shift.id && one.to == offer.to) {
        let message = "has an offer of this shift from you already; withdraw that one first";
        return Err(Refusal::invalid("to", message).into());
    }
    if open.len() >= OFFERS_OPEN_MAX {
        let (field, count) = ("your open offers".to_owned(), open.len() + 1);
        return Err(Refusal::TooMany { field, count, count_max: OFFERS_OPEN_MAX }.into());
    }
    let offer = SwapOffer {
        id: work.tx.id(),
        person,
        to: offer.to,
        shift,
        in_return: wanted,
        note: words::maybe_line("note", offer.note.as_deref())?,
        state: SwapState::Offered,
        offered_at: now,
        answered_at: None,
        decided_by: None,
        ended_at: None,
        version: 1,
    };
    check(work, &offer)?;
    store::swap_offer::insert(&work.tx, &offer)?;
    wait_for_beginning(work, &offer)?;
    tell(work, &offer, offer.to, "swap_offered")?;
    work.note_change(offer.shift.client, "roster");
    Ok(made(offer.id.0, 1))
}

/// A shift as it is seen, that is the person's and still ahead.
fn offered(work: &mut Work<'_>, field: &str, wanted: SeenShift, whose: PersonId) -> Result<Shift, DeskError> {
    let found = store::roster::shift(&work.tx, wanted.id)?.filter(|found| found.person == whose);
    // Who does not work for the client of a shift learns nothing of it.
    let found = match found {
        Some(found) if may(work, Step::SwapShift, found.client)? => found,
        _ => {
            let message = format!("is no shift of {}; read the roster again", worker(work, whose)?.name);
            return Err(Refusal::invalid(field, message).into());
        }
    };
    seen(Some(wanted.version), found.version)?;
    if found.from <= work.tx.now() {
        return Err(
            Refusal::invalid(field, format!("began at {}; offer one that is ahead", found.from)).into()
        );
    }
    Ok(found)
}

pub(super) fn answer(work: &mut Work<'_>, answer: AnswerSwap) -> Result<Done, DeskError> {
    let not_there = || Refusal::not_found("offer", answer.offer);
    let mut offer = store::swap_offer::get(&work.tx, answer.offer)?.ok_or_else(not_there)?;
    let person = match work.cause.actor {
        Actor::Person { person } => person,
        _ => return Err(Refusal::forbidden("answer an offer: only a person does").into()),
    };
    let keeps = keeps(work, &offer)?;
    if !keeps && person != offer.person && person != offer.to {
        return Err(not_there().into());
    }
    let now = work.tx.now();
    let state = offer.state_at(now);
    if !state.is_open() {
        return Err(Refusal::SwapIsOver { state }.into());
    }
    seen(Some(answer.version), offer.version)?;
    if !offer.answers(person, keeps, now).contains(&answer.answer) {
        return Err(Refusal::forbidden(sentence(answer.answer)).into());
    }
    // Somebody may have lost the client since.
    work.require_for(Step::SwapShift, offer.shift.client)?;
    let state = match answer.answer {
        SwapAnswer::Accept if needs_word(work, &offer)? => SwapState::Accepted,
        SwapAnswer::Accept | SwapAnswer::Approve => SwapState::Made,
        SwapAnswer::Decline => SwapState::Declined,
        SwapAnswer::Withdraw => SwapState::Withdrawn,
        SwapAnswer::Refuse => SwapState::Refused,
    };
    match answer.answer {
        SwapAnswer::Accept | SwapAnswer::Decline => offer.answered_at = Some(now),
        SwapAnswer::Approve | SwapAnswer::Refuse => offer.decided_by = Some(person),
        SwapAnswer::Withdraw => {}
    }
    offer.state = state;
    offer.ended_at = (!state.is_open()).then_some(now);
    offer.version += 1;
    if matches!(state, SwapState::Accepted | SwapState::Made) {
        check(work, &offer)?;
    }
    // Before the shifts change, which lets every other offer of them lapse.
    written(store::swap_offer::update(&work.tx, &offer)?, offer.version - 1)?;
    if offer.ended_at.is_some() {
        store::due::remove_of_person(&work.tx, offer.person, DueKind::SwapOffer, &row_name(offer.id))?;
    }
    if state == SwapState::Made {
        change_hands(work, &offer.after(), [offer.person, offer.to])?;
    }
    tell_all(work, &offer)?;
    work.note_change(offer.shift.client, "roster");
    Ok(made(offer.id.0, offer.version))
}

/// What the offer's row on the durable clock is called.
fn row_name(offer: SwapOfferId) -> Key {
    Key::new(&format!("offer-{offer}")).expect("a word and a number are a key")
}

/// An offer lapses when its first shift begins: the clock ends it then, and the two are told.
fn wait_for_beginning(work: &mut Work<'_>, offer: &SwapOffer) -> Result<(), DeskError> {
    let row = Due {
        id: work.tx.id(),
        client: ClientId(0),
        ticket: None,
        person: Some(offer.person),
        kind: DueKind::SwapOffer,
        name: row_name(offer.id),
        percent: 0,
        overdue_minutes: 0,
        run_at: offer.begins_at(),
    };
    store::due::put(&work.tx, &row)?;
    work.note_change(None, "due");
    Ok(())
}

/// The first shift of an offer begins before all had agreed.
pub(super) fn shift_begins(work: &mut Work<'_>, due: &Due) -> Result<Done, DeskError> {
    let id = due.name.strip_prefix("offer-").and_then(|id| id.parse().ok());
    let offer = id.map_or(Ok(None), |id| store::swap_offer::get(&work.tx, SwapOfferId(id)))?;
    if let Some(offer) = offer.filter(|offer| offer.state.is_open()) {
        end(work, offer)?;
    }
    Ok(Done::default())
}

/// What is offered of a shift that changes or goes lapses; so does one that began before the clock came to it.
pub(super) fn lapse(work: &mut Work<'_>, shift: ShiftId) -> Result<(), DeskError> {
    for offer in store::swap_offer::open_of_shift(&work.tx, shift)? {
        store::due::remove_of_person(&work.tx, offer.person, DueKind::SwapOffer, &row_name(offer.id))?;
        end(work, offer)?;
    }
    Ok(())
}

fn end(work: &mut Work<'_>, mut offer: SwapOffer) -> Result<(), DeskError> {
    offer.state = SwapState::Lapsed;
    offer.ended_at = Some(work.tx.now());
    offer.version += 1;
    written(store::swap_offer::update(&work.tx, &offer)?, offer.version - 1)?;
    tell_all(work, &offer)?;
    work.note_change(offer.shift.client, "roster");
    Ok(())
}

fn sentence(answer: SwapAnswer) -> &'static str {
    match answer {
        SwapAnswer::Accept => "accept this offer: who was offered the shift does, once",
        SwapAnswer::Decline => "decline this offer: who was offered the shift does",
        SwapAnswer::Withdraw => "withdraw this offer: who made it does",
        SwapAnswer::Approve => "approve this offer: a supervisor does, once the two agree",
        SwapAnswer::Refuse => "refuse this offer: a supervisor does, once the two agree",
    }
}

fn shifts(offer: &SwapOffer) -> impl Iterator<Item = &Shift> {
    std::iter::once(&offer.shift).chain(&offer.in_return)
}

fn keeps(work: &mut Work<'_>, offer: &SwapOffer) -> Result<bool, DeskError> {
    for shift in shifts(offer) {
        if !may(work, Step::KeepRoster, shift.client)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn may(work: &mut Work<'_>, step: Step, client: Option<ClientId>) -> Result<bool, DeskError> {
    match work.require_for(step, client) {
        Ok(()) => Ok(true),
        Err(DeskError::Refused(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the two could have the shifts: those are as they were offered, and each would fit whoever gets it.
fn check(work: &mut Work<'_>, offer: &SwapOffer) -> Result<(), DeskError> {
    for before in shifts(offer) {
        if store::roster::shift(&work.tx, before.id)?.as_ref() != Some(before) {
            return Err(Refusal::SwapIsOver { state: SwapState::Lapsed }.into());
        }
    }
    let ids: Vec<ShiftId> = shifts(offer).map(|shift| shift.id).collect();
    for after in offer.after() {
        check_fits(work, &after)?;
        check_neighbours(work, &after, &ids)?;
        if let Some(away) = store::roster::away_in(&work.tx, after.person, after.from, after.to)? {
            let name = worker(work, after.person)?.name.clone();
            return Err(Refusal::PersonIsAway { name, from: away.from, to: away.to }.into());
        }
        check_certificates(work, &after)?;
    }
    Ok(())
}

/// Of a shift for one client alone: what the client wants of who takes its tickets.
fn check_certificates(work: &mut Work<'_>, after: &Shift) -> Result<(), DeskError> {
    let Some(client) = after.client else { return Ok(()) };
    let person = worker(work, after.person)?;
    let Some(pack) = pack(work, client)? else { return Ok(()) };
    match missing_certificate(&pack.assignment.required_certificates, &person.all_certificates()) {
        Some(certificate) => {
            Err(Refusal::CertificateMissing { name: person.name.clone(), certificate: certificate.clone() }
                .into())
        }
        None => Ok(()),
    }
}

/// What the client's published version says.
fn pack(work: &mut Work<'_>, client: ClientId) -> Result<Option<Arc<Pack>>, DeskError> {
    let version = store::client::get(&work.tx, client)?.and_then(|client| client.pack_version);
    let Some(version) = version else { return Ok(None) };
    Ok(work.programs.pack(&work.tx, version)?.map(|loaded| Arc::clone(&loaded.pack)))
}

/// Whether a client whose work one of the shifts counts for wants a supervisor's word.
fn needs_word(work: &mut Work<'_>, offer: &SwapOffer) -> Result<bool, DeskError> {
    let mut clients: BTreeSet<ClientId> = shifts(offer).filter_map(|shift| shift.client).collect();
    if shifts(offer).any(|shift| shift.client.is_none()) {
        let people = [offer.person, offer.to];
        for client in store::client::all(&work.tx)? {
            for person in people {
                let access = work.programs.people.access(&work.tx, person)?;
                if access.is_some_and(|access| access.works_for(client.id)) {
                    clients.insert(client.id);
                }
            }
        }
    }
    for client in clients {
        if pack(work, client)?.is_some_and(|pack| pack.roster.swaps == SwapRule::Approved) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Tells whoever has to know how far the offer is now.
fn tell_all(work: &mut Work<'_>, offer: &SwapOffer) -> Result<(), DeskError> {
    let SwapOffer { person, to, .. } = *offer;
    let (people, what) = match offer.state {
        SwapState::Offered => return Ok(()),
        SwapState::Accepted => {
            for supervisor in supervisors(work, offer)? {
                tell(work, offer, supervisor, "swap_to_approve")?;
            }
            (vec![person], "swap_accepted")
        }
        SwapState::Made => (vec![person, to], "swap_made"),
        SwapState::Lapsed => (vec![person, to], "swap_lapsed"),
        SwapState::Declined => (vec![person], "swap_declined"),
        SwapState::Withdrawn => (vec![to], "swap_withdrawn"),
        SwapState::Refused => (vec![person, to], "swap_refused"),
    };
    for person in people {
        tell(work, offer, person, what)?;
    }
    Ok(())
}

/// Supervisors who keep the roster of both shifts.
fn supervisors(work: &mut Work<'_>, offer: &SwapOffer) -> Result<Vec<PersonId>, DeskError> {
    let clients: BTreeSet<Option<ClientId>> = shifts(offer).map(|shift| shift.client).collect();
    let some = clients.iter().flatten().next().copied().unwrap_or(ClientId(0));
    let mut found = Vec::new();
    for person in store::person::with_role(&work.tx, Role::Supervisor, some)? {
        let access = work.programs.people.access(&work.tx, person)?;
        let keeps = access.is_some_and(|access| {
            access.affiliation == Affiliation::Staff
                && clients.iter().all(|client| access.has(Role::Supervisor, *client))
        });
        if keeps && person != offer.person && person != offer.to {
            found.push(person);
        }
    }
    found.truncate(SUPERVISORS_MAX);
    Ok(found)
}

/// Puts it on the person's list, with who and when in the person's zone.
fn tell(work: &mut Work<'_>, offer: &SwapOffer, whom: PersonId, what: &str) -> Result<(), DeskError> {
    let zone = store::person::get(&work.tx, whom)?.map(|person| person.time_zone).unwrap_or_default();
    let mut words = String::new();
    for shift in shifts(offer) {
        let name = store::person::get(&work.tx, shift.person)?.map(|person| person.name).unwrap_or_default();
        let separator = if words.is_empty() { "" } else { "; " };
        words += &format!("{separator}{name}, {} – {}", wall(shift.from, &zone), wall(shift.to, &zone));
    }
    let text = work.text(Some(&words))?;
    inform::tell(work, whom, None, Key::new(what).ok(), text)
}

/// As a clock and a calendar of the zone show it: `2026-12-01 08:00`.
fn wall(at: Moment, zone: &str) -> String {
    match local_time(at, zone) {
        Ok(local) => format!(
            "{:04}-{:02}-{:02} {:02}:{:02}",
            local.year, local.month, local.day, local.hour, local.minute
        ),
        Err(_) => at.to_string(),
    }
}
