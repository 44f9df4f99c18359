//! Months as the calendar on the wall of a zone has them.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{CalendarError, zone};
use crate::domain::Moment;

/// A month of a year; written `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    /// 1 to 12.
    month: i8,
}

/// The text is not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a month from 1970-01 to 2100-12: write it as 2026-11")]
pub struct NotAMonth(pub String);

impl Month {
    /// The month of a moment in a zone.
    pub fn of(at: Moment, zone_name: &str) -> Result<Month, CalendarError> {
        let local = at.timestamp().to_zoned(zone(zone_name)?);
        Ok(Month { year: local.year(), month: local.month() })
    }

    #[must_use]
    pub fn before(self) -> Month {
        match self.month {
            1 => Month { year: self.year - 1, month: 12 },
            month => Month { year: self.year, month: month - 1 },
        }
    }

    #[must_use]
    pub fn after(self) -> Month {
        match self.month {
            12 => Month { year: self.year + 1, month: 1 },
            month => Month { year: self.year, month: month + 1 },
        }
    }

    /// Its first moment in the zone, and the first moment after it.
    pub fn bounds(self, zone_name: &str) -> Result<(Moment, Moment), CalendarError> {
        Ok((self.begins(zone_name)?, self.after().begins(zone_name)?))
    }

    /// Midnight of the first; where the clocks skip it, the moment to which they are set.
    fn begins(self, zone_name: &str) -> Result<Moment, CalendarError> {
        let wrong = || CalendarError::NotATime(self.to_string());
        let first = civil::Date::new(self.year, self.month, 1).map_err(|_| wrong())?;
        let zoned = first.to_zoned(zone(zone_name)?).map_err(|_| wrong())?;
        Ok(Moment::from_ms(zoned.timestamp().as_millisecond()))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = NotAMonth;
    fn from_str(text: &str) -> Result<Self, NotAMonth> {
        let wrong = || NotAMonth(text.chars().take(20).collect());
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        let are_digits = text.bytes().filter(u8::is_ascii_digit).count() == 6;
        if text.len() != 7 || !are_digits {
            return Err(wrong());
        }
        let found =
            Month { year: year.parse().map_err(|_| wrong())?, month: month.parse().map_err(|_| wrong())? };
        let is_known = (1970..=2100).contains(&found.year) && (1..=12).contains(&found.month);
        if is_known { Ok(found) } else { Err(wrong()) }
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Month {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("A month in the zone of the client's default calendar: `2026-11`."))
            .into()
    }
}
impl utoipa::ToSchema for Month {}
