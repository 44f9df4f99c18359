//! Reports that a script can have sent: which there are, and how a message leads to one; pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rating::csat_percent;
use super::{ClientId, Language, Moment};

/// The furthest month that a script can have reported: two years back.
pub const MONTHS_BACK_MAX: i64 = 24;

/// A report by its name in scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// Closed tickets that were left at the defaults.
    Unclassified,
    /// What the client's people say of solved tickets.
    Ratings,
}

impl ReportKind {
    pub const ALL: [ReportKind; 2] = [ReportKind::Unclassified, ReportKind::Ratings];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ReportKind::Unclassified => "unclassified",
            ReportKind::Ratings => "ratings",
        }
    }
}

/// Where a message leads: a report with its parameters set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportLink {
    pub report: ReportKind,
    pub client: ClientId,
    pub from: Moment,
    /// The first moment that is not in it.
    pub to: Moment,
}

/// The headline numbers of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headline {
    Unclassified { closed: i64, unclassified: i64 },
    Ratings { asked: i64, rated: i64, satisfied: i64 },
}

impl Headline {
    /// One sentence of what the report says; `month` such as `2026-10`.
    #[must_use]
    pub fn sentence(self, client: &str, month: &str, language: Language) -> String {
        match (self, language) {
            (Headline::Unclassified { closed, unclassified }, Language::En) => {
                format!("{client}, {month}: closed without a category or contact {unclassified} of {closed}")
            }
            (Headline::Unclassified { closed, unclassified }, Language::Ru) => {
                format!("{client}, {month}: закрыто без категории или контакта {unclassified} из {closed}")
            }
            (Headline::Ratings { asked, rated, satisfied }, Language::En) => {
                let share = percent(satisfied, rated);
                format!("{client}, {month}: CSAT {share}, rated {rated} of {asked} asked")
            }
            (Headline::Ratings { asked, rated, satisfied }, Language::Ru) => {
                let share = percent(satisfied, rated);
                format!("{client}, {month}: CSAT {share}, оценок {rated} из {asked} запросов")
            }
        }
    }
}

fn percent(satisfied: i64, rated: i64) -> String {
    csat_percent(satisfied, rated).map_or_else(|| "–".to_owned(), |share| format!("{share} %"))
}
