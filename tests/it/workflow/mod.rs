//! Scripts: facts in, commands out.

mod desk;

mod atm;
