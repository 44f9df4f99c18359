//! Rhai: facts in, commands out; no I/O, no clock but the facts' own.

pub mod facts;
pub mod occasion;

pub mod check;
pub mod editing;
pub mod program;
pub mod trace;

pub mod footprint;
pub mod graph;
pub mod script_coverage;
pub mod shape;
pub mod why_not;

pub mod api;
pub mod engine;
pub mod failure;
pub mod source;
pub mod state;

pub mod allocation;
pub mod limits;

pub use api::{Reference, api_definitions, api_reference, api_reference_markdown};
pub use check::{
    Finding, Known, Live, SETTINGS_FILE, Severity, Skills, check, check_here, check_within, dead_settings,
};
pub use engine::SharedSources;
pub use facts::{Fact, FactError, FactKey, Facts};
pub use failure::{Failure, FailureKind};
pub use footprint::Footprint;
pub use graph::steps;
pub use limits::{RUN_WALL_MAX, SCRIPT_STACK_BYTES, on_script_stack};
pub use occasion::Occasion;
pub use program::{NO_TICKET, Program, Refused, Run, Sources, compile, decide, functions};
pub use script_coverage::ScriptCoverage;
pub use shape::literals_of;
pub use source::places_of_text;
pub use state::Asked;
pub use trace::{Trace, explain};
pub use why_not::{RunOutcome, WhyNot, outcomes, why_not};
