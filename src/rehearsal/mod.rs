//! A second desk on a virtual clock: script tests now; the back-test and the shadow build on the same desk.

pub mod script_tests;
pub mod second_desk;
