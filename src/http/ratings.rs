//! The report of ratings.

use axum::extract::State;
use axum::response::Response;

use super::app::App;
use super::auth::Caller;
use super::body::Asked;
use super::error::ApiError;
use super::time::{TimeReportQuery, plain, report_as};
use crate::views::rating::RatingReport;

pub async fn report(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<TimeReportQuery>,
) -> Result<Response, ApiError> {
    let (wanted, format) = query.into_parts();
    let report = app.show(&caller, move |views, person| views.rating_report(person, wanted)).await?;
    report_as(format, report, ("ratings.csv", &COLUMNS), rows)
}

const COLUMNS: [&str; 7] = ["client", "person", "asked", "rated", "satisfied", "scores", "csat_percent"];

fn rows(report: &RatingReport) -> Vec<[String; 7]> {
    let rows = report.rows.iter().map(|row| {
        [
            plain(&row.client_name),
            row.person.as_ref().map(|person| plain(&person.name)).unwrap_or_default(),
            row.asked.to_string(),
            row.rated.to_string(),
            row.satisfied.to_string(),
            row.scores.to_string(),
            row.csat_percent.map(|share| share.to_string()).unwrap_or_default(),
        ]
    });
    rows.collect()
}
