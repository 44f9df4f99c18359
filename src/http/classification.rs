//! The report of tickets that were closed without being classified.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::auth::Caller;
use super::body::Asked;
use super::error::ApiError;
use super::time::{Format, TimeReportQuery, csv_file, plain};
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
        Format::Csv => csv_file("classification.csv", csv(&report.0)),
    }
}

fn csv(report: &ClassificationReport) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["client", "queue", "person", "closed", "unclassified"])?;
    for row in &report.rows {
        let person = row.person.as_ref().map(|person| plain(&person.name));
        writer.write_record([
            plain(&row.client_name).as_str(),
            row.queue.as_deref().unwrap_or_default(),
            person.as_deref().unwrap_or_default(),
            &row.closed.to_string(),
            &row.unclassified.to_string(),
        ])?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}
