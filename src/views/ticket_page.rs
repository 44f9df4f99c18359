//! A ticket's page: the ticket, its story, its work, its clocks, its context, and what the reader may do.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::attachment::AttachmentLine;
use super::contract::CoverageLine;
use super::incident::TicketIncident;
use super::ladder::LadderLine;
use super::list::Limit;
use super::operations::JobLine;
use super::rating::RatingLine;
use super::reading::Reading;
use super::run::RunSummary;
use super::ticket_row::{Ref, TicketRow};
use super::timeline::TimelineEvent;
use super::work::{ShownValue, TaskLine, WorkOrderLine};
use super::{ViewError, Views};
use crate::domain::calendar::Calendar;
use crate::domain::client::{Asset, Client, Contact, Site, SubClient};
use crate::domain::event::{Event, Visibility};
use crate::domain::pack::{Asked, Phase, WaitsFor};
use crate::domain::permission::{Step, TicketFacts};
use crate::domain::report::ReportState;
use crate::domain::ticket::{LinkKind, Ticket};
use crate::domain::{ClientId, Key, Moment, PackVersionId, PersonId, Span, TaskId, TicketId, WorkOrderId};
use crate::store;
use crate::store::due::DueKind;
use crate::store::ticket_list::{After, Listed, TicketFilter};

