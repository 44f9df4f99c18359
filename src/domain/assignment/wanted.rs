//! What a ticket asks of who takes it, and a visit of who goes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AssignmentSettings, Strategy, WEIGHTS_DEFAULT};
use crate::domain::{Key, PersonId};

/// What a work order asks of its engineer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Requirements {
    /// City of residence; compared without regard to case.
    pub city: Option<String>,
    /// The grade that suits; a higher one serves when nobody of this grade is free.
    pub grade: Option<i64>,
    pub certificates: Vec<String>,
    /// ISO 639-1; the engineer must speak one of them.
    pub languages: Vec<String>,
    /// How those who suit are compared; empty: as the pack says, or `nearest_grade`. The load always comes last.
    pub strategy: Vec<Strategy>,
    /// People who must not be chosen, such as those who did not come.
    pub exclude: Vec<PersonId>,
}

/// What a ticket asks of the member of a queue who gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberWanted {
    pub queue: Key,
    /// Empty: the queue's own, or `least_loaded`.
    #[serde(default)]
    pub strategy: Vec<Strategy>,
    /// An engineer's lowest grade that will do.
    #[serde(default)]
    pub grade: Option<i64>,
    #[serde(default)]
    pub certificates: Vec<String>,
    /// ISO 639-1; one of them must be spoken.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Who has no roster does not count as there either.
    #[serde(default)]
    pub only_on_shift: bool,
    #[serde(default)]
    pub exclude: Vec<PersonId>,
}

impl MemberWanted {
    /// Anybody of the queue.
    #[must_use]
    pub fn of(queue: Key) -> Self {
        let (strategy, certificates, languages, exclude) = Default::default();
        Self { queue, strategy, grade: None, certificates, languages, only_on_shift: false, exclude }
    }
}

/// Everything that a choice goes by, with what the queue and the pack add: the same for the command that chooses
/// and for the page that shows whom it would choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// A member of this queue takes the ticket; without one, an engineer goes on a visit.
    pub queue: Option<Key>,
    /// Asked one after the other; the last is always the load.
    pub strategy: Vec<Strategy>,
    pub city: Option<String>,
    pub grade: Option<i64>,
    pub certificates: Vec<String>,
    pub languages: Vec<String>,
    pub only_on_shift: bool,
    pub exclude: Vec<PersonId>,
    /// What an open ticket weighs, by priority from 1 to 5.
    pub weights: [i64; 5],
}

impl Wanted {
    /// Who takes a ticket: where it names no strategy, by the queue's own.
    #[must_use]
    pub fn member(wanted: MemberWanted, of_queue: &[Strategy], settings: &AssignmentSettings) -> Self {
        let strategy = if wanted.strategy.is_empty() { of_queue.to_vec() } else { wanted.strategy };
        Self {
            queue: Some(wanted.queue),
            strategy: with_load(strategy),
            city: None,
            grade: wanted.grade,
            certificates: with_required(settings, wanted.certificates),
            languages: wanted.languages,
            only_on_shift: wanted.only_on_shift,
            exclude: wanted.exclude,
            weights: settings.weights,
        }
    }

    /// Who goes on a visit: where it names no strategy, by the pack's own.
    #[must_use]
    pub fn engineer(wanted: Requirements, settings: &AssignmentSettings) -> Self {
        let named = [wanted.strategy, settings.visit_strategy.clone()];
        let strategy = named.into_iter().find(|strategy| !strategy.is_empty());
        Self {
            queue: None,
            strategy: with_load(strategy.unwrap_or_else(|| vec![Strategy::NearestGrade])),
            city: wanted.city,
            grade: wanted.grade,
            certificates: with_required(settings, wanted.certificates),
            languages: wanted.languages,
            only_on_shift: false,
            exclude: wanted.exclude,
            weights: WEIGHTS_DEFAULT,
        }
    }

    /// What a ticket of the priority weighs.
    #[must_use]
    pub fn weight(&self, priority: i64) -> i64 {
        let place = usize::try_from(priority - 1).unwrap_or(0).min(self.weights.len() - 1);
        self.weights[place]
    }
}

/// What the client requires of everybody goes before what this work asks for.
fn with_required(settings: &AssignmentSettings, asked: Vec<String>) -> Vec<String> {
    settings.required_certificates.iter().cloned().chain(asked).collect()
}

fn with_load(mut strategy: Vec<Strategy>) -> Vec<Strategy> {
    if !strategy.contains(&Strategy::LeastLoaded) {
        strategy.push(Strategy::LeastLoaded);
    }
    strategy
}
