//! Asks a client's stock system whether a spare part is in the local store.
//!
//! The system answers `GET {base_url}/stock?part=CODE` with the balances of all its stores:
//! `{"part": "CODE", "balances": [{"store": "EVN", "on_hand": 3, "reserved": 1}, ...]}`,
//! and 404 for a part that it does not know. What is on hand and not reserved is free.

use std::collections::BTreeMap;

use naryad_plugin::{Error, context, functions, http, log};
use serde::{Deserialize, Serialize};

functions! { "in_stock" => in_stock }

const ELSEWHERE_MAX: usize = 20;

#[derive(Deserialize)]
struct Question {
    part: String,
    city: String,
}

#[derive(Serialize)]
struct Availability {
    ok: bool,
    local: bool,
    quantity: u32,
    store: String,
    elsewhere: Vec<StoreQuantity>,
}

#[derive(Serialize)]
struct StoreQuantity {
    store: String,
    quantity: u32,
}

#[derive(Deserialize)]
struct Settings {
    base_url: String,
    #[serde(default)]
    stores: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct PartBalances {
    balances: Vec<Balance>,
}

#[derive(Deserialize)]
struct Balance {
    store: String,
    on_hand: u32,
    #[serde(default)]
    reserved: u32,
}

impl Balance {
    fn free(&self) -> u32 {
        self.on_hand.saturating_sub(self.reserved)
    }
}

fn in_stock(question: Question) -> Result<Availability, Error> {
    let settings: Settings = context::configuration()?;
    let store = settings.stores.get(&question.city).unwrap_or(&question.city).clone();
    let url = format!("{}/stock", settings.base_url.trim_end_matches('/'));
    let response = http::get(url)
        .query("part", &question.part)
        .header("accept", "application/json")
        .bearer("stock_token")
        .send()?;
    if response.status == 404 {
        log::info(format!("The stock system does not know part {}.", question.part));
        return Ok(Availability { ok: false, local: false, quantity: 0, store, elsewhere: Vec::new() });
    }
    let balances: PartBalances = response.success()?.json()?;
    Ok(availability(store, balances.balances))
}

/// A store may be listed several times (shelves, owners); its pieces add up.
fn availability(store: String, balances: Vec<Balance>) -> Availability {
    let mut free: BTreeMap<String, u32> = BTreeMap::new();
    for balance in balances {
        let pieces = free.entry(balance.store.clone()).or_default();
        *pieces = pieces.saturating_add(balance.free());
    }
    let quantity = free.remove(&store).unwrap_or(0);
    let elsewhere = free
        .into_iter()
        .filter(|(_, quantity)| *quantity > 0)
        .take(ELSEWHERE_MAX)
        .map(|(store, quantity)| StoreQuantity { store, quantity })
        .collect();
    Availability { ok: true, local: quantity > 0, quantity, store, elsewhere }
}
