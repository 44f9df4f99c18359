//! Messages of scripts beyond their budget: what waits, with samples, and what became of what was decided.

use serde::Serialize;
use utoipa::ToSchema;

use super::list::{Limit, List, decode};
use super::reading::Reading;
use super::{ViewError, Views};
use crate::domain::hold::{HeldMessage, Hold, HoldReason, HoldState, MessageKind};
use crate::domain::permission::Step;
use crate::domain::{ClientId, HeldMessageId, HoldId, Key, Moment, PersonId, Refusal, TicketId};
use crate::store;
use crate::store::hold::Part;

/// Kinds and templates of a hold that are shown, the most frequent first.
const PARTS_SHOWN: usize = 20;
/// Messages of each that are shown.
const SAMPLES_SHOWN: usize = 3;
/// Holds of a client that are over and still shown.
const FINISHED_SHOWN: usize = 10;

/// Messages of one handler of a client's script of which a person decides together.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HoldLine {
    pub id: HoldId,
    pub client: ClientId,
    /// Such as `on_opened`.
    pub handler: String,
    pub why: HoldReason,
    /// What the limit was.
    pub limit: i64,
    pub state: HoldState,
    pub opened_at: Moment,
    /// When the last message joined.
    pub last_at: Moment,
    /// All messages that were ever in it.
    pub held: i64,
    /// Those that neither went out nor were discarded yet.
    pub left: i64,
    pub sent: i64,
    pub discarded: i64,
    /// Of what is left: tickets, people, and messages whose ticket was closed since.
    pub tickets: i64,
    pub people: i64,
    pub stale: i64,
    /// What is left by kind and template, the most frequent first; at most 20.
    pub parts: Vec<HoldPart>,
    /// The name of who decided; `null`: nobody yet, or the command line.
    pub decided_by: Option<String>,
    pub decided_at: Option<Moment>,
    /// Why it was discarded.
    pub reason: Option<String>,
    pub finished_at: Option<Moment>,
    pub version: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HoldPart {
    pub kind: MessageKind,
    /// The pack's template; `null`: in the script's own words.
    pub template: Option<Key>,
    pub count: i64,
    /// The oldest; at most 3.
    pub samples: Vec<HeldSample>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HeldSample {
    pub ticket: TicketId,
    /// `BANK-1042`.
    pub number: String,
    /// For whom: a person, or for a reply the ticket's contact; `null`: nobody is named.
    pub recipient: Option<String>,
    /// The message's words; `null`: it has none, or they were erased.
    pub text: Option<String>,
    pub at: Moment,
    /// The ticket was closed since.
    pub is_stale: bool,
}

/// A message of a hold that neither went out nor was discarded yet.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HeldLine {
    pub id: HeldMessageId,
    pub kind: MessageKind,
    pub template: Option<Key>,
    #[serde(flatten)]
    pub sample: HeldSample,
}

impl Views {
    /// For supervisors of its client: all messages of a hold that are left, the oldest first. For others there is no such hold.
    pub fn held_messages(
        &self,
        person: PersonId,
        hold: HoldId,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<List<HeldLine>, ViewError> {
        let after: i64 = decode(cursor)?.unwrap_or_default();
        self.read(person, |reading| {
            let found = store::hold::get(reading.db, hold)?;
            let own = found.filter(|hold| reading.may(Step::Supervise, hold.client));
            let own = own.ok_or_else(|| Refusal::not_found("hold", hold))?;
            let rows = store::hold::messages_after(reading.db, own.id, after, limit.and_one())?;
            List::cut(rows, limit, |held| held.id.0).try_map(|held| {
                Ok(HeldLine {
                    id: held.id,
                    kind: held.message.kind,
                    template: held.message.template.clone(),
                    sample: reading.held_sample(&held)?,
                })
            })
        })
    }

    /// For supervisors: what waits of the clients whom they supervise, the oldest first, and of each what was decided
    /// last.
    pub fn holds(&self, person: PersonId, only: Option<ClientId>) -> Result<Vec<HoldLine>, ViewError> {
        self.read(person, |reading| {
            if only.is_none() && reading.scope.supervises().is_empty() {
                return Err(Refusal::forbidden("see held messages").into());
            }
            let (mut unfinished, mut finished) = (Vec::new(), Vec::new());
            for client in reading.supervised(only, "see held messages")? {
                unfinished.extend(store::hold::unfinished(reading.db, client.id)?);
                finished.extend(store::hold::finished(reading.db, client.id, FINISHED_SHOWN)?);
            }
            unfinished.sort_by_key(|hold| hold.id);
            finished.sort_by_key(|hold| std::cmp::Reverse(hold.id));
            unfinished.into_iter().chain(finished).map(|hold| reading.hold(hold)).collect()
        })
    }
}

impl Reading<'_> {
    fn hold(&self, hold: Hold) -> Result<HoldLine, ViewError> {
        let reached = store::hold::reached(self.db, hold.id)?;
        let parts = store::hold::parts(self.db, hold.id, PARTS_SHOWN)?;
        Ok(HoldLine {
            id: hold.id,
            client: hold.client,
            left: hold.left(),
            tickets: reached.tickets,
            people: reached.people,
            stale: reached.stale,
            parts: parts.into_iter().map(|part| self.hold_part(hold.id, part)).collect::<Result<_, _>>()?,
            decided_by: match &hold.decided_by {
                Some(actor) => self.actor(actor)?.name,
                None => None,
            },
            decided_at: hold.decided_at,
            reason: self.names.maybe_text(hold.reason)?,
            handler: hold.handler,
            why: hold.why,
            limit: hold.limit,
            state: hold.state,
            opened_at: hold.opened_at,
            last_at: hold.last_at,
            held: hold.held,
            sent: hold.sent,
            discarded: hold.discarded,
            finished_at: hold.finished_at,
            version: hold.version,
        })
    }

    fn hold_part(&self, hold: HoldId, part: Part) -> Result<HoldPart, ViewError> {
        let samples = store::hold::of_part(self.db, hold, &part, SAMPLES_SHOWN)?;
        Ok(HoldPart {
            samples: samples.iter().map(|held| self.held_sample(held)).collect::<Result<_, _>>()?,
            kind: part.kind,
            template: part.template,
            count: part.count,
        })
    }

    fn held_sample(&self, held: &HeldMessage) -> Result<HeldSample, ViewError> {
        let ticket = store::ticket::get(self.db, held.ticket)?;
        let recipient = match (held.message.person, ticket.as_ref().and_then(|ticket| ticket.contact)) {
            (Some(person), _) => self.names.person(person)?,
            (None, Some(contact)) => self.names.contact(contact)?.map(|contact| contact.name),
            (None, None) => None,
        };
        Ok(HeldSample {
            ticket: held.ticket,
            number: self.number_of(Some(held.ticket))?,
            recipient,
            text: self.names.maybe_text(held.message.text)?,
            at: held.at,
            is_stale: ticket.is_some_and(|ticket| ticket.is_closed()),
        })
    }
}
