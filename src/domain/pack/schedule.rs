//! `[[schedules]]`: when the script's `on_schedule` is called, in cron's words and the client's time.

use std::collections::BTreeSet;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Pack, PackFault};
use crate::domain::calendar::{local_moment, local_time};
use crate::domain::{Key, Label, Moment};

/// Most schedules of one client.
pub const SCHEDULES_MAX: usize = 50;
/// Two wakings of one schedule lie at least this far apart.
pub const EVERY_MINUTES_MIN: i64 = 5;
/// Times of the wall that are looked at for the next waking: an hour that comes twice may hold many.
const TIMES_TRIED: usize = 200;
/// When a schedule must have been due once to count as one that fires; no leap day is farther off.
const FIRES_FROM: Moment = Moment::from_ms(1_767_225_600_000);

/// One of `[[schedules]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleEntry {
    /// What `on_schedule` is given.
    pub key: Key,
    pub label: Label,
    /// Minute, hour, day of the month, month, day of the week by name: `0 9 * * MON-FRI`. In the zone of `[calendar]`.
    pub cron: String,
}

impl ScheduleEntry {
    /// The first moment after `after`; `None`: never again.
    #[must_use]
    pub fn next_after(&self, after: Moment, zone: &str) -> Option<Moment> {
        let schedule = parsed(&self.cron).ok()?;
        let wall = local_time(after, zone).ok()?;
        let day = NaiveDate::from_ymd_opt(
            i32::try_from(wall.year).ok()?,
            u32::try_from(wall.month).ok()?,
            u32::try_from(wall.day).ok()?,
        )?;
        let time = day.and_hms_opt(u32::try_from(wall.hour).ok()?, u32::try_from(wall.minute).ok()?, 0)?;
        // What the clock on the wall shows, as if it were universal time: the zone is ours to apply.
        let wall: DateTime<Utc> = time.and_utc();
        schedule.after(&wall).take(TIMES_TRIED).find_map(|at| {
            let civil = format!(
                "{:04}-{:02}-{:02} {:02}:{:02}",
                at.year(),
                at.month(),
                at.day(),
                at.hour(),
                at.minute()
            );
            local_moment(&civil, zone).ok().filter(|moment| *moment > after)
        })
    }
}

/// Why an expression is none.
#[derive(Debug)]
struct Unreadable {
    code: &'static str,
    given: String,
    message: String,
}

/// The five fields, with the days of the week by name: by number they mean other days to other programs.
fn parsed(cron: &str) -> Result<cron::Schedule, Unreadable> {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let [_, _, _, _, weekday] = fields.as_slice() else {
        let count = fields.len();
        let message = format!(
            "`{cron}` has {count} fields; write five: minute, hour, day of the month, month, day of the week, such as `0 9 * * MON-FRI`"
        );
        return Err(Unreadable { code: "cron_fields", given: cron.to_owned(), message });
    };
    if weekday.bytes().any(|byte| byte.is_ascii_digit()) {
        let message = format!("`{weekday}`: write days of the week by name, such as `MON-FRI` or `SUN`");
        return Err(Unreadable { code: "cron_weekday", given: (*weekday).to_owned(), message });
    }
    cron::Schedule::from_str(&format!("0 {cron}")).map_err(|error| {
        let error = error.to_string();
        let message = format!("`{cron}` cannot be read: {}", error.lines().next().unwrap_or_default());
        Unreadable { code: "cron_unreadable", given: cron.to_owned(), message }
    })
}

