//! The report of tickets that were closed without being classified.

use axum::extract::State;
use axum::response::Response;

use super::app::App;
use super::auth::Caller;
use super::body::Asked;
use super::error::ApiError;
use super::time::{TimeReportQuery, plain, report_as};
use crate::views::classification_report::ClassificationReport;

pub async fn report(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<TimeReportQuery>,
) -> Result<Response, ApiError> {
    let (wanted, format) = query.into_parts();
    let report = app.show(&caller, move |views, person| views.classification_report(person, wanted)).await?;
    report_as(format, report, ("classification.csv", &COLUMNS), rows)
}

const COLUMNS: [&str; 5] = ["client", "queue", "person", "closed", "unclassified"];

fn rows(report: &ClassificationReport) -> Vec<[String; 5]> {
    let rows = report.rows.iter().map(|row| {
        [
            plain(&row.client_name),
            row.queue.as_deref().unwrap_or_default().to_owned(),
            row.person.as_ref().map(|person| plain(&person.name)).unwrap_or_default(),
            row.closed.to_string(),
            row.unclassified.to_string(),
        ]
    });
    rows.collect()
}
