//! Scripts: facts in, commands out.

mod desk;

mod atm;
mod bombs;
mod checker;
mod packs;
