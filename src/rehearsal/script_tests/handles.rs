//! What tests hold in their hands: tickets, orders, tasks, people, places; each reads the desk when asked.

use rhai::{Dynamic, Engine};

use super::bench::{Bench, Outcome};
use crate::domain::client::{Asset, Contact, Site, SubClient};
use crate::domain::person::{Partner, Person};
use crate::domain::task::Task;
use crate::domain::ticket::Ticket;
use crate::domain::work_order::WorkOrder;
use crate::domain::{
    AssetId, ContactId, Key, PartnerId, PersonId, SiteId, SubClientId, TaskId, TextId, TicketId, WorkOrderId,
};
use crate::store;

macro_rules! handles {
    ($($(#[$doc:meta])* $name:ident($id:ty) is $word:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            pub bench: Bench,
            pub id: $id,
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.id == other.id
            }
        }

        impl $name {
            #[must_use]
            pub fn new(bench: &Bench, id: $id) -> Self {
                Self { bench: bench.clone(), id }
            }

            fn register(engine: &mut Engine) {
                engine.register_type_with_name::<$name>($word);
                engine.register_fn("==", |one: $name, other: $name| one == other);
                engine.register_fn("!=", |one: $name, other: $name| one != other);
            }
        }
    )*

        pub fn register(engine: &mut Engine) {
            $($name::register(engine);)*
        }
    };
}

handles! {
    TicketHandle(TicketId) is "Ticket";
    OrderHandle(WorkOrderId) is "WorkOrder";
    TaskHandle(TaskId) is "Task";
    PersonHandle(PersonId) is "Person";
    SiteHandle(SiteId) is "Site";
    AssetHandle(AssetId) is "Asset";
    SubClientHandle(SubClientId) is "SubClient";
    PartnerHandle(PartnerId) is "Partner";
    /// A contact as the ticket names it; the person that the test made for it acts.
    ContactHandle(ContactId) is "Contact";
}

macro_rules! maybes {
    ($($name:ident($id:ty))*) => {$(
        impl $name {
            /// The handle, or nothing.
            pub fn maybe(bench: &Bench, id: Option<$id>) -> Dynamic {
                id.map_or(Dynamic::UNIT, |id| Dynamic::from(Self::new(bench, id)))
            }
        }
    )*};
}

maybes! {
    PersonHandle(PersonId)
    SiteHandle(SiteId)
    AssetHandle(AssetId)
    SubClientHandle(SubClientId)
    ContactHandle(ContactId)
}

macro_rules! looks {
    ($($handle:ident sees $row:ty, by $get:path;)*) => {$(
        impl $handle {
            pub fn look<T>(&self, part: impl FnOnce(&$row) -> T) -> Outcome<T> {
                let id = self.id;
                self.bench.get(|desk| $get(desk.db(), id)).map(|row| part(&row))
            }
        }
    )*};
}

looks! {
    TicketHandle sees Ticket, by store::ticket::get;
    OrderHandle sees WorkOrder, by store::work_order::get;
    TaskHandle sees Task, by store::task::get;
    PersonHandle sees Person, by store::person::get;
    SiteHandle sees Site, by store::place::site;
    AssetHandle sees Asset, by store::place::asset;
    ContactHandle sees Contact, by store::place::contact;
    SubClientHandle sees SubClient, by store::client::get_sub;
    PartnerHandle sees Partner, by store::place::partner;
}

impl TicketHandle {
    /// `T-1`.
    pub fn key(&self) -> Outcome<String> {
        let (client, number) = self.look(|ticket| (ticket.client, ticket.number))?;
        let client = self.bench.get(|desk| store::client::get(desk.db(), client))?;
        Ok(format!("{}-{number}", client.prefix))
    }
}

impl ContactHandle {
    /// Who logs in as the contact.
    pub fn person(&self) -> Outcome<PersonHandle> {
        let id = self.id;
        let person = self.bench.get(|desk| Ok(store::person::of_contact(desk.db(), id)?.pop()))?;
        Ok(PersonHandle::new(&self.bench, person))
    }
}

/// The words of a text; empty when there is none.
pub fn words(bench: &Bench, text: Option<TextId>) -> Outcome<String> {
    let Some(text) = text else { return Ok(String::new()) };
    Ok(bench.read(|desk| store::text::get(desk.db(), text))?.unwrap_or_default())
}

/// The key as a text, or nothing.
pub fn key_or_nothing(key: Option<&Key>) -> Dynamic {
    key.map_or(Dynamic::UNIT, |key| key.to_string().into())
}
