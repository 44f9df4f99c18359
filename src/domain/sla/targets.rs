//! Targets by priority, category, contract and place: which row counts for a ticket, and rows that contradict.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION};
use crate::domain::key::Label;
use crate::domain::pack::{NO_VALUES, Pack, PackFault, Phase};
use crate::domain::ticket::Ticket;
use crate::domain::{Key, SiteId, Span};

/// Warning levels of a row that names none, in percent of the target; 100 is the breach.
pub const WARN_PERCENT_DEFAULT: [i64; 2] = [80, 100];
/// Most warning levels of a row.
const WARN_LEVELS_MAX: usize = 10;
/// Highest warning level, in percent.
const WARN_PERCENT_MAX: i64 = 1_000;
/// Most rows of targets: each is compared with each.
const ROWS_MAX: usize = 500;
/// Longest target, in minutes.
const TARGET_MINUTES_MAX: i64 = 1_000_000;

/// How soon tickets must be answered and solved, in open minutes. What a row does not name, it takes any of; of
/// the rows that take a ticket, the one that names most counts, whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Target {
    /// 1 to 5.
    pub priority: Option<i64>,
    pub category: Option<Key>,
    /// The key of a sub-client: its contract.
    pub sub_client: Option<Key>,
    /// The key of a package: whoever has it.
    pub package: Option<Key>,
    /// ISO 3166-1 alpha-2 of the site's country.
    pub country: Option<String>,
    /// The id of a site; it comes before the country.
    pub site: Option<SiteId>,
    /// From the opening to the first public reply of a person of ours.
    pub first_response_minutes: Option<i64>,
    /// From a client's public reply to the next one of ours, once the first is given.
    pub next_response_minutes: Option<i64>,
    /// From the opening to the resolution.
    pub resolution_minutes: Option<i64>,
    /// By the key of a stage: time within it, all its visits together.
    pub stage_minutes: BTreeMap<Key, i64>,
    /// Levels at which `on_sla` is woken, in percent of the target, rising; without any, 80 and 100.
    pub warn_percent: Vec<i64>,
    /// Once the target is missed, `on_sla` is woken again each time so many open minutes have passed.
    pub overdue_every_minutes: Option<i64>,
}

/// A part of a ticket's way: the time within some statuses, or within a phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketStage {
    pub key: Key,
    pub label: Label,
    /// All open hours in these statuses count, also in one that waits.
    #[serde(default)]
    pub statuses: Vec<Key>,
    /// `new` or `open`: its clock stands where the ticket's does.
    #[serde(default)]
    pub phase: Option<Phase>,
}

/// Where a row is about; a site is inside any country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where<'t> {
    Anywhere,
    Country(&'t str),
    Site(SiteId),
}

impl Target {
    /// Every target that the row sets, by name.
    #[must_use]
    pub fn limits(&self) -> BTreeMap<Key, Span> {
        let named = [
            (FIRST_RESPONSE, self.first_response_minutes),
            (NEXT_RESPONSE, self.next_response_minutes),
            (RESOLUTION, self.resolution_minutes),
        ];
        let named = named.into_iter().filter_map(|(name, minutes)| {
            Some((Key::new(name).expect("the names of targets are keys"), minutes?))
        });
        let stages = self.stage_minutes.iter().map(|(key, minutes)| (key.clone(), *minutes));
        named.chain(stages).map(|(key, minutes)| (key, Span::minutes(minutes))).collect()
    }

    /// Its warning levels, in percent, rising.
    #[must_use]
    pub fn levels(&self) -> &[i64] {
        if self.warn_percent.is_empty() { &WARN_PERCENT_DEFAULT } else { &self.warn_percent }
    }

