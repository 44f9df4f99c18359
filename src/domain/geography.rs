//! Where things and people are, and what people serve: points on the earth, territories; pure.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::client::Site;

/// Most territories of one person.
pub const TERRITORIES_MAX: usize = 100;
/// Mean radius of the earth.
const EARTH_RADIUS_M: f64 = 6_371_000.0;
const MILLIONTHS: f64 = 1_000_000.0;

/// A point on the earth, kept in millionths of a degree (a tenth of a metre).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Degrees", into = "Degrees")]
pub struct Location {
    latitude_e6: i64,
    longitude_e6: i64,
}

/// A point on the earth, in degrees (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Degrees {
    /// From -90 (south) to 90 (north).
    #[serde(deserialize_with = "latitude")]
    pub latitude: f64,
    /// From -180 (west) to 180 (east).
    #[serde(deserialize_with = "longitude")]
    pub longitude: f64,
}

const LATITUDE_MAX: f64 = 90.0;
const LONGITUDE_MAX: f64 = 180.0;

fn within(name: &str, given: f64, most: f64) -> Result<f64, String> {
    if (-most..=most).contains(&given) {
        return Ok(given);
    }
    Err(format!("{name} is {given}; it must be from -{most} to {most} degrees"))
}

// Each is checked where it is read, so that a fault names the one that is wrong.
fn latitude<'de, D: Deserializer<'de>>(source: D) -> Result<f64, D::Error> {
    within("latitude", f64::deserialize(source)?, LATITUDE_MAX).map_err(D::Error::custom)
}

fn longitude<'de, D: Deserializer<'de>>(source: D) -> Result<f64, D::Error> {
    within("longitude", f64::deserialize(source)?, LONGITUDE_MAX).map_err(D::Error::custom)
}

impl TryFrom<Degrees> for Location {
    type Error = String;

    fn try_from(Degrees { latitude, longitude }: Degrees) -> Result<Self, String> {
        within("latitude", latitude, LATITUDE_MAX)?;
        within("longitude", longitude, LONGITUDE_MAX)?;
        let millionths = |degrees: f64| (degrees * MILLIONTHS).round() as i64;
        Ok(Self { latitude_e6: millionths(latitude), longitude_e6: millionths(longitude) })
    }
}

impl From<Location> for Degrees {
    fn from(location: Location) -> Self {
        Self {
            latitude: location.latitude_e6 as f64 / MILLIONTHS,
            longitude: location.longitude_e6 as f64 / MILLIONTHS,
        }
    }
}

impl Location {
    /// Along the great circle, in metres; a road is longer.
    #[must_use]
    pub fn distance_m(self, other: Location) -> i64 {
        let (one, two) = (Degrees::from(self), Degrees::from(other));
        let (lat_one, lat_two) = (one.latitude.to_radians(), two.latitude.to_radians());
        let half_lat = (lat_two - lat_one) / 2.0;
        let half_long = (two.longitude - one.longitude).to_radians() / 2.0;
        let haversine = half_lat.sin().powi(2) + lat_one.cos() * lat_two.cos() * half_long.sin().powi(2);
        (2.0 * EARTH_RADIUS_M * haversine.clamp(0.0, 1.0).sqrt().asin()).round() as i64
    }
}

/// A country, a city or a district: `KZ`, `KZ/Almaty`, `KZ/Almaty/Medeu`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Territory {
    country: String,
    city: Option<String>,
    district: Option<String>,
}

/// How closely a territory fits a site; the closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    District,
    City,
    Country,
}

impl TryFrom<String> for Territory {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = text.split('/').map(|part| part.trim().to_owned());
        let country = parts.next().unwrap_or_default();
        let (city, district) = (parts.next(), parts.next());
        let is_empty = |part: &Option<String>| part.as_ref().is_some_and(String::is_empty);
        let is_country = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_country || is_empty(&city) || is_empty(&district) || parts.next().is_some() {
            let given: String = text.chars().take(60).collect();
            return Err(format!(
                "`{given}` is no territory: write a country (ISO 3166-1), a city or a district: KZ, KZ/Almaty, \
                 KZ/Almaty/Medeu"
            ));
        }
        Ok(Self { country, city, district })
    }
}

