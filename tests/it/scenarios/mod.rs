//! Whole stories on a virtual clock: the shipped packs at work, and what a broken script may not break.

mod atm_service;
mod borders;
mod broken_scripts;
mod sfa_support;
mod telemetry_vendor;