    fn place(&self) -> Where<'_> {
        match (self.site, &self.country) {
            (Some(site), _) => Where::Site(site),
            (None, Some(country)) => Where::Country(country),
            (None, None) => Where::Anywhere,
        }
    }

    /// The package that it is about: a sub-client has one.
    fn package_in<'p>(&'p self, pack: &'p Pack) -> Option<&'p Key> {
        let of_sub_client = self.sub_client.as_ref().and_then(|own| pack.contract.package_of(Some(own)));
        self.package.as_ref().or(of_sub_client)
    }

    fn takes(&self, ticket: &Ticket, package: Option<&Key>) -> bool {
        self.priority.is_none_or(|priority| priority == ticket.priority)
            && (self.category.is_none() || self.category == ticket.category)
            && (self.sub_client.is_none() || self.sub_client == ticket.terms.sub_client)
            && (self.package.is_none() || self.package.as_ref() == package)
            && match self.place() {
                Where::Anywhere => true,
                Where::Country(country) => ticket.terms.country.as_deref() == Some(country),
                Where::Site(site) => ticket.site == Some(site),
            }
    }

    /// Whether some ticket may be taken by both.
    fn meets(&self, other: &Target, pack: &Pack) -> bool {
        fn differ<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
            one.is_some() && other.is_some() && one != other
        }
        let places_differ = match (self.place(), other.place()) {
            (Where::Country(one), Where::Country(other)) => one != other,
            (Where::Site(one), Where::Site(other)) => one != other,
            _ => false,
        };
        !(differ(&self.priority, &other.priority)
            || differ(&self.category, &other.category)
            || differ(&self.sub_client, &other.sub_client)
            || differ(&self.package_in(pack), &other.package_in(pack))
            || places_differ)
    }

    /// Whether it names everything that `other` names: of two that meet, the one that counts.
    fn refines(&self, other: &Target, pack: &Pack) -> bool {
        (other.priority.is_none() || self.priority == other.priority)
            && (other.category.is_none() || self.category == other.category)
            && (other.sub_client.is_none() || self.sub_client == other.sub_client)
            && (other.package.is_none() || self.package_in(pack) == other.package.as_ref())
            && match (self.place(), other.place()) {
                (_, Where::Anywhere) | (Where::Site(_), Where::Country(_)) => true,
                (own, other) => own == other,
            }
    }

    /// What the row names, for people.
    #[must_use]
    pub fn criteria(&self) -> String {
        let mut words = Vec::new();
        let mut say = |name: &str, value: Option<String>| {
            words.extend(value.map(|value| format!("{name} {value}")));
        };
        say("priority", self.priority.map(|priority| priority.to_string()));
        say("category", self.category.as_ref().map(Key::to_string));
        say("sub-client", self.sub_client.as_ref().map(Key::to_string));
        say("package", self.package.as_ref().map(Key::to_string));
        say("country", self.country.clone());
        say("site", self.site.map(|site| site.to_string()));
        if words.is_empty() { "every ticket".to_owned() } else { words.join(", ") }
    }
}

impl Pack {
    /// The row of targets that counts for a ticket, with its index.
    #[must_use]
    pub fn target_for(&self, ticket: &Ticket) -> Option<(usize, &Target)> {
        let package = self.contract.package_of(ticket.terms.sub_client.as_ref());
        let taking = self.sla.iter().enumerate().filter(|(_, row)| row.takes(ticket, package));
        taking.reduce(|best, row| if row.1.refines(best.1, self) { row } else { best })
    }
}

/// What is wrong with the rows and the stages of a pack: the first thing of the stages and of each row.
pub(in crate::domain) fn faults(pack: &Pack) -> Vec<PackFault> {
    let mut faults: Vec<PackFault> = check_stages(pack).err().into_iter().collect();
    if pack.sla.len() > ROWS_MAX {
        let message = format!("there are {} rows of targets; at most {ROWS_MAX} are taken", pack.sla.len());
        faults.push(PackFault::at("sla", "too_many", [pack.sla.len(), ROWS_MAX], message));
        return faults;
    }
    let check = |(index, row): (usize, &Target)| {
        check_names(pack, index, row)?;
        check_minutes(pack, index, row)?;
        check_levels(index, row)?;
        check_against(pack, index, row)
    };
    faults.extend(pack.sla.iter().enumerate().filter_map(|row| check(row).err()));
    faults
}

