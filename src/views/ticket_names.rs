//! What tickets and people are called, for a list that was made elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::timeline::NamedTicket;
use super::{ViewError, Views};
use crate::domain::{PersonId, TicketId};

/// Those that may be seen, each with its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamesOf {
    pub tickets: BTreeMap<TicketId, NamedTicket>,
    pub people: BTreeMap<PersonId, String>,
}

impl Views {
    /// The names of tickets that the person may see, and of people whom something shown to the person mentions.
    pub fn names_of(
        &self,
        person: PersonId,
        tickets: &[TicketId],
        people: &BTreeSet<PersonId>,
    ) -> Result<NamesOf, ViewError> {
        self.read(person, |reading| {
            let mut names = NamesOf::default();
            for ticket in tickets {
                names.tickets.extend(reading.named_ticket(*ticket)?.map(|named| (*ticket, named)));
            }
            for one in people {
                names.people.extend(reading.names.person(*one)?.map(|name| (*one, name)));
            }
            Ok(names)
        })
    }
}
