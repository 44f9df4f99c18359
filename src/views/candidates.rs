//! Who could get the work: ranked, and everybody who does not suit with the reason.

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::ticket_row::Ref;
use super::{ViewError, Views};
use crate::domain::assignment::{
    AssignmentSettings, Candidate, Choice, MemberWanted, RejectionReason, Requirements, Wanted, choose,
};
use crate::domain::permission::Step;
use crate::domain::roster::Presence;
use crate::domain::ticket::Ticket;
use crate::domain::{Key, PersonId, Refusal, TicketId};
use crate::store;

const M_PER_KM: i64 = 1_000;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CandidateLine {
    pub person: Ref,
    pub is_suited: bool,
    /// 1 is the one whom the desk itself would choose; `null` for who does not suit.
    pub rank: Option<usize>,
    /// Why not, or why not first.
    pub rejection: Option<RejectionReason>,
    pub grade: Option<i64>,
    pub city: Option<String>,
    /// Open work orders (for a visit) or open tickets (for an assignment).
    pub load: i64,
    /// What the open tickets weigh together, by priority.
    pub weight: i64,
    pub capacity: i64,
    pub is_on_duty: bool,
    /// What the roster says.
    pub presence: Presence,
    /// To the ticket's site along the great circle, in whole kilometres, so that nobody's home follows from it; `null`
    /// where no strategy asks for it or a place is not known.
    pub distance_km: Option<i64>,
}

impl Views {
    /// Engineers for a visit. Without any requirement, those that the ticket's site and asset ask for.
    pub fn engineers_for(
        &self,
        person: PersonId,
        ticket: TicketId,
        wanted: Requirements,
    ) -> Result<Vec<CandidateLine>, ViewError> {
        self.read(person, |reading| {
            let ticket = reading.ticket_to(Step::Dispatch, ticket, "open work orders of this ticket")?;
            let bare = Requirements { strategy: wanted.strategy.clone(), ..Requirements::default() };
            let asked = if wanted == bare { reading.asked_by(&ticket)? } else { wanted.clone() };
            let wanted = Requirements { strategy: wanted.strategy, ..asked };
            let settings = reading.assignment_settings(&ticket)?;
            let wanted = Wanted::engineer(wanted, &settings);
            let candidates = store::candidate::gather(reading.db, &ticket, &wanted, reading.now)?;
            Ok(lines(&candidates, choose(&wanted, &candidates)))
        })
    }

    /// Members of a queue for an assignment; without a queue, of the one that the ticket stands in.
    pub fn assignees_for(
        &self,
        person: PersonId,
        ticket: TicketId,
        queue: Option<Key>,
    ) -> Result<Vec<CandidateLine>, ViewError> {
        self.read(person, |reading| {
            let ticket = reading.ticket_to(Step::Assign, ticket, "assign this ticket")?;
            let Some(queue) = queue.or_else(|| ticket.queue.clone()) else { return Ok(Vec::new()) };
            reading.members_for(&ticket, queue)
        })
    }
}

impl Reading<'_> {
    fn ticket_to(&self, step: Step, id: TicketId, what: &str) -> Result<Ticket, ViewError> {
        let (listed, facts) = self.ticket(id)?;
        if self.access.may(step, &facts) { Ok(listed.ticket) } else { Err(Refusal::forbidden(what).into()) }
    }

    fn members_for(&self, ticket: &Ticket, queue: Key) -> Result<Vec<CandidateLine>, ViewError> {
        let (candidates, choice) = self.choose_member_for(ticket, MemberWanted::of(queue))?;
        Ok(lines(&candidates, choice))
    }

    /// Whom the desk would choose as things stand now.
    pub(super) fn chosen_member(
        &self,
        ticket: &Ticket,
        wanted: MemberWanted,
    ) -> Result<Option<PersonId>, ViewError> {
        Ok(self.choose_member_for(ticket, wanted)?.1.chosen)
    }

    fn choose_member_for(
        &self,
        ticket: &Ticket,
        wanted: MemberWanted,
    ) -> Result<(Vec<Candidate>, Choice), ViewError> {
        let pack = self.pack(ticket.pack_version)?;
        let settings = pack.as_ref().map_or_else(AssignmentSettings::default, |pack| pack.assignment.clone());
        let own = pack.as_ref().and_then(|pack| pack.queue(&wanted.queue));
        let strategy = own.map(|queue| queue.strategy.clone()).unwrap_or_default();
        let wanted = Wanted::member(wanted, &strategy, &settings);
        let mut candidates = store::candidate::gather(self.db, ticket, &wanted, self.now)?;
        store::person::say_who_may_serve(self.db, ticket.client, &mut candidates)?;
        let choice = choose(&wanted, &candidates);
        Ok((candidates, choice))
    }

    fn assignment_settings(&self, ticket: &Ticket) -> Result<AssignmentSettings, ViewError> {
        let pack = self.pack(ticket.pack_version)?;
        Ok(pack.map_or_else(AssignmentSettings::default, |pack| pack.assignment.clone()))
    }

    fn asked_by(&self, ticket: &Ticket) -> Result<Requirements, ViewError> {
        let site = ticket.site.map_or(Ok(None), |id| self.names.site(id))?;
        let asset = ticket.asset.map_or(Ok(None), |id| store::place::asset(self.db, id))?;
        Ok(Requirements {
            city: site.map(|site| site.city),
            certificates: asset.map(|asset| asset.certificates).unwrap_or_default(),
            ..Requirements::default()
        })
    }
}

fn lines(candidates: &[Candidate], choice: Choice) -> Vec<CandidateLine> {
    let find = |id: PersonId| candidates.iter().find(|candidate| candidate.person == id);
    let mut suited = Vec::new();
    let mut others = Vec::new();
    if let Some(candidate) = choice.chosen.and_then(find) {
        suited.push(line(candidate, Some(1), None));
    }
    for rejection in choice.rejections {
        let Some(candidate) = find(rejection.person) else { continue };
        // Who was outranked comes in the order of the ranking.
        if matches!(rejection.reason, RejectionReason::Outranked { .. }) {
            suited.push(line(candidate, Some(suited.len() + 1), Some(rejection.reason)));
        } else {
            others.push(line(candidate, None, Some(rejection.reason)));
        }
    }
    suited.extend(others);
    suited
}

fn line(candidate: &Candidate, rank: Option<usize>, rejection: Option<RejectionReason>) -> CandidateLine {
    let profile = candidate.engineer.as_ref();
    CandidateLine {
        person: Ref { id: candidate.person.to_string(), name: candidate.name.clone() },
        is_suited: rank.is_some(),
        rank,
        rejection,
        grade: profile.map(|profile| profile.grade),
        city: profile.map(|profile| profile.city.clone()),
        load: candidate.load,
        weight: candidate.weight,
        capacity: candidate.capacity,
        is_on_duty: candidate.is_on_duty,
        presence: candidate.presence,
        distance_km: candidate.distance_m.map(|metres| (metres + M_PER_KM / 2) / M_PER_KM),
    }
}
