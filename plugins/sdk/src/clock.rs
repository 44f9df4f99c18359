//! The desk's time, and the calendar of a zone.

use crate::Error;
use crate::bindings::naryad::plugin::clock as wit;

pub use wit::Civil;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub fn now_ms() -> i64 {
    wit::now_ms()
}

/// What the wall shows at this moment; `zone` is an IANA name such as `Asia/Yerevan`.
///
/// # Errors
/// `wrong_time` when the zone is not known.
pub fn to_civil(at_ms: i64, zone: &str) -> Result<Civil, Error> {
    wit::to_civil(at_ms, zone).map_err(|why| Error::new("wrong_time", why))
}

/// The moment at which the wall shows this; its `offset_minutes` is not looked at.
///
/// # Errors
/// `wrong_time` when the zone is not known, or there is no such date and time.
pub fn from_civil(civil: Civil, zone: &str) -> Result<i64, Error> {
    wit::from_civil(civil, zone).map_err(|why| Error::new("wrong_time", why))
}
