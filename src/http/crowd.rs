//! Counts the open connections of each address, so that one neighbour does not take all places.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use super::address::household;

/// Open connections by household; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Crowd(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A place in the crowd, given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    crowd: Crowd,
    household: IpAddr,
}

impl Crowd {
    /// Nothing when the address has `count_max` connections open already.
    pub fn enter(&self, address: IpAddr, count_max: usize) -> Option<Place> {
        let household = household(address);
        let mut counts = self.0.lock().ok()?;
        let count = counts.entry(household).or_insert(0);
        if *count >= count_max {
            return None;
        }
        *count += 1;
        Some(Place { crowd: self.clone(), household })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Ok(mut counts) = self.crowd.0.lock() else { return };
        if let Entry::Occupied(mut found) = counts.entry(self.household) {
            *found.get_mut() -= 1;
            if *found.get() == 0 {
                found.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_places_and_leaves_none_behind() {
        let crowd = Crowd::default();
        let enter = |address: &str| crowd.enter(address.parse().unwrap(), 2);
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
