//! How often a client's script ran and failed of late, by handler.

use serde::Serialize;
use utoipa::ToSchema;

use super::{ViewError, Views};
use crate::domain::{ClientId, PersonId, Span};
use crate::store;

/// The periods up to now, longest last.
const HOUR: Span = Span::hours(1);
const DAY: Span = Span::hours(24);
const MONTH: Span = Span::days(30);

/// Runs of a handler up to now. What was not run, in quarantine, is not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HandlerRates {
    /// Such as `on_opened`.
    pub handler: String,
    pub hour: Rate,
    /// Of the last 24 hours.
    pub day: Rate,
    /// Of the last 30 days, to the hour.
    pub month: Rate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Rate {
    pub runs: i64,
    pub failures: i64,
}

impl Views {
    /// Handlers that ran in the last 30 days, by name.
    pub fn script_rates(&self, person: PersonId, client: ClientId) -> Result<Vec<HandlerRates>, ViewError> {
        self.read(person, |reading| {
            let client = reading.administered(client)?;
            let since = [HOUR, DAY, MONTH].map(|span| reading.now - span);
            let found = store::run_hour::rates(reading.db, client.id, since)?;
            let rate = |(runs, failures): (i64, i64)| Rate { runs, failures };
            Ok(found
                .into_iter()
                .map(|own| {
                    let [hour, day, month] = own.periods.map(rate);
                    HandlerRates { handler: own.handler, hour, day, month }
                })
                .collect())
        })
    }
}
