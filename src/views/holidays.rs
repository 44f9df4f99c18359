//! The holiday lists of a client: what was imported and which days they are.

use serde::Serialize;
use utoipa::ToSchema;

use super::{ViewError, Views};
use crate::domain::calendar::{Holiday, Yearly};
use crate::domain::permission::Step;
use crate::domain::{ClientId, HolidayListId, Key, Moment, PersonId};
use crate::store;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HolidayListLine {
    pub id: HolidayListId,
    /// What `holidays` of a calendar calls it.
    pub key: Key,
    /// Which import of that key it is, from 1.
    pub ordinal: i64,
    pub imported_at: Moment,
    /// Who imported it; `null`: the command line.
    pub author: Option<String>,
    pub holidays: Vec<HolidayLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HolidayLine {
    pub name: String,
    /// The first date, `2026-03-21`.
    pub first: String,
    /// How many days in a row.
    pub days: i32,
    pub comes: Comes,
    /// For one that comes every year until then: the last of its first dates, or how often it comes.
    pub last: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comes {
    Once,
    Yearly,
}

impl Views {
    /// The newest list of each key.
    pub fn holidays(&self, person: PersonId, client: ClientId) -> Result<Vec<HolidayListLine>, ViewError> {
        self.read(person, |reading| {
            reading.require(Step::KeepRecords, client, "see the holiday lists")?;
            let mut lines = Vec::new();
            for stored in store::holiday_list::of_client(reading.db, client)? {
                lines.push(HolidayListLine {
                    holidays: stored.list()?.holidays.iter().map(line).collect(),
                    author: reading.actor(&stored.author)?.name,
                    id: stored.id,
                    key: stored.key,
                    ordinal: stored.ordinal,
                    imported_at: stored.imported_at,
                });
            }
            Ok(lines)
        })
    }
}

fn line(holiday: &Holiday) -> HolidayLine {
    let last = match holiday.yearly {
        Some(Yearly::Until(last)) => Some(last.to_string()),
        Some(Yearly::Count(count)) => Some(format!("{count} times")),
        Some(Yearly::Always) | None => None,
    };
    HolidayLine {
        name: holiday.name.clone(),
        first: holiday.first.to_string(),
        days: holiday.days,
        comes: if holiday.yearly.is_some() { Comes::Yearly } else { Comes::Once },
        last,
    }
}