pub(super) fn check(pack: &Pack) -> Result<(), PackFault> {
    let mut seen = BTreeSet::new();
    if pack.schedules.len() > SCHEDULES_MAX {
        let message = format!("{} schedules; at most {SCHEDULES_MAX} are taken", pack.schedules.len());
        let values = [pack.schedules.len(), SCHEDULES_MAX];
        return Err(PackFault::at("schedules", "too_many", values, message));
    }
    for (index, entry) in pack.schedules.iter().enumerate() {
        if !seen.insert(&entry.key) {
            return Err(PackFault::twice(&format!("schedules.{index}.key"), "schedule", &entry.key));
        }
        let way = format!("schedules.{index}.cron");
        let schedule = parsed(&entry.cron)
            .map_err(|wrong| PackFault::at(&way, wrong.code, [wrong.given], wrong.message))?;
        let from = DateTime::<Utc>::from_timestamp_millis(FIRES_FROM.ms()).unwrap_or_default();
        let mut times = schedule.after(&from);
        let (Some(first), second) = (times.next(), times.next()) else {
            let message = format!("`{}` never comes: no year has such a day", entry.cron);
            return Err(PackFault::at(&way, "cron_never", [&entry.cron], message));
        };
        let is_dense = second.is_some_and(|second| (second - first).num_minutes() < EVERY_MINUTES_MIN);
        if is_dense {
            let message = format!("`{}` comes more often than every {EVERY_MINUTES_MIN} minutes", entry.cron);
            let values = [entry.cron.clone(), EVERY_MINUTES_MIN.to_string()];
            return Err(PackFault::at(&way, "cron_dense", values, message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(cron: &str) -> ScheduleEntry {
        ScheduleEntry { key: Key::new("one").unwrap(), label: Label::default(), cron: cron.to_owned() }
    }

    fn next(cron: &str, after: &str, zone: &str) -> Option<String> {
        entry(cron).next_after(after.parse().unwrap(), zone).map(|at| at.to_string().replace(".000Z", "Z"))
    }

    #[test]
    fn the_wall_of_the_client_counts_over_changes_of_clocks_and_of_zones() {
        let berlin = |after| next("30 2 * * *", after, "Europe/Berlin").unwrap();
        assert_eq!(berlin("2026-03-27T12:00:00Z"), "2026-03-28T01:30:00Z");
        // 02:30 is skipped: as far behind as it stood.
        assert_eq!(berlin("2026-03-28T12:00:00Z"), "2026-03-29T01:30:00Z");
        assert_eq!(berlin("2026-03-29T12:00:00Z"), "2026-03-30T00:30:00Z");
        // 02:30 comes twice: once.
        assert_eq!(berlin("2026-10-24T12:00:00Z"), "2026-10-25T00:30:00Z");
        assert_eq!(berlin("2026-10-25T00:30:00Z"), "2026-10-26T01:30:00Z");
        // Kazakhstan's capital moved from +06 to +05 on 1 March 2024.
        let almaty = |after| next("0 9 * * MON-FRI", after, "Asia/Almaty").unwrap();
        assert_eq!(almaty("2024-02-29T12:00:00Z"), "2024-03-01T04:00:00Z");
        assert_eq!(almaty("2024-02-28T12:00:00Z"), "2024-02-29T03:00:00Z");
    }

    #[test]
    fn month_ends_and_leap_days_come_and_impossible_days_do_not() {
        assert_eq!(
            next("0 9 1 * *", "2026-12-31T20:00:00Z", "Asia/Yerevan").unwrap(),
            "2027-01-01T05:00:00Z"
        );
        assert_eq!(next("0 0 29 2 *", "2026-03-01T00:00:00Z", "UTC").unwrap(), "2028-02-29T00:00:00Z");
        assert_eq!(next("0 0 30 2 *", "2026-03-01T00:00:00Z", "UTC"), None);
    }

    #[test]
    fn what_is_wrong_is_said_with_what_would_be_right() {
        for (cron, wanted) in [
            ("0 9 * *", "has 4 fields"),
            ("0 9 * * 1-5", "by name"),
            ("61 9 * * *", "cannot be read"),
            ("0 9 * * FUN", "cannot be read"),
        ] {
            let error = parsed(cron).unwrap_err().message;
            assert!(error.contains(wanted), "{cron}: {error}");
        }
    }
}
