//! A second desk on a virtual clock: script tests and the back-test now; the shadow builds on it too.

pub mod backtest;
pub mod script_tests;
pub mod second_desk;
pub mod written_test;