fn check_stages(pack: &Pack) -> Result<(), PackFault> {
    let mut seen = BTreeSet::from([FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION]);
    let statuses: Vec<&str> = pack.statuses.iter().map(|status| status.key.as_str()).collect();
    for (index, stage) in pack.stages.iter().enumerate() {
        let at = |member: &str| format!("stages.{index}.{member}");
        if !seen.insert(&stage.key) {
            let message = format!("the target `{}` is there already; choose another key", stage.key);
            return Err(PackFault::at(&at("key"), "stage_twice", [&stage.key], message));
        }
        if stage.statuses.is_empty() == stage.phase.is_none() {
            let message = format!("the stage `{}` names either `statuses` or a `phase`", stage.key);
            let way = format!("stages.{index}");
            return Err(PackFault::at(&way, "statuses_or_phase", [&stage.key], message));
        }
        if matches!(stage.phase, Some(Phase::Resolved | Phase::Closed)) {
            let message = "a stage lies before the resolution: `new` or `open`";
            return Err(PackFault::at(&at("phase"), "phase_too_late", NO_VALUES, message));
        }
        for key in &stage.statuses {
            match pack.status(key).map(|status| status.phase) {
                None => {
                    return Err(PackFault::unknown(&at("statuses"), "status", key, &statuses));
                }
                Some(Phase::Resolved | Phase::Closed) => {
                    let message = format!("`{key}` comes with the resolution; a stage lies before it");
                    return Err(PackFault::at(&at("statuses"), "status_too_late", [key], message));
                }
                Some(Phase::New | Phase::Open) => {}
            }
        }
    }
    Ok(())
}

fn check_names(pack: &Pack, index: usize, row: &Target) -> Result<(), PackFault> {
    let at = |member: &str| format!("sla.{index}.{member}");
    if row.priority.is_some_and(|priority| !(1..=5).contains(&priority)) {
        return Err(PackFault::range(&at("priority"), (1, 5), "a priority is from 1 to 5"));
    }
    if let Some(category) = row.category.as_ref().filter(|key| pack.category(key).is_none()) {
        let known: Vec<&str> = pack.categories.iter().map(|category| category.key.as_str()).collect();
        return Err(PackFault::unknown(&at("category"), "category", category, &known));
    }
    check_package(pack, index, row)?;
    let is_code = |code: &str| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if row.country.as_deref().is_some_and(|country| !is_code(country)) {
        let message = "a country is two capitals (ISO 3166-1), such as KZ";
        return Err(PackFault::at(&at("country"), "not_a_country", row.country.as_ref(), message));
    }
    if row.site.is_some() && row.country.is_some() {
        let message = "a site lies in its country already; name one of them";
        return Err(PackFault::at(&at("country"), "site_and_country", NO_VALUES, message));
    }
    Ok(())
}

fn check_package(pack: &Pack, index: usize, row: &Target) -> Result<(), PackFault> {
    let Some(package) = &row.package else { return Ok(()) };
    let way = format!("sla.{index}.package");
    let known: Vec<&str> = pack.packages.iter().map(|package| package.key.as_str()).collect();
    if !known.contains(&package.as_str()) {
        return Err(PackFault::unknown(&way, "package", package, &known));
    }
    match row.sub_client.as_ref().map(|own| (own, pack.contract.package_of(Some(own)))) {
        Some((sub_client, own)) if own != Some(package) => {
            let values = [sub_client.as_str(), own.map_or("", |own| own.as_str())];
            let own = own.map_or("no package".to_owned(), |own| format!("the package `{own}`"));
            let message = format!("the sub-client `{sub_client}` has {own}; name one of them");
            Err(PackFault::at(&way, "package_of_sub_client", values, message))
        }
        _ => Ok(()),
    }
}

