//! Keys and values of this installation's own; a call's writes take effect with its answer, or not at all.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::naryad::plugin::kv as wit;
use crate::{Error, Retry};

pub use wit::Error as Failure;

/// None: there is no such key.
///
/// # Errors
/// As `naryad:plugin/kv.error` says.
pub fn get(key: &str) -> Result<Option<Vec<u8>>, Failure> {
    wit::get(key)
}

/// Sets a key (1 to 256 bytes) to a value of at most 64 KiB.
///
/// # Errors
/// As `naryad:plugin/kv.error` says.
pub fn set(key: &str, value: &[u8]) -> Result<(), Failure> {
    wit::set(key, value)
}

/// To delete what is not there is no error.
///
/// # Errors
/// As `naryad:plugin/kv.error` says.
pub fn delete(key: &str) -> Result<(), Failure> {
    wit::delete(key)
}

/// Keys that begin with `prefix` and come after `after` in the order of their bytes, at most `max` (1 to 1,000).
///
/// # Errors
/// As `naryad:plugin/kv.error` says.
pub fn keys(prefix: &str, after: Option<&str>, max: u32) -> Result<Vec<String>, Failure> {
    wit::keys(prefix, after, max)
}

/// A value that was set as JSON.
///
/// # Errors
/// As `get`; `wrong_value` when it is something else.
pub fn get_json<T: DeserializeOwned>(key: &str) -> Result<Option<T>, Error> {
    let Some(value) = get(key)? else { return Ok(None) };
    serde_json::from_slice(&value).map(Some).map_err(|error| {
        Error::new("wrong_value", format!("What is kept as `{key}` is something else: {error}."))
    })
}

/// Sets a key to a JSON document.
///
/// # Errors
/// As `set`.
pub fn set_json(key: &str, value: &impl Serialize) -> Result<(), Error> {
    // Only a map with keys that are not strings fails here, and its author sees it at the first call.
    Ok(set(key, &serde_json::to_vec(value).expect("a JSON document"))?)
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        match failure {
            Failure::Invalid(why) => Error::new("invalid_key", why),
            Failure::Full(why) => Error::new("kv_full", why),
            Failure::Unavailable(why) => Error::new("kv_unavailable", why).retry(Retry::Later),
        }
    }
}
