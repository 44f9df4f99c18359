//! What `services`, `packages` and `contract` of a `client.toml` must say, and what would contradict.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    AskedBy, Charge, Cover, MONTHLY_HOURS_MAX, MONTHLY_REQUESTS_MAX, MonthlyPack, NAMED_CONTACTS_MAX,
    OWN_CHANNELS, PACKAGES_MAX, Package, PriorityRaise,
};
use crate::domain::Key;
use crate::domain::pack::{NO_VALUES, Pack, PackFault};

/// Finds the first thing that is wrong.
pub(in crate::domain) fn check(pack: &Pack) -> Result<(), PackFault> {
    for (what, count) in [("services", pack.services.len()), ("packages", pack.packages.len())] {
        if count > PACKAGES_MAX {
            let message = format!("there are {count} {what}; at most {PACKAGES_MAX} are taken");
            return Err(PackFault::at(what, "too_many", [count, PACKAGES_MAX], message));
        }
    }
    check_services(pack)?;
    let mut seen = BTreeSet::new();
    for (index, package) in pack.packages.iter().enumerate() {
        if !seen.insert(&package.key) {
            return Err(PackFault::twice(&format!("packages.{index}.key"), "package", &package.key));
        }
        At { pack, package, way: format!("packages.{index}") }.check()?;
    }
    check_contract(pack)
}

fn check_services(pack: &Pack) -> Result<(), PackFault> {
    let mut keys = BTreeSet::new();
    let mut owners: BTreeMap<&Key, &Key> = BTreeMap::new();
    for (index, service) in pack.services.iter().enumerate() {
        if !keys.insert(&service.key) {
            return Err(PackFault::twice(&format!("services.{index}.key"), "service", &service.key));
        }
        let way = format!("services.{index}.categories");
        for category in &service.categories {
            require_category(pack, &way, category)?;
            if let Some(other) = owners.insert(category, &service.key) {
                let message = format!(
                    "the category `{category}` is of the service `{other}` already; a category asks for one service"
                );
                return Err(PackFault::at(&way, "category_of_two_services", [category, other], message));
            }
        }
    }
    Ok(())
}

fn check_contract(pack: &Pack) -> Result<(), PackFault> {
    let contract = &pack.contract;
    let known: Vec<&str> = pack.packages.iter().map(|package| package.key.as_str()).collect();
    let require = |way: &str, key: &Key| match known.contains(&key.as_str()) {
        true => Ok(()),
        false => Err(PackFault::unknown(way, "package", key, &known)),
    };
    if let Some(key) = &contract.package {
        require("contract.package", key)?;
    }
    for (sub_client, key) in &contract.sub_client_packages {
        require(&format!("contract.sub_client_packages.{sub_client}"), key)?;
    }
    let Some(queue) = &contract.not_covered_queue else { return Ok(()) };
    let way = "contract.not_covered_queue";
    if pack.queue(queue).is_none() {
        let known: Vec<&str> = pack.queues.iter().map(|queue| queue.key.as_str()).collect();
        return Err(PackFault::unknown(way, "queue", queue, &known));
    }
    if contract.package.is_none() && contract.sub_client_packages.is_empty() {
        let message =
            "nobody has a package, so nothing is checked: name `package` or `sub_client_packages` too";
        return Err(PackFault::at(way, "nobody_has_a_package", NO_VALUES, message));
    }
    Ok(())
}

fn require_category(pack: &Pack, way: &str, key: &Key) -> Result<(), PackFault> {
    if pack.category(key).is_some() {
        return Ok(());
    }
    let known: Vec<&str> = pack.categories.iter().map(|category| category.key.as_str()).collect();
    Err(PackFault::unknown(way, "category", key, &known))
}

/// One package and the way to it.
struct At<'p> {
    pack: &'p Pack,
    package: &'p Package,
    way: String,
}

