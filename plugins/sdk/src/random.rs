//! Unpredictable bytes.

use crate::bindings::naryad::plugin::random as wit;

/// At most 1,024; more is a trap.
pub fn bytes(count: u32) -> Vec<u8> {
    wit::bytes(count)
}
