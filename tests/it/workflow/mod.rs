//! Scripts: facts in, commands out.

mod desk;

mod api;
mod atm;
mod bombs;
mod checker;
mod packs;
mod speed;
mod traces;