/// Events that the page shows at first.
const EVENTS_SHOWN: usize = 100;
/// Other tickets of the contact or the asset.
const OTHERS_SHOWN: usize = 10;
/// Runs of the script.
const RUNS_SHOWN: usize = 20;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TicketPage {
    pub ticket: TicketDetail,
    /// From old to new; older ones under `timeline_before`.
    pub timeline: Vec<TimelineEvent>,
    pub timeline_before: Option<String>,
    pub tasks: Vec<TaskLine>,
    pub work_orders: Vec<WorkOrderLine>,
    pub attachments: Vec<AttachmentLine>,
    pub links: Vec<LinkLine>,
    pub clocks: Vec<ClockLine>,
    pub timers: Vec<TimerLine>,
    /// What is expected of it by when, and the ladders that are climbed.
    pub ladders: Vec<LadderLine>,
    /// The latest runs of the client's script, newest first.
    pub runs: Vec<RunSummary>,
    /// Outside work that is not over.
    pub jobs: Vec<JobLine>,
    pub context: Context,
    /// The major incident behind it, or that it is.
    pub incident: Option<TicketIncident>,
    /// How the client's person rated it, or is asked to.
    pub rating: Option<RatingLine>,
    pub draft: Option<DraftLine>,
    pub may: May,
    /// The desk's last event when this was read.
    pub seq: i64,
    pub now: Moment,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TicketDetail {
    #[serde(flatten)]
    pub row: TicketRow,
    pub description: Option<String>,
    pub resolution: Option<Key>,
    pub closed_at: Option<Moment>,
    pub handover_count: i64,
    pub fields: BTreeMap<Key, ShownValue>,
    pub watchers: Vec<Ref>,
    pub counters: BTreeMap<Key, i64>,
    pub pack_version: Option<PackVersionId>,
    /// What it lacks to be classified.
    pub lacks: Vec<Asked>,
    /// Assignments in a row that nobody accepted.
    pub return_count: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LinkLine {
    pub kind: LinkKind,
    pub direction: LinkDirection,
    pub other: LinkedTicket,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkDirection {
    /// This ticket carries the link.
    To,
    /// The other one does.
    From,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LinkedTicket {
    pub id: TicketId,
    pub number: String,
    pub subject: Option<String>,
    pub status: Key,
    pub phase: Phase,
    pub client: ClientId,
}

/// The clock of one SLA target.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ClockLine {
    /// `first_response`, `next_response`, `resolution`, or the key of a stage.
    pub target: Key,
    /// Open time that may pass, in milliseconds.
    pub limit: Span,
    /// Open time that has passed, in milliseconds.
    pub used: Span,
    pub running_since: Option<Moment>,
    pub met_at: Option<Moment>,
    /// The end of the ticket made an answer needless, before its time was over.
    pub is_unneeded: bool,
    pub due_at: Option<Moment>,
    pub is_breached: bool,
    /// Why it stands still.
    pub paused_by: Option<PausedBy>,
    /// The last warning level that was raised, in percent.
    pub warned_percent: i64,
    /// Open minutes over the target at the last alarm that comes again and again; 0 before the first.
    pub overdue_minutes: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PausedBy {
    Client,
    Part,
    Approval,
    ThirdParty,
    /// The status itself: resolved, closed.
    Status,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimerLine {
    pub name: Key,
    pub run_at: Moment,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Context {
    pub client: Client,
    pub sub_client: Option<SubClient>,
    pub contact: Option<Contact>,
    /// The contact's other open tickets.
    pub contact_open: Vec<TicketRow>,
    pub asset: Option<Asset>,
    /// The asset's other tickets, latest first.
    pub asset_tickets: Vec<TicketRow>,
    pub site: Option<Site>,
    /// Whether the contract covers it; `null`: nobody can say.
    pub is_covered: Option<bool>,
    /// What the contract says of it; `null` for people whom the contract does not concern.
    pub coverage: Option<CoverageLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DraftLine {
    pub body: String,
    pub visibility: Visibility,
    pub saved_at: Moment,
}

/// Steps that the reader may take on this ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct May {
    pub comment_publicly: bool,
    pub comment_internally: bool,
    pub work: bool,
    pub reopen: bool,
    pub assign: bool,
    pub dispatch: bool,
    pub open_task: bool,
    pub supervise: bool,
    /// Declare a major incident and lead it.
    pub lead_incident: bool,
    pub see_internals: bool,
    /// Open tasks that the reader may take and finish.
    pub do_tasks: Vec<TaskId>,
    /// Open work orders that the reader may move.
    pub do_orders: Vec<WorkOrderId>,
    /// Work orders whose report the reader may hand in now.
    pub hand_in_reports: Vec<WorkOrderId>,
    /// Work orders whose report waits for the reader's verdict.
    pub judge_reports: Vec<WorkOrderId>,
}

impl Views {
    /// The page of a ticket, named by its id or by what people call it, such as `BANK-1042`.
    pub fn ticket_page(&self, person: PersonId, which: &str) -> Result<TicketPage, ViewError> {
        self.read(person, |reading| {
            let id = match which.parse::<TicketId>() {
                Ok(id) => id,
                Err(_) => reading.by_number(which)?.ok_or_else(|| {
                    crate::domain::Refusal::not_found("ticket", which.chars().take(60).collect::<String>())
                })?,
            };
            reading.page(id)
        })
    }
}

impl Reading<'_> {
    fn page(&self, id: TicketId) -> Result<TicketPage, ViewError> {
        let (listed, facts) = self.ticket(id)?;
        let inside = self.sees_internals();
        let timeline = self.timeline(id, None, Limit::new(Some(EVENTS_SHOWN))?)?;
        let mut tasks = Vec::new();
        for task in store::task::of_ticket(self.db, id)?.into_iter().filter(|task| self.sees_task(task)) {
            tasks.push(self.task(task)?);
        }
        let mut work_orders = Vec::new();
        if inside {
            for order in store::work_order::of_ticket(self.db, id)? {
                work_orders.push(self.order(order)?);
            }
        }
        let draft = store::reply_draft::get(self.db, self.access.person, id)?;
        Ok(TicketPage {
            timeline: timeline.items,
            timeline_before: timeline.next,
            attachments: self.attachments(id)?,
            links: self.links(id)?,
            clocks: if inside { self.clocks(&listed)? } else { Vec::new() },
            timers: if inside { self.timers(id)? } else { Vec::new() },
            ladders: if inside { self.ladders(id)? } else { Vec::new() },
            runs: if inside { self.runs(id, RUNS_SHOWN)? } else { Vec::new() },
            jobs: if inside { self.jobs_of(id)? } else { Vec::new() },
            context: self.context(&listed)?,
            incident: self.incident_of(&listed.ticket)?,
            rating: self.rating(&listed.ticket, &facts)?,
            draft: draft.map(|draft| DraftLine {
                body: draft.body,
                visibility: draft.visibility,
                saved_at: draft.saved_at,
            }),
            may: May {
                lead_incident: self.may_lead(&listed.ticket)?,
                ..self.may_on(&facts, &tasks, &work_orders)
            },
            ticket: self.detail(&listed)?,
            tasks,
            work_orders,
            seq: store::event::last_seq(self.db)?,
            now: self.now,
        })
    }

    fn detail(&self, listed: &Listed) -> Result<TicketDetail, ViewError> {
        let ticket = &listed.ticket;
        let inside = self.sees_internals();
        let opened = store::work_list::opening(self.db, ticket.id)?;
        let description = match opened.map(|recorded| recorded.event) {
            Some(Event::TicketOpened(opened)) => self.names.maybe_text(opened.description)?,
            _ => None,
        };
        let mut watchers = Vec::new();
        for watcher in ticket.watchers.iter().filter(|_| inside) {
            watchers.push(self.names.person_ref(*watcher)?);
        }
        Ok(TicketDetail {
            row: self.row(listed)?,
            description,
            resolution: ticket.resolution.clone(),
            closed_at: ticket.closed_at,
            handover_count: if inside { ticket.handover_count } else { 0 },
            fields: if inside { self.fields(&ticket.fields)? } else { BTreeMap::new() },
            watchers,
            counters: if inside { ticket.counters.clone() } else { BTreeMap::new() },
            pack_version: ticket.pack_version,
            lacks: if inside { self.lacks(ticket)? } else { Vec::new() },
            return_count: if inside { ticket.return_count } else { 0 },
        })
    }

    fn lacks(&self, ticket: &Ticket) -> Result<Vec<Asked>, ViewError> {
        let Some(pack) = self.pack(ticket.pack_version)? else { return Ok(Vec::new()) };
        Ok(pack.lacks(ticket.category.as_ref(), |key| pack.is_filled(ticket, key)))
    }

    fn links(&self, id: TicketId) -> Result<Vec<LinkLine>, ViewError> {
        let to = store::link::from(self.db, id)?.into_iter().map(|link| (LinkDirection::To, link));
        let from = store::link::to(self.db, id)?.into_iter().map(|link| (LinkDirection::From, link));
        let mut lines = Vec::new();
        for (direction, (other, kind)) in to.chain(from) {
            let Ok((listed, _)) = self.ticket(other) else { continue };
            let number = self.names.ticket(other)?.map(|line| line.number).unwrap_or_default();
            let subject = self.names.text(listed.ticket.subject)?;
            let other = LinkedTicket {
                id: other,
                number,
                subject,
                status: listed.ticket.status,
                phase: listed.phase,
                client: listed.ticket.client,
            };
            lines.push(LinkLine { kind, direction, other });
        }
        Ok(lines)
    }

    fn clocks(&self, listed: &Listed) -> Result<Vec<ClockLine>, ViewError> {
        let known = self.known_pack(listed.ticket.pack_version)?;
        let calendar = known
            .map_or_else(|| Arc::new(Calendar::always()), |known| known.calendars.of(&listed.ticket.terms));
        let clocks = store::sla_clock::of_ticket(self.db, listed.ticket.id)?;
        Ok(clocks
            .into_iter()
            .map(|clock| {
                let used = clock.used_at(&calendar, self.now);
                let stands = clock.running_since.is_none() && clock.met_at.is_none();
                ClockLine {
                    due_at: clock.due_at(&calendar),
                    is_breached: used > clock.limit,
                    is_unneeded: clock.is_unneeded && used <= clock.limit,
                    paused_by: stands.then(|| paused_by(listed.waits_for)),
                    used,
                    limit: clock.limit,
                    running_since: clock.running_since,
                    met_at: clock.met_at,
                    warned_percent: clock.warned_percent,
                    overdue_minutes: clock.overdue_minutes,
                    target: clock.target,
                }
            })
            .collect())
    }

    fn timers(&self, id: TicketId) -> Result<Vec<TimerLine>, ViewError> {
        let rows = store::due::of_ticket(self.db, id)?;
        let timers = rows.into_iter().filter(|due| due.kind == DueKind::Timer);
        Ok(timers.map(|due| TimerLine { name: due.name, run_at: due.run_at }).collect())
    }

    fn context(&self, listed: &Listed) -> Result<Context, ViewError> {
        let ticket = &listed.ticket;
        let missing = || crate::domain::Refusal::not_found("client", ticket.client);
        let client = store::client::get(self.db, ticket.client)?.ok_or_else(missing)?;
        let pack = self.pack(ticket.pack_version.or(client.pack_version))?;
        let coverage = self.coverage(ticket)?;
        let is_covered = match (&pack, &ticket.category) {
            _ if coverage.as_ref().is_some_and(|own| own.coverage.package.is_some()) => {
                coverage.as_ref().map(|own| own.coverage.is_covered)
            }
            (Some(pack), Some(category)) => Some(!pack.contract.excluded_categories.contains(category)),
            _ => None,
        };
        Ok(Context {
            sub_client: ticket.sub_client.map_or(Ok(None), |id| store::client::get_sub(self.db, id))?,
            contact: ticket.contact.map_or(Ok(None), |id| store::place::contact(self.db, id))?,
            contact_open: match ticket.contact {
                Some(contact) => self.others(
                    ticket.id,
                    TicketFilter {
                        contact: Some(contact),
                        phases: vec![Phase::New, Phase::Open],
                        ..TicketFilter::default()
                    },
                )?,
                None => Vec::new(),
            },
            asset: ticket.asset.map_or(Ok(None), |id| store::place::asset(self.db, id))?,
            asset_tickets: match ticket.asset {
                Some(asset) => {
                    self.others(ticket.id, TicketFilter { asset: Some(asset), ..TicketFilter::default() })?
                }
                None => Vec::new(),
            },
            site: ticket.site.map_or(Ok(None), |id| store::place::site(self.db, id))?,
            is_covered,
            coverage,
            client,
        })
    }

    fn others(&self, but: TicketId, filter: TicketFilter) -> Result<Vec<TicketRow>, ViewError> {
        let filter = TicketFilter { but: Some(but), ..filter };
        let rows = store::ticket_list::page(self.db, self.scope, &filter, After::Newest(None), OTHERS_SHOWN)?;
        rows.iter().map(|row| self.row(row)).collect()
    }

    fn may_on(&self, facts: &TicketFacts, tasks: &[TaskLine], orders: &[WorkOrderLine]) -> May {
        let may = |step| self.access.may(step, facts);
        // Both rights hang on whose task or order it is, so each is asked about alone.
        let do_tasks = tasks.iter().filter(|task| {
            let partner = task.partner.as_ref().and_then(|partner| partner.id.parse().ok());
            let about = TicketFacts {
                client: facts.client,
                departments: [task.department.clone()].into(),
                partners: partner.into_iter().collect(),
                ..TicketFacts::default()
            };
            task.state == crate::domain::task::TaskState::Open && self.access.may(Step::DoTask, &about)
        });
        let may_do = |order: &WorkOrderLine| {
            let engineer = order.engineer.id.parse().ok();
            let about = TicketFacts {
                client: facts.client,
                engineers: engineer.into_iter().collect(),
                ..TicketFacts::default()
            };
            self.access.may(Step::DoWorkOrder, &about)
        };
        let do_orders = orders.iter().filter(|order| order.stage.is_open() && may_do(order));
        let hand_in = orders.iter().filter(|order| {
            let is_settled = matches!(order.report.state, ReportState::Accepted | ReportState::Waived);
            order.stage.was_visited() && !is_settled && may_do(order)
        });
        let judge = orders.iter().filter(|order| {
            let is_own = order.engineer.id == self.access.person.to_string();
            order.report.state == ReportState::HandedIn && !is_own && may(Step::JudgeReport)
        });
        May {
            comment_publicly: may(Step::CommentPublicly),
            comment_internally: may(Step::CommentInternally),
            work: may(Step::WorkOnTicket),
            reopen: may(Step::ReopenTicket),
            assign: may(Step::Assign),
            dispatch: may(Step::Dispatch),
            open_task: may(Step::OpenTask),
            supervise: may(Step::Supervise),
            lead_incident: false,
            see_internals: may(Step::SeeInternals),
            do_tasks: do_tasks.map(|task| task.id).collect(),
            do_orders: do_orders.map(|order| order.id).collect(),
            hand_in_reports: hand_in.map(|order| order.id).collect(),
            judge_reports: judge.map(|order| order.id).collect(),
        }
    }
}

fn paused_by(waits_for: Option<WaitsFor>) -> PausedBy {
    match waits_for {
        Some(WaitsFor::Client) => PausedBy::Client,
        Some(WaitsFor::Part) => PausedBy::Part,
        Some(WaitsFor::Approval) => PausedBy::Approval,
        Some(WaitsFor::ThirdParty) => PausedBy::ThirdParty,
        None => PausedBy::Status,
    }
}
