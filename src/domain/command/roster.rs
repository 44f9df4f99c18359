//! The roster's commands: shifts and absences one by one, swapped, copied to another week, taken from a file.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::roster::{AbsenceKind, ShiftKind};
use crate::domain::{AbsenceId, ClientId, Key, Moment, PersonId, SeriesId, ShiftId};

/// Makes a shift (no id) or changes one (id and the version that was seen).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutShift {
    #[serde(default)]
    pub id: Option<ShiftId>,
    #[serde(default)]
    pub version: Option<i64>,
    pub person: PersonId,
    pub from: Moment,
    pub to: Moment,
    pub kind: ShiftKind,
    /// Counts for this queue only.
    #[serde(default)]
    pub queue: Option<Key>,
    /// Counts for this client only.
    #[serde(default)]
    pub client: Option<ClientId>,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub series: Option<SeriesId>,
}

/// Makes an absence (no id) or changes one (id and the version that was seen).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutAbsence {
    #[serde(default)]
    pub id: Option<AbsenceId>,
    #[serde(default)]
    pub version: Option<i64>,
    pub person: PersonId,
    pub from: Moment,
    pub to: Moment,
    pub kind: AbsenceKind,
}

/// Two people take each other's shift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwapShifts {
    pub one: ShiftId,
    pub one_version: i64,
    pub other: ShiftId,
    pub other_version: i64,
}

/// Many changes of the roster at once: all of them, or none. What is removed is gone before the rest is written, and
/// shifts are compared with each other as they stand in the end, so that two may change places.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeRoster {
    pub remove_shifts: Vec<SeenShift>,
    pub remove_absences: Vec<SeenAbsence>,
    /// Those that are new and name no series get one together, which the answer names as its `id`.
    pub put_shifts: Vec<PutShift>,
    pub put_absences: Vec<PutAbsence>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenShift {
    pub id: ShiftId,
    /// The version that was seen.
    pub version: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenAbsence {
    pub id: AbsenceId,
    /// The version that was seen.
    pub version: i64,
}

/// Copies the shifts that begin in a period to a period as long that begins at another day. Hours stay as the
/// clocks of the zone show them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CopyRoster {
    /// Whose shifts; empty: of everybody whose shifts the caller may keep.
    #[serde(default)]
    pub people: Vec<PersonId>,
    /// Only shifts that count for this client alone.
    #[serde(default)]
    pub client: Option<ClientId>,
    /// `2026-11-02`
    pub first_day: String,
    /// Included: `2026-11-08`.
    pub last_day: String,
    /// Where `first_day` goes: `2026-11-09`.
    pub to_day: String,
    /// IANA name.
    pub time_zone: String,
}

/// Takes shifts from a table: all of them, or none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRoster {
    /// Comma-separated, with a head line: `login,from,to,kind` and, as wanted, `rate_percent`, `queue`, `note`.
    /// Times as the clocks of the zone show them: `2026-12-01 08:00`.
    pub csv: String,
    /// IANA name.
    pub time_zone: String,
    /// For which client the shifts count.
    #[serde(default)]
    pub client: Option<ClientId>,
}

/// Takes shifts (events with hours) and absences (whole days) from an iCalendar file: all of them, or none. What came
/// from an event of the same UID before is changed, or removed where the event is cancelled or comes less often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRosterCalendar {
    /// At most 256 KiB. Whose an event is, the first of these says: `X-NARYAD-LOGIN`, one `ATTENDEE`, `ORGANIZER` (by
    /// e-mail address), `SUMMARY` (a login). A shift may say `X-NARYAD-KIND` (`regular`, `on_call`, `extra` with
    /// `X-NARYAD-RATE`) and `X-NARYAD-QUEUE`; an absence `X-NARYAD-KIND` or `CATEGORIES` (`vacation`, `sick`,
    /// `training`, `other`). Rules come daily or weekly, with `INTERVAL`, `BYDAY`, `EXDATE` and an end.
    pub ics: String,
    /// IANA name; for times and days without a zone.
    pub time_zone: String,
    /// For which client the shifts count.
    #[serde(default)]
    pub client: Option<ClientId>,
}
