//! Lines for the people who look after an installation; kept with the call, at most 200 lines of 2 KiB.

use crate::bindings::naryad::plugin::log::{Level, write};

/// For whoever develops the plugin.
pub fn debug(message: impl AsRef<str>) {
    write(Level::Debug, message.as_ref());
}

/// What happened, when it helps to know.
pub fn info(message: impl AsRef<str>) {
    write(Level::Info, message.as_ref());
}

/// Odd, but the call went on.
pub fn warn(message: impl AsRef<str>) {
    write(Level::Warn, message.as_ref());
}

/// What made the call fail.
pub fn error(message: impl AsRef<str>) {
    write(Level::Error, message.as_ref());
}
