//! Sites, machines and plugins of a test desk.

use naryad::domain::command::{Command, PutAsset, PutContact, PutSite, PutSubClient};
use naryad::domain::person::EngineerProfile;
use naryad::domain::person::{Affiliation, Grant, Role};
use naryad::domain::{AssetId, ClientId, ContactId, Key, SiteId, SubClientId};
use naryad::store::plugin::{Installation, Package};
use naryad::store::{self};
use serde_json::json;

use super::{Somebody, TestDesk, made};

impl TestDesk {
    pub fn sub_client(&self, client: ClientId, key: &str) -> SubClientId {
        let put = PutSubClient {
            id: None,
            version: None,
            client,
            key: Key::new(key).unwrap(),
            name: key.to_owned(),
            support: None,
        };
        SubClientId(made(&self.does(Command::PutSubClient(Box::new(put))).unwrap()))
    }

    pub fn contact(&self, client: ClientId, sub_client: Option<SubClientId>, name: &str) -> ContactId {
        let (email, phone, name) = (None, None, name.to_owned());
        let put = PutContact { id: None, version: None, client, sub_client, name, email, phone };
        ContactId(made(&self.does(Command::PutContact(Box::new(put))).unwrap()))
    }

    /// Somebody who logs in as the contact.
    pub fn person_of(&self, client: ClientId, contact: ContactId, login: &str) -> Somebody<'_> {
        let affiliation = Affiliation::Contact { client, contact: Some(contact) };
        let person = self.person(login, affiliation, None);
        person.gets(&[Grant { role: Role::ClientContact, client: Some(client) }], &[]);
        person
    }

    pub fn site(&self, client: ClientId, city: &str, country: &str, zone: &str) -> SiteId {
        let put = PutSite {
            id: None,
            version: None,
            client,
            sub_client: None,
            name: format!("Branch in {city}"),
            address: format!("{city}, Main street 1"),
            city: city.to_owned(),
            country: country.to_owned(),
            time_zone: zone.to_owned(),
            calendar: None,
            district: None,
            location: None,
        };
        SiteId(made(&self.does(Command::PutSite(Box::new(put))).unwrap()))
    }

    pub fn machine(&self, client: ClientId, site: SiteId, tag: &str) -> AssetId {
        let put = PutAsset {
            id: None,
            version: None,
            client,
            site: Some(site),
            tag: tag.to_owned(),
            serial: format!("S-{tag}"),
            model: "NCR 6622".to_owned(),
            certificates: vec!["ncr".to_owned()],
            is_active: true,
        };
        AssetId(made(&self.does(Command::PutAsset(Box::new(put))).unwrap()))
    }

    /// An engineer who may open the machines of these tests and speaks the language.
    pub fn field_engineer(&self, login: &str, grade: i64, city: &str, language: &str) -> Somebody<'_> {
        let profile = EngineerProfile {
            grade,
            city: city.to_owned(),
            certificates: vec!["ncr".to_owned()],
            languages: vec![language.to_owned()],
            lead: None,
        };
        let person = self.person(login, Affiliation::Staff, Some(profile));
        person.gets(&[Grant { role: Role::Engineer, client: None }], &[]);
        person
    }

    /// A plugin without code: its calls reach the outbox, where the test answers them.
    pub fn plugin(&self, client: ClientId, plugin: &str, function: &str) {
        let (plugin, function) = (Key::new(plugin).unwrap(), function.to_owned());
        let install = move |tx: &store::Tx| {
            let package = Package {
                sha256: format!("sha256 of {plugin}"),
                plugin: plugin.clone(),
                version: "1.0.0".to_owned(),
                publisher: "test".to_owned(),
                title: Default::default(),
                manifest: json!({ "function": [{ "name": function }] }),
                signature_state: "unsigned".to_owned(),
                bytes: 1,
                stored_at: tx.now(),
                signed: None,
            };
            store::plugin::put_package(tx, &package)?;
            let installation = Installation {
                id: tx.id(),
                client,
                plugin,
                package_sha256: package.sha256,
                configuration: json!({}),
                grants: json!({}),
                secrets: Default::default(),
                is_enabled: true,
                version: 1,
            };
            Ok(store::plugin::put(tx, &installation)?)
        };
        self.desk.aside_now(install).unwrap();
    }
}
