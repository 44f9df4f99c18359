//! Rhai: facts in, commands out; no I/O, no clock but the facts' own.

pub mod facts;
