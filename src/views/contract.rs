//! The contract of a client or a sub-client: package, matrix, names, how its months stand; and a ticket's coverage.

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::ticket_row::Ref;
use super::timeline::{NamedActor, NamedTicket};
use super::{KnownPack, ViewError, Views};
use crate::domain::calendar::{CalendarError, Month};
use crate::domain::client::{Client, Contact, SubClient};
use crate::domain::contract::{
    Adjustment, AdjustmentKind, Asking, Balance, BalanceUnit, Charge, Coverage, Draw, DrawKind, MonthlyPack,
    NamedContact, Package, RaiseLine, Service, balance, coverage,
};
use crate::domain::permission::Step;
use crate::domain::person::{Actor, Affiliation};
use crate::domain::ticket::Ticket;
use crate::domain::{
    AdjustmentId, ClientId, ContactId, Key, Label, Moment, PersonId, PriorityRaiseId, Refusal, SubClientId,
    TicketId, TimeEntryId,
};
use crate::store;
use crate::store::contract::{Holder, Period};

/// Draws, adjustments and raises that a page lists, of each kind; sums count all.
const LINES_MAX: usize = 1_000;
/// Months before this one that are shown.
const PAST_MONTHS_MAX: usize = 12;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ContractPage {
    pub client: ClientId,
    /// Whose contract it is when it is a sub-client's own; `null`: the client's.
    pub sub_client: Option<Ref>,
    /// The sub-client that was asked about has no package of its own and goes by the client's.
    pub is_shared: bool,
    /// IANA name: months begin by its clocks.
    pub time_zone: String,
    /// `null`: without a package everything is covered but `excluded_categories`.
    pub package: Option<Package>,
    /// What the hours of the package are called.
    pub hours: Option<Label>,
    /// The rows of the matrix.
    pub services: Vec<Service>,
    /// Categories that no package of the client covers.
    pub excluded_categories: Vec<Key>,
    pub named_contacts: Vec<NamedLine>,
    /// Who asks without being named, for choosing; empty for those who may not keep the contract.
    pub can_be_named: Vec<Ref>,
    /// The month that was asked for; `null` where the reader may not see the account.
    pub month: Option<MonthPage>,
    /// Months before this one, the latest first, as far as the package granted something.
    pub past: Vec<MonthLine>,
    pub may_keep: bool,
    pub now: Moment,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NamedLine {
    pub contact: Ref,
    pub valid_from: Moment,
    pub valid_until: Option<Moment>,
    /// Who named the contact; for staff only.
    pub author: Option<NamedActor>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MonthPage {
    pub month: Month,
    pub begins_at: Moment,
    pub ends_at: Moment,
    /// `null`: the package of that month granted without limit.
    pub balance: Option<Balance>,
    pub adjustments: Vec<AdjustmentLine>,
    pub draws: Vec<DrawLine>,
    pub raises: Vec<RaiseShown>,
    /// There are more lines than are listed; the sums count them.
    pub has_more: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MonthLine {
    pub month: Month,
    pub balance: Balance,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AdjustmentLine {
    pub id: AdjustmentId,
    /// It counts in the month of this moment.
    pub valid_from: Moment,
    pub unit: BalanceUnit,
    /// Minutes or requests; below zero it takes away.
    pub amount: i64,
    pub kind: AdjustmentKind,
    pub recorded_at: Moment,
    /// For staff only.
    pub author: Option<Actor>,
    /// The words of the reason; `null`: erased.
    pub reason_text: Option<String>,
    /// The name of whoever made it; for staff only.
    pub author_name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DrawLine {
    pub ticket: TicketId,
    /// In the month of this moment.
    pub at: Moment,
    pub amount: i64,
    #[serde(flatten)]
    pub what: DrawnBy,
    /// `null`: a ticket that the reader may not see.
    pub ticket_line: Option<NamedTicket>,
    /// Who worked, of a time entry; for staff only.
    pub person_name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum DrawnBy {
    TimeEntry {
        entry: TimeEntryId,
        /// Who worked; for staff only.
        person: Option<PersonId>,
    },
    Request,
    PriorityRaise {
        raise: PriorityRaiseId,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RaiseShown {
    pub id: PriorityRaiseId,
    pub ticket: TicketId,
    pub raised_at: Moment,
    pub from: i64,
    pub to: i64,
    pub charge: Charge,
    /// What it drew, in the unit of the balance; 0 unless it was drawn from it.
    pub amount: i64,
    pub unit: Option<BalanceUnit>,
    pub package: Key,
    /// Who of the client agreed.
    pub agreed_by: Option<ContactId>,
    /// For staff only.
    pub author: Option<Actor>,
    pub ticket_line: Option<NamedTicket>,
    pub agreed_by_name: Option<String>,
    /// For staff only.
    pub author_name: Option<String>,
}

/// What the contract said of a ticket when it was last checked, and how the month stands now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CoverageLine {
    #[serde(flatten)]
    pub coverage: Coverage,
    pub package_label: Option<Label>,
    pub service_label: Option<Label>,
    /// How this month stands; `null` without a limit.
    pub balance: Option<Balance>,
    /// On what terms the client has a priority raised; `null`: not at all.
    pub priority_raise: Option<crate::domain::contract::PriorityRaise>,
}

impl Views {
    /// The contract by which a client, or one of its sub-clients, is served.
    pub fn contract(
        &self,
        person: PersonId,
        client: ClientId,
        sub_client: Option<SubClientId>,
        month: Option<Month>,
    ) -> Result<ContractPage, ViewError> {
        self.read(person, |reading| reading.contract(client, sub_client, month))
    }

    pub fn coverage(&self, person: PersonId, ticket: TicketId) -> Result<CoverageLine, ViewError> {
        self.read(person, |reading| {
            let (listed, _) = reading.ticket(ticket)?;
            let line = reading.coverage(&listed.ticket)?;
            line.ok_or_else(|| Refusal::not_found("contract of the ticket", ticket).into())
        })
    }
}

/// A contract as it stands, and what of it the reader may see.
struct Seen {
    client: Client,
    known: KnownPack,
    holder: Holder,
    /// The sub-client that was asked about.
    asked: Option<SubClient>,
    is_shared: bool,
    /// The account is shared with others whom the reader does not meet.
    hides_account: bool,
}

impl Seen {
    fn key(&self) -> Option<&Key> {
        self.asked.as_ref().map(|sub| &sub.key)
    }
}

impl Reading<'_> {
    fn contract(
        &self,
        client: ClientId,
        sub_client: Option<SubClientId>,
        month: Option<Month>,
    ) -> Result<ContractPage, ViewError> {
        let seen = self.seen_contract(client, sub_client)?;
        let pack = &seen.known.pack;
        let zone = pack.calendar.time_zone.clone();
        let this_month = Month::of(self.now, &zone).map_err(|error| bad_zone(&error))?;
        let month = month.unwrap_or(this_month);
        let package = pack.package_of(seen.key()).cloned();
        let hours = package.as_ref().and_then(|package| package.hours.as_ref());
        let hours = hours.and_then(|key| pack.calendars.iter().find(|calendar| calendar.key == *key));
        let may_keep = self.may(Step::KeepContract, client);
        Ok(ContractPage {
            client,
            sub_client: match seen.holder.sub_client {
                Some(id) => self.names.sub_client(id)?,
                None => None,
            },
            is_shared: seen.is_shared,
            hours: hours.map(|calendar| calendar.label.clone()),
            services: pack.services.clone(),
            excluded_categories: pack.contract.excluded_categories.iter().cloned().collect(),
            named_contacts: self.named(&seen)?,
            can_be_named: if may_keep { self.can_be_named(&seen)? } else { Vec::new() },
            month: match seen.hides_account {
                true => None,
                false => Some(self.month(&seen, &zone, month)?),
            },
            past: if seen.hides_account { Vec::new() } else { self.past(&seen, &zone, this_month)? },
            may_keep,
            time_zone: zone,
            package,
            now: self.now,
        })
    }

    /// Whoever reads the client's tickets whole reads its contract; a sub-client's person that of the sub-client.
    fn seen_contract(&self, client: ClientId, sub_client: Option<SubClientId>) -> Result<Seen, ViewError> {
        let missing = || Refusal::not_found("client", client);
        let sub_client = sub_client.or(self.scope.sub_client());
        if !self.scope.reaches(client, sub_client) {
            return Err(missing().into());
        }
        let client = store::client::get(self.db, client)?.ok_or_else(missing)?;
        let asked = match sub_client {
            Some(id) => {
                let found = store::client::get_sub(self.db, id)?.filter(|sub| sub.client == client.id);
                Some(found.ok_or_else(|| Refusal::not_found("sub-client", id))?)
            }
            None => None,
        };
        let known = self.known_pack(client.pack_version)?.ok_or(Refusal::NothingPublished)?;
        let key = asked.as_ref().map(|sub| &sub.key);
        let own = known.pack.contract.holder(key, sub_client);
        Ok(Seen {
            holder: Holder { client: client.id, sub_client: own },
            is_shared: sub_client.is_some() && own.is_none(),
            hides_account: self.scope.sub_client().is_some() && own.is_none(),
            client,
            known,
            asked,
        })
    }

    fn named(&self, seen: &Seen) -> Result<Vec<NamedLine>, ViewError> {
        let mut lines = Vec::new();
        for named in store::contract::named_of_client(self.db, seen.client.id, self.now)? {
            let Some(contact) = store::place::contact(self.db, named.contact)? else { continue };
            if !self.is_of(seen, &contact)? {
                continue;
            }
            let NamedContact { valid_from, valid_until, author, .. } = named;
            lines.push(NamedLine {
                contact: Ref { id: contact.id.to_string(), name: contact.name },
                valid_from,
                valid_until,
                author: if self.sees_internals() { Some(self.actor(&author)?) } else { None },
            });
        }
        Ok(lines)
    }

    fn can_be_named(&self, seen: &Seen) -> Result<Vec<Ref>, ViewError> {
        let first = ("", crate::domain::ContactId(0));
        let contacts = store::place_list::contacts(self.db, seen.client.id, first, LINES_MAX)?;
        let mut refs = Vec::new();
        for (contact, _) in contacts {
            let is_named = store::contract::named_of_contact(self.db, contact.id)?
                .first()
                .is_some_and(|last| last.valid_until.is_none());
            if !is_named && self.is_of(seen, &contact)? {
                refs.push(Ref { id: contact.id.to_string(), name: contact.name });
            }
        }
        Ok(refs)
    }

    /// Whether the contact asks by this contract, and the reader meets it.
    fn is_of(&self, seen: &Seen, contact: &Contact) -> Result<bool, ViewError> {
        let sub = contact.sub_client.map_or(Ok(None), |id| store::client::get_sub(self.db, id))?;
        let key = sub.as_ref().map(|sub| &sub.key);
        let holder = seen.known.pack.contract.holder(key, contact.sub_client);
        let is_met = self.scope.reaches(contact.client, contact.sub_client);
        Ok(holder == seen.holder.sub_client && is_met)
    }

    /// What a month granted: by the version that was published last before its end.
    fn monthly(&self, seen: &Seen, (_, ends_at): Period) -> Result<Option<MonthlyPack>, ViewError> {
        let version = store::contract::version_before(self.db, seen.client.id, ends_at)?;
        let known = self.known_pack(version)?;
        let pack = known.as_ref().map_or(&seen.known.pack, |known| &known.pack);
        Ok(pack.package_of(seen.key()).and_then(|package| package.monthly.clone()))
    }

    fn month(&self, seen: &Seen, zone: &str, month: Month) -> Result<MonthPage, ViewError> {
        let period = month.bounds(zone).map_err(|error| bad_zone(&error))?;
        let monthly = self.monthly(seen, period)?;
        let holder = seen.holder;
        let adjustments = store::contract::adjustments(self.db, holder, period, LINES_MAX)?;
        let raises = store::contract::raises(self.db, holder, period, LINES_MAX)?;
        let draws = match &monthly {
            Some(monthly) => store::contract::draws(self.db, holder, monthly.unit(), period, LINES_MAX)?,
            None => Vec::new(),
        };
        let has_more = [adjustments.len(), raises.len(), draws.len()].iter().any(|len| *len >= LINES_MAX);
        let found = match &monthly {
            // The sums of a month that is too long to list.
            Some(monthly) if has_more => Some(self.sums(holder, monthly, period)?),
            Some(monthly) => {
                let found = balance(monthly, zone, month, &adjustments, &draws);
                Some(found.map_err(|error| bad_zone(&error))?)
            }
            None => None,
        };
        let mut page = MonthPage {
            month,
            begins_at: period.0,
            ends_at: period.1,
            balance: found,
            adjustments: Vec::new(),
            draws: Vec::new(),
            raises: Vec::new(),
            has_more,
        };
        for adjustment in adjustments {
            page.adjustments.push(self.adjustment(adjustment)?);
        }
        for draw in draws.into_iter().take(LINES_MAX) {
            page.draws.push(self.draw(draw)?);
        }
        for raise in raises {
            page.raises.push(self.raise(raise)?);
        }
        Ok(page)
    }

    fn sums(&self, holder: Holder, monthly: &MonthlyPack, period: Period) -> Result<Balance, ViewError> {
        let spent = store::contract::spent_by_all(self.db, holder, monthly.unit(), period)?;
        Ok(Balance::new(monthly, spent.adjusted, spent.by_others))
    }

    fn past(&self, seen: &Seen, zone: &str, this: Month) -> Result<Vec<MonthLine>, ViewError> {
        let first = store::contract::first_version_at(self.db, seen.client.id)?;
        let mut lines = Vec::new();
        let mut month = this.before();
        for _ in 0..PAST_MONTHS_MAX {
            let period = month.bounds(zone).map_err(|error| bad_zone(&error))?;
            if first.is_none_or(|first| period.1 <= first) {
                break;
            }
            if let Some(monthly) = self.monthly(seen, period)? {
                lines.push(MonthLine { month, balance: self.sums(seen.holder, &monthly, period)? });
            }
            month = month.before();
        }
        Ok(lines)
    }

    fn adjustment(&self, adjustment: Adjustment) -> Result<AdjustmentLine, ViewError> {
        let Adjustment { id, valid_from, unit, amount, kind, recorded_at, .. } = adjustment;
        Ok(AdjustmentLine {
            id,
            valid_from,
            unit,
            amount,
            kind,
            recorded_at,
            reason_text: self.names.text(adjustment.reason)?,
            author_name: self.author_name(&adjustment.author)?,
            author: self.for_staff(adjustment.author),
        })
    }

    /// Whose hand it was, and who worked, is nothing for the client's people.
    fn for_staff<T>(&self, who: T) -> Option<T> {
        self.sees_internals().then_some(who)
    }

    fn author_name(&self, author: &Actor) -> Result<Option<String>, ViewError> {
        if self.sees_internals() { Ok(self.actor(author)?.name) } else { Ok(None) }
    }

    fn draw(&self, draw: Draw) -> Result<DrawLine, ViewError> {
        let Draw { ticket, at, amount, what } = draw;
        let (what, person) = match what {
            DrawKind::TimeEntry { entry, person } => {
                let person = self.for_staff(person);
                (DrawnBy::TimeEntry { entry, person }, person)
            }
            DrawKind::Request => (DrawnBy::Request, None),
            DrawKind::PriorityRaise { raise } => (DrawnBy::PriorityRaise { raise }, None),
        };
        let person_name = person.map_or(Ok(None), |person| self.names.person(person))?;
        Ok(DrawLine { ticket, at, amount, what, ticket_line: self.named_ticket(ticket)?, person_name })
    }

    fn raise(&self, raise: RaiseLine) -> Result<RaiseShown, ViewError> {
        let agreed_by = raise.agreed_by.map_or(Ok(None), |id| self.names.contact(id))?;
        let RaiseLine {
            id, ticket, raised_at, from, to, charge, amount, unit, package, agreed_by: by, ..
        } = raise;
        Ok(RaiseShown {
            id,
            ticket,
            raised_at,
            from,
            to,
            charge,
            amount,
            unit,
            package,
            agreed_by: by,
            ticket_line: self.named_ticket(ticket)?,
            agreed_by_name: agreed_by.map(|contact| contact.name),
            author_name: self.author_name(&raise.author)?,
            author: self.for_staff(raise.author),
        })
    }

    /// What the contract says of a ticket; nothing for those whom the contract does not concern.
    pub(super) fn coverage(&self, ticket: &Ticket) -> Result<Option<CoverageLine>, ViewError> {
        let is_client = matches!(self.access.affiliation, Affiliation::Contact { .. });
        let Some(known) =
            self.known_pack(ticket.pack_version)?.filter(|_| is_client || self.sees_internals())
        else {
            return Ok(None);
        };
        let stored = store::contract::coverage(self.db, ticket.id)?;
        let (sub_client, found) = stored
            .unwrap_or_else(|| (None, coverage(&known.pack, &known.calendars, ticket, &Asking::default())));
        // A package that came after the ticket says nothing of it.
        let package = known.pack.packages.iter().find(|own| found.package.as_ref() == Some(&own.key));
        let monthly = package.and_then(|package| package.monthly.as_ref());
        let is_own_account = is_client && self.scope.sub_client().is_some_and(|own| sub_client != Some(own));
        let balance = match monthly.filter(|_| !is_own_account) {
            Some(monthly) => {
                let zone = &known.pack.calendar.time_zone;
                let month = Month::of(self.now, zone).and_then(|month| month.bounds(zone));
                let month = month.map_err(|error| bad_zone(&error))?;
                Some(self.sums(Holder { client: ticket.client, sub_client }, monthly, month)?)
            }
            None => None,
        };
        let service = found.service.as_ref();
        let service = known.pack.services.iter().find(|own| service == Some(&own.key));
        Ok(Some(CoverageLine {
            package_label: package.map(|package| package.label.clone()),
            service_label: service.map(|service| service.label.clone()),
            priority_raise: package.and_then(|package| package.priority_raise.clone()),
            coverage: Coverage { balance_left: balance.map(|balance| balance.left), ..found },
            balance,
        }))
    }
}

fn bad_zone(error: &CalendarError) -> Refusal {
    Refusal::invalid("month", error.to_string())
}
