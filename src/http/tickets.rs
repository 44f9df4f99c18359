//! The ticket list, a ticket's page, and what can be asked about one ticket.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::{App, NO_CONTENT};
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::{Answer, ApiError};
use super::query::{PageQuery, Several, TicketListQuery};
use super::records::Items;
use crate::commands::{Done, personal};
use crate::domain::assignment::{Requirements, Strategy};
use crate::domain::command::{Command, OpenTicket};
use crate::domain::event::Visibility;
use crate::domain::{Key, TicketId};
use crate::views::candidates::CandidateLine;
use crate::views::list::List;
use crate::views::run::RunSummary;
use crate::views::ticket_list::{Counts, TicketQuery};
use crate::views::ticket_page::{DraftLine, TicketPage};
use crate::views::ticket_row::TicketRow;
use crate::views::timeline::TimelineEvent;

/// Saved views that are counted for the rail.
const VIEWS_COUNTED_MAX: usize = 20;

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<TicketListQuery>,
) -> Answer<List<TicketRow>> {
    let limit = query.limit()?;
    let query = query.into_query()?;
    app.show(&caller, move |views, person| views.tickets(person, &query, limit)).await
}

pub async fn open(State(app): State<App>, caller: Caller, body: Body<OpenTicket>) -> Answer<Done> {
    app.carry_out(&caller, body, |open| Command::OpenTicket(Box::new(open))).await
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CountsQuery {
    /// `1`: count the tickets of the reader's saved views too.
    pub views: Option<u8>,
}

pub async fn counts(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<CountsQuery>,
) -> Answer<Counts> {
    let with_views = query.views == Some(1);
    app.show(&caller, move |views, person| {
        let saved = if with_views { views.saved_views(person)? } else { Vec::new() };
        let saved = saved.into_iter().take(VIEWS_COUNTED_MAX);
        // A saved query that is no query any more counts nothing.
        let queries: Vec<(String, TicketQuery)> =
            saved.filter_map(|view| Some((view.id.to_string(), saved_query(&view.query)?))).collect();
        views.counts(person, &queries)
    })
    .await
}

fn saved_query(text: &str) -> Option<TicketQuery> {
    let uri = format!("/tickets?{text}").parse().ok()?;
    axum::extract::Query::<TicketListQuery>::try_from_uri(&uri).ok()?.0.into_query().ok()
}

pub async fn page(State(app): State<App>, caller: Caller, Path(which): Path<String>) -> Answer<TicketPage> {
    app.show(&caller, move |views, person| views.ticket_page(person, &which)).await
}

pub async fn timeline(
    State(app): State<App>,
    caller: Caller,
    At(ticket): At<TicketId>,
    Asked(query): Asked<PageQuery>,
) -> Answer<List<TimelineEvent>> {
    let limit = query.page()?;
    app.show(&caller, move |views, person| views.timeline(person, ticket, query.cursor.as_deref(), limit))
        .await
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EngineerQuery {
    pub city: Option<String>,
    pub grade: Option<i64>,
    #[schema(value_type = String)]
    pub certificates: Several<String>,
    /// ISO 639-1.
    #[schema(value_type = String)]
    pub languages: Several<String>,
    /// How those who suit are compared, one or several in turn; absent: as the pack says.
    #[schema(value_type = String)]
    pub strategy: Several<Strategy>,
}

pub async fn engineers(
    State(app): State<App>,
    caller: Caller,
    At(ticket): At<TicketId>,
    Asked(query): Asked<EngineerQuery>,
) -> Answer<Items<CandidateLine>> {
    let wanted = Requirements {
        city: query.city,
        grade: query.grade,
        certificates: query.certificates.0,
        languages: query.languages.0,
        strategy: query.strategy.0,
        exclude: Vec::new(),
    };
    app.show(&caller, move |views, person| Ok(Items { items: views.engineers_for(person, ticket, wanted)? }))
        .await
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AssigneeListQuery {
    /// A queue of the client; the ticket's own when absent.
    pub queue: Option<Key>,
}

pub async fn assignees(
    State(app): State<App>,
    caller: Caller,
    At(ticket): At<TicketId>,
    Asked(query): Asked<AssigneeListQuery>,
) -> Answer<Items<CandidateLine>> {
    app.show(&caller, move |views, person| {
        Ok(Items { items: views.assignees_for(person, ticket, query.queue)? })
    })
    .await
}

pub async fn runs(
    State(app): State<App>,
    caller: Caller,
    At(ticket): At<TicketId>,
) -> Answer<Items<RunSummary>> {
    app.show(&caller, move |views, person| Ok(Items { items: views.runs(person, ticket)? })).await
}

/// The draft, or that there is none.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftAnswer {
    pub draft: Option<DraftLine>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveReplyDraft {
    pub body: String,
    pub visibility: Visibility,
}

pub async fn draft(State(app): State<App>, caller: Caller, At(ticket): At<TicketId>) -> Answer<DraftAnswer> {
    app.show(&caller, move |views, person| Ok(DraftAnswer { draft: views.draft(person, ticket)? })).await
}

pub async fn save_draft(
    State(app): State<App>,
    caller: Caller,
    At(ticket): At<TicketId>,
    body: Body<SaveReplyDraft>,
) -> Result<StatusCode, ApiError> {
    let Json(()) = app.show(&caller, move |views, person| views.check_sees(person, ticket)).await?;
    let SaveReplyDraft { body, visibility } = body.value;
    let person = caller.person;
    app.desk.aside(move |tx| personal::save_reply_draft(tx, person, ticket, &body, visibility)).await?;
    Ok(NO_CONTENT)
}

pub async fn remove_draft(
    State(app): State<App>,
    caller: Caller,
    At(ticket): At<TicketId>,
) -> Result<StatusCode, ApiError> {
    app.desk.aside(move |tx| personal::remove_reply_draft(tx, caller.person, ticket)).await?;
    Ok(NO_CONTENT)
}
