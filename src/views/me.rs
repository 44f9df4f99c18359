//! Who is logged in and what the screens may offer; notifications and saved views.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::list::{Limit, List, decode};
use super::reading::Reading;
use super::time_entries::StopwatchLine;
use super::{ViewError, Views};
use crate::domain::monthly_report::ReportLink;
use crate::domain::pack::Template;
use crate::domain::permission::Reach;
use crate::domain::person::{Affiliation, Grant, Membership, Person, Role};
use crate::domain::{ClientId, Key, Moment, NotificationId, PersonId, Refusal, SavedViewId, TicketId};
use crate::store;
use crate::store::saved_view::SavedView;

/// The person who is logged in.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Me {
    pub person: Person,
    pub grants: BTreeSet<Grant>,
    pub memberships: BTreeSet<Membership>,
    pub scope: ScopeLine,
    pub may: MayGenerally,
    /// Notifications not read yet.
    pub unread: i64,
    /// The person's timer, if one runs.
    pub timer: Option<StopwatchLine>,
    pub server_time: Moment,
    /// Of the server.
    pub version: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScopeLine {
    pub clients: ReachLine,
    pub administers: ReachLine,
    pub supervises: ReachLine,
    pub sees_internals: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReachLine {
    pub all: bool,
    /// Empty when `all`.
    pub clients: Vec<ClientId>,
}

/// What some client's desk lets the person do; a ticket's own page says what goes there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MayGenerally {
    pub open_tickets: bool,
    pub keep_records: bool,
    pub supervise: bool,
    pub administer: bool,
    pub administer_all: bool,
    /// The inbox.
    pub see_lists: bool,
    pub has_tasks: bool,
    pub has_orders: bool,
    /// Reports of visits to accept or return.
    pub has_reports: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NotificationLine {
    pub id: NotificationId,
    pub ticket: Option<TicketId>,
    pub number: Option<String>,
    pub subject: Option<String>,
    pub client: Option<ClientId>,
    pub template: Option<Key>,
    /// The text, or the template's text for the ticket.
    pub text: Option<String>,
    /// A report that it leads to.
    pub report: Option<ReportLink>,
    pub at: Moment,
    pub read_at: Option<Moment>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SavedViewLine {
    pub id: SavedViewId,
    pub name: String,
    /// The query of the ticket list, such as `phase=active&assignee=me`.
    pub query: String,
    pub position: i64,
}

impl SavedViewLine {
    #[must_use]
    pub fn new(view: SavedView) -> Self {
        Self { id: view.id, name: view.name, query: view.query, position: view.position }
    }
}

impl From<&Reach> for ReachLine {
    fn from(reach: &Reach) -> Self {
        match reach {
            Reach::All => Self { all: true, clients: Vec::new() },
            Reach::Only(clients) => Self { all: false, clients: clients.iter().copied().collect() },
        }
    }
}

impl Views {
    pub fn me(&self, person: PersonId) -> Result<Me, ViewError> {
        self.read(person, |reading| {
            let found = store::person::get(reading.db, person)?;
            let found = found.ok_or_else(|| Refusal::not_found("person", person))?;
            Ok(Me {
                person: found,
                grants: reading.access.grants.clone(),
                memberships: reading.access.memberships.clone(),
                scope: ScopeLine {
                    clients: reading.scope.clients().into(),
                    administers: reading.scope.administers().into(),
                    supervises: reading.scope.supervises().into(),
                    sees_internals: reading.sees_internals(),
                },
                may: reading.may_generally(),
                unread: store::notification::unread(reading.db, person)?,
                timer: reading.own_timer()?,
                server_time: reading.now,
                version: env!("CARGO_PKG_VERSION"),
            })
        })
    }

    pub fn notifications(
        &self,
        person: PersonId,
        unread_only: Option<bool>,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<List<NotificationLine>, ViewError> {
        self.read(person, |reading| {
            let mut before = decode(cursor)?.map(NotificationId);
            let mut rows = Vec::new();
            loop {
                let read =
                    store::notification::of_person(reading.db, person, before, super::list::PAGE_ROWS_MAX)?;
                let is_end = read.len() < super::list::PAGE_ROWS_MAX;
                before = read.last().map(|row| row.id);
                let wanted =
                    read.into_iter().filter(|row| unread_only != Some(true) || row.read_at.is_none());
                rows.extend(wanted);
                if is_end || rows.len() > limit.count() {
                    break;
                }
            }
            List::cut(rows, limit, |row| row.id.0).try_map(|row| reading.notification(row))
        })
    }

    pub fn saved_views(&self, person: PersonId) -> Result<Vec<SavedViewLine>, ViewError> {
        self.read(person, |reading| {
            let views = store::saved_view::of_person(reading.db, person)?;
            Ok(views.into_iter().map(SavedViewLine::new).collect())
        })
    }

    /// The draft of a reply, if the ticket may still be seen.
    pub fn draft(
        &self,
        person: PersonId,
        ticket: TicketId,
    ) -> Result<Option<super::ticket_page::DraftLine>, ViewError> {
        self.read(person, |reading| {
            reading.ticket(ticket)?;
            let draft = store::reply_draft::get(reading.db, person, ticket)?;
            Ok(draft.map(|draft| super::ticket_page::DraftLine {
                body: draft.body,
                visibility: draft.visibility,
                saved_at: draft.saved_at,
            }))
        })
    }

    /// Refuses unless the ticket may be seen.
    pub fn check_sees(&self, person: PersonId, ticket: TicketId) -> Result<(), ViewError> {
        self.read(person, |reading| reading.ticket(ticket).map(drop))
    }
}

impl Reading<'_> {
    fn may_generally(&self) -> MayGenerally {
        use Role::{Administrator, Controller, DepartmentMember, Dispatcher, Engineer, Operator, Supervisor};
        let desk = [Administrator, Supervisor, Dispatcher, Operator];
        let has = |roles: &[Role]| self.access.grants.iter().any(|grant| roles.contains(&grant.role));
        let is_staff = self.access.affiliation == Affiliation::Staff;
        let is_contact = matches!(self.access.affiliation, Affiliation::Contact { .. });
        let works = is_staff && has(&desk);
        MayGenerally {
            open_tickets: works || (is_contact && has(&[Role::ClientContact])),
            keep_records: works,
            supervise: !self.scope.supervises().is_empty(),
            administer: !self.scope.administers().is_empty(),
            administer_all: *self.scope.administers() == Reach::All,
            see_lists: !self.scope.clients().is_empty(),
            has_tasks: self.scope.partner().is_some()
                || (is_staff && (has(&[DepartmentMember]) || !self.access.memberships.is_empty())),
            has_orders: is_staff && has(&[Engineer]),
            has_reports: is_staff && has(&[Administrator, Supervisor, Controller]),
        }
    }

    fn notification(&self, row: store::notification::Notification) -> Result<NotificationLine, ViewError> {
        // The ticket may have been taken out of sight since.
        let ticket = match row.ticket {
            Some(id) if self.sees(id)? => self.names.ticket(id)?.map(|line| (id, line)),
            _ => None,
        };
        let subject = match &ticket {
            Some((_, line)) => self.names.text(line.subject)?,
            None => None,
        };
        let text = match (self.names.maybe_text(row.text)?, &row.template, &ticket) {
            // What can no longer be seen is not told outside either.
            (Some(_), _, None) if row.ticket.is_some() && !self.sees_internals() => None,
            (Some(text), ..) => Some(text),
            (None, Some(template), Some((id, _))) => self.template_text(*id, template)?,
            _ => None,
        };
        let (id, number, client) = match ticket {
            Some((id, line)) => (Some(id), Some(line.number), Some(line.client)),
            None => (None, None, None),
        };
        Ok(NotificationLine {
            id: row.id,
            ticket: id,
            number,
            subject,
            client,
            template: row.template,
            text,
            report: row.report,
            at: row.at,
            read_at: row.read_at,
        })
    }

    /// The template's text in the reader's language, with the ticket's number and subject filled in.
    fn template_text(&self, ticket: TicketId, template: &Key) -> Result<Option<String>, ViewError> {
        let Some(row) = store::ticket::get(self.db, ticket)? else { return Ok(None) };
        let Some(pack) = self.pack(row.pack_version)? else { return Ok(None) };
        let person = store::person::get(self.db, self.access.person)?;
        let language = person.map(|person| person.language).unwrap_or_default();
        let Some(text) = pack.template(template).and_then(|found| found.text.in_language(language)) else {
            return Ok(None);
        };
        let number = self.names.ticket(ticket)?.map(|line| line.number).unwrap_or_default();
        let subject = self.names.text(row.subject)?.unwrap_or_default();
        let client = store::client::get(self.db, row.client)?.map(|client| client.name).unwrap_or_default();
        let site = row.site.map(|site| store::place::site(self.db, site)).transpose()?.flatten();
        Ok(Some(Template::fill(text, |mark| match mark {
            "ticket.key" => Some(number.clone()),
            "ticket.subject" | "ticket.title" => Some(subject.clone()),
            "client.name" => Some(client.clone()),
            "site.address" => Some(site.as_ref().map(|site| site.address.clone()).unwrap_or_default()),
            _ => None,
        })))
    }
}
