//! The calendars of a pack, and which of them counts for a ticket and for a team.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Key;
use super::calendar::{
    Calendar, CalendarError, CalendarFault, HolidayLists, Lists, NamedCalendar, ZONE_OF_SITE, zone,
};
use super::pack::{Pack, PackFault};

/// Calendars of one zone that are kept for one name; a client has sites in so many zones at most.
const ZONES_KEPT_MAX: usize = 100;

/// What of a ticket's place its calendar and its targets go by, as it was when it was recorded: a site that is
/// changed later does not change the past.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Terms {
    /// IANA name of the site's zone.
    pub time_zone: Option<String>,
    /// The calendar that the site names.
    pub calendar: Option<Key>,
    /// ISO 3166-1 alpha-2 of the site's country.
    pub country: Option<String>,
    /// The sub-client's key: whose contract it is.
    pub sub_client: Option<Key>,
}

/// Every calendar of a pack, checked.
#[derive(Debug)]
pub struct Calendars {
    usual: Arc<Calendar>,
    zone: String,
    named: BTreeMap<Key, Named>,
    of_contract: Option<Key>,
    of_sub_clients: BTreeMap<Key, Key>,
    of_queues: BTreeMap<Key, Key>,
    lists: Option<HolidayLists>,
}

#[derive(Debug)]
struct Named {
    settings: NamedCalendar,
    /// Made when first asked for.
    by_zone: Mutex<BTreeMap<String, Arc<Calendar>>>,
}

impl Calendars {
    /// # Errors
    /// What is wrong, and where in `client.toml`.
    pub fn new(pack: &Pack, lists: Lists<'_>) -> Result<Self, PackFault> {
        if let Some(fault) = faults(pack, lists).into_iter().next() {
            return Err(fault);
        }
        let usual = Calendar::new(&pack.calendar, lists).map_err(|fault| located("calendar", &fault))?;
        let mut named = BTreeMap::new();
        for (index, settings) in pack.calendars.iter().enumerate() {
            let here = settings.in_zone(&pack.calendar.time_zone);
            let calendar = Calendar::new(&here, lists).map_err(|fault| located(&way(index), &fault))?;
            let by_zone = Mutex::new(BTreeMap::from([(here.time_zone, Arc::new(calendar))]));
            named.insert(settings.key.clone(), Named { settings: settings.clone(), by_zone });
        }
        let of_queues =
            pack.queues.iter().filter_map(|queue| Some((queue.key.clone(), queue.calendar.clone()?)));
        Ok(Self {
            usual: Arc::new(usual),
            zone: pack.calendar.time_zone.clone(),
            named,
            of_contract: pack.contract.calendar.clone().or_else(|| hours_of(pack, None)),
            of_sub_clients: calendars_of_sub_clients(pack),
            of_queues: of_queues.collect(),
            lists: match lists {
                Lists::Known(lists) => Some(lists.clone()),
                Lists::Unknown => None,
            },
        })
    }

    /// The zone of the client's default calendar.
    #[must_use]
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// The client's default calendar.
    #[must_use]
    pub fn usual(&self) -> &Arc<Calendar> {
        &self.usual
    }

    /// The key of the calendar by which a ticket's clocks run: its site's, else that of its sub-client's
    /// contract, else the client's contract's (either named, or the hours of the package); nothing: the default one.
    #[must_use]
    pub fn key_for(&self, terms: &Terms) -> Option<&Key> {
        let of_sub_client = terms.sub_client.as_ref().and_then(|sub| self.of_sub_clients.get(sub));
        let of_site = terms.calendar.as_ref().and_then(|key| self.named.get_key_value(key));
        of_site.map(|(key, _)| key).or(of_sub_client).or(self.of_contract.as_ref())
    }

    /// The calendar by which a ticket's clocks run.
    #[must_use]
    pub fn of(&self, terms: &Terms) -> Arc<Calendar> {
        let named = self.key_for(terms).and_then(|key| self.named.get(key));
        named.map_or_else(|| Arc::clone(&self.usual), |named| self.in_zone(named, terms))
    }

