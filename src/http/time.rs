//! Where time goes: a ticket's ledger, its recount, the time report, holiday lists.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::{Answer, ApiError};
use super::records::Items;
use crate::commands::Done;
use crate::commands::recount::{Recount, recount};
use crate::commands::recount_client::{ClientRecount, recount_client};
use crate::domain::command::Command;
use crate::domain::{ClientId, Key, Moment, PackVersionId, TicketId};
use crate::views::holidays::HolidayListLine;
use crate::views::ledger::LedgerPage;
use crate::views::recount::RecountOffer;
use crate::views::time_report::{TimeQuery, TimeReport};

pub async fn ledger(State(app): State<App>, caller: Caller, At(ticket): At<TicketId>) -> Answer<LedgerPage> {
    app.show(&caller, move |views, person| views.ledger(person, ticket)).await
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RecountQuery {
    /// A version of the client's pack; without one, the published.
    pub to: Option<PackVersionId>,
}

pub async fn compare(
    State(app): State<App>,
    caller: Caller,
    At(ticket): At<TicketId>,
    Asked(query): Asked<RecountQuery>,
) -> Answer<Recount> {
    let Json(()) = app.show(&caller, move |views, person| views.check_supervises(person, ticket)).await?;
    let desk = app.desk.clone();
    Ok(Json(app.reads.cross(move || recount(&desk, ticket, query.to)).await??))
}

pub async fn recount_offer(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
) -> Answer<RecountOffer> {
    app.show(&caller, move |views, person| views.recount_offer(person, client)).await
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClientRecountQuery {
    /// A version of the client's pack; without one, the published.
    pub to: Option<PackVersionId>,
    /// `next` of the page before.
    pub after: Option<TicketId>,
}

pub async fn compare_client(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    Asked(query): Asked<ClientRecountQuery>,
) -> Answer<ClientRecount> {
    let Json(()) =
        app.show(&caller, move |views, person| views.check_supervises_client(person, client)).await?;
    let desk = app.desk.clone();
    Ok(Json(app.reads.cross(move || recount_client(&desk, client, query.to, query.after)).await??))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recompute {
    /// A version of the client's pack; without one, the published.
    #[serde(default)]
    pub to: Option<PackVersionId>,
}

pub async fn recompute(
    State(app): State<App>,
    caller: Caller,
    At(ticket): At<TicketId>,
    body: Body<Recompute>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::RecomputeClocks { ticket, to: given.to }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeReportQuery {
    /// The first moment of the period.
    pub from: Moment,
    /// The first moment after it, at most 400 days later.
    pub to: Moment,
    #[serde(default)]
    pub client: Option<ClientId>,
    /// `json` unless it says `csv`.
    #[serde(default)]
    pub format: Format,
}

impl TimeReportQuery {
    pub(super) fn into_parts(self) -> (TimeQuery, Format) {
        (TimeQuery { from: self.from, to: self.to, client: self.client }, self.format)
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    #[default]
    Json,
    Csv,
}

pub async fn report(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<TimeReportQuery>,
) -> Result<Response, ApiError> {
    let (wanted, format) = query.into_parts();
    let report = app.show(&caller, move |views, person| views.time_report(person, wanted)).await?;
    report_as(format, report, ("time.csv", &COLUMNS), rows)
}

const COLUMNS: [&str; 7] = ["client", "kind", "queue", "person", "partner", "tickets", "minutes"];

fn rows(report: &TimeReport) -> Vec<[String; 7]> {
    let rows = report.rows.iter().map(|row| {
        [
            plain(&row.client_name),
            row.kind.as_str().to_owned(),
            row.queue.as_deref().unwrap_or_default().to_owned(),
            row.person.as_ref().map(|person| plain(&person.name)).unwrap_or_default(),
            row.partner.as_deref().unwrap_or_default().to_owned(),
            row.tickets.to_string(),
            row.minutes.to_string(),
        ]
    });
    rows.collect()
}

/// A report as it was asked for: as JSON, or its rows as a CSV file.
pub(super) fn report_as<T: Serialize, const N: usize>(
    format: Format,
    report: Json<T>,
    (name, columns): (&str, &[&str; N]),
    rows: impl FnOnce(&T) -> Vec<[String; N]>,
) -> Result<Response, ApiError> {
    match format {
        Format::Json => Ok(report.into_response()),
        Format::Csv => table(name, columns, rows(&report.0)),
    }
}

/// The answer that a browser saves as a CSV file.
fn table<const N: usize>(
    name: &str,
    columns: &[&str; N],
    rows: Vec<[String; N]>,
) -> Result<Response, ApiError> {
    let text = written(columns, rows).map_err(|error| {
        tracing::error!(%error, "a report could not be written as CSV");
        ApiError::internal()
    })?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, text).into_response())
}

fn written<const N: usize>(columns: &[&str; N], rows: Vec<[String; N]>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns)?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// A name that a spreadsheet would take for a formula is marked as text.
pub(super) fn plain(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{name}") } else { name.to_owned() }
}

pub async fn holidays(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
) -> Answer<Items<HolidayListLine>> {
    app.show(&caller, move |views, person| Ok(Items { items: views.holidays(person, client)? })).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutHolidays {
    /// What `holidays` of a calendar calls the list, such as `kz-2026`.
    pub key: Key,
    /// The text of the iCalendar file, at most 256 KiB: whole days, once or every year on their date.
    pub source: String,
}

pub async fn put_holidays(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<PutHolidays>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::PutHolidays {
        client,
        key: given.key,
        source: given.source,
    })
    .await
}
