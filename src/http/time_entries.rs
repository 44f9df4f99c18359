//! Recorded work: on a ticket, one's own, the timer, the report.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::{Answer, ApiError};
use super::ticket_steps::Nothing;
use super::time::{Format, plain, report_as};
use crate::commands::Done;
use crate::domain::command::{ChangeTime, Command, RecordTime, SpentTime, StopwatchEnd};
use crate::domain::{ClientId, Key, Moment, PersonId, SubClientId, TicketId, TimeEntryId};
use crate::views::time_entries::{EntriesQuery, EntriesReport, OwnTimer, TicketTime, TimeSheet};

pub async fn of_ticket(
    State(app): State<App>,
    caller: Caller,
    At(ticket): At<TicketId>,
) -> Answer<TicketTime> {
    app.show(&caller, move |views, person| views.ticket_time(person, ticket)).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordTicketTime {
    /// Who worked; without one, the caller. For another only a supervisor of the client records.
    #[serde(default)]
    pub person: Option<PersonId>,
    /// When the work began: at most 62 days ago.
    pub began_at: Moment,
    /// 1 to 720; the pack may round it up. The work must not end in the future.
    pub minutes: i64,
    /// A kind of work of the pack.
    #[serde(default)]
    pub kind: Option<Key>,
    /// What was done; for staff only.
    #[serde(default)]
    pub note: Option<String>,
}

pub async fn record(
    State(app): State<App>,
    caller: Caller,
    At(ticket): At<TicketId>,
    body: Body<RecordTicketTime>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| {
        let RecordTicketTime { person, began_at, minutes, kind, note } = given;
        let spent = SpentTime { began_at, minutes, kind, note };
        Command::RecordTime(Box::new(RecordTime { ticket, person, spent }))
    })
    .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeTimeEntry {
    /// The version that was seen; another one is refused.
    pub version: i64,
    pub began_at: Moment,
    pub minutes: i64,
    #[serde(default)]
    pub kind: Option<Key>,
    #[serde(default)]
    pub note: Option<String>,
}

pub async fn change(
    State(app): State<App>,
    caller: Caller,
    At(entry): At<TimeEntryId>,
    body: Body<ChangeTimeEntry>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| {
        let ChangeTimeEntry { version, began_at, minutes, kind, note } = given;
        let spent = SpentTime { began_at, minutes, kind, note };
        Command::ChangeTime(Box::new(ChangeTime { entry, version, spent }))
    })
    .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeTimeBack {
    /// The version that was seen; another one is refused.
    pub version: i64,
}

pub async fn take_back(
    State(app): State<App>,
    caller: Caller,
    At(entry): At<TimeEntryId>,
    body: Body<TakeTimeBack>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::TakeTimeBack { entry, version: given.version }).await
}

pub async fn start_timer(
    State(app): State<App>,
    caller: Caller,
    At(ticket): At<TicketId>,
    body: Body<Nothing>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |_| Command::StartStopwatch { ticket }).await
}

pub async fn stop_timer(State(app): State<App>, caller: Caller, body: Body<StopwatchEnd>) -> Answer<Done> {
    app.carry_out(&caller, body, |end| Command::StopStopwatch { end }).await
}

pub async fn own_timer(State(app): State<App>, caller: Caller) -> Answer<OwnTimer> {
    app.show(&caller, |views, person| views.own_timer(person)).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeSheetQuery {
    /// The first moment of the period.
    pub from: Moment,
    /// The first moment after it, at most 62 days later.
    pub to: Moment,
}

pub async fn own(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<TimeSheetQuery>,
) -> Answer<TimeSheet> {
    app.show(&caller, move |views, person| views.time_sheet(person, query.from, query.to)).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntriesReportQuery {
    /// The first moment of the period; an entry belongs to it when it began in it.
    pub from: Moment,
    /// The first moment after it, at most 400 days later.
    pub to: Moment,
    #[serde(default)]
    pub client: Option<ClientId>,
    #[serde(default)]
    pub sub_client: Option<SubClientId>,
    #[serde(default)]
    pub person: Option<PersonId>,
    /// `json` unless it says `csv`.
    #[serde(default)]
    pub format: Format,
}

pub async fn report(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<EntriesReportQuery>,
) -> Result<Response, ApiError> {
    let EntriesReportQuery { from, to, client, sub_client, person, format } = query;
    let wanted = EntriesQuery { from, to, client, sub_client, person };
    let report = app.show(&caller, move |views, person| views.entries_report(person, wanted)).await?;
    report_as(format, report, ("recorded-time.csv", &COLUMNS), rows)
}

const COLUMNS: [&str; 7] = ["client", "sub_client", "person", "kind", "tickets", "entries", "minutes"];

fn rows(report: &EntriesReport) -> Vec<[String; 7]> {
    let rows = report.rows.iter().map(|row| {
        [
            plain(&row.client_name),
            row.sub_client.as_ref().map(|sub_client| plain(&sub_client.name)).unwrap_or_default(),
            plain(&row.person.name),
            row.kind.as_deref().unwrap_or_default().to_owned(),
            row.tickets.to_string(),
            row.entries.to_string(),
            row.minutes.to_string(),
        ]
    });
    rows.collect()
}
