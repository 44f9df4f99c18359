//! Swaps that wait for somebody's word, and what became of one's own lately.

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::ticket_row::Ref;
use super::{ViewError, Views};
use crate::domain::permission::Reach;
use crate::domain::roster::{OFFERS_OPEN_MAX, Shift, ShiftKind, SwapAnswer, SwapOffer, SwapState};
use crate::domain::{ClientId, Key, Moment, PersonId, ShiftId, Span, SwapOfferId};
use crate::store;

/// Most offers of one list.
const OFFERS_MAX: usize = OFFERS_OPEN_MAX * 4;
/// How long an offer that is over is still shown to the two.
const ENDED_DAYS: i64 = 7;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SwapLine {
    pub id: SwapOfferId,
    pub state: SwapState,
    /// Who offers.
    pub person: Ref,
    /// Who is offered the shift.
    pub to: Ref,
    pub shift: OfferedShift,
    /// What is wanted for it; `null`: it is given away.
    pub in_return: Option<OfferedShift>,
    pub note: Option<String>,
    pub offered_at: Moment,
    /// When the colleague accepted or declined.
    pub answered_at: Option<Moment>,
    /// The supervisor who approved or refused.
    pub decided_by: Option<Ref>,
    pub ended_at: Option<Moment>,
    pub version: i64,
    /// What the reader can say to it now.
    pub answers: Vec<SwapAnswer>,
}

/// A shift as it was when it was offered.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OfferedShift {
    pub id: ShiftId,
    pub from: Moment,
    pub to: Moment,
    pub kind: ShiftKind,
    pub queue: Option<Key>,
    pub client: Option<ClientId>,
}

impl From<Shift> for OfferedShift {
    fn from(shift: Shift) -> Self {
        let Shift { id, from, to, kind, queue, client, .. } = shift;
        Self { id, from, to, kind, queue, client }
    }
}

impl Views {
    /// Those of the reader, open or over for at most a week, and those that wait for the reader's word as a supervisor.
    pub fn swaps(&self, person: PersonId) -> Result<Vec<SwapLine>, ViewError> {
        self.read(person, |reading| {
            let since = reading.now + Span::days(-ENDED_DAYS);
            let mut offers = store::swap_offer::of_person(reading.db, person, since, OFFERS_MAX)?;
            if !reading.scope.supervises().is_empty() {
                let waiting =
                    store::swap_offer::in_state(reading.db, SwapState::Accepted, reading.now, OFFERS_MAX)?;
                let others = waiting.into_iter().filter(|one| one.person != person && one.to != person);
                offers.extend(others.filter(|one| reading.keeps_both(one)));
            }
            offers.into_iter().map(|offer| reading.swap_line(offer)).collect()
        })
    }
}

impl Reading<'_> {
    fn keeps_both(&self, offer: &SwapOffer) -> bool {
        std::iter::once(&offer.shift).chain(&offer.in_return).all(|shift| match shift.client {
            Some(client) => self.scope.supervises().contains(client),
            None => *self.scope.supervises() == Reach::All,
        })
    }

    fn swap_line(&self, offer: SwapOffer) -> Result<SwapLine, ViewError> {
        let answers = offer.answers(self.access.person, self.keeps_both(&offer), self.now);
        Ok(SwapLine {
            id: offer.id,
            state: offer.state_at(self.now),
            person: self.names.person_ref(offer.person)?,
            to: self.names.person_ref(offer.to)?,
            note: offer.note,
            offered_at: offer.offered_at,
            answered_at: offer.answered_at,
            decided_by: offer.decided_by.map(|person| self.names.person_ref(person)).transpose()?,
            ended_at: offer.ended_at,
            version: offer.version,
            answers,
            shift: offer.shift.into(),
            in_return: offer.in_return.map(OfferedShift::from),
        })
    }
}