impl From<Territory> for String {
    fn from(territory: Territory) -> String {
        let Territory { country, city, district } = territory;
        let parts = [Some(country), city, district];
        parts.into_iter().flatten().collect::<Vec<_>>().join("/")
    }
}

impl Territory {
    /// How closely it fits the site; nothing: the site lies elsewhere.
    fn fit(&self, site: &Site) -> Option<Fit> {
        if self.country != site.country {
            return None;
        }
        let Some(city) = &self.city else { return Some(Fit::Country) };
        if !is_same(city, &site.city) {
            return None;
        }
        let Some(district) = &self.district else { return Some(Fit::City) };
        site.district.as_ref().is_some_and(|own| is_same(district, own)).then_some(Fit::District)
    }
}

/// Whether two names of places mean the same one.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Where a person is, and which places they serve.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceArea {
    /// Where the person sets out from; without it, every distance is unknown.
    #[schema(value_type = Option<Degrees>)]
    pub location: Option<Location>,
    /// `KZ`, `KZ/Almaty` or `KZ/Almaty/Medeu`; at most 100.
    #[schema(value_type = Vec<String>)]
    pub territories: Vec<Territory>,
}

impl ServiceArea {
    /// The closest fit of the person's territories.
    #[must_use]
    pub fn fit(&self, site: &Site) -> Option<Fit> {
        self.territories.iter().filter_map(|territory| territory.fit(site)).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: f64, longitude: f64) -> Location {
        Location::try_from(Degrees { latitude, longitude }).unwrap()
    }

    #[test]
    fn distances_run_along_the_great_circle() {
        let (almaty, astana) = (at(43.2389, 76.8897), at(51.1694, 71.4491));
        for (one, other, km) in [
            (almaty, astana, 972),
            (at(55.7558, 37.6173), at(59.9343, 30.3351), 633),
            // Over the date line, and from pole to pole.
            (at(64.7, 177.5), at(64.5, -165.4), 816),
            (at(90.0, 0.0), at(-90.0, 120.0), 20_015),
            (almaty, almaty, 0),
        ] {
            let found = one.distance_m(other);
            assert!((found - km * 1_000).abs() < 5_000, "{found} m is not {km} km");
            assert_eq!(found, other.distance_m(one));
        }
    }

    #[test]
    fn a_point_outside_the_earth_is_refused() {
        for (latitude, longitude, said) in [
            (90.1, 0.0, "latitude is 90.1; it must be from -90 to 90 degrees"),
            (0.0, -180.5, "longitude is -180.5; it must be from -180 to 180 degrees"),
            (f64::NAN, 0.0, "latitude is NaN"),
        ] {
            let refused = Location::try_from(Degrees { latitude, longitude }).unwrap_err();
            assert!(refused.starts_with(said), "{refused}");
        }
        assert_eq!(
            serde_json::to_string(&at(43.25, -76.5)).unwrap(),
            r#"{"latitude":43.25,"longitude":-76.5}"#
        );
    }

    #[test]
    fn the_closest_territory_counts() {
        let site: Site = serde_json::from_value(serde_json::json!({
            "id": "1", "client": "1", "sub_client": null, "name": "Mega", "address": "x", "city": "Almaty",
            "country": "KZ", "time_zone": "Asia/Almaty", "district": "Medeu", "version": 1,
        }))
        .unwrap();
        let fit = |names: &[&str]| {
            let territories =
                names.iter().map(|name| Territory::try_from((*name).to_owned()).unwrap()).collect();
            ServiceArea { location: None, territories }.fit(&site)
        };
        for (names, expected) in [
            (&["KZ"][..], Some(Fit::Country)),
            (&["RU", "KZ / ALMATY"], Some(Fit::City)),
            (&["KZ", "KZ/almaty/medeu", "KZ/Almaty"], Some(Fit::District)),
            (&["KZ/Almaty/Auezov"], None),
            (&["KZ/Astana", "RU"], None),
            (&[], None),
        ] {
            assert_eq!(fit(names), expected, "{names:?}");
        }
        for wrong in ["", "Kazakhstan", "kz", "KZ/", "KZ/Almaty//", "KZ/Almaty/Medeu/1"] {
            let refused = Territory::try_from(wrong.to_owned()).unwrap_err();
            assert!(refused.contains("is no territory"), "{wrong}: {refused}");
        }
    }
}
