//! For whom this call runs, and with which settings.

use serde::de::DeserializeOwned;

use crate::Error;
use crate::bindings::naryad::plugin::context as wit;

pub use wit::CallContext;

/// Client, installation, attempt, idempotency key and time zone of this call.
pub fn get() -> CallContext {
    wit::get()
}

/// The administrator's settings as the plugin's own type.
///
/// # Errors
/// `wrong_configuration` when they do not fit the type, which the manifest's `config` schema should prevent.
pub fn configuration<T: DeserializeOwned>() -> Result<T, Error> {
    serde_json::from_slice(wit::get().configuration.as_bytes()).map_err(|error| {
        Error::new("wrong_configuration", format!("The settings do not fit this plugin: {error}."))
    })
}

/// Milliseconds until Naryad ends this call.
pub fn time_left_ms() -> u32 {
    wit::time_left_ms()
}
