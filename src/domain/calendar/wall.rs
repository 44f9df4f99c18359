//! A moment as the clock on the wall of a zone shows it, and back.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::{Moment, zone};

/// Date and time of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WallTime {
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    /// East of Greenwich is positive; not looked at on the way back.
    pub offset_minutes: i32,
}

/// What the wall shows at this moment.
///
/// # Errors
/// A sentence: the zone is not known, or the moment is too far away.
pub fn to_wall(at: Moment, zone_name: &str) -> Result<WallTime, String> {
    let zone = zone(zone_name).map_err(|error| error.to_string())?;
    let at = Timestamp::from_millisecond(at.ms())
        .map_err(|_| format!("{} ms is no moment that a calendar knows", at.ms()))?;
    let shown = at.to_zoned(zone);
    Ok(WallTime {
        year: shown.year().into(),
        month: shown.month().unsigned_abs(),
        day: shown.day().unsigned_abs(),
        hour: shown.hour().unsigned_abs(),
        minute: shown.minute().unsigned_abs(),
        second: shown.second().unsigned_abs(),
        offset_minutes: shown.offset().seconds() / 60,
    })
}

/// The moment at which the wall shows this: the earlier of two, and as far after a gap as the time is in it.
///
/// # Errors
/// A sentence: the zone is not known, or there is no such date or time.
pub fn from_wall(wall: WallTime, zone_name: &str) -> Result<Moment, String> {
    let zone = zone(zone_name).map_err(|error| error.to_string())?;
    let wrong = || {
        let WallTime { year, month, day, hour, minute, second, .. } = wall;
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} is no date and time")
    };
    let part = |value: u8| i8::try_from(value).map_err(|_| wrong());
    let year = i16::try_from(wall.year).map_err(|_| wrong())?;
    let (month, day) = (part(wall.month)?, part(wall.day)?);
    let (hour, minute, second) = (part(wall.hour)?, part(wall.minute)?, part(wall.second)?);
    let shown = DateTime::new(year, month, day, hour, minute, second, 0).map_err(|_| wrong())?;
    let zoned = zone.to_ambiguous_zoned(shown).compatible().map_err(|_| wrong())?;
    Ok(Moment::from_ms(zoned.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> WallTime {
        let shown: DateTime = text.parse().unwrap();
        let part = |value: i8| value.unsigned_abs();
        WallTime {
            year: shown.year().into(),
            month: part(shown.month()),
            day: part(shown.day()),
            hour: part(shown.hour()),
            minute: part(shown.minute()),
            second: part(shown.second()),
            offset_minutes: 0,
        }
    }

    #[test]
    fn repeated_times_are_the_earlier_and_skipped_ones_lie_after_the_gap() {
        for (zone, shown, back, offset) in [
            ("Asia/Yerevan", "2026-11-26T13:52:14", "2026-11-26T13:52:14", 240),
            ("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T03:30:00", 120),
            ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T02:30:00", 120),
            ("America/St_Johns", "2026-01-02T03:04:05", "2026-01-02T03:04:05", -210),
        ] {
            let at = from_wall(wall(shown), zone).unwrap();
            assert_eq!(
                to_wall(at, zone),
                Ok(WallTime { offset_minutes: offset, ..wall(back) }),
                "{zone} {shown}"
            );
        }
    }

    #[test]
    fn what_is_no_time_or_no_zone_is_said() {
        let day = WallTime { day: 30, month: 2, ..wall("2026-01-01T00:00:00") };
        assert_eq!(from_wall(day, "UTC"), Err("2026-02-30 00:00:00 is no date and time".to_owned()));
        let hour = WallTime { hour: 200, ..wall("2026-01-01T00:00:00") };
        assert!(from_wall(hour, "UTC").unwrap_err().contains("200:00:00 is no date"));
        assert!(to_wall(Moment::from_ms(0), "Europe/Berlim").unwrap_err().contains("Europe/Berlin"));
        assert!(to_wall(Moment::from_ms(i64::MAX), "UTC").unwrap_err().contains("no moment"));
    }
}
