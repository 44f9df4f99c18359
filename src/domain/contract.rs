//! Contracts: what a package grants, whom it lets ask and when, and what of it is used up; pure.

mod balance;
mod check;
mod coverage;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use balance::{Adjustment, AdjustmentKind, Balance, Draw, DrawKind, NamedContact, RaiseLine, balance};
pub(in crate::domain) use check::check;
pub use coverage::{Asking, Coverage, NotCovered, Spent, coverage};

use super::key::Label;
use super::pack::Pack;
use super::ticket::Channel;
use super::{Key, SubClientId};

/// Most packages, and most services, of a pack.
pub const PACKAGES_MAX: usize = 100;
/// Most hours that a package grants a month.
pub const MONTHLY_HOURS_MAX: i64 = 10_000;
/// Most requests that a package grants a month.
pub const MONTHLY_REQUESTS_MAX: i64 = 1_000_000;
/// Most named contacts that a package may allow.
pub const NAMED_CONTACTS_MAX: i64 = 10_000;
/// Ways by which no client asks: the desk's own, which a package cannot forbid.
pub const OWN_CHANNELS: [Channel; 3] = [Channel::Desk, Channel::Monitoring, Channel::Import];

/// `[contract]` of `client.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Contract {
    /// Categories that the contract does not cover.
    pub excluded_categories: BTreeSet<Key>,
    /// The calendar of the contract: a key of `calendars`; without one, the hours of its package, else the default
    /// calendar.
    pub calendar: Option<Key>,
    /// Calendars of the contracts of sub-clients, by the sub-client's key.
    pub sub_client_calendars: BTreeMap<Key, Key>,
    /// The client's package: a key of `packages`. Without one everything is covered but `excluded_categories`.
    pub package: Option<Key>,
    /// Packages of sub-clients that have a contract, and a balance, of their own, by the sub-client's key. Others
    /// share the client's.
    pub sub_client_packages: BTreeMap<Key, Key>,
    /// Where a ticket goes that is not covered when the script has no `on_not_covered`; without one, where it goes
    /// when the script fails.
    pub not_covered_queue: Option<Key>,
}

/// Something that packages include, exclude or sell: a row of their matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub key: Key,
    pub label: Label,
    /// Tickets of these categories ask for it; a category asks for one service at most.
    #[serde(default)]
    pub categories: BTreeSet<Key>,
}

/// What a client can buy: `[[packages]]` of `client.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Package {
    pub key: Key,
    pub label: Label,
    #[serde(default)]
    pub asked_by: AskedBy,
    /// How many contacts can be named at once, where they must be.
    #[serde(default)]
    pub named_contacts_max: Option<i64>,
    /// By which ways the client may ask; empty: by any. What the desk writes down itself (`desk`, `monitoring`,
    /// `import`) is always taken.
    #[serde(default)]
    pub channels: BTreeSet<Channel>,
    /// When the client may ask: a key of `calendars`; without one, at any time.
    #[serde(default)]
    pub hours: Option<Key>,
    /// The matrix: every service of the pack by its key. A ticket that asks for no service is covered.
    #[serde(default)]
    pub services: BTreeMap<Key, Cover>,
    /// Categories that it does not cover whatever their service, such as vandalism.
    #[serde(default)]
    pub excluded_categories: BTreeSet<Key>,
    /// What it grants each month; without it, as much as is asked for.
    #[serde(default)]
    pub monthly: Option<MonthlyPack>,
    /// On what terms a client has a priority raised; without it, not at all.
    #[serde(default)]
    pub priority_raise: Option<PriorityRaise>,
}

/// Who may ask.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AskedBy {
    #[default]
    Any,
    /// Contacts whom an administrator has named.
    Named,
}

/// A cell of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cover {
    Included,
    Excluded,
    /// Done for a price of its own, outside the monthly pack.
    Paid,
}

/// Hours or requests of a month, in the zone of the client's default calendar.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MonthlyPack {
    /// Drawn from time entries. Either hours or requests.
    pub hours: Option<i64>,
    /// Drawn from tickets that were opened and are no duplicates.
    pub requests: Option<i64>,
    /// Included services that draw nothing.
    pub outside_services: BTreeSet<Key>,
    /// Categories that draw nothing.
    pub outside_categories: BTreeSet<Key>,
}

/// In what a balance is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BalanceUnit {
    Minutes,
    Requests,
}

/// On what terms a client has a priority raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriorityRaise {
    pub charge: Charge,
    /// With `balance`: how much a raise draws, in minutes of a pack of hours, or in requests.
    #[serde(default)]
    pub amount: Option<i64>,
    /// With `billed`: what a raise costs, in words for whoever agrees.
    #[serde(default)]
    pub price: Label,
    /// Whether the client's contacts may raise it themselves.
    #[serde(default)]
    pub by_contacts: bool,
    /// The most pressing priority that can be reached.
    #[serde(default = "most_pressing")]
    pub up_to: i64,
}

fn most_pressing() -> i64 {
    1
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Charge {
    Free,
    /// Drawn from the month's balance.
    Balance,
    /// On the bill.
    Billed,
}

impl Charge {
    /// Whether somebody must agree before it is done.
    #[must_use]
    pub fn is_paid(self) -> bool {
        self != Charge::Free
    }
}

impl BalanceUnit {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            BalanceUnit::Minutes => "minutes",
            BalanceUnit::Requests => "requests",
        }
    }
}

impl MonthlyPack {
    #[must_use]
    pub fn unit(&self) -> BalanceUnit {
        if self.hours.is_some() { BalanceUnit::Minutes } else { BalanceUnit::Requests }
    }

    /// What a month brings, in its unit.
    #[must_use]
    pub fn granted(&self) -> i64 {
        self.hours.map(|hours| hours * 60).or(self.requests).unwrap_or(0)
    }
}

impl Contract {
    /// Whether the sub-client has a contract and a balance of its own.
    #[must_use]
    pub fn is_own(&self, sub_client: Option<&Key>) -> bool {
        sub_client.is_some_and(|key| self.sub_client_packages.contains_key(key))
    }

    /// Whose balance the ticket of a sub-client draws from: its own, or the client's.
    #[must_use]
    pub fn holder(&self, key: Option<&Key>, id: Option<SubClientId>) -> Option<SubClientId> {
        id.filter(|_| self.is_own(key))
    }

    /// The key of the package of a sub-client, or of the client.
    #[must_use]
    pub fn package_of(&self, sub_client: Option<&Key>) -> Option<&Key> {
        sub_client.and_then(|key| self.sub_client_packages.get(key)).or(self.package.as_ref())
    }
}

impl Pack {
    /// The package that counts for a sub-client, or for the client.
    #[must_use]
    pub fn package_of(&self, sub_client: Option<&Key>) -> Option<&Package> {
        let key = self.contract.package_of(sub_client)?;
        self.packages.iter().find(|package| package.key == *key)
    }

    /// The service for which a ticket of the category asks.
    #[must_use]
    pub fn service_of(&self, category: Option<&Key>) -> Option<&Service> {
        let category = category?;
        self.services.iter().find(|service| service.categories.contains(category))
    }

    /// Where a ticket goes that is not covered.
    #[must_use]
    pub fn not_covered_queue(&self) -> &Key {
        self.contract.not_covered_queue.as_ref().unwrap_or(&self.on_failure.queue)
    }
}

#[cfg(test)]
mod tests;