impl At<'_> {
    fn wrong(&self, member: &str, code: &'static str, message: impl Into<String>) -> PackFault {
        PackFault::at(&self.at(member), code, NO_VALUES, message)
    }

    fn at(&self, member: &str) -> String {
        format!("{}.{member}", self.way)
    }

    fn check(&self) -> Result<(), PackFault> {
        self.check_asking()?;
        self.check_matrix()?;
        for category in &self.package.excluded_categories {
            require_category(self.pack, &format!("{}.excluded_categories", self.way), category)?;
        }
        if let Some(monthly) = &self.package.monthly {
            self.check_monthly(monthly)?;
        }
        self.package.priority_raise.as_ref().map_or(Ok(()), |raise| self.check_raise(raise))
    }

    fn check_asking(&self) -> Result<(), PackFault> {
        if let Some(max) = self.package.named_contacts_max {
            if self.package.asked_by != AskedBy::Named {
                let message =
                    "anybody may ask, so nobody is counted: say `asked_by = \"named\"` or leave it out";
                return Err(self.wrong("named_contacts_max", "anybody_may_ask", message));
            }
            if !(1..=NAMED_CONTACTS_MAX).contains(&max) {
                let message = format!("from 1 to {NAMED_CONTACTS_MAX}; with none, nobody could ask");
                let way = self.at("named_contacts_max");
                return Err(PackFault::range(&way, (1, NAMED_CONTACTS_MAX), message));
            }
        }
        if OWN_CHANNELS.iter().any(|own| self.package.channels.contains(own)) {
            let message =
                "`desk`, `monitoring` and `import` are ours and always taken; name how the client asks";
            return Err(self.wrong("channels", "channels_of_ours", message));
        }
        let known: Vec<&str> = self.pack.calendars.iter().map(|calendar| calendar.key.as_str()).collect();
        match &self.package.hours {
            Some(hours) if !known.contains(&hours.as_str()) => {
                Err(PackFault::unknown(&self.at("hours"), "calendar", hours, &known))
            }
            _ => Ok(()),
        }
    }

    /// The matrix is whole: a service of which a package says nothing would be a question for a court.
    fn check_matrix(&self) -> Result<(), PackFault> {
        let known: Vec<&str> = self.pack.services.iter().map(|service| service.key.as_str()).collect();
        for key in self.package.services.keys() {
            if !known.contains(&key.as_str()) {
                let way = self.at(&format!("services.{key}"));
                return Err(PackFault::unknown(&way, "service", key, &known));
            }
        }
        match self.pack.services.iter().find(|service| !self.package.services.contains_key(&service.key)) {
            Some(missing) => {
                let message = format!(
                    "the package `{}` does not say of the service `{}` whether it is `included`, `excluded` or `paid`",
                    self.package.key, missing.key
                );
                let member = if self.package.services.is_empty() { "key" } else { "services" };
                let values = [&self.package.key, &missing.key];
                Err(PackFault::at(&self.at(member), "service_not_said", values, message))
            }
            None => Ok(()),
        }
    }

    fn check_monthly(&self, monthly: &MonthlyPack) -> Result<(), PackFault> {
        let (member, amount, max) = match (monthly.hours, monthly.requests) {
            (Some(hours), None) => ("hours", hours, MONTHLY_HOURS_MAX),
            (None, Some(requests)) => ("requests", requests, MONTHLY_REQUESTS_MAX),
            _ => {
                let message = "a monthly pack has either `hours` or `requests`";
                return Err(self.wrong("monthly", "hours_or_requests", message));
            }
        };
        if !(1..=max).contains(&amount) {
            let message = format!(
                "a monthly pack has from 1 to {max} {member}; leave `monthly` out where there is no limit"
            );
            let way = self.at(&format!("monthly.{member}"));
            return Err(PackFault::range(&way, (1, max), message));
        }
        let way = "monthly.outside_services";
        let known: Vec<&str> = self.package.services.keys().map(Key::as_str).collect();
        for key in &monthly.outside_services {
            match self.package.services.get(key) {
                None => return Err(PackFault::unknown(&self.at(way), "service", key, &known)),
                Some(Cover::Included) => {}
                Some(Cover::Excluded | Cover::Paid) => {
                    let message =
                        format!("`{key}` is not included, so it draws nothing anyway; leave it out");
                    return Err(PackFault::at(&self.at(way), "not_included", [key], message));
                }
            }
        }
        for category in &monthly.outside_categories {
            let way = format!("{}.monthly.outside_categories", self.way);
            require_category(self.pack, &way, category)?;
        }
        Ok(())
    }

    fn check_raise(&self, raise: &PriorityRaise) -> Result<(), PackFault> {
        let at = |member: &str| format!("priority_raise.{member}");
        let wrong = |member: &str, code, message: &str| Err(self.wrong(&at(member), code, message));
        if !(1..=5).contains(&raise.up_to) {
            return Err(PackFault::range(&self.at(&at("up_to")), (1, 5), "a priority is from 1 to 5"));
        }
        match (raise.charge, raise.amount) {
            (Charge::Balance, _) if self.package.monthly.is_none() => {
                let message = "the package has no monthly pack from which it could be drawn";
                wrong("charge", "no_monthly_pack", message)
            }
            (Charge::Balance, Some(amount)) if (1..=MONTHLY_REQUESTS_MAX).contains(&amount) => Ok(()),
            (Charge::Balance, _) => {
                let message = "say in `amount` how much is drawn: minutes of a pack of hours, or requests";
                let member = if raise.amount.is_some() { "amount" } else { "charge" };
                wrong(member, "amount_missing", message)
            }
            (_, Some(_)) => {
                wrong("amount", "amount_without_balance", "only what is drawn from the balance has an amount")
            }
            (Charge::Billed, None) if raise.price.0.is_empty() => {
                wrong("charge", "price_missing", "say in `price` what it costs: somebody must agree to it")
            }
            (Charge::Free, None) if !raise.price.0.is_empty() => {
                wrong("price", "price_of_nothing", "it is free, so it has no price")
            }
            _ => Ok(()),
        }
    }
}
