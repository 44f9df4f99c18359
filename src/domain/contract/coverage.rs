//! Whether a package covers a ticket, and why not.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AskedBy, Balance, BalanceUnit, Cover, MonthlyPack, OWN_CHANNELS, Package};
use crate::domain::calendars::Calendars;
use crate::domain::pack::Pack;
use crate::domain::ticket::{Channel, Ticket};
use crate::domain::{Key, Moment};

/// What a contract says of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Coverage {
    /// `null`: the client has no package.
    pub package: Option<Key>,
    /// The service for which the ticket asks; `null`: for none of the matrix.
    pub service: Option<Key>,
    pub is_covered: bool,
    /// Why not; the first that applies, in the order of the list.
    pub reason: Option<NotCovered>,
    /// The service is done for a price of its own.
    pub is_paid: bool,
    /// Whether the ticket uses up the month's balance.
    pub draws: bool,
    pub unit: Option<BalanceUnit>,
    /// What is left of the month after this ticket, in its unit; `null`: without limit.
    pub balance_left: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotCovered {
    ExcludedCategory,
    ExcludedService,
    PaidService,
    NotANamedContact,
    ChannelNotInPackage,
    OutsideHours,
    BalanceUsedUp,
}

impl NotCovered {
    pub const ALL: [NotCovered; 7] = [
        NotCovered::ExcludedCategory,
        NotCovered::ExcludedService,
        NotCovered::PaidService,
        NotCovered::NotANamedContact,
        NotCovered::ChannelNotInPackage,
        NotCovered::OutsideHours,
        NotCovered::BalanceUsedUp,
    ];

    /// The reason as JSON and scripts call it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            NotCovered::ExcludedCategory => "excluded_category",
            NotCovered::ExcludedService => "excluded_service",
            NotCovered::PaidService => "paid_service",
            NotCovered::NotANamedContact => "not_a_named_contact",
            NotCovered::ChannelNotInPackage => "channel_not_in_package",
            NotCovered::OutsideHours => "outside_hours",
            NotCovered::BalanceUsedUp => "balance_used_up",
        }
    }
}

/// What of a balance is used up, without the request that the ticket itself is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    pub adjusted: i64,
    /// By other tickets.
    pub by_others: i64,
    /// By work on this ticket and by raising its priority.
    pub by_own: i64,
}

/// What must be known beside the ticket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// Whether its contact was a named one when it was opened.
    pub is_named: bool,
    /// A duplicate of another ticket is no request of its own.
    pub is_duplicate: bool,
    /// Of the month that is looked at.
    pub spent: Spent,
    /// Whether the ticket was opened in that month.
    pub is_of_month: bool,
}

impl Coverage {
    /// Whether it says the same of the ticket; a balance changes by itself.
    #[must_use]
    pub fn is_same(&self, other: &Coverage) -> bool {
        let bare = |own: &Coverage| Coverage { balance_left: None, ..own.clone() };
        bare(self) == bare(other)
    }
}

/// What the contract says of the ticket.
#[must_use]
pub fn coverage(pack: &Pack, calendars: &Calendars, ticket: &Ticket, asking: &Asking) -> Coverage {
    let service = pack.service_of(ticket.category.as_ref()).map(|service| &service.key);
    let Some(package) = pack.package_of(ticket.terms.sub_client.as_ref()) else {
        let is_excluded = is_in(&pack.contract.excluded_categories, ticket.category.as_ref());
        return Coverage {
            package: None,
            service: service.cloned(),
            is_covered: !is_excluded,
            reason: is_excluded.then_some(NotCovered::ExcludedCategory),
            is_paid: false,
            draws: false,
            unit: None,
            balance_left: None,
        };
    };
    let terms_say = outside_terms(pack, package, calendars, ticket, asking.is_named);
    let monthly = package.monthly.as_ref();
    let counting = monthly.filter(|monthly| !monthly.leaves_out(service, ticket.category.as_ref()));
    let used_up = counting.is_some_and(|monthly| {
        Balance::new(monthly, asking.spent.adjusted, asking.spent.by_others).left <= 0
    });
    let is_request = |monthly: &&MonthlyPack| monthly.unit() == BalanceUnit::Requests;
    let draws = counting.is_some_and(|own| !(asking.is_duplicate && is_request(&own))) && terms_say.is_none();
    let reason = terms_say.or_else(|| used_up.then_some(NotCovered::BalanceUsedUp));
    Coverage {
        package: Some(package.key.clone()),
        service: service.cloned(),
        is_covered: reason.is_none(),
        reason,
        is_paid: reason == Some(NotCovered::PaidService),
        draws,
        unit: monthly.map(MonthlyPack::unit),
        balance_left: monthly.map(|monthly| {
            let is_drawn = draws && asking.is_of_month && is_request(&monthly);
            let drawn = asking.spent.by_others + asking.spent.by_own + i64::from(is_drawn);
            Balance::new(monthly, asking.spent.adjusted, drawn).left
        }),
    }
}

/// Why the ticket is not covered, whatever the balance.
fn outside_terms(
    pack: &Pack,
    package: &Package,
    calendars: &Calendars,
    ticket: &Ticket,
    is_named: bool,
) -> Option<NotCovered> {
    let category = ticket.category.as_ref();
    if is_in(&pack.contract.excluded_categories, category) || is_in(&package.excluded_categories, category) {
        return Some(NotCovered::ExcludedCategory);
    }
    let cover = pack.service_of(category).and_then(|service| package.services.get(&service.key));
    match cover {
        Some(Cover::Excluded) => return Some(NotCovered::ExcludedService),
        Some(Cover::Paid) => return Some(NotCovered::PaidService),
        Some(Cover::Included) | None => {}
    }
    // What the desk notices itself, nobody has asked for.
    if package.asked_by == AskedBy::Named && !is_named && ticket.channel != Channel::Monitoring {
        return Some(NotCovered::NotANamedContact);
    }
    let is_own = OWN_CHANNELS.contains(&ticket.channel);
    if !is_own && !package.channels.is_empty() && !package.channels.contains(&ticket.channel) {
        return Some(NotCovered::ChannelNotInPackage);
    }
    let opens = |key: &Key, at: Moment| calendars.named(key, &ticket.terms).is_none_or(|own| own.is_open(at));
    match &package.hours {
        Some(hours) if !opens(hours, ticket.opened_at) => Some(NotCovered::OutsideHours),
        _ => None,
    }
}

fn is_in(set: &std::collections::BTreeSet<Key>, key: Option<&Key>) -> bool {
    key.is_some_and(|key| set.contains(key))
}

impl MonthlyPack {
    /// Whether a ticket of the service and category draws nothing from it.
    #[must_use]
    pub fn leaves_out(&self, service: Option<&Key>, category: Option<&Key>) -> bool {
        is_in(&self.outside_services, service) || is_in(&self.outside_categories, category)
    }
}
