//! The report of tickets that were closed without being classified.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::auth::Caller;
use super::body::Asked;
use super::error::ApiError;
use super::time::{Format, TimeReportQuery, plain, table};
use crate::views::classification_report::ClassificationReport;

pub async fn report(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<TimeReportQuery>,
) -> Result<Response, ApiError> {
    let (wanted, format) = query.into_parts();
    let report = app.show(&caller, move |views, person| views.classification_report(person, wanted)).await?;
    match format {
        Format::Json => Ok(report.into_response()),
        Format::Csv => table("classification.csv", &COLUMNS, rows(&report.0)),
    }
}

const COLUMNS: [&str; 5] = ["client", "queue", "person", "closed", "unclassified"];

fn rows(report: &ClassificationReport) -> impl Iterator<Item = [String; 5]> {
    report.rows.iter().map(|row| {
        [
            plain(&row.client_name),
            row.queue.as_deref().unwrap_or_default().to_owned(),
            row.person.as_ref().map(|person| plain(&person.name)).unwrap_or_default(),
            row.closed.to_string(),
            row.unclassified.to_string(),
        ]
    })
}
