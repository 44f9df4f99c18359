//! The demo's cash machines and the places where they stand.

use super::geography::{COUNTRIES, City, Country, MODELS, PLACES};
use super::maker::{Maker, made};
use crate::domain::command::{Command, PutAsset, PutSite};
use crate::domain::{AssetId, ClientId, SiteId, SubClientId};

/// A machine, as stories find it.
#[derive(Debug, Clone, Copy)]
pub struct Machine {
    pub asset: AssetId,
    pub city: &'static str,
    /// The bank whose branch it stands in.
    pub bank: SubClientId,
}

/// Sites in every city with one or two machines each.
pub fn machines(maker: &mut Maker, bank: ClientId, subs: &[SubClientId]) -> anyhow::Result<Vec<Machine>> {
    let mut machines = Vec::new();
    for country in COUNTRIES {
        for city in country.cities {
            for place in 0..city.sites_count {
                let sub = subs[place % subs.len()];
                let site = site(maker, bank, sub, country, city)?;
                // Every third place is busy enough for two.
                for _ in 0..=usize::from(place % 3 == 0) {
                    let asset = machine(maker, bank, site, machines.len())?;
                    machines.push(Machine { asset, city: city.name, bank: sub });
                }
            }
        }
    }
    Ok(machines)
}

fn site(
    maker: &mut Maker,
    client: ClientId,
    sub_client: SubClientId,
    country: &Country,
    city: &City,
) -> anyhow::Result<SiteId> {
    let street = maker.dice.one_of(city.streets);
    let house = 1 + maker.dice.below(140);
    let place = maker.dice.one_of(PLACES);
    let put = PutSite {
        id: None,
        version: None,
        client,
        sub_client: Some(sub_client),
        name: format!("{place}, {street}, {house}"),
        address: format!("{}, {street}, {house}", city.name),
        city: city.name.to_owned(),
        country: country.code.to_owned(),
        time_zone: city.time_zone.to_owned(),
        calendar: None,
        district: None,
        location: None,
    };
    Ok(SiteId(made(&maker.run(Command::PutSite(Box::new(put)))?)?))
}

fn machine(maker: &mut Maker, client: ClientId, site: SiteId, number: usize) -> anyhow::Result<AssetId> {
    let (model, certificate) = *maker.dice.one_of(MODELS);
    let serial = format!("{}-{:08}", 10 + maker.dice.below(80), maker.dice.below(100_000_000));
    let put = PutAsset {
        id: None,
        version: None,
        client,
        site: Some(site),
        tag: format!("ATM-{:05}", 10_000 + number * 7),
        serial,
        model: model.to_owned(),
        certificates: vec![certificate.to_owned()],
        is_active: true,
    };
    Ok(AssetId(made(&maker.run(Command::PutAsset(Box::new(put)))?)?))
}
