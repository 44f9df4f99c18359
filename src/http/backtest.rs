//! Back-tests of a client's draft, for who administers the client: started, watched, cancelled, looked through.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::{Answer, ApiError};
use super::publish::SentTexts;
use super::ticket_steps::Nothing;
use crate::domain::command::PackSource;
use crate::domain::{ClientId, Moment, PersonId, TicketId};
use crate::rehearsal::backtest::{
    BacktestPage, DifferenceKind, Draft, Fate, Limits, NotStarted, Outcome, Plan, Side, Survey, TicketDiff,
    survey,
};
use crate::views::list::{Limit, List, decode};
use crate::views::timeline::{NamedTicket, TimelineEvent};

/// Events of a timeline that are shown.
const EVENTS_SHOWN: usize = 200;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartBacktest {
    /// The window's first instant.
    pub from: Moment,
    /// The first instant after it; at most 400 days later, and not in the future.
    pub to: Moment,
    #[serde(flatten)]
    pub texts: SentTexts,
}

pub async fn start(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<StartBacktest>,
) -> Answer<BacktestPage> {
    administers(&app, &caller, client).await?;
    let StartBacktest { from, to, texts } = body.value;
    let draft = match texts.source()? {
        PackSource::Files { script, settings, modules } => {
            Draft::Texts { script, settings, modules, holidays: BTreeMap::new() }
        }
        PackSource::Draft => Draft::Saved,
    };
    let plan = Plan { client, from, to, draft, limits: Limits::default() };
    app.backtests.start(app.desk.readers(), plan, app.now()).map_err(not_started)?;
    page_of(&app, client)
}

