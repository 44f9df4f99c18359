//! Ids: 63-bit, time-ordered, made by the application, a Rust type each, strings in JSON.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Moment;

/// Bits of an id that hold node and counter; the 42 bits above them hold milliseconds.
const SEQUENCE_BITS: u32 = 21;
/// Of the sequence, the bits that say which process made the id.
const NODE_BITS: u32 = 6;
const COUNTER_MAX: i64 = (1 << (SEQUENCE_BITS - NODE_BITS)) - 1;
/// A desk's node number is below this.
pub const NODE_MAX: i64 = (1 << NODE_BITS) - 1;

/// Makes ids that rise with time: two made in one millisecond differ in their counter, and a clock that
/// steps back never makes an id smaller than one already given.
#[derive(Debug, Clone)]
pub struct IdMaker {
    node: i64,
    last_ms: i64,
    counter: i64,
}

impl IdMaker {
    #[must_use]
    pub fn new(node: i64) -> Self {
        Self { node: node & NODE_MAX, last_ms: 0, counter: 0 }
    }

    /// Makes no id at or below one that an earlier process made.
    pub fn go_on_after(&mut self, last: i64) {
        let ms = last >> SEQUENCE_BITS;
        if ms >= self.last_ms {
            self.last_ms = ms;
            self.counter = COUNTER_MAX;
        }
    }

    pub fn next<T: From<i64>>(&mut self, now: Moment) -> T {
        if now.ms() > self.last_ms {
            self.last_ms = now.ms();
            self.counter = 0;
        } else if self.counter == COUNTER_MAX {
            self.last_ms += 1;
            self.counter = 0;
        } else {
            self.counter += 1;
        }
        let sequence = (self.node << (SEQUENCE_BITS - NODE_BITS)) | self.counter;
        T::from((self.last_ms << SEQUENCE_BITS) | sequence)
    }
}

/// No id that is made at `moment` or later is smaller: old rows are found by their ids, without an index on a time.
#[must_use]
pub fn smallest_at(moment: Moment) -> i64 {
    moment.ms().max(0) << SEQUENCE_BITS
}

/// The text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id: an id is a whole number from 1 to 9223372036854775807, written as a string")]
pub struct NotAnId(pub String);

fn parse(text: &str) -> Result<i64, NotAnId> {
    match text.parse::<i64>() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(NotAnId(text.chars().take(40).collect())),
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl From<i64> for $name {
            fn from(number: i64) -> Self { Self(number) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> { parse(text).map(Self) }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                parse(&text).map(Self).map_err(serde::de::Error::custom)
            }
        }
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some("An id: a whole number written as a string."))
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {}
    )*};
}

ids! {
    ClientId
    SubClientId
    SiteId
    AssetId
    /// A person at the client who asks, with or without a login.
    ContactId
    /// Anybody who can log in.
    PersonId
    /// A partner organisation, such as a local service company.
    PartnerId
    TicketId
    TaskId
    WorkOrderId
    /// What was handed in at once about a visit.
    ReportId
    /// What was added to a balance or taken from it.
    AdjustmentId
    /// That a contact may ask where the package names who may.
    NamedContactId
    /// A priority that was raised on the terms of a package.
    PriorityRaiseId
    /// Minutes of work on a ticket.
    TimeEntryId
    /// A piece of text that can be erased; events name texts, they never hold them.
    TextId
    AttachmentId
    EventId
    /// One outside command as it was applied.
    JournalId
    /// One run of a client's script.
    RunId
    JobId
    /// A row of the one durable clock: a timer or a deadline.
    DueId
    PackVersionId
    /// Work over the open tickets of a client that are moved to another version.
    MoveId
    /// A holiday list as it was imported once.
    HolidayListId
    InstallationId
    /// An item of a plugin that was refused.
    ParkedItemId
    /// What was changed on both sides of a mirror.
    ConflictId
    /// One call of a plugin, in its log.
    PluginCallId
    /// One change of an installation, as its history has it.
    PluginChangeId
    /// A publisher's key that the desk trusts.
    PluginKeyId
    NotificationId
    SessionId
    TokenId
    SavedViewId
    /// Somebody's working time in the roster.
    ShiftId
    AbsenceId
    /// An alarm of the queue watch.
    AlarmId
    /// Shifts that were copied or imported together.
    SeriesId
    /// Work over many tickets of a major incident.
    RoundId
    /// A cycle of shifts that can be laid over a period.
    PatternId
    /// Somebody's special knowledge or charge, for a time.
    SpecialistId
    /// Whose a log-in of a client's own desk is, for a time.
    ForeignLoginId
    SwapOfferId
    ShadowId
    /// A run in which a shadow wanted something else.
    DifferenceId
    /// Messages of a script's handler beyond its budget.
    HoldId
    HeldMessageId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_even_when_the_clock_steps_back() {
        let mut maker = IdMaker::new(3);
        let mut last = 0;
        for ms in [5, 5, 9, 2, 2, 10].into_iter().chain(std::iter::repeat_n(10, 40_000)) {
            let id: i64 = maker.next(Moment::from_ms(ms));
            assert!(id > last, "{id} after {last}");
            assert!(id >= smallest_at(Moment::from_ms(ms)), "{id} at {ms}");
            last = id;
        }
        let id: i64 = IdMaker::new(NODE_MAX).next(Moment::from_ms(9));
        assert!(id < smallest_at(Moment::from_ms(10)));
    }

    #[test]
    fn ids_go_on_after_those_of_an_earlier_process() {
        let mut earlier = IdMaker::new(9);
        let last = (0..100).map(|_| earlier.next(Moment::from_ms(50))).last().unwrap();
        let mut maker = IdMaker::new(3);
        maker.go_on_after(last);
        let first: i64 = maker.next(Moment::from_ms(20));
        assert!(first > last, "{first} after {last}");
    }

    #[test]
    fn an_id_is_a_string_in_json_and_nothing_else() {
        assert_eq!(serde_json::to_string(&TicketId(7)).unwrap(), "\"7\"");
        assert_eq!(serde_json::from_str::<TicketId>("\"7\"").unwrap(), TicketId(7));
        for bad in ["7", "\"0\"", "\"-1\"", "\"x\"", "\"9223372036854775808\""] {
            assert!(serde_json::from_str::<TicketId>(bad).is_err(), "{bad}");
        }
    }
}
