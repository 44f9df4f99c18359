//! What a pack says of major incidents and of duplicates.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Pack, PackFault, Phase};
use crate::domain::person::Role;
use crate::domain::{Key, Span};

/// Roles that may be let lead an incident beside supervisors.
const LEADING: [Role; 3] = [Role::Dispatcher, Role::Operator, Role::Controller];
/// Longest time over which duplicates are looked for.
const WINDOW_HOURS_MAX: i64 = 720;

/// `[major_incident]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IncidentSettings {
    /// Who declares, changes and ends incidents beside supervisors: `dispatcher`, `operator`, `controller`.
    pub led_by: BTreeSet<Role>,
    /// The status that an attached ticket gets, such as one that waits for a third party; without one it keeps
    /// its own, and its clocks go on.
    pub attached_status: Option<Key>,
}

/// `[duplicates]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DuplicateSettings {
    /// Whether possible duplicates are suggested.
    pub is_on: bool,
    /// How far back they are looked for, 1 to 720.
    pub window_hours: i64,
}

impl Default for DuplicateSettings {
    fn default() -> Self {
        Self { is_on: true, window_hours: 72 }
    }
}

impl DuplicateSettings {
    #[must_use]
    pub fn window(&self) -> Span {
        Span::hours(self.window_hours)
    }
}

pub(super) fn check(pack: &Pack) -> Result<(), PackFault> {
    if let Some(role) = pack.major_incident.led_by.iter().find(|role| !LEADING.contains(role)) {
        let message = format!(
            "`{}` cannot lead an incident; known: dispatcher, operator, controller (supervisors always can)",
            word(*role)
        );
        return Err(PackFault::at("major_incident.led_by", "cannot_lead", [word(*role)], message));
    }
    if let Some(key) = &pack.major_incident.attached_status {
        let way = "major_incident.attached_status";
        let open = pack.statuses.iter().filter(|status| status.phase == Phase::Open);
        let known: Vec<&str> = open.map(|status| status.key.as_str()).collect();
        match pack.status(key) {
            None => return Err(PackFault::unknown(way, "status", key, &known)),
            Some(status) if status.phase != Phase::Open => {
                let message = format!("`{key}` is not of the phase `open`; known: {}", known.join(", "));
                return Err(PackFault::at(
                    way,
                    "not_of_phase_open",
                    [key.as_str(), &known.join(", ")],
                    message,
                ));
            }
            Some(_) => {}
        }
    }
    let hours = pack.duplicates.window_hours;
    if !(1..=WINDOW_HOURS_MAX).contains(&hours) {
        let message = format!("{hours} is not from 1 to {WINDOW_HOURS_MAX}");
        return Err(PackFault::range("duplicates.window_hours", (1, WINDOW_HOURS_MAX), message));
    }
    Ok(())
}

fn word(role: Role) -> String {
    serde_json::to_value(role).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
