//! Options that a test gives as a map: known names only, each of its type.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{Array, Dynamic, ImmutableString, Map};
use serde_json::Value;

use super::bench::{Outcome, wrong};
use super::values;
use crate::domain::Key;
use crate::domain::Moment;
use crate::domain::geography::{Degrees, Location, Territory};
use crate::domain::key::{did_you_mean, nearest};
use crate::domain::ticket::Level;

pub struct Options {
    /// The function that they were given to.
    verb: &'static str,
    map: Map,
}

impl Options {
    pub fn new(verb: &'static str, map: Map, known: &[&str]) -> Outcome<Self> {
        for name in map.keys() {
            if !known.contains(&name.as_str()) {
                let hint = did_you_mean(nearest(name, known.iter().copied()));
                let known = known.join(", ");
                return Err(wrong(format!("{verb} has no option `{name}`{hint}; known: {known}")));
            }
        }
        Ok(Self { verb, map })
    }

    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// The value, unless it is absent or `()`.
    fn value(&self, name: &str) -> Option<&Dynamic> {
        self.map.get(name).filter(|value| !value.is_unit())
    }

    fn wrong(&self, name: &str, wanted: &str) -> Box<rhai::EvalAltResult> {
        wrong(format!("{}: `{name}` wants {wanted}", self.verb))
    }

    pub fn text(&self, name: &str) -> Outcome<Option<String>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let text = value.clone().into_immutable_string();
        text.map(|text| Some(text.to_string())).map_err(|_| self.wrong(name, "a text"))
    }

    pub fn key(&self, name: &str) -> Outcome<Option<Key>> {
        self.text(name)?.map(|text| key(&text)).transpose()
    }

    pub fn number(&self, name: &str) -> Outcome<Option<i64>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.as_int().map(Some).map_err(|_| self.wrong(name, "a whole number"))
    }

    pub fn flag(&self, name: &str) -> Outcome<Option<bool>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.as_bool().map(Some).map_err(|_| self.wrong(name, "true or false"))
    }

    pub fn moment(&self, name: &str) -> Outcome<Option<Moment>> {
        self.handle::<Moment>(name, "a moment, such as `now() + hours(2)`")
    }

    pub fn level(&self, name: &str) -> Outcome<Option<Level>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match text.as_str() {
            "high" => Ok(Some(Level::High)),
            "medium" => Ok(Some(Level::Medium)),
            "low" => Ok(Some(Level::Low)),
            _ => Err(self.wrong(name, "high, medium or low")),
        }
    }

    /// What a function of the tests made: a site, a person …
    pub fn handle<T: Clone + 'static>(&self, name: &str, wanted: &str) -> Outcome<Option<T>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.clone().try_cast::<T>().map(Some).ok_or_else(|| self.wrong(name, wanted))
    }

    pub fn list(&self, name: &str) -> Outcome<Array> {
        let Some(value) = self.value(name) else { return Ok(Array::new()) };
        value.clone().into_array().map_err(|_| self.wrong(name, "an array"))
    }

    pub fn texts(&self, name: &str) -> Outcome<Vec<String>> {
        let items = self.list(name)?.into_iter().map(Dynamic::into_immutable_string);
        let texts: Result<Vec<ImmutableString>, _> = items.collect();
        let texts = texts.map_err(|_| self.wrong(name, "an array of texts"))?;
        Ok(texts.into_iter().map(ImmutableString::into_owned).collect())
    }

    pub fn keys(&self, name: &str) -> Outcome<BTreeSet<Key>> {
        self.texts(name)?.iter().map(|text| key(text)).collect()
    }

    /// Degrees: `[43.24, 76.89]`, latitude first.
    pub fn location(&self, name: &str) -> Outcome<Option<Location>> {
        if self.value(name).is_none() {
            return Ok(None);
        }
        let degree = |value: &Dynamic| value.as_float().or_else(|_| value.as_int().map(|whole| whole as f64));
        let found: Vec<f64> = self.list(name)?.iter().filter_map(|value| degree(value).ok()).collect();
        let [latitude, longitude] = found[..] else {
            return Err(self.wrong(name, "two numbers, such as `[43.24, 76.89]`"));
        };
        Location::try_from(Degrees { latitude, longitude }).map(Some).map_err(wrong)
    }

    pub fn territories(&self, name: &str) -> Outcome<Vec<Territory>> {
        self.texts(name)?.into_iter().map(|text| Territory::try_from(text).map_err(wrong)).collect()
    }

    /// Further options in a map of their own; empty when there is none.
    pub fn map(&self, name: &str) -> Outcome<Map> {
        let Some(value) = self.value(name) else { return Ok(Map::new()) };
        value.clone().try_cast::<Map>().ok_or_else(|| self.wrong(name, "a map"))
    }

    /// Custom fields and the like; `()` is kept, as `null`.
    pub fn fields(&self, name: &str) -> Outcome<BTreeMap<Key, Value>> {
        let Some(value) = self.value(name) else { return Ok(BTreeMap::new()) };
        let map = value.clone().try_cast::<Map>().ok_or_else(|| self.wrong(name, "a map"))?;
        map.iter().map(|(name, value)| Ok((key(name)?, values::to_json(value)?))).collect()
    }
}

pub fn key(text: &str) -> Outcome<Key> {
    Key::new(text).map_err(|error| wrong(error.to_string()))
}
