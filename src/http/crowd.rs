//! Counts who holds how many places of something, so that one neighbour does not take all.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex};

/// Places in use by who holds them; cheap to clone.
#[derive(Debug)]
pub struct Crowd<K>(Arc<Mutex<HashMap<K, usize>>>);

/// A place in the crowd, given back when it is dropped.
#[derive(Debug)]
pub struct Place<K: Hash + Eq> {
    crowd: Crowd<K>,
    holder: K,
}

impl<K> Default for Crowd<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K> Clone for Crowd<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Hash + Eq + Copy> Crowd<K> {
    /// Places that the holder has now.
    #[must_use]
    pub fn held_by(&self, holder: K) -> usize {
        self.0.lock().map_or(0, |counts| counts.get(&holder).copied().unwrap_or(0))
    }

    /// Nothing when the holder has `count_max` places already.
    pub fn enter(&self, holder: K, count_max: usize) -> Option<Place<K>> {
        let mut counts = self.0.lock().ok()?;
        let count = counts.entry(holder).or_insert(0);
        if *count >= count_max {
            return None;
        }
        *count += 1;
        Some(Place { crowd: self.clone(), holder })
    }
}

impl<K: Hash + Eq> Drop for Place<K> {
    fn drop(&mut self) {
        let Ok(mut counts) = self.crowd.0.lock() else { return };
        if let Some(found) = counts.get_mut(&self.holder) {
            *found -= 1;
            if *found == 0 {
                counts.remove(&self.holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::address::household;
    use super::*;

    #[test]
    fn an_address_has_so_many_places_and_leaves_none_behind() {
        let crowd = Crowd::default();
        let enter = |address: &str| crowd.enter(household(address.parse().unwrap()), 2);
        let places = [enter("192.0.2.1"), enter("::ffff:192.0.2.1")];
        assert!(places.iter().all(Option::is_some));
        assert!(enter("192.0.2.1").is_none());
        assert!(enter("192.0.2.2").is_some(), "others come in");
        drop(places);
        let network = [enter("2001:db8::1"), enter("2001:db8::2")];
        assert!(enter("2001:db8::3").is_none(), "64 bits are one household");
        assert!(enter("192.0.2.1").is_some());
        drop(network);
        assert!(crowd.0.lock().unwrap().is_empty());
    }
}
