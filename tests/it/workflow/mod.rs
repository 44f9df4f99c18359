//! Scripts: facts in, commands out.

mod desk;

#[cfg(debug_assertions)]
mod api;
#[cfg(debug_assertions)]
mod atm;
#[cfg(debug_assertions)]
mod atm_whole;
mod bombs;
#[cfg(debug_assertions)]
mod checker;
mod editing;
#[cfg(debug_assertions)]
mod examples;
#[cfg(debug_assertions)]
mod formatting;
mod graph;
#[cfg(debug_assertions)]
mod mistakes;
#[cfg(debug_assertions)]
mod packs;
mod recipients;
#[cfg(debug_assertions)]
mod speed;
mod telemetry;
#[cfg(debug_assertions)]
mod traces;
mod why_not;