    /// The calendar of a name, in the zone of the ticket's site where it says so.
    #[must_use]
    pub fn named(&self, key: &Key, terms: &Terms) -> Option<Arc<Calendar>> {
        self.named.get(key).map(|named| self.in_zone(named, terms))
    }

    /// The calendar of the team in whose queue a ticket stands; without one of its own, the ticket's.
    #[must_use]
    pub fn of_team(&self, queue: Option<&Key>, terms: &Terms) -> Arc<Calendar> {
        let own = queue.and_then(|queue| self.of_queues.get(queue)).and_then(|key| self.named.get(key));
        own.map_or_else(|| self.of(terms), |named| self.in_zone(named, terms))
    }

    /// A site's zone was checked when the site was kept; one that this program does not know any more counts as
    /// the client's own.
    fn in_zone(&self, named: &Named, terms: &Terms) -> Arc<Calendar> {
        let of_site = terms.time_zone.as_deref().filter(|name| zone(name).is_ok());
        let wanted = match &*named.settings.time_zone {
            ZONE_OF_SITE => of_site.unwrap_or(&self.zone),
            own => own,
        };
        let mut by_zone = named.by_zone.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(calendar) = by_zone.get(wanted) {
            return Arc::clone(calendar);
        }
        let lists = self.lists.as_ref().map_or(Lists::Unknown, Lists::Known);
        let Ok(calendar) = Calendar::new(&named.settings.in_zone(wanted), lists) else {
            return Arc::clone(&self.usual);
        };
        if by_zone.len() >= ZONES_KEPT_MAX {
            by_zone.clear();
        }
        let calendar = Arc::new(calendar);
        by_zone.insert(wanted.to_owned(), Arc::clone(&calendar));
        calendar
    }
}

/// The hours of the package of a sub-client, or of the client.
fn hours_of(pack: &Pack, sub_client: Option<&Key>) -> Option<Key> {
    pack.package_of(sub_client).and_then(|package| package.hours.clone())
}

/// What a sub-client's contract names, else the hours of the package that is its own.
fn calendars_of_sub_clients(pack: &Pack) -> BTreeMap<Key, Key> {
    let own = pack.contract.sub_client_packages.keys();
    let mut calendars: BTreeMap<Key, Key> =
        own.filter_map(|key| Some((key.clone(), hours_of(pack, Some(key))?))).collect();
    calendars.extend(pack.contract.sub_client_calendars.clone());
    calendars
}

/// The first thing that is wrong with each calendar of a pack.
pub(in crate::domain) fn faults(pack: &Pack, lists: Lists<'_>) -> Vec<PackFault> {
    let mut faults = Vec::new();
    if pack.calendar.time_zone == ZONE_OF_SITE {
        let fault = CalendarFault::at("time_zone", None, CalendarError::DefaultOfSite);
        faults.push(located("calendar", &fault));
    } else {
        let fault = Calendar::new(&pack.calendar, lists).err();
        faults.extend(fault.map(|fault| located("calendar", &fault)));
    }
    // Where the default zone is wrong, those of the sites are as good as any.
    let zone = Some(&*pack.calendar.time_zone).filter(|name| zone(name).is_ok()).unwrap_or("UTC");
    for (index, settings) in pack.calendars.iter().enumerate() {
        if pack.calendars[..index].iter().any(|before| before.key == settings.key) {
            let fault = PackFault::twice(&format!("{}.key", way(index)), "calendar", &settings.key);
            faults.push(fault.coded("calendar_twice", [&settings.key]));
            continue;
        }
        let fault = Calendar::new(&settings.in_zone(zone), lists).err();
        faults.extend(fault.map(|fault| located(&way(index), &fault)));
    }
    faults
}

fn way(index: usize) -> String {
    format!("calendars.{index}")
}

fn located(way: &str, fault: &CalendarFault) -> PackFault {
    let index = fault.index.map(|index| format!(".{index}")).unwrap_or_default();
    let (code, values) = (fault.error.code(), fault.error.values());
    PackFault::at(&format!("{way}.{}{index}", fault.member), code, values, fault.to_string())
}
