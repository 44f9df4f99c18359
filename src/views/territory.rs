//! Territories that people can serve: where the sites are.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{ViewError, Views};
use crate::domain::geography::Territory;
use crate::domain::{PersonId, Refusal};
use crate::store;

/// Most territories that are listed; countries and cities before districts.
const TERRITORIES_LISTED_MAX: usize = 5_000;

/// A country, a city or a district that has sites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TerritoryLine {
    /// As a person's `territories` are written: `KZ`, `KZ/Almaty`, `KZ/Almaty/Medeu`.
    pub territory: String,
    /// Sites there, of clients whom the caller reads whole.
    pub sites: i64,
}

impl Views {
    /// By name; names of one place that differ in case alone are one.
    pub fn territories(&self, person: PersonId) -> Result<Vec<TerritoryLine>, ViewError> {
        self.read(person, |reading| {
            if !reading.sees_internals() {
                return Err(Refusal::forbidden("see the territories: staff do").into());
            }
            let mut found: BTreeMap<(usize, String), TerritoryLine> = BTreeMap::new();
            for client in reading.record_clients(None)? {
                for place in store::place_list::places(reading.db, client)? {
                    // A name with a stroke of its own cannot be a part of a territory.
                    let is_part = |name: &String| !name.contains('/');
                    let city = Some(&place.city).filter(|city| is_part(city));
                    let city = city.map(|city| format!("{}/{city}", place.country));
                    let district = place.district.as_ref().filter(|district| is_part(district));
                    let district = city.as_ref().zip(district).map(|(city, own)| format!("{city}/{own}"));
                    for (depth, name) in [Some(place.country), city, district].into_iter().enumerate() {
                        let territory = name.and_then(|name| Territory::try_from(name).ok());
                        let Some(territory) = territory.map(String::from) else { continue };
                        let line = found
                            .entry((depth, territory.to_lowercase()))
                            .or_insert(TerritoryLine { territory, sites: 0 });
                        line.sites += place.sites;
                    }
                }
            }
            let mut lines: Vec<_> = found.into_values().take(TERRITORIES_LISTED_MAX).collect();
            lines.sort_by(|one, other| one.territory.cmp(&other.territory));
            Ok(lines)
        })
    }
}