fn check_minutes(pack: &Pack, index: usize, row: &Target) -> Result<(), PackFault> {
    if row.limits().is_empty() {
        let way = format!("sla.{index}");
        return Err(PackFault::at(&way, "no_target", NO_VALUES, "the row sets no target"));
    }
    for (name, limit) in row.limits() {
        let minutes = limit.ms() / Span::minutes(1).ms();
        let is_stage = row.stage_minutes.contains_key(&name);
        let member = if is_stage { format!("stage_minutes.{name}") } else { format!("{name}_minutes") };
        let way = format!("sla.{index}.{member}");
        if is_stage && pack.stage(&name).is_none() {
            let known: Vec<&str> = pack.stages.iter().map(|stage| stage.key.as_str()).collect();
            return Err(PackFault::unknown(&way, "stage", &name, &known).coded("no_such_stage", [&name]));
        }
        if !(1..=TARGET_MINUTES_MAX).contains(&minutes) {
            let message = format!("a target needs at least one minute and at most {TARGET_MINUTES_MAX}");
            return Err(PackFault::at(&way, "minutes_out_of_range", [1, TARGET_MINUTES_MAX], message));
        }
    }
    match (row.first_response_minutes, row.resolution_minutes) {
        (Some(first), Some(resolution)) if first > resolution => {
            let message = format!(
                "the first response may take {first} minutes and the resolution only {resolution}: a ticket is \
                 answered before it is resolved"
            );
            let way = format!("sla.{index}.first_response_minutes");
            Err(PackFault::at(&way, "response_after_resolution", [first, resolution], message))
        }
        _ => Ok(()),
    }
}

fn check_levels(index: usize, row: &Target) -> Result<(), PackFault> {
    let levels = &row.warn_percent;
    let rise = levels.windows(2).all(|pair| pair[0] < pair[1]);
    let fit = levels.iter().all(|level| (1..=WARN_PERCENT_MAX).contains(level));
    if levels.len() > WARN_LEVELS_MAX || !rise || !fit {
        let message = format!(
            "warning levels rise, such as [50, 80, 100]: at most {WARN_LEVELS_MAX}, from 1 to {WARN_PERCENT_MAX} percent"
        );
        let values = [WARN_LEVELS_MAX.to_string(), WARN_PERCENT_MAX.to_string()];
        return Err(PackFault::at(&format!("sla.{index}.warn_percent"), "levels_must_rise", values, message));
    }
    if row.overdue_every_minutes.is_some_and(|every| !(1..=TARGET_MINUTES_MAX).contains(&every)) {
        let message = format!("from 1 to {TARGET_MINUTES_MAX} minutes");
        let way = format!("sla.{index}.overdue_every_minutes");
        return Err(PackFault::at(&way, "minutes_out_of_range", [1, TARGET_MINUTES_MAX], message));
    }
    Ok(())
}

/// Of any two rows that may take one ticket, one must count, or a third that names what both do.
fn check_against(pack: &Pack, index: usize, row: &Target) -> Result<(), PackFault> {
    for (number, before) in pack.sla[..index].iter().enumerate().filter(|(_, before)| row.meets(before, pack))
    {
        let (first, second) = (number + 1, index + 1);
        let wrong = |code, values: [String; 3], message: String| {
            Err(PackFault::at(&format!("sla.{index}"), code, values, message))
        };
        match (row.refines(before, pack), before.refines(row, pack)) {
            (true, true) => {
                let what = row.criteria();
                let message = format!("rows {first} and {second} are both for {what}; say it once");
                return wrong("same_scope", [first.to_string(), second.to_string(), what], message);
            }
            (true, false) | (false, true) => {}
            (false, false) => {
                let decides = |third: &&Target| {
                    let names_both = third.refines(row, pack) && third.refines(before, pack);
                    names_both && joined(row, before).refines(third, pack)
                };
                if !pack.sla.iter().any(|third| decides(&third)) {
                    let wanted = joined(row, before).criteria();
                    let message = format!(
                        "row {first} ({}) and row {second} ({}) may take the same ticket and neither is the closer \
                         one: add a row for {wanted}",
                        before.criteria(),
                        row.criteria(),
                    );
                    return wrong("no_closer_row", [first.to_string(), second.to_string(), wanted], message);
                }
            }
        }
    }
    Ok(())
}

/// What both name.
fn joined(one: &Target, other: &Target) -> Target {
    let site = one.site.or(other.site);
    let sub_client = one.sub_client.clone().or_else(|| other.sub_client.clone());
    let package = one.package.clone().or_else(|| other.package.clone()).filter(|_| sub_client.is_none());
    let country = one.country.clone().or_else(|| other.country.clone()).filter(|_| site.is_none());
    Target {
        priority: one.priority.or(other.priority),
        category: one.category.clone().or_else(|| other.category.clone()),
        sub_client,
        package,
        country,
        site,
        ..Target::default()
    }
}
