//! How long a job waits after a failed attempt: twice as long each time, with jitter, up to a limit.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::Span;

/// Attempts after which a job is given up.
pub const ATTEMPTS_MAX: i64 = 8;
const BACK_OFF_SECONDS_MIN: i64 = 5;
const BACK_OFF_SECONDS_MAX: i64 = 30 * 60;

/// Random numbers, injected so that a test repeats.
pub type Random = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The pause after attempt number `attempts` (from 1): between half and all of the doubled step, so that jobs
/// that failed together do not come back together. What the other side asked for is waited for at least.
pub fn pause(attempts: i64, asked_for: Option<Duration>, random: u64) -> Span {
    let doublings = u32::try_from(attempts.clamp(1, 32) - 1).expect("it is clamped");
    let seconds = (BACK_OFF_SECONDS_MIN << doublings).min(BACK_OFF_SECONDS_MAX);
    let whole_ms = seconds * 1_000;
    let jitter_ms = i64::try_from(random % (whole_ms.unsigned_abs() / 2 + 1)).expect("it is below the step");
    let asked_ms = asked_for.map_or(0, |asked| i64::try_from(asked.as_millis()).unwrap_or(i64::MAX));
    Span::from_ms((whole_ms / 2 + jitter_ms).max(asked_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_limit_and_spread() {
        for (attempts, least_ms, most_ms) in [
            (0, 2_500, 5_000),
            (1, 2_500, 5_000),
            (2, 5_000, 10_000),
            (5, 40_000, 80_000),
            (9, 640_000, 1_280_000),
            (10, 900_000, 1_800_000),
            (i64::MAX, 900_000, 1_800_000),
        ] {
            assert_eq!(pause(attempts, None, 0).ms(), least_ms, "{attempts}");
            assert_eq!(pause(attempts, None, (most_ms / 2) as u64).ms(), most_ms, "{attempts}");
            for random in [1, 77_777, u64::MAX] {
                assert!((least_ms..=most_ms).contains(&pause(attempts, None, random).ms()), "{attempts}");
            }
        }
    }

    #[test]
    fn the_other_sides_wish_is_a_lower_bound() {
        assert_eq!(pause(1, Some(Duration::from_secs(90)), 3).ms(), 90_000);
        assert_eq!(pause(1, Some(Duration::from_secs(1)), 0).ms(), 2_500);
    }
}
