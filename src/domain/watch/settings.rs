//! `[watch]` of a `client.toml`: what is watched, how sensitively, and who is told.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AlarmKind;
use crate::domain::Key;
use crate::domain::pack::{Pack, PackFault};
use crate::domain::person::Role;

/// Most tickets that a queue may be allowed to hold.
pub const DEPTH_MAX: i64 = 10_000;
/// The longest that a ticket may be allowed to wait: 90 days.
pub const OLDEST_MINUTES_MAX: i64 = 90 * 24 * 60;

/// What a pack says of the queue watch; without it, arrivals are watched and the client's supervisors are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WatchSettings {
    /// Whether arrivals are watched against their norm.
    pub arrivals: bool,
    pub sensitivity: Sensitivity,
    /// Whose notifications tell of it: everybody with one of these roles for the client. Only staff's roles.
    pub tell: BTreeSet<Role>,
    /// Limits by queue.
    pub queues: BTreeMap<Key, QueueLimits>,
    /// What the client's own people are told, by kind of alarm: a template of the pack. Nothing: they are not told.
    pub client_templates: BTreeMap<AlarmKind, Key>,
}

impl Default for WatchSettings {
    fn default() -> Self {
        Self {
            arrivals: true,
            sensitivity: Sensitivity::Normal,
            tell: BTreeSet::from([Role::Supervisor]),
            queues: BTreeMap::new(),
            client_templates: BTreeMap::new(),
        }
    }
}

/// What may wait in a queue: tickets that are open and nobody's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct QueueLimits {
    /// More waiting tickets raise an alarm.
    pub depth_max: Option<i64>,
    /// A ticket that was opened longer ago and still waits raises one, in minutes.
    pub oldest_minutes: Option<i64>,
}

/// How unlikely something must be to raise an alarm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    Low,
    #[default]
    Normal,
    High,
}

impl Sensitivity {
    /// The chance with which one window of a normal day is taken for a spike.
    #[must_use]
    pub fn spike_chance(self) -> f64 {
        match self {
            Sensitivity::Low => 1e-6,
            Sensitivity::Normal => 1e-4,
            Sensitivity::High => 1e-3,
        }
    }

    /// The chance with which one gap between two arrivals of a normal day is taken for a silence.
    #[must_use]
    pub fn silence_chance(self) -> f64 {
        match self {
            Sensitivity::Low => 1e-6,
            Sensitivity::Normal => 1e-4,
            Sensitivity::High => 1e-3,
        }
    }
}

/// Finds the first thing that is wrong with the watch of a pack.
pub fn check(pack: &Pack) -> Result<(), PackFault> {
    let watch = &pack.watch;
    let outside = [Role::ClientContact, Role::PartnerMember];
    if let Some(role) = watch.tell.iter().find(|role| outside.contains(role)) {
        let message = format!(
            "watch.tell names `{}`; it takes roles of staff, and `client_templates` is for the client's people",
            role.as_str()
        );
        return Err(PackFault::at("watch.tell", "role_outside", [role.as_str()], message));
    }
    let queues: Vec<&str> = pack.queues.iter().map(|queue| queue.key.as_str()).collect();
    for (key, limits) in &watch.queues {
        let way = format!("watch.queues.{key}");
        if !queues.contains(&key.as_str()) {
            return Err(PackFault::unknown(&way, "queue", key, &queues));
        }
        if limits.depth_max.is_some_and(|depth| !(1..=DEPTH_MAX).contains(&depth)) {
            let message = format!("depth_max must be from 1 to {DEPTH_MAX} tickets");
            return Err(PackFault::range(&format!("{way}.depth_max"), (1, DEPTH_MAX), message));
        }
        if limits.oldest_minutes.is_some_and(|minutes| !(1..=OLDEST_MINUTES_MAX).contains(&minutes)) {
            let message = format!("oldest_minutes must be from 1 to {OLDEST_MINUTES_MAX}");
            return Err(PackFault::range(&format!("{way}.oldest_minutes"), (1, OLDEST_MINUTES_MAX), message));
        }
    }
    let templates: Vec<&str> = pack.templates.iter().map(|template| template.key.as_str()).collect();
    for (kind, key) in &watch.client_templates {
        if !templates.contains(&key.as_str()) {
            let way = format!("watch.client_templates.{}", kind.as_str());
            return Err(PackFault::unknown(&way, "template", key, &templates));
        }
    }
    Ok(())
}