fn not_started(error: NotStarted) -> ApiError {
    match error {
        NotStarted::RunsAlready => ApiError::new(StatusCode::CONFLICT, "backtest_running", error.to_string()),
        NotStarted::OthersRun | NotStarted::NoThread | NotStarted::Unreadable => {
            ApiError::busy(error.to_string())
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LastBacktest {
    /// `null`: there was none, or it is forgotten.
    pub last: Option<BacktestPage>,
}

pub async fn page(State(app): State<App>, caller: Caller, At(client): At<ClientId>) -> Answer<LastBacktest> {
    administers(&app, &caller, client).await?;
    Ok(Json(LastBacktest { last: app.backtests.page(client) }))
}

pub async fn cancel(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    _: Body<Nothing>,
) -> Answer<BacktestPage> {
    administers(&app, &caller, client).await?;
    app.backtests.cancel(client);
    page_of(&app, client)
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BacktestWindowQuery {
    /// RFC 3339; since ever when absent.
    pub from: Option<Moment>,
    /// RFC 3339: the first instant after it; until now when absent.
    pub to: Option<Moment>,
}

pub async fn window(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    Asked(query): Asked<BacktestWindowQuery>,
) -> Answer<Survey> {
    administers(&app, &caller, client).await?;
    let window = (query.from.unwrap_or(Moment::from_ms(0)), query.to.unwrap_or_else(|| app.now()));
    let readers = app.desk.readers().clone();
    let counted = app.reads.cross(move || survey(&readers, client, window)).await?;
    Ok(Json(counted.map_err(|error| ApiError::busy(error.to_string()))?))
}

/// The report with the timelines, as a file to keep: what `naryad workflow backtest --json` writes.
pub async fn report(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
) -> Result<Response, ApiError> {
    administers(&app, &caller, client).await?;
    let outcome = outcome_of(&app, client)?;
    let write = move || {
        let mut text = Vec::new();
        outcome.write_json(&mut text).map(|()| text)
    };
    let text = app.reads.cross(write).await?.map_err(|error| {
        tracing::error!(%error, "the report of a back-test could not be written");
        ApiError::internal()
    })?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"backtest.json\""),
    ];
    Ok((headers, text).into_response())
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BacktestTicketsQuery {
    /// Only tickets that differ in this.
    pub kind: Option<DifferenceKind>,
    /// 1 to 200.
    pub limit: Option<usize>,
    pub cursor: Option<String>,
}

/// A ticket that differs, with the names of what its two ways mention.
#[derive(Debug, Serialize, ToSchema)]
pub struct BacktestTicket {
    #[serde(flatten)]
    pub difference: TicketDiff,
    pub called: Option<NamedTicket>,
    /// Names of the people whom the two ways name, by their ids.
    pub people: BTreeMap<String, String>,
}

pub async fn tickets(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    Asked(query): Asked<BacktestTicketsQuery>,
) -> Answer<List<BacktestTicket>> {
    administers(&app, &caller, client).await?;
    let limit = Limit::new(query.limit)?;
    let after: Option<TicketId> = decode(query.cursor.as_deref())?.map(TicketId);
    let outcome = outcome_of(&app, client)?;
    let rows = outcome.report.tickets.iter().filter(|row| {
        after.is_none_or(|after| row.ticket > after)
            && query.kind.is_none_or(|kind| row.kinds.contains(&kind))
    });
    let rows = rows.take(limit.and_one()).cloned().collect();
    let page = List::cut(rows, limit, |row: &TicketDiff| row.ticket.0);
    let tickets: Vec<TicketId> = page.items.iter().map(|row| row.ticket).collect();
    let mentioned: BTreeSet<PersonId> = page.items.iter().flat_map(people_of).collect();
    let Json(names) =
        app.show(&caller, move |views, person| views.names_of(person, &tickets, &mentioned)).await?;
    Ok(Json(page.map(|difference| {
        BacktestTicket {
            called: names.tickets.get(&difference.ticket).cloned(),
            people: people_of(&difference)
                .filter_map(|person| Some((person.to_string(), names.people.get(&person)?.clone())))
                .collect(),
            difference,
        }
    })))
}

/// Everybody who was given the ticket or sent out to it.
fn people_of(row: &TicketDiff) -> impl Iterator<Item = PersonId> {
    let of = |fate: &Fate| {
        let sent = fate.orders.keys().filter_map(|engineer| engineer.parse().ok());
        fate.assignees.iter().copied().chain(fate.assignee).chain(sent).collect::<Vec<PersonId>>()
    };
    row.published.iter().chain(&row.draft).flat_map(of)
}

/// A ticket in both runs, each from its opening.
#[derive(Debug, Serialize, ToSchema)]
pub struct BacktestTimelines {
    /// With the published version: its latest 200 events, from old to new; empty when it was not opened.
    pub published: Vec<TimelineEvent>,
    pub draft: Vec<TimelineEvent>,
}

pub async fn timelines(
    State(app): State<App>,
    caller: Caller,
    At((client, ticket)): At<(ClientId, TicketId)>,
) -> Answer<BacktestTimelines> {
    administers(&app, &caller, client).await?;
    let outcome = outcome_of(&app, client)?;
    let limit = Limit::new(Some(EVENTS_SHOWN))?;
    let person = caller.person;
    let read = move |side: Side| match outcome.views(side, ticket) {
        Some((views, own)) => views.timeline(person, own, None, limit).map(|list| Some(list.items)),
        None => Ok(None),
    };
    let (published, draft) =
        app.reads.cross(move || Ok::<_, ApiError>((read(Side::Published)?, read(Side::Draft)?))).await??;
    match (published, draft) {
        (None, None) => Err(ApiError::not_found("ticket", ticket)),
        (published, draft) => Ok(Json(BacktestTimelines {
            published: published.unwrap_or_default(),
            draft: draft.unwrap_or_default(),
        })),
    }
}

async fn administers(app: &App, caller: &Caller, client: ClientId) -> Result<(), ApiError> {
    let Json(()) = app.show(caller, move |views, person| views.check_administers(person, client)).await?;
    Ok(())
}

fn page_of(app: &App, client: ClientId) -> Answer<BacktestPage> {
    app.backtests.page(client).map(Json).ok_or_else(|| none_of(client))
}

fn outcome_of(app: &App, client: ClientId) -> Result<Arc<Outcome>, ApiError> {
    app.backtests.outcome(client).ok_or_else(|| none_of(client))
}

fn none_of(client: ClientId) -> ApiError {
    ApiError::not_found("back-test of client", client)
}
