//! A moment: UTC milliseconds; written as RFC 3339 wherever people or programs read it.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Earliest and latest moment that the desk takes (years 1970 to 2100): outside it a clock is broken.
const MOMENT_MS_MAX: i64 = 4_133_980_799_999;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

/// A length of time in milliseconds.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(transparent)]
#[schema(value_type = i64)]
pub struct Span(i64);

impl Moment {
    /// The latest moment that the desk takes.
    pub const LAST: Moment = Moment(MOMENT_MS_MAX);

    #[must_use]
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    #[must_use]
    pub const fn ms(self) -> i64 {
        self.0
    }

    #[must_use]
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl Span {
    pub const ZERO: Span = Span(0);

    #[must_use]
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }
    #[must_use]
    pub const fn seconds(count: i64) -> Self {
        Self(count.saturating_mul(1_000))
    }
    #[must_use]
    pub const fn minutes(count: i64) -> Self {
        Self(count.saturating_mul(60_000))
    }
    #[must_use]
    pub const fn hours(count: i64) -> Self {
        Self(count.saturating_mul(3_600_000))
    }
    #[must_use]
    pub const fn days(count: i64) -> Self {
        Self(count.saturating_mul(86_400_000))
    }
    #[must_use]
    pub const fn ms(self) -> i64 {
        self.0
    }
}

impl Add<Span> for Moment {
    type Output = Moment;
    fn add(self, span: Span) -> Moment {
        Moment(self.0.saturating_add(span.0).clamp(0, MOMENT_MS_MAX))
    }
}

impl Sub<Span> for Moment {
    type Output = Moment;
    fn sub(self, span: Span) -> Moment {
        Moment(self.0.saturating_sub(span.0).clamp(0, MOMENT_MS_MAX))
    }
}

impl Sub for Moment {
    type Output = Span;
    fn sub(self, earlier: Moment) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}

/// The text is not a moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a moment between 1970 and 2100: write RFC 3339 with a zone, such as 2026-12-31T17:55:00Z"
)]
pub struct NotAMoment(pub String);

impl FromStr for Moment {
    type Err = NotAMoment;
    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        let wrong = || NotAMoment(text.chars().take(60).collect());
        let ms = text.parse::<jiff::Timestamp>().map_err(|_| wrong())?.as_millisecond();
        if (0..=MOMENT_MS_MAX).contains(&ms) { Ok(Self(ms)) } else { Err(wrong()) }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Moment {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime)))
            .description(Some("A moment in UTC, RFC 3339 with milliseconds."))
            .into()
    }
}
impl utoipa::ToSchema for Moment {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_any_zone_and_written_in_utc() {
        let moment: Moment = "2026-12-31T21:55:00+04:00".parse().unwrap();
        assert_eq!(moment.to_string(), "2026-12-31T17:55:00.000Z");
        for bad in ["2026-12-31", "2026-12-31T21:55:00", "1969-01-01T00:00:00Z", "2101-01-01T00:00:00Z", ""] {
            assert!(bad.parse::<Moment>().is_err(), "{bad}");
        }
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!((Moment::from_ms(5) - Span::days(1)).ms(), 0);
        assert_eq!((Moment::from_ms(5) + Span::days(i64::MAX)).ms(), MOMENT_MS_MAX);
    }
}
